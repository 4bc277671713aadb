/* A body in chunks. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "merge_job.h"

struct chunker {
	struct itsm_arena *arena;
	struct merge_span body;
	struct merge_chunk *items;
	size_t count, capacity;
};

/* Where the line end of the last line that is not blank begins, or start. */
static size_t find_trail(struct merge_span body, size_t start, size_t end)
{
	size_t last = end, stop;

	while (last > start && strchr(" \t\r\n", body.text[last - 1]))
		last--;
	if (last == start)
		return start;
	stop = merge_line_next(body, last);
	if (stop > end)
		stop = end;
	if (stop > last && body.text[stop - 1] == '\n')
		stop -= stop - 1 > last && body.text[stop - 2] == '\r' ? 2 : 1;
	return stop;
}

static void add(struct chunker *chunker, const char *name, const char *field, size_t start, size_t end)
{
	itsm_arena_grow(chunker->arena, &chunker->items, &chunker->capacity, chunker->count, sizeof(*chunker->items));
	chunker->items[chunker->count++] = (struct merge_chunk){
		.name = name, .field = field, .start = start, .trail = find_trail(chunker->body, start, end), .end = end,
	};
}

/* What a heading of level 1 begins, known by its first line. */
static void add_loose(struct chunker *chunker, size_t start, size_t end)
{
	size_t stop = merge_line_next(chunker->body, start);

	while (stop > start && strchr("\r\n", chunker->body.text[stop - 1]))
		stop--;
	add(chunker, itsm_arena_printf(chunker->arena, "body %.*s", (int)(stop - start > 4096 ? 4096 : stop - start),
		chunker->body.text + start), "body", start, end);
}

static void add_section(struct chunker *chunker, const struct itsm_section_span *section, size_t start, size_t end)
{
	char *name = itsm_arena_printf(chunker->arena, "## %s", section->name), *c;
	const char *field = itsm_arena_strdup(chunker->arena, name);

	for (c = name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	add(chunker, name, field, start, end);
}

static int compare_chunks(const void *left, const void *right)
{
	const struct merge_chunk *a = *(const struct merge_chunk *const *)left;
	const struct merge_chunk *b = *(const struct merge_chunk *const *)right;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->start > b->start) - (a->start < b->start);
}

/* Chunks of one name are numbered, so that each name is unique. */
static void number_names(struct chunker *chunker)
{
	struct merge_chunk **sorted = itsm_arena_alloc(chunker->arena, (chunker->count + 1) * sizeof(*sorted));
	const char *previous = NULL;
	size_t i, number = 0;

	for (i = 0; i < chunker->count; i++)
		sorted[i] = &chunker->items[i];
	qsort(sorted, chunker->count, sizeof(struct merge_chunk *), compare_chunks);
	for (i = 0; i < chunker->count; i++) {
		number = previous && strcmp(previous, sorted[i]->name) == 0 ? number + 1 : 0;
		previous = sorted[i]->name;
		sorted[i]->name = itsm_arena_printf(chunker->arena, "%zu %s", number, previous);
	}
}

void merge_chunks(struct itsm_arena *arena, const struct merge_version *version, struct merge_chunk **out,
	size_t *count)
{
	struct chunker chunker = {.arena = arena, .body = version->body};
	size_t offset = (size_t)(version->body.text - version->all.text), at = 0, end = 0, i;
	unsigned line = version->document.body_line;

	for (i = 0; i <= version->section_count; i++) {
		const struct itsm_section_span *section = i < version->section_count ? &version->sections[i] : NULL;

		for (; section ? line < section->line : at < version->body.size; line++)
			at = merge_line_next(version->body, at);
		/* A heading behind a lone CR stands in the middle of what is a line here. */
		at = at < end ? end : at;
		if (i == 0)
			add(&chunker, "body", "body", 0, at);
		else if (at > end)
			add_loose(&chunker, end, at);
		if (!section)
			break;
		end = section->end - offset;
		add_section(&chunker, section, at, end);
	}
	number_names(&chunker);
	*out = chunker.items;
	*count = chunker.count;
}
