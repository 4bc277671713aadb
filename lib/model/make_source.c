#include "make_source.h"

int make_fail(const struct itsm_error *error)
{
	fprintf(stderr, "%s (line %u, column %u)\n", error->message, error->line, error->column);
	return 1;
}

int make_read(const char *path, struct itsm_buffer *text)
{
	FILE *file = fopen(path, "r");
	char block[4096];
	size_t length;

	text->length = 0;
	while (file && (length = fread(block, 1, sizeof(block), file)) > 0)
		itsm_buffer_add(text, block, length);
	if (!file || ferror(file) || !text->length) {
		perror(path);
		return -1;
	}
	return fclose(file);
}

void make_string(FILE *out, const char *text)
{
	if (!text) {
		fputs("NULL", out);
		return;
	}
	putc('"', out);
	for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
		if (*byte == '\n')
			fputs(byte[1] ? "\\n\"\n\t\"" : "\\n", out);
		else if (*byte == '"' || *byte == '\\' || *byte == '?')
			fprintf(out, "\\%c", *byte);
		else if (*byte < 32 || *byte > 126)
			fprintf(out, "\\%03o", *byte);
		else
			putc(*byte, out);
	}
	putc('"', out);
}

void make_member(FILE *out, const char *name, const char *text)
{
	if (!text)
		return;
	fprintf(out, " .%s = ", name);
	make_string(out, text);
	putc(',', out);
}

int make_table(int argc, char **argv, const char *head, int (*write)(FILE *out, const char *path), const char *tail)
{
	FILE *out = argc > 2 ? fopen(argv[1], "w") : NULL;
	int bad = 0;

	if (!out)
		return 1;
	fputs(head, out);
	for (int i = 2; i < argc; i++)
		bad |= write(out, argv[i]);
	fputs(tail, out);
	bad |= ferror(out);
	bad |= fclose(out);
	return bad ? 1 : 0;
}
