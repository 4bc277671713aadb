/*
 * ssh-keygen -Y sign and -Y verify.
 *
 * What it wants as files is given as memory files that it inherits, by their
 * names under /proc/self/fd: nothing lies about on a disk, and verifying needs
 * no place to write. Signing uses a file in the git dir, because programs that
 * stand in for ssh-keygen (gpg.ssh.program) sign files only.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "itsm/digest.h"
#include "itsm/file.h"
#include "signature.h"

#define SIGNATURE_LIMIT (64u << 10)

int signature_memory(const char *data, size_t length, char path[32])
{
	int file = memfd_create("itsm", 0);
	size_t done = 0;

	while (file >= 0 && done < length) {
		ssize_t put = pwrite(file, data + done, length - done, (off_t)done);

		if (put <= 0) {
			close(file);
			return -1;
		}
		done += (size_t)put;
	}
	if (file >= 0)
		snprintf(path, 32, "/proc/self/fd/%d", file);
	return file;
}

/* What git is configured to, in the arena; NULL when it is not. */
static const char *configured(struct itsm_desk *desk, struct itsm_arena *arena, const char *name, bool path)
{
	const char *argv[] = {"git", "config", path ? "--type=path" : "--no-type", "--get", name, NULL};
	struct itsm_buffer value = {0};
	const char *text = NULL;

	if (itsm_program_run(argv, desk->place.work_tree ? desk->place.work_tree : desk->place.git_dir, NULL, &value, NULL, NULL) == 0) {
		while (value.length && value.data[value.length - 1] == '\n')
			value.length--;
		if (value.length)
			text = itsm_arena_strndup(arena, value.data, value.length);
	}
	itsm_buffer_free(&value);
	return text;
}

/* A key that is written out in place of a file's name, or NULL. */
static const char *literal_key(const char *key)
{
	if (strncmp(key, "key::", 5) == 0)
		return key + 5;
	return strncmp(key, "ssh-", 4) == 0 ? key : NULL;
}

struct signing {
	int root;           /* the git dir */
	const char *folder; /* its path */
	const char *name;   /* of the statement's file, below it */
	const char *program;
	const char *name_space;
	const char *key;
	bool agent;         /* the key is a public one, its secret is the agent's */
};

static int run_program(struct itsm_arena *arena, const struct signing *signing, struct itsm_buffer *signature,
	struct itsm_error *err)
{
	const char *argv[12], *made = itsm_arena_printf(arena, "%s.sig", signing->name);
	size_t count = 0;
	int status;

	argv[count++] = signing->program ? signing->program : "ssh-keygen";
	argv[count++] = "-Y";
	argv[count++] = "sign";
	if (!signing->program)
		argv[count++] = "-q";
	argv[count++] = "-n";
	argv[count++] = signing->name_space;
	argv[count++] = "-f";
	argv[count++] = signing->key;
	if (signing->agent)
		argv[count++] = "-U";
	argv[count++] = itsm_arena_printf(arena, "%s/%s", signing->folder, signing->name);
	argv[count] = NULL;
	status = itsm_program_talk(argv, NULL, err);
	if (status != 0) {
		itsm_error_prefix(err, "nothing was signed and nothing was written");
		return status;
	}
	status = itsm_file_read(signing->root, made, SIGNATURE_LIMIT, signature, err);
	unlinkat(signing->root, made, 0);
	return status;
}

static int sign_file(struct itsm_desk *desk, struct itsm_arena *arena, struct signing *signing,
	const struct itsm_buffer *statement, struct itsm_buffer *signature, struct itsm_error *err)
{
	char id[ITSM_ID_MAX];
	int status = itsm_id_make("sign", id, err);

	if (status != 0)
		return status;
	signing->folder = desk->place.git_dir;
	signing->name = itsm_arena_printf(arena, "itsm/%s", id);
	signing->root = open(signing->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (signing->root < 0)
		return itsm_error_set(err, ITSM_EIO, "%s cannot be opened", signing->folder);
	status = itsm_file_write(signing->root, signing->name, statement->data, statement->length, err);
	if (status == 0)
		status = run_program(arena, signing, signature, err);
	unlinkat(signing->root, signing->name, 0);
	close(signing->root);
	return status;
}

int signature_make_in(struct itsm_desk *desk, struct itsm_arena *arena, const char *name_space, const char *key,
	const struct itsm_buffer *statement, struct itsm_buffer *signature, const char **why, struct itsm_error *err)
{
	const char *format = configured(desk, arena, "gpg.format", false);
	struct signing signing = {.key = key, .name_space = name_space};
	const char *literal;
	char path[32];
	int file = -1, status;

	*why = NULL;
	if (!key && (!format || strcmp(format, "ssh") != 0)) {
		*why = "git is not configured to sign with SSH (gpg.format is not ssh), and --key names no key";
		return 0;
	}
	signing.program = configured(desk, arena, "gpg.ssh.program", true);
	if (!key) {
		const char *plain = configured(desk, arena, "user.signingkey", false);

		literal = plain ? literal_key(plain) : NULL;
		signing.key = literal ? literal : configured(desk, arena, "user.signingkey", true);
		if (!signing.key) {
			*why = "git has no user.signingkey, and --key names no key";
			return 0;
		}
		if (literal) {
			file = signature_memory(literal, strlen(literal), path);
			if (file < 0)
				return itsm_error_set(err, ITSM_EIO, "the key cannot be handed to ssh-keygen");
			signing.key = path;
			signing.agent = true;
		}
	}
	status = sign_file(desk, arena, &signing, statement, signature, err);
	if (file >= 0)
		close(file);
	return status;
}

int signature_make(struct itsm_desk *desk, struct itsm_arena *arena, const char *key, const struct itsm_buffer *statement,
	struct itsm_buffer *signature, const char **why, struct itsm_error *err)
{
	return signature_make_in(desk, arena, ITSM_APPROVAL_NAMESPACE, key, statement, signature, why, err);
}

/* One line per key that the person has: type and key, without the comment. */
void signature_list_signers(const char *person, const char *const *keys, struct itsm_buffer *out)
{
	for (; *keys; keys++) {
		size_t type = strcspn(*keys, " "), body = (*keys)[type] ? strcspn(*keys + type + 1, " ") : 0;

		if (type && body && !strpbrk(*keys, "\r\n\""))
			itsm_buffer_printf(out, "%s namespaces=\"" ITSM_APPROVAL_NAMESPACE "\" %.*s\n", person, (int)(type + 1 + body), *keys);
	}
}

/* Does ssh-keygen say yes? Fails when it cannot be run or is killed. */
static int ask(const char *const *argv, const struct itsm_buffer *statement, bool *yes, struct itsm_error *err)
{
	struct itsm_error failure = {0};
	int code = -1;
	int status = itsm_program_run(argv, NULL, statement, NULL, &code, &failure);

	*yes = status == 0;
	if (status == 0 || code >= 0)
		return 0;
	if (err)
		*err = failure;
	return status;
}

static int verify(const char *person, const char *signers, const char *file, const struct itsm_buffer *statement,
	enum signature_verdict *verdict, struct itsm_error *err)
{
	const char *check[] = {"ssh-keygen", "-Y", "verify", "-f", signers, "-I", person, "-n", ITSM_APPROVAL_NAMESPACE,
		"-s", file, NULL};
	const char *any[] = {"ssh-keygen", "-Y", "check-novalidate", "-n", ITSM_APPROVAL_NAMESPACE, "-s", file, NULL};
	bool yes;
	int status = ask(check, statement, &yes, err);

	if (status == 0 && yes) {
		*verdict = SIGNATURE_GOOD;
		return 0;
	}
	if (status == 0)
		status = ask(any, statement, &yes, err);
	if (status == 0)
		*verdict = yes ? SIGNATURE_WRONG_KEY : SIGNATURE_BAD;
	return status;
}

int signature_ask(const char *person, const char *const *keys, const struct itsm_buffer *statement, const char *signature,
	enum signature_verdict *verdict, struct itsm_error *err)
{
	struct itsm_buffer signers = {0};
	char signers_path[32], signature_path[32];
	int signers_file, signature_file, status;

	if (strlen(signature) > SIGNATURE_LIMIT) {
		*verdict = SIGNATURE_BAD;
		return 0;
	}
	signature_list_signers(person, keys, &signers);
	signers_file = signature_memory(signers.data ? signers.data : "", signers.length, signers_path);
	signature_file = signature_memory(signature, strlen(signature), signature_path);
	if (signers_file < 0 || signature_file < 0)
		status = itsm_error_set(err, ITSM_EIO, "the signature cannot be handed to ssh-keygen");
	else
		status = verify(person, signers_path, signature_path, statement, verdict, err);
	if (signers_file >= 0)
		close(signers_file);
	if (signature_file >= 0)
		close(signature_file);
	itsm_buffer_free(&signers);
	return status;
}
