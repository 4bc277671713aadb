#include "store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libgit2 1.5 leaks what pcre2 matched in vain, once per setting of a repository with format version 1. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2\n";
}

int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (!fixture)
		return -1;
	strcpy(fixture->top, "/tmp/itsm-store-XXXXXX");
	if (!mkdtemp(fixture->top))
		return -1;
	strcpy(fixture->desk, fixture->top);
	strcat(fixture->desk, "/desk");
	setenv("HOME", fixture->top, 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	unsetenv("XDG_CONFIG_HOME");
	fixture->arena = itsm_arena_new();
	*state = fixture;
	fixture_shell(fixture, "mkdir desk desk/sub && cd desk && git config --global user.name 'Test Person' && "
		"git config --global user.email test@example.org && git config --global init.defaultBranch main && "
		"git config --global protocol.file.allow always && git init -q && echo 'version: 1' >itsm.yaml && "
		"echo one >sub/a.md && git add . && git commit -q -m 'the beginning'");
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;

	itsm_repo_free(fixture->repo);
	if (!getenv("ITSM_KEEP"))
		fixture_shell(fixture, "cd / && rm -rf %s", fixture->top);
	itsm_arena_free(fixture->arena);
	free(fixture);
	return 0;
}

static int run_shell(struct fixture *fixture, const char *command, struct itsm_buffer *out)
{
	const char *const argv[] = {"sh", "-c", command, NULL};
	const char *folder = access(fixture->desk, F_OK) == 0 ? fixture->desk : fixture->top;
	int exit_code = -1;
	int status = itsm_program_run(argv, folder, NULL, out, &exit_code, &fixture->err);

	return status ? (exit_code ? exit_code : -1) : 0;
}

__attribute__((format(printf, 2, 0)))
static const char *formatted(struct fixture *fixture, const char *format, va_list list)
{
	char *text;

	if (vasprintf(&text, format, list) < 0)
		abort();
	format = itsm_arena_strdup(fixture->arena, text);
	free(text);
	return format;
}

const char *fixture_shell(struct fixture *fixture, const char *format, ...)
{
	struct itsm_buffer out = {0};
	const char *command, *text;
	va_list list;

	va_start(list, format);
	command = formatted(fixture, format, list);
	va_end(list);
	if (run_shell(fixture, command, &out))
		fail_msg("%s: %s", command, fixture->err.message);
	while (out.length && out.data[out.length - 1] == '\n')
		out.data[--out.length] = '\0';
	text = itsm_arena_strdup(fixture->arena, out.data);
	itsm_buffer_free(&out);
	return text;
}

int fixture_shell_code(struct fixture *fixture, const char *format, ...)
{
	const char *command;
	va_list list;

	va_start(list, format);
	command = formatted(fixture, format, list);
	va_end(list);
	return run_shell(fixture, command, NULL);
}

void fixture_open(struct fixture *fixture, const char *below)
{
	const char *start = below ? itsm_arena_printf(fixture->arena, "%s/%s", fixture->desk, below) : fixture->desk;

	itsm_repo_free(fixture->repo);
	fixture->repo = NULL;
	assert_ok(fixture, itsm_place_find(fixture->arena, start, &fixture->place, &fixture->err));
	assert_ok(fixture, itsm_repo_open(&fixture->place, &fixture->repo, &fixture->err));
}

struct itsm_oid fixture_oid(struct fixture *fixture, const char *revision)
{
	return fixture_oid_in(fixture, ".", revision);
}

struct itsm_oid fixture_oid_in(struct fixture *fixture, const char *folder, const char *revision)
{
	const char *text = fixture_shell(fixture, "git -C %s rev-parse --verify '%s'", folder, revision);
	struct itsm_oid oid;
	unsigned value;
	size_t i;

	assert_int_equal(strlen(text), 40);
	for (i = 0; i < 20; i++) {
		assert_int_equal(sscanf(text + 2 * i, "%2x", &value), 1);
		oid.bytes[i] = (unsigned char)value;
	}
	return oid;
}

int fixture_write(struct fixture *fixture, const char *path, const char *data, struct itsm_oid *out)
{
	struct itsm_write *write = NULL;
	struct itsm_oid oid;
	int status = itsm_write_begin(fixture->repo, &write, &fixture->err);

	if (!status && data)
		status = itsm_write_put(write, path, data, strlen(data), &fixture->err);
	else if (!status)
		status = itsm_write_remove(write, path, &fixture->err);
	if (!status)
		status = itsm_write_commit(write, "set something\n\nItsm-Record: x\n", NULL, NOW, 60, out ? out : &oid,
			&fixture->err);
	itsm_write_end(write);
	return status;
}

void fixture_assert_clean(struct fixture *fixture)
{
	assert_string_equal(fixture_shell(fixture, "git fsck --strict --no-dangling 2>&1"), "");
	assert_string_equal(fixture_shell(fixture, "git status --porcelain"), "");
	assert_false(itsm_write_is_pending(&fixture->place));
}

void fixture_watch_branch(struct fixture *fixture)
{
	fixture_shell(fixture,
		"cat >.git/hooks/reference-transaction <<'END'\n"
		"#!/bin/sh\n"
		"[ \"$1\" = prepared ] || exit 0\n"
		"grep -q refs/heads/main || exit 0\n"
		"[ -e .git/index.lock ] || echo unlocked >>.git/seen\n"
		"[ ! -e .git/theirs ] || echo theirs >>.git/seen\n"
		"echo moved >>.git/seen\n"
		"END\n"
		"chmod +x .git/hooks/reference-transaction");
}
