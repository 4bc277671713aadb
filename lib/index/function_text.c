/*
 * instr, replace and trim as SQLite has them, but in time that grows with the lengths of the arguments, not with
 * their product: between two instructions of the virtual machine no bound is looked at.
 */
#include <string.h>

#include "index.h"

#define TRIMMED_MAX 256         /* bytes of trim's second argument: each is held against each */

struct span {
	const char *start;
	size_t length;
};

/* As text, or as the bytes it is. A start of NULL: it is NULL. */
static struct span text_of(sqlite3_value *value)
{
	struct span span = {(const char *)sqlite3_value_text(value), 0};

	span.length = (size_t)sqlite3_value_bytes(value);
	return span;
}

static struct span blob_of(sqlite3_value *value)
{
	struct span span = {sqlite3_value_blob(value), (size_t)sqlite3_value_bytes(value)};

	span.start = span.start ? span.start : ""; /* an empty one has none */
	return span;
}

static const char *find(struct span text, struct span wanted)
{
	if (wanted.length == 1)
		return memchr(text.start, *wanted.start, text.length);
	return memmem(text.start, text.length, wanted.start, wanted.length);
}

static bool is_inner(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

void itsm_index_instr(sqlite3_context *context, int count, sqlite3_value **values)
{
	bool bytes = sqlite3_value_type(values[0]) == SQLITE_BLOB && sqlite3_value_type(values[1]) == SQLITE_BLOB;
	struct span text, wanted;
	const char *found;
	sqlite3_int64 place = 1;

	(void)count;
	if (sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_type(values[1]) == SQLITE_NULL)
		return;
	text = bytes ? blob_of(values[0]) : text_of(values[0]);
	wanted = bytes ? blob_of(values[1]) : text_of(values[1]);
	if (!text.start || !wanted.start) {
		sqlite3_result_error_nomem(context);
		return;
	}
	found = find(text, wanted);
	for (const char *at = text.start; found && at < found; at++)
		place += bytes || !is_inner(at[1]);
	sqlite3_result_int64(context, found ? place : 0);
}

/* How often is it there, one behind the other? */
static size_t count_found(struct span text, struct span wanted)
{
	const char *end = text.start + text.length;
	size_t count = 0;

	while ((text.start = find(text, wanted)) != NULL) {
		text.start += wanted.length;
		text.length = (size_t)(end - text.start);
		count++;
	}
	return count;
}

static void put(char **to, const char *bytes, size_t length)
{
	memcpy(*to, bytes, length);
	*to += length;
}

void itsm_index_replace(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct span text = text_of(values[0]), wanted = text_of(values[1]), other = text_of(values[2]);
	const char *end, *found;
	size_t times, most = (size_t)sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
	char *out, *to;

	(void)count;
	if (!text.start || !wanted.start)
		return;
	if (!*wanted.start) {
		sqlite3_result_value(context, values[0]);
		return;
	}
	if (!other.start)
		return;
	end = text.start + text.length;
	times = count_found(text, wanted);
	if (other.length > wanted.length && times > most / (other.length - wanted.length)) {
		sqlite3_result_error_toobig(context);
		return;
	}
	out = to = sqlite3_malloc64(text.length - times * wanted.length + times * other.length + 1);
	if (!out) {
		sqlite3_result_error_nomem(context);
		return;
	}
	while ((found = find(text, wanted)) != NULL) {
		put(&to, text.start, (size_t)(found - text.start));
		put(&to, other.start, other.length);
		text.start = found + wanted.length;
		text.length = (size_t)(end - text.start);
	}
	put(&to, text.start, (size_t)(end - text.start));
	sqlite3_result_text64(context, out, (sqlite3_uint64)(to - out), sqlite3_free, SQLITE_UTF8);
}

/* Is this character one of those? */
static bool is_among(const char *character, size_t length, struct span those)
{
	return memmem(those.start, those.length, character, length) != NULL;
}

static void trim(sqlite3_context *context, sqlite3_value **values, bool left, bool right)
{
	struct span text = text_of(values[0]), those = text_of(values[1]);
	const char *start = text.start, *end;
	size_t length;

	if (!text.start || !those.start)
		return;
	if (those.length > TRIMMED_MAX) {
		sqlite3_result_error(context, "trim() takes at most 256 bytes of characters to take away", -1);
		return;
	}
	end = start + text.length;
	for (; left && start < end; start += length) {
		for (length = 1; start + length < end && is_inner(start[length]); )
			length++;
		if (!is_among(start, length, those))
			break;
	}
	for (; right && start < end; end -= length) {
		for (length = 1; end - length > start && is_inner(end[-(ptrdiff_t)length]); )
			length++;
		if (!is_among(end - length, length, those))
			break;
	}
	sqlite3_result_text64(context, start, (sqlite3_uint64)(end - start), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void itsm_index_trim(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	trim(context, values, true, true);
}

void itsm_index_trim_left(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	trim(context, values, true, false);
}

void itsm_index_trim_right(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	trim(context, values, false, true);
}
