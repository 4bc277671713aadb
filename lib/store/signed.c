/*
 * Which commits carry a signature.
 *
 * `git rev-list --header` gives each commit as it is stored, NUL after each: its name, LF, its header lines, an
 * empty line, the message. A signature is the header `gpgsig`, or `gpgsig-sha256`.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

struct signed_reader {
	int (*on_commit)(void *context, const struct itsm_oid *commit, bool is_signed);
	void *context;
	struct itsm_buffer pending; /* the beginning of a commit */
};

static int read_one(struct signed_reader *reader, const char *text, size_t length, struct itsm_error *err)
{
	const char *end = memmem(text, length, "\n\n", 2), *header = memchr(text, '\n', length);
	struct itsm_oid oid;

	if (length < 41 || !header || !store_oid_parse(text, &oid))
		return itsm_error_set(err, ITSM_EGIT, "`git rev-list` gave something that is no commit");
	end = end ? end : text + length;
	return reader->on_commit(reader->context, &oid,
		memmem(header, (size_t)(end - header), "\ngpgsig ", 8) ||
			memmem(header, (size_t)(end - header), "\ngpgsig-sha256 ", 15));
}

static int feed(struct signed_reader *reader, const char *data, size_t length, struct itsm_error *err)
{
	const char *end;
	int status = 0;

	while (status == 0 && (end = memchr(data, '\0', length)) != NULL) {
		size_t size = (size_t)(end - data);

		if (reader->pending.length) {
			itsm_buffer_add(&reader->pending, data, size);
			status = read_one(reader, reader->pending.data, reader->pending.length, err);
			itsm_buffer_clear(&reader->pending);
		} else {
			status = read_one(reader, data, size, err);
		}
		data += size + 1;
		length -= size + 1;
	}
	if (status == 0 && length) {
		itsm_buffer_add(&reader->pending, data, length);
		if (reader->pending.length > STORE_MESSAGE_MAX)
			return itsm_error_set(err, ITSM_ELIMIT,
				"a commit's header and message are larger than %d bytes", STORE_MESSAGE_MAX);
	}
	return status;
}

static int pump(struct store_child *child, struct signed_reader *reader, struct itsm_error *err)
{
	char chunk[65536];
	ssize_t got;
	int status = 0;

	while (status == 0 && (got = store_child_receive(child, chunk, sizeof(chunk))) != 0) {
		if (got < 0)
			return itsm_error_set(err, ITSM_EIO, "cannot read from `git rev-list`: %s", strerror(errno));
		status = feed(reader, chunk, (size_t)got, err);
	}
	return status;
}

int itsm_repo_signed(const struct itsm_place *place, const struct itsm_oid *from, const struct itsm_oid *to,
	int (*on_commit)(void *context, const struct itsm_oid *commit, bool is_signed), void *context,
	struct itsm_error *err)
{
	char last[41], first[42] = "^";
	const char *argv[] = {
		"git", "--no-replace-objects", "rev-list", "--header", "--encoding=none", last, NULL, NULL};
	struct signed_reader reader = {on_commit, context, {0}};
	struct store_child child = STORE_CHILD_NONE;
	int status;

	itsm_oid_text(to, last);
	if (from && !itsm_oid_is_zero(from)) {
		itsm_oid_text(from, first + 1);
		argv[6] = first;
	}
	status = store_git_start(&child, place, argv, STORE_CHILD_OUTPUT, err);
	if (status)
		return status;
	status = pump(&child, &reader, err);
	if (status)
		store_child_kill(&child);
	else
		status = store_child_end(&child, NULL, err);
	itsm_buffer_free(&reader.pending);
	return status;
}
