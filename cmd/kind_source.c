#include "kind_source.h"

int kind_source_open(struct context *context, const struct itsm_kinds **kinds, struct itsm_kinds **own,
	struct itsm_error *err)
{
	struct itsm_kinds *built_in;
	int status = context_desk(context, err);

	*own = NULL;
	if (!status) {
		*kinds = itsm_desk_kinds(context->desk);
		return ITSM_OK;
	}
	if (status != ITSM_ENOTFOUND)
		return status;
	status = itsm_kinds_new(&built_in, err);
	if (status)
		return status;
	status = itsm_kinds_finish(built_in, err);
	if (status) {
		itsm_kinds_free(built_in);
		return status;
	}
	*kinds = built_in;
	*own = built_in;
	return ITSM_OK;
}
