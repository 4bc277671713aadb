/* Which record a mail answers: by Message-IDs that records and notes keep, else by an ID in its subject. */
#include <ctype.h>
#include <string.h>

#include "mail.h"

static const char *as_json(struct itsm_arena *arena, const char *const *ids)
{
	struct itsm_buffer json = {0};
	const char *text;

	itsm_buffer_putc(&json, '[');
	for (; *ids; ids++) /* no quotes in them: mail.c */
		itsm_buffer_printf(&json, "%s\"%s\"", json.length > 1 ? "," : "", *ids);
	itsm_buffer_putc(&json, ']');
	text = itsm_arena_strdup(arena, json.data);
	itsm_buffer_free(&json);
	return text;
}

/* Of notes, and of every kind that a mail can open: the record, in order of the IDs. */
static void compose(const struct mail_policy *policy, struct itsm_buffer *sql)
{
	size_t i, j;

	itsm_buffer_puts(sql, "WITH known(key, record, id) AS (SELECT external, record, id FROM note WHERE source = 'mail'");
	for (i = 0; i < policy->rule_count; i++) {
		for (j = 0; j < i && policy->rules[j].kind != policy->rules[i].kind; j++)
			;
		if (j == i)
			itsm_buffer_printf(sql, " UNION ALL SELECT external, id, id FROM \"%s\" WHERE source = 'mail'", policy->rules[i].kind->name);
	}
	itsm_buffer_puts(sql, ") SELECT known.id, known.record FROM json_each(?1) AS wanted JOIN known ON known.key = wanted.value"
		" ORDER BY wanted.key, known.id LIMIT 1");
}

/* The record whose own ID, or that of its note, is among these; `part`: the note itself. */
static int find(struct desk_change *change, const struct mail_policy *policy, const char *const *ids, bool part,
	struct itsm_hit *out, bool *found, struct itsm_error *err)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT};
	struct itsm_buffer sql = {0};
	struct itsm_query *query = NULL;
	const char *id = NULL;
	int status;

	*found = false;
	if (!*ids)
		return 0;
	value.text = as_json(change->arena, ids);
	compose(policy, &sql);
	status = itsm_query_open(change->index, sql.data, &value, 1, &query, err);
	if (status == 0 && (status = itsm_query_next(query, err)) > 0)
		id = itsm_arena_strdup(change->arena, itsm_query_value(query, part ? 0 : 1).text);
	itsm_query_free(query);
	itsm_buffer_free(&sql);
	if (status < 0 || !id)
		return status;
	status = itsm_index_find(change->index, change->arena, id, NULL, out, err);
	*found = status == 0;
	return status;
}

int mail_find_same(struct desk_change *change, const struct mail_intake *intake, struct itsm_hit *out, bool *found,
	struct itsm_error *err)
{
	const char *const ids[] = {intake->id, NULL};

	return find(change, &intake->policy, ids, true, out, found, err);
}

static bool is_an_id(const struct itsm_kinds *kinds, const char *word)
{
	size_t i;

	for (i = 0; i < itsm_kinds_count(kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(kinds, i);

		if (kind->prefix && !kind->part && itsm_id_is_random(word, kind->prefix))
			return true;
	}
	return false;
}

/* "Re: [INC-4k7q2m8d] printer": mail programs keep it, people too. */
static int find_in_subject(struct desk_change *change, const char *subject, struct itsm_hit *out, bool *found, struct itsm_error *err)
{
	const char *at = subject;

	while (*at) {
		char word[ITSM_ID_MAX];
		size_t length = 0;
		int status;

		while (*at && !isalnum((unsigned char)*at))
			at++;
		while (isalnum((unsigned char)at[length]) || at[length] == '-')
			length++;
		if (length && length < sizeof(word)) {
			memcpy(word, at, length);
			word[length] = '\0';
			if (is_an_id(change->desk->kinds, word)) {
				status = itsm_index_find(change->index, change->arena, word, NULL, out, err);
				if (status != ITSM_ENOTFOUND) {
					*found = status == 0;
					return status;
				}
			}
		}
		at += length;
	}
	return 0;
}

int mail_find_answered(struct desk_change *change, const struct mail_intake *intake, struct itsm_hit *out, bool *found,
	struct itsm_error *err)
{
	int status = find(change, &intake->policy, intake->mail->references, false, out, found, err);

	return status || *found ? status : find_in_subject(change, intake->mail->subject, out, found, err);
}
