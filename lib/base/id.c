#include "itsm/id.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "itsm/utf8.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

int itsm_id_make(const char *prefix, char id[ITSM_ID_MAX], struct itsm_error *err)
{
	unsigned char bytes[5];
	uint64_t bits = 0;
	size_t length = strlen(prefix), i;
	ssize_t got;

	if (length + 1 + ITSM_ID_RANDOM >= ITSM_ID_MAX)
		return itsm_error_set(err, ITSM_EDATA, "the ID prefix has %zu characters; make it shorter", length);
	do {
		got = getrandom(bytes, sizeof(bytes), 0);
	} while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(bytes))
		return itsm_error_set(err, ITSM_EIO, "the kernel gave no random bytes for an ID: %s", strerror(errno));
	for (i = 0; i < sizeof(bytes); i++)
		bits = bits << 8 | bytes[i];
	memcpy(id, prefix, length);
	id[length++] = '-';
	for (i = 0; i < ITSM_ID_RANDOM; i++)
		id[length++] = alphabet[bits >> (5 * (ITSM_ID_RANDOM - 1 - i)) & 31];
	id[length] = '\0';
	return ITSM_OK;
}

bool itsm_id_is_random(const char *id, const char *prefix)
{
	size_t length = strlen(prefix), i;

	if (strncmp(id, prefix, length) != 0 || id[length] != '-')
		return false;
	for (i = 0; i < ITSM_ID_RANDOM; i++) {
		if (!id[length + 1 + i] || !strchr(alphabet, id[length + 1 + i]))
			return false;
	}
	return id[length + 1 + ITSM_ID_RANDOM] == '\0';
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool itsm_id_is_slug(const char *id)
{
	size_t i;

	if (!is_word(id[0]))
		return false;
	for (i = 0; id[i]; i++) {
		if (i + 1 >= ITSM_ID_MAX)
			return false;
		if (!is_word(id[i]) && id[i] != '.' && id[i] != '_' && id[i] != '-')
			return false;
		if (id[i] == '.' && (id[i + 1] == '.' || !id[i + 1]))
			return false;
	}
	return true;
}

/* The plain letters for U+00C0 to U+017F, one per code point; '-' has none, capitals stand for two letters. */
static const char latin[] =
	"aaaaaaAceeeeiiiidnooooo-ouuuuyTS" /* 00C0: A is ae, T is th, S is ss */
	"aaaaaaAceeeeiiiidnooooo-ouuuuyTy" /* 00E0 */
	"aaaaaaccccccccddddeeeeeeeeeegggg" /* 0100 */
	"gggghhhhiiiiiiiiiiIIjjkkklllllll" /* 0120: I is ij */
	"lllnnnnnnnnnooooooOOrrrrrrssssss" /* 0140: O is oe */
	"ssttttttuuuuuuuuuuuuwwyyyzzzzzzs"; /* 0160 */

/* What one character becomes in a slug: up to two letters, or "" for a gap. */
static void fold(uint32_t codepoint, char out[3])
{
	static const struct { char mark; const char *letters; } pairs[] = {
		{'A', "ae"}, {'T', "th"}, {'S', "ss"}, {'I', "ij"}, {'O', "oe"},
	};
	char letter = '\0';
	size_t i;

	memset(out, 0, 3);
	if (codepoint >= 'A' && codepoint <= 'Z')
		letter = (char)(codepoint - 'A' + 'a');
	else if (codepoint < 0x80)
		letter = (char)codepoint;
	else if (codepoint >= 0xC0 && codepoint <= 0x17F)
		letter = latin[codepoint - 0xC0];
	if (is_word(letter))
		out[0] = letter;
	for (i = 0; codepoint >= 0x80 && i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (letter == pairs[i].mark)
			memcpy(out, pairs[i].letters, 2);
	}
}

bool itsm_id_slug(const char *title, char slug[ITSM_ID_MAX])
{
	size_t size = strlen(title), length = 0, step, i;
	bool gap = false;
	char letters[3], made[ITSM_ID_MAX];
	uint32_t codepoint;

	for (; size > 0; title += step, size -= step) {
		step = itsm_utf8_decode(title, size, &codepoint);
		if (step == 0) {
			step = 1;
			codepoint = ' ';
		}
		fold(codepoint, letters);
		if (!letters[0]) {
			gap = gap || codepoint < 0x300 || codepoint > 0x36F; /* combining accents are no gap */
			continue;
		}
		if (length + 1 + strlen(letters) >= ITSM_ID_MAX)
			break;
		if (gap && length > 0)
			made[length++] = '-';
		gap = false;
		for (i = 0; letters[i]; i++)
			made[length++] = letters[i];
	}
	if (length == 0)
		return false;
	made[length] = '\0';
	memcpy(slug, made, length + 1);
	return true;
}
