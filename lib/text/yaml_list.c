/* Items into and out of sequences, parts into and out of flow collections. */
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "yaml_edit.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t skip_blanks(const struct itsm_surgery *surgery, size_t offset)
{
	while (offset < surgery->size && is_blank(surgery->text[offset]))
		offset++;
	return offset;
}

/* Does the line that holds offset hold only blanks before it? */
static bool is_first_in_line(const struct itsm_surgery *surgery, size_t offset)
{
	return skip_blanks(surgery, itsm_line_start(surgery->text, surgery->size, offset)) >= offset;
}

/* The byte behind the comma that follows `offset`, over blanks, line ends and comments; 0 when none does. */
static size_t behind_comma(const struct itsm_surgery *surgery, size_t offset)
{
	while (offset < surgery->size) {
		char c = surgery->text[offset];

		if (c == ',')
			return offset + 1;
		if (c == '#')
			offset = itsm_line_end(surgery->text, surgery->size, offset);
		else if (is_blank(c) || c == '\r' || c == '\n')
			offset++;
		else
			break;
	}
	return 0;
}

/* Does the part have its lines to itself, so that they can go as a whole? */
static bool has_own_lines(const struct itsm_surgery *surgery, size_t start, size_t end, bool last)
{
	size_t stop = itsm_line_end(surgery->text, surgery->size, end);
	size_t offset = skip_blanks(surgery, end);
	bool comma = offset < stop && surgery->text[offset] == ',';

	if (!is_first_in_line(surgery, start) || !(comma || last))
		return false;
	offset = skip_blanks(surgery, offset + comma);
	return offset >= stop || surgery->text[offset] == '#';
}

void itsm_surgery_remove_flow(struct itsm_surgery *surgery, size_t start, size_t end, size_t previous_end,
	size_t next_start)
{
	const char *text = surgery->text;
	size_t comma = behind_comma(surgery, end);

	if (has_own_lines(surgery, start, end, next_start == SIZE_MAX)) {
		start = itsm_line_start(text, surgery->size, start);
		end = itsm_line_next(text, surgery->size, end);
	} else if (next_start != SIZE_MAX && comma) {
		end = skip_blanks(surgery, comma);
		if (end > next_start)
			end = next_start;
	} else if (previous_end != SIZE_MAX && !memchr(text + previous_end, '\n', start - previous_end)) {
		start = previous_end;
	} else if (previous_end == SIZE_MAX && comma) {
		end = comma;
	}
	itsm_surgery_splice(surgery, start, end, "", 0);
}

/* What stands between two parts of the collection: ", ", or a new line where each part has one. */
static void add_separator(const struct itsm_surgery *surgery, size_t opener, size_t part, struct itsm_buffer *out)
{
	size_t line = itsm_line_start(surgery->text, surgery->size, part);

	if (opener >= line || !is_first_in_line(surgery, part)) {
		itsm_buffer_puts(out, ", ");
		return;
	}
	itsm_buffer_putc(out, ',');
	itsm_buffer_puts(out, surgery->newline);
	itsm_buffer_add(out, surgery->text + line, part - line);
}

void itsm_surgery_append_flow(struct itsm_surgery *surgery, size_t opener, size_t start, size_t end,
	const char *text, size_t length)
{
	struct itsm_buffer added = {0};

	add_separator(surgery, opener, start, &added);
	itsm_buffer_add(&added, text, length);
	itsm_surgery_splice(surgery, end, end, added.data, added.length);
	itsm_buffer_free(&added);
}

/* The new items [from, to) go before the item `at` of a flow sequence, or behind its last. */
static void insert_flow_items(struct itsm_surgery *surgery, const struct itsm_yaml *list, size_t at,
	const struct itsm_yaml *wanted, size_t from, size_t to)
{
	struct itsm_buffer text = {0};
	size_t neighbour = list->count == 0 ? 0 : at < list->count ? at : at - 1;
	size_t part = list->count == 0 ? list->start : list->items[neighbour]->start;
	bool behind = list->count > 0 && at == list->count;
	size_t i, offset;

	for (i = from; i < to; i++) {
		if (behind || i > from)
			add_separator(surgery, list->start, part, &text);
		itsm_yaml_write_styled(&text, wanted->items[i]->text, ITSM_YAML_PLAIN, surgery->edit->text, true);
	}
	if (list->count > 0 && !behind)
		add_separator(surgery, list->start, part, &text);
	offset = list->count == 0 ? list->start + 1 : behind ? list->items[neighbour]->end : part;
	itsm_surgery_splice(surgery, offset, offset, text.data, text.length);
	itsm_buffer_free(&text);
}

/* The start of the line with the dash of an item of a block sequence. */
static size_t dash_line(const struct itsm_surgery *surgery, const struct itsm_yaml *list, size_t index)
{
	size_t first = itsm_line_start(surgery->text, surgery->size, list->start);
	size_t indent = list->start - first;
	size_t line = itsm_line_start(surgery->text, surgery->size, list->items[index]->start);

	while (line > first && (skip_blanks(surgery, line) != line + indent || surgery->text[line + indent] != '-'))
		line = itsm_line_start(surgery->text, surgery->size, line - 1);
	return line;
}

static void insert_block_items(struct itsm_surgery *surgery, const struct itsm_yaml *list, size_t at,
	const struct itsm_yaml *wanted, size_t from, size_t to)
{
	struct itsm_yaml part = {.type = ITSM_YAML_SEQUENCE, .items = wanted->items + from, .count = to - from};
	size_t first = itsm_line_start(surgery->text, surgery->size, list->start);
	struct itsm_render_context context = {.block_list = true, .list_indent = list->start - first};
	struct itsm_rendered rendered = {0};
	size_t skip = strlen(surgery->newline), offset;

	itsm_render_value(surgery, &part, &context, &rendered);
	if (at == list->count) {
		offset = itsm_line_end(surgery->text, surgery->size, list->items[at - 1]->end);
		itsm_surgery_settle(surgery, offset);
		if (rendered.ends_line && offset == surgery->size)
			itsm_buffer_puts(&rendered.body, surgery->newline);
		itsm_surgery_splice(surgery, offset, offset, rendered.body.data, rendered.body.length);
	} else {
		/* Before an item's line: the line break moves from the front to the end. */
		itsm_buffer_puts(&rendered.body, surgery->newline);
		offset = dash_line(surgery, list, at);
		itsm_surgery_splice(surgery, offset, offset, rendered.body.data + skip, rendered.body.length - skip);
	}
	itsm_rendered_free(&rendered);
}

/* Which items of two lists belong together, beyond those both begin and end with. */
struct alignment {
	bool *kept_old, *kept_new;
};

#define LARGEST_TABLE (1u << 22)

/* Longest common subsequence of old[head, old_end) and new[head, new_end); none when the table would be huge. */
static void align_middle(struct itsm_arena *arena, const struct itsm_yaml *old, size_t old_end,
	const struct itsm_yaml *new, size_t new_end, size_t head, struct alignment *out)
{
	size_t rows = old_end - head, columns = new_end - head, width = columns + 1, i, j;
	unsigned short *table;

	if (rows == 0 || columns == 0 || rows > USHRT_MAX || columns > USHRT_MAX || rows * columns > LARGEST_TABLE)
		return;
	table = itsm_arena_alloc(arena, (rows + 1) * width * sizeof(*table));
	for (i = rows; i-- > 0; ) {
		for (j = columns; j-- > 0; ) {
			unsigned short down = table[(i + 1) * width + j], right = table[i * width + j + 1];

			if (itsm_yaml_equal(old->items[head + i], new->items[head + j]))
				table[i * width + j] = (unsigned short)(table[(i + 1) * width + j + 1] + 1);
			else
				table[i * width + j] = down > right ? down : right;
		}
	}
	for (i = 0, j = 0; i < rows && j < columns; ) {
		if (itsm_yaml_equal(old->items[head + i], new->items[head + j]))
			out->kept_old[head + i++] = out->kept_new[head + j++] = true;
		else if (table[(i + 1) * width + j] >= table[i * width + j + 1])
			i++;
		else
			j++;
	}
}

static void align(struct itsm_arena *arena, const struct itsm_yaml *old, const struct itsm_yaml *new,
	struct alignment *out)
{
	size_t old_end = old->count, new_end = new->count, head = 0;

	out->kept_old = itsm_arena_alloc(arena, old->count + 1);
	out->kept_new = itsm_arena_alloc(arena, new->count + 1);
	for (; head < old_end && head < new_end && itsm_yaml_equal(old->items[head], new->items[head]); head++)
		out->kept_old[head] = out->kept_new[head] = true;
	while (old_end > head && new_end > head && itsm_yaml_equal(old->items[old_end - 1], new->items[new_end - 1]))
		out->kept_old[--old_end] = out->kept_new[--new_end] = true;
	align_middle(arena, old, old_end, new, new_end, head, out);
}

bool itsm_surgery_can_write(const struct itsm_yaml *value, size_t from, size_t to)
{
	for (; value->type == ITSM_YAML_SEQUENCE && from < to; from++) {
		if (value->items[from]->type != ITSM_YAML_SCALAR)
			return false;
	}
	return value->type != ITSM_YAML_MAPPING || value->count == 0;
}

/* Put in the first run of new items that the list lacks; *done is false when it lacks none. */
static int insert_missing(struct itsm_surgery *surgery, const struct itsm_yaml *list,
	const struct itsm_yaml *wanted, const struct alignment *alignment, bool *done)
{
	size_t from = 0, to, at = 0, passed;

	while (from < wanted->count && alignment->kept_new[from])
		from++;
	*done = from < wanted->count;
	if (!*done)
		return ITSM_OK;
	for (to = from; to < wanted->count && !alignment->kept_new[to]; to++)
		;
	if (!itsm_surgery_can_write(wanted, from, to))
		return ITSM_EDATA;
	for (passed = 0; passed < from; at++)
		passed += alignment->kept_old[at];
	if (list->style == ITSM_YAML_FLOW)
		insert_flow_items(surgery, list, at, wanted, from, to);
	else
		insert_block_items(surgery, list, at, wanted, from, to);
	return ITSM_OK;
}

static void remove_extra(struct itsm_surgery *surgery, const struct itsm_yaml *list,
	const struct alignment *alignment)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct itsm_yaml *item = list->items[i];

		if (alignment->kept_old[i])
			continue;
		if (list->style == ITSM_YAML_FLOW) {
			/* One at a time: what the next one's neighbours are shows in the new text. */
			itsm_surgery_remove_flow(surgery, item->start, item->end,
				i > 0 ? list->items[i - 1]->end : SIZE_MAX,
				i + 1 < list->count ? list->items[i + 1]->start : SIZE_MAX);
			return;
		}
		itsm_surgery_remove_lines(surgery, dash_line(surgery, list, i), item->end);
	}
}

/*
 * New items go in first, then old ones out: the list is never empty in between,
 * which in block style it could not be.
 */
int itsm_surgery_list(struct itsm_surgery *surgery, const struct itsm_yaml *list, const struct itsm_yaml *wanted)
{
	struct alignment alignment;
	bool inserted;
	int status;

	align(surgery->arena, list, wanted, &alignment);
	status = insert_missing(surgery, list, wanted, &alignment, &inserted);
	if (!status && !inserted)
		remove_extra(surgery, list, &alignment);
	return status;
}
