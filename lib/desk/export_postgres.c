/*
 * A script for psql: one transaction that makes the tables of a schema and fills
 * them with COPY FROM stdin, in its text form.
 *
 * Every table has the comment "itsm: ...". An export of before is known by it and
 * replaced; a table that lacks it is somebody's own: CREATE TABLE then fails,
 * and with it the transaction.
 *
 * In COPY's text form a backslash escapes: \\ \t \n \r, and \N alone is NULL. A line
 * "\." would end the data: a backslash in a value is never alone, so that none can be made.
 */
#include <stdio.h>
#include <string.h>

#include "export.h"

#define NAME_BYTES 63 /* longer names are cut by PostgreSQL */

struct script {
	struct desk_export *export;
	const struct itsm_sink *sink;
	const struct itsm_view *view;
	struct itsm_buffer out;
	bool failed;
};

static void flush(struct script *script, bool all)
{
	if (script->out.length < 65536 && !all)
		return;
	if (!script->failed && script->out.length)
		script->failed = script->sink->write(script->sink->context, script->out.data, script->out.length) != 0;
	itsm_buffer_clear(&script->out);
}

/* FNV-1a, so that names that are cut stay apart. */
static uint32_t hash(const char *text)
{
	uint32_t value = 2166136261u;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 16777619u;
	return value;
}

/* An identifier in quotes. */
static void add_name(struct itsm_buffer *out, const char *name)
{
	char cut[NAME_BYTES + 1];

	if (strlen(name) > NAME_BYTES) {
		snprintf(cut, sizeof(cut), "%.54s_%08x", name, hash(name));
		name = cut;
	}
	itsm_buffer_putc(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			itsm_buffer_putc(out, '"');
		itsm_buffer_putc(out, *name);
	}
	itsm_buffer_putc(out, '"');
}

static void add_literal(struct itsm_buffer *out, const char *before, const char *text)
{
	itsm_buffer_putc(out, '\'');
	itsm_buffer_puts(out, before);
	for (; *text; text++) {
		if (*text == '\'')
			itsm_buffer_putc(out, '\'');
		itsm_buffer_putc(out, *text);
	}
	itsm_buffer_putc(out, '\'');
}

static const char *type_of(const struct itsm_column *column)
{
	if (column->type == ITSM_TYPE_DATE && !column->list && column->field)
		return "date";
	switch (itsm_column_value_type(column)) {
	case ITSM_VALUE_INTEGER:
		return "bigint";
	case ITSM_VALUE_REAL:
		return "double precision";
	case ITSM_VALUE_BOOLEAN:
		return "boolean";
	case ITSM_VALUE_TIME:
		return "timestamp with time zone";
	case ITSM_VALUE_JSON:
		return "jsonb";
	default:
		return "text";
	}
}

static void begin(struct script *script, const char *schema)
{
	struct itsm_buffer *out = &script->out;

	itsm_buffer_puts(out, "-- Made by itsm export, for psql -v ON_ERROR_STOP=1\n"
		"BEGIN;\nSET LOCAL client_encoding = 'UTF8';\nSET LOCAL standard_conforming_strings = on;\n"
		"SET LOCAL client_min_messages = warning;\nCREATE SCHEMA IF NOT EXISTS ");
	add_name(out, schema);
	itsm_buffer_puts(out, ";\nSET LOCAL search_path = ");
	add_name(out, schema);
	itsm_buffer_puts(out, ", pg_catalog;\n"
		"-- tables of an export of before are known by their comment; others are left alone\n"
		"DO $itsm$\nDECLARE previous regclass;\nBEGIN\n"
		"\tFOR previous IN SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.relkind = 'r'\n"
		"\t\tAND c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace AS n"
		" WHERE n.nspname = pg_catalog.current_schema())\n"
		"\t\tAND pg_catalog.obj_description(c.oid, 'pg_class') LIKE 'itsm: %'\n"
		"\tLOOP\n\t\tEXECUTE 'DROP TABLE ' || previous;\n\tEND LOOP;\nEND\n$itsm$;\n");
}

static void create_table(struct script *script)
{
	const struct itsm_view *view = script->view;
	struct itsm_buffer *out = &script->out;

	itsm_buffer_puts(out, "\nCREATE TABLE ");
	add_name(out, view->name);
	for (size_t i = 0; i < view->count; i++) {
		itsm_buffer_puts(out, i ? ",\n\t" : " (\n\t");
		add_name(out, view->columns[i].name);
		itsm_buffer_printf(out, " %s", type_of(&view->columns[i]));
	}
	itsm_buffer_puts(out, "\n);\nCOMMENT ON TABLE ");
	add_name(out, view->name);
	itsm_buffer_puts(out, " IS ");
	add_literal(out, "itsm: ", view->meaning ? view->meaning : "");
	itsm_buffer_puts(out, ";\n");
	for (size_t i = 0; i < view->count; i++) {
		if (!view->columns[i].meaning)
			continue;
		itsm_buffer_puts(out, "COMMENT ON COLUMN ");
		add_name(out, view->name);
		itsm_buffer_putc(out, '.');
		add_name(out, view->columns[i].name);
		itsm_buffer_puts(out, " IS ");
		add_literal(out, "", view->columns[i].meaning);
		itsm_buffer_puts(out, ";\n");
	}
}

static void add_text(struct itsm_buffer *out, const char *text)
{
	static const char special[] = "\\\t\n\r";

	while (*text) {
		size_t plain = strcspn(text, special);

		itsm_buffer_add(out, text, plain);
		text += plain;
		if (!*text)
			break;
		itsm_buffer_putc(out, '\\');
		itsm_buffer_putc(out, *text == '\t' ? 't' : *text == '\n' ? 'n' : *text == '\r' ? 'r' : '\\');
		text++;
	}
}

/* There is no year 0000 in PostgreSQL: it calls it 1 BC. */
static void add_moment(struct itsm_buffer *out, const char *text)
{
	if (strncmp(text, "0000-", 5) == 0)
		itsm_buffer_printf(out, "0001%s BC", text + 4);
	else
		itsm_buffer_puts(out, text);
}

/* \u0000 in JSON is what jsonb refuses: as invalid text elsewhere, U+FFFD stands for it. */
static void add_json(struct itsm_buffer *out, const char *json)
{
	struct itsm_buffer safe = {0};

	for (; *json; json++) {
		if (*json != '\\') {
			itsm_buffer_putc(&safe, *json);
			continue;
		}
		if (strncmp(json, "\\u0000", 6) == 0) {
			itsm_buffer_puts(&safe, "\\ufffd");
			json += 5;
		} else if (json[1]) {
			itsm_buffer_add(&safe, json, 2);
			json++;
		}
	}
	itsm_buffer_putc(&safe, '\0');
	add_text(out, safe.data);
	itsm_buffer_free(&safe);
}

static void add_value(struct itsm_buffer *out, const struct itsm_column *column, const struct itsm_value *value)
{
	switch (value->type) {
	case ITSM_VALUE_NULL:
		itsm_buffer_puts(out, "\\N");
		break;
	case ITSM_VALUE_INTEGER:
		itsm_buffer_printf(out, "%lld", (long long)value->integer);
		break;
	case ITSM_VALUE_REAL:
		itsm_buffer_printf(out, "%.17g", value->real);
		break;
	case ITSM_VALUE_BOOLEAN:
		itsm_buffer_putc(out, value->integer ? 't' : 'f');
		break;
	case ITSM_VALUE_TIME:
		add_moment(out, value->text);
		break;
	case ITSM_VALUE_JSON:
		add_json(out, value->text);
		break;
	default:
		if (strcmp(type_of(column), "date") == 0)
			add_moment(out, value->text);
		else
			add_text(out, value->text);
	}
}

static int add_row(void *context, const struct itsm_value *values)
{
	struct script *script = context;

	for (size_t i = 0; i < script->view->count; i++) {
		if (i)
			itsm_buffer_putc(&script->out, '\t');
		add_value(&script->out, &script->view->columns[i], &values[i]);
	}
	itsm_buffer_putc(&script->out, '\n');
	flush(script, false);
	return script->failed ? ITSM_EIO : 0;
}

static void add_indexes(struct script *script)
{
	static const char *const keys[] = {"id", "source", "target", "record", "commit_id", NULL};

	for (size_t i = 0; i < script->view->count; i++) {
		if (!itsm_list_has(keys, script->view->columns[i].name))
			continue;
		itsm_buffer_puts(&script->out, "CREATE INDEX ON ");
		add_name(&script->out, script->view->name);
		itsm_buffer_puts(&script->out, " (");
		add_name(&script->out, script->view->columns[i].name);
		itsm_buffer_puts(&script->out, ");\n");
	}
}

static int add_table(struct script *script)
{
	int status;

	create_table(script);
	itsm_buffer_puts(&script->out, "COPY ");
	add_name(&script->out, script->view->name);
	itsm_buffer_puts(&script->out, " FROM stdin;\n");
	status = desk_export_rows(script->export, script->view, add_row, script);
	itsm_buffer_puts(&script->out, "\\.\n");
	add_indexes(script);
	flush(script, false);
	return status;
}

int desk_export_postgres(struct desk_export *export, const struct itsm_sink *sink)
{
	const char *schema = export->options->schema ? export->options->schema : "itsm";
	struct script script = {.export = export, .sink = sink};
	int status = 0;

	begin(&script, schema);
	for (size_t i = 0; i < export->count && status == 0; i++) {
		script.view = export->views[i];
		status = add_table(&script);
	}
	itsm_buffer_puts(&script.out, "\nCOMMIT;\n");
	if (status == 0)
		flush(&script, true);
	itsm_buffer_free(&script.out);
	if (script.failed)
		status = itsm_error_set(export->err, ITSM_EIO,
			"the output could not be written in full; is the disk full, or its reader gone?");
	return status;
}
