/*
 * Reports: what a check found, in the forms that pipelines and forges read.
 *
 * Record text is an attacker's, and a forge acts on what it reads. So in every
 * form a message or path can only ever be text: what could end a string, a
 * line, an element or a command of the form is escaped; control characters and
 * those that deceive (bidirectional overrides ...) are shown as \xNN or \u{NNNN}.
 *
 *   junit   one suite. Each rule of `rules` that found nothing is a test that passed; each
 *           finding is a test of its own, which failed when it is an error, else passed
 *           with its text as output. Accepted by junit-10.xsd.
 *   sarif   SARIF 2.1.0, one run: the rules that found something with their documentation,
 *           a result per finding. Paths are percent-encoded and relative to %SRCROOT%, the repository.
 *   github  workflow commands: ::error file=...,line=...,col=...,title=RULE::message%0Aremedy
 *   gitlab  code quality: error is "major", warning "minor", note "info"
 *   tap     TAP 13: tests as in junit; a warning or note is a failed test marked TODO, which
 *           no harness takes for a failure. The details stand in a YAML block.
 *
 * A finding's fingerprint (sarif, gitlab) is made of its rule, path, record and
 * message, not of its line, so that a forge knows it again when it moves. The n-th
 * of several equal ones has its number mixed in: all of a report are different.
 */
#ifndef ITSM_REPORT_H
#define ITSM_REPORT_H

#include "itsm/emit.h"
#include "itsm/error.h"
#include "itsm/finding.h"

enum itsm_report_format {
	ITSM_REPORT_JUNIT,
	ITSM_REPORT_SARIF,
	ITSM_REPORT_GITHUB,
	ITSM_REPORT_GITLAB,
	ITSM_REPORT_TAP,
};

struct itsm_report_rule {
	const char *name;
	const char *help; /* Markdown that documents it, or NULL */
};

struct itsm_report {
	const char *version;   /* of the program */
	const char *prefix;    /* of the desk in its repository: "" or "sub/folder/"; goes before each path */
	const struct itsm_findings *findings;
	const struct itsm_report_rule *rules; /* all that were looked at, sorted by name */
	size_t rule_count;
};

/* The format of this name. ITSM_EUSAGE. */
ITSM_API int itsm_report_format_find(const char *name, enum itsm_report_format *out, struct itsm_error *err);
/* Append the report. It is whole: nothing is to be written around it. */
ITSM_API void itsm_report_write(enum itsm_report_format format, const struct itsm_report *report,
	struct itsm_buffer *out);

#endif
