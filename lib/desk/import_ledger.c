/*
 * Which rows were replayed before. The commit of a row carries the trailer
 * "Itsm-Import: <source> <16 hex digits>", the beginning of the SHA-1 that git
 * gives the row as a blob, so history itself is the ledger: it goes where the
 * commits go, and a row whose commit is not there was not replayed here.
 */
#include <stdlib.h>
#include <string.h>

#include "import_run.h"

struct ledger {
	uint64_t *digests;
	size_t count, capacity;
};

static int compare_digests(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int compare_rows(const void *a, const void *b)
{
	const struct import_row *x = *(struct import_row *const *)a, *y = *(struct import_row *const *)b;

	if (x->digest != y->digest)
		return x->digest < y->digest ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void read_lines(struct import_run *run, struct itsm_arena *arena, const char *text, struct ledger *ledger)
{
	size_t length = strlen(run->map.source);

	while (text && *text) {
		const char *end = strchr(text, '\n');

		if (strncmp(text, run->map.source, length) == 0 && text[length] == ' ') {
			itsm_arena_grow(
				arena, &ledger->digests, &ledger->capacity, ledger->count, sizeof(*ledger->digests));
			ledger->digests[ledger->count++] = strtoull(text + length + 1, NULL, 16);
		}
		text = end ? end + 1 : NULL;
	}
}

static int read_history(struct import_run *run, struct itsm_arena *arena, struct ledger *ledger)
{
	struct itsm_buffer text = {0};
	char head[41];
	const char *const argv[] = {"git", "--git-dir", itsm_desk_place(run->desk)->common_dir, "log",
		"--no-show-signature", "--no-color", "--format=%(trailers:key=Itsm-Import,valueonly,only)", head, "--",
		NULL};
	int status;

	itsm_oid_text(&run->head, head);
	status = itsm_program_run(argv, NULL, NULL, &text, NULL, run->err);
	if (status == 0)
		read_lines(run, arena, text.data, ledger);
	itsm_buffer_free(&text);
	return status;
}

/* Rows that are the same to the byte stand for as many commits as there are with their digest. */
static void mark_rows(struct import_run *run, struct itsm_arena *arena, struct ledger *ledger)
{
	struct import_row **rows = itsm_arena_alloc(arena, (run->row_count + 1) * sizeof(*rows));
	size_t i, at = 0;

	if (!ledger->count || !run->row_count)
		return;
	memcpy(rows, run->rows, run->row_count * sizeof(*rows));
	qsort(rows, run->row_count, sizeof(*rows), compare_rows);
	qsort(ledger->digests, ledger->count, sizeof(*ledger->digests), compare_digests);
	for (i = 0; i < run->row_count; i++) {
		struct import_record *record = &run->records[rows[i]->record];

		while (at < ledger->count && ledger->digests[at] < rows[i]->digest)
			at++;
		if (at == ledger->count || ledger->digests[at] != rows[i]->digest || !record->known)
			continue;
		at++;
		rows[i]->done = true;
		record->replayed = true;
	}
}

int import_ledger_mark(struct import_run *run)
{
	struct itsm_arena *arena;
	struct ledger ledger = {0};
	size_t i;
	int status = 0;

	for (i = 0; i < run->record_count && !run->records[i].known; i++)
		;
	if (i == run->record_count)
		return 0;
	arena = itsm_arena_new();
	status = read_history(run, arena, &ledger);
	if (status == 0)
		mark_rows(run, arena, &ledger);
	itsm_arena_free(arena);
	return status;
}
