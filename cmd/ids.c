#include <string.h>

#include "ids.h"

#define INPUT_MAX ((size_t)16 << 20)

struct list {
	const char **items;
	size_t count, capacity;
};

static void add(struct context *context, struct list *list, const char *word)
{
	itsm_arena_grow(context->arena, &list->items, &list->capacity, list->count, sizeof(*list->items));
	list->items[list->count++] = word;
}

static int add_input(struct context *context, struct list *list, struct itsm_error *err)
{
	static const char blanks[] = " \t\r\n";
	struct itsm_buffer text = {0};
	const char *at, *end;
	int status = context_read("-", INPUT_MAX, &text, err);

	if (!status && text.length && memchr(text.data, '\0', text.length))
		status = itsm_error_set(err, ITSM_EDATA, "stdin has a NUL byte; give one ID a line");
	for (at = text.data; !status && at && *(at += strspn(at, blanks)); at = end) {
		end = at + strcspn(at, blanks);
		add(context, list, itsm_arena_strndup(context->arena, at, (size_t)(end - at)));
	}
	itsm_buffer_free(&text);
	return status;
}

int ids_part(struct context *context, struct itsm_words words, struct itsm_words *ids, struct itsm_words *assignments,
	struct itsm_error *err)
{
	struct list names = {0}, values = {0};
	bool read = false;
	size_t i;
	int status = 0;

	for (i = 0; i < words.count && !status; i++) {
		if (strchr(words.items[i], '=')) {
			add(context, &values, words.items[i]);
		} else if (strcmp(words.items[i], "-") != 0) {
			add(context, &names, words.items[i]);
		} else if (!read) {
			read = true;
			status = add_input(context, &names, err);
		}
	}
	*ids = (struct itsm_words){names.items, names.count};
	*assignments = (struct itsm_words){values.items, values.count};
	return status;
}
