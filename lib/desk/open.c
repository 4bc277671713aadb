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
#include <errno.h>
#include <fcntl.h>
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

static int add_kind(void *context, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	return itsm_kinds_add(context, path, text, size, err);
}

/* The built-in kinds and those of a commit, or (NULL) of the work tree. */
static int read_kinds(struct itsm_desk *desk, const struct itsm_oid *commit, struct itsm_kinds **out, struct itsm_error *err)
{
	static const char *const endings[] = {".yaml", NULL};
	static const struct desk_folder folder = {DESK_KINDS_FOLDER, endings, "a kind is a plain file", CONFIG_LIMIT, 0};
	struct itsm_kinds *kinds;
	int status = itsm_kinds_new(&kinds, err);

	if (status != 0)
		return status;
	if ((status = desk_folder_read(desk, &folder, commit, add_kind, kinds, err)) == 0)
		status = itsm_kinds_finish(kinds, err);
	if (status == 0)
		*out = kinds;
	else
		itsm_kinds_free(kinds);
	return status;
}

int itsm_desk_kinds_at(struct itsm_desk *desk, const struct itsm_oid *commit, struct itsm_kinds **out,
	struct itsm_error *err)
{
	struct itsm_repo *repo;
	int status = itsm_desk_repository(desk, &repo, err);

	return status ? status : read_kinds(desk, commit, out, err);
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
		return read_kinds(desk, NULL, &desk->kinds, err);
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
		.classes = desk_classes_here,
		.classes_context = desk,
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

/* From the work tree where that holds the same, which is cheapest; else from git's files. */
static int read_content(struct itsm_desk *desk, const char *path, const struct itsm_oid *blob, struct itsm_buffer *out,
	struct itsm_error *err)
{
	struct itsm_repo *repo;
	struct itsm_oid name;
	int status;

	if (desk->root >= 0 && itsm_file_read(desk->root, path, ITSM_FILE_MAX_BYTES, out, NULL) == 0) {
		itsm_blob_hash(out->data ? out->data : "", out->length, &name);
		if (itsm_oid_equal(&name, blob))
			return 0;
	}
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
