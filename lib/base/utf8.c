#include "itsm/utf8.h"

#include <string.h>

static bool continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

size_t itsm_utf8_decode(const char *text, size_t size, uint32_t *codepoint)
{
	unsigned char first = (unsigned char)text[0];
	uint32_t value, least;
	size_t length, i;

	if (first < 0x80) {
		*codepoint = first;
		return 1;
	}
	if (first >= 0xC2 && first <= 0xDF) {
		length = 2;
		least = 0x80;
		value = first & 0x1Fu;
	} else if (first >= 0xE0 && first <= 0xEF) {
		length = 3;
		least = 0x800;
		value = first & 0x0Fu;
	} else if (first >= 0xF0 && first <= 0xF4) {
		length = 4;
		least = 0x10000;
		value = first & 0x07u;
	} else {
		return 0;
	}
	if (length > size)
		return 0;
	for (i = 1; i < length; i++) {
		if (!continues(text[i]))
			return 0;
		value = value << 6 | ((unsigned char)text[i] & 0x3Fu);
	}
	if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*codepoint = value;
	return length;
}

size_t itsm_utf8_encode(uint32_t codepoint, char bytes[4])
{
	if (codepoint < 0x80) {
		bytes[0] = (char)codepoint;
		return 1;
	}
	if (codepoint < 0x800) {
		bytes[0] = (char)(0xC0 | codepoint >> 6);
		bytes[1] = (char)(0x80 | (codepoint & 0x3F));
		return 2;
	}
	if (codepoint < 0x10000) {
		bytes[0] = (char)(0xE0 | codepoint >> 12);
		bytes[1] = (char)(0x80 | (codepoint >> 6 & 0x3F));
		bytes[2] = (char)(0x80 | (codepoint & 0x3F));
		return 3;
	}
	bytes[0] = (char)(0xF0 | codepoint >> 18);
	bytes[1] = (char)(0x80 | (codepoint >> 12 & 0x3F));
	bytes[2] = (char)(0x80 | (codepoint >> 6 & 0x3F));
	bytes[3] = (char)(0x80 | (codepoint & 0x3F));
	return 4;
}

size_t itsm_utf8_invalid(const char *text, size_t size)
{
	size_t offset = 0, length;
	uint32_t codepoint;

	while (offset < size) {
		length = itsm_utf8_decode(text + offset, size - offset, &codepoint);
		if (length == 0)
			return offset;
		offset += length;
	}
	return size;
}

bool itsm_utf8_is_control(uint32_t codepoint)
{
	return codepoint < 0x20 || (codepoint >= 0x7F && codepoint <= 0x9F);
}

bool itsm_utf8_is_deceptive(uint32_t codepoint)
{
	return codepoint == 0x061C || codepoint == 0x200E || codepoint == 0x200F ||
		(codepoint >= 0x2028 && codepoint <= 0x202E) || (codepoint >= 0x2066 && codepoint <= 0x2069) ||
		codepoint == 0xFEFF || (codepoint >= 0xFFF9 && codepoint <= 0xFFFB) ||
		codepoint == 0xE0001 || (codepoint >= 0xE0020 && codepoint <= 0xE007F);
}

const char *itsm_utf8_repair(struct itsm_arena *arena, const char *text)
{
	size_t size = strlen(text), good;
	struct itsm_buffer out = {0};
	const char *repaired;

	if (itsm_utf8_invalid(text, size) == size)
		return text;
	while ((good = itsm_utf8_invalid(text, size)) < size) {
		itsm_buffer_add(&out, text, good);
		itsm_buffer_puts(&out, "\xEF\xBF\xBD");
		text += good + 1;
		size -= good + 1;
	}
	itsm_buffer_add(&out, text, size);
	repaired = itsm_arena_strndup(arena, out.data, out.length);
	itsm_buffer_free(&out);
	return repaired;
}
