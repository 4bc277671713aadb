/* What the files of releases share. */
#ifndef ITSM_LIB_DESK_RELEASE_H
#define ITSM_LIB_DESK_RELEASE_H

#include "desk.h"
#include "itsm/release.h"

#define RELEASE_KIND "release"
#define RELEASE_MOST 10000 /* artefacts or changes of one release */

struct release_artefact {
	const char *name, *digest, *where; /* never NULL, each of one line */
	const char *algorithm;           /* of the digest, "" where it has none */
	const char *hex;                 /* in lower case */
};

/* The release at HEAD, or at a revision, with the index of it in use. */
int release_read(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at, struct itsm_index **index,
	struct itsm_record **out, struct itsm_error *err);
/* ITSM_EUSAGE where the record is no release. */
int release_is_one(const struct itsm_record *record, struct itsm_error *err);
/* The record that an ID means; NULL in `out` where there is none that can be read. */
int release_find(struct itsm_desk *desk, struct itsm_index *index, struct itsm_arena *arena, const char *id, const char *kind,
	struct itsm_record **out, struct itsm_error *err);
/* The items of a list field, as lines. */
int release_list(struct itsm_arena *arena, const struct itsm_record *record, const char *field, const char ***out, size_t *count,
	struct itsm_error *err);
int release_artefacts(struct itsm_arena *arena, const struct itsm_record *record, struct release_artefact **out, size_t *count,
	struct itsm_error *err);
/* release_extra.c: what is in the folder and no artefact, as finding release/extra. Closes the folder. */
int release_find_extra(struct itsm_arena *arena, int folder, const struct itsm_record *record, const struct release_artefact *artefacts,
	size_t count, struct itsm_findings *findings, struct itsm_error *err);
/* A field's text as one line, or NULL. */
const char *release_text(struct itsm_arena *arena, const struct itsm_record *record, const char *field);
/* What the tag of a release is called; NULL where it has no version. */
const char *release_tag_name(struct itsm_arena *arena, const struct itsm_record *record, const char *given);

#endif
