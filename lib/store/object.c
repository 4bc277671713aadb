/* Revisions, commits and blobs. */
#include <string.h>

#include "internal.h"

/* What libgit2 does not understand ("@{-1}", ":/text") goes to git. */
static int ask_git(struct itsm_repo *repo, const char *revision, git_oid *out, struct itsm_error *err)
{
	const char *const argv[] = {"git", "rev-parse", "--verify", "--quiet", "--end-of-options", revision, NULL};
	struct itsm_buffer text = {0};
	int exit_code = 0;
	int status = store_git_run(&repo->place, argv, NULL, &text, &exit_code, err);

	if (status && exit_code)
		status = itsm_error_set(err, ITSM_ENOTFOUND, "'%s' names no commit; `git log` shows those there are",
		revision);
	else if (!status && (text.length < GIT_OID_HEXSZ || git2.oid_fromstrn(out, text.data, GIT_OID_HEXSZ) < 0))
		status = itsm_error_set(err, ITSM_ENOTFOUND, "'%s' names no commit", revision);
	itsm_buffer_free(&text);
	return status;
}

int itsm_repo_resolve(struct itsm_repo *repo, const char *revision, struct itsm_oid *commit, struct itsm_error *err)
{
	git_object *object = NULL, *peeled = NULL;
	int status = store_libgit2(repo, err);
	git_oid oid;

	if (status)
		return status;
	/* a search through messages is git's: libgit2 leaks, and its regular expressions may take for ever */
	if (strstr(revision, "{/") || strncmp(revision, ":/", 2) == 0 ||
	    git2.revparse_single(&object, repo->git, revision) < 0) {
		status = ask_git(repo, revision, &oid, err);
		if (!status && git2.object_lookup(&object, repo->git, &oid, GIT_OBJECT_ANY) < 0 &&
		    (!store_fetch_missing(repo, &oid) || git2.object_lookup(&object, repo->git, &oid,
		GIT_OBJECT_ANY) < 0))
			status = store_git_error(err, ITSM_EGIT, "cannot read '%s'", revision);
	}
	if (!status && git2.object_peel(&peeled, object, GIT_OBJECT_COMMIT) < 0)
		status = itsm_error_set(err, ITSM_ENOTFOUND, "'%s' is no commit; `git log` shows those there are",
		revision);
	if (!status)
		*commit = store_oid(git2.object_id(peeled));
	git2.object_free(object);
	git2.object_free(peeled);
	return status;
}

int itsm_repo_merge_base(struct itsm_repo *repo, const struct itsm_oid *a, const struct itsm_oid *b,
	struct itsm_oid *out, struct itsm_error *err)
{
	git_oid one = store_git_oid(a), two = store_git_oid(b), base;
	int status = store_libgit2(repo, err), number;

	if (status)
		return status;
	number = git2.merge_base(&base, repo->git, &one, &two);
	if (number == GIT_ENOTFOUND)
		return store_git_error(err, ITSM_ENOTFOUND, "the two commits share no history");
	if (number < 0)
		return store_git_error(err, ITSM_EGIT, "cannot find what the two commits have in common");
	*out = store_oid(&base);
	return ITSM_OK;
}

static int open_objects(struct itsm_repo *repo, git_odb **out, struct itsm_error *err)
{
	int status = store_libgit2(repo, err);

	if (status)
		return status;
	return git2.repository_odb(out, repo->git) < 0
		? store_git_error(err, ITSM_EGIT, "cannot read the repository's objects") : ITSM_OK;
}

int store_object(struct itsm_repo *repo, enum store_object type, const struct itsm_oid *oid, struct itsm_buffer *out,
	struct itsm_error *err)
{
	git_oid name = store_git_oid(oid);
	git_odb_object *object = NULL;
	git_odb *odb = NULL;
	int status, number;

	if (store_goes_alone(repo) && store_place_object(&repo->place, type, oid, out))
		return ITSM_OK;
	if ((status = open_objects(repo, &odb, err)) != ITSM_OK)
		return status;
	number = git2.odb_read(&object, odb, &name);
	if (number == GIT_ENOTFOUND && store_fetch_missing(repo, &name))
		number = git2.odb_read(&object, odb, &name);
	if (number < 0) {
		status = store_git_error(err, number == GIT_ENOTFOUND ? ITSM_ENOTFOUND : ITSM_EGIT, "cannot read a %s",
			store_object_name(type));
	} else if ((int)git2.odb_object_type(object) != (int)type) {
		status = itsm_error_set(err, ITSM_EGIT, "a %s was asked for, but git has something else there",
			store_object_name(type));
	} else {
		itsm_buffer_clear(out);
		itsm_buffer_add(out, git2.odb_object_data(object), git2.odb_object_size(object));
	}
	git2.odb_object_free(object);
	git2.odb_free(odb);
	return status;
}

int itsm_repo_blob(struct itsm_repo *repo, const struct itsm_oid *blob, size_t limit, struct itsm_buffer *out,
	struct itsm_error *err)
{
	git_oid oid = store_git_oid(blob);
	git_odb_object *object = NULL;
	git_object_t type = GIT_OBJECT_INVALID;
	git_odb *odb = NULL;
	size_t length = 0;
	int status, number;

	if (store_goes_alone(repo) && itsm_place_blob(&repo->place, blob, limit, out))
		return ITSM_OK;
	if ((status = open_objects(repo, &odb, err)) != ITSM_OK)
		return status;
	number = git2.odb_read_header(&length, &type, odb, &oid);
	if (number == GIT_ENOTFOUND && store_fetch_missing(repo, &oid))
		number = git2.odb_read_header(&length, &type, odb, &oid);
	if (number == 0 && length <= limit)
		number = git2.odb_read(&object, odb, &oid);
	if (number < 0)
		status = store_git_error(err, number == GIT_ENOTFOUND ? ITSM_ENOTFOUND : ITSM_EGIT,
			"cannot read a file's content");
	else if (type != GIT_OBJECT_BLOB)
		status = itsm_error_set(err, ITSM_EDATA,
			"a file's content was asked for, but git has something else there");
	else if (length > limit)
		status = itsm_error_set(err, ITSM_ELIMIT, "the file has %zu bytes, more than the %zu allowed", length,
			limit);
	if (!status) {
		itsm_buffer_clear(out);
		itsm_buffer_add(out, git2.odb_object_data(object), git2.odb_object_size(object));
	}
	git2.odb_object_free(object);
	git2.odb_free(odb);
	return status;
}

static struct itsm_person_time person(struct itsm_arena *arena, const git_signature *signature)
{
	return (struct itsm_person_time){itsm_arena_strdup(arena, signature->name),
		itsm_arena_strdup(arena, signature->email), signature->when.time, signature->when.offset};
}

static void fill(struct itsm_arena *arena, const git_commit *commit, struct itsm_commit *out)
{
	const char *message = git2.commit_message(commit);
	size_t length = strcspn(message, "\n");
	struct itsm_oid *parents;
	unsigned i, count = git2.commit_parentcount(commit);

	parents = itsm_arena_alloc(arena, (count + 1) * sizeof(*parents));
	for (i = 0; i < count; i++)
		parents[i] = store_oid(git2.commit_parent_id(commit, i));
	*out = (struct itsm_commit){
		.oid = store_oid(git2.commit_id(commit)),
		.parents = parents,
		.parent_count = count,
		.author = person(arena, git2.commit_author(commit)),
		.committer = person(arena, git2.commit_committer(commit)),
		.subject = itsm_arena_strndup(arena, message, length),
		.body = itsm_arena_strdup(arena, message + length + strspn(message + length, "\n")),
	};
}

int itsm_repo_commit(struct itsm_repo *repo, struct itsm_arena *arena, const struct itsm_oid *oid,
	struct itsm_commit *out, struct itsm_error *err)
{
	git_oid name = store_git_oid(oid);
	git_commit *commit = NULL;
	int status = store_libgit2(repo, err), number;

	if (status)
		return status;
	number = git2.commit_lookup(&commit, repo->git, &name);
	if (number == GIT_ENOTFOUND && store_fetch_missing(repo, &name))
		number = git2.commit_lookup(&commit, repo->git, &name);
	if (number < 0)
		return store_git_error(err, number == GIT_ENOTFOUND ? ITSM_ENOTFOUND : ITSM_EGIT,
			"cannot read a commit");
	fill(arena, commit, out);
	git2.commit_free(commit);
	return ITSM_OK;
}
