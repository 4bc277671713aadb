/*
 * The text of a snapshot into the database: what is missing, read and cut up on several threads, added by the
 * calling one in order of bid.
 *
 * A text is that of a blob. The file in the work tree is tried first, whatever the snapshot, and taken when it has
 * the blob's name: reading and hashing it costs less than unpacking the blob, and several threads can. The
 * repository is asked for the rest, by the calling thread.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "itsm/markdown.h"
#include "search.h"

#define WINDOW 1024
#define BATCH 16
#define THREADS_FROM 64
#define HELPERS_MAX 3
#define PROGRESS_EVERY 256
#define STALE_FROM 1000

enum { PENDING, READ, ELSEWHERE };

struct fill_job {
	int64_t content;
	const char *path;
	const struct itsm_kind *kind;
	struct itsm_oid blob;
	struct search_text text;
	uint64_t sum;
	int state;
};

struct filling {
	struct index_search *search;
	struct itsm_arena *arena;
	struct fill_job *jobs;
	size_t count, capacity;
	size_t entries;                 /* of the snapshot, each content once */
	size_t texts;                   /* in the database before */
	bool whole;
	int root;                       /* of the work tree, negative without one */
	pthread_mutex_t lock;
	pthread_cond_t done, room;
	size_t next, added;
	bool stop;
};

/* Add a job for content that lacks its text, unless it is no record. */
static int add_job(struct filling *filling, sqlite3_stmt *content, int64_t number, const char *path,
	struct itsm_error *err)
{
	struct itsm_index *index = filling->search->index;
	struct fill_job *job;
	int status;

	sqlite3_reset(content);
	sqlite3_bind_int64(content, 1, number);
	if ((status = itsm_index_step(index, content, err)) != 1 || !sqlite3_column_int(content, 0))
		return status < 0 ? status : 0;
	itsm_arena_grow(filling->arena, &filling->jobs, &filling->capacity, filling->count, sizeof(*filling->jobs));
	job = &filling->jobs[filling->count];
	*job = (struct fill_job){
		.content = number, .path = itsm_arena_strdup(filling->arena, path),
		.kind = itsm_index_kind_at(index, sqlite3_column_int(content, 1)),
	};
	itsm_index_column_oid(content, 2, &job->blob);
	filling->count += job->kind != NULL;
	return 0;
}

/* Go along the snapshot and the texts, both in order of content. */
static int find_missing(struct filling *filling, sqlite3_stmt *entries, sqlite3_stmt *content, sqlite3_stmt *texts,
	struct itsm_error *err)
{
	struct index_search *search = filling->search;
	int64_t last = 0, there = -1;
	int status, more = 1;

	while ((status = itsm_index_step(search->index, entries, err)) == 1) {
		int64_t number = sqlite3_column_int64(entries, 0);

		if (number == last)
			continue;
		last = number;
		filling->entries++;
		while (there < number && more == 1) {
			if ((more = itsm_index_search_step(search, texts, err)) < 0)
				return more;
			there = more ? sqlite3_column_int64(texts, 0) : INT64_MAX;
			filling->texts += more == 1;
		}
		if (there != number && (status = add_job(filling, content, number,
			(const char *)sqlite3_column_text(entries, 1), err)) != 0)
			return status;
	}
	while (status == 0 && more == 1) {
		if ((more = itsm_index_search_step(search, texts, err)) < 0)
			return more;
		filling->texts += more == 1;
	}
	return status;
}

static int list_missing(struct filling *filling, struct itsm_error *err)
{
	static const char content_sql[] = "SELECT readable, kid, blob FROM itsm_content WHERE bid = ?1";
	struct itsm_index *index = filling->search->index;
	sqlite3_stmt *entries = NULL, *content = NULL, *texts = NULL;
	const char *sql = itsm_arena_printf(filling->arena, "SELECT bid, path FROM %s ORDER BY bid",
		itsm_index_entry_table(index, index->snapshot));
	int status = itsm_index_prepare(index, sql, &entries, err);

	if (status == 0 && (status = itsm_index_prepare(index, content_sql, &content, err)) == 0 &&
		(status = itsm_index_search_prepare(
			 filling->search, "SELECT bid FROM itsm_text ORDER BY bid", &texts, err)) == 0)
		status = find_missing(filling, entries, content, texts, err);
	sqlite3_finalize(entries);
	sqlite3_finalize(content);
	sqlite3_finalize(texts);
	return status;
}

static void cut_up(struct fill_job *job, const struct itsm_buffer *text)
{
	const char *bytes = text->data ? text->data : "";

	itsm_index_search_text(&job->text, job->kind, bytes, text->length);
	job->sum = itsm_index_checksum(bytes, text->length);
}

static int work(struct filling *filling, struct fill_job *job, struct itsm_buffer *text)
{
	struct itsm_oid blob;
	struct stat info;

	if (filling->root < 0 || itsm_index_file_read(filling->root, job->path, text, &info) != 0)
		return ELSEWHERE;
	itsm_blob_hash(text->data ? text->data : "", text->length, &blob);
	if (!itsm_oid_equal(&blob, &job->blob))
		return ELSEWHERE;
	cut_up(job, text);
	return READ;
}

/* Take some jobs and do them. The lock is held before and after. False when there are none to take now. */
static bool help(struct filling *filling, struct itsm_buffer *text)
{
	size_t first = filling->next, last = first + BATCH;
	int states[BATCH];

	if (last > filling->count)
		last = filling->count;
	if (first == last || last > filling->added + WINDOW)
		return false;
	filling->next = last;
	pthread_mutex_unlock(&filling->lock);
	for (size_t i = first; i < last; i++)
		states[i - first] = work(filling, &filling->jobs[i], text);
	pthread_mutex_lock(&filling->lock);
	for (size_t i = first; i < last; i++)
		filling->jobs[i].state = states[i - first];
	pthread_cond_signal(&filling->done);
	return true;
}

static void *helper(void *context)
{
	struct filling *filling = context;
	struct itsm_buffer text = {0};

	pthread_mutex_lock(&filling->lock);
	while (!filling->stop && filling->next < filling->count)
		if (!help(filling, &text))
			pthread_cond_wait(&filling->room, &filling->lock);
	pthread_mutex_unlock(&filling->lock);
	itsm_buffer_free(&text);
	return NULL;
}

/* From the repository. A file that changed since the scan has no blob there yet: the next search comes back to it. */
static int unpack(struct filling *filling, struct fill_job *job, struct itsm_buffer *text, struct itsm_error *err)
{
	int status =
		itsm_repo_blob(filling->search->index->repo, &job->blob, ITSM_FILE_MAX_BYTES, text, err);

	if (status == 0) {
		cut_up(job, text);
		job->state = READ;
	} else {
		filling->whole = false;
	}
	return status == ITSM_ENOTFOUND ? 0 : status;
}

static void bind_column(sqlite3_stmt *statement, int position, const struct itsm_buffer *text)
{
	sqlite3_bind_text(statement, position, text->data ? text->data : "", (int)text->length, SQLITE_STATIC);
}

static int insert(struct index_search *search, sqlite3_stmt *words, sqlite3_stmt *known, struct fill_job *job,
	struct itsm_error *err)
{
	int status;

	sqlite3_bind_int64(words, 1, job->content);
	bind_column(words, 2, &job->text.title);
	bind_column(words, 3, &job->text.fields);
	bind_column(words, 4, &job->text.body);
	sqlite3_bind_int64(known, 1, job->content);
	sqlite3_bind_int64(known, 2, (sqlite3_int64)job->sum);
	if ((status = itsm_index_search_step(search, words, err)) == 0)
		status = itsm_index_search_step(search, known, err);
	sqlite3_reset(words);
	sqlite3_reset(known);
	itsm_index_search_text_free(&job->text);
	return status;
}

/* Wait until a job is done, helping meanwhile. */
static void await(struct filling *filling, struct fill_job *job, struct itsm_buffer *text)
{
	pthread_mutex_lock(&filling->lock);
	while (job->state == PENDING)
		if (!help(filling, text))
			pthread_cond_wait(&filling->done, &filling->lock);
	filling->added = (size_t)(job - filling->jobs) + 1;
	pthread_cond_broadcast(&filling->room);
	pthread_mutex_unlock(&filling->lock);
}

static int insert_all(struct filling *filling, sqlite3_stmt *words, sqlite3_stmt *known, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	int status = 0;

	for (size_t i = 0; i < filling->count && status == 0; i++) {
		struct fill_job *job = &filling->jobs[i];

		if (i % PROGRESS_EVERY == 0)
			itsm_index_progress(filling->search->index, "reading text", i, filling->count);
		await(filling, job, &text);
		if (job->state == ELSEWHERE)
			status = unpack(filling, job, &text, err);
		if (status == 0 && job->state == READ)
			status = insert(filling->search, words, known, job, err);
	}
	itsm_buffer_free(&text);
	return status;
}

static size_t helper_count(size_t jobs)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (jobs < THREADS_FROM || processors < 2)
		return 0;
	return processors - 1 < HELPERS_MAX ? (size_t)processors - 1 : HELPERS_MAX;
}

static int fill(struct filling *filling, sqlite3_stmt *words, sqlite3_stmt *known, struct itsm_error *err)
{
	pthread_t threads[HELPERS_MAX];
	size_t count = 0;
	int status;

	while (count < helper_count(filling->count) &&
		pthread_create(&threads[count], NULL, helper, filling) == 0)
		count++;
	status = insert_all(filling, words, known, err);
	pthread_mutex_lock(&filling->lock);
	filling->stop = true;
	pthread_cond_broadcast(&filling->room);
	pthread_mutex_unlock(&filling->lock);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < filling->count; i++)
		itsm_index_search_text_free(&filling->jobs[i].text);
	return status;
}

static int add_missing(struct filling *filling, struct itsm_error *err)
{
	static const char words_sql[] = "INSERT INTO text(rowid, title, fields, body) VALUES(?1, ?2, ?3, ?4)";
	struct index_search *search = filling->search;
	sqlite3_stmt *words = NULL, *known = NULL;
	const char *root = search->index->options.place->root;
	int status = itsm_index_repository(search->index, err);

	if (status == 0 && (status = itsm_index_search_prepare(search, words_sql, &words, err)) == 0 &&
		(status = itsm_index_search_prepare(
			 search, "INSERT INTO itsm_text(bid, sum) VALUES(?1, ?2)", &known, err)) == 0) {
		filling->root = root ? open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		status = fill(filling, words, known, err);
		if (filling->root >= 0)
			close(filling->root);
	}
	sqlite3_finalize(words);
	sqlite3_finalize(known);
	return status;
}

int itsm_index_search_fill(struct index_search *search, bool *whole, bool *stale, struct itsm_error *err)
{
	struct filling filling = {
		.search = search, .arena = itsm_arena_new(), .whole = true, .lock = PTHREAD_MUTEX_INITIALIZER,
		.done = PTHREAD_COND_INITIALIZER, .room = PTHREAD_COND_INITIALIZER,
	};
	int status = list_missing(&filling, err);

	/* seen from an old revision, the text of today is not stale */
	*stale = search->index->snapshot != ITSM_SNAPSHOT_AT && filling.texts > 2 * filling.entries + STALE_FROM;
	if (status == 0 && filling.count && !*stale)
		status = add_missing(&filling, err);
	*whole = filling.whole && !*stale;
	itsm_arena_free(filling.arena);
	return status;
}
