/*
 * A desk that can't be opened: itsm.yaml or a kind's file is no good. Opening
 * stops at the first; here every file of policy/kinds is read, so that all that is wrong is told.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "itsm/file.h"

#define TEXT_LIMIT (256u << 10)

/* What is wrong with a file: a conflict that a merge left, or what the reader says. */
static void add(struct doctor *doctor, const char *path, const char *text, size_t size, const struct itsm_error *reason)
{
	unsigned marker = text ? itsm_merge_marker(text, size) : 0;
	struct itsm_finding finding = {.rule = "policy/kind",
		.path = path,
		.line = reason->line,
		.column = reason->column,
		.message = reason->message,
		.remedy = "correct the file; nothing of the desk can be read before"};

	if (strcmp(path, DESK_FILE) == 0)
		finding.rule = "setup/desk";
	if (marker) {
		finding.rule = "merge/conflict";
		finding.line = marker;
		finding.column = 1;
		finding.message = "a merge left a conflict here, which nobody has settled";
		finding.remedy =
			"keep what holds, take the lines with <<<<<<<, |||||||, ======= and >>>>>>> away,"
			" then `git add` it";
	}
	doctor_add(doctor, &finding, DOCTOR_PERSON, NULL, NULL);
}

static void look_at_kind(struct doctor *doctor, struct itsm_kinds *kinds, const char *name)
{
	const char *path = itsm_arena_printf(doctor->arena, "%s/%s", DESK_KINDS_FOLDER, name);
	struct itsm_buffer text = {0};
	struct itsm_error reason = {0};
	int status = itsm_file_read(doctor->root, path, TEXT_LIMIT, &text, &reason);

	if (status == 0)
		status = itsm_kinds_add(kinds, path, text.data ? text.data : "", text.length, &reason);
	if (status != 0)
		add(doctor, path, text.data, text.length, &reason);
	itsm_buffer_free(&text);
}

static void look_at_kinds(struct doctor *doctor)
{
	int file = openat(doctor->root, DESK_KINDS_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = file < 0 ? NULL : fdopendir(file);
	struct itsm_kinds *kinds = NULL;
	struct itsm_error reason = {0};
	const struct dirent *entry;
	size_t before = doctor->count;

	if (!folder) {
		if (file >= 0)
			close(file);
		return;
	}
	if (itsm_kinds_new(&kinds, NULL) == 0) {
		while ((entry = readdir(folder)) != NULL) {
			size_t length = strlen(entry->d_name);

			if (length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0)
				look_at_kind(doctor, kinds, entry->d_name);
		}
		if (doctor->count == before && itsm_kinds_finish(kinds, &reason) != 0)
			add(doctor, DESK_KINDS_FOLDER, NULL, 0, &reason);
	}
	itsm_kinds_free(kinds);
	closedir(folder);
}

void doctor_look_at_closed(struct doctor *doctor, const struct itsm_error *reason)
{
	struct itsm_buffer text = {0};
	size_t before = doctor->count;

	look_at_kinds(doctor);
	if (doctor->count == before || strncmp(reason->message, DESK_FILE, strlen(DESK_FILE)) == 0) {
		itsm_file_read(doctor->root, DESK_FILE, TEXT_LIMIT, &text, NULL);
		add(doctor, DESK_FILE, text.data, text.length, reason);
		itsm_buffer_free(&text);
	}
}
