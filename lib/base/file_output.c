/* A file in the making, written piece by piece. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_write.h"
#include "itsm/file.h"

struct itsm_output {
	struct itsm_arena *arena;
	struct itsm_walk walk;
	const char *path;
	char name[32];      /* of the temporary file */
	int file;
	int failure;        /* errno of the first write that failed */
	mode_t mode;
	bool replaces;
};

int itsm_output_open(int root, const char *path, struct itsm_output **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_output *output = itsm_arena_alloc(arena, sizeof(*output));
	int number, status;

	output->arena = arena;
	output->path = itsm_arena_strdup(arena, path);
	status = itsm_walk_open(root, output->path, true, &output->walk, err);
	if (status) {
		itsm_arena_free(arena);
		return status;
	}
	number = itsm_target_look(&output->walk, &output->mode, &output->replaces);
	output->file = number ? -1 : itsm_temporary_make(output->walk.folder, output->name);
	if (output->file < 0) {
		status = itsm_walk_error(err, number ? number : errno, "write", path);
		close(output->walk.folder);
		itsm_arena_free(arena);
		return status;
	}
	*out = output;
	return ITSM_OK;
}

size_t itsm_output_previous(const struct itsm_output *output, void *bytes, size_t size, bool *exists)
{
	int file = output->replaces ? openat(output->walk.folder, output->walk.leaf, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
		O_CLOEXEC) : -1;
	ssize_t got = file < 0 ? 0 : read(file, bytes, size);

	*exists = output->replaces;
	if (file >= 0)
		close(file);
	return got > 0 ? (size_t)got : 0;
}

int itsm_output_write(void *context, const char *data, size_t length)
{
	struct itsm_output *output = context;

	if (!output->failure && itsm_write_all(output->file, data, length) < 0)
		output->failure = errno;
	return output->failure ? -1 : 0;
}

void itsm_output_failure(const struct itsm_output *output, struct itsm_error *err)
{
	if (output->failure)
		itsm_walk_error(err, output->failure, "write", output->path);
}

void itsm_output_path(const struct itsm_output *output, struct itsm_buffer *out)
{
	itsm_buffer_printf(out, "/proc/self/fd/%d/%s", output->walk.folder, output->name);
}

static void finish(struct itsm_output *output)
{
	close(output->walk.folder);
	itsm_arena_free(output->arena);
}

int itsm_output_keep(struct itsm_output *output, struct itsm_error *err)
{
	int number = output->failure, status;

	if (!number && ((output->replaces && fchmod(output->file, output->mode) < 0) || fsync(output->file) < 0))
		number = errno;
	if (close(output->file) < 0 && !number)
		number = errno;
	if (!number && renameat(output->walk.folder, output->name, output->walk.folder, output->walk.leaf) < 0)
		number = errno;
	if (number)
		unlinkat(output->walk.folder, output->name, 0);
	else if (fsync(output->walk.folder) < 0 && errno == EIO)
		number = EIO;
	status = number ? itsm_walk_error(err, number, "write", output->path) : ITSM_OK;
	finish(output);
	return status;
}

void itsm_output_discard(struct itsm_output *output)
{
	if (!output)
		return;
	close(output->file);
	unlinkat(output->walk.folder, output->name, 0);
	finish(output);
}
