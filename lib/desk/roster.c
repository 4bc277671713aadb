/* People and teams as a commit has them; roster.h. */
#include <string.h>
#include <strings.h>

#include "roster.h"

#define DAY 86400

struct known {
	const char *id;
	const struct roster_person *person; /* NULL = nobody */
	struct known *next;
};

#define BUCKETS 256

struct roster {
	struct itsm_arena *arena;
	struct itsm_desk *desk;
	struct itsm_repo *repo;
	const struct itsm_kinds *kinds;
	struct itsm_oid commit;
	struct known *known[BUCKETS];
	const struct roster_person **everybody; /* NULL until asked for */
	size_t count, capacity;
	bool complete;
};

bool roster_has(const char *const *list, const char *text)
{
	for (; list && *list; list++) {
		if (strcasecmp(*list, text) == 0)
			return true;
	}
	return false;
}

struct roster *roster_new(struct itsm_desk *desk, const struct itsm_kinds *kinds, const struct itsm_oid *commit)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct roster *roster = itsm_arena_alloc(arena, sizeof(*roster));

	roster->arena = arena;
	roster->desk = desk;
	roster->kinds = kinds;
	roster->commit = *commit;
	return roster;
}

void roster_free(struct roster *roster)
{
	if (roster)
		itsm_arena_free(roster->arena);
}

/* The scalars of a list, or a scalar as a list of one. */
static const char *const *texts(struct itsm_arena *arena, const struct itsm_yaml *node)
{
	size_t count = node && node->type == ITSM_YAML_SEQUENCE ? node->count : 1, used = 0;
	const char **list = itsm_arena_alloc(arena, (count + 1) * sizeof(*list));

	if (node && node->type == ITSM_YAML_SCALAR && !itsm_yaml_is_null(node))
		list[used++] = node->text;
	for (size_t i = 0; node && node->type == ITSM_YAML_SEQUENCE && i < node->count; i++) {
		if (node->items[i]->type == ITSM_YAML_SCALAR && !itsm_yaml_is_null(node->items[i]))
			list[used++] = node->items[i]->text;
	}
	return list;
}

/* The start of a day in UTC; false for what is no date. */
static bool day(const struct itsm_yaml *node, const char *key, int64_t *seconds)
{
	const char *text = itsm_yaml_text(node, key);
	int64_t days;

	if (!text || !itsm_date_parse(text, &days))
		return false;
	*seconds = days * DAY;
	return true;
}

/* A delegation without an end is none. */
static void read_delegates(struct itsm_arena *arena, const struct itsm_yaml *list, struct roster_person *person)
{
	size_t count = list && list->type == ITSM_YAML_SEQUENCE ? list->count : 0;

	person->delegates = itsm_arena_alloc(arena, (count + 1) * sizeof(*person->delegates));
	for (size_t i = 0; i < count; i++) {
		struct roster_delegate *delegate = &person->delegates[person->delegate_count];
		const struct itsm_yaml *roles = itsm_yaml_get(list->items[i], "roles");

		delegate->to = itsm_yaml_text(list->items[i], "to");
		if (!delegate->to || !day(list->items[i], "until", &delegate->end))
			continue;
		delegate->end += DAY;
		if (!itsm_yaml_is_null(itsm_yaml_get(list->items[i], "from")) && !day(list->items[i], "from", &delegate->begin))
			continue;
		delegate->roles = itsm_yaml_is_null(roles) ? NULL : texts(arena, roles);
		person->delegate_count++;
	}
}

static const struct roster_person *make_person(struct itsm_arena *arena, const struct itsm_record *record)
{
	struct roster_person *person = itsm_arena_alloc(arena, sizeof(*person));
	const char *active = itsm_record_text(record, "active");

	person->id = record->id;
	person->name = record->title;
	person->mails = texts(arena, itsm_record_field(record, "mail"));
	person->keys = texts(arena, itsm_record_field(record, "keys"));
	person->roles = texts(arena, itsm_record_field(record, "roles"));
	person->accounts = texts(arena, itsm_record_field(record, "accounts"));
	person->active = !active || strcmp(active, "true") == 0;
	read_delegates(arena, itsm_record_field(record, "delegates"), person);
	return person;
}

/* A file of the commit as the record it is; NULL for what is none. */
static int read_entry(struct roster *roster, const char *path, const struct itsm_entry *entry, struct itsm_record **out,
	struct itsm_error *err)
{
	struct itsm_findings ignored;

	*out = NULL;
	if ((entry->mode & 0170000) != 0100000)
		return 0;
	itsm_findings_init(&ignored, roster->arena);
	return itsm_desk_read_blob(roster->desk, roster->arena, roster->kinds, path, &entry->blob, out, &ignored, err);
}

/* A thing with a name: where its file is, its kind says. */
static int read_slug(struct roster *roster, const struct itsm_kind *kind, const char *id, struct itsm_record **out,
	struct itsm_error *err)
{
	struct itsm_error absent = {0};
	struct itsm_entry entry;
	const char *path;
	int status;

	*out = NULL;
	if (!kind || kind->part || kind->by_month || !itsm_id_is_slug(id) || itsm_oid_is_zero(&roster->commit))
		return 0;
	if ((status = itsm_desk_repository(roster->desk, &roster->repo, err)) != 0)
		return status;
	path = itsm_kind_path(roster->arena, kind, id, 0, NULL);
	status = itsm_repo_find(roster->repo, &roster->commit, path, &entry, &absent);
	if (status == ITSM_ENOTFOUND)
		return 0;
	if (status != 0 && err)
		*err = absent;
	return status ? status : read_entry(roster, path, &entry, out, err);
}

static struct known **slot_of(struct roster *roster, const char *id)
{
	unsigned hash = 5381;
	struct known **slot;

	for (const char *c = id; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	for (slot = &roster->known[hash % BUCKETS]; *slot && strcmp((*slot)->id, id) != 0; slot = &(*slot)->next)
		continue;
	return slot;
}

static void remember(struct roster *roster, const char *id, const struct roster_person *person)
{
	struct known **slot = slot_of(roster, id);

	if (*slot)
		return;
	*slot = itsm_arena_alloc(roster->arena, sizeof(**slot));
	(*slot)->id = itsm_arena_strdup(roster->arena, id);
	(*slot)->person = person;
}

int roster_person(struct roster *roster, const char *id, const struct roster_person **out, struct itsm_error *err)
{
	struct itsm_record *record = NULL;
	int status = 0;

	if (!*slot_of(roster, id)) {
		if (!roster->complete)
			status = read_slug(roster, itsm_kinds_find(roster->kinds, "person"), id, &record, err);
		if (status != 0)
			return status;
		remember(roster, id, record ? make_person(roster->arena, record) : NULL);
	}
	*out = (*slot_of(roster, id))->person;
	return 0;
}

int roster_team(struct roster *roster, const char *id, const struct roster_team **out, struct itsm_error *err)
{
	struct itsm_record *record;
	struct roster_team *team = NULL;
	const char *active;
	int status = read_slug(roster, itsm_kinds_find(roster->kinds, "team"), id, &record, err);

	if (status == 0 && record) {
		team = itsm_arena_alloc(roster->arena, sizeof(*team));
		active = itsm_record_text(record, "active");
		team->id = record->id;
		team->members = texts(roster->arena, itsm_record_field(record, "members"));
		team->active = !active || strcmp(active, "true") == 0;
	}
	if (status == 0)
		*out = team;
	return status;
}

struct reading {
	struct roster *roster;
	const struct itsm_kind *kind;
	struct itsm_error *err;
};

static int read_everybody(void *context, const struct itsm_entry *entry)
{
	struct reading *reading = context;
	struct roster *roster = reading->roster;
	const struct itsm_kind *kind;
	struct itsm_record *record;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	int status;

	if (!itsm_kinds_locate(roster->kinds, entry->path, &kind, id, owner) || kind != reading->kind)
		return 0;
	if (!*slot_of(roster, id)) {
		if ((status = read_entry(roster, entry->path, entry, &record, reading->err)) != 0)
			return status;
		remember(roster, id, record ? make_person(roster->arena, record) : NULL);
	}
	if ((*slot_of(roster, id))->person) {
		itsm_arena_grow(roster->arena, &roster->everybody, &roster->capacity, roster->count, sizeof(*roster->everybody));
		roster->everybody[roster->count++] = (*slot_of(roster, id))->person;
	}
	return 0;
}

int roster_everybody(struct roster *roster, const struct roster_person *const **out, size_t *count, struct itsm_error *err)
{
	struct itsm_error failure = {0};
	struct reading reading = {roster, itsm_kinds_find(roster->kinds, "person"), &failure};
	int status = 0;

	if (!roster->complete && reading.kind && !itsm_oid_is_zero(&roster->commit)) {
		roster->count = 0;
		if ((status = itsm_desk_repository(roster->desk, &roster->repo, err)) != 0)
			return status;
		status = itsm_repo_walk(roster->repo, &roster->commit, reading.kind->folder, read_everybody, &reading, &failure);
	}
	if (status != 0 && status != ITSM_ENOTFOUND) {
		if (err)
			*err = failure;
		return status;
	}
	roster->complete = true;
	*out = roster->everybody;
	*count = roster->count;
	return 0;
}

static const char *const *mails_of(const struct roster_person *person)
{
	return person->mails;
}

static const char *const *accounts_of(const struct roster_person *person)
{
	return person->accounts;
}

static int find_by(struct roster *roster, const char *const *(*list_of)(const struct roster_person *), const char *text,
	const struct roster_person **out, struct itsm_error *err)
{
	const struct roster_person *const *people, *found = NULL;
	size_t count, i;
	int status = roster_everybody(roster, &people, &count, err);

	if (status != 0)
		return status;
	for (i = 0; i < count; i++) {
		if (!roster_has(list_of(people[i]), text))
			continue;
		if (found) {
			found = NULL;
			break;
		}
		found = people[i];
	}
	*out = found;
	return 0;
}

int roster_by_mail(struct roster *roster, const char *mail, const struct roster_person **out, struct itsm_error *err)
{
	return find_by(roster, mails_of, mail, out, err);
}

int roster_by_account(struct roster *roster, const char *account, const struct roster_person **out, struct itsm_error *err)
{
	return find_by(roster, accounts_of, account, out, err);
}

struct seeking {
	struct roster *roster;
	const struct itsm_kind *kind;
	const char *id;
	struct itsm_record *found;
	struct itsm_error *err;
};

static int seek_entry(void *context, const struct itsm_entry *entry)
{
	struct seeking *seeking = context;
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	const char *path;

	if (!strstr(entry->path, seeking->id) || !itsm_kinds_locate(seeking->roster->kinds, entry->path, &kind, id, owner) ||
	    kind != seeking->kind || strcmp(id, seeking->id) != 0)
		return 0;
	path = itsm_arena_strdup(seeking->roster->arena, entry->path);
	return read_entry(seeking->roster, path, entry, &seeking->found, seeking->err);
}

int roster_record(struct roster *roster, const char *id, const char *const *names, const struct itsm_record **out,
	struct itsm_error *err)
{
	struct itsm_error failure = {0};
	struct itsm_record *record = NULL;
	size_t i;
	int status = itsm_desk_repository(roster->desk, &roster->repo, err);

	for (i = 0; status == 0 && !record && i < itsm_kinds_count(roster->kinds) && !itsm_oid_is_zero(&roster->commit); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(roster->kinds, i);
		struct seeking seeking = {roster, kind, id, NULL, &failure};

		if (kind->part || (names && !itsm_list_has(names, kind->name)))
			continue;
		if (!kind->by_month) {
			status = read_slug(roster, kind, id, &record, err);
		} else if (kind->prefix && itsm_id_is_random(id, kind->prefix)) {
			status = itsm_repo_walk(roster->repo, &roster->commit, kind->folder, seek_entry, &seeking, &failure);
			record = seeking.found;
			if (status == ITSM_ENOTFOUND)
				status = 0;
			else if (status != 0 && err)
				*err = failure;
		}
	}
	if (status == 0)
		*out = record;
	return status;
}
