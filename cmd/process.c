#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output.h"

static void become(const char *const *argv)
{
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static int wait_for(pid_t child)
{
	int result;

	while (waitpid(child, &result, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
}

int process_run(const char *const *argv, struct itsm_error *err)
{
	void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
	void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
	pid_t child = fork();
	int code = -1;

	if (!child) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		become(argv);
	}
	if (child > 0)
		code = wait_for(child);
	signal(SIGINT, interrupt);
	signal(SIGQUIT, quit);
	if (code == 0)
		return ITSM_OK;
	if (code == 127)
		return itsm_error_set(err, ITSM_EIO, "'%s' cannot be run", argv[0]);
	return itsm_error_set(err, ITSM_EIO, "'%s' failed", argv[0]);
}

int process_git_var(struct context *context, const char *name, const char **out, struct itsm_error *err)
{
	const char *const argv[] = {"git", "var", name, NULL};
	struct itsm_buffer text = {0};
	int status = itsm_program_run(argv, context->folder, NULL, &text, NULL, err);

	if (!status)
		*out = itsm_arena_strndup(context->arena, text.data ? text.data : "", text.length ? text.length - 1 : 0);
	itsm_buffer_free(&text);
	return status;
}

const char *process_quote(struct context *context, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_+=:,./-";
	struct itsm_buffer text = {0};
	const char *quoted;

	if (*word && !word[strspn(word, plain)])
		return word;
	itsm_buffer_putc(&text, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			itsm_buffer_puts(&text, "'\\''");
		else
			itsm_buffer_putc(&text, *word);
	}
	itsm_buffer_putc(&text, '\'');
	quoted = itsm_arena_strdup(context->arena, text.data);
	itsm_buffer_free(&text);
	return quoted;
}

static void start_pager(struct context *context, const char *program)
{
	const char *const argv[] = {"sh", "-c", program, NULL};
	int ends[2];
	pid_t child;

	if (pipe(ends))
		return;
	child = fork();
	if (!child) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		close(ends[1]);
		setenv("LESS", "FRX", 0);
		setenv("LV", "-c", 0);
		become(argv);
	}
	close(ends[0]);
	if (child > 0) {
		dup2(ends[1], STDOUT_FILENO);
		context->pager = child;
	}
	close(ends[1]);
}

void output_page(struct context *context)
{
	const char *program;

	if (!context->out_terminal || context->no_pager || context->pager)
		return;
	if (process_git_var(context, "GIT_PAGER", &program, NULL) || !*program || !strcmp(program, "cat"))
		return;
	start_pager(context, program);
}
