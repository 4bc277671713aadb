/* What the parts of `itsm event ingest` share. */
#ifndef ITSM_LIB_DESK_EVENT_H
#define ITSM_LIB_DESK_EVENT_H

#include <regex.h>

#include "desk.h"
#include "import_run.h"
#include "itsm/event.h"

#define EVENT_FOLDER "policy/events"
#define EVENT_LABELS_MAX 100
#define EVENT_SOURCE "alerts" /* in the field `source` of incidents that alerts opened */

/* A built-in file of lib/desk/events/. */
struct event_builtin {
	const char *name, *text;
};
extern const struct event_builtin event_builtins[];

/* A path into a body, or several of which the first that is there counts, and what is to be found there. */
struct event_test {
	const char *path;
	const char *text;
	regex_t pattern;
	bool compiled;
};

struct event_tests {
	struct event_test *items;
	size_t count;
};

/* Of a body that holds no alert, but something a person should know. */
struct event_notice {
	struct event_tests when;
	struct import_rule *say;
};

/* A map: how the bodies of one sender are read. */
struct event_form {
	const char *name, *origin, *text;
	size_t size;
	const struct itsm_yaml *node;      /* NULL until it is looked at */
	struct event_tests accepts;
	bool ready;                        /* all of the following is there */
	struct event_notice *notices;
	size_t notice_count;
	const char *alerts, *inside, *truncated; /* paths, or NULL */
	const struct itsm_yaml *labels, *digest; /* sequences, or NULL */
	struct import_run run;
	struct itsm_import_options options;
	struct itsm_import_result result;
	struct itsm_error error;
	char problem[1000];                /* why the row at hand was not taken */
};

struct event_forms {
	struct itsm_arena *arena;
	const struct itsm_kinds *kinds;
	struct event_form **items;         /* sorted by name, "json" last */
	size_t count, capacity;
	char now[ITSM_TIME_TEXT], unix_now[24];
	int64_t seconds;
};

struct event_label {
	const char *name, *value;
};

/* What one alert of a body says. */
struct event_sighting {
	const struct event_form *form;
	const char *key, *state;           /* state: firing, acknowledged, resolved */
	int64_t starts, ends;
	int offset;                        /* of starts, as it was written */
	bool timed, ended;                 /* the body told starts, ends */
	struct itsm_edit *edits;           /* the fields that columns fill, but for times and state */
	size_t edit_count;
	struct event_label *labels;
	size_t label_count;
};

struct event_sightings {
	struct event_sighting *items;
	size_t count, capacity;
};

/* Says a line to the user. */
struct event_teller {
	void (*told)(void *context, const char *text);
	void *context;
};
void event_tell(const struct event_teller *teller, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* event_form.c: the built-in maps. Free with event_forms_free. */
struct event_forms *event_forms_new(const struct itsm_kinds *kinds, int64_t now);
void event_forms_free(struct event_forms *forms);
/* Add one, in the place of another of its name. It is read when needed. */
void event_forms_add(struct event_forms *forms, const char *name, const char *origin, const char *text, size_t size);
/* Read all of a form. */
int event_form_ready(struct event_forms *forms, struct event_form *form, struct itsm_error *err);
/* Do the tests hold for a body? */
bool event_tests_hold(struct event_tests *tests, const struct itsm_yaml *body);
/* The form for a body: of those that `from` means (NULL = all) the first that accepts it. */
int event_form_find(struct event_forms *forms, const char *from, const struct itsm_yaml *body, struct event_form **out,
	struct itsm_error *err);
/* Is there a form that `from` means? ITSM_EUSAGE names what there is. */
int event_form_known(const struct event_forms *forms, const char *from, struct itsm_error *err);

/* event_path.c: the node at a path ("a.b", "list.0.c"; "a|b" the first that is there), or NULL. */
const struct itsm_yaml *event_path(const struct itsm_yaml *node, const char *path);
/* Text of a scalar, or of a list's scalars as one text; "" for what has none. Without control characters, and cut where it is too long. */
const char *event_text(struct itsm_arena *arena, const struct itsm_yaml *node);
/* The labels that the form finds in an alert (or body), sorted by name, in the arena. */
size_t event_labels(struct itsm_arena *arena, const struct event_form *form, const struct itsm_yaml *alert,
	const struct itsm_yaml *body, struct event_label **out);

/* event_body.c: the alerts of a body, behind those that are there; all of them or none. */
int event_body_read(struct event_forms *forms, const char *from, const char *name, const char *text, size_t size,
	const struct event_teller *teller, struct event_sightings *out, struct itsm_error *err);

/* event_rules.c */
struct event_rules {
	const char *items, *services, *suppress, *incident, *resolve; /* SQL, "" = none */
	int64_t reopen;            /* seconds */
	int64_t flapping_count, flapping_within;
	const char **follow;       /* NULL-terminated */
};
/* The built-in rules; then a desk's keys over them. */
int event_rules_read(struct itsm_arena *arena, const char *origin, const char *text, size_t size, struct event_rules *rules,
	struct itsm_error *err);
const char *event_builtin_text(const char *name);

/* What of an alert's record is worked out here, times in seconds since 1970. */
struct event_facts {
	const char *state, *severity, *service, *incident, *suppressed_by; /* NULL = none */
	const char **items;                /* NULL-terminated, or NULL */
	int64_t starts, ends, last, acknowledged, count;
	int offset;                        /* that `starts` is written with */
	bool has_ends, has_last, has_acknowledged, flapping;
	int64_t *firings;
	size_t firing_count;
};

struct event_incident;

struct event_alert {
	const char *key, *source;
	const char *id, *path;
	const struct event_sighting *last;   /* what it said last; never NULL */
	const struct event_sighting *spoken; /* what it said last while it fired, in this batch, or NULL */
	bool known;                          /* the desk has it */
	bool there;                          /* it is known, or fired in this batch */
	bool fired, judged;                  /* began to fire; is to be judged by the rules */
	const char **followed;               /* the texts of the fields in `follow`, as the desk has them; NULL = none */
	struct event_facts then, now;
	struct event_incident *told;         /* that it opens or belongs to, found in this batch */
	bool changed;
};

/* An incident that this batch touches. */
struct event_incident {
	const char *group;                   /* NULL when found by its alerts */
	const char *id, *path, *state;       /* state: as the desk has it, NULL = it is new */
	const struct itsm_record *record;    /* as the desk has it, or NULL */
	struct itsm_edit *edits;             /* as the rule says */
	size_t edit_count;
	int64_t priority;                    /* as the rule says; INT64_MAX = it does not */
	struct event_alert **alerts;         /* of this batch */
	size_t alert_count, alert_capacity;
	enum { EVENT_OPENED, EVENT_REOPENED, EVENT_UPDATED, EVENT_RESOLVED } action;
	bool recovers;                       /* an alert of it stopped to fire */
	bool refused;
	const char *text;                    /* the file as it becomes; NULL = as it is */
	size_t size;
};

/* One attempt at writing a batch. */
struct event_work {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	const struct event_rules *rules;
	const struct event_sightings *sightings;
	struct itsm_event_result *result;
	const struct event_teller *teller;
	struct itsm_error *err;
	struct itsm_repo *repo;
	struct itsm_index *index;
	struct itsm_oid head;
	const struct itsm_kind *alert, *incident;
	int64_t now;
	struct import_texts *texts;
	struct import_table by_key, by_id, by_group, by_incident; /* texts -> place + 1 */
	struct event_alert *alerts; size_t alert_count, alert_capacity;
	uint32_t *places;                  /* of each sighting's alert */
	struct event_incident **incidents; size_t incident_count, incident_capacity;
};

/* event_known.c: an alert for each key, with its ID, and what the desk has of it. */
int event_known(struct event_work *work);
/* An ID of the kind from a text: the same wherever it is made. */
void event_id(const struct itsm_kind *kind, const char *text, char id[ITSM_ID_MAX]);
/* The record at the ID as HEAD has it; NULL in `out` when it can't be read. */
int event_record(struct event_work *work, const char *id, struct itsm_record **out);
/* event_apply.c: what was seen, one after the other. */
void event_apply(struct event_work *work);
/*
 * event_ask.c: ask a rule. The table `name` has the objects of `json` (a list) for rows, with these columns (NULL-
 * terminated); `row` is called for each row of the answer.
 */
struct event_question {
	const char *what, *sql;
	const char *name;
	const char *const *columns;
	const struct itsm_buffer *json;
};
int event_ask(struct event_work *work, const struct event_question *question,
	int (*row)(struct event_work *work, const struct itsm_query *query));
/* A rule asked of one row that says nothing: does it compile, and what columns does it give? Free with itsm_query_free. */
int event_try(struct itsm_index *index, const char *table, const char *rule, struct itsm_query **out, struct itsm_error *err);
/* The same of the alerts that `wanted` names, some thousands at a time. */
int event_ask_alerts(struct event_work *work, const char *what, const char *sql,
	bool (*wanted)(const struct event_alert *alert), int (*row)(struct event_work *work, const struct itsm_query *query));
/* The alert that column 0 of the row numbers, or NULL. */
struct event_alert *event_row_alert(struct event_work *work, const struct itsm_query *query);
/* event_judge.c: items, services, suppression. */
int event_judge(struct event_work *work);
/* event_open.c: the incidents that alerts open or belong to. */
int event_open(struct event_work *work);
/* Fields of an incident from the columns of a row behind the first `skip`. */
int event_row_edits(struct event_work *work, const struct itsm_query *query, const char *what, size_t skip,
	struct itsm_edit **edits, size_t *count);
/* event_over.c: those none of whose alerts fires any more. */
int event_over(struct event_work *work);
/* event_settle.c: their files; what policy and guards refuse is left out, and told. */
int event_settle(struct event_work *work);
/* event_compose.c: the file of an alert. */
int event_compose(struct event_work *work, struct event_alert *alert, struct itsm_buffer *out);
bool event_differs(const struct event_work *work, const struct event_alert *alert);
/* event_count.c: count what is different into the result; is anything? */
bool event_count(struct event_work *work);
void event_tell_incidents(const struct event_work *work);
void event_message(const struct event_work *work, const char *message, struct itsm_buffer *out);
/* Append text to a line of Markdown as nothing but text. */
void event_markdown(struct itsm_buffer *out, const char *text);

#endif
