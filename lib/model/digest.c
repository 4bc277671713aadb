/*
 * The canonical form of a record's approved content. docs/approvals.md is its
 * specification; a change of one byte here is another version there.
 */
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "digest_private.h"

#define CONTENT_VERSION "itsm-content-1"
#define EXPONENT_DIGITS 9

void digest_add(struct itsm_buffer *out, const char *text, size_t length)
{
	itsm_buffer_printf(out, "%zu:", length);
	itsm_buffer_add(out, text, length);
	itsm_buffer_putc(out, '\n');
}

void digest_put(struct itsm_buffer *out, const char *text)
{
	digest_add(out, text, strlen(text));
}

static void put_count(struct itsm_buffer *out, size_t count)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", count);
	digest_put(out, text);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a list in order of their bytes, each once. */
static const char **sorted_names(struct itsm_arena *arena, const char *const *list, size_t *count)
{
	const char **names;
	size_t length = 0, used = 0;

	while (list && list[length])
		length++;
	names = itsm_arena_alloc(arena, (length + 1) * sizeof(*names));
	if (length)
		memcpy(names, list, length * sizeof(*names));
	qsort(names, length, sizeof(*names), compare_names);
	for (size_t i = 0; i < length; i++) {
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			names[used++] = names[i];
	}
	*count = used;
	return names;
}

/* A decimal as digits without zeros at either end, "e", and the power of ten: 1.50 is 15e-1. False when it is too far out. */
static bool write_decimal(const char *text, struct itsm_buffer *out)
{
	struct itsm_buffer digits = {0};
	bool negative = *text == '-', behind = false;
	long long exponent = 0;
	size_t skip = 0, length;

	for (text += *text == '-' || *text == '+'; *text && *text != 'e' && *text != 'E'; text++) {
		if (*text == '.') {
			behind = true;
			continue;
		}
		itsm_buffer_putc(&digits, *text);
		exponent -= behind;
	}
	if (*text) {
		const char *power = text + 1 + (text[1] == '-' || text[1] == '+');

		if (strlen(power + strspn(power, "0")) > EXPONENT_DIGITS) {
			itsm_buffer_free(&digits);
			return false;
		}
		exponent += strtoll(text + 1, NULL, 10);
	}
	length = digits.length;
	for (; length && digits.data[length - 1] == '0'; length--)
		exponent++;
	skip = length ? strspn(digits.data, "0") : 0;
	if (length == 0)
		itsm_buffer_puts(out, "0");
	else
		itsm_buffer_printf(out, "%s%.*se%lld", negative ? "-" : "", (int)(length - skip), digits.data + skip, exponent);
	itsm_buffer_free(&digits);
	return true;
}

/* The canonical text of a value that its field takes; false when it is none. */
static bool normalise(const struct itsm_field *field, const char *text, struct itsm_buffer *out)
{
	/* Bounds and patterns are the schema's business: they say nothing of what the value means. */
	struct itsm_field plain = {.name = field->name, .type = field->type, .values = field->values};
	struct itsm_arena *arena;
	struct itsm_value value;
	bool fine;

	switch (field->type) {
	case ITSM_TYPE_INT:
	case ITSM_TYPE_NUMBER:
	case ITSM_TYPE_TIME:
	case ITSM_TYPE_DURATION:
		break;
	default:
		itsm_buffer_puts(out, text);
		return true;
	}
	arena = itsm_arena_new();
	fine = itsm_field_value(&plain, text, arena, &value, NULL) == 0;
	if (fine && field->type == ITSM_TYPE_NUMBER)
		fine = write_decimal(text, out);
	else if (fine && field->type == ITSM_TYPE_TIME)
		itsm_buffer_puts(out, value.text);
	else if (fine)
		itsm_buffer_printf(out, "%lld", (long long)value.integer);
	itsm_arena_free(arena);
	return fine;
}

static void put_scalar(const struct itsm_yaml *node, const struct itsm_field *field, struct itsm_buffer *out)
{
	struct itsm_buffer normal = {0};

	if (!field || normalise(field, node->text, &normal)) {
		digest_put(out, "value");
		digest_put(out, field ? normal.data ? normal.data : "" : node->text);
	} else {
		digest_put(out, "raw");
		digest_put(out, node->text);
	}
	itsm_buffer_free(&normal);
}

static const struct itsm_field *member(const struct itsm_field *field, const char *key)
{
	for (size_t i = 0; field && i < field->field_count; i++) {
		const char *dot = strrchr(field->fields[i].name, '.');

		if (strcmp(dot ? dot + 1 : field->fields[i].name, key) == 0)
			return &field->fields[i];
	}
	return NULL;
}

struct pair {
	const char *key;
	const struct itsm_yaml *value;
};

static int compare_pairs(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

static void put_node(const struct itsm_yaml *node, const struct itsm_field *field, struct itsm_buffer *out);

/* Members in order of their names' bytes; one that is null is as good as absent. */
static void put_object(const struct itsm_yaml *node, const struct itsm_field *field, struct itsm_buffer *out)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct pair *pairs = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*pairs));
	size_t count = 0;

	for (size_t i = 0; i < node->count; i++) {
		if (!itsm_yaml_is_null(node->items[i]))
			pairs[count++] = (struct pair){node->keys[i]->text, node->items[i]};
	}
	qsort(pairs, count, sizeof(*pairs), compare_pairs);
	digest_put(out, "object");
	put_count(out, count);
	for (size_t i = 0; i < count; i++) {
		digest_put(out, pairs[i].key);
		put_node(pairs[i].value, member(field, pairs[i].key), out);
	}
	itsm_arena_free(arena);
}

static void put_node(const struct itsm_yaml *node, const struct itsm_field *field, struct itsm_buffer *out)
{
	if (itsm_yaml_is_null(node)) {
		digest_put(out, "absent");
	} else if (node->type == ITSM_YAML_SCALAR) {
		put_scalar(node, field, out);
	} else if (node->type == ITSM_YAML_MAPPING) {
		put_object(node, field, out);
	} else {
		digest_put(out, "list");
		put_count(out, node->count);
		for (size_t i = 0; i < node->count; i++)
			put_node(node->items[i], field, out);
	}
}

/* Line ends become LF, blanks at the end of lines and blank lines at both ends go. */
static void put_section_text(const char *text, size_t size, struct itsm_buffer *out)
{
	struct itsm_buffer plain = {0};
	size_t kept = 0, start = 0, i = 0;

	while (i < size) {
		size_t end = i;

		while (end < size && text[end] != '\n' && text[end] != '\r')
			end++;
		itsm_buffer_add(&plain, text + i, end - i);
		while (plain.length > kept && (plain.data[plain.length - 1] == ' ' || plain.data[plain.length - 1] == '\t'))
			plain.length--;
		itsm_buffer_putc(&plain, '\n');
		kept = plain.length;
		i = end + (end + 1 < size && text[end] == '\r' && text[end + 1] == '\n') + 1;
	}
	while (start < plain.length && plain.data[start] == '\n')
		start++;
	while (plain.length > start && plain.data[plain.length - 1] == '\n')
		plain.length--;
	digest_add(out, plain.data ? plain.data + start : "", plain.length - start);
	itsm_buffer_free(&plain);
}

/* Every section of the name counts: a second one is content that was not there. */
static void put_section(const struct itsm_record *record, const char *name, struct itsm_buffer *out)
{
	size_t count = 0;

	for (size_t i = 0; i < record->section_count; i++)
		count += strcasecmp(record->sections[i].name, name) == 0;
	digest_put(out, name);
	put_count(out, count);
	for (size_t i = 0; i < record->section_count; i++) {
		const struct itsm_section_span *section = &record->sections[i];

		if (strcasecmp(section->name, name) == 0)
			put_section_text(record->text + section->start, section->end - section->start, out);
	}
}

void itsm_digest_content(const struct itsm_record *record, struct itsm_buffer *out)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char **names;
	size_t count;

	digest_put(out, CONTENT_VERSION);
	digest_put(out, record->kind->name);
	digest_put(out, record->id);
	names = sorted_names(arena, record->kind->approved_fields, &count);
	put_count(out, count);
	for (size_t i = 0; i < count; i++) {
		digest_put(out, names[i]);
		put_node(itsm_record_field(record, names[i]), itsm_kind_field(record->kind, names[i]), out);
	}
	names = sorted_names(arena, record->kind->approved_sections, &count);
	put_count(out, count);
	for (size_t i = 0; i < count; i++)
		put_section(record, names[i], out);
	itsm_arena_free(arena);
}

void itsm_digest_sha256(const void *data, size_t length, char text[65])
{
	unsigned char bytes[SHA256_DIGEST_LENGTH];
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, data, length);
	SHA256Final(bytes, &context);
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

void itsm_digest_record(const struct itsm_record *record, char text[ITSM_DIGEST_TEXT])
{
	struct itsm_buffer content = {0};

	itsm_digest_content(record, &content);
	strcpy(text, ITSM_DIGEST_PREFIX);
	itsm_digest_sha256(content.data, content.length, text + strlen(ITSM_DIGEST_PREFIX));
	itsm_buffer_free(&content);
}

const struct itsm_state *itsm_digest_since(const struct itsm_kind *kind)
{
	for (size_t i = 0; i < kind->state_count; i++) {
		if (kind->states[i].stamp && itsm_list_has(kind->approved_fields, kind->states[i].stamp))
			return &kind->states[i];
	}
	return NULL;
}
