/* Words of `itsm list` to conditions: which column, which alternatives. condition.c has what a value means. */
#include <ctype.h>
#include <string.h>

#include "index.h"

static bool kind_has_state(const struct itsm_kind *kind, const char *text)
{
	return kind && itsm_kind_state(kind, text) != NULL;
}

static int state_condition(struct index_list *list, const struct index_column *column, const char *text,
	struct itsm_error *err)
{
	const struct itsm_kinds *kinds = list->index->options.kinds;
	const char **names;
	size_t count = 2;
	bool known = kind_has_state(list->kind, text), open = strcmp(text, "open") == 0;

	for (size_t i = 0; !list->kind && !known && i < itsm_kinds_count(kinds); i++)
		known = kind_has_state(itsm_kinds_at(kinds, i), text);
	if (!known && (open || strcmp(text, "closed") == 0)) {
		itsm_index_list_put(list, list->kind ? "k.itsm_is_open" : "c.is_open");
		itsm_index_list_put(list, open ? " = 1" : " = 0");
		return 0;
	}
	if (!known && !list->kind)
		return itsm_error_set(
			err, ITSM_EUSAGE, "no kind has the state '%s'; `itsm kinds` tells their states", text);
	if (!known) {
		names = itsm_arena_alloc(list->arena, (list->kind->state_count + 3) * sizeof(*names));
		names[0] = "open";
		names[1] = "closed";
		for (size_t i = 0; i < list->kind->state_count; i++) {
			const char *name = list->kind->states[i].name;

			if (strcmp(name, "open") != 0 && strcmp(name, "closed") != 0)
				names[count++] = name;
		}
		return itsm_index_name_choices("state", text, names, err);
	}
	itsm_index_list_put(list, column->sql);
	itsm_index_list_put(list, " = ");
	itsm_index_list_bind_text(list, text);
	/* a state called "closed" is one of those that are not open: both words mean what is closed */
	if (strcmp(text, "closed") == 0)
		itsm_index_list_put(list, list->kind ? " OR k.itsm_is_open = 0" : " OR c.is_open = 0");
	return 0;
}

static int kind_condition(struct index_list *list, const struct index_column *column, const char *text,
	struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(list->index->options.kinds, text);

	if (!kind)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no kind; `itsm kinds` lists them", text);
	list->parts = true;
	itsm_index_list_put(list, column->sql);
	itsm_index_list_put(list, " = ");
	itsm_index_list_bind_text(list, kind->name);
	return 0;
}

/* Has it no value? Text that is empty and lists without items count as none. */
static void none_condition(struct index_list *list, const struct index_column *column, bool none)
{
	itsm_index_list_put(list, none ? "(" : "NOT (");
	itsm_index_list_put(list, column->sql);
	itsm_index_list_put(list, " IS NULL OR ");
	itsm_index_list_put(list, column->sql);
	itsm_index_list_put(list, column->list ? " = '[]')" : " = '')");
}

static int alternative(
	struct index_list *list, const struct index_column *column, const char *text, struct itsm_error *err)
{
	int status;

	if (strcmp(column->name, "state") == 0 && !column->field && strcmp(text, "none") != 0 &&
		strcmp(text, "any") != 0)
		return state_condition(list, column, text, err);
	if (strcmp(column->name, "kind") == 0 && !column->field)
		return kind_condition(list, column, text, err);
	if (strcmp(text, "none") == 0 || strcmp(text, "any") == 0) {
		none_condition(list, column, *text == 'n');
		return 0;
	}
	if (!column->list)
		return itsm_index_condition(list, column, column->sql, text, err);
	itsm_index_list_put(list, "EXISTS (SELECT 1 FROM json_each(");
	itsm_index_list_put(list, column->sql);
	itsm_index_list_put(list, ") AS j WHERE ");
	status = itsm_index_condition(list, column, "j.value", text, err);
	itsm_index_list_put(list, ")");
	return status;
}

/* The next part up to a comma that has no backslash before it; NULL at the end. */
static char *next_part(struct itsm_arena *arena, const char **text)
{
	char *part = itsm_arena_alloc(arena, strlen(*text) + 1), *at = part;

	for (; **text && **text != ','; (*text)++) {
		if ((*text)[0] == '\\' && (*text)[1] == ',')
			(*text)++;
		*at++ = **text;
	}
	return part;
}

static int field_condition(struct index_list *list, const struct index_column *column, const char *text, bool negated,
	struct itsm_error *err)
{
	int status = 0;

	if (!*text)
		return itsm_error_set(err, ITSM_EUSAGE, "%s: has nothing behind it; `%s:none` finds records without",
			column->name, column->name);
	itsm_index_list_put(list, negated ? " AND NOT coalesce((" : " AND (");
	for (bool first = true; status == 0; first = false) {
		itsm_index_list_put(list, first ? "(" : " OR (");
		status = alternative(list, column, next_part(list->arena, &text), err);
		itsm_index_list_put(list, ")");
		if (*text != ',')
			break;
		text++;
	}
	itsm_index_list_put(list, negated ? "), 0)" : ")");
	return status;
}

static int word_condition(struct index_list *list, const char *word, bool negated, struct itsm_error *err)
{
	const char *pattern = itsm_index_like_pattern(list->arena, word, false, true);
	int status;

	itsm_index_list_put(list, negated ? " AND NOT (" : " AND (");
	status = itsm_index_like(list, "title", list->kind ? "k.itsm_title" : "c.title", pattern, err);
	itsm_index_list_put(list, " OR ");
	if (status == 0)
		status = itsm_index_like(list, "id", "e.id", pattern, err);
	itsm_index_list_put(list, ")");
	return status;
}

/* The colon behind a field's name; NULL when the word has none, or one before a blank or a path: that is text. */
static const char *find_colon(const char *word)
{
	const char *colon = word;

	while (isalnum((unsigned char)*colon) || *colon == '_' || *colon == '.' || *colon == '-')
		colon++;
	if (colon == word || *colon != ':' || !isalpha((unsigned char)*word) || colon[1] == ' ' ||
	    (colon[1] == '/' && colon[2] == '/'))
		return NULL;
	return colon;
}

bool itsm_index_is_qualifier(const char *word)
{
	return find_colon(word + (*word == '-')) != NULL;
}

int itsm_index_qualifier(struct index_list *list, const char *word, struct itsm_error *err)
{
	bool negated = *word == '-' && word[1];
	const char *start = word + negated, *colon = find_colon(start);
	struct index_column column;
	int status;

	if (!colon)
		return *start ? word_condition(list, start, negated, err) : 0;
	status = itsm_index_column(list, itsm_arena_strndup(list->arena, start, (size_t)(colon - start)), &column, err);
	if (status == 0 && strcmp(column.name, "record") == 0)
		list->parts = true;
	return status == 0 ? field_condition(list, &column, colon + 1, negated, err) : status;
}
