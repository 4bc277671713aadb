/* What an approval's signature signs; docs/approvals.md is the specification. */
#include "digest_private.h"
#include "itsm/time.h"

#define STATEMENT_VERSION "itsm-approval-1"

static void put_value(struct itsm_buffer *out, const char *text)
{
	digest_put(out, text ? "value" : "absent");
	if (text)
		digest_put(out, text);
}

/* A time as a value, in UTC; one that is none as it is written. */
static void put_time(struct itsm_buffer *out, const char *text)
{
	char utc[ITSM_TIME_TEXT];
	struct itsm_time time;

	if (!text || itsm_time_parse(text, &time, NULL) != 0) {
		put_value(out, text);
		return;
	}
	itsm_time_format_utc(time.seconds, utc);
	put_value(out, utc);
}

int itsm_digest_statement(const struct itsm_record *approval, const char *kind, struct itsm_buffer *out,
	struct itsm_error *err)
{
	const char *by = itsm_record_text(approval, "by"), *decision = itsm_record_text(approval, "decision");
	const char *at = itsm_record_text(approval, "at");
	char utc[ITSM_TIME_TEXT];
	struct itsm_time time;

	if (!by || !decision || !at || !approval->owner)
		return itsm_error_set(err, ITSM_EDATA, "%s lacks by, decision or at", approval->path);
	if (itsm_time_parse(at, &time, err) != 0) {
		itsm_error_prefix(err, "%s: at", approval->path);
		return ITSM_EDATA;
	}
	itsm_time_format_utc(time.seconds, utc);
	digest_put(out, STATEMENT_VERSION);
	digest_put(out, approval->owner);
	digest_put(out, kind);
	digest_put(out, by);
	put_value(out, itsm_record_text(approval, "role"));
	digest_put(out, decision);
	digest_put(out, utc);
	put_value(out, itsm_record_text(approval, "digest"));
	put_value(out, itsm_record_text(approval, "comment"));
	put_value(out, itsm_record_text(approval, "review.account"));
	put_value(out, itsm_record_text(approval, "review.commit"));
	put_time(out, itsm_record_text(approval, "review.at"));
	put_value(out, itsm_record_text(approval, "review.recorder"));
	return ITSM_OK;
}
