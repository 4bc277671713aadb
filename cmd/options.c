#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is parsed and where to. */
struct parser {
	const struct syntax *syntax;
	struct itsm_arena *arena;
	char *values;
	struct itsm_error *err;
};

static const struct option_row *find_name(const struct syntax *syntax, const char *name, size_t length)
{
	const struct option_row *row;

	for (row = syntax->options; row && row->name; row++)
		if (strlen(row->name) == length && !memcmp(row->name, name, length))
			return row;
	return NULL;
}

static const struct option_row *find_letter(const struct syntax *syntax, char letter)
{
	const struct option_row *row;

	for (row = syntax->options; row && row->name; row++)
		if (row->letter && row->letter == letter)
			return row;
	return NULL;
}

static int store_count(struct parser *parser, const struct option_row *row, const char *text)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno)
		return itsm_error_set(parser->err, ITSM_EUSAGE, "--%s takes a whole number, not '%s'", row->name, text);
	*(int64_t *)(parser->values + row->offset) = number;
	return ITSM_OK;
}

static int store_format(struct parser *parser, const struct option_row *row, const char *text)
{
	static const char *const names[] = {
		[ITSM_FORMAT_TEXT] = "text", [ITSM_FORMAT_JSON] = "json", [ITSM_FORMAT_CSV] = "csv", [ITSM_FORMAT_ID] = "id",
		[ITSM_FORMAT_JSONL] = "jsonl",
	};
	size_t position;

	for (position = 0; position < sizeof(names) / sizeof(*names); position++) {
		if (!strcmp(names[position], text)) {
			*(enum itsm_format *)(void *)(parser->values + row->offset) = (enum itsm_format)position;
			return ITSM_OK;
		}
	}
	return itsm_error_set(parser->err, ITSM_EUSAGE, "'%s' is no format; there are text, json, jsonl, csv and id", text);
}

/* One more of a list; NULL empties it. */
static int store_item(struct parser *parser, const struct option_row *row, const char *text)
{
	struct itsm_words *list = (void *)(parser->values + row->offset);
	const char **items = itsm_arena_alloc(parser->arena, (list->count + 1) * sizeof(*items));

	if (list->count)
		memcpy(items, list->items, list->count * sizeof(*items));
	items[list->count] = text;
	*list = text ? (struct itsm_words){items, list->count + 1} : (struct itsm_words){NULL, 0};
	return ITSM_OK;
}

/* `text` NULL takes the option back. */
static int store(struct parser *parser, const struct option_row *row, const char *text)
{
	char *place = parser->values + row->offset;

	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)place = text != NULL;
		return ITSM_OK;
	case OPTION_TEXT:
		*(const char **)(void *)place = text;
		return ITSM_OK;
	case OPTION_COUNT:
		return store_count(parser, row, text ? text : "0");
	case OPTION_FORMAT:
		return store_format(parser, row, text ? text : "text");
	case OPTION_LIST:
		return store_item(parser, row, text);
	}
	return ITSM_OK;
}

/* `next` is the word that follows, or NULL; `taken` says that it was used. */
static int parse_long(struct parser *parser, const char *word, const char *next, bool *taken)
{
	size_t length = strcspn(word, "=");
	const char *value = word[length] ? word + length + 1 : NULL;
	const struct option_row *row = find_name(parser->syntax, word, length);

	if (!row && !strncmp(word, "no-", 3) && !value) {
		row = find_name(parser->syntax, word + 3, length - 3);
		if (row)
			return store(parser, row, NULL);
	}
	if (!row)
		return itsm_error_set(parser->err, ITSM_EUSAGE, "there is no option --%.*s; -h lists them", (int)length, word);
	if (row->type == OPTION_FLAG) {
		if (value)
			return itsm_error_set(parser->err, ITSM_EUSAGE, "--%s takes no value", row->name);
		return store(parser, row, "");
	}
	if (!value) {
		value = next;
		*taken = true;
	}
	if (!value)
		return itsm_error_set(parser->err, ITSM_EUSAGE, "--%s needs a value: %s", row->name, row->argument);
	return store(parser, row, value);
}

static int parse_letters(struct parser *parser, const char *letters, const char *next, bool *taken, bool *help)
{
	const struct option_row *row;
	const char *value;
	int status = ITSM_OK;

	for (; *letters && !status; letters++) {
		row = find_letter(parser->syntax, *letters);
		if (!row && *letters == 'h') {
			*help = true;
			continue;
		}
		if (!row)
			return itsm_error_set(parser->err, ITSM_EUSAGE, "there is no option -%s; -h lists them", letters);
		if (row->type == OPTION_FLAG) {
			status = store(parser, row, "");
			continue;
		}
		value = letters[1] ? letters + 1 : next;
		*taken = !letters[1];
		if (!value)
			return itsm_error_set(parser->err, ITSM_EUSAGE, "-%c needs a value: %s", row->letter, row->argument);
		return store(parser, row, value);
	}
	return status;
}

/* -field:value, as the qualifiers of `list` are turned round. */
static bool is_negation(const char *word)
{
	const char *end = word + 1;

	while (isalnum((unsigned char)*end) || (*end && strchr("_.-", *end)))
		end++;
	return isalpha((unsigned char)word[1]) && *end == ':';
}

/* -word, which is neither one letter nor one with its count. */
static bool is_exclusion(const struct syntax *syntax, const char *word)
{
	const struct option_row *row = find_letter(syntax, word[1]);

	if (word[1] == '-' || !word[2])
		return false;
	return !row || row->type != OPTION_COUNT || word[2 + strspn(word + 2, "0123456789")];
}

static bool is_word(const struct syntax *syntax, const char *text)
{
	return text[0] != '-' || !text[1] || (syntax->negations && is_negation(text)) ||
		(syntax->exclusions && is_exclusion(syntax, text));
}

static int check_words(const struct syntax *syntax, const void *values, size_t count, struct itsm_error *err)
{
	const struct option_row *row;

	for (row = syntax->options; row && row->name; row++)
		if (row->required && !*(const char *const *)(const void *)((const char *)values + row->offset))
			return itsm_error_set(err, ITSM_EUSAGE, "--%s %s is needed", row->name, row->argument);
	if (count < syntax->least)
		return itsm_error_set(err, ITSM_EUSAGE, "too few words: it takes %s", syntax->words);
	if (count > syntax->most && !*syntax->words)
		return itsm_error_set(err, ITSM_EUSAGE, "too many words: it takes none");
	if (count > syntax->most)
		return itsm_error_set(err, ITSM_EUSAGE, "too many words: it takes %s", syntax->words);
	return ITSM_OK;
}

int options_parse(const struct syntax *syntax, struct itsm_arena *arena, int argc, const char *const *argv, void *values,
	const char **words, size_t *word_count, bool *help, struct itsm_error *err)
{
	struct parser parser = {.syntax = syntax, .arena = arena, .values = values, .err = err};
	bool ended = false, taken;
	const char *next;
	int position, status = ITSM_OK;

	*word_count = 0;
	*help = false;
	for (position = 0; position < argc && !status; position++) {
		next = position + 1 < argc ? argv[position + 1] : NULL;
		taken = false;
		if (ended || is_word(syntax, argv[position])) {
			words[(*word_count)++] = argv[position];
			ended |= syntax->leading;
		} else if (!strcmp(argv[position], "--")) {
			ended = true;
		} else if (!strcmp(argv[position], "--help")) {
			*help = true;
		} else if (argv[position][1] == '-') {
			status = parse_long(&parser, argv[position] + 2, next, &taken);
		} else {
			status = parse_letters(&parser, argv[position] + 1, next, &taken, help);
		}
		position += taken;
	}
	if (status || *help)
		return status;
	return check_words(syntax, values, *word_count, err);
}
