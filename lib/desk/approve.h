/* Approvals in the making: one's own (approve.c), and those recorded of reviews (approve_review.c). */
#ifndef ITSM_LIB_DESK_APPROVE_H
#define ITSM_LIB_DESK_APPROVE_H

#include "desk.h"
#include "itsm/approval.h"
#include "itsm/digest.h"

/* What is to be written, and its signature once there is one. Texts outlive the attempts to write. */
struct approve_file {
	const char *person, *path, *record_kind;
	const char *decision, *role, *comment, *at;
	const char *account, *commit, *reviewed, *recorder; /* of a review (`reviewed`: when); else NULL */
	char digest[ITSM_DIGEST_TEXT];
	struct itsm_buffer statement;            /* what is signed */
	const char *signature;                   /* NULL = none */
};

/* The whole file, and what its signature has to be of: the file is read back, as whoever verifies it will. */
int approve_compose(struct itsm_desk *desk, struct itsm_arena *arena, const struct approve_file *file,
	struct itsm_buffer *text, struct itsm_buffer *statement, struct itsm_error *err);
/* Put down what there is to sign. */
int approve_state(struct itsm_desk *desk, struct itsm_arena *arena, struct approve_file *file, struct itsm_error *err);
/* Sign it where there is a key; `why` there is none, or NULL. */
int approve_sign(struct itsm_desk *desk, struct itsm_arena *arena, const char *key, struct approve_file *file,
	const char **why, struct itsm_error *err);
/* Put the file in place of the one that is there, if what was signed is still what it says. */
int approve_put(struct desk_change *change, const struct approve_file *file, const struct itsm_record *record,
	struct itsm_error *err);
/* The file that is there already; NULL when there is none. */
int approve_present(struct desk_change *change, const char *path, struct itsm_record **out, struct itsm_error *err);
/* May this record be decided on at all? */
int approve_check(struct desk_change *change, const struct itsm_record *record, struct itsm_error *err);

#endif
