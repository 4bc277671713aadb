/*
 * `itsm sync`: fetch, merge, push, until it is through.
 *
 * git does all of it, so that credentials, ssh configuration, proxies and
 * hooks are the user's own. Records merge by meaning through the merge driver,
 * which is installed first where a clone does not have it.
 *
 * The merge is made with the write lock held: a writer on this desk waits, instead
 * of moving the branch under it. Fetching and pushing take their time and hold
 * nothing. When a push fails, the remote is asked again: where it moved,
 * somebody was faster, and the round starts anew.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "git_state.h"
#include "sync.h"

#define ATTEMPTS 50
#define PAUSE_MAX 1000 /* milliseconds */

const char *sync_ask(struct syncing *syncing, const char *const *argv)
{
	struct itsm_buffer out = {0};
	const char *answer = NULL;

	if (itsm_program_run(argv, syncing->desk->place.root, NULL, &out, NULL, NULL) == 0) {
		while (out.length && out.data[out.length - 1] == '\n')
			out.length--;
		if (out.length)
			answer = itsm_arena_strndup(syncing->arena, out.data, out.length);
	}
	itsm_buffer_free(&out);
	return answer;
}

bool sync_is_race(const struct itsm_error *failure)
{
	static const char *const signs[] = {"cannot lock ref", "failed to update ref", "unable to update local ref",
		"index.lock", "incorrect old value", "reference already exists", NULL};
	size_t i;

	for (i = 0; signs[i]; i++)
		if (strstr(failure->message, signs[i]))
			return true;
	return false;
}

int sync_race(struct syncing *syncing, const struct itsm_error *failure)
{
	syncing->race = *failure;
	return ITSM_ERACE;
}

int sync_fail(struct syncing *syncing, int status, const struct itsm_error *failure)
{
	if (syncing->err)
		*syncing->err = *failure;
	return status;
}

static const char *ask_branch(struct syncing *syncing, const char *what)
{
	const char *key = itsm_arena_printf(syncing->arena, "branch.%s.%s", syncing->result->branch, what);
	const char *const argv[] = {"git", "config", "--get", key, NULL};

	return sync_ask(syncing, argv);
}

static int find_branch(struct syncing *syncing)
{
	struct itsm_oid head;
	const char *branch;
	int status = itsm_place_head(syncing->arena, &syncing->desk->place, &head, &branch, syncing->err);

	if (status != 0)
		return status;
	if (!branch || strncmp(branch, "refs/heads/", 11) != 0)
		return itsm_error_set(syncing->err, ITSM_EGIT,
			"HEAD is detached; `git switch` to the branch that is to be brought together");
	if (itsm_oid_is_zero(&head))
		return itsm_error_set(syncing->err, ITSM_EGIT, "nothing is committed yet on '%s'", branch + 11);
	syncing->result->branch = branch + 11;
	return 0;
}

/* Which remote, which branch of it, and where git keeps what it knows of that. */
static int find_remote(struct syncing *syncing)
{
	struct itsm_sync_result *result = syncing->result;
	const char *own = ask_branch(syncing, "remote"), *wanted = syncing->options->remote;
	const char *theirs = NULL;
	bool is_own;

	if (own && strcmp(own, ".") == 0) /* it follows another branch of this repository */
		own = NULL;
	result->remote = wanted ? wanted : own ? own : "origin";
	is_own = own && strcmp(result->remote, own) == 0;
	if (*result->remote == '-' || !*result->remote)
		return itsm_error_set(syncing->err, ITSM_EUSAGE, "'%s' is no remote", result->remote);
	if (is_own)
		theirs = ask_branch(syncing, "merge");
	if (!theirs || strncmp(theirs, "refs/heads/", 11) != 0)
		theirs = itsm_arena_printf(syncing->arena, "refs/heads/%s", result->branch);
	syncing->theirs = theirs;
	{
		const char *const argv[] = {"git", "remote", "get-url", result->remote, NULL};

		if (sync_ask(syncing, argv))
			syncing->tracking = itsm_arena_printf(
				syncing->arena, "refs/remotes/%s/%s", result->remote, theirs + 11);
		else if (strpbrk(result->remote, "/:"))
			syncing->tracking = itsm_arena_printf(syncing->arena, "refs/itsm/sync/%s", theirs + 11);
		else
			return itsm_error_set(syncing->err, ITSM_EGIT,
				"there is no remote '%s'; `git remote add %s URL` names one", result->remote,
				result->remote);
	}
	return 0;
}

static size_t count_commits(struct syncing *syncing, const char *range)
{
	const char *const argv[] = {"git", "rev-list", "--count", range, "--", NULL};
	const char *count = sync_ask(syncing, argv);

	return count ? (size_t)strtoul(count, NULL, 10) : 0;
}

static int fetch(struct syncing *syncing)
{
	const char *refspec = itsm_arena_printf(syncing->arena, "+%s:%s", syncing->theirs, syncing->tracking);
	const char *const argv[] = {"git", "fetch", "--quiet", syncing->result->remote, refspec, NULL};
	struct itsm_error failure = {0};
	int status;

	itsm_desk_progress(syncing->desk, "fetching", 0, 0);
	status = itsm_program_run(argv, syncing->desk->place.root, NULL, NULL, NULL, &failure);
	syncing->known = status == 0;
	if (status == 0 || strstr(failure.message, "couldn't find remote ref"))
		return 0;
	return sync_is_race(&failure) ? sync_race(syncing, &failure) : sync_fail(syncing, status, &failure);
}

/* Take what is new, with writers kept out. */
static int take(struct syncing *syncing)
{
	const char *tracking = syncing->tracking, *unfinished;
	struct itsm_write *write = NULL;
	struct itsm_repo *repo;
	size_t theirs, ours;
	int status;

	if (!syncing->known ||
		!(theirs = count_commits(syncing, itsm_arena_printf(syncing->arena, "HEAD..%s", tracking))))
		return 0;
	if ((status = itsm_desk_repository(syncing->desk, &repo, syncing->err)) != 0 ||
	    (status = itsm_write_begin(repo, &write, syncing->err)) != 0)
		return status;
	unfinished = desk_git_unfinished(&syncing->desk->place);
	ours = count_commits(syncing, itsm_arena_printf(syncing->arena, "%s..HEAD", tracking));
	itsm_desk_progress(syncing->desk, "merging", 0, 0);
	status = unfinished
		? itsm_error_set(syncing->err, ITSM_EREFUSED,
			  "a %s is under way here; `git status` says how to end it, then sync again", unfinished)
		: sync_merge(syncing, write, ours);
	itsm_write_end(write);
	if (status == 0) {
		syncing->result->received += theirs;
		syncing->result->merged = syncing->result->merged || ours > 0;
	}
	return status;
}

/* What is known of the remote's branch; NULL when nothing. */
static const char *known_tip(struct syncing *syncing)
{
	const char *const argv[] = {"git", "rev-parse", "--verify", "--quiet", syncing->tracking, NULL};

	return syncing->known ? sync_ask(syncing, argv) : NULL;
}

/* Push; ITSM_ERACE when somebody else did so first. */
static int give(struct syncing *syncing)
{
	struct itsm_sync_result *result = syncing->result;
	const char *refspec = itsm_arena_printf(syncing->arena, "refs/heads/%s:%s", result->branch, syncing->theirs);
	const char *const argv[] = {"git", "push", "--quiet", result->remote, refspec, NULL};
	const char *before = known_tip(syncing), *after;
	size_t ours = count_commits(syncing, before ? itsm_arena_printf(syncing->arena, "%s..HEAD", before) : "HEAD");
	struct itsm_error failure = {0};
	int status, fetched;

	if (!ours)
		return 0;
	itsm_desk_progress(syncing->desk, "pushing", 0, 0);
	status = itsm_program_run(argv, syncing->desk->place.root, NULL, NULL, NULL, &failure);
	if (status == 0) {
		result->sent += ours;
		return 0;
	}
	fetched = fetch(syncing);
	after = fetched == 0 ? known_tip(syncing) : NULL;
	if (fetched == ITSM_ERACE || sync_is_race(&failure) || (after && (!before || strcmp(before, after) != 0)))
		return sync_race(syncing, &failure);
	return sync_fail(syncing, status, &failure);
}

/* Longer with every attempt, and not the same for everybody. */
static void rest(size_t attempts)
{
	long milliseconds = (long)attempts * (20 + (long)getpid() % 31);
	struct timespec pause = {0, (milliseconds < PAUSE_MAX ? milliseconds : PAUSE_MAX - 1) * 1000000};

	nanosleep(&pause, NULL);
}

int itsm_desk_sync(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_sync_options *options,
	struct itsm_sync_result *out, struct itsm_error *err)
{
	struct itsm_sync_result result = {0};
	struct syncing syncing = {.desk = desk, .arena = arena, .options = options, .result = &result, .err = err};
	size_t attempts = options->attempts ? options->attempts : ATTEMPTS;
	bool made;
	int status;

	if (!desk->place.root)
		return itsm_error_set(err, ITSM_EGIT, "this is a bare repository: others sync with it");
	if ((status = find_branch(&syncing)) != 0 || (status = find_remote(&syncing)) != 0 ||
	    (status = itsm_desk_install_driver(desk, &made, err)) != 0)
		return status;
	syncing.setting = sync_driver(&syncing);
	do {
		if (result.attempts)
			rest(result.attempts);
		status = fetch(&syncing);
		if (status == 0)
			status = take(&syncing);
		if (status == 0)
			status = give(&syncing);
		result.attempts++;
	} while (status == ITSM_ERACE && result.attempts < attempts);
	if (status == ITSM_ERACE)
		status = itsm_error_set(err, ITSM_EGIT,
			"others were faster %zu times; try again, or see what is in the way: %s", attempts,
			*syncing.race.message ? syncing.race.message : "the branch moved");
	*out = result;
	return status;
}
