/*
 * A sample that anybody can draw again: the records of the population by the
 * SHA-256 of "<seed>:<id>" in hexadecimal, the lowest first, so many of them.
 * The whole population is in the folder, with each record's hash, in order of IDs.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence.h"
#include "itsm/digest.h"

struct candidate {
	const char *id, *path, *title, *state, *opened;
	char hash[65];
	bool drawn;
};

static int by_hash(const void *a, const void *b)
{
	return strcmp((*(const struct candidate *const *)a)->hash, (*(const struct candidate *const *)b)->hash);
}

static int list_population(struct evidencing *evidencing, const struct itsm_kind *kind, const char *from,
	const char *to, const char *seed, struct candidate **out, size_t *count)
{
	bool dated = itsm_kind_field(kind, "opened") != NULL;
	struct itsm_arena *arena = evidencing->arena;
	const char *sql = itsm_arena_printf(arena,
		"SELECT id, path, title, state, %s FROM \"%s\" WHERE (?1 IS NULL OR %s >= ?1)"
		" AND (?2 IS NULL OR %s < ?2) ORDER BY id",
		dated ? "opened" : "NULL", kind->name, dated ? "opened" : "NULL", dated ? "opened" : "NULL");
	struct itsm_value values[2] = {{.type = from ? ITSM_VALUE_TEXT : ITSM_VALUE_NULL, .text = from},
		{.type = to ? ITSM_VALUE_TEXT : ITSM_VALUE_NULL, .text = to}};
	struct itsm_query *query;
	size_t capacity = 0;
	int status;

	if (!dated && (from || to))
		return itsm_error_set(evidencing->err, ITSM_EUSAGE,
			"%s %s has no field 'opened', so that --from and --to mean nothing", kind->name, "records");
	if ((status = itsm_query_open(evidencing->index, sql, values, 2, &query, evidencing->err)) != 0)
		return status;
	while ((status = itsm_query_next(query, evidencing->err)) == 1) {
		struct candidate *one;
		const char *texts[5];
		const char *hashed;

		for (size_t i = 0; i < 5; i++) {
			const char *text = itsm_query_value(query, i).text;

			texts[i] = text ? itsm_arena_strdup(arena, text) : "";
		}
		itsm_arena_grow(arena, out, &capacity, *count, sizeof(**out));
		one = &(*out)[(*count)++];
		*one = (struct candidate){texts[0], texts[1], texts[2], texts[3], texts[4], "", false};
		hashed = itsm_arena_printf(arena, "%s:%s", seed, one->id);
		itsm_digest_sha256(hashed, strlen(hashed), one->hash);
	}
	itsm_query_free(query);
	return status;
}

static void draw(struct evidencing *evidencing, struct candidate *all, size_t count, size_t wanted)
{
	struct candidate **order = itsm_arena_alloc(evidencing->arena, (count + 1) * sizeof(*order));

	for (size_t i = 0; i < count; i++)
		order[i] = &all[i];
	if (count)
		qsort(order, count, sizeof(*order), by_hash);
	for (size_t i = 0; i < count && i < wanted; i++) {
		struct evidence_subject *subject;

		order[i]->drawn = true;
		itsm_arena_grow(evidencing->arena, &evidencing->subjects, &evidencing->capacity, evidencing->count,
			sizeof(*evidencing->subjects));
		subject = &evidencing->subjects[evidencing->count++];
		memset(subject, 0, sizeof(*subject));
		subject->id = order[i]->id;
		subject->path = order[i]->path;
		subject->title = order[i]->title;
		subject->state = *order[i]->state ? order[i]->state : NULL;
		subject->below = itsm_arena_printf(evidencing->arena, "%s/", order[i]->id);
	}
}

static void add_population(struct evidencing *evidencing, const struct candidate *all, size_t count)
{
	struct itsm_buffer text = {0};

	itsm_buffer_puts(&text, "id,opened,state,title,hash,drawn\n");
	for (size_t i = 0; i < count; i++) {
		const char *const columns[] = {
			all[i].id, all[i].opened, all[i].state, all[i].title, all[i].hash, all[i].drawn ? "yes" : "no"};

		for (size_t j = 0; j < 6; j++) {
			if (j)
				itsm_buffer_putc(&text, ',');
			itsm_escape_csv(&text, columns[j]);
		}
		itsm_buffer_putc(&text, '\n');
	}
	evidence_add_text(evidencing->folder, "population.csv", &text);
	itsm_buffer_free(&text);
}

static void put(struct itsm_buffer *out, const char *before, const char *text, const char *after)
{
	itsm_buffer_puts(out, before);
	itsm_escape_html(out, text);
	itsm_buffer_puts(out, after);
}

static void add_page(struct evidencing *evidencing, const struct itsm_evidence *request, const struct itsm_kind *kind,
	const char *from, const char *to, size_t population)
{
	struct itsm_buffer text = {0};
	char commit[41];

	itsm_oid_text(&evidencing->verifying->head, commit);
	evidence_html_begin(&text,
		itsm_arena_printf(
			evidencing->arena, "Sample of %zu from %zu: %s", evidencing->count, population, kind->name));
	put(&text, "<table><tbody>\n<tr><th>Desk</th><td>", itsm_desk_name(evidencing->desk), "</td></tr>\n");
	put(&text, "<tr><th>As of commit</th><td>", commit, "</td></tr>\n");
	put(&text, "<tr><th>Made</th><td>", evidencing->moment, "</td></tr>\n");
	put(&text, "<tr><th>Opened from</th><td>", from ? from : "the beginning", "</td></tr>\n");
	put(&text, "<tr><th>Opened before</th><td>", to ? to : "the end", "</td></tr>\n");
	put(&text, "<tr><th>Seed</th><td>", request->seed, "</td></tr>\n");
	itsm_buffer_puts(&text,
		"</tbody></table>\n<p>Drawn: the records with the lowest SHA-256 of the seed, a colon and the ID. The "
		"whole population, with each hash, is in "
		"<a "
		"href=\"population.csv\">population.csv</a>.</p>\n<table><thead><tr><th>Record</th><th>Title</"
		"th><th>State</th><th>Errors</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < evidencing->count; i++) {
		const struct evidence_subject *subject = &evidencing->subjects[i];

		put(&text, "<tr><td><a href=\"", subject->id, "/index.html\">");
		put(&text, "", subject->id, "</a></td>");
		put(&text, "<td>", subject->title ? subject->title : "", "</td>");
		put(&text, "<td>", subject->state ? subject->state : "", "</td>");
		itsm_buffer_printf(&text, "<td>%zu</td></tr>\n", subject->findings.errors);
	}
	itsm_buffer_puts(&text, "</tbody></table>\n</body>\n</html>\n");
	evidence_add_text(evidencing->folder, "index.html", &text);
	itsm_buffer_free(&text);
}

/* A moment as the index has them; NULL stays NULL. */
static int read_moment(struct evidencing *evidencing, const char *text, const char **out)
{
	char utc[ITSM_TIME_TEXT];
	int64_t seconds;
	int status;

	*out = NULL;
	if (!text)
		return 0;
	if ((status = itsm_moment_parse(text, evidencing->desk->options.now, &seconds, evidencing->err)) != 0)
		return ITSM_EUSAGE;
	itsm_time_format_utc(seconds, utc);
	*out = itsm_arena_strdup(evidencing->arena, utc);
	return 0;
}

int evidence_sample(struct evidencing *evidencing, const struct itsm_evidence *request, struct itsm_evidenced *out)
{
	struct candidate *all = NULL;
	const struct itsm_kind *kind;
	const char *from, *to;
	size_t count = 0;
	int status = itsm_desk_kind(evidencing->desk, request->kind ? request->kind : "change", &kind, evidencing->err);

	if (status != 0 || (status = read_moment(evidencing, request->from, &from)) != 0 ||
		(status = read_moment(evidencing, request->to, &to)) != 0)
		return status;
	if (kind->part)
		return itsm_error_set(
			evidencing->err, ITSM_EUSAGE, "records of kind %s are parts of others; draw those", kind->name);
	if ((status = list_population(evidencing, kind, from, to, request->seed, &all, &count)) != 0)
		return status;
	draw(evidencing, all, count, request->sample);
	for (size_t i = 0; i < evidencing->count; i++) {
		evidencing->subjects[i].kind = kind->name;
		itsm_findings_init(&evidencing->subjects[i].findings, evidencing->arena);
	}
	out->population = count;
	add_population(evidencing, all, count);
	status = evidence_gather(evidencing);
	for (size_t i = 0; i < evidencing->count && status == 0; i++) {
		itsm_desk_progress(evidencing->desk, "gathering evidence", i, evidencing->count);
		status = evidence_record(evidencing, &evidencing->subjects[i]);
	}
	if (status == 0)
		add_page(evidencing, request, kind, from, to, count);
	return status;
}
