/*
 * On call: who has to come when something breaks. Pure: a rota and a moment in, a person out.
 *
 *  - A layer hands over every `turn` by the clock of the rota's zone: a week begins at the same time of the day in summer
 *    and winter. A hand-over at a time that the clocks show twice is at the first of the two, one that they leave out at
 *    the moment they are put forward. People take turns in the order of the list, from `start` on, until `end`.
 *  - `hours` ("22:00-06:00" ends the next day) and `days` (on which the hours begin) narrow a layer.
 *  - A later layer stands above an earlier one: where both have somebody, the later one's is called.
 *  - An override stands above all layers, a later one above an earlier one.
 *  - Outside of the calendar nobody is needed. Where nobody is on call inside of it there is a gap.
 */
#ifndef ITSM_ONCALL_H
#define ITSM_ONCALL_H

#include "itsm/calendar.h"
#include "itsm/yaml.h"
#include "itsm/zone.h"

/* Spans of one question; more is ITSM_ELIMIT. */
#define ITSM_ONCALL_SPANS_MAX 100000

struct itsm_oncall_hours {
	int from, to;               /* seconds of the day; to <= from ends on the next day */
};

struct itsm_oncall_layer {
	const char *name;
	int64_t start, end;         /* INT64_MAX: does not end */
	int64_t turn;               /* seconds, positive */
	const char **people;
	size_t count;
	struct itsm_oncall_hours *hours; /* NULL: the whole day */
	size_t hours_count;
	unsigned days;              /* bit 0 = Monday; 127: all */
};

struct itsm_oncall_override {
	const char *person;
	int64_t start, end;
};

struct itsm_oncall_rota {
	const char *id, *name;
	struct itsm_zone *zone;
	struct itsm_calendar *calendar; /* NULL = always */
	struct itsm_oncall_layer *layers;
	size_t layer_count;
	struct itsm_oncall_override *overrides;
	size_t override_count;
};

/* [start, end) */
struct itsm_oncall_span {
	int64_t start, end;
	const char *person;         /* NULL: a gap */
	const char *layer;          /* its name; NULL for an override and a gap */
	bool override;
};

/*
 * A rota of a record's front matter, without its calendar; `zone` (NULL = UTC) where it names none. In the arena, which
 * borrows the texts. ITSM_EDATA with line and column; ITSM_EIO where the zone can't be had.
 */
ITSM_API int itsm_oncall_read(struct itsm_arena *arena, const char *id, const struct itsm_yaml *front, const char *zone,
	struct itsm_oncall_rota *out, struct itsm_error *err);

/*
 * Who is on call in [from, to), in order, cut to that; spans next to each other differ in person or layer. Outside of the
 * calendar there are none. In the arena, the texts in the rota.
 */
ITSM_API int itsm_oncall_schedule(const struct itsm_oncall_rota *rota, struct itsm_arena *arena, int64_t from, int64_t to,
	struct itsm_oncall_span **out, size_t *count, struct itsm_error *err);

/* The span that `at` lies in, from and up to `horizon` seconds away at most; false: it is outside of the calendar. */
ITSM_API int itsm_oncall_at(const struct itsm_oncall_rota *rota, struct itsm_arena *arena, int64_t at, int64_t horizon,
	bool *found, struct itsm_oncall_span *out, struct itsm_error *err);

#endif
