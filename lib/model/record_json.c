/*
 * YAML nodes as compact JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "itsm/record.h"

static const struct itsm_field *child_field(const struct itsm_field *field, const char *key)
{
	for (size_t i = 0; field && i < field->field_count; i++) {
		const char *dot = strrchr(field->fields[i].name, '.');

		if (strcmp(dot ? dot + 1 : field->fields[i].name, key) == 0)
			return &field->fields[i];
	}
	return NULL;
}

/* JSON has no leading zeros or plus signs: numbers are written anew, texts that are none stay texts. */
static bool write_number(const struct itsm_field *field, const char *text, struct itsm_buffer *out)
{
	struct itsm_field unbounded = { .name = field->name, .type = field->type };
	struct itsm_value value;

	if (itsm_field_value(&unbounded, text, NULL, &value, NULL) < 0)
		return false;
	if (value.type == ITSM_VALUE_INTEGER) {
		itsm_buffer_printf(out, "%lld", (long long)value.integer);
		return true;
	}
	for (int digits = 15; digits <= 17; digits++) {
		struct itsm_buffer shortest = { 0 };
		bool exact;

		itsm_buffer_printf(&shortest, "%.*g", digits, value.real);
		exact = digits == 17 || strtod(shortest.data, NULL) == value.real;
		if (exact)
			itsm_buffer_puts(out, shortest.data);
		itsm_buffer_free(&shortest);
		if (exact)
			break;
	}
	return true;
}

static void write_scalar(const struct itsm_yaml *node, const struct itsm_field *field, struct itsm_buffer *out)
{
	if (itsm_yaml_is_null(node)) {
		itsm_buffer_puts(out, "null");
		return;
	}
	if (field && field->type == ITSM_TYPE_BOOL && (!strcmp(node->text, "true") || !strcmp(node->text, "false"))) {
		itsm_buffer_puts(out, node->text);
		return;
	}
	if (field && (field->type == ITSM_TYPE_INT || field->type == ITSM_TYPE_NUMBER) &&
	    write_number(field, node->text, out))
		return;
	itsm_escape_json(out, node->text);
}

void itsm_yaml_json(const struct itsm_yaml *node, const struct itsm_field *field, struct itsm_buffer *out)
{
	if (!node) {
		itsm_buffer_puts(out, "null");
		return;
	}
	if (node->type == ITSM_YAML_SCALAR) {
		write_scalar(node, field, out);
		return;
	}
	itsm_buffer_putc(out, node->type == ITSM_YAML_MAPPING ? '{' : '[');
	for (size_t i = 0; i < node->count; i++) {
		if (i > 0)
			itsm_buffer_putc(out, ',');
		if (node->type == ITSM_YAML_MAPPING) {
			itsm_escape_json(out, node->keys[i]->text);
			itsm_buffer_putc(out, ':');
		}
		itsm_yaml_json(node->items[i],
			node->type == ITSM_YAML_MAPPING ? child_field(field, node->keys[i]->text) : field, out);
	}
	itsm_buffer_putc(out, node->type == ITSM_YAML_MAPPING ? '}' : ']');
}
