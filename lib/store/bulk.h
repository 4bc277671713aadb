/*
 * A bulk write: one `git fast-import` builds all commits on a reference of its
 * own, below refs/itsm/, which is on no branch and is deleted with the branch's
 * move. A fast-import that sees its input end too soon makes no reference.
 */
#ifndef STORE_BULK_H
#define STORE_BULK_H

#include "internal.h"

struct itsm_bulk {
	struct itsm_arena *arena;
	struct itsm_repo *repo;
	int lock;
	struct itsm_oid base;
	const char *branch;     /* NULL when HEAD is detached */
	const char *scratch;    /* the reference that fast-import writes */
	struct store_child import;
	pid_t import_id;        /* names the report that fast-import leaves when it fails */
	struct itsm_buffer text; /* not yet sent */
	size_t commits;
};

/* Send what is gathered. ITSM_EGIT with fast-import's complaint. */
int store_bulk_flush(struct itsm_bulk *bulk, struct itsm_error *err);
/* Wait for fast-import; its report of failure, if it leaves one, is removed. */
int store_bulk_wait(struct itsm_bulk *bulk, struct itsm_error *err);

/* Let fast-import finish; the commit that it came to (the base when there was none). */
int store_bulk_finish(struct itsm_bulk *bulk, struct itsm_oid *commit, struct itsm_error *err);

/* Remove the report that a fast-import with this process number left. */
void store_bulk_forget(const struct itsm_place *place, long import);

#endif
