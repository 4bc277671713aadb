/* The files of a folder of the policy: kinds, rules, risk models, classes, queries. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk.h"
#include "itsm/file.h"

struct reading {
	struct itsm_desk *desk;
	const struct desk_folder *folder;
	desk_folder_add add;
	void *context;
	struct itsm_arena *arena;
	struct itsm_error *err;
	size_t files;
};

static bool counts(const struct desk_folder *folder, const char *path)
{
	size_t length = strlen(path);

	for (const char *const *ending = folder->endings; *ending; ending++) {
		size_t tail = strlen(*ending);

		if (length > tail && strcmp(path + length - tail, *ending) == 0)
			return true;
	}
	return false;
}

static int add(struct reading *reading, const char *path, const struct itsm_buffer *text)
{
	const struct desk_folder *folder = reading->folder;

	if (++reading->files > folder->most && folder->most)
		return itsm_error_set(reading->err, ITSM_ELIMIT, "%s has more than %zu files", folder->path, folder->most);
	return reading->add(reading->context, path, text->data ? text->data : "", text->length, reading->err);
}

static int add_entry(void *context, const struct itsm_entry *entry)
{
	struct reading *reading = context;
	struct itsm_buffer text = {0};
	int status;

	if (!counts(reading->folder, entry->path))
		return 0;
	if ((entry->mode & 0170000) != 0100000)
		return itsm_error_set(reading->err, ITSM_EDATA, "%s is not a regular file; %s", entry->path, reading->folder->plain);
	status = itsm_repo_blob(reading->desk->repo, &entry->blob, reading->folder->bytes, &text, reading->err);
	if (status == 0)
		status = add(reading, entry->path, &text);
	itsm_buffer_free(&text);
	return status;
}

static int read_commit(struct reading *reading, const struct itsm_oid *commit)
{
	struct itsm_error failure = {0}, *err = reading->err;
	struct itsm_repo *repo;
	int status;

	if (itsm_oid_is_zero(commit))
		return 0;
	if ((status = itsm_desk_repository(reading->desk, &repo, err)) != 0)
		return status;
	reading->err = &failure;
	status = itsm_repo_walk(repo, commit, reading->folder->path, add_entry, reading, &failure);
	if (status == ITSM_ENOTFOUND)
		return 0; /* no such folder */
	if (status != 0 && err)
		*err = failure;
	return status;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order, so that of several faults it is always the same one that is told. */
static int list_work_tree(struct reading *reading, char ***names, size_t *count)
{
	const struct desk_folder *folder = reading->folder;
	int descriptor = openat(reading->desk->root, folder->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int cause = errno;
	DIR *stream = descriptor < 0 ? NULL : fdopendir(descriptor);
	struct dirent *entry;
	size_t capacity = 0;

	*names = NULL;
	*count = 0;
	if (!stream) {
		if (descriptor >= 0) {
			cause = errno;
			close(descriptor);
		}
		return descriptor < 0 && cause == ENOENT ? 0
			: itsm_error_set(reading->err, ITSM_EIO, "%s: %s", folder->path, strerror(cause));
	}
	while ((entry = readdir(stream)) != NULL) {
		if (!counts(folder, entry->d_name))
			continue;
		itsm_arena_grow(reading->arena, names, &capacity, *count, sizeof(**names));
		(*names)[(*count)++] = itsm_arena_printf(reading->arena, "%s/%s", folder->path, entry->d_name);
	}
	closedir(stream);
	if (*count)
		qsort(*names, *count, sizeof(**names), compare_names);
	return 0;
}

static int read_work_tree(struct reading *reading)
{
	char **names;
	size_t count, i;
	int status = list_work_tree(reading, &names, &count);

	for (i = 0; i < count && status == 0; i++) {
		struct itsm_buffer text = {0};

		status = itsm_file_read(reading->desk->root, names[i], reading->folder->bytes, &text, reading->err);
		if (status == 0)
			status = add(reading, names[i], &text);
		itsm_buffer_free(&text);
	}
	return status;
}

int desk_folder_read(struct itsm_desk *desk, const struct desk_folder *folder, const struct itsm_oid *commit, desk_folder_add on_file,
	void *context, struct itsm_error *err)
{
	struct reading reading = {desk, folder, on_file, context, itsm_arena_new(), err, 0};
	int status = commit ? read_commit(&reading, commit) : read_work_tree(&reading);

	itsm_arena_free(reading.arena);
	return status;
}

int desk_folder_read_here(struct itsm_desk *desk, const struct desk_folder *folder, desk_folder_add on_file, void *context,
	struct itsm_error *err)
{
	struct itsm_oid head;
	int status;

	if (desk->root >= 0)
		return desk_folder_read(desk, folder, NULL, on_file, context, err);
	status = itsm_place_head(desk->arena, &desk->place, &head, NULL, err);
	return status ? status : desk_folder_read(desk, folder, &head, on_file, context, err);
}
