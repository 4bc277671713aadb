#include "itsm/library.h"

#include <dlfcn.h>
#include <stdio.h>

#include "itsm/error.h"

int itsm_library_load(const char *library, const struct itsm_symbol *symbols, size_t count, void *table, char *problem,
	size_t size)
{
	void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
	size_t i;

	if (!handle) {
		snprintf(problem, size, "%s", dlerror());
		return ITSM_EIO;
	}
	for (i = 0; i < count; i++) {
		void *function = dlsym(handle, symbols[i].name);

		if (!function) {
			snprintf(problem, size, "%s: it has no %s", library, symbols[i].name);
			return ITSM_EIO;
		}
		*(void **)((char *)table + symbols[i].offset) = function;
	}
	return ITSM_OK;
}
