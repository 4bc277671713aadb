/*
 * What surrounds the records: how git is set up for them, what git and killed
 * programs left lying, and the index.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "driver.h"
#include "git_state.h"

#define DEPTH_MAX 32
#define FRESH_SECONDS 60      /* a temporary file may still be somebody's */
#define LOCK_SECONDS 600      /* no git takes that long with its index, or with one file that it merges */
#define ALPHANUMERIC "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOOKS 3               /* at an index that others write to meanwhile */

int doctor_look_at_setup(struct doctor *doctor, struct itsm_error *err)
{
	struct itsm_finding finding = {.rule = "setup/driver", .severity = ITSM_SEVERITY_WARNING,
		.message = "git does not know the merge driver: it merges records line by line",
		.remedy = "`itsm doctor --fix` or `itsm sync` configures it; each clone needs that once"};
	struct itsm_buffer lines = {0}, names = {0};
	const char **folders = NULL;
	size_t count, i;
	int status;

	if (!itsm_desk_has_driver(doctor->desk))
		doctor_add(doctor, &finding, DOCTOR_DRIVER, "configure merge.itsm.driver", NULL);
	status = desk_driver_missing(doctor->desk, doctor->arena, &folders, &count, err);
	for (i = 0; status == 0 && i < count; i++) {
		desk_driver_attributes(&lines, folders[i]);
		itsm_buffer_printf(&names, "%s%s", i ? ", " : "", folders[i]);
	}
	if (lines.length) {
		finding.rule = "setup/attributes";
		finding.path = ".gitattributes";
		finding.message = itsm_arena_printf(
			doctor->arena, "git is not told to use the merge driver for %s", names.data);
		finding.remedy = itsm_arena_printf(
			doctor->arena, "add lines like `/%s/** -text merge=itsm`", folders[0]);
		doctor_add(doctor, &finding, DOCTOR_ATTRIBUTES, "add the lines", lines.data);
	}
	itsm_buffer_free(&lines);
	itsm_buffer_free(&names);
	return status;
}

/* The names that whole writes give to files that are not yet whole: ".itsm-<16 digits>~". */
static bool is_temporary(const char *name)
{
	return strncmp(name, ".itsm-", 6) == 0 && strlen(name) == 23 && strspn(name + 6, "0123456789abcdef") == 16 &&
		name[22] == '~';
}

static void add_temporary(struct doctor *doctor, int folder, const char *name, const char *path)
{
	struct itsm_finding finding = {.rule = "left/temporary", .severity = ITSM_SEVERITY_WARNING, .path = path,
		.message = "is what a killed program left of a file that it was writing", .remedy = "remove it"};
	struct stat about;

	if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(about.st_mode) &&
	    about.st_mtime < doctor->options->now - FRESH_SECONDS)
		doctor_add(doctor, &finding, DOCTOR_TEMPORARY, "remove it", path);
}

static void look_for_temporaries(struct doctor *doctor, int descriptor, const char *path, unsigned depth)
{
	DIR *folder = descriptor < 0 ? NULL : fdopendir(descriptor);
	const struct dirent *entry;
	const char *below;

	if (!folder) {
		if (descriptor >= 0)
			close(descriptor);
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
			strcmp(entry->d_name, ".git") == 0)
			continue;
		if (entry->d_type != DT_DIR && !is_temporary(entry->d_name))
			continue;
		below = itsm_arena_printf(doctor->arena, "%s%s%s", path, *path ? "/" : "", entry->d_name);
		if (entry->d_type != DT_DIR)
			add_temporary(doctor, descriptor, entry->d_name, below);
		else if (depth < DEPTH_MAX)
			look_for_temporaries(doctor,
				openat(descriptor, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
				below, depth + 1);
	}
	closedir(folder);
}

/* The names that git gives to the sides of a file while a merge driver has them: ".merge_file_" and six letters or digits. */
static bool is_merge_file(const char *name)
{
	return strncmp(name, ".merge_file_", 12) == 0 && strlen(name) == 18 && strspn(name + 12, ALPHANUMERIC) == 6;
}

static bool is_tracked(struct doctor *doctor, const char *path)
{
	const char *const argv[] = {"git", "ls-files", "--error-unmatch", "--", path, NULL};

	return itsm_program_run(argv, doctor->place.root, NULL, NULL, NULL, NULL) == 0;
}

/* git has them at the top of the work tree, which may lie above the desk. */
static void look_for_merge_files(struct doctor *doctor)
{
	struct itsm_finding finding = {.rule = "left/temporary", .severity = ITSM_SEVERITY_WARNING,
		.message = "is what a git that was killed left of a file that it was merging", .remedy = "remove it"};
	DIR *folder = opendir(doctor->place.work_tree);
	const char *slash, *path;
	const struct dirent *entry;
	struct stat about;

	while (folder && (entry = readdir(folder)) != NULL) {
		if (!is_merge_file(entry->d_name) ||
		    fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode) ||
		    about.st_mtime >= doctor->options->now - LOCK_SECONDS)
			continue;
		path = itsm_arena_strdup(doctor->arena, entry->d_name);
		for (slash = doctor->place.prefix; (slash = strchr(slash, '/')) != NULL; slash++)
			path = itsm_arena_printf(doctor->arena, "../%s", path);
		finding.path = path;
		if (!is_tracked(doctor, path))
			doctor_add(doctor, &finding, DOCTOR_MERGE_FILE, "remove it", entry->d_name);
	}
	if (folder)
		closedir(folder);
}

static void look_at_lock(struct doctor *doctor)
{
	const char *path = itsm_arena_printf(doctor->arena, "%s/index.lock", doctor->place.git_dir);
	struct stat about;

	if (stat(path, &about) == 0 && about.st_mtime < doctor->options->now - LOCK_SECONDS)
		doctor_warn(doctor, "left/lock", NULL,
			itsm_arena_printf(doctor->arena,
				"'%s' is more than %d minutes old: a git that was killed left it, and every"
				" git waits for it",
				path, LOCK_SECONDS / 60),
			"see that no git is running here, then remove it");
}

static void look_at_unfinished(struct doctor *doctor)
{
	const char *what = desk_git_unfinished(&doctor->place);

	if (what)
		doctor_warn(doctor, "merge/unfinished", NULL,
			itsm_arena_printf(doctor->arena, "a %s is under way", what),
			itsm_arena_printf(doctor->arena,
				"settle what is open and `git add` it, then %s; or `git %s --abort`",
				strcmp(what, "merge") == 0
					? "`git commit`"
					: itsm_arena_printf(doctor->arena, "`git %s --continue`", what),
				what));
}

/* Files that git holds for conflicted: also those without markers, removed on one side and changed on the other. */
static void look_at_unmerged(struct doctor *doctor)
{
	const char *const argv[] = {"git", "diff", "--name-only", "--diff-filter=U", "-z", "--relative", NULL};
	struct itsm_finding finding = {.rule = "merge/unmerged",
		.message = "git waits to be told how its conflict is settled",
		.remedy = "when the file is as it should be, `git add` it; `git rm` it when it is to go"};
	struct itsm_buffer out = {0};
	size_t i;

	if (itsm_program_run(argv, doctor->place.root, NULL, &out, NULL, NULL) == 0) {
		for (i = 0; i < out.length; i += strlen(out.data + i) + 1) {
			finding.path = out.data + i;
			doctor_add(doctor, &finding, DOCTOR_PERSON, NULL, NULL);
		}
	}
	itsm_buffer_free(&out);
}

static void look_at_drafts(struct doctor *doctor)
{
	const char *path = itsm_arena_printf(doctor->arena, "%s/itsm/edit", doctor->place.git_dir);
	DIR *folder = opendir(path);
	struct itsm_finding finding = {.rule = "left/draft", .severity = ITSM_SEVERITY_NOTE};
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)) != NULL) {
		if (*entry->d_name == '.')
			continue;
		finding.message = itsm_arena_printf(
			doctor->arena, "'%s/%s' is the text of an edit that was refused", path, entry->d_name);
		finding.remedy = "go on with `itsm edit ID --file FILE`, or remove it";
		doctor_add(doctor, &finding, DOCTOR_PERSON, NULL, NULL);
	}
	if (folder)
		closedir(folder);
}

void doctor_look_at_left(struct doctor *doctor)
{
	struct itsm_finding journal = {.rule = "left/journal", .severity = ITSM_SEVERITY_WARNING,
		.message = "a writer was stopped between its commit and the files of the work tree",
		.remedy = "the next command finishes it; when it can't, it says why"};

	if (itsm_write_is_pending(&doctor->place))
		doctor_add(doctor, &journal, DOCTOR_RECOVER, "finish it", NULL);
	look_at_lock(doctor);
	look_at_unfinished(doctor);
	look_at_unmerged(doctor);
	look_at_drafts(doctor);
	look_for_temporaries(doctor, openat(doctor->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "", 0);
	look_for_merge_files(doctor);
}

static int dump_work(struct itsm_index *index, struct itsm_buffer *out, struct itsm_error *err)
{
	int status;

	if ((status = itsm_index_refresh_work(index, err)) != 0 ||
	    (status = itsm_index_use(index, ITSM_SNAPSHOT_WORK, err)) != 0)
		return status;
	return itsm_index_dump(index, out, err);
}

static int give_repository(void *context, struct itsm_repo **out, struct itsm_error *err)
{
	return itsm_desk_repository(context, out, err);
}

static bool same(const struct itsm_buffer *a, const struct itsm_buffer *b)
{
	return a->length == b->length && (!a->length || memcmp(a->data, b->data, a->length) == 0);
}

/*
 * What the index says before and after one is made for this only: what is different
 * from both is wrong, if they are the same; else somebody writes, and it is asked again.
 */
static int compare(struct itsm_index *index, const struct itsm_index_options *options, bool *differs, struct itsm_error *err)
{
	struct itsm_buffer before = {0}, made = {0}, after = {0};
	struct itsm_index *fresh = NULL;
	int status = 0, looks;
	bool quiet = false;

	*differs = false;
	for (looks = 0; looks < LOOKS && !quiet && status == 0; looks++) {
		if ((status = dump_work(index, &before, err)) == 0 && (status = itsm_index_open(options, &fresh, err)) == 0 &&
		    (status = dump_work(fresh, &made, err)) == 0 && !same(&before, &made))
			status = dump_work(index, &after, err);
		quiet = same(&before, &made) || same(&before, &after);
		*differs = quiet && !same(&before, &made);
		itsm_index_free(fresh);
		fresh = NULL;
	}
	itsm_buffer_free(&before);
	itsm_buffer_free(&made);
	itsm_buffer_free(&after);
	return status;
}

int doctor_look_at_index(struct doctor *doctor, struct itsm_error *err)
{
	struct itsm_desk *desk = doctor->desk;
	struct itsm_index_options options = {.kinds = desk->kinds,
		.place = &desk->place,
		.memory = true,
		.now = desk->options.now,
		.progress = desk->options.progress,
		.progress_context = desk->options.progress_context,
		.repository = give_repository,
		.repository_context = desk};
	struct itsm_finding finding = {.rule = "left/index",
		.severity = ITSM_SEVERITY_WARNING,
		.message = "the index does not agree with the files: what `list` and `check` say may be wrong",
		.remedy = "remove <git dir>/itsm/index-*; it is built anew"};
	struct itsm_index *index;
	bool differs = false;
	int status;

	if ((status = itsm_desk_index(desk, &index, err)) == 0)
		status = compare(index, &options, &differs, err);
	if (differs)
		doctor_add(doctor, &finding, DOCTOR_INDEX, "build it anew", NULL);
	return status;
}
