/*
 * Build tool: make_table OUTPUT.c FILE.yaml ... reads the built-in kinds with
 * the reader that desks' own go through, checks them against each other, and
 * writes them as C tables. So a wrong kind fails the build, and a program finds
 * them ready: nothing is parsed at its start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kind_set.h"
#include "make_source.h"

/* The set starts empty here. */
const struct kind_builtin *const kind_builtins[] = { NULL };

/* Arrays of fields written so far: number N is the C array fields_N. */
struct writer {
	FILE *out;
	struct {
		const struct itsm_field *fields;
		size_t count;
	} arrays[1000];
	size_t array_count;
	size_t list_count;
};

struct source {
	const char *path;
	struct itsm_buffer text;
};

/* The list as an array of its own; its number, or -1 for none. */
static int write_list(struct writer *writer, const char *const *list)
{
	if (!list)
		return -1;
	fprintf(writer->out, "static const char *const list_%zu[] = { ", writer->list_count);
	for (; *list; list++) {
		make_string(writer->out, *list);
		fputs(", ", writer->out);
	}
	fputs("NULL };\n", writer->out);
	return (int)writer->list_count++;
}

static void write_list_member(FILE *out, const char *name, int number)
{
	if (number >= 0)
		fprintf(out, " .%s = list_%d,", name, number);
}

static void write_flag(FILE *out, const char *name, bool flag)
{
	if (flag)
		fprintf(out, " .%s = true,", name);
}

struct field_lists {
	int required_in, immutable_in, values, to, follows, fields;
};

static void write_field(FILE *out, const struct itsm_field *field, const struct field_lists *lists)
{
	fputs("\t{", out);
	make_member(out, "name", field->name);
	make_member(out, "column", field->column);
	make_member(out, "help", field->help);
	fprintf(out, " .type = %d,", (int)field->type);
	write_flag(out, "list", field->list);
	write_flag(out, "required", field->required);
	write_flag(out, "immutable", field->immutable);
	write_flag(out, "unique", field->unique);
	write_flag(out, "inverse_hidden", field->inverse_hidden);
	if (field->impact)
		fprintf(out, " .impact = %d,", (int)field->impact);
	make_member(out, "inverse", field->inverse);
	write_list_member(out, "required_in", lists->required_in);
	write_list_member(out, "immutable_in", lists->immutable_in);
	write_list_member(out, "values", lists->values);
	write_list_member(out, "to", lists->to);
	make_member(out, "default_value", field->default_value);
	make_member(out, "default_from", field->default_from);
	make_member(out, "computed", field->computed);
	write_list_member(out, "follows", lists->follows);
	write_flag(out, "ask", field->ask);
	make_member(out, "pattern", field->pattern);
	if (field->has_min)
		fprintf(out, " .has_min = true, .min = %.17g,", field->min);
	if (field->has_max)
		fprintf(out, " .has_max = true, .max = %.17g,", field->max);
	if (lists->fields >= 0)
		fprintf(out, " .fields = fields_%d, .field_count = %zu,", lists->fields, field->field_count);
	fputs(" },\n", out);
}

static int write_fields(struct writer *writer, const struct itsm_field *fields, size_t count)
{
	struct field_lists *lists;

	if (count == 0)
		return -1;
	lists = calloc(count, sizeof(*lists));
	if (!lists || writer->array_count == sizeof(writer->arrays) / sizeof(writer->arrays[0]))
		exit(1);
	for (size_t i = 0; i < count; i++) {
		lists[i].required_in = write_list(writer, fields[i].required_in);
		lists[i].immutable_in = write_list(writer, fields[i].immutable_in);
		lists[i].values = write_list(writer, fields[i].values);
		lists[i].to = write_list(writer, fields[i].to);
		lists[i].follows = write_list(writer, fields[i].follows);
		lists[i].fields = write_fields(writer, fields[i].fields, fields[i].field_count);
	}
	fprintf(writer->out, "static struct itsm_field fields_%zu[] = {\n", writer->array_count);
	for (size_t i = 0; i < count; i++)
		write_field(writer->out, &fields[i], &lists[i]);
	fputs("};\n", writer->out);
	free(lists);
	writer->arrays[writer->array_count].fields = fields;
	writer->arrays[writer->array_count].count = count;
	return (int)writer->array_count++;
}

static void write_columns(const struct writer *writer, const struct itsm_kind *kind)
{
	size_t count;
	const struct itsm_field *const *columns = itsm_kind_columns(kind, &count);

	fprintf(writer->out, "static const struct itsm_field *columns_%s[] = { ", kind->name);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < writer->array_count; j++)
			if (columns[i] >= writer->arrays[j].fields &&
				columns[i] < writer->arrays[j].fields + writer->arrays[j].count)
				fprintf(writer->out, "&fields_%zu[%td], ", j, columns[i] - writer->arrays[j].fields);
	fputs("NULL };\n", writer->out);
}

static void write_body(struct writer *writer, const struct itsm_kind *kind)
{
	FILE *out = writer->out;
	int *required_in = calloc(kind->section_count + 1, sizeof(*required_in));

	if (!required_in)
		exit(1);
	for (size_t i = 0; i < kind->section_count; i++)
		required_in[i] = write_list(writer, kind->sections[i].required_in);
	fprintf(out, "static struct itsm_section sections_%s[] = {\n", kind->name);
	for (size_t i = 0; i < kind->section_count; i++) {
		fputs("\t{", out);
		make_member(out, "name", kind->sections[i].name);
		make_member(out, "help", kind->sections[i].help);
		write_flag(out, "required", kind->sections[i].required);
		write_flag(out, "on_demand", kind->sections[i].on_demand);
		write_list_member(out, "required_in", required_in[i]);
		fputs(" },\n", out);
	}
	fprintf(out, "\t{ .name = NULL },\n};\nstatic struct itsm_state states_%s[] = {\n", kind->name);
	for (size_t i = 0; i < kind->state_count; i++) {
		fputs("\t{", out);
		make_member(out, "name", kind->states[i].name);
		make_member(out, "help", kind->states[i].help);
		make_member(out, "stamp", kind->states[i].stamp);
		write_flag(out, "open", kind->states[i].open);
		write_flag(out, "down", kind->states[i].down);
		write_flag(out, "withdrawn", kind->states[i].withdrawn);
		write_flag(out, "initial", kind->states[i].initial);
		fputs(" },\n", out);
	}
	fputs("\t{ .name = NULL },\n};\n", out);
	free(required_in);
}

static void write_transitions(struct writer *writer, const struct itsm_kind *kind)
{
	FILE *out = writer->out;
	size_t first = writer->list_count;

	for (size_t i = 0; i < kind->transition_count; i++)
		write_list(writer, kind->transitions[i].from);
	fprintf(out, "static struct itsm_transition transitions_%s[] = {\n", kind->name);
	for (size_t i = 0; i < kind->transition_count; i++) {
		fprintf(out, "\t{ .from = list_%zu,", first + i);
		make_member(out, "to", kind->transitions[i].to);
		make_member(out, "help", kind->transitions[i].help);
		make_member(out, "when", kind->transitions[i].when);
		make_member(out, "because", kind->transitions[i].because);
		fputs(" },\n", out);
	}
	fputs("\t{ .to = NULL },\n};\n", out);
}

static void write_guards(struct writer *writer, const struct itsm_kind *kind)
{
	FILE *out = writer->out;
	int (*lists)[2] = calloc(kind->guard_count + 1, sizeof(*lists));

	if (!lists)
		exit(1);
	for (size_t i = 0; i < kind->guard_count; i++) {
		lists[i][0] = write_list(writer, kind->guards[i].to);
		lists[i][1] = write_list(writer, kind->guards[i].from);
	}
	fprintf(out, "static struct itsm_guard guards_%s[] = {\n", kind->name);
	for (size_t i = 0; i < kind->guard_count; i++) {
		fputs("\t{", out);
		make_member(out, "name", kind->guards[i].name);
		write_list_member(out, "to", lists[i][0]);
		write_list_member(out, "from", lists[i][1]);
		make_member(out, "when", kind->guards[i].when);
		make_member(out, "must", kind->guards[i].must);
		make_member(out, "message", kind->guards[i].message);
		make_member(out, "remedy", kind->guards[i].remedy);
		fputs(" },\n", out);
	}
	fputs("\t{ .name = NULL },\n};\n", out);
	free(lists);
}

static void write_checks(struct writer *writer, const struct itsm_kind *kind)
{
	FILE *out = writer->out;
	int *states = calloc(kind->check_count + 1, sizeof(*states));

	if (!states)
		exit(1);
	for (size_t i = 0; i < kind->check_count; i++)
		states[i] = write_list(writer, kind->checks[i].states);
	fprintf(out, "static struct itsm_check checks_%s[] = {\n", kind->name);
	for (size_t i = 0; i < kind->check_count; i++) {
		fputs("\t{", out);
		make_member(out, "name", kind->checks[i].name);
		make_member(out, "must", kind->checks[i].must);
		make_member(out, "field", kind->checks[i].field);
		write_list_member(out, "states", states[i]);
		fprintf(out, " .severity = %d,", (int)kind->checks[i].severity);
		make_member(out, "message", kind->checks[i].message);
		make_member(out, "remedy", kind->checks[i].remedy);
		fputs(" },\n", out);
	}
	fputs("\t{ .name = NULL },\n};\n", out);
	free(states);
}

static void write_head(struct writer *writer, const struct itsm_kind *kind, const struct source *source)
{
	FILE *out = writer->out;
	int of = write_list(writer, kind->of), fields = write_list(writer, kind->approved_fields);
	int sections = write_list(writer, kind->approved_sections), never_by = write_list(writer, kind->never_by);

	fprintf(out, "static const struct kind_builtin builtin_%s = { .box = { .kind = {", kind->name);
	make_member(out, "name", kind->name);
	make_member(out, "pillar", kind->pillar);
	make_member(out, "help", kind->help);
	make_member(out, "folder", kind->folder);
	make_member(out, "part", kind->part);
	write_list_member(out, "of", of);
	make_member(out, "prefix", kind->prefix);
	make_member(out, "title_field", kind->title_field);
	make_member(out, "hidden_when", kind->hidden_when);
	make_member(out, "origin", "built-in");
	write_flag(out, "markdown", kind->markdown);
	write_flag(out, "by_month", kind->by_month);
	write_flag(out, "open", kind->open);
	if (kind->field_count)
		fprintf(out, " .fields = fields_%zu, .field_count = %zu,", writer->array_count - 1, kind->field_count);
	fprintf(out,
		"\n\t.sections = sections_%s, .section_count = %zu, .states = states_%s, .state_count = %zu,\n"
		"\t.transitions = transitions_%s, .transition_count = %zu, .guards = guards_%s, .guard_count = %zu,\n"
		"\t.checks = checks_%s, .check_count = %zu,",
		kind->name, kind->section_count, kind->name, kind->state_count, kind->name, kind->transition_count,
		kind->name, kind->guard_count, kind->name, kind->check_count);
	write_list_member(out, "approved_fields", fields);
	write_list_member(out, "approved_sections", sections);
	write_list_member(out, "never_by", never_by);
	fprintf(out,
		" },\n\t.columns = columns_%s, .column_count = sizeof(columns_%s) / sizeof(*columns_%s) - 1, .source "
		"=\n\t",
		kind->name, kind->name, kind->name);
	make_string(out, source->text.data);
	fprintf(out, " },\n\t.size = %zu, .digest = 0x%016llxu };\n\n", source->text.length,
		(unsigned long long)kind_digest(KIND_DIGEST_START, source->text.data, source->text.length));
}

static void write_kind(struct writer *writer, const struct itsm_kind *kind, const struct source *source)
{
	write_fields(writer, kind->fields, kind->field_count);
	write_columns(writer, kind);
	write_body(writer, kind);
	write_transitions(writer, kind);
	write_guards(writer, kind);
	write_checks(writer, kind);
	write_head(writer, kind, source);
}

static const struct source *find_source(struct source *sources, size_t count, const char *path)
{
	size_t i = 0;

	while (i < count && strcmp(sources[i].path, path) != 0)
		i++;
	return &sources[i];
}

static int write_table(const char *path, const struct itsm_kinds *kinds, struct source *sources, size_t count)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	int bad;

	if (!writer || !(writer->out = fopen(path, "w")))
		return 1;
	fputs("#include \"kind_set.h\"\n\n", writer->out);
	for (size_t i = 0; i < itsm_kinds_count(kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(kinds, i);

		write_kind(writer, kind, find_source(sources, count, kind->origin));
	}
	fputs("const struct kind_builtin *const kind_builtins[] = {\n", writer->out);
	for (size_t i = 0; i < itsm_kinds_count(kinds); i++)
		fprintf(writer->out, "\t&builtin_%s,\n", itsm_kinds_at(kinds, i)->name);
	fputs("\tNULL,\n};\n", writer->out);
	bad = ferror(writer->out);
	bad |= fclose(writer->out);
	free(writer);
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	size_t count = argc > 2 ? (size_t)argc - 2 : 0;
	struct source *sources = calloc(count + 1, sizeof(*sources));
	struct itsm_kinds *kinds;
	struct itsm_error error = { 0 };
	int code;

	if (count == 0 || !sources || itsm_kinds_new(&kinds, &error) < 0)
		return 1;
	for (size_t i = 0; i < count; i++) {
		sources[i].path = argv[i + 2];
		if (make_read(sources[i].path, &sources[i].text) != 0)
			return 1;
		if (itsm_kinds_add(kinds, sources[i].path, sources[i].text.data, sources[i].text.length, &error) < 0)
			return make_fail(&error);
	}
	if (itsm_kinds_finish(kinds, &error) < 0)
		return make_fail(&error);
	code = write_table(argv[1], kinds, sources, count);
	for (size_t i = 0; i < count; i++)
		itsm_buffer_free(&sources[i].text);
	free(sources);
	itsm_kinds_free(kinds);
	return code;
}
