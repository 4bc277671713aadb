/*
 * The gate: may this be deployed now?
 *
 * A change may when it is being carried out (`implement`) and all that binds it
 * there holds at the moment, or when it could be moved there at the moment:
 * guards and rules are the same as those of `itsm move`. So may a release, whose state is `deployed`. Records and policy are
 * those of HEAD, waivers of HEAD count. Nothing is written.
 */
#ifndef ITSM_GATE_H
#define ITSM_GATE_H

#include "itsm/desk.h"

struct itsm_gate {
	struct itsm_words changes; /* IDs */
	struct itsm_words releases;
	struct itsm_words commits; /* revisions, or ranges A..B: what they are to deploy is named by `Change:` trailers */
	struct itsm_words items;   /* IDs: some change of each may be carried out */
	bool has_at;
	int64_t at;                /* the moment, else the desk's own */
};

struct itsm_gate_answer {
	const char *id, *title, *state;
	bool allowed;
};

/*
 * Judge all that is asked. `answers` has each change and release that was looked at, once;
 * every reason why not is in `findings` (errors: not now), sorted. Texts in the
 * arena. ITSM_EUSAGE when nothing is asked for, ITSM_ENOTFOUND for a change, release, item or revision given that is none.
 */
ITSM_API int itsm_desk_gate(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_gate *gate,
	struct itsm_gate_answer **answers, size_t *count, struct itsm_findings *findings, struct itsm_error *err);

#endif
