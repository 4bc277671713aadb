#include <string.h>

#include "completion.h"

static const char start[] =
"# fish completion of itsm, made by `itsm completion fish`\n"
"\n"
"# The words so far without options: the command, then its own.\n"
"function __itsm_words\n"
"\tset -l skip 0\n"
"\tfor word in (commandline -opc)[2..-1]\n"
"\t\tif test $skip -eq 1\n"
"\t\t\tset skip 0\n"
"\t\t\tcontinue\n"
"\t\tend\n"
"\t\tswitch $word\n";

static const char functions[] =
"\t\t\tcase '-*'\n"
"\t\t\tcase '*'\n"
"\t\t\t\techo $word\n"
"\t\tend\n"
"\tend\n"
"end\n"
"\n"
"# Is it this command, with so many words behind it (* = any number)?\n"
"function __itsm_at\n"
"\tset -l words (__itsm_words)\n"
"\ttest (count $words) -gt 0; and test \"$words[1]\" = $argv[1]; or return 1\n"
"\ttest \"$argv[2]\" = '*'; or test (math (count $words) - 1) -eq $argv[2]\n"
"end\n"
"\n"
"function __itsm_candidates\n"
"\tset -l words (__itsm_words)\n"
"\tset -l typed (commandline -ct)\n"
"\tswitch $argv[1]\n"
"\t\tcase ID TARGET\n"
"\t\t\tset -q typed[1]; and test -n \"$typed\"; and set typed \"\\\"$typed\\\"\"; or set -e typed\n"
"\t\t\titsm list --format id --limit 200 -- $typed 2>/dev/null\n"
"\t\tcase KIND\n"
"\t\t\titsm kinds --format id 2>/dev/null\n"
"\t\tcase STATE\n"
"\t\t\titsm next \"$words[2]\" --format id 2>/dev/null\n"
"\t\tcase FIELD=VALUE\n"
"\t\t\titsm schema \"$words[2]\" --format id 2>/dev/null | string replace -r '$' '='\n"
"\t\tcase COMMAND\n"
"\t\t\titsm help --format id\n"
"\t\tcase RULE\n"
"\t\t\titsm check --rules --format id 2>/dev/null\n"
"\t\tcase REV BASE..HEAD A..B\n"
"\t\t\tgit for-each-ref --format='%(refname:short)' 2>/dev/null\n"
"\t\t\techo HEAD\n"
"\t\tcase FORMAT\n"
"\t\t\tprintf '%s\\n' text json jsonl csv id\n"
"\t\tcase '*|*'\n"
"\t\t\tstring split '|' $argv[1]\n"
"\tend\n"
"end\n"
"\n"
"complete -c itsm -f\n";

/* A word in single quotes. */
static void add_quoted(struct itsm_buffer *out, const char *text)
{
	itsm_buffer_putc(out, '\'');
	for (; *text; text++) {
		if (strchr("'\\", *text))
			itsm_buffer_putc(out, '\\');
		itsm_buffer_putc(out, *text);
	}
	itsm_buffer_putc(out, '\'');
}

static void add_sort(struct itsm_buffer *out, const char *sort)
{
	if (!strcmp(sort, "FILE") || !strcmp(sort, "MAP"))
		itsm_buffer_puts(out, " -F");
	else if (!strcmp(sort, "DIR"))
		itsm_buffer_puts(out, " -f -a '(__fish_complete_directories)'");
	else
		itsm_buffer_printf(out, " -f -a '(__itsm_candidates \"%s\")'", sort);
}

static void add_options(struct itsm_buffer *out, const struct syntax *syntax, const char *condition)
{
	const struct option_row *row;

	for (row = syntax->options; row && row->name; row++) {
		itsm_buffer_printf(out, "complete -c itsm -n '%s' -l %s", condition, row->name);
		if (row->letter)
			itsm_buffer_printf(out, " -s %c", row->letter);
		if (row->argument) {
			itsm_buffer_puts(out, " -r");
			add_sort(out, row->argument);
		}
		itsm_buffer_puts(out, " -d ");
		add_quoted(out, row->help);
		itsm_buffer_putc(out, '\n');
	}
}

static void add_places(struct itsm_buffer *out, const struct command *command)
{
	struct itsm_buffer sort = {0}, next = {0};
	const char *words = command->syntax->words;
	size_t place;
	bool repeated = false;

	for (place = 0; !repeated && completion_sort(words, place, &sort); place++) {
		repeated = completion_sort(words, place + 1, &next) && !strcmp(sort.data, next.data);
		if (repeated)
			itsm_buffer_printf(out, "complete -c itsm -n '__itsm_at %s \"*\"'", command->name);
		else
			itsm_buffer_printf(out, "complete -c itsm -n '__itsm_at %s %zu'", command->name, place);
		add_sort(out, sort.data);
		itsm_buffer_putc(out, '\n');
	}
	itsm_buffer_free(&sort);
	itsm_buffer_free(&next);
}

/* The options that take the next word, of all commands: a name means the same everywhere. */
static void add_skips(struct itsm_buffer *out, const struct syntax *syntax)
{
	const struct option_row *row;

	for (row = syntax->options; row && row->name; row++) {
		if (!row->argument)
			continue;
		itsm_buffer_printf(out, "\t\t\tcase --%s", row->name);
		if (row->letter)
			itsm_buffer_printf(out, " -%c", row->letter);
		itsm_buffer_puts(out, "\n\t\t\t\tset skip 1\n");
	}
}

void completion_fish(struct itsm_buffer *out)
{
	const struct command *command;
	struct itsm_buffer condition = {0};

	itsm_buffer_puts(out, start);
	add_skips(out, &main_syntax);
	for (command = commands; command->name; command++)
		add_skips(out, command->syntax);
	itsm_buffer_puts(out, functions);
	add_options(out, &main_syntax, "test (count (__itsm_words)) -eq 0");
	for (command = commands; command->name; command++) {
		itsm_buffer_printf(out, "complete -c itsm -n 'test (count (__itsm_words)) -eq 0' -a %s -d ", command->name);
		add_quoted(out, command->summary);
		itsm_buffer_putc(out, '\n');
		itsm_buffer_clear(&condition);
		itsm_buffer_printf(&condition, "__itsm_at %s \"*\"", command->name);
		add_options(out, command->syntax, condition.data);
		add_places(out, command);
	}
	itsm_buffer_free(&condition);
}
