/* Programs at the other end of pipes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "environment.h"
#include "internal.h"

#define COMPLAINT_MAX 600 /* bytes of stderr that go into a message */

struct ends {
	int input[2];  /* ours, its */
	int output[2];
	int complaints;
};

static void shut(int *file)
{
	if (*file >= 0)
		close(*file);
	*file = -1;
}

static void shut_all(struct ends *ends)
{
	shut(&ends->input[0]);
	shut(&ends->input[1]);
	shut(&ends->output[0]);
	shut(&ends->output[1]);
	shut(&ends->complaints);
}

/* Out of the way of 0, 1 and 2, which the child's own are put on. */
static int lift(int *file)
{
	int higher;

	if (*file > 2)
		return 0;
	higher = fcntl(*file, F_DUPFD_CLOEXEC, 3);
	if (higher < 0)
		return -1;
	close(*file);
	*file = higher;
	return 0;
}

/* A memory file that holds the bytes, at its start. */
static int memory_file(const struct itsm_buffer *content)
{
	int file = memfd_create("itsm", MFD_CLOEXEC);
	size_t done = 0;
	ssize_t put;

	while (file >= 0 && content && done < content->length) {
		put = pwrite(file, content->data + done, content->length - done, (off_t)done);
		if (put <= 0)
			shut(&file);
		else
			done += (size_t)put;
	}
	return file;
}

static int make_ends(struct ends *ends, const struct store_start *start)
{
	ends->complaints = memory_file(NULL);
	if (ends->complaints < 0 || lift(&ends->complaints) < 0)
		return -1;
	if (start->flags & STORE_CHILD_INPUT) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends->input) < 0 ||
		    lift(&ends->input[0]) < 0 || lift(&ends->input[1]) < 0)
			return -1;
	} else if (start->input) {
		ends->input[1] = memory_file(start->input);
		if (ends->input[1] < 0 || lift(&ends->input[1]) < 0)
			return -1;
	}
	if (!(start->flags & STORE_CHILD_OUTPUT))
		return 0;
	if (pipe2(ends->output, O_CLOEXEC) < 0)
		return -1;
	return lift(&ends->output[0]) < 0 || lift(&ends->output[1]) < 0 ? -1 : 0;
}

/* What happens in the child before it becomes the program. */
static int plan(posix_spawn_file_actions_t *actions, const struct ends *ends, const struct store_start *start)
{
	int number = start->directory ? posix_spawn_file_actions_addchdir_np(actions, start->directory) : 0;

	if (!number && ends->input[1] >= 0)
		number = posix_spawn_file_actions_adddup2(actions, ends->input[1], 0);
	else if (!number)
		number = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
	if (!number && ends->output[1] >= 0)
		number = posix_spawn_file_actions_adddup2(actions, ends->output[1], 1);
	else if (!number)
		number = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
	if (!number && !(start->flags & STORE_CHILD_TALKS))
		number = posix_spawn_file_actions_adddup2(actions, ends->complaints, 2);
	/* Onto itself: it stays open. */
	if (!number && start->lock > 0)
		number = posix_spawn_file_actions_adddup2(actions, start->lock, start->lock);
	return number;
}

/* A program is started as a shell would: no signal blocked, SIGPIPE as it is by default. */
static int spawn(pid_t *pid, const struct store_start *start, const struct ends *ends)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	struct itsm_arena *arena = itsm_arena_new();
	char **environment = store_environment(arena, (start->flags & STORE_CHILD_GIT) != 0, start->variables);
	sigset_t none, pipe_only;
	int number;

	sigemptyset(&none);
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &pipe_only);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	number = plan(&actions, ends, start);
	if (!number)
		number = posix_spawnp(pid, start->argv[0], &actions, &attributes, (char *const *)start->argv,
			environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	itsm_arena_free(arena);
	return number;
}

/* "git log" of {"git", "-c", "a.b=c", "log", ...}, "cat" of {"cat", ...}. */
static void name_child(struct store_child *child, const char *const *argv)
{
	const char *const *word = argv + 1;

	if (strcmp(argv[0], "git") != 0 || !*word) {
		snprintf(child->name, sizeof(child->name), "%s", argv[0]);
		return;
	}
	while (strcmp(word[0], "-c") == 0 && word[1] && word[2])
		word += 2;
	snprintf(child->name, sizeof(child->name), "git %s", *word);
}

int store_child_start(struct store_child *child, const struct store_start *start, struct itsm_error *err)
{
	struct ends ends = {{-1, -1}, {-1, -1}, -1};
	int number = make_ends(&ends, start) < 0 ? errno : 0;
	pid_t pid = 0;

	if (!number)
		number = spawn(&pid, start, &ends);
	if (number) {
		shut_all(&ends);
		if (number == ENOENT)
			return itsm_error_set(err, ITSM_EIO,
				"cannot run '%s': there is no such program or folder; is it installed?",
				start->argv[0]);
		return itsm_error_set(err, ITSM_EIO, "cannot run '%s': %s", start->argv[0], strerror(number));
	}
	shut(&ends.input[1]);
	shut(&ends.output[1]);
	*child = (struct store_child){pid, ends.input[0], ends.output[0], ends.complaints, "", 0};
	name_child(child, start->argv);
	return ITSM_OK;
}

int store_child_send(struct store_child *child, const void *data, size_t length)
{
	const char *next = data;
	ssize_t sent;

	while (length > 0) {
		sent = send(child->input, next, length, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			child->broken = errno;
			if (child->pid > 0 && errno != EPIPE && next != data)
				kill(child->pid, SIGTERM);
			return -1;
		}
		next += sent;
		length -= (size_t)sent;
	}
	return 0;
}

void store_child_close_input(struct store_child *child)
{
	shut(&child->input);
}

ssize_t store_child_receive(struct store_child *child, void *data, size_t size)
{
	ssize_t got;

	do
		got = read(child->output, data, size);
	while (got < 0 && errno == EINTR);
	return got;
}

/* The first lines of stderr as one line that is safe to show; "" when there were none. */
static void read_complaints(int file, char text[COMPLAINT_MAX])
{
	ssize_t got = file < 0 ? 0 : pread(file, text, COMPLAINT_MAX - 1, 0);
	size_t length = got < 0 ? 0 : (size_t)got;
	size_t skip = 0, i;

	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		length--;
	text[length] = '\0';
	if (strncmp(text, "fatal: ", 7) == 0 || strncmp(text, "error: ", 7) == 0)
		skip = 7;
	memmove(text, text + skip, length + 1 - skip);
	for (i = 0; text[i]; i++)
		if (text[i] == '\n')
			text[i] = ' ';
		else if ((unsigned char)text[i] < ' ' || text[i] == 127)
			text[i] = '?';
}

static int judge(const struct store_child *child, int result, int *exit_code, struct itsm_error *err)
{
	char complaints[COMPLAINT_MAX];

	if (child->broken && (child->broken != EPIPE || result == 0))
		return itsm_error_set(err, ITSM_EIO, "cannot tell '%s' what to do: %s", child->name,
			strerror(child->broken));
	if (WIFSIGNALED(result))
		return itsm_error_set(err, ITSM_EGIT, "'%s' was killed by signal %d", child->name, WTERMSIG(result));
	if (exit_code)
		*exit_code = WEXITSTATUS(result);
	if (WEXITSTATUS(result) == 0)
		return ITSM_OK;
	read_complaints(child->complaints, complaints);
	if (*complaints)
		return itsm_error_set(err, ITSM_EGIT, "%s: %s", child->name, complaints);
	return itsm_error_set(err, ITSM_EGIT, "'%s' ended with exit code %d", child->name, WEXITSTATUS(result));
}

int store_child_end(struct store_child *child, int *exit_code, struct itsm_error *err)
{
	int result = 0, status = ITSM_OK;
	pid_t done;

	shut(&child->input);
	shut(&child->output);
	if (child->pid > 0) {
		do
			done = waitpid(child->pid, &result, 0);
		while (done < 0 && errno == EINTR);
		if (done < 0)
			status = itsm_error_set(err, ITSM_EIO, "cannot wait for '%s': %s", child->name,
				strerror(errno));
		else
			status = judge(child, result, exit_code, err);
	}
	child->pid = 0;
	shut(&child->complaints);
	return status;
}

void store_child_kill(struct store_child *child)
{
	if (child->pid > 0)
		kill(child->pid, SIGTERM);
	store_child_end(child, NULL, NULL);
}

int store_child_collect(struct store_child *child, struct itsm_buffer *out, int *exit_code, struct itsm_error *err)
{
	struct itsm_buffer content = {0};
	char chunk[65536];
	ssize_t got;
	int status;

	itsm_buffer_add(&content, "", 0);
	while ((got = store_child_receive(child, chunk, sizeof(chunk))) > 0)
		itsm_buffer_add(&content, chunk, (size_t)got);
	status = store_child_end(child, exit_code, err);
	if (!status && got < 0)
		status = itsm_error_set(err, ITSM_EIO, "cannot read from '%s': %s", child->name, strerror(errno));
	if (!status) {
		itsm_buffer_clear(out);
		itsm_buffer_add(out, content.data, content.length);
	}
	itsm_buffer_free(&content);
	return status;
}
