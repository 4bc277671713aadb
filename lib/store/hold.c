/*
 * git's index while a branch moves. A plain `git commit` takes the new HEAD for its
 * parent and the files from the index: were the index free and still old when the
 * branch has moved, that commit would undo ours. So the index is locked before the
 * branch moves, by a git that waits for what to change: if we die, it sees its input
 * end and takes its lock away.
 *
 * A `git update-index` that finds the index locked says so only at its end; whether it
 * has the lock is seen from the files that it has open.
 * None is ever killed: between making the lock and noting it down, it would leave it behind.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "change.h"

#define PAUSE 1         /* milliseconds between two looks */
#define PATIENCE_MIN 16 /* for a git to start and take the lock; doubled for every one that was started in vain */
#define PATIENCE_MAX 1024

enum holding {
	HOLDS,
	HOLDS_NOT,
	HOLDS_UNKNOWN, /* nobody tells */
};

static bool is_lock(const char *target)
{
	size_t length = strlen(target);

	return length > 5 && strcmp(target + length - 5, ".lock") == 0;
}

static enum holding look(const struct store_child *child)
{
	enum holding found = HOLDS_NOT;
	const struct dirent *entry;
	char path[64], target[4096];
	ssize_t length;
	DIR *files;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)child->pid);
	files = opendir(path);
	if (!files)
		return HOLDS_UNKNOWN;
	while (found != HOLDS && (entry = readdir(files)) != NULL) {
		length = readlinkat(dirfd(files), entry->d_name, target, sizeof(target) - 1);
		target[length < 0 ? 0 : length] = '\0';
		if (is_lock(target))
			found = HOLDS;
	}
	closedir(files);
	return found;
}

static void pause_for(long milliseconds)
{
	struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

	nanosleep(&time, NULL);
}

/* It has nothing to do yet: an end is a failure. */
static bool has_ended(const struct store_child *child)
{
	siginfo_t about = {0};

	return waitid(P_PID, (id_t)child->pid, &about, WEXITED | WNOHANG | WNOWAIT) == 0 && about.si_pid != 0;
}

/* False when it does not take the lock in this time. */
static bool await_lock(struct store_child *updater, long patience, int *status, struct itsm_error *err)
{
	long waited;

	for (waited = 0; waited < patience; waited += PAUSE) {
		if (has_ended(updater)) {
			*status = store_child_end(updater, NULL, err);
			if (!*status)
				*status = itsm_error_set(err, ITSM_EGIT, "`git update-index` ended too soon");
			return true;
		}
		*status = ITSM_OK;
		if (look(updater) != HOLDS_NOT)
			return true;
		pause_for(PAUSE);
	}
	return false;
}

int store_index_hold(struct store_child *updater, const struct itsm_place *place, struct itsm_error *err)
{
	long patience;
	int status;

	for (patience = PATIENCE_MIN; patience <= PATIENCE_MAX; patience *= 2) {
		if (await_lock(updater, patience, &status, err))
			return status;
		store_child_end(updater, NULL, NULL);
		status = store_updater_start(updater, place, err);
		if (status)
			return status;
	}
	store_child_end(updater, NULL, NULL);
	return itsm_error_set(err, ITSM_EGIT,
		"another git keeps the index locked ('%s/index.lock'); try again when it is done, or remove that file "
		"when no git is running here",
		place->git_dir);
}
