/*
 * Text in Markdown that stays text.
 *
 * Markup characters get a backslash. That is not enough for forges, which look for mentions,
 * references and addresses in what is left once the markup was read: there the character that makes one
 * stands in a code span, which they leave alone.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "itsm/emit.h"

/* "@somebody", "#12", "!12", "$12", "~label", "%1", "&1", "^1" are references of one forge or another. */
static bool is_reference(const char *text)
{
	return strchr("@#!$~%&^", *text) && (isalnum((unsigned char)text[1]) || (unsigned char)text[1] >= 0x80 || strchr("_\"-:.", text[1])) && text[1];
}

/* The length of what has to stand in a code span, or 0. */
static size_t special(const char *start, const char *at)
{
	if (is_reference(at))
		return 1;
	if (strncmp(at, "://", 3) == 0)
		return 3;
	if (strncasecmp(at, "www.", 4) == 0)
		return 4;
	/* GH-12, CVE-2026-1, JIRA-7 */
	if (*at == '-' && at > start && isalpha((unsigned char)at[-1]) && isdigit((unsigned char)at[1]))
		return 1;
	return 0;
}

/* At the beginning of a paragraph "1." and "-" would make a list, "=" and "#" headings. */
static bool begins_block(const char *start, const char *at)
{
	if (at == start)
		return strchr("-+=#", *at) != NULL;
	return (*at == '.' || *at == ')') && strspn(start, "0123456789") == (size_t)(at - start);
}

void itsm_escape_markdown(struct itsm_buffer *out, const char *text)
{
	struct itsm_buffer plain = {0};
	const char *at;
	size_t length;

	itsm_escape_terminal(&plain, text, false);
	for (at = plain.data ? plain.data : ""; *at; at++) {
		length = special(plain.data, at);
		if (length) {
			itsm_buffer_putc(out, '`');
			itsm_buffer_add(out, at, length);
			itsm_buffer_putc(out, '`');
			at += length - 1;
			continue;
		}
		if (strchr("\\`*_{}[]<>()|&~$^!", *at) || begins_block(plain.data, at))
			itsm_buffer_putc(out, '\\');
		itsm_buffer_putc(out, *at);
	}
	itsm_buffer_free(&plain);
}
