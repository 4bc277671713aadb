/*
 * The lines of every field and item.
 *
 * Parts have lines of their own when their collection is in block style, each
 * key or dash is the first of its line, all in one column, and between two
 * parts stand blank lines and comments only.
 */
#include <string.h>

#include "merge_job.h"

static size_t skip_blanks(struct merge_span text, size_t offset)
{
	while (offset < text.size && (text.text[offset] == ' ' || text.text[offset] == '\t'))
		offset++;
	return offset;
}

/* Blank, or a comment; before the first field also a line that begins the document. */
static bool is_idle(struct merge_span text, size_t line, bool head)
{
	size_t offset = skip_blanks(text, line);

	if (head && offset == line && text.size - line >= 3 && memcmp(text.text + line, "---", 3) == 0)
		return true;
	return offset == text.size || strchr("#\r\n", text.text[offset]) != NULL;
}

/* The first line from `line` on that says something. */
static size_t skip_idle(struct merge_span text, size_t line, bool head)
{
	while (line < text.size && is_idle(text, line, head))
		line = merge_line_next(text, line);
	return line;
}

static size_t part_end(struct merge_span text, const struct itsm_yaml *node, size_t index, size_t own)
{
	size_t end = node->items[index]->end;

	if (node->type == ITSM_YAML_MAPPING && node->keys[index]->end > end)
		end = node->keys[index]->end;
	if (end <= own)
		end = own + 1;
	return text.text[end - 1] == '\n' ? end : merge_line_next(text, end);
}

/* Is there a key or dash in this column of the line, and nothing before it? */
static bool begins_in(struct merge_span text, const struct itsm_yaml *node, size_t index, size_t line, size_t indent)
{
	size_t mark = line + indent;

	if (mark >= text.size || skip_blanks(text, line) != mark || memchr(text.text + line, '\t', indent))
		return false;
	return node->type == ITSM_YAML_MAPPING ? node->keys[index]->start == mark : text.text[mark] == '-';
}

/*
 * The comments right above the first field belong to it, what stands above a
 * blank line (or the document's beginning) does not.
 */
static size_t first_start(struct merge_span text, size_t from, size_t own)
{
	size_t line, start = from;

	for (line = from; line < own; line = merge_line_next(text, line)) {
		if (text.text[skip_blanks(text, line)] != '#')
			start = merge_line_next(text, line);
	}
	return start;
}

static bool find_parts(struct itsm_arena *arena, struct merge_span text, const struct itsm_yaml *node, size_t from,
	bool root, struct merge_parts *parts)
{
	size_t at = from, i;

	*parts = (struct merge_parts){0};
	if (!node || node->type == ITSM_YAML_SCALAR || node->count == 0)
		return true;
	if (node->style != ITSM_YAML_BLOCK || node->start < from)
		return false;
	parts->indent = node->start - merge_line_start(text, node->start);
	parts->items = itsm_arena_alloc(arena, node->count * sizeof(*parts->items));
	for (i = 0; i < node->count; i++) {
		struct merge_part *part = &parts->items[i];

		part->own = skip_idle(text, at, root && i == 0);
		if (!begins_in(text, node, i, part->own, parts->indent))
			return false;
		part->start = root && i == 0 ? first_start(text, at, part->own) : at;
		part->end = at = part_end(text, node, i, part->own);
	}
	parts->count = node->count;
	return true;
}

static bool has_conflict(const struct merge_plan *plan)
{
	size_t i;

	for (i = 0; plan->take == MERGE_TAKE_PARTS && i < plan->count; i++) {
		if (has_conflict(&plan->children[i]))
			return true;
	}
	return plan->take == MERGE_TAKE_CONFLICT;
}

static void place(struct itsm_arena *arena, const struct merge_version versions[MERGE_SIDES], struct merge_plan *plan,
	const size_t from[MERGE_SIDES], bool root)
{
	enum merge_side side;
	size_t below[MERGE_SIDES] = {0}, i;

	plan->split = true;
	for (side = MERGE_BASE; side < MERGE_SIDES; side++)
		plan->split = plan->split &&
			find_parts(arena, versions[side].front, plan->node[side], from[side], root, &plan->parts[side]);
	plan->host = plan->parts[MERGE_OURS].count > 0 ? MERGE_OURS : MERGE_THEIRS;
	if (!plan->split && has_conflict(plan)) {
		plan->take = MERGE_TAKE_CONFLICT;
		plan->reason = "both changed parts of it, and in one version these do not stand on lines of their own";
	}
	for (i = 0; plan->split && i < plan->count; i++) {
		struct merge_plan *child = &plan->children[i];

		if (child->take != MERGE_TAKE_PARTS)
			continue;
		for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
			if (child->node[side])
				below[side] = merge_line_next(versions[side].front,
					plan->node[side]->keys[child->index[side]]->end);
		}
		place(arena, versions, child, below, false);
	}
}

void merge_place(struct itsm_arena *arena, const struct merge_version versions[MERGE_SIDES], struct merge_plan *plan)
{
	place(arena, versions, plan, (size_t[MERGE_SIDES]){0}, true);
}
