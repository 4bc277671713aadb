/*
 * The tag of a release: annotated, made by git, with the manifest in its message.
 *
 *   Release 2.4.0: Billing of autumn
 *
 *   Release: REL-4k7q2m8d
 *   Change: CHG-7h2k9m4x
 *   Despite: the reason why a no-go was tagged
 *   Against: policy/release-approval REL-4k7q2m8d
 *
 *   SHA256 (billing.tar.gz) = 9f86d0...
 *
 * Lines begin with words of ours: nothing in a record can pose as a signature or as a line of the manifest.
 */
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "code.h"
#include "itsm/file.h"
#include "release.h"

struct tagging {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	const struct itsm_record *record;
	const struct itsm_release_tag *request;
	struct release_artefact *artefacts;
	size_t count;
	const char *folder, *name, *commit;
	struct itsm_findings against;   /* a no-go's */
	struct itsm_error *err;
};

static int refuse(struct tagging *tagging)
{
	const struct itsm_record *record = tagging->record;
	const struct itsm_state *state = itsm_kind_state(record->kind, record->state ? record->state : "");
	size_t i;

	if (state && strcmp(state->name, "withdrawn") == 0)
		return itsm_error_set(tagging->err, ITSM_EREFUSED, "%s was withdrawn, and gets no tag", record->id);
	if (!tagging->name || !release_text(tagging->arena, record, "version"))
		return itsm_error_set(tagging->err, ITSM_EREFUSED, "%s has no version; set it first", record->id);
	if (!tagging->count)
		return itsm_error_set(tagging->err, ITSM_EREFUSED, "%s has no artefacts, so its tag would have no manifest", record->id);
	for (i = 0; i < tagging->count; i++) {
		const struct release_artefact *artefact = &tagging->artefacts[i];

		if (!*artefact->name || !*artefact->algorithm || !*artefact->hex ||
			strspn(artefact->hex, "0123456789abcdef") != strlen(artefact->hex))
			return itsm_error_set(tagging->err, ITSM_EREFUSED, "%s has an artefact without a name or a digest", record->id);
	}
	return 0;
}

/* A no-go is tagged only where somebody says why. */
static int ask_whether(struct tagging *tagging)
{
	const struct itsm_record *record = tagging->record;
	struct itsm_findings *against = &tagging->against;
	struct itsm_release_told told;
	size_t i;
	int status;

	itsm_findings_init(against, tagging->arena);
	status = itsm_desk_release(tagging->desk, tagging->arena, record->id, false, 0, &told, against, tagging->err);
	if (status != 0 || told.go) {
		against->count = 0;
		return status;
	}
	for (i = 0; i < against->count && against->items[i].severity != ITSM_SEVERITY_ERROR; i++)
		continue;
	if (!tagging->request->despite)
		return itsm_error_set(tagging->err, ITSM_EREFUSED, "%s is a no-go: %s: %s%s; `itsm release %s` tells all, --despite REASON"
			" tags it all the same", record->id, against->items[i].rule, against->items[i].message,
			against->errors > 1 ? ", and more" : "", record->id);
	return 0;
}

static int check_name(struct tagging *tagging)
{
	const char *spec = itsm_arena_printf(tagging->arena, "refs/tags/%s", tagging->name);
	const char *const valid[] = {"git", "check-ref-format", spec, NULL};
	const char *const known[] = {"git", "show-ref", "--verify", "--quiet", spec, NULL};

	if (*tagging->name == '-' || itsm_program_run(valid, tagging->folder, NULL, NULL, NULL, NULL) != 0)
		return itsm_error_set(tagging->err, ITSM_EUSAGE, "'%s' can't be the name of a tag; give another with --name", tagging->name);
	if (itsm_program_run(known, tagging->folder, NULL, NULL, NULL, NULL) == 0)
		return itsm_error_set(tagging->err, ITSM_EREFUSED, "there is a tag %s already; a release keeps its tag", tagging->name);
	return 0;
}

static int write_message(struct tagging *tagging, struct itsm_buffer *out)
{
	const struct itsm_record *record = tagging->record;
	const char **changes;
	size_t count, i;
	int status = release_list(tagging->arena, record, "changes", &changes, &count, tagging->err);

	if (status != 0)
		return status;
	itsm_buffer_printf(out, "Release %s: %s\n\nRelease: %s\n", release_text(tagging->arena, record, "version"),
		code_line(tagging->arena, record->title, strlen(record->title)), record->id);
	for (i = 0; i < count; i++)
		itsm_buffer_printf(out, "Change: %s\n", changes[i]);
	if (tagging->against.count)
		itsm_buffer_printf(out, "Despite: %s\n",
			code_line(tagging->arena, tagging->request->despite, strlen(tagging->request->despite)));
	for (i = 0; i < tagging->against.count; i++) {
		const struct itsm_finding *finding = &tagging->against.items[i];

		if (finding->severity == ITSM_SEVERITY_ERROR)
			itsm_buffer_printf(out, "Against: %s %s\n", finding->rule, finding->record ? finding->record : record->id);
	}
	itsm_buffer_putc(out, '\n');
	for (i = 0; i < tagging->count; i++) {
		const struct release_artefact *artefact = &tagging->artefacts[i];

		for (const char *c = artefact->algorithm; *c; c++)
			itsm_buffer_putc(out, (char)toupper((unsigned char)*c));
		itsm_buffer_printf(out, " (%s) = %s\n", artefact->name, artefact->hex);
	}
	return 0;
}

static int run_git(struct tagging *tagging, const char *file)
{
	const char *argv[12];
	size_t count = 0;

	argv[count++] = "git";
	argv[count++] = "tag";
	argv[count++] = "--cleanup=verbatim";
	argv[count++] = tagging->request->sign ? "--sign" : "--annotate";
	argv[count++] = "--file";
	argv[count++] = file;
	argv[count++] = tagging->name;
	argv[count++] = tagging->commit;
	argv[count] = NULL;
	return itsm_program_talk(argv, tagging->folder, tagging->err);
}

/* git asks for passwords of keys on the terminal, so that the message is in a file and not on its stdin. */
static int make_tag(struct tagging *tagging, const struct itsm_buffer *message)
{
	const char *folder = tagging->desk->place.git_dir, *name;
	char id[ITSM_ID_MAX];
	int root, status = itsm_id_make("tag", id, tagging->err);

	if (status != 0)
		return status;
	name = itsm_arena_printf(tagging->arena, "itsm/%s", id);
	root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return itsm_error_set(tagging->err, ITSM_EIO, "%s cannot be opened", folder);
	status = itsm_file_write(root, name, message->data, message->length, tagging->err);
	if (status == 0 && (status = run_git(tagging, itsm_arena_printf(tagging->arena, "%s/%s", folder, name))) != 0)
		itsm_error_prefix(tagging->err, "no tag was made");
	unlinkat(root, name, 0);
	close(root);
	return status;
}

int itsm_desk_release_tag(struct itsm_desk *desk, struct itsm_arena *arena, const char *id,
	const struct itsm_release_tag *request, struct itsm_release_tagged *out, struct itsm_error *err)
{
	struct tagging tagging = {.desk = desk, .arena = arena, .request = request,
		.folder = code_folder(desk, request->repository), .err = err};
	struct itsm_buffer message = {0};
	struct itsm_record *record;
	struct itsm_index *index;
	int status = release_read(desk, arena, id, NULL, &index, &record, err);

	if (status != 0 || (status = release_artefacts(arena, record, &tagging.artefacts, &tagging.count, err)) != 0)
		return status;
	tagging.record = record;
	tagging.name = release_tag_name(arena, record, request->name);
	if (request->despite && !*request->despite)
		return itsm_error_set(err, ITSM_EUSAGE, "--despite takes the reason why a no-go is tagged");
	if ((status = refuse(&tagging)) != 0 || (status = check_name(&tagging)) != 0 || (status = ask_whether(&tagging)) != 0 ||
	    (status = code_resolve(desk, arena, tagging.folder, request->commit ? request->commit : "HEAD", &tagging.commit, err)) != 0)
		return status;
	status = write_message(&tagging, &message);
	if (status == 0)
		status = make_tag(&tagging, &message);
	itsm_buffer_free(&message);
	if (status == 0)
		*out = (struct itsm_release_tagged){tagging.name, tagging.commit, tagging.count};
	return status;
}
