/*
 * The body's text, chunk by chunk, and line by line where both sides changed a
 * chunk. Blank lines at the end of a chunk are not part of what it says.
 */
#include <string.h>

#include "diff.h"
#include "merge_job.h"

struct writer {
	struct merge_out *out;
	const struct merge_version *versions;
	struct merge_chunk *chunks[MERGE_SIDES];
	size_t counts[MERGE_SIDES];
	size_t start;                /* of the body in the result */
	struct merge_chunk *written;
	size_t count;
	bool last;                   /* what was written last is the last chunk of its version */
};

/* One chunk in the three versions; NULL = absent. */
struct trio {
	const struct merge_chunk *chunk[MERGE_SIDES];
	struct merge_span text[MERGE_SIDES]; /* without the blank lines at the end */
};

static struct merge_span blank_lines(const struct writer *writer, const struct trio *trio, enum merge_side side)
{
	const struct merge_chunk *chunk = trio->chunk[side];

	return (struct merge_span){writer->versions[side].body.text + chunk->trail, chunk->end - chunk->trail};
}

static struct trio make_trio(const struct writer *writer, const struct merge_slot *slot)
{
	struct trio trio = {0};
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		if (slot->index[side] == MERGE_NONE)
			continue;
		trio.chunk[side] = &writer->chunks[side][slot->index[side]];
		trio.text[side] = (struct merge_span){writer->versions[side].body.text + trio.chunk[side]->start,
			trio.chunk[side]->trail - trio.chunk[side]->start};
	}
	return trio;
}

static bool same(const struct trio *trio, enum merge_side a, enum merge_side b)
{
	return !trio->chunk[a] == !trio->chunk[b] && merge_span_equal(trio->text[a], trio->text[b]);
}

static bool at_line_start(const struct merge_out *out)
{
	return out->text.length == 0 || out->text.data[out->text.length - 1] == '\n';
}

/* Line ends go before the next line, not behind the last: whether one comes there, the blank lines say. */
static void write_line(struct merge_out *out, const struct diff_line *line, const struct diff_line **pending)
{
	const struct diff_line *last = *pending;

	if (last && last->size > last->length)
		itsm_buffer_add(&out->text, last->text + last->length, last->size - last->length);
	else if (last)
		itsm_buffer_puts(&out->text, out->newline);
	if (line)
		itsm_buffer_add(&out->text, line->text, line->length);
	*pending = line;
}

static void write_lines(struct merge_out *out, const struct diff_text *text, size_t start, size_t end,
	const struct diff_line **pending)
{
	for (; start < end; start++)
		write_line(out, &text->lines[start], pending);
}

static struct merge_span run(const struct diff_text *text, size_t start, size_t end)
{
	const struct diff_line *last;
	const char *begin;

	if (start == end)
		return (struct merge_span){"", 0};
	begin = text->lines[start].text;
	last = &text->lines[end - 1];
	return (struct merge_span){begin, (size_t)(last->text - begin) + last->size};
}

static void write_hunk_conflict(struct merge_out *out, const struct diff_text texts[MERGE_SIDES],
	const struct diff_hunk *hunk, const char *field)
{
	struct merge_span lines[MERGE_SIDES];
	const char *values[MERGE_SIDES];
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		lines[side] = run(&texts[side], hunk->start[side], hunk->end[side]);
		values[side] = lines[side].size ? itsm_arena_strndup(out->arena, lines[side].text, lines[side].size) : NULL;
	}
	merge_out_conflict(out, field, "both changed these lines", values, lines);
}

/* Both changed the chunk. */
static void write_merged(struct merge_out *out, const struct trio *trio)
{
	struct diff_text texts[MERGE_SIDES];
	const struct diff_line *pending = NULL;
	struct diff_hunk *hunks;
	enum merge_side side;
	size_t count, i;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++)
		diff_split(out->arena, trio->text[side].text ? trio->text[side].text : "", trio->text[side].size,
			&texts[side]);
	diff_merge(out->arena, texts, &hunks, &count);
	for (i = 0; i < count; i++) {
		bool conflict = hunks[i].change == DIFF_CONFLICT;

		side = conflict ? out->settle : hunks[i].change == DIFF_THEIRS ? MERGE_THEIRS : MERGE_OURS;
		if (conflict && side == MERGE_BASE) {
			write_line(out, NULL, &pending);
			write_hunk_conflict(out, texts, &hunks[i], trio->chunk[MERGE_OURS]->field);
			continue;
		}
		write_lines(out, &texts[side], hunks[i].start[side], hunks[i].end[side], &pending);
	}
}

/* One side removed the chunk, the other changed it. */
static void write_removal(struct merge_out *out, const struct trio *trio)
{
	bool ours = !trio->chunk[MERGE_OURS];
	const char *reason = ours ? "ours removed this, theirs changed it" : "ours changed this, theirs removed it";
	const char *values[MERGE_SIDES] = {NULL};
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		if (trio->chunk[side])
			values[side] = itsm_arena_strndup(out->arena, trio->text[side].text, trio->text[side].size);
	}
	merge_out_conflict(out, trio->chunk[ours ? MERGE_THEIRS : MERGE_OURS]->field, reason, values, trio->text);
}

static bool ends_blank(const struct merge_out *out)
{
	const char *text = out->text.data;
	size_t length = out->text.length;

	if (length == 0 || text[length - 1] != '\n')
		return false;
	length -= length > 1 && text[length - 2] == '\r' ? 2 : 1;
	return length == 0 || text[length - 1] == '\n';
}

/* A chunk that ended its version may lack the blank line that others have behind them. */
static void separate(struct writer *writer)
{
	struct merge_out *out = writer->out;

	if (out->text.length == writer->start)
		return;
	merge_out_line(out);
	if (writer->last && !ends_blank(out))
		itsm_buffer_puts(&out->text, out->newline);
}

/* The blank lines of ours, unless only theirs changed them. */
static void write_blank_lines(struct writer *writer, const struct trio *trio, enum merge_side side)
{
	struct merge_span lines;

	if (trio->chunk[MERGE_BASE] && trio->chunk[MERGE_OURS] && trio->chunk[MERGE_THEIRS])
		side = merge_span_equal(blank_lines(writer, trio, MERGE_OURS), blank_lines(writer, trio, MERGE_BASE)) ?
			MERGE_THEIRS : MERGE_OURS;
	lines = blank_lines(writer, trio, side);
	if (writer->out->text.length > writer->start && at_line_start(writer->out)) {
		size_t skip = merge_line_next(lines, 0);

		lines = (struct merge_span){lines.text + skip, lines.size - skip};
	}
	merge_out_span(writer->out, lines);
	writer->last = trio->chunk[side] == &writer->chunks[side][writer->counts[side] - 1];
}

static void write_chunk(struct writer *writer, const struct trio *trio)
{
	struct merge_out *out = writer->out;
	bool ours = same(trio, MERGE_OURS, MERGE_THEIRS) || same(trio, MERGE_BASE, MERGE_THEIRS);
	enum merge_side side = ours ? MERGE_OURS : MERGE_THEIRS;
	bool whole = ours || same(trio, MERGE_BASE, MERGE_OURS);
	bool removal = !whole && (!trio->chunk[MERGE_OURS] || !trio->chunk[MERGE_THEIRS]);
	struct merge_chunk *written;

	if (!whole)
		side = out->settle != MERGE_BASE ? out->settle : trio->chunk[MERGE_OURS] ? MERGE_OURS : MERGE_THEIRS;
	if (!trio->chunk[side])
		return;
	separate(writer);
	written = &writer->written[writer->count++];
	*written = *trio->chunk[side];
	written->start = out->text.length - writer->start;
	if (whole)
		merge_out_span(out, trio->text[side]);
	else if (removal)
		write_removal(out, trio);
	else
		write_merged(out, trio);
	write_blank_lines(writer, trio, side);
}

void merge_body_write(struct merge_out *out, const struct merge_version versions[MERGE_SIDES],
	struct merge_chunk **written, size_t *count)
{
	struct writer writer = {.out = out, .versions = versions, .start = out->text.length};
	const char **names[MERGE_SIDES];
	const char *const *read_only[MERGE_SIDES];
	struct merge_slot *slots;
	enum merge_side side;
	size_t slot_count, i;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		if (versions[side].root)
			merge_chunks(out->arena, &versions[side], &writer.chunks[side], &writer.counts[side]);
		names[side] = itsm_arena_alloc(out->arena, (writer.counts[side] + 1) * sizeof(**names));
		for (i = 0; i < writer.counts[side]; i++)
			names[side][i] = writer.chunks[side][i].name;
		read_only[side] = names[side];
	}
	merge_order(out->arena, read_only, writer.counts, false, &slots, &slot_count);
	writer.written = itsm_arena_alloc(out->arena, (slot_count + 1) * sizeof(*writer.written));
	for (i = 0; i < slot_count; i++) {
		struct trio trio = make_trio(&writer, &slots[i]);

		write_chunk(&writer, &trio);
	}
	*written = writer.written;
	*count = writer.count;
}
