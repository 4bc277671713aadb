/* itsm items reconcile: what is declared against what a source has found. */
#include "items.h"
#include "itsm/reconcile.h"
#include "output.h"

#define MAP_MAX_BYTES (1u << 20)

struct telling {
	struct context *context;
	struct itsm_emitter *emitter;
};

static const char *const columns[] = {"id", "class", "drift", "field", "declared", "discovered", "reason"};
static const char *const sorts[] = {"missing", "extra", "differing", "dangling", "unclear"};

/* A row for each field that differs; one row where it is not about fields. */
static int tell(void *data, const struct itsm_drift *drift)
{
	struct telling *telling = data;
	bool fields = drift->sort == ITSM_DRIFT_DIFFERING;
	size_t i;

	for (i = 0; i < (fields ? drift->count : 1); i++) {
		const struct itsm_difference *difference = fields ? &drift->fields[i] : NULL;
		const struct itsm_value row[] = {
			output_text(drift->id),
			output_text(drift->class_name),
			output_text(sorts[drift->sort]),
			output_text(difference ? difference->field : NULL),
			output_text(difference ? difference->old_text : NULL),
			output_text(difference ? difference->new_text : NULL),
			output_text(drift->reason),
		};

		itsm_emit_row(telling->emitter, row);
	}
	return 0;
}

static void summarise(struct context *context, const struct itsm_reconcile_result *result)
{
	char commit[41];

	context_progress_clear(context);
	output_note(context, "%zu found: %zu as declared, %zu differing, %zu extra; %zu missing, %zu dangling, %zu unclear",
		result->discovered, result->same, result->differing, result->extra, result->missing, result->dangling,
		result->unclear);
	if (!result->branch)
		return;
	itsm_oid_text(&result->commit, commit);
	output_note(context, result->written ? "proposed on the branch %s: %.8s" : "the branch %s says so already: %.8s",
		result->branch, commit);
}

int items_reconcile(struct context *context, struct itsm_words words, const struct items_values *values,
	struct itsm_error *err)
{
	struct telling telling = {context, NULL};
	struct itsm_reconcile_result result;
	struct itsm_reconcile_options options = {
		.map_path = values->map,
		.write = values->write,
		.branch = values->branch,
		.message = values->message,
		.drift = tell,
		.context = &telling,
	};
	const char **files = itsm_arena_alloc(context->arena, (words.count + 1) * sizeof(*files));
	struct itsm_buffer map = {0};
	int status, ended;
	size_t i;

	if (!values->map || !words.count)
		return itsm_error_set(err, ITSM_EUSAGE, "items: reconcile takes --map MAP and the files of the source");
	for (i = 0; i < words.count; i++)
		files[i] = context_path(context, words.items[i]);
	options.files = files;
	options.file_count = words.count;
	if ((status = context_read(values->map, MAP_MAX_BYTES, &map, err)) != 0)
		return status;
	options.map = map.data;
	options.map_size = map.length;
	telling.emitter = output_begin(context, values->format, "items", columns, sizeof(columns) / sizeof(*columns));
	status = itsm_desk_reconcile(context->desk, &options, &result, err);
	itsm_buffer_free(&map);
	ended = itsm_emit_end(telling.emitter, status ? NULL : err);
	if (status || ended)
		return status ? status : ended;
	summarise(context, &result);
	return result.missing + result.extra + result.differing + result.dangling + result.unclear ? output_told(err) : ITSM_OK;
}
