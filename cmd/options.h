/*
 * Options: one table per command parses, prints `-h`, and feeds the
 * completions; the manual's synopsis and options are tested against it.
 *
 * Values land in the command's own struct, at the offset its row names:
 *
 *   OPTION_FLAG    bool                --name, --no-name
 *   OPTION_TEXT    const char *        --name=TEXT, --name TEXT; --no-name makes it NULL
 *   OPTION_COUNT   int64_t             a whole number from 0; --no-name makes it 0
 *   OPTION_FORMAT  enum itsm_format    text, json, jsonl, csv or id; --no-name makes it text
 *   OPTION_LIST    struct itsm_words   each --name=TEXT adds one; --no-name forgets them
 *
 * Names are written out in full: no abbreviations, so that a new option never
 * changes what an old script means. Letters may be clustered (-xn5), `--` ends
 * the options, and words and options may be mixed.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/desk.h"

enum option_type {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_COUNT,
	OPTION_FORMAT,
	OPTION_LIST,
};

struct option_row {
	char letter;          /* or 0 */
	const char *name;     /* NULL ends the table */
	const char *argument; /* what the usage calls the value; NULL for a flag */
	enum option_type type;
	size_t offset;
	const char *help;
	bool required;
};

#define FORMAT_ROW(type) \
	{0, "format", "FORMAT", OPTION_FORMAT, offsetof(type, format), "how to print: text, json, jsonl, csv or id"}

#define MANY_WORDS 1000000

struct syntax {
	const char *words;    /* the usage of what is no option: "ID STATE [FIELD=VALUE ...]" */
	const struct option_row *options;
	size_t size;          /* of the struct that the values land in */
	size_t least, most;   /* how many words */
	bool negations;       /* `-field:value` is a word */
	bool exclusions;      /* so is any `-word` of more than a letter, but for counts: -n20 */
	bool leading;         /* options end at the first word */
	int failure_code;     /* exit code instead of 2 and 3, for a caller with a contract of its own; 0 = those */
};

/*
 * Sort the command line into `values` (syntax->size bytes) and `words` (room
 * for argc of them). Lists are made in the arena. `help` is set when -h or --help
 * was among them; words are not counted then.
 */
int options_parse(const struct syntax *syntax, struct itsm_arena *arena, int argc, const char *const *argv, void *values,
	const char **words, size_t *word_count, bool *help, struct itsm_error *err);

/* "itsm move [-m TEXT] ID STATE [FIELD=VALUE ...]"; `command` NULL is itsm itself. */
void options_usage(const struct syntax *syntax, const char *command, struct itsm_buffer *out);

/* The whole text of -h. */
void options_help(const struct syntax *syntax, const char *command, const char *summary, struct itsm_buffer *out);

#endif
