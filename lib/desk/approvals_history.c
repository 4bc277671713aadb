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

#define EXPECTED_MAX 500 /* paths that one git log is given */

struct version {
	const char *mail;
	int64_t seconds;
	struct itsm_oid old_blob, blob; /* zero: was not there, was removed; old: of a merge's first parent */
	bool unknown;                   /* the clone is too shallow to tell */
};

/* All versions of a file, newest first. */
struct approvals_history {
	const char *path;
	struct version *versions;
	size_t count, capacity;
	struct approvals_history *next;
};

/* One run of git log. */
struct walk {
	struct itsm_approvals *approvals;
	struct itsm_arena *arena;
	struct itsm_oid commit;
	const char *mail;
	int64_t seconds;
	const char *path;       /* the only one, or NULL: those that are among the histories */
	int (*found)(void *context, const struct version *version);
	void *context;
	int status;
};

static struct approvals_history **history_place(struct itsm_approvals *approvals, const char *path)
{
	struct approvals_history **slot;
	unsigned hash = 5381;
	const char *byte;

	for (byte = path; *byte; byte++)
		hash = hash * 33 + (unsigned char)*byte;
	slot = &approvals->histories[hash % APPROVALS_HISTORIES];
	while (*slot && strcmp((*slot)->path, path) != 0)
		slot = &(*slot)->next;
	return slot;
}

static struct approvals_history *add_history(struct itsm_approvals *approvals, const char *path)
{
	struct approvals_history **slot = history_place(approvals, path);

	if (!*slot) {
		*slot = itsm_arena_alloc(approvals->arena, sizeof(**slot));
		(*slot)->path = itsm_arena_strdup(approvals->arena, path);
	}
	return *slot;
}

static int keep_version(void *context, const struct version *version)
{
	struct walk *walk = context;
	struct approvals_history *history = *history_place(walk->approvals, walk->path);

	if (!history)
		return 0;
	itsm_arena_grow(walk->approvals->arena, &history->versions, &history->capacity, history->count, sizeof(*history->versions));
	history->versions[history->count++] = *version;
	return 0;
}

static int see_commit(void *context, const struct itsm_commit *commit)
{
	struct walk *walk = context;

	walk->commit = commit->oid;
	walk->mail = itsm_arena_strdup(walk->arena, commit->author.mail);
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
	const char *path = (new_entry ? new_entry : old_entry)->path;
	struct version version = {.mail = walk->mail, .seconds = walk->seconds};

	if (walk->found != keep_version && strcmp(path, walk->path) != 0)
		return 0;
	version.unknown = is_oldest(walk->approvals, &walk->commit);
	if (old_entry)
		version.old_blob = old_entry->blob;
	if (new_entry)
		version.blob = new_entry->blob;
	if (walk->found == keep_version)
		walk->path = path;
	walk->status = walk->found(walk->context, &version);
	return walk->status;
}

static int run_walk(struct walk *walk, const char *const *paths, struct itsm_error *err)
{
	struct itsm_history history = {.on_commit = see_commit, .on_change = see_change, .context = walk, .paths = paths};
	struct itsm_error failure = {0};
	int status = itsm_repo_history(&walk->approvals->desk->place, NULL, &walk->approvals->head, NULL, 0, &history, &failure);

	if (walk->status < 0)
		return walk->status;
	if (status < 0 && err)
		*err = failure;
	return status < 0 ? status : 0;
}

/* Read the histories of some files, from the start of `paths` on, and keep them. */
static int keep_histories(struct itsm_approvals *approvals, const char *const *paths, struct itsm_error *err)
{
	struct walk walk = {.approvals = approvals, .arena = approvals->arena, .found = keep_version, .context = &walk};
	int status;
	size_t i;

	for (i = 0; paths[i]; i++)
		add_history(approvals, paths[i]);
	status = run_walk(&walk, paths, err);
	for (i = 0; status != 0 && paths[i]; i++) {
		struct approvals_history **slot = history_place(approvals, paths[i]);

		if (*slot)
			*slot = (*slot)->next;
	}
	return status;
}

void approvals_expect(struct itsm_approvals *approvals, const char *const *paths, size_t count)
{
	const char **some = itsm_arena_alloc(approvals->arena, (EXPECTED_MAX + 1) * sizeof(*some));
	size_t used = 0, i;

	if (itsm_oid_is_zero(&approvals->head))
		return;
	for (i = 0; i < count; i++) {
		if (!*history_place(approvals, paths[i]))
			some[used++] = paths[i];
		if (used == 0 || (used < EXPECTED_MAX && i + 1 < count))
			continue;
		some[used] = NULL;
		if (keep_histories(approvals, some, NULL) != 0)
			return;
		used = 0;
	}
}

struct known {
	struct approvals_case *judged;
	const char *path;
	int (*found)(void *context, const struct version *version);
	void *context;
};

/* Nobody guesses what a clone that is too shallow can't tell. */
static int pass_on(void *context, const struct version *version)
{
	const struct known *known = context;
	struct version copy = *version;

	if (version->unknown)
		return itsm_error_set(known->judged->err, ITSM_EGIT,
			"this clone is shallow and does not reach back to who wrote '%s'; fetch it whole with `git fetch --unshallow`, in a pipeline with depth 0",
			known->path);
	copy.mail = itsm_arena_strdup(known->judged->arena, version->mail); /* the verdict outlives what is kept */
	return known->found(known->context, &copy);
}

/*
 * Each version, newest first, until `found` returns non-zero: kept, for a record is asked about in each state that it
 * entered. Where the `latest` is wanted alone, git is stopped once it has told.
 */
static int walk_file(struct approvals_case *judged, const char *path, bool latest,
	int (*found)(void *, const struct version *), void *context)
{
	struct itsm_approvals *approvals = judged->approvals;
	const char *const paths[] = {path, NULL};
	struct known known = {judged, path, found, context};
	struct walk walk = {.approvals = approvals, .arena = judged->arena, .path = path, .found = pass_on, .context = &known};
	const struct approvals_history *history;
	int status = 0;
	size_t i;

	if (itsm_oid_is_zero(&approvals->head))
		return 0;
	if (!*history_place(approvals, path)) {
		if (latest)
			return run_walk(&walk, paths, judged->err);
		if ((status = keep_histories(approvals, paths, judged->err)) != 0)
			return status;
	}
	history = *history_place(approvals, path);
	for (i = 0; i < history->count && status == 0; i++)
		status = pass_on(&known, &history->versions[i]);
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
	status = walk_file(judged, judged->record->path, false, see_version, &authors);
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

	return walk_file(judged, path, false, visit_version, &visiting);
}

static int take_first(void *context, const struct approvals_written *version)
{
	*(struct approvals_written *)context = *version;
	return 1;
}

int approvals_written(struct approvals_case *judged, const char *path, struct approvals_written *out)
{
	struct visiting visiting = {take_first, out};

	memset(out, 0, sizeof(*out));
	return walk_file(judged, path, true, visit_version, &visiting);
}
