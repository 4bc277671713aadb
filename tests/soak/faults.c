/*
 * Calls that fail: put before the C library with LD_PRELOAD, this makes the Nth call
 * that touches files, processes or locks fail, in itsm and, where wanted, in the git
 * that it runs. The environment says which:
 *
 *   FAULTS_STATE  a file of struct state, shared by the processes of one command
 *   FAULTS_AT     the number of the call that fails, from 1; 0 or unset only counts
 *   FAULTS_ERROR  an errno, or "short": a write that writes half
 *   FAULTS_FROM   set: every call from there on fails (a disk that is full stays full)
 *   FAULTS_CALLS  the names of the calls that count, with commas around (",fsync,write,"); unset: all
 *   FAULTS_ALL    set: calls of every process count, not only those of itsm
 *   FAULTS_STORM  a signal without SA_RESTART interrupts itsm every so many microseconds
 *
 * Names are those of the plain form: openat64 with O_CREAT counts as "create", pwrite64 as "write".
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define REAL(name) ((__typeof__(&name))find(#name))

/* Read by the test as two native 32 bit numbers and a text. */
struct state {
	unsigned calls, failed;
	char first[120]; /* what failed first: "program call" */
};

static struct {
	struct state *state;
	unsigned at;
	int number; /* 0 = write half */
	bool from;
	const char *calls;
} plan;

static void *find(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (!found)
		abort();
	return found;
}

/* Does this call fail? Half a write is only for writes. */
static bool fails(const char *call)
{
	char word[40];
	unsigned now;

	if (!plan.state)
		return false;
	snprintf(word, sizeof(word), ",%s,", call);
	if (plan.calls && !strstr(plan.calls, word))
		return false;
	now = __atomic_add_fetch(&plan.state->calls, 1, __ATOMIC_SEQ_CST);
	if (!plan.at || now < plan.at || (now > plan.at && !plan.from))
		return false;
	if (__atomic_add_fetch(&plan.state->failed, 1, __ATOMIC_SEQ_CST) == 1)
		snprintf(plan.state->first, sizeof(plan.state->first), "%.60s %s", program_invocation_short_name, call);
	return true;
}

static int fail(void)
{
	errno = plan.number ? plan.number : EIO;
	return -1;
}

static void on_signal(int number)
{
	(void)number;
}

static void start_storm(long microseconds)
{
	const struct itimerval timer = {{0, microseconds}, {0, microseconds}};
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAULTS_STATE"), *at = getenv("FAULTS_AT"), *number = getenv("FAULTS_ERROR");
	const char *storm = getenv("FAULTS_STORM");
	bool mine = strcmp(program_invocation_short_name, "itsm") == 0;
	void *state;
	int file;

	if (mine && storm)
		start_storm(atol(storm));
	if (!path || (!mine && !getenv("FAULTS_ALL")))
		return;
	file = REAL(open)(path, O_RDWR | O_CLOEXEC);
	if (file < 0)
		return;
	state = REAL(mmap)(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	if (state == MAP_FAILED)
		return;
	plan.at = at ? (unsigned)strtoul(at, NULL, 10) : 0;
	plan.number = number && strcmp(number, "short") != 0 ? atoi(number) : 0;
	plan.from = getenv("FAULTS_FROM") != NULL;
	plan.calls = getenv("FAULTS_CALLS");
	plan.state = state;
}

/* The mode that goes with O_CREAT, and whether the call fails. */
#define OPENING(call) \
	va_list rest; \
	mode_t mode; \
	va_start(rest, flags); \
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
	va_end(rest); \
	if (fails(flags & O_CREAT ? "create" : "open")) \
		return fail(); \
	return call

EXPORT int open(const char *path, int flags, ...)
{
	OPENING(REAL(open)(path, flags, mode));
}

EXPORT int open64(const char *path, int flags, ...)
{
	OPENING(REAL(open64)(path, flags, mode));
}

EXPORT int openat(int folder, const char *path, int flags, ...)
{
	OPENING(REAL(openat)(folder, path, flags, mode));
}

EXPORT int openat64(int folder, const char *path, int flags, ...)
{
	OPENING(REAL(openat64)(folder, path, flags, mode));
}

/* Half of it, or nothing and an error. A single byte cannot be halved. */
#define WRITING(call, whole, half) \
	if (fails(call)) { \
		if (plan.number || length < 2) \
			return fail(); \
		return half; \
	} \
	return whole

EXPORT ssize_t write(int file, const void *data, size_t length)
{
	WRITING("write", REAL(write)(file, data, length), REAL(write)(file, data, length / 2));
}

EXPORT ssize_t pwrite(int file, const void *data, size_t length, off_t at)
{
	WRITING("write", REAL(pwrite)(file, data, length, at), REAL(pwrite)(file, data, length / 2, at));
}

EXPORT ssize_t pwrite64(int file, const void *data, size_t length, off64_t at)
{
	WRITING("write", REAL(pwrite64)(file, data, length, at), REAL(pwrite64)(file, data, length / 2, at));
}

EXPORT ssize_t send(int file, const void *data, size_t length, int flags)
{
	WRITING("send", REAL(send)(file, data, length, flags), REAL(send)(file, data, length / 2, flags));
}

EXPORT ssize_t read(int file, void *data, size_t length)
{
	WRITING("read", REAL(read)(file, data, length), REAL(read)(file, data, length / 2));
}

EXPORT ssize_t pread(int file, void *data, size_t length, off_t at)
{
	WRITING("read", REAL(pread)(file, data, length, at), REAL(pread)(file, data, length / 2, at));
}

EXPORT ssize_t pread64(int file, void *data, size_t length, off64_t at)
{
	WRITING("read", REAL(pread64)(file, data, length, at), REAL(pread64)(file, data, length / 2, at));
}

#define PLAIN(name, parameters, arguments) \
	EXPORT int name parameters \
	{ \
		return fails(#name) ? fail() : REAL(name) arguments; \
	}

PLAIN(fsync, (int file), (file))
PLAIN(fdatasync, (int file), (file))
PLAIN(rename, (const char *from, const char *to), (from, to))
PLAIN(renameat, (int one, const char *from, int two, const char *to), (one, from, two, to))
PLAIN(link, (const char *from, const char *to), (from, to))
PLAIN(unlink, (const char *path), (path))
PLAIN(unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
PLAIN(mkdir, (const char *path, mode_t mode), (path, mode))
PLAIN(mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
PLAIN(ftruncate, (int file, off_t length), (file, length))
PLAIN(ftruncate64, (int file, off64_t length), (file, length))
PLAIN(fchmod, (int file, mode_t mode), (file, mode))
PLAIN(flock, (int file, int how), (file, how))
PLAIN(pipe, (int files[2]), (files))
PLAIN(pipe2, (int files[2], int flags), (files, flags))
PLAIN(socketpair, (int domain, int type, int protocol, int files[2]), (domain, type, protocol, files))
PLAIN(memfd_create, (const char *name, unsigned flags), (name, flags))
PLAIN(waitpid, (pid_t child, int *result, int how), (child, result, how))

EXPORT ssize_t getrandom(void *data, size_t length, unsigned flags)
{
	return fails("getrandom") ? fail() : REAL(getrandom)(data, length, flags);
}

/* It says what went wrong by what it returns. */
EXPORT int posix_spawnp(pid_t *child, const char *file, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const environment[])
{
	if (fails("posix_spawn"))
		return plan.number ? plan.number : EIO;
	return REAL(posix_spawnp)(child, file, actions, attributes, argv, environment);
}

EXPORT void *mmap64(void *at, size_t length, int protection, int flags, int file, off64_t offset)
{
	if (file >= 0 && fails("mmap")) {
		fail();
		return MAP_FAILED;
	}
	return REAL(mmap64)(at, length, protection, flags, file, offset);
}

/* Only the locks on files; the rest goes through, its argument as wide as it can be. */
#define CONTROL(name) \
	EXPORT int name(int file, int command, ...) \
	{ \
		va_list rest; \
		void *argument; \
		va_start(rest, command); \
		argument = va_arg(rest, void *); \
		va_end(rest); \
		if ((command == F_SETLK || command == F_SETLKW) && fails("lock")) \
			return fail(); \
		return REAL(name)(file, command, argument); \
	}

CONTROL(fcntl)
CONTROL(fcntl64)
