/*
 * Import: rows of another system to records, in one commit or in one for each row.
 *
 * Phases: read the map; read every row, making and judging its values; take
 * the lock and look into the desk for what is there; write. The branch moves at
 * the very end, so whatever goes wrong before leaves the desk as it was.
 *
 *   import_map.c import_block.c import_rule.c   the map
 *   import_bind.c import_template.c import_time.c
 *   import_csv.c import_folder.c                where rows come from
 *   import_row.c import_render.c import_value.c import_ensure.c
 *                                               from a row to cells
 *   import_known.c import_base.c import_ledger.c what the desk has
 *   import_compose.c import_merge.c             from cells to text
 *   import_final.c import_replay.c              the commits
 *   import_text.c                               texts by number
 */
#include <string.h>

#include "import_run.h"

void import_run_start(struct import_run *run)
{
	size_t widest = 0, i;

	run->texts = import_texts_new(run->arena);
	run->no_text = import_texts_add(run->texts, "\x1f", 1);
	run->by_key.arena = run->by_id.arena = run->list_of.arena = run->arena;
	run->raw = itsm_arena_alloc(run->arena, (run->map.column_count + 1) * sizeof(*run->raw));
	run->last = itsm_arena_alloc(run->arena, (run->map.column_count + 1) * sizeof(*run->last));
	run->nulls = itsm_arena_alloc(run->arena, (run->map.null_count + 1) * sizeof(*run->nulls));
	for (i = 0; i < run->map.null_count; i++)
		run->nulls[i] = import_texts_add(run->texts, run->map.nulls[i], strlen(run->map.nulls[i]));
	for (i = 0; i < run->map.block_count; i++)
		widest = run->map.blocks[i].target_count > widest ? run->map.blocks[i].target_count : widest;
	run->scratch = itsm_arena_alloc(
		run->arena, sizeof(*run->scratch) + (widest + run->map.ensure_count) * sizeof(*run->scratch->cells));
}

static int read_identity(struct import_run *run)
{
	int status = itsm_place_identity(run->arena, itsm_desk_place(run->desk), &run->identity, run->err);

	run->identity.seconds = run->desk->options.now;
	run->identity.offset_minutes = run->desk->options.now_offset_minutes;
	return status;
}

static int read_all(struct import_run *run)
{
	const struct itsm_import_options *options = run->options;
	int status = import_map_read(&run->map, run->arena, itsm_desk_kinds(run->desk), options->map_path, options->map,
		options->map_size, run->err);

	if (status != 0)
		return status;
	if (options->replay && !run->map.time)
		return itsm_error_set(run->err, ITSM_EUSAGE,
			"%s has no `replay:`; say there which column holds the time of a row", options->map_path);
	if (run->map.json)
		return itsm_error_set(run->err, ITSM_EUSAGE,
			"%s is a map for alerts; give it to `itsm event ingest --map`", options->map_path);
	import_run_start(run);
	if ((!options->dry_run && (status = read_identity(run)) != 0) ||
	    (status = itsm_desk_repository(run->desk, &run->repo, run->err)) != 0)
		return status;
	return run->map.markdown ? import_read_folder(run) : import_read_csv(run);
}

static int write_all(struct import_run *run)
{
	int status;

	if (run->options->replay)
		import_replay_order(run);
	if (!run->options->dry_run && (status = itsm_bulk_begin(run->repo, &run->bulk, run->err)) != 0)
		return status;
	if ((status = import_known_find(run)) != 0)
		return status;
	if (!run->options->replay)
		return import_write_final(run);
	status = import_ledger_mark(run);
	return status ? status : import_write_replay(run);
}

static int finish(struct import_run *run)
{
	struct itsm_bulk *bulk = run->bulk;
	struct itsm_oid head = run->head;
	int status = 0;

	if (bulk && run->result->commits) {
		run->bulk = NULL;
		itsm_desk_progress(run->desk, "moving the branch", 0, 0);
		status = itsm_bulk_end(bulk, &head, run->err);
	}
	run->result->head = head;
	return status;
}

int itsm_desk_import(struct itsm_desk *desk, const struct itsm_import_options *options, struct itsm_import_result *out,
	struct itsm_error *err)
{
	struct itsm_import_result result = {0};
	struct itsm_error local = {0};
	struct import_run run = {
		.desk = desk,
		.options = options,
		.result = &result,
		.err = &local,
		.arena = itsm_arena_new(),
	};
	int status = read_all(&run);

	if (status == 0)
		status = write_all(&run);
	if (status == 0)
		status = finish(&run);
	itsm_bulk_abort(run.bulk);
	import_map_free(&run.map);
	itsm_buffer_free(&run.buffer);
	itsm_buffer_free(&run.work);
	itsm_buffer_free(&run.text);
	itsm_arena_free(run.arena);
	if (status == 0)
		*out = result;
	else if (err)
		*err = local;
	return status;
}
