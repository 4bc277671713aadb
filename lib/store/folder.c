/* Reading a folder's bytes. */
#include "folder.h"

#include <string.h>

bool store_part_is_folder(const struct store_part *part)
{
	return part->mode == GIT_FILEMODE_TREE;
}

int store_part_compare(const struct store_part *a, const struct store_part *b)
{
	size_t length = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->name, b->name, length);
	unsigned char after_a, after_b;

	if (order)
		return order;
	after_a = a->length > length ? (unsigned char)a->name[length] : store_part_is_folder(a) ? '/' : 0;
	after_b = b->length > length ? (unsigned char)b->name[length] : store_part_is_folder(b) ? '/' : 0;
	return (int)after_a - (int)after_b;
}

int store_part_next(struct store_bytes *folder, struct store_part *out)
{
	const char *at = folder->at, *end;

	if (at == folder->end)
		return 0;
	out->mode = 0;
	for (; at < folder->end && *at >= '0' && *at <= '7' && out->mode < 010000000; at++)
		out->mode = out->mode * 8 + (unsigned)(*at - '0');
	if (at == folder->end || at == folder->at || *at++ != ' ')
		return -1;
	end = memchr(at, '\0', (size_t)(folder->end - at));
	if (!end || end == at || folder->end - end < 21 || memchr(at, '/', (size_t)(end - at)))
		return -1;
	out->name = at;
	out->length = (size_t)(end - at);
	memcpy(out->oid.bytes, end + 1, sizeof(out->oid.bytes));
	folder->at = end + 21;
	return 1;
}

unsigned store_file_mode(unsigned mode)
{
	if ((mode & 0170000) != 0100000)
		return mode;
	return mode & 0100 ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB;
}

bool store_commit_top(const struct itsm_buffer *commit, struct itsm_oid *out)
{
	return commit->length > 46 && strncmp(commit->data, "tree ", 5) == 0 && store_oid_parse(commit->data + 5, out);
}
