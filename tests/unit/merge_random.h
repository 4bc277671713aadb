/*
 * Random records for merge tests: a base of a random kind, and descendants of
 * it with random edits, as text in random but steady style (what was not
 * edited looks the same, unless a version is written anew).
 */
#ifndef TEST_MERGE_RANDOM_H
#define TEST_MERGE_RANDOM_H

#include "itsm/record.h"

/* Deterministic: the same seed gives the same records on every machine. */
struct dice {
	uint64_t state;
};

uint64_t dice_roll(struct dice *dice, uint64_t sides);

#define MOST_SECTIONS 12
#define MOST_LINES 24

struct random_section {
	const char *name;
	const char *lines[MOST_LINES];
	size_t count;
};

/* A record as its makers think of it. */
struct random_record {
	const struct itsm_kind *kind;
	struct itsm_yaml *front;
	struct random_section sections[MOST_SECTIONS];
	size_t section_count;
	uint64_t style;
	bool crlf, bom;
};

void random_record_make(struct itsm_arena *arena, struct dice *dice, const struct itsm_kind *kind,
	struct random_record *out);
/* A copy with some edits. */
void random_record_edit(struct itsm_arena *arena, struct dice *dice, const struct random_record *from,
	struct random_record *out);
/* Its file. */
void random_record_write(struct itsm_arena *arena, const struct random_record *record, struct itsm_buffer *out);

#endif
