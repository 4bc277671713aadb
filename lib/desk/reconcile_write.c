/* Proposing what was found: one commit on a branch of its own, upon HEAD. */
#include <stdlib.h>
#include <string.h>

#include "reconcile.h"

struct proposal {
	struct reconcile *run;
	struct itsm_bulk *bulk;
	struct itsm_person_time identity;
	struct itsm_buffer text;
	struct itsm_error *err;
};

static bool has(const struct reconcile_thing *thing, const char *name)
{
	size_t i;

	for (i = 0; i < thing->count; i++)
		if (strcmp(thing->values[i].name, name) == 0)
			return true;
	return false;
}

/* What saw it, where the kind has a field for that; not when, so that the same discovery makes the same files. */
static size_t add_origin(struct reconcile *run, const struct reconcile_thing *thing, struct itsm_edit *edits, size_t count)
{
	const struct itsm_kind *kind = run->map.kind;

	if (itsm_kind_field(kind, "discovered_by") && !has(thing, "discovered_by"))
		desk_edit_set(run->arena, &edits[count++], "discovered_by", run->map.source, true);
	if (!thing->record && !has(thing, kind->title_field ? kind->title_field : ""))
		desk_edit_set(run->arena, &edits[count++], kind->title_field, thing->name, true);
	if (!thing->record && run->map.state)
		desk_edit_set(run->arena, &edits[count++], "state", run->map.state, false);
	return count;
}

/* A record that its schema refuses is left out, and says why. */
static int judge(struct proposal *proposal, struct reconcile_thing *thing, const char *path)
{
	struct reconcile *run = proposal->run;
	struct itsm_findings findings;
	struct itsm_record *record;
	size_t i;

	itsm_findings_init(&findings, run->arena);
	record = itsm_record_read(run->arena, run->desk->kinds, path, proposal->text.data, proposal->text.length, &findings);
	if (record)
		itsm_record_check(record, &findings);
	for (i = 0; i < findings.count && !thing->unclear; i++)
		if (findings.items[i].severity == ITSM_SEVERITY_ERROR)
			thing->unclear = findings.items[i].message;
	return thing->unclear || !record ? -1 : 0;
}

/* A new file: the fields of the kind in its order, then what is below free YAML. */
static int compose(struct proposal *proposal, struct reconcile_thing *thing, size_t count)
{
	const struct itsm_kind *kind = proposal->run->map.kind;
	struct itsm_edit *known = itsm_arena_alloc(proposal->run->arena, (count + 1) * sizeof(*known));
	struct itsm_edit *below = itsm_arena_alloc(proposal->run->arena, (count + 1) * sizeof(*below));
	struct itsm_buffer whole = {0};
	size_t known_count = 0, below_count = 0, i;
	int status;

	for (i = 0; i < count; i++)
		if (strcmp(thing->edits[i].field, "state") == 0 || itsm_kind_field(kind, thing->edits[i].field))
			known[known_count++] = thing->edits[i];
		else
			below[below_count++] = thing->edits[i];
	status = itsm_record_compose(kind, known, known_count, NULL, false, &proposal->text, proposal->err);
	if (status == 0 && below_count)
		status = itsm_yaml_edit(proposal->text.data, proposal->text.length, 1, below, below_count, &whole, proposal->err);
	if (status == 0 && below_count) {
		itsm_buffer_clear(&proposal->text);
		itsm_buffer_add(&proposal->text, whole.data, whole.length);
	}
	itsm_buffer_free(&whole);
	return status;
}

static int propose(struct proposal *proposal, struct reconcile_thing *thing)
{
	struct reconcile *run = proposal->run;
	const struct itsm_record *record = thing->record ? thing->record->record : NULL;
	size_t count = add_origin(run, thing, thing->edits, thing->field_count);
	const char *path = record ? record->path : itsm_kind_path(run->arena, run->map.kind, thing->id, run->desk->options.now, NULL);
	int status;

	itsm_buffer_clear(&proposal->text);
	status = record ? itsm_record_edit(record, thing->edits, count, NULL, &proposal->text, proposal->err)
		: compose(proposal, thing, count);
	if (status != 0) {
		itsm_error_prefix(proposal->err, "%s", thing->id);
		return status;
	}
	if (judge(proposal, thing, path) != 0)
		return itsm_error_set(proposal->err, ITSM_EREFUSED, "%s would not be sound: %s; correct the map", thing->id,
			thing->unclear ? thing->unclear : "it can't be read");
	return itsm_bulk_put(proposal->bulk, path, proposal->text.data, proposal->text.length, proposal->err);
}

static int propose_all(struct proposal *proposal)
{
	struct reconcile *run = proposal->run;
	const struct itsm_reconcile_result *result = run->result;
	const char *message = run->options->message;
	size_t i, count = result->extra + result->differing;
	int status;

	itsm_buffer_printf(&proposal->text, "%s: %zu record%s as found\n\n", run->map.source, count, count == 1 ? "" : "s");
	if (message && *message)
		itsm_buffer_printf(&proposal->text, "%s\n\n", message);
	itsm_buffer_printf(&proposal->text, "Itsm-Action: reconcile\nItsm-Reconcile: %s\n", run->map.source);
	status = itsm_bulk_commit(proposal->bulk, proposal->text.data, NULL, &proposal->identity, proposal->err);
	for (i = 0; i < run->thing_count && status == 0; i++) {
		struct reconcile_thing *thing = &run->things[i];

		if (!thing->unclear && (!thing->record || thing->field_count))
			status = propose(proposal, thing);
	}
	return status;
}

int reconcile_write(struct reconcile *run, struct itsm_error *err)
{
	struct proposal proposal = {.run = run, .err = err};
	const char *branch = run->options->branch;
	struct itsm_repo *repo;
	int status;

	if (!run->result->extra && !run->result->differing)
		return 0;
	if (!branch)
		branch = itsm_arena_printf(run->desk->arena, "reconcile/%s", run->map.source);
	if ((status = itsm_desk_repository(run->desk, &repo, err)) != 0 ||
	    (status = itsm_place_identity(run->arena, &run->desk->place, &proposal.identity, err)) != 0 ||
	    (status = itsm_bulk_begin(repo, &proposal.bulk, err)) != 0)
		return status;
	proposal.identity.seconds = run->desk->options.now;
	proposal.identity.offset_minutes = run->desk->options.now_offset_minutes;
	status = propose_all(&proposal);
	itsm_buffer_free(&proposal.text);
	if (status != 0) {
		itsm_bulk_abort(proposal.bulk);
		return status;
	}
	status = itsm_bulk_propose(proposal.bulk, branch, "Itsm-Reconcile", run->map.source, &run->result->commit,
		&run->result->written, err);
	if (status == 0)
		run->result->branch = itsm_arena_strdup(run->desk->arena, branch);
	return status;
}
