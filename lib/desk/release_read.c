/* A release, its changes and its manifest, as its record has them. */
#include <ctype.h>
#include <string.h>

#include "code.h"
#include "release.h"

int release_is_one(const struct itsm_record *record, struct itsm_error *err)
{
	if (strcmp(record->kind->name, RELEASE_KIND) == 0)
		return 0;
	return itsm_error_set(err, ITSM_EUSAGE, "%s is %s %s and no release", record->id, desk_a(record->kind->name), record->kind->name);
}

int release_find(struct itsm_desk *desk, struct itsm_index *index, struct itsm_arena *arena, const char *id, const char *kind,
	struct itsm_record **out, struct itsm_error *err)
{
	struct itsm_findings ignored;
	struct itsm_hit hit;
	int status = itsm_index_find(index, arena, id, kind, &hit, err);

	itsm_findings_init(&ignored, arena);
	*out = NULL;
	return status ? status : itsm_desk_read_blob(desk, arena, desk->kinds, hit.path, &hit.blob, out, &ignored, err);
}

int release_read(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at, struct itsm_index **index,
	struct itsm_record **out, struct itsm_error *err)
{
	int status = itsm_desk_view(desk, at ? at : "HEAD", index, err);

	if (status == 0)
		status = release_find(desk, *index, arena, id, NULL, out, err);
	if (status == 0 && !*out)
		status = itsm_error_set(err, ITSM_EDATA, "%s cannot be read as a record; `itsm check` says why", id);
	return status ? status : release_is_one(*out, err);
}

const char *release_text(struct itsm_arena *arena, const struct itsm_record *record, const char *field)
{
	const char *text = itsm_record_text(record, field);

	return text && *text ? code_line(arena, text, strlen(text)) : NULL;
}

static int refuse_many(const struct itsm_record *record, const char *field, struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_ELIMIT, "%s has more than %d %s", record->id, RELEASE_MOST, field);
}

int release_list(struct itsm_arena *arena, const struct itsm_record *record, const char *field, const char ***out, size_t *count,
	struct itsm_error *err)
{
	const struct itsm_yaml *node = itsm_record_field(record, field);
	size_t i;

	*count = 0;
	*out = NULL;
	if (!node || node->type != ITSM_YAML_SEQUENCE)
		return 0;
	if (node->count > RELEASE_MOST)
		return refuse_many(record, field, err);
	*out = itsm_arena_alloc(arena, (node->count + 1) * sizeof(**out));
	for (i = 0; i < node->count; i++) {
		const struct itsm_yaml *item = node->items[i];

		if (item->type == ITSM_YAML_SCALAR && *item->text)
			(*out)[(*count)++] = code_line(arena, item->text, strlen(item->text));
	}
	return 0;
}

static const char *text_of(struct itsm_arena *arena, const struct itsm_yaml *node, const char *key)
{
	const char *text = itsm_yaml_text(node, key);

	return text ? code_line(arena, text, strlen(text)) : "";
}

static void split_digest(struct itsm_arena *arena, struct release_artefact *artefact)
{
	const char *colon = strchr(artefact->digest, ':');
	char *hex;

	artefact->algorithm = colon ? itsm_arena_strndup(arena, artefact->digest, (size_t)(colon - artefact->digest)) : "";
	artefact->hex = hex = itsm_arena_strdup(arena, colon ? colon + 1 : artefact->digest);
	for (; *hex; hex++)
		*hex = (char)tolower((unsigned char)*hex);
}

int release_artefacts(struct itsm_arena *arena, const struct itsm_record *record, struct release_artefact **out, size_t *count,
	struct itsm_error *err)
{
	const struct itsm_yaml *node = itsm_record_field(record, "artefacts");
	size_t i;

	*count = 0;
	*out = NULL;
	if (!node || node->type != ITSM_YAML_SEQUENCE)
		return 0;
	if (node->count > RELEASE_MOST)
		return refuse_many(record, "artefacts", err);
	*out = itsm_arena_alloc(arena, (node->count + 1) * sizeof(**out));
	for (i = 0; i < node->count; i++) {
		struct release_artefact *artefact = &(*out)[(*count)++];

		artefact->name = text_of(arena, node->items[i], "name");
		artefact->digest = text_of(arena, node->items[i], "digest");
		artefact->where = text_of(arena, node->items[i], "where");
		if (!*artefact->where)
			artefact->where = text_of(arena, node->items[i], "url");
		split_digest(arena, artefact);
	}
	return 0;
}

const char *release_tag_name(struct itsm_arena *arena, const struct itsm_record *record, const char *given)
{
	const char *tag = release_text(arena, record, "tag"), *version = release_text(arena, record, "version");

	if (given)
		return given;
	if (tag)
		return tag;
	return version ? itsm_arena_printf(arena, "%s%s", *version == 'v' ? "" : "v", version) : NULL;
}
