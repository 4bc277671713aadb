#include "itsm/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "itsm/utf8.h"

/* How one character of a message is shown: as it is, or in plain letters where a terminal would act on it. */
static size_t show(const char *text, size_t size, char shown[12], size_t *step)
{
	uint32_t codepoint = (unsigned char)*text;
	size_t length = itsm_utf8_decode(text, size, &codepoint);

	*step = length ? length : 1;
	if (length == 0 || (codepoint < 0x80 && itsm_utf8_is_control(codepoint) && !strchr("\n\t", (int)codepoint)))
		return (size_t)snprintf(shown, 12, "\\x%02X", (unsigned)codepoint & 0xFFu);
	if (codepoint >= 0x80 && (itsm_utf8_is_control(codepoint) || itsm_utf8_is_deceptive(codepoint)))
		return (size_t)snprintf(shown, 12, "\\u{%04X}", (unsigned)codepoint & 0x1FFFFFu);
	memcpy(shown, text, length);
	return length;
}

/*
 * Copy text into the message, cut between characters where it is too long.
 * Messages quote what files hold, and end up on terminals.
 */
static void store(struct itsm_error *err, const char *text)
{
	size_t size = strlen(text), used = 0, length, step;
	char shown[12];

	for (; size > 0; text += step, size -= step) {
		length = show(text, size, shown, &step);
		if (used + length >= sizeof(err->message))
			break;
		memcpy(err->message + used, shown, length);
		used += length;
	}
	err->message[used] = '\0';
}

/* Messages may be built from the message that is there: format aside, then store. */
static void format_message(struct itsm_error *err, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static void format_message(struct itsm_error *err, const char *format, va_list arguments)
{
	char text[2 * sizeof(err->message)];

	if (vsnprintf(text, sizeof(text), format, arguments) < 0)
		text[0] = '\0';
	store(err, text);
}

int itsm_error_set(struct itsm_error *err, int status, const char *format, ...)
{
	va_list arguments;

	if (!err)
		return status;
	va_start(arguments, format);
	format_message(err, format, arguments);
	va_end(arguments);
	err->status = status;
	err->line = 0;
	err->column = 0;
	return status;
}

int itsm_error_set_at(struct itsm_error *err, int status, unsigned line, unsigned column, const char *format, ...)
{
	va_list arguments;

	if (!err)
		return status;
	va_start(arguments, format);
	format_message(err, format, arguments);
	va_end(arguments);
	err->status = status;
	err->line = line;
	err->column = column;
	return status;
}

void itsm_error_prefix(struct itsm_error *err, const char *format, ...)
{
	char text[3 * sizeof(err->message)];
	va_list arguments;
	int length;

	if (!err)
		return;
	va_start(arguments, format);
	length = vsnprintf(text, sizeof(err->message), format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	length = (int)strlen(text);
	snprintf(text + length, sizeof(text) - (size_t)length, ": %s", err->message);
	store(err, text);
}

int itsm_error_exit_code(int status)
{
	switch (status) {
	case ITSM_OK:
		return 0;
	case ITSM_EREFUSED:
		return 1;
	case ITSM_EUSAGE:
		return 2;
	default:
		return 3;
	}
}
