/* A version of the record, cut into what is merged by its own rules. */
#include <string.h>

#include "merge_job.h"

static struct merge_span span_of(struct merge_span all, size_t start, size_t end)
{
	return (struct merge_span){all.text + start, end - start};
}

int merge_version_read(struct itsm_arena *arena, bool markdown, const char *text, size_t size,
	struct merge_version *out, struct itsm_error *err)
{
	struct merge_version version = {.all = {text, size}};
	struct itsm_document *document = &version.document;
	size_t bom;
	struct itsm_yaml *root;
	int status = itsm_document_read(text, size, markdown, document, err);

	if (status)
		return status;
	if (markdown && !document->front)
		return itsm_error_set_at(err, ITSM_EDATA, 1, 1, "no front matter; begin the file with '---'");
	bom = document->bom ? 3 : 0;
	if (markdown) {
		version.open = span_of(version.all, 0, document->front_start);
		version.front = span_of(version.all, document->front_start, document->front_end);
		version.fence = span_of(version.all, document->front_end, document->body_start);
		version.body = span_of(version.all, document->body_start, size);
		status = itsm_document_sections(arena, text, size, document, &version.sections, &version.section_count, err);
	} else {
		version.open = span_of(version.all, 0, bom);
		version.front = span_of(version.all, bom, size);
	}
	if (!status)
		status = itsm_yaml_parse(arena, version.front.text, version.front.size,
			markdown ? document->front_line : 1, &root, err);
	if (status)
		return status;
	if (root->type != ITSM_YAML_MAPPING)
		return itsm_error_set_at(err, ITSM_EDATA, root->line, root->column, "holds no fields; write 'name: value' lines");
	version.root = root;
	*out = version;
	return ITSM_OK;
}

struct merge_span merge_convert(struct itsm_arena *arena, const char *text, size_t size, bool crlf)
{
	struct itsm_buffer converted = {0};
	struct merge_span span;
	size_t start, end;

	for (start = 0; start < size; start = end + 1) {
		const char *stop = memchr(text + start, '\n', size - start);
		bool cr = stop && stop > text + start && stop[-1] == '\r';

		end = stop ? (size_t)(stop - text) : size;
		itsm_buffer_add(&converted, text + start, end - start - cr);
		if (stop)
			itsm_buffer_puts(&converted, crlf ? "\r\n" : "\n");
	}
	span.text = itsm_arena_strndup(arena, converted.data ? converted.data : "", converted.length);
	span.size = converted.length;
	itsm_buffer_free(&converted);
	return span;
}

bool merge_span_equal(struct merge_span a, struct merge_span b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.text, b.text, a.size) == 0);
}

size_t merge_line_start(struct merge_span span, size_t offset)
{
	while (offset > 0 && span.text[offset - 1] != '\n')
		offset--;
	return offset;
}

size_t merge_line_next(struct merge_span span, size_t offset)
{
	const char *stop = offset < span.size ? memchr(span.text + offset, '\n', span.size - offset) : NULL;

	return stop ? (size_t)(stop - span.text) + 1 : span.size;
}
