/*
 * SQL as tokens: enough to see which views a statement names and to put the
 * record under judgement into an expression. SQLite does the parsing.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "index.h"

static bool is_word(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '$' || c >= 0x80;
}

/* Blanks and comments. False when a comment does not end. */
static bool skip_blanks(const char **cursor)
{
	const char *at = *cursor;

	for (;;) {
		while (isspace((unsigned char)*at))
			at++;
		if (at[0] == '-' && at[1] == '-') {
			at += strcspn(at, "\n");
		} else if (at[0] == '/' && at[1] == '*') {
			const char *end = strstr(at + 2, "*/");

			if (!end)
				return false;
			at = end + 2;
		} else {
			*cursor = at;
			return true;
		}
	}
}

/* From the opening quote to behind the closing one; NULL when there is none. Doubled quotes stand for one. */
static const char *skip_quoted(const char *at, char close, struct index_token *out)
{
	size_t used = 0;

	for (at++; *at; at++) {
		if (*at == close && (close == ']' || at[1] != close)) {
			out->text[used] = '\0';
			return at + 1;
		}
		if (*at == close)
			at++;
		if (used + 1 < sizeof(out->text))
			out->text[used++] = *at;
	}
	return NULL;
}

void itsm_index_token(const char **cursor, struct index_token *out)
{
	const char *end;

	*out = (struct index_token){ .type = TOKEN_BROKEN };
	if (!skip_blanks(cursor)) {
		out->start = *cursor;
		return;
	}
	out->start = end = *cursor;
	if (!*end) {
		out->type = TOKEN_END;
	} else if (strchr("'\"`[", *end)) {
		out->type = *end == '\'' ? TOKEN_STRING : TOKEN_WORD;
		out->quoted = true;
		end = skip_quoted(end, *end == '[' ? ']' : *end, out);
		if (!end) {
			out->type = TOKEN_BROKEN;
			return;
		}
	} else if (is_word((unsigned char)*end)) {
		while (is_word((unsigned char)*end))
			end++;
		out->type = isdigit((unsigned char)*out->start) ? TOKEN_OTHER : TOKEN_WORD;
		memcpy(out->text, out->start,
			(size_t)(end - out->start) < sizeof(out->text) ? (size_t)(end - out->start)
								       : sizeof(out->text) - 1);
	} else {
		out->type = TOKEN_OTHER;
		end++;
	}
	out->length = (size_t)(end - out->start);
	*cursor = end;
}

static bool is_character(const struct index_token *token, char c)
{
	return token->type == TOKEN_OTHER && token->length == 1 && *token->start == c;
}

int itsm_index_refuse_own_names(const char *sql, struct itsm_error *err)
{
	struct index_token token;

	do {
		itsm_index_token(&sql, &token);
		if (token.type == TOKEN_WORD && strncasecmp(token.text, "itsm_", 5) == 0)
			return itsm_error_set(err, ITSM_EUSAGE,
				"no such table or column: %s; names with itsm_ are taken", token.text);
	} while (token.type != TOKEN_END && token.type != TOKEN_BROKEN);
	return 0;
}

int itsm_index_expression(struct itsm_index *index, const struct itsm_kind *kind, const char *expression,
	struct itsm_buffer *out, struct itsm_error *err)
{
	const char *cursor = expression, *copied = expression, *next;
	struct index_token token, following;
	long open = 0;
	int status = itsm_index_refuse_own_names(expression, err);

	if (status != 0)
		return status;
	for (itsm_index_token(&cursor, &token); token.type != TOKEN_END; itsm_index_token(&cursor, &token)) {
		if (token.type == TOKEN_BROKEN)
			return itsm_error_set(err, ITSM_EUSAGE,
				"the expression '%s' has a quote or comment without an end", expression);
		open += is_character(&token, '(') - is_character(&token, ')');
		if (open < 0 || is_character(&token, ';'))
			return itsm_error_set(err, ITSM_EUSAGE,
				"'%s' is not one expression: its '%c' at character %ld has no place", expression,
				*token.start, (long)(token.start - expression) + 1);
		next = cursor;
		itsm_index_token(&next, &following);
		if (token.type != TOKEN_WORD || !is_character(&following, '('))
			continue;
		if (itsm_index_is_risk_word(&token)) {
			itsm_buffer_add(out, copied, (size_t)(token.start - copied));
			status = itsm_index_risk_word(index, kind->name, &token, &next, out, &open, err);
			if (status != 0)
				return status;
			copied = cursor = next;
			continue;
		}
		if (strcasecmp(token.text, "filled") != 0)
			continue;
		itsm_buffer_add(out, copied, (size_t)(token.start - copied));
		itsm_buffer_puts(out, "itsm_filled(self.itsm_bid,");
		copied = cursor = next;
		open++;
	}
	if (open > 0)
		return itsm_error_set(err, ITSM_EUSAGE, "the expression '%s' has a '(' that is not closed", expression);
	itsm_buffer_puts(out, copied);
	/* a comment at the end must not swallow what follows */
	itsm_buffer_putc(out, '\n');
	return 0;
}
