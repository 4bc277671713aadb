/* What an option table says for people: the usage line and the text of -h. */
#include <string.h>

#include "options.h"

#define USAGE_WIDTH 80
#define HELP_COLUMN 28

/* Add one piece of the usage, on a new line under the first one where it would not fit. */
static void add_piece(struct itsm_buffer *out, size_t *column, size_t indent, const char *piece)
{
	size_t length = strlen(piece);

	if (*column + 1 + length > USAGE_WIDTH) {
		itsm_buffer_printf(out, "\n%*s", (int)indent, "");
		*column = indent;
	} else {
		itsm_buffer_putc(out, ' ');
		*column += 1;
	}
	itsm_buffer_puts(out, piece);
	*column += length;
}

static void write_usage(const struct syntax *syntax, const char *command, size_t start, struct itsm_buffer *out)
{
	struct itsm_buffer piece = {0};
	const struct option_row *row;
	size_t column, indent;

	itsm_buffer_printf(out, "itsm%s%s", command ? " " : "", command ? command : "");
	indent = start + strlen("itsm ") + (command ? strlen(command) + 1 : 0);
	column = indent - 1;
	for (row = syntax->options; row && row->name; row++) {
		itsm_buffer_clear(&piece);
		itsm_buffer_puts(&piece, row->required ? "" : "[");
		if (row->letter)
			itsm_buffer_printf(&piece, "-%c", row->letter);
		else
			itsm_buffer_printf(&piece, "--%s", row->name);
		if (row->argument)
			itsm_buffer_printf(&piece, " %s", row->argument);
		itsm_buffer_puts(&piece, row->required ? "" : "]");
		add_piece(out, &column, indent, piece.data);
	}
	if (*syntax->words)
		add_piece(out, &column, indent, syntax->words);
	itsm_buffer_free(&piece);
}

void options_usage(const struct syntax *syntax, const char *command, struct itsm_buffer *out)
{
	write_usage(syntax, command, 0, out);
}

static void add_row(struct itsm_buffer *out, char letter, const char *name, const char *argument, const char *help)
{
	size_t start = out->length, used;

	if (letter)
		itsm_buffer_printf(out, "    -%c, --%s", letter, name);
	else
		itsm_buffer_printf(out, "    --%s", name);
	if (argument)
		itsm_buffer_printf(out, " %s", argument);
	used = out->length - start;
	if (used + 2 > HELP_COLUMN)
		itsm_buffer_printf(out, "\n%*s", HELP_COLUMN, "");
	else
		itsm_buffer_printf(out, "%*s", (int)(HELP_COLUMN - used), "");
	itsm_buffer_printf(out, "%s\n", help);
}

void options_help(const struct syntax *syntax, const char *command, const char *summary, struct itsm_buffer *out)
{
	const struct option_row *row;

	itsm_buffer_puts(out, "usage: ");
	write_usage(syntax, command, strlen("usage: "), out);
	itsm_buffer_printf(out, "\n\n    %s\n\n", summary);
	for (row = syntax->options; row && row->name; row++)
		add_row(out, row->letter, row->name, row->argument, row->help);
	add_row(out, 'h', "help", NULL, "this text");
}
