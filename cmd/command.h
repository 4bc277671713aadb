/*
 * Commands: `itsm show` is cmd/show.c, which has a syntax (words and options)
 * and a function. The table in main.c has a row for each.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "context.h"
#include "options.h"

/*
 * `values` is the command's option struct, filled. Returns ITSM_OK or a status
 * with err set; ITSM_EREFUSED with an empty message when everything was said.
 */
typedef int (*command_function)(struct context *context, struct itsm_words words, const void *values,
	struct itsm_error *err);

enum need {
	NEEDS_NOTHING,
	NEEDS_DESK, /* context->desk is open */
};

struct command {
	const char *name;
	const char *group; /* as `itsm help` lists them */
	command_function run;
	const struct syntax *syntax;
	enum need need;
	const char *summary;
};

/* Every command, in the order of `itsm help`; the last one's name is NULL. */
extern const struct command commands[];
/* The options before the command. */
extern const struct syntax main_syntax;
const struct command *command_find(const char *name);

/* The manual pages (docs/man), Markdown, built in. */
struct manual_page {
	const char *name; /* of the command, "" for itsm itself */
	const char *text;
};
extern const struct manual_page manual_pages[];

#define COMMAND(name) \
	extern const struct syntax name##_syntax; \
	int command_##name(struct context *context, struct itsm_words words, const void *values, struct itsm_error *err)

COMMAND(apply_rules);
COMMAND(approvals);
COMMAND(approve);
COMMAND(baseline);
COMMAND(blame);
COMMAND(calendar);
COMMAND(check);
COMMAND(checkpoint);
COMMAND(completion);
COMMAND(deploy);
COMMAND(deployments);
COMMAND(diff);
COMMAND(doctor);
COMMAND(gate);
COMMAND(edit);
COMMAND(event);
COMMAND(evidence);
COMMAND(export);
COMMAND(help);
COMMAND(hook);
COMMAND(impact);
COMMAND(import);
COMMAND(index);
COMMAND(init);
COMMAND(items);
COMMAND(kinds);
COMMAND(link);
COMMAND(list);
COMMAND(log);
COMMAND(mail);
COMMAND(major);
COMMAND(merge_driver);
COMMAND(metrics);
COMMAND(move);
COMMAND(new);
COMMAND(next);
COMMAND(note);
COMMAND(problem);
COMMAND(release);
COMMAND(request);
COMMAND(oncall);
COMMAND(risk);
COMMAND(schema);
COMMAND(search);
COMMAND(set);
COMMAND(show);
COMMAND(similar);
COMMAND(sla);
COMMAND(sql);
COMMAND(status);
COMMAND(sync);
COMMAND(timeline);
COMMAND(undo);
COMMAND(verify);
COMMAND(version);

#undef COMMAND

#endif
