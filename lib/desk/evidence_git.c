/*
 * What proves where files come from, without the repository: the commits and
 * the trees on the way to each file as git stores them, from which git
 * computes the names again; and what each commit did, as a patch to read.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence.h"

static const char *where(const struct itsm_desk *desk)
{
	return desk->place.work_tree ? desk->place.work_tree : desk->place.git_dir;
}

/* No user's configuration changes what is printed. */
static int add_patch(
	struct evidencing *evidencing, const struct evidence_subject *subject, size_t number, const char *commit)
{
	const char *prefix = evidencing->desk->place.prefix, *slash = strrchr(subject->path, '.');
	const char *argv[] = {"git", "--no-replace-objects", "-c", "diff.noprefix=false", "-c",
		"diff.mnemonicPrefix=false", "-c", "diff.orderFile=/dev/null", "-c", "diff.suppressBlankEmpty=false",
		"-c", "diff.interHunkContext=0", "-c", "core.quotePath=true", "-c", "diff.indentHeuristic=true", "-c",
		"diff.relative=false", "show", "--first-parent", "-m", "--format=fuller", "--date=iso-strict",
		"--stat=80", "--patch", "--full-index", "--unified=3", "--diff-algorithm=myers", "--no-renames",
		"--no-color", "--no-ext-diff", "--no-textconv", "--no-notes", "--no-mailmap", "--no-show-signature",
		"--no-decorate", "--encoding=UTF-8", commit, "--",
		itsm_arena_printf(evidencing->arena, "%s%s", prefix, subject->path),
		itsm_arena_printf(
			evidencing->arena, "%s%.*s", prefix, (int)(slash ? slash - subject->path : 0), subject->path),
		NULL};
	struct itsm_buffer text = {0};
	int status = itsm_program_run(argv, where(evidencing->desk), NULL, &text, NULL, evidencing->err);

	if (status == 0)
		evidence_add_text(evidencing->folder,
			evidence_path(evidencing, subject, "diffs/%03zu-%.10s.patch", number, commit), &text);
	itsm_buffer_free(&text);
	return status;
}

/* Ask for the commit and every tree on the way to the path. */
static void ask(struct evidencing *evidencing, const char *commit, const char *path, struct itsm_buffer *out)
{
	const char *full = itsm_arena_printf(evidencing->arena, "%s%s", evidencing->desk->place.prefix, path), *slash;

	itsm_buffer_printf(out, "%s\n%s^{tree}\n", commit, commit);
	for (slash = strchr(full, '/'); slash; slash = strchr(slash + 1, '/'))
		itsm_buffer_printf(out, "%s:%.*s\n", commit, (int)(slash - full), full);
}

/* "<name> <type> <size>" LF, the object, LF; or "<what was asked for> missing" LF */
static int take_objects(
	struct evidencing *evidencing, const struct evidence_subject *subject, const struct itsm_buffer *said)
{
	const char *at = said->data ? said->data : "", *end = at + said->length;

	while (at < end) {
		const char *line = at, *stop = memchr(at, '\n', (size_t)(end - at));
		char name[41] = "";
		struct itsm_oid oid;
		bool is_commit;
		size_t size;

		if (!stop)
			break;
		at = stop + 1;
		if (stop - line < 47)
			continue;
		memcpy(name, line, 40);
		if (!itsm_oid_parse(name, &oid))
			continue;
		is_commit = strncmp(line + 41, "commit ", 7) == 0;
		if (!is_commit && strncmp(line + 41, "tree ", 5) != 0)
			continue;
		size = strtoul(line + 41 + (is_commit ? 7 : 5), NULL, 10);
		if (size > (size_t)(end - at))
			break;
		evidence_add(evidencing->folder,
			evidence_path(evidencing, subject, "objects/%s/%s", is_commit ? "commit" : "tree", name), at,
			size, is_commit ? EVIDENCE_COMMIT : EVIDENCE_MADE, &oid);
		at += size + 1;
	}
	return 0;
}

static int add_objects(
	struct evidencing *evidencing, const struct evidence_subject *subject, const struct itsm_buffer *names)
{
	const char *argv[] = {"git", "--no-replace-objects", "cat-file", "--batch", NULL};
	struct itsm_buffer said = {0};
	int status = itsm_program_run(argv, where(evidencing->desk), names, &said, NULL, evidencing->err);

	if (status == 0)
		status = take_objects(evidencing, subject, &said);
	itsm_buffer_free(&said);
	return status;
}

int evidence_git(struct evidencing *evidencing, const struct evidence_subject *subject)
{
	struct itsm_buffer names = {0};
	char commit[41], last[41] = "";
	size_t number = 0;
	int status = 0;

	for (size_t i = 0; i < subject->count && status == 0; i++) {
		const struct evidence_event *event = &subject->events[i];

		itsm_oid_text(&event->commit, commit);
		ask(evidencing, commit, event->path, &names);
		if (strcmp(commit, last) != 0)
			status = add_patch(evidencing, subject, ++number, commit);
		memcpy(last, commit, sizeof(last));
	}
	if (status == 0 && names.length)
		status = add_objects(evidencing, subject, &names);
	itsm_buffer_free(&names);
	return status;
}
