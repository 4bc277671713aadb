/*
 * From libyaml's events to a tree with byte positions.
 *
 * Every event is judged as it comes, so that a file nested 100,000 deep costs
 * no more than the first 33 levels of it: libyaml itself has no bound and gets
 * slower with each level.
 */
#include "itsm/yaml.h"

#include <string.h>

#include "cursor.h"
#include "yaml_read.h"

struct frame {
	struct itsm_yaml *node;
	struct itsm_yaml *key; /* a mapping's key that waits for its value */
	size_t items_capacity, keys_capacity;
};

struct reader {
	yaml_parser_t parser;
	struct itsm_cursor cursor;
	struct itsm_arena *arena;
	struct itsm_error *err;
	struct frame frames[ITSM_YAML_MAX_DEPTH];
	size_t depth, nodes;
	struct itsm_yaml *root;
	bool started; /* the document has begun */
};

/* Refuse at the place of a mark. */
#define REFUSE(reader, mark, status, ...) \
	(itsm_cursor_seek(&(reader)->cursor, (mark).index), \
	itsm_error_set_at((reader)->err, status, (reader)->cursor.line, itsm_cursor_column(&(reader)->cursor), \
	__VA_ARGS__))

static int node_new(struct reader *reader, const yaml_event_t *event, enum itsm_yaml_type type,
	enum itsm_yaml_style style, struct itsm_yaml **out)
{
	struct itsm_yaml *node;

	if (++reader->nodes > ITSM_YAML_MAX_NODES)
		return REFUSE(reader, event->start_mark, ITSM_ELIMIT,
			"more than %d values in one document; split it", ITSM_YAML_MAX_NODES);
	node = itsm_arena_alloc(reader->arena, sizeof(*node));
	node->type = type;
	node->style = style;
	node->start = itsm_cursor_seek(&reader->cursor, event->start_mark.index);
	node->line = reader->cursor.line;
	node->column = itsm_cursor_column(&reader->cursor);
	*out = node;
	return ITSM_OK;
}

/*
 * An absent value stands where its colon or dash is. Where there is no colon,
 * libyaml names the next token, lines below maybe: take the end of the key.
 */
static void place_absent(struct reader *reader, struct itsm_yaml *value, const struct itsm_yaml *key)
{
	const char *text = reader->cursor.text;

	if (value->start != value->end || value->start <= key->end || text[value->start - 1] == ':' ||
			!memchr(text + key->end, '\n', value->start - key->end))
		return;
	value->start = value->end = key->end;
	value->line = key->line;
	value->column = key->column;
}

/* Put a finished node into the collection that is open, or make it the root. */
static void attach(struct reader *reader, struct itsm_yaml *node)
{
	struct frame *frame;

	if (reader->depth == 0) {
		reader->root = node;
		return;
	}
	frame = &reader->frames[reader->depth - 1];
	if (frame->node->type == ITSM_YAML_MAPPING && !frame->key) {
		frame->key = node;
		return;
	}
	itsm_arena_grow(reader->arena, &frame->node->items, &frame->items_capacity, frame->node->count,
		sizeof(node));
	frame->node->items[frame->node->count] = node;
	if (frame->key) {
		place_absent(reader, node, frame->key);
		itsm_arena_grow(reader->arena, &frame->node->keys, &frame->keys_capacity, frame->node->count,
			sizeof(node));
		frame->node->keys[frame->node->count] = frame->key;
		frame->key = NULL;
	}
	frame->node->count++;
}

static bool waits_for_key(const struct reader *reader)
{
	const struct frame *frame;

	if (reader->depth == 0)
		return false;
	frame = &reader->frames[reader->depth - 1];
	return frame->node->type == ITSM_YAML_MAPPING && !frame->key;
}

static int refuse_properties(struct reader *reader, const yaml_event_t *event, const yaml_char_t *anchor,
	const yaml_char_t *tag)
{
	if (anchor)
		return REFUSE(reader, event->start_mark, ITSM_EDATA,
			"anchors ('&%.32s') are refused; write the value out wherever it is needed",
			(const char *)anchor);
	if (tag)
		return REFUSE(reader, event->start_mark, ITSM_EDATA,
			"tags ('%.64s') are refused; take it away, the field's type comes from its kind",
			(const char *)tag);
	return ITSM_OK;
}

static int take_scalar(struct reader *reader, const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct itsm_yaml *node = NULL;
	int status = refuse_properties(reader, event, event->data.scalar.anchor, event->data.scalar.tag);

	if (status)
		return status;
	if (memchr(value, '\0', length))
		return REFUSE(reader, event->start_mark, ITSM_EDATA, "the value holds a NUL character; take it out");
	if (plain && waits_for_key(reader) && strcmp(value, "<<") == 0)
		return REFUSE(reader, event->start_mark, ITSM_EDATA,
			"merge keys ('<<') are refused; write the fields out");
	status = node_new(reader, event, ITSM_YAML_SCALAR, itsm_yaml_style_of(event->data.scalar.style), &node);
	if (status)
		return status;
	node->text = itsm_arena_strndup(reader->arena, value, length);
	node->end = itsm_cursor_seek(&reader->cursor, event->end_mark.index);
	if (node->style == ITSM_YAML_LITERAL || node->style == ITSM_YAML_FOLDED)
		node->end = itsm_yaml_block_scalar_end(reader->cursor.text, reader->cursor.size, node->start,
			node->end);
	attach(reader, node);
	return ITSM_OK;
}

static int open_collection(struct reader *reader, const yaml_event_t *event, enum itsm_yaml_type type,
	enum itsm_yaml_style style)
{
	struct itsm_yaml *node = NULL;
	int status;

	if (waits_for_key(reader))
		return REFUSE(reader, event->start_mark, ITSM_EDATA,
			"a key must be a single word or text, not a list or mapping");
	if (reader->depth == ITSM_YAML_MAX_DEPTH)
		return REFUSE(reader, event->start_mark, ITSM_ELIMIT,
			"nested deeper than %d levels; make it flatter", ITSM_YAML_MAX_DEPTH);
	status = node_new(reader, event, type, style, &node);
	if (status)
		return status;
	reader->frames[reader->depth++] = (struct frame){.node = node};
	return ITSM_OK;
}

static int close_collection(struct reader *reader, const yaml_event_t *event)
{
	struct itsm_yaml *node = reader->frames[reader->depth - 1].node;
	const struct itsm_yaml *twice, *first;
	size_t last = node->count;
	char opener = reader->cursor.text[node->start];

	if (last > 0 && (node->style == ITSM_YAML_BLOCK || (opener != '{' && opener != '['))) {
		node->end = node->items[last - 1]->end;
		if (node->keys && node->keys[last - 1]->end > node->end)
			node->end = node->keys[last - 1]->end;
	} else {
		node->end = itsm_cursor_seek(&reader->cursor, event->end_mark.index);
	}
	if (node->type == ITSM_YAML_MAPPING && itsm_yaml_duplicate(node, &twice, &first))
		return itsm_error_set_at(reader->err, ITSM_EDATA, twice->line, twice->column,
			"'%.64s' is given twice, first in line %u; keep one of them", twice->text, first->line);
	reader->depth--;
	attach(reader, node);
	return ITSM_OK;
}

static int begin_document(struct reader *reader, const yaml_event_t *event)
{
	if (reader->started)
		return REFUSE(reader, event->start_mark, ITSM_EDATA,
			"a second document begins here; put it into a file of its own");
	reader->started = true;
	if (event->data.document_start.version_directive || event->data.document_start.tag_directives.start !=
			event->data.document_start.tag_directives.end)
		return REFUSE(reader, event->start_mark, ITSM_EDATA,
			"directives ('%%YAML', '%%TAG') are refused; take the line away");
	return ITSM_OK;
}

static int take(struct reader *reader, const yaml_event_t *event)
{
	int status;

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return begin_document(reader, event);
	case YAML_ALIAS_EVENT:
		return REFUSE(reader, event->start_mark, ITSM_EDATA,
			"aliases ('*%.32s') are refused; write the value out here, or quote it if it is text",
			(const char *)event->data.alias.anchor);
	case YAML_SCALAR_EVENT:
		return take_scalar(reader, event);
	case YAML_SEQUENCE_START_EVENT:
		status = refuse_properties(reader, event, event->data.sequence_start.anchor,
			event->data.sequence_start.tag);
		return status ? status : open_collection(reader, event, ITSM_YAML_SEQUENCE,
			event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE ?
			ITSM_YAML_FLOW : ITSM_YAML_BLOCK);
	case YAML_MAPPING_START_EVENT:
		status = refuse_properties(reader, event, event->data.mapping_start.anchor,
			event->data.mapping_start.tag);
		return status ? status : open_collection(reader, event, ITSM_YAML_MAPPING,
			event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE ?
			ITSM_YAML_FLOW : ITSM_YAML_BLOCK);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_collection(reader, event);
	default:
		return ITSM_OK;
	}
}

static int read_events(struct reader *reader)
{
	yaml_event_t event;
	bool more = true;
	int status = ITSM_OK;

	while (more && !status) {
		if (!yaml_parser_parse(&reader->parser, &event))
			return itsm_yaml_syntax_error(&reader->parser, &reader->cursor, reader->err);
		more = event.type != YAML_STREAM_END_EVENT && event.type != YAML_NO_EVENT;
		status = take(reader, &event);
		yaml_event_delete(&event);
	}
	return status;
}

/* No document at all, or one without content, is a mapping without fields. */
static struct itsm_yaml *root_of(struct reader *reader)
{
	struct itsm_yaml *root = reader->root;

	if (root && (root->type != ITSM_YAML_SCALAR || root->style != ITSM_YAML_PLAIN || root->text[0]))
		return root;
	root = itsm_arena_alloc(reader->arena, sizeof(*root));
	root->type = ITSM_YAML_MAPPING;
	root->style = ITSM_YAML_BLOCK;
	root->start = root->end = reader->cursor.size;
	itsm_cursor_seek_byte(&reader->cursor, reader->cursor.size);
	root->line = reader->cursor.line;
	root->column = itsm_cursor_column(&reader->cursor);
	return root;
}

int itsm_yaml_parse(struct itsm_arena *arena, const char *text, size_t size, unsigned first_line,
	struct itsm_yaml **out, struct itsm_error *err)
{
	struct reader reader = {.arena = arena, .err = err};
	int status;

	if (size > ITSM_YAML_MAX_BYTES)
		return itsm_error_set_at(err, ITSM_ELIMIT, first_line, 1,
			"%zu bytes of YAML are more than %u; split the file", size, ITSM_YAML_MAX_BYTES);
	itsm_cursor_init(&reader.cursor, text, size, first_line);
	if (!yaml_parser_initialize(&reader.parser))
		return itsm_error_set_at(err, ITSM_ELIMIT, first_line, 1, "no memory to read YAML");
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text + reader.cursor.base,
		size - reader.cursor.base);
	status = read_events(&reader);
	yaml_parser_delete(&reader.parser);
	if (!status)
		*out = root_of(&reader);
	return status;
}
