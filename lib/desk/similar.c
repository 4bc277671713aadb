/* `itsm similar`: records whose text is like a record's, handed to the queries that say what of them matters. */
#include <ctype.h>
#include <string.h>

#include "itsm/incident.h"
#include "standing.h"

#define WORDS_MAX 24
#define WORD_LEAST 3
#define ALIKE_MAX 100
#define SMALL_DESK 2000

struct asking {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	const struct itsm_similar_options *options;
	struct itsm_similar *out;
	size_t capacity;
};

static bool is_of_word(char c)
{
	return (c & 0x80) || isalnum((unsigned char)c);
}

/* "a OR b OR c" of the words of a title, as items. */
static size_t title_words(struct itsm_arena *arena, const char *title, const char **words)
{
	size_t count = 0;

	while (*title && count < 2 * WORDS_MAX) {
		size_t length = 0;

		while (*title && !is_of_word(*title))
			title++;
		while (title[length] && is_of_word(title[length]))
			length++;
		if (length >= WORD_LEAST && length < 64) {
			char *word = itsm_arena_strndup(arena, title, length);

			for (size_t i = 0; word[i]; i++)
				word[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] + 32 : word[i]);
			if (count)
				words[count++] = "OR";
			words[count++] = word;
		}
		title += length;
	}
	return count;
}

/* Scores against the record's own, as JSON. */
static void write_alike(struct itsm_buffer *out, const struct itsm_found *found, size_t count, const char *id, double *own)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(found[i].id, id) == 0)
			*own = found[i].score;
	if (*own <= 0 && count)
		*own = found[0].score;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(found[i].id, id) == 0 || *own <= 0)
			continue;
		itsm_buffer_puts(out, out->length > 1 ? ",{\"id\":" : "{\"id\":");
		itsm_escape_json(out, found[i].id);
		itsm_buffer_printf(out, ",\"score\":%.4f}", found[i].score / *own);
	}
}

/* Is the full text there, or so little to read that it soon is? */
static bool is_ready(struct itsm_index *index, struct itsm_arena *arena)
{
	struct itsm_index_status status;

	return itsm_index_has_text(index) ||
		(itsm_index_tell(index, arena, &status, NULL) == 0 && status.work_files < SMALL_DESK);
}

/* What is like it, of all records and of those that are open: these are not to be crowded out. */
static int find_alike(struct asking *asking, struct itsm_index *index, const struct itsm_hit *hit, struct itsm_buffer *out,
	struct itsm_error *err)
{
	const char *words[2 * WORDS_MAX + 2];
	struct itsm_search_options search = {.words = words, .limit = ALIKE_MAX};
	struct itsm_found *found;
	size_t count;
	double own = 0;
	int status = 0, round;

	search.word_count = title_words(asking->arena, hit->title ? hit->title : "", words);
	itsm_buffer_putc(out, '[');
	asking->out->without_text = asking->options->ready_only && !is_ready(index, asking->arena);
	for (round = 0; round < 2 && status == 0 && search.word_count && !asking->out->without_text; round++) {
		status = itsm_index_search(index, asking->arena, &search, &found, &count, err);
		if (status == 0)
			write_alike(out, found, count, hit->id, &own);
		words[search.word_count++] = "state:open";
	}
	itsm_buffer_putc(out, ']');
	return status;
}

static const char *trimmed(struct itsm_arena *arena, const char *text, size_t length)
{
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	while (length && isspace((unsigned char)*text)) {
		text++;
		length--;
	}
	return itsm_arena_strndup(arena, text, length);
}

/* The text of a section of a record of the work tree, in the arena; NULL when it has none. */
static const char *section_text(struct asking *asking, const char *id, const char *name)
{
	const struct itsm_section_span *section;
	struct itsm_shown shown;

	if (itsm_desk_show(asking->desk, asking->arena, id, NULL, false, &shown, NULL) != 0 ||
	    !(section = itsm_record_section(shown.record, name)) || !section->filled)
		return NULL;
	return trimmed(asking->arena, shown.record->text + section->start, section->end - section->start);
}

static int add_related(void *context, const struct desk_row *row, struct itsm_error *err)
{
	struct asking *asking = context;
	struct itsm_similar *out = asking->out;
	const char *section = desk_row_text(row, "section");
	struct itsm_related *related;

	(void)err;
	itsm_arena_grow(asking->arena, &out->items, &asking->capacity, out->count, sizeof(*out->items));
	related = &out->items[out->count];
	related->query = itsm_arena_strdup(asking->arena, row->query->name);
	related->help = itsm_arena_strdup(asking->arena, row->query->help ? row->query->help : row->query->name);
	related->id = desk_row_text(row, "id");
	related->title = desk_row_text(row, "title");
	related->state = desk_row_text(row, "state");
	related->at = desk_row_text(row, "at");
	related->text = section && related->id ? section_text(asking, related->id, section) : desk_row_text(row, "text");
	out->count += related->id != NULL;
	return 0;
}

static int ask_all(struct asking *asking, struct itsm_index *index, const struct itsm_standing_set *set,
	const struct itsm_hit *hit, const char *alike, struct itsm_error *err)
{
	const struct itsm_parameter parameters[] = {
		{"id", {.type = ITSM_VALUE_TEXT, .text = hit->id}}, {"alike", {.type = ITSM_VALUE_TEXT, .text = alike}},
	};
	const struct itsm_sql_request request = {.parameters = parameters, .parameter_count = 2, .rows = 100,
		.expired = asking->options->expired, .expired_context = asking->options->expired_context};
	int status = 0;

	for (size_t i = 0; i < itsm_standing_count(set) && status == 0; i++) {
		const struct itsm_standing *query = itsm_standing_at(set, i);

		if (!itsm_standing_is_for(query, ITSM_STANDING_SIMILAR, hit->kind))
			continue;
		status = desk_standing_ask(index, asking->arena, query, &request, add_related, asking, err);
		if (status == ITSM_ELIMIT) {
			asking->out->cut = true;
			return 0;
		}
	}
	return status;
}

int itsm_desk_has_similar(struct itsm_desk *desk, const char *kind, bool *out, struct itsm_error *err)
{
	struct itsm_standing_set *set;
	int status = desk_standing_open(desk, false, &set, err);

	if (status != 0)
		return status;
	*out = false;
	for (size_t i = 0; i < itsm_standing_count(set) && !*out; i++)
		*out = itsm_standing_is_for(itsm_standing_at(set, i), ITSM_STANDING_SIMILAR, kind);
	itsm_standing_free(set);
	return 0;
}

int itsm_desk_similar(struct itsm_desk *desk, struct itsm_arena *arena, const char *id,
	const struct itsm_similar_options *options, struct itsm_similar *out, struct itsm_error *err)
{
	struct asking asking = {.desk = desk, .arena = arena, .options = options, .out = out};
	struct itsm_standing_set *set;
	struct itsm_buffer alike = {0};
	struct itsm_index *index;
	struct itsm_hit hit;
	int status = desk_standing_open(desk, false, &set, err);

	if (status != 0)
		return status;
	memset(out, 0, sizeof(*out));
	if ((status = itsm_desk_view(desk, NULL, &index, err)) == 0 &&
	    (status = itsm_index_find(index, arena, id, NULL, &hit, err)) == 0 &&
	    (status = find_alike(&asking, index, &hit, &alike, err)) == 0) {
		out->id = hit.id;
		status = ask_all(&asking, index, set, &hit, alike.data, err);
	}
	itsm_buffer_free(&alike);
	itsm_standing_free(set);
	return status;
}
