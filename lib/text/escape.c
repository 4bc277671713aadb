/*
 * Making record text safe for where it goes. What a reader or a terminal could
 * be deceived with is shown in plain letters, in every format that people see.
 */
#include <string.h>

#include "emit_private.h"
#include "itsm/emit.h"
#include "itsm/utf8.h"

/* The next character of text, which is not at its end; *length 1 and false when it is invalid. */
static bool next(const char *text, uint32_t *codepoint, size_t *length)
{
	*length = itsm_utf8_decode(text, strnlen(text, 4), codepoint);
	if (*length > 0)
		return true;
	*length = 1;
	*codepoint = (unsigned char)*text;
	return false;
}

void itsm_escape_terminal(struct itsm_buffer *out, const char *text, bool lines)
{
	uint32_t codepoint;
	size_t length;

	for (; *text; text += length) {
		if (!next(text, &codepoint, &length)) {
			itsm_buffer_printf(out, "\\x%02X", (unsigned)codepoint);
		} else if (lines && text[0] == '\r' && text[1] == '\n') {
			continue;
		} else if (codepoint == '\n' || codepoint == '\t') {
			if (lines)
				itsm_buffer_putc(out, (char)codepoint);
			else
				itsm_buffer_puts(out, codepoint == '\n' ? "\\n" : "\\t");
		} else if (itsm_utf8_is_control(codepoint) && codepoint < 0x80) {
			itsm_buffer_printf(out, "\\x%02X", (unsigned)codepoint);
		} else if (itsm_utf8_is_control(codepoint) || itsm_utf8_is_deceptive(codepoint)) {
			itsm_buffer_printf(out, "\\u{%04X}", (unsigned)codepoint);
		} else {
			itsm_buffer_add(out, text, length);
		}
	}
}

static void json_unit(struct itsm_buffer *out, uint32_t codepoint)
{
	if (codepoint < 0x10000) {
		itsm_buffer_printf(out, "\\u%04x", (unsigned)codepoint);
		return;
	}
	codepoint -= 0x10000;
	itsm_buffer_printf(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + (codepoint >> 10)),
		(unsigned)(0xDC00 + (codepoint & 0x3FF)));
}

/* How many bytes JSON holds as they are. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= 0x20 && text[length] < 0x7F && text[length] != '"' && text[length] != '\\')
		length++;
	return length;
}

void itsm_escape_json(struct itsm_buffer *out, const char *text)
{
	static const char short_forms[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	uint32_t codepoint;
	const char *form;
	size_t length;

	itsm_buffer_putc(out, '"');
	for (; *text; text += length) {
		if ((length = plain_length(text)) > 0) {
			itsm_buffer_add(out, text, length);
		} else if (!next(text, &codepoint, &length)) {
			itsm_buffer_puts(out, "\xEF\xBF\xBD");
		} else if (codepoint < 0x80 && (form = strchr(short_forms, (int)codepoint)) != NULL) {
			itsm_buffer_putc(out, '\\');
			itsm_buffer_putc(out, letters[form - short_forms]);
		} else if (itsm_utf8_is_control(codepoint) || itsm_utf8_is_deceptive(codepoint)) {
			json_unit(out, codepoint);
		} else {
			itsm_buffer_add(out, text, length);
		}
	}
	itsm_buffer_putc(out, '"');
}

void itsm_emit_json_value(struct itsm_buffer *out, const char *json)
{
	uint32_t codepoint;
	size_t length;

	for (; *json; json += length) {
		if (!next(json, &codepoint, &length))
			itsm_buffer_puts(out, "\xEF\xBF\xBD");
		else if (codepoint >= 0x7F && (itsm_utf8_is_control(codepoint) || itsm_utf8_is_deceptive(codepoint)))
			json_unit(out, codepoint);
		else
			itsm_buffer_add(out, json, length);
	}
}

void itsm_escape_csv(struct itsm_buffer *out, const char *text)
{
	size_t length = strlen(text);
	bool spaced = length > 0 && (text[0] == ' ' || text[length - 1] == ' ');

	if (!spaced && !strpbrk(text, ",\"\r\n")) {
		itsm_buffer_add(out, text, length);
		return;
	}
	itsm_buffer_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			itsm_buffer_putc(out, '"');
		itsm_buffer_putc(out, *text);
	}
	itsm_buffer_putc(out, '"');
}

static const char *html_entity(uint32_t codepoint)
{
	switch (codepoint) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void itsm_escape_html(struct itsm_buffer *out, const char *text)
{
	uint32_t codepoint;
	const char *entity;
	size_t length;

	for (; *text; text += length) {
		if (!next(text, &codepoint, &length)) {
			itsm_buffer_puts(out, "\xEF\xBF\xBD");
		} else if ((entity = html_entity(codepoint)) != NULL) {
			itsm_buffer_puts(out, entity);
		} else if (codepoint == '\n' || codepoint == '\t' || codepoint == '\r') {
			itsm_buffer_putc(out, (char)codepoint);
		} else if (itsm_utf8_is_control(codepoint)) {
			itsm_buffer_puts(out, "\xEF\xBF\xBD");
		} else if (itsm_utf8_is_deceptive(codepoint)) {
			itsm_buffer_printf(out, "\\u{%04X}", (unsigned)codepoint);
		} else {
			itsm_buffer_add(out, text, length);
		}
	}
}
