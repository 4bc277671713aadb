/*
 * The graph of itsm/impact.h: the .case files of tests/cases/impact (its
 * README.md has the format), then random graphs against a plain fixpoint.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "itsm/impact.h"

#define MOST 64

struct file {
	const char *name;
	unsigned line;
	size_t cases, expectations;
	struct itsm_arena *arena;
	struct itsm_impact_node nodes[MOST];
	size_t node_count;
	struct { uint32_t cause, effect; bool part; } edges[MOST];
	size_t edge_count;
	struct itsm_impact_graph *graph;
	struct itsm_impact_result result;
	bool up;
	char *words[MOST];
	size_t count;
};

#define BAD(file, ...) fail_msg("%s:%u: " __VA_ARGS__, (file)->name, (file)->line)

/* The node of this name, made when it is new. Minimum and state may come later, so the graph is made at the question. */
static uint32_t node_of(struct file *file, const char *id)
{
	for (size_t i = 0; i < file->node_count; i++)
		if (strcmp(file->nodes[i].id, id) == 0)
			return (uint32_t)i;
	assert_true(file->node_count < MOST);
	file->nodes[file->node_count] = (struct itsm_impact_node){.id = itsm_arena_strdup(file->arena, id), .kind = "item"};
	return (uint32_t)file->node_count++;
}

static void run_edges(struct file *file)
{
	const char *verb = file->words[1];

	for (size_t i = 2; i < file->count; i++) {
		uint32_t one = node_of(file, file->words[0]), other = node_of(file, file->words[i]);
		bool carries = strcmp(verb, "carries") == 0;

		assert_true(file->edge_count < MOST);
		file->edges[file->edge_count].cause = carries ? one : other;
		file->edges[file->edge_count].effect = carries ? other : one;
		file->edges[file->edge_count++].part = strcmp(verb, "has") == 0;
	}
}

static void run_question(struct file *file)
{
	uint32_t failed[MOST], without[MOST];
	struct itsm_impact_query query = {.failed = failed, .without = without, .up = file->words[0][0] == 'u'};
	bool out = false;

	for (size_t i = 1; i < file->count; i++) {
		if (strcmp(file->words[i], "depth") == 0)
			query.depth = (uint32_t)atoi(file->words[++i]);
		else if (strcmp(file->words[i], "without") == 0)
			out = true;
		else if (out)
			without[query.without_count++] = node_of(file, file->words[i]);
		else
			failed[query.failed_count++] = node_of(file, file->words[i]);
	}
	itsm_impact_free(file->graph);
	file->graph = itsm_impact_new();
	for (size_t i = 0; i < file->node_count; i++)
		assert_int_equal(itsm_impact_add(file->graph, &file->nodes[i]), i);
	for (size_t i = 0; i < file->edge_count; i++)
		assert_true(itsm_impact_connect(file->graph, file->edges[i].cause, file->edges[i].effect, 0, file->edges[i].part));
	itsm_impact_finish(file->graph);
	itsm_impact_trace(file->graph, file->arena, &query, &file->result);
	file->up = query.up;
}

static const char *id_of(struct file *file, uint32_t node)
{
	return itsm_impact_node(file->graph, node).id;
}

static void run_gives(struct file *file)
{
	struct itsm_buffer got = {0}, wanted = {0};

	for (size_t i = 0; i < file->result.count; i++) {
		const struct itsm_impact_hit *hit = &file->result.hits[i];

		itsm_buffer_printf(&got, " %s%s", id_of(file, hit->node), file->up && hit->alone == ITSM_ALONE_YES ? "!" : "");
		if (hit->via != ITSM_IMPACT_NOTHING)
			itsm_buffer_printf(&got, "<%s", id_of(file, file->result.hits[hit->via].node));
		assert_int_equal(hit->depth, hit->via == ITSM_IMPACT_NOTHING ? 0 : file->result.hits[hit->via].depth + 1);
	}
	for (size_t i = 1; i < file->count; i++)
		itsm_buffer_printf(&wanted, " %s", file->words[i]);
	if (strcmp(got.data, wanted.data) != 0)
		BAD(file, "got%s", got.data);
	itsm_buffer_free(&got);
	itsm_buffer_free(&wanted);
	file->expectations++;
}

static void run_survives(struct file *file)
{
	struct itsm_buffer got = {0}, wanted = {0};

	for (size_t i = 0; i < file->result.survivor_count; i++) {
		const struct itsm_impact_hit *hit = &file->result.survivors[i];

		itsm_buffer_printf(&got, " %s %u/%u>=%u", id_of(file, hit->node), hit->parts_up, hit->parts, hit->needed);
	}
	for (size_t i = 1; i < file->count; i++)
		itsm_buffer_printf(&wanted, " %s", file->words[i]);
	if (strcmp(got.data ? got.data : "", wanted.data ? wanted.data : "") != 0)
		BAD(file, "got%s", got.data ? got.data : " none");
	itsm_buffer_free(&got);
	itsm_buffer_free(&wanted);
}

static void begin_case(struct file *file)
{
	file->node_count = file->edge_count = 0;
	file->cases++;
}

static void run_line(struct file *file, char *line)
{
	char *save = NULL, *text;

	line[strcspn(line, "\n")] = '\0';
	file->count = 0;
	for (text = strtok_r(line, " ", &save); text && file->count < MOST; text = strtok_r(NULL, " ", &save))
		file->words[file->count++] = text;
	if (!file->count || *file->words[0] == '#')
		return;
	if (strcmp(file->words[0], "case") == 0)
		begin_case(file);
	else if (strcmp(file->words[0], "minimum") == 0)
		file->nodes[node_of(file, file->words[1])].minimum = itsm_arena_strdup(file->arena, file->words[2]);
	else if (strcmp(file->words[0], "down") == 0)
		for (size_t i = 1; i < file->count; i++)
			file->nodes[node_of(file, file->words[i])].down = true;
	else if (strcmp(file->words[0], "fail") == 0 || strcmp(file->words[0], "up") == 0)
		run_question(file);
	else if (strcmp(file->words[0], "gives") == 0)
		run_gives(file);
	else if (strcmp(file->words[0], "survives") == 0)
		run_survives(file);
	else if (file->count > 2)
		run_edges(file);
	else
		BAD(file, "'%s' is no line of a case", file->words[0]);
}

static void run_file(const char *path, const char *name)
{
	struct file *file = calloc(1, sizeof(*file));
	FILE *stream = fopen(path, "r");
	char line[512];

	assert_non_null(stream);
	assert_non_null(file);
	file->name = name;
	file->arena = itsm_arena_new();
	while (fgets(line, sizeof(line), stream)) {
		file->line++;
		run_line(file, line);
	}
	assert_true(file->cases > 0 && file->expectations >= file->cases);
	fclose(stream);
	itsm_impact_free(file->graph);
	itsm_arena_free(file->arena);
	free(file);
}

static void test_cases(void **state)
{
	(void)state;
	assert_true(cases_run("impact", ".case", run_file) >= 4);
}

#define NODES 14

struct random_graph {
	bool hard[NODES][NODES], part[NODES][NODES]; /* [cause][effect] */
	bool down[NODES];
	int minimum[NODES];       /* -1: all; from 1000 on a percentage */
	unsigned seed;
};

static unsigned dice(struct random_graph *random, unsigned sides)
{
	random->seed = random->seed * 1103515245u + 12345u;
	return (random->seed >> 16) % sides;
}

static void throw_graph(struct random_graph *random)
{
	for (size_t i = 0; i < NODES; i++) {
		random->down[i] = dice(random, 10) == 0;
		random->minimum[i] = dice(random, 3) == 0 ? -1 : dice(random, 2) ? (int)dice(random, 4) : 1000 + (int)dice(random, 101);
		for (size_t j = 0; j < NODES; j++) {
			random->hard[i][j] = i != j && dice(random, 12) == 0;
			random->part[i][j] = i != j && dice(random, 6) == 0;
		}
	}
}

static struct itsm_impact_graph *build(const struct random_graph *random)
{
	struct itsm_impact_graph *graph = itsm_impact_new();
	char id[8], minimum[16];

	for (uint32_t i = 0; i < NODES; i++) {
		snprintf(id, sizeof(id), "n%02u", i);
		snprintf(minimum, sizeof(minimum), random->minimum[i] >= 1000 ? "%d%%" : "%d", random->minimum[i] % 1000);
		itsm_impact_add(graph, &(struct itsm_impact_node){.id = id, .kind = "item", .down = random->down[i],
			.minimum = random->minimum[i] < 0 ? NULL : minimum});
	}
	for (uint32_t i = 0; i < NODES; i++) {
		for (uint32_t j = 0; j < NODES; j++) {
			if (random->part[i][j])
				itsm_impact_connect(graph, i, j, 1, true);
			if (random->hard[i][j])
				itsm_impact_connect(graph, i, j, 0, false);
		}
	}
	itsm_impact_finish(graph);
	return graph;
}

/* Has the whole lost one of its parts to what failed, and too many are gone? By counting anew. */
static bool falls(const struct random_graph *random, const bool *gone, size_t whole)
{
	int64_t parts = 0, up = 0;
	bool hit = false;

	for (size_t i = 0; i < NODES; i++) {
		if (!random->part[i][whole])
			continue;
		parts++;
		up += (!random->down[i] || random->down[whole]) && !gone[i];
		hit |= gone[i];
	}
	if (random->minimum[whole] < 0)
		return hit && up < parts;
	if (random->minimum[whole] >= 1000)
		return hit && up * 100 < parts * (random->minimum[whole] - 1000);
	return hit && up < random->minimum[whole];
}

/* Everything that is gone once `gone` is: again and again until nothing changes. */
static void spread(const struct random_graph *random, bool *gone)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < NODES; i++) {
			bool now = gone[i] || falls(random, gone, i);

			for (size_t j = 0; j < NODES; j++)
				now |= gone[j] && random->hard[j][i];
			changed |= now != gone[i];
			gone[i] = now;
		}
	}
}

static void compare_down(const struct random_graph *random, struct itsm_impact_graph *graph, uint32_t failed, uint32_t without)
{
	bool out[NODES] = {false}, gone[NODES], told[NODES] = {false};
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_impact_result result;
	bool has_without = without != failed;

	if (has_without)
		out[without] = true;
	spread(random, out);
	memcpy(gone, out, sizeof(gone));
	gone[failed] = true;
	spread(random, gone);
	itsm_impact_trace(graph, arena, &(struct itsm_impact_query){.failed = &failed, .failed_count = 1, .without = &without,
		.without_count = has_without}, &result);
	for (size_t i = 0; i < result.count; i++) {
		assert_false(told[result.hits[i].node]);
		told[result.hits[i].node] = true;
	}
	for (size_t i = 0; i < NODES; i++)
		assert_int_equal(told[i], i == failed || (gone[i] && !out[i]));
	for (size_t i = 0; i < result.survivor_count; i++)
		assert_true(!gone[result.survivors[i].node] && result.survivors[i].parts_up >= result.survivors[i].needed);
	itsm_arena_free(arena);
}

/* What `up` says matters alone is what a failure of its own brings down. */
static void compare_up(const struct random_graph *random, struct itsm_impact_graph *graph, uint32_t asked)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_impact_result result;
	bool told[NODES] = {false};

	itsm_impact_trace(graph, arena, &(struct itsm_impact_query){.failed = &asked, .failed_count = 1, .up = true}, &result);
	for (size_t i = 0; i < result.count; i++) {
		bool gone[NODES] = {false};

		gone[result.hits[i].node] = told[result.hits[i].node] = true;
		spread(random, gone);
		assert_int_equal(result.hits[i].alone, gone[asked] ? ITSM_ALONE_YES : ITSM_ALONE_NO);
	}
	for (size_t i = 0; i < NODES; i++) {
		bool gone[NODES] = {false};

		gone[i] = true;
		spread(random, gone);
		assert_true(!gone[asked] || told[i]);
	}
	itsm_arena_free(arena);
}

static void test_random(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 1500; seed++) {
		struct random_graph random = {.seed = seed};
		struct itsm_impact_graph *graph;

		throw_graph(&random);
		graph = build(&random);
		for (uint32_t i = 0; i < NODES; i++) {
			compare_down(&random, graph, i, dice(&random, NODES));
			compare_up(&random, graph, i);
		}
		itsm_impact_free(graph);
	}
}

/* IDs that kinds share, and what is named but not there. */
static void test_find(void **state)
{
	struct itsm_impact_graph *graph = itsm_impact_new();
	char id[16];
	uint32_t node;

	(void)state;
	assert_int_equal(itsm_impact_find(graph, "a"), ITSM_IMPACT_NOTHING);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "x%u", i);
		assert_int_equal(itsm_impact_add(graph, &(struct itsm_impact_node){.id = id, .kind = "item"}), i);
	}
	itsm_impact_add(graph, &(struct itsm_impact_node){.id = "x7", .kind = "service"});
	itsm_impact_add(graph, &(struct itsm_impact_node){.id = "gone"});
	itsm_impact_finish(graph);
	assert_int_equal(itsm_impact_find(graph, "x999"), 999);
	assert_int_equal(itsm_impact_find(graph, "x1000"), ITSM_IMPACT_NOTHING);
	node = itsm_impact_find(graph, "x7");
	assert_int_equal(node + itsm_impact_find_next(graph, node), 1007);
	assert_int_equal(itsm_impact_find_next(graph, itsm_impact_find_next(graph, node)), ITSM_IMPACT_NOTHING);
	assert_null(itsm_impact_node(graph, itsm_impact_find(graph, "gone")).kind);
	itsm_impact_free(graph);
	itsm_impact_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_random), cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
