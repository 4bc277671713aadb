/* The views that are no kind's, as data; and all views as they are told to users. */
#include <string.h>
#include <strings.h>

#include "index.h"

#define C(name, type, meaning) {name, ITSM_TYPE_##type, false, meaning, NULL, NULL}
#define END {NULL, ITSM_TYPE_STRING, false, NULL, NULL, NULL}

const struct index_view itsm_index_own_views[] = {
	{"record",
		"SELECT e.id AS id, k.name AS kind, k.pillar AS pillar, e.path AS path, c.state AS state,"
		" c.is_open AS is_open, c.title AS title, e.owner AS record FROM $ AS e JOIN itsm_content AS c ON c.bid"
		" = e.bid JOIN itsm_kind AS k ON k.kid = e.kid WHERE c.readable",
		"Every record, of whatever kind", false, false,
		{C("id", REF, "The ID; of a part <owner>/<folder>/<name>"), C("kind", STRING, "The name of its kind"),
			C("pillar", STRING, "The pillar that the kind belongs to"),
			C("path", STRING, "The file, relative to the desk"),
			C("state", STRING, "The state; NULL for a kind without states"),
			C("is_open", BOOL, "In a state that is open"),
			C("title", STRING, "What names it for people"),
			C("record", REF, "Of a part: the record it belongs to"), END}},
	{"link",
		"SELECT e.id AS source, k.name AS source_kind, r.field AS relation, r.target AS target"
		" FROM itsm_reference AS r JOIN $ AS e ON e.bid = r.bid JOIN itsm_kind AS k ON k.kid = e.kid",
		"Every reference from one record to another", false, false,
		{C("source", REF, "The record that holds the reference"),
			C("source_kind", STRING, "The kind of that record"),
			C("relation", STRING, "The field, dots in it"),
			C("target", REF, "The ID that it names, whether there is such a record or not"), END}},
	{"section",
		"SELECT e.id AS id, j.key AS name, j.value AS filled FROM $ AS e JOIN itsm_content AS c ON c.bid = e.bid,"
		" json_each(c.sections) AS j",
		"Every section of every record", false, false,
		{C("id", REF, "The record"), C("name", STRING, "The heading"), C("filled", BOOL, "There is text in it"),
			END}},
	{"finding",
		"SELECT e.id AS id, e.path AS path, f.rule AS rule, f.severity AS severity, f.line AS line, f.col AS"
		" \"column\", f.message AS message, f.remedy AS remedy FROM itsm_finding AS f JOIN $ AS e ON e.bid = f.bid",
		"What the schema finds wrong in a record; `itsm check` finds more", false, false,
		{C("id", REF, "The record"), C("path", STRING, "Its file"), C("rule", STRING, "The name of the rule"),
			C("severity", STRING, "error, warning or note"), C("line", INT, "Where in the file, from 1"),
			C("column", INT, "Where in the line, from 1"), C("message", STRING, "What is wrong"),
			C("remedy", STRING, "What to do about it"), END}},
	{"commit_log",
		"SELECT lower(hex(oid)) AS commit_id, strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at, author,"
		" mail, subject, body FROM itsm_commit WHERE landed <= @",
		"Every commit that leads to HEAD and touched the desk", true, false,
		{C("commit_id", STRING, "The commit, 40 hexadecimal digits"), C("at", TIME, "When it was written"),
			C("author", STRING, "Who wrote it"), C("mail", STRING, "The author's mail address"),
			C("subject", STRING, "The first line of its message"), C("body", TEXT, "The rest of its message"),
			END}},
	{"touch",
		"SELECT lower(hex(c.oid)) AS commit_id, p.id AS id, p.path AS path, CASE WHEN t.old IS NULL THEN 'added'"
		" WHEN t.new IS NULL THEN 'removed' ELSE 'changed' END AS change FROM itsm_touch AS t"
		" JOIN itsm_commit AS c ON c.cid = t.cid JOIN itsm_path AS p ON p.pid = t.pid"
		" WHERE p.id IS NOT NULL AND c.landed <= @",
		"Which commit added, changed or removed which record", true, false,
		{C("commit_id", STRING, "The commit"), C("id", REF, "The record"), C("path", STRING, "Its file"),
			C("change", STRING, "added, changed or removed"), END}},
	/* of what was added or removed only the state is told: it is in the content, not in itsm_event */
	{"change_event",
		"SELECT lower(hex(c.oid)) AS commit_id, strftime('%Y-%m-%dT%H:%M:%SZ', c.at, 'unixepoch') AS at,"
		" c.author AS author, c.mail AS mail, p.id AS id, k.name AS kind, p.owner AS record, p.path AS path,"
		" CASE WHEN t.old IS NULL THEN 'added' WHEN t.new IS NULL THEN 'removed' ELSE 'changed' END AS change,"
		" CASE WHEN t.old IS NOT NULL AND t.new IS NOT NULL THEN e.field WHEN s.state IS NOT NULL THEN 'state' END"
		" AS field, CASE WHEN t.old IS NULL THEN NULL WHEN t.new IS NULL THEN s.state ELSE e.old END AS old,"
		" CASE WHEN t.old IS NULL THEN s.state WHEN t.new IS NULL THEN NULL ELSE e.new END AS new"
		" FROM itsm_touch AS t JOIN itsm_commit AS c ON c.cid = t.cid JOIN itsm_path AS p ON p.pid = t.pid"
		" JOIN itsm_kind AS k ON k.kid = p.kid LEFT JOIN itsm_event AS e ON e.cid = t.cid AND e.ord = t.ord"
		" LEFT JOIN itsm_content AS s ON s.bid = CASE WHEN t.old IS NULL THEN t.new WHEN t.new IS NULL THEN t.old END"
		" WHERE p.id IS NOT NULL AND c.landed <= @",
		"What each commit changed of which record, a row for each field", true, false,
		{C("commit_id", STRING, "The commit"), C("at", TIME, "When it was written"),
			C("author", STRING, "Who wrote it"), C("mail", STRING, "The author's mail address"),
			C("id", REF, "The record"), C("kind", STRING, "Its kind"),
			C("record", REF, "Of a part: the record it belongs to"), C("path", STRING, "Its file"),
			C("change", STRING, "added, changed or removed: of what was added or removed the state alone is told"),
			C("field", STRING, "The field, or `## Plan` for a section"),
			C("old", TEXT, "What it was, lists as JSON; NULL also when it is over 512 bytes"),
			C("new", TEXT, "What it is"), END}},
	{"sla",
		"SELECT id, kind, clock, agreement, type, calendar, status, priority, start, \"end\", goal, elapsed, paused,"
		" \"left\", due, warn_at, warned, breached, ended FROM itsm_clock",
		"Every service-level clock, as it stands now", true, true,
		{C("id", REF, "The record"), C("kind", STRING, "Its kind"), C("clock", STRING, "respond or resolve"),
			C("agreement", REF, "The agreement, or the offering, that promises it"),
			C("type", STRING, "sla, ola, contract or offering"),
			C("calendar", REF, "The calendar that it counts by; NULL: around the clock"),
			C("status", STRING, "running, paused, met, breached (ended or not), withdrawn; unknown where its calendar cannot be used"),
			C("priority", INT, "The priority whose target it is"),
			C("start", TIME, "When it began"), C("end", TIME, "When it ended"),
			C("goal", DURATION, "The time promised"), C("elapsed", DURATION, "Used up of it"),
			C("paused", DURATION, "How long it stood, as the calendar counts"),
			C("left", DURATION, "What is left of it; negative when late"),
			C("due", TIME, "When it is used up"), C("warn_at", TIME, "When it warns"),
			C("warned", BOOL, "It warns"), C("breached", BOOL, "More is used up than was promised"),
			C("ended", BOOL, "It has ended"), END}},
	{NULL, NULL, NULL, false, false, {END}},
};

bool itsm_index_is_own_view(const char *name)
{
	for (const struct index_view *view = itsm_index_own_views; view->name; view++)
		if (strcasecmp(view->name, name) == 0)
			return true;
	return false;
}

/* What the view of every kind begins with; `record` is that of parts. */
static const struct itsm_column common[] = {
	C("id", REF, "The ID"),
	C("path", STRING, "The file, relative to the desk"),
	C("state", ENUM, "The state; NULL for a kind without states"),
	C("is_open", BOOL, "In a state that is open"),
	C("title", STRING, "What names it for people"),
	C("record", REF, "The record that it is a part of"),
};

static void describe_kind(struct itsm_arena *arena, const struct itsm_kind *kind, struct itsm_view *out)
{
	size_t count, used = 0;
	const struct itsm_field **fields = itsm_index_kind_fields(arena, kind, &count);
	struct itsm_column *columns =
		itsm_arena_alloc(arena, (count + sizeof(common) / sizeof(*common)) * sizeof(*columns));

	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		if (kind->part || strcmp(common[i].name, "record") != 0)
			columns[used++] = common[i];
	for (size_t i = 0; i < count; i++)
		columns[used++] = (struct itsm_column){.name = fields[i]->column,
			.type = fields[i]->type,
			.list = fields[i]->list,
			.meaning = fields[i]->help,
			.to = fields[i]->to,
			.field = fields[i]};
	*out = (struct itsm_view){
		.name = kind->name, .meaning = kind->help, .kind = kind, .columns = columns, .count = used};
}

void itsm_views(struct itsm_arena *arena, const struct itsm_kinds *kinds, const struct itsm_view **out, size_t *count)
{
	size_t kind_count = itsm_kinds_count(kinds), own = 0, used = 0;
	struct itsm_view *views;

	while (itsm_index_own_views[own].name)
		own++;
	views = itsm_arena_alloc(arena, (kind_count + own + 1) * sizeof(*views));
	for (size_t i = 0; i < kind_count; i++)
		describe_kind(arena, itsm_kinds_at(kinds, i), &views[used++]);
	for (size_t i = 0; i < own; i++) {
		const struct index_view *view = &itsm_index_own_views[i];
		size_t columns = 0;

		while (view->columns[columns].name)
			columns++;
		views[used++] = (struct itsm_view){.name = view->name,
			.meaning = view->meaning,
			.history = view->history,
			.columns = view->columns,
			.count = columns};
	}
	*out = views;
	*count = used;
}

enum itsm_value_type itsm_column_value_type(const struct itsm_column *column)
{
	if (column->list)
		return ITSM_VALUE_JSON;
	switch (column->type) {
	case ITSM_TYPE_INT:
	case ITSM_TYPE_DURATION:
		return ITSM_VALUE_INTEGER;
	case ITSM_TYPE_NUMBER:
		return ITSM_VALUE_REAL;
	case ITSM_TYPE_BOOL:
		return ITSM_VALUE_BOOLEAN;
	case ITSM_TYPE_TIME:
		return ITSM_VALUE_TIME;
	case ITSM_TYPE_OBJECT:
	case ITSM_TYPE_ANY:
		return ITSM_VALUE_JSON;
	default:
		return ITSM_VALUE_TEXT;
	}
}
