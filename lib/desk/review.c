/*
 * What a proposal does, for its reviewer.
 *
 * The two ends say which files differ; history says through which states each
 * record went between them. Files of the most interest are read first: there
 * may be more of them than a reviewer, or a comment of a forge, can take.
 */
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "review.h"

/* A file that differs between the ends, or an owner of such. */
struct changed {
	const char *path, *id, *owner;  /* owner "" for a record of its own */
	const struct itsm_kind *kind;
	struct itsm_oid before, after;
	bool was, is;                   /* there as a regular file at either end */
	bool found;                     /* a finding is about it */
};

/* A version of a file within the proposal. */
struct version {
	const char *path;
	struct itsm_oid blob;
	bool is;
	size_t number;                  /* newest first */
};

struct reviewing {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_repo *repo;
	struct itsm_kinds *kinds;
	const struct itsm_findings *findings;
	struct itsm_review *review;
	struct itsm_oid base, head;
	struct changed *files; size_t file_count, file_capacity;
	struct version *versions; size_t version_count, version_capacity;
	size_t policy_capacity, record_capacity;
	struct itsm_error *err;
};

static bool is_regular(const struct itsm_entry *entry)
{
	return entry && (entry->mode & 0170000) == 0100000;
}

static bool is_policy(const char *path)
{
	return strcmp(path, DESK_FILE) == 0 || strncmp(path, "policy/", 7) == 0 || strncmp(path, "people/", 7) == 0 ||
		strncmp(path, "teams/", 6) == 0;
}

static bool is_found(const struct reviewing *reviewing, const char *id)
{
	size_t length = strlen(id), i;

	for (i = 0; i < reviewing->findings->count; i++) {
		const char *record = reviewing->findings->items[i].record;

		if (record && strncmp(record, id, length) == 0 && (record[length] == '\0' || record[length] == '/'))
			return true;
	}
	return false;
}

static int take_file(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct reviewing *reviewing = context;
	struct itsm_review *review = reviewing->review;
	struct itsm_arena *arena = reviewing->arena;
	struct changed file = {.was = is_regular(old_entry), .is = is_regular(new_entry)};
	const char *path = new_entry ? new_entry->path : old_entry->path;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];

	if (is_policy(path)) {
		itsm_arena_grow(arena, &review->policy, &reviewing->policy_capacity, review->policy_count, sizeof(*review->policy));
		review->policy[review->policy_count++] = itsm_arena_strdup(arena, path);
	}
	if ((!file.was && !file.is) || !itsm_kinds_locate(reviewing->kinds, path, &file.kind, id, owner))
		return 0;
	file.path = itsm_arena_strdup(arena, path);
	file.id = itsm_arena_strdup(arena, id);
	file.owner = itsm_arena_strdup(arena, owner);
	file.found = is_found(reviewing, *owner ? owner : id);
	if (file.was)
		file.before = old_entry->blob;
	if (file.is)
		file.after = new_entry->blob;
	itsm_arena_grow(arena, &reviewing->files, &reviewing->file_capacity, reviewing->file_count, sizeof(*reviewing->files));
	reviewing->files[reviewing->file_count++] = file;
	return 0;
}

static int count_commit(void *context, const struct itsm_commit *commit)
{
	struct reviewing *reviewing = context;

	(void)commit;
	reviewing->review->commits++;
	return 0;
}

static int take_version(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct reviewing *reviewing = context;
	const char *path = new_entry ? new_entry->path : old_entry->path;
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	struct version *version;

	if (!itsm_kinds_locate(reviewing->kinds, path, &kind, id, owner) || !kind->state_count)
		return 0;
	itsm_arena_grow(reviewing->arena, &reviewing->versions, &reviewing->version_capacity, reviewing->version_count,
		sizeof(*reviewing->versions));
	version = &reviewing->versions[reviewing->version_count];
	version->path = itsm_arena_strdup(reviewing->arena, path);
	version->number = reviewing->version_count++;
	version->is = is_regular(new_entry);
	if (version->is)
		version->blob = new_entry->blob;
	return 0;
}

/* By path, oldest first. */
static int compare_versions(const void *a, const void *b)
{
	const struct version *left = a, *right = b;
	int order = strcmp(left->path, right->path);

	if (order)
		return order;
	return left->number > right->number ? -1 : left->number < right->number;
}

/* Those with findings first, else by owner and path, so that parts follow their record. */
static int compare_files(const void *a, const void *b)
{
	const struct changed *left = a, *right = b;

	if (left->found != right->found)
		return left->found ? -1 : 1;
	return strcmp(left->path, right->path);
}

static int read_blob(struct reviewing *reviewing, const char *path, const struct itsm_oid *blob, bool there,
	struct itsm_record **out)
{
	struct itsm_findings ignored;

	*out = NULL;
	itsm_findings_init(&ignored, reviewing->arena);
	return there ? itsm_desk_read_blob(reviewing->desk, reviewing->arena, reviewing->kinds, path, blob, out, &ignored,
		reviewing->err) : 0;
}

static void add_state(struct reviewing *reviewing, struct itsm_review_record *record, const char *state, size_t *capacity)
{
	if (!state || (record->state_count && strcmp(record->states[record->state_count - 1], state) == 0))
		return;
	itsm_arena_grow(reviewing->arena, &record->states, capacity, record->state_count, sizeof(*record->states));
	record->states[record->state_count++] = itsm_arena_strdup(reviewing->arena, state);
}

/* The first version of the path. */
static size_t find_versions(const struct reviewing *reviewing, const char *path)
{
	size_t low = 0, high = reviewing->version_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(reviewing->versions[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int read_states(struct reviewing *reviewing, struct itsm_review_record *record, const struct itsm_record *before,
	const struct itsm_record *after)
{
	size_t capacity = 0, i;
	int status = 0;

	add_state(reviewing, record, before ? before->state : NULL, &capacity);
	for (i = find_versions(reviewing, record->path); status == 0 && i < reviewing->version_count; i++) {
		const struct version *version = &reviewing->versions[i];
		struct itsm_record *step;

		if (strcmp(version->path, record->path) != 0)
			break;
		status = read_blob(reviewing, version->path, &version->blob, version->is, &step);
		if (status == 0 && step)
			add_state(reviewing, record, step->state, &capacity);
	}
	add_state(reviewing, record, after ? after->state : NULL, &capacity);
	return status;
}

static const char *change_of(const struct changed *file)
{
	return !file->was ? "added" : !file->is ? "removed" : "changed";
}

static const char *text_of(const struct itsm_record *record, const char *field)
{
	return record ? itsm_record_text(record, field) : NULL;
}

static int fill_record(struct reviewing *reviewing, const struct changed *file, struct itsm_review_record *out)
{
	struct itsm_record *before, *after;
	int status;

	if ((status = read_blob(reviewing, file->path, &file->before, file->was, &before)) != 0 ||
	    (status = read_blob(reviewing, file->path, &file->after, file->is, &after)) != 0)
		return status;
	out->id = file->id;
	out->kind = itsm_arena_strdup(reviewing->arena, file->kind->name);
	out->path = file->path;
	out->title = after ? after->title : before ? before->title : "";
	out->risk = text_of(after, "risk");
	out->start = text_of(after, "window.start");
	out->end = text_of(after, "window.end");
	itsm_record_compare(reviewing->arena, before, after, &out->differences, &out->count);
	return file->kind->state_count ? read_states(reviewing, out, before, after) : 0;
}

static struct itsm_review_record *new_record(struct reviewing *reviewing)
{
	struct itsm_review *review = reviewing->review;

	itsm_arena_grow(reviewing->arena, &review->records, &reviewing->record_capacity, review->count, sizeof(*review->records));
	memset(&review->records[review->count], 0, sizeof(*review->records));
	return &review->records[review->count++];
}

static struct itsm_review_record *find_record(const struct itsm_review *review, const char *id)
{
	size_t i;

	for (i = review->count; i-- > 0;) {
		if (strcmp(review->records[i].id, id) == 0)
			return &review->records[i];
	}
	return NULL;
}

/* A record that is as it was, but for a part: from the file beside the part's folder. */
static int find_owner(struct reviewing *reviewing, const struct changed *part, struct itsm_review_record **out)
{
	static const char *const suffixes[] = {".md", ".yaml"};
	const char *end = strstr(part->path, part->owner);
	struct itsm_entry entry;
	struct changed file = {.id = part->owner};
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	size_t i;

	for (i = 0; end && i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		file.path = itsm_arena_printf(reviewing->arena, "%.*s%s%s", (int)(end - part->path), part->path, part->owner, suffixes[i]);
		file.is = itsm_repo_find(reviewing->repo, &reviewing->head, file.path, &entry, NULL) == 0 && is_regular(&entry);
		if (!file.is || !itsm_kinds_locate(reviewing->kinds, file.path, &file.kind, id, owner))
			continue;
		file.was = true;
		file.before = file.after = entry.blob;
		*out = new_record(reviewing);
		return fill_record(reviewing, &file, *out);
	}
	*out = new_record(reviewing);
	**out = (struct itsm_review_record){.id = part->owner, .kind = "", .path = part->path, .title = ""};
	return 0;
}

static int add_part(struct reviewing *reviewing, const struct changed *file)
{
	struct itsm_review_record *owner = find_record(reviewing->review, file->owner);
	struct itsm_review_part *parts, *part;
	struct itsm_record *before, *after;
	int status = owner ? 0 : find_owner(reviewing, file, &owner);

	if (status != 0 || (status = read_blob(reviewing, file->path, &file->before, file->was, &before)) != 0 ||
	    (status = read_blob(reviewing, file->path, &file->after, file->is, &after)) != 0)
		return status;
	parts = itsm_arena_alloc(reviewing->arena, (owner->part_count + 1) * sizeof(*parts));
	if (owner->part_count)
		memcpy(parts, owner->parts, owner->part_count * sizeof(*parts));
	owner->parts = parts;
	part = &parts[owner->part_count++];
	*part = (struct itsm_review_part){.name = file->id, .change = change_of(file),
		.kind = itsm_arena_strdup(reviewing->arena, file->kind->name)};
	itsm_record_compare(reviewing->arena, before, after, &part->differences, &part->count);
	return 0;
}

/* Records first, then parts, each for its record. */
static int read_files(struct reviewing *reviewing)
{
	struct itsm_review *review = reviewing->review;
	struct itsm_review_record *record;
	size_t i, parts = 0;
	int status = 0;

	for (i = 0; i < reviewing->file_count && status == 0; i++) {
		const struct changed *file = &reviewing->files[i];

		if (*file->owner)
			continue;
		if (review->count == ITSM_REVIEW_RECORDS) {
			review->more++;
			continue;
		}
		record = new_record(reviewing);
		record->change = change_of(file);
		status = fill_record(reviewing, file, record);
	}
	for (i = 0; i < reviewing->file_count && status == 0; i++) {
		if (*reviewing->files[i].owner && parts++ < ITSM_REVIEW_RECORDS)
			status = add_part(reviewing, &reviewing->files[i]);
	}
	return status;
}

static int find_ends(struct reviewing *reviewing, const char *range)
{
	const char *dots = strstr(range, "..");
	struct itsm_review *review = reviewing->review;
	struct itsm_error *err = reviewing->err;
	struct itsm_oid policy;
	int status;

	if (!dots)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no range; give BASE..HEAD, such as main..%s", range, range);
	review->base = dots == range ? "HEAD" : itsm_arena_strndup(reviewing->arena, range, (size_t)(dots - range));
	review->head = itsm_arena_strdup(reviewing->arena, dots + 2 + (dots[2] == '.'));
	review->head = *review->head ? review->head : "HEAD";
	if ((status = itsm_desk_repository(reviewing->desk, &reviewing->repo, err)) != 0 ||
	    (status = itsm_repo_resolve(reviewing->repo, review->base, &policy, err)) != 0 ||
	    (status = itsm_repo_resolve(reviewing->repo, review->head, &reviewing->head, err)) != 0 ||
	    (status = itsm_repo_merge_base(reviewing->repo, &policy, &reviewing->head, &reviewing->base, err)) != 0)
		return status;
	return itsm_desk_kinds_at(reviewing->desk, &policy, &reviewing->kinds, err);
}

int itsm_desk_review(struct itsm_desk *desk, struct itsm_arena *arena, const char *range,
	const struct itsm_findings *findings, struct itsm_review *out, struct itsm_error *err)
{
	struct itsm_review review = {0};
	struct reviewing reviewing = {.desk = desk, .arena = arena, .findings = findings, .review = &review, .err = err};
	const struct itsm_history history = {count_commit, take_version, &reviewing};
	int status = find_ends(&reviewing, range);

	if (status == 0)
		status = itsm_repo_compare(reviewing.repo, &reviewing.base, &reviewing.head, take_file, &reviewing, err);
	if (status == 0)
		status = itsm_repo_history(&desk->place, itsm_oid_is_zero(&reviewing.base) ? NULL : &reviewing.base, &reviewing.head,
			NULL, 0, &history, err);
	if (status == 0) {
		if (reviewing.version_count)
			qsort(reviewing.versions, reviewing.version_count, sizeof(*reviewing.versions), compare_versions);
		if (reviewing.file_count)
			qsort(reviewing.files, reviewing.file_count, sizeof(*reviewing.files), compare_files);
		status = read_files(&reviewing);
	}
	if (status == 0)
		status = review_approvals(desk, arena, reviewing.kinds, &reviewing.head, &review, err);
	itsm_kinds_free(reviewing.kinds);
	if (status == 0)
		*out = review;
	return status;
}
