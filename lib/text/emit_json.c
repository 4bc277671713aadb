/* JSON: one envelope, a record a line, nothing kept in memory. */
#include <math.h>
#include <string.h>

#include "emit_private.h"

void itsm_emit_json_begin(struct itsm_emitter *emitter)
{
	itsm_buffer_printf(&emitter->out, "{\"schema_version\":%d,\"command\":", ITSM_SCHEMA_VERSION);
	itsm_escape_json(&emitter->out, emitter->options.command);
	itsm_buffer_putc(&emitter->out, ',');
	itsm_escape_json(&emitter->out, emitter->options.list_name);
	itsm_buffer_puts(&emitter->out, ":[");
}

static void json_value(struct itsm_buffer *out, const struct itsm_value *value)
{
	bool texts = value->type == ITSM_VALUE_TEXT || value->type == ITSM_VALUE_TIME ||
		value->type == ITSM_VALUE_JSON;

	if ((texts && !value->text) || (value->type == ITSM_VALUE_REAL && !isfinite(value->real))) {
		itsm_buffer_puts(out, "null");
		return;
	}
	switch (value->type) {
	case ITSM_VALUE_INTEGER:
		itsm_buffer_printf(out, "%lld", (long long)value->integer);
		break;
	case ITSM_VALUE_REAL:
		itsm_emit_real(out, value->real);
		break;
	case ITSM_VALUE_BOOLEAN:
		itsm_buffer_puts(out, value->integer ? "true" : "false");
		break;
	case ITSM_VALUE_TEXT:
	case ITSM_VALUE_TIME:
		itsm_escape_json(out, value->text);
		break;
	case ITSM_VALUE_JSON:
		itsm_emit_json_value(out, value->text);
		break;
	default:
		itsm_buffer_puts(out, "null");
	}
}

void itsm_emit_json_row(struct itsm_emitter *emitter, const struct itsm_value *values)
{
	size_t i;

	bool lines = emitter->options.format == ITSM_FORMAT_JSONL;

	itsm_buffer_puts(&emitter->out, lines ? "{" : emitter->rows ? ",\n{" : "\n{");
	for (i = 0; i < emitter->count; i++) {
		if (i > 0)
			itsm_buffer_putc(&emitter->out, ',');
		itsm_escape_json(&emitter->out, emitter->columns[i]);
		itsm_buffer_putc(&emitter->out, ':');
		json_value(&emitter->out, &values[i]);
	}
	itsm_buffer_puts(&emitter->out, lines ? "}\n" : "}");
}

void itsm_emit_json_end(struct itsm_emitter *emitter)
{
	itsm_buffer_puts(&emitter->out, emitter->rows ? "\n]}\n" : "]}\n");
}
