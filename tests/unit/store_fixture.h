/*
 * A folder of its own for each test, with a home of its own for git, and a
 * repository made by the git program: what the store says is held against what
 * git says.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "itsm/store.h"

#define NOW 1790000000

struct fixture {
	char top[64];              /* the test's folder */
	char desk[96];             /* <top>/desk: a repository with itsm.yaml, committed */
	struct itsm_arena *arena;
	struct itsm_place place;   /* of the desk */
	struct itsm_repo *repo;    /* opened by fixture_open */
	struct itsm_error err;
};

/* cmocka's setup and teardown; the state is a struct fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Run a shell command in the desk; it must succeed. What it printed, without the last newline, in the arena. */
const char *fixture_shell(struct fixture *fixture, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Its exit code. */
int fixture_shell_code(struct fixture *fixture, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Find the desk's place again (from `below` it, or NULL) and open its repository anew. */
void fixture_open(struct fixture *fixture, const char *below);
/* The commit a revision names, as git says. */
struct itsm_oid fixture_oid(struct fixture *fixture, const char *revision);
/* In another repository, seen from the desk. */
struct itsm_oid fixture_oid_in(struct fixture *fixture, const char *folder, const char *revision);
/* Commit one put (data NULL: a removal) and return the status; the message in fixture->err. */
int fixture_write(struct fixture *fixture, const char *path, const char *data, struct itsm_oid *out);
/* The repository is sound and nothing is unsaved or staged. */
void fixture_assert_clean(struct fixture *fixture);

#define assert_ok(fixture, call) \
	do { \
		int status_ = (call); \
		if (status_) \
			fail_msg("%s: %d: %s", #call, status_, (fixture)->err.message); \
	} while (0)

/*
 * From here on .git/seen has a line for each move of the branch: "moved", and before it "unlocked" where git's
 * index was not locked then, "theirs" where .git/theirs was there.
 */
void fixture_watch_branch(struct fixture *fixture);

#endif
