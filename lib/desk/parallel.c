#include "parallel.h"

#include <pthread.h>
#include <unistd.h>

struct running {
	char *items;
	size_t size, count, next;
	void (*work)(void *item);
	pthread_mutex_t lock;
};

static void *take(void *context)
{
	struct running *running = context;
	size_t mine;

	for (;;) {
		pthread_mutex_lock(&running->lock);
		mine = running->next++;
		pthread_mutex_unlock(&running->lock);
		if (mine >= running->count)
			return NULL;
		running->work(running->items + mine * running->size);
	}
}

size_t parallel_width(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 1 ? 1 : processors > PARALLEL_MAX ? PARALLEL_MAX : (size_t)processors;
}

/* This thread is one of them; where no other can be had, it does all of it. */
void parallel_run(void *items, size_t size, size_t count, void (*work)(void *item))
{
	struct running running = {items, size, count, 0, work, PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[PARALLEL_MAX];
	size_t wanted = parallel_width(), started = 0;

	while (started + 1 < wanted && started + 1 < count && pthread_create(&threads[started], NULL, take, &running) == 0)
		started++;
	take(&running);
	while (started-- > 0)
		pthread_join(threads[started], NULL);
	pthread_mutex_destroy(&running.lock);
}
