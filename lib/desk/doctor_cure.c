/*
 * Cures: what loses nothing. What changes files goes the way of every write, and is
 * refused where a user's work is in the way.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "itsm/file.h"

struct curing {
	struct doctor *doctor;
	struct doctor_case *item;
	struct desk_change *change;
	const char *from, *to;  /* of a move; "to" NULL: remove */
	struct itsm_error *err;
};

/* Move one committed file from below `from` to below `to`. */
static int move_entry(void *context, const struct itsm_entry *entry)
{
	struct curing *curing = context;
	struct itsm_arena *arena = curing->change->arena;
	const char *path = itsm_arena_strdup(arena, entry->path);
	struct itsm_buffer text = {0};
	int status = itsm_repo_blob(curing->doctor->desk->repo, &entry->blob, ITSM_FILE_MAX_BYTES, &text, curing->err);

	if (status == 0 && curing->to)
		status = desk_change_put_file(curing->change,
			itsm_arena_printf(arena, "%s%s", curing->to, path + strlen(curing->from)), &text, curing->err);
	itsm_buffer_free(&text);
	return status ? status : desk_change_remove_file(curing->change, path, curing->err);
}

static const char *without_suffix(struct itsm_arena *arena, const char *path)
{
	const char *dot = strrchr(path, '.');

	return itsm_arena_strndup(arena, path, dot ? (size_t)(dot - path) : strlen(path));
}

/* A record, and the folder with its parts that has its name. */
static int move_record(struct curing *curing, const char *from, const char *to)
{
	struct desk_change *change = curing->change;
	struct itsm_repo *repo = curing->doctor->desk->repo;
	const struct itsm_oid *base = itsm_write_base(change->write);
	struct itsm_entry entry = {0};
	int status;

	if (itsm_repo_find(repo, base, from, &entry, NULL) != 0)
		return itsm_error_set(curing->err, ITSM_EREFUSED, "'%s' is not committed; %s", from,
			to ? "move it yourself" : "remove it yourself");
	entry.path = from;
	curing->from = from;
	curing->to = to;
	status = move_entry(curing, &entry);
	if (status != 0 || !to)
		return status;
	curing->from = without_suffix(change->arena, from);
	curing->to = without_suffix(change->arena, to);
	status = itsm_repo_walk(repo, base, curing->from, move_entry, curing, curing->err);
	return status == ITSM_ENOTFOUND ? 0 : status;
}

static int add_lines(struct curing *curing, const char *path, const char *lines)
{
	struct itsm_repo *repo = curing->doctor->desk->repo;
	struct itsm_buffer text = {0};
	struct itsm_entry entry;
	int status = 0;

	if (itsm_repo_find(repo, itsm_write_base(curing->change->write), path, &entry, NULL) == 0)
		status = itsm_repo_blob(repo, &entry.blob, ITSM_FILE_MAX_BYTES, &text, curing->err);
	if (text.length && text.data[text.length - 1] != '\n')
		itsm_buffer_putc(&text, '\n');
	itsm_buffer_puts(&text, lines);
	if (status == 0)
		status = desk_change_put_file(curing->change, path, &text, curing->err);
	itsm_buffer_free(&text);
	return status;
}

static int make_cure(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct curing *curing = context;
	const struct itsm_finding *finding = &curing->item->ailment.finding;
	const char *slash = finding->path ? strrchr(finding->path, '/') : NULL,
		   *name = slash ? slash + 1 : finding->path;
	int status;

	curing->change = change;
	curing->err = err;
	if (curing->item->cure == DOCTOR_ATTRIBUTES) {
		itsm_buffer_puts(&change->subject, "itsm: records are merged by meaning");
		status = add_lines(curing, finding->path, curing->item->target);
	} else {
		bool drop = curing->item->cure == DOCTOR_DROP;

		name = without_suffix(change->arena, name);
		itsm_buffer_printf(
			&change->subject, drop ? "%s: remove the second copy" : "%s: move the file to its place", name);
		desk_change_trailer(change, "Itsm-Record", name);
		status = move_record(curing, finding->path, drop ? NULL : curing->item->target);
	}
	desk_change_trailer(change, "Itsm-Action", "doctor");
	return status;
}

static int commit(struct doctor *doctor, struct doctor_case *item, struct itsm_error *err)
{
	struct curing curing = {.doctor = doctor, .item = item};
	struct itsm_outcome outcome;
	int status;

	itsm_outcome_init(&outcome, doctor->arena);
	status = desk_change_run(doctor->desk, make_cure, &curing, NULL, &outcome, err);
	if (status == 0)
		item->ailment.commit = outcome.commit;
	return status;
}

/* Keep every writer out: what lies about is nobody's then. */
static int begin_alone(struct doctor *doctor, struct itsm_write **write, struct itsm_error *err)
{
	struct itsm_repo *repo;
	int status = itsm_desk_repository(doctor->desk, &repo, err);

	return status ? status : itsm_write_begin(repo, write, err);
}

static int remove_temporary(struct doctor *doctor, const char *path, struct itsm_error *err)
{
	struct itsm_write *write;
	int status = begin_alone(doctor, &write, err);

	if (status != 0)
		return status;
	status = itsm_file_remove(doctor->root, path, err);
	itsm_write_end(write);
	return status == ITSM_ENOTFOUND ? 0 : status;
}

/* `itsm sync` has git merge with writers kept out. */
static int remove_merge_file(struct doctor *doctor, const char *name, struct itsm_error *err)
{
	const char *path = itsm_arena_printf(doctor->arena, "%s/%s", doctor->place.work_tree, name);
	struct itsm_write *write;
	int status = begin_alone(doctor, &write, err);

	if (status != 0)
		return status;
	if (unlink(path) != 0 && errno != ENOENT)
		status = itsm_error_set(err, ITSM_EIO, "%s: %s", path, strerror(errno));
	itsm_write_end(write);
	return status;
}

static int recover(struct doctor *doctor, struct itsm_error *err)
{
	struct itsm_repo *repo;
	int status;

	if ((status = itsm_desk_repository(doctor->desk, &repo, err)) != 0 ||
		(status = itsm_write_recover(repo, err)) != 0)
		return status;
	if (itsm_write_is_pending(&doctor->place))
		return itsm_error_set(err, ITSM_EREFUSED, "another writer is at it; try again when it has ended");
	return 0;
}

static int rebuild_index(struct doctor *doctor, struct itsm_error *err)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	struct itsm_index *index;
	size_t i;

	itsm_index_free(doctor->desk->index);
	doctor->desk->index = NULL;
	for (i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		unlink(itsm_arena_printf(doctor->arena, "%s/itsm/index-v%d.db%s", doctor->place.git_dir,
			ITSM_INDEX_FORMAT, suffixes[i]));
	return itsm_desk_view(doctor->desk, NULL, &index, err);
}

int doctor_cure(struct doctor *doctor, struct doctor_case *item, struct itsm_error *err)
{
	bool made;

	switch (item->cure) {
	case DOCTOR_PERSON:
		break;
	case DOCTOR_DRIVER:
		return itsm_desk_install_driver(doctor->desk, &made, err);
	case DOCTOR_RECOVER:
		return recover(doctor, err);
	case DOCTOR_TEMPORARY:
		return remove_temporary(doctor, item->target, err);
	case DOCTOR_MERGE_FILE:
		return remove_merge_file(doctor, item->target, err);
	case DOCTOR_INDEX:
		return rebuild_index(doctor, err);
	case DOCTOR_ATTRIBUTES:
	case DOCTOR_MOVE:
	case DOCTOR_DROP:
		return commit(doctor, item, err);
	}
	return itsm_error_set(err, ITSM_EREFUSED, "a person has to see to it");
}
