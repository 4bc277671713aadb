#include <string.h>

#include "completion.h"

const char completion_candidates[] =
"_itsm_candidates()\n"
"{\n"
"\tcase $1 in\n"
"\tID|TARGET) itsm list --format id --limit 200 -- ${2:+\"\\\"$2\\\"\"} ;;\n"
"\tKIND) itsm kinds --format id ;;\n"
"\tSTATE) itsm next \"$3\" --format id ;;\n"
"\tFIELD=VALUE) itsm schema \"$3\" --format id | sed 's/$/=/' ;;\n"
"\tCOMMAND) itsm help --format id ;;\n"
"\tREMOTE) git remote ;;\n"
"\tRULE) itsm check --rules --format id ;;\n"
"\tREV|BASE..HEAD|A..B) git for-each-ref --format='%(refname:short)'; echo HEAD ;;\n"
"\tFORMAT) printf '%s\\n' text json jsonl csv id ;;\n"
"\t*'|'*) echo \"$1\" | tr '|' '\\n' ;;\n"
"\tesac 2>/dev/null\n"
"}\n";

bool completion_sort(const char *usage, size_t place, struct itsm_buffer *out)
{
	const char *start = usage, *end;
	bool repeated;

	for (;; place--) {
		start += strspn(start, " []");
		end = start + strcspn(start, " ]");
		if (start == end)
			return false;
		repeated = !strncmp(end, " ...", strlen(" ..."));
		if (!place || repeated)
			break;
		start = end;
	}
	itsm_buffer_clear(out);
	itsm_buffer_add(out, start, (size_t)(end - start));
	return true;
}

static void add_values(struct itsm_buffer *out, const struct syntax *syntax, const char *command, bool sorts)
{
	const struct option_row *row;

	for (row = syntax->options; row && row->name; row++) {
		if (!row->argument)
			continue;
		itsm_buffer_printf(out, "\t\t%s:--%s", command, row->name);
		if (row->letter)
			itsm_buffer_printf(out, "|%s:-%c", command, row->letter);
		if (sorts)
			itsm_buffer_printf(out, ") sort='%s' ;;\n", row->argument);
		else
			itsm_buffer_puts(out, ") skip=1 ;;\n");
	}
}

static void add_all_values(struct itsm_buffer *out, bool sorts)
{
	const struct command *command;

	add_values(out, &main_syntax, "", sorts);
	for (command = commands; command->name; command++)
		add_values(out, command->syntax, command->name, sorts);
}

void completion_skips(struct itsm_buffer *out)
{
	add_all_values(out, false);
}

void completion_values(struct itsm_buffer *out)
{
	add_all_values(out, true);
}

void completion_places(struct itsm_buffer *out)
{
	const struct command *command;
	struct itsm_buffer sort = {0}, next = {0};
	size_t place;

	itsm_buffer_puts(out, "\t\t:0) sort=COMMAND ;;\n");
	for (command = commands; command->name; command++) {
		for (place = 0; completion_sort(command->syntax->words, place, &sort); place++) {
			if (completion_sort(command->syntax->words, place + 1, &next) && !strcmp(sort.data, next.data)) {
				itsm_buffer_printf(out, "\t\t%s:*) sort='%s' ;;\n", command->name, sort.data);
				break;
			}
			itsm_buffer_printf(out, "\t\t%s:%zu) sort='%s' ;;\n", command->name, place, sort.data);
		}
	}
	itsm_buffer_free(&sort);
	itsm_buffer_free(&next);
}

static void add_options(struct itsm_buffer *out, const struct syntax *syntax, const char *command)
{
	const struct option_row *row;

	itsm_buffer_printf(out, "\t\t%s) options='", command);
	for (row = syntax->options; row && row->name; row++)
		itsm_buffer_printf(out, "--%s ", row->name);
	itsm_buffer_puts(out, "--help' ;;\n");
}

void completion_options(struct itsm_buffer *out)
{
	const struct command *command;

	add_options(out, &main_syntax, "''");
	for (command = commands; command->name; command++)
		add_options(out, command->syntax, command->name);
}
