/*
 * Tell the digests of files, for digest_peer.py to compare with its own: reads
 * "<path> <length>\n<bytes>" again and again, prints the digest, or "-" for what is no record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/digest.h"

static void print_digest(const struct itsm_kinds *kinds, const char *path, const char *text, size_t length)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_findings findings;
	struct itsm_record *record;
	char digest[ITSM_DIGEST_TEXT];

	itsm_findings_init(&findings, arena);
	record = itsm_record_read(arena, kinds, path, text, length, &findings);
	if (record)
		itsm_digest_record(record, digest);
	printf("%s\n", record ? digest : "-");
	itsm_arena_free(arena);
}

int main(void)
{
	struct itsm_kinds *kinds;
	char path[512];
	size_t length;

	if (itsm_kinds_new(&kinds, NULL) != 0)
		return 1;
	while (scanf("%511s %zu", path, &length) == 2 && getchar() == '\n') {
		char *text = malloc(length + 1);

		if (!text || fread(text, 1, length, stdin) != length)
			return 1;
		text[length] = '\0';
		print_digest(kinds, path, text, length);
		free(text);
	}
	itsm_kinds_free(kinds);
	return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
