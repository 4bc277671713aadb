/*
 * Changes on branches that are not merged: what each brings since it left HEAD, read from its tip. That is where
 * collisions are born.
 */
#include "schedule.h"

#include <string.h>

struct branch {
	struct schedule *schedule;
	const struct itsm_kind *kind;
	const char *name;
	struct itsm_error *err;
};

static const char *read_list(const struct branch *branch, const struct itsm_record *record, const char *name)
{
	const struct itsm_field *field = itsm_kind_field(branch->kind, name);
	const struct itsm_yaml *node = itsm_record_field(record, name);
	struct itsm_buffer json = {0};
	const char *text;

	if (!field || !node)
		return NULL;
	if (node->type == ITSM_YAML_SCALAR)
		itsm_buffer_putc(&json, '[');
	itsm_yaml_json(node, field, &json);
	if (node->type == ITSM_YAML_SCALAR)
		itsm_buffer_putc(&json, ']');
	text = itsm_arena_strdup(branch->schedule->arena, json.data);
	itsm_buffer_free(&json);
	return text;
}

/* Is it there already, at this time: in the desk, or on a branch before? */
static bool is_known(const struct schedule *schedule, const struct itsm_planned *planned)
{
	for (size_t i = 0; i < schedule->count; i++) {
		const struct itsm_booking *booking = &schedule->planned[i].booking;

		if (strcmp(booking->id, planned->booking.id) == 0 && booking->start == planned->booking.start &&
			booking->end == planned->booking.end)
			return true;
	}
	return false;
}

static void add(struct branch *branch, const struct itsm_record *record)
{
	struct schedule *schedule = branch->schedule;
	const char *start = itsm_record_text(record, "window.start"), *end = itsm_record_text(record, "window.end");
	const char *type = itsm_record_text(record, "type");
	const struct itsm_state *state = record->state ? itsm_kind_state(branch->kind, record->state) : NULL;
	struct itsm_planned planned;
	struct itsm_time from, to;

	if (!state || !state->open || !start || !end || itsm_time_parse(start, &from, NULL) != 0 ||
		itsm_time_parse(end, &to, NULL) != 0)
		return;
	planned = (struct itsm_planned){.booking = {.id = record->id, .start = from.seconds, .end = to.seconds,
			.person = itsm_record_text(record, "implementer")},
		.title = record->title, .state = record->state, .branch = branch->name,
		.items = read_list(branch, record, "items"), .services = read_list(branch, record, "services"),
		.emergency = type && strcmp(type, "emergency") == 0};
	if (is_known(schedule, &planned))
		return;
	itsm_planned_nodes(schedule->arena, schedule->map, &planned);
	if (schedule->count == schedule->capacity) {
		struct itsm_planned *grown = itsm_arena_alloc(schedule->arena, (2 * schedule->count + 16) * sizeof(*grown));

		if (schedule->count)
			memcpy(grown, schedule->planned, schedule->count * sizeof(*grown));
		schedule->planned = grown;
		schedule->capacity = 2 * schedule->count + 16;
	}
	schedule->planned[schedule->count++] = planned;
}

static int take_entry(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct branch *branch = context;
	struct itsm_desk *desk = branch->schedule->desk;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	const struct itsm_kind *kind;
	struct itsm_findings findings;
	struct itsm_record *record = NULL;
	int status;

	(void)old_entry;
	if (!new_entry || (new_entry->mode & 0170000) != 0100000 ||
		!itsm_kinds_locate(desk->kinds, new_entry->path, &kind, id, owner) || kind != branch->kind)
		return 0;
	itsm_findings_init(&findings, branch->schedule->arena);
	status = itsm_desk_read_blob(desk, branch->schedule->arena, desk->kinds, new_entry->path, &new_entry->blob, &record,
		&findings, branch->err);
	if (status == 0 && record)
		add(branch, record);
	return status == ITSM_ELIMIT ? 0 : status;
}

static int add_branch(struct branch *branch, const struct itsm_oid *head, const struct itsm_oid *tip)
{
	struct itsm_repo *repo;
	struct itsm_oid base;
	int status = itsm_desk_repository(branch->schedule->desk, &repo, branch->err);

	if (status != 0)
		return status;
	status = itsm_repo_merge_base(repo, head, tip, &base, branch->err);
	if (status == ITSM_ENOTFOUND)
		return 0;
	return status != 0 ? status : itsm_repo_compare(repo, &base, tip, take_entry, branch, branch->err);
}

int schedule_add_branches(struct schedule *schedule, struct itsm_error *err)
{
	const char *const argv[] = {"git", "for-each-ref", "--format=%(objectname) %(refname:short)", "--no-merged", "HEAD",
		"--sort=refname", "refs/heads", "refs/remotes", NULL};
	const struct itsm_place *place = &schedule->desk->place;
	struct branch branch = {.schedule = schedule, .kind = itsm_kinds_find(schedule->desk->kinds, "change"), .err = err};
	struct itsm_buffer text = {0};
	struct itsm_oid head, tip;
	size_t count = 0;
	char *save = NULL;
	int status = itsm_place_head(schedule->arena, place, &head, NULL, err);

	if (status != 0 || itsm_oid_is_zero(&head) || !branch.kind)
		return status;
	status = itsm_program_run(argv, place->work_tree ? place->work_tree : place->git_dir, NULL, &text, NULL, err);
	for (char *line = text.data ? strtok_r(text.data, "\n", &save) : NULL; line && status == 0;
		line = strtok_r(NULL, "\n", &save)) {
		if (strlen(line) < 42 || line[40] != ' ')
			continue;
		line[40] = '\0';
		if (!itsm_oid_parse(line, &tip))
			continue;
		if (++count > SCHEDULE_BRANCHES_MAX)
			status = itsm_error_set(err, ITSM_ELIMIT, "more than %d branches are not merged; delete those that are done",
				SCHEDULE_BRANCHES_MAX);
		branch.name = itsm_arena_strdup(schedule->arena, line + 41);
		if (status == 0)
			status = add_branch(&branch, &head, &tip);
	}
	itsm_buffer_free(&text);
	return status;
}
