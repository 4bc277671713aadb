#include <string.h>

#include "output.h"
#include "schema_print.h"

/* A desk's kinds are its users' words: nothing of them reaches the terminal raw. */
static void say(struct itsm_buffer *out, const char *before, const char *text)
{
	if (!text)
		return;
	itsm_buffer_puts(out, before);
	itsm_escape_terminal(out, text, false);
}

static void add_help(struct itsm_buffer *out, const char *help)
{
	if (help)
		itsm_buffer_printf(out, "\n%23s", "");
	say(out, "", help);
	itsm_buffer_putc(out, '\n');
}

static void add_list(struct itsm_buffer *out, const char *before, const char *const *list, const char *after)
{
	const char *const *item;

	if (!list || !*list)
		return;
	itsm_buffer_puts(out, before);
	for (item = list; *item; item++)
		say(out, item == list ? "" : ", ", *item);
	itsm_buffer_puts(out, after);
}

static void add_heading(struct context *context, struct itsm_buffer *out, const char *text)
{
	itsm_buffer_printf(out, "\n%s%s%s\n", context->palette.head, text, context->palette.reset);
}

/* "enum, required, in draft; standard, normal" */
static void add_traits(const struct itsm_field *field, struct itsm_buffer *out)
{
	itsm_buffer_printf(out, "%s%s", field->list ? "list of " : "", itsm_type_name(field->type));
	add_list(out, " to ", field->to, "");
	add_list(out, ": ", field->values, "");
	if (field->has_min)
		itsm_buffer_printf(out, ", from %g", field->min);
	if (field->has_max)
		itsm_buffer_printf(out, ", to %g", field->max);
	itsm_buffer_puts(out, field->required ? ", required" : "");
	add_list(out, ", required in ", field->required_in, "");
	itsm_buffer_puts(out, field->immutable ? ", immutable" : "");
	add_list(out, ", immutable in ", field->immutable_in, "");
	itsm_buffer_puts(out, field->unique ? ", unique" : "");
	say(out, ", default ", field->default_value);
	itsm_buffer_puts(out, field->ask ? ", asked for" : "");
	add_list(out, ", computed from ", field->follows, "");
	say(out, ", default from ", field->default_from);
	say(out, ", from the other end ", field->inverse);
	say(out, ", impact ", field->impact ? itsm_impact_name(field->impact) : NULL);
}

static void add_field(struct context *context, const struct itsm_field *field, struct itsm_buffer *out)
{
	size_t position;

	itsm_buffer_printf(out, "  %s", context->palette.bold);
	output_padded(out, field->name, 20);
	itsm_buffer_printf(out, "%s ", context->palette.reset);
	add_traits(field, out);
	add_help(out, field->help);
	for (position = 0; position < field->field_count; position++)
		add_field(context, &field->fields[position], out);
}

static void add_sections(struct context *context, const struct itsm_kind *kind, struct itsm_buffer *out)
{
	const struct itsm_section *section;
	size_t position;

	if (kind->section_count)
		add_heading(context, out, "Sections");
	for (position = 0; position < kind->section_count; position++) {
		section = &kind->sections[position];
		itsm_buffer_puts(out, "  ");
		output_padded(out, section->name, 20);
		say(out, " ", section->help);
		itsm_buffer_puts(out, section->required ? " (required)" : section->on_demand ? " (where it is needed)" : "");
		add_list(out, " (required in ", section->required_in, ")");
		itsm_buffer_putc(out, '\n');
	}
}

static void add_moves(const struct itsm_kind *kind, const struct itsm_state *state, struct itsm_buffer *out)
{
	const struct itsm_transition *transition;
	size_t position;
	bool first = true;

	for (position = 0; position < kind->transition_count; position++) {
		transition = &kind->transitions[position];
		if (!itsm_list_has(transition->from, state->name))
			continue;
		say(out, first ? "-> " : ", ", transition->to);
		first = false;
	}
}

static void add_states(struct context *context, const struct itsm_kind *kind, struct itsm_buffer *out)
{
	const struct itsm_state *state;
	size_t position;

	if (kind->state_count)
		add_heading(context, out, "States");
	for (position = 0; position < kind->state_count; position++) {
		state = &kind->states[position];
		itsm_buffer_puts(out, "  ");
		output_padded(out, state->name, 20);
		itsm_buffer_puts(out, state->open ? " open    " : " closed  ");
		add_moves(kind, state, out);
		add_help(out, state->help);
	}
}

static void add_rules(struct context *context, const struct itsm_kind *kind, struct itsm_buffer *out)
{
	const struct itsm_guard *guard;
	const struct itsm_check *check;
	size_t position;

	if (kind->guard_count)
		add_heading(context, out, "Guards");
	for (position = 0; position < kind->guard_count; position++) {
		guard = &kind->guards[position];
		itsm_buffer_puts(out, "  ");
		output_padded(out, guard->name, 20);
		itsm_buffer_putc(out, ' ');
		add_list(out, "", guard->to, ": ");
		say(out, "", guard->message);
		itsm_buffer_putc(out, '\n');
	}
	if (kind->check_count)
		add_heading(context, out, "Checks");
	for (position = 0; position < kind->check_count; position++) {
		check = &kind->checks[position];
		itsm_buffer_puts(out, "  ");
		output_padded(out, check->name, 20);
		say(out, " ", check->message);
		itsm_buffer_putc(out, '\n');
	}
}

static void add_place(const struct itsm_kind *kind, struct itsm_buffer *out)
{
	if (kind->folder) {
		say(out, "\n", kind->folder);
		itsm_buffer_puts(out, kind->by_month ? "/YYYY/MM" : "");
		say(out, "/", kind->prefix ? kind->prefix : "NAME");
		itsm_buffer_puts(out, kind->prefix ? "-xxxxxxxx" : "");
	} else {
		say(out, "\npart of a record, in <record>/", kind->part);
		itsm_buffer_puts(out, kind->prefix ? "/" : "/NAME");
		say(out, "", kind->prefix);
		itsm_buffer_puts(out, kind->prefix ? "-xxxxxxxx" : "");
	}
	itsm_buffer_puts(out, kind->markdown ? ".md" : ".yaml");
	say(out, ", ", kind->origin);
	itsm_buffer_putc(out, '\n');
}

void schema_text(struct context *context, const struct itsm_kind *kind, struct itsm_buffer *out)
{
	size_t position;

	itsm_buffer_puts(out, context->palette.bold);
	say(out, "", kind->name);
	itsm_buffer_puts(out, context->palette.reset);
	say(out, ", ", kind->pillar);
	say(out, "  ", kind->help);
	add_place(kind, out);
	if (kind->field_count)
		add_heading(context, out, "Fields");
	for (position = 0; position < kind->field_count; position++)
		add_field(context, &kind->fields[position], out);
	add_sections(context, kind, out);
	add_states(context, kind, out);
	add_rules(context, kind, out);
}
