/* The end of a bulk write: what fast-import made becomes the branch. */
#include <string.h>

#include "advance.h"
#include "bulk.h"

static int publish(struct itsm_bulk *bulk, const struct itsm_oid *commit, struct itsm_error *err)
{
	const struct store_advance advance = {&bulk->repo->place, bulk->lock, bulk->branch, bulk->base, *commit, bulk->scratch,
		"import"};
	int status = store_advance(&advance, err);

	if (!status)
		bulk->scratch = NULL;
	return status;
}

int store_bulk_finish(struct itsm_bulk *bulk, struct itsm_oid *commit, struct itsm_error *err)
{
	git_oid oid;
	int status;

	itsm_buffer_puts(&bulk->text, "done\n");
	status = store_bulk_flush(bulk, err);
	if (!status)
		status = store_bulk_wait(bulk, err);
	if (status)
		return status;
	*commit = bulk->base;
	if (!bulk->commits)
		return ITSM_OK;
	if (git2.reference_name_to_id(&oid, bulk->repo->git, bulk->scratch) < 0)
		return store_git_error(err, ITSM_EGIT, "`git fast-import` made no commit");
	*commit = store_oid(&oid);
	return ITSM_OK;
}

int itsm_bulk_end(struct itsm_bulk *bulk, struct itsm_oid *out, struct itsm_error *err)
{
	struct itsm_oid commit;
	int status = store_bulk_finish(bulk, &commit, err);

	if (!status && bulk->commits)
		status = publish(bulk, &commit, err);
	if (!status)
		*out = commit;
	itsm_bulk_abort(bulk);
	return status;
}
