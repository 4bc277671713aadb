/*
 * An arena is a list of blocks, the newest first; small allocations share the
 * newest one, large ones get a block of their own. Under address sanitizer every
 * allocation is a block, so that its bounds are watched.
 */
#include "itsm/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define SEPARATE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEPARATE 1
#endif
#endif
#ifndef SEPARATE
#define SEPARATE 0
#endif

#define ALIGNMENT _Alignof(max_align_t)
#define FIRST_BLOCK 4096u
#define LARGEST_BLOCK (256u * 1024)

struct block {
	struct block *next;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};

struct itsm_arena {
	struct block *blocks;
	size_t next_size;
};

static _Noreturn void out_of_memory(void)
{
	fputs("itsm: out of memory\n", stderr);
	abort();
}

static void *allocate(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		out_of_memory();
	return memory;
}

struct itsm_arena *itsm_arena_new(void)
{
	struct itsm_arena *arena = allocate(sizeof(*arena));

	arena->next_size = FIRST_BLOCK;
	return arena;
}

void itsm_arena_free(struct itsm_arena *arena)
{
	struct block *block, *next;

	if (!arena)
		return;
	for (block = arena->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

static struct block *block_new(struct itsm_arena *arena, size_t size)
{
	struct block *block;

	if (size > SIZE_MAX - sizeof(*block))
		out_of_memory();
	block = allocate(sizeof(*block) + size);
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *itsm_arena_alloc(struct itsm_arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	struct block *large;
	size_t rounded;

	if (SEPARATE)
		return block_new(arena, size)->data;
	if (size > SIZE_MAX - ALIGNMENT)
		out_of_memory();
	rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (block && rounded <= block->size - block->used) {
		block->used += rounded;
		return block->data + block->used - rounded;
	}
	if (rounded > arena->next_size / 4 && block) {
		/* Keep filling the block at hand: the large one goes behind it. */
		large = block_new(arena, rounded);
		large->used = rounded;
		arena->blocks = block;
		large->next = block->next;
		block->next = large;
		return large->data;
	}
	block = block_new(arena, rounded > arena->next_size ? rounded : arena->next_size);
	if (arena->next_size < LARGEST_BLOCK)
		arena->next_size *= 2;
	block->used = rounded;
	return block->data;
}

char *itsm_arena_strndup(struct itsm_arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		out_of_memory();
	copy = itsm_arena_alloc(arena, length + 1);
	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *itsm_arena_strdup(struct itsm_arena *arena, const char *text)
{
	return itsm_arena_strndup(arena, text, strlen(text));
}

/* How many bytes the formatted text takes, without the NUL. Inlined under UBSan, gcc 12 warns of a NULL format. */
static size_t formatted_length(const char *format, va_list arguments)
	__attribute__((format(printf, 1, 0), noinline));

static size_t formatted_length(const char *format, va_list arguments)
{
	char nowhere[1];
	int length = vsnprintf(nowhere, sizeof(nowhere), format, arguments);

	if (length < 0)
		out_of_memory();
	return (size_t)length;
}

char *itsm_arena_printf(struct itsm_arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;
	size_t length;

	va_start(arguments, format);
	length = formatted_length(format, arguments);
	va_end(arguments);
	text = itsm_arena_alloc(arena, length + 1);
	va_start(arguments, format);
	vsnprintf(text, length + 1, format, arguments);
	va_end(arguments);
	return text;
}

void itsm_arena_grow(struct itsm_arena *arena, void *items, size_t *capacity, size_t count, size_t size)
{
	void *old, *grown;
	size_t wanted;

	if (count < *capacity)
		return;
	wanted = *capacity ? *capacity * 2 : 8;
	if (wanted < *capacity || wanted > SIZE_MAX / size)
		out_of_memory();
	memcpy(&old, items, sizeof(old));
	grown = itsm_arena_alloc(arena, wanted * size);
	if (count > 0)
		memcpy(grown, old, count * size);
	memcpy(items, &grown, sizeof(grown));
	*capacity = wanted;
}

void itsm_arena_insert(struct itsm_arena *arena, void *items, size_t *capacity, size_t *count, size_t at, const void *item)
{
	char *first;

	itsm_arena_grow(arena, items, capacity, *count, sizeof(item));
	memcpy(&first, items, sizeof(first));
	memmove(first + (at + 1) * sizeof(item), first + at * sizeof(item), (*count - at) * sizeof(item));
	memcpy(first + at * sizeof(item), &item, sizeof(item));
	++*count;
}

/* Make room for `more` bytes and a NUL. */
static void reserve(struct itsm_buffer *buffer, size_t more)
{
	size_t wanted, capacity;
	char *data;

	if (more > SIZE_MAX / 2 || buffer->length > SIZE_MAX / 2 - 1 - more)
		out_of_memory();
	wanted = buffer->length + more + 1;
	if (wanted <= buffer->capacity)
		return;
	capacity = buffer->capacity > SIZE_MAX / 4 ? wanted : buffer->capacity * 2;
	if (capacity < wanted)
		capacity = wanted < 64 ? 64 : wanted;
	data = realloc(buffer->data, capacity);
	if (!data)
		out_of_memory();
	buffer->data = data;
	buffer->capacity = capacity;
}

void itsm_buffer_add(struct itsm_buffer *buffer, const void *data, size_t length)
{
	reserve(buffer, length);
	if (length > 0)
		memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
}

void itsm_buffer_puts(struct itsm_buffer *buffer, const char *text)
{
	itsm_buffer_add(buffer, text, strlen(text));
}

void itsm_buffer_putc(struct itsm_buffer *buffer, char c)
{
	itsm_buffer_add(buffer, &c, 1);
}

void itsm_buffer_printf(struct itsm_buffer *buffer, const char *format, ...)
{
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = formatted_length(format, arguments);
	va_end(arguments);
	reserve(buffer, length);
	va_start(arguments, format);
	vsnprintf(buffer->data + buffer->length, length + 1, format, arguments);
	va_end(arguments);
	buffer->length += length;
}

void itsm_buffer_clear(struct itsm_buffer *buffer)
{
	buffer->length = 0;
	if (buffer->data)
		buffer->data[0] = '\0';
}

void itsm_buffer_free(struct itsm_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct itsm_buffer){0};
}
