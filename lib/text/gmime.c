/* Loading GMime; see gmime.h. Its functions and those of GLib and GObject are found through one handle. */
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

#include "gmime.h"

#define LIBRARY "libgmime-3.0.so.0"

struct text_gmime gmime;

static char problem[256]; /* "" when the table is full */

/* What GLib has to say of a mail is nothing for the user's terminal. */
static void ignore(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data)
{
	(void)domain;
	(void)level;
	(void)message;
	(void)data;
}

static void load(void)
{
	static const struct {
		const char *name;
		size_t offset;
	} functions[] = {
#define ROW(name) {#name, offsetof(struct text_gmime, name)},
		TEXT_GMIME(ROW)
#undef ROW
	};
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
	size_t i;

	if (!library)
		snprintf(problem, sizeof(problem), "%s", dlerror());
	for (i = 0; library && i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			snprintf(problem, sizeof(problem), LIBRARY ": it has no %s", functions[i].name);
		*(void **)((char *)&gmime + functions[i].offset) = function;
	}
	if (*problem)
		return;
	gmime.g_log_set_default_handler(ignore, NULL);
	gmime.g_mime_init();
}

int text_gmime_load(struct itsm_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return *problem ? itsm_error_set(err, ITSM_EIO, "GMime can't be loaded (%s); install the package libgmime-3.0-0", problem)
		: ITSM_OK;
}
