/* itsm approve: one's decision on a record, signed, in a file of one's own. */
#include <string.h>

#include "command.h"
#include "itsm/approval.h"
#include "itsm/json.h"
#include "output.h"

struct approve_values {
	bool reject, withdraw;
	const char *comment, *role, *key, *review, *message;
};

static const struct option_row options[] = {
	{0, "reject", NULL, OPTION_FLAG, offsetof(struct approve_values, reject), "reject it, which blocks until you withdraw it or approve"},
	{0, "withdraw", NULL, OPTION_FLAG, offsetof(struct approve_values, withdraw), "take back what you decided before"},
	{0, "comment", "TEXT", OPTION_TEXT, offsetof(struct approve_values, comment), "what you have to say, signed too"},
	{0, "as", "ROLE", OPTION_TEXT, offsetof(struct approve_values, role), "decide in this role or for this team alone, not wherever you are asked"},
	{0, "key", "FILE", OPTION_TEXT, offsetof(struct approve_values, key), "sign with this SSH key, private, or public with the private one in ssh-agent"},
	{0, "review", "FILE", OPTION_TEXT, offsetof(struct approve_values, review), "record what a forge says of reviews instead, - for stdin"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct approve_values, message), "why, for the commit"},
	{0},
};

const struct syntax approve_syntax = {
	.words = "ID",
	.options = options,
	.size = sizeof(struct approve_values),
	.least = 1,
	.most = 1,
};

/* The key as ssh-keygen finds it from wherever it is run. */
static const char *key_path(struct context *context, const char *key)
{
	if (!key || *key == '/')
		return key;
	return itsm_arena_printf(context->arena, "%s/%s", context->folder, key);
}

static int record_reviews(struct context *context, const struct itsm_approve *request, const char *file, struct itsm_error *err)
{
	struct itsm_buffer json = {0};
	struct itsm_outcome outcome;
	size_t count = 0;
	int status = context_read(file, ITSM_JSON_MAX_BYTES, &json, err);

	itsm_outcome_init(&outcome, context->arena);
	if (!status)
		status = itsm_desk_approve_reviews(context->desk, request, file, json.data ? json.data : "", json.length, &count, &outcome, err);
	itsm_buffer_free(&json);
	if (!status && !count) {
		output_note(context, "no review in it is to be recorded");
		return ITSM_OK;
	}
	return output_outcome(context, &outcome, status);
}

/* Who decides in vain should know. What they wrote stands, and may come to count. */
static void tell_worth(struct context *context, const char *id, const char *person)
{
	struct itsm_approvals_shown shown;
	size_t i;

	if (itsm_desk_approvals(context->desk, context->arena, id, NULL, &shown, NULL) != ITSM_OK)
		return;
	for (i = 0; i < shown.verdict.approval_count; i++) {
		const struct itsm_approval *approval = &shown.verdict.approvals[i];

		if (approval->path && strcmp(approval->person, person) == 0 && approval->status != ITSM_APPROVAL_VALID)
			output_note(context, "it does not count: %s%s%s", itsm_approval_status_name(approval->status),
				approval->detail ? ": " : "", approval->detail ? approval->detail : "");
	}
}

int command_approve(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct approve_values *values = data;
	struct itsm_approve request = {
		.id = words.items[0],
		.decision = values->reject ? "reject" : values->withdraw ? "withdraw" : "approve",
		.comment = values->comment,
		.role = values->role,
		.key = key_path(context, values->key),
		.message = values->message,
	};
	struct itsm_outcome outcome;
	struct itsm_approved approved;
	int status;

	if (values->review && (values->reject || values->withdraw || values->comment || values->role))
		return itsm_error_set(err, ITSM_EUSAGE, "approve: --review goes with --key and -m only: what was decided is in the file");
	if (values->review)
		return record_reviews(context, &request, values->review, err);
	if (values->reject && values->withdraw)
		return itsm_error_set(err, ITSM_EUSAGE, "approve: --reject and --withdraw do not go together");
	itsm_outcome_init(&outcome, context->arena);
	status = itsm_desk_approve(context->desk, &request, &approved, &outcome, err);
	if (!status && !approved.is_signed)
		output_note(context, "unsigned: %s; the policy says whether it counts", approved.why_unsigned);
	if (!status && !values->withdraw)
		tell_worth(context, words.items[0], approved.person);
	return output_outcome(context, &outcome, status);
}
