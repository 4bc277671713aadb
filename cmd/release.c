/* itsm release: go or no-go, notes, tag, and what is on disk against the manifest. */
#include <string.h>

#include "command.h"
#include "itsm/release.h"
#include "output.h"
#include "report.h"

struct release_values {
	const char *at, *folder, *tag, *name, *repository, *commit, *format, *despite;
	struct itsm_words outputs;
	bool sign, exact;
};

static const struct option_row options[] = {
	{0, "at", "TIME", OPTION_TEXT, offsetof(struct release_values, at),
		"go or no-go at another moment; notes as of a revision"},
	{0, "in", "FOLDER", OPTION_TEXT, offsetof(struct release_values, folder), "verify: where the artefacts lie, instead of here"},
	{0, "tag", "NAME", OPTION_TEXT, offsetof(struct release_values, tag), "verify: the manifest of this tag too"},
	{0, "name", "NAME", OPTION_TEXT, offsetof(struct release_values, name), "tag: its name, instead of that of the record"},
	{0, "commit", "REVISION", OPTION_TEXT, offsetof(struct release_values, commit), "tag: what is tagged, instead of HEAD"},
	{0, "repository", "DIR", OPTION_TEXT, offsetof(struct release_values, repository),
		"tag, verify: the repository of the code, where it is not the desk's"},
	{0, "sign", NULL, OPTION_FLAG, offsetof(struct release_values, sign), "tag: sign it, though git is not configured to"},
	{0, "despite", "REASON", OPTION_TEXT, offsetof(struct release_values, despite), "tag: a no-go all the same, and why"},
	{0, "exact", NULL, OPTION_FLAG, offsetof(struct release_values, exact), "verify: nothing else may be in the folder"},
	{0, "format", "FORMAT", OPTION_TEXT, offsetof(struct release_values, format), "how to print: " REPORT_FORMS},
	{'o', "output", "FORMAT=FILE", OPTION_LIST, offsetof(struct release_values, outputs),
		"write a file besides; may be given several times"},
	{0},
};

const struct syntax release_syntax = {
	.words = "[notes | tag | verify] ID",
	.options = options,
	.size = sizeof(struct release_values),
	.least = 1,
	.most = 2,
};

static void tell(struct context *context, const struct itsm_release_told *told)
{
	struct itsm_buffer line = {0};
	size_t i;

	for (i = 0; i < told->change_count; i++) {
		const struct itsm_release_change *change = &told->changes[i];

		itsm_escape_terminal(&line, change->title ? change->title : "", false);
		output_note(context, "  %s %-4s %s  %s", change->id, change->fine ? "fine" : "not", change->state ? change->state : "-",
			line.data ? line.data : "");
		itsm_buffer_clear(&line);
	}
	itsm_escape_terminal(&line, told->title, false);
	itsm_buffer_puts(&line, told->version ? " " : "");
	itsm_escape_terminal(&line, told->version ? told->version : "", false);
	itsm_buffer_puts(&line, told->at > context->now ? ", for " : "");
	if (told->at > context->now)
		output_moment(context, told->at, &line);
	output_note(context, "%s (%s) %s: %s", told->id, told->state, line.data, told->go ? "go" : "no-go");
	itsm_buffer_free(&line);
}

static int decide(struct context *context, const char *id, const struct release_values *values, struct itsm_error *err)
{
	struct report_request request = {values->format, values->outputs, NULL, "release"};
	struct itsm_release_told told;
	struct itsm_findings findings;
	int64_t at = 0;
	int status = report_verify(&request, err);

	itsm_findings_init(&findings, context->arena);
	if (!status && values->at && (status = itsm_moment_parse(values->at, context->now, &at, err)) != 0)
		status = itsm_error_set(err, ITSM_EUSAGE, "'%s' is no time; give one such as 2026-11-22T22:00:00+01:00 or +2h", values->at);
	if (!status)
		status = itsm_desk_release(context->desk, context->arena, id, values->at != NULL, at, &told, &findings, err);
	if (status)
		return status;
	context_progress_clear(context);
	status = report_print(context, &request, &findings, err);
	tell(context, &told);
	return !status && !told.go ? output_told(err) : status;
}

static int notes(struct context *context, const char *id, const struct release_values *values, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	int status = itsm_desk_release_notes(context->desk, context->arena, id, values->at, &text, err);

	context_progress_clear(context);
	if (!status)
		output_flush(context, &text);
	itsm_buffer_free(&text);
	return status;
}

static int tag(struct context *context, const char *id, const struct release_values *values, struct itsm_error *err)
{
	const struct itsm_release_tag request = {values->name,
		values->repository ? context_path(context, values->repository) : NULL, values->commit, values->sign,
		values->despite};
	struct itsm_release_tagged tagged;
	struct itsm_buffer text = {0};
	int status = itsm_desk_release_tag(context->desk, context->arena, id, &request, &tagged, err);

	if (status)
		return status;
	itsm_escape_terminal(&text, tagged.name, false);
	itsm_buffer_putc(&text, '\n');
	output_flush(context, &text);
	output_note(context, "tagged %.10s with %zu artefact%s", tagged.commit, tagged.artefacts, tagged.artefacts == 1 ? "" : "s");
	itsm_buffer_free(&text);
	return 0;
}

static int verify(struct context *context, const char *id, const struct release_values *values, struct itsm_error *err)
{
	const struct itsm_release_verify request = {context_path(context, values->folder ? values->folder : "."), values->tag,
		values->repository ? context_path(context, values->repository) : NULL, values->exact};
	struct report_request report = {values->format, values->outputs, NULL, "release"};
	struct itsm_findings findings;
	size_t verified;
	int status = report_verify(&report, err);

	itsm_findings_init(&findings, context->arena);
	if (!status)
		status = itsm_desk_release_verify(context->desk, context->arena, id, &request, &verified, &findings, err);
	if (status)
		return status;
	itsm_findings_sort(&findings);
	status = report_print(context, &report, &findings, err);
	output_note(context, "%zu artefact%s as released", verified, verified == 1 ? " is" : "s are");
	return !status && findings.errors ? output_told(err) : status;
}

int command_release(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	static const struct {
		const char *name;
		int (*run)(struct context *context, const char *id, const struct release_values *values, struct itsm_error *err);
	} subcommands[] = {{"notes", notes}, {"tag", tag}, {"verify", verify}};
	const struct release_values *values = data;
	size_t i;
	int status;

	if (words.count == 1) {
		for (i = 0; i < sizeof(subcommands) / sizeof(*subcommands); i++)
			if (!strcmp(words.items[0], subcommands[i].name))
				return itsm_error_set(err, ITSM_EUSAGE, "release %s: which release? give its ID", words.items[0]);
		status = decide(context, words.items[0], values, err);
		if (status && *err->message)
			itsm_error_prefix(err, "release");
		return status;
	}
	for (i = 0; i < sizeof(subcommands) / sizeof(*subcommands); i++) {
		if (strcmp(words.items[0], subcommands[i].name))
			continue;
		status = subcommands[i].run(context, words.items[1], values, err);
		if (status && *err->message)
			itsm_error_prefix(err, "release %s", subcommands[i].name);
		return status;
	}
	return itsm_error_set(err, ITSM_EUSAGE, "release: '%s' is not one of notes, tag and verify", words.items[0]);
}
