/*
 * Configuration management: what fails with what, how well the items are kept,
 * baselines. The graph itself is itsm/impact.h, how it is read itsm/index.h.
 */
#ifndef ITSM_CONFIGURATION_H
#define ITSM_CONFIGURATION_H

#include "itsm/desk.h"

/* Tags of baselines are called so; `itsm diff NAME..` and --at NAME find them where NAME is no other revision. */
#define ITSM_BASELINE_TAGS "itsm-baseline/"

struct itsm_baseline {
	const char *name;          /* without the tags' prefix */
	struct itsm_oid commit;
	int64_t at;                /* when it was named, seconds since 1970 */
	const char *by;            /* who named it */
};
/*
 * `itsm baseline NAME`: an annotated tag at a revision (NULL = HEAD). ITSM_EREFUSED when there is one of that name;
 * `commit` is what it names. `message` may be NULL.
 */
ITSM_API int itsm_desk_baseline(struct itsm_desk *desk, struct itsm_arena *arena, const char *name, const char *at,
	const char *message, struct itsm_oid *commit, struct itsm_error *err);
/* All there are, the oldest first. In the arena. */
ITSM_API int itsm_desk_baselines(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_baseline **out, size_t *count,
	struct itsm_error *err);

struct itsm_impact_request {
	struct itsm_words ids;     /* items and services; a record that is about some (a change) stands for these */
	struct itsm_words without; /* what is out already */
	int64_t depth;             /* steps; 0 = all */
	bool up;                   /* what they rest on, in place of what fails with them */
	const char *at;            /* revision or moment; NULL = the work tree */
};

/* Somebody who answers for what is affected. */
struct itsm_impact_person {
	const char *id;
	size_t count;              /* of how many of the nodes */
};

struct itsm_impact_report {
	struct itsm_impact_map *map;
	struct itsm_impact_result result;
	struct itsm_impact_touched *touched; size_t touched_count; /* open records about the hits */
	struct itsm_impact_person *people; size_t person_count;    /* those with the most first, then by ID */
};

/*
 * `itsm impact ID...`: texts in the arena or the map's; free the latter with itsm_impact_map_free. ITSM_ENOTFOUND for an
 * ID there is not, ITSM_EUSAGE for a record that is no part of the graph and about none.
 */
ITSM_API int itsm_desk_impact(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_impact_request *request,
	struct itsm_impact_report *out, struct itsm_error *err);

/* What a proposal does to the impact of one node. */
struct itsm_impact_change {
	const char *id, *kind, *title;
	bool added, removed;       /* the node itself */
	size_t before, after;      /* so many fail with it, itself not counted */
	const char **gained; size_t gained_count; /* IDs of what fails with it now, and did not */
	const char **lost; size_t lost_count;
};
struct itsm_impact_comparison {
	struct itsm_impact_change *changes; size_t count; /* in order of ID */
	size_t untold;             /* so many more have changed relations, and there was no time to look at them */
};
/*
 * `itsm impact A..B`: what B changes since it left A (their merge base; B empty = HEAD). Told are those whose own
 * relations differ; whatever they rest on changes with them.
 */
ITSM_API int itsm_desk_impact_compare(struct itsm_desk *desk, struct itsm_arena *arena, const char *range,
	struct itsm_impact_comparison *out, struct itsm_error *err);

/* What is to be said of one open item. */
struct itsm_health_item {
	const char *id, *title, *class_name; /* class NULL where it has none */
	const char *owner;              /* person, else team; NULL for nobody */
	const char *const *services;    /* that it carries, NULL-terminated */
	const char *missing;            /* required fields it lacks, with blanks between; NULL = it has them all */
	const char *wanted;             /* the same of the recommended ones */
	const char *twin;               /* what it shares, and with which item; NULL = it is no duplicate */
	bool orphan;                    /* no relation to another item or a service, from either end */
	bool stale;                     /* not seen, audited or changed for as long as its class says */
	int64_t seen;                   /* when it was last; seconds since 1970, 0 = it is not committed yet */
	bool audit_asked, audit_late;
	const char *audited;            /* the day, or NULL for never */
};

/* How many of a group are as they should be; percentages 0 to 100. */
struct itsm_health_figure {
	const char *by, *name;          /* "all", "class", "owner" or "service"; name NULL for those without */
	size_t items, complete, recommended, orphans, stale, duplicates, audit_asked, audit_late;
	double completeness;            /* mean of the shares that have all required, and all recommended fields */
	double correctness;             /* mean of the shares that are no orphan, not stale, no duplicate */
	double compliance;              /* share, of those whose class asks for audits, that had one in time; -1 = none asked */
	double overall;                 /* mean of the three, or of the two there are */
};

struct itsm_health {
	struct itsm_health_item *items; size_t count; /* in order of ID */
	struct itsm_health_figure *figures; size_t figure_count; /* all, then by class, owner, service, in order of name */
};

/*
 * `itsm items health`, `itsm items stale`: every open item of the work tree, by its classes, now; `at`: of a revision or
 * moment, by the classes and the time of that commit. All in the arena.
 */
ITSM_API int itsm_desk_health(struct itsm_desk *desk, struct itsm_arena *arena, const char *at, struct itsm_health *out,
	struct itsm_error *err);

#endif
