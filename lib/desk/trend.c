/* `itsm problem`: clusters of incidents, and the problem behind one. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "desk.h"
#include "itsm/chance.h"
#include "itsm/trend.h"
#include "itsm/utf8.h"

#define WORD_MIN 4
#define WORDS_MAX 30 /* of a title */

/* One thing that one incident has to do with. */
struct mention {
	const char *sort, *value, *id;
	bool inside;             /* the window, else before it */
};

struct gathering {
	struct itsm_arena *arena;
	const struct itsm_trend_options *options;
	struct mention *mentions;
	size_t count, capacity;
};

static void add(struct gathering *gathering, const char *sort, const char *value, const char *id, bool inside)
{
	itsm_arena_grow(gathering->arena, &gathering->mentions, &gathering->capacity, gathering->count, sizeof(*gathering->mentions));
	gathering->mentions[gathering->count++] = (struct mention){sort, itsm_arena_strdup(gathering->arena, value),
		id, inside};
}

static bool is_of_word(char c)
{
	return (unsigned char)c >= 128 || (c && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", c));
}

/* Words tell only what has letters in it; those of three and fewer tell nothing. */
static void add_words(struct gathering *gathering, const char *title, const char *id, bool inside)
{
	size_t words = 0;

	while (*title && words < WORDS_MAX) {
		char word[64];
		size_t length = 0, letters = 0;

		while (*title && !is_of_word(*title))
			title++;
		for (; is_of_word(*title) || (*title && strchr("-_.", *title)); title++) {
			char c = *title >= 'A' && *title <= 'Z' ? (char)(*title + 32) : *title;

			letters += (unsigned char)c >= 128 || (c >= 'a' && c <= 'z');
			if (length < sizeof(word) - 1)
				word[length++] = c;
		}
		while (length && strchr("-_.", word[length - 1]))
			length--;
		word[length] = '\0';
		if (letters >= WORD_MIN && itsm_utf8_invalid(word, length) == length)
			add(gathering, "word", word, id, inside);
		words++;
	}
}

/* A row for each thing that an incident of the windows has to do with; its title is taken apart here. */
static const char *const query_text =
	"WITH i AS MATERIALIZED (SELECT id, unixepoch(opened) >= ?2 AS inside, title, service, category, items FROM incident"
	" WHERE problem IS NULL AND parent IS NULL AND state IS NOT 'cancelled'"
	" AND unixepoch(opened) >= ?1 AND unixepoch(opened) < ?3)"
	" SELECT id, inside, 'service', service FROM i WHERE service IS NOT NULL"
	" UNION ALL SELECT id, inside, 'category', category FROM i WHERE category IS NOT NULL"
	" UNION ALL SELECT id, inside, 'title', title FROM i WHERE title IS NOT NULL"
	" UNION ALL SELECT i.id, i.inside, 'item', part.value FROM i, json_each(i.items) AS part";

static const char *text_of(const struct itsm_query *query, size_t column)
{
	const struct itsm_value value = itsm_query_value(query, column);

	return value.type == ITSM_VALUE_NULL ? NULL : value.text;
}

static void add_row(struct gathering *gathering, const struct itsm_query *query)
{
	const char *id = itsm_arena_strdup(gathering->arena, text_of(query, 0)), *sort = text_of(query, 2);
	bool inside = itsm_query_value(query, 1).integer != 0;

	if (strcmp(sort, "title") == 0)
		add_words(gathering, text_of(query, 3), id, inside);
	else
		add(gathering, itsm_arena_strdup(gathering->arena, sort), text_of(query, 3), id, inside);
}

static int gather(struct gathering *gathering, struct itsm_index *index, struct itsm_error *err)
{
	const struct itsm_trend_options *options = gathering->options;
	const int64_t from = options->to - options->window;
	const struct itsm_value values[] = {
		{.type = ITSM_VALUE_INTEGER, .integer = from - options->window * (int64_t)options->windows},
		{.type = ITSM_VALUE_INTEGER, .integer = from},
		{.type = ITSM_VALUE_INTEGER, .integer = options->to},
	};
	struct itsm_query *query;
	int status = itsm_query_open(index, query_text, values, 3, &query, err);

	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, err)) > 0)
		add_row(gathering, query);
	itsm_query_free(query);
	return status;
}

static int compare_mentions(const void *a, const void *b)
{
	const struct mention *one = a, *other = b;
	int order = strcmp(one->sort, other->sort);

	if (!order)
		order = strcmp(one->value, other->value);
	return order ? order : strcmp(one->id, other->id);
}

static bool is_same(const struct mention *one, const struct mention *other)
{
	return strcmp(one->sort, other->sort) == 0 && strcmp(one->value, other->value) == 0;
}

/* The mentions from `first` up to `end` are of one thing; an incident that has it twice counts once. */
static struct itsm_trend reckon(struct gathering *gathering, size_t first, size_t end)
{
	const struct itsm_trend_options *options = gathering->options;
	const char **ids = itsm_arena_alloc(gathering->arena, (end - first + 1) * sizeof(*ids));
	struct itsm_trend trend = {gathering->mentions[first].sort, gathering->mentions[first].value, .ids = ids};
	size_t i;

	for (i = first; i < end; i++) {
		if (i > first && strcmp(gathering->mentions[i].id, gathering->mentions[i - 1].id) == 0)
			continue;
		if (gathering->mentions[i].inside)
			ids[trend.count++] = gathering->mentions[i].id;
		else
			trend.before++;
	}
	trend.expected = (double)trend.before / options->windows;
	trend.probability = itsm_poisson_tail(trend.count, (double)(trend.before + 1) / options->windows);
	return trend;
}

static int compare_trends(const void *a, const void *b)
{
	const struct itsm_trend *one = a, *other = b;
	int order;

	if (one->probability != other->probability)
		return one->probability < other->probability ? -1 : 1;
	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	order = strcmp(one->sort, other->sort);
	return order ? order : strcmp(one->value, other->value);
}

static int find_trends(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_trend_options *options,
	struct itsm_trend **out, size_t *count, struct itsm_error *err)
{
	struct gathering gathering = {.arena = arena, .options = options};
	size_t first = 0, i, capacity = 0;
	int status = gather(&gathering, index, err);

	*out = NULL;
	*count = 0;
	if (status != 0)
		return status;
	if (gathering.count)
		qsort(gathering.mentions, gathering.count, sizeof(*gathering.mentions), compare_mentions);
	for (i = 1; i <= gathering.count; i++) {
		struct itsm_trend trend;

		if (i < gathering.count && is_same(&gathering.mentions[first], &gathering.mentions[i]))
			continue;
		trend = reckon(&gathering, first, i);
		first = i;
		if (trend.count < options->least || trend.probability > options->probability)
			continue;
		itsm_arena_grow(arena, out, &capacity, *count, sizeof(**out));
		(*out)[(*count)++] = trend;
	}
	if (*count)
		qsort(*out, *count, sizeof(**out), compare_trends);
	return 0;
}

int itsm_desk_trends(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_trend_options *options,
	struct itsm_trend **out, size_t *count, struct itsm_error *err)
{
	struct itsm_index *index;
	int status = itsm_desk_view(desk, NULL, &index, err);

	return status ? status : find_trends(index, arena, options, out, count, err);
}

struct proposing {
	const struct itsm_trend_options *options;
	const char *sort, *value;
};

static int compose_problem(struct desk_change *change, const struct proposing *proposing, const struct itsm_trend *trend,
	struct desk_put *put, const char **id, struct itsm_error *err)
{
	const struct desk_author who = {desk_change_person(change), change->identity_name, change->identity_mail};
	const char **words = itsm_arena_alloc(change->arena, 2 * sizeof(*words));
	struct itsm_new request = {.kind = "problem", .words = {words, 1}};
	const struct itsm_kind *kind;
	struct itsm_buffer text = {0};
	char fresh[ITSM_ID_MAX];
	int status = itsm_desk_kind(change->desk, "problem", &kind, err);

	words[0] = "origin=trend";
	if (status != 0 || (status = itsm_id_make(kind->prefix, fresh, err)) != 0)
		return status;
	*id = itsm_arena_strdup(change->arena, fresh);
	request.title = itsm_arena_printf(change->arena, "%zu incidents of %s %s in %lld days", trend->count, trend->sort, trend->value,
		(long long)(proposing->options->window / 86400));
	if (strcmp(trend->sort, "word") != 0)
		words[request.words.count++] = itsm_arena_printf(change->arena, "%s=%s", strcmp(trend->sort, "item") == 0 ? "items" : trend->sort,
			trend->value);
	put->path = itsm_kind_path(change->arena, kind, fresh, change->desk->options.now, NULL);
	put->given = request.words;
	status = desk_new_text(change->desk, change->arena, kind, &request, &who, false, &text, err);
	put->text = itsm_arena_strndup(change->arena, text.data ? text.data : "", text.length);
	put->size = text.length;
	itsm_buffer_free(&text);
	itsm_buffer_printf(&change->subject, "%s: new problem: %s", fresh, request.title);
	return status;
}

static int name_problem(struct desk_change *change, const struct itsm_trend *trend, const char *problem, struct desk_put *puts,
	struct itsm_error *err)
{
	struct itsm_edit *edits = itsm_arena_alloc(change->arena, sizeof(*edits));
	size_t i;
	int status = 0;

	desk_edit_set(change->arena, edits, "problem", problem, true);
	for (i = 0; i < trend->count && status == 0; i++) {
		struct itsm_record *record;

		if ((status = desk_change_record(change, trend->ids[i], &record, err)) == 0)
			status = desk_change_edit(change, record, edits, 1, NULL, &puts[i], err);
	}
	change->judged = NULL;
	return status;
}

static int propose(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct proposing *proposing = context;
	struct itsm_trend *trends;
	struct desk_put *puts;
	const char *id;
	size_t count, i;
	int status = find_trends(change->index, change->arena, proposing->options, &trends, &count, err);

	if (status != 0)
		return status;
	for (i = 0; i < count && (strcmp(trends[i].sort, proposing->sort) != 0 || strcmp(trends[i].value, proposing->value) != 0); i++)
		;
	if (i == count)
		return itsm_error_set(err, ITSM_ENOTFOUND, "no cluster of %s %s is committed; `itsm problem trends` shows those there are",
			proposing->sort, proposing->value);
	puts = itsm_arena_alloc(change->arena, (trends[i].count + 1) * sizeof(*puts));
	if ((status = compose_problem(change, proposing, &trends[i], &puts[0], &id, err)) != 0 ||
	    (status = name_problem(change, &trends[i], id, puts + 1, err)) != 0 ||
	    (status = desk_change_put_all(change, puts, trends[i].count + 1, err)) != 0)
		return status;
	change->outcome->id = itsm_arena_strdup(change->outcome->arena, id);
	change->outcome->path = itsm_arena_strdup(change->outcome->arena, puts[0].path);
	desk_change_trailer(change, "Itsm-Action", "problem");
	desk_change_trailer(change, "Itsm-Record", id);
	return 0;
}

int itsm_desk_propose_problem(struct itsm_desk *desk, const struct itsm_trend_options *options, const char *sort,
	const char *value, const char *message, struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct proposing proposing = {options, sort, value};

	return desk_change_run(desk, propose, &proposing, message, outcome, err);
}
