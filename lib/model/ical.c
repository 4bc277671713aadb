#include "ical.h"

#include <dlfcn.h>

int itsm_ical_load(struct ical *out, struct itsm_error *err)
{
	void *library = dlopen("libical.so.3", RTLD_NOW | RTLD_LOCAL);
	struct ical ical;
	bool complete = library != NULL;

	if (library) {
#define X(name) \
		*(void **)&ical.name = dlsym(library, #name); \
		complete = complete && ical.name;
		ICAL_FUNCTIONS(X)
#undef X
	}
	if (!complete)
		return itsm_error_set(err, ITSM_EIO,
			"libical.so.3, which knows time zones and iCalendar, can't be loaded; install the package libical3%s",
			library ? " of version 3.0.10 or later" : ", or use UTC or an offset such as +02:00");
	ical.icalerror_set_errors_are_fatal(0);
	*out = ical;
	return 0;
}
