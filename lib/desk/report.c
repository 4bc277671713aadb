/* What a report of findings says beside them. */
#include <string.h>

#include "desk.h"
#include "itsm/review.h"

static bool is_found(const struct itsm_findings *findings, const char *rule)
{
	size_t i;

	for (i = 0; i < findings->count; i++) {
		if (strcmp(findings->items[i].rule, rule) == 0)
			return true;
	}
	return false;
}

/* Rules of `itsm doctor`, about a clone and not about its records. */
static bool is_doctors(const char *rule)
{
	return strncmp(rule, "left/", 5) == 0 || strcmp(rule, "setup/driver") == 0 || strcmp(rule, "setup/attributes") == 0 ||
		strcmp(rule, "merge/unfinished") == 0 || strcmp(rule, "merge/unmerged") == 0;
}

int itsm_desk_report(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_findings *findings,
	struct itsm_report *out, struct itsm_error *err)
{
	struct itsm_report_rule *rules;
	struct itsm_buffer text = {0};
	const char **names;
	size_t count, i, kept = 0;
	int status = itsm_desk_rules(desk, arena, &names, &count, err);

	if (status != 0)
		return status;
	rules = itsm_arena_alloc(arena, (count + 1) * sizeof(*rules));
	for (i = 0; i < count; i++) {
		bool found = is_found(findings, names[i]);

		if (is_doctors(names[i]) && !found)
			continue;
		rules[kept++].name = names[i];
		itsm_buffer_clear(&text);
		if (found && itsm_desk_explain(desk, names[i], &text, NULL) == 0 && text.length)
			rules[kept - 1].help = itsm_arena_strdup(arena, text.data);
	}
	itsm_buffer_free(&text);
	*out = (struct itsm_report){ITSM_VERSION, desk->place.prefix, findings, rules, kept};
	return 0;
}
