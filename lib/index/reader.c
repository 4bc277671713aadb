/*
 * Many files or blobs into the index: read and parsed on several threads where
 * it pays, inserted by the calling thread, in order.
 *
 * Helpers take jobs from `next` on, at most WINDOW ahead of what is inserted,
 * so that memory stays bounded. The calling thread does the same while the job that it
 * wants to insert is not done. Blobs are loaded by the calling thread, since the
 * repository is used by one thread only.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "index.h"

#define WINDOW 512
#define LOAD_AHEAD 128
#define WAKE_EVERY 64            /* jobs: a helper that waits is not woken for one */
#define THREADS_FROM 32          /* jobs: below, a thread costs more than it brings */
#define KNOWN_FROM 256           /* jobs: below, content is looked up one by one */
#define HELPERS_MAX 3
#define PROGRESS_EVERY 256
#define ALONE_MAX 8              /* jobs: up to these, blobs are read without opening the repository */

enum { WAITING, TAKEN, DONE };

struct pipeline {
	struct itsm_index *index;
	struct index_reading *reading;
	struct index_contents *known;   /* read only while threads run */
	pthread_mutex_t lock;
	pthread_cond_t done, room;
	size_t next, available, inserted;
	bool stop, alone;
};

static bool is_known(struct pipeline *pipeline, struct index_job *job)
{
	if (job->content)
		return true;
	if (!job->place.located)
		return false;
	if (pipeline->alone)
		itsm_index_content_find(pipeline->index, &job->place, &job->blob, &job->content, NULL);
	else
		job->content = itsm_index_contents_find(pipeline->known, &job->blob, job->place.shape->number);
	return job->content != 0;
}

static void read_file(struct pipeline *pipeline, struct index_job *job, struct itsm_buffer *text)
{
	struct stat info = {0};

	switch (itsm_index_file_read(pipeline->reading->root, job->place.path, text, &info)) {
	case 0:
		job->checksum = itsm_index_checksum(text->data, text->length);
		job->mark = itsm_index_is_young(&info, &pipeline->reading->stamp) ? 0 : itsm_index_mark(&info);
		itsm_blob_hash(text->data ? text->data : "", text->length, &job->blob);
		break;
	case ITSM_ENOTFOUND:
	case ITSM_EDATA:
		job->outcome = INDEX_GONE;
		break;
	case ITSM_EREFUSED:
		job->obstacle = INDEX_LINK;
		break;
	case ITSM_ELIMIT:
		job->obstacle = INDEX_TOO_LARGE;
		break;
	default:
		job->obstacle = INDEX_NO_ACCESS;
		break;
	}
	if (job->obstacle != INDEX_READABLE &&
		fstatat(pipeline->reading->root, job->place.path, &info, AT_SYMLINK_NOFOLLOW) == 0)
		job->mark = itsm_index_is_young(&info, &pipeline->reading->stamp) ? 0 : itsm_index_mark(&info);
}

/* A version of the job's record; beside another one of it, when that could be read. */
static struct itsm_record *read_text(const struct itsm_kinds *kinds, const struct index_job *job,
	const struct itsm_record *beside, const struct itsm_buffer *text)
{
	struct itsm_findings findings;

	itsm_findings_init(&findings, job->rows.arena);
	if (beside)
		return itsm_record_read_beside(job->rows.arena, kinds, beside, text->data ? text->data : "", text->length,
			&findings);
	return itsm_record_read(job->rows.arena, kinds, job->place.path, text->data ? text->data : "", text->length,
		&findings);
}

static bool has_field(const struct itsm_difference *differences, size_t count, const char *field)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(differences[i].field, field) == 0)
			return true;
	return false;
}

/* What the job's text changed of its bases. What a merge took from one of its parents it did not change. */
static void compare_bases(const struct itsm_kinds *kinds, struct index_job *job)
{
	const struct itsm_record *record = job->rows.record;
	struct itsm_difference *others;
	size_t count, used = 0;

	if (!job->rows.arena)
		job->rows.arena = itsm_arena_new();
	if (!record)
		record = read_text(kinds, job, NULL, &job->text);
	itsm_record_compare(job->rows.arena, read_text(kinds, job, record, &job->base_texts[0]), record,
		&job->differences, &job->difference_count);
	for (size_t i = 1; i < job->base_count; i++, used = 0) {
		itsm_record_compare(job->rows.arena, read_text(kinds, job, record, &job->base_texts[i]), record, &others,
			&count);
		for (size_t j = 0; j < job->difference_count; j++)
			if (has_field(others, count, job->differences[j].field))
				job->differences[used++] = job->differences[j];
		job->difference_count = used;
	}
}

static void work(struct pipeline *pipeline, struct index_job *job)
{
	const struct itsm_kinds *kinds = pipeline->index->options.kinds;
	struct itsm_buffer text = {0};

	if (job->obstacle == INDEX_READABLE && pipeline->reading->files)
		read_file(pipeline, job, &text);
	if (job->outcome == INDEX_GONE) {
		itsm_buffer_free(&text);
		return;
	}
	if (job->obstacle != INDEX_READABLE) {
		itsm_index_obstacle_oid(job->obstacle, &job->blob);
		itsm_index_flatten_obstacle(&job->rows, itsm_arena_new(), kinds, job->place.path, job->obstacle);
		job->outcome = INDEX_READ;
	} else if (is_known(pipeline, job)) {
		job->outcome = INDEX_KNOWN;
	} else {
		const struct itsm_buffer *source = pipeline->reading->files ? &text : &job->text;

		itsm_index_flatten(&job->rows, itsm_arena_new(), kinds, job->place.shape, job->place.path,
			source->data ? source->data : "", source->length);
		job->outcome = INDEX_READ;
	}
	if (job->base_count && job->obstacle == INDEX_READABLE)
		compare_bases(kinds, job);
	itsm_buffer_free(&text);
}

/* Take a job and do it. The lock is held before and after. False when there is none to take now. */
static bool help(struct pipeline *pipeline)
{
	struct index_job *job;

	if (pipeline->next >= pipeline->available || pipeline->next >= pipeline->inserted + WINDOW)
		return false;
	job = &pipeline->reading->jobs[pipeline->next++];
	job->state = TAKEN;
	pthread_mutex_unlock(&pipeline->lock);
	work(pipeline, job);
	pthread_mutex_lock(&pipeline->lock);
	job->state = DONE;
	pthread_cond_signal(&pipeline->done);
	return true;
}

static void *helper(void *context)
{
	struct pipeline *pipeline = context;

	pthread_mutex_lock(&pipeline->lock);
	while (!pipeline->stop && pipeline->next < pipeline->reading->count)
		if (!help(pipeline))
			pthread_cond_wait(&pipeline->room, &pipeline->lock);
	pthread_mutex_unlock(&pipeline->lock);
	return NULL;
}

static int load_blob(struct pipeline *pipeline, struct index_job *job, struct itsm_error *err)
{
	struct index_texts *texts = pipeline->reading->texts;
	struct itsm_repo *repo;
	int status;

	if (!pipeline->index->repo && !job->base_count && itsm_place_blob(pipeline->index->options.place, &job->blob,
		ITSM_FILE_MAX_BYTES, &job->text))
		return 0;
	if ((status = itsm_index_repository(pipeline->index, err)) != 0)
		return status;
	repo = pipeline->index->repo;
	status = itsm_repo_blob(repo, &job->blob, ITSM_FILE_MAX_BYTES, &job->text, err);
	if (status == ITSM_ELIMIT)
		job->obstacle = INDEX_TOO_LARGE;
	for (size_t i = 0; i < job->base_count && status == 0; i++)
		if (!itsm_index_texts_take(texts, &job->bases[i], &job->base_texts[i]))
			status = itsm_repo_blob(repo, &job->bases[i], ITSM_FILE_MAX_BYTES, &job->base_texts[i], err);
	if (status == 0)
		itsm_index_texts_keep(texts, &job->blob, &job->text);
	if (status != ITSM_ELIMIT)
		return status;
	job->base_count = 0; /* nothing can be compared */
	return 0;
}

static int load_blobs(struct pipeline *pipeline, size_t position, struct itsm_error *err)
{
	size_t loaded = pipeline->available, wanted = position + LOAD_AHEAD;
	int status = 0;

	if (wanted > pipeline->reading->count)
		wanted = pipeline->reading->count;
	if (loaded >= position + LOAD_AHEAD - WAKE_EVERY)
		return 0;
	for (; loaded < wanted && status == 0; loaded++)
		if (pipeline->reading->jobs[loaded].obstacle == INDEX_READABLE)
			status = load_blob(pipeline, &pipeline->reading->jobs[loaded], err);
	if (status == 0 && loaded > pipeline->available) {
		pthread_mutex_lock(&pipeline->lock);
		pipeline->available = loaded;
		pthread_cond_broadcast(&pipeline->room);
		pthread_mutex_unlock(&pipeline->lock);
	}
	return status;
}

static void let_go(struct index_job *job)
{
	itsm_arena_free(job->rows.arena);
	job->rows.arena = NULL;
	itsm_buffer_free(&job->text);
	for (size_t i = 0; i < INDEX_BASES; i++)
		itsm_buffer_free(&job->base_texts[i]);
}

static int insert(struct pipeline *pipeline, struct index_job *job, struct itsm_error *err)
{
	struct itsm_index *index = pipeline->index;
	struct index_contents *contents = pipeline->reading->contents;
	int status = 0;

	if (job->outcome == INDEX_READ)
		status = itsm_index_content_seek(index, contents, &job->place, &job->blob, &job->content, err);
	if (status == 0 && job->outcome == INDEX_READ && !job->content)
		status = itsm_index_content_insert(index, contents, &job->place, &job->blob, &job->rows, &job->content,
			err);
	if (status == 0)
		status = pipeline->reading->sink(pipeline->reading->context, job, err);
	let_go(job);
	return status;
}

static int insert_all(struct pipeline *pipeline, struct itsm_error *err)
{
	struct index_reading *reading = pipeline->reading;
	int status = 0;

	for (size_t i = 0; i < reading->count && status == 0; i++) {
		struct index_job *job = &reading->jobs[i];

		if (i % PROGRESS_EVERY == 0 && reading->what)
			itsm_index_progress(pipeline->index, reading->what, i, reading->count);
		if (!reading->files && (status = load_blobs(pipeline, i, err)) != 0)
			break;
		pthread_mutex_lock(&pipeline->lock);
		while (job->state != DONE)
			if (!help(pipeline))
				pthread_cond_wait(&pipeline->done, &pipeline->lock);
		pthread_mutex_unlock(&pipeline->lock);
		status = insert(pipeline, job, err);
		pthread_mutex_lock(&pipeline->lock);
		pipeline->inserted = i + 1;
		if (pipeline->inserted % WAKE_EVERY == 0)
			pthread_cond_broadcast(&pipeline->room);
		pthread_mutex_unlock(&pipeline->lock);
	}
	return status;
}

static size_t helper_count(size_t jobs)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (jobs < THREADS_FROM || processors < 2)
		return 0;
	return processors - 1 < HELPERS_MAX ? (size_t)processors - 1 : HELPERS_MAX;
}

int itsm_index_read(struct itsm_index *index, struct index_reading *reading, struct itsm_error *err)
{
	struct pipeline pipeline = {
		.index = index, .reading = reading, .available = reading->files ? reading->count : 0,
		.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER, .room = PTHREAD_COND_INITIALIZER,
	};
	pthread_t threads[HELPERS_MAX];
	size_t count = 0;
	int status = 0;

	if (!reading->files && reading->count > ALONE_MAX)
		status = itsm_index_repository(index, err);
	if (status == 0 && reading->count >= KNOWN_FROM && !reading->sought)
		status = itsm_index_contents_load(index, &pipeline.known, err);
	if (status == 0) {
		while (count < helper_count(reading->count) &&
		       pthread_create(&threads[count], NULL, helper, &pipeline) == 0)
			count++;
		pipeline.alone = count == 0;
		status = insert_all(&pipeline, err);
	}
	pthread_mutex_lock(&pipeline.lock);
	pipeline.stop = true;
	pthread_cond_broadcast(&pipeline.room);
	pthread_mutex_unlock(&pipeline.lock);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < reading->count; i++)
		let_go(&reading->jobs[i]);
	itsm_index_contents_free(pipeline.known);
	return status;
}
