/*
 * The texts of blobs that were read lately. In history what a change replaced is mostly what an earlier
 * one put there: kept until then, it is inflated once and not twice.
 */
#include <stdlib.h>
#include <string.h>

#include "index.h"

#define SLOTS 8192               /* a power of 2 */
#define LENGTH_MAX 8192          /* so that all of it has 64 MiB at most */

struct index_texts {
	struct kept {
		struct itsm_oid blob;
		struct itsm_buffer text; /* no data: nothing is kept here */
	} slots[SLOTS];
};

static struct kept *slot_of(struct index_texts *texts, const struct itsm_oid *blob)
{
	uint32_t hash;

	memcpy(&hash, blob->bytes, sizeof(hash));
	return &texts->slots[hash & (SLOTS - 1)];
}

struct index_texts *itsm_index_texts_new(void)
{
	return calloc(1, sizeof(struct index_texts));
}

void itsm_index_texts_free(struct index_texts *texts)
{
	for (size_t i = 0; texts && i < SLOTS; i++)
		itsm_buffer_free(&texts->slots[i].text);
	free(texts);
}

void itsm_index_texts_keep(struct index_texts *texts, const struct itsm_oid *blob, const struct itsm_buffer *text)
{
	struct kept *kept;

	if (!texts || text->length > LENGTH_MAX)
		return;
	kept = slot_of(texts, blob);
	kept->blob = *blob;
	itsm_buffer_clear(&kept->text);
	itsm_buffer_add(&kept->text, text->data ? text->data : "", text->length);
}

bool itsm_index_texts_take(struct index_texts *texts, const struct itsm_oid *blob, struct itsm_buffer *out)
{
	struct kept *kept = texts ? slot_of(texts, blob) : NULL;

	if (!kept || !kept->text.data || !itsm_oid_equal(&kept->blob, blob))
		return false;
	*out = kept->text;
	kept->text = (struct itsm_buffer){0};
	return true;
}
