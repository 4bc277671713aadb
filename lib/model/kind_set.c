/*
 * The set of kinds: the built-in ones and what a desk adds to them.
 */
#include <stdio.h>
#include <string.h>

#include "kind_set.h"

#define FNV_PRIME 0x100000001b3u

static const char *const pillars[] = {
	"strategy", "design", "transition", "operation", "improvement", "policy", "people",
};

int kind_pillar_rank(const char *pillar)
{
	for (size_t i = 0; i < sizeof(pillars) / sizeof(pillars[0]); i++)
		if (strcmp(pillars[i], pillar) == 0)
			return (int)i;
	return -1;
}

uint64_t kind_digest(uint64_t digest, const void *data, size_t length)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < length; i++)
		digest = (digest ^ bytes[i]) * FNV_PRIME;
	return digest;
}

static void update_digest(struct itsm_kinds *kinds)
{
	uint64_t digest = KIND_DIGEST_START;

	for (size_t i = 0; i < kinds->count; i++) {
		digest = kind_digest(digest, kinds->entries[i]->kind->name, strlen(kinds->entries[i]->kind->name) + 1);
		digest = kind_digest(digest, &kinds->entries[i]->digest, sizeof(kinds->entries[i]->digest));
	}
	snprintf(kinds->digest, sizeof(kinds->digest), "%016llx", (unsigned long long)digest);
}

static bool goes_before(const struct kind_entry *a, const struct kind_entry *b)
{
	int rank = kind_pillar_rank(a->kind->pillar) - kind_pillar_rank(b->kind->pillar);

	return rank < 0 || (rank == 0 && strcmp(a->kind->name, b->kind->name) < 0);
}

static void insert(struct itsm_kinds *kinds, struct kind_entry *entry)
{
	size_t at = kinds->count;

	itsm_arena_grow(kinds->arena, &kinds->entries, &kinds->capacity, kinds->count, sizeof(struct kind_entry *));
	for (; at > 0 && goes_before(entry, kinds->entries[at - 1]); at--)
		kinds->entries[at] = kinds->entries[at - 1];
	kinds->entries[at] = entry;
	kinds->count++;
}

int itsm_kinds_new(struct itsm_kinds **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_kinds *kinds = itsm_arena_alloc(arena, sizeof(*kinds));

	(void)err;
	kinds->arena = arena;
	for (size_t i = 0; kind_builtins[i]; i++) {
		struct kind_entry *entry = itsm_arena_alloc(arena, sizeof(*entry));

		*entry = (struct kind_entry){
			&kind_builtins[i]->box.kind, kind_builtins[i], NULL, kind_builtins[i]->digest};
		insert(kinds, entry);
	}
	update_digest(kinds);
	*out = kinds;
	return ITSM_OK;
}

void itsm_kinds_free(struct itsm_kinds *kinds)
{
	if (kinds)
		itsm_arena_free(kinds->arena);
}

/* The tree that a desk's file for this kind adds to; NULL when the kind is new. */
static int base_tree(const struct itsm_kinds *kinds, const struct kind_entry *entry, const struct itsm_yaml **out,
	struct itsm_error *err)
{
	struct itsm_yaml *tree = NULL;
	int status = ITSM_OK;

	if (entry && !entry->tree)
		status = itsm_yaml_parse(kinds->arena, entry->builtin->box.source, entry->builtin->size, 1, &tree, err);
	*out = entry && entry->tree ? entry->tree : tree;
	return status;
}

static int add_tree(struct itsm_kinds *kinds, const char *path, const struct itsm_yaml *desk, uint64_t digest,
	struct itsm_error *err)
{
	const char *name = itsm_yaml_text(desk, "kind");
	struct kind_entry *entry = name ? kind_entry_find(kinds, name) : NULL;
	const struct itsm_yaml *base;
	struct itsm_yaml *tree;
	struct kind_box *box;
	int status;

	if (!name)
		return itsm_error_set_at(err, ITSM_EDATA, desk->line, desk->column, "it names no 'kind'");
	status = base_tree(kinds, entry, &base, err);
	if (status == ITSM_OK)
		status = kind_merge(kinds->arena, base, desk, &tree, err);
	if (status == ITSM_OK)
		status = kind_read(kinds->arena, tree, itsm_arena_strdup(kinds->arena, path), &box, err);
	if (status < 0)
		return status;
	if (entry) {
		size_t at = 0;

		while (kinds->entries[at] != entry)
			at++;
		memmove(&kinds->entries[at], &kinds->entries[at + 1], (kinds->count - at - 1) * sizeof(entry));
		kinds->count--;
		digest = kind_digest(entry->digest, &digest, sizeof(digest));
	} else {
		entry = itsm_arena_alloc(kinds->arena, sizeof(*entry));
	}
	*entry = (struct kind_entry){ &box->kind, entry->builtin, tree, digest };
	insert(kinds, entry);
	update_digest(kinds);
	return ITSM_OK;
}

int itsm_kinds_add(struct itsm_kinds *kinds, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	struct itsm_yaml *desk;
	int status = itsm_yaml_parse(kinds->arena, text, size, 1, &desk, err);

	if (status == ITSM_OK && desk->type != ITSM_YAML_MAPPING)
		status = itsm_error_set_at(
			err, ITSM_EDATA, desk->line, desk->column, "it is no kind: a mapping with 'kind'");
	if (status == ITSM_OK)
		status = add_tree(kinds, path, desk, kind_digest(KIND_DIGEST_START, text, size), err);
	if (status < 0)
		itsm_error_prefix(err, "%s", path);
	return status;
}

int itsm_kinds_finish(struct itsm_kinds *kinds, struct itsm_error *err)
{
	int status = kind_verify_set(kinds, err);

	for (size_t i = 0; status == ITSM_OK && i < kinds->count; i++)
		if (kinds->entries[i]->tree)
			status = kind_verify(kinds, kinds->entries[i]->kind, err);
	return status;
}

size_t itsm_kinds_count(const struct itsm_kinds *kinds)
{
	return kinds->count;
}

const struct itsm_kind *itsm_kinds_at(const struct itsm_kinds *kinds, size_t position)
{
	return position < kinds->count ? kinds->entries[position]->kind : NULL;
}

struct kind_entry *kind_entry_find(const struct itsm_kinds *kinds, const char *name)
{
	for (size_t i = 0; i < kinds->count; i++)
		if (strcmp(kinds->entries[i]->kind->name, name) == 0)
			return kinds->entries[i];
	return NULL;
}

const struct itsm_kind *itsm_kinds_find(const struct itsm_kinds *kinds, const char *name)
{
	struct kind_entry *entry = kind_entry_find(kinds, name);

	for (size_t i = 0; !entry && i < kinds->count; i++) {
		const struct itsm_kind *kind = kinds->entries[i]->kind;
		const char *folder = kind->folder ? kind->folder : kind->part;
		const char *slash = strrchr(folder, '/');

		if (strcmp(slash ? slash + 1 : folder, name) == 0)
			entry = kinds->entries[i];
	}
	return entry ? entry->kind : NULL;
}

const char *itsm_kinds_digest(const struct itsm_kinds *kinds)
{
	return kinds->digest;
}

const char *itsm_kinds_source(const struct itsm_kind *kind)
{
	return ((const struct kind_box *)(const void *)kind)->source;
}
