/* `itsm timeline`: what standing queries tell of a record, put in one line of time. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/incident.h"
#include "standing.h"

#define ROWS_MAX 20000

struct telling {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_happening *items;
	size_t count, capacity;
};

/* The body of a note, or any other record or part. */
static const char *body_of(struct telling *telling, const char *id)
{
	struct itsm_shown shown;
	const char *text;
	size_t length;

	if (itsm_desk_show(telling->desk, telling->arena, id, NULL, false, &shown, NULL) != 0 || !shown.record->kind->markdown)
		return NULL;
	text = shown.record->text + shown.record->document.body_start;
	length = shown.record->size - shown.record->document.body_start;
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	while (length && isspace((unsigned char)*text)) {
		text++;
		length--;
	}
	return length ? itsm_arena_strndup(telling->arena, text, length) : NULL;
}

static int add_happening(void *context, const struct desk_row *row, struct itsm_error *err)
{
	struct telling *telling = context;
	const char *at = desk_row_text(row, "at");
	struct itsm_happening *happening;
	struct itsm_time time;

	(void)err;
	if (!at || itsm_time_parse(at, &time, NULL) != 0)
		return 0;
	itsm_arena_grow(telling->arena, &telling->items, &telling->capacity, telling->count, sizeof(*telling->items));
	happening = &telling->items[telling->count++];
	happening->at = time.seconds;
	happening->what = desk_row_text(row, "what");
	happening->id = desk_row_text(row, "id");
	happening->by = desk_row_text(row, "by");
	happening->text = desk_row_text(row, "text");
	happening->query = itsm_arena_strdup(telling->arena, row->query->name);
	if (!happening->text && happening->id)
		happening->text = body_of(telling, happening->id);
	return 0;
}

/* In order of time; what was told first stays first. */
static void sort(struct telling *telling)
{
	struct itsm_happening *sorted = itsm_arena_alloc(telling->arena, (telling->count + 1) * sizeof(*sorted));
	size_t width, i;

	for (width = 1; width < telling->count; width *= 2) {
		struct itsm_happening *from = telling->items;

		for (i = 0; i < telling->count; i += 2 * width) {
			size_t left = i, right = i + width, out = i;
			size_t middle = right < telling->count ? right : telling->count;
			size_t end = i + 2 * width < telling->count ? i + 2 * width : telling->count;

			while (left < middle || right < end)
				sorted[out++] = left < middle && (right >= end || from[left].at <= from[right].at) ? from[left++] : from[right++];
		}
		telling->items = sorted;
		sorted = from;
	}
}

static int ask_all(struct telling *telling, struct itsm_index *index, const struct itsm_standing_set *set,
	const struct itsm_hit *hit, const struct itsm_similar_options *options, bool *cut, struct itsm_error *err)
{
	const struct itsm_parameter id = {"id", {.type = ITSM_VALUE_TEXT, .text = hit->id}};
	const struct itsm_sql_request request = {.parameters = &id, .parameter_count = 1, .rows = ROWS_MAX,
		.expired = options->expired, .expired_context = options->expired_context};
	size_t i;
	int status = 0;

	*cut = false;
	for (i = 0; i < itsm_standing_count(set) && status == 0; i++) {
		const struct itsm_standing *query = itsm_standing_at(set, i);

		if (!itsm_standing_is_for(query, ITSM_STANDING_TIMELINE, hit->kind))
			continue;
		status = desk_standing_ask(index, telling->arena, query, &request, add_happening, telling, err);
		if (status == ITSM_ELIMIT) {
			*cut = true;
			status = 0;
		}
	}
	return status;
}

int itsm_desk_timeline(struct itsm_desk *desk, struct itsm_arena *arena, const char *id,
	const struct itsm_similar_options *options, struct itsm_happening **out, size_t *count, bool *cut, struct itsm_error *err)
{
	struct telling telling = {.desk = desk, .arena = arena};
	struct itsm_standing_set *set;
	struct itsm_index *index;
	struct itsm_hit hit;
	int status = desk_standing_open(desk, false, &set, err);

	if (status != 0)
		return status;
	if ((status = itsm_desk_view(desk, NULL, &index, err)) == 0 &&
	    (status = itsm_index_find(index, arena, id, NULL, &hit, err)) == 0)
		status = ask_all(&telling, index, set, &hit, options, cut, err);
	itsm_standing_free(set);
	if (status != 0)
		return status;
	sort(&telling);
	*out = telling.items;
	*count = telling.count;
	return 0;
}

/* One line of text, plain. */
static void add_plain(struct itsm_buffer *out, const char *text)
{
	struct itsm_buffer line = {0};

	for (; *text; text++)
		if (!isspace((unsigned char)*text))
			itsm_buffer_putc(&line, *text);
		else if (line.length && line.data[line.length - 1] != ' ')
			itsm_buffer_putc(&line, ' ');
	itsm_escape_markdown(out, line.data ? line.data : "");
	itsm_buffer_free(&line);
}

/* An ID: letters and digits in one word, which a dash parts at most. */
static bool is_plain(const char *id)
{
	return strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == strlen(id) && !strstr(id, "--");
}

void itsm_timeline_markdown(const struct itsm_happening *happenings, size_t count, const char *id, struct itsm_buffer *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct itsm_happening *happening = &happenings[i];
		char at[ITSM_TIME_TEXT];

		itsm_time_format_utc(happening->at, at);
		itsm_buffer_printf(out, "- %.10s %.5s UTC **", at, at + 11);
		add_plain(out, happening->what ? happening->what : "");
		itsm_buffer_puts(out, "**");
		if (happening->id && strcmp(happening->id, id) != 0 && strncmp(happening->id, id, strlen(id)) != 0) {
			itsm_buffer_putc(out, ' ');
			if (is_plain(happening->id))
				itsm_buffer_puts(out, happening->id);
			else
				add_plain(out, happening->id);
		}
		if (happening->by) {
			itsm_buffer_puts(out, " (");
			add_plain(out, happening->by);
			itsm_buffer_putc(out, ')');
		}
		if (happening->text) {
			itsm_buffer_puts(out, ": ");
			add_plain(out, happening->text);
		}
		itsm_buffer_putc(out, '\n');
	}
}
