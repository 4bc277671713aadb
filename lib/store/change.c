/* Where a path stands in the work tree and in git's index. */
#include "change.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "itsm/file.h"

#define CONTENT_MAX ((size_t)256 << 20)
#define PATHSPECS_MAX 200 /* more paths than this, and the whole index is listed */

struct store_change *store_changes_add(struct store_changes *changes, const char *path)
{
	struct store_change *change;

	itsm_arena_grow(changes->arena, &changes->items, &changes->capacity, changes->count, sizeof(*changes->items));
	change = &changes->items[changes->count++];
	*change = (struct store_change){.path = itsm_arena_strdup(changes->arena, path), .order = changes->count};
	return change;
}

static int by_path(const void *a, const void *b)
{
	const struct store_change *one = a, *two = b;

	return strcmp(one->path, two->path);
}

static int by_path_and_order(const void *a, const void *b)
{
	const struct store_change *one = a, *two = b;
	int order = by_path(a, b);

	return order ? order : one->order < two->order ? -1 : 1;
}

void store_changes_sort(struct store_changes *changes)
{
	struct store_change *items = changes->items, *last;
	size_t i, j, count = 0;

	if (changes->count > 1)
		qsort(items, changes->count, sizeof(*items), by_path_and_order);
	for (i = 0; i < changes->count; i = j) {
		bool accept = false;

		last = NULL;
		for (j = i; j < changes->count && by_path(&items[i], &items[j]) == 0; j++) {
			accept = accept || items[j].accept;
			if (!items[j].mention)
				last = &items[j];
		}
		if (!last)
			continue;
		last->accept = accept;
		items[count++] = *last;
	}
	changes->count = count;
}

bool store_file_equal(const struct store_file *a, const struct store_file *b)
{
	return a->mode == b->mode && (!a->mode || itsm_oid_equal(&a->blob, &b->blob));
}

/* Executable or not is left to the user; what it says is compared. */
static enum store_standing stand(const struct store_change *change, const struct itsm_oid *blob)
{
	if (change->base.mode && itsm_oid_equal(&change->base.blob, blob))
		return STORE_AT_BASE;
	if (change->next.mode && itsm_oid_equal(&change->next.blob, blob))
		return STORE_AT_NEXT;
	return STORE_ELSEWHERE;
}

static enum store_standing stand_absent(const struct store_change *change)
{
	if (!change->base.mode)
		return STORE_AT_BASE;
	return change->next.mode ? STORE_ELSEWHERE : STORE_AT_NEXT;
}

/* Is it the start of what was to be written? */
static int is_torn(struct itsm_repo *repo, const struct store_change *change, const struct itsm_buffer *content,
	bool *torn, struct itsm_error *err)
{
	struct itsm_buffer whole = {0};
	int status;

	*torn = false;
	if (!change->partly || !change->next.mode)
		return ITSM_OK;
	status = itsm_repo_blob(repo, &change->next.blob, CONTENT_MAX, &whole, err);
	if (!status)
		*torn = content->length < whole.length && memcmp(content->data, whole.data, content->length) == 0;
	itsm_buffer_free(&whole);
	return status;
}

/* Is one of the path's folders something else in the work tree? */
static bool has_file_above(int root, const char *path)
{
	char part[PATH_MAX];
	const char *slash;
	struct stat there;

	for (slash = strchr(path, '/'); slash && (size_t)(slash - path) < sizeof(part); slash = strchr(slash + 1, '/')) {
		memcpy(part, path, (size_t)(slash - path));
		part[slash - path] = '\0';
		if (fstatat(root, part, &there, AT_SYMLINK_NOFOLLOW) != 0)
			return false;
		if (!S_ISDIR(there.st_mode))
			return true;
	}
	return false;
}

/* `filtered` is set when the bytes differ, but git may see it otherwise (line ends, filters). */
static int look_at(struct itsm_repo *repo, int root, struct store_change *change, struct itsm_buffer *content,
	bool *filtered, struct itsm_error *err)
{
	struct itsm_error why;
	struct itsm_oid blob;
	bool torn;
	int status = itsm_file_read(root, change->path, CONTENT_MAX, content, &why);

	*filtered = false;
	change->work_tree = STORE_ELSEWHERE;
	change->absent = status == ITSM_ENOTFOUND;
	if (change->absent && change->next.mode && has_file_above(root, change->path))
		return ITSM_OK; /* stands elsewhere: the user's file is where a folder must be */
	if (change->absent) {
		change->work_tree = change->partly ? STORE_AT_BASE : stand_absent(change);
		return ITSM_OK;
	}
	if (status == ITSM_EDATA || status == ITSM_ELIMIT)
		return ITSM_OK;
	if (status)
		return itsm_error_set(err, status, "%s", why.message);
	itsm_blob_hash(content->data, content->length, &blob);
	change->work_tree = stand(change, &blob);
	if (change->work_tree != STORE_ELSEWHERE)
		return ITSM_OK;
	status = is_torn(repo, change, content, &torn, err);
	*filtered = change->base.mode != 0 && !torn;
	if (!status && torn)
		change->work_tree = STORE_AT_BASE;
	return status;
}

/* What git says of the files whose bytes differ: one name a line, in the order of the paths. */
static int look_through_filters(struct itsm_repo *repo, const struct itsm_buffer *paths, struct store_change **changes,
	size_t count, struct itsm_error *err)
{
	const char *const argv[] = {"git", "hash-object", "--stdin-paths", NULL};
	struct itsm_buffer out = {0};
	struct itsm_oid blob;
	int status = store_git_run(&repo->place, argv, paths, &out, NULL, err);
	size_t i;

	for (i = 0; i < count && !status; i++)
		if (out.length >= 41 * (i + 1) && store_oid_parse(out.data + 41 * i, &blob))
			changes[i]->work_tree = stand(changes[i], &blob);
	itsm_buffer_free(&out);
	return status;
}

int store_look_at_work_tree(struct itsm_repo *repo, struct store_changes *changes, struct itsm_error *err)
{
	struct itsm_buffer content = {0}, paths = {0};
	struct store_change **doubtful = itsm_arena_alloc(changes->arena,
		(changes->count + 1) * sizeof(struct store_change *));
	size_t i, count = 0;
	int root, status = ITSM_OK;
	bool filtered;

	if (!repo->place.work_tree)
		return ITSM_OK;
	root = open(repo->place.work_tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return itsm_error_set(err, ITSM_EIO, "cannot open '%s': %s", repo->place.work_tree, strerror(errno));
	for (i = 0; i < changes->count && !status; i++) {
		status = look_at(repo, root, &changes->items[i], &content, &filtered, err);
		if (!status && filtered) {
			itsm_buffer_puts(&paths, changes->items[i].path);
			itsm_buffer_putc(&paths, '\n');
			doubtful[count++] = &changes->items[i];
		}
	}
	close(root);
	if (!status && count)
		status = look_through_filters(repo, &paths, doubtful, count, err);
	itsm_buffer_free(&content);
	itsm_buffer_free(&paths);
	return status;
}

/* One entry: "<tag> <mode> <name> <stage>\t<path>". */
static int take_entry(struct store_changes *changes, const char *line, struct itsm_error *err)
{
	const char *tab = strchr(line, '\t');
	struct store_change key, *change;
	struct store_file file = {0};
	char stage;

	if (!tab || strlen(line) < 52 || !store_oid_parse(line + 9, &file.blob))
		return itsm_error_set(err, ITSM_EGIT, "cannot make sense of what `git ls-files` says");
	file.mode = (unsigned)strtoul(line + 2, NULL, 8);
	stage = line[50];
	key.path = tab + 1;
	change = changes->count ? bsearch(&key, changes->items, changes->count, sizeof(key), by_path) : NULL;
	if (!change)
		return ITSM_OK;
	change->index = STORE_ELSEWHERE;
	if (stage == '0' && store_file_equal(&file, &change->base))
		change->index = STORE_AT_BASE;
	else if (stage == '0' && store_file_equal(&file, &change->next))
		change->index = STORE_AT_NEXT;
	if (*line == 'S' && change->absent) /* sparse checkout: absent on purpose */
		change->work_tree = STORE_AT_BASE;
	return ITSM_OK;
}

static void begin(struct store_changes *changes)
{
	size_t i;

	for (i = 0; i < changes->count; i++)
		changes->items[i].index = stand_absent(&changes->items[i]);
}

static int ask(struct itsm_repo *repo, struct store_changes *changes, struct itsm_error *err)
{
	static const char *const fixed[] = {"git", "ls-files", "-t", "--stage", "-z", "--"};
	const char *argv[sizeof(fixed) / sizeof(fixed[0]) + PATHSPECS_MAX + 1];
	size_t i, count = sizeof(fixed) / sizeof(fixed[0]);
	struct itsm_buffer out = {0};
	const char *line;
	int status;

	memcpy(argv, fixed, sizeof(fixed));
	if (changes->count <= PATHSPECS_MAX)
		for (i = 0; i < changes->count; i++)
			argv[count++] = changes->items[i].path;
	argv[count] = NULL;
	status = store_git_run(&repo->place, argv, NULL, &out, NULL, err);
	for (line = out.data; !status && line && line < out.data + out.length; line += strlen(line) + 1)
		status = take_entry(changes, line, err);
	itsm_buffer_free(&out);
	return status;
}

int store_look_at_index(struct itsm_repo *repo, struct store_changes *changes, struct itsm_error *err)
{
	begin(changes);
	if (store_index_read(&repo->place, changes))
		return ITSM_OK;
	begin(changes);
	return ask(repo, changes, err);
}
