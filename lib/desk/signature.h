/* SSH signatures of approvals, made and verified by ssh-keygen. */
#ifndef ITSM_LIB_DESK_SIGNATURE_H
#define ITSM_LIB_DESK_SIGNATURE_H

#include "desk.h"

/*
 * Sign a statement with the user's key: `key` (the path of a key file), or
 * NULL: what git signs with where gpg.format is ssh. ssh-keygen may ask for a
 * passphrase on the terminal. `signature` gets the armored text. Where there is no key, it stays empty
 * and `why` says why in words.
 */
int signature_make(struct itsm_desk *desk, struct itsm_arena *arena, const char *key, const struct itsm_buffer *statement,
	struct itsm_buffer *signature, const char **why, struct itsm_error *err);

/* The same in another namespace than that of approvals. */
int signature_make_in(struct itsm_desk *desk, struct itsm_arena *arena, const char *name_space, const char *key,
	const struct itsm_buffer *statement, struct itsm_buffer *signature, const char **why, struct itsm_error *err);

enum signature_verdict {
	SIGNATURE_GOOD,
	SIGNATURE_WRONG_KEY, /* of this statement, by none of the keys */
	SIGNATURE_BAD,       /* of something else, or no signature */
};

/*
 * Whose is the signature? `keys` are lines of public keys as ssh-keygen prints
 * them. Fails only when ssh-keygen cannot be run. What was asked before is not asked again (signature_proof.c).
 */
int signature_verify(struct itsm_desk *desk, const char *person, const char *const *keys,
	const struct itsm_buffer *statement, const char *signature, enum signature_verdict *verdict, struct itsm_error *err);
/*
 * The same will be asked: signature_run has all that is expected verified, several at once.
 */
void signature_expect(struct itsm_desk *desk, const char *person, const char *const *keys,
	const struct itsm_buffer *statement, const char *signature);
int signature_run(struct itsm_desk *desk, struct itsm_error *err);

/* Run ssh-keygen for one; may be called by several threads. */
int signature_ask(const char *person, const char *const *keys, const struct itsm_buffer *statement, const char *signature,
	enum signature_verdict *verdict, struct itsm_error *err);
/* The allowed signers that it is given: a line per key, without comments. */
void signature_list_signers(const char *person, const char *const *keys, struct itsm_buffer *out);

/*
 * Some bytes as a file in memory that programs inherit; `path` is what they call it. The descriptor, to be closed, or -1.
 */
int signature_memory(const char *data, size_t length, char path[32]);

#endif
