/*
 * Mail into the desk: a message becomes a request, an incident, or a note on the record it answers.
 *
 * policy/mail.yaml, as committed, says how; without it every mail that answers nothing is a request.
 *
 *   addresses: [desk@example.org]   of the desk itself: what comes from one of them is a loop
 *   known: true                     only people of people/ may open records; others are refused
 *   rules:                          the first whose `when` is true says what is made; none: a request
 *     - when: "mail.recipients LIKE '%noc@example.org%'"
 *       kind: incident
 *       set: [impact=2, urgency=2, team=network]
 *   attachments: {count: 10, bytes: 5242880}  kept at most, each; others are named in the text
 *
 * `when` is SQL over one row `mail`: sender, name, recipients (with blanks between), subject, text; the views
 * of the desk can be asked too.
 */
#ifndef ITSM_MAILBOX_H
#define ITSM_MAILBOX_H

#include "itsm/desk.h"

enum itsm_mail_fate {
	ITSM_MAIL_OPENED,   /* a new record */
	ITSM_MAIL_NOTED,    /* a note on the record that it answers */
	ITSM_MAIL_KNOWN,    /* the same message was taken in before: nothing was written */
	ITSM_MAIL_DROPPED,  /* of a program, or of our own: nothing was written */
};

struct itsm_mail_intake {
	enum itsm_mail_fate fate;
	const char *reason;   /* why it was dropped, else NULL; in the outcome's arena */
	size_t kept, left;    /* attachments */
};

/*
 * Take in one message, in one commit. The ID of the record (of a note <owner>/notes/<id>; of a known message the record that has it) is in
 * outcome->id. It answers the record whose Message-ID, or whose note's, is among its references; else the one whose ID
 * its subject names. The mail's text stands in a code block, so that nothing in it is a section. Attachments are files
 * in the record's folder evidence/, each with a record that tells its digest. ITSM_EDATA and ITSM_ELIMIT for what is
 * no mail (never to be tried again), ITSM_EREFUSED for a sender who may not, or findings.
 */
ITSM_API int itsm_desk_mail(struct itsm_desk *desk, const char *text, size_t size, struct itsm_mail_intake *intake,
	struct itsm_outcome *outcome, struct itsm_error *err);

#endif
