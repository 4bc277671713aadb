#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "process.h"

#define DRAFT_FOLDER "itsm/edit/"

static int open_git_dir(struct context *context, struct draft *out, struct itsm_error *err)
{
	const char *folder = itsm_desk_place(context->desk)->git_dir;

	out->root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (out->root < 0)
		return itsm_error_set(err, ITSM_EIO, "%s cannot be opened: %s", folder, strerror(errno));
	return ITSM_OK;
}

static const char *absolute(struct context *context, const char *name)
{
	return itsm_arena_printf(context->arena, "%s/%s", itsm_desk_place(context->desk)->git_dir, name);
}

int draft_begin(struct context *context, const char *label, const char *suffix, const char *text, size_t size,
	struct draft *out, struct itsm_error *err)
{
	struct draft draft;
	char id[ITSM_ID_MAX];
	int status = itsm_id_make(label, id, err);

	if (!status)
		status = open_git_dir(context, &draft, err);
	if (status)
		return status;
	draft.name = itsm_arena_printf(context->arena, DRAFT_FOLDER "%s%s", id, suffix);
	draft.path = absolute(context, draft.name);
	status = itsm_file_write(draft.root, draft.name, text, size, err);
	if (status)
		close(draft.root);
	else
		*out = draft;
	return status;
}

bool draft_resume(struct context *context, const char *path, struct draft *out)
{
	const char *name = strrchr(path, '/');
	struct draft draft;

	name = itsm_arena_printf(context->arena, DRAFT_FOLDER "%s", name ? name + 1 : path);
	if (strcmp(absolute(context, name), path) || open_git_dir(context, &draft, NULL))
		return false;
	draft.name = name;
	draft.path = absolute(context, name);
	*out = draft;
	return true;
}

int draft_edit(struct context *context, const struct draft *draft, struct itsm_buffer *out, struct itsm_error *err)
{
	const char *editor;
	const char *argv[] = {"sh", "-c", NULL, "itsm", draft->path, NULL};
	int status = process_git_var(context, "GIT_EDITOR", &editor, err);

	if (status)
		return status;
	argv[2] = itsm_arena_printf(context->arena, "%s \"$@\"", editor);
	context_progress_clear(context);
	status = process_run(argv, NULL);
	if (status)
		return itsm_error_set(err, status, "the editor '%s' failed; the text is in %s", editor, draft->path);
	itsm_buffer_clear(out);
	return itsm_file_read(draft->root, draft->name, ITSM_FILE_MAX_BYTES, out, err);
}

void draft_end(struct draft *draft, bool keep)
{
	if (!keep)
		unlinkat(draft->root, draft->name, 0);
	close(draft->root);
}

bool draft_again(struct context *context)
{
	char answer[16];

	if (!context->in_terminal || !context->err_terminal)
		return false;
	fputs("Open the editor again? [Y/n] ", stderr);
	fflush(stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return answer[0] != 'n' && answer[0] != 'N';
}
