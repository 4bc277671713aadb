/*
 * Bringing the work tree and git's index to where the branch is. Both are done
 * at the same time: writing the index takes longest in a large repository.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "change.h"
#include "itsm/file.h"

#define BATCH 4000       /* bytes to git at a time: whole lines, so that our death cuts none */
#define CONTENT_MAX ((size_t)256 << 20)
#define LOCK_TRIES 100   /* while another process holds git's index ... */
#define LOCK_PAUSE 20    /* ... with so many milliseconds in between */

int store_updater_start(struct store_child *child, const struct itsm_place *place, struct itsm_error *err)
{
	const char *const argv[] = {"git", "update-index", "-z", "--index-info", NULL};

	return store_git_start(child, place, argv, STORE_CHILD_INPUT, err);
}

/* Lines "<mode> <name>\t<path>" ending in NUL; mode 0 removes. A git that died is noticed at its end. */
static void feed(struct store_child *updater, const struct store_changes *changes)
{
	struct itsm_buffer lines = {0};
	const struct store_change *change;
	char name[41];
	size_t i;

	for (i = 0; i < changes->count; i++) {
		change = &changes->items[i];
		if (change->index == STORE_AT_NEXT || (change->index == STORE_ELSEWHERE && !change->accept))
			continue;
		itsm_oid_text(&change->next.blob, name);
		if (lines.length + strlen(change->path) + 60 > BATCH) {
			store_child_send(updater, lines.data, lines.length);
			itsm_buffer_clear(&lines);
		}
		itsm_buffer_printf(&lines, "%o %s\t%s", change->next.mode, name, change->path);
		itsm_buffer_putc(&lines, '\0');
	}
	store_child_send(updater, lines.data, lines.length);
	itsm_buffer_free(&lines);
	store_child_close_input(updater);
}

static void pause_for(long milliseconds)
{
	struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

	nanosleep(&time, NULL);
}

/* Wait for the update; start it anew while somebody else has git's index locked. */
static int await(struct itsm_repo *repo, const struct store_changes *changes, struct store_child *updater,
	struct itsm_error *err)
{
	struct itsm_error why = {0};
	int tries, status;

	for (tries = 0;; tries++) {
		status = store_child_end(updater, NULL, &why);
		if (!status)
			return ITSM_OK;
		if (!strstr(why.message, "index.lock") || tries == LOCK_TRIES)
			return itsm_error_set(err, status, "%s", why.message);
		pause_for(LOCK_PAUSE);
		status = store_updater_start(updater, &repo->place, err);
		if (status)
			return status;
		feed(updater, changes);
	}
}

static bool is_to_be_placed(const struct store_change *change)
{
	return change->work_tree == STORE_AT_BASE && change->next.mode;
}

/* Those whose content is at hand, many at once. */
static int place_known(int root, const struct store_changes *changes, struct itsm_error *err)
{
	struct itsm_file_new *files = itsm_arena_alloc(changes->arena, (changes->count + 1) * sizeof(*files));
	const struct store_change *change;
	size_t i, count = 0;

	for (i = 0; i < changes->count; i++) {
		change = &changes->items[i];
		if (is_to_be_placed(change) && change->data)
			files[count++] = (struct itsm_file_new){change->path, change->data, change->length};
	}
	return count == 1 ? itsm_file_write(root, files[0].path, files[0].data, files[0].length, err) :
		itsm_file_write_all(root, files, count, err);
}

static int place_blob(struct itsm_repo *repo, int root, const struct store_change *change, struct itsm_error *err)
{
	struct itsm_buffer content = {0};
	int status = itsm_repo_blob(repo, &change->next.blob, CONTENT_MAX, &content, err);

	if (!status)
		status = itsm_file_write(root, change->path, content.data ? content.data : "", content.length, err);
	itsm_buffer_free(&content);
	return status;
}

/* Removed files make room first: a file may become a folder. */
static int place_files(struct itsm_repo *repo, const struct store_changes *changes, struct itsm_error *err)
{
	const struct store_change *change;
	int root = open(repo->place.work_tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = ITSM_OK;
	size_t i;

	if (root < 0)
		return itsm_error_set(err, ITSM_EIO, "cannot open '%s': %s", repo->place.work_tree, strerror(errno));
	for (i = 0; i < changes->count && !status; i++) {
		change = &changes->items[i];
		if (change->work_tree == STORE_AT_BASE && !change->next.mode && !change->absent)
			status = itsm_file_remove(root, change->path, err);
		if (status == ITSM_ENOTFOUND)
			status = ITSM_OK;
	}
	if (!status)
		status = place_known(root, changes, err);
	for (i = 0; i < changes->count && !status; i++) {
		change = &changes->items[i];
		if (is_to_be_placed(change) && !change->data)
			status = place_blob(repo, root, change, err);
	}
	close(root);
	return status;
}

int store_land(struct itsm_repo *repo, struct store_changes *changes, struct store_child *updater,
	struct itsm_error *err)
{
	int status = ITSM_OK, placed;

	if (!repo->place.work_tree)
		return ITSM_OK;
	if (updater->pid <= 0)
		status = store_updater_start(updater, &repo->place, err);
	if (status)
		return status;
	feed(updater, changes);
	placed = place_files(repo, changes, err);
	status = await(repo, changes, updater, placed ? NULL : err);
	return placed ? placed : status;
}
