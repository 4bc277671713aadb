/* Artefacts on disk against the manifest of a release, and the manifest against its tag. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "code.h"
#include "itsm/digest.h"
#include "itsm/file.h"
#include "release.h"

#define NAME_SHOWN 200

struct verifying {
	struct itsm_arena *arena;
	const struct itsm_record *record;
	const struct itsm_release_verify *request;
	struct release_artefact *artefacts;
	size_t count, verified;
	struct itsm_findings *findings;
	struct itsm_error *err;
};

static void add(struct verifying *verifying, const char *rule, const char *message, const char *remedy)
{
	const struct itsm_record *record = verifying->record;
	struct itsm_finding finding = {.rule = rule, .record = record->id, .path = record->path, .message = message, .remedy = remedy};

	finding.line = itsm_record_line(record, "artefacts", &finding.column);
	itsm_findings_add(verifying->findings, &finding);
}

static void verify_one(struct verifying *verifying, int root, const struct release_artefact *artefact)
{
	struct itsm_arena *arena = verifying->arena;
	struct itsm_error failure = {0};
	char hex[ITSM_DIGEST_FILE_TEXT];
	int status;

	if (!itsm_path_is_safe(artefact->name)) {
		add(verifying, "release/name", itsm_arena_printf(arena, "'%.*s' is no name of a file below the folder", NAME_SHOWN, artefact->name),
			"give it a relative name without '..', or look at it where it is kept");
		return;
	}
	status = itsm_digest_file(root, artefact->name, artefact->algorithm, hex, &failure);
	if (status == 0 && strcmp(hex, artefact->hex) == 0)
		verifying->verified++;
	else if (status == 0)
		add(verifying, "release/digest", itsm_arena_printf(arena, "%.*s is not what was released: its digest is %s:%s", NAME_SHOWN,
			artefact->name, artefact->algorithm, hex), "get it anew from where it is kept");
	else if (status == ITSM_EUSAGE)
		add(verifying, "release/algorithm", itsm_arena_printf(arena, "%.*s: %s", NAME_SHOWN, artefact->name, failure.message),
			"compute its digest with sha256sum");
	else
		add(verifying, "release/missing", itsm_arena_printf(arena, "%.*s is not there to be compared: %s", NAME_SHOWN, artefact->name,
			failure.message), "put it there as a plain file");
}

static int verify_files(struct verifying *verifying)
{
	int root = open(verifying->request->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t i;
	int status = 0;

	if (root < 0)
		return itsm_error_set(verifying->err, ITSM_EIO, "%s: %s", verifying->request->folder, strerror(errno));
	for (i = 0; i < verifying->count; i++)
		verify_one(verifying, root, &verifying->artefacts[i]);
	if (!verifying->request->exact)
		close(root);
	else
		status = release_find_extra(verifying->arena, root, verifying->record, verifying->artefacts, verifying->count,
			verifying->findings, verifying->err);
	return status;
}

/* "SHA256 (name) = hex" */
static bool has_line(const struct release_artefact *artefact, const char *line, size_t length)
{
	size_t algorithm = strlen(artefact->algorithm), name = strlen(artefact->name), hex = strlen(artefact->hex);

	return length == algorithm + 2 + name + 4 + hex && strncasecmp(line, artefact->algorithm, algorithm) == 0 &&
		strncmp(line + algorithm, " (", 2) == 0 && strncmp(line + algorithm + 2, artefact->name, name) == 0 &&
		strncmp(line + algorithm + 2 + name, ") = ", 4) == 0 && strncmp(line + length - hex, artefact->hex, hex) == 0;
}

static bool is_artefact_line(const char *line, size_t length)
{
	return length > 3 && strncmp(line, "SHA", 3) == 0 && memmem(line, length, ") = ", 4);
}

/* Each line of the tag's manifest is that of an artefact, and each artefact has one. */
static void compare_manifest(struct verifying *verifying, const char *text)
{
	struct itsm_arena *arena = verifying->arena;
	bool *seen = itsm_arena_alloc(arena, (verifying->count + 1) * sizeof(*seen));
	size_t length, i;

	memset(seen, 0, (verifying->count + 1) * sizeof(*seen));
	for (; *text; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		if (!is_artefact_line(text, length))
			continue;
		for (i = 0; i < verifying->count && (seen[i] || !has_line(&verifying->artefacts[i], text, length)); i++)
			continue;
		seen[i] = true;
		if (i == verifying->count)
			add(verifying, "release/tag", itsm_arena_printf(arena, "the tag %s has what the record has not: %s", verifying->request->tag,
				code_line(arena, text, length < NAME_SHOWN ? length : NAME_SHOWN)), "find out which of them was changed, and by whom");
	}
	for (i = 0; i < verifying->count; i++) {
		if (!seen[i])
			add(verifying, "release/tag", itsm_arena_printf(arena, "the tag %s has no %.*s with that digest", verifying->request->tag,
				NAME_SHOWN, verifying->artefacts[i].name), "find out which of them was changed, and by whom");
	}
}

static int verify_tag(struct verifying *verifying, struct itsm_desk *desk)
{
	const struct itsm_release_verify *request = verifying->request;
	const char *spec = itsm_arena_printf(verifying->arena, "refs/tags/%s", request->tag);
	const char *const argv[] = {"git", "cat-file", "tag", spec, NULL};
	struct itsm_buffer text = {0};
	int status = code_git(desk, code_folder(desk, request->repository), argv, &text, verifying->err);

	if (status == 0)
		compare_manifest(verifying, text.data ? text.data : "");
	else if (status == ITSM_EGIT)
		itsm_error_set(verifying->err, status, "'%s' is no annotated tag; fetch it, or make it with `itsm release tag`", request->tag);
	itsm_buffer_free(&text);
	return status;
}

int itsm_desk_release_verify(struct itsm_desk *desk, struct itsm_arena *arena, const char *id,
	const struct itsm_release_verify *request, size_t *verified, struct itsm_findings *findings, struct itsm_error *err)
{
	struct verifying verifying = {.arena = arena, .request = request, .findings = findings, .err = err};
	struct itsm_record *record;
	struct itsm_index *index;
	int status = release_read(desk, arena, id, NULL, &index, &record, err);

	if (status == 0)
		status = release_artefacts(arena, record, &verifying.artefacts, &verifying.count, err);
	if (status == 0 && !verifying.count)
		status = itsm_error_set(err, ITSM_EUSAGE, "%s has no artefacts to compare with; write them with name and digest", record->id);
	if (status != 0)
		return status;
	verifying.record = record;
	status = verify_files(&verifying);
	if (status == 0 && request->tag)
		status = verify_tag(&verifying, desk);
	if (status != 0)
		return status;
	*verified = verifying.verified;
	return 0;
}
