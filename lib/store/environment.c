/*
 * The environment that git is given: ours, without what would make it look at
 * another repository (a hook has GIT_DIR set), take our paths for patterns, or show other
 * objects than there are (refs/replace, which anybody may push).
 * What a user configures by it (identity, GIT_CONFIG_*) stays.
 *
 * fast-import frees and asks for the same memory for each blob; glibc would give it back to the kernel each time.
 */
#include "environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const misleading[] = {
	"GIT_DIR=", "GIT_WORK_TREE=", "GIT_INDEX_FILE=", "GIT_PREFIX=", "GIT_COMMON_DIR=", "GIT_NAMESPACE=",
	"GIT_IMPLICIT_WORK_TREE=", "GIT_INTERNAL_SUPER_PREFIX=", "GIT_EXTERNAL_DIFF=", "GIT_DIFF_OPTS=",
	"GIT_GLOB_PATHSPECS=", "GIT_NOGLOB_PATHSPECS=", "GIT_ICASE_PATHSPECS=", "GIT_LITERAL_PATHSPECS=",
	"GIT_REFLOG_ACTION=", "GIT_NO_REPLACE_OBJECTS=", "LC_ALL=",
};

static bool is_misleading(const char *variable)
{
	size_t i;

	for (i = 0; i < sizeof(misleading) / sizeof(misleading[0]); i++)
		if (strncmp(variable, misleading[i], strlen(misleading[i])) == 0)
			return true;
	return false;
}

/* Is the variable's name one of the list's? */
static bool is_named(const char *variable, const char *const *list)
{
	size_t length = strcspn(variable, "=") + 1;

	for (; list && *list; list++)
		if (strncmp(variable, *list, length) == 0)
			return true;
	return false;
}

static void add(struct itsm_arena *arena, char ***list, size_t *capacity, size_t *count, const char *variable)
{
	itsm_arena_grow(arena, list, capacity, *count, sizeof(**list));
	(*list)[(*count)++] = itsm_arena_strdup(arena, variable);
}

char **store_environment(struct itsm_arena *arena, bool for_git, const char *const *more)
{
	char **list = NULL;
	size_t capacity = 0, count = 0;
	char **each;

	for (each = environ; each && *each; each++)
		if (!(for_git && is_misleading(*each)) && !is_named(*each, more))
			add(arena, &list, &capacity, &count, *each);
	if (for_git) {
		add(arena, &list, &capacity, &count, "GIT_LITERAL_PATHSPECS=1");
		add(arena, &list, &capacity, &count, "GIT_NO_REPLACE_OBJECTS=1");
		add(arena, &list, &capacity, &count, "LC_ALL=C");
		if (!getenv("MALLOC_TRIM_THRESHOLD_"))
			add(arena, &list, &capacity, &count, "MALLOC_TRIM_THRESHOLD_=67108864");
	}
	for (; more && *more; more++)
		add(arena, &list, &capacity, &count, *more);
	itsm_arena_grow(arena, &list, &capacity, count, sizeof(*list));
	list[count] = NULL;
	return list;
}

const char *store_environment_value(const char *name)
{
	return getenv(name);
}
