/*
 * What an approval is about, as one digest.
 *
 * A kind says which fields and sections of its records are approved content
 * (`approved:`). Their canonical form is a sequence of strings, each written
 * as its length in bytes (decimal), ':', its bytes, LF, so that no value can
 * pose as two. docs/approvals.md gives it in full, for other programs. The
 * digest is "itsm1-sha256:" and the SHA-256 of the sequence in hexadecimal;
 * another form would have another prefix.
 *
 * It is the same whatever the file's formatting, order of fields, line endings
 * and path are, and different when a value, the ID or the kind is.
 */
#ifndef ITSM_DIGEST_H
#define ITSM_DIGEST_H

#include "itsm/record.h"

#define ITSM_DIGEST_PREFIX "itsm1-sha256:"
/* Bytes of a digest's text, NUL included. */
#define ITSM_DIGEST_TEXT (sizeof(ITSM_DIGEST_PREFIX) + 64)
/* The namespace of the signatures, as ssh-keygen -n takes it. */
#define ITSM_APPROVAL_NAMESPACE "itsm-approval"

/* Append the canonical form of the record's approved content. */
ITSM_API void itsm_digest_content(const struct itsm_record *record, struct itsm_buffer *out);
/* The digest of it. */
ITSM_API void itsm_digest_record(const struct itsm_record *record, char text[ITSM_DIGEST_TEXT]);
/* SHA-256 as 64 hexadecimal digits and a NUL. */
ITSM_API void itsm_digest_sha256(const void *data, size_t length, char text[65]);
/* Bytes of the longest of a file's digests in hexadecimal, NUL included. */
#define ITSM_DIGEST_FILE_TEXT 129
/*
 * The digest of a regular file below `root` (see itsm_file_read: no link is followed) as lower case hexadecimal, by
 * "sha256", "sha384" or "sha512". ITSM_EUSAGE for another algorithm.
 */
ITSM_API int itsm_digest_file(int root, const char *path, const char *algorithm, char text[ITSM_DIGEST_FILE_TEXT],
	struct itsm_error *err);

/*
 * Append what the signature of an approval (a record of the kind `approval`)
 * signs: a sequence as above of version, record ID, kind of the record,
 * person, role, decision, time in UTC, digest, comment, and of a recorded
 * review account, commit, time and recorder. `kind` is the owner's. ITSM_EDATA when the approval has no person, decision or time.
 */
ITSM_API int itsm_digest_statement(const struct itsm_record *approval, const char *kind, struct itsm_buffer *out,
	struct itsm_error *err);

/*
 * The state that a record has to enter before it can be approved: the first
 * whose time stamp is approved content, so that entering it again voids what
 * was approved before. NULL: at any time.
 */
ITSM_API const struct itsm_state *itsm_digest_since(const struct itsm_kind *kind);

#endif
