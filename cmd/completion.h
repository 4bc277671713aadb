/*
 * Completions, made of the tables of commands and options.
 *
 * What a word can be is its sort: the name it has in the usage (ID, KIND,
 * STATE, FILE ...). The scripts ask itsm itself for what only the desk knows.
 */
#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

#include "command.h"

void completion_bash(struct itsm_buffer *out);
void completion_zsh(struct itsm_buffer *out);
void completion_fish(struct itsm_buffer *out);

/*
 * The sort of the word at a place of the usage ("ID STATE [FIELD=VALUE ...]",
 * 1 -> "STATE") into `out`; one with dots behind stands for all that follow.
 * False beyond the last one.
 */
bool completion_sort(const char *usage, size_t place, struct itsm_buffer *out);

/* Lines of `case` statements that bash and zsh both read. */

/* "show:--at) skip=1 ;;" for each option with a value: the next word is no word of the command. */
void completion_skips(struct itsm_buffer *out);
/* "show:--at) sort='REV' ;;" */
void completion_values(struct itsm_buffer *out);
/* "show:0) sort='ID' ;;" */
void completion_places(struct itsm_buffer *out);
/* "show) options='--at --format --help' ;;" */
void completion_options(struct itsm_buffer *out);
/* The function _itsm_candidates SORT TYPED FIRST-WORD: one candidate a line. */
extern const char completion_candidates[];

#endif
