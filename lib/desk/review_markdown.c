/*
 * A review as Markdown.
 *
 * It is made of pieces (a table row, a finding, a record), each taken whole or
 * counted as left out, so that what is shown is never half a sentence. Between our
 * own words whatever comes from the desk stands in code spans, whose fence is longer
 * than any run of backticks in them, or in fenced blocks whose lines begin with + or -:
 * no forge looks for mentions, references, links or commands in these.
 */
#include <string.h>

#include "desk.h"
#include "itsm/review.h"

#define VALUE_BYTES 160  /* of a value that is shown in its line */
#define EXCERPT_LINES 16 /* of a text that is shown in a block */
#define EXCERPT_BYTES 200 /* of such a line */
#define TABLE_ROWS 60
#define ENDING_BYTES 500 /* kept for what tells of the rest */

struct page {
	const struct itsm_review *review;
	const struct itsm_report *report;
	struct itsm_buffer *out;
	struct itsm_buffer piece;
	size_t start;
	bool *told;              /* findings that stand with their record */
	size_t left_findings, left_records;
};

/* Where to cut a text to be of so many bytes, not within a character. */
static size_t cut(const char *text, size_t limit)
{
	size_t length = strlen(text);

	if (length <= limit)
		return length;
	while (limit && ((unsigned char)text[limit] & 0xC0) == 0x80)
		limit--;
	return limit;
}

/* A code span. In a cell of a table a pipe would end it, code or not, and forges differ in what escapes it. */
static void add_code(struct itsm_buffer *out, const char *text, bool cell)
{
	struct itsm_buffer plain = {0}, whole = {0};
	size_t run = 0, longest = 0, length, i;

	itsm_escape_terminal(&whole, text ? text : "", false);
	itsm_buffer_add(&plain, whole.data ? whole.data : "", cut(whole.data ? whole.data : "", VALUE_BYTES));
	if (plain.length < whole.length)
		itsm_buffer_puts(&plain, "...");
	length = plain.length;
	for (i = 0; i < length; i++) {
		run = plain.data[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	if (strspn(plain.data, " ") == length) {
		itsm_buffer_puts(out, length ? "(blank)" : "(empty)");
	} else {
		for (i = 0; i <= longest; i++)
			itsm_buffer_putc(out, '`');
		itsm_buffer_puts(out, longest ? " " : "");
		for (i = 0; i < length; i++) {
			if (cell && plain.data[i] == '|')
				itsm_buffer_puts(out, "\\x7C");
			else
				itsm_buffer_putc(out, plain.data[i]);
		}
		itsm_buffer_puts(out, longest ? " " : "");
		for (i = 0; i <= longest; i++)
			itsm_buffer_putc(out, '`');
	}
	itsm_buffer_free(&plain);
	itsm_buffer_free(&whole);
}

/* Take the piece, or not: true when it fits. */
static bool take(struct page *page)
{
	bool fits = page->out->length - page->start + page->piece.length + ENDING_BYTES <= ITSM_REVIEW_BYTES;

	if (fits)
		itsm_buffer_add(page->out, page->piece.data ? page->piece.data : "", page->piece.length);
	itsm_buffer_clear(&page->piece);
	return fits;
}

static void add_count(struct itsm_buffer *out, size_t count, const char *what)
{
	itsm_buffer_printf(out, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

/* Findings by severity, and how many of the notes are waived ones. */
struct counts {
	size_t severities[3], waived;
};

static void count(struct counts *counts, const struct itsm_finding *finding)
{
	counts->severities[finding->severity]++;
	counts->waived += finding->waiver && finding->severity == ITSM_SEVERITY_NOTE;
}

/* "2 errors, 1 warning, 1 waived" */
static void add_severities(struct itsm_buffer *out, const struct counts *all)
{
	size_t counts[3];
	bool any = false;
	int severity;

	memcpy(counts, all->severities, sizeof(counts));
	counts[ITSM_SEVERITY_NOTE] -= all->waived;
	for (severity = ITSM_SEVERITY_ERROR; severity <= ITSM_SEVERITY_NOTE; severity++) {
		if (!counts[severity])
			continue;
		itsm_buffer_puts(out, any ? ", " : "");
		add_count(out, counts[severity], itsm_severity_name((enum itsm_severity)severity));
		any = true;
	}
	if (all->waived)
		itsm_buffer_printf(out, "%s%zu waived", any ? ", " : "", all->waived);
}

static void add_verdict(struct page *page)
{
	const struct itsm_findings *findings = page->report->findings;
	const struct itsm_review *review = page->review;
	struct itsm_buffer *out = page->out;
	struct counts counts = {{0}, 0};
	size_t i;

	for (i = 0; i < findings->count; i++)
		count(&counts, &findings->items[i]);
	itsm_buffer_puts(out, findings->errors ? "## itsm: to be mended: " : "## itsm: fine");
	if (!findings->errors && findings->count)
		itsm_buffer_puts(out, ", with ");
	add_severities(out, &counts);
	itsm_buffer_puts(out, "\n\n");
	if (!review)
		return;
	add_code(out, review->head, false);
	itsm_buffer_puts(out, " against ");
	add_code(out, review->base, false);
	itsm_buffer_puts(out, ", by whose policy it is judged: ");
	add_count(out, review->commits, "commit");
	itsm_buffer_puts(out, ", ");
	add_count(out, review->count + review->more, "record");
	itsm_buffer_puts(out, ".\n\n");
}

static void add_policy(struct page *page)
{
	const struct itsm_review *review = page->review;
	size_t i;

	if (!review->policy_count)
		return;
	itsm_buffer_puts(page->out, "**It changes how the desk judges:** ");
	for (i = 0; i < review->policy_count && i < 20; i++) {
		itsm_buffer_puts(page->out, i ? ", " : "");
		add_code(page->out, review->policy[i], false);
	}
	if (i < review->policy_count)
		itsm_buffer_printf(page->out, " and %zu more", review->policy_count - i);
	itsm_buffer_puts(page->out, ". None of this counts for this proposal itself.\n\n");
}

static bool is_about(const struct itsm_finding *finding, const struct itsm_review_record *record)
{
	size_t length = strlen(record->id);

	if (finding->record && strncmp(finding->record, record->id, length) == 0 &&
	    (finding->record[length] == '\0' || finding->record[length] == '/'))
		return true;
	return finding->path && strcmp(finding->path, record->path) == 0;
}

static void add_states(struct itsm_buffer *out, const struct itsm_review_record *record, bool cell)
{
	size_t i;

	for (i = 0; i < record->state_count && i < 12; i++) {
		itsm_buffer_puts(out, i ? " → " : "");
		add_code(out, record->states[i], cell);
	}
	if (i < record->state_count)
		itsm_buffer_puts(out, " → ...");
}

static void add_window(struct itsm_buffer *out, const struct itsm_review_record *record, bool cell)
{
	if (!record->start && !record->end)
		return;
	add_code(out, record->start ? record->start : "open", cell);
	itsm_buffer_puts(out, " to ");
	add_code(out, record->end ? record->end : "open", cell);
}

static void add_row(struct page *page, const struct itsm_review_record *record)
{
	const struct itsm_findings *findings = page->report->findings;
	struct itsm_buffer *out = &page->piece;
	struct counts counts = {{0}, 0};
	size_t i;

	for (i = 0; i < findings->count; i++) {
		if (is_about(&findings->items[i], record))
			count(&counts, &findings->items[i]);
	}
	itsm_buffer_puts(out, "| ");
	add_code(out, record->id, true);
	itsm_buffer_putc(out, ' ');
	if (*record->title)
		add_code(out, record->title, true);
	itsm_buffer_printf(out, " | %s | ", record->change ? record->change : "parts");
	add_states(out, record, true);
	itsm_buffer_puts(out, " | ");
	if (record->risk)
		add_code(out, record->risk, true);
	itsm_buffer_puts(out, " | ");
	add_window(out, record, true);
	itsm_buffer_puts(out, " | ");
	if (record->missing_count)
		itsm_buffer_printf(out, "%zu missing", record->missing_count);
	itsm_buffer_puts(out, " | ");
	add_severities(out, &counts);
	itsm_buffer_puts(out, " |\n");
}

static void add_table(struct page *page)
{
	const struct itsm_review *review = page->review;
	size_t i;

	if (!review->count)
		return;
	itsm_buffer_puts(page->out, "| Record | | State | Risk | Window | Approvals | Findings |\n|:--|:--|:--|:--|:--|:--|:--|\n");
	for (i = 0; i < review->count && i < TABLE_ROWS; i++) {
		add_row(page, &review->records[i]);
		if (!take(page))
			break;
	}
	itsm_buffer_putc(page->out, '\n');
	if (i < review->count + review->more) {
		itsm_buffer_puts(page->out, "And ");
		add_count(page->out, review->count + review->more - i, "record");
		itsm_buffer_puts(page->out, " more.\n\n");
	}
}

static void add_finding(struct page *page, const struct itsm_finding *finding)
{
	struct itsm_buffer *out = &page->piece, place = {0};

	itsm_buffer_printf(out, "- **%s** ", itsm_severity_name(finding->severity));
	add_code(out, finding->rule, false);
	itsm_buffer_puts(out, ": ");
	add_code(out, finding->message, false);
	if (finding->remedy) {
		itsm_buffer_puts(out, "; ");
		add_code(out, finding->remedy, false);
	}
	if (finding->path) {
		itsm_buffer_printf(&place, "%s%s", page->report->prefix, finding->path);
		if (finding->line)
			itsm_buffer_printf(&place, ":%u", finding->line);
		itsm_buffer_puts(out, " at ");
		add_code(out, place.data, false);
	}
	itsm_buffer_putc(out, '\n');
	itsm_buffer_free(&place);
}

static bool is_long(const char *text)
{
	return text && (strchr(text, '\n') || strlen(text) > VALUE_BYTES);
}

static size_t line_length(const char *text)
{
	size_t length = strcspn(text, "\n");

	return length + (text[length] == '\n');
}

/* Bytes of whole lines that both begin with. */
static size_t common_start(const char *a, const char *b)
{
	size_t same = 0, length;

	while (a[same] && (length = line_length(a + same)) == line_length(b + same) && memcmp(a + same, b + same, length) == 0)
		same += length;
	return same;
}

/* Bytes of whole lines that both end with. */
static size_t common_end(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t same = 0, i;

	for (i = 0; i < a_length && i < b_length && a[a_length - 1 - i] == b[b_length - 1 - i]; i++) {
		if (a[a_length - 1 - i] == '\n')
			same = i;
	}
	return i == a_length && i == b_length ? i : same;
}

/* Lines of a block, `left` of them at most; what is left out is counted. */
static size_t add_lines(struct itsm_buffer *out, char sign, const char *text, size_t length, size_t *left)
{
	struct itsm_buffer line = {0}, plain = {0};
	size_t hidden = 0, end;

	for (; length; text += end, length -= end) {
		const char *next = memchr(text, '\n', length);
		size_t shown;

		end = next ? (size_t)(next - text) + 1 : length;
		if (!*left) {
			hidden++;
			continue;
		}
		--*left;
		itsm_buffer_clear(&line);
		itsm_buffer_clear(&plain);
		itsm_buffer_add(&line, text, end - (next ? 1 : 0));
		itsm_escape_terminal(&plain, line.data, false);
		shown = plain.data ? cut(plain.data, EXCERPT_BYTES) : 0;
		itsm_buffer_printf(out, "  %c %.*s%s\n", sign, (int)shown, plain.data ? plain.data : "", shown < plain.length ? "..." : "");
	}
	itsm_buffer_free(&line);
	itsm_buffer_free(&plain);
	return hidden;
}

/* The lines that went and those that came, in a block. */
static void add_excerpt(struct itsm_buffer *out, const char *old_text, const char *new_text)
{
	const char *a = old_text ? old_text : "", *b = new_text ? new_text : "";
	size_t start = common_start(a, b), end, left, hidden;

	a += start;
	b += start;
	end = common_end(a, strlen(a), b, strlen(b));
	left = EXCERPT_LINES / 2;
	itsm_buffer_puts(out, "\n\n  ```diff\n");
	hidden = add_lines(out, '-', a, strlen(a) - end, &left);
	left += EXCERPT_LINES / 2;
	hidden += add_lines(out, '+', b, strlen(b) - end, &left);
	if (hidden)
		itsm_buffer_printf(out, "  @@ %zu more line%s\n", hidden, hidden == 1 ? "" : "s");
	itsm_buffer_puts(out, "  ```\n\n");
}

static void add_difference(struct itsm_buffer *out, const struct itsm_difference *difference)
{
	const char *old_text = difference->old_text, *new_text = difference->new_text;

	itsm_buffer_puts(out, "- ");
	add_code(out, difference->field, false);
	if (is_long(old_text) || is_long(new_text)) {
		itsm_buffer_puts(out, old_text ? new_text ? "" : " (taken away)" : " (new)");
		add_excerpt(out, old_text, new_text);
		return;
	}
	itsm_buffer_puts(out, ": ");
	if (old_text) {
		add_code(out, old_text, false);
		itsm_buffer_puts(out, " → ");
	}
	if (new_text)
		add_code(out, new_text, false);
	else
		itsm_buffer_puts(out, "(nothing)");
	itsm_buffer_putc(out, '\n');
}

/* A part in one line: "approval jane (added): decision approve, ..." */
static void add_part(struct itsm_buffer *out, const struct itsm_review_part *part)
{
	size_t i, shown = 0;

	itsm_buffer_printf(out, "- %s ", part->kind);
	add_code(out, part->name, false);
	itsm_buffer_printf(out, " %s", part->change);
	for (i = 0; i < part->count && shown < 6; i++) {
		const struct itsm_difference *difference = &part->differences[i];
		const char *text = difference->new_text ? difference->new_text : difference->old_text;

		if (strcmp(difference->field, "signature") == 0 || strcmp(difference->field, "digest") == 0)
			continue;
		itsm_buffer_puts(out, shown++ ? ", " : ": ");
		add_code(out, difference->field, false);
		itsm_buffer_putc(out, ' ');
		add_code(out, text, false);
	}
	itsm_buffer_putc(out, '\n');
}

static void add_missing(struct itsm_buffer *out, const struct itsm_review_missing *missing)
{
	itsm_buffer_puts(out, "- **approval missing** of ");
	add_code(out, missing->whom, false);
	if (*missing->states) {
		itsm_buffer_puts(out, " for ");
		add_code(out, missing->states, false);
	}
	itsm_buffer_puts(out, ": ");
	add_code(out, missing->missing, false);
	itsm_buffer_putc(out, '\n');
}

static void add_record(struct page *page, const struct itsm_review_record *record)
{
	const struct itsm_findings *findings = page->report->findings;
	struct itsm_buffer *out = &page->piece;
	size_t i;

	itsm_buffer_puts(out, "### ");
	add_code(out, record->id, false);
	if (*record->title) {
		itsm_buffer_putc(out, ' ');
		add_code(out, record->title, false);
	}
	itsm_buffer_printf(out, "\n\n%s, %s\n\n", *record->kind ? record->kind : "record", record->change ? record->change : "as it was");
	for (i = 0; i < findings->count; i++) {
		if (is_about(&findings->items[i], record))
			add_finding(page, &findings->items[i]);
	}
	for (i = 0; i < record->missing_count; i++)
		add_missing(out, &record->missing[i]);
	for (i = 0; i < (record->change ? record->count : 0); i++) {
		if (strcmp(record->differences[i].field, "state") != 0)
			add_difference(out, &record->differences[i]);
	}
	if (record->state_count > 1) {
		itsm_buffer_puts(out, "- `state`: ");
		add_states(out, record, false);
		itsm_buffer_putc(out, '\n');
	}
	for (i = 0; i < record->part_count; i++)
		add_part(out, &record->parts[i]);
	itsm_buffer_putc(out, '\n');
}

static void add_records(struct page *page)
{
	const struct itsm_findings *findings = page->report->findings;
	const struct itsm_review *review = page->review;
	size_t i, j;

	for (i = 0; i < review->count; i++) {
		add_record(page, &review->records[i]);
		if (!take(page)) {
			page->left_records++;
			continue;
		}
		for (j = 0; j < findings->count; j++)
			page->told[j] |= is_about(&findings->items[j], &review->records[i]);
	}
	page->left_records += review->more;
}

/* Those that no record above has: all of them where there is no review. */
static void add_findings(struct page *page)
{
	const struct itsm_findings *findings = page->report->findings;
	bool begun = false;
	size_t i;

	for (i = 0; i < findings->count; i++) {
		if (page->told[i])
			continue;
		if (!begun)
			itsm_buffer_puts(&page->piece, page->review ? "### Other findings\n\n" : "");
		add_finding(page, &findings->items[i]);
		if (take(page))
			begun = true;
		else
			page->left_findings++;
	}
	if (begun)
		itsm_buffer_putc(page->out, '\n');
}

static void add_rest(struct page *page)
{
	struct itsm_buffer *out = page->out;

	if (!page->left_records && !page->left_findings)
		return;
	itsm_buffer_puts(out, "**Cut here:** ");
	if (page->left_records)
		add_count(out, page->left_records, "more record");
	if (page->left_findings) {
		itsm_buffer_puts(out, page->left_records ? " and " : "");
		add_count(out, page->left_findings, "more finding");
	}
	itsm_buffer_puts(out, " do not fit; `itsm check` and `itsm diff` tell them all.\n");
}

void itsm_review_markdown(const struct itsm_review *review, const struct itsm_report *report, struct itsm_buffer *out)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct page page = {.review = review, .report = report, .out = out, .start = out->length,
		.told = itsm_arena_alloc(arena, report->findings->count + 1)};

	add_verdict(&page);
	if (review) {
		add_policy(&page);
		add_table(&page);
		add_records(&page);
	}
	add_findings(&page);
	add_rest(&page);
	itsm_buffer_free(&page.piece);
	itsm_arena_free(arena);
}
