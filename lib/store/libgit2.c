/* Loading libgit2; see libgit2.h. */
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

#include "itsm/library.h"
#include "libgit2.h"

/* The one whose header was compiled in: its functions' types are no other version's. */
#define LIBRARY "libgit2.so." LIBGIT2_SOVERSION

struct store_git2 git2;

static char problem[256]; /* "" when the table is full */

static void load(void)
{
	static const struct itsm_symbol functions[] = {
#define ROW(name) {"git_" #name, offsetof(struct store_git2, name)},
		STORE_GIT2(ROW)
#undef ROW
	};

	itsm_library_load(LIBRARY, functions, sizeof(functions) / sizeof(functions[0]), &git2, problem, sizeof(problem));
}

int store_git2_load(struct itsm_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return *problem ? itsm_error_set(err, ITSM_EGIT,
		"libgit2 can't be loaded (%s); install the package libgit2-" LIBGIT2_SOVERSION, problem) : ITSM_OK;
}
