/*
 * The graph of impact.c and impact_trace.c: compact arrays. `effects` and
 * `causes` hold each edge once from either end, those of a node in one run
 * (from start[node] to before start[node + 1]), in the order of the IDs at the
 * other end.
 */
#ifndef ITSM_LIB_LOGIC_IMPACT_H
#define ITSM_LIB_LOGIC_IMPACT_H

#include "itsm/impact.h"

struct impact_edge {
	uint32_t cause, effect;
	uint16_t relation;
	bool part;
};

struct impact_node {
	const char *id, *kind;
	uint32_t next;          /* in the chain of its hash */
	uint32_t minimum;       /* number, or percentage */
	uint32_t parts, parts_down; /* how many there are, and how many of these are down as they are */
	bool down, percent, has_minimum;
};

struct impact_side {
	uint32_t *start;        /* node_count + 1 of them */
	struct itsm_impact_edge *edges;
};

struct itsm_impact_graph {
	struct itsm_arena *arena;
	struct impact_node *nodes;
	size_t node_count, node_capacity;
	struct impact_edge *edges; /* as they were added; free once finished */
	size_t edge_count, edge_capacity;
	uint32_t *hash;         /* heads of chains */
	size_t hash_size;       /* a power of two */
	uint32_t *rank;         /* of each node, by ID and kind */
	struct impact_side effects, causes;
	/*
	 * For tracing, one of each per node. A mark holds when it has the number of its round, so that nothing
	 * has to be cleared between two questions.
	 */
	uint32_t round;
	uint32_t *out, *out_lost;    /* out before anything fails; marks of out_loss */
	uint32_t *out_loss;          /* parts that are out */
	uint32_t *reached, *lost;    /* failed; marks of loss */
	uint32_t *loss;              /* parts that failed */
	uint32_t *listed;            /* in a list of the question */
	uint32_t *sure;              /* fails alone what is asked about */
	uint32_t *queue;
};

/* A part that does not work as it is. Of a whole that does not either all parts count: it is planned with them. */
static inline bool impact_is_idle(const struct itsm_impact_graph *graph, uint32_t part, uint32_t whole)
{
	return graph->nodes[part].down && !graph->nodes[whole].down;
}

uint32_t impact_needed(const struct impact_node *node);

#endif
