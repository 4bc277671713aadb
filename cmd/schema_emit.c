#include <string.h>

#include "output.h"
#include "schema_print.h"

static void add_field(const struct itsm_field *field, struct itsm_buffer *out)
{
	size_t position;

	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_pair(out, "name", field->name);
	output_json_pair(out, "type", itsm_type_name(field->type));
	output_json_boolean(out, "list", field->list);
	output_json_boolean(out, "required", field->required);
	output_json_name(out, "required_in");
	output_json_list(out, field->required_in);
	output_json_boolean(out, "immutable", field->immutable);
	output_json_name(out, "immutable_in");
	output_json_list(out, field->immutable_in);
	output_json_boolean(out, "unique", field->unique);
	output_json_name(out, "values");
	output_json_list(out, field->values);
	output_json_name(out, "to");
	output_json_list(out, field->to);
	output_json_pair(out, "inverse", field->inverse);
	output_json_pair(out, "impact", field->impact ? itsm_impact_name(field->impact) : NULL);
	output_json_pair(out, "default", field->default_value);
	output_json_pair(out, "default_from", field->default_from);
	output_json_pair(out, "computed", field->computed);
	output_json_boolean(out, "ask", field->ask);
	output_json_pair(out, "pattern", field->pattern);
	output_json_pair(out, "help", field->help);
	output_json_name(out, "fields");
	itsm_buffer_putc(out, '[');
	for (position = 0; position < field->field_count; position++)
		add_field(&field->fields[position], out);
	itsm_buffer_puts(out, "]}");
}

static void add_section(const struct itsm_section *section, struct itsm_buffer *out)
{
	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_pair(out, "name", section->name);
	output_json_boolean(out, "required", section->required);
	output_json_boolean(out, "on_demand", section->on_demand);
	output_json_name(out, "required_in");
	output_json_list(out, section->required_in);
	output_json_pair(out, "help", section->help);
	itsm_buffer_putc(out, '}');
}

static void add_state(const struct itsm_state *state, struct itsm_buffer *out)
{
	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_pair(out, "name", state->name);
	output_json_boolean(out, "open", state->open);
	output_json_boolean(out, "initial", state->initial);
	output_json_pair(out, "stamp", state->stamp);
	output_json_pair(out, "help", state->help);
	itsm_buffer_putc(out, '}');
}

static void add_transition(const struct itsm_transition *transition, struct itsm_buffer *out)
{
	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_name(out, "from");
	output_json_list(out, transition->from);
	output_json_pair(out, "to", transition->to);
	output_json_pair(out, "when", transition->when);
	output_json_pair(out, "because", transition->because);
	output_json_pair(out, "help", transition->help);
	itsm_buffer_putc(out, '}');
}

static void add_guard(const struct itsm_guard *guard, struct itsm_buffer *out)
{
	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_pair(out, "name", guard->name);
	output_json_name(out, "to");
	output_json_list(out, guard->to);
	output_json_name(out, "from");
	output_json_list(out, guard->from);
	output_json_pair(out, "when", guard->when);
	output_json_pair(out, "must", guard->must);
	output_json_pair(out, "message", guard->message);
	output_json_pair(out, "remedy", guard->remedy);
	itsm_buffer_putc(out, '}');
}

static void add_check(const struct itsm_check *check, struct itsm_buffer *out)
{
	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_pair(out, "name", check->name);
	output_json_pair(out, "must", check->must);
	output_json_pair(out, "field", check->field);
	output_json_name(out, "states");
	output_json_list(out, check->states);
	output_json_pair(out, "severity", itsm_severity_name(check->severity));
	output_json_pair(out, "message", check->message);
	output_json_pair(out, "remedy", check->remedy);
	itsm_buffer_putc(out, '}');
}

#define ADD_ALL(items, count, add, out) \
	do { \
		itsm_buffer_putc(out, '['); \
		for (size_t position = 0; position < (count); position++) \
			add(&(items)[position], out); \
		itsm_buffer_putc(out, ']'); \
	} while (0)

static int emit_kind(struct context *context, const struct itsm_kind *kind, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {
		"kind", "pillar", "help", "folder", "part", "of", "prefix", "file", "title_field", "origin", "fields", "sections",
		"states", "transitions", "guards", "checks",
	};
	struct itsm_emitter *emitter;
	struct itsm_buffer of = {0}, fields = {0}, sections = {0}, states = {0}, transitions = {0}, guards = {0}, checks = {0};

	output_json_list(&of, kind->of);
	ADD_ALL(kind->fields, kind->field_count, add_field, &fields);
	ADD_ALL(kind->sections, kind->section_count, add_section, &sections);
	ADD_ALL(kind->states, kind->state_count, add_state, &states);
	ADD_ALL(kind->transitions, kind->transition_count, add_transition, &transitions);
	ADD_ALL(kind->guards, kind->guard_count, add_guard, &guards);
	ADD_ALL(kind->checks, kind->check_count, add_check, &checks);
	emitter = output_begin(context, format, "schema", columns, sizeof(columns) / sizeof(*columns));
	itsm_emit_row(emitter, (struct itsm_value[]){
		output_text(kind->name), output_text(kind->pillar), output_text(kind->help), output_text(kind->folder),
		output_text(kind->part), output_json(of.data), output_text(kind->prefix),
		output_text(kind->markdown ? "md" : "yaml"), output_text(kind->title_field), output_text(kind->origin),
		output_json(fields.data), output_json(sections.data), output_json(states.data), output_json(transitions.data),
		output_json(guards.data), output_json(checks.data),
	});
	itsm_buffer_free(&of);
	itsm_buffer_free(&fields);
	itsm_buffer_free(&sections);
	itsm_buffer_free(&states);
	itsm_buffer_free(&transitions);
	itsm_buffer_free(&guards);
	itsm_buffer_free(&checks);
	return itsm_emit_end(emitter, err);
}

static void emit_field(struct itsm_emitter *emitter, const struct itsm_field *field)
{
	struct itsm_buffer values = {0}, to = {0};
	size_t position;

	output_json_list(&values, field->values);
	output_json_list(&to, field->to);
	itsm_emit_row(emitter, (struct itsm_value[]){
		output_text(field->name), output_text(itsm_type_name(field->type)), output_boolean(field->list),
		output_boolean(field->required), output_json(values.data), output_json(to.data), output_text(field->help),
	});
	itsm_buffer_free(&values);
	itsm_buffer_free(&to);
	for (position = 0; position < field->field_count; position++)
		emit_field(emitter, &field->fields[position]);
}

int schema_emit(struct context *context, const struct itsm_kind *kind, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"field", "type", "list", "required", "values", "to", "help"};
	struct itsm_emitter *emitter;
	size_t position;

	if (format == ITSM_FORMAT_JSON || format == ITSM_FORMAT_JSONL)
		return emit_kind(context, kind, format, err);
	emitter = output_begin(context, format, "schema", columns, sizeof(columns) / sizeof(*columns));
	for (position = 0; position < kind->field_count; position++)
		emit_field(emitter, &kind->fields[position]);
	return itsm_emit_end(emitter, err);
}
