/*
 * UTF-8: decoding with bounds, and the code points that must not be shown raw.
 */
#ifndef ITSM_UTF8_H
#define ITSM_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "itsm/memory.h"

/*
 * Decode the character at the start of text, which has `size` bytes (> 0).
 * Returns its length in bytes, 1 to 4, or 0 when it is not valid UTF-8
 * (overlong forms, surrogates and values beyond U+10FFFF are not).
 */
ITSM_API size_t itsm_utf8_decode(const char *text, size_t size, uint32_t *codepoint);
/* Write a code point as UTF-8; returns how many bytes of `bytes` it took. No surrogate, none beyond U+10FFFF. */
ITSM_API size_t itsm_utf8_encode(uint32_t codepoint, char bytes[4]);
/* The offset of the first byte that starts no valid character, or size. */
ITSM_API size_t itsm_utf8_invalid(const char *text, size_t size);
/* The text itself when it is valid, else a copy in the arena with U+FFFD for each byte that starts no character. */
ITSM_API const char *itsm_utf8_repair(struct itsm_arena *arena, const char *text);
/* C0, DEL and C1: tab and line breaks too. */
ITSM_API bool itsm_utf8_is_control(uint32_t codepoint);
/*
 * Invisible, yet changes how the text around it is shown: bidirectional marks,
 * embeddings, overrides and isolates, line and paragraph separators, the byte
 * order mark, interlinear annotation, tag characters.
 */
ITSM_API bool itsm_utf8_is_deceptive(uint32_t codepoint);

#endif
