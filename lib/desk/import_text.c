/* Texts of an import by number: an array of them and a hash table with open addressing. */
#include "import_text.h"

#include <stdbool.h>
#include <string.h>

#include "itsm/utf8.h"

struct text {
	const char *data;
	const char *problem;
	uint32_t length, hash;
};

struct import_texts {
	struct itsm_arena *arena;
	struct text *items;
	size_t count, capacity;
	uint32_t *slots;
	size_t slot_count; /* a power of two, more than half of it free */
};

static uint32_t hash_bytes(const char *text, size_t length)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
	return (uint32_t)(hash ^ hash >> 32);
}

/* Records hold UTF-8 without control characters but tab and line ends. */
static const char *find_problem(const char *text, size_t length)
{
	size_t i;

	if (length > UINT32_MAX / 2)
		return "is too long";
	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != IMPORT_ITEM_END))
			return "holds a control character";
	}
	return itsm_utf8_invalid(text, length) < length ? "is not UTF-8; convert the file with iconv" : NULL;
}

struct import_texts *import_texts_new(struct itsm_arena *arena)
{
	struct import_texts *texts = itsm_arena_alloc(arena, sizeof(*texts));

	texts->arena = arena;
	texts->slot_count = 1024;
	texts->slots = itsm_arena_alloc(arena, texts->slot_count * sizeof(*texts->slots));
	itsm_arena_grow(arena, &texts->items, &texts->capacity, 0, sizeof(*texts->items));
	texts->items[0].data = "";
	texts->count = 1;
	return texts;
}

static size_t find_slot(const struct import_texts *texts, const char *text, size_t length, uint32_t hash)
{
	size_t mask = texts->slot_count - 1, slot = hash & mask;

	for (;; slot = (slot + 1) & mask) {
		const struct text *item = &texts->items[texts->slots[slot]];

		if (texts->slots[slot] == 0)
			return slot;
		if (item->hash == hash && item->length == length && memcmp(item->data, text, length) == 0)
			return slot;
	}
}

static void make_room(struct import_texts *texts)
{
	size_t mask, i;

	itsm_arena_grow(texts->arena, &texts->items, &texts->capacity, texts->count, sizeof(*texts->items));
	if (texts->count * 2 < texts->slot_count)
		return;
	texts->slot_count *= 4;
	texts->slots = itsm_arena_alloc(texts->arena, texts->slot_count * sizeof(*texts->slots));
	mask = texts->slot_count - 1;
	for (i = 1; i < texts->count; i++) {
		size_t slot = texts->items[i].hash & mask;

		while (texts->slots[slot])
			slot = (slot + 1) & mask;
		texts->slots[slot] = (uint32_t)i;
	}
}

uint32_t import_texts_add(struct import_texts *texts, const char *text, size_t length)
{
	uint32_t hash;
	size_t slot;
	struct text *item;

	if (length == 0)
		return 0;
	hash = hash_bytes(text, length);
	slot = find_slot(texts, text, length, hash);
	if (texts->slots[slot])
		return texts->slots[slot];
	make_room(texts);
	slot = find_slot(texts, text, length, hash);
	item = &texts->items[texts->count];
	item->data = itsm_arena_strndup(texts->arena, text, length);
	item->length = (uint32_t)length;
	item->hash = hash;
	item->problem = find_problem(text, length);
	texts->slots[slot] = (uint32_t)texts->count++;
	return texts->slots[slot];
}

uint32_t import_texts_find(const struct import_texts *texts, const char *text, size_t length)
{
	return length ? texts->slots[find_slot(texts, text, length, hash_bytes(text, length))] : 0;
}

const char *import_texts_get(const struct import_texts *texts, uint32_t id)
{
	return texts->items[id].data;
}

size_t import_texts_length(const struct import_texts *texts, uint32_t id)
{
	return texts->items[id].length;
}

const char *import_texts_problem(const struct import_texts *texts, uint32_t id)
{
	return texts->items[id].problem;
}

static struct import_pair *find_pair(const struct import_table *table, uint32_t key)
{
	size_t mask = table->capacity - 1, slot = (key * UINT32_C(2654435761)) & mask;

	while (table->slots[slot].key && table->slots[slot].key != key)
		slot = (slot + 1) & mask;
	return &table->slots[slot];
}

uint32_t import_table_get(const struct import_table *table, uint32_t key)
{
	return table->capacity ? find_pair(table, key)->value : 0;
}

void import_table_put(struct import_table *table, uint32_t key, uint32_t value)
{
	struct import_pair *pair;

	if (table->count * 2 >= table->capacity) {
		struct import_table bigger = {.arena = table->arena, .count = table->count};
		size_t i;

		bigger.capacity = table->capacity ? table->capacity * 2 : 64;
		bigger.slots = itsm_arena_alloc(table->arena, bigger.capacity * sizeof(*bigger.slots));
		for (i = 0; i < table->capacity; i++) {
			if (table->slots[i].key)
				*find_pair(&bigger, table->slots[i].key) = table->slots[i];
		}
		*table = bigger;
	}
	pair = find_pair(table, key);
	table->count += pair->key == 0;
	pair->key = key;
	pair->value = value;
}
