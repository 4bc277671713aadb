/*
 * The summary: one page without script that prints well. Every text of a
 * record is escaped; Markdown goes through cmark's safe mode. A policy in the page forbids all else besides.
 */
#include <string.h>

#include "evidence.h"
#include "itsm/markdown.h"

static const char style[] =
	"body{font:11pt/1.45 serif;max-width:50em;margin:2em auto;padding:0 1em;color:#111}"
	"h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.15em;border-bottom:1px solid #999;margin-top:1.6em}"
	"table{border-collapse:collapse;width:100%;font-size:.92em}th,td{border:1px solid #bbb;padding:.25em "
	".5em;text-align:left;vertical-align:top;"
	"overflow-wrap:anywhere}th{background:#eee}code{font:.9em "
	"monospace;overflow-wrap:anywhere}.bad{font-weight:bold}"
	".body{border-left:3px solid #bbb;padding-left:1em}pre{white-space:pre-wrap}"
	"@media "
	"print{body{margin:0;max-width:none;font-size:10pt}h2{break-after:avoid}tr,li{break-inside:avoid}thead{display:"
	"table-header-group}"
	"a{color:inherit;text-decoration:none}}"
	"@page{margin:2cm}";

void evidence_html_begin(struct itsm_buffer *out, const char *title)
{
	itsm_buffer_puts(out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
		"'unsafe-inline'\">\n<title>");
	itsm_escape_html(out, title);
	itsm_buffer_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", style);
	itsm_escape_html(out, title);
	itsm_buffer_puts(out, "</h1>\n");
}

static void cell(struct itsm_buffer *out, const char *text)
{
	itsm_buffer_puts(out, "<td>");
	itsm_escape_html(out, text ? text : "");
	itsm_buffer_puts(out, "</td>");
}

static void row(struct itsm_buffer *out, const char *name, const char *text)
{
	itsm_buffer_puts(out, "<tr><th>");
	itsm_escape_html(out, name);
	itsm_buffer_puts(out, "</th>");
	cell(out, text);
	itsm_buffer_puts(out, "</tr>\n");
}

static void begin_table(struct itsm_buffer *out, const char *heading, const char *const *columns)
{
	itsm_buffer_printf(out, "<h2>%s</h2>\n<table>\n<thead><tr>", heading);
	for (; *columns; columns++)
		itsm_buffer_printf(out, "<th>%s</th>", *columns);
	itsm_buffer_puts(out, "</tr></thead>\n<tbody>\n");
}

static void end_table(struct itsm_buffer *out)
{
	itsm_buffer_puts(out, "</tbody>\n</table>\n");
}

static void add_events(const struct evidence_subject *subject, struct itsm_buffer *out)
{
	static const char *const columns[] = {"When (UTC)", "Who", "What", "State", "Commit", NULL};
	char time[ITSM_TIME_TEXT], commit[41];

	begin_table(out, "What happened", columns);
	for (size_t i = 0; i < subject->count; i++) {
		const struct evidence_event *event = &subject->events[i];
		bool moved = event->to && (!event->from || strcmp(event->from, event->to) != 0);

		itsm_time_format_utc(event->at, time);
		itsm_oid_text(&event->commit, commit);
		itsm_buffer_puts(out, "<tr>");
		cell(out, time);
		cell(out, event->mail);
		cell(out, event->subject);
		itsm_buffer_puts(out, "<td>");
		if (!event->part && moved && event->from) {
			itsm_escape_html(out, event->from);
			itsm_buffer_puts(out, " &rarr; ");
		}
		if (!event->part && moved)
			itsm_escape_html(out, event->to);
		itsm_buffer_printf(
			out, "%s</td><td><code>%.12s</code></td></tr>\n", event->removed ? "removed" : "", commit);
	}
	end_table(out);
}

/* What the version of `event` was worth by itself; and, where the person's approval counts for nothing now, why. */
static void add_worth(const struct evidence_event *event, const struct itsm_approvals_shown *shown, struct itsm_buffer *out)
{
	itsm_buffer_puts(out, "<td>");
	itsm_escape_html(out, event->status);
	if (event->detail) {
		itsm_buffer_puts(out, ": ");
		itsm_escape_html(out, event->detail);
	}
	for (size_t i = 0; i < shown->verdict.approval_count; i++) {
		const struct itsm_approval *now = &shown->verdict.approvals[i];

		if (!now->path || strcmp(now->path, event->path) != 0 || now->status == ITSM_APPROVAL_VALID)
			continue;
		itsm_buffer_printf(out, "; now %s", itsm_approval_status_name(now->status));
		if (now->detail) {
			itsm_buffer_puts(out, ": ");
			itsm_escape_html(out, now->detail);
		}
	}
	itsm_buffer_puts(out, "</td>");
}

static void add_approvals(
	const struct evidence_subject *subject, const struct itsm_approvals_shown *shown, struct itsm_buffer *out)
{
	static const char *const versions[] = {
		"When (UTC)", "Person", "Decision", "Worth when it came in, and now", "Signed by", NULL};
	static const char *const asked[] = {"Rule", "Who is asked", "Met", "Missing", NULL};
	char time[ITSM_TIME_TEXT];

	begin_table(out, "Approvals that were given", versions);
	for (size_t i = 0; i < subject->count; i++) {
		const struct evidence_event *event = &subject->events[i];

		if (!event->status)
			continue;
		itsm_time_format_utc(event->at, time);
		itsm_buffer_puts(out, "<tr>");
		cell(out, time);
		cell(out, event->name);
		cell(out, event->decision);
		add_worth(event, shown, out);
		cell(out, event->signer ? event->signer : "not signed");
		itsm_buffer_puts(out, "</tr>\n");
	}
	end_table(out);
	begin_table(out, "Approvals that are asked for", asked);
	for (size_t i = 0; i < shown->verdict.answer_count; i++) {
		const struct itsm_approval_answer *answer = &shown->verdict.answers[i];

		itsm_buffer_puts(out, "<tr>");
		cell(out, answer->ask->rule);
		cell(out, answer->whom);
		cell(out, answer->result.met ? "yes" : "no");
		cell(out, answer->missing);
		itsm_buffer_puts(out, "</tr>\n");
	}
	end_table(out);
}

static void add_rest(const struct evidence_subject *subject, struct itsm_buffer *out)
{
	static const char *const deployments[] = {"Started", "Deployment", "Environment", "Result", NULL};
	static const char *const findings[] = {"Severity", "Rule", "Where", "What", NULL};

	begin_table(out, "Deployments", deployments);
	for (size_t i = 0; i < subject->deployment_count; i++) {
		itsm_buffer_puts(out, "<tr>");
		cell(out, subject->deployments[i].started);
		cell(out, subject->deployments[i].id);
		cell(out, subject->deployments[i].environment);
		cell(out, subject->deployments[i].result);
		itsm_buffer_puts(out, "</tr>\n");
	}
	end_table(out);
	begin_table(out, "Findings", findings);
	for (size_t i = 0; i < subject->findings.count; i++) {
		const struct itsm_finding *finding = &subject->findings.items[i];

		itsm_buffer_puts(out, "<tr>");
		cell(out, itsm_severity_name(finding->severity));
		cell(out, finding->rule);
		cell(out, finding->path);
		cell(out, finding->message);
		itsm_buffer_puts(out, "</tr>\n");
	}
	end_table(out);
}

/* The record as it is: front matter as it stands, body as Markdown. */
static int add_record(struct evidencing *evidencing, const struct evidence_subject *subject, struct itsm_buffer *out)
{
	struct itsm_repo *repo = evidencing->verifying->repo;
	struct itsm_document document;
	struct itsm_buffer text = {0};
	struct itsm_entry entry;
	const char *suffix = strrchr(subject->path, '.');
	bool markdown = suffix && strcmp(suffix, ".md") == 0;
	size_t front = 0;
	int status = itsm_repo_find(repo, &evidencing->verifying->head, subject->path, &entry, evidencing->err);

	if (status == 0)
		status = itsm_repo_blob(repo, &entry.blob, ITSM_FILE_MAX_BYTES, &text, evidencing->err);
	if (status != 0 || !text.data) {
		itsm_buffer_free(&text);
		return status;
	}
	if (markdown && itsm_document_read(text.data, text.length, true, &document, NULL) == 0 && document.front)
		front = document.body_start;
	itsm_buffer_puts(out, "<h2>The record</h2>\n<pre>");
	itsm_escape_html(out, itsm_arena_strndup(evidencing->arena, text.data, markdown ? front : text.length));
	itsm_buffer_puts(out, "</pre>\n");
	if (markdown) {
		itsm_buffer_puts(out, "<div class=\"body\">\n");
		itsm_markdown_html(text.data + front, text.length - front, out);
		itsm_buffer_puts(out, "</div>\n");
	}
	itsm_buffer_free(&text);
	return 0;
}

int evidence_html(struct evidencing *evidencing, const struct evidence_subject *subject,
	const struct itsm_approvals_shown *shown, struct itsm_buffer *out)
{
	char commit[41];
	int status;

	itsm_oid_text(&evidencing->verifying->head, commit);
	evidence_html_begin(
		out, itsm_arena_printf(evidencing->arena, "%s: %s", subject->id, subject->title ? subject->title : ""));
	itsm_buffer_puts(out, "<table>\n<tbody>\n");
	row(out, "Desk", itsm_desk_name(evidencing->desk));
	row(out, "Kind", subject->kind);
	row(out, "State", subject->state);
	row(out, "Approved content", shown->verdict.digest);
	row(out, "As of commit", commit);
	row(out, "Made", evidencing->moment);
	itsm_buffer_puts(out, "</tbody>\n</table>\n");
	add_events(subject, out);
	add_approvals(subject, shown, out);
	add_rest(subject, out);
	status = add_record(evidencing, subject, out);
	itsm_buffer_puts(out,
		"<p>Files, their origin in git and the signatures: <code>sh verify.sh</code> verifies them; README.txt "
		"tells what is where.</p>\n"
		"</body>\n</html>\n");
	return status;
}
