/* Contents that are in the index, by blob and kind, in memory: where there are many to look up. Open addressing. */
#include <stdlib.h>
#include <string.h>

#include "index.h"

#define SMALLEST 1024

struct index_contents {
	struct contents_item {
		struct itsm_oid blob;
		int kind;
		int64_t content;
	} *items;
	size_t count, mask;
};

static size_t slot_of(const struct index_contents *contents, const struct itsm_oid *blob, int kind)
{
	uint32_t hash;
	size_t slot;

	memcpy(&hash, blob->bytes, sizeof(hash));
	for (slot = hash & contents->mask; contents->items[slot].content; slot = (slot + 1) & contents->mask)
		if (contents->items[slot].kind == kind && itsm_oid_equal(&contents->items[slot].blob, blob))
			break;
	return slot;
}

int64_t itsm_index_contents_find(const struct index_contents *contents, const struct itsm_oid *blob, int kind)
{
	return contents ? contents->items[slot_of(contents, blob, kind)].content : 0;
}

static int no_memory(struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_ELIMIT, "out of memory for the index; free some and try again");
}

static bool resize(struct index_contents *contents, size_t size)
{
	struct index_contents larger = {.items = calloc(size, sizeof(*larger.items)), .mask = size - 1};

	if (!larger.items)
		return false;
	for (size_t i = 0; contents->items && i <= contents->mask; i++) {
		const struct contents_item *item = &contents->items[i];

		if (item->content)
			larger.items[slot_of(&larger, &item->blob, item->kind)] = *item;
	}
	free(contents->items);
	contents->items = larger.items;
	contents->mask = larger.mask;
	return true;
}

int itsm_index_contents_add(struct index_contents *contents, const struct itsm_oid *blob, int kind, int64_t content,
	struct itsm_error *err)
{
	if (contents->count * 2 >= contents->mask && !resize(contents, (contents->mask + 1) * 2))
		return no_memory(err);
	contents->items[slot_of(contents, blob, kind)] = (struct contents_item){*blob, kind, content};
	contents->count++;
	return 0;
}

void itsm_index_contents_free(struct index_contents *contents)
{
	if (contents)
		free(contents->items);
	free(contents);
}

int itsm_index_contents_load(struct itsm_index *index, struct index_contents **out, struct itsm_error *err)
{
	struct index_contents *contents = calloc(1, sizeof(*contents));
	sqlite3_stmt *statement = NULL;
	int status;

	if (!contents || !resize(contents, SMALLEST)) {
		itsm_index_contents_free(contents);
		return no_memory(err);
	}
	status = itsm_index_prepare(index, "SELECT blob, kid, bid FROM itsm_content WHERE place = ''", &statement, err);
	while (status == 0 && (status = itsm_index_step(index, statement, err)) == 1) {
		struct itsm_oid blob;

		itsm_index_column_oid(statement, 0, &blob);
		status = itsm_index_contents_add(contents, &blob, sqlite3_column_int(statement, 1),
			sqlite3_column_int64(statement, 2), err);
	}
	sqlite3_finalize(statement);
	if (status == 0)
		*out = contents;
	else
		itsm_index_contents_free(contents);
	return status;
}
