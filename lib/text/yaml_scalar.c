/*
 * Scalars as text. Plain where every YAML reader takes it for the same string,
 * else quoted; double quotes where something must be escaped.
 */
#include <string.h>

#include "itsm/utf8.h"
#include "itsm/yaml.h"
#include "yaml_edit.h"

static bool is_one_of(const char *value, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 2026-11-22 and what begins like it. */
static bool looks_like_date(const char *value)
{
	size_t i;

	for (i = 0; i < 4; i++) {
		if (!is_digit(value[i]))
			return false;
	}
	for (i = 4; value[i] == '-' && is_digit(value[i + 1]); )
		i += is_digit(value[i + 2]) ? 3 : 2;
	return i >= 8 && (!value[i] || strchr("Tt \t", value[i]));
}

/* Integers of all bases, floats, and the base 60 of YAML 1.1 (10:30). */
static bool looks_like_number(const char *value)
{
	static const char *const words[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};

	value += *value == '+' || *value == '-';
	if (is_one_of(value, words, sizeof(words) / sizeof(words[0])))
		return true;
	if (value[0] == '0' && value[1] && strchr("xXoObB", value[1]))
		return value[2] && value[2 + strspn(value + 2, "0123456789abcdefABCDEF_")] == '\0';
	if (!is_digit(value[0]) && !(value[0] == '.' && is_digit(value[1])))
		return false;
	value += strspn(value, "0123456789_:");
	if (*value == '.')
		value += 1 + strspn(value + 1, "0123456789_");
	if (*value == 'e' || *value == 'E') {
		value++;
		value += *value == '+' || *value == '-';
		value += strspn(value, "0123456789");
	}
	return *value == '\0';
}

/* Would another YAML reader, 1.1 or 1.2, take the plain text for something else than a string? */
static bool looks_typed(const char *value)
{
	static const char *const words[] = {
		"y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "true", "True", "TRUE", "false", "False",
		"FALSE", "on", "On", "ON", "off", "Off", "OFF", "=", "<<",
	};

	return is_one_of(value, words, sizeof(words) / sizeof(words[0])) || looks_like_date(value) ||
		looks_like_number(value);
}

/* Can every character stand in the file as it is, on one line? */
static bool is_printable(const char *value)
{
	size_t size = strlen(value), length;
	uint32_t codepoint;

	for (; size > 0; value += length, size -= length) {
		length = itsm_utf8_decode(value, size, &codepoint);
		if (length == 0 || itsm_utf8_is_control(codepoint) || itsm_utf8_is_deceptive(codepoint) ||
				(codepoint & 0xFFFE) == 0xFFFE)
			return false;
	}
	return true;
}

static bool fits_plain(const char *value, bool flow)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
	size_t length = strlen(value), i;

	if (is_one_of(value, nulls, sizeof(nulls) / sizeof(nulls[0])) || !is_printable(value))
		return false;
	if (strchr(" ?:,[]{}#&*!|>'\"%@`", value[0]) || value[length - 1] == ' ')
		return false;
	if (value[0] == '-' && (!value[1] || strchr(" ,[]{}", value[1])))
		return false;
	if (strncmp(value, "---", 3) == 0 || strncmp(value, "...", 3) == 0)
		return false;
	if (flow && strpbrk(value, ",?[]{}"))
		return false;
	for (i = 0; i < length; i++) {
		if (value[i] == ':' && (!value[i + 1] || value[i + 1] == ' '))
			return false;
		if (value[i] == '#' && i > 0 && value[i - 1] == ' ')
			return false;
	}
	return true;
}

static void write_single(struct itsm_buffer *out, const char *value)
{
	itsm_buffer_putc(out, '\'');
	for (; *value; value++) {
		if (*value == '\'')
			itsm_buffer_putc(out, '\'');
		itsm_buffer_putc(out, *value);
	}
	itsm_buffer_putc(out, '\'');
}

static void write_escaped(struct itsm_buffer *out, uint32_t codepoint)
{
	static const char codes[] = "\0\a\b\t\n\v\f\r\033\"\\";
	static const char letters[] = "0abtnvfre\"\\";
	const char *found = codepoint < 0x80 ? memchr(codes, (int)codepoint, sizeof(codes) - 1) : NULL;

	if (found)
		itsm_buffer_printf(out, "\\%c", letters[found - codes]);
	else if (codepoint < 0x100)
		itsm_buffer_printf(out, "\\x%02X", (unsigned)codepoint);
	else if (codepoint < 0x10000)
		itsm_buffer_printf(out, "\\u%04X", (unsigned)codepoint);
	else
		itsm_buffer_printf(out, "\\U%08X", (unsigned)codepoint);
}

static void write_double(struct itsm_buffer *out, const char *value)
{
	size_t size = strlen(value), length;
	uint32_t codepoint;

	itsm_buffer_putc(out, '"');
	for (; size > 0; value += length, size -= length) {
		length = itsm_utf8_decode(value, size, &codepoint);
		if (length == 0) {
			length = 1;
			itsm_buffer_puts(out, "\xEF\xBF\xBD");
		} else if (codepoint == '"' || codepoint == '\\' || itsm_utf8_is_control(codepoint) ||
				itsm_utf8_is_deceptive(codepoint) || (codepoint & 0xFFFE) == 0xFFFE) {
			write_escaped(out, codepoint);
		} else {
			itsm_buffer_add(out, value, length);
		}
	}
	itsm_buffer_putc(out, '"');
}

void itsm_yaml_write_styled(struct itsm_buffer *out, const char *value, enum itsm_yaml_style style, bool text,
	bool flow)
{
	bool single = is_printable(value);

	if (style == ITSM_YAML_SINGLE_QUOTED && single)
		write_single(out, value);
	else if (style == ITSM_YAML_SINGLE_QUOTED || style == ITSM_YAML_DOUBLE_QUOTED)
		write_double(out, value);
	else if (fits_plain(value, flow) && !(text && looks_typed(value)))
		itsm_buffer_puts(out, value);
	else if (single && strpbrk(value, "\"\\"))
		write_single(out, value);
	else
		write_double(out, value);
}

void itsm_yaml_write_scalar(struct itsm_buffer *out, const char *value, bool text)
{
	itsm_yaml_write_styled(out, value, ITSM_YAML_PLAIN, text, false);
}
