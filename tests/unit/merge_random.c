/* Random records: made and edited. */
#include <stdint.h>
#include <string.h>

#include "merge_random.h"

uint64_t dice_roll(struct dice *dice, uint64_t sides)
{
	uint64_t z = dice->state += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return (z ^ (z >> 31)) % sides;
}

static const char *const words[] = {
	"alpha", "beta", "gamma", "db-prod-1", "2026-11-22T10:00:00+01:00", "3", "4h", "no", "1.10", "null", "",
	"a: b", "# no comment", "it's", "say \"yes\"", "- dash", "\xC3\xBCnder", "[x]", "{y}", "a, b", "~", "*star",
	"end ", " start", "%", "@home", "two\nlines", "three\n\n  lines\nthere\n", "trailing:", "tab\there",
};

static struct itsm_yaml *scalar(struct itsm_arena *arena, const char *text)
{
	struct itsm_yaml *node = itsm_arena_alloc(arena, sizeof(*node));

	node->type = ITSM_YAML_SCALAR;
	node->style = ITSM_YAML_DOUBLE_QUOTED;
	node->text = text;
	return node;
}

static struct itsm_yaml *collection(struct itsm_arena *arena, enum itsm_yaml_type type)
{
	struct itsm_yaml *node = itsm_arena_alloc(arena, sizeof(*node));

	node->type = type;
	return node;
}

static void insert(struct itsm_arena *arena, struct itsm_yaml *node, size_t at, const char *key, struct itsm_yaml *value)
{
	struct itsm_yaml **items = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*items));
	struct itsm_yaml **keys = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*keys));
	size_t i;

	for (i = 0; i < node->count; i++) {
		items[i + (i >= at)] = node->items[i];
		keys[i + (i >= at)] = key ? node->keys[i] : NULL;
	}
	items[at] = value;
	keys[at] = key ? scalar(arena, key) : NULL;
	node->items = items;
	node->keys = key ? keys : NULL;
	node->count++;
}

static void drop(struct itsm_yaml *node, size_t at)
{
	for (node->count--; at < node->count; at++) {
		node->items[at] = node->items[at + 1];
		if (node->keys)
			node->keys[at] = node->keys[at + 1];
	}
}

static struct itsm_yaml *copy(struct itsm_arena *arena, const struct itsm_yaml *node)
{
	struct itsm_yaml *out = itsm_arena_alloc(arena, sizeof(*out));
	size_t i;

	*out = *node;
	out->items = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*out->items));
	out->keys = node->keys ? itsm_arena_alloc(arena, (node->count + 1) * sizeof(*out->keys)) : NULL;
	for (i = 0; i < node->count; i++) {
		out->items[i] = copy(arena, node->items[i]);
		if (node->keys)
			out->keys[i] = node->keys[i];
	}
	return out;
}

static const char *word(struct dice *dice)
{
	return words[dice_roll(dice, sizeof(words) / sizeof(*words))];
}

static struct itsm_yaml *any_value(struct itsm_arena *arena, struct dice *dice, unsigned depth)
{
	struct itsm_yaml *node;
	uint64_t type = dice_roll(dice, depth < 3 ? 4 : 1), count = dice_roll(dice, 3);

	if (type < 2)
		return scalar(arena, word(dice));
	node = collection(arena, type == 2 ? ITSM_YAML_SEQUENCE : ITSM_YAML_MAPPING);
	while (count-- > 0)
		insert(arena, node, node->count, type == 2 ? NULL : itsm_arena_printf(arena, "key %u", (unsigned)node->count),
			any_value(arena, dice, depth + 1));
	return node;
}

static const char *last_name(const struct itsm_field *field)
{
	const char *dot = strrchr(field->name, '.');

	return dot ? dot + 1 : field->name;
}

static struct itsm_yaml *one_value(struct itsm_arena *arena, struct dice *dice, const struct itsm_field *field)
{
	struct itsm_yaml *node;
	size_t i;

	if (!field || field->type == ITSM_TYPE_ANY)
		return any_value(arena, dice, 0);
	if (field->type != ITSM_TYPE_OBJECT)
		return scalar(arena, word(dice));
	node = collection(arena, ITSM_YAML_MAPPING);
	for (i = 0; i < field->field_count; i++) {
		const struct itsm_field *child = &field->fields[i];

		/* Items need something to tell them apart by, most of the time. */
		if (child->required || strcmp(last_name(child), "id") == 0 || strcmp(last_name(child), "name") == 0)
			insert(arena, node, node->count, last_name(child),
				scalar(arena, itsm_arena_printf(arena, "key%u", (unsigned)dice_roll(dice, 12))));
		else if (dice_roll(dice, 3) > 0)
			insert(arena, node, node->count, last_name(child), one_value(arena, dice, child));
	}
	return node;
}

static struct itsm_yaml *field_value(struct itsm_arena *arena, struct dice *dice, const struct itsm_field *field)
{
	struct itsm_yaml *node;
	uint64_t count = dice_roll(dice, 5);

	if (!field || !field->list)
		return one_value(arena, dice, field);
	node = collection(arena, ITSM_YAML_SEQUENCE);
	while (count-- > 0)
		insert(arena, node, node->count, NULL, one_value(arena, dice, field));
	return node;
}

static size_t find(const struct itsm_yaml *mapping, const char *key)
{
	size_t i = 0;

	while (i < mapping->count && strcmp(mapping->keys[i]->text, key) != 0)
		i++;
	return i;
}

static void set(struct itsm_arena *arena, struct dice *dice, struct itsm_yaml *mapping, const char *key,
	struct itsm_yaml *value)
{
	size_t at = find(mapping, key);

	if (at < mapping->count)
		mapping->items[at] = value;
	else
		insert(arena, mapping, dice_roll(dice, mapping->count + 1), key, value);
}

static void edit_list(struct itsm_arena *arena, struct dice *dice, const struct itsm_field *field, struct itsm_yaml *list)
{
	uint64_t edits = 1 + dice_roll(dice, 2);

	while (edits-- > 0) {
		if (list->count > 0 && dice_roll(dice, 3) == 0)
			drop(list, dice_roll(dice, list->count));
		else if (list->count > 0 && dice_roll(dice, 2) == 0)
			list->items[dice_roll(dice, list->count)] = one_value(arena, dice, field);
		else
			insert(arena, list, dice_roll(dice, list->count + 1), NULL, one_value(arena, dice, field));
	}
}

static void edit_field(struct itsm_arena *arena, struct dice *dice, const struct itsm_field *field, const char *key,
	struct itsm_yaml *mapping)
{
	size_t at = find(mapping, key), i;
	struct itsm_yaml *value = at < mapping->count ? mapping->items[at] : NULL;

	if (value && dice_roll(dice, 5) == 0) {
		drop(mapping, at);
	} else if (value && field && field->list && value->type == ITSM_YAML_SEQUENCE) {
		edit_list(arena, dice, field, value);
	} else if (value && field && field->type == ITSM_TYPE_OBJECT && value->type == ITSM_YAML_MAPPING) {
		for (i = 0; i < field->field_count; i++) {
			if (dice_roll(dice, 3) == 0)
				edit_field(arena, dice, &field->fields[i], last_name(&field->fields[i]), value);
		}
	} else {
		set(arena, dice, mapping, key, field_value(arena, dice, field));
	}
}

static void set_state(struct itsm_arena *arena, struct dice *dice, struct random_record *record)
{
	const struct itsm_state *state;

	if (record->kind->state_count == 0)
		return;
	state = &record->kind->states[dice_roll(dice, record->kind->state_count)];
	set(arena, dice, record->front, "state", scalar(arena, state->name));
	if (state->stamp)
		set(arena, dice, record->front, state->stamp,
			scalar(arena, itsm_arena_printf(arena, "2026-11-22T10:%02u:00Z", (unsigned)dice_roll(dice, 60))));
}

static const char *line(struct itsm_arena *arena, struct dice *dice)
{
	return dice_roll(dice, 4) == 0 ? "" : itsm_arena_printf(arena, "line %u", (unsigned)dice_roll(dice, 100000));
}

static void edit_sections(struct itsm_arena *arena, struct dice *dice, struct random_record *record)
{
	struct random_section *section;
	uint64_t edits = dice_roll(dice, 4), at;

	if (record->section_count < MOST_SECTIONS && dice_roll(dice, 3) == 0) {
		at = dice_roll(dice, record->section_count + 1);
		memmove(&record->sections[at + 1], &record->sections[at], (record->section_count - at) * sizeof(*section));
		record->sections[at] = (struct random_section){.lines = {line(arena, dice), "added"}, .count = 2,
			.name = itsm_arena_printf(arena, "Section %u", (unsigned)dice_roll(dice, 1000))};
		record->section_count++;
	}
	if (record->section_count > 0 && dice_roll(dice, 8) == 0) {
		at = dice_roll(dice, record->section_count);
		record->section_count--;
		memmove(&record->sections[at], &record->sections[at + 1], (record->section_count - at) * sizeof(*section));
	}
	while (edits-- > 0 && record->section_count > 0) {
		section = &record->sections[dice_roll(dice, record->section_count)];
		at = dice_roll(dice, section->count + 1);
		if (at < section->count && dice_roll(dice, 2) == 0) {
			section->lines[at] = line(arena, dice);
		} else if (at < section->count && dice_roll(dice, 2) == 0) {
			section->count--;
			memmove(&section->lines[at], &section->lines[at + 1], (section->count - at) * sizeof(*section->lines));
		} else if (section->count < MOST_LINES) {
			memmove(&section->lines[at + 1], &section->lines[at], (section->count - at) * sizeof(*section->lines));
			section->lines[at] = line(arena, dice);
			section->count++;
		}
	}
}

void random_record_make(struct itsm_arena *arena, struct dice *dice, const struct itsm_kind *kind,
	struct random_record *out)
{
	size_t i, j;

	*out = (struct random_record){.kind = kind, .front = collection(arena, ITSM_YAML_MAPPING)};
	out->style = dice_roll(dice, 1u << 30);
	out->crlf = dice_roll(dice, 6) == 0;
	out->bom = dice_roll(dice, 8) == 0;
	out->front->keys = itsm_arena_alloc(arena, sizeof(*out->front->keys));
	set_state(arena, dice, out);
	for (i = 0; i < kind->field_count; i++) {
		if (dice_roll(dice, 2) == 0)
			set(arena, dice, out->front, kind->fields[i].name, field_value(arena, dice, &kind->fields[i]));
	}
	if (dice_roll(dice, 2) == 0)
		set(arena, dice, out->front, "unknown", any_value(arena, dice, 0));
	if (dice_roll(dice, 3) == 0)
		set(arena, dice, out->front, "with.dot", any_value(arena, dice, 0));
	for (i = 0; kind->markdown && i < kind->section_count && out->section_count < MOST_SECTIONS; i++) {
		struct random_section *section = &out->sections[out->section_count];

		if (dice_roll(dice, 3) == 0)
			continue;
		section->name = kind->sections[i].name;
		section->count = dice_roll(dice, 12);
		for (j = 0; j < section->count; j++)
			section->lines[j] = line(arena, dice);
		out->section_count++;
	}
}

void random_record_edit(struct itsm_arena *arena, struct dice *dice, const struct random_record *from,
	struct random_record *out)
{
	const struct itsm_kind *kind = from->kind;
	size_t i;

	*out = *from;
	out->front = copy(arena, from->front);
	if (dice_roll(dice, 4) == 0)
		set_state(arena, dice, out);
	for (i = 0; i < kind->field_count; i++) {
		if (dice_roll(dice, 5) == 0)
			edit_field(arena, dice, &kind->fields[i], kind->fields[i].name, out->front);
	}
	if (dice_roll(dice, 4) == 0)
		edit_field(arena, dice, NULL, dice_roll(dice, 2) ? "unknown" : "with.dot", out->front);
	if (kind->markdown)
		edit_sections(arena, dice, out);
	if (dice_roll(dice, 5) == 0)
		out->style = dice_roll(dice, 1u << 30);
	if (dice_roll(dice, 8) == 0)
		out->crlf = !out->crlf;
	if (dice_roll(dice, 8) == 0)
		out->bom = !out->bom;
}
