#include "completion.h"

static const char start[] =
"_itsm()\n"
"{\n"
"\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
"\tlocal command= first= place=0 index word skip= sort= options= IFS=$' \\t\\n'\n"
"\n"
"\tfor ((index = 1; index < COMP_CWORD; index++)); do\n"
"\t\tword=${COMP_WORDS[index]}\n"
"\t\tif [ -n \"$skip\" ]; then\n"
"\t\t\tskip=\n"
"\t\t\tcontinue\n"
"\t\tfi\n"
"\t\tcase $command:$word in\n";

static const char words[] =
"\t\t*:-*) ;;\n"
"\t\t:*) command=$word ;;\n"
"\t\t*) [ $place -gt 0 ] || first=$word; place=$((place + 1)) ;;\n"
"\t\tesac\n"
"\tdone\n"
"\tif [ -n \"$skip\" ]; then\n"
"\t\tcase $command:$previous in\n";

static const char options[] =
"\t\tesac\n"
"\telif [[ $current == -* ]]; then\n"
"\t\tcase $command in\n";

static const char places[] =
"\t\tesac\n"
"\telse\n"
"\t\tcase $command:$place in\n";

static const char finish[] =
"\t\tesac\n"
"\tfi\n"
"\tCOMPREPLY=()\n"
"\tcase $sort in\n"
"\tFILE|MAP) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\")) ;;\n"
"\tDIR) compopt -o filenames; COMPREPLY=($(compgen -d -- \"$current\")) ;;\n"
"\t'') COMPREPLY=($(compgen -W \"$options\" -- \"$current\")) ;;\n"
"\t*) COMPREPLY=($(compgen -W \"$(_itsm_candidates \"$sort\" \"$current\" \"$first\")\" -- \"$current\")) ;;\n"
"\tesac\n"
"\t[ \"$sort\" != FIELD=VALUE ] || compopt -o nospace\n"
"}\n"
"complete -F _itsm itsm\n";

void completion_bash(struct itsm_buffer *out)
{
	itsm_buffer_puts(out, "# bash completion of itsm, made by `itsm completion bash`\n\n");
	itsm_buffer_puts(out, completion_candidates);
	itsm_buffer_putc(out, '\n');
	itsm_buffer_puts(out, start);
	completion_skips(out);
	itsm_buffer_puts(out, words);
	completion_values(out);
	itsm_buffer_puts(out, options);
	completion_options(out);
	itsm_buffer_puts(out, places);
	completion_places(out);
	itsm_buffer_puts(out, finish);
}
