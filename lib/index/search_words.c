/*
 * Words of `itsm search` to an expression of FTS5.
 *
 * Every text is written as a string of FTS5, so that nothing in it is an operator there. FTS5 knows AND, OR and a
 * NOT with two sides: what is not wanted is gathered and put at the end, once.
 */
#include <ctype.h>
#include <string.h>

#include "itsm/utf8.h"
#include "search.h"

#define TERMS_MAX 64
#define BYTES_MAX 2000

struct composing {
	struct search_words *words;
	struct itsm_buffer unwanted;
	size_t terms, bytes;
	bool either;                    /* OR was read: the next term belongs to the one before */
	bool group;                     /* match ends in a term that an OR can be put behind */
};

/* Blocks without letters and digits, as far as people type them; the tokenizer knows them all. */
static bool is_sign(uint32_t c)
{
	if (c < 0x80)
		return !isalnum((int)c);
	return (c < 0xc0 && c != 0xaa && c != 0xb5 && c != 0xba) || c == 0xd7 || c == 0xf7 ||
		(c >= 0x2000 && c < 0x2070) || (c >= 0x2190 && c < 0x2460) || (c >= 0x2500 && c < 0x2776) ||
		(c >= 0x27c0 && c < 0x2c00) || (c >= 0x3000 && c < 0x3005) || (c >= 0x1f300 && c < 0x1fb00);
}

/* Does it hold anything that the tokenizer would take for a word? */
static bool has_word(const char *text, size_t length)
{
	uint32_t codepoint;
	size_t step;

	for (; length && (step = itsm_utf8_decode(text, length, &codepoint)) > 0; text += step, length -= step)
		if (!is_sign(codepoint))
			return true;
	return false;
}

static void add_string(struct itsm_buffer *out, const char *text, size_t length, bool prefix)
{
	itsm_buffer_putc(out, '"');
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"')
			itsm_buffer_putc(out, '"');
		itsm_buffer_putc(out, text[i]);
	}
	itsm_buffer_puts(out, prefix ? "\" *" : "\"");
}

/* `a AND (b OR c) AND d`: the parenthesis before a term is there already, see begin_term. */
static int add_term(struct composing *composing, const char *text, size_t length, bool prefix, bool negated,
	struct itsm_error *err)
{
	struct itsm_buffer *match = &composing->words->match;

	if (!has_word(text, length))
		return itsm_error_set(
			err, ITSM_EUSAGE, "'%.*s' has no letter or digit to look for", (int)length, text);
	composing->bytes += length;
	if (++composing->terms > TERMS_MAX || composing->bytes > BYTES_MAX)
		return itsm_error_set(err, ITSM_EUSAGE, "more than %d words or %d bytes to look for; take fewer", TERMS_MAX,
			BYTES_MAX);
	if (negated) {
		if (composing->either)
			return itsm_error_set(err, ITSM_EUSAGE, "-%.*s behind OR: what is not wanted stands alone",
				(int)length, text);
		itsm_buffer_puts(&composing->unwanted, composing->unwanted.length ? " OR " : "");
		add_string(&composing->unwanted, text, length, prefix);
		composing->group = false;
		return 0;
	}
	if (composing->either)
		itsm_buffer_puts(match, " OR ");
	else
		itsm_buffer_puts(match, match->length ? ") AND (" : "(");
	add_string(match, text, length, prefix);
	composing->either = false;
	composing->group = true;
	return 0;
}

static int add_or(struct composing *composing, struct itsm_error *err)
{
	if (!composing->group || composing->either)
		return itsm_error_set(err, ITSM_EUSAGE, "OR stands between two words; to look for itself, write or");
	composing->either = true;
	return 0;
}

/* A text up to its end: `-` before it, `*` behind it. */
static int add_plain(struct composing *composing, const char *text, size_t length, struct itsm_error *err)
{
	bool negated = length > 1 && *text == '-', prefix;

	if (length == 2 && memcmp(text, "OR", 2) == 0)
		return add_or(composing, err);
	text += negated;
	length -= negated;
	prefix = length > 1 && text[length - 1] == '*';
	return add_term(composing, text, length - prefix, prefix, negated, err);
}

/* An item with quotes inside: what they hold is one text, the rest is parted at blanks. */
static int add_quoted(struct composing *composing, const char *text, struct itsm_error *err)
{
	int status = 0;

	while (status == 0 && *(text += strspn(text, " \t\n"))) {
		bool negated = text[0] == '-' && text[1] == '"';
		size_t length;

		text += negated;
		if (*text != '"') {
			length = strcspn(text, " \t\n\"");
			status = add_plain(composing, text, length, err);
			text += length;
			continue;
		}
		length = strcspn(++text, "\"");
		if (!text[length])
			return itsm_error_set(err, ITSM_EUSAGE, "the quote before '%s' is never closed", text);
		status = add_term(composing, text, length, text[length + 1] == '*', negated, err);
		text += length + 1;
		text += *text == '*';
	}
	return status;
}

static int add_word(struct composing *composing, const char *word, struct itsm_error *err)
{
	if (itsm_utf8_invalid(word, strlen(word)) < strlen(word))
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is not UTF-8", word);
	if (itsm_index_is_qualifier(word)) {
		composing->group = false;
		return itsm_index_qualifier(composing->words->filter, word, err);
	}
	if (strchr(word, '"'))
		return add_quoted(composing, word, err);
	composing->words->only = composing->terms ? NULL : word;
	return *word ? add_plain(composing, word, strlen(word), err) : 0;
}

int itsm_index_search_words(struct search_words *words, const struct itsm_search_options *options,
	struct itsm_error *err)
{
	struct composing composing = {.words = words};
	int status = 0;

	for (size_t i = 0; i < options->word_count && status == 0; i++)
		status = add_word(&composing, options->words[i], err);
	if (status == 0 && composing.either)
		status = itsm_error_set(err, ITSM_EUSAGE, "nothing stands behind OR");
	if (status == 0 && !words->match.length)
		status = itsm_error_set(err, ITSM_EUSAGE, composing.unwanted.length ?
			"only what is not wanted is said; name a word to look for" :
			"no word to look for; `itsm list` takes qualifiers alone");
	if (composing.terms != 1)
		words->only = NULL;
	itsm_buffer_putc(&words->match, ')');
	if (composing.unwanted.length) {
		itsm_buffer_puts(&words->match, " NOT (");
		itsm_buffer_puts(&words->match, composing.unwanted.data);
		itsm_buffer_putc(&words->match, ')');
	}
	itsm_buffer_free(&composing.unwanted);
	return status;
}
