/* Paths into a body, the texts they lead to, and labels. */
#include <stdlib.h>
#include <string.h>

#include "event.h"

#define TEXT_MAX 16384 /* bytes of one value */
#define LABEL_MAX 1024

static const struct itsm_yaml *member(const struct itsm_yaml *node, const char *key, size_t length)
{
	size_t i;

	for (i = 0; i < node->count; i++) {
		if (strncmp(node->keys[i]->text, key, length) == 0 && node->keys[i]->text[length] == '\0')
			return node->items[i];
	}
	return NULL;
}

/* Names may hold dots themselves: the longest that fits counts. */
static const struct itsm_yaml *walk(const struct itsm_yaml *node, const char *path, size_t length)
{
	size_t part = length;

	if (!length || !node)
		return node;
	if (node->type == ITSM_YAML_SEQUENCE) {
		char *end;
		unsigned long number = strtoul(path, &end, 10);

		part = (size_t)(end - path);
		if (part == 0 || part > length || (part < length && *end != '.') || number >= node->count)
			return NULL;
		return part == length ? node->items[number] : walk(node->items[number], end + 1, length - part - 1);
	}
	while (node->type == ITSM_YAML_MAPPING && part) {
		const struct itsm_yaml *inner = member(node, path, part);

		if (inner && part == length)
			return inner;
		if (inner && (inner = walk(inner, path + part + 1, length - part - 1)) != NULL)
			return inner;
		do
			part--;
		while (part && path[part] != '.');
	}
	return NULL;
}

const struct itsm_yaml *event_path(const struct itsm_yaml *node, const char *path)
{
	while (*path) {
		size_t length = strcspn(path, "|");
		const struct itsm_yaml *found = walk(node, path, length);

		if (found && length && !itsm_yaml_is_null(found))
			return found;
		path += length + (path[length] == '|');
	}
	return NULL;
}

/* A copy that a record can hold: no control characters, not longer than `most`, whole characters. */
static char *clean(struct itsm_arena *arena, const char *text, size_t most)
{
	size_t length = strlen(text), i, to = 0;
	char *copy;

	if (length > most) {
		length = most;
		while (length && ((unsigned char)text[length] & 0xC0) == 0x80)
			length--;
	}
	copy = itsm_arena_strndup(arena, text, length);
	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)copy[i];

		if (c == '\r')
			continue;
		if (c == 0xC2 && i + 1 < length && (unsigned char)copy[i + 1] < 0xA0) { /* U+0080 to U+009F */
			i++;
			c = ' ';
		}
		copy[to++] = (char)((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F ? ' ' : c);
	}
	copy[to] = '\0';
	return copy;
}

const char *event_text(struct itsm_arena *arena, const struct itsm_yaml *node)
{
	struct itsm_buffer list = {0};
	const char *text = "";
	size_t i;

	if (!node || itsm_yaml_is_null(node))
		return "";
	if (node->type == ITSM_YAML_SCALAR)
		return clean(arena, node->text, TEXT_MAX);
	if (node->type == ITSM_YAML_MAPPING)
		return "";
	for (i = 0; i < node->count && list.length < TEXT_MAX; i++) {
		if (node->items[i]->type != ITSM_YAML_SCALAR || itsm_yaml_is_null(node->items[i]))
			continue;
		if (list.length)
			itsm_buffer_putc(&list, IMPORT_ITEM_END);
		itsm_buffer_puts(&list, clean(arena, node->items[i]->text, TEXT_MAX));
	}
	if (list.length)
		text = itsm_arena_strndup(arena, list.data, list.length);
	itsm_buffer_free(&list);
	return text;
}

struct gathering {
	struct itsm_arena *arena;
	struct event_label *items;
	size_t count, capacity;
};

static void add_label(struct gathering *gathering, const char *name, const struct itsm_yaml *value)
{
	const char *text = clean(gathering->arena, event_text(gathering->arena, value), LABEL_MAX);
	size_t i;

	if (!*name || strlen(name) > 200 || !*text)
		return;
	for (i = 0; i < gathering->count; i++) {
		if (strcmp(gathering->items[i].name, name) == 0)
			break;
	}
	if (i == EVENT_LABELS_MAX)
		return;
	if (i == gathering->count)
		itsm_arena_grow(gathering->arena, &gathering->items, &gathering->capacity, gathering->count++, sizeof(*gathering->items));
	gathering->items[i].name = clean(gathering->arena, name, 200);
	gathering->items[i].value = text;
}

/* An object's members, or a list of {name, value}. */
static void add_object(struct gathering *gathering, const struct itsm_yaml *node)
{
	size_t i;

	for (i = 0; node && node->type != ITSM_YAML_SCALAR && i < node->count; i++) {
		const char *name = node->type == ITSM_YAML_MAPPING ? node->keys[i]->text : itsm_yaml_text(node->items[i], "name");

		if (node->type == ITSM_YAML_MAPPING)
			add_label(gathering, name, node->items[i]);
		else if (name)
			add_label(gathering, name, itsm_yaml_get(node->items[i], "value"));
	}
}

static const struct itsm_yaml *find(const struct itsm_yaml *alert, const struct itsm_yaml *body, const char *path)
{
	const struct itsm_yaml *found = event_path(alert, path);

	return found ? found : event_path(body, path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct event_label *)a)->name, ((const struct event_label *)b)->name);
}

size_t event_labels(struct itsm_arena *arena, const struct event_form *form, const struct itsm_yaml *alert,
	const struct itsm_yaml *body, struct event_label **out)
{
	struct gathering gathering = {.arena = arena};
	size_t i, j;

	for (i = 0; form->labels && i < form->labels->count; i++) {
		const struct itsm_yaml *from = form->labels->items[i];

		if (from->type == ITSM_YAML_SCALAR)
			add_object(&gathering, find(alert, body, from->text));
		for (j = 0; from->type == ITSM_YAML_MAPPING && j < from->count; j++)
			add_label(&gathering, from->keys[j]->text, find(alert, body, from->items[j]->text));
	}
	if (gathering.count > 1)
		qsort(gathering.items, gathering.count, sizeof(*gathering.items), by_name);
	*out = gathering.items;
	return gathering.count;
}
