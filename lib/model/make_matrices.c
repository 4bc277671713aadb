/*
 * Build tool: make_matrices OUTPUT.c FILE.yaml ... writes the built-in matrices
 * as a C table. A matrix is a record of the kind `matrix`; whether it is
 * monotonic is SQL of that kind, which a test asks of the built-in ones.
 */
#include <stdio.h>

#include "itsm/file.h"
#include "itsm/record.h"
#include "kind_set.h"
#include "make_source.h"

/* No kinds are needed here. */
const struct kind_builtin *const kind_builtins[] = { NULL };

static int write_matrix(FILE *out, const char *path)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer text = { 0 }, rows = { 0 };
	struct itsm_error error = { 0 };
	struct itsm_yaml *tree;
	int bad = make_read(path, &text) != 0;

	if (!bad && itsm_yaml_parse(arena, text.data, text.length, 1, &tree, &error) != ITSM_OK)
		bad = make_fail(&error);
	if (!bad) {
		itsm_yaml_json(itsm_yaml_get(tree, "rows"), NULL, &rows);
		fputs("\t{", out);
		make_member(out, "name", itsm_file_stem(arena, path));
		make_member(out, "rows", rows.data);
		fputs(" },\n", out);
	}
	itsm_buffer_free(&rows);
	itsm_buffer_free(&text);
	itsm_arena_free(arena);
	return bad;
}

int main(int argc, char **argv)
{
	return make_table(argc, argv,
		"#include <stddef.h>\n\n#include \"matrix.h\"\n\nconst struct matrix_builtin matrix_builtins[] = {\n",
		write_matrix, "\t{ NULL, NULL },\n};\n");
}
