/*
 * One value against its field, and how the index stores it. The message goes
 * after the field's name: "is 'x', which is no ...".
 */
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/utf8.h"
#include "itsm/id.h"
#include "itsm/kind.h"
#include "itsm/time.h"

#define WORD_MAX 60 /* of a value that a message quotes */

static int refuse(struct itsm_error *err, const char *text, const char *wanted)
{
	return itsm_error_set(err, ITSM_EDATA, "is '%.*s%s', which is no %s", WORD_MAX, text,
		strlen(text) > WORD_MAX ? "..." : "", wanted);
}

#define PATTERN_LENGTH 1000
#define PATTERN_UNROLLED 5000

bool itsm_pattern_is_bounded(const char *pattern)
{
	unsigned long unrolled = 1;

	if (strlen(pattern) > PATTERN_LENGTH)
		return false;
	for (const char *brace = strchr(pattern, '{'); brace; brace = strchr(brace + 1, '{')) {
		const char *comma = brace + 1 + strspn(brace + 1, "0123456789");
		unsigned long least = strtoul(brace + 1, NULL, 10);
		unsigned long most = *comma == ',' ? strtoul(comma + 1, NULL, 10) : 0;
		unsigned long count = most > least ? most : least;

		if (count > PATTERN_UNROLLED || (count > 1 && (unrolled *= count) > PATTERN_UNROLLED))
			return false;
	}
	return true;
}

static bool matches(const char *pattern, const char *text)
{
	struct itsm_buffer whole = { 0 };
	regex_t regex;
	bool found = false;

	itsm_buffer_printf(&whole, "^(%s)$", pattern);
	if (regcomp(&regex, whole.data, REG_EXTENDED | REG_NOSUB) == 0) {
		found = regexec(&regex, text, 0, NULL, 0) == 0;
		regfree(&regex);
	}
	itsm_buffer_free(&whole);
	return found;
}

static int check_enum(const struct itsm_field *field, const char *text, struct itsm_error *err)
{
	struct itsm_buffer choices = { 0 };
	int status;

	if (itsm_list_has(field->values, text))
		return ITSM_OK;
	for (const char *const *value = field->values; *value; value++)
		itsm_buffer_printf(&choices, "%s%s", value == field->values ? "" : ", ", *value);
	status = itsm_error_set(err, ITSM_EDATA, "is '%.*s%s', not one of %s", WORD_MAX, text,
		strlen(text) > WORD_MAX ? "..." : "", choices.data);
	itsm_buffer_free(&choices);
	return status;
}

static int check_bounds(const struct itsm_field *field, double number, struct itsm_error *err)
{
	if (field->has_min && number < field->min)
		return itsm_error_set(err, ITSM_EDATA, "is %.15g, below %.15g", number, field->min);
	if (field->has_max && number > field->max)
		return itsm_error_set(err, ITSM_EDATA, "is %.15g, above %.15g", number, field->max);
	return ITSM_OK;
}

static int check_int(
	const struct itsm_field *field, const char *text, struct itsm_value *normal, struct itsm_error *err)
{
	size_t sign = *text == '-' || *text == '+';
	char *end;
	long long number;

	if (!text[sign] || strspn(text + sign, "0123456789") != strlen(text + sign))
		return refuse(err, text, "whole number");
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno)
		return refuse(err, text, "number that fits into 64 bits");
	*normal = (struct itsm_value){ .type = ITSM_VALUE_INTEGER, .integer = number };
	return check_bounds(field, (double)number, err);
}

/* Digits with one point and an exponent, as JSON has them, a leading zero or plus forgiven. */
static bool is_decimal(const char *text)
{
	size_t digits, more;

	text += *text == '-' || *text == '+';
	digits = strspn(text, "0123456789");
	text += digits;
	if (*text == '.') {
		more = strspn(++text, "0123456789");
		text += more;
		if (more == 0)
			return false;
	}
	if (digits == 0)
		return false;
	if (*text == 'e' || *text == 'E') {
		text++;
		text += *text == '-' || *text == '+';
		more = strspn(text, "0123456789");
		text += more;
		if (more == 0)
			return false;
	}
	return !*text;
}

static int check_number(const struct itsm_field *field, const char *text, struct itsm_value *normal,
	struct itsm_error *err)
{
	double number;

	if (!is_decimal(text))
		return refuse(err, text, "number");
	number = strtod(text, NULL);
	if (!isfinite(number))
		return refuse(err, text, "number that fits into 64 bits");
	*normal = (struct itsm_value){ .type = ITSM_VALUE_REAL, .real = number };
	return check_bounds(field, number, err);
}

static int check_time(const char *text, struct itsm_arena *arena, struct itsm_value *normal, struct itsm_error *err)
{
	struct itsm_time time;
	struct itsm_error detail;
	char utc[ITSM_TIME_TEXT];

	if (itsm_time_parse(text, &time, &detail) < 0)
		return itsm_error_set(err, ITSM_EDATA,
			"is '%.*s', which is no time such as 2026-11-22T10:00:00+01:00: %s", WORD_MAX, text,
			detail.message);
	itsm_time_format_utc(time.seconds, utc);
	*normal = (struct itsm_value){ .type = ITSM_VALUE_TIME, .text = arena ? itsm_arena_strdup(arena, utc) : NULL };
	return ITSM_OK;
}

/* PREFIX-xxxxxxxx or a slug: which of them, the other record's kind says. */
static bool is_reference(const char *text)
{
	char prefix[16];
	size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	if (length >= 2 && length < sizeof(prefix) && text[length] == '-') {
		memcpy(prefix, text, length);
		prefix[length] = '\0';
		return itsm_id_is_random(text, prefix) || itsm_id_is_slug(text);
	}
	return itsm_id_is_slug(text);
}

static bool is_mail(const char *text)
{
	const char *at = strchr(text, '@');

	return at && at != text && at[1] && !strchr(at + 1, '@') && !strpbrk(text, " \t\r\n<>,;\"");
}

static bool is_url(const char *text)
{
	static const char *const schemes[] = { "http://", "https://", "ssh://", "git://", "mailto:" };

	if (strpbrk(text, " \t\r\n<>\"\\^`{|}"))
		return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
			return text[strlen(schemes[i])] != '\0';
	return false;
}

/* What a terminal would act on; a text's tabs and line breaks are none. */
static bool has_control(const char *text)
{
	size_t size = strlen(text), length;
	uint32_t codepoint;

	for (size_t i = 0; i < size; i += length) {
		length = itsm_utf8_decode(text + i, size - i, &codepoint);
		if (length == 0)
			return true;
		if (itsm_utf8_is_control(codepoint) && codepoint != '\t' && codepoint != '\n' && codepoint != '\r')
			return true;
	}
	return false;
}

static int check_text(const struct itsm_field *field, const char *text, struct itsm_error *err)
{
	if (field->type == ITSM_TYPE_STRING && strpbrk(text, "\r\n"))
		return itsm_error_set(err, ITSM_EDATA, "has more than one line");
	if (has_control(text))
		return itsm_error_set(err, ITSM_EDATA, "holds a control character");
	if (field->pattern && !matches(field->pattern, text))
		return itsm_error_set(err, ITSM_EDATA, "is '%.*s%s', which does not match %s", WORD_MAX, text,
			strlen(text) > WORD_MAX ? "..." : "", field->pattern);
	return ITSM_OK;
}

static int check_bool(const char *text, struct itsm_value *normal, struct itsm_error *err)
{
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return refuse(err, text, "true or false");
	*normal = (struct itsm_value){ .type = ITSM_VALUE_BOOLEAN, .integer = *text == 't' };
	return ITSM_OK;
}

static int check_duration(const char *text, struct itsm_value *normal, struct itsm_error *err)
{
	int64_t seconds;

	if (!itsm_duration_parse(text, &seconds))
		return refuse(err, text, "duration such as 30m, 4h or 1h30m");
	*normal = (struct itsm_value){ .type = ITSM_VALUE_INTEGER, .integer = seconds };
	return ITSM_OK;
}

static int check_type(const struct itsm_field *field, const char *text, struct itsm_arena *arena,
	struct itsm_value *normal, struct itsm_error *err)
{
	switch (field->type) {
	case ITSM_TYPE_STRING:
	case ITSM_TYPE_TEXT:
		return check_text(field, text, err);
	case ITSM_TYPE_ENUM:
		return check_enum(field, text, err);
	case ITSM_TYPE_INT:
		return check_int(field, text, normal, err);
	case ITSM_TYPE_NUMBER:
		return check_number(field, text, normal, err);
	case ITSM_TYPE_BOOL:
		return check_bool(text, normal, err);
	case ITSM_TYPE_DATE:
		return itsm_date_parse(text, NULL) ? ITSM_OK : refuse(err, text, "date such as 2026-11-22");
	case ITSM_TYPE_TIME:
		return check_time(text, arena, normal, err);
	case ITSM_TYPE_DURATION:
		return check_duration(text, normal, err);
	case ITSM_TYPE_REF:
		return is_reference(text) ? ITSM_OK : refuse(err, text, "ID of a record");
	case ITSM_TYPE_MAIL:
		return is_mail(text) ? ITSM_OK : refuse(err, text, "mail address");
	case ITSM_TYPE_URL:
		return is_url(text) ? ITSM_OK : refuse(err, text, "URL (http, https, ssh, git or mailto)");
	case ITSM_TYPE_OBJECT:
		return itsm_error_set(err, ITSM_EDATA, "is one value, and holds fields of its own");
	case ITSM_TYPE_ANY:
		return ITSM_OK;
	}
	return ITSM_OK;
}

int itsm_field_value(const struct itsm_field *field, const char *text, struct itsm_arena *arena,
	struct itsm_value *normal, struct itsm_error *err)
{
	struct itsm_value value = { .type = ITSM_VALUE_TEXT };
	int status = check_type(field, text, arena, &value, err);

	if (status < 0 || !normal)
		return status;
	if (value.type == ITSM_VALUE_TEXT)
		value.text = itsm_arena_strdup(arena, text);
	*normal = value;
	return ITSM_OK;
}
