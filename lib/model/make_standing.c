/*
 * Build tool: make_standing OUTPUT.c FILE.yaml ... reads the built-in standing
 * queries with the reader that desks' own go through, and writes their texts as C.
 */
#include <stdio.h>
#include <string.h>

#include "kind_set.h"
#include "make_source.h"
#include "standing.h"

/* Both sets start empty here. */
const struct kind_builtin *const kind_builtins[] = { NULL };
const char *const standing_builtins[] = { NULL };

int main(int argc, char **argv)
{
	FILE *out = argc > 2 ? fopen(argv[1], "w") : NULL;
	struct itsm_buffer text = { 0 };
	struct itsm_standing_set *set;
	struct itsm_error error = { 0 };
	int bad;

	if (!out || itsm_standing_new(&set, &error) < 0)
		return 1;
	fputs("#include <stddef.h>\n\n#include \"standing.h\"\n\nconst char *const standing_builtins[] = {\n", out);
	for (int i = 2; i < argc; i++) {
		if (make_read(argv[i], &text) != 0)
			return 1;
		if (itsm_standing_add(set, argv[i], text.data, text.length, &error) < 0)
			return make_fail(&error);
		putc('\t', out);
		make_string(out, text.data);
		fputs(",\n", out);
	}
	fputs("\tNULL,\n};\n", out);
	itsm_standing_free(set);
	itsm_buffer_free(&text);
	bad = ferror(out);
	bad |= fclose(out);
	return bad ? 1 : 0;
}
