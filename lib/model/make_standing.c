/*
 * Build tool: make_standing OUTPUT.c FILE.yaml ... reads the built-in standing
 * queries with the reader that desks' own go through, and writes their texts as C.
 */
#include <stdio.h>

#include "kind_set.h"
#include "make_source.h"
#include "standing.h"

/* Both sets start empty here. */
const struct kind_builtin *const kind_builtins[] = { NULL };
const char *const standing_builtins[] = { NULL };

static int write_query(FILE *out, const char *path)
{
	struct itsm_buffer text = { 0 };
	struct itsm_standing_set *set;
	struct itsm_error error = { 0 };
	int bad = make_read(path, &text) != 0;

	if (!bad && (itsm_standing_new(&set, &error) < 0 || itsm_standing_add(set, path, text.data, text.length, &error) < 0))
		bad = make_fail(&error);
	if (!bad) {
		itsm_standing_free(set);
		putc('\t', out);
		make_string(out, text.data);
		fputs(",\n", out);
	}
	itsm_buffer_free(&text);
	return bad;
}

int main(int argc, char **argv)
{
	return make_table(argc, argv,
		"#include <stddef.h>\n\n#include \"standing.h\"\n\nconst char *const standing_builtins[] = {\n", write_query,
		"\tNULL,\n};\n");
}
