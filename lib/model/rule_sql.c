/*
 * A policy rule in SQL: comment lines that are the YAML of the rule, then the query that finds.
 *
 *   -- name: nobodys-items
 *   -- severity: warning
 *   SELECT i.id, 'is nobody''s' FROM item i WHERE i.owner IS NULL
 */
#include <string.h>

#include "itsm/utf8.h"
#include "rule_set.h"

static bool is_hidden(uint32_t codepoint)
{
	return itsm_utf8_is_deceptive(codepoint) ||
		(itsm_utf8_is_control(codepoint) && codepoint != '\t' && codepoint != '\n' && codepoint != '\r');
}

static int refuse_hidden(const char *text, size_t size, struct itsm_error *err)
{
	unsigned line = 1, column = 1;
	size_t invalid = itsm_utf8_invalid(text, size);
	uint32_t codepoint;

	for (size_t i = 0; i < size; column++) {
		if (i == invalid)
			return itsm_error_set_at(err, ITSM_EDATA, line, column, "this is no UTF-8; write the rule in UTF-8");
		i += itsm_utf8_decode(text + i, size - i, &codepoint);
		if (is_hidden(codepoint))
			return itsm_error_set_at(err, ITSM_EDATA, line, column,
				"there is an invisible character, U+%04X; a rule must be what it looks like: remove it", codepoint);
		if (codepoint == '\n') {
			line++;
			column = 0;
		}
	}
	return ITSM_OK;
}

int rule_split_sql(struct itsm_arena *arena, const char **text, size_t *size, const char **query, struct itsm_error *err)
{
	int status = refuse_hidden(*text, *size, err);
	char *header = itsm_arena_strndup(arena, *text, *size), *line = header;

	if (status < 0)
		return status;
	while (strncmp(line, "--", 2) == 0) {
		memset(line, ' ', 2);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	if (line == header)
		return itsm_error_set_at(err, ITSM_EDATA, 1, 1,
			"a rule in SQL begins with comment lines that say what it is, the first `-- name: NAME`");
	*query = itsm_arena_strdup(arena, line + strspn(line, " \t\r\n"));
	*text = header;
	*size = (size_t)(line - header);
	return ITSM_OK;
}
