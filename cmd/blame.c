/* itsm blame: who set each field, and who wrote each line of each section. */
#include <string.h>

#include "command.h"
#include "output.h"

#define NAME_WIDTH_MAX 24
#define AUTHOR_WIDTH_MAX 24

struct blame_values {
	const char *at;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "at", "REV", OPTION_TEXT, offsetof(struct blame_values, at), "take the record as committed at REV"},
	FORMAT_ROW(struct blame_values),
	{0},
};

const struct syntax blame_syntax = {
	.words = "ID",
	.options = options,
	.size = sizeof(struct blame_values),
	.least = 1,
	.most = 1,
};

static int emit(struct context *context, const struct itsm_blame *blame, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {
		"id", "field", "line", "text", "committed", "commit", "at", "author", "mail", "subject",
	};
	struct itsm_emitter *emitter = output_begin(context, format, "blame", columns, sizeof(columns) / sizeof(*columns));
	char commit[41];

	for (size_t i = 0; i < blame->count && !(format == ITSM_FORMAT_ID && i); i++) {
		const struct itsm_blame_entry *entry = &blame->entries[i];
		const struct itsm_blame_source *source = entry->source;
		bool committed = source->committed;

		itsm_oid_text(&source->commit, commit);
		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(blame->id), output_text(entry->field), output_integer(entry->line), output_text(entry->text),
			output_boolean(committed), output_text(committed ? commit : NULL),
			committed ? output_time(context, source->at) : output_text(NULL),
			output_text(committed ? source->author : NULL), output_text(committed ? source->mail : NULL),
			output_text(committed ? source->subject : NULL),
		});
	}
	return itsm_emit_end(emitter, err);
}

static bool is_section(const char *field)
{
	return !strncmp(field, "## ", 3) || !strcmp(field, "body");
}

/* "8c5e0f3a  2026-11-22 10:00 +01:00  Ada Lovelace  " */
static void add_source(struct context *context, const struct itsm_blame_source *source, size_t width,
	struct itsm_buffer *out)
{
	const struct palette *palette = &context->palette;
	char commit[41];

	if (!source->committed) {
		itsm_buffer_printf(out, "%s--------%s  ", palette->warning, palette->reset);
		output_padded(out, "not committed yet", sizeof("2026-11-22 10:00 +01:00  ") - 1 + width);
		itsm_buffer_puts(out, "  ");
		return;
	}
	itsm_oid_text(&source->commit, commit);
	itsm_buffer_printf(out, "%s%.8s%s  ", palette->warning, commit, palette->reset);
	output_moment(context, source->at, out);
	itsm_buffer_puts(out, "  ");
	output_padded(out, source->author, width);
	itsm_buffer_puts(out, "  ");
}

static size_t wider(size_t width, const char *text, size_t most)
{
	size_t length = strlen(text);

	return length > width && length <= most ? length : width;
}

static void print(struct context *context, const struct itsm_blame *blame)
{
	const struct palette *palette = &context->palette;
	const struct itsm_record *record = blame->record;
	size_t names = 0, authors = 0;
	struct itsm_buffer out = {0};
	const char *section = "";

	for (size_t i = 0; i < blame->count; i++) {
		authors = wider(authors, blame->entries[i].source->author, AUTHOR_WIDTH_MAX);
		if (!is_section(blame->entries[i].field))
			names = wider(names, blame->entries[i].field, NAME_WIDTH_MAX);
	}
	itsm_buffer_puts(&out, palette->bold);
	itsm_escape_terminal(&out, blame->id, false);
	itsm_buffer_printf(&out, "%s  ", palette->reset);
	itsm_escape_terminal(&out, record->title, false);
	itsm_buffer_printf(&out, "\n%s  ", record->kind->name);
	itsm_escape_terminal(&out, record->path, false);
	itsm_buffer_puts(&out, "\n\n");
	for (size_t i = 0; i < blame->count; i++) {
		const struct itsm_blame_entry *entry = &blame->entries[i];
		bool line = is_section(entry->field);

		if (line && strcmp(section, entry->field)) {
			section = entry->field;
			itsm_buffer_printf(&out, "\n%s", palette->bold);
			itsm_escape_terminal(&out, section, false);
			itsm_buffer_printf(&out, "%s\n", palette->reset);
		}
		itsm_buffer_puts(&out, "  ");
		add_source(context, entry->source, authors, &out);
		if (!line) {
			itsm_buffer_puts(&out, palette->dim);
			output_padded(&out, entry->field, names);
			itsm_buffer_printf(&out, "%s  ", palette->reset);
		}
		output_indented(&out, entry->text, 4);
		itsm_buffer_putc(&out, '\n');
	}
	output_page(context);
	output_flush(context, &out);
	itsm_buffer_free(&out);
}

int command_blame(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct blame_values *values = data;
	struct itsm_blame blame;
	int status = itsm_desk_blame(context->desk, context->arena, words.items[0], values->at, &blame, err);

	if (status)
		return status;
	context_progress_clear(context);
	if (values->format != ITSM_FORMAT_TEXT)
		return emit(context, &blame, values->format, err);
	print(context, &blame);
	return ITSM_OK;
}
