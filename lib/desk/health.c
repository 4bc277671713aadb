/*
 * `itsm items health`: what is to be said of each open item. One query for the items by themselves, what they
 * lack by their classes included, and one for each question that takes all items together.
 */
#include <stdlib.h>
#include <string.h>

#include "health.h"
#include "itsm/json.h"
#include "policy.h"

struct gathering {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_index *index;
	struct itsm_classes *classes;
	int64_t now;
	struct itsm_error *err;
	struct itsm_health health;
	size_t capacity;
};

#define ROWS_OF "FROM item AS i WHERE i.is_open"

/* Twins: what must be the same for two items to be one; each names the first of the others. */
static const char twin_sql[] =
	"WITH k(id, what) AS (SELECT i.id, 'serial ' || i.serial " ROWS_OF " AND i.serial IS NOT NULL"
	" UNION ALL SELECT i.id, 'asset ' || i.asset " ROWS_OF " AND i.asset IS NOT NULL"
	" UNION ALL SELECT i.id, 'hostname ' || lower(i.hostname) " ROWS_OF " AND i.hostname IS NOT NULL"
	" UNION ALL SELECT i.id, 'external ' || i.external || coalesce(' of ' || i.source, '') " ROWS_OF
	" AND i.external IS NOT NULL"
	" UNION ALL SELECT i.id, 'name ' || lower(i.name) || coalesce(' of class ' || i.class, '') " ROWS_OF "),"
	" d AS MATERIALIZED (SELECT what, min(id) AS low, max(id) AS high FROM k GROUP BY what HAVING count(DISTINCT id) > 1)"
	" SELECT k.id, k.what || ': ' || CASE k.id WHEN d.low THEN d.high ELSE d.low END FROM k JOIN d ON d.what = k.what"
	" ORDER BY k.id, k.what";

static const char orphan_sql[] =
	"SELECT i.id " ROWS_OF " AND i.id NOT IN (SELECT l.source FROM link AS l WHERE l.source_kind = 'item' AND l.target IN"
	" (SELECT id FROM item UNION ALL SELECT id FROM service)) AND i.id NOT IN (SELECT l.target FROM link AS l"
	" WHERE l.source_kind IN ('item', 'service')) ORDER BY i.id";

/* The newest commit until then that changed the file. */
static const char seen_sql[] = "SELECT i.id, unixepoch(max(e.at)) FROM change_event AS e JOIN item AS i ON i.path = e.path"
	" WHERE i.is_open AND unixepoch(e.at) <= %lld GROUP BY i.id ORDER BY i.id";

static const char *text_at(struct gathering *gathering, const struct itsm_query *rows, size_t column)
{
	struct itsm_value value = itsm_query_value(rows, column);

	return value.type == ITSM_VALUE_NULL || !value.text || !*value.text ? NULL :
		itsm_arena_strdup(gathering->arena, value.text);
}

static const char *const *read_list(struct gathering *gathering, const char *json)
{
	struct itsm_yaml *tree = NULL;
	const char **list;

	if (!json || itsm_json_parse(gathering->arena, json, strlen(json), &tree, NULL) != 0)
		return itsm_arena_alloc(gathering->arena, sizeof(*list));
	list = itsm_arena_alloc(gathering->arena, (tree->count + 1) * sizeof(*list));
	for (size_t i = 0; i < tree->count; i++)
		list[i] = tree->items[i]->text ? tree->items[i]->text : "";
	return list;
}

static void add_item(struct gathering *gathering, const struct itsm_query *rows)
{
	const char *class_name = text_at(gathering, rows, 2);
	const struct itsm_class *class = itsm_classes_find(gathering->classes, class_name);
	struct itsm_health_item *item;

	itsm_arena_grow(gathering->arena, &gathering->health.items, &gathering->capacity, gathering->health.count,
		sizeof(*gathering->health.items));
	item = &gathering->health.items[gathering->health.count++];
	*item = (struct itsm_health_item){
		.id = text_at(gathering, rows, 0),
		.title = text_at(gathering, rows, 1),
		.class_name = class_name,
		.owner = text_at(gathering, rows, 3),
		.services = read_list(gathering, text_at(gathering, rows, 4)),
		.audited = text_at(gathering, rows, 5),
		.seen = itsm_query_value(rows, 6).integer,
		.missing = text_at(gathering, rows, 7),
		.wanted = text_at(gathering, rows, 8),
		.audit_asked = class->audit > 0,
		.audit_late = class->audit > 0 && itsm_query_value(rows, 9).integer < gathering->now - class->audit,
	};
}

static int gather_items(struct gathering *gathering)
{
	static const char sql[] = "SELECT self.id, self.title, self.class, coalesce(self.owner, self.team), self.services,"
		" self.audited, max(coalesce(unixepoch(self.audited), 0), coalesce(unixepoch(self.discovered), 0)),"
		" class_lacks('required', 'built-in'), class_lacks('recommended', 'built-in'), coalesce(unixepoch(self.audited), 0)"
		" FROM item AS self WHERE self.is_open";
	struct itsm_query *rows;
	int status;

	itsm_index_set_classes(gathering->index, gathering->classes);
	if ((status = itsm_query_open(gathering->index, sql, NULL, 0, &rows, gathering->err)) != 0)
		return status;
	while ((status = itsm_query_next(rows, gathering->err)) == 1)
		add_item(gathering, rows);
	itsm_query_free(rows);
	return status;
}

static int compare_items(const void *a, const void *b)
{
	return strcmp(((const struct itsm_health_item *)a)->id, ((const struct itsm_health_item *)b)->id);
}

/* Rows in order of ID, to the items of the same order. */
static int mark(struct gathering *gathering, const char *sql, void (*note)(struct gathering *gathering,
	struct itsm_health_item *item, const struct itsm_query *rows))
{
	struct itsm_query *rows;
	size_t at = 0;
	int status = itsm_query_open(gathering->index, sql, NULL, 0, &rows, gathering->err);

	if (status != 0)
		return status;
	while ((status = itsm_query_next(rows, gathering->err)) == 1) {
		const char *id = itsm_query_value(rows, 0).text;

		while (at < gathering->health.count && strcmp(gathering->health.items[at].id, id) < 0)
			at++;
		if (at < gathering->health.count && strcmp(gathering->health.items[at].id, id) == 0)
			note(gathering, &gathering->health.items[at], rows);
	}
	itsm_query_free(rows);
	return status;
}

static void note_orphan(struct gathering *gathering, struct itsm_health_item *item, const struct itsm_query *rows)
{
	(void)gathering;
	(void)rows;
	item->orphan = true;
}

static void note_twin(struct gathering *gathering, struct itsm_health_item *item, const struct itsm_query *rows)
{
	if (!item->twin)
		item->twin = text_at(gathering, rows, 1);
}

static void note_seen(struct gathering *gathering, struct itsm_health_item *item, const struct itsm_query *rows)
{
	int64_t seen = itsm_query_value(rows, 1).integer;

	(void)gathering;
	if (seen > item->seen)
		item->seen = seen;
}

static void judge_age(struct gathering *gathering)
{
	for (size_t i = 0; i < gathering->health.count; i++) {
		struct itsm_health_item *item = &gathering->health.items[i];
		const struct itsm_class *class = itsm_classes_find(gathering->classes, item->class_name);

		item->stale = item->seen && item->seen < gathering->now - class->stale;
	}
}

static int gather(struct gathering *gathering)
{
	int status = gather_items(gathering);

	if (gathering->health.count)
		qsort(gathering->health.items, gathering->health.count, sizeof(*gathering->health.items), compare_items);
	if (status == 0 && (status = mark(gathering, orphan_sql, note_orphan)) == 0 &&
	    (status = mark(gathering, twin_sql, note_twin)) == 0)
		status = mark(gathering, itsm_arena_printf(gathering->arena, seen_sql, (long long)gathering->now), note_seen);
	if (status == 0)
		judge_age(gathering);
	return status;
}

/* The classes of that revision, and its moment. */
static int look_back(struct gathering *gathering, const char *at)
{
	struct itsm_desk *desk = gathering->desk;
	struct itsm_commit commit;
	struct itsm_repo *repo;
	struct itsm_oid oid;
	int status;

	gathering->now = desk->options.now;
	if (!at)
		return desk_classes_here(desk, &gathering->classes, gathering->err);
	if ((status = desk_resolve(desk, at, &oid, gathering->err)) != 0 ||
	    (status = itsm_desk_repository(desk, &repo, gathering->err)) != 0 ||
	    (status = itsm_repo_commit(repo, gathering->arena, &oid, &commit, gathering->err)) != 0)
		return status;
	gathering->now = commit.committer.seconds;
	return desk_classes_at(desk, &oid, &gathering->classes, gathering->err);
}

int itsm_desk_health(struct itsm_desk *desk, struct itsm_arena *arena, const char *at, struct itsm_health *out,
	struct itsm_error *err)
{
	struct gathering gathering = {.desk = desk, .arena = arena, .err = err};
	int status = itsm_desk_view(desk, at, &gathering.index, err);

	if (status == 0)
		status = look_back(&gathering, at);
	if (status != 0)
		return status;
	status = gather(&gathering);
	itsm_classes_free(gathering.classes);
	if (status != 0)
		return status;
	health_figures(arena, &gathering.health);
	*out = gathering.health;
	return 0;
}
