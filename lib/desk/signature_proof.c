/*
 * Signatures that were verified before, and several verified at once: each is
 * a run of ssh-keygen, which costs more than all else that a check does.
 *
 * Within a process every answer is kept. Good ones are kept in a file beside
 * the index too, <git dir>/itsm/signatures-v1, a line per signature: the SHA-256 of
 * everything that ssh-keygen was asked (namespace, person, their keys, what is signed, the
 * signature). Another key, another byte is another line. Whoever can write there
 * can change the index, git's configuration and hooks as well; a file that is not the
 * user's own, or that others may write, is left alone all the same.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "itsm/digest.h"
#include "itsm/file.h"
#include "parallel.h"
#include "signature.h"

#define FILE_NAME "itsm/signatures-v1"
#define FILE_MAX (8u << 20) /* begun anew beyond */
#define LINE 65             /* 64 hexadecimal digits and a line feed */
#define BUCKETS 4096

struct proof {
	char key[65];
	enum signature_verdict verdict;
	bool earlier;           /* of another process */
	struct proof *next;
};

struct job {
	char key[65];
	const char *person, *signature;
	const char *const *keys;
	struct itsm_buffer statement;
	enum signature_verdict verdict;
	int status;
	struct itsm_error err;
};

struct signature_proofs {
	struct proof *proofs[BUCKETS];
	struct job *jobs;
	size_t count, capacity;
	bool read;
};

static struct signature_proofs *proofs_of(struct itsm_desk *desk)
{
	if (!desk->proofs)
		desk->proofs = itsm_arena_alloc(desk->arena, sizeof(*desk->proofs));
	return desk->proofs;
}

static void add_part(struct itsm_buffer *text, const char *data, size_t length)
{
	itsm_buffer_printf(text, "%zu:", length);
	itsm_buffer_add(text, data, length);
}

static void make_key(const char *person, const char *const *keys, const struct itsm_buffer *statement, const char *signature,
	char key[65])
{
	struct itsm_buffer text = {0}, signers = {0};

	signature_list_signers(person, keys, &signers);
	add_part(&text, ITSM_APPROVAL_NAMESPACE, strlen(ITSM_APPROVAL_NAMESPACE));
	add_part(&text, person, strlen(person));
	add_part(&text, signers.data ? signers.data : "", signers.length);
	add_part(&text, statement->data ? statement->data : "", statement->length);
	add_part(&text, signature, strlen(signature));
	itsm_digest_sha256(text.data, text.length, key);
	itsm_buffer_free(&text);
	itsm_buffer_free(&signers);
}

static struct proof **place_of(struct signature_proofs *proofs, const char *key)
{
	struct proof **slot;
	unsigned hash = 0;
	size_t i;

	for (i = 0; i < 4; i++)
		hash = hash << 4 | ((unsigned char)key[i] & 15);
	slot = &proofs->proofs[hash % BUCKETS];
	while (*slot && memcmp((*slot)->key, key, 64) != 0)
		slot = &(*slot)->next;
	return slot;
}

static void remember(struct itsm_desk *desk, const char *key, enum signature_verdict verdict, bool earlier)
{
	struct proof **slot = place_of(desk->proofs, key);

	if (!*slot)
		*slot = itsm_arena_alloc(desk->arena, sizeof(**slot));
	memcpy((*slot)->key, key, 64);
	(*slot)->verdict = verdict;
	(*slot)->earlier = earlier;
}

/* Opened, the user's own, and nobody else's to write; -1 otherwise. */
static int open_file(struct itsm_desk *desk, int flags)
{
	const char *path = itsm_arena_printf(desk->arena, "%s/" FILE_NAME, desk->place.common_dir);
	int file = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat about;

	if (file < 0)
		return -1;
	if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid() && !(about.st_mode & 022) &&
	    about.st_size < (off_t)FILE_MAX)
		return file;
	if (S_ISREG(about.st_mode) && about.st_uid == geteuid() && about.st_size >= (off_t)FILE_MAX)
		unlink(path);
	close(file);
	return -1;
}

static void read_file(struct itsm_desk *desk)
{
	int file = open_file(desk, O_RDONLY);
	struct itsm_buffer text = {0};
	char chunk[65536];
	ssize_t got;
	size_t i;

	while (file >= 0 && text.length < FILE_MAX && (got = read(file, chunk, sizeof(chunk))) > 0)
		itsm_buffer_add(&text, chunk, (size_t)got);
	if (file >= 0)
		close(file);
	for (i = 0; i + LINE <= text.length; i += LINE) {
		if (strspn(text.data + i, "0123456789abcdef") != LINE - 1)
			break; /* damaged: what follows is not believed */
		remember(desk, text.data + i, SIGNATURE_GOOD, true);
	}
	itsm_buffer_free(&text);
}

static const struct proof *find(struct itsm_desk *desk, const char *key)
{
	struct signature_proofs *proofs = proofs_of(desk);
	const struct proof *proof;

	if (!proofs->read && !desk->prove_anew) {
		proofs->read = true;
		read_file(desk);
	}
	proof = *place_of(proofs, key);
	return proof && proof->earlier && desk->prove_anew ? NULL : proof;
}

/* Appending a few bytes is one write, so that lines of several processes don't mix. */
static void write_file(struct itsm_desk *desk, const struct itsm_buffer *lines)
{
	int file = lines->length ? open_file(desk, O_WRONLY | O_APPEND | O_CREAT) : -1;

	if (file < 0)
		return;
	if (write(file, lines->data, lines->length) != (ssize_t)lines->length) {
		/* half a line would make nonsense of what others append */
		unlink(itsm_arena_printf(desk->arena, "%s/" FILE_NAME, desk->place.common_dir));
	}
	close(file);
}

static void run_job(void *item)
{
	struct job *job = item;

	job->status = signature_ask(job->person, job->keys, &job->statement, job->signature, &job->verdict, &job->err);
}

int signature_run(struct itsm_desk *desk, struct itsm_error *err)
{
	struct signature_proofs *proofs = proofs_of(desk);
	struct itsm_buffer lines = {0};
	int status = 0;
	size_t i;

	parallel_run(proofs->jobs, sizeof(*proofs->jobs), proofs->count, run_job);
	for (i = 0; i < proofs->count; i++) {
		struct job *job = &proofs->jobs[i];

		if (job->status != 0 && status == 0) {
			status = job->status;
			if (err)
				*err = job->err;
		} else if (job->status == 0) {
			remember(desk, job->key, job->verdict, false);
			if (job->verdict == SIGNATURE_GOOD)
				itsm_buffer_printf(&lines, "%s\n", job->key);
		}
		itsm_buffer_free(&job->statement);
	}
	proofs->count = 0;
	write_file(desk, &lines);
	itsm_buffer_free(&lines);
	return status;
}

static const char *const *copy_list(struct itsm_arena *arena, const char *const *list)
{
	const char **copy;
	size_t count = 0, i;

	while (list[count])
		count++;
	copy = itsm_arena_alloc(arena, (count + 1) * sizeof(*copy));
	for (i = 0; i < count; i++)
		copy[i] = itsm_arena_strdup(arena, list[i]);
	return copy;
}

void signature_expect(struct itsm_desk *desk, const char *person, const char *const *keys,
	const struct itsm_buffer *statement, const char *signature)
{
	struct signature_proofs *proofs = proofs_of(desk);
	struct job *job;
	char key[65];
	size_t i;

	make_key(person, keys, statement, signature, key);
	if (find(desk, key))
		return;
	for (i = 0; i < proofs->count; i++) {
		if (strcmp(proofs->jobs[i].key, key) == 0)
			return;
	}
	itsm_arena_grow(desk->arena, &proofs->jobs, &proofs->capacity, proofs->count, sizeof(*proofs->jobs));
	job = &proofs->jobs[proofs->count++];
	*job = (struct job){.person = itsm_arena_strdup(desk->arena, person), .signature = itsm_arena_strdup(desk->arena, signature),
		.keys = copy_list(desk->arena, keys)};
	memcpy(job->key, key, sizeof(job->key));
	itsm_buffer_add(&job->statement, statement->data ? statement->data : "", statement->length);
}

int signature_verify(struct itsm_desk *desk, const char *person, const char *const *keys, const struct itsm_buffer *statement,
	const char *signature, enum signature_verdict *verdict, struct itsm_error *err)
{
	const struct proof *proof;
	char key[65];
	int status;

	make_key(person, keys, statement, signature, key);
	if (!find(desk, key)) {
		signature_expect(desk, person, keys, statement, signature);
		if ((status = signature_run(desk, err)) != 0)
			return status;
	}
	proof = find(desk, key);
	*verdict = proof->verdict;
	return 0;
}
