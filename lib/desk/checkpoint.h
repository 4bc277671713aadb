/* Checkpoints: annotated tags itsm-checkpoint/<UTC time> whose message pins what was committed. */
#ifndef ITSM_LIB_DESK_CHECKPOINT_H
#define ITSM_LIB_DESK_CHECKPOINT_H

#include "desk.h"
#include "itsm/audit.h"

/* One of the repository's checkpoints. Texts in the arena. */
struct checkpoint {
	const char *name; /* itsm-checkpoint/20261122T100000Z */
	struct itsm_oid tag;
	struct itsm_oid commit; /* zero when it is no annotated tag of a commit */
	const char *digest; /* "sha256:..." of the tag object */
	const char *payload; /* the tag object without its signature */
	size_t payload_size;
	const char *signature; /* NULL when it has none */
	const char *manifest; /* the lines for programs; "" when there are none */
	const char *previous; /* "name sha256:..." as it says, NULL when it says none */
};

/* All, by name, that is by time. */
int checkpoint_list(struct itsm_desk *desk, struct itsm_arena *arena, struct checkpoint **out, size_t *count,
	struct itsm_error *err);
/*
 * The lines for programs that describe a commit, but for the one that names the checkpoint before: they depend on
 * the commit alone, and are computed again to verify.
 */
int checkpoint_manifest(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_oid *commit,
	struct itsm_buffer *out, struct itsm_error *err);
/* Is a commit in the history of another? */
int checkpoint_is_ancestor(struct itsm_desk *desk, const struct itsm_oid *commit, const struct itsm_oid *of, bool *is,
	struct itsm_error *err);
/* Whose key signed it, by the people of `base`; NULL in `person` and why. */
int checkpoint_signer(struct itsm_desk *desk, struct itsm_arena *arena, const struct checkpoint *checkpoint,
	const struct itsm_oid *base, const char **person, const char **why, struct itsm_error *err);
/* The first line of `text` that begins with `name`, after it; NULL. In the arena. */
const char *checkpoint_line(struct itsm_arena *arena, const char *text, const char *name);

#endif
