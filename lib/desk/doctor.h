/* What the files of the doctor share. */
#ifndef ITSM_LIB_DESK_DOCTOR_H
#define ITSM_LIB_DESK_DOCTOR_H

#include "desk.h"
#include "itsm/exchange.h"

enum doctor_cure {
	DOCTOR_PERSON,      /* a person has to */
	DOCTOR_DRIVER,      /* configure the merge driver */
	DOCTOR_ATTRIBUTES,  /* add lines to .gitattributes: target is these lines */
	DOCTOR_RECOVER,     /* finish what a killed writer left */
	DOCTOR_TEMPORARY,   /* remove a temporary file: target is its path in the desk */
	DOCTOR_MERGE_FILE,  /* remove what git left at the top of the work tree: target is its name */
	DOCTOR_INDEX,       /* begin the index anew */
	DOCTOR_MOVE,        /* move a file: target is where to */
	DOCTOR_DROP,        /* remove a second copy */
};

struct doctor_case {
	struct itsm_ailment ailment;
	enum doctor_cure cure;
	const char *target;
};

struct doctor {
	struct itsm_arena *arena;
	const struct itsm_desk_options *options;
	struct itsm_desk *desk;         /* NULL when it can't be opened */
	struct itsm_place place;
	int root;                       /* of the desk, -1 in a bare repository */
	struct doctor_case *cases;
	size_t count, capacity;
	size_t others;
};

/* Add a case; texts are copied. `cure` NULL: a person has to. */
struct doctor_case *doctor_add(struct doctor *doctor, const struct itsm_finding *finding, enum doctor_cure how,
	const char *cure, const char *target);
/* Add a warning about the desk or one of its files. */
struct doctor_case *doctor_warn(struct doctor *doctor, const char *rule, const char *path, const char *message,
	const char *remedy);

/* doctor_closed.c: why the desk at doctor->place can't be opened; `reason` is what opening said. */
void doctor_look_at_closed(struct doctor *doctor, const struct itsm_error *reason);
/* doctor_left.c: how git is set up, what git and killed programs left, and whether the index is true. */
int doctor_look_at_setup(struct doctor *doctor, struct itsm_error *err);
void doctor_look_at_left(struct doctor *doctor);
int doctor_look_at_index(struct doctor *doctor, struct itsm_error *err);
/* doctor_record.c: the findings of `itsm check` that the doctor has more to say about. */
int doctor_look_at_records(struct doctor *doctor, struct itsm_error *err);
/* doctor_place.c: where a misplaced file belongs, or NULL when that can't be told or the place is taken. */
const char *doctor_place(struct doctor *doctor, const char *path);
/* What git says of the last commit that matches: "abc1234 (Ada, 2026-11-22: subject)", or NULL. */
const char *doctor_commit(struct doctor *doctor, const char *filter, const char *path);

/* doctor_cure.c: cure one case. ITSM_EREFUSED and the like leave it as it was. */
int doctor_cure(struct doctor *doctor, struct doctor_case *item, struct itsm_error *err);

#endif
