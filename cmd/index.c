/* itsm index: what the index knows, building it anew, checking it. */
#include <string.h>

#include "command.h"
#include "itsm/warehouse.h"
#include "output.h"

#define DIFFERENCES 20

struct index_values {
	enum itsm_format format;
};

static const struct option_row options[] = {
	FORMAT_ROW(struct index_values),
	{0},
};

const struct syntax index_syntax = {
	.words = "[status|rebuild|verify]",
	.options = options,
	.size = sizeof(struct index_values),
	.most = 1,
};

static void add_size(struct itsm_buffer *out, int64_t bytes)
{
	if (bytes < 10000)
		itsm_buffer_printf(out, "%lld B", (long long)bytes);
	else if (bytes < 10000000)
		itsm_buffer_printf(out, "%lld KB", (long long)bytes / 1000);
	else
		itsm_buffer_printf(out, "%lld MB", (long long)bytes / 1000000);
}

static void add_commit(struct itsm_buffer *out, const struct itsm_oid *known, const struct itsm_oid *head)
{
	char text[41];

	if (itsm_oid_is_zero(known)) {
		itsm_buffer_puts(out, ", not looked at yet");
		return;
	}
	itsm_oid_text(known, text);
	itsm_buffer_printf(out, " up to %.12s%s", text, itsm_oid_equal(known, head) ? ", the HEAD of now" :
		", which is not HEAD: the next look brings it along");
}

static void print_status(struct context *context, const struct itsm_desk_index_status *status)
{
	const struct itsm_index_status *index = &status->index;
	struct itsm_buffer out = {0};

	itsm_buffer_puts(&out, "index      ");
	itsm_escape_terminal(&out, index->path, false);
	if (!status->exists)
		itsm_buffer_puts(&out, "\n           is not there yet: the first command that reads builds it");
	if (index->trouble) {
		itsm_buffer_puts(&out, "\n           cannot be used, so commands build one in memory: ");
		itsm_escape_terminal(&out, index->trouble, false);
	}
	itsm_buffer_putc(&out, '\n');
	if (status->exists) {
		itsm_buffer_printf(&out, "format     %d, for kinds %s\n", index->format, index->kinds);
		itsm_buffer_printf(&out, "work tree  %lld records%s\n", (long long)index->work_files,
			index->work ? "" : ", not looked at yet");
		itsm_buffer_printf(&out, "HEAD       %lld records", (long long)index->head_files);
		add_commit(&out, &index->head, &status->head);
		itsm_buffer_printf(&out, "\nversions   %lld\n", (long long)index->versions);
		itsm_buffer_printf(&out, "history    %lld commits, %lld changes of records",
			(long long)index->commits, (long long)index->touches);
		add_commit(&out, &index->history, &status->head);
		itsm_buffer_putc(&out, '\n');
	}
	for (size_t i = 0; i < status->file_count; i++) {
		itsm_buffer_puts(&out, i ? "           " : "files      ");
		output_padded(&out, status->files[i].name, 24);
		itsm_buffer_putc(&out, ' ');
		add_size(&out, status->files[i].bytes);
		itsm_buffer_putc(&out, '\n');
	}
	output_flush(context, &out);
	itsm_buffer_free(&out);
}

static struct itsm_value commit_value(struct context *context, const struct itsm_oid *commit)
{
	char text[41];

	itsm_oid_text(commit, text);
	return output_text(itsm_oid_is_zero(commit) ? NULL : itsm_arena_strdup(context->arena, text));
}

static int emit_status(struct context *context, const struct itsm_desk_index_status *status, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {
		"path", "exists", "trouble", "format", "kinds", "bytes", "log_bytes", "work_records", "head_records", "head",
		"versions", "commits", "changes", "history", "files",
	};
	const struct itsm_index_status *index = &status->index;
	struct itsm_emitter *emitter = output_begin(context, format, "index", columns, sizeof(columns) / sizeof(*columns));
	struct itsm_buffer files = {0};

	itsm_buffer_putc(&files, '[');
	for (size_t i = 0; i < status->file_count; i++) {
		output_json_next(&files);
		itsm_buffer_putc(&files, '{');
		output_json_pair(&files, "name", status->files[i].name);
		output_json_number(&files, "bytes", status->files[i].bytes);
		itsm_buffer_putc(&files, '}');
	}
	itsm_buffer_putc(&files, ']');
	itsm_emit_row(emitter, (struct itsm_value[]){
		output_text(index->path), output_boolean(status->exists), output_text(index->trouble),
		output_integer(index->format), output_text(index->kinds), output_integer(index->bytes),
		output_integer(index->log_bytes), output_integer(index->work_files), output_integer(index->head_files),
		commit_value(context, &index->head), output_integer(index->versions), output_integer(index->commits),
		output_integer(index->touches), commit_value(context, &index->history), output_json(files.data),
	});
	itsm_buffer_free(&files);
	return itsm_emit_end(emitter, err);
}

static int tell(struct context *context, enum itsm_format format, struct itsm_error *err)
{
	struct itsm_desk_index_status status;
	int result = itsm_desk_index_status(context->desk, context->arena, &status, err);

	if (result)
		return result;
	if (format != ITSM_FORMAT_TEXT)
		return emit_status(context, &status, format, err);
	print_status(context, &status);
	return ITSM_OK;
}

static void add_difference(void *emitter, const char *where, bool missing, const char *row)
{
	itsm_emit_row(emitter, (struct itsm_value[]){
		output_text(where), output_text(strcmp(where, "file") == 0 ? "damaged" : missing ? "missing" : "surplus"),
		output_text(row),
	});
}

static int verify(struct context *context, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"where", "what", "row"};
	struct itsm_emitter *emitter = output_begin(context, format, "index", columns, 3);
	struct itsm_examination examination = {.limit = DIFFERENCES, .difference = add_difference, .context = emitter};
	int status = itsm_desk_index_verify(context->desk, &examination, err), ending;

	context_progress_clear(context);
	ending = itsm_emit_end(emitter, status ? NULL : err);
	if (status || ending)
		return status ? status : ending;
	if (!examination.count) {
		output_note(context, "the index says what the desk says");
		return ITSM_OK;
	}
	output_note(context, "%zu differences%s; mend it with: itsm index rebuild", examination.count,
		examination.count > DIFFERENCES ? ", the first are told" : "");
	return output_told(err);
}

int command_index(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct index_values *values = data;
	const char *word = words.count ? words.items[0] : "status";
	int status;

	if (!strcmp(word, "status"))
		return tell(context, values->format, err);
	if (!strcmp(word, "verify"))
		return verify(context, values->format, err);
	if (strcmp(word, "rebuild") != 0)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is nothing to do with the index; there are status, rebuild and verify",
			word);
	status = itsm_desk_index_rebuild(context->desk, err);
	context_progress_clear(context);
	return status ? status : tell(context, values->format, err);
}
