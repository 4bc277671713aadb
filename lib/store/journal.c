/* The journal of a write under way: see lock.h for its format. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "itsm/file.h"
#include "lock.h"

#define HEADING "itsm pending 1"
#define JOURNAL_MAX 4096

static const char *journal_path(struct itsm_arena *arena, const struct itsm_place *place)
{
	return itsm_arena_printf(arena, "%s/itsm/pending", place->git_dir);
}

bool itsm_write_is_pending(const struct itsm_place *place)
{
	struct itsm_arena *arena = itsm_arena_new();
	bool is = access(journal_path(arena, place), F_OK) == 0;

	itsm_arena_free(arena);
	return is;
}

int store_write_over(const char *path, const struct itsm_buffer *text)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	size_t done = 0;
	ssize_t put = 0;
	int number;

	if (file < 0)
		return -1;
	while (done < text->length && (put >= 0 || errno == EINTR)) {
		put = write(file, text->data + done, text->length - done);
		if (put == 0) {
			errno = ENOSPC;
			put = -1;
		}
		done += put > 0 ? (size_t)put : 0;
	}
	number = put < 0 || fsync(file) < 0 ? errno : 0;
	if (close(file) < 0 && !number)
		number = errno;
	errno = number;
	return number ? -1 : 0;
}

/*
 * Whole or absent. With the lock held one name will do for the temporary file: what a killed writer leaves is
 * overwritten by the next.
 */
static int write_whole(struct itsm_arena *arena, const struct itsm_place *place, const struct itsm_buffer *text,
	struct itsm_error *err)
{
	const char *path = journal_path(arena, place), *folder = itsm_arena_printf(arena, "%s/itsm", place->git_dir);
	const char *temporary = itsm_arena_printf(arena, "%s~", path);
	int status = itsm_folder_make(AT_FDCWD, folder, err), above;

	if (status)
		return status;
	if (store_write_over(temporary, text) < 0 || rename(temporary, path) < 0) {
		status = itsm_error_set(err, ITSM_EIO, "cannot write '%s': %s", path, strerror(errno));
		unlink(temporary);
		return status;
	}
	above = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (above < 0 || (fsync(above) < 0 && errno == EIO))
		status = itsm_error_set(err, ITSM_EIO, "cannot write '%s': %s", path, strerror(errno));
	if (above >= 0)
		close(above);
	return status;
}

int store_journal_write(const struct itsm_place *place, const struct store_journal *journal, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer text = {0};
	char name[41];
	int status;

	itsm_oid_text(&journal->base, name);
	itsm_buffer_printf(&text, HEADING "\nbase %s\n", name);
	itsm_oid_text(&journal->next, name);
	if (!itsm_oid_is_zero(&journal->next))
		itsm_buffer_printf(&text, "next %s\n", name);
	if (journal->partly)
		itsm_buffer_puts(&text, "partly\n");
	if (*journal->scratch)
		itsm_buffer_printf(&text, "scratch %s\n", journal->scratch);
	if (journal->import)
		itsm_buffer_printf(&text, "import %ld\n", journal->import);
	status = write_whole(arena, place, &text, err);
	itsm_buffer_free(&text);
	itsm_arena_free(arena);
	return status;
}

/* False for a line that this version does not know. */
static bool take_line(const char *line, struct store_journal *out)
{
	if (strcmp(line, HEADING) == 0 || !*line)
		return true;
	if (strncmp(line, "base ", 5) == 0)
		return store_oid_parse(line + 5, &out->base);
	if (strncmp(line, "next ", 5) == 0)
		return store_oid_parse(line + 5, &out->next);
	if (strncmp(line, "scratch ", 8) == 0 && strlen(line + 8) < sizeof(out->scratch)) {
		strcpy(out->scratch, line + 8);
		return true;
	}
	if (strncmp(line, "import ", 7) == 0) {
		out->import = strtol(line + 7, NULL, 10);
		return out->import > 0;
	}
	out->partly = out->partly || strcmp(line, "partly") == 0;
	return strcmp(line, "partly") == 0;
}

int store_journal_read(const struct itsm_place *place, struct store_journal *out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char *path = journal_path(arena, place);
	struct store_journal journal = {0};
	struct itsm_buffer text = {0};
	char *line, *rest;
	int status = itsm_file_read(AT_FDCWD, path, JOURNAL_MAX, &text, err);
	bool good = !status && strncmp(text.data, HEADING "\n", sizeof(HEADING)) == 0;

	for (rest = text.data; good && (line = strsep(&rest, "\n")) != NULL;)
		good = take_line(line, &journal);
	if (good)
		*out = journal;
	else if (!status)
		status = itsm_error_set(err, ITSM_EDATA, "'%s' was left by another version of itsm; "
			"let that version finish it, or look at `git status` and remove the file", path);
	itsm_buffer_free(&text);
	itsm_arena_free(arena);
	return status;
}

int store_journal_remove(const struct itsm_place *place, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char *path = journal_path(arena, place);
	int status = ITSM_OK;

	if (unlink(path) < 0 && errno != ENOENT)
		status = itsm_error_set(err, ITSM_EIO, "cannot remove '%s': %s", path, strerror(errno));
	itsm_arena_free(arena);
	return status;
}
