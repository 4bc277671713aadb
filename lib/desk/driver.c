/*
 * What makes git merge records by meaning.
 *
 *   .gitattributes      which files: a line with merge=itsm for each folder. In the desk, and so in every clone
 *   merge.itsm.driver   by which program: git's configuration, which a clone does not bring along
 *
 * Where git finds no `itsm` on its PATH, the lines of git's own merge are better
 * than none: without a driver's result it would take ours for the merged file.
 */
#include <string.h>

#include "driver.h"
#include "itsm/exchange.h"

#define DRIVER_NAME "merge.itsm.name"
#define DRIVER_PROGRAM "merge.itsm.driver"
#define DRIVER_COMMAND "if command -v itsm >/dev/null; then itsm merge-driver %O %A %B %P; " \
	"else git merge-file -L ours -L base -L theirs %A %O %B; fi"

const char *const desk_record_folders[] = {
	"strategy", "design", "transition", "operation", "improvement", "policy", "people", "teams", NULL
};

void desk_driver_attributes(struct itsm_buffer *out, const char *folder)
{
	itsm_buffer_printf(out, "/%s/** -text merge=itsm\n", folder);
}

bool desk_driver_installed(const char *folder)
{
	const char *const argv[] = {"git", "config", "--get", DRIVER_PROGRAM, NULL};
	struct itsm_buffer out = {0};
	bool there = itsm_program_run(argv, folder, NULL, &out, NULL, NULL) == 0 && out.length > 1;

	itsm_buffer_free(&out);
	return there;
}

int desk_driver_install(const char *folder, bool *made, struct itsm_error *err)
{
	const char *const name[] = {"git", "config", DRIVER_NAME, "itsm records by meaning", NULL};
	const char *const program[] = {"git", "config", DRIVER_PROGRAM, DRIVER_COMMAND, NULL};
	bool missing = !desk_driver_installed(folder);
	int status = 0;

	/* in this order: git refuses to merge by a driver that has a name and no program */
	if (missing && (status = itsm_program_run(program, folder, NULL, NULL, NULL, err)) == 0)
		status = itsm_program_run(name, folder, NULL, NULL, NULL, err);
	if (status == 0)
		*made = missing;
	return status;
}

static const char *folder_of(const struct itsm_desk *desk)
{
	return desk->place.root ? desk->place.root : desk->place.git_dir;
}

bool itsm_desk_has_driver(struct itsm_desk *desk)
{
	return desk_driver_installed(folder_of(desk));
}

int itsm_desk_install_driver(struct itsm_desk *desk, bool *made, struct itsm_error *err)
{
	return desk_driver_install(folder_of(desk), made, err);
}

/* One line per path: git says "<path>\0merge\0<value>\0". */
static int ask_attributes(struct itsm_desk *desk, const struct itsm_buffer *paths, struct itsm_buffer *out,
	struct itsm_error *err)
{
	const char *const argv[] = {"git", "check-attr", "-z", "--stdin", "merge", NULL};

	return itsm_program_run(argv, desk->place.root, paths, out, NULL, err);
}

int desk_driver_missing(struct itsm_desk *desk, struct itsm_arena *arena, const char ***folders, size_t *count,
	struct itsm_error *err)
{
	struct itsm_buffer paths = {0}, answers = {0};
	size_t kinds = itsm_kinds_count(desk->kinds), capacity = 0, at = 0, i;
	int status;

	*count = 0;
	for (i = 0; i < kinds; i++) {
		const struct itsm_kind *kind = itsm_kinds_at(desk->kinds, i);

		if (kind->folder)
			itsm_buffer_printf(&paths, "%s/x.%s%c", kind->folder, kind->markdown ? "md" : "yaml", '\0');
	}
	status = ask_attributes(desk, &paths, &answers, err);
	for (i = 0; i < kinds && status == 0 && at < answers.length; i++) {
		const struct itsm_kind *kind = itsm_kinds_at(desk->kinds, i);

		if (!kind->folder)
			continue;
		at += strlen(answers.data + at) + 1;
		at += strlen(answers.data + at) + 1;
		if (strcmp(answers.data + at, "itsm") != 0) {
			itsm_arena_grow(arena, folders, &capacity, *count, sizeof(**folders));
			(*folders)[(*count)++] = itsm_arena_strdup(arena, kind->folder);
		}
		at += strlen(answers.data + at) + 1;
	}
	itsm_buffer_free(&paths);
	itsm_buffer_free(&answers);
	return status;
}
