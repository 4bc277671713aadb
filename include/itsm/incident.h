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

/* What happened at a moment; texts in the arena, NULL where there is none. */
struct itsm_happening {
	int64_t at;
	const char *what;          /* a word: "state", "note", "alert", "change" ... */
	const char *id;            /* what it is about */
	const char *by, *text;
	const char *query;         /* that told it */
};
/*
 * `itsm timeline`: what the standing queries for it tell of a record of the work tree, in order of time; at the same moment
 * in the order of the queries. `expired` (may be NULL) as in struct itsm_similar_options; *cut then.
 */
ITSM_API int itsm_desk_timeline(struct itsm_desk *desk, struct itsm_arena *arena, const char *id,
	const struct itsm_similar_options *options, struct itsm_happening **out, size_t *count, bool *cut, struct itsm_error *err);
/* As a Markdown list, times in UTC: what stands in a review. */
ITSM_API void itsm_timeline_markdown(const struct itsm_happening *happenings, size_t count, const char *id,
	struct itsm_buffer *out);

/* What a rule did with a record, or why not. */
struct itsm_applied {
	const char *rule, *id;
	const char *action;        /* "resolved -> closed" */
	bool done;
	struct itsm_findings findings; /* guards and policy that stand against it */
	const char *reason;        /* another reason, or NULL */
};
struct itsm_apply_result {
	struct itsm_applied *items; /* in the order of the rules */
	size_t count, done;
};
/*
 * `itsm apply-rules`: the standing queries for `apply` that are named (none = all), as committed, and what they say is to
 * be done, in one commit; each record is changed by the first rule that selects it. What is refused is left alone and told.
 * `dry_run`: nothing is written. Texts in the outcome's arena.
 */
ITSM_API int itsm_desk_apply(struct itsm_desk *desk, struct itsm_words names, bool dry_run, const char *message,
	struct itsm_outcome *outcome, struct itsm_apply_result *result, struct itsm_error *err);

struct itsm_major {
	const char *id;
	struct itsm_words words;   /* `commander=ada liaison=bob scribe=cy`, and any other field */
	const char *every;         /* how often an update is due, as a duration; NULL = as it is, else 30m */
	const char *update;        /* what is told to everyone now; NULL = nothing */
	const char *message;       /* the user's text for the commit, or NULL */
};
/*
 * `itsm major`: make it a major incident, in one commit: `major`, the roles (who runs this leads it where nobody does), when
 * the next update is due, the communication plan where there is none, and the review with its template where there is
 * none. With `update`: a note for everyone, and the next one is due. `review` gets the ID of a review that was made, or NULL.
 */
ITSM_API int itsm_desk_major(struct itsm_desk *desk, const struct itsm_major *request, struct itsm_outcome *outcome,
	const char **review, struct itsm_error *err);
/*
 * The text for a status page, Markdown: what suffers and since when, how far it is, what was told to everyone, the newest
 * first, the workaround, when more will be told. Nothing else of the record is in it.
 */
ITSM_API int itsm_desk_major_status(struct itsm_desk *desk, const char *id, struct itsm_buffer *out, struct itsm_error *err);

/* Somebody on call for a while, or (person NULL) a gap; of one rota. Texts in the arena. */
struct itsm_shift {
	const char *rota, *rota_name;
	const char *person, *person_name, *phone; /* name and phone NULL where people/ does not have them */
	const char *layer;                        /* NULL for an override and a gap */
	bool override;
	int64_t start, end;
};
/*
 * Who is on call in [from, to) by these rotas (none = all) of the work tree, rota by rota, each in order of time. Ends are
 * cut to that. See itsm/oncall.h for what a rota means.
 */
ITSM_API int itsm_desk_oncall(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_words rotas, int64_t from,
	int64_t to, struct itsm_shift **out, size_t *count, struct itsm_error *err);
/* The shifts as iCalendar (RFC 5545), gaps left out. */
ITSM_API void itsm_oncall_ics(const struct itsm_shift *shifts, size_t count, const char *desk_name, int64_t now,
	struct itsm_buffer *out);

/* One call of an escalation. */
struct itsm_call {
	unsigned step;             /* from 1 */
	int64_t at;                /* when it is due, if nobody took it up before */
	const char *person, *person_name, *phone; /* person NULL: nobody is there to be called */
	const char *why;           /* "on call by billing, main", "named", "member of dba" */
};
struct itsm_escalation {
	const char *id, *rota;     /* rota: by which */
	int64_t since;             /* when the clock of the escalation began */
	int64_t taken_up;          /* when somebody took it up; 0 = not yet */
	struct itsm_call *calls;   /* in order of time */
	size_t count;
};
/*
 * Who is called for a record, and when: by the rotas that watch its services (its own, those of its items), else those of
 * its team; a rota or a team may be named itself. The clock begins when the record was opened, or an alert starts, else at `at`.
 * One for each rota, in order of their IDs; ITSM_ENOTFOUND where no rota watches it.
 */
ITSM_API int itsm_desk_oncall_who(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, int64_t at,
	struct itsm_escalation **out, size_t *count, struct itsm_error *err);

#endif
