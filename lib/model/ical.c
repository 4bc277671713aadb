#include "ical.h"

#include <stddef.h>

#include "itsm/library.h"

int itsm_ical_load(struct ical *out, struct itsm_error *err)
{
	static const struct itsm_symbol functions[] = {
#define X(name) {#name, offsetof(struct ical, name)},
		ICAL_FUNCTIONS(X)
#undef X
	};
	struct ical ical;
	char problem[256];

	if (itsm_library_load("libical.so.3", functions, sizeof(functions) / sizeof(functions[0]), &ical, problem, sizeof(problem)) != 0)
		return itsm_error_set(err, ITSM_EIO, "libical, which knows time zones and iCalendar, can't be loaded (%s);"
			" install the package libical3, 3.0.10 or later, or use UTC or an offset such as +02:00", problem);
	ical.icalerror_set_errors_are_fatal(0);
	*out = ical;
	return 0;
}
