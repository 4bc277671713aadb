/*
 * The folder: files in memory, their manifest, then all at once on the disk.
 *
 * The manifest is what sha256sum -c reads: a line for each file but itself and
 * its signature, sorted by path. It is written beside the folder and renamed with it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence.h"
#include "itsm/digest.h"
#include "signature.h"
#include "signers.h"

void evidence_add(struct evidence_folder *folder, const char *path, const char *data, size_t size,
	enum evidence_origin origin, const struct itsm_oid *oid)
{
	struct evidence_file *file;
	struct evidence_known **slot;
	unsigned hash = 5381;

	for (const char *c = path; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	for (slot = &folder->known[hash % 4096]; *slot; slot = &(*slot)->next) {
		if (strcmp((*slot)->path, path) == 0)
			return;
	}
	*slot = itsm_arena_alloc(folder->arena, sizeof(**slot));
	(*slot)->path = itsm_arena_strdup(folder->arena, path);
	itsm_arena_grow(folder->arena, &folder->files, &folder->capacity, folder->count, sizeof(*folder->files));
	file = &folder->files[folder->count++];
	*file = (struct evidence_file){.path = itsm_arena_strdup(folder->arena, path),
		.data = itsm_arena_strndup(folder->arena, "", 0),
		.size = size,
		.origin = origin};
	if (size) {
		char *copy = itsm_arena_alloc(folder->arena, size);

		memcpy(copy, data, size);
		file->data = copy;
	}
	itsm_digest_sha256(file->data, size, file->sha256);
	if (oid)
		file->oid = *oid;
}

void evidence_add_text(struct evidence_folder *folder, const char *path, const struct itsm_buffer *text)
{
	evidence_add(folder, path, text->data ? text->data : "", text->length, EVIDENCE_MADE, NULL);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct evidence_file *)a)->path, ((const struct evidence_file *)b)->path);
}

static void write_manifest(struct evidence_folder *folder, struct itsm_buffer *out)
{
	qsort(folder->files, folder->count, sizeof(*folder->files), by_path);
	for (size_t i = 0; i < folder->count; i++)
		itsm_buffer_printf(out, "%s  %s\n", folder->files[i].sha256, folder->files[i].path);
}

/* Sign it, and see that the signature is by a key of somebody in people/ at HEAD. */
static int sign(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_buffer *manifest,
	const struct itsm_buffer *signers, const struct itsm_evidence *request, struct itsm_buffer *signature,
	struct itsm_evidenced *out, struct itsm_error *err)
{
	const char *why = NULL;
	int status =
		signature_make_in(desk, arena, ITSM_EVIDENCE_NAMESPACE, request->key, manifest, signature, &why, err);

	if (status == 0 && signature->length)
		status = signers_verify(NULL, arena, ITSM_EVIDENCE_NAMESPACE, signers, manifest, signature->data,
			&out->signer, &why, err);
	out->why_unsigned = out->signer ? NULL : why;
	return status;
}

/* Is there nothing at the path, or an empty folder? */
static int refuse_existing(const char *path, struct itsm_error *err)
{
	struct dirent *entry;
	DIR *folder = opendir(path);
	bool empty = true;

	if (!folder && errno == ENOENT)
		return 0;
	if (!folder)
		return itsm_error_set(err, ITSM_EREFUSED, "'%s' is there and is no folder; name another", path);
	while (empty && (entry = readdir(folder)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(folder);
	if (!empty)
		return itsm_error_set(err, ITSM_EREFUSED, "the folder '%s' is there and not empty; name another", path);
	return 0;
}

static void remove_made(int root, const struct itsm_file_new *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		itsm_file_remove(root, files[i].path, NULL);
}

static int put_folder(struct itsm_arena *arena, const char *output, const struct itsm_file_new *files, size_t count,
	struct itsm_error *err)
{
	char *made = itsm_arena_printf(arena, "%s.making-XXXXXX", output);
	int root, status = refuse_existing(output, err);

	if (status != 0)
		return status;
	if (!mkdtemp(made))
		return itsm_error_set(err, ITSM_EIO, "the folder '%s' cannot be made: %s", output, strerror(errno));
	root = open(made, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	status = root < 0 ? itsm_error_set(err, ITSM_EIO, "'%s' cannot be opened: %s", made, strerror(errno))
			  : itsm_file_write_all(root, files, count, err);
	if (status == 0 && fchmod(root, 0755) != 0)
		status = itsm_error_set(err, ITSM_EIO, "'%s' cannot be made readable: %s", made, strerror(errno));
	if (status == 0 && rename(made, output) != 0)
		status = itsm_error_set(err, errno == ENOTEMPTY || errno == EEXIST ? ITSM_EREFUSED : ITSM_EIO,
			"'%s' cannot be put in its place: %s", output, strerror(errno));
	if (status != 0 && root >= 0)
		remove_made(root, files, count);
	if (root >= 0)
		close(root);
	if (status != 0)
		rmdir(made);
	return status;
}

int evidence_write(struct itsm_desk *desk, struct evidence_folder *folder, const struct itsm_oid *head,
	const struct itsm_evidence *request, struct itsm_evidenced *out, struct itsm_error *err)
{
	struct itsm_arena *arena = folder->arena;
	struct itsm_buffer manifest = {0}, signers = {0}, signature = {0};
	struct itsm_file_new *files;
	struct roster *roster = roster_new(desk, desk->kinds, head);
	char digest[65];
	size_t count = 0;
	int status = signers_list(roster, ITSM_EVIDENCE_NAMESPACE, &signers, err);

	roster_free(roster);
	if (status == 0 && (status = refuse_existing(request->output, err)) == 0) {
		evidence_add_text(folder, EVIDENCE_SIGNERS, &signers);
		write_manifest(folder, &manifest);
		status = sign(desk, arena, &manifest, &signers, request, &signature, out, err);
	}
	if (status == 0 && !out->signer) {
		/* without the list of signers, whose presence says that there is a signature */
		for (size_t i = 0; i < folder->count; i++) {
			if (strcmp(folder->files[i].path, EVIDENCE_SIGNERS) == 0)
				folder->files[i] = folder->files[--folder->count];
		}
		itsm_buffer_clear(&manifest);
		write_manifest(folder, &manifest);
	}
	files = itsm_arena_alloc(arena, (folder->count + 2) * sizeof(*files));
	for (; status == 0 && count < folder->count; count++)
		files[count] = (struct itsm_file_new){
			folder->files[count].path, folder->files[count].data, folder->files[count].size};
	if (status == 0) {
		files[count++] = (struct itsm_file_new){EVIDENCE_MANIFEST, manifest.data, manifest.length};
		if (out->signer)
			files[count++] = (struct itsm_file_new){EVIDENCE_SIGNATURE, signature.data, signature.length};
		status = put_folder(arena, request->output, files, count, err);
	}
	if (status == 0) {
		itsm_digest_sha256(manifest.data, manifest.length, digest);
		out->digest = itsm_arena_printf(arena, "sha256:%s", digest);
		out->files = count;
	}
	itsm_buffer_free(&manifest);
	itsm_buffer_free(&signers);
	itsm_buffer_free(&signature);
	return status;
}
