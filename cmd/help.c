/* itsm help: the commands by group, or a command's manual page. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "output.h"
#include "process.h"

struct help_values {
	enum itsm_format format;
};

static const struct option_row options[] = {
	FORMAT_ROW(struct help_values),
	{0},
};

const struct syntax help_syntax = {
	.words = "[COMMAND]",
	.options = options,
	.size = sizeof(struct help_values),
	.most = 1,
};

static void list_commands(struct context *context)
{
	const struct palette *palette = &context->palette;
	const struct command *command;
	struct itsm_buffer text = {0};
	const char *group = "";

	itsm_buffer_puts(&text, "usage: ");
	options_usage(&main_syntax, NULL, &text);
	itsm_buffer_puts(&text, "\n\nIT service management in a git repository.\n");
	for (command = commands; command->name; command++) {
		if (strcmp(group, command->group))
			itsm_buffer_printf(&text, "\n%s%s%s\n", palette->head, command->group, palette->reset);
		group = command->group;
		itsm_buffer_printf(&text, "    %s%-14s%s%s\n", palette->bold, command->name, palette->reset, command->summary);
	}
	itsm_buffer_puts(&text, "\n`itsm COMMAND -h` tells a command's options, `itsm help COMMAND` its manual page.\n");
	output_flush(context, &text);
	itsm_buffer_free(&text);
}

static int emit_commands(struct context *context, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"command", "group", "summary"};
	struct itsm_emitter *emitter = output_begin(context, format, "help", columns, sizeof(columns) / sizeof(*columns));
	const struct command *command;

	for (command = commands; command->name; command++)
		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(command->name), output_text(command->group), output_text(command->summary),
		});
	return itsm_emit_end(emitter, err);
}

/* The installed page through man, on a terminal; false when that cannot be. */
static bool show_installed(struct context *context, const char *name)
{
	static const char *const endings[] = {"", ".gz", ".xz", ".zst"};
	const char *argv[] = {"man", "-l", NULL, NULL};
	size_t position;

	if (!context->out_terminal || context->no_pager)
		return false;
	for (position = 0; position < sizeof(endings) / sizeof(*endings); position++) {
		argv[2] = itsm_arena_printf(context->arena, ITSM_MANDIR "/man1/itsm%s%s.1%s", *name ? "-" : "", name,
			endings[position]);
		if (!access(argv[2], R_OK))
			return process_run(argv, NULL) == ITSM_OK;
	}
	return false;
}

static int show_page(struct context *context, const char *name, struct itsm_error *err)
{
	const struct manual_page *page;

	for (page = manual_pages; page->name; page++)
		if (!strcmp(page->name, name))
			break;
	if (!page->name)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no command; `itsm help` lists them", name);
	if (show_installed(context, name))
		return ITSM_OK;
	output_page(context);
	output_write(context, page->text, strlen(page->text));
	return ITSM_OK;
}

int command_help(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct help_values *values = data;

	if (words.count)
		return show_page(context, strcmp(words.items[0], "itsm") ? words.items[0] : "", err);
	if (values->format != ITSM_FORMAT_TEXT)
		return emit_commands(context, values->format, err);
	list_commands(context);
	return ITSM_OK;
}
