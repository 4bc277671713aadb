/* Moving the branch on to a commit that is made already. */
#ifndef STORE_ADVANCE_H
#define STORE_ADVANCE_H

#include "write.h"

struct store_advance {
	const struct itsm_place *place;
	int lock;                 /* the writers', which is held */
	const char *branch;       /* NULL when HEAD is detached */
	struct itsm_oid base, next;
	const char *scratch;      /* a reference to be deleted with it, or NULL */
	const char *message;      /* for the reflog */
};

/* For unfinished files as in itsm_write_commit. ITSM_EREFUSED, ITSM_ERACE; the journal may be left then. */
int store_advance(const struct store_advance *advance, struct itsm_error *err);

#define STORE_INDEX_COPY "itsm/index" /* below the git dir */
/* Remove what a killed one left of it; the lock must be held. */
void store_advance_clean(const struct itsm_place *place);

#endif
