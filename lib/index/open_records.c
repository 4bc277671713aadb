/*
 * The open records of a kind: `itsm sla list` asks for them, and on an old desk nearly all are closed. At HEAD they
 * are sought once for each commit and kept, as the meta value "open KIND": the commit's name, then a JSON list of IDs.
 */
#include <string.h>

#include "index.h"
#include "itsm/clock.h"

#define OID_TEXT 40
#define KEPT_MAX (1u << 20) /* bytes of a list that is kept */

struct seeking {
	const struct itsm_kind *kind;
	struct itsm_arena *arena;
	const char *ids;                /* out: a JSON list, or NULL: look yourself */
};

/* From the entries, in the order of their contents: the kind's table has every version that history ever had. */
static const char *seek_sql(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_kind *kind)
{
	const char *entries = itsm_index_entry_table(index, index->snapshot);

	return itsm_arena_printf(arena, "SELECT e.id AS id, c.state AS state, c.title AS title FROM %s AS e%s"
		" CROSS JOIN itsm_content AS c ON c.bid = e.bid WHERE e.kid = %d AND e.owner IS NULL AND c.is_open AND c.readable"
		" ORDER BY +e.id", entries, *entries == '(' ? "" : " NOT INDEXED", itsm_index_shape(index, kind)->number);
}

static int seek(struct itsm_index *index, const struct seeking *seeking, struct itsm_buffer *json, struct itsm_error *err)
{
	sqlite3_stmt *rows = NULL;
	int status = itsm_index_prepare(index, seek_sql(index, seeking->arena, seeking->kind), &rows, err);

	itsm_buffer_putc(json, '[');
	while (status == 0 && (status = itsm_index_step(index, rows, err)) == 1) {
		if (json->data[json->length - 1] != '[')
			itsm_buffer_putc(json, ',');
		itsm_escape_json(json, (const char *)sqlite3_column_text(rows, 0));
		status = 0;
	}
	itsm_buffer_putc(json, ']');
	sqlite3_finalize(rows);
	return status;
}

static const char *kept_list(const char *value, const char *head)
{
	return value && strncmp(value, head, OID_TEXT) == 0 && value[OID_TEXT] == ' ' ? value + OID_TEXT + 1 : NULL;
}

/* Within a transaction that writes. The tables may be another commit's by then: nothing is kept, and nothing wrong with that. */
static int seek_and_keep(struct itsm_index *index, struct seeking *seeking, const char *key, const char *head, struct itsm_error *err)
{
	struct itsm_buffer json = {0};
	struct itsm_oid known;
	int has = itsm_index_meta_oid(index, "head", &known, err), status = has < 0 ? has : 0;

	if (has == 1 && itsm_oid_equal(&known, &index->head))
		status = seek(index, seeking, &json, err);
	if (status == 0 && json.length && json.length < KEPT_MAX)
		status = itsm_index_meta_set(index, key, itsm_arena_printf(seeking->arena, "%s %s", head, json.data), err);
	if (status == 0 && json.length && json.length < KEPT_MAX)
		seeking->ids = itsm_arena_strndup(seeking->arena, json.data, json.length);
	itsm_buffer_free(&json);
	return status;
}

/* What is kept of HEAD, sought where it is another commit's. Where nothing can be written now, it is not kept. */
static int find_kept(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct seeking *seeking = context;
	const char *key = itsm_arena_printf(seeking->arena, "open %s", seeking->kind->name), *value;
	char head[OID_TEXT + 1];
	int status = itsm_index_meta_get(index, key, seeking->arena, &value, err);

	itsm_oid_text(&index->head, head);
	seeking->ids = status == 0 ? kept_list(value, head) : NULL;
	if (status != 0 || seeking->ids)
		return status;
	sqlite3_busy_timeout(index->db, 0);
	status = itsm_index_begin(index, NULL);
	sqlite3_busy_timeout(index->db, index->wait);
	if (status == 0)
		status = itsm_index_end(index, seek_and_keep(index, seeking, key, head, NULL), NULL);
	if (status != 0) {
		seeking->ids = NULL;
		index->trouble = 0;
	}
	return itsm_index_head_bring(index, &index->head, err);
}

int itsm_index_open_records(struct itsm_index *index, const char *kind, struct itsm_query **out, struct itsm_error *err)
{
	struct seeking seeking = {.kind = itsm_kinds_find(index->options.kinds, kind)};
	int status = 0;

	if (!seeking.kind)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no kind; `itsm kinds` lists them", kind);
	seeking.arena = itsm_arena_new();
	if (index->snapshot == ITSM_SNAPSHOT_HEAD && index->head_wanted && !index->proposing)
		status = itsm_index_attempt(index, find_kept, &seeking, err);
	if (status == 0 && seeking.ids) {
		struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = seeking.ids};
		const char *sql = itsm_arena_printf(seeking.arena, "SELECT e.id AS id, c.state AS state, c.title AS title"
			" FROM json_each(?1) AS j CROSS JOIN itsm_head_entry AS e ON e.id = j.value AND e.kid = %d AND e.owner IS NULL"
			" CROSS JOIN itsm_content AS c ON c.bid = e.bid ORDER BY +e.id", itsm_index_shape(index, seeking.kind)->number);

		status = itsm_index_query_own(index, sql, &value, 1, NULL, out, err);
	} else if (status == 0) {
		status = itsm_index_query_own(index, seek_sql(index, seeking.arena, seeking.kind), NULL, 0, NULL, out, err);
	}
	itsm_arena_free(seeking.arena);
	return status;
}
