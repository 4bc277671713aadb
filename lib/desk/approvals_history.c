/*
 * Who wrote what is approved, and who committed an approval: from history.
 *
 * An author of the approved content is whoever made a commit that changed it,
 * at any time: its first words count as much as its last. Only what the digest
 * covers counts, so that moving a record on makes nobody its author.
 *
 * The oldest commits of a shallow clone seem to add every file there is. What
 * they say of a file is not known, and asking is an error, never a guess.
 */
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "approvals.h"
#include "itsm/file.h"

#define SHALLOW_LIMIT (4u << 20)

struct version {
	const char *mail;
	int64_t seconds;
	struct itsm_oid old_blob, blob; /* zero: was not there, was removed; old: of a merge's first parent */
};

struct walk {
	struct approvals_case *judged;
	const char *path;
	struct itsm_oid commit;
	const char *mail;
	int64_t seconds;
	int (*found)(void *context, const struct version *version);
	void *context;
	bool unknown;          /* the clone is too shallow */
	int status;
};

static int see_commit(void *context, const struct itsm_commit *commit)
{
	struct walk *walk = context;

	walk->commit = commit->oid;
	walk->mail = itsm_arena_strdup(walk->judged->arena, commit->author.mail);
	walk->seconds = commit->author.seconds;
	return 0;
}

static bool is_oldest(struct itsm_approvals *approvals, const struct itsm_oid *commit)
{
	char name[41];

	if (!approvals->shallow_read) {
		const char *path = itsm_arena_printf(approvals->arena, "%s/shallow", approvals->desk->place.common_dir);

		approvals->shallow_read = true;
		itsm_file_read(AT_FDCWD, path, SHALLOW_LIMIT, &approvals->shallow, NULL);
	}
	itsm_oid_text(commit, name);
	return approvals->shallow.data && strstr(approvals->shallow.data, name);
}

static int see_change(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct walk *walk = context;
	struct version version = {.mail = walk->mail, .seconds = walk->seconds};

	if (strcmp((new_entry ? new_entry : old_entry)->path, walk->path) != 0)
		return 0;
	if (is_oldest(walk->judged->approvals, &walk->commit)) {
		walk->unknown = true;
		return 1;
	}
	if (old_entry)
		version.old_blob = old_entry->blob;
	if (new_entry)
		version.blob = new_entry->blob;
	walk->status = walk->found(walk->context, &version);
	return walk->status;
}

static int walk_file(struct approvals_case *judged, const char *path, int (*found)(void *, const struct version *), void *context)
{
	struct itsm_approvals *approvals = judged->approvals;
	struct walk walk = {.judged = judged, .path = path, .found = found, .context = context};
	struct itsm_history history = {see_commit, see_change, &walk};
	struct itsm_error failure = {0};
	int status;

	if (itsm_oid_is_zero(&approvals->head))
		return 0;
	status = itsm_repo_history(&approvals->desk->place, NULL, &approvals->head, path, 0, &history, &failure);
	if (walk.unknown)
		return itsm_error_set(judged->err, ITSM_EGIT,
			"this clone is shallow and does not reach back to who wrote '%s'; fetch it whole with `git fetch --unshallow`, in a pipeline with depth 0",
			path);
	if (walk.status < 0)
		return walk.status;
	if (status < 0 && judged->err)
		*judged->err = failure;
	return status < 0 ? status : 0;
}

struct authors {
	struct approvals_case *judged;
	const char **mails;    /* NULL-terminated all the time */
	size_t count, capacity;
};

static void add_author(struct authors *authors, const char *mail)
{
	for (size_t i = 0; i < authors->count; i++) {
		if (strcasecmp(authors->mails[i], mail) == 0)
			return;
	}
	authors->mails[authors->count++] = mail;
	itsm_arena_grow(authors->judged->arena, &authors->mails, &authors->capacity, authors->count, sizeof(*authors->mails));
	authors->mails[authors->count] = NULL;
}

/* What an approval of this version would have been about; "" for what is no record. */
static int digest_version(struct approvals_case *judged, const struct itsm_oid *blob, char digest[ITSM_DIGEST_TEXT])
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_record *record = NULL;
	struct itsm_findings ignored;
	int status = 0;

	itsm_findings_init(&ignored, arena);
	*digest = '\0';
	if (!itsm_oid_is_zero(blob))
		status = itsm_desk_read_blob(judged->approvals->desk, arena, judged->approvals->kinds, judged->record->path, blob,
			&record, &ignored, judged->err);
	if (record)
		itsm_digest_record(record, digest);
	itsm_arena_free(arena);
	return status;
}

static int see_version(void *context, const struct version *version)
{
	struct authors *authors = context;
	char before[ITSM_DIGEST_TEXT], after[ITSM_DIGEST_TEXT];
	int status;

	if ((status = digest_version(authors->judged, &version->old_blob, before)) != 0 ||
	    (status = digest_version(authors->judged, &version->blob, after)) != 0)
		return status;
	if (*after && strcmp(before, after) != 0)
		add_author(authors, version->mail);
	return 0;
}

int approvals_authors(struct approvals_case *judged, const char *const **mails)
{
	struct authors authors = {.judged = judged};
	int status;

	itsm_arena_grow(judged->arena, &authors.mails, &authors.capacity, 0, sizeof(*authors.mails));
	authors.mails[0] = NULL;
	status = walk_file(judged, judged->record->path, see_version, &authors);
	if (status == 0)
		*mails = authors.mails;
	return status;
}

struct visiting {
	approvals_visit visit;
	void *context;
};

static int visit_version(void *context, const struct version *version)
{
	struct visiting *visiting = context;
	struct approvals_written written = {version->mail, version->seconds, version->blob};

	return visiting->visit(visiting->context, &written);
}

int approvals_versions(struct approvals_case *judged, const char *path, approvals_visit visit, void *context)
{
	struct visiting visiting = {visit, context};

	return walk_file(judged, path, visit_version, &visiting);
}

static int take_first(void *context, const struct approvals_written *version)
{
	*(struct approvals_written *)context = *version;
	return 1;
}

int approvals_written(struct approvals_case *judged, const char *path, struct approvals_written *out)
{
	memset(out, 0, sizeof(*out));
	return approvals_versions(judged, path, take_first, out);
}
