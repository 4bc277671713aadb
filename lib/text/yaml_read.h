/* What reading YAML needs besides the events: styles, ends, duplicates, wording of errors. */
#ifndef TEXT_YAML_READ_H
#define TEXT_YAML_READ_H

#include <yaml.h>

#include "cursor.h"
#include "itsm/yaml.h"

enum itsm_yaml_style itsm_yaml_style_of(yaml_scalar_style_t style);

/*
 * A block scalar runs, for libyaml, to the start of the next line that has
 * content. Here it ends with the last line of its text, the line break left
 * out; with "+" the blank lines below are text as well.
 */
size_t itsm_yaml_block_scalar_end(const char *text, size_t size, size_t start, size_t end);

/* Length of a block scalar's header ("|", ">-", "|2+") at `start`. */
size_t itsm_yaml_header_length(const char *text, size_t size, size_t start);

/* Indentation of the first line between from and to that is more than spaces; 0 when all are blank. */
size_t itsm_yaml_content_indent(const char *text, size_t from, size_t to);

/* The first key of a mapping, from its start, that is there already, and what it repeats. */
bool itsm_yaml_duplicate(const struct itsm_yaml *mapping, const struct itsm_yaml **twice,
	const struct itsm_yaml **first);

/* What libyaml's parser stumbled over, in words that say what to do. */
int itsm_yaml_syntax_error(const yaml_parser_t *parser, struct itsm_cursor *cursor, struct itsm_error *err);

#endif
