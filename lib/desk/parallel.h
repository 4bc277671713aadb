/* Waiting for several programs at once. */
#ifndef ITSM_LIB_DESK_PARALLEL_H
#define ITSM_LIB_DESK_PARALLEL_H

#include <stddef.h>

/* So many at most, however many processors there are. */
#define PARALLEL_MAX 8

/* How many are worth it: as many as there are processors. */
size_t parallel_width(void);
/* Call `work` for each of `count` items of `size` bytes, some at the same time; returns when all are done. */
void parallel_run(void *items, size_t size, size_t count, void (*work)(void *item));

#endif
