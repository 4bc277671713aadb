/* A set of commits. Their names are digests: the first bytes are as good a hash as any. */
#include <string.h>

#include "verify.h"

static size_t place_of(const struct verify_set *set, const struct itsm_oid *oid)
{
	uint64_t hash;
	size_t place;

	memcpy(&hash, oid->bytes, sizeof(hash));
	for (place = hash & (set->size - 1); set->members[place].used && !itsm_oid_equal(&set->members[place].oid, oid);
		place = (place + 1) & (set->size - 1))
		continue;
	return place;
}

void verify_set_add(struct verifying *verifying, const struct itsm_oid *oid, bool is_signed)
{
	struct verify_set *set = &verifying->set, grown;

	if (set->count * 2 >= set->size) {
		grown = (struct verify_set){.size = set->size ? set->size * 2 : 4096, .count = set->count};
		grown.members = itsm_arena_alloc(verifying->arena, grown.size * sizeof(*grown.members));
		for (size_t i = 0; i < set->size; i++) {
			if (set->members[i].used)
				grown.members[place_of(&grown, &set->members[i].oid)] = set->members[i];
		}
		*set = grown;
	}
	set->members[place_of(set, oid)] = (struct verify_member){*oid, true, is_signed};
	set->count++;
}

const struct verify_member *verify_set_find(const struct verify_set *set, const struct itsm_oid *oid)
{
	const struct verify_member *member = set->size ? &set->members[place_of(set, oid)] : NULL;

	return member && member->used ? member : NULL;
}
