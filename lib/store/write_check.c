/* Nothing of the user's is swept in or lost: what stands in a write's way. */
#include <string.h>

#include "itsm/memory.h"
#include "write.h"

#define NAMED_MAX 5 /* paths that a message names */

static const char *obstacle(const struct store_change *change)
{
	if (change->work_tree == STORE_ELSEWHERE)
		return change->accept ? "changed again since it was read" : "has unsaved changes";
	if (change->index == STORE_ELSEWHERE && !change->accept)
		return "has staged changes";
	return NULL;
}

int store_write_check(const struct store_changes *changes, const char *prefix, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	size_t i, count = 0;
	const char *what;
	int status = ITSM_OK;

	for (i = 0; i < changes->count; i++) {
		what = obstacle(&changes->items[i]);
		if (what && count++ < NAMED_MAX)
			itsm_buffer_printf(&text, "%s'%s' %s", count > 1 ? ", " : "",
				changes->items[i].path + strlen(prefix), what);
	}
	if (count > NAMED_MAX)
		itsm_buffer_printf(&text, " and %zu more", count - NAMED_MAX);
	if (count)
		status = itsm_error_set(err, ITSM_EREFUSED, "%s; commit, stash or undo that first", text.data);
	itsm_buffer_free(&text);
	return status;
}
