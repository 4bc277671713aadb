/* The set of risk models: the built-in ones and what a desk has in policy/risks/. */
#include <string.h>

#include "itsm/file.h"
#include "risk_set.h"

static size_t place_of(const struct itsm_risks *risks, const char *name)
{
	size_t at = 0;

	while (at < risks->count && strcmp(risks->items[at]->name, name) < 0)
		at++;
	return at;
}

static void insert(struct itsm_risks *risks, struct itsm_risk_model *model)
{
	size_t at = place_of(risks, model->name);

	if (at < risks->count && strcmp(risks->items[at]->name, model->name) == 0) {
		risks->items[at] = model;
		return;
	}
	itsm_arena_insert(risks->arena, &risks->items, &risks->capacity, &risks->count, at, model);
}

int itsm_risks_new(struct itsm_risks **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_risks *risks = itsm_arena_alloc(arena, sizeof(*risks));
	struct itsm_risk_model *model;
	int status = ITSM_OK;

	*risks = (struct itsm_risks){.arena = arena, .holders = 1};
	for (size_t i = 0; status == ITSM_OK && risk_builtins[i]; i++) {
		status = risk_read(arena, risk_builtins[i], strlen(risk_builtins[i]), "built-in", &model, err);
		if (status == ITSM_OK)
			insert(risks, model);
	}
	if (status < 0)
		itsm_arena_free(arena);
	else
		*out = risks;
	return status;
}

struct itsm_risks *itsm_risks_keep(struct itsm_risks *risks)
{
	if (risks)
		risks->holders++;
	return risks;
}

void itsm_risks_free(struct itsm_risks *risks)
{
	if (risks && --risks->holders == 0)
		itsm_arena_free(risks->arena);
}

int itsm_risks_add(struct itsm_risks *risks, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	struct itsm_risk_model *model;
	int status = risk_read(risks->arena, text, size, itsm_arena_strdup(risks->arena, path), &model, err);

	if (status == ITSM_OK && strcmp(itsm_file_stem(risks->arena, path), model->name) != 0)
		status = itsm_error_set_at(err, ITSM_EDATA, model->line, 1,
			"the model judges the kind '%s'; give its file the same name", model->name);
	if (status == ITSM_OK)
		insert(risks, model);
	else
		itsm_error_prefix(err, "%s", path);
	return status;
}

static int refuse(const struct itsm_risk_model *model, struct itsm_error *err, const char *field, const char *wanted)
{
	return itsm_error_set_at(err, ITSM_EDATA, model->line, 1, "%s: the kind %s has no field '%s' that is %s",
		model->origin, model->name, field, wanted);
}

static bool is_number(const struct itsm_kind *kind, const char *name)
{
	const struct itsm_field *field = itsm_kind_field(kind, name);

	return field && field->type == ITSM_TYPE_INT && !field->list;
}

static int verify(const struct itsm_risk_model *model, const struct itsm_kind *kind, struct itsm_error *err)
{
	const struct itsm_field *field = itsm_kind_field(kind, model->field);

	if (!field || field->type != ITSM_TYPE_ENUM || field->list)
		return refuse(model, err, model->field, "an enum");
	for (size_t i = 0; i < model->level_count; i++)
		if (!itsm_list_has(field->values, model->levels[i]))
			return itsm_error_set_at(err, ITSM_EDATA, model->line, 1, "%s: '%s' is no value of %s's field '%s'",
				model->origin, model->levels[i], kind->name, model->field);
	field = model->answers ? itsm_kind_field(kind, model->answers) : NULL;
	if (model->answers && (!field || field->type != ITSM_TYPE_ANY || field->list))
		return refuse(model, err, model->answers, "of the type any");
	if (model->row_field && !is_number(kind, model->row_field))
		return refuse(model, err, model->row_field, "a whole number");
	if (model->column_field && !is_number(kind, model->column_field))
		return refuse(model, err, model->column_field, "a whole number");
	return ITSM_OK;
}

int itsm_risks_finish(struct itsm_risks *risks, const struct itsm_kinds *kinds, struct itsm_error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < risks->count; i++) {
		struct itsm_risk_model *model = risks->items[i];
		const struct itsm_kind *kind = itsm_kinds_find(kinds, model->name);
		bool built_in = strcmp(model->origin, "built-in") == 0;
		int status;

		if (kind && strcmp(kind->name, model->name) != 0)
			kind = NULL;
		if (!kind && !built_in)
			return itsm_error_set_at(err, ITSM_EDATA, model->line, 1,
				"%s: there is no kind '%s'; `itsm kinds` lists them", model->origin, model->name);
		status = kind ? verify(model, kind, built_in ? NULL : err) : ITSM_EDATA;
		if (status < 0 && !built_in)
			return status;
		if (status == ITSM_OK)
			risks->items[kept++] = model;
	}
	risks->count = kept;
	return ITSM_OK;
}

size_t itsm_risks_count(const struct itsm_risks *risks)
{
	return risks->count;
}

const struct itsm_risk_model *itsm_risks_at(const struct itsm_risks *risks, size_t position)
{
	return position < risks->count ? risks->items[position] : NULL;
}

const struct itsm_risk_model *itsm_risks_find(const struct itsm_risks *risks, const char *kind)
{
	size_t at = risks ? place_of(risks, kind) : 0;

	return risks && at < risks->count && strcmp(risks->items[at]->name, kind) == 0 ? risks->items[at] : NULL;
}

int itsm_risk_level(const struct itsm_risk_model *model, const char *name)
{
	for (size_t i = 0; name && i < model->level_count; i++)
		if (strcmp(model->levels[i], name) == 0)
			return (int)i;
	return ITSM_RISK_NONE;
}
