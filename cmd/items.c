/* itsm items: configuration items as a whole. */
#include <string.h>

#include "items.h"

static const struct option_row options[] = {
	{0, "map", "MAP", OPTION_TEXT, offsetof(struct items_values, map), "reconcile: how to read the source (YAML)"},
	{0, "write", NULL, OPTION_FLAG, offsetof(struct items_values, write), "reconcile: propose the changes on a branch"},
	{0, "branch", "NAME", OPTION_TEXT, offsetof(struct items_values, branch), "reconcile: the branch; reconcile/SOURCE when not given"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct items_values, message), "reconcile: why, for the commit"},
	{0, "by", "GROUP", OPTION_TEXT, offsetof(struct items_values, by), "health: only by class, owner or service"},
	{0, "records", NULL, OPTION_FLAG, offsetof(struct items_values, records), "health: what is wrong with each item"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct items_values, at), "health, stale: of another revision or moment"},
	FORMAT_ROW(struct items_values),
	{0},
};

const struct syntax items_syntax = {
	.words = "health | stale | reconcile FILE ...",
	.options = options,
	.size = sizeof(struct items_values),
	.least = 1,
	.most = MANY_WORDS,
};

int command_items(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct items_values *values = data;
	struct itsm_words rest = {words.items + 1, words.count - 1};

	if (!strcmp(words.items[0], "reconcile"))
		return items_reconcile(context, rest, values, err);
	if (!strcmp(words.items[0], "health"))
		return items_health(context, rest, values, err);
	if (!strcmp(words.items[0], "stale"))
		return items_stale(context, rest, values, err);
	return itsm_error_set(err, ITSM_EUSAGE, "items: '%s' is not health, stale or reconcile", words.items[0]);
}
