/*
 * Edits of any document. The first line of the input says which: a letter
 * (s, l, a, r, u: set, set a list, add, remove, unset), a capital when the field
 * is a string, then field, blank, value. The rest is the document.
 *
 * An edit that says it worked left a document that reads, holds what was wanted,
 * and does not change when it is made again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static bool read_edit(char *line, struct itsm_edit *edit, const char **value)
{
	static const char letters[] = "slaru";
	static const enum itsm_edit_operation operations[] = {
		ITSM_EDIT_SET, ITSM_EDIT_SET, ITSM_EDIT_ADD, ITSM_EDIT_REMOVE, ITSM_EDIT_UNSET,
	};
	char letter = line[0] ? (char)(line[0] | 0x20) : 'x';
	const char *found = strchr(letters, letter);
	char *blank;

	if (!found)
		return false;
	blank = strchr(line, ' ');
	*value = blank ? blank + 1 : "";
	if (blank)
		*blank = '\0';
	*edit = (struct itsm_edit){
		.operation = operations[found - letters], .field = line + 1, .values = value, .count = letter != 'u',
		.list = letter != 's', .text = line[0] < 'a',
	};
	return true;
}

static void check(const struct itsm_buffer *out, const struct itsm_edit *edit)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer again = {0};
	const struct itsm_yaml *field;
	struct itsm_yaml *root;

	require(itsm_yaml_parse(arena, out->data, out->length, 1, &root, NULL) == ITSM_OK);
	field = itsm_yaml_find(root, edit->field);
	if (edit->operation == ITSM_EDIT_SET && !edit->list)
		require(field && field->type == ITSM_YAML_SCALAR && strcmp(field->text, edit->values[0]) == 0);
	if (edit->operation == ITSM_EDIT_UNSET)
		require(!field);
	require(itsm_yaml_edit(out->data, out->length, 1, edit, 1, &again, NULL) == ITSM_OK);
	require(again.length == out->length && memcmp(again.data, out->data, out->length) == 0);
	itsm_buffer_free(&again);
	itsm_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *feed = size ? memchr(data, '\n', size) : NULL;
	size_t line_length = feed ? (size_t)(feed - data) : size;
	struct itsm_buffer out = {0};
	struct itsm_error err = {0};
	struct itsm_edit edit;
	const char *value;
	char *line, *text;

	if (!feed || memchr(data, '\0', line_length))
		return 0;
	line = strndup((const char *)data, line_length);
	size -= line_length + 1;
	text = malloc(size ? size : 1);
	memcpy(text, feed + 1, size);
	if (read_edit(line, &edit, &value)) {
		if (itsm_yaml_edit(text, size, 1, &edit, 1, &out, &err) == ITSM_OK)
			check(&out, &edit);
		else
			require(!out.data && err.message[0]);
	}
	itsm_buffer_free(&out);
	free(line);
	free(text);
	return 0;
}
