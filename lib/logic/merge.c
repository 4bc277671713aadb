/* Three records in, one text and the conflicts out. */
#include "itsm/merge.h"

#include <string.h>

#include "merge_job.h"

struct job {
	struct itsm_arena *arena;
	const struct itsm_record *ours;
	const struct itsm_merge_labels *labels;
	struct merge_version versions[MERGE_SIDES];
	struct merge_plan *plan;
	bool whole_body; /* chunks can't be told apart in the result: the body is one conflict */
};

/* What one run of the writer made. */
struct result {
	struct merge_out out;
	size_t front_start, front_end, body_start;
	struct merge_chunk *chunks;
	size_t chunk_count;
};

static struct merge_span whole_text(const struct itsm_record *record)
{
	return record ? (struct merge_span){record->text, record->size} : (struct merge_span){0};
}

static int read_versions(struct job *job, const struct itsm_record *const records[MERGE_SIDES], struct itsm_error *err)
{
	static const char *const names[] = {"base", "ours", "theirs"};
	bool crlf = job->ours->document.crlf;
	enum merge_side side;
	int status = ITSM_OK;

	for (side = MERGE_BASE; side < MERGE_SIDES && !status; side++) {
		struct merge_span text = whole_text(records[side]);

		if (!records[side]) {
			job->versions[side].front = job->versions[side].body = (struct merge_span){"", 0};
			continue;
		}
		if (records[side]->document.crlf != crlf)
			text = merge_convert(job->arena, text.text, text.size, crlf);
		status = merge_version_read(job->arena, job->ours->kind->markdown, text.text, text.size,
			&job->versions[side], err);
		if (status)
			itsm_error_prefix(err, "%s", names[side]);
	}
	return status;
}

/* Where only one side changed the bytes of a part, or both alike: that side. */
static bool one_sided(const struct job *job, struct merge_span base, struct merge_span ours, struct merge_span theirs,
	enum merge_side *side)
{
	*side = MERGE_OURS;
	if (merge_span_equal(ours, theirs))
		return true;
	if (!job->versions[MERGE_BASE].root)
		return false;
	if (merge_span_equal(base, ours))
		*side = MERGE_THEIRS;
	return *side == MERGE_THEIRS || merge_span_equal(base, theirs);
}

static void plan_front(struct job *job)
{
	const struct merge_version *versions = job->versions;
	enum merge_side side;

	job->plan = merge_plan_front(job->arena, job->ours->kind, versions);
	if (one_sided(job, versions[MERGE_BASE].front, versions[MERGE_OURS].front, versions[MERGE_THEIRS].front, &side))
		job->plan->take = side == MERGE_OURS ? MERGE_TAKE_OURS : MERGE_TAKE_THEIRS;
	merge_place(job->arena, versions, job->plan);
	if (job->plan->take == MERGE_TAKE_PARTS && !job->plan->split) {
		job->plan->take = MERGE_TAKE_CONFLICT;
		job->plan->reason = "both changed fields, and in one version these do not stand on lines of their own";
	}
}

static void write_body(struct job *job, struct result *result)
{
	const struct merge_version *versions = job->versions;
	const char *values[MERGE_SIDES];
	struct merge_span lines[MERGE_SIDES];
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		lines[side] = versions[side].body;
		values[side] = versions[side].root ? itsm_arena_strndup(job->arena, lines[side].text, lines[side].size) : NULL;
	}
	if (one_sided(job, lines[MERGE_BASE], lines[MERGE_OURS], lines[MERGE_THEIRS], &side)) {
		merge_out_span(&result->out, lines[side]);
		merge_chunks(job->arena, &versions[side], &result->chunks, &result->chunk_count);
	} else if (job->whole_body) {
		merge_out_conflict(&result->out, "body",
			"both changed the body, in ways that cannot be told apart by section", values, lines);
	} else {
		merge_body_write(&result->out, versions, &result->chunks, &result->chunk_count);
	}
}

/* Write the result, with markers for MERGE_BASE, else with every conflict settled by taking `settle`. */
static void write_result(struct job *job, enum merge_side settle, struct result *result)
{
	const struct merge_version *ours = &job->versions[MERGE_OURS];

	*result = (struct result){.out = {.arena = job->arena, .settle = settle, .labels = job->labels,
		.newline = ours->document.crlf ? "\r\n" : "\n"}};
	result->out.start = ours->document.bom ? 3 : 0;
	merge_out_span(&result->out, ours->open);
	result->front_start = result->out.text.length;
	merge_front_write(&result->out, job->versions, job->plan);
	if (ours->fence.size > 0)
		merge_out_line(&result->out);
	result->front_end = result->out.text.length;
	if (ours->fence.size > 0) {
		merge_out_span(&result->out, ours->fence);
		if (ours->body.size == 0 && job->versions[MERGE_THEIRS].body.size > 0)
			merge_out_line(&result->out);
		result->body_start = result->out.text.length;
		write_body(job, result);
	}
}

static const char *behind_number(const char *name)
{
	return strchr(name, ' ') + 1;
}

/* Are the sections of the text those that were written, where they were written? */
static bool check_body(struct job *job, const struct merge_version *read, const struct result *result)
{
	struct merge_chunk *chunks;
	size_t count, i;

	if (!job->ours->kind->markdown || job->whole_body)
		return true;
	merge_chunks(job->arena, read, &chunks, &count);
	for (i = 0; i < count && count == result->chunk_count; i++) {
		if (chunks[i].start != result->chunks[i].start ||
				strcmp(behind_number(chunks[i].name), behind_number(result->chunks[i].name)) != 0)
			return false;
	}
	return count == result->chunk_count;
}

/* Does the front matter mean what was planned? */
static bool check_front(struct job *job, enum merge_side settle, const struct result *result)
{
	const struct itsm_buffer *text = &result->out.text;
	struct itsm_yaml *root;

	return itsm_yaml_parse(job->arena, text->data + result->front_start, result->front_end - result->front_start, 1,
		&root, NULL) == ITSM_OK && merge_same(root, merge_plan_value(job->arena, job->plan, settle), true);
}

/*
 * Read the text with conflicts settled one way. What does not mean what the
 * plan says is made one conflict; `again` tells that something was.
 */
static int check(struct job *job, enum merge_side settle, bool *again, struct itsm_error *err)
{
	bool markdown = job->ours->kind->markdown, front_fine, body_fine;
	struct merge_version read = {0};
	struct itsm_error error = {0};
	struct result result;
	int status;

	write_result(job, settle, &result);
	if (!result.out.text.data)
		itsm_buffer_puts(&result.out.text, "");
	front_fine = check_front(job, settle, &result);
	status = merge_version_read(job->arena, markdown, result.out.text.data, result.out.text.length, &read, &error);
	body_fine = !status && (!markdown || read.document.front_end == result.front_end) && check_body(job, &read, &result);
	itsm_buffer_free(&result.out.text);
	if (front_fine && body_fine)
		return ITSM_OK;
	if ((!front_fine && job->plan->take == MERGE_TAKE_CONFLICT) || (front_fine && (!markdown || job->whole_body)))
		return itsm_error_set(err, status == ITSM_ELIMIT ? ITSM_ELIMIT : ITSM_EDATA,
			"the merged text cannot be read again%s%s; merge the file by hand", status ? ": " : "",
			error.message);
	*again = true;
	if (front_fine) {
		job->whole_body = true;
	} else {
		job->plan->take = MERGE_TAKE_CONFLICT;
		job->plan->reason = "both changed fields, in ways that cannot be put together safely";
	}
	return ITSM_OK;
}

/* Write with markers, once all of it is known to be right. */
static int write_checked(struct job *job, struct itsm_merge *out, struct itsm_error *err)
{
	struct result result;
	bool again = true;
	int status;

	while (again) {
		again = false;
		write_result(job, MERGE_BASE, &result);
		if (result.out.count == 0) {
			status = check(job, MERGE_BASE, &again, err);
		} else {
			status = check(job, MERGE_OURS, &again, err);
			if (!status && !again)
				status = check(job, MERGE_THEIRS, &again, err);
		}
		if (!status && !again)
			*out = (struct itsm_merge){
				.text = itsm_arena_strndup(job->arena, result.out.text.data ? result.out.text.data : "",
					result.out.text.length),
				.size = result.out.text.length,
				.conflicts = result.out.conflicts,
				.count = result.out.count,
			};
		itsm_buffer_free(&result.out.text);
		if (status)
			return status;
	}
	return ITSM_OK;
}

int itsm_merge_records(struct itsm_arena *arena, const struct itsm_record *base, const struct itsm_record *ours,
	const struct itsm_record *theirs, const struct itsm_merge_labels *labels, struct itsm_merge *out,
	struct itsm_error *err)
{
	const struct itsm_record *const records[MERGE_SIDES] = {base, ours, theirs}, *whole = NULL;
	struct job job = {.arena = arena, .ours = ours, .labels = labels};
	int status;

	if (merge_span_equal(whole_text(ours), whole_text(theirs)) ||
			(base && merge_span_equal(whole_text(base), whole_text(theirs))))
		whole = ours;
	else if (base && merge_span_equal(whole_text(base), whole_text(ours)))
		whole = theirs;
	if (whole) {
		*out = (struct itsm_merge){
			.text = itsm_arena_strndup(arena, whole->text, whole->size),
			.size = whole->size,
		};
		return ITSM_OK;
	}
	status = read_versions(&job, records, err);
	if (status)
		return status;
	plan_front(&job);
	return write_checked(&job, out, err);
}

unsigned itsm_merge_marker(const char *text, size_t size)
{
	return itsm_document_marker(text, size, true);
}
