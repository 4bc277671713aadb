/*
 * Memory: arenas for results, growable buffers for text.
 *
 * A result or a snapshot owns one arena; everything it points to dies with it.
 * Running out of memory prints one line to stderr and aborts, here and nowhere
 * else. Built with address sanitizer, an arena gives each allocation a block of
 * its own, so that the sanitizer sees its bounds.
 */
#ifndef ITSM_MEMORY_H
#define ITSM_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

#include "itsm/export.h"

struct itsm_arena;

ITSM_API struct itsm_arena *itsm_arena_new(void);
/* Free the arena and all it gave out. Takes NULL. */
ITSM_API void itsm_arena_free(struct itsm_arena *arena);
/* Zeroed memory, aligned for any type. */
ITSM_API void *itsm_arena_alloc(struct itsm_arena *arena, size_t size);
ITSM_API char *itsm_arena_strdup(struct itsm_arena *arena, const char *text);
/* The first `length` bytes of text and a NUL. */
ITSM_API char *itsm_arena_strndup(struct itsm_arena *arena, const char *text, size_t length);
ITSM_API char *itsm_arena_printf(struct itsm_arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * A growable array inside an arena: `*items` has `*capacity` places of `size`
 * bytes and `count` are used; afterwards there is room for one more.
 */
ITSM_API void itsm_arena_grow(struct itsm_arena *arena, void *items, size_t *capacity, size_t count, size_t size);

/* Put `item` at place `at` of such an array of `*count` pointers; what is there and after it moves up. */
ITSM_API void itsm_arena_insert(struct itsm_arena *arena, void *items, size_t *capacity, size_t *count, size_t at,
	const void *item);

/* Text under construction. Start with {0}; data is NUL-terminated once anything was added. */
struct itsm_buffer {
	char *data;
	size_t length;
	size_t capacity;
};

ITSM_API void itsm_buffer_add(struct itsm_buffer *buffer, const void *data, size_t length);
ITSM_API void itsm_buffer_puts(struct itsm_buffer *buffer, const char *text);
ITSM_API void itsm_buffer_putc(struct itsm_buffer *buffer, char c);
ITSM_API void itsm_buffer_printf(struct itsm_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Empty it, keep the memory. */
ITSM_API void itsm_buffer_clear(struct itsm_buffer *buffer);
/* Free the memory; the buffer is {0} again. */
ITSM_API void itsm_buffer_free(struct itsm_buffer *buffer);

#endif
