/*
 * An object's content without libgit2, whose start-up costs more than the rest of a
 * command that reads one old version. What is read has to have the name it was asked by;
 * whatever looks unusual is left to libgit2.
 *
 *   objects/ab/cdef...   zlib("<type> <size>\0<bytes>")
 *   pack-*.idx           version 2: \377tOc, 2, counts of names up to each first byte (256 x u32), the names,
 *                        their CRCs, their offsets (u32; with the top bit an index into the u64 that follow)
 *   pack-*.pack          at the offset: type and size (3 + 4 bits, then 7 a byte), for a delta its base
 *                        (a distance back, or a name), then zlib(bytes)
 *   a delta              sizes of base and result (7 bits a byte), then: copy from the base (1ooossss...),
 *                        or insert the next n bytes (0nnnnnnn)
 */
#include <dirent.h>
#include <fcntl.h>
#include <sha1.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "internal.h"

#define DEPTH_MAX 512
#define SIZE_MAX_BASE (64u << 20)   /* of a delta's base: that may be larger than what is asked for */
#define FANOUT 8
#define NAMES (8 + 256 * 4)

/* Beside the types of store_object */
enum { PACKED_BY_DISTANCE = 6, PACKED_BY_NAME = 7 };

static const char *const type_names[] = {[STORE_COMMIT] = "commit", [STORE_TREE] = "tree", [STORE_BLOB] = "blob"};

/* What is asked for. */
struct wanted {
	enum store_object type;
	const struct itsm_oid *oid;
};

struct mapping {
	const unsigned char *data;
	size_t size;
};

static bool map_file(const char *path, struct mapping *out)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat about;
	void *data = MAP_FAILED;

	if (file < 0)
		return false;
	if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0)
		data = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	close(file);
	if (data == MAP_FAILED)
		return false;
	*out = (struct mapping){data, (size_t)about.st_size};
	return true;
}

static void unmap(struct mapping *mapping)
{
	if (mapping->data)
		munmap((void *)(uintptr_t)mapping->data, mapping->size);
	mapping->data = NULL;
}

/* A whole zlib stream, of `most` bytes at most. */
static bool inflate_all(const unsigned char *data, size_t available, size_t most, struct itsm_buffer *out)
{
	z_stream stream = {.next_in = (Bytef *)(uintptr_t)data,
		.avail_in = available > UINT32_MAX ? UINT32_MAX : (uInt)available};
	char chunk[16384];
	size_t got;
	int code = Z_OK;

	if (inflateInit(&stream) != Z_OK)
		return false;
	itsm_buffer_clear(out);
	while (code == Z_OK && out->length <= most) {
		stream.next_out = (Bytef *)chunk;
		stream.avail_out = sizeof(chunk);
		code = inflate(&stream, Z_NO_FLUSH);
		got = sizeof(chunk) - stream.avail_out;
		itsm_buffer_add(out, chunk, got);
	}
	inflateEnd(&stream);
	return code == Z_STREAM_END && out->length <= most;
}

/* The same, which has to be of this size. */
static bool inflate_bytes(const unsigned char *data, size_t available, size_t size, struct itsm_buffer *out)
{
	return inflate_all(data, available, size, out) && out->length == size;
}

static uint32_t read_u32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Where the index says that the object is; 0 when it does not have it, or is none that we know. */
static uint64_t find_offset(const struct mapping *index, const struct itsm_oid *oid)
{
	uint32_t count, low, high;
	const unsigned char *offsets;
	uint32_t offset;

	if (index->size < NAMES + 40 || memcmp(index->data, "\377tOc\0\0\0\2", FANOUT) != 0)
		return 0;
	count = read_u32(index->data + NAMES - 4);
	if (index->size < NAMES + 40 + (uint64_t)count * 28)
		return 0;
	low = oid->bytes[0] ? read_u32(index->data + FANOUT + 4 * (oid->bytes[0] - 1)) : 0;
	high = read_u32(index->data + FANOUT + 4 * oid->bytes[0]);
	if (high > count)
		return 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = memcmp(oid->bytes, index->data + NAMES + (size_t)middle * 20, 20);

		if (order == 0) {
			offsets = index->data + NAMES + (size_t)count * 24;
			offset = read_u32(offsets + (size_t)middle * 4);
			if (!(offset & 0x80000000u))
				return offset;
			offset &= 0x7fffffffu;
			offsets += (size_t)count * 4;
			if ((uint64_t)offset * 8 + 8 + 40 > index->size - (size_t)(offsets - index->data))
				return 0;
			return (uint64_t)read_u32(offsets + (size_t)offset * 8) << 32 | read_u32(offsets + (size_t)offset * 8 + 4);
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

struct cursor {
	const unsigned char *at, *end;
};

/* 7 bits a byte, the lowest first. */
static bool read_size(struct cursor *cursor, unsigned shift, uint64_t *value)
{
	unsigned char byte;

	do {
		if (cursor->at == cursor->end || shift > 56)
			return false;
		byte = *cursor->at++;
		*value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return true;
}

/* The bytes of a number of which the operation says which are there. */
static bool read_parts(struct cursor *cursor, unsigned which, unsigned count, uint32_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < count; i++) {
		if (!(which & 1u << i))
			continue;
		if (cursor->at == cursor->end)
			return false;
		*value |= (uint32_t)*cursor->at++ << 8 * i;
	}
	return true;
}

static bool apply_delta(const struct itsm_buffer *base, const struct itsm_buffer *delta, struct itsm_buffer *out)
{
	struct cursor cursor = {(const unsigned char *)delta->data, (const unsigned char *)delta->data + delta->length};
	uint64_t before = 0, after = 0;
	uint32_t from, size;

	if (!read_size(&cursor, 0, &before) || !read_size(&cursor, 0, &after) || before != base->length ||
		after > SIZE_MAX_BASE)
		return false;
	itsm_buffer_clear(out);
	while (cursor.at < cursor.end) {
		unsigned operation = *cursor.at++;

		if (operation & 0x80) {
			if (!read_parts(&cursor, operation & 0xf, 4, &from) || !read_parts(&cursor, operation >> 4 & 7, 3, &size))
				return false;
			size = size ? size : 0x10000;
			if (from > base->length || size > base->length - from || size > after - out->length)
				return false;
			itsm_buffer_add(out, base->data + from, size);
		} else {
			if (operation == 0 || operation > (size_t)(cursor.end - cursor.at) || operation > after - out->length)
				return false;
			itsm_buffer_add(out, (const char *)cursor.at, operation);
			cursor.at += operation;
		}
	}
	return out->length == after;
}

/* Where a delta's base lies, a distance back: 7 bits a byte, the highest first, each longer form beginning where the shorter ends. */
static bool read_distance(struct cursor *cursor, uint64_t *distance)
{
	unsigned char byte;

	*distance = 0;
	for (unsigned i = 0; i < 9; i++) {
		if (cursor->at == cursor->end)
			return false;
		byte = *cursor->at++;
		*distance = (*distance << 7) + (byte & 0x7f);
		if (!(byte & 0x80))
			return true;
		(*distance)++;
	}
	return false;
}

static bool read_packed(const struct mapping *index, const struct mapping *pack, enum store_object wanted,
	uint64_t offset, unsigned depth, struct itsm_buffer *out)
{
	struct itsm_buffer base = {0}, delta = {0};
	struct cursor cursor = {pack->data + offset, pack->data + pack->size};
	struct itsm_oid name;
	uint64_t size, from = 0;
	unsigned type;
	bool done;

	if (offset < 12 || offset >= pack->size || depth > DEPTH_MAX)
		return false;
	type = *cursor.at >> 4 & 7;
	size = *cursor.at & 0xf;
	if (*cursor.at++ & 0x80 && !read_size(&cursor, 4, &size))
		return false;
	if (size > SIZE_MAX_BASE)
		return false;
	if (type == wanted)
		return inflate_bytes(cursor.at, (size_t)(cursor.end - cursor.at), size, out);
	if (type == PACKED_BY_DISTANCE) {
		if (!read_distance(&cursor, &from) || from == 0 || from >= offset)
			return false;
		from = offset - from;
	} else if (type == PACKED_BY_NAME && cursor.end - cursor.at > 20) {
		memcpy(name.bytes, cursor.at, 20);
		cursor.at += 20;
		from = find_offset(index, &name);
	}
	done = from && inflate_bytes(cursor.at, (size_t)(cursor.end - cursor.at), size, &delta) &&
		read_packed(index, pack, wanted, from, depth + 1, &base) && apply_delta(&base, &delta, out);
	itsm_buffer_free(&base);
	itsm_buffer_free(&delta);
	return done;
}

/* Does this pack (the path of its index) have it? */
static bool read_pack(const char *path, const struct wanted *wanted, struct itsm_buffer *out)
{
	struct mapping index = {0}, pack = {0};
	struct itsm_buffer name = {0};
	uint64_t offset = 0;
	bool done = false;

	if (map_file(path, &index) && (offset = find_offset(&index, wanted->oid)) != 0) {
		itsm_buffer_add(&name, path, strlen(path) - 4);
		itsm_buffer_puts(&name, ".pack");
		done = map_file(name.data, &pack) && pack.size > 32 && memcmp(pack.data, "PACK\0\0\0\2", 8) == 0 &&
			read_packed(&index, &pack, wanted->type, offset, 0, out);
	}
	unmap(&index);
	unmap(&pack);
	itsm_buffer_free(&name);
	return done;
}

static bool read_packs(const char *objects, const struct wanted *wanted, struct itsm_buffer *out)
{
	struct itsm_buffer path = {0};
	struct dirent *entry;
	bool done = false;
	DIR *folder;

	itsm_buffer_printf(&path, "%s/pack", objects);
	folder = opendir(path.data);
	while (folder && !done && (entry = readdir(folder)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (length < 5 || strcmp(entry->d_name + length - 4, ".idx") != 0)
			continue;
		itsm_buffer_clear(&path);
		itsm_buffer_printf(&path, "%s/pack/%s", objects, entry->d_name);
		done = read_pack(path.data, wanted, out);
	}
	if (folder)
		closedir(folder);
	itsm_buffer_free(&path);
	return done;
}

static bool read_loose(const char *objects, const struct wanted *wanted, struct itsm_buffer *out)
{
	struct mapping file = {0};
	struct itsm_buffer path = {0};
	char digits[41], head[32];
	size_t length;
	bool done;

	itsm_oid_text(wanted->oid, digits);
	itsm_buffer_printf(&path, "%s/%.2s/%s", objects, digits, digits + 2);
	done = map_file(path.data, &file) && inflate_all(file.data, file.size, SIZE_MAX_BASE, out) && out->length;
	unmap(&file);
	itsm_buffer_free(&path);
	if (!done)
		return false;
	length = strnlen(out->data, out->length < sizeof(head) ? out->length : sizeof(head)) + 1;
	if (length > out->length || length > sizeof(head))
		return false;
	snprintf(head, sizeof(head), "%s %zu", type_names[wanted->type], out->length - length);
	if (strcmp(head, out->data) != 0)
		return false;
	memmove(out->data, out->data + length, out->length - length);
	out->length -= length;
	return true;
}

const char *store_object_name(enum store_object type)
{
	return type_names[type];
}

void store_object_hash(enum store_object type, const void *data, size_t length, struct itsm_oid *out)
{
	char head[32];
	SHA1_CTX context;

	SHA1Init(&context);
	SHA1Update(&context, (const unsigned char *)head,
		(size_t)snprintf(head, sizeof(head), "%s %zu", type_names[type], length) + 1);
	SHA1Update(&context, data, length);
	SHA1Final(out->bytes, &context);
}

void itsm_blob_hash(const void *data, size_t length, struct itsm_oid *out)
{
	store_object_hash(STORE_BLOB, data, length, out);
}

bool store_place_object(const struct itsm_place *place, enum store_object type, const struct itsm_oid *oid,
	struct itsm_buffer *out)
{
	const struct wanted wanted = {type, oid};
	struct itsm_oid named = {{0}};
	struct itsm_buffer objects = {0};
	bool done;

	itsm_buffer_printf(&objects, "%s/objects", place->common_dir);
	done = read_loose(objects.data, &wanted, out) || read_packs(objects.data, &wanted, out);
	itsm_buffer_free(&objects);
	if (done)
		store_object_hash(type, out->data ? out->data : "", out->length, &named);
	itsm_buffer_add(out, "", 0);
	return done && itsm_oid_equal(&named, oid);
}

bool itsm_place_blob(const struct itsm_place *place, const struct itsm_oid *blob, size_t limit, struct itsm_buffer *out)
{
	return store_place_object(place, STORE_BLOB, blob, out) && out->length <= limit;
}
