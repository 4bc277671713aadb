/* Who may sign commits and tags: the people of a roster, with their SSH keys, or for OpenPGP by their mail addresses.
 */
#ifndef ITSM_LIB_DESK_SIGNERS_H
#define ITSM_LIB_DESK_SIGNERS_H

#include "desk.h"
#include "roster.h"

/* Append the lines of an allowed signers file: a line for each key of each active person, for this namespace. */
int signers_list(struct roster *roster, const char *name_space, struct itsm_buffer *out, struct itsm_error *err);

/*
 * Whose is the detached signature of `payload`? An SSH one in the namespace by a key of `signers` (as
 * signers_list makes it), an OpenPGP one by a key in the user's keyring with the mail address of an active person
 * (`roster` NULL: none). `person`
 * NULL and `why`: nobody's, and why. Fails only when a program cannot be run.
 */
int signers_verify(struct roster *roster, struct itsm_arena *arena, const char *name_space,
	const struct itsm_buffer *signers, const struct itsm_buffer *payload, const char *signature,
	const char **person, const char **why, struct itsm_error *err);

#endif
