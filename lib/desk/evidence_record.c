/* All files of one record: as it was at each step, its approvals, its deployments, what is found, and what proves it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "evidence.h"

#define BLOB_LIMIT (4u << 20)
#define PREDICATE "urn:itsm:evidence:1"

const char *evidence_path(
	const struct evidencing *evidencing, const struct evidence_subject *subject, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return itsm_arena_printf(evidencing->arena, "%s%s", subject->below, text);
}

/* A state's name as a part of a file's. */
static const char *word(struct itsm_arena *arena, const char *text)
{
	char *copy = itsm_arena_strdup(arena, text ? text : "none");

	for (char *c = copy; *c; c++) {
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-'))
			*c = '_';
	}
	return copy;
}

static int add_blob(struct evidencing *evidencing, const char *path, const struct itsm_oid *blob)
{
	struct itsm_buffer text = {0};
	int status = itsm_repo_blob(evidencing->verifying->repo, blob, BLOB_LIMIT, &text, evidencing->err);

	if (status == 0)
		evidence_add(evidencing->folder, path, text.data ? text.data : "", text.length, EVIDENCE_BLOB, blob);
	itsm_buffer_free(&text);
	return status;
}

/* The file in the folder that an event left; NULL when there is none. */
static const char *event_file(struct evidencing *evidencing, const struct evidence_subject *subject,
	const struct evidence_event *event, size_t number)
{
	const char *suffix = strrchr(event->path, '.');
	char commit[41];

	if (itsm_oid_is_zero(&event->blob) || event->removed)
		return NULL;
	itsm_oid_text(&event->commit, commit);
	if (!suffix || strchr(suffix, '/'))
		suffix = "";
	if (event->part)
		return evidence_path(evidencing, subject, "%s/%s-%.10s%s",
			strcmp(event->part, "approval") == 0 ? "approvals" : "parts", event->name, commit, suffix);
	if (event->added || (event->to && (!event->from || strcmp(event->from, event->to) != 0)))
		return evidence_path(evidencing, subject, "states/%03zu-%s-%.10s%s", number,
			word(evidencing->arena, event->to), commit, suffix);
	return evidence_path(evidencing, subject, "versions/%03zu-%.10s%s", number, commit, suffix);
}

/* The versions, and the table that says which commit has which of them where. */
static int add_versions(struct evidencing *evidencing, const struct evidence_subject *subject)
{
	struct itsm_buffer table = {0}, proofs = {0};
	char commit[41], blob[41];
	int status = 0;

	for (size_t i = 0; i < subject->count && status == 0; i++) {
		const struct evidence_event *event = &subject->events[i];
		const char *file = event_file(evidencing, subject, event, i + 1);

		itsm_oid_text(&event->commit, commit);
		itsm_oid_text(&event->blob, blob);
		if (file && (status = add_blob(evidencing, file, &event->blob)) == 0)
			itsm_buffer_printf(&table, "%s\t%s\t%s\t%s%s\n", commit, blob, file + strlen(subject->below),
				evidencing->desk->place.prefix, event->path);
		if (event->base)
			itsm_buffer_printf(&proofs, "%s\t%s\n", event->base + strlen(subject->below), event->signer);
	}
	evidence_add_text(evidencing->folder, evidence_path(evidencing, subject, "objects/files.tsv"), &table);
	evidence_add_text(evidencing->folder, evidence_path(evidencing, subject, "approvals/signed.tsv"), &proofs);
	itsm_buffer_free(&table);
	itsm_buffer_free(&proofs);
	return status;
}

static int add_deployments(struct evidencing *evidencing, const struct evidence_subject *subject)
{
	int status = 0;

	for (size_t i = 0; i < subject->deployment_count && status == 0; i++) {
		const struct deployment *one = &subject->deployments[i];
		struct itsm_entry entry;

		status = itsm_repo_find(
			evidencing->verifying->repo, &evidencing->verifying->head, one->path, &entry, evidencing->err);
		if (status == 0)
			status = add_blob(evidencing,
				evidence_path(evidencing, subject, "deployments/%s.yaml", one->id), &entry.blob);
	}
	return status;
}

static void add_json_pair(struct itsm_buffer *out, const char *name, const char *text)
{
	itsm_buffer_printf(out, "%s\"%s\":", out->length && out->data[out->length - 1] != '{' ? "," : "", name);
	if (text)
		itsm_escape_json(out, text);
	else
		itsm_buffer_puts(out, "null");
}

static void add_findings(struct evidencing *evidencing, const struct evidence_subject *subject)
{
	struct itsm_buffer text = {0};

	itsm_buffer_puts(&text, "[");
	for (size_t i = 0; i < subject->findings.count; i++) {
		const struct itsm_finding *finding = &subject->findings.items[i];

		itsm_buffer_puts(&text, i ? ",\n{" : "\n{");
		add_json_pair(&text, "severity", itsm_severity_name(finding->severity));
		add_json_pair(&text, "rule", finding->rule);
		add_json_pair(&text, "record", finding->record);
		add_json_pair(&text, "path", finding->path);
		add_json_pair(&text, "message", finding->message);
		itsm_buffer_puts(&text, "}");
	}
	itsm_buffer_puts(&text, "\n]\n");
	evidence_add_text(evidencing->folder, evidence_path(evidencing, subject, "findings.json"), &text);
	itsm_buffer_free(&text);
}

/* in-toto's Statement v1: the files of this record as subjects, by each digest there is. */
static void add_statement(struct evidencing *evidencing, const struct evidence_subject *subject, size_t first)
{
	struct itsm_buffer text = {0};
	char name[41];
	bool more = false;

	itsm_buffer_puts(&text, "{\"_type\":\"https://in-toto.io/Statement/v1\",\n\"subject\":[");
	for (size_t i = first; i < evidencing->folder->count; i++) {
		const struct evidence_file *file = &evidencing->folder->files[i];

		itsm_buffer_puts(&text, more ? ",\n{" : "\n{");
		more = true;
		add_json_pair(&text, "name", file->path + strlen(subject->below));
		itsm_buffer_printf(&text, ",\"digest\":{\"sha256\":\"%s\"", file->sha256);
		itsm_oid_text(&file->oid, name);
		if (file->origin != EVIDENCE_MADE)
			itsm_buffer_printf(
				&text, ",\"%s\":\"%s\"", file->origin == EVIDENCE_BLOB ? "gitBlob" : "gitCommit", name);
		itsm_buffer_puts(&text, "}}");
	}
	itsm_oid_text(&evidencing->verifying->head, name);
	itsm_buffer_puts(&text, "\n],\n\"predicateType\":\"" PREDICATE "\",\n\"predicate\":{");
	add_json_pair(&text, "record", subject->id);
	add_json_pair(&text, "kind", subject->kind);
	add_json_pair(&text, "title", subject->title);
	add_json_pair(&text, "state", subject->state);
	add_json_pair(&text, "desk", itsm_desk_name(evidencing->desk));
	add_json_pair(&text, "commit", name);
	add_json_pair(&text, "made", evidencing->moment);
	itsm_buffer_printf(&text, ",\"errors\":%zu}}\n", subject->findings.errors);
	evidence_add_text(evidencing->folder, evidence_path(evidencing, subject, "statement.json"), &text);
	itsm_buffer_free(&text);
}

static const char verify_script[] =
	"#!/bin/sh\n"
	"# Verify this evidence with sha256sum, git and ssh-keygen alone. Exit 0: all holds. Run: sh verify.sh\n"
	"cd \"$(dirname \"$0\")\" || exit 3\n"
	"bad=0\n"
	"tab=$(printf '\\t')\n"
	"say() { if [ \"$1\" = 0 ]; then echo \"ok    $2\"; else echo \"WRONG $2\"; bad=1; fi; }\n"
	"if [ -f MANIFEST.sha256 ]; then\n"
	"\tsha256sum --strict --quiet -c MANIFEST.sha256; say $? 'every file has the digest of the manifest'\n"
	"\techo \"      sha256:$(sha256sum <MANIFEST.sha256 | cut -d' ' -f1) is the digest of the manifest: compare it "
	"with what you were told\"\n"
	"fi\n"
	"if [ -f manifest.allowed_signers ]; then\n"
	"\tsigner=$(ssh-keygen -Y find-principals -s MANIFEST.sha256.sig -f manifest.allowed_signers | head -n 1)\n"
	"\tssh-keygen -Y verify -f manifest.allowed_signers -I \"$signer\" -n itsm-evidence -s MANIFEST.sha256.sig "
	"<MANIFEST.sha256 >/dev/null\n"
	"\tsay $? \"the manifest is signed by ${signer:-nobody}\"\n"
	"fi\n"
	"git=$(mktemp -d) || exit 3\n"
	"trap 'rm -rf \"$git\"' EXIT\n"
	"git init -q --bare \"$git\" || exit 3\n"
	"for type in commit tree; do\n"
	"\tfor file in objects/$type/*; do\n"
	"\t\t[ \"$(git -C \"$git\" hash-object -w -t $type --literally --stdin <\"$file\")\" = \"${file##*/}\" ] || "
	"say 1 \"$file is the $type of its name\"\n"
	"\tdone\n"
	"done\n"
	"while IFS=\"$tab\" read -r commit blob file path; do\n"
	"\t[ \"$(git hash-object --no-filters \"$file\")\" = \"$blob\" ] && [ \"$(git -C \"$git\" rev-parse "
	"\"$commit:$path\")\" = \"$blob\" ]\n"
	"\tsay $? \"$file is what commit $commit has as $path\"\n"
	"done <objects/files.tsv\n"
	"while IFS=\"$tab\" read -r base signer; do\n"
	"\tssh-keygen -Y verify -f \"$base.allowed_signers\" -I \"$signer\" -n itsm-approval -s \"$base.sig\" "
	"<\"$base.statement\" >/dev/null\n"
	"\tsay $? \"$base.statement is signed by $signer\"\n"
	"done <approvals/signed.tsv\n"
	"[ $bad = 0 ] && echo 'all holds' || echo 'something does not hold'\n"
	"exit $bad\n";

static const char readme[] =
	"Evidence about one record, made by `itsm evidence` from a git repository.\n"
	"\n"
	"index.html        the summary, to read and to print\n"
	"states/           the record as the commit left it that brought it into a state; versions/ the ones between\n"
	"approvals/        each version of an approval; .statement is what was signed, .sig the signature,\n"
	"                  .allowed_signers who could sign, as the desk said before the approval came in\n"
	"parts/            notes and other parts of the record\n"
	"diffs/            what each commit did to the record\n"
	"deployments/      deployments of it, as they are now\n"
	"findings.json     what `itsm check` and `itsm verify` find about the record\n"
	"objects/          commits and trees as git stores them, and which commit has which file where\n"
	"statement.json    all files with their digests, as an in-toto Statement v1\n"
	"MANIFEST.sha256   the SHA-256 of every file; signed when there is MANIFEST.sha256.sig\n"
	"\n"
	"Verify it: sh verify.sh (sha256sum, git and ssh-keygen), or `itsm evidence verify FOLDER`.\n"
	"The folder proves where the files come from; that this is the history of the desk prove the desk's "
	"checkpoints\n"
	"and clones: ask for the commit in statement.json.\n";

int evidence_record(struct evidencing *evidencing, const struct evidence_subject *subject)
{
	struct itsm_approvals_shown shown;
	struct itsm_buffer page = {0};
	size_t first = evidencing->folder->count;
	int status = add_versions(evidencing, subject);

	if (status == 0 && (status = add_deployments(evidencing, subject)) == 0 &&
		(status = evidence_git(evidencing, subject)) == 0)
		status = itsm_desk_approvals(
			evidencing->desk, evidencing->arena, subject->id, NULL, &shown, evidencing->err);
	if (status == 0)
		status = evidence_html(evidencing, subject, &shown, &page);
	if (status == 0) {
		add_findings(evidencing, subject);
		evidence_add_text(evidencing->folder, evidence_path(evidencing, subject, "index.html"), &page);
		evidence_add(evidencing->folder, evidence_path(evidencing, subject, "verify.sh"), verify_script,
			strlen(verify_script), EVIDENCE_MADE, NULL);
		evidence_add(evidencing->folder, evidence_path(evidencing, subject, "README.txt"), readme,
			strlen(readme), EVIDENCE_MADE, NULL);
		add_statement(evidencing, subject, first);
	}
	itsm_buffer_free(&page);
	return status;
}
