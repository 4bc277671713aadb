/*
 * Texts of an import, each kept once and known by a number.
 *
 * A log of hundreds of thousands of rows holds few different texts, so rows
 * are arrays of numbers, equal texts are equal numbers, and what a rule makes of a
 * text is worked out once. 0 is "no text".
 */
#ifndef ITSM_LIB_DESK_IMPORT_TEXT_H
#define ITSM_LIB_DESK_IMPORT_TEXT_H

#include <stdint.h>

#include "itsm/memory.h"

/* Between the items of a list that is kept as one text. */
#define IMPORT_ITEM_END '\x1f'

struct import_texts;

struct import_texts *import_texts_new(struct itsm_arena *arena);
/* The number of a text; 0 for an empty one. */
uint32_t import_texts_add(struct import_texts *texts, const char *text, size_t length);
/* The number of a text that was added, else 0. */
uint32_t import_texts_find(const struct import_texts *texts, const char *text, size_t length);
/* NUL-terminated, "" for 0; lives as long as the arena. */
const char *import_texts_get(const struct import_texts *texts, uint32_t id);
size_t import_texts_length(const struct import_texts *texts, uint32_t id);
/* Why a record can't hold this text, or NULL. */
const char *import_texts_problem(const struct import_texts *texts, uint32_t id);

/* From one number to another; keys are not 0, and 0 is "nothing". Start with {arena}. */
struct import_table {
	struct itsm_arena *arena;
	struct import_pair {
		uint32_t key, value;
	} *slots;
	size_t count, capacity;
};

uint32_t import_table_get(const struct import_table *table, uint32_t key);
void import_table_put(struct import_table *table, uint32_t key, uint32_t value);

#endif
