/* Values and JSON for the emitter's tables. */
#include <string.h>

#include "output.h"

struct itsm_value output_text(const char *text)
{
	return (struct itsm_value){.type = text ? ITSM_VALUE_TEXT : ITSM_VALUE_NULL, .text = text};
}

struct itsm_value output_json(const char *json)
{
	return (struct itsm_value){.type = json ? ITSM_VALUE_JSON : ITSM_VALUE_NULL, .text = json};
}

struct itsm_value output_integer(int64_t number)
{
	return (struct itsm_value){.type = ITSM_VALUE_INTEGER, .integer = number};
}

struct itsm_value output_boolean(bool truth)
{
	return (struct itsm_value){.type = ITSM_VALUE_BOOLEAN, .integer = truth};
}

struct itsm_value output_time(struct context *context, int64_t seconds)
{
	char text[ITSM_TIME_TEXT];

	itsm_time_format_utc(seconds, text);
	return (struct itsm_value){.type = ITSM_VALUE_TIME, .text = itsm_arena_strdup(context->arena, text)};
}

void output_json_next(struct itsm_buffer *out)
{
	if (out->length && !strchr("{[", out->data[out->length - 1]))
		itsm_buffer_putc(out, ',');
}

void output_json_name(struct itsm_buffer *out, const char *name)
{
	output_json_next(out);
	itsm_escape_json(out, name);
	itsm_buffer_putc(out, ':');
}

void output_json_pair(struct itsm_buffer *out, const char *name, const char *text)
{
	output_json_name(out, name);
	if (text)
		itsm_escape_json(out, text);
	else
		itsm_buffer_puts(out, "null");
}

void output_json_number(struct itsm_buffer *out, const char *name, int64_t number)
{
	output_json_name(out, name);
	itsm_buffer_printf(out, "%lld", (long long)number);
}

void output_json_boolean(struct itsm_buffer *out, const char *name, bool truth)
{
	output_json_name(out, name);
	itsm_buffer_puts(out, truth ? "true" : "false");
}

void output_json_list(struct itsm_buffer *out, const char *const *list)
{
	itsm_buffer_putc(out, '[');
	for (; list && *list; list++) {
		output_json_next(out);
		itsm_escape_json(out, *list);
	}
	itsm_buffer_putc(out, ']');
}

void output_json_findings(struct itsm_buffer *out, const struct itsm_findings *findings)
{
	const struct itsm_finding *finding;
	size_t position;

	itsm_buffer_putc(out, '[');
	for (position = 0; position < findings->count; position++) {
		finding = &findings->items[position];
		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "rule", finding->rule);
		output_json_pair(out, "severity", itsm_severity_name(finding->severity));
		output_json_pair(out, "message", finding->message);
		output_json_pair(out, "remedy", finding->remedy);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

void output_duration(struct itsm_buffer *out, int64_t seconds)
{
	uint64_t length = seconds < 0 ? -(uint64_t)seconds : (uint64_t)seconds;
	size_t before;

	if (seconds < 0)
		itsm_buffer_putc(out, '-');
	before = out->length;
	if (length >= 3600)
		itsm_buffer_printf(out, "%lluh", (unsigned long long)(length / 3600));
	if (length % 3600 >= 60)
		itsm_buffer_printf(out, "%llum", (unsigned long long)(length % 3600 / 60));
	if (length % 60 || out->length == before)
		itsm_buffer_printf(out, "%llus", (unsigned long long)(length % 60));
}
