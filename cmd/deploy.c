/* itsm deploy: the pipeline records what it deploys, and how that ended. */
#include <string.h>

#include "command.h"
#include "itsm/pipeline.h"
#include "output.h"
#include "reviews.h"

struct deploy_values {
	const char *change, *release, *environment, *commit, *repository, *force, *message;
	struct itsm_words reviews;
};

static const struct option_row options[] = {
	{0, "change", "ID", OPTION_TEXT, offsetof(struct deploy_values, change), "start: the change that is carried out"},
	{0, "release", "ID", OPTION_TEXT, offsetof(struct deploy_values, release), "start: the release that is deployed"},
	{0, "environment", "NAME", OPTION_TEXT, offsetof(struct deploy_values, environment), "start: where it goes; production when not given"},
	{0, "commit", "REV", OPTION_TEXT, offsetof(struct deploy_values, commit), "start: the commit of the code that is deployed"},
	{0, "repository", "DIR", OPTION_TEXT, offsetof(struct deploy_values, repository),
		"start: where the code is; the desk's repository when not given"},
	REVIEWS_ROW(struct deploy_values),
	{0, "force", "REASON", OPTION_TEXT, offsetof(struct deploy_values, force), "start: record it although it may not be deployed now"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct deploy_values, message), "why, for the commit"},
	{0},
};

const struct syntax deploy_syntax = {
	.words = "start [FIELD=VALUE ...] | finish ID RESULT [FIELD=VALUE ...]",
	.options = options,
	.size = sizeof(struct deploy_values),
	.least = 1,
	.most = MANY_WORDS,
};

static int start(struct context *context, struct itsm_words words, const struct deploy_values *values, struct itsm_error *err)
{
	struct itsm_deploy request = {
		.change = values->change,
		.release = values->release,
		.environment = values->environment,
		.commit = values->commit,
		.repository = values->repository ? context_path(context, values->repository) : NULL,
		.force = values->force,
		.words = words,
		.message = values->message,
	};
	struct itsm_outcome outcome;
	int status;

	if (values->force && !values->force[strspn(values->force, " \t\r\n")])
		return itsm_error_set(err, ITSM_EUSAGE, "deploy: --force needs a reason that is not empty");
	status = reviews_read(context, values->reviews, err);
	if (status)
		return status;
	itsm_outcome_init(&outcome, context->arena);
	return output_made(context, &outcome, itsm_desk_deploy_start(context->desk, &request, &outcome, err));
}

static int finish(struct context *context, struct itsm_words words, const struct deploy_values *values, struct itsm_error *err)
{
	struct itsm_words rest = {words.items + 2, words.count > 2 ? words.count - 2 : 0};
	struct itsm_outcome outcome;

	if (words.count < 2)
		return itsm_error_set(err, ITSM_EUSAGE, "deploy: finish takes the deployment's ID and its result, such as succeeded");
	if (values->change || values->release || values->environment || values->commit || values->repository || values->force || values->reviews.count)
		return itsm_error_set(err, ITSM_EUSAGE, "deploy: finish takes no options but --message");
	itsm_outcome_init(&outcome, context->arena);
	return output_outcome(context, &outcome,
		itsm_desk_deploy_finish(context->desk, words.items[0], words.items[1], rest, values->message, &outcome, err));
}

int command_deploy(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct deploy_values *values = data;
	struct itsm_words rest = {words.items + 1, words.count - 1};

	if (!strcmp(words.items[0], "start"))
		return start(context, rest, values, err);
	if (!strcmp(words.items[0], "finish"))
		return finish(context, rest, values, err);
	return itsm_error_set(err, ITSM_EUSAGE, "deploy: '%s' is neither start nor finish", words.items[0]);
}
