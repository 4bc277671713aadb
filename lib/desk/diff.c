/* `itsm diff`: two revisions, or one and the work tree, record by record. */
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "diff_scope.h"
#include "itsm/file.h"

struct diffing {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	const struct itsm_log_options *options;
	struct itsm_error *err;
	const char *only; /* ID, or NULL for all */
	struct diff_scope *scope; /* NULL: all */
	size_t told;
	int stopped;
};

/* A side of a difference: a blob, or (blob NULL) the file in the work tree, or nothing. */
struct side {
	bool there;
	const struct itsm_oid *blob;
};

static int read_side(struct diffing *diffing, struct itsm_arena *arena, const char *path, struct side side,
	struct itsm_record **out)
{
	struct itsm_findings findings;
	struct itsm_buffer text = {0};
	int status;

	*out = NULL;
	if (!side.there)
		return 0;
	itsm_findings_init(&findings, arena);
	if (side.blob)
		return itsm_desk_read_blob(diffing->desk, arena, diffing->desk->kinds, path, side.blob, out, &findings, diffing->err);
	status = itsm_file_read(diffing->desk->root, path, ITSM_FILE_MAX_BYTES, &text, diffing->err);
	if (status == 0)
		*out = itsm_record_read(arena, diffing->desk->kinds, path, text.data ? text.data : "", text.length, &findings);
	itsm_buffer_free(&text);
	return status == ITSM_ENOTFOUND || status == ITSM_EDATA ? 0 : status;
}

/* What --of names, as it is at one end and the other (NULL = the work tree). */
static int find_scope(struct diffing *diffing, const struct itsm_oid *before, const struct itsm_oid *after)
{
	if (!diffing->options->of)
		return 0;
	return diff_scope_find(diffing->desk, diffing->arena, diffing->options->of, before, after, &diffing->scope, diffing->err);
}

static int tell(struct diffing *diffing, const char *path, struct side before, struct side after)
{
	struct itsm_log_entry entry = {.path = path, .change = !before.there ? "added" : !after.there ? "removed" : "changed"};
	struct itsm_record *old_record, *new_record;
	struct itsm_difference *differences;
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	struct itsm_arena *arena;
	int status;

	if (!itsm_kinds_locate(diffing->desk->kinds, path, &kind, id, owner))
		return 0;
	if (diffing->only && strcmp(diffing->only, id) != 0 && strcmp(diffing->only, owner) != 0)
		return 0;
	if (diffing->scope && !diff_scope_has(diffing->scope, kind->name, *owner ? NULL : id, owner))
		return 0;
	if (diffing->options->limit && diffing->told >= diffing->options->limit)
		return 0;
	arena = itsm_arena_new();
	entry.kind = kind->name;
	entry.id = *owner ? itsm_arena_printf(arena, "%s/%s/%s", owner, kind->part, id) : id;
	if ((status = read_side(diffing, arena, path, before, &old_record)) == 0 &&
	    (status = read_side(diffing, arena, path, after, &new_record)) == 0) {
		itsm_record_compare(arena, old_record, new_record, &differences, &entry.count);
		entry.differences = differences;
		diffing->told++;
		diffing->stopped = diffing->options->entry(diffing->options->context, &entry);
	}
	itsm_arena_free(arena);
	return status ? status : diffing->stopped;
}

static int tell_entries(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct side before = {old_entry != NULL, old_entry ? &old_entry->blob : NULL};
	struct side after = {new_entry != NULL, new_entry ? &new_entry->blob : NULL};

	return tell(context, old_entry ? old_entry->path : new_entry->path, before, after);
}

static bool parse_oid(const char *text, struct itsm_oid *oid)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < sizeof(oid->bytes); i++) {
		const char *high = text[2 * i] ? strchr(digits, text[2 * i]) : NULL;
		const char *low = high && text[2 * i + 1] ? strchr(digits, text[2 * i + 1]) : NULL;

		if (!low)
			return false;
		oid->bytes[i] = (unsigned char)((high - digits) << 4 | (low - digits));
	}
	return true;
}

/* ":100644 100644 <old> <new> M" NUL path NUL, the new side being the work tree. */
static int tell_raw(struct diffing *diffing, const struct itsm_buffer *text, size_t prefix)
{
	const char *line = text->data, *end = text->data + text->length;
	int status = 0;

	while (status == 0 && line && line < end && *line == ':' && strlen(line) >= 98) {
		const char *path = line + strlen(line) + 1;
		struct side before = {line[97] != 'A', NULL}, after = {line[97] != 'D' && line[8] != '0', NULL};
		struct itsm_oid blob;

		if (path >= end)
			break;
		if (parse_oid(line + 15, &blob))
			before.blob = &blob;
		if (strlen(path) > prefix)
			status = tell(diffing, path + prefix, before, after);
		line = path + strlen(path) + 1;
	}
	return status;
}

static int tell_untracked(struct diffing *diffing)
{
	const char *const argv[] = {"git", "ls-files", "-z", "--others", "--exclude-standard", "--", ".", NULL};
	struct side before = {false, NULL}, after = {true, NULL};
	struct itsm_buffer text = {0};
	size_t i;
	int status = itsm_program_run(argv, diffing->desk->place.root, NULL, &text, NULL, diffing->err);

	for (i = 0; status == 0 && i < text.length; i += strlen(text.data + i) + 1)
		status = tell(diffing, text.data + i, before, after);
	itsm_buffer_free(&text);
	return status;
}

/* git compares with the work tree: it knows filters, ignore files and the racy cases. */
static int diff_work_tree(struct diffing *diffing, const char *name)
{
	char revision[41];
	struct itsm_oid commit;
	const char *const argv[] = {"git", "--no-optional-locks", "diff", "--raw", "-z", "--no-renames", "--no-abbrev",
		"--no-ext-diff", "--ignore-submodules", revision, "--", ".", NULL};
	struct itsm_desk *desk = diffing->desk;
	struct itsm_buffer text = {0};
	int status;

	if (!desk->place.root)
		return itsm_error_set(diffing->err, ITSM_EGIT, "this is a bare repository, which has no work tree to compare with; give A..B");
	if ((status = desk_resolve_name(desk, name, &commit, diffing->err)) != 0 ||
	    (status = find_scope(diffing, &commit, NULL)) != 0)
		return status;
	itsm_oid_text(&commit, revision);
	status = itsm_program_run(argv, desk->place.root, NULL, &text, NULL, diffing->err);
	if (status == 0)
		status = tell_raw(diffing, &text, strlen(desk->place.prefix));
	itsm_buffer_free(&text);
	return status ? status : tell_untracked(diffing);
}

static int diff_commits(struct diffing *diffing, const char *old_name, const char *new_name)
{
	struct itsm_oid old_commit, new_commit;
	struct itsm_repo *repo;
	int status;

	if ((status = itsm_desk_repository(diffing->desk, &repo, diffing->err)) != 0 ||
	    (status = desk_resolve_name(diffing->desk, *old_name ? old_name : "HEAD", &old_commit, diffing->err)) != 0 ||
	    (status = desk_resolve_name(diffing->desk, *new_name ? new_name : "HEAD", &new_commit, diffing->err)) != 0 ||
	    (status = find_scope(diffing, &old_commit, &new_commit)) != 0)
		return status;
	return itsm_repo_compare(repo, &old_commit, &new_commit, tell_entries, diffing, diffing->err);
}

/* A revision goes to git as an argument: it must be none of git's options. */
static int refuse_option(const char *range, struct itsm_error *err)
{
	if (range && *range == '-')
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no revision", range);
	return 0;
}

int itsm_desk_diff(struct itsm_desk *desk, const char *range, const struct itsm_log_options *options, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct diffing diffing = {.desk = desk, .arena = arena, .options = options, .err = err};
	const char *dots = range ? strstr(range, "..") : NULL;
	struct itsm_oid head = {{0}};
	int status = refuse_option(range, err);

	if (status == 0 && options->id) {
		struct itsm_index *index;
		struct itsm_hit hit;

		status = itsm_desk_view(desk, NULL, &index, err);
		if (status == 0 && itsm_index_find(index, arena, options->id, NULL, &hit, err) == 0)
			diffing.only = hit.id;
		else if (status == 0)
			diffing.only = options->id;
	}
	if (status == 0 && !range)
		status = itsm_place_head(arena, &desk->place, &head, NULL, err);
	if (status == 0 && dots)
		status = diff_commits(&diffing, itsm_arena_strndup(arena, range, (size_t)(dots - range)), dots + 2);
	else if (status == 0 && !range && itsm_oid_is_zero(&head))
		status = tell_untracked(&diffing);
	else if (status == 0)
		status = diff_work_tree(&diffing, range ? range : "HEAD");
	itsm_arena_free(arena);
	return diffing.stopped ? 0 : status;
}
