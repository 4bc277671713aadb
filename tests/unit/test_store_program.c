/* Programs: big data both ways, death, exit codes, complaints. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_fixture.h"

static void test_big_data(void **state)
{
	const char *const cat[] = {"cat", NULL};
	const char *const noisy[] = {"sh", "-c", "yes complaint | head -c 1000000 >&2; cat", NULL};
	const char *const deaf[] = {"true", NULL};
	struct itsm_buffer input = {0}, out = {0};
	int i;

	(void)state;
	for (i = 0; i < 400000; i++)
		itsm_buffer_printf(&input, "%08d ", i);
	assert_int_equal(itsm_program_run(cat, NULL, &input, &out, NULL, NULL), 0);
	assert_int_equal(out.length, input.length);
	assert_memory_equal(out.data, input.data, out.length);
	assert_int_equal(itsm_program_run(noisy, NULL, &input, &out, NULL, NULL), 0);
	assert_int_equal(out.length, input.length);
	assert_int_equal(itsm_program_run(deaf, NULL, &input, NULL, NULL, NULL), 0);
	assert_int_equal(itsm_program_run(deaf, NULL, &input, &out, NULL, NULL), 0);
	assert_int_equal(out.length, 0);
	itsm_buffer_free(&input);
	itsm_buffer_free(&out);
}

static void test_failures(void **state)
{
	const char *const missing[] = {"itsm-no-such-program", NULL};
	const char *const failing[] = {"sh", "-c", "echo result; echo 'fatal: it \033[31mbroke' >&2; exit 3", NULL};
	const char *const silent[] = {"false", NULL};
	const char *const dying[] = {"sh", "-c", "kill -9 $$", NULL};
	const char *const here[] = {"pwd", NULL};
	struct itsm_buffer out = {0};
	struct itsm_error err = {0};
	int exit_code = 0;

	(void)state;
	itsm_buffer_puts(&out, "before");
	assert_int_equal(itsm_program_run(missing, NULL, NULL, NULL, NULL, &err), ITSM_EIO);
	assert_non_null(strstr(err.message, "itsm-no-such-program"));
	assert_int_equal(itsm_program_run(failing, NULL, NULL, &out, &exit_code, &err), ITSM_EGIT);
	assert_int_equal(exit_code, 3);
	assert_string_equal(err.message, "sh: it ?[31mbroke");
	assert_string_equal(out.data, "before");
	assert_int_equal(itsm_program_run(silent, NULL, NULL, NULL, &exit_code, &err), ITSM_EGIT);
	assert_string_equal(err.message, "'false' ended with exit code 1");
	assert_int_equal(itsm_program_run(dying, NULL, NULL, NULL, NULL, &err), ITSM_EGIT);
	assert_non_null(strstr(err.message, "signal 9"));
	assert_int_equal(itsm_program_run(here, "/no/such/folder", NULL, NULL, NULL, &err), ITSM_EIO);
	assert_int_equal(itsm_program_run(here, "/usr", NULL, &out, NULL, &err), 0);
	assert_string_equal(out.data, "/usr\n");
	itsm_buffer_free(&out);
}

/* A program gets standard streams even when we have none, and the signals that a shell would give it. */
static void test_inherited_state(void **state)
{
	const char *const argv[] = {"sh", "-c", "cat; echo out; echo err >&2; yes | head -1", NULL};
	char in[] = "in\n";
	struct itsm_buffer input = {in, 3, 0}, out = {0};
	int saved[3], i, status;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < 3; i++) {
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		close(i);
	}
	status = itsm_program_run(argv, NULL, &input, &out, NULL, NULL);
	for (i = 0; i < 3; i++) {
		dup2(saved[i], i);
		close(saved[i]);
	}
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(status, 0);
	assert_string_equal(out.data, "in\nout\ny\n");
	itsm_buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_big_data),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_inherited_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
