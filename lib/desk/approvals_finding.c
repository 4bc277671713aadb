/* A verdict as findings. */
#include <stdio.h>
#include <string.h>

#include "approvals.h"

static void add(struct itsm_findings *findings, const struct itsm_record *record, const struct itsm_approval *approval,
	const char *rule, enum itsm_severity severity, const char *remedy, const char *message)
{
	struct itsm_finding finding = {.rule = rule, .severity = severity, .record = record->id, .remedy = remedy,
		.message = message, .line = 1};

	finding.path = approval && approval->path ? approval->path : record->path;
	if (!approval || !approval->path)
		finding.line = itsm_record_line(record, "state", &finding.column);
	itsm_findings_add(findings, &finding);
}

/* A requirement that is not met, or was met too late. */
static void add_answer(const struct itsm_approval_answer *answer, const struct itsm_record *record, struct itsm_findings *findings)
{
	const struct itsm_approval_ask *ask = answer->ask;
	enum itsm_severity severity = answer->pending ? ITSM_SEVERITY_NOTE : ask->severity;
	const char *remedy = ask->remedy ? ask->remedy : "ask them to run `itsm approve`; `itsm approvals` tells who could";
	char due[ITSM_TIME_TEXT], message[1000];

	itsm_time_format_utc(ask->due, due);
	if (answer->result.met)
		snprintf(message, sizeof(message), "%s: the approval of %s came later than %s", record->id, answer->whom, due);
	else
		snprintf(message, sizeof(message), "%s: %s%sneeds the approval of %s%s%s: %s", record->id,
			ask->message ? ask->message : "", ask->message ? "; " : "", answer->whom, answer->pending ? " until " : "",
			answer->pending ? due : "", answer->missing);
	add(findings, record, NULL, ask->rule, severity, remedy, message);
}

static void add_approval(const struct itsm_approval *approval, const struct itsm_record *record, struct itsm_findings *findings)
{
	const char *rule, *remedy = "have them run `itsm approve` again";
	enum itsm_severity severity = ITSM_SEVERITY_ERROR;
	char message[1000];

	switch (approval->status) {
	case ITSM_APPROVAL_BAD_SIGNATURE:
		rule = "approval/signature";
		break;
	case ITSM_APPROVAL_WRONG_KEY:
		rule = "approval/key";
		remedy = "have them sign with a key that is in people/, or have their new key approved there first";
		break;
	case ITSM_APPROVAL_FOREIGN:
		rule = "approval/author";
		break;
	case ITSM_APPROVAL_STALE:
		rule = "approval/stale";
		severity = ITSM_SEVERITY_WARNING;
		break;
	case ITSM_APPROVAL_UNREADABLE:
		rule = "approval/unreadable";
		severity = ITSM_SEVERITY_WARNING;
		break;
	default:
		return;
	}
	snprintf(message, sizeof(message), "the approval of %s for %s does not count: %s", approval->person, record->id, approval->detail);
	add(findings, record, approval, rule, severity, remedy, message);
}

void itsm_approvals_findings(const struct itsm_approval_verdict *verdict, const struct itsm_record *record,
	struct itsm_findings *findings)
{
	for (size_t i = 0; i < verdict->answer_count; i++) {
		if (!verdict->answers[i].result.met || verdict->answers[i].result.late)
			add_answer(&verdict->answers[i], record, findings);
	}
	for (size_t i = 0; i < verdict->approval_count && verdict->answer_count; i++)
		add_approval(&verdict->approvals[i], record, findings);
}
