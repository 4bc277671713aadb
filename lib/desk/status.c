/* `itsm status`: counts per kind, what is not committed, how many problems. */
#include <string.h>

#include "desk.h"

static int count_kinds(struct itsm_arena *arena, struct itsm_index *index, struct itsm_status_result *out,
	struct itsm_error *err)
{
	struct itsm_query *query;
	size_t capacity = 0;
	int status = itsm_query_open(index,
		"SELECT kind, count(*), sum(is_open) FROM record WHERE record IS NULL GROUP BY pillar, kind ORDER BY pillar, kind",
		NULL, 0, &query, err);

	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, err)) == 1) {
		struct itsm_status_kind *kind;

		itsm_arena_grow(arena, &out->kinds, &capacity, out->kind_count, sizeof(*out->kinds));
		kind = &out->kinds[out->kind_count++];
		kind->kind = itsm_arena_strdup(arena, itsm_query_value(query, 0).text);
		kind->records = (size_t)itsm_query_value(query, 1).integer;
		kind->open = (size_t)itsm_query_value(query, 2).integer;
	}
	itsm_query_free(query);
	return status;
}

static const char *change_of(const char *code)
{
	if (code[0] == '?' || code[0] == 'A' || code[1] == 'A')
		return "added";
	return code[0] == 'D' || code[1] == 'D' ? "removed" : "changed";
}

static void add_file(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_status_result *out, size_t *capacity,
	const char *line)
{
	const struct itsm_kind *kind;
	struct itsm_status_file *file;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	const char *path = line + 3;
	size_t prefix = strlen(desk->place.prefix);

	if (strncmp(path, desk->place.prefix, prefix) != 0)
		return;
	path += prefix;
	itsm_arena_grow(arena, &out->files, capacity, out->file_count, sizeof(*out->files));
	file = &out->files[out->file_count++];
	file->path = itsm_arena_strdup(arena, path);
	file->change = change_of(line);
	file->id = NULL;
	if (!itsm_kinds_locate(desk->kinds, path, &kind, id, owner))
		return;
	file->id = *owner ? itsm_arena_printf(arena, "%s/%s/%s", owner, kind->part, id) : itsm_arena_strdup(arena, id);
}

/* What git says is not committed. It knows filters, ignore files and the racy cases. */
static int list_files(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_status_result *out, struct itsm_error *err)
{
	const char *const argv[] = {"git", "--no-optional-locks", "status", "--porcelain", "-z", "--no-renames",
		"--untracked-files=all", "--", ".", NULL};
	struct itsm_buffer text = {0};
	size_t capacity = 0, i;
	int status = itsm_program_run(argv, desk->place.root, NULL, &text, NULL, err);

	for (i = 0; status == 0 && i < text.length; i += strlen(text.data + i) + 1) {
		if (strlen(text.data + i) > 3)
			add_file(desk, arena, out, &capacity, text.data + i);
	}
	itsm_buffer_free(&text);
	return status;
}

int itsm_desk_status(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_status_result *out,
	struct itsm_error *err)
{
	struct itsm_status_result result = {.name = itsm_desk_name(desk), .root = desk->place.root ? desk->place.root : desk->place.git_dir};
	struct itsm_findings findings;
	struct itsm_index *index;
	int status;

	itsm_findings_init(&findings, arena);
	if ((status = itsm_place_head(arena, &desk->place, &result.head, &result.branch, err)) != 0 ||
	    (status = itsm_desk_view(desk, NULL, &index, err)) != 0 ||
	    (status = count_kinds(arena, index, &result, err)) != 0 ||
	    (desk->place.root && (status = list_files(desk, arena, &result, err)) != 0) ||
	    (status = itsm_index_check(index, NULL, &findings, err)) != 0)
		return status;
	result.problems = findings.errors;
	*out = result;
	return 0;
}
