/* The front matter's text, part by part, as the plan has it. */
#include <string.h>

#include "merge_job.h"

struct writer {
	struct merge_out *out;
	const struct merge_version *versions;
};

/* What is written at the moment: a plan with children, and the column that these get. */
struct level {
	const struct merge_plan *plan;
	size_t indent;
};

static struct merge_span cut(struct merge_span text, size_t start, size_t end)
{
	return (struct merge_span){text.text + start, end - start};
}

static const struct merge_part *part_of(const struct level *level, const struct merge_plan *child, enum merge_side side)
{
	return child->index[side] == MERGE_NONE ? NULL : &level->plan->parts[side].items[child->index[side]];
}

/* The lines of a child in one version as they are there; nothing where it is absent. */
static struct merge_span own_lines(const struct writer *writer, const struct level *level,
	const struct merge_plan *child, enum merge_side side)
{
	const struct merge_part *part = part_of(level, child, side);

	return part ? cut(writer->versions[side].front, part->own, part->end) : (struct merge_span){0};
}

static struct merge_span comments_above(const struct writer *writer, const struct level *level,
	const struct merge_plan *child, enum merge_side side)
{
	const struct merge_part *part = part_of(level, child, side);

	return part ? cut(writer->versions[side].front, part->start, part->own) : (struct merge_span){0};
}

static void write_indented(const struct writer *writer, const struct level *level, struct merge_span lines,
	enum merge_side side)
{
	merge_out_indented(writer->out, lines, level->plan->parts[side].indent, level->indent);
}

/* The comments of ours, unless only theirs changed them. */
static void write_comments(const struct writer *writer, const struct level *level, const struct merge_plan *child)
{
	bool everywhere = part_of(level, child, MERGE_OURS) && part_of(level, child, MERGE_BASE) &&
		part_of(level, child, MERGE_THEIRS);
	enum merge_side side = part_of(level, child, MERGE_OURS) ? MERGE_OURS : MERGE_THEIRS;

	if (everywhere && merge_span_equal(comments_above(writer, level, child, MERGE_OURS),
			comments_above(writer, level, child, MERGE_BASE)))
		side = MERGE_THEIRS;
	write_indented(writer, level, comments_above(writer, level, child, side), side);
}

/* The lines of a child in the column they will have, for use between markers. */
static struct merge_span moved_lines(const struct writer *writer, const struct level *level,
	const struct merge_plan *child, enum merge_side side)
{
	struct merge_out moved = {.arena = writer->out->arena, .newline = writer->out->newline};
	struct merge_span span = {0};

	write_indented(&(struct writer){&moved, writer->versions}, level, own_lines(writer, level, child, side), side);
	if (moved.text.length > 0) {
		span.text = itsm_arena_strndup(moved.arena, moved.text.data, moved.text.length);
		span.size = moved.text.length;
	}
	itsm_buffer_free(&moved.text);
	return span;
}

static void write_conflict(const struct writer *writer, const struct level *level, const struct merge_plan *child)
{
	struct merge_span lines[MERGE_SIDES];
	const char *values[MERGE_SIDES];
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		lines[side] = moved_lines(writer, level, child, side);
		values[side] = merge_value_text(writer->out->arena, child->node[side], child->schema);
	}
	merge_out_conflict(writer->out, child->field, child->reason, values, lines);
}

static bool is_text(const struct merge_plan *child, const struct itsm_yaml *value)
{
	const struct itsm_field *schema = child->schema;

	return value->style != ITSM_YAML_PLAIN ||
		(schema && (schema->type == ITSM_TYPE_STRING || schema->type == ITSM_TYPE_TEXT));
}

/*
 * Set a value within lines of one version, which keeps quotes and the comment
 * behind it. False where the edit does not reach: values that are no scalars
 * or lists of them, keys that hold dots.
 */
static bool write_edited(const struct writer *writer, const struct merge_plan *child, const struct itsm_yaml *value,
	struct merge_span lines)
{
	bool list = value->type == ITSM_YAML_SEQUENCE, text = false;
	const char **values = itsm_arena_alloc(writer->out->arena, (list ? value->count + 1 : 1) * sizeof(*values));
	struct itsm_edit edit = {.operation = ITSM_EDIT_SET, .field = child->name, .values = values, .list = list};
	struct itsm_buffer edited = {0};
	size_t i;
	bool done;

	if (value->type == ITSM_YAML_MAPPING || !*child->name || strchr(child->name, '.'))
		return false;
	for (i = 0; i < (list ? value->count : 1); i++) {
		const struct itsm_yaml *scalar = list ? value->items[i] : value;

		if (scalar->type != ITSM_YAML_SCALAR || itsm_yaml_is_null(scalar))
			return false;
		text = text || is_text(child, scalar);
		values[edit.count++] = scalar->text;
	}
	edit.text = text;
	done = itsm_yaml_edit(lines.text, lines.size, 1, &edit, 1, &edited, NULL) == ITSM_OK;
	if (done) {
		merge_out_line(writer->out);
		merge_out_span(writer->out, (struct merge_span){edited.data, edited.length});
	}
	itsm_buffer_free(&edited);
	return done;
}

/* A value that both versions have and theirs wins: their lines, or ours with their value. */
static void write_theirs(const struct writer *writer, const struct level *level, const struct merge_plan *child)
{
	struct merge_span ours = own_lines(writer, level, child, MERGE_OURS);
	const struct itsm_yaml *old = child->node[MERGE_OURS], *value = child->node[MERGE_THEIRS];
	bool in_place = old && value && old->type == ITSM_YAML_SCALAR && value->type == ITSM_YAML_SCALAR &&
		level->indent == level->plan->parts[MERGE_OURS].indent &&
		!merge_span_equal(ours, own_lines(writer, level, child, MERGE_BASE));

	if (in_place && write_edited(writer, child, value, ours))
		return;
	write_indented(writer, level, own_lines(writer, level, child, MERGE_THEIRS), MERGE_THEIRS);
}

/* A value of several versions whose parts have no lines of their own: set in place, or in one line. */
static void write_joined(const struct writer *writer, const struct level *level, const struct merge_plan *child)
{
	const struct itsm_yaml *value = merge_plan_value(writer->out->arena, child, writer->out->settle);
	enum merge_side side = child->node[MERGE_OURS] ? MERGE_OURS : MERGE_THEIRS;
	const struct merge_part *part = part_of(level, child, side);
	const struct itsm_yaml *key = level->plan->node[side]->keys[child->index[side]];
	struct itsm_buffer flow = {0};

	if (level->indent == level->plan->parts[side].indent &&
			write_edited(writer, child, value, own_lines(writer, level, child, side)))
		return;
	write_indented(writer, level, cut(writer->versions[side].front, part->own, key->end), side);
	itsm_buffer_puts(&flow, ": ");
	merge_flow_write(&flow, value);
	merge_out_span(writer->out, (struct merge_span){flow.data, flow.length});
	itsm_buffer_puts(&writer->out->text, writer->out->newline);
	itsm_buffer_free(&flow);
}

static void write_children(const struct writer *writer, const struct level *level);

/* The line with the key, then the children. */
static void write_parts(const struct writer *writer, const struct level *level, const struct merge_plan *child)
{
	enum merge_side host = child->host;
	const struct merge_parts *parts = &child->parts[host];
	size_t own = part_of(level, child, host)->own;
	struct level below = {child, parts->indent + level->indent - level->plan->parts[host].indent};

	write_indented(writer, level, cut(writer->versions[host].front, own, parts->items[0].start), host);
	write_children(writer, &below);
}

/* Is there anything to write: a value, or with markers a conflict? */
static bool is_present(const struct merge_plan *plan, enum merge_side settle)
{
	size_t i;

	if (plan->take == MERGE_TAKE_CONFLICT)
		return settle == MERGE_BASE || plan->node[settle];
	if (plan->take != MERGE_TAKE_PARTS)
		return plan->node[plan->take == MERGE_TAKE_OURS ? MERGE_OURS : MERGE_THEIRS] != NULL;
	for (i = 0; i < plan->count; i++) {
		if (is_present(&plan->children[i], settle))
			return true;
	}
	return false;
}

static void write_child(const struct writer *writer, const struct level *level, const struct merge_plan *child)
{
	if (!is_present(child, writer->out->settle))
		return;
	write_comments(writer, level, child);
	if (child->take == MERGE_TAKE_CONFLICT)
		write_conflict(writer, level, child);
	else if (child->take == MERGE_TAKE_PARTS && child->split)
		write_parts(writer, level, child);
	else if (child->take == MERGE_TAKE_PARTS)
		write_joined(writer, level, child);
	else if (child->take == MERGE_TAKE_OURS)
		write_indented(writer, level, own_lines(writer, level, child, MERGE_OURS), MERGE_OURS);
	else
		write_theirs(writer, level, child);
}

static void write_children(const struct writer *writer, const struct level *level)
{
	size_t i;

	for (i = 0; i < level->plan->count; i++)
		write_child(writer, level, &level->plan->children[i]);
}

/* What stands before the first field, or behind the last. */
static struct merge_span rest(const struct merge_version *version, const struct merge_parts *parts, bool head)
{
	if (parts->count == 0)
		return cut(version->front, 0, head ? version->front.size : 0);
	return head ? cut(version->front, 0, parts->items[0].start) :
		cut(version->front, parts->items[parts->count - 1].end, version->front.size);
}

static void write_rest(const struct writer *writer, const struct merge_plan *root, bool head)
{
	struct merge_span spans[MERGE_SIDES];
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++)
		spans[side] = rest(&writer->versions[side], &root->parts[side], head);
	side = merge_span_equal(spans[MERGE_OURS], spans[MERGE_BASE]) ? MERGE_THEIRS : MERGE_OURS;
	if (spans[side].size > 0)
		merge_out_line(writer->out);
	merge_out_span(writer->out, spans[side]);
}

/* The whole front matter as one conflict. */
static void write_whole(const struct writer *writer, const struct merge_plan *plan)
{
	struct merge_span lines[MERGE_SIDES];
	const char *values[MERGE_SIDES] = {NULL};
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		lines[side] = writer->versions[side].front;
		if (writer->versions[side].root)
			values[side] = itsm_arena_strndup(writer->out->arena, lines[side].text, lines[side].size);
	}
	merge_out_conflict(writer->out, "", plan->reason, values, lines);
}

void merge_front_write(struct merge_out *out, const struct merge_version versions[MERGE_SIDES],
	const struct merge_plan *plan)
{
	struct writer writer = {out, versions};
	enum merge_side host = plan->host;

	if (plan->take == MERGE_TAKE_CONFLICT) {
		write_whole(&writer, plan);
	} else if (plan->take != MERGE_TAKE_PARTS) {
		merge_out_span(out, versions[plan->take == MERGE_TAKE_OURS ? MERGE_OURS : MERGE_THEIRS].front);
	} else {
		write_rest(&writer, plan, true);
		write_children(&writer, &(struct level){plan, plan->parts[host].indent});
		write_rest(&writer, plan, false);
	}
}
