/*
 * What tests of random merges share: one trial, three records and their merge.
 */
#ifndef TEST_MERGE_TRIAL_H
#define TEST_MERGE_TRIAL_H

#include "itsm/merge.h"
#include "merge_random.h"

enum { BASE, OURS, THEIRS };

struct trial {
	struct itsm_arena *arena;
	const struct itsm_kinds *kinds;
	unsigned seed;
	const char *path;
	struct itsm_record *records[3];
	struct itsm_merge merged;
	struct itsm_record *result; /* with conflicts settled for `side` */
	int side;
};

/* Fail, and show all texts. */
void trial_refuse(const struct trial *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A path where a record of the kind may lie. */
const char *trial_path(struct itsm_arena *arena, const struct itsm_kind *kind);
/* NULL when it is no record. */
struct itsm_record *trial_try(const struct trial *trial, const char *text, size_t size);
/* The same; fails when it is none. */
struct itsm_record *trial_read(const struct trial *trial, const char *text, size_t size);
struct itsm_record *trial_write_and_read(const struct trial *trial, const struct random_record *record);
void trial_merge(const struct trial *trial, const struct itsm_record *base, const struct itsm_record *ours,
	const struct itsm_record *theirs, struct itsm_merge *out);
/* The length of the byte order mark of a result: 0 or 3. */
size_t trial_bom(const struct itsm_merge *merged);
/* The text of a merge with every conflict settled for one side. */
const char *trial_settle(const struct trial *trial, const struct itsm_merge *merged, int side, size_t *size);
/* Values as text, equal for equal meaning: keys sorted, without what is empty; `sets`: lists sorted too. */
const char *trial_meaning(const struct trial *trial, const struct itsm_yaml *node, bool sets);
bool trial_same(const struct trial *trial, const struct itsm_yaml *a, const struct itsm_yaml *b);
/* How often a list has an item of this meaning. */
size_t trial_count_items(const struct trial *trial, const struct itsm_yaml *list, const char *item);
/* A section with a line end before and behind, without the blank lines around it; NULL when absent. */
const char *trial_section(const struct trial *trial, const struct itsm_record *record, const char *name);
/* Texts, or both NULL. */
bool trial_equal(const char *a, const char *b);
/*
 * merge_check.c. What one side changed must be in the result or in a conflict;
 * v: the values of base, ours, theirs and result, `prefix` their dotted name ("" for all fields).
 */
void trial_check_fields(const struct trial *trial, const char *prefix, const struct itsm_yaml *const v[4]);
/* The same for sections, whose names must be unique. */
void trial_check_sections(const struct trial *trial);
int trial_compare_texts(const void *left, const void *right);

#endif
