/* Any bytes as a record with a body: parts and sections lie within it, in order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/markdown.h"
#include "itsm/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_sections(struct itsm_arena *arena, const char *text, size_t size,
	const struct itsm_document *document)
{
	struct itsm_section_span *sections;
	size_t count, last = document->body_start, i;
	unsigned line = document->body_line;

	require(itsm_document_sections(arena, text, size, document, &sections, &count, NULL) == ITSM_OK);
	for (i = 0; i < count; i++) {
		require(sections[i].start >= last && sections[i].start <= sections[i].end && sections[i].end <= size);
		require(sections[i].line >= line && sections[i].name);
		last = sections[i].end;
		line = sections[i].line;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_error err = {0};
	struct itsm_document document;
	struct itsm_yaml *fields;
	char *text = malloc(size ? size : 1);

	memcpy(text, data, size);
	if (itsm_document_read(text, size, true, &document, &err) != ITSM_OK) {
		require(err.line > 0 && err.column > 0 && err.message[0]);
	} else {
		if (document.front) {
			require(document.front_start <= document.front_end && document.front_end < document.body_start);
			require(document.body_start <= size && document.body_line > document.front_line);
			if (itsm_yaml_parse(arena, text + document.front_start,
					document.front_end - document.front_start, document.front_line, &fields,
					&err) != ITSM_OK)
				require(err.line >= document.front_line && err.line <= document.body_line);
		}
		check_sections(arena, text, size, &document);
	}
	free(text);
	itsm_arena_free(arena);
	return 0;
}
