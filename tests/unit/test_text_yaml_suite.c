/*
 * The YAML community's test suite: what libyaml accepts we accept, with the same
 * values, except for what a record must not hold; what we refuse has a place;
 * what we accept can be edited.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <yaml.h>

#include "itsm/file.h"
#include "itsm/yaml.h"

/* What a document is, seen through libyaml alone. */
struct raw {
	bool accepted;
	bool forbidden;            /* holds what a record must not */
	struct itsm_buffer values; /* `{`, `[`, `}`, `]` and scalars, in order */
};

struct level {
	bool mapping, key_next;
	char *keys[256];
	size_t count;
};

static void note_key(struct raw *raw, struct level *level, const yaml_event_t *event)
{
	const char *key = (const char *)event->data.scalar.value;
	size_t i;

	for (i = 0; i < level->count; i++)
		raw->forbidden |= strcmp(level->keys[i], key) == 0;
	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp(key, "<<") == 0)
		raw->forbidden = true;
	assert_true(level->count < 256);
	level->keys[level->count++] = strdup(key);
}

static void note_node(struct raw *raw, struct level *level, const yaml_event_t *event)
{
	bool key = level->mapping && level->key_next;

	level->key_next = !level->key_next;
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		raw->forbidden |= event->data.scalar.anchor || event->data.scalar.tag ||
			strlen((const char *)event->data.scalar.value) != event->data.scalar.length;
		itsm_buffer_printf(&raw->values, "%s\n", (const char *)event->data.scalar.value);
		if (key)
			note_key(raw, level, event);
		break;
	case YAML_ALIAS_EVENT:
		raw->forbidden = true;
		break;
	case YAML_MAPPING_START_EVENT:
		raw->forbidden |= key || event->data.mapping_start.anchor || event->data.mapping_start.tag;
		itsm_buffer_puts(&raw->values, "{\n");
		break;
	default:
		raw->forbidden |= key || event->data.sequence_start.anchor || event->data.sequence_start.tag;
		itsm_buffer_puts(&raw->values, "[\n");
	}
}

static void close_level(struct level *level)
{
	while (level->count > 0)
		free(level->keys[--level->count]);
	memset(level, 0, sizeof(*level));
}

static void take_raw(struct raw *raw, struct level *levels, size_t *depth, unsigned *documents,
	const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		raw->forbidden |= ++*documents > 1 || event->data.document_start.version_directive ||
			event->data.document_start.tag_directives.start !=
			event->data.document_start.tag_directives.end;
		break;
	case YAML_SCALAR_EVENT:
	case YAML_ALIAS_EVENT:
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		note_node(raw, &levels[*depth], event);
		if (event->type == YAML_SCALAR_EVENT || event->type == YAML_ALIAS_EVENT)
			break;
		assert_true(++*depth < ITSM_YAML_MAX_DEPTH);
		levels[*depth].mapping = levels[*depth].key_next = event->type == YAML_MAPPING_START_EVENT;
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		itsm_buffer_puts(&raw->values, event->type == YAML_MAPPING_END_EVENT ? "}\n" : "]\n");
		close_level(&levels[(*depth)--]);
		break;
	default:
		break;
	}
}

static void read_raw(const struct itsm_buffer *text, struct raw *raw)
{
	struct level *levels = calloc(ITSM_YAML_MAX_DEPTH, sizeof(*levels));
	size_t depth = 0, i;
	unsigned documents = 0;
	yaml_parser_t parser;
	yaml_event_t event;
	bool more = true;

	yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text->data, text->length);
	while (more && (raw->accepted = yaml_parser_parse(&parser, &event))) {
		more = event.type != YAML_STREAM_END_EVENT;
		take_raw(raw, levels, &depth, &documents, &event);
		yaml_event_delete(&event);
	}
	for (i = 0; i < ITSM_YAML_MAX_DEPTH; i++)
		close_level(&levels[i]);
	free(levels);
	yaml_parser_delete(&parser);
}

static void list_values(const struct itsm_yaml *node, struct itsm_buffer *out)
{
	size_t i;

	if (node->type == ITSM_YAML_SCALAR) {
		itsm_buffer_printf(out, "%s\n", node->text);
		return;
	}
	itsm_buffer_puts(out, node->type == ITSM_YAML_MAPPING ? "{\n" : "[\n");
	for (i = 0; i < node->count; i++) {
		if (node->type == ITSM_YAML_MAPPING)
			itsm_buffer_printf(out, "%s\n", node->keys[i]->text);
		list_values(node->items[i], out);
	}
	itsm_buffer_puts(out, node->type == ITSM_YAML_MAPPING ? "}\n" : "]\n");
}

static struct {
	unsigned files, accepted, refused, syntax, edited, not_edited;
} tally;

static void check_values(const char *path, const struct itsm_yaml *root, const struct raw *raw)
{
	struct itsm_buffer ours = {0};
	const char *theirs = raw->values.data ? raw->values.data : "";
	/* No document, or a null one, is a mapping without fields here. */
	bool nothing = !*theirs || strcmp(theirs, "\n") == 0;

	list_values(root, &ours);
	if (strcmp(ours.data, theirs) != 0 && !(nothing && strcmp(ours.data, "{\n}\n") == 0))
		fail_msg("%s: read as\n%s\nlibyaml reads\n%s", path, ours.data, theirs);
	itsm_buffer_free(&ours);
}

/* Add a field, then set every field to something: done right, or refused. */
static void check_edits(const char *path, const struct itsm_buffer *text, const struct itsm_yaml *root)
{
	const char *const values[] = {"new: value"};
	size_t i;

	for (i = 0; root->type == ITSM_YAML_MAPPING && i < root->count + 1; i++) {
		struct itsm_edit edit = {.operation = ITSM_EDIT_SET, .values = values, .count = 1,
			.field = i < root->count ? root->keys[i]->text : "brand_new"};
		struct itsm_buffer out = {0};
		struct itsm_error err;
		int status;

		if (strlen(edit.field) == 0 || strchr(edit.field, '.') || strlen(edit.field) > 60)
			continue;
		status = itsm_yaml_edit(text->data, text->length, 1, &edit, 1, &out, &err);
		if (status != ITSM_OK && status != ITSM_EDATA)
			fail_msg("%s: edit of '%s': %s", path, edit.field, err.message);
		if (status == ITSM_OK)
			tally.edited++;
		else
			tally.not_edited++;
		itsm_buffer_free(&out);
	}
}

static void check_file(const char *path)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer text = {0};
	struct itsm_error err = {0};
	struct itsm_yaml *root;
	struct raw raw = {0};
	int status;

	assert_int_equal(itsm_file_read(AT_FDCWD, path, 1 << 20, &text, NULL), ITSM_OK);
	read_raw(&text, &raw);
	status = itsm_yaml_parse(arena, text.data, text.length, 1, &root, &err);
	if ((status == ITSM_OK) != (raw.accepted && !raw.forbidden))
		fail_msg("%s: %d '%s' at %u:%u, libyaml %s, forbidden %d", path, status, err.message, err.line,
			err.column, raw.accepted ? "accepts" : "refuses", raw.forbidden);
	tally.files++;
	if (status != ITSM_OK) {
		assert_true(status == ITSM_EDATA && err.line > 0 && err.column > 0 && strlen(err.message) > 10);
		tally.refused += raw.accepted;
		tally.syntax += !raw.accepted;
	} else {
		tally.accepted++;
		check_values(path, root, &raw);
		check_edits(path, &text, root);
	}
	itsm_buffer_free(&raw.values);
	itsm_buffer_free(&text);
	itsm_arena_free(arena);
}

static int visit(const char *path, const struct stat *about, int type, struct FTW *position)
{
	(void)about;
	if (type == FTW_F && strcmp(path + position->base, "in.yaml") == 0)
		check_file(path);
	return 0;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *position)
{
	(void)about;
	(void)type;
	(void)position;
	return remove(path);
}

static bool unpack(const char *archive, const char *folder)
{
	pid_t child = fork();
	int result;

	if (child == 0) {
		execlp("tar", "tar", "xzf", archive, "-C", folder, (char *)NULL);
		_exit(127);
	}
	while (waitpid(child, &result, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(result) && WEXITSTATUS(result) == 0;
}

static void test_suite(void **state)
{
	const char *data = getenv("ITSM_DATA"), *source = getenv("ITSM_SOURCE");
	char archive[4096], folder[] = "/tmp/itsm-yaml-suite-XXXXXX";

	(void)state;
	if (data)
		snprintf(archive, sizeof(archive), "%s/yaml-test-suite/yaml-test-suite.tar.gz", data);
	else
		snprintf(archive, sizeof(archive), "%s/../shared/data/yaml-test-suite/yaml-test-suite.tar.gz",
			source ? source : ".");
	if (access(archive, R_OK) != 0) {
		print_message("skipped: no %s; set ITSM_DATA\n", archive);
		skip();
	}
	assert_non_null(mkdtemp(folder));
	assert_true(unpack(archive, folder));
	nftw(folder, visit, 16, FTW_PHYS);
	nftw(folder, remove_one, 16, FTW_PHYS | FTW_DEPTH);
	print_message("%u files: %u accepted, %u refused as no record, %u syntax errors; %u edits, %u refused\n",
		tally.files, tally.accepted, tally.refused, tally.syntax, tally.edited, tally.not_edited);
	assert_true(tally.files > 300 && tally.accepted > 100);
	/* Explicit keys and what surrounds them are refused; most edits are not. */
	assert_true(tally.edited > 2 * tally.not_edited);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_suite)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
