/*
 * Build tool: make_metrics OUTPUT.c FILE.yaml ... writes the built-in metrics as
 * a C table. A metric is a record of the kind `metric`; that its SQL can be asked
 * is what a test finds out of the built-in ones.
 */
#include <stdio.h>
#include <string.h>

#include "itsm/file.h"
#include "itsm/yaml.h"
#include "make_source.h"
#include "metric.h"

const struct itsm_metric metric_builtins[1];
const size_t metric_builtin_count = 0;

static int write_metric(FILE *out, const char *path)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer text = { 0 };
	struct itsm_error error = { 0 };
	struct itsm_yaml *tree = NULL;
	enum itsm_metric_figure figure;
	const char *word;
	int bad = make_read(path, &text) != 0;

	if (!bad && itsm_yaml_parse(arena, text.data, text.length, 1, &tree, &error) != ITSM_OK)
		bad = make_fail(&error);
	word = bad ? NULL : itsm_yaml_text(tree, "figure");
	if (!bad && (!word || !itsm_figure_find(word, &figure) || !itsm_yaml_text(tree, "sql"))) {
		fprintf(stderr, "%s: no figure, or no sql\n", path);
		bad = 1;
	}
	if (!bad) {
		fprintf(out, "\t{ .figure = %d,", (int)figure);
		make_member(out, "name", itsm_file_stem(arena, path));
		make_member(out, "title", itsm_yaml_text(tree, "name"));
		make_member(out, "help", itsm_yaml_text(tree, "description"));
		make_member(out, "unit", itsm_yaml_text(tree, "unit"));
		make_member(out, "direction", itsm_yaml_text(tree, "direction"));
		make_member(out, "sql", itsm_yaml_text(tree, "sql"));
		fputs(" },\n", out);
	}
	itsm_buffer_free(&text);
	itsm_arena_free(arena);
	return bad;
}

int main(int argc, char **argv)
{
	return make_table(argc, argv, "#include \"metric.h\"\n\nconst struct itsm_metric metric_builtins[] = {\n", write_metric,
		"};\n\nconst size_t metric_builtin_count = sizeof(metric_builtins) / sizeof(metric_builtins[0]);\n");
}
