/* The loop around surgical edits: parse, plan, splice, until the text says what was meant. */
#include <string.h>

#include "itsm/utf8.h"
#include "yaml_edit.h"

/* An edit needs a step for each flow item that goes, and a few more. */
#define SPARE_STEPS 8

static int check_edit(const struct itsm_edit *edit, struct itsm_error *err)
{
	const char *part = edit->field;
	size_t depth = 0, length, i;

	do {
		length = strcspn(part, ".");
		if (length == 0)
			return itsm_error_set(err, ITSM_EUSAGE,
				"'%.64s' is no field name; write names with dots between", edit->field);
		part += length + (part[length] == '.');
	} while (++depth < ITSM_YAML_MAX_DEPTH && (*part || part[-1] == '.'));
	if (*part)
		return itsm_error_set(err, ITSM_EUSAGE, "'%.64s...' lies deeper than %d levels", edit->field,
			ITSM_YAML_MAX_DEPTH);
	if (edit->operation != ITSM_EDIT_UNSET && edit->count == 0 && !edit->list)
		return itsm_error_set(err, ITSM_EUSAGE, "no value for '%s'", edit->field);
	if (itsm_utf8_invalid(edit->field, strlen(edit->field)) < strlen(edit->field))
		return itsm_error_set(err, ITSM_EUSAGE, "the field's name is not valid UTF-8");
	for (i = 0; edit->operation != ITSM_EDIT_UNSET && i < edit->count; i++) {
		length = strlen(edit->values[i]);
		if (itsm_utf8_invalid(edit->values[i], length) < length)
			return itsm_error_set(err, ITSM_EUSAGE, "the value for '%s' is not valid UTF-8", edit->field);
	}
	return ITSM_OK;
}

/* Setting an absent value to "" makes no other tree, but a text that is there. */
static bool sets_absent_to_empty(const struct itsm_yaml *root, const struct itsm_edit *edit)
{
	const struct itsm_yaml *old = itsm_yaml_find(root, edit->field);

	return edit->operation == ITSM_EDIT_SET && !edit->list && edit->count == 1 && old &&
		itsm_yaml_is_null(old) && strcmp(edit->values[0], old->text) == 0;
}

static int plan(struct itsm_surgery *surgery, const struct itsm_yaml *intended)
{
	const struct itsm_yaml *wanted = itsm_yaml_find(intended, surgery->edit->field);
	struct itsm_field_place place;
	const struct itsm_yaml *value;
	size_t length;

	itsm_surgery_locate(surgery->root, surgery->edit->field, &place);
	if (!wanted)
		return place.found ? itsm_surgery_remove_pair(surgery, &place) : ITSM_EDATA;
	value = place.found ? place.mapping->items[place.index] : NULL;
	length = strcspn(place.rest, ".");
	if (value && !place.rest[length] && value->type == ITSM_YAML_SEQUENCE &&
			wanted->type == ITSM_YAML_SEQUENCE && wanted->count > 0)
		return itsm_surgery_list(surgery, value, wanted);
	if (!itsm_surgery_can_write(wanted, 0, wanted->count))
		return ITSM_EDATA;
	if (!value)
		return itsm_surgery_insert_pair(surgery, place.mapping, place.rest, wanted);
	return itsm_surgery_replace(surgery, place.mapping, place.index,
		place.rest[length] ? place.rest + length + 1 : NULL, wanted);
}

/* In the order of the text; those at one place stay in the order they were planned. */
static void sort_splices(struct itsm_surgery *surgery)
{
	size_t i, j;

	for (i = 1; i < surgery->count; i++) {
		struct itsm_splice splice = surgery->splices[i];

		for (j = i; j > 0 && surgery->splices[j - 1].start > splice.start; j--)
			surgery->splices[j] = surgery->splices[j - 1];
		surgery->splices[j] = splice;
	}
}

static int cut_and_sew(struct itsm_surgery *surgery, struct itsm_buffer *out)
{
	size_t done = 0, i;

	sort_splices(surgery);
	itsm_buffer_add(out, "", 0);
	for (i = 0; i < surgery->count; i++) {
		const struct itsm_splice *splice = &surgery->splices[i];

		if (splice->start < done || splice->end < splice->start)
			return ITSM_EDATA;
		itsm_buffer_add(out, surgery->text + done, splice->start - done);
		itsm_buffer_add(out, splice->text, splice->length);
		done = splice->end;
	}
	itsm_buffer_add(out, surgery->text + done, surgery->size - done);
	return ITSM_OK;
}

static const char *newline_of(const char *text, size_t size)
{
	size_t end = itsm_line_end(text, size, 0);

	return end < size && text[end] == '\r' ? "\r\n" : "\n";
}

/*
 * One step from text to next. *done when the text says already what was meant,
 * which a first step never takes for granted when `force` is set.
 */
static int make_step(const struct itsm_buffer *text, unsigned first_line, const struct itsm_edit *edit,
	const struct itsm_yaml *intended, bool careful, bool force, struct itsm_buffer *next, bool *done,
	struct itsm_error *err)
{
	struct itsm_surgery surgery = {
		.arena = itsm_arena_new(), .text = text->data, .size = text->length, .edit = edit, .careful = careful,
		.newline = newline_of(text->data, text->length), .err = err,
	};
	struct itsm_error unreadable = {0};
	int status = itsm_yaml_parse(surgery.arena, text->data, text->length, first_line, &surgery.root, &unreadable);

	/* What was made is at fault, not what the user wrote; only a bound tells him something. */
	if (status == ITSM_ELIMIT && err)
		*err = unreadable;
	*done = !status && !force && itsm_yaml_equal(surgery.root, intended);
	if (!status && !*done)
		status = surgery.root->type == ITSM_YAML_MAPPING ? plan(&surgery, intended) : ITSM_EDATA;
	if (!status && !*done)
		status = cut_and_sew(&surgery, next);
	itsm_arena_free(surgery.arena);
	return status;
}

/* Step by step from text to `out`; ITSM_OK only when `out` says what was meant. */
static int attempt(const struct itsm_buffer *text, unsigned first_line, const struct itsm_edit *edit,
	const struct itsm_yaml *intended, size_t steps, bool careful, bool force, struct itsm_buffer *out,
	struct itsm_error *err)
{
	struct itsm_buffer next = {0}, swap;
	bool done = false;
	int status = ITSM_OK;

	itsm_buffer_clear(out);
	itsm_buffer_add(out, text->data, text->length);
	while (steps-- > 0 && !status && !done) {
		itsm_buffer_clear(&next);
		status = make_step(out, first_line, edit, intended, careful, force, &next, &done, err);
		force = false;
		if (status || done)
			continue;
		swap = *out;
		*out = next;
		next = swap;
	}
	itsm_buffer_free(&next);
	return status ? status : done ? ITSM_OK : ITSM_EDATA;
}

static int apply(struct itsm_buffer *text, unsigned first_line, const struct itsm_edit *edit, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer edited = {0};
	struct itsm_yaml *root, *intended;
	const struct itsm_yaml *old;
	struct itsm_error first = {0};
	size_t steps = SPARE_STEPS;
	bool force;
	int status = itsm_yaml_parse(arena, text->data, text->length, first_line, &root, err);

	if (!status)
		status = itsm_yaml_intend(arena, root, edit, &intended, err);
	if (!status) {
		old = itsm_yaml_find(root, edit->field);
		force = sets_absent_to_empty(root, edit);
		steps += edit->count + (old && old->type == ITSM_YAML_SEQUENCE ? old->count : 0);
		status = attempt(text, first_line, edit, intended, steps, false, force, &edited, &first);
		if (status)
			status = attempt(text, first_line, edit, intended, steps, true, force, &edited, NULL);
		if (status == ITSM_ELIMIT && err)
			*err = first;
		else if (status)
			status = itsm_error_set_at(err, ITSM_EDATA, first.line, first.column,
				"'%.128s' cannot be changed without touching what is around it%s%s; "
				"edit the file by hand", edit->field, first.message[0] ? ": " : "", first.message);
	}
	if (!status) {
		itsm_buffer_free(text);
		*text = edited;
	} else {
		itsm_buffer_free(&edited);
	}
	itsm_arena_free(arena);
	return status;
}

int itsm_yaml_edit(const char *text, size_t size, unsigned first_line, const struct itsm_edit *edits,
	size_t count, struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_buffer work = {0};
	int status = ITSM_OK;
	size_t i;

	itsm_buffer_add(&work, text, size);
	for (i = 0; i < count && !status; i++) {
		status = check_edit(&edits[i], err);
		if (!status)
			status = apply(&work, first_line, &edits[i], err);
	}
	if (status) {
		itsm_buffer_free(&work);
		return status;
	}
	itsm_buffer_free(out);
	*out = work;
	return ITSM_OK;
}
