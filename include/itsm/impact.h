/*
 * What fails when something fails: the graph of items and services. Pure; who
 * fills it (lib/index does, from the records) says what the nodes are.
 *
 * An edge leads from a cause to its effect: when the cause fails, so does the
 * effect. An edge of a part leads from a part to the whole; the whole fails
 * when fewer of its parts are up than its minimum. What is failed, left out or
 * `down` is not up; of a whole that is `down` itself, its parts that are `down` count as up: it is planned with them. A minimum of n % of m parts is met by u of them when
 * u * 100 >= n * m; where no minimum is given all parts are needed.
 *
 * Cycles are legal: nothing fails twice. What is told comes breadth first, so
 * that each node is told with a shortest way from what failed, and within one
 * depth in the order of the IDs of the causes, then of their effects: the order
 * in which nodes and edges were added does not matter.
 *
 * A graph is for one thread at a time: it keeps the room that tracing needs.
 */
#ifndef ITSM_IMPACT_H
#define ITSM_IMPACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "itsm/memory.h"

#define ITSM_IMPACT_NOTHING UINT32_MAX
#define ITSM_IMPACT_MAX 0x7fffffff /* nodes, and edges, of a graph */

struct itsm_impact_graph;

struct itsm_impact_node {
	const char *id, *kind; /* copied; kind NULL for what is named but not there */
	const char *minimum;   /* "2" or "50%": of its parts; NULL or anything else = all of them */
	bool down;             /* does not work as it is: planned, in maintenance */
};

ITSM_API struct itsm_impact_graph *itsm_impact_new(void);
ITSM_API void itsm_impact_free(struct itsm_impact_graph *graph);
/* The number of the new node: 0, 1, 2 ...; ITSM_IMPACT_NOTHING beyond the most. */
ITSM_API uint32_t itsm_impact_add(struct itsm_impact_graph *graph, const struct itsm_impact_node *node);
/* `relation` is a small number of the caller's (0 to 65535); the same edge twice counts once. False beyond the most. */
ITSM_API bool itsm_impact_connect(struct itsm_impact_graph *graph, uint32_t cause, uint32_t effect, unsigned relation,
	bool part);
/* After the last node and edge, before any question. */
ITSM_API void itsm_impact_finish(struct itsm_impact_graph *graph);

ITSM_API uint32_t itsm_impact_count(const struct itsm_impact_graph *graph);
ITSM_API size_t itsm_impact_edge_count(const struct itsm_impact_graph *graph);
/* Borrowed from the graph. `minimum` is not kept. */
ITSM_API struct itsm_impact_node itsm_impact_node(const struct itsm_impact_graph *graph, uint32_t node);
/*
 * A node with this ID, also before itsm_impact_finish; then the next one of the same ID, if kinds share it.
 * ITSM_IMPACT_NOTHING when there is none (any more).
 */
ITSM_API uint32_t itsm_impact_find(const struct itsm_impact_graph *graph, const char *id);
ITSM_API uint32_t itsm_impact_find_next(const struct itsm_impact_graph *graph, uint32_t node);

/* The edges that lead from a node (to its effects), or to it (from its causes): call with `at` 0, 1 ... until false. */
struct itsm_impact_edge {
	uint32_t node;     /* at the other end */
	unsigned relation;
	bool part;
};
ITSM_API bool itsm_impact_effect(const struct itsm_impact_graph *graph, uint32_t node, size_t at,
	struct itsm_impact_edge *out);
ITSM_API bool itsm_impact_cause(const struct itsm_impact_graph *graph, uint32_t node, size_t at,
	struct itsm_impact_edge *out);

/* A node's parts: how many, how many of these are up as it is, and how many are needed; all 0 for what has none. */
struct itsm_impact_whole {
	uint32_t parts, parts_up, needed;
};
ITSM_API void itsm_impact_whole(const struct itsm_impact_graph *graph, uint32_t node, struct itsm_impact_whole *out);

enum itsm_impact_alone {
	ITSM_ALONE_NO,
	ITSM_ALONE_YES,
	ITSM_ALONE_UNKNOWN, /* it would have taken too long to find out */
};

struct itsm_impact_query {
	const uint32_t *failed; /* what fails; with `up`: what is asked about */
	size_t failed_count;
	/*
	 * What is out already: it is no part that is up, and what fails by these alone is neither told nor
	 * passed through, unless it is in `failed`.
	 */
	const uint32_t *without;
	size_t without_count;
	uint32_t depth;         /* tell what is so many steps away at most; 0 = all */
	bool up;                /* what these rest on, in place of what fails with them */
};

/* A node that was reached. */
struct itsm_impact_hit {
	uint32_t node;
	uint32_t depth;         /* steps; 0 for what was asked about */
	uint32_t via;           /* place among the hits of the node before it on the way; ITSM_IMPACT_NOTHING at depth 0 */
	unsigned relation;      /* of the edge between the two */
	bool part;
	uint32_t parts, parts_up, needed; /* of a whole: its parts, those that are up afterwards, its minimum; else 0 */
	enum itsm_impact_alone alone; /* up: does its failure alone make one fail that is asked about? */
};

struct itsm_impact_result {
	struct itsm_impact_hit *hits; /* those asked about first, each once */
	size_t count;
	struct itsm_impact_hit *survivors; /* down: wholes that lost parts and are up still, in order of their IDs */
	size_t survivor_count;
	size_t work;            /* edges that were looked at */
};

ITSM_API void itsm_impact_trace(struct itsm_impact_graph *graph, struct itsm_arena *arena,
	const struct itsm_impact_query *query, struct itsm_impact_result *out);

#endif
