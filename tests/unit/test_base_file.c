/*
 * Files below a folder: bounded, whole or absent, through no link. With the
 * argument "old-kernel" the same where openat2 does not exist.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "itsm/file.h"

struct place {
	char path[64];
	int root;
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->path, "/tmp/itsm-file-XXXXXX");
	if (!mkdtemp(place->path))
		return -1;
	place->root = open(place->path, O_RDONLY | O_DIRECTORY);
	*state = place;
	return place->root < 0 ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *position)
{
	(void)about;
	(void)type;
	(void)position;
	return remove(path);
}

static int tear_down(void **state)
{
	struct place *place = *state;

	close(place->root);
	nftw(place->path, remove_one, 16, FTW_PHYS | FTW_DEPTH);
	free(place);
	return 0;
}

static void put(int root, const char *path, const char *text)
{
	struct itsm_error err = {0};

	if (itsm_file_write(root, path, text, strlen(text), &err) != ITSM_OK)
		fail_msg("%s: %s", path, err.message);
}

static void check_content(int root, const char *path, const char *text)
{
	struct itsm_buffer content = {0};
	struct itsm_error err = {0};

	if (itsm_file_read(root, path, 1 << 20, &content, &err) != ITSM_OK)
		fail_msg("%s: %s", path, err.message);
	assert_string_equal(content.data, text);
	assert_int_equal(content.length, strlen(text));
	itsm_buffer_free(&content);
}

/* Names in a folder, temporary files of ours among them, but for "." and "..". */
static unsigned count_entries(int root, const char *path)
{
	int folder = openat(root, path, O_RDONLY | O_DIRECTORY);
	DIR *entries = fdopendir(folder);
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(entries);
	while ((entry = readdir(entries)) != NULL)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(entries);
	return count;
}

static void test_write_and_read(void **state)
{
	const struct place *place = *state;
	struct itsm_buffer content = {0};
	struct itsm_error err;
	struct stat about;

	put(place->root, "a.md", "one");
	put(place->root, "transition/changes/2026/11/b.md", "two");
	put(place->root, "a.md", "");
	check_content(place->root, "a.md", "");
	check_content(place->root, "transition/changes/2026/11/b.md", "two");
	assert_int_equal(count_entries(place->root, "transition/changes/2026/11"), 1);
	assert_int_equal(fchmodat(place->root, "a.md", 0640, 0), 0);
	put(place->root, "a.md", "three");
	assert_int_equal(fstatat(place->root, "a.md", &about, 0), 0);
	assert_int_equal(about.st_mode & 07777, 0640);
	assert_int_equal(itsm_file_read(place->root, "a.md", 5, &content, &err), ITSM_OK);
	assert_string_equal(content.data, "three");
	assert_int_equal(itsm_file_read(place->root, "a.md", 4, &content, &err), ITSM_ELIMIT);
	assert_string_equal(content.data, "three");
	assert_int_equal(itsm_file_read(place->root, "none", 4, &content, &err), ITSM_ENOTFOUND);
	assert_int_equal(itsm_file_read(place->root, "a.md/x", 4, &content, &err), ITSM_ENOTFOUND);
	assert_int_equal(itsm_file_read(place->root, "none/x", 4, &content, &err), ITSM_ENOTFOUND);
	assert_int_equal(itsm_file_read(place->root, "transition", 4, &content, &err), ITSM_EDATA);
	itsm_buffer_free(&content);
}

static void test_absolute(void **state)
{
	const struct place *place = *state;
	struct itsm_buffer content = {0};
	char path[128];

	snprintf(path, sizeof(path), "%s/x/y", place->path);
	put(AT_FDCWD, path, "text");
	check_content(place->root, "x/y", "text");
	check_content(AT_FDCWD, path, "text");
	assert_int_equal(itsm_file_read(place->root, path, 9, &content, NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_write(place->root, path, "", 0, NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_remove(AT_FDCWD, path, NULL), ITSM_OK);
	assert_int_equal(count_entries(place->root, "x"), 0);
}

static void test_no_way_out(void **state)
{
	static const char *const paths[] = {"..", "../x", "a/../x", "a/..", "", "/etc/passwd", "a//b", "a/"};
	const struct place *place = *state;
	struct itsm_buffer content = {0};
	size_t i;

	put(place->root, "a/b", "x");
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(itsm_file_read(place->root, paths[i], 9, &content, NULL), ITSM_EDATA);
		assert_int_equal(itsm_file_write(place->root, paths[i], "y", 1, NULL), ITSM_EDATA);
		assert_int_equal(itsm_file_remove(place->root, paths[i], NULL), ITSM_EDATA);
	}
	assert_int_equal(itsm_folder_make(place->root, "a/../../x", NULL), ITSM_EDATA);
	assert_null(content.data);
}

static void test_links(void **state)
{
	const struct place *place = *state;
	struct itsm_buffer content = {0};
	struct stat about;

	put(place->root, "real/file", "secret");
	assert_int_equal(symlinkat("real", place->root, "folder"), 0);
	assert_int_equal(symlinkat("real/file", place->root, "link"), 0);
	assert_int_equal(symlinkat("nowhere", place->root, "dangling"), 0);
	assert_int_equal(itsm_file_read(place->root, "link", 99, &content, NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_read(place->root, "folder/file", 99, &content, NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_read(place->root, "dangling", 99, &content, NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_write(place->root, "link", "x", 1, NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_write(place->root, "dangling", "x", 1, NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_write(place->root, "folder/new", "x", 1, NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_write(place->root, "folder/new/newer", "x", 1, NULL), ITSM_EDATA);
	assert_int_equal(itsm_folder_make(place->root, "folder/new", NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_remove(place->root, "folder/file", NULL), ITSM_EDATA);
	check_content(place->root, "real/file", "secret");
	assert_int_equal(count_entries(place->root, "real"), 1);
	assert_int_equal(fstatat(place->root, "link", &about, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISLNK(about.st_mode));
	assert_null(content.data);
}

/* A pipe nobody writes to must not hold the reader, nor be replaced. */
static void test_special_files(void **state)
{
	const struct place *place = *state;
	struct itsm_buffer content = {0};

	assert_int_equal(mkfifoat(place->root, "pipe", 0600), 0);
	assert_int_equal(itsm_file_read(place->root, "pipe", 99, &content, NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_write(place->root, "pipe", "x", 1, NULL), ITSM_EIO);
	assert_int_equal(itsm_file_write(place->root, "pipe/x", "x", 1, NULL), ITSM_ENOTFOUND);
	assert_int_equal(mkdirat(place->root, "folder", 0700), 0);
	assert_int_equal(itsm_file_write(place->root, "folder", "x", 1, NULL), ITSM_EDATA);
	assert_int_equal(count_entries(place->root, "."), 2);
}

static void test_remove(void **state)
{
	const struct place *place = *state;

	put(place->root, "a/b/c/one", "x");
	put(place->root, "a/two", "x");
	assert_int_equal(itsm_file_remove(place->root, "a/b/c/one", NULL), ITSM_OK);
	assert_int_equal(count_entries(place->root, "a"), 1);
	assert_int_equal(itsm_file_remove(place->root, "a/b/c/one", NULL), ITSM_ENOTFOUND);
	assert_int_equal(itsm_file_remove(place->root, "a/three", NULL), ITSM_ENOTFOUND);
	assert_int_equal(itsm_file_remove(place->root, "a", NULL), ITSM_EDATA);
	assert_int_equal(itsm_file_remove(place->root, "a/two", NULL), ITSM_OK);
	assert_int_equal(count_entries(place->root, "."), 0);
}

static void test_folder_make(void **state)
{
	const struct place *place = *state;

	assert_int_equal(itsm_folder_make(place->root, "a/b/c", NULL), ITSM_OK);
	assert_int_equal(itsm_folder_make(place->root, "a/b/c", NULL), ITSM_OK);
	assert_int_equal(count_entries(place->root, "a/b"), 1);
	put(place->root, "a/file", "x");
	assert_int_equal(itsm_folder_make(place->root, "a/file/d", NULL), ITSM_ENOTFOUND);
}

/* No room (a limit on file size stands in for a full disk): nothing is left, neither file nor folders. */
static void test_no_room(void **state)
{
	const struct place *place = *state;
	static char large[100000];
	struct rlimit old, small;
	struct itsm_error err = {0};
	int status, second;

	put(place->root, "old", "old text");
	memset(large, 'x', sizeof(large));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	status = itsm_file_write(place->root, "a/b/new", large, sizeof(large), &err);
	second = itsm_file_write(place->root, "old", large, sizeof(large), NULL);
	setrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(status, ITSM_EIO);
	assert_int_equal(second, ITSM_EIO);
	assert_non_null(strstr(err.message, "cannot write 'a/b/new'"));
	check_content(place->root, "old", "old text");
	assert_int_equal(count_entries(place->root, "."), 1);
}

#define MANY 300

/* Paths "<i / 40>/<i>.md", with the same text each; in the order that they are written in. */
static void list_files(struct itsm_file_new files[MANY], char paths[MANY][32], const char *text)
{
	size_t i;

	for (i = 0; i < MANY; i++) {
		snprintf(paths[i], sizeof(paths[i]), "f/%zu/%zu.md", i / 40, i);
		files[i] = (struct itsm_file_new){paths[i], text, strlen(text)};
	}
}

static void test_write_all(void **state)
{
	const struct place *place = *state;
	struct itsm_file_new files[MANY];
	char paths[MANY][32];
	struct stat about;
	size_t i;

	list_files(files, paths, "one");
	assert_int_equal(itsm_file_write_all(place->root, files, MANY, NULL), ITSM_OK);
	assert_int_equal(fchmodat(place->root, paths[0], 0640, 0), 0);
	list_files(files, paths, "two");
	assert_int_equal(itsm_file_write_all(place->root, files, MANY, NULL), ITSM_OK);
	for (i = 0; i < MANY; i++)
		check_content(place->root, paths[i], "two");
	assert_int_equal(fstatat(place->root, paths[0], &about, 0), 0);
	assert_int_equal(about.st_mode & 07777, 0640);
	assert_int_equal(count_entries(place->root, "f"), (MANY + 39) / 40);
	assert_int_equal(count_entries(place->root, "f/0"), 40);
	assert_int_equal(itsm_file_write_all(place->root, files, 0, NULL), ITSM_OK);
}

/* One of many can't be written: every other is old or new, none is half, nothing is left beside them. */
static void test_write_all_refused(void **state)
{
	const struct place *place = *state;
	struct itsm_file_new files[MANY];
	char paths[MANY][32];
	struct itsm_error err = {0};
	struct itsm_buffer content = {0};
	size_t i;

	list_files(files, paths, "old");
	assert_int_equal(itsm_file_write_all(place->root, files, MANY, NULL), ITSM_OK);
	assert_int_equal(unlinkat(place->root, paths[290], 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", place->root, paths[290]), 0);
	list_files(files, paths, "new!");
	files[MANY - 1].path = "g/h/new";
	assert_int_equal(itsm_file_write_all(place->root, files, MANY, &err), ITSM_EDATA);
	assert_non_null(strstr(err.message, paths[290]));
	for (i = 0; i < MANY; i++) {
		if (i == 290)
			continue;
		assert_int_equal(itsm_file_read(place->root, paths[i], 100, &content, NULL), ITSM_OK);
		assert_true(strcmp(content.data, "old") == 0 || (strcmp(content.data, "new!") == 0 && i < 290));
	}
	for (i = 0; i < MANY / 40; i++) {
		snprintf(paths[0], sizeof(paths[0]), "f/%zu", i);
		assert_int_equal(count_entries(place->root, paths[0]), 40);
	}
	assert_int_equal(count_entries(place->root, "."), 1);
	itsm_buffer_free(&content);
}

/* Writers and removers of one folder, at once: every write that says so is there in the end. */
static void test_many_at_once(void **state)
{
	const struct place *place = *state;
	char path[64];
	int i, round, result, done = 0;

	for (i = 0; i < 4; i++) {
		if (fork() != 0)
			continue;
		for (round = 0; round < 200; round++) {
			snprintf(path, sizeof(path), "x/y/%d-%d", i, round);
			if (itsm_file_write(place->root, path, "text", 4, NULL) != ITSM_OK)
				_exit(1);
			if (round < 199 && itsm_file_remove(place->root, path, NULL) != ITSM_OK)
				_exit(2);
		}
		_exit(0);
	}
	while (wait(&result) > 0 || errno == EINTR)
		done += WIFEXITED(result) && WEXITSTATUS(result) == 0;
	assert_int_equal(done, 4);
	assert_int_equal(count_entries(place->root, "x/y"), 4);
}

static void test_safe_paths(void **state)
{
	static const char *const safe[] = {"a", "a/b.md", ".gitignore", "a/.github/x", "ä/ß", "...", "a b", ".git2"};
	static const char *const unsafe[] = {"", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", ".git",
		"a/.GIT/b", ".Git/config", "a\\b", "a\nb", "a\x7f", "a\xC2\x80", "\x1b[0m"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		assert_true(itsm_path_is_safe(safe[i]));
	for (i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
		assert_false(itsm_path_is_safe(unsafe[i]));
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* From here on openat2 answers ENOSYS. */
static bool take_openat2_away(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(rules) / sizeof(rules[0]), .filter = rules};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 &&
		syscall(SYS_openat2, AT_FDCWD, ".", NULL, 0) == -1 && errno == ENOSYS;
}

/* Piece by piece: nothing is seen before it is kept, nothing is left when it is not, a failed write is told. */
static void test_output(void **state)
{
	struct place *place = *state;
	struct itsm_output *output;
	struct itsm_buffer text = {0}, path = {0};
	struct itsm_error err = {0};
	struct rlimit limit;
	char start[2], long_text[4096] = {0};
	bool exists;
	int file;

	assert_int_equal(itsm_output_open(place->root, "a/b/new", &output, &err), ITSM_OK);
	assert_int_equal(itsm_output_previous(output, start, sizeof(start), &exists), 0);
	assert_false(exists);
	assert_int_equal(itsm_output_write(output, "one ", 4), 0);
	assert_int_equal(itsm_file_read(place->root, "a/b/new", 100, &text, &err), ITSM_ENOTFOUND);
	itsm_output_path(output, &path);
	file = open(path.data, O_WRONLY | O_APPEND);
	assert_true(file >= 0 && write(file, "two", 3) == 3);
	close(file);
	assert_int_equal(itsm_output_keep(output, &err), ITSM_OK);
	assert_int_equal(itsm_file_read(place->root, "a/b/new", 100, &text, &err), ITSM_OK);
	assert_string_equal(text.data, "one two");

	assert_int_equal(itsm_output_open(place->root, "a/b/new", &output, &err), ITSM_OK);
	assert_int_equal(itsm_output_previous(output, start, sizeof(start), &exists), 2);
	assert_true(exists && memcmp(start, "on", 2) == 0);
	assert_int_equal(itsm_output_write(output, "other", 5), 0);
	itsm_output_discard(output);
	itsm_output_discard(NULL);

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(itsm_output_open(place->root, "a/b/new", &output, &err), ITSM_OK);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){1000, limit.rlim_max});
	assert_int_equal(itsm_output_write(output, long_text, sizeof(long_text)), -1);
	assert_int_equal(itsm_output_write(output, "x", 1), -1);
	setrlimit(RLIMIT_FSIZE, &limit);
	itsm_output_failure(output, &err);
	assert_non_null(strstr(err.message, "a/b/new"));
	assert_int_equal(itsm_output_keep(output, &err), ITSM_EIO);
	assert_int_equal(itsm_file_read(place->root, "a/b/new", 100, &text, &err), ITSM_OK);
	assert_string_equal(text.data, "one two");

	assert_int_equal(symlinkat("new", place->root, "a/b/link"), 0);
	assert_int_equal(itsm_output_open(place->root, "a/b/link", &output, &err), ITSM_EDATA);
	assert_int_equal(itsm_output_open(place->root, "a/b", &output, &err), ITSM_EDATA);
	assert_int_equal(itsm_output_open(place->root, "../x", &output, &err), ITSM_EDATA);
	itsm_buffer_clear(&path);
	itsm_buffer_printf(&path, "test \"$(ls -A %s/a/b | tr '\\n' ' ')\" = 'link new '", place->path);
	assert_int_equal(system(path.data), 0);
	itsm_buffer_free(&path);
	itsm_buffer_free(&text);
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(test_write_and_read),
		WITH_FOLDER(test_absolute),
		WITH_FOLDER(test_no_way_out),
		WITH_FOLDER(test_links),
		WITH_FOLDER(test_special_files),
		WITH_FOLDER(test_remove),
		WITH_FOLDER(test_folder_make),
		WITH_FOLDER(test_no_room),
		WITH_FOLDER(test_write_all),
		WITH_FOLDER(test_write_all_refused),
		WITH_FOLDER(test_output),
		WITH_FOLDER(test_many_at_once),
		cmocka_unit_test(test_safe_paths),
	};

	if (count > 1 && strcmp(arguments[1], "old-kernel") == 0 && !take_openat2_away()) {
		print_message("skipped: this system lets nobody filter system calls\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
