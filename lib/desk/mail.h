/* What the files that take mail in share. */
#ifndef ITSM_LIB_DESK_MAIL_H
#define ITSM_LIB_DESK_MAIL_H

#include "desk.h"
#include "itsm/mail.h"
#include "itsm/mailbox.h"

#define MAIL_FILE "policy/mail.yaml"

struct mail_rule {
	const char *when;         /* SQL, or NULL: always */
	const struct itsm_kind *kind;
	struct itsm_words set;
};

struct mail_policy {
	const struct itsm_yaml *addresses; /* a list, or NULL */
	bool known;
	struct mail_rule *rules;           /* the last one is true always */
	size_t rule_count;
	size_t most, largest;              /* attachments that are kept, and bytes of each */
};

struct mail_intake {
	const struct itsm_mail *mail;
	const char *id;           /* its Message-ID, or one made of its bytes */
	struct itsm_mail_intake *result;
	struct desk_author sender;
	struct mail_policy policy;
};

/* mail_policy.c: policy/mail.yaml of the commit that the change stands on. ITSM_EDATA with line and column. */
int mail_policy_read(struct desk_change *change, struct mail_policy *out, struct itsm_error *err);
/* Can it be read, and does its SQL compile? Of the change desk, arena and index are used, and the index lends from then on. */
int mail_policy_try(struct desk_change *change, const struct itsm_buffer *text, struct itsm_error *err);
/* The first rule that is true of the mail. */
int mail_policy_choose(struct desk_change *change, const struct mail_intake *intake, const struct mail_rule **out,
	struct itsm_error *err);

/* mail_thread.c: the record that the mail answers, or (`same`) that has it already; NULL in `out` when there is none. */
int mail_find_same(struct desk_change *change, const struct mail_intake *intake, struct itsm_hit *out, bool *found,
	struct itsm_error *err);
int mail_find_answered(struct desk_change *change, const struct mail_intake *intake, struct itsm_hit *out, bool *found,
	struct itsm_error *err);

/* mail_part.c: the attachments as files and records beside `owner_path`; puts[] has room for policy.most. */
int mail_put_parts(struct desk_change *change, const struct mail_intake *intake, const char *owner_path, struct desk_put *puts,
	size_t *count, struct itsm_error *err);
/* The mail's text in a code block, and what was left out. */
void mail_text(const struct mail_intake *intake, struct itsm_buffer *out);

#endif
