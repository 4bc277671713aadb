/*
 * Shared libraries loaded when they are first needed: linked, each would make every start of the program pay for it.
 */
#ifndef ITSM_LIBRARY_H
#define ITSM_LIBRARY_H

#include <stddef.h>

#include "itsm/export.h"

/* A function of a library, and where the pointer to it goes. */
struct itsm_symbol {
	const char *name;
	size_t offset; /* in the table, bytes */
};

/*
 * Load `library` ("libfoo.so.1") and put its functions into `table`. It stays loaded. ITSM_EIO when it or one of the
 * functions is not there: `problem`, of `size` bytes, then holds why, in the words of the dynamic linker.
 */
ITSM_API int itsm_library_load(const char *library, const struct itsm_symbol *symbols, size_t count, void *table,
	char *problem, size_t size);

#endif
