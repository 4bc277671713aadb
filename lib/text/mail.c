/* A mail's parts, taken from GMime's tree within bounds; see itsm/mail.h. */
#include "itsm/mail.h"

#include <string.h>
#include <strings.h>

#include "gmime.h"
#include "itsm/utf8.h"

#define ID_MAX 250
#define HEADER_MAX 500
#define NESTING_MAX 500 /* words that could open a level, in the raw text: GMime's parser calls itself for each */

struct reading {
	struct itsm_arena *arena;
	struct itsm_mail *mail;
	struct itsm_mail_part *parts;
	size_t part_capacity, seen;
	struct itsm_buffer text;
	struct itsm_error *err;
};

static bool is_a(void *object, GType type)
{
	return object && gmime.g_type_check_instance_is_a(object, type);
}

/* What can be kept in a record: valid, without control and deceptive characters; line ends and tabs where `lines`. */
static const char *clean(struct itsm_arena *arena, const char *text, size_t size, size_t limit, bool lines, bool *cut)
{
	struct itsm_buffer out = {0};
	const char *result;
	size_t at = 0, length;
	uint32_t c;

	for (; at < size && out.length < limit; at += length) {
		length = itsm_utf8_decode(text + at, size - at, &c);
		if (!length) {
			itsm_buffer_puts(&out, "\xef\xbf\xbd");
			length = 1;
		} else if (c == '\r') {
			if (lines && (at + 1 >= size || text[at + 1] != '\n'))
				itsm_buffer_putc(&out, '\n');
		} else if (lines ? c == '\n' || c == '\t' : false) {
			itsm_buffer_putc(&out, (char)c);
		} else if (itsm_utf8_is_control(c)) {
			itsm_buffer_putc(&out, ' ');
		} else if (!itsm_utf8_is_deceptive(c)) {
			itsm_buffer_add(&out, text + at, length);
		}
	}
	if (cut)
		*cut = *cut || at < size;
	result = itsm_arena_strndup(arena, out.data ? out.data : "", out.length);
	itsm_buffer_free(&out);
	return result;
}

static const char *clean_line(struct itsm_arena *arena, const char *text)
{
	const char *line = clean(arena, text, strlen(text), HEADER_MAX, false, NULL);
	size_t length;

	line += strspn(line, " ");
	length = strlen(line);
	while (length && line[length - 1] == ' ')
		length--;
	return itsm_arena_strndup(arena, line, length);
}

/* A Message-ID that can stand in a field and be compared; NULL otherwise. */
static const char *clean_id(struct itsm_arena *arena, const char *id)
{
	size_t i, length = id ? strlen(id) : 0;

	for (i = 0; i < length; i++)
		if (id[i] <= ' ' || id[i] >= 127 || strchr("<>\"'\\", id[i]))
			return NULL;
	return length && length <= ID_MAX ? itsm_arena_strdup(arena, id) : NULL;
}

static void add_address(struct reading *reading, void *address, struct itsm_mail_address *out, size_t *count, size_t limit)
{
	const char *mail, *name;

	if (*count >= limit || !is_a(address, gmime.internet_address_mailbox_get_type()))
		return;
	mail = gmime.internet_address_mailbox_get_addr(address);
	name = gmime.internet_address_get_name(address);
	mail = mail ? clean_line(reading->arena, mail) : "";
	if (!strchr(mail, '@') || strpbrk(mail, " \t<>,;\"\\"))
		return;
	out[*count].mail = mail;
	out[*count].name = name && *name ? clean_line(reading->arena, name) : NULL;
	++*count;
}

static void read_addresses(struct reading *reading, GMimeMessage *message, GMimeAddressType type,
	struct itsm_mail_address *out, size_t *count, size_t limit)
{
	InternetAddressList *list = gmime.g_mime_message_get_addresses(message, type);
	int i, length = list ? gmime.internet_address_list_length(list) : 0;

	for (i = 0; i < length; i++)
		add_address(reading, gmime.internet_address_list_get_address(list, i), out, count, limit);
}

static const char *header(GMimeMessage *message, const char *name)
{
	const char *value = gmime.g_mime_object_get_header((GMimeObject *)message, name);

	return value ? value + strspn(value, " \t\r\n") : NULL;
}

static bool is_one_of(const char *value, const char *const *words)
{
	size_t length = value ? strcspn(value, " \t\r\n;(") : 0;

	for (; value && *words; words++)
		if (strlen(*words) == length && strncasecmp(*words, value, length) == 0)
			return true;
	return false;
}

/* RFC 3834 and what programs did before it. `sender`: an address. */
static const char *find_automatic(GMimeMessage *message, const char *sender)
{
	static const char *const person[] = {"no", NULL}, *const bulk[] = {"bulk", "junk", "list", "auto_reply", NULL};
	static const char *const answers[] = {"X-Autoreply", "X-Autorespond", "X-Auto-Reply", NULL};
	const char *value = header(message, "Auto-Submitted");
	GMimeObject *body = gmime.g_mime_message_get_mime_part(message);
	size_t i;

	if (value && !is_one_of(value, person))
		return "it was sent by a program (Auto-Submitted)";
	if (is_one_of(header(message, "Precedence"), bulk))
		return "it is bulk mail (Precedence)";
	for (i = 0; answers[i]; i++)
		if (header(message, answers[i]))
			return "it is an automatic answer";
	value = header(message, "Return-Path");
	if (value && strncmp(value, "<>", 2) == 0)
		return "it is a bounce (empty Return-Path)";
	if (sender && strncasecmp(sender, "mailer-daemon", 13) == 0 && (sender[13] == '@' || !sender[13]))
		return "it is from a mail server itself (mailer-daemon)";
	if (body && gmime.g_mime_content_type_is_type(gmime.g_mime_object_get_content_type(body), "multipart", "report"))
		return "it is a delivery report";
	return NULL;
}

static void add_references(struct reading *reading, const char *value, const char **out, size_t *count)
{
	GMimeReferences *references = value ? gmime.g_mime_references_parse(NULL, value) : NULL;
	int i = references ? gmime.g_mime_references_length(references) : 0;

	while (i-- > 0 && *count < ITSM_MAIL_MAX_REFERENCES) {
		const char *id = clean_id(reading->arena, gmime.g_mime_references_get_message_id(references, i));

		if (id)
			out[(*count)++] = id;
	}
	if (references)
		gmime.g_mime_references_free(references);
}

static int read_head(struct reading *reading, GMimeMessage *message)
{
	struct itsm_mail *mail = reading->mail;
	const char **references = itsm_arena_alloc(reading->arena, (ITSM_MAIL_MAX_REFERENCES + 1) * sizeof(*references));
	struct itsm_mail_address *to = itsm_arena_alloc(reading->arena, ITSM_MAIL_MAX_ADDRESSES * sizeof(*to));
	const char *subject = gmime.g_mime_message_get_subject(message);
	size_t count = 0;

	read_addresses(reading, message, GMIME_ADDRESS_TYPE_FROM, &mail->from, &count, 1);
	if (!count)
		read_addresses(reading, message, GMIME_ADDRESS_TYPE_SENDER, &mail->from, &count, 1);
	if (!count)
		return itsm_error_set(reading->err, ITSM_EDATA, "not a mail: no sender in its header");
	read_addresses(reading, message, GMIME_ADDRESS_TYPE_TO, to, &mail->to_count, ITSM_MAIL_MAX_ADDRESSES);
	read_addresses(reading, message, GMIME_ADDRESS_TYPE_CC, to, &mail->to_count, ITSM_MAIL_MAX_ADDRESSES);
	mail->to = to;
	mail->id = clean_id(reading->arena, gmime.g_mime_message_get_message_id(message));
	mail->subject = clean_line(reading->arena, subject ? subject : "");
	count = 0;
	add_references(reading, header(message, "In-Reply-To"), references, &count);
	add_references(reading, header(message, "References"), references, &count);
	mail->references = references;
	mail->automatic = find_automatic(message, mail->from.mail);
	return 0;
}

/* The file's name alone: what comes before a slash or backslash is a path of the sender's. */
static const char *base_name(struct itsm_arena *arena, const char *name)
{
	const char *at;

	if (!name)
		return NULL;
	for (at = name; *at; at++)
		if (*at == '/' || *at == '\\')
			name = at + 1;
	name = clean_line(arena, name);
	return *name ? name : NULL;
}

static void add_part(struct reading *reading, GMimeObject *object, const char *name, const void *data, size_t size)
{
	char *type = gmime.g_mime_content_type_get_mime_type(gmime.g_mime_object_get_content_type(object));
	struct itsm_mail *mail = reading->mail;
	char *copy = itsm_arena_alloc(reading->arena, size + 1);

	memcpy(copy, data, size);
	itsm_arena_grow(reading->arena, &reading->parts, &reading->part_capacity, mail->part_count, sizeof(*reading->parts));
	reading->parts[mail->part_count++] = (struct itsm_mail_part){base_name(reading->arena, name),
		clean_line(reading->arena, type ? type : "application/octet-stream"), copy, size};
	mail->parts = reading->parts;
	gmime.g_free(type);
}

static void read_data(struct reading *reading, GMimePart *part)
{
	GMimeDataWrapper *content = gmime.g_mime_part_get_content(part);
	GMimeStream *stream = gmime.g_mime_stream_mem_new();
	GByteArray *bytes;

	if (content)
		gmime.g_mime_data_wrapper_write_to_stream(content, stream);
	bytes = gmime.g_mime_stream_mem_get_byte_array((GMimeStreamMem *)stream);
	add_part(reading, (GMimeObject *)part, gmime.g_mime_part_get_filename(part), bytes->data ? bytes->data : (guint8 *)"", bytes->len);
	gmime.g_object_unref(stream);
}

static bool is_attached(GMimeObject *object)
{
	const char *disposition = gmime.g_mime_object_get_disposition(object);

	return disposition && strcasecmp(disposition, "attachment") == 0;
}

static bool is_plain(GMimeObject *object)
{
	return gmime.g_mime_content_type_is_type(gmime.g_mime_object_get_content_type(object), "text", "plain");
}

static void read_text(struct reading *reading, GMimeObject *object)
{
	char *text = gmime.g_mime_text_part_get_text((GMimeTextPart *)object);

	if (text && reading->text.length)
		itsm_buffer_puts(&reading->text, "\n\n");
	if (text)
		itsm_buffer_puts(&reading->text, text);
	gmime.g_free(text);
}

static int read_object(struct reading *reading, GMimeObject *object, unsigned depth);

/* Of alternatives the plain text is the body; a mail with none keeps the last one, the richest, as a part. */
static int read_alternative(struct reading *reading, GMimeMultipart *multipart, int count, unsigned depth)
{
	int i;

	for (i = 0; i < count; i++) {
		GMimeObject *object = gmime.g_mime_multipart_get_part(multipart, i);

		if (is_plain(object))
			return read_object(reading, object, depth);
	}
	for (i = 0; i < count; i++) {
		GMimeObject *object = gmime.g_mime_multipart_get_part(multipart, i);

		if (is_a(object, gmime.g_mime_multipart_get_type()))
			return read_object(reading, object, depth);
	}
	return count ? read_object(reading, gmime.g_mime_multipart_get_part(multipart, count - 1), depth) : 0;
}

static int read_multipart(struct reading *reading, GMimeMultipart *multipart, unsigned depth)
{
	GMimeContentType *type = gmime.g_mime_object_get_content_type((GMimeObject *)multipart);
	int count = gmime.g_mime_multipart_get_count(multipart), i, status = 0;

	if (gmime.g_mime_content_type_is_type(type, "multipart", "alternative"))
		return read_alternative(reading, multipart, count, depth + 1);
	for (i = 0; i < count && status == 0; i++)
		status = read_object(reading, gmime.g_mime_multipart_get_part(multipart, i), depth + 1);
	return status;
}

/* A mail within the mail: kept as it stands. */
static void read_message(struct reading *reading, GMimeObject *object)
{
	char *text = gmime.g_mime_object_to_string(object, NULL);

	add_part(reading, object, "message.eml", text ? text : "", text ? strlen(text) : 0);
	gmime.g_free(text);
}

static int read_object(struct reading *reading, GMimeObject *object, unsigned depth)
{
	if (!object)
		return 0;
	if (depth > ITSM_MAIL_MAX_DEPTH || ++reading->seen > ITSM_MAIL_MAX_PARTS)
		return itsm_error_set(reading->err, ITSM_ELIMIT, "the mail has more than %d parts, or %d of them in each other",
			ITSM_MAIL_MAX_PARTS, ITSM_MAIL_MAX_DEPTH);
	if (is_a(object, gmime.g_mime_multipart_get_type()))
		return read_multipart(reading, (GMimeMultipart *)object, depth);
	if (is_a(object, gmime.g_mime_message_part_get_type()))
		read_message(reading, object);
	else if (is_plain(object) && !is_attached(object) && is_a(object, gmime.g_mime_text_part_get_type()))
		read_text(reading, object);
	else if (is_a(object, gmime.g_mime_part_get_type()))
		read_data(reading, (GMimePart *)object);
	return 0;
}

static int read_message_tree(struct reading *reading, GMimeMessage *message)
{
	struct itsm_mail *mail = reading->mail;
	int status = read_head(reading, message);

	if (status == 0)
		status = read_object(reading, gmime.g_mime_message_get_mime_part(message), 0);
	mail->text = clean(reading->arena, reading->text.data ? reading->text.data : "", reading->text.length, ITSM_MAIL_MAX_TEXT,
		true, &mail->cut);
	itsm_buffer_free(&reading->text);
	return status;
}

/* May GMime's parser, which calls itself for each level, be let loose on it? */
static bool is_shallow(const char *text, size_t size)
{
	size_t count = 0, i;

	for (i = 0; i + 10 < size && count <= NESTING_MAX; i++)
		count += (text[i] | 32) == 'm' && (strncasecmp(text + i, "multipart/", 10) == 0 ||
			(i + 15 < size && strncasecmp(text + i, "message/rfc822", 14) == 0));
	return count <= NESTING_MAX;
}

/* A NUL ends a C string, and no mail may hold one: a blank stands for it, so that nothing behind it is lost. */
static const char *without_nul(struct itsm_arena *arena, const char *text, size_t size)
{
	char *copy;
	size_t i;

	if (!size || !memchr(text, '\0', size))
		return text;
	copy = itsm_arena_alloc(arena, size + 1);
	for (i = 0; i < size; i++)
		copy[i] = text[i] ? text[i] : ' ';
	return copy;
}

int itsm_mail_read(struct itsm_arena *arena, const char *text, size_t size, struct itsm_mail *out, struct itsm_error *err)
{
	struct itsm_mail mail = {.text = ""};
	struct reading reading = {.arena = arena, .mail = &mail, .err = err};
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *message;
	int status;

	if (size > ITSM_MAIL_MAX_BYTES || !is_shallow(text, size))
		return itsm_error_set(err, ITSM_ELIMIT, "the mail is too large or too deep; at most %u MiB and %d levels",
			ITSM_MAIL_MAX_BYTES >> 20, ITSM_MAIL_MAX_DEPTH);
	if ((status = text_gmime_load(err)) != 0)
		return status;
	stream = gmime.g_mime_stream_mem_new_with_buffer(without_nul(arena, text, size), size);
	parser = gmime.g_mime_parser_new_with_stream(stream);
	message = gmime.g_mime_parser_construct_message(parser, NULL);
	status = message ? read_message_tree(&reading, message) : itsm_error_set(err, ITSM_EDATA, "not a mail: it has no header");
	if (message)
		gmime.g_object_unref(message);
	gmime.g_object_unref(parser);
	gmime.g_object_unref(stream);
	if (status == 0)
		*out = mail;
	return status;
}
