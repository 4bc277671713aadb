/*
 * Build tool: make_rules OUTPUT.c KIND.yaml ... -- RULE.yaml ... reads the
 * built-in policy rules with the reader that desks' own go through, checks them
 * against the built-in kinds, and writes them as C tables, as make_table.c does
 * with the kinds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kind_set.h"
#include "make_source.h"
#include "rule_set.h"

/* Both sets start empty here. */
const struct kind_builtin *const kind_builtins[] = { NULL };
const struct rule_box rule_builtins[] = { { .source = NULL } };

static void write_list(FILE *out, const char *name, const char *const *list)
{
	if (!list)
		return;
	fprintf(out, " .%s = (const char *const[]){ ", name);
	for (; *list; list++) {
		make_string(out, *list);
		fputs(", ", out);
	}
	fputs("NULL },", out);
}

static void write_approvals(FILE *out, const struct itsm_rule *rule)
{
	fprintf(out, " .approval_count = %zu, .approvals = (const struct itsm_approval_rule[]){\n", rule->approval_count);
	for (size_t i = 0; i < rule->approval_count; i++) {
		const struct itsm_approval_rule *line = &rule->approvals[i];

		fprintf(out, "\t{ .candidates = %d, .quorum = %d, .number = %lld, .witnesses = %u, .independent = %d,"
			" .within = %lld,", (int)line->candidates, (int)line->quorum, (long long)line->number, line->witnesses,
			line->independent, (long long)line->within);
		make_member(out, "name", line->name);
		make_member(out, "when", line->when);
		make_member(out, "since", line->since);
		fputs(" },\n", out);
	}
	fputs("\t},", out);
}

static void write_rule(FILE *out, const struct itsm_rule *rule)
{
	fprintf(out, "{ .rule = { .line = %u, .severity = %d, .enabled = %d, .recorded = %lld, .unchanged = %d,", rule->line,
		(int)rule->severity, rule->enabled, (long long)rule->recorded, (int)rule->unchanged);
	make_member(out, "name", rule->name);
	make_member(out, "help", rule->help);
	make_member(out, "origin", "built-in");
	write_list(out, "kinds", rule->kinds);
	write_list(out, "states", rule->states);
	write_list(out, "paths", rule->paths);
	write_list(out, "about", rule->about);
	make_member(out, "from", rule->from);
	make_member(out, "when", rule->when);
	make_member(out, "must", rule->must);
	make_member(out, "find", rule->find);
	make_member(out, "message", rule->message);
	make_member(out, "detail", rule->detail);
	make_member(out, "remedy", rule->remedy);
	write_list(out, "fields", rule->fields);
	write_list(out, "sections", rule->sections);
	write_list(out, "change", rule->change);
	write_list(out, "except", rule->except);
	make_member(out, "author", rule->author);
	if (rule->approval_count)
		write_approvals(out, rule);
	fputs(" },\n\t.source = ", out);
	make_string(out, itsm_rules_source(rule));
	fputs(" },\n", out);
}

static int write_table(const char *path, const struct itsm_rules *rules)
{
	FILE *out = fopen(path, "w");
	int bad;

	if (!out)
		return 1;
	fputs("#include \"rule_set.h\"\n\nconst struct rule_box rule_builtins[] = {\n", out);
	for (size_t i = 0; i < itsm_rules_count(rules); i++)
		write_rule(out, itsm_rules_at(rules, i));
	fputs("{ .source = NULL },\n};\n", out);
	bad = ferror(out);
	bad |= fclose(out);
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct itsm_buffer text = { 0 };
	struct itsm_kinds *kinds;
	struct itsm_rules *rules;
	struct itsm_error error = { 0 };
	bool is_rule = false;
	int code;

	if (argc < 3 || itsm_kinds_new(&kinds, &error) < 0 || itsm_rules_new(&rules, &error) < 0)
		return 1;
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			is_rule = true;
			continue;
		}
		if (make_read(argv[i], &text) != 0)
			return 1;
		if ((is_rule ? itsm_rules_add(rules, argv[i], text.data, text.length, &error)
			     : itsm_kinds_add(kinds, argv[i], text.data, text.length, &error)) < 0)
			return make_fail(&error);
	}
	if (itsm_kinds_finish(kinds, &error) < 0 || itsm_rules_finish(rules, kinds, &error) < 0)
		return make_fail(&error);
	code = write_table(argv[1], rules);
	itsm_buffer_free(&text);
	itsm_rules_free(rules);
	itsm_kinds_free(kinds);
	return code;
}
