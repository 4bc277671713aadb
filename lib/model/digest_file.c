/* Digests of files of any size, piece by piece. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sha2.h>

#include "itsm/digest.h"
#include "itsm/file.h"

struct algorithm {
	const char *name;
	size_t length; /* of the digest, in bytes */
	void (*begin)(SHA2_CTX *context);
	void (*update)(SHA2_CTX *context, const uint8_t *data, size_t length);
	void (*end)(uint8_t *digest, SHA2_CTX *context);
};

static const struct algorithm algorithms[] = {
	{ "sha256", SHA256_DIGEST_LENGTH, SHA256Init, SHA256Update, SHA256Final },
	{ "sha384", SHA384_DIGEST_LENGTH, SHA384Init, SHA384Update, SHA384Final },
	{ "sha512", SHA512_DIGEST_LENGTH, SHA512Init, SHA512Update, SHA512Final },
};

static const struct algorithm *find_algorithm(const char *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	return NULL;
}

static int read_all(int file, const char *path, const struct algorithm *algorithm, SHA2_CTX *context,
	struct itsm_error *err)
{
	uint8_t chunk[65536];
	ssize_t got;

	for (;;) {
		got = read(file, chunk, sizeof(chunk));
		if (got == 0)
			return ITSM_OK;
		if (got > 0)
			algorithm->update(context, chunk, (size_t)got);
		else if (errno != EINTR)
			return itsm_error_set(err, ITSM_EIO, "'%s': %s", path, strerror(errno));
	}
}

int itsm_digest_file(int root, const char *path, const char *name, char text[ITSM_DIGEST_FILE_TEXT],
	struct itsm_error *err)
{
	static const char digits[] = "0123456789abcdef";
	const struct algorithm *algorithm = find_algorithm(name);
	uint8_t digest[SHA512_DIGEST_LENGTH];
	SHA2_CTX context;
	int file, status;

	if (!algorithm)
		return itsm_error_set(err, ITSM_EUSAGE, "'%.40s' is no algorithm of digests here; there are sha256, sha384 and sha512",
			name);
	status = itsm_file_open(root, path, &file, err);
	if (status < 0)
		return status;
	algorithm->begin(&context);
	status = read_all(file, path, algorithm, &context, err);
	close(file);
	if (status < 0)
		return status;
	algorithm->end(digest, &context);
	for (size_t i = 0; i < algorithm->length; i++) {
		text[2 * i] = digits[digest[i] >> 4];
		text[2 * i + 1] = digits[digest[i] & 15];
	}
	text[2 * algorithm->length] = '\0';
	return ITSM_OK;
}
