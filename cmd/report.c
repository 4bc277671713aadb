#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "itsm/review.h"
#include "output.h"

struct printing {
	struct context *context;
	const struct report_request *request;
	const struct itsm_findings *findings;
	bool prepared;
	struct itsm_report report;
	struct itsm_review review;
};

typedef int (*form_write)(struct printing *printing, int what, const struct palette *palette, struct itsm_buffer *out,
	struct itsm_error *err);

static int write_text(struct printing *printing, int what, const struct palette *palette, struct itsm_buffer *out,
	struct itsm_error *err)
{
	size_t i;

	(void)what;
	(void)err;
	for (i = 0; i < printing->findings->count; i++)
		output_finding(palette, &printing->findings->items[i], out);
	return ITSM_OK;
}

static int gather(void *context, const char *data, size_t length)
{
	itsm_buffer_add(context, data, length);
	return 0;
}

static struct itsm_value number_or_null(unsigned number)
{
	return number ? output_integer(number) : output_text(NULL);
}

static int write_table(struct printing *printing, int what, const struct palette *palette, struct itsm_buffer *out,
	struct itsm_error *err)
{
	static const char *const columns[] = {"id", "path", "line", "column", "severity", "rule", "message", "remedy"};
	const struct itsm_sink sink = {gather, out};
	const struct itsm_emit_options options = {.format = (enum itsm_format)what, .header = true,
		.command = printing->request->command ? printing->request->command : "check"};
	struct itsm_emitter *emitter = itsm_emit_begin(&sink, &options, columns, sizeof(columns) / sizeof(*columns));
	const char *last = "";
	size_t i;

	(void)palette;
	for (i = 0; i < printing->findings->count; i++) {
		const struct itsm_finding *finding = &printing->findings->items[i];

		if (what == ITSM_FORMAT_ID && (!finding->record || !strcmp(finding->record, last)))
			continue;
		last = finding->record ? finding->record : "";
		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(finding->record), output_text(finding->path), number_or_null(finding->line),
			number_or_null(finding->column), output_text(itsm_severity_name(finding->severity)),
			output_text(finding->rule), output_text(finding->message), output_text(finding->remedy),
		});
	}
	return itsm_emit_end(emitter, err);
}

static int prepare(struct printing *printing, struct itsm_error *err)
{
	struct context *context = printing->context;

	if (printing->prepared)
		return ITSM_OK;
	printing->prepared = true;
	return itsm_desk_report(context->desk, context->arena, printing->findings, &printing->report, err);
}

static int write_report(struct printing *printing, int what, const struct palette *palette, struct itsm_buffer *out,
	struct itsm_error *err)
{
	int status = prepare(printing, err);

	(void)palette;
	if (!status)
		itsm_report_write((enum itsm_report_format)what, &printing->report, out);
	return status;
}

static int write_markdown(struct printing *printing, int what, const struct palette *palette, struct itsm_buffer *out,
	struct itsm_error *err)
{
	struct context *context = printing->context;
	const char *range = printing->request->range;
	int status = prepare(printing, err);

	(void)what;
	(void)palette;
	if (!status && range && !printing->review.base)
		status = itsm_desk_review(context->desk, context->arena, range, printing->findings, &printing->review, err);
	if (!status)
		itsm_review_markdown(range ? &printing->review : NULL, &printing->report, out);
	return status;
}

static const struct form {
	const char *name;
	form_write write;
	int what;
} forms[] = {
	{"text", write_text, 0},
	{"json", write_table, ITSM_FORMAT_JSON},
	{"csv", write_table, ITSM_FORMAT_CSV},
	{"id", write_table, ITSM_FORMAT_ID},
	{"junit", write_report, ITSM_REPORT_JUNIT},
	{"sarif", write_report, ITSM_REPORT_SARIF},
	{"github", write_report, ITSM_REPORT_GITHUB},
	{"gitlab", write_report, ITSM_REPORT_GITLAB},
	{"tap", write_report, ITSM_REPORT_TAP},
	{"markdown", write_markdown, 0},
};

static int find_form(const char *name, size_t length, const struct form **out, struct itsm_error *err)
{
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (strlen(forms[i].name) == length && !memcmp(forms[i].name, name, length)) {
			*out = &forms[i];
			return ITSM_OK;
		}
	}
	return itsm_error_set(err, ITSM_EUSAGE, "'%.*s' is no format; there are " REPORT_FORMS, (int)length, name);
}

/* FORMAT=FILE */
static int split_output(const char *word, const struct form **form, const char **file, struct itsm_error *err)
{
	const char *equals = strchr(word, '=');

	if (!equals || !equals[1])
		return itsm_error_set(err, ITSM_EUSAGE, "--output takes FORMAT=FILE, such as sarif=itsm.sarif, not '%s'", word);
	*file = equals + 1;
	if (!strcmp(*file, "-"))
		return itsm_error_set(err, ITSM_EUSAGE, "--output writes files; --format %.*s prints", (int)(equals - word), word);
	return find_form(word, (size_t)(equals - word), form, err);
}

int report_verify(const struct report_request *request, struct itsm_error *err)
{
	const char *format = request->format ? request->format : "text", *file, *other;
	const struct form *form = NULL;
	size_t i, j;
	int status = find_form(format, strlen(format), &form, err);

	for (i = 0; i < request->outputs.count && !status; i++) {
		status = split_output(request->outputs.items[i], &form, &file, err);
		for (j = 0; j < i && !status; j++) {
			other = strchr(request->outputs.items[j], '=') + 1;
			if (!strcmp(file, other))
				status = itsm_error_set(err, ITSM_EUSAGE, "--output names '%s' twice; give each format a file of its own", file);
		}
	}
	return status;
}

/*
 * In a pipeline the folder is the proposal's: what it puts there, a link say, is
 * not written through. A device or pipe would be replaced by a file.
 */
static int write_file(struct context *context, const char *file, const struct itsm_buffer *text, struct itsm_error *err)
{
	struct stat there;
	int status;

	if (!lstat(file, &there) && !S_ISREG(there.st_mode))
		return itsm_error_set(err, ITSM_EIO, "'%s' is no regular file; nothing was written to it", file);
	status = itsm_file_write(AT_FDCWD, context_path(context, file), text->data ? text->data : "", text->length, err);
	if (status && err) {
		itsm_error_prefix(err, "--output");
		err->status = ITSM_EIO;
	}
	return status ? ITSM_EIO : ITSM_OK;
}

static int print_stdout(struct printing *printing, struct itsm_error *err)
{
	const char *format = printing->request->format ? printing->request->format : "text";
	struct itsm_buffer text = {0};
	const struct form *form = NULL;
	int status = find_form(format, strlen(format), &form, err);

	if (!status)
		status = form->write(printing, form->what, &printing->context->palette, &text, err);
	if (!status && text.length && form->write == write_text)
		output_page(printing->context);
	if (!status)
		output_flush(printing->context, &text);
	itsm_buffer_free(&text);
	return status;
}

static int print_file(struct printing *printing, const char *word, struct itsm_error *err)
{
	static const struct palette plain = {"", "", "", "", "", "", ""};
	struct itsm_buffer text = {0};
	const struct form *form = NULL;
	const char *file;
	int status = split_output(word, &form, &file, err);

	if (!status)
		status = form->write(printing, form->what, &plain, &text, err);
	if (!status)
		status = write_file(printing->context, file, &text, err);
	itsm_buffer_free(&text);
	return status;
}

int report_print(struct context *context, const struct report_request *request, const struct itsm_findings *findings,
	struct itsm_error *err)
{
	struct printing printing = {.context = context, .request = request, .findings = findings};
	int status = print_stdout(&printing, err), ending;
	size_t i;

	for (i = 0; i < request->outputs.count; i++) {
		ending = print_file(&printing, request->outputs.items[i], status ? NULL : err);
		status = status ? status : ending;
	}
	return status;
}
