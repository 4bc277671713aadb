/* itsm baseline: name a revision, to compare with later; tell those there are. */
#include "command.h"
#include "itsm/configuration.h"
#include "output.h"

struct baseline_values {
	const char *at, *message;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "at", "REV", OPTION_TEXT, offsetof(struct baseline_values, at), "name the desk as committed at REV"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct baseline_values, message), "a text for the tag"},
	FORMAT_ROW(struct baseline_values),
	{0},
};

const struct syntax baseline_syntax = {
	.words = "[NAME]",
	.options = options,
	.size = sizeof(struct baseline_values),
	.most = 1,
};

static int list(struct context *context, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"name", "commit", "named", "by"};
	struct itsm_baseline *baselines;
	struct itsm_emitter *emitter;
	size_t count, at;
	int status = itsm_desk_baselines(context->desk, context->arena, &baselines, &count, err);

	if (status)
		return status;
	emitter = output_begin(context, format, "baseline", columns, sizeof(columns) / sizeof(*columns));
	for (at = 0; at < count; at++) {
		char commit[41];

		itsm_oid_text(&baselines[at].commit, commit);
		itsm_emit_row(emitter, (struct itsm_value[]){output_text(baselines[at].name), output_text(commit),
			output_time(context, baselines[at].at), output_text(baselines[at].by)});
	}
	return itsm_emit_end(emitter, err);
}

int command_baseline(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct baseline_values *values = data;
	struct itsm_oid commit;
	char text[41];
	int status;

	if (!words.count && (values->at || values->message))
		return itsm_error_set(err, ITSM_EUSAGE, "baseline: give it a NAME");
	if (!words.count)
		return list(context, values->format, err);
	status = itsm_desk_baseline(context->desk, context->arena, words.items[0], values->at, values->message, &commit, err);
	if (status)
		return status;
	itsm_oid_text(&commit, text);
	output_note(context, "baseline %s is %.8s; give it to others with `git push origin " ITSM_BASELINE_TAGS "%s`", words.items[0],
		text, words.items[0]);
	return ITSM_OK;
}
