/* What the files that make evidence share; itsm/audit.h is what they do, docs/evidence.md what is in a folder. */
#ifndef ITSM_LIB_DESK_EVIDENCE_H
#define ITSM_LIB_DESK_EVIDENCE_H

#include "itsm/file.h"
#include "verify.h"

#define EVIDENCE_MANIFEST "MANIFEST.sha256"
#define EVIDENCE_SIGNATURE "MANIFEST.sha256.sig"
#define EVIDENCE_SIGNERS "manifest.allowed_signers"

enum evidence_origin { EVIDENCE_MADE, EVIDENCE_BLOB, EVIDENCE_COMMIT };

struct evidence_file {
	const char *path, *data;
	size_t size;
	char sha256[65];
	enum evidence_origin origin; /* what git knows it as */
	struct itsm_oid oid;
};

/* The files to be, in memory. */
struct evidence_folder {
	struct itsm_arena *arena;
	struct evidence_file *files;
	size_t count, capacity;
	struct evidence_known {
		const char *path;
		struct evidence_known *next;
	} *known[4096]; /* by a hash of the path */
};

/* evidence_folder.c. Data is copied; a path that is there already stays as it is. */
void evidence_add(struct evidence_folder *folder, const char *path, const char *data, size_t size,
	enum evidence_origin origin, const struct itsm_oid *oid);
void evidence_add_text(struct evidence_folder *folder, const char *path, const struct itsm_buffer *text);
/* The manifest, signed where there is a key; then all of it on the disk. */
int evidence_write(struct itsm_desk *desk, struct evidence_folder *folder, const struct itsm_oid *head,
	const struct itsm_evidence *request, struct itsm_evidenced *out, struct itsm_error *err);

/* One file of the record that one commit left or removed. Texts in the arena. */
struct evidence_event {
	struct itsm_oid commit, blob;
	const char *path;
	const char *part; /* kind of the part; NULL for the record itself */
	const char *name; /* of the part */
	int64_t landed, at;
	const char *mail, *subject;
	const char *from, *to; /* states */
	bool added, removed;
	/* of an approval */
	const char *decision, *status, *detail, *signer, *base;
};

/* One record. */
struct evidence_subject {
	const char *id, *path, *kind, *title, *state;
	const char *below; /* where in the folder: "" or "<id>/" */
	struct evidence_event *events; /* oldest first */
	size_t count, capacity;
	struct itsm_findings findings;
	struct deployment {
		const char *id, *path, *title, *result, *started, *environment;
	} * deployments;
	size_t deployment_count, deployment_capacity;
};

struct evidencing {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_error *err;
	struct verifying *verifying;
	struct itsm_index *index;
	struct evidence_folder *folder;
	struct evidence_subject *subjects;
	size_t count, capacity;
	char moment[ITSM_TIME_TEXT]; /* of all this, in UTC */
};

/* evidence_gather.c: the events of all subjects, with what `itsm verify` and `itsm check` find about them. */
int evidence_gather(struct evidencing *evidencing);
/* evidence_git.c: patches, and the objects that prove where the files come from. */
int evidence_git(struct evidencing *evidencing, const struct evidence_subject *subject);
/* evidence_approval.c: a version of an approval with all that proves it. */
int evidence_approval(struct evidencing *evidencing, struct evidence_subject *subject,
	const struct itsm_trail_change *change, struct evidence_event *event);
/* evidence_record.c: all files of one record. */
int evidence_record(struct evidencing *evidencing, const struct evidence_subject *subject);
/* evidence_html.c */
int evidence_html(struct evidencing *evidencing, const struct evidence_subject *subject,
	const struct itsm_approvals_shown *shown, struct itsm_buffer *out);
void evidence_html_begin(struct itsm_buffer *out, const char *title);
/* evidence_sample.c */
int evidence_sample(struct evidencing *evidencing, const struct itsm_evidence *request, struct itsm_evidenced *out);

/* The name of a file in the folder: below the subject's part of it. */
const char *evidence_path(const struct evidencing *evidencing, const struct evidence_subject *subject,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
