/*
 * Opening a desk: where it is, what itsm.yaml says, which kinds it has.
 *
 * itsm.yaml:
 *   format: 1            version of the desk's layout
 *   name: Example        for people
 *   zone: Europe/Oslo    time zone of the desk, for people
 *   defaults:            values that `itsm new` sets where none are given
 *     incident: {team: service-desk}
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk.h"
#include "itsm/file.h"
#include "policy.h"

#define CONFIG_LIMIT (256u << 10)

void itsm_desk_progress(struct itsm_desk *desk, const char *what, size_t done, size_t total)
{
	if (desk->options.progress)
		desk->options.progress(desk->options.progress_context, what, done, total);
}

/* A file of the desk: from the work tree, in a bare repository from HEAD. */
static int read_own_file(struct itsm_desk *desk, const char *path, struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_repo *repo;
	struct itsm_oid head;
	struct itsm_entry entry;
	int status;

	if (desk->root >= 0)
		return itsm_file_read(desk->root, path, CONFIG_LIMIT, out, err);
	if ((status = itsm_desk_repository(desk, &repo, err)) != 0 ||
	    (status = itsm_place_head(desk->arena, &desk->place, &head, NULL, err)) != 0 ||
	    (status = itsm_repo_find(repo, &head, path, &entry, err)) != 0)
		return status;
	return itsm_repo_blob(repo, &entry.blob, CONFIG_LIMIT, out, err);
}

int desk_read_config(struct itsm_arena *arena, const struct itsm_buffer *text, struct itsm_yaml **out, struct itsm_error *err)
{
	static const char *const known[] = {"format", "name", "zone", "defaults", "signed_commits", NULL};
	struct itsm_yaml *config = NULL;
	const char *format;
	size_t i;
	int status = itsm_yaml_parse(arena, text->data ? text->data : "", text->length, 1, &config, err);

	if (status != 0) {
		itsm_error_prefix(err, "%s", DESK_FILE);
		return status;
	}
	format = itsm_yaml_text(config, "format");
	if (!format)
		return itsm_error_set(err, ITSM_EDATA, "%s has no `format:`; a desk of today says `format: %d`", DESK_FILE, DESK_FORMAT);
	if (strcmp(format, "1") != 0)
		return itsm_error_set(err, ITSM_EDATA, "%s says format '%s', this itsm reads format %d; install the itsm that the desk is for",
			DESK_FILE, format, DESK_FORMAT);
	for (i = 0; i < config->count; i++) {
		if (!itsm_list_has(known, config->keys[i]->text))
			return itsm_error_set_at(err, ITSM_EDATA, config->keys[i]->line, config->keys[i]->column,
				"%s: '%s' is not known here; there are format, name, zone, defaults and signed_commits", DESK_FILE, config->keys[i]->text);
	}
	*out = config;
	return 0;
}

static int read_config(struct itsm_desk *desk, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	struct itsm_yaml *config;
	int status = read_own_file(desk, DESK_FILE, &text, err);

	if (status == 0)
		status = desk_read_config(desk->arena, &text, &config, err);
	if (status == 0)
		desk->config = config;
	itsm_buffer_free(&text);
	return status;
}

struct kind_files {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_kinds *kinds;
	struct itsm_error *err;
};

static bool has_suffix(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);

	return length > tail && strcmp(name + length - tail, suffix) == 0;
}

static int add_kind_of_commit(void *context, const struct itsm_entry *entry)
{
	struct kind_files *files = context;
	struct itsm_buffer text = {0};
	int status = 0;

	if (!has_suffix(entry->path, ".yaml"))
		return 0;
	if ((entry->mode & 0170000) != 0100000)
		return itsm_error_set(files->err, ITSM_EDATA, "%s is not a regular file; a kind is a plain file", entry->path);
	status = itsm_repo_blob(files->desk->repo, &entry->blob, CONFIG_LIMIT, &text, files->err);
	if (status == 0)
		status = itsm_kinds_add(files->kinds, entry->path, text.data ? text.data : "", text.length, files->err);
	itsm_buffer_free(&text);
	return status;
}

int itsm_desk_kinds_at(struct itsm_desk *desk, const struct itsm_oid *commit, struct itsm_kinds **out,
	struct itsm_error *err)
{
	struct itsm_error absent = {0};
	struct kind_files files = {.desk = desk, .err = &absent};
	struct itsm_repo *repo;
	int status;

	if ((status = itsm_desk_repository(desk, &repo, err)) != 0 || (status = itsm_kinds_new(&files.kinds, err)) != 0)
		return status;
	if (!itsm_oid_is_zero(commit)) {
		status = itsm_repo_walk(repo, commit, DESK_KINDS_FOLDER, add_kind_of_commit, &files, &absent);
		if (status == ITSM_ENOTFOUND)
			status = 0; /* no kinds of its own */
		else if (status != 0 && err)
			*err = absent;
	}
	if (status == 0)
		status = itsm_kinds_finish(files.kinds, err);
	if (status != 0) {
		itsm_kinds_free(files.kinds);
		return status;
	}
	*out = files.kinds;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the kind files in the work tree, sorted, in the desk's arena. */
static int list_kind_files(struct itsm_desk *desk, char ***names, size_t *count, struct itsm_error *err)
{
	size_t capacity = 0;
	struct dirent *entry;
	DIR *folder;
	int descriptor = openat(desk->root, DESK_KINDS_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	*count = 0;
	*names = NULL;
	if (descriptor < 0 && errno == ENOENT)
		return 0;
	folder = descriptor < 0 ? NULL : fdopendir(descriptor);
	if (!folder) {
		int cause = errno;

		if (descriptor >= 0)
			close(descriptor);
		return itsm_error_set(err, ITSM_EIO, "%s: %s", DESK_KINDS_FOLDER, strerror(cause));
	}
	while ((entry = readdir(folder)) != NULL) {
		if (!has_suffix(entry->d_name, ".yaml"))
			continue;
		itsm_arena_grow(desk->arena, names, &capacity, *count, sizeof(**names));
		(*names)[(*count)++] = itsm_arena_strdup(desk->arena, entry->d_name);
	}
	closedir(folder);
	if (*count)
		qsort(*names, *count, sizeof(**names), compare_names);
	return 0;
}

static int read_kinds_of_work_tree(struct itsm_desk *desk, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	char **names;
	size_t count, i;
	int status;

	if ((status = itsm_kinds_new(&desk->kinds, err)) != 0 || (status = list_kind_files(desk, &names, &count, err)) != 0)
		return status;
	for (i = 0; i < count && status == 0; i++) {
		char *path = itsm_arena_printf(desk->arena, "%s/%s", DESK_KINDS_FOLDER, names[i]);

		status = itsm_file_read(desk->root, path, CONFIG_LIMIT, &text, err);
		if (status == 0)
			status = itsm_kinds_add(desk->kinds, path, text.data ? text.data : "", text.length, err);
	}
	itsm_buffer_free(&text);
	return status ? status : itsm_kinds_finish(desk->kinds, err);
}

static int open_parts(struct itsm_desk *desk, struct itsm_error *err)
{
	struct itsm_oid head;
	int status = itsm_place_find(desk->arena, desk->options.start, &desk->place, err);

	if (status != 0)
		return status;
	if (desk->place.root) {
		desk->root = open(desk->place.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (desk->root < 0)
			return itsm_error_set(err, ITSM_EIO, "%s: %s", desk->place.root, strerror(errno));
	}
	if ((status = read_config(desk, err)) != 0)
		return status;
	if (desk->root >= 0)
		return read_kinds_of_work_tree(desk, err);
	status = itsm_place_head(desk->arena, &desk->place, &head, NULL, err);
	return status ? status : itsm_desk_kinds_at(desk, &head, &desk->kinds, err);
}

/* A desk that can only be read stays readable: the next writer will try again, and say what is wrong. */
static void finish_killed_writer(struct itsm_desk *desk)
{
	struct itsm_repo *repo;

	if (itsm_desk_repository(desk, &repo, NULL) == 0)
		itsm_write_recover(repo, NULL);
}

int itsm_desk_open(const struct itsm_desk_options *options, struct itsm_desk **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_desk *desk = itsm_arena_alloc(arena, sizeof(*desk));
	int status;

	desk->arena = arena;
	desk->options = *options;
	desk->options.start = itsm_arena_strdup(arena, options->start);
	desk->root = -1;
	status = open_parts(desk, err);
	if (status == 0 && !options->untouched && desk->root >= 0 && itsm_write_is_pending(&desk->place))
		finish_killed_writer(desk);
	if (status != 0) {
		itsm_desk_free(desk);
		return status;
	}
	*out = desk;
	return 0;
}

bool itsm_desk_is_waiting(const struct itsm_desk *desk)
{
	return desk->repo && itsm_repo_is_waiting(desk->repo);
}

void itsm_desk_free(struct itsm_desk *desk)
{
	if (!desk)
		return;
	itsm_index_free(desk->index);
	itsm_repo_free(desk->repo);
	itsm_kinds_free(desk->kinds);
	if (desk->root >= 0)
		close(desk->root);
	itsm_arena_free(desk->arena);
}

const struct itsm_kinds *itsm_desk_kinds(const struct itsm_desk *desk)
{
	return desk->kinds;
}

const struct itsm_place *itsm_desk_place(const struct itsm_desk *desk)
{
	return &desk->place;
}

const char *itsm_desk_name(const struct itsm_desk *desk)
{
	const char *name = itsm_yaml_text(desk->config, "name");

	return name ? name : "";
}

int itsm_desk_kind(const struct itsm_desk *desk, const char *name, const struct itsm_kind **out, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(desk->kinds, name);

	if (!kind)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no kind of record; `itsm kinds` lists them", name);
	*out = kind;
	return 0;
}

int itsm_desk_repository(struct itsm_desk *desk, struct itsm_repo **out, struct itsm_error *err)
{
	int status = desk->repo ? 0 : itsm_repo_open(&desk->place, &desk->repo, err);

	if (status == 0)
		*out = desk->repo;
	return status;
}

static int give_repository(void *context, struct itsm_repo **out, struct itsm_error *err)
{
	return itsm_desk_repository(context, out, err);
}

int itsm_desk_index(struct itsm_desk *desk, struct itsm_index **out, struct itsm_error *err)
{
	struct itsm_index_options options = {
		.kinds = desk->kinds,
		.place = &desk->place,
		.now = desk->options.now,
		.progress = desk->options.progress,
		.progress_context = desk->options.progress_context,
		.repository = give_repository,
		.repository_context = desk,
		.risks = desk_risks_here,
		.risks_context = desk,
	};
	int status = desk->index ? 0 : itsm_index_open(&options, &desk->index, err);

	if (status == 0)
		*out = desk->index;
	return status;
}

int itsm_desk_view_head(struct itsm_desk *desk, struct itsm_index **index, struct itsm_oid *head, struct itsm_error *err)
{
	int status;

	if ((status = itsm_desk_index(desk, index, err)) != 0 ||
	    (status = itsm_place_head(desk->arena, &desk->place, head, NULL, err)) != 0 ||
	    (status = itsm_index_refresh_head(*index, head, err)) != 0)
		return status;
	return itsm_index_use(*index, ITSM_SNAPSHOT_HEAD, err);
}

int itsm_desk_view(struct itsm_desk *desk, const char *at, struct itsm_index **out, struct itsm_error *err)
{
	int status;

	if (!at && !desk->place.root)
		at = "HEAD";
	if (at)
		return desk_view_revision(desk, at, out, err);
	if ((status = itsm_desk_index(desk, out, err)) != 0 || (status = itsm_index_refresh_work(*out, err)) != 0)
		return status;
	return itsm_index_use(*out, ITSM_SNAPSHOT_WORK, err);
}

void itsm_desk_now_text(const struct itsm_desk *desk, char text[ITSM_TIME_TEXT])
{
	struct itsm_time now = {desk->options.now, desk->options.now_offset_minutes};

	itsm_time_format(now, text);
}

/* Without starting libgit2 where that can be: from the work tree where that holds the same, or from git's files. */
static int read_content(struct itsm_desk *desk, const char *path, const struct itsm_oid *blob, struct itsm_buffer *out,
	struct itsm_error *err)
{
	struct itsm_repo *repo;
	int status;

	if (!desk->repo && desk->index && desk->root >= 0 && itsm_index_in_work_tree(desk->index, path, blob) &&
		itsm_file_read(desk->root, path, ITSM_FILE_MAX_BYTES, out, NULL) == 0 &&
		itsm_index_in_work_tree(desk->index, path, blob))
		return 0;
	if (!desk->repo && itsm_place_blob(&desk->place, blob, ITSM_FILE_MAX_BYTES, out))
		return 0;
	if ((status = itsm_desk_repository(desk, &repo, err)) != 0)
		return status;
	return itsm_repo_blob(repo, blob, ITSM_FILE_MAX_BYTES, out, err);
}

int itsm_desk_read_blob(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_kinds *kinds, const char *path,
	const struct itsm_oid *blob, struct itsm_record **out, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	int status = read_content(desk, path, blob, &text, err);

	if (status == 0)
		*out = itsm_record_read(arena, kinds, path, text.data ? text.data : "", text.length, findings);
	itsm_buffer_free(&text);
	return status;
}
