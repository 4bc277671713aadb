/* What comes with a mail: its attachments as evidence of the record, and its text as a code block. */
#include <ctype.h>
#include <string.h>

#include "itsm/digest.h"
#include "mail.h"

#define NAME_MAX_BYTES 80

static bool is_kept(const struct mail_policy *policy, const struct itsm_mail_part *part, size_t kept)
{
	return kept < policy->most && part->size <= policy->largest;
}

/* A name for the file: what the field `file` takes. No file of ours can be taken for a record. */
static const char *file_name(struct itsm_arena *arena, const char *prefix, const char *name)
{
	char plain[NAME_MAX_BYTES + 1];
	const char *dot;
	size_t length = 0;

	for (; name && *name && length < NAME_MAX_BYTES; name++) {
		bool fits = isalnum((unsigned char)*name) || strchr("._-", *name);

		if (fits || (length && plain[length - 1] != '-'))
			plain[length++] = fits ? *name : '-';
	}
	plain[length] = '\0';
	dot = strrchr(plain, '.');
	return itsm_arena_printf(arena, "%s-%s%s", prefix, length ? plain : "attachment",
		dot && (strcasecmp(dot, ".yaml") == 0 || strcasecmp(dot, ".md") == 0) ? ".txt" : "");
}

static int put_part(struct desk_change *change, const struct mail_intake *intake, const struct itsm_mail_part *part,
	const char *owner_path, const char *prefix, struct desk_put *put, struct itsm_error *err)
{
	const char *file = file_name(change->arena, prefix, part->name);
	struct itsm_buffer data = {0}, text = {0};
	const struct itsm_kind *kind;
	struct itsm_new request = {.kind = "evidence"};
	const char *words[6], *slash;
	char sha256[65];
	int status = itsm_desk_kind(change->desk, "evidence", &kind, err);

	if (status != 0)
		return status;
	itsm_digest_sha256(part->data, part->size, sha256);
	words[0] = itsm_arena_printf(change->arena, "description=%s", part->name ? part->name : part->type);
	words[1] = "type=document";
	words[2] = itsm_arena_printf(change->arena, "file=%s", file);
	words[3] = itsm_arena_printf(change->arena, "digest=sha256:%s", sha256);
	words[4] = itsm_arena_printf(change->arena, "by=%s", intake->mail->from.mail);
	request.words = (struct itsm_words){words, 5};
	put->path = itsm_kind_path(change->arena, kind, prefix, change->desk->options.now, owner_path);
	put->given = request.words;
	status = desk_new_text(change->desk, change->arena, kind, &request, &intake->sender, false, &text, err);
	put->text = itsm_arena_strndup(change->arena, text.data ? text.data : "", text.length);
	put->size = text.length;
	itsm_buffer_free(&text);
	slash = strrchr(put->path, '/');
	itsm_buffer_add(&data, part->data, part->size);
	if (status == 0)
		status = desk_change_put_file(change, itsm_arena_printf(change->arena, "%.*s/%s", (int)(slash - put->path), put->path, file),
			&data, err);
	itsm_buffer_free(&data);
	return status;
}

int mail_put_parts(struct desk_change *change, const struct mail_intake *intake, const char *owner_path, struct desk_put *puts,
	size_t *count, struct itsm_error *err)
{
	const struct itsm_mail *mail = intake->mail;
	char sha256[65];
	size_t kept = 0, i;
	int status = 0;

	itsm_digest_sha256(intake->id, strlen(intake->id), sha256);
	for (i = 0; i < mail->part_count && status == 0; i++) {
		if (!is_kept(&intake->policy, &mail->parts[i], kept))
			continue;
		status = put_part(change, intake, &mail->parts[i], owner_path,
			itsm_arena_printf(change->arena, "mail-%.10s-%zu", sha256, ++kept), &puts[(*count)++], err);
	}
	intake->result->kept = kept;
	intake->result->left = mail->part_count - kept;
	return status;
}

/* Longer than any row of backticks in the text, so that nothing in it ends the block. */
static size_t fence_length(const char *text)
{
	size_t longest = 2, length = 0;

	for (; *text; text++) {
		length = *text == '`' ? length + 1 : 0;
		longest = length > longest ? length : longest;
	}
	return longest + 1;
}

void mail_text(const struct mail_intake *intake, struct itsm_buffer *out)
{
	const struct itsm_mail *mail = intake->mail;
	size_t fence = fence_length(mail->text), length = strlen(mail->text), kept = 0, i;

	while (length && strchr(" \t\n", mail->text[length - 1]))
		length--;
	for (i = 0; i < fence; i++)
		itsm_buffer_putc(out, '`');
	itsm_buffer_puts(out, "text\n");
	itsm_buffer_add(out, mail->text, length);
	itsm_buffer_puts(out, length ? "\n" : "");
	for (i = 0; i < fence; i++)
		itsm_buffer_putc(out, '`');
	itsm_buffer_putc(out, '\n');
	if (mail->cut)
		itsm_buffer_puts(out, "\nThe mail goes on; it was cut here.\n");
	if (!length && mail->part_count)
		itsm_buffer_puts(out, "\nThe mail has no plain text; what it has is attached.\n");
	for (i = 0; i < mail->part_count; i++) {
		if (is_kept(&intake->policy, &mail->parts[i], kept))
			kept++;
		else
			itsm_buffer_printf(out, "\nAn attachment of %zu bytes was not kept.\n", mail->parts[i].size);
	}
}
