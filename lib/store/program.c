/* Running a program to its end. */
#include <string.h>

#include "internal.h"

static int run(const struct store_start *start, struct itsm_buffer *out, int *exit_code, struct itsm_error *err)
{
	struct store_child child = STORE_CHILD_NONE;
	int status = store_child_start(&child, start, err);

	if (status)
		return status;
	if (out)
		return store_child_collect(&child, out, exit_code, err);
	return store_child_end(&child, exit_code, err);
}

int itsm_program_run(const char *const *argv, const char *directory, const struct itsm_buffer *input,
	struct itsm_buffer *out, int *exit_code, struct itsm_error *err)
{
	struct store_start start = {argv, directory, input, NULL, 0, 0};

	if (out)
		start.flags |= STORE_CHILD_OUTPUT;
	if (strcmp(argv[0], "git") == 0)
		start.flags |= STORE_CHILD_GIT;
	return run(&start, out, exit_code, err);
}

int itsm_program_look(const char *const *argv, const char *directory, struct itsm_buffer *out, int *exit_code,
	struct itsm_error *err)
{
	/* git 2.45 asks the first; all ask the second before they run what fetches */
	static const char *const variables[] = {"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", NULL};
	struct store_start start = {argv, directory, NULL, variables, STORE_CHILD_GIT, 0};

	if (out)
		start.flags |= STORE_CHILD_OUTPUT;
	return run(&start, out, exit_code, err);
}

int itsm_program_talk(const char *const *argv, const char *directory, struct itsm_error *err)
{
	struct store_start start = {argv, directory, NULL, NULL, STORE_CHILD_TALKS, 0};

	return run(&start, NULL, NULL, err);
}

int store_git_run(const struct itsm_place *place, const char *const *argv, const struct itsm_buffer *input,
	struct itsm_buffer *out, int *exit_code, struct itsm_error *err)
{
	return itsm_program_run(argv, store_directory(place), input, out, exit_code, err);
}

int store_git_start_locked(struct store_child *child, const struct itsm_place *place, const char *const *argv,
	unsigned flags, int lock, struct itsm_error *err)
{
	struct store_start start = {argv, store_directory(place), NULL, NULL, flags | STORE_CHILD_GIT, lock};

	return store_child_start(child, &start, err);
}

int store_git_start(struct store_child *child, const struct itsm_place *place, const char *const *argv, unsigned flags,
	struct itsm_error *err)
{
	return store_git_start_locked(child, place, argv, flags, 0, err);
}
