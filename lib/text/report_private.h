/* What the forms of a report share. */
#ifndef TEXT_REPORT_PRIVATE_H
#define TEXT_REPORT_PRIVATE_H

#include <stdbool.h>

#include "itsm/report.h"

#define REPORT_FINGERPRINT 33

/* Fingerprints of all findings, in their order: REPORT_FINGERPRINT characters each with the NUL. Free with free(). */
char (*itsm_report_fingerprints(const struct itsm_report *report))[REPORT_FINGERPRINT];

/* The message, and the remedy in a line of its own. */
void itsm_report_message(struct itsm_buffer *out, const struct itsm_finding *finding);
/* The path in the repository, as it is; nothing for a finding without one. */
void itsm_report_path(struct itsm_buffer *out, const struct itsm_report *report, const struct itsm_finding *finding);
/* path:line:column as far as known, "" when there is none. Not escaped. */
void itsm_report_place(struct itsm_buffer *out, const struct itsm_report *report, const struct itsm_finding *finding);
/* Did the rule find anything? */
bool itsm_report_has(const struct itsm_report *report, const char *rule);
/* Findings, and rules without any. */
size_t itsm_report_tests(const struct itsm_report *report);

void itsm_report_junit(const struct itsm_report *report, struct itsm_buffer *out);
void itsm_report_sarif(const struct itsm_report *report, struct itsm_buffer *out);
void itsm_report_github(const struct itsm_report *report, struct itsm_buffer *out);
void itsm_report_gitlab(const struct itsm_report *report, struct itsm_buffer *out);
void itsm_report_tap(const struct itsm_report *report, struct itsm_buffer *out);

#endif
