/*
 * Events: what monitoring sends (webhook bodies, JSON) to alerts, and from alerts to incidents.
 *
 * How a sender's bodies are read is data: a map, built in (lib/desk/events/) or a desk's policy/events/maps/NAME.yaml. So are
 * the rules by which alerts find their items and services, are suppressed, and open and resolve incidents:
 * policy/events/rules.yaml. docs/receivers.md documents both.
 *
 * An alert is one record for a fingerprint of a source; its ID is made from the two, so that whoever takes the same
 * alert makes the same record. A batch is one commit, or none where it says nothing new.
 */
#ifndef ITSM_EVENT_H
#define ITSM_EVENT_H

#include "itsm/desk.h"

/* Of one batch. */
#define ITSM_EVENT_MAX_ALERTS 100000

struct itsm_event_options {
	const char *from;        /* the map to read bodies with, or the beginning of names up to a '-'; NULL = whichever knows it */
	const char *map_path;    /* a map given along, as given, for messages; NULL = none. Bodies are read with it */
	const char *map;         /* its text */
	size_t map_size;
	bool dry_run;            /* say what would happen */
	const char *message;     /* the user's text for the commit, or NULL */
	/* What a person may want to know besides, a line each; may be NULL. Texts are not made safe for a terminal. */
	void (*told)(void *context, const char *text);
	void *context;
};

struct itsm_event_result {
	size_t bodies;           /* taken */
	size_t refused;          /* bodies of which nothing was taken */
	size_t alerts;           /* said by the bodies */
	size_t fired, acknowledged, resolved, suppressed; /* records that changed to that */
	size_t updated;          /* others that changed */
	size_t unchanged;        /* repeated, late, or the end of what never began */
	size_t flapping;         /* of those that fired */
	size_t incidents_opened, incidents_reopened, incidents_updated, incidents_resolved;
	size_t incidents_refused; /* what policy did not allow: each was told */
	bool changed;            /* a commit was made */
	struct itsm_oid commit;
};

struct itsm_event_batch;

/* Begin a batch. ITSM_EDATA for a map or rules of the desk that can't be used; ITSM_EUSAGE for an unknown `from`. */
ITSM_API int itsm_event_begin(struct itsm_desk *desk, const struct itsm_event_options *options,
	struct itsm_event_batch **out, struct itsm_error *err);
/*
 * Add a body; `name` is for messages. A body that can't be taken whole is refused whole, and the batch is as before:
 * ITSM_EUSAGE (it is wrong, and will be), with what is wrong.
 */
ITSM_API int itsm_event_add(struct itsm_event_batch *batch, const char *name, const char *text, size_t size,
	struct itsm_error *err);
/* Write what the batch says; again while others are faster. The batch is at its end, whatever comes back. */
ITSM_API int itsm_event_end(struct itsm_event_batch *batch, struct itsm_event_result *out, struct itsm_error *err);
/* Takes NULL. */
ITSM_API void itsm_event_free(struct itsm_event_batch *batch);

/*
 * What the built-in maps read in a body, without a desk: how many alerts, or ITSM_EUSAGE. For tests and fuzzing.
 */
ITSM_API int itsm_event_read(const struct itsm_kinds *kinds, const char *from, const char *text, size_t size,
	size_t *alerts, struct itsm_error *err);

/* A map that a desk knows. */
struct itsm_event_map {
	const char *name, *origin; /* origin: the file, or "built-in" */
	const char *source;        /* what its alerts have in their field `source` */
	const char *text;          /* YAML */
};
/* Every map, sorted, each read and checked; and the rules, of which the text is given too. In the arena. */
ITSM_API int itsm_desk_event_maps(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_event_map **out,
	size_t *count, const char **rules, struct itsm_error *err);

#endif
