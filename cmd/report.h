/* What `check` found, in every form there is, on stdout and in files. */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "context.h"

/* Every form: "text, json, ..." */
#define REPORT_FORMS "text, json, csv, id, junit, sarif, github, gitlab, tap or markdown"

struct report_request {
	const char *format;        /* for stdout; NULL = text */
	struct itsm_words outputs; /* FORMAT=FILE */
	const char *range;         /* or NULL */
	const char *command;       /* whose findings; NULL = check */
};

/* Are the words of the request right? Asked before anything is judged. */
int report_verify(const struct report_request *request, struct itsm_error *err);
/* Write all that is asked for; every file is tried. ITSM_EIO when one could not be written. */
int report_print(struct context *context, const struct report_request *request, const struct itsm_findings *findings,
	struct itsm_error *err);

#endif
