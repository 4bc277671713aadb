/*
 * Mail as it comes out of a mail server's pipe: RFC 5322 and MIME, read by GMime (loaded when first needed).
 * Bounded in bytes, depth and parts; texts are valid UTF-8 without control characters but line ends and tabs.
 */
#ifndef ITSM_MAIL_H
#define ITSM_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/error.h"
#include "itsm/memory.h"

#define ITSM_MAIL_MAX_BYTES (32u << 20)
#define ITSM_MAIL_MAX_PARTS 200
#define ITSM_MAIL_MAX_DEPTH 20
#define ITSM_MAIL_MAX_TEXT (256u << 10) /* of the text; what is beyond is cut, and said so */
#define ITSM_MAIL_MAX_REFERENCES 100
#define ITSM_MAIL_MAX_ADDRESSES 200

struct itsm_mail_address {
	const char *name;     /* may be NULL */
	const char *mail;
};

struct itsm_mail_part {
	const char *name;     /* as the mail names the file, never with a path; NULL when it does not */
	const char *type;     /* "application/pdf" */
	const char *data;
	size_t size;
};

struct itsm_mail {
	const char *id;                 /* its Message-ID without <>; NULL when it has none that can be kept */
	const char *const *references;  /* Message-IDs of In-Reply-To and References, the nearest first; NULL-terminated */
	struct itsm_mail_address from;  /* the first sender; mail NULL when there is none that can be read */
	const struct itsm_mail_address *to; /* To and Cc */
	size_t to_count;
	const char *subject;            /* "" when it has none; one line */
	const char *text;               /* the plain text, "" when there is none */
	bool cut;                       /* the text was longer */
	const struct itsm_mail_part *parts; /* attachments, and a body that is no plain text */
	size_t part_count;
	/* Why no answer is due: "auto-submitted", "bulk", "a bounce", "a delivery report" ...; NULL for a person's mail. */
	const char *automatic;
};

/*
 * Read a whole message. All in `arena`. ITSM_EDATA for what is no mail (no header, no sender), ITSM_ELIMIT beyond
 * a bound, ITSM_EIO when GMime is not installed.
 */
ITSM_API int itsm_mail_read(struct itsm_arena *arena, const char *text, size_t size, struct itsm_mail *out,
	struct itsm_error *err);

#endif
