/*
 * Releases: may it go live, what is in it, its tag, and whether what is on disk is what was released.
 *
 * A release is a record like any other; its artefacts {name, digest, where} are its manifest. A digest is
 * "sha256:<hexadecimal>", sha384 and sha512 likewise.
 *
 * Findings: release/state, release/change, release/decision and, of the manifest, release/digest, release/missing,
 * release/extra, release/name, release/algorithm, release/tag.
 */
#ifndef ITSM_RELEASE_H
#define ITSM_RELEASE_H

#include "itsm/desk.h"

struct itsm_release_change {
	const char *id, *title, *state, *type, *outcome; /* of a record that is not there: the ID alone */
	bool fine;
};

struct itsm_release_told {
	const char *id, *title, *state;
	const char *version, *decision;    /* or NULL; decision: the field `go` */
	int64_t at;                        /* the moment that it was judged for */
	struct itsm_release_change *changes; size_t change_count;
	size_t artefact_count;
	bool go;
};

/*
 * `itsm release ID`: go or no-go, as it follows from what is committed at HEAD: every guard and rule of the states
 * from the one that it is in to `deployed`, the state, outcome and approvals of each of its changes, and
 * freezes, at the moment `at` (has_at), else when it is planned to begin, where that is to come, else now. What
 * stands against it is in `findings`, sorted; waivers count. That nobody decided yet is a note: the
 * answer is for who decides. Texts in the arena. Nothing is written.
 */
ITSM_API int itsm_desk_release(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, bool has_at, int64_t at,
	struct itsm_release_told *out, struct itsm_findings *findings, struct itsm_error *err);

/*
 * `itsm release notes`: Markdown of the release as committed at `at` (NULL = HEAD): summary, changes, what they
 * mend, known errors, artefacts. Of what people wrote lists, paragraphs and emphasis of our own are left; whatever else Markdown, HTML
 * or a forge would make of it (markup, links, mentions, references) is shown as it was written.
 */
ITSM_API int itsm_desk_release_notes(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at,
	struct itsm_buffer *out, struct itsm_error *err);

struct itsm_release_tag {
	const char *name;        /* NULL: the field `tag`, else "v" and the version */
	const char *repository;  /* absolute path of the code's; NULL = the desk's own */
	const char *commit;      /* a revision of it, NULL = HEAD */
	bool sign;               /* else as git is configured (tag.gpgSign) */
	const char *despite;     /* why it is tagged although it is a no-go, or NULL */
};
struct itsm_release_tagged {
	const char *name, *commit;
	size_t artefacts;
};
/*
 * `itsm release tag`: an annotated tag made by git, whose message has title, version, changes, and the manifest
 * as sha256sum -c reads it: "SHA256 (name) = <hexadecimal>". ITSM_EREFUSED without version or
 * artefacts, for one that was withdrawn, when the tag is there already, and for a no-go (itsm_desk_release) without
 * `despite`; with it the message has the reason and what stands against it.
 */
ITSM_API int itsm_desk_release_tag(struct itsm_desk *desk, struct itsm_arena *arena, const char *id,
	const struct itsm_release_tag *request, struct itsm_release_tagged *out, struct itsm_error *err);

struct itsm_release_verify {
	const char *folder;      /* absolute path: where the artefacts lie */
	const char *tag;         /* or NULL: the manifest of this tag is to be the same */
	const char *repository;  /* of the tag; NULL = the desk's own */
	bool exact;              /* what else is in the folder is a finding too */
};
/*
 * `itsm release verify`: each artefact of the release, as committed at HEAD, is a file of its name below the folder with that
 * digest. No name leads out of the folder, no link is followed. What differs is in `findings`.
 */
ITSM_API int itsm_desk_release_verify(struct itsm_desk *desk, struct itsm_arena *arena, const char *id,
	const struct itsm_release_verify *request, size_t *verified, struct itsm_findings *findings, struct itsm_error *err);

#endif
