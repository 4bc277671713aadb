/*
 * Records: of what `itsm check` finds, that which is no matter of a record's
 * own content: files that lie wrongly, can't be read, or don't fit together.
 * Here it is said how it came about, and what can safely be done.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "itsm/file.h"
#include "itsm/utf8.h"

static bool is_ours(const char *rule)
{
	static const char *const groups[] = {"id/", "path/", "reference/", "merge/", "text/", "yaml/", "policy/"};
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (strncmp(rule, groups[i], strlen(groups[i])) == 0)
			return true;
	return false;
}

/* The first column of a query on two texts, in the arena, or NULL. */
static const char *ask(struct doctor *doctor, const char *sql, const char *one, const char *two)
{
	struct itsm_value values[] = {{.type = ITSM_VALUE_TEXT, .text = one}, {.type = ITSM_VALUE_TEXT, .text = two}};
	struct itsm_query *query;
	const char *text = NULL;

	if (!doctor->desk->index || itsm_query_open(doctor->desk->index, sql, values, two ? 2 : 1, &query, NULL) != 0)
		return NULL;
	if (itsm_query_next(query, NULL) == 1 && itsm_query_value(query, 0).text)
		text = itsm_arena_strdup(doctor->arena, itsm_query_value(query, 0).text);
	itsm_query_free(query);
	return text;
}

static bool same_bytes(struct doctor *doctor, const char *one, const char *two)
{
	struct itsm_buffer a = {0}, b = {0};
	bool same = itsm_file_read(doctor->root, one, ITSM_FILE_MAX_BYTES, &a, NULL) == 0 &&
		itsm_file_read(doctor->root, two, ITSM_FILE_MAX_BYTES, &b, NULL) == 0 && a.length == b.length &&
		(a.length == 0 || memcmp(a.data, b.data, a.length) == 0);

	itsm_buffer_free(&a);
	itsm_buffer_free(&b);
	return same;
}

static bool has_folder(struct doctor *doctor, const char *path)
{
	const char *dot = strrchr(path, '.');
	const char *folder = itsm_arena_strndup(doctor->arena, path, dot ? (size_t)(dot - path) : strlen(path));

	return faccessat(doctor->root, folder, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Which came when; of two that are the same to the last byte, the one that is filed later can go. */
static void add_duplicate(struct doctor *doctor, struct itsm_finding *finding)
{
	const char *commit = doctor_commit(doctor, "--diff-filter=A", finding->path);
	const char *other = ask(doctor, "SELECT path FROM record WHERE id = ?1 AND path <> ?2 ORDER BY path LIMIT 1",
		finding->record, finding->path);
	bool same = other && doctor->root >= 0 && same_bytes(doctor, finding->path, other);

	if (commit)
		finding->message = itsm_arena_printf(
			doctor->arena, "%s; this one came with %s", finding->message, commit);
	if (same)
		finding->message = itsm_arena_printf(
			doctor->arena, "%s; both are the same to the last byte", finding->message);
	if (same && strcmp(finding->path, other) > 0 && !has_folder(doctor, finding->path))
		doctor_add(doctor, finding, DOCTOR_DROP, "remove it: the other stays", other);
	else
		doctor_add(doctor, finding, DOCTOR_PERSON, NULL, NULL);
}

static void add_misplaced(struct doctor *doctor, struct itsm_finding *finding)
{
	const char *target = doctor->root >= 0 ? doctor_place(doctor, finding->path) : NULL;

	if (target)
		doctor_add(doctor, finding, DOCTOR_MOVE, itsm_arena_printf(doctor->arena, "move it to %s", target),
			target);
	else
		doctor_add(doctor, finding, DOCTOR_PERSON, NULL, NULL);
}

/* Was what the reference names ever there? */
static void add_missing(struct doctor *doctor, struct itsm_finding *finding)
{
	const char *target = ask(doctor,
		"SELECT target FROM link WHERE source = ?1 AND instr(?2, ' names ' || target || ',') > 0",
		finding->record, finding->message);
	const char *gone = target
		? ask(doctor,
			  "SELECT substr(c.commit_id, 1, 8) || ' (' || c.author || ': ' || c.subject || ')'"
			  " FROM touch AS t JOIN commit_log AS c ON c.commit_id = t.commit_id WHERE t.id = ?1 AND"
			  " t.change = 'removed' ORDER BY c.at DESC LIMIT 1",
			  target, NULL)
		: NULL;

	if (gone)
		finding->message = itsm_arena_printf(
			doctor->arena, "%s any more: it was removed in %s", finding->message, gone);
	doctor_add(doctor, finding, DOCTOR_PERSON, NULL, NULL);
}

static void add_encoding(struct doctor *doctor, struct itsm_finding *finding)
{
	struct itsm_buffer text = {0};

	if (doctor->root >= 0 && itsm_file_read(doctor->root, finding->path, ITSM_FILE_MAX_BYTES, &text, NULL) == 0 &&
		text.length && itsm_utf8_invalid(text.data, text.length) < text.length)
		finding->remedy = itsm_arena_printf(doctor->arena,
			"save it as UTF-8; where it is in a Western European code page: "
			"`iconv -f WINDOWS-1252 -t UTF-8 %s`",
			finding->path);
	itsm_buffer_free(&text);
	doctor_add(doctor, finding, DOCTOR_PERSON, NULL, NULL);
}

/* Says more than that git waits for the file. */
static void add_conflict(struct doctor *doctor, struct itsm_finding *finding)
{
	size_t i, count = 0;

	for (i = 0; i < doctor->count; i++) {
		const struct itsm_finding *other = &doctor->cases[i].ailment.finding;

		if (strcmp(other->rule, "merge/unmerged") != 0 || strcmp(other->path, finding->path) != 0)
			doctor->cases[count++] = doctor->cases[i];
	}
	doctor->count = count;
	doctor_add(doctor, finding, DOCTOR_PERSON, NULL, NULL);
}

static void add(struct doctor *doctor, const struct itsm_finding *found)
{
	struct itsm_finding finding = *found;

	if (strcmp(finding.rule, "id/duplicate") == 0 && finding.record)
		add_duplicate(doctor, &finding);
	else if (strcmp(finding.rule, "path/place") == 0)
		add_misplaced(doctor, &finding);
	else if (strcmp(finding.rule, "reference/missing") == 0 && finding.record)
		add_missing(doctor, &finding);
	else if (strcmp(finding.rule, "text/encoding") == 0)
		add_encoding(doctor, &finding);
	else if (strcmp(finding.rule, "merge/conflict") == 0)
		add_conflict(doctor, &finding);
	else
		doctor_add(doctor, &finding, DOCTOR_PERSON, NULL, NULL);
}

/* Who removed what is missing stands in the history, which is read for that alone. */
static int read_history(struct doctor *doctor, const struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_oid head;
	size_t i;
	int status;

	for (i = 0; i < findings->count; i++) {
		if (strcmp(findings->items[i].rule, "reference/missing") != 0)
			continue;
		status = itsm_place_head(doctor->arena, &doctor->place, &head, NULL, err);
		return status || itsm_oid_is_zero(&head) ? status : itsm_index_history(doctor->desk->index, &head, err);
	}
	return 0;
}

int doctor_look_at_records(struct doctor *doctor, struct itsm_error *err)
{
	struct itsm_findings findings;
	size_t i;
	int status;

	itsm_findings_init(&findings, doctor->arena);
	if ((status = itsm_desk_check(doctor->desk, NULL, &findings, err)) != 0 ||
	    (status = read_history(doctor, &findings, err)) != 0)
		return status;
	for (i = 0; i < findings.count; i++) {
		if (is_ours(findings.items[i].rule))
			add(doctor, &findings.items[i]);
		else
			doctor->others++;
	}
	return 0;
}
