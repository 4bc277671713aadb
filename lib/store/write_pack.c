/*
 * The files of a large write as one pack, which `git index-pack` makes: a thousand loose objects are a
 * thousand files to make and to link, one by one.
 *
 *   "PACK", version 2, count (u32 each), then of each object: type and size (3 + 4 bits, then 7 a byte),
 *   zlib(bytes); at the end the SHA-1 of all that
 *
 * Until the branch has moved nothing leads to these objects: a .keep beside the pack saves it from a
 * `git repack -a -d` of that very moment. It is removed at the end of the write; what a killed writer left
 * of them goes with the next large one.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sha1.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "itsm/file.h"
#include "write.h"

#define KEEP "itsm write" /* what our .keep files say */
#define CHUNK 65536       /* bytes to git at a time */

struct packing {
	struct store_child *child;
	struct itsm_buffer chunk;
	SHA1_CTX sum;
	z_stream stream;
};

static int by_blob(const void *a, const void *b)
{
	return memcmp((*(struct store_change *const *)a)->next.blob.bytes, (*(struct store_change *const *)b)->next.blob.bytes,
		sizeof(struct itsm_oid));
}

/* What is to be written, each content once. */
static struct store_change **choose(const struct store_changes *changes, size_t *count)
{
	struct store_change **chosen = itsm_arena_alloc(changes->arena, (changes->count + 1) * sizeof(struct store_change *));
	size_t i, used = 0, kept = 0;

	for (i = 0; i < changes->count; i++)
		if (changes->items[i].next.mode)
			chosen[used++] = &changes->items[i];
	if (used > 1)
		qsort(chosen, used, sizeof(struct store_change *), by_blob);
	for (i = 0; i < used; i++)
		if (!kept || by_blob(&chosen[kept - 1], &chosen[i]) != 0)
			chosen[kept++] = chosen[i];
	*count = kept;
	return chosen;
}

static int flush(struct packing *packing)
{
	int number = store_child_send(packing->child, packing->chunk.data, packing->chunk.length);

	itsm_buffer_clear(&packing->chunk);
	return number;
}

static void add(struct packing *packing, const void *data, size_t length)
{
	SHA1Update(&packing->sum, data, length);
	itsm_buffer_add(&packing->chunk, data, length);
}

static void add_number(struct packing *packing, uint32_t number)
{
	const unsigned char bytes[] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
		(unsigned char)(number >> 8), (unsigned char)number};

	add(packing, bytes, sizeof(bytes));
}

/* Type and size. */
static void add_head(struct packing *packing, size_t size)
{
	unsigned char bytes[10];
	size_t count = 0;

	bytes[count] = (unsigned char)(STORE_BLOB << 4 | (size & 0xf));
	for (size >>= 4; size; size >>= 7) {
		bytes[count++] |= 0x80;
		bytes[count] = (unsigned char)(size & 0x7f);
	}
	add(packing, bytes, count + 1);
}

/* The bytes, compressed as git does it for loose objects. */
static int add_content(struct packing *packing, const struct store_change *change)
{
	unsigned char out[CHUNK];
	z_stream *stream = &packing->stream;
	int code = Z_OK;

	deflateReset(stream);
	stream->next_in = (Bytef *)(uintptr_t)change->data;
	stream->avail_in = (uInt)change->length;
	while (code == Z_OK) {
		stream->next_out = out;
		stream->avail_out = sizeof(out);
		code = deflate(stream, Z_FINISH);
		add(packing, out, sizeof(out) - stream->avail_out);
		if (packing->chunk.length >= CHUNK && flush(packing) < 0)
			return -1;
	}
	return code == Z_STREAM_END ? 0 : -1;
}

/* 0, or -1 where git does not hear it all: it then says why. */
static int send_all(struct packing *packing, struct store_change *const *chosen, size_t count)
{
	unsigned char digest[SHA1_DIGEST_LENGTH];
	size_t i;
	int number = 0;

	SHA1Init(&packing->sum);
	add(packing, "PACK", 4);
	add_number(packing, 2);
	add_number(packing, (uint32_t)count);
	for (i = 0; i < count && number == 0; i++) {
		add_head(packing, chosen[i]->length);
		number = add_content(packing, chosen[i]);
	}
	SHA1Final(digest, &packing->sum);
	itsm_buffer_add(&packing->chunk, digest, sizeof(digest));
	return number == 0 ? flush(packing) : -1;
}

static bool is_ours(int folder, const char *name)
{
	struct itsm_buffer text = {0};
	size_t length = strlen(name);
	bool is = length > 5 && strcmp(name + length - 5, ".keep") == 0 &&
		itsm_file_read(folder, name, sizeof(KEEP) + 1, &text, NULL) == 0 &&
		strcmp(text.data, KEEP "\n") == 0;

	itsm_buffer_free(&text);
	return is;
}

/* We hold the lock: whoever wrote them is gone. */
static void sweep(const struct itsm_write *write)
{
	DIR *packs = opendir(itsm_arena_printf(write->arena, "%s/objects/pack", write->repo->place.common_dir));
	const struct dirent *entry;

	while (packs && (entry = readdir(packs)) != NULL)
		if (is_ours(dirfd(packs), entry->d_name))
			unlinkat(dirfd(packs), entry->d_name, 0);
	if (packs)
		closedir(packs);
}

int store_pack_start(struct itsm_write *write, struct itsm_error *err)
{
	const char *const argv[] = {"git", "index-pack", "--stdin", "--keep=" KEEP, NULL};
	struct packing packing = {.child = &write->packer};
	struct store_change **chosen;
	size_t count;
	int status, number;

	chosen = choose(&write->changes, &count);
	if (!count)
		return ITSM_OK;
	if (deflateInit(&packing.stream, Z_BEST_SPEED) != Z_OK)
		return itsm_error_set(err, ITSM_EIO, "there is no memory to compress what is to be written");
	sweep(write);
	status = store_git_start(&write->packer, &write->repo->place, argv, STORE_CHILD_INPUT | STORE_CHILD_OUTPUT, err);
	if (!status) {
		number = send_all(&packing, chosen, count);
		store_child_close_input(&write->packer);
		if (number < 0)
			status = store_pack_end(write, err);
		if (number < 0 && !status)
			status = itsm_error_set(err, ITSM_EGIT, "`git index-pack` did not hear all that was to be written");
	}
	deflateEnd(&packing.stream);
	itsm_buffer_free(&packing.chunk);
	return status;
}

/* It says "keep\t<name of the pack>". */
int store_pack_end(struct itsm_write *write, struct itsm_error *err)
{
	struct itsm_buffer out = {0};
	struct itsm_oid name;
	int status;

	if (write->packer.pid <= 0)
		return ITSM_OK;
	status = store_child_collect(&write->packer, &out, NULL, err);
	if (!status && strncmp(out.data, "keep\t", 5) == 0 && store_oid_parse(out.data + 5, &name))
		write->kept = itsm_arena_printf(write->arena, "%s/objects/pack/pack-%.40s.keep",
			write->repo->place.common_dir, out.data + 5);
	itsm_buffer_free(&out);
	return status;
}

void store_pack_let_go(struct itsm_write *write)
{
	store_pack_end(write, NULL);
	if (write->kept)
		unlink(write->kept);
	write->kept = NULL;
}
