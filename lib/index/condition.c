/*
 * One alternative of a qualifier to a condition, by the type of the column. All that a
 * user wrote is bound, never written into the SQL.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "index.h"
#include "itsm/time.h"

/* What a word of one alternative means: [low, high) or [low, high], in the column's own domain. */
struct bounds {
	struct itsm_value low, high;
	bool high_inside;          /* high itself counts */
};

static bool is_ordered(enum itsm_type type)
{
	return type == ITSM_TYPE_INT || type == ITSM_TYPE_NUMBER || type == ITSM_TYPE_DATE || type == ITSM_TYPE_TIME ||
		type == ITSM_TYPE_DURATION;
}

void itsm_index_list_bind(struct index_list *list, const struct itsm_value *value)
{
	itsm_arena_grow(list->arena, &list->values, &list->value_capacity, list->value_count, sizeof(*list->values));
	list->values[list->value_count++] = *value;
	itsm_buffer_printf(&list->where, "?%zu", list->value_count);
}

void itsm_index_list_bind_text(struct index_list *list, const char *text)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = itsm_arena_strdup(list->arena, text)};

	itsm_index_list_bind(list, &value);
}

void itsm_index_list_put(struct index_list *list, const char *sql)
{
	itsm_buffer_puts(&list->where, sql);
}

static struct itsm_value time_text(struct index_list *list, int64_t seconds, bool date)
{
	char text[ITSM_TIME_TEXT];

	itsm_time_format_utc(seconds, text);
	if (date)
		text[strcspn(text, "T")] = '\0';
	return (struct itsm_value){ .type = ITSM_VALUE_TEXT, .text = itsm_arena_strdup(list->arena, text) };
}

static int time_bounds(struct index_list *list, const struct index_column *column, const char *text, struct bounds *out,
	struct itsm_error *err)
{
	bool date = column->type == ITSM_TYPE_DATE;
	int64_t start, end;

	if (column->ahead && isdigit((unsigned char)*text) && itsm_duration_parse(text, &start))
		text = itsm_arena_printf(list->arena, "+%s", text);
	if (itsm_span_parse(text, list->index->now, &start, &end, NULL) != 0)
		return itsm_error_set(err, ITSM_EUSAGE,
			"%s: '%s' is no time; write 2026-11-22, 2026-11, 2026-11-22T10:00:00Z, today "
			"or -7d",
			column->name, text);
	if (date && end == start + 1)
		end = start + 86400;
	*out = (struct bounds){ time_text(list, start, date), time_text(list, end, date), false };
	return 0;
}

static int number_bounds(
	const struct index_column *column, const char *text, struct bounds *out, struct itsm_error *err)
{
	struct itsm_value value = {.type = ITSM_VALUE_INTEGER};
	char *end = NULL;

	if (column->type == ITSM_TYPE_DURATION) {
		if (!itsm_duration_parse(text, &value.integer))
			return itsm_error_set(err, ITSM_EUSAGE, "%s: '%s' is no duration; write 90s, 30m, 4h, 7d or 2w",
				column->name, text);
	} else {
		value.type = ITSM_VALUE_REAL;
		value.real = strtod(text, &end);
		if (!*text || isspace((unsigned char)*text) || *end)
			return itsm_error_set(err, ITSM_EUSAGE, "%s: '%s' is no number", column->name, text);
	}
	*out = (struct bounds){ value, value, true };
	return 0;
}

static int find_bounds(struct index_list *list, const struct index_column *column, const char *text, struct bounds *out,
	struct itsm_error *err)
{
	if (column->type == ITSM_TYPE_TIME || column->type == ITSM_TYPE_DATE)
		return time_bounds(list, column, text, out, err);
	return number_bounds(column, text, out, err);
}

/* Add `sql operator value`. */
static void compare(struct index_list *list, const char *sql, const char *operator, const struct itsm_value *value)
{
	itsm_index_list_put(list, sql);
	itsm_index_list_put(list, operator);
	itsm_index_list_bind(list, value);
}

/* The operator at the start of text: "<", "<=", ">", ">=" or "". */
static const char *operator_of(const char **text)
{
	static const char *const operators[] = {">=", "<=", ">", "<"};

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		size_t length = strlen(operators[i]);

		if (strncmp(*text, operators[i], length) == 0) {
			*text += length;
			return operators[i];
		}
	}
	return "";
}

/* from..to, either may be left out. */
static int range_condition(struct index_list *list, const struct index_column *column, const char *sql,
	const char *text, const char *dots, struct itsm_error *err)
{
	const char *from = itsm_arena_strndup(list->arena, text, (size_t)(dots - text)), *to = dots + 2;
	struct bounds low, high;
	int status = 0;

	if (!*from && !*to)
		return itsm_error_set(
			err, ITSM_EUSAGE, "%s: '..' has no end; write from..to, from.. or ..to", column->name);
	itsm_index_list_put(list, "(");
	if (*from && (status = find_bounds(list, column, from, &low, err)) == 0)
		compare(list, sql, " >= ", &low.low);
	if (*from && *to)
		itsm_index_list_put(list, " AND ");
	if (status == 0 && *to && (status = find_bounds(list, column, to, &high, err)) == 0)
		compare(list, sql, high.high_inside ? " <= " : " < ", &high.high);
	itsm_index_list_put(list, ")");
	return status;
}

static int ordered_condition(struct index_list *list, const struct index_column *column, const char *sql,
	const char *text, struct itsm_error *err)
{
	const char *dots = strstr(text, ".."), *operator;
	struct bounds bounds;
	int status;

	if (dots)
		return range_condition(list, column, sql, text, dots, err);
	operator = operator_of(&text);
	if ((status = find_bounds(list, column, text, &bounds, err)) != 0)
		return status;
	if (*operator == '>') {
		if (operator[1])
			compare(list, sql, " >= ", &bounds.low);
		else
			compare(list, sql, bounds.high_inside ? " > " : " >= ", &bounds.high);
	} else if (*operator == '<') {
		if (operator[1])
			compare(list, sql, bounds.high_inside ? " <= " : " < ", &bounds.high);
		else
			compare(list, sql, " < ", &bounds.low);
	} else {
		itsm_index_list_put(list, "(");
		compare(list, sql, " >= ", &bounds.low);
		itsm_index_list_put(list, " AND ");
		compare(list, sql, bounds.high_inside ? " <= " : " < ", &bounds.high);
		itsm_index_list_put(list, ")");
	}
	return 0;
}

int itsm_index_name_choices(const char *name, const char *text, const char *const *values, struct itsm_error *err)
{
	struct itsm_buffer choices = {0};
	int status;

	for (size_t i = 0; values[i]; i++)
		itsm_buffer_printf(&choices, "%s%s", i ? ", " : "", values[i]);
	status = itsm_error_set(
		err, ITSM_EUSAGE, "%s is never '%s'; there is %s", name, text, choices.data ? choices.data : "nothing");
	itsm_buffer_free(&choices);
	return status;
}

/* Values of an enum are in order: severity:>=minor takes those from there on. */
static int enum_condition(struct index_list *list, const struct index_column *column, const char *sql, const char *text,
	struct itsm_error *err)
{
	const char *const *values = column->field->values;
	const char *operator = operator_of(&text);
	size_t count = 0, position = 0;
	bool found = false, first = true;

	for (; values[count]; count++)
		if (strcasecmp(values[count], text) == 0) {
			position = count;
			found = true;
		}
	if (!found)
		return itsm_index_name_choices(column->name, text, values, err);
	itsm_index_list_put(list, sql);
	itsm_index_list_put(list, " IN (");
	for (size_t i = 0; i < count; i++) {
		bool taken = *operator == '>' ? i > position : *operator == '<' ? i < position : i == position;

		if (!taken && !(*operator && operator[1] && i == position))
			continue;
		itsm_index_list_put(list, first ? "" : ", ");
		itsm_index_list_bind_text(list, values[i]);
		first = false;
	}
	itsm_index_list_put(list, ")");
	return 0;
}

static int bool_condition(struct index_list *list, const struct index_column *column, const char *sql, const char *text,
	struct itsm_error *err)
{
	static const char *const words[] = {"true", "false", "yes", "no", "1", "0"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcasecmp(text, words[i]) != 0)
			continue;
		itsm_index_list_put(list, sql);
		itsm_index_list_put(list, i % 2 ? " = 0" : " = 1");
		return 0;
	}
	return itsm_error_set(err, ITSM_EUSAGE, "%s is true or false, never '%s'", column->name, text);
}

/* A pattern for LIKE with \ before what it would take specially; `*` becomes % where `wild`. */
char *itsm_index_like_pattern(struct itsm_arena *arena, const char *text, bool wild, bool inside)
{
	char *pattern = itsm_arena_alloc(arena, 2 * strlen(text) + 3), *at = pattern;

	if (inside)
		*at++ = '%';
	for (; *text; text++) {
		if (wild && *text == '*') {
			*at++ = '%';
			continue;
		}
		if (*text == '%' || *text == '_' || *text == '\\')
			*at++ = '\\';
		*at++ = *text;
	}
	if (inside)
		*at++ = '%';
	return pattern;
}

int itsm_index_like(struct index_list *list, const char *name, const char *sql, const char *pattern,
	struct itsm_error *err)
{
	if (strlen(pattern) > (size_t)sqlite3_limit(list->index->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, -1))
		return itsm_error_set(err, ITSM_ELIMIT, "%s: the text to look for is too long", name);
	itsm_index_list_put(list, sql);
	itsm_index_list_put(list, " LIKE ");
	itsm_index_list_bind_text(list, pattern);
	itsm_index_list_put(list, " ESCAPE '\\'");
	return 0;
}

static int text_condition(struct index_list *list, const struct index_column *column, const char *sql, const char *text,
	struct itsm_error *err)
{
	const char *operator = strchr("<>", *text) && *text ? operator_of(&text) : " = ";

	if (column->type == ITSM_TYPE_OBJECT || column->type == ITSM_TYPE_ANY)
		return itsm_index_like(
			list, column->name, sql, itsm_index_like_pattern(list->arena, text, true, true), err);
	if (strchr(text, '*') && strcmp(operator, " = ") == 0)
		return itsm_index_like(
			list, column->name, sql, itsm_index_like_pattern(list->arena, text, true, false), err);
	itsm_index_list_put(list, sql);
	itsm_index_list_put(list, operator);
	itsm_index_list_bind_text(list, text);
	itsm_index_list_put(list, " COLLATE NOCASE");
	return 0;
}

int itsm_index_condition(struct index_list *list, const struct index_column *column, const char *sql, const char *text,
	struct itsm_error *err)
{
	if (is_ordered(column->type))
		return ordered_condition(list, column, sql, text, err);
	if (column->type == ITSM_TYPE_ENUM && column->field)
		return enum_condition(list, column, sql, text, err);
	if (column->type == ITSM_TYPE_BOOL)
		return bool_condition(list, column, sql, text, err);
	return text_condition(list, column, sql, text, err);
}
