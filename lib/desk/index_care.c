/* `itsm index`: what the index knows, building it anew, checking it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "desk.h"
#include "itsm/warehouse.h"

static int compare_files(const void *a, const void *b)
{
	return strcmp(((const struct itsm_index_file *)a)->name, ((const struct itsm_index_file *)b)->name);
}

/* Every database beside the index, it too, with their logs: the full text is one. */
static void list_files(struct itsm_arena *arena, const char *path, struct itsm_desk_index_status *out)
{
	const char *folder = itsm_arena_strndup(arena, path, (size_t)(strrchr(path, '/') - path));
	size_t capacity = 0;
	DIR *directory = opendir(folder);
	struct dirent *entry;
	struct stat about;

	while (directory && (entry = readdir(directory)) != NULL) {
		if (!strstr(entry->d_name, ".db") || fstatat(dirfd(directory), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode))
			continue;
		itsm_arena_grow(arena, &out->files, &capacity, out->file_count, sizeof(*out->files));
		out->files[out->file_count++] = (struct itsm_index_file){
			itsm_arena_strdup(arena, entry->d_name), (int64_t)about.st_size
		};
	}
	if (directory)
		closedir(directory);
	if (out->file_count)
		qsort(out->files, out->file_count, sizeof(*out->files), compare_files);
}

int itsm_desk_index_status(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_desk_index_status *out,
	struct itsm_error *err)
{
	struct itsm_desk_index_status found = {0};
	struct itsm_index *index;
	struct stat about;
	int status = itsm_place_head(desk->arena, &desk->place, &found.head, NULL, err);

	if (status != 0)
		return status;
	found.index.path = itsm_index_path(arena, &desk->place);
	found.index.format = ITSM_INDEX_FORMAT;
	found.exists = lstat(found.index.path, &about) == 0;
	if (found.exists) {
		status = itsm_desk_index(desk, &index, err);
		if (status == 0)
			status = itsm_index_tell(index, arena, &found.index, err);
	}
	if (status != 0)
		return status;
	list_files(arena, found.index.path, &found);
	*out = found;
	return 0;
}

/* The index, and what it is to be true for. */
static int begin(struct itsm_desk *desk, struct itsm_index **index, struct itsm_oid *head, struct itsm_error *err)
{
	int status = itsm_place_head(desk->arena, &desk->place, head, NULL, err);

	return status == 0 ? itsm_desk_index(desk, index, err) : status;
}

int itsm_desk_index_rebuild(struct itsm_desk *desk, struct itsm_error *err)
{
	struct itsm_index *index;
	struct itsm_oid head;
	int status = begin(desk, &index, &head, err);

	return status == 0 ? itsm_index_rebuild(index, &head, err) : status;
}

int itsm_desk_index_verify(struct itsm_desk *desk, struct itsm_examination *examination, struct itsm_error *err)
{
	struct itsm_index *index;
	struct itsm_oid head;
	int status = begin(desk, &index, &head, err);

	return status == 0 ? itsm_index_examine(index, &head, examination, err) : status;
}
