/* The built-in matrices by name. */
#include <stddef.h>
#include <string.h>

#include "matrix.h"

const char *itsm_matrix_builtin(const char *name)
{
	for (const struct matrix_builtin *matrix = matrix_builtins; matrix->name; matrix++)
		if (strcmp(matrix->name, name) == 0)
			return matrix->rows;
	return NULL;
}
