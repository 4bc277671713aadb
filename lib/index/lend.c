/* Rows from outside that SQL may read beside the views: the TEMP table `discovered`. */
#include <string.h>

#include "index.h"

#define LENT "discovered"

static const char create[] =
	"CREATE TEMP TABLE IF NOT EXISTS " LENT "(file TEXT, number INTEGER, value TEXT);"
	"DELETE FROM temp." LENT;

int itsm_index_lend(struct itsm_index *index, struct itsm_error *err)
{
	int status;

	if (itsm_kinds_find(index->options.kinds, LENT))
		return itsm_error_set(err, ITSM_EDATA, "the desk has a kind called '" LENT "', which is the name of the table"
			" that sources are read into; give the kind another name");
	if ((status = itsm_index_execute(index, create, err)) == 0)
		index->lent = true;
	return status;
}

bool itsm_index_is_lent(const struct itsm_index *index, const char *table)
{
	return index->lent && sqlite3_stricmp(table, LENT) == 0;
}

int itsm_index_lend_row(struct itsm_index *index, const struct itsm_lent *row, struct itsm_error *err)
{
	sqlite3_stmt *insert = itsm_index_statement(index, SQL_LENT_INSERT, 0, err);

	if (!insert)
		return ITSM_EINDEX;
	sqlite3_bind_text(insert, 1, row->file, -1, SQLITE_STATIC);
	sqlite3_bind_int64(insert, 2, row->number);
	sqlite3_bind_text64(insert, 3, row->value, row->size, SQLITE_STATIC, SQLITE_UTF8);
	return itsm_index_run(index, insert, err);
}
