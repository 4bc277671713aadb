/* `itsm sql`: a query of the user's over the desk. */
#include <string.h>
#include <strings.h>

#include "itsm/warehouse.h"
#include "desk.h"

/* SQLite says what is wrong with a name, not where the right ones stand. */
static int tell_names(int status, struct itsm_error *err)
{
	struct itsm_error said;

	if (status != ITSM_EUSAGE || !err ||
	    (strncmp(err->message, "no such table: ", 15) != 0 && strncmp(err->message, "no such column: ", 16) != 0))
		return status;
	said = *err;
	return itsm_error_set(err, status, "%s; `itsm sql --schema` tells the views and their columns", said.message);
}

int itsm_desk_sql(struct itsm_desk *desk, const char *at, const struct itsm_sql_request *request, struct itsm_query **out,
	struct itsm_error *err)
{
	struct itsm_index *index;
	int status = itsm_desk_view(desk, at, &index, err);

	return status == 0 ? tell_names(itsm_query_open_bounded(index, request, out, err), err) : status;
}

int itsm_desk_view_name(struct itsm_desk *desk, const char *word, const char **name, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(desk->kinds, word);
	const struct itsm_view *views;
	size_t count;

	if (kind) {
		*name = kind->name;
		return 0;
	}
	itsm_views(desk->arena, desk->kinds, &views, &count);
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(views[i].name, word) != 0)
			continue;
		*name = views[i].name;
		return 0;
	}
	return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no kind and no view; `itsm sql --schema --format id` lists them",
		word);
}
