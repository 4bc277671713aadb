/*
 * Kinds: what sorts of records there are, as data.
 *
 * A kind is a YAML file (the built-in ones are compiled in from
 * lib/model/kinds/, a desk's own lie in policy/kinds/):
 *
 *   kind: change                    name, also of its SQL view
 *   pillar: transition              strategy|design|transition|operation|improvement|policy|people
 *   help: An alteration to a service or an item
 *   folder: transition/changes      where its files lie in the desk
 *   part: approvals                 instead of folder: a part of another record, in <record's folder>/<id>/approvals/
 *   of: [change, release]           the kinds it may be a part of; absent = any
 *   file: md                        md (front matter and sections) or yaml
 *   filed: month                    month (<folder>/2026/11/CHG-xxxxxxxx.md) or slug (<folder>/<slug>.yaml)
 *   prefix: CHG                     of random IDs; absent for slugs
 *   title: title                    the field that names a record for people
 *   open: false                     true: fields the schema does not know are allowed
 *   hidden_when: "self.gone"        SQL over the record: where it is true a search leaves it out, unless asked to take it in
 *   fields:                         in the order of the template
 *     impact: {type: int, required: true, min: 1, max: 5, help: ...}
 *     owner:  {type: ref, to: [person]}
 *     items:  {type: ref, to: [item], list: true, impact: about}     impact: see enum itsm_impact
 *     type:   {type: enum, values: [standard, normal], default: normal}
 *     window: {type: object, fields: {start: {type: time}, end: {type: time}}}
 *     team:   {type: ref, to: [team], default_from: "(SELECT s.team FROM service s WHERE s.id = self.service)"}
 *                                   SQL that gives the value of a new record where none is given
 *     priority: {type: int, computed: "priority('priority', self.impact, self.urgency)", follows: [impact, urgency]}
 *                                   SQL that gives the value of a new record where none is given, and again when a
 *                                   field it follows changes and it does not itself; NULL leaves it as it is
 *     urgency: {type: int, ask: true}   `itsm new` asks for it on a terminal where it is not given
 *   sections:                       of the Markdown body
 *     Backout plan: {help: How to get back, required_in: [scheduled, implement]}
 *   states:                         in order; records begin in the first one, and in those with `initial: true`
 *     draft: {open: true, help: ..., stamp: drafted}     stamp: the time field set on entering
 *                                   down: true  what is in this state does not work (see itsm/impact.h)
 *                                   withdrawn: true  what ends in it has no result for its clocks (see itsm/clock.h)
 *   transitions:
 *     - {from: [draft], to: submitted, help: ...}
 *     - {from: [submitted], to: scheduled, when: "self.type = 'standard'", because: only a standard change ...}
 *   guards:                         what must hold to enter a state
 *     - name: window                part of the finding's rule name: guard/change/window
 *       to: [scheduled]
 *       from: [authorise]           optional
 *       when: "self.type <> 'emergency'"   optional: binds only then
 *       must: "self.window_start IS NOT NULL"   SQL that is true when fine; `self` is the record as proposed
 *       message: has no window
 *       remedy: set window.start and window.end
 *   checks:                         what must hold at any time
 *     - {name: order, must: "self.resolved >= self.opened", field: resolved, message: ..., remedy: ..., severity: error, states: [...]}
 *   approved: {fields: [title, items, window], sections: [Plan], never_by: [requester]}
 *                                   what an approval's digest covers, and the fields that name those whose own change it is
 *
 * A desk's file whose `kind` is a built-in's adds to it: fields, sections,
 * states, and named guards and checks replace those of the same name or are
 * appended, transitions are appended (in place of one between the same states),
 * other keys replace; `replace: true`
 * starts from nothing and `remove: {fields: [...], sections: [...], states:
 * [...], guards: [...], checks: [...], transitions: ["from -> to"]}` takes away.
 *
 * SQL in guards and checks is an expression over `self`, the kind's view (field
 * names with dots as underscores: window.start is self.window_start; lists are
 * JSON arrays), any other view, and the functions of itsm/index.h.
 */
#ifndef ITSM_KIND_H
#define ITSM_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "itsm/emit.h"
#include "itsm/error.h"
#include "itsm/finding.h"
#include "itsm/memory.h"
#include "itsm/yaml.h"

enum itsm_type {
	ITSM_TYPE_STRING,   /* one line */
	ITSM_TYPE_TEXT,     /* may have several lines */
	ITSM_TYPE_ENUM,
	ITSM_TYPE_INT,
	ITSM_TYPE_NUMBER,
	ITSM_TYPE_BOOL,     /* true or false */
	ITSM_TYPE_DATE,     /* YYYY-MM-DD */
	ITSM_TYPE_TIME,     /* RFC 3339 with an offset */
	ITSM_TYPE_DURATION, /* 4h, 1h30m, 7d */
	ITSM_TYPE_REF,      /* the ID of another record */
	ITSM_TYPE_MAIL,     /* something@something */
	ITSM_TYPE_URL,      /* http, https, ssh, git or mailto */
	ITSM_TYPE_OBJECT,   /* named fields of its own */
	ITSM_TYPE_ANY,      /* any YAML, kept as JSON */
};

/* What a field means to the graph of itsm/impact.h: of a record x that names y. */
enum itsm_impact {
	ITSM_IMPACT_NONE,
	ITSM_IMPACT_NEEDS,   /* x fails when y does */
	ITSM_IMPACT_CARRIES, /* y fails when x does */
	ITSM_IMPACT_PART,    /* y fails when too few of those that name it so are up */
	ITSM_IMPACT_MINIMUM, /* no reference: how many of x's parts must be up, "2" or "50%"; all where it is not given */
	ITSM_IMPACT_OWNER,   /* y answers for x */
	ITSM_IMPACT_ABOUT,   /* x, while it is open, is touched when y fails; x itself never fails */
};

struct itsm_field {
	const char *name;    /* as written in the record; inside an object the dotted path: "window.start" */
	const char *column;  /* SQL column: "window_start" */
	const char *help;
	enum itsm_type type;
	bool list;
	bool required;       /* in every state */
	bool immutable;      /* once committed with a value */
	bool unique;         /* among the records of the kind */
	bool inverse_hidden;
	enum itsm_impact impact;
	const char *inverse; /* ref: the name of the relation read from the other end */
	const char *const *required_in; /* states, NULL-terminated, or NULL */
	const char *const *immutable_in; /* states in which it stays as it is, NULL-terminated, or NULL */
	const char *const *values;      /* enum, NULL-terminated */
	const char *const *to;          /* ref: kind names, NULL-terminated; NULL = any kind */
	/* Text, or NULL; `now` of a time, `today` of a date and `me` of a reference or name are filled in when a record is made. */
	const char *default_value;
	const char *default_from;       /* SQL over `self` for a new record, or NULL */
	const char *computed;           /* SQL over `self`, or NULL */
	const char *const *follows;     /* computed: the fields whose change makes it anew, NULL-terminated, or NULL */
	bool ask;                       /* a person is asked for it */
	const char *pattern;            /* POSIX extended regular expression for the whole value, or NULL */
	bool has_min, has_max;
	double min, max;
	struct itsm_field *fields;      /* object */
	size_t field_count;
};

struct itsm_section {
	const char *name;
	const char *help;
	bool required;
	bool on_demand;    /* a new record is not given it: whoever needs it writes it */
	const char *const *required_in;
};

struct itsm_state {
	const char *name;
	const char *help;
	const char *stamp; /* time field set on entering, or NULL */
	bool open;
	bool down;         /* what is in it does not work: it counts for no redundancy */
	bool withdrawn;    /* what ends in it was taken back: its service-level clocks count for nothing */
	bool initial;      /* a record may begin in it, as it may in the first one */
};

struct itsm_transition {
	const char *const *from; /* NULL-terminated */
	const char *to;
	const char *help;
	const char *when;        /* SQL, or NULL */
	const char *because;     /* why `when` binds, for people */
};

struct itsm_guard {
	const char *name;
	const char *const *to;
	const char *const *from; /* NULL = from anywhere */
	const char *when;
	const char *must;
	const char *message;
	const char *remedy;
};

struct itsm_check {
	const char *name;
	const char *must;
	const char *field;       /* whose line the finding names, or NULL */
	const char *const *states; /* where it binds, or NULL */
	enum itsm_severity severity;
	const char *message;
	const char *remedy;
};

struct itsm_kind {
	const char *name, *pillar, *help;
	const char *folder;        /* NULL for a part */
	const char *part;          /* NULL for a record of its own */
	const char *const *of;     /* part: owner kinds, or NULL = any */
	const char *prefix;        /* NULL = slug */
	const char *title_field;   /* NULL = none */
	const char *hidden_when;   /* SQL, or NULL */
	const char *origin;        /* "built-in" or the path of the desk's file */
	bool markdown;
	bool by_month;
	bool open;
	struct itsm_field *fields; size_t field_count;
	struct itsm_section *sections; size_t section_count;
	struct itsm_state *states; size_t state_count;
	struct itsm_transition *transitions; size_t transition_count;
	struct itsm_guard *guards; size_t guard_count;
	struct itsm_check *checks; size_t check_count;
	const char *const *approved_fields;
	const char *const *approved_sections;
	const char *const *never_by; /* fields; NULL = requester and implementer, where there are such */
};

struct itsm_kinds;

/* The compiled-in kinds. The set owns an arena of its own. */
ITSM_API int itsm_kinds_new(struct itsm_kinds **out, struct itsm_error *err);
ITSM_API void itsm_kinds_free(struct itsm_kinds *kinds);
/* Add or override one from a desk's file. On error the set is as before. */
ITSM_API int itsm_kinds_add(struct itsm_kinds *kinds, const char *path, const char *text, size_t size, struct itsm_error *err);
/*
 * Finish after the last itsm_kinds_add: every state, field, section and kind
 * that is named must exist, and folders, prefixes and names must be unique.
 */
ITSM_API int itsm_kinds_finish(struct itsm_kinds *kinds, struct itsm_error *err);
/* In order of pillar, then name. */
ITSM_API size_t itsm_kinds_count(const struct itsm_kinds *kinds);
ITSM_API const struct itsm_kind *itsm_kinds_at(const struct itsm_kinds *kinds, size_t position);
/* By name, also in the plural of its folder ("changes"); NULL when there is none. */
ITSM_API const struct itsm_kind *itsm_kinds_find(const struct itsm_kinds *kinds, const char *name);
/* A digest (16 hex digits) of all definitions: what an index depends on. */
ITSM_API const char *itsm_kinds_digest(const struct itsm_kinds *kinds);
/* The source text (YAML) that the kind was compiled in from, or NULL for a desk's own. */
ITSM_API const char *itsm_kinds_source(const struct itsm_kind *kind);

/*
 * What record a path of the desk is: kind, ID (the file name without its
 * suffix) and, for a part, the owner's ID. False for anything else, for files
 * in a kind's folder that are misplaced too (see itsm_kinds_claims). `id` and
 * `owner` have room for ITSM_ID_MAX bytes; owner is "" for no part.
 */
ITSM_API bool itsm_kinds_locate(const struct itsm_kinds *kinds, const char *path, const struct itsm_kind **kind,
	char *id, char *owner);
/*
 * The kind whose folder a path lies in, well placed or not; NULL for none, and
 * for files that no record is mistaken for: README.md, hidden ones, copies
 * ending in ~, and what neither ends in .md, .yaml or .yml nor begins with the
 * kind's prefix (calendars' .ics, evidence).
 */
ITSM_API const struct itsm_kind *itsm_kinds_claims(const struct itsm_kinds *kinds, const char *path);
/*
 * Where a record of this kind belongs: `seconds` (UTC) picks the month,
 * `owner_path` is the owner's file for a part, else NULL.
 */
ITSM_API char *itsm_kind_path(struct itsm_arena *arena, const struct itsm_kind *kind, const char *id, int64_t seconds,
	const char *owner_path);

/* A field by its dotted name, or by its column; NULL when there is none. "state" is not among them. */
ITSM_API const struct itsm_field *itsm_kind_field(const struct itsm_kind *kind, const char *name);
/* The field of the type any that a dotted name leads into ("answers.users" of answers); NULL when it leads into none. */
ITSM_API const struct itsm_field *itsm_kind_free_field(const struct itsm_kind *kind, const char *name);
ITSM_API const struct itsm_state *itsm_kind_state(const struct itsm_kind *kind, const char *name);
ITSM_API const struct itsm_section *itsm_kind_section(const struct itsm_kind *kind, const char *name);
/* Every leaf field in order, those of single objects flattened ("window.start"); lists of objects stay one. Borrowed. */
ITSM_API const struct itsm_field *const *itsm_kind_columns(const struct itsm_kind *kind, size_t *count);
/* May a record go from one state to the other, guards aside? The transition, or NULL. */
ITSM_API const struct itsm_transition *itsm_kind_transition(const struct itsm_kind *kind, const char *from, const char *to);
/* Can `to` be reached from `from` over any number of transitions (0 included)? */
ITSM_API bool itsm_kind_reachable(const struct itsm_kind *kind, const char *from, const char *to);
/* Is name in a NULL-terminated list? False for a NULL list. */
ITSM_API bool itsm_list_has(const char *const *list, const char *name);
/*
 * May a regular expression be compiled? regcomp unrolls counted repetitions, so
 * nested ones cost memory without bound: the product of all counts is limited,
 * and the length.
 */
ITSM_API bool itsm_pattern_is_bounded(const char *pattern);
/* "string", "enum" ... as written in kind files. */
ITSM_API const char *itsm_type_name(enum itsm_type type);
/* "none", "needs" ... as written in kind files. */
ITSM_API const char *itsm_impact_name(enum itsm_impact impact);

/*
 * Does the field take this value? ITSM_EDATA says why not. `normal` (may be
 * NULL) gets the value as the index stores it: times in UTC, numbers parsed,
 * durations in seconds, the rest as text in `arena`.
 */
ITSM_API int itsm_field_value(const struct itsm_field *field, const char *text, struct itsm_arena *arena,
	struct itsm_value *normal, struct itsm_error *err);

/* JSON Schema (draft 2020-12) of the front matter, for editors. */
ITSM_API void itsm_kind_json_schema(const struct itsm_kind *kind, struct itsm_buffer *out);

#endif
