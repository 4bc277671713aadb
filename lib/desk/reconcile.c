/* `itsm items reconcile`: declared against discovered, from the map to the proposal. */
#include "reconcile.h"

static int run_all(struct reconcile *run, struct itsm_error *err)
{
	size_t i;
	int status;

	if ((status = reconcile_map_read(run, err)) != 0 ||
	    (status = itsm_desk_view_head(run->desk, &run->index, &run->head, err)) != 0 ||
	    (status = reconcile_read_files(run, err)) != 0 ||
	    (status = reconcile_find(run, err)) != 0 ||
	    (status = reconcile_match(run, err)) != 0 ||
	    (status = reconcile_compare(run, err)) != 0)
		return status;
	if (run->options->write && (status = reconcile_write(run, err)) != 0)
		return status;
	for (i = 0; i < run->drift_count && status == 0; i++)
		status = run->options->drift(run->options->context, &run->drifts[i]);
	return status;
}

int itsm_desk_reconcile(struct itsm_desk *desk, const struct itsm_reconcile_options *options,
	struct itsm_reconcile_result *out, struct itsm_error *err)
{
	struct reconcile run = {.desk = desk, .arena = itsm_arena_new(), .options = options, .result = out};
	int status;

	*out = (struct itsm_reconcile_result){0};
	status = run_all(&run, err);
	itsm_arena_free(run.arena);
	return status;
}
