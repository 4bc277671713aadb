#include "context.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STDOUT_BYTES 65536

static int64_t steady_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t context_deadline(int64_t seconds)
{
	return steady_milliseconds() + seconds * 1000;
}

bool context_expired(void *deadline)
{
	return steady_milliseconds() >= *(const int64_t *)deadline;
}

int context_zone(void *context, int64_t seconds)
{
	time_t instant = (time_t)seconds;
	struct tm local;

	(void)context;
	if (!localtime_r(&instant, &local))
		return 0;
	return (int)(local.tm_gmtoff / 60);
}

static int read_clock(struct context *context, struct itsm_error *err)
{
	const char *fixed = getenv("ITSM_NOW");
	struct itsm_time moment;

	tzset();
	if (fixed && *fixed) {
		if (itsm_time_parse(fixed, &moment, err)) {
			itsm_error_prefix(err, "the environment's ITSM_NOW");
			return ITSM_EUSAGE;
		}
		context->now = moment.seconds;
	} else {
		context->now = (int64_t)time(NULL);
	}
	context->offset = context_zone(context, context->now);
	return ITSM_OK;
}

static void read_terminal(struct context *context)
{
	static const struct palette plain = {"", "", "", "", "", "", ""};
	static const struct palette colored = {
		"\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[33m", "\033[1;36m", "\033[m",
	};
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
	const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"}, *locale = NULL;
	bool dumb = !terminal || !*terminal || !strcmp(terminal, "dumb");
	struct winsize size;

	for (size_t i = 0; i < 3 && !(locale && *locale); i++)
		locale = getenv(names[i]);
	context->in_terminal = isatty(STDIN_FILENO);
	context->out_terminal = isatty(STDOUT_FILENO);
	context->err_terminal = isatty(STDERR_FILENO);
	if (context->out_terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		context->width = size.ws_col;
	context->unicode = context->out_terminal && !dumb && locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
	context->progress.enabled = context->err_terminal && !dumb;
	context->palette = context->out_terminal && !dumb && !(no_color && *no_color) ? colored : plain;
}

int context_begin(struct context *context, const char *folder, struct itsm_error *err)
{
	char *here;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOFBF, STDOUT_BYTES);
	if (folder && chdir(folder))
		return itsm_error_set(err, ITSM_EIO, "cannot change to '%s': %s", folder, strerror(errno));
	here = getcwd(NULL, 0);
	if (!here)
		return itsm_error_set(err, ITSM_EIO, "the working directory cannot be read: %s", strerror(errno));
	context->folder = itsm_arena_strdup(context->arena, here);
	free(here);
	read_terminal(context);
	return read_clock(context, err);
}

void context_settle(struct context *context)
{
	if (!context->write_error && fflush(stdout))
		context->write_error = errno;
	if (context->pager <= 0)
		return;
	close(STDOUT_FILENO);
	while (waitpid(context->pager, NULL, 0) < 0 && errno == EINTR)
		continue;
	context->pager = 0;
}

int context_end(struct context *context, struct itsm_error *err)
{
	int status = ITSM_OK;

	context_progress_clear(context);
	context_settle(context);
	if (context->write_error && context->write_error != EPIPE)
		status = itsm_error_set(err, ITSM_EIO, "the output could not be written: %s", strerror(context->write_error));
	itsm_desk_free(context->desk);
	itsm_arena_free(context->arena);
	context->desk = NULL;
	context->arena = NULL;
	return status;
}

static void draw(const char *what, size_t done, size_t total)
{
	static const char filled[] = "##############################";
	int cells = (int)sizeof(filled) - 1, part;

	if (!total) {
		fprintf(stderr, "\r\033[K%s: %zu", what, done);
		return;
	}
	part = done >= total ? cells : (int)(done * (size_t)cells / total);
	fprintf(stderr, "\r\033[K%s [%.*s%*s] %zu/%zu", what, part, filled, cells - part, "", done, total);
}

static void progress(void *data, const char *what, size_t done, size_t total)
{
	struct context *context = data;
	struct progress *bar = &context->progress;
	int64_t now;

	if (!bar->enabled)
		return;
	now = steady_milliseconds();
	if (!bar->started)
		bar->started = now;
	if (now - bar->started < 1000 || now - bar->shown < 100)
		return;
	bar->shown = now;
	bar->drawn = true;
	draw(what, done, total);
}

void context_progress_clear(struct context *context)
{
	if (context->progress.drawn)
		fputs("\r\033[K", stderr);
	context->progress.drawn = false;
}

struct itsm_desk_options context_desk_options(struct context *context)
{
	return (struct itsm_desk_options){
		.start = context->folder,
		.now = context->now,
		.now_offset_minutes = context->offset,
		.progress = progress,
		.progress_context = context,
		.offset_at = context_zone,
	};
}

int context_desk(struct context *context, struct itsm_error *err)
{
	struct itsm_desk_options options = context_desk_options(context);

	return itsm_desk_open(&options, &context->desk, err);
}

int context_read(const char *path, size_t limit, struct itsm_buffer *out, struct itsm_error *err)
{
	bool input = !strcmp(path, "-");
	int file = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char block[65536];
	ssize_t got = 0;
	int failure = file < 0 ? errno : 0;

	itsm_buffer_clear(out);
	while (file >= 0 && out->length <= limit) {
		got = read(file, block, sizeof(block));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			failure = errno;
		if (got <= 0)
			break;
		itsm_buffer_add(out, block, (size_t)got);
	}
	if (file >= 0 && !input)
		close(file);
	if (failure)
		return itsm_error_set(err, ITSM_EIO, "%s cannot be read: %s", input ? "stdin" : path, strerror(failure));
	if (out->length > limit)
		return itsm_error_set(err, ITSM_ELIMIT, "%s is too big: more than %zu bytes", input ? "stdin" : path, limit);
	itsm_buffer_add(out, "", 0);
	return ITSM_OK;
}

const char *context_path(struct context *context, const char *path)
{
	struct itsm_buffer whole = {0}, out = {0};
	const char *part, *kept;
	size_t length;

	itsm_buffer_printf(&whole, "%s/%s", *path == '/' ? "" : context->folder, path);
	itsm_buffer_puts(&out, "");
	for (part = whole.data; *part; part += length) {
		part += strspn(part, "/");
		length = strcspn(part, "/");
		if (length == 2 && !strncmp(part, "..", 2))
			out.length = out.length ? (size_t)(strrchr(out.data, '/') - out.data) : 0;
		else if (length && !(length == 1 && *part == '.'))
			itsm_buffer_printf(&out, "/%.*s", (int)length, part);
		if (out.data)
			out.data[out.length] = '\0';
	}
	kept = itsm_arena_strdup(context->arena, out.length ? out.data : "/");
	itsm_buffer_free(&whole);
	itsm_buffer_free(&out);
	return kept;
}
