/* A value as YAML in one line, for where lines of its own can't be had. */
#include <string.h>

#include "itsm/emit.h"
#include "merge_job.h"

/* Plain only what was plain and has nothing that a flow collection would act on. */
static bool stays_plain(const struct itsm_yaml *node)
{
	size_t length = strlen(node->text);

	if (node->style != ITSM_YAML_PLAIN || length == 0 || strchr("-?:#&*!|>'\"%@`,[]{} \t\n", node->text[0]))
		return false;
	return !strpbrk(node->text, ",[]{}#\n\t\"") && !strstr(node->text, ": ") && node->text[length - 1] != ':' &&
		node->text[length - 1] != ' ';
}

static void write_scalar(struct itsm_buffer *out, const struct itsm_yaml *node)
{
	if (itsm_yaml_is_null(node))
		itsm_buffer_puts(out, "null");
	else if (stays_plain(node))
		itsm_buffer_puts(out, node->text);
	else
		itsm_escape_json(out, node->text);
}

void merge_flow_write(struct itsm_buffer *out, const struct itsm_yaml *node)
{
	bool mapping = node->type == ITSM_YAML_MAPPING;
	size_t i;

	if (node->type == ITSM_YAML_SCALAR) {
		write_scalar(out, node);
		return;
	}
	itsm_buffer_putc(out, mapping ? '{' : '[');
	for (i = 0; i < node->count; i++) {
		if (i > 0)
			itsm_buffer_puts(out, ", ");
		if (mapping) {
			write_scalar(out, node->keys[i]);
			itsm_buffer_puts(out, ": ");
		}
		merge_flow_write(out, node->items[i]);
	}
	itsm_buffer_putc(out, mapping ? '}' : ']');
}
