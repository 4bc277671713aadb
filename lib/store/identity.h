#ifndef STORE_IDENTITY_H
#define STORE_IDENTITY_H

#include "internal.h"

/* Asking git who commits ("GIT_COMMITTER_IDENT") or writes ("GIT_AUTHOR_IDENT"), in two steps. */
int store_identity_ask(struct store_child *child, const struct itsm_place *place, const char *variable,
	struct itsm_error *err);
int store_identity_answer(struct store_child *child, struct itsm_arena *arena, struct itsm_person_time *out,
	struct itsm_error *err);

/*
 * The same and whether commits are signed, from one program. `sure` is false of what git has to be asked by itself:
 * a name that it made up, or whose lack it has to complain of, a truth that it spells in one of its many ways.
 */
struct store_people {
	struct itsm_person_time committer, author;
	bool sure, sign, sign_sure;
};
int store_people_ask(struct store_child *child, const struct itsm_place *place, struct itsm_error *err);
int store_people_answer(struct store_child *child, struct itsm_arena *arena, struct store_people *out,
	struct itsm_error *err);
/* Asking about signing alone. */
int store_signing(const struct itsm_place *place, bool *sign, struct itsm_error *err);

/* A name or a mail as a commit can hold it, in one line around "<>": what would break that is left out. */
void store_identity_add(struct itsm_buffer *text, const char *part);
/*
 * The same without what git cuts off both ends of a name (spaces, dots, quotes ...). False, with nothing added,
 * when that is all.
 */
bool store_identity_write(struct itsm_buffer *text, const char *part);
const char *store_identity_clean(struct itsm_arena *arena, const char *part);

#endif
