/* itsm kinds: what sorts of records there are; outside a desk the built-in ones. */
#include "command.h"
#include "kind_source.h"
#include "output.h"

struct kinds_values {
	enum itsm_format format;
};

static const struct option_row options[] = {
	FORMAT_ROW(struct kinds_values),
	{0},
};

const struct syntax kinds_syntax = {
	.words = "",
	.options = options,
	.size = sizeof(struct kinds_values),
};

static void emit_kind(struct itsm_emitter *emitter, const struct itsm_kind *kind, bool text)
{
	struct itsm_value place = output_text(kind->folder ? kind->folder : kind->part);

	if (text)
		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(kind->name), output_text(kind->pillar), place, output_text(kind->help),
		});
	else
		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(kind->name), output_text(kind->pillar), place, output_text(kind->help),
			output_boolean(!kind->folder), output_text(kind->prefix), output_text(kind->markdown ? "md" : "yaml"),
			output_integer((int64_t)kind->field_count), output_integer((int64_t)kind->state_count),
			output_text(kind->origin),
		});
}

int command_kinds(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	static const char *const columns[] = {
		"kind", "pillar", "folder", "help", "part", "prefix", "file", "fields", "states", "origin",
	};
	const struct kinds_values *values = data;
	bool text = values->format == ITSM_FORMAT_TEXT;
	const struct itsm_kinds *kinds;
	struct itsm_kinds *own;
	struct itsm_emitter *emitter;
	size_t position;
	int status = kind_source_open(context, &kinds, &own, err);

	(void)words;
	if (status)
		return status;
	if (text)
		output_page(context);
	emitter = output_begin(context, values->format, "kinds", columns, text ? 4 : sizeof(columns) / sizeof(*columns));
	for (position = 0; position < itsm_kinds_count(kinds); position++)
		emit_kind(emitter, itsm_kinds_at(kinds, position), text);
	status = itsm_emit_end(emitter, err);
	itsm_kinds_free(own);
	return status;
}
