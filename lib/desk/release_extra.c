/* What lies in the folder of a release besides its artefacts. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "code.h"
#include "release.h"

#define DEPTH_MAX 32
#define EXTRA_MAX 1000          /* that are told */
#define NAME_SHOWN 200

struct seeking {
	struct itsm_arena *arena;
	const struct itsm_record *record;
	const char **names;             /* of the artefacts, sorted */
	size_t count, told;
	struct itsm_findings *findings;
	struct itsm_error *err;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void tell(struct seeking *seeking, const char *path, const char *what)
{
	struct itsm_finding finding = {.rule = "release/extra", .record = seeking->record->id, .path = seeking->record->path,
		.remedy = "take it away, or write it among the artefacts"};
	size_t length = strlen(path);

	if (seeking->told++ >= EXTRA_MAX)
		return;
	finding.message = itsm_arena_printf(seeking->arena, "%s is in the folder and no artefact%s",
		code_line(seeking->arena, path, length < NAME_SHOWN ? length : NAME_SHOWN), what);
	finding.line = itsm_record_line(seeking->record, "artefacts", &finding.column);
	itsm_findings_add(seeking->findings, &finding);
}

static int walk(struct seeking *seeking, int folder, const char *below, int depth);

static int look_at(struct seeking *seeking, int folder, const char *below, const char *name, int depth)
{
	const char *path = itsm_arena_printf(seeking->arena, "%s%s", below, name);
	struct stat info;
	int inside;

	if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return itsm_error_set(seeking->err, ITSM_EIO, "'%s' cannot be looked at: %s", path, strerror(errno));
	if (S_ISREG(info.st_mode)) {
		if (!seeking->count || !bsearch(&path, seeking->names, seeking->count, sizeof(*seeking->names), compare_names))
			tell(seeking, path, "");
		return 0;
	}
	if (!S_ISDIR(info.st_mode) || depth >= DEPTH_MAX) {
		tell(seeking, path, S_ISDIR(info.st_mode) ? ", and nested too deep to be looked at" : ", and not even a plain file");
		return 0;
	}
	inside = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inside < 0)
		return itsm_error_set(seeking->err, ITSM_EIO, "the folder '%s' cannot be opened: %s", path, strerror(errno));
	return walk(seeking, inside, itsm_arena_printf(seeking->arena, "%s/", path), depth + 1);
}

/* Closes the folder. */
static int walk(struct seeking *seeking, int folder, const char *below, int depth)
{
	DIR *stream = fdopendir(folder);
	struct dirent *entry;
	int status = 0;

	if (!stream) {
		close(folder);
		return itsm_error_set(seeking->err, ITSM_EIO, "the folder '%s' cannot be read", below);
	}
	while (status == 0 && (entry = readdir(stream)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			status = look_at(seeking, folder, below, entry->d_name, depth);
	closedir(stream);
	return status;
}

int release_find_extra(struct itsm_arena *arena, int folder, const struct itsm_record *record, const struct release_artefact *artefacts,
	size_t count, struct itsm_findings *findings, struct itsm_error *err)
{
	struct seeking seeking = {.arena = arena, .record = record, .count = count, .findings = findings, .err = err,
		.names = itsm_arena_alloc(arena, (count + 1) * sizeof(*seeking.names))};

	for (size_t i = 0; i < count; i++)
		seeking.names[i] = artefacts[i].name;
	if (count)
		qsort(seeking.names, count, sizeof(*seeking.names), compare_names);
	return walk(&seeking, folder, "", 0);
}
