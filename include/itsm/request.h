/*
 * Requests for what the catalogue offers: an offering's form, its answers, and the tasks that fulfil it.
 */
#ifndef ITSM_REQUEST_H
#define ITSM_REQUEST_H

#include "itsm/desk.h"

/* What an offering asks. The fields are named as the form names them; `required` and `default_value` are set. */
struct itsm_form {
	const char *offering, *name;
	const struct itsm_field *fields;
	size_t count;
};

struct itsm_request {
	const char *offering;    /* ID, or a prefix of one */
	const char *title;       /* NULL = the offering's name */
	/* NAME=VALUE: an answer where the form has such a field, else a field of the request. */
	struct itsm_words words;
	const char *message;
};

/* The form of an offering at HEAD. In the arena. ITSM_EREFUSED when it is not published. */
ITSM_API int itsm_desk_form(struct itsm_desk *desk, struct itsm_arena *arena, const char *offering, struct itsm_form *out,
	struct itsm_error *err);
/*
 * A new request, its answers typed as the form says, the tasks of the offering with it. ITSM_EREFUSED with a finding
 * "request/answer" for each answer that is missing or can't be taken; nothing is written then.
 */
ITSM_API int itsm_desk_request(struct itsm_desk *desk, const struct itsm_request *request, struct itsm_outcome *outcome,
	struct itsm_error *err);
/*
 * A task of a request in fulfilment (its title, in any case) is done, now. ITSM_EREFUSED in another state, while one that
 * it comes after is not done, and when it is done already; ITSM_ENOTFOUND names the tasks there are.
 */
ITSM_API int itsm_desk_task_done(struct itsm_desk *desk, const char *id, const char *task, const char *message,
	struct itsm_outcome *outcome, struct itsm_error *err);

#endif
