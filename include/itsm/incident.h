/*
 * What helps on a bad night: what is like this, what changed, what happened when; rules that tidy up. What is asked are
 * the standing queries of itsm/standing.h, those of the desk before the built-in ones.
 */
#ifndef ITSM_INCIDENT_H
#define ITSM_INCIDENT_H

#include "itsm/desk.h"

/* A row of a query for `similar`; texts in the arena, NULL where it has none. */
struct itsm_related {
	const char *query, *help;  /* the query's name and heading */
	const char *id, *title, *state, *text;
	const char *at;            /* RFC 3339 in UTC */
};

struct itsm_similar_options {
	bool ready_only;           /* look at the full text only where it was built before */
	/* Asked now and then: true ends the query that runs, and the rest is not asked. NULL = bounds in steps only. */
	bool (*expired)(void *context);
	void *expired_context;
};

struct itsm_similar {
	const char *id;
	struct itsm_related *items; /* query by query */
	size_t count;
	bool without_text;         /* the full text was not looked at */
	bool cut;                  /* time ran out: something may be missing */
};

/* Is there anything to ask of records of this kind? */
ITSM_API int itsm_desk_has_similar(struct itsm_desk *desk, const char *kind, bool *out, struct itsm_error *err);
/* `itsm similar`: what is like a record of the work tree, and what changed on what it touches. */
ITSM_API int itsm_desk_similar(struct itsm_desk *desk, struct itsm_arena *arena, const char *id,
	const struct itsm_similar_options *options, struct itsm_similar *out, struct itsm_error *err);

#endif
