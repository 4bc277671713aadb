/* The files by which git remembers what it has not finished, as `git status` looks for them. */
#include "git_state.h"

#include <unistd.h>

const char *desk_git_unfinished(const struct itsm_place *place)
{
	static const char *const signs[][2] = {
		{"rebase-merge", "rebase"}, {"rebase-apply", "rebase"}, {"MERGE_HEAD", "merge"},
		{"CHERRY_PICK_HEAD", "cherry-pick"}, {"REVERT_HEAD", "revert"},
	};
	struct itsm_arena *arena = itsm_arena_new();
	const char *what = NULL;
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(*signs) && !what; i++)
		if (access(itsm_arena_printf(arena, "%s/%s", place->git_dir, signs[i][0]), F_OK) == 0)
			what = signs[i][1];
	itsm_arena_free(arena);
	return what;
}
