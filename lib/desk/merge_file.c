/*
 * What git's merge driver does: records by meaning, anything else line by line.
 *
 * git runs it once for each file that both sides changed, in the middle of its
 * own work: no lock is taken, nothing but the file with ours is written, and
 * neither the repository nor the index is opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk.h"
#include "itsm/exchange.h"
#include "itsm/file.h"

struct merging {
	struct itsm_arena *arena;
	const struct itsm_desk_options *options;
	const struct itsm_merge_files *files;
	struct itsm_merged *merged;
	struct itsm_desk *desk; /* NULL when there is none */
	const char *path;       /* in the desk */
	struct itsm_buffer base, ours, theirs;
};

static const char *side_path(struct merging *merging, const char *name)
{
	return *name == '/' ? name : itsm_arena_printf(merging->arena, "%s/%s", merging->files->top, name);
}

static int read_side(struct merging *merging, const char *name, struct itsm_buffer *out, struct itsm_error *err)
{
	int file = open(side_path(merging, name), O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char block[65536];
	ssize_t got = -1;
	int cause;

	itsm_buffer_add(out, "", 0);
	do {
		got = file < 0 ? -1 : read(file, block, sizeof(block));
		if (got > 0)
			itsm_buffer_add(out, block, (size_t)got);
	} while ((got < 0 && file >= 0 && errno == EINTR) || (got > 0 && out->length <= ITSM_FILE_MAX_BYTES));
	cause = errno;
	if (file >= 0)
		close(file);
	return got < 0 ? itsm_error_set(err, ITSM_EIO, "cannot read '%s': %s", name, strerror(cause)) : 0;
}

/* Over the file, as git wants it; it is git's temporary file. */
static int write_result(struct merging *merging, const struct itsm_merge *merge, struct itsm_error *err)
{
	const char *name = merging->files->ours, *data = merge->text;
	int file = open(side_path(merging, name), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
	size_t left = merge->size;
	ssize_t put = 0;
	int cause = errno;

	while (file >= 0 && left && (put >= 0 || errno == EINTR)) {
		put = write(file, data, left);
		if (put > 0) {
			data += put;
			left -= (size_t)put;
		}
		cause = errno;
	}
	if (file < 0 || (close(file) < 0 && !left) || left)
		return itsm_error_set(err, ITSM_EIO, "cannot write '%s': %s", name, strerror(cause));
	return 0;
}

/* `git merge-file` exits with the number of conflicts, above 127 with an error. */
static int merge_lines(struct merging *merging, const char *reason, struct itsm_error *err)
{
	const struct itsm_merge_files *files = merging->files;
	const char *const argv[] = {"git", "merge-file", "-L", "ours", "-L", "base", "-L", "theirs", files->ours,
		files->base, files->theirs, NULL};
	int code = 0, status = itsm_program_run(argv, files->top, NULL, NULL, &code, err);

	if (status == ITSM_EGIT && code > 0 && code < 128)
		status = 0;
	if (status == 0)
		*merging->merged = (struct itsm_merged){.conflicts = (size_t)code, .lines = reason};
	return status;
}

/* The desk that the path lies in; while git merges, its folder need not be there. */
static int open_desk(struct merging *merging, struct itsm_error *err)
{
	const struct itsm_merge_files *files = merging->files;
	struct itsm_desk_options options = *merging->options;
	char *folder = itsm_arena_printf(merging->arena, "%s/%s", files->top, files->path);
	size_t least = strlen(files->top), length;
	struct stat about;
	int status;

	do {
		*strrchr(folder, '/') = '\0';
	} while (strlen(folder) > least && (stat(folder, &about) != 0 || !S_ISDIR(about.st_mode)));
	options.start = *folder ? folder : "/";
	options.untouched = true;
	status = itsm_desk_open(&options, &merging->desk, err);
	if (status != 0)
		return status;
	length = strlen(merging->desk->place.prefix);
	if (strncmp(files->path, merging->desk->place.prefix, length) != 0)
		return itsm_error_set(err, ITSM_ENOTFOUND, "'%s' lies in no desk", files->path);
	merging->path = files->path + length;
	return 0;
}

/* A side as a record; `reason` gets why it is none. */
static struct itsm_record *read_record(struct merging *merging, const char *side, const struct itsm_buffer *text,
	const char **reason)
{
	struct itsm_findings findings;
	struct itsm_record *record;

	itsm_findings_init(&findings, merging->arena);
	record = itsm_record_read(
		merging->arena, merging->desk->kinds, merging->path, text->data, text->length, &findings);
	if (!record && !*reason)
		*reason = itsm_arena_printf(merging->arena, "%s can't be read as a record: line %u: %s", side,
			findings.count ? findings.items[0].line : 0,
			findings.count ? findings.items[0].message : "unknown reason");
	return record;
}

static int merge_records(struct merging *merging, struct itsm_error *err)
{
	static const struct itsm_merge_labels labels = {"ours", "base", "theirs"};
	const char *reason = NULL;
	bool has_base = merging->base.length > 0;
	struct itsm_record *mine = read_record(merging, "ours", &merging->ours, &reason);
	struct itsm_record *other = read_record(merging, "theirs", &merging->theirs, &reason);
	struct itsm_record *before = has_base ? read_record(merging, "what both come from", &merging->base, &reason)
					      : NULL;
	struct itsm_error failure = {0};
	struct itsm_merge merge;
	int status;

	if (reason)
		return merge_lines(merging, reason, err);
	if (itsm_merge_records(merging->arena, before, mine, other, &labels, &merge, &failure) != 0) {
		/* lines that fit together are no reason to believe what meaning could not be put together */
		status = merge_lines(merging, itsm_arena_strdup(merging->arena, failure.message), err);
		merging->merged->conflicts += status == 0 && !merging->merged->conflicts;
		return status;
	}
	status = write_result(merging, &merge, err);
	if (status == 0)
		*merging->merged = (struct itsm_merged){.conflicts = merge.count, .details = merge.conflicts};
	return status;
}

static int merge_file(struct merging *merging, struct itsm_error *err)
{
	const struct itsm_merge_files *files = merging->files;
	struct itsm_error failure = {0};
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	int status;

	if (!itsm_path_is_safe(files->path))
		return merge_lines(merging, "", err);
	if (open_desk(merging, &failure) != 0)
		return merge_lines(merging, itsm_arena_strdup(merging->arena, failure.message), err);
	if (!itsm_kinds_locate(merging->desk->kinds, merging->path, &kind, id, owner))
		return merge_lines(merging, "", err);
	if ((status = read_side(merging, files->base, &merging->base, err)) != 0 ||
	    (status = read_side(merging, files->ours, &merging->ours, err)) != 0 ||
	    (status = read_side(merging, files->theirs, &merging->theirs, err)) != 0)
		return status;
	return merge_records(merging, err);
}

int itsm_merge_run(struct itsm_arena *arena, const struct itsm_desk_options *options,
	const struct itsm_merge_files *files, struct itsm_merged *out, struct itsm_error *err)
{
	struct itsm_merged merged = {0};
	struct merging merging = {.arena = arena, .options = options, .files = files, .merged = &merged};
	int status = merge_file(&merging, err);

	itsm_buffer_free(&merging.base);
	itsm_buffer_free(&merging.ours);
	itsm_buffer_free(&merging.theirs);
	itsm_desk_free(merging.desk);
	if (status == 0)
		*out = merged;
	return status;
}
