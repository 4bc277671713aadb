/*
 * Merges of what nobody would write: random records with lines torn, doubled,
 * moved and replaced, and texts made to be slow. Whatever can be read must merge without harm: with
 * conflicts settled for either side the result is a record, and no field is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "merge_trial.h"

#define TRIALS 600
#define MOST_TEXT_LINES 4000
#define MOST_TRIES 20

static struct itsm_kinds *kinds;

static const char *const odd_lines[] = {
	"```", "~~~", "# Title", "## Plan", "## plan", "=====", "-----", "<!--", "-->", "---x", "    ## code",
	"Title\n=====", "<<<<<<< here", ">>>>>>> there", "||||||| base", "=======", "title:", "title: null",
	"state: closed", "odd: |+\n  kept\n\n", "odd: >-\n  folded\n  text", "odd: [", "]", "? odd\n: pair",
	"{a: b}", "items: [a,\n  b,\n c]", "# comment", "  # deeper", "- item", "  - item", "  key: value",
	"\tkey: tab", "a.b: c", "\"quoted key\": 1", "...", "%YAML 1.1", "\r", "one\rtwo", "\xE2\x80\xA8",
	"\xC2\x85", "odd: 'two\n\n  lines'", "", "   ", "window: {start: x}", "window:\n    start: y\n    end: z",
};

/* Cut, change some lines, put together. */
static const char *tear(const struct trial *trial, struct dice *dice, const char *text, size_t *size)
{
	const char **lines = itsm_arena_alloc(trial->arena, MOST_TEXT_LINES * sizeof(*lines));
	char *copy = itsm_arena_strdup(trial->arena, text), *line, *rest = copy;
	struct itsm_buffer out = {0};
	size_t count = 0, i, at, other;
	uint64_t edits = dice_roll(dice, 4);

	while ((line = strsep(&rest, "\n")) && count < MOST_TEXT_LINES / 2)
		lines[count++] = line;
	while (edits-- > 0) {
		at = dice_roll(dice, count);
		other = dice_roll(dice, count);
		switch (dice_roll(dice, 6)) {
		case 0:
			lines[at] = lines[other];
			break;
		case 1:
			line = (char *)(uintptr_t)lines[at];
			lines[at] = lines[other];
			lines[other] = line;
			break;
		case 2:
			lines[at] = itsm_arena_printf(trial->arena, "  %s", lines[at]);
			break;
		case 3:
			lines[at] += lines[at][0] != '\0';
			break;
		default:
			memmove(&lines[at + 1], &lines[at], (count - at) * sizeof(*lines));
			lines[at] = odd_lines[dice_roll(dice, sizeof(odd_lines) / sizeof(*odd_lines))];
			count++;
		}
	}
	for (i = 0; i < count; i++)
		itsm_buffer_printf(&out, "%s%s", i ? "\n" : "", lines[i]);
	*size = out.length;
	text = itsm_arena_strndup(trial->arena, out.data ? out.data : "", out.length);
	itsm_buffer_free(&out);
	return text;
}

static struct itsm_record *tear_and_read(const struct trial *trial, struct dice *dice, const struct random_record *record)
{
	struct itsm_buffer text = {0};
	struct itsm_record *read;
	unsigned tries = 0;
	const char *torn;
	size_t size;

	random_record_write(trial->arena, record, &text);
	do {
		torn = tear(trial, dice, text.data ? text.data : "", &size);
		read = trial_try(trial, torn, size);
	} while (!read && ++tries < MOST_TRIES);
	itsm_buffer_free(&text);
	return read;
}

static bool ends_line(const struct itsm_record *record)
{
	return record->size > 0 && record->text[record->size - 1] == '\n';
}

static void check_settled(struct trial *trial, int side)
{
	const struct itsm_yaml *fronts[4] = {0};
	size_t size;
	const char *text = trial_settle(trial, &trial->merged, side, &size);
	int i;

	trial->side = side;
	trial->result = trial_read(trial, text, size);
	for (i = 0; i < 3; i++)
		fronts[i] = trial->records[i]->front;
	fronts[3] = trial->result->front;
	/* Between markers a last line gets a line end, which is part of a text that is written as `|+`. */
	if (trial->merged.count == 0 || (ends_line(trial->records[OURS]) && ends_line(trial->records[THEIRS])))
		trial_check_fields(trial, "", fronts);
}

static bool run_trial(unsigned seed)
{
	struct trial trial = {.arena = itsm_arena_new(), .kinds = kinds, .seed = seed};
	struct dice dice = {seed};
	const struct itsm_kind *kind = itsm_kinds_at(kinds, dice_roll(&dice, itsm_kinds_count(kinds)));
	struct random_record made[3];
	bool readable = true;
	int i;

	trial.path = trial_path(trial.arena, kind);
	random_record_make(trial.arena, &dice, kind, &made[BASE]);
	random_record_edit(trial.arena, &dice, &made[BASE], &made[OURS]);
	random_record_edit(trial.arena, &dice, &made[BASE], &made[THEIRS]);
	for (i = 0; i < 3; i++) {
		trial.records[i] = tear_and_read(&trial, &dice, &made[i]);
		readable = readable && trial.records[i];
	}
	if (readable) {
		trial_merge(&trial, trial.records[BASE], trial.records[OURS], trial.records[THEIRS], &trial.merged);
		check_settled(&trial, OURS);
		check_settled(&trial, THEIRS);
	}
	itsm_arena_free(trial.arena);
	return readable;
}

static void torn_records(void **state)
{
	const char *seed = getenv("ITSM_MERGE_SEED");
	unsigned first = seed ? (unsigned)strtoul(seed, NULL, 10) : 1, i;
	size_t readable = 0;

	(void)state;
	for (i = first; i < first + (seed ? 1 : TRIALS); i++)
		readable += run_trial(i);
	assert_true(seed || readable > TRIALS / 2);
}

/* Texts that cost: `write` makes the lines of one side. */
struct burden {
	const char *name;
	unsigned lines;
	void (*write)(struct itsm_buffer *out, unsigned line, int side);
	bool front;
};

static void write_shuffled(struct itsm_buffer *out, unsigned line, int side)
{
	struct dice dice = {line * 3 + (unsigned)side};

	itsm_buffer_printf(out, "%u\n", (unsigned)dice_roll(&dice, side == BASE ? 1u << 30 : 400000));
}

static void write_few_words(struct itsm_buffer *out, unsigned line, int side)
{
	struct dice dice = {line * 3 + (unsigned)side};

	itsm_buffer_puts(out, dice_roll(&dice, 2) ? "a\n" : "b\n");
}

/* Unique lines only at the edges of what remains, so that each level finds one more anchor. */
static void write_nested(struct itsm_buffer *out, unsigned line, int side)
{
	unsigned half = 75000, number = line < half ? line : 2 * half - line;

	itsm_buffer_printf(out, "%u\n", side != BASE && line % (side == OURS ? 2 : 3) ? number + 1 : number);
}

static void write_sections(struct itsm_buffer *out, unsigned line, int side)
{
	itsm_buffer_printf(out, "## Section %u\n%s\n\n", line % 997, side == OURS && line % 3 == 0 ? "ours" :
		side == THEIRS && line % 5 == 0 ? "theirs" : "base");
}

static void write_unknown(struct itsm_buffer *out, unsigned line, int side)
{
	itsm_buffer_printf(out, "k%u: %d\n", line * 7919 % 50021, side == OURS && line % 3 == 0 ? 1 :
		side == THEIRS && line % 5 == 0 ? 2 : 3);
}

static void write_items(struct itsm_buffer *out, unsigned line, int side)
{
	unsigned number = line * 7919 % 50021 + (line % 4 == (unsigned)side ? 100000 : 0);

	itsm_buffer_printf(out, "%s- item-%u\n", line == 0 ? "items:\n" : "", number);
}

static struct itsm_record *burdened(const struct trial *trial, const struct burden *burden, int side)
{
	struct itsm_buffer text = {0};
	struct itsm_record *record;
	unsigned i;

	itsm_buffer_puts(&text, burden->front ? "---\n" : "---\ntitle: x\n---\n## Plan\n\n");
	for (i = 0; i < burden->lines; i++)
		burden->write(&text, i, side);
	itsm_buffer_puts(&text, burden->front ? "---\n## Plan\n\nDo it.\n" : "");
	record = trial_read(trial, text.data, text.length);
	itsm_buffer_free(&text);
	return record;
}

static void slow_texts(void **state)
{
	static const struct burden burdens[] = {
		{"shuffled", 150000, write_shuffled, false},
		{"few words", 150000, write_few_words, false},
		{"nested", 150000, write_nested, false},
		{"sections", 20000, write_sections, false},
		{"unknown fields", 40000, write_unknown, true},
		{"items", 40000, write_items, true},
	};
	size_t i;
	int side;

	(void)state;
	for (i = 0; i < sizeof(burdens) / sizeof(*burdens); i++) {
		struct trial trial = {.arena = itsm_arena_new(), .kinds = kinds};
		clock_t start;
		double seconds;

		trial.path = "transition/changes/2026/11/CHG-4k7q2m8d.md";
		for (side = BASE; side <= THEIRS; side++)
			trial.records[side] = burdened(&trial, &burdens[i], side);
		start = clock();
		trial_merge(&trial, trial.records[BASE], trial.records[OURS], trial.records[THEIRS], &trial.merged);
		seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
		print_message("%s: %.2f s, %zu conflicts\n", burdens[i].name, seconds, trial.merged.count);
		/* Generous, for sanitizers; what is not bounded takes hours. */
		assert_true(seconds < 30);
		itsm_arena_free(trial.arena);
	}
}

static int set_up(void **state)
{
	(void)state;
	return itsm_kinds_new(&kinds, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	itsm_kinds_free(kinds);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(torn_records),
		cmocka_unit_test(slow_texts),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
