#include "entry.h"

#include <stdio.h>
#include <string.h>

#include "entry_text.h"
#include "output.h"

static const char *const json_columns[] = {
	"id", "kind", "change", "path", "changes", "commit", "at", "author", "mail", "subject", "message",
};
static const char *const csv_columns[] = {
	"id", "kind", "change", "path", "field", "old", "new", "line", "commit", "at", "author", "mail", "subject",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define COMMIT_COLUMNS 6     /* the last of json_columns: none of them in a diff */
#define CSV_COMMIT_COLUMNS 5

static bool is_json(const struct entry_printer *printer)
{
	return printer->format == ITSM_FORMAT_JSON || printer->format == ITSM_FORMAT_JSONL;
}

static void begin(struct entry_printer *printer)
{
	size_t json = COUNT(json_columns) - (printer->commits ? 0 : COMMIT_COLUMNS);
	size_t csv = COUNT(csv_columns) - (printer->commits ? 0 : CSV_COMMIT_COLUMNS);

	if (printer->begun)
		return;
	printer->begun = true;
	context_progress_clear(printer->context);
	if (printer->format == ITSM_FORMAT_TEXT)
		output_page(printer->context);
	else if (is_json(printer))
		printer->emitter = output_begin(printer->context, printer->format, printer->command, json_columns, json);
	else
		printer->emitter = output_begin(printer->context, printer->format, printer->command, csv_columns, csv);
}

static void add_changes(const struct itsm_log_entry *entry, struct itsm_buffer *out)
{
	const struct itsm_difference *difference;
	size_t position;

	itsm_buffer_putc(out, '[');
	for (position = 0; position < entry->count; position++) {
		difference = &entry->differences[position];
		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "field", difference->field);
		output_json_pair(out, "old", difference->old_text);
		output_json_pair(out, "new", difference->new_text);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

static void emit_json(struct entry_printer *printer, const struct itsm_log_entry *entry)
{
	struct itsm_buffer changes = {0}, message = {0};
	char commit[41], at[ITSM_TIME_TEXT];

	add_changes(entry, &changes);
	entry_message(&entry->commit, &message);
	itsm_oid_text(&entry->commit.oid, commit);
	itsm_time_format_utc(entry->commit.author.seconds, at);
	itsm_emit_row(printer->emitter, (struct itsm_value[]){
		output_text(entry->id), output_text(entry->kind), output_text(entry->change), output_text(entry->path),
		output_json(changes.data), output_text(commit), {.type = ITSM_VALUE_TIME, .text = at},
		output_text(entry->commit.author.name), output_text(entry->commit.author.mail),
		output_text(entry->commit.subject), output_text(message.data),
	});
	itsm_buffer_free(&changes);
	itsm_buffer_free(&message);
}

static void emit_rows(struct entry_printer *printer, const struct itsm_log_entry *entry)
{
	const struct itsm_difference nothing = {0}, *difference;
	char commit[41], at[ITSM_TIME_TEXT];
	size_t position;

	itsm_oid_text(&entry->commit.oid, commit);
	itsm_time_format_utc(entry->commit.author.seconds, at);
	for (position = 0; position < (entry->count ? entry->count : 1); position++) {
		difference = entry->count ? &entry->differences[position] : &nothing;
		itsm_emit_row(printer->emitter, (struct itsm_value[]){
			output_text(entry->id), output_text(entry->kind), output_text(entry->change), output_text(entry->path),
			output_text(difference->field), output_text(difference->old_text), output_text(difference->new_text),
			output_integer(difference->line), output_text(commit), {.type = ITSM_VALUE_TIME, .text = at},
			output_text(entry->commit.author.name), output_text(entry->commit.author.mail),
			output_text(entry->commit.subject),
		});
		if (printer->format == ITSM_FORMAT_ID)
			break;
	}
}

static void emit_id(struct entry_printer *printer, const struct itsm_log_entry *entry)
{
	if (!strcmp(printer->last_id, entry->id))
		return;
	snprintf(printer->last_id, sizeof(printer->last_id), "%s", entry->id);
	emit_rows(printer, entry);
}

int entry_print(void *data, const struct itsm_log_entry *entry)
{
	struct entry_printer *printer = data;

	begin(printer);
	if (printer->format == ITSM_FORMAT_TEXT)
		entry_text(printer, entry);
	else if (is_json(printer))
		emit_json(printer, entry);
	else if (printer->format == ITSM_FORMAT_ID)
		emit_id(printer, entry);
	else
		emit_rows(printer, entry);
	printer->count++;
	return printer->context->closed;
}

int entry_end(struct entry_printer *printer, int status, struct itsm_error *err)
{
	int ending = ITSM_OK;

	if (!status)
		begin(printer);
	if (printer->emitter)
		ending = itsm_emit_end(printer->emitter, status ? NULL : err);
	itsm_buffer_free(&printer->text);
	return status ? status : ending;
}
