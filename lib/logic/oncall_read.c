/* A rota's front matter as struct itsm_oncall_rota. What the kind's schema says of it has been judged elsewhere, or not. */
#include <stdio.h>
#include <string.h>

#include "itsm/oncall.h"
#include "itsm/time.h"

#define ALL_DAYS 127u
#define DATA_ERROR(node, err, ...) itsm_error_set_at(err, ITSM_EDATA, (node)->line, (node)->column, __VA_ARGS__)

static const char *text_of(const struct itsm_yaml *node, const char *key)
{
	const struct itsm_yaml *value = node && node->type == ITSM_YAML_MAPPING ? itsm_yaml_get(node, key) : NULL;

	return value && value->type == ITSM_YAML_SCALAR && !itsm_yaml_is_null(value) ? value->text : NULL;
}

/* The items of a list, or the one scalar. */
static size_t list_size(const struct itsm_yaml *node)
{
	return !node || itsm_yaml_is_null(node) ? 0 : node->type == ITSM_YAML_SEQUENCE ? node->count : 1;
}

static const struct itsm_yaml *list_item(const struct itsm_yaml *node, size_t position)
{
	return node->type == ITSM_YAML_SEQUENCE ? node->items[position] : node;
}

static int read_time(const struct itsm_yaml *node, const char *key, int64_t *out, struct itsm_error *err)
{
	const char *text = text_of(node, key);
	struct itsm_time time;

	if (!text)
		return 0;
	if (itsm_time_parse(text, &time, NULL) != 0)
		return DATA_ERROR(itsm_yaml_get(node, key), err, "'%s' is no time", text);
	*out = time.seconds;
	return 1;
}

static int read_hours(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_oncall_layer *layer,
	struct itsm_error *err)
{
	size_t count = list_size(node);

	layer->hours = count ? itsm_arena_alloc(arena, count * sizeof(*layer->hours)) : NULL;
	for (size_t i = 0; i < count; i++) {
		const struct itsm_yaml *item = list_item(node, i);
		unsigned h1, m1, h2, m2;
		int end = 0;

		if (item->type != ITSM_YAML_SCALAR || sscanf(item->text, "%2u:%2u-%2u:%2u%n", &h1, &m1, &h2, &m2, &end) != 4 ||
		    item->text[end] || h1 > 23 || m1 > 59 || m2 > 59 || h2 > 24 || (h2 == 24 && m2))
			return DATA_ERROR(item, err, "'%s' are no hours, such as 08:00-18:00",
				item->type == ITSM_YAML_SCALAR ? item->text : "a list");
		layer->hours[i].from = (int)(h1 * 60 + m1) * 60;
		layer->hours[i].to = (int)(h2 * 60 + m2) * 60;
	}
	layer->hours_count = count;
	return ITSM_OK;
}

static int read_days(const struct itsm_yaml *node, unsigned *out, struct itsm_error *err)
{
	static const char *const names[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
	size_t count = list_size(node);

	*out = count ? 0 : ALL_DAYS;
	for (size_t i = 0; i < count; i++) {
		const struct itsm_yaml *item = list_item(node, i);
		unsigned day = 0;

		while (day < 7 && (item->type != ITSM_YAML_SCALAR || strcmp(item->text, names[day]) != 0))
			day++;
		if (day == 7)
			return DATA_ERROR(item, err, "'%s' is no day of the week", item->type == ITSM_YAML_SCALAR ? item->text : "a list");
		*out |= 1u << day;
	}
	return ITSM_OK;
}

static int read_people(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_oncall_layer *layer,
	struct itsm_error *err)
{
	size_t count = list_size(node);

	layer->people = itsm_arena_alloc(arena, (count + 1) * sizeof(*layer->people));
	for (size_t i = 0; i < count; i++) {
		const struct itsm_yaml *item = list_item(node, i);

		if (item->type != ITSM_YAML_SCALAR)
			return DATA_ERROR(item, err, "a list is no person");
		layer->people[layer->count++] = item->text;
	}
	return ITSM_OK;
}

static int read_layer(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_oncall_layer *out,
	struct itsm_error *err)
{
	const char *turn = text_of(node, "turn"), *name = text_of(node, "name");
	int status;

	if (node->type != ITSM_YAML_MAPPING)
		return DATA_ERROR(node, err, "a layer is a mapping of name, start, turn and people");
	out->name = name ? name : "";
	out->end = INT64_MAX;
	if (!turn || !itsm_duration_parse(turn, &out->turn) || out->turn <= 0)
		return DATA_ERROR(node, err, "the layer '%s' has no turn, such as 7d", out->name);
	if ((status = read_time(node, "start", &out->start, err)) < 0)
		return status;
	if (status == 0)
		return DATA_ERROR(node, err, "the layer '%s' has no start", out->name);
	if ((status = read_time(node, "end", &out->end, err)) < 0 ||
	    (status = read_people(arena, itsm_yaml_get(node, "people"), out, err)) < 0 ||
	    (status = read_hours(arena, itsm_yaml_get(node, "hours"), out, err)) < 0)
		return status;
	return read_days(itsm_yaml_get(node, "days"), &out->days, err);
}

static int read_override(const struct itsm_yaml *node, struct itsm_oncall_override *out, struct itsm_error *err)
{
	int status = 0;

	out->person = text_of(node, "person");
	if (!out->person || (status = read_time(node, "start", &out->start, err)) == 0 ||
	    (status > 0 && (status = read_time(node, "end", &out->end, err)) == 0))
		return DATA_ERROR(node, err, "an override needs person, start and end");
	return status < 0 ? status : ITSM_OK;
}

int itsm_oncall_read(struct itsm_arena *arena, const char *id, const struct itsm_yaml *front, const char *zone,
	struct itsm_oncall_rota *out, struct itsm_error *err)
{
	const struct itsm_yaml *layers = itsm_yaml_get(front, "layers"), *overrides = itsm_yaml_get(front, "overrides");
	const char *own_zone = text_of(front, "zone"), *name = text_of(front, "name");
	struct itsm_oncall_rota rota = {.id = id, .name = name ? name : id};
	int status = itsm_zone_find(arena, own_zone ? own_zone : zone ? zone : "UTC", &rota.zone, err);

	rota.layers = itsm_arena_alloc(arena, (list_size(layers) + 1) * sizeof(*rota.layers));
	rota.overrides = itsm_arena_alloc(arena, (list_size(overrides) + 1) * sizeof(*rota.overrides));
	for (size_t i = 0; i < list_size(layers) && status == 0; i++)
		status = read_layer(arena, list_item(layers, i), &rota.layers[rota.layer_count++], err);
	for (size_t i = 0; i < list_size(overrides) && status == 0; i++)
		status = read_override(list_item(overrides, i), &rota.overrides[rota.override_count++], err);
	if (status == 0)
		*out = rota;
	return status;
}
