/* Any bytes as a mail: texts are what a record can keep, parts lie within their bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/mail.h"
#include "itsm/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_text(const char *text, bool lines)
{
	size_t at, length, size = strlen(text);
	uint32_t c;

	for (at = 0; at < size; at += length) {
		length = itsm_utf8_decode(text + at, size - at, &c);
		require(length > 0 && !itsm_utf8_is_deceptive(c));
		require(!itsm_utf8_is_control(c) || (lines && (c == '\n' || c == '\t')));
	}
}

static void check(const struct itsm_mail *mail)
{
	size_t i;

	require(mail->from.mail && strchr(mail->from.mail, '@'));
	check_text(mail->from.mail, false);
	check_text(mail->subject, false);
	check_text(mail->text, true);
	require(mail->part_count <= ITSM_MAIL_MAX_PARTS && mail->to_count <= ITSM_MAIL_MAX_ADDRESSES);
	for (i = 0; i < mail->part_count; i++) {
		check_text(mail->parts[i].type, false);
		require(!mail->parts[i].name || !strpbrk(mail->parts[i].name, "/\\"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_error err = {0};
	struct itsm_mail mail;
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	if (itsm_mail_read(arena, text, size, &mail, &err) == ITSM_OK)
		check(&mail);
	else
		require(err.message[0]);
	free(text);
	itsm_arena_free(arena);
	return 0;
}
