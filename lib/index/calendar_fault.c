/*
 * What is wrong with calendars, records and .ics files: one that cannot be read or computed refuses whatever
 * asks it, so each is told by itself.
 */
#include <string.h>

#include "calendar.h"
#include "itsm/json.h"

#define AHEAD (366 * INT64_C(86400)) /* for so long their times are computed */

struct finding_faults {
	struct itsm_index *index;
	struct itsm_arena *arena;
	struct calendar_names records, named; /* IDs; files that these name */
	struct itsm_buffer *out;
};

static bool has(const struct calendar_names *names, const char *name, size_t length)
{
	for (size_t i = 0; i < names->count; i++)
		if (strlen(names->items[i]) == length && strncmp(names->items[i], name, length) == 0)
			return true;
	return false;
}

static void take(struct finding_faults *finding, struct calendar_names *names, const char *name)
{
	itsm_arena_grow(finding->arena, &names->items, &names->capacity, names->count, sizeof(*names->items));
	names->items[names->count++] = itsm_arena_strdup(finding->arena, name);
}

static void tell(struct finding_faults *finding, const char *name, const char *suffix, const char *message)
{
	struct itsm_buffer *out = finding->out;
	const char *path = itsm_arena_printf(finding->arena, CALENDAR_FOLDER "/%s%s", name, suffix);

	itsm_buffer_puts(out, out->length > 1 ? ",{\"id\":" : "{\"id\":");
	if (*suffix)
		itsm_escape_json(out, name);
	else
		itsm_buffer_puts(out, "null");
	itsm_buffer_puts(out, ",\"path\":");
	itsm_escape_json(out, path);
	itsm_buffer_puts(out, ",\"message\":");
	itsm_escape_json(out, message);
	itsm_buffer_putc(out, '}');
}

/* Can its times be computed? That is found out when they are asked for. */
static int compute(struct finding_faults *finding, struct itsm_calendar *calendar, struct itsm_error *fault)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_calendar_event *events;
	size_t count;
	int status = itsm_calendar_events(calendar, arena, ITSM_CALENDAR_HOURS | ITSM_CALENDAR_HOLIDAY | ITSM_CALENDAR_WINDOW |
		ITSM_CALENDAR_FREEZE, finding->index->now, finding->index->now + AHEAD, &events, &count, fault);

	itsm_arena_free(arena);
	return status;
}

static void try_record(struct finding_faults *finding, const char *id, const char *json)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_calendar *calendar = NULL;
	const struct itsm_yaml *names;
	struct itsm_error fault = {0};
	int status = calendar_make(finding->index, arena, id, json, &names, &calendar, &fault);

	take(finding, &finding->records, id);
	for (size_t i = 0; names && names->type == ITSM_YAML_SEQUENCE && i < names->count; i++)
		if (names->items[i]->type == ITSM_YAML_SCALAR)
			take(finding, &finding->named, names->items[i]->text);
	if (status == 0)
		status = compute(finding, calendar, &fault);
	if (status != 0)
		tell(finding, id, ".yaml", fault.message);
	itsm_calendar_free(calendar);
	itsm_arena_free(arena);
}

static int try_records(struct finding_faults *finding, struct itsm_error *err)
{
	struct itsm_index *index = finding->index;
	const struct itsm_kind *kind = itsm_kinds_find(index->options.kinds, "calendar");
	struct itsm_buffer sql = {0};
	sqlite3_stmt *statement = NULL;
	int status;

	if (!kind || kind->part)
		return 0;
	calendar_select(index, kind, &sql);
	status = itsm_index_prepare(index, sql.data, &statement, err);
	while (status == 0 && (status = itsm_index_step(index, statement, err)) == 1) {
		const char *json = (const char *)sqlite3_column_text(statement, 1);

		status = 0;
		try_record(finding, (const char *)sqlite3_column_text(statement, 0), json ? json : "{}");
	}
	sqlite3_finalize(statement);
	itsm_buffer_free(&sql);
	return status;
}

/* A file that stands for itself. */
static void try_file(struct finding_faults *finding, const char *name)
{
	char *id = itsm_arena_strndup(finding->arena, name, strlen(name) - strlen(".ics"));
	struct itsm_calendar *calendar = NULL;
	struct itsm_error fault = {0};
	struct itsm_buffer text = {0};
	int status = calendar_file_read(finding->index, name, &text, &fault);

	if (has(&finding->records, id, strlen(id)))
		status = calendar_hidden(id, &fault);
	if (status == 0)
		status = itsm_calendar_new_ics(id, text.data ? text.data : "", text.length, NULL, &calendar, &fault);
	if (status == 0)
		status = compute(finding, calendar, &fault);
	if (status != 0)
		tell(finding, name, "", fault.message);
	itsm_calendar_free(calendar);
	itsm_buffer_free(&text);
}

int itsm_index_calendar_faults(struct itsm_index *index, struct itsm_buffer *out, struct itsm_error *err)
{
	struct finding_faults finding = {.index = index, .arena = itsm_arena_new(), .out = out};
	struct calendar_names files = {.arena = finding.arena};
	bool foreign = index->foreign;
	int status;

	index->foreign = false;
	itsm_buffer_putc(out, '[');
	status = try_records(&finding, err);
	if (status == 0)
		status = calendar_file_list(index, &files, err);
	for (size_t i = 0; i < files.count && status == 0; i++)
		if (!has(&finding.named, files.items[i], strlen(files.items[i])))
			try_file(&finding, files.items[i]);
	itsm_buffer_putc(out, ']');
	itsm_arena_free(finding.arena);
	index->foreign = foreign;
	return status;
}
