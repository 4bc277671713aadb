/* Nothing lost, nothing made up: a result against the three records it came from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "merge_trial.h"

/* Is there a conflict that names the field, what holds it, or a part of it? */
static bool in_conflict(const struct trial *trial, const char *field)
{
	size_t i, length;

	for (i = 0; i < trial->merged.count; i++) {
		const char *name = trial->merged.conflicts[i].field;

		length = strlen(name);
		if (length == 0 || (strncasecmp(name, field, length) == 0 && strchr(".[", field[length])))
			return true;
		if (strncmp(name, field, strlen(field)) == 0 && name[strlen(field)] == '[')
			return true;
	}
	return false;
}

/* How often the item must be there: the first of equal ones is an item of its own, so is the second, and so on. */
static size_t expected_count(size_t base, size_t ours, size_t theirs)
{
	size_t least = ours < theirs ? ours : theirs, most = ours > theirs ? ours : theirs;
	size_t kept = least < base ? least : base;

	return kept + (most > base ? most - base : 0);
}

/* v: base, ours, theirs, result */
static void check_list(const struct trial *trial, const char *field, const struct itsm_yaml *const v[4])
{
	size_t counts[4], expected, i;
	int side, other;

	for (side = 0; side < 4; side++) {
		for (i = 0; v[side] && v[side]->type == ITSM_YAML_SEQUENCE && i < v[side]->count; i++) {
			const char *item = trial_meaning(trial, v[side]->items[i], false);

			for (other = 0; other < 4; other++)
				counts[other] = trial_count_items(trial, v[other], item);
			expected = expected_count(counts[BASE], counts[OURS], counts[THEIRS]);
			if (!in_conflict(trial, field) && counts[3] != expected)
				trial_refuse(trial, "%s: %zu times item %s, not %zu", field, counts[3], item, expected);
			if (counts[3] > 0 && counts[BASE] + counts[OURS] + counts[THEIRS] == 0)
				trial_refuse(trial, "%s: item %s is made up", field, item);
		}
	}
}

static const struct itsm_yaml *state_of(const struct trial *trial, int side)
{
	return trial->records[side] ? itsm_yaml_get(trial->records[side]->front, "state") : NULL;
}

static bool is_stamp(const struct itsm_kind *kind, const char *name)
{
	size_t i;

	for (i = 0; i < kind->state_count; i++) {
		if (kind->states[i].stamp && strcmp(kind->states[i].stamp, name) == 0)
			return true;
	}
	return false;
}

/* May the result have this side's state, or stamp, where both changed it? */
static bool leads(const struct trial *trial, int side)
{
	const struct itsm_yaml *won = state_of(trial, side), *lost = state_of(trial, OURS + THEIRS - side);
	const struct itsm_kind *kind = trial->records[OURS]->kind;

	if (trial_same(trial, won, lost))
		return false;
	if (trial_same(trial, state_of(trial, BASE), won) || trial_same(trial, state_of(trial, BASE), lost))
		return trial_same(trial, state_of(trial, BASE), lost);
	return won && lost && itsm_kind_reachable(kind, lost->text, won->text) &&
		!itsm_kind_reachable(kind, won->text, lost->text);
}

static void check_field(const struct trial *trial, const char *field, bool root, const struct itsm_yaml *const v[4])
{
	const struct itsm_kind *kind = trial->records[OURS]->kind;
	const struct itsm_field *schema = itsm_kind_field(kind, field);
	bool state = root && kind->state_count && (strcmp(field, "state") == 0 || is_stamp(kind, field));
	int side = trial_same(trial, v[OURS], v[THEIRS]) || trial_same(trial, v[BASE], v[THEIRS]) ? OURS :
		trial_same(trial, v[BASE], v[OURS]) ? THEIRS : BASE;

	/* Items with and without an empty part mean the same, yet may be in conflict. */
	if (schema && schema->list && (side == BASE || in_conflict(trial, field))) {
		check_list(trial, field, v);
		return;
	}
	if (side == BASE && state && !in_conflict(trial, field))
		side = leads(trial, OURS) ? OURS : leads(trial, THEIRS) ? THEIRS : BASE;
	else if (side == BASE && schema && schema->type == ITSM_TYPE_OBJECT && !schema->list && v[OURS] && v[THEIRS] &&
			v[OURS]->type == ITSM_YAML_MAPPING && v[THEIRS]->type == ITSM_YAML_MAPPING)
		trial_check_fields(trial, field, v);
	else if (side == BASE && in_conflict(trial, field))
		side = trial->side;
	else if (side == BASE && schema && schema->computed)
		side = !v[OURS] || (v[THEIRS] && v[OURS]->text && v[THEIRS]->text && strcmp(v[THEIRS]->text, v[OURS]->text) < 0) ? THEIRS : OURS;
	else if (side == BASE)
		trial_refuse(trial, "%s: both changed it, without conflict", field);
	if (side != BASE && !trial_same(trial, v[3], v[in_conflict(trial, field) ? trial->side : side]))
		trial_refuse(trial, "%s: is %s", field, trial_meaning(trial, v[3], false));
}

void trial_check_fields(const struct trial *trial, const char *prefix, const struct itsm_yaml *const v[4])
{
	const struct itsm_yaml *child[4];
	int side, other;
	size_t i;

	for (side = 0; side < 4; side++) {
		for (i = 0; v[side] && v[side]->type == ITSM_YAML_MAPPING && i < v[side]->count; i++) {
			const char *key = v[side]->keys[i]->text;

			for (other = 0; other < 4; other++)
				child[other] = itsm_yaml_get(v[other], key);
			check_field(trial, *prefix ? itsm_arena_printf(trial->arena, "%s.%s", prefix, key) : key, !*prefix, child);
		}
	}
}

static bool has_line(const char *text, const char *line, size_t length)
{
	const char *at = text;

	while (at && (at = memmem(at, strlen(at), line, length)) && !(at[-1] == '\n' && at[length] == '\n'))
		at++;
	return at != NULL;
}

/* Both changed the section: lines that one added are there, lines that one took away are not. */
static void check_lines(const struct trial *trial, const char *name, const char *const v[4])
{
	int side;
	const char *line, *stop;

	for (side = 0; side < 4; side++) {
		for (line = v[side]; line && *line; line = stop + 1) {
			size_t length = (size_t)((stop = strchr(line, '\n')) - line);
			bool base = has_line(v[BASE], line, length), ours = has_line(v[OURS], line, length);
			bool theirs = has_line(v[THEIRS], line, length), expected = base ? ours && theirs : ours || theirs;

			if (length > 0 && has_line(v[3], line, length) != expected)
				trial_refuse(trial, "%s: line '%.*s'", name, (int)length, line);
		}
	}
}

void trial_check_sections(const struct trial *trial)
{
	const struct itsm_record *const records[4] = {
		trial->records[BASE], trial->records[OURS], trial->records[THEIRS], trial->result,
	};
	const char *v[4];
	int side, other;
	size_t i;

	for (side = 0; side < 4; side++) {
		for (i = 0; records[side] && i < records[side]->section_count; i++) {
			const char *name = records[side]->sections[i].name;

			for (other = 0; other < 4; other++)
				v[other] = trial_section(trial, records[other], name);
			if (trial_equal(v[OURS], v[THEIRS]) || trial_equal(v[BASE], v[THEIRS])) {
				if (!trial_equal(v[3], v[OURS]))
					trial_refuse(trial, "section %s is not that of ours", name);
			} else if (trial_equal(v[BASE], v[OURS])) {
				if (!trial_equal(v[3], v[THEIRS]))
					trial_refuse(trial, "section %s is not that of theirs", name);
			} else if (!in_conflict(trial, itsm_arena_printf(trial->arena, "## %s", name))) {
				check_lines(trial, name, v);
			}
		}
	}
}
