#include "completion.h"

static const char start[] =
"_itsm()\n"
"{\n"
"\tlocal current=${words[CURRENT]} previous=${words[CURRENT-1]}\n"
"\tlocal command= first= place=0 index word skip= sort= options=\n"
"\tlocal -a found\n"
"\n"
"\tfor ((index = 2; index < CURRENT; index++)); do\n"
"\t\tword=${words[index]}\n"
"\t\tif [[ -n $skip ]]; then\n"
"\t\t\tskip=\n"
"\t\t\tcontinue\n"
"\t\tfi\n"
"\t\tcase $command:$word in\n";

static const char words[] =
"\t\t*:-*) ;;\n"
"\t\t:*) command=$word ;;\n"
"\t\t*) [[ $place -gt 0 ]] || first=$word; place=$((place + 1)) ;;\n"
"\t\tesac\n"
"\tdone\n"
"\tif [[ -n $skip ]]; then\n"
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
"\tcase $sort in\n"
"\tFILE|MAP) _files ;;\n"
"\tDIR) _files -/ ;;\n"
"\t'') found=(${=options}); compadd -- $found ;;\n"
"\tFIELD=VALUE) found=(${(f)\"$(_itsm_candidates \"$sort\" \"$current\" \"$first\")\"}); compadd -S '' -- $found ;;\n"
"\t*) found=(${(f)\"$(_itsm_candidates \"$sort\" \"$current\" \"$first\")\"}); compadd -- $found ;;\n"
"\tesac\n"
"}\n"
"\n"
"if [[ $funcstack[1] == _itsm ]]; then\n"
"\t_itsm \"$@\"\n"
"else\n"
"\tcompdef _itsm itsm\n"
"fi\n";

void completion_zsh(struct itsm_buffer *out)
{
	itsm_buffer_puts(out, "#compdef itsm\n# zsh completion of itsm, made by `itsm completion zsh`\n\n");
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
