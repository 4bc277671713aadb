#include "index_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/file.h"

static int repository(void *context, struct itsm_repo **out, struct itsm_error *err)
{
	struct index_fixture *fixture = context;

	fixture->repositories++;
	if (!fixture->base->repo) {
		int status = itsm_repo_open(&fixture->place, &fixture->base->repo, err);

		if (status)
			return status;
	}
	*out = fixture->base->repo;
	return 0;
}

struct itsm_index *index_another(struct index_fixture *fixture, bool memory)
{
	struct itsm_place *place = itsm_arena_alloc(fixture->arena, sizeof(*place));
	struct itsm_index_options options = {
		.kinds = fixture->kinds,
		.place = place,
		.now = INDEX_NOW,
		.repository = repository,
		.repository_context = fixture,
	};
	struct itsm_index *index;

	*place = fixture->place;
	if (memory)
		place->git_dir = "/dev/null";
	assert_ok(fixture, itsm_index_open(&options, &index, &fixture->err));
	return index;
}

int index_setup(void **state)
{
	struct index_fixture *fixture = calloc(1, sizeof(*fixture));
	void *base;

	if (!fixture || fixture_setup(&base))
		return -1;
	fixture->base = base;
	fixture->arena = fixture->base->arena;
	*state = fixture;
	assert_ok(fixture, itsm_kinds_new(&fixture->kinds, &fixture->err));
	assert_ok(fixture, itsm_kinds_finish(fixture->kinds, &fixture->err));
	assert_ok(fixture, itsm_place_find(fixture->arena, fixture->base->desk, &fixture->place, &fixture->err));
	fixture->index = index_another(fixture, false);
	return 0;
}

int index_teardown(void **state)
{
	struct index_fixture *fixture = *state;
	void *base = fixture->base;

	itsm_index_free(fixture->index);
	itsm_kinds_free(fixture->kinds);
	free(fixture);
	return fixture_teardown(&base);
}

void index_reopen(struct index_fixture *fixture)
{
	itsm_index_free(fixture->index);
	fixture->index = index_another(fixture, false);
}

void index_file(struct index_fixture *fixture, const char *path, const char *format, ...)
{
	const char *full = itsm_arena_printf(fixture->arena, "%s/%s", fixture->base->desk, path);
	char *slash = strrchr(full, '/');
	va_list list;
	FILE *file;

	*slash = '\0';
	assert_ok(fixture, itsm_folder_make(-100 /* AT_FDCWD */, full, &fixture->err));
	*slash = '/';
	file = fopen(full, "w");
	assert_non_null(file);
	va_start(list, format);
	vfprintf(file, format, list);
	va_end(list);
	assert_int_equal(fclose(file), 0);
}

void index_incident(
	struct index_fixture *fixture, const char *id, const char *state, const char *title, const char *more)
{
	index_file(fixture, itsm_arena_printf(fixture->arena, "operation/incidents/2026/11/%s.md", id),
		"---\nstate: %s\ntitle: %s\nopened: 2026-11-02T10:00:00+01:00\n%s---\n## Description\nsomething\n\n## "
		"Resolution\n",
		state, title, more);
}

void index_desk(struct index_fixture *fixture)
{
	index_file(fixture, "strategy/services/billing.yaml", "state: live\nname: Billing\n");
	index_file(fixture, "people/jane.yaml", "name: Jane\nmail: [jane@example.org]\n");
	index_file(fixture, "teams/core.yaml", "name: Core\n");
	index_incident(fixture, A, "new", "Slow billing", "service: billing\npriority: 2\nitems: [db1, db2]\n");
	index_incident(fixture, B, "closed", "Broken printer", "team: core\nassignee: jane\npriority: 4\n");
	index_file(fixture, FOLDER A "/notes/NOTE-00000001.md",
		"---\nat: 2026-11-03T10:00:00Z\nby: jane\n---\nLooked at it.\n");
}

void index_commit(struct index_fixture *fixture)
{
	fixture_shell(fixture->base, "git add -A && git commit -q -m change");
}

void index_work(struct index_fixture *fixture)
{
	assert_ok(fixture, itsm_index_refresh_work(fixture->index, &fixture->err));
	assert_ok(fixture, itsm_index_use(fixture->index, ITSM_SNAPSHOT_WORK, &fixture->err));
}

void index_head(struct index_fixture *fixture)
{
	struct itsm_oid head;

	assert_ok(fixture, itsm_place_head(fixture->arena, &fixture->place, &head, NULL, &fixture->err));
	assert_ok(fixture, itsm_index_refresh_head(fixture->index, &head, &fixture->err));
	assert_ok(fixture, itsm_index_use(fixture->index, ITSM_SNAPSHOT_HEAD, &fixture->err));
}

static void add_value(struct itsm_buffer *out, struct itsm_value value)
{
	switch (value.type) {
	case ITSM_VALUE_NULL:
		itsm_buffer_puts(out, "-");
		break;
	case ITSM_VALUE_INTEGER:
	case ITSM_VALUE_BOOLEAN:
		itsm_buffer_printf(out, "%lld", (long long)value.integer);
		break;
	case ITSM_VALUE_REAL:
		itsm_buffer_printf(out, "%g", value.real);
		break;
	default:
		itsm_buffer_puts(out, value.text);
		break;
	}
}

static const char *kept(struct index_fixture *fixture, struct itsm_buffer *text)
{
	const char *copy = itsm_arena_strdup(fixture->arena, text->data ? text->data : "");

	itsm_buffer_free(text);
	return copy;
}

static const char *all_rows(struct index_fixture *fixture, struct itsm_query *query, size_t columns, const char *end)
{
	struct itsm_buffer out = {0};
	int status;

	while ((status = itsm_query_next(query, &fixture->err)) == 1) {
		itsm_buffer_puts(&out, out.length ? end : "");
		for (size_t i = 0; i < columns; i++) {
			itsm_buffer_puts(&out, i ? "|" : "");
			add_value(&out, itsm_query_value(query, i));
		}
	}
	assert_ok(fixture, status);
	itsm_query_free(query);
	return kept(fixture, &out);
}

const char *index_rows(struct index_fixture *fixture, const char *sql)
{
	struct itsm_query *query;

	assert_ok(fixture, itsm_query_open(fixture->index, sql, NULL, 0, &query, &fixture->err));
	return all_rows(fixture, query, itsm_query_column_count(query), "\n");
}

int index_refused(struct index_fixture *fixture, const char *sql)
{
	struct itsm_query *query;
	int status = itsm_query_open(fixture->index, sql, NULL, 0, &query, &fixture->err);

	if (status)
		return status;
	while ((status = itsm_query_next(query, &fixture->err)) == 1)
		;
	itsm_query_free(query);
	return status;
}

const char *index_list_ids(struct index_fixture *fixture, const struct itsm_list_options *options)
{
	struct itsm_query *query;

	if (itsm_index_list(fixture->index, options, &query, &fixture->err))
		return NULL;
	return all_rows(fixture, query, 1, " ");
}

const char *index_dump_text(struct index_fixture *fixture, struct itsm_index *index)
{
	struct itsm_buffer out = {0};

	assert_ok(fixture, itsm_index_dump(index, &out, &fixture->err));
	return kept(fixture, &out);
}

const char *index_findings(struct index_fixture *fixture, const char *id)
{
	struct itsm_findings findings;
	struct itsm_buffer out = {0};

	itsm_findings_init(&findings, fixture->arena);
	assert_ok(fixture, itsm_index_check(fixture->index, id, &findings, &fixture->err));
	itsm_findings_sort(&findings);
	for (size_t i = 0; i < findings.count; i++)
		itsm_buffer_printf(&out, "%s%s:%u:%u %s", i ? "\n" : "", findings.items[i].path, findings.items[i].line,
			findings.items[i].column, findings.items[i].rule);
	return kept(fixture, &out);
}
