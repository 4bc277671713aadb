/*
 * Runs the .case files of tests/cases/merge: three versions of a record, and
 * the text and conflicts that must come of them. The README.md there has the format.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "itsm/file.h"
#include "itsm/merge.h"

struct part {
	const char *name, *flags; /* flags: crlf, bom, no-final-newline, or the name of a kind */
	struct itsm_buffer text;
};

struct merge_case {
	struct part parts[8];
	size_t count;
	struct itsm_arena *arena;
	struct itsm_kinds *kinds;
	const struct itsm_kind *kind;
	const char *path;
};

static struct part *find_part(struct merge_case *this, const char *name)
{
	size_t i;

	for (i = 0; i < this->count; i++) {
		if (strcmp(this->parts[i].name, name) == 0)
			return &this->parts[i];
	}
	return NULL;
}

/* `-- name flags --` */
static bool take_heading(struct merge_case *this, const char *line, size_t length)
{
	struct part *part = &this->parts[this->count];
	char *heading;
	size_t name;

	if (length < 7 || memcmp(line, "-- ", 3) != 0 || memcmp(line + length - 3, " --", 3) != 0)
		return false;
	assert_true(this->count < sizeof(this->parts) / sizeof(*this->parts));
	heading = itsm_arena_strndup(this->arena, line + 3, length - 6);
	name = strcspn(heading, " ");
	part->name = itsm_arena_strndup(this->arena, heading, name);
	part->flags = heading + name;
	itsm_buffer_puts(&part->text, strstr(part->flags, "bom") ? "\xEF\xBB\xBF" : "");
	this->count++;
	return true;
}

static void read_case(struct merge_case *this, const char *text, size_t size)
{
	const char *line, *stop;

	for (line = text; line < text + size; line = stop + 1) {
		struct part *part = this->count > 0 ? &this->parts[this->count - 1] : NULL;

		stop = memchr(line, '\n', (size_t)(text + size - line));
		assert_non_null(stop);
		if (take_heading(this, line, (size_t)(stop - line)) || !part)
			continue;
		itsm_buffer_add(&part->text, line, (size_t)(stop - line));
		itsm_buffer_puts(&part->text, strstr(part->flags, "crlf") ? "\r\n" : "\n");
	}
	for (size_t i = 0; i < this->count; i++) {
		struct part *part = &this->parts[i];

		if (strstr(part->flags, "no-final-newline"))
			part->text.data[part->text.length -= strstr(part->flags, "crlf") ? 2 : 1] = '\0';
	}
}

static void set_kind(struct merge_case *this)
{
	struct part *part = find_part(this, "kind");
	const char *name = part->flags + strspn(part->flags, " ");
	struct itsm_error error = {0};

	assert_int_equal(itsm_kinds_new(&this->kinds, &error), ITSM_OK);
	if (part->text.length > 0 && (itsm_kinds_add(this->kinds, "policy/kinds/x.yaml", part->text.data, part->text.length,
			&error) != ITSM_OK || itsm_kinds_finish(this->kinds, &error) != ITSM_OK))
		fail_msg("kind: %u:%u: %s", error.line, error.column, error.message);
	this->kind = itsm_kinds_find(this->kinds, name);
	assert_non_null(this->kind);
	this->path = itsm_kind_path(this->arena, this->kind,
		this->kind->prefix ? itsm_arena_printf(this->arena, "%s-4k7q2m8d", this->kind->prefix) : "x", 1795000000, NULL);
}

static struct itsm_record *read_record(struct merge_case *this, const char *name, const char *text, size_t size)
{
	struct itsm_findings findings;
	struct itsm_record *record;

	itsm_findings_init(&findings, this->arena);
	record = itsm_record_read(this->arena, this->kinds, this->path, text, size, &findings);
	if (!record)
		fail_msg("%s: %u:%u: %s", name, findings.items[0].line, findings.items[0].column, findings.items[0].message);
	return record;
}

static struct itsm_record *take_record(struct merge_case *this, const char *name)
{
	struct part *part = find_part(this, name);

	return part ? read_record(this, name, part->text.data, part->text.length) : NULL;
}

static void merge(struct merge_case *this, const struct itsm_record *const records[3], struct itsm_merge *out)
{
	struct itsm_error error = {0};

	if (itsm_merge_records(this->arena, records[0], records[1], records[2], NULL, out, &error) != ITSM_OK)
		fail_msg("%s", error.message);
}

/* A text with conflicts is no record, and says so at the line of the first. */
static void check_refused(struct merge_case *this, const struct itsm_merge *merged)
{
	struct itsm_findings findings;

	itsm_findings_init(&findings, this->arena);
	assert_null(itsm_record_read(this->arena, this->kinds, this->path, merged->text, merged->size, &findings));
	assert_int_equal(findings.count, 1);
	assert_string_equal(findings.items[0].rule, "merge/conflict");
	assert_non_null(strstr(findings.items[0].message, "unresolved merge conflict; settle it between the markers"));
	assert_int_equal(findings.items[0].line, merged->conflicts[0].line);
	assert_int_equal(itsm_merge_marker(merged->text, merged->size), merged->conflicts[0].line);
}

static const char *list_conflicts(struct merge_case *this, const struct itsm_merge *merged, bool lines)
{
	const char *list = "";
	size_t i;

	for (i = 0; i < merged->count; i++) {
		const struct itsm_merge_conflict *conflict = &merged->conflicts[i];

		list = lines ? itsm_arena_printf(this->arena, "%s%u %s: %s\n", list, conflict->line,
			*conflict->field ? conflict->field : "(file)", conflict->reason) :
			itsm_arena_printf(this->arena, "%s%s\n", list, conflict->field);
	}
	return list;
}

/* Case files are read by people, so tell the difference like one: the whole of both. */
static void check_text(const char *file, const char *what, const char *actual, const char *expected)
{
	if (strcmp(actual, expected) != 0)
		fail_msg("%s: %s\n-- expected --\n%s-- actual --\n%s", file, what, expected, actual);
}

static void run_case(struct merge_case *this, const char *file)
{
	struct part *expect = find_part(this, "expect"), *conflicts = find_part(this, "conflicts");
	struct itsm_record *base, *ours, *theirs;
	struct itsm_merge merged, swapped;

	set_kind(this);
	base = take_record(this, "base");
	ours = take_record(this, "ours");
	theirs = take_record(this, "theirs");
	merge(this, (const struct itsm_record *const[]){base, ours, theirs}, &merged);
	merge(this, (const struct itsm_record *const[]){base, theirs, ours}, &swapped);
	check_text(file, "text", merged.text, expect->text.data);
	check_text(file, "conflicts", list_conflicts(this, &merged, true), conflicts ? conflicts->text.data : "");
	assert_int_equal(merged.count, swapped.count);
	if (merged.count > 0) {
		check_refused(this, &merged);
	} else {
		read_record(this, "result", merged.text, merged.size);
		read_record(this, "swapped", swapped.text, swapped.size);
	}
}

static void run_file(const char *folder, const char *file)
{
	struct merge_case this = {.arena = itsm_arena_new()};
	struct itsm_buffer text = {0};
	struct itsm_error error = {0};
	size_t i;

	if (itsm_file_read(AT_FDCWD, itsm_arena_printf(this.arena, "%s/%s", folder, file), 1u << 20, &text, &error) != ITSM_OK)
		fail_msg("%s", error.message);
	read_case(&this, text.data, text.length);
	run_case(&this, file);
	for (i = 0; i < this.count; i++)
		itsm_buffer_free(&this.parts[i].text);
	itsm_buffer_free(&text);
	itsm_kinds_free(this.kinds);
	itsm_arena_free(this.arena);
}

static int is_case(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 5 && strcmp(entry->d_name + length - 5, ".case") == 0;
}

static void all_cases(void **state)
{
	const char *root = getenv("ITSM_SOURCE");
	struct dirent **entries;
	char folder[4096];
	int count, i;

	(void)state;
	snprintf(folder, sizeof(folder), "%s/tests/cases/merge", root ? root : ".");
	count = scandir(folder, &entries, is_case, alphasort);
	assert_true(count >= 25);
	for (i = 0; i < count; i++) {
		run_file(folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

/* What counts as a conflict that was not settled. */
static void markers(void **state)
{
	static const struct {
		const char *text;
		bool markdown;
		unsigned line;
	} texts[] = {
		{"title: x\n", false, 0},
		{"title: x\n<<<<<<< HEAD\n", false, 2},
		{"title: x\r\n>>>>>>> theirs\r\n", false, 2},
		{"||||||| base\n", false, 1},
		{"\xEF\xBB\xBF<<<<<<< HEAD\n", false, 1},
		{"title: x\n <<<<<<< HEAD\n<<<<<<<\n<<<<<<<< x\n=======\n", false, 0},
		{"---\ntitle: x\n>>>>>>> theirs\n---\n", true, 3},
		{"---\ntitle: x\n---\n<<<<<<< ours\n||||||| base\n=======\n", true, 0},
		{"---\ntitle: x\n---\n>>>>>>> theirs\n<<<<<<< ours\n", true, 0},
		{"---\ntitle: x\n---\n\n<<<<<<< ours\n=======\n>>>>>>> theirs\n", true, 5},
		{"<<<<<<< ours\n---\ntitle: x\n---\n=======\n>>>>>>> theirs\n", true, 1},
		{"---\ntitle: x\n<<<<<<< ours\n", true, 3},
		{"", false, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		unsigned line = itsm_document_marker(texts[i].text, strlen(texts[i].text), texts[i].markdown);

		if (line != texts[i].line)
			fail_msg("line %u, not %u, in\n%s", line, texts[i].line, texts[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_cases),
		cmocka_unit_test(markers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
