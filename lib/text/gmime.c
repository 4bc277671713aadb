/* Loading GMime; see gmime.h. Its functions and those of GLib and GObject are found through one handle. */
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

#include "gmime.h"
#include "itsm/library.h"

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
	static const struct itsm_symbol functions[] = {
#define ROW(name) {#name, offsetof(struct text_gmime, name)},
		TEXT_GMIME(ROW)
#undef ROW
	};

	itsm_library_load(LIBRARY, functions, sizeof(functions) / sizeof(functions[0]), &gmime, problem, sizeof(problem));
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
