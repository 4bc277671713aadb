/*
 * git's index, read as a file: what it says of a few paths is found before a git has started.
 *
 *   "DIRC", version (2 or 3 here), count of entries (u32 each, as all numbers: the high byte first), then of each
 *     40 bytes of times, numbers and sizes, of which bytes 24 to 27 are the mode
 *     20 bytes of the blob's name, flags (u16: 2 bits from 0x1000 on are the stage, 0x4000 more flags follow),
 *     more flags (u16: 0x4000 is left out of the work tree), the path, 1 to 8 NULs up to a multiple of 8
 *   extensions: a name of 4 letters and a size (u32), then so many bytes; one whose name begins with a small letter
 *     changes what the entries mean
 *   20 bytes of a checksum
 *
 * Entries are sorted by path, as are the changes. Anything else (paths that share their beginnings, split and sparse
 * indexes) is left to git.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change.h"

#define HEAD 12
#define ENTRY 62 /* up to the path, or to more flags */
#define TAIL 20

struct reading {
	const unsigned char *data, *end; /* of what lies before the checksum */
	const unsigned char *at;
	unsigned version;
	uint32_t left;
};

struct entry {
	const char *path;
	size_t length;
	struct store_file file;
	unsigned stage;
	bool skipped; /* absent from the work tree on purpose */
};

static uint32_t read_u32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* 1 and the next entry, 0 at their end, -1 for what is none. */
static int next_entry(struct reading *reading, struct entry *out)
{
	const unsigned char *at = reading->at, *name = at + ENTRY, *end;
	unsigned flags, more = 0;

	if (!reading->left)
		return 0;
	if (reading->end - at < ENTRY + 8)
		return -1;
	flags = (unsigned)at[60] << 8 | at[61];
	if (flags & 0x4000) {
		if (reading->version < 3)
			return -1;
		more = (unsigned)name[0] << 8 | name[1];
		name += 2;
	}
	out->length = flags & 0xfff;
	end = out->length < 0xfff ? name + out->length : memchr(name, '\0', (size_t)(reading->end - name));
	if (!end || end >= reading->end || *end != '\0')
		return -1;
	out->length = (size_t)(end - name);
	out->path = (const char *)name;
	out->file.mode = read_u32(at + 24);
	memcpy(out->file.blob.bytes, at + 40, sizeof(out->file.blob.bytes));
	out->stage = flags >> 12 & 3;
	out->skipped = (more & 0x4000) != 0;
	reading->left--;
	reading->at = at + ((size_t)(end - at) / 8 + 1) * 8;
	return reading->at <= reading->end ? 1 : -1;
}

/* Nothing after the entries that gives them another meaning? */
static bool is_plain(const struct reading *reading)
{
	const unsigned char *at = reading->at;

	while (reading->end - at >= 8) {
		size_t size = read_u32(at + 4);

		if (*at < 'A' || *at > 'Z' || size > (size_t)(reading->end - at) - 8)
			return false;
		at += 8 + size;
	}
	return at == reading->end;
}

static void take(struct store_change *change, const struct entry *entry)
{
	change->index = STORE_ELSEWHERE;
	if (entry->stage == 0 && store_file_equal(&entry->file, &change->base))
		change->index = STORE_AT_BASE;
	else if (entry->stage == 0 && store_file_equal(&entry->file, &change->next))
		change->index = STORE_AT_NEXT;
	if (entry->skipped && change->absent)
		change->work_tree = STORE_AT_BASE;
}

/* Both are gone through once, together. */
static bool match(struct reading *reading, struct store_changes *changes)
{
	size_t i = 0, length = changes->count ? strlen(changes->items[0].path) : 0;
	struct entry entry;
	int more, order;

	while ((more = next_entry(reading, &entry)) > 0) {
		while (i < changes->count) {
			order = memcmp(changes->items[i].path, entry.path, (length < entry.length ? length : entry.length) + 1);
			if (order == 0)
				take(&changes->items[i], &entry);
			if (order >= 0)
				break;
			length = ++i < changes->count ? strlen(changes->items[i].path) : 0;
		}
	}
	return more == 0;
}

bool store_index_read(const struct itsm_place *place, struct store_changes *changes)
{
	struct itsm_buffer path = {0};
	struct reading reading = {0};
	struct stat about;
	void *data = MAP_FAILED;
	bool done;
	int file;

	itsm_buffer_printf(&path, "%s/index", place->git_dir);
	file = open(path.data, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	done = file < 0 && errno == ENOENT; /* git has made none yet: nothing is in it */
	itsm_buffer_free(&path);
	if (file < 0)
		return done;
	if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= HEAD + TAIL)
		data = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	close(file);
	if (data == MAP_FAILED)
		return false;
	reading.data = data;
	reading.end = reading.data + about.st_size - TAIL;
	reading.at = reading.data + HEAD;
	reading.version = read_u32(reading.data + 4);
	reading.left = read_u32(reading.data + 8);
	done = memcmp(reading.data, "DIRC", 4) == 0 && (reading.version == 2 || reading.version == 3) &&
		match(&reading, changes) && is_plain(&reading);
	munmap(data, (size_t)about.st_size);
	return done;
}
