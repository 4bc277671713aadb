/*
 * class_lacks('required' | 'recommended' [, 'built-in']): no function, but
 *
 *   (nullif(trim(CASE coalesce(self.class, '') WHEN 'server' THEN '' || iif(coalesce(NULL, nullif(nullif(self."owner", ''), '[]'),
 *   NULL) IS NULL, ' owner', '') ... ELSE ... END), ''))
 *
 * over the row called `self`, an item, so that it is asked like any other SQL. A class that has no file counts as `item`.
 * Names of classes and attributes were looked at when they were read: none holds a quote.
 */
#include <string.h>
#include <strings.h>

#include "index.h"

void itsm_index_set_classes(struct itsm_index *index, struct itsm_classes *classes)
{
	if (index->classes == classes)
		return;
	itsm_index_judgements_drop(index);
	itsm_classes_free(index->classes);
	index->classes = itsm_classes_keep(classes);
}

/* a|b as the first of them that has a value. */
static void add_attribute(const struct itsm_kind *kind, const char *words, struct itsm_buffer *sql)
{
	const char *next;

	itsm_buffer_puts(sql, "coalesce(NULL");
	for (; *words; words = *next ? next + 1 : next) {
		char name[ITSM_ID_MAX];
		const struct itsm_field *field;

		next = words + strcspn(words, "|");
		if ((size_t)(next - words) >= sizeof(name))
			continue;
		memcpy(name, words, (size_t)(next - words));
		name[next - words] = '\0';
		if (strncmp(name, "attributes.", 11) == 0)
			itsm_buffer_printf(sql, ", nullif(self.attributes ->> '$.%s', '')", name + 11);
		else if ((field = itsm_kind_field(kind, name)) != NULL)
			itsm_buffer_printf(sql, ", nullif(nullif(self.\"%s\", ''), '[]')", field->column);
	}
	itsm_buffer_puts(sql, ", NULL)");
}

static void add_class(const struct itsm_kind *kind, const struct itsm_class *class, bool required, bool all,
	struct itsm_buffer *sql)
{
	const char *const *list = required ? class->required : class->recommended;

	itsm_buffer_puts(sql, "''");
	for (; list && *list && (all || itsm_class_is_own(class)); list++) {
		itsm_buffer_puts(sql, " || iif(");
		add_attribute(kind, *list, sql);
		itsm_buffer_printf(sql, " IS NULL, ' %s', '')", *list);
	}
}

/* "'required')", or with ", 'built-in'" */
static int read_words(const char **cursor, bool *required, bool *all, struct itsm_error *err)
{
	struct index_token what, mark, more = {0}, end;
	bool fine;

	itsm_index_token(cursor, &what);
	itsm_index_token(cursor, &mark);
	end = mark;
	if (mark.type == TOKEN_OTHER && *mark.start == ',') {
		itsm_index_token(cursor, &more);
		itsm_index_token(cursor, &end);
	}
	*required = what.type == TOKEN_STRING && strcmp(what.text, "required") == 0;
	*all = more.type == TOKEN_STRING && strcmp(more.text, "built-in") == 0;
	fine = *required || (what.type == TOKEN_STRING && strcmp(what.text, "recommended") == 0);
	if (fine && (*all || !more.start) && end.type == TOKEN_OTHER && *end.start == ')')
		return 0;
	return itsm_error_set(err, ITSM_EUSAGE, "class_lacks takes 'required' or 'recommended', and 'built-in' where built-in classes"
		" count too; it judges the row that is called self");
}

/* Does any class count? */
static bool has_any(const struct itsm_classes *classes, bool all)
{
	bool any = all;

	for (size_t i = 0; i < itsm_classes_count(classes) && !any; i++)
		any = itsm_class_is_own(itsm_classes_at(classes, i));
	return any;
}

int itsm_index_lacks_word(struct itsm_index *index, const struct index_token *word, const char **cursor,
	struct itsm_buffer *out, struct itsm_error *err)
{
	const struct itsm_kind *item = itsm_kinds_find(index->options.kinds, "item");
	bool required, all;
	int status = read_words(cursor, &required, &all, err);

	(void)word;
	if (status == 0 && !index->classes && index->options.classes)
		status = index->options.classes(index->options.classes_context, &index->classes, err);
	if (status != 0)
		return status;
	if (!index->classes || !item || !itsm_kind_field(item, "class") || !has_any(index->classes, all)) {
		itsm_buffer_puts(out, "(NULL)");
		return 0;
	}
	itsm_buffer_puts(out, "(nullif(trim(CASE coalesce(self.class, '')");
	for (size_t i = 0; i < itsm_classes_count(index->classes); i++) {
		const struct itsm_class *class = itsm_classes_at(index->classes, i);

		if (strcmp(class->name, ITSM_CLASS_OTHER) == 0)
			continue;
		itsm_buffer_printf(out, " WHEN '%s' THEN ", class->name);
		add_class(item, class, required, all, out);
	}
	itsm_buffer_puts(out, " ELSE ");
	add_class(item, itsm_classes_find(index->classes, NULL), required, all, out);
	itsm_buffer_puts(out, " END), ''))");
	return 0;
}
