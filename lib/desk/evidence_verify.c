/* `itsm evidence verify`: is a folder as it was made? Nothing in it is trusted, no link followed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence.h"
#include "itsm/digest.h"
#include "signers.h"

#define FILE_LIMIT (64u << 20)
#define MANIFEST_LIMIT (64u << 20)
#define DEPTH_MAX 16

struct listed {
	const char *path;
	char sha256[65];
	bool seen;
	struct listed *next;
};

struct checking {
	struct itsm_arena *arena;
	struct itsm_findings *findings;
	struct itsm_error *err;
	int root;
	struct listed *listed[4096];
	size_t files;
	bool has_signers;
};

static void add(struct checking *checking, const char *rule, const char *path, const char *message)
{
	struct itsm_finding finding = {.rule = rule,
		.severity = ITSM_SEVERITY_ERROR,
		.path = path,
		.message = message,
		.remedy = "ask for the folder again, and how it got here"};

	itsm_findings_add(checking->findings, &finding);
}

static struct listed **slot_of(struct checking *checking, const char *path)
{
	unsigned hash = 5381;
	struct listed **slot;

	for (const char *c = path; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	for (slot = &checking->listed[hash % 4096]; *slot && strcmp((*slot)->path, path) != 0; slot = &(*slot)->next)
		continue;
	return slot;
}

/* "<64 digits>  <path>" */
static bool read_line(struct checking *checking, const char *line, size_t length)
{
	const char *path;
	struct listed **slot;

	if (length < 67 || strspn(line, "0123456789abcdef") != 64 || line[64] != ' ' || line[65] != ' ' ||
		memchr(line, '\0', length))
		return false;
	path = itsm_arena_strndup(checking->arena, line + 66, length - 66);
	slot = slot_of(checking, path);
	if (*slot || strcmp(path, EVIDENCE_MANIFEST) == 0 || strcmp(path, EVIDENCE_SIGNATURE) == 0)
		return false;
	*slot = itsm_arena_alloc(checking->arena, sizeof(**slot));
	(*slot)->path = path;
	memcpy((*slot)->sha256, line, 64);
	checking->has_signers = checking->has_signers || strcmp(path, EVIDENCE_SIGNERS) == 0;
	return true;
}

static void read_manifest(struct checking *checking, const struct itsm_buffer *text)
{
	const char *at = text->data ? text->data : "", *end = at + text->length;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (!stop || !read_line(checking, at, (size_t)(stop - at))) {
			add(checking, "evidence/manifest", EVIDENCE_MANIFEST,
				"it has a line that is none of a manifest");
			return;
		}
		at = stop + 1;
	}
}

static int judge_file(struct checking *checking, const char *path)
{
	struct listed *listed = *slot_of(checking, path);
	struct itsm_buffer text = {0};
	char digest[65];
	int status;

	if (strcmp(path, EVIDENCE_MANIFEST) == 0 || (strcmp(path, EVIDENCE_SIGNATURE) == 0 && checking->has_signers))
		return 0;
	if (!listed) {
		add(checking, "evidence/extra", path, "it is not in the manifest");
		return 0;
	}
	listed->seen = true;
	status = itsm_file_read(checking->root, path, FILE_LIMIT, &text, checking->err);
	if (status == 0) {
		itsm_digest_sha256(text.data ? text.data : "", text.length, digest);
		if (strcmp(digest, listed->sha256) != 0)
			add(checking, "evidence/altered", path, "it is not what it was when the evidence was made");
		checking->files++;
	}
	itsm_buffer_free(&text);
	return status;
}

static int walk(struct checking *checking, int folder, const char *below, int depth);

static int judge_entry(struct checking *checking, int folder, const char *below, const char *name, int depth)
{
	const char *path = itsm_arena_printf(checking->arena, "%s%s", below, name);
	struct stat info;
	int inside;

	if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return itsm_error_set(checking->err, ITSM_EIO, "'%s' cannot be looked at: %s", path, strerror(errno));
	if (S_ISREG(info.st_mode))
		return judge_file(checking, path);
	if (!S_ISDIR(info.st_mode)) {
		add(checking, "evidence/extra", path, "it is a symbolic link or another thing that is no regular file");
		return 0;
	}
	if (depth >= DEPTH_MAX) {
		add(checking, "evidence/extra", path, "folders are nested deeper than evidence ever is");
		return 0;
	}
	inside = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inside < 0)
		return itsm_error_set(
			checking->err, ITSM_EIO, "the folder '%s' cannot be opened: %s", path, strerror(errno));
	return walk(checking, inside, itsm_arena_printf(checking->arena, "%s/", path), depth + 1);
}

/* Closes the folder. */
static int walk(struct checking *checking, int folder, const char *below, int depth)
{
	DIR *stream = fdopendir(folder);
	struct dirent *entry;
	size_t count = 0;
	int status = 0;

	if (!stream) {
		close(folder);
		return itsm_error_set(checking->err, ITSM_EIO, "the folder '%s' cannot be read", below);
	}
	while (status == 0 && (entry = readdir(stream)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			status = judge_entry(checking, folder, below, entry->d_name, depth);
			count++;
		}
	}
	closedir(stream);
	if (status == 0 && !count && depth)
		add(checking, "evidence/extra", below, "it is an empty folder");
	return status;
}

static void judge_missing(struct checking *checking)
{
	for (size_t i = 0; i < 4096; i++) {
		for (const struct listed *one = checking->listed[i]; one; one = one->next) {
			if (!one->seen)
				add(checking, "evidence/missing", one->path,
					"it is in the manifest, and not in the folder");
		}
	}
}

static int judge_signature(struct checking *checking, const struct itsm_buffer *manifest, const char *signers,
	struct itsm_evidence_verified *out)
{
	struct itsm_buffer list = {0}, signature = {0};
	struct itsm_error failure = {0};
	const char *why = NULL;
	int status = 0;

	if (!checking->has_signers) {
		if (signers)
			add(checking, "evidence/signature", EVIDENCE_MANIFEST, "it is not signed");
		return 0;
	}
	status = signers ? itsm_file_read(AT_FDCWD, signers, MANIFEST_LIMIT, &list, checking->err)
			 : itsm_file_read(checking->root, EVIDENCE_SIGNERS, MANIFEST_LIMIT, &list, &failure);
	if (status == 0 && itsm_file_read(checking->root, EVIDENCE_SIGNATURE, 64u << 10, &signature, &failure) != 0)
		add(checking, "evidence/signature", EVIDENCE_SIGNATURE,
			"the evidence was signed, and its signature is not here");
	else if (status == 0)
		status = signers_verify(NULL, checking->arena, ITSM_EVIDENCE_NAMESPACE, &list, manifest,
			signature.data ? signature.data : "", &out->signer, &why, checking->err);
	if (status == 0 && why && !out->signer)
		add(checking, "evidence/signature", EVIDENCE_SIGNATURE,
			"the signature of the manifest does not hold, or is by nobody who is allowed to sign");
	itsm_buffer_free(&list);
	itsm_buffer_free(&signature);
	return status == ITSM_ENOTFOUND && !signers ? 0 : status;
}

int itsm_evidence_verify(struct itsm_arena *arena, const char *folder, const char *signers, const char *digest,
	struct itsm_findings *findings, struct itsm_evidence_verified *out, struct itsm_error *err)
{
	struct checking *checking = itsm_arena_alloc(arena, sizeof(*checking));
	struct itsm_buffer manifest = {0};
	struct itsm_evidence_verified made = {0};
	char hash[65];
	int copy, status;

	*checking = (struct checking){.arena = arena, .findings = findings, .err = err};
	checking->root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (checking->root < 0)
		return itsm_error_set(
			err, ITSM_ENOTFOUND, "the folder '%s' cannot be opened: %s", folder, strerror(errno));
	status = itsm_file_read(checking->root, EVIDENCE_MANIFEST, MANIFEST_LIMIT, &manifest, err);
	if (status != 0) {
		itsm_error_prefix(err, "'%s' is no evidence", folder);
		close(checking->root);
		return status;
	}
	itsm_digest_sha256(manifest.data ? manifest.data : "", manifest.length, hash);
	made.digest = itsm_arena_printf(arena, "sha256:%s", hash);
	if (digest && strcmp(digest, made.digest) != 0)
		add(checking, "evidence/manifest", EVIDENCE_MANIFEST, "its digest is not the one that was asked for");
	read_manifest(checking, &manifest);
	copy = fcntl(checking->root, F_DUPFD_CLOEXEC, 0);
	status = copy < 0 ? itsm_error_set(err, ITSM_EIO, "the folder '%s' cannot be read", folder)
			  : walk(checking, copy, "", 0);
	if (status == 0) {
		judge_missing(checking);
		status = judge_signature(checking, &manifest, signers, &made);
	}
	close(checking->root);
	itsm_buffer_free(&manifest);
	if (status == 0) {
		made.files = checking->files;
		itsm_findings_sort(findings);
		*out = made;
	}
	return status;
}
