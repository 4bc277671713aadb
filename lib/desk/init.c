/* `itsm init`: the files that a first day needs, in one commit. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk.h"
#include "driver.h"
#include "itsm/file.h"

struct pillar {
	const char *folder;
	const char *text;
};

static const struct pillar pillars[] = {
	{"strategy", "Which services, why, at what cost"},
	{"design", "What a service promises and how it is built"},
	{"transition", "Change without disruption"},
	{"operation", "Keep it running"},
	{"improvement", "Measure, learn, change"},
	{"policy", "What the desk demands: kinds of records, rules, matrices, calendars"},
};

struct initialising {
	struct itsm_arena *arena;
	const struct itsm_desk_options *options;
	const char *folder, *name;
	struct itsm_kinds *kinds;
	struct itsm_person_time identity;
	struct itsm_write *write;
	struct itsm_error *err;
};

static int put_text(struct initialising *init, const char *path, const struct itsm_buffer *text)
{
	return itsm_write_put(init->write, path, text->data, text->length, init->err);
}

/* A README per pillar: what its folders hold, from the kinds themselves. */
static int put_pillar(struct initialising *init, const struct pillar *pillar)
{
	struct itsm_buffer text = {0};
	size_t i, length = strlen(pillar->folder);
	int status;

	itsm_buffer_printf(&text, "# %s\n\n%s.\n\n", pillar->folder, pillar->text);
	for (i = 0; i < itsm_kinds_count(init->kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(init->kinds, i);

		if (kind->folder && strncmp(kind->folder, pillar->folder, length) == 0 && kind->folder[length] == '/')
			itsm_buffer_printf(&text, "- `%s/`: %s\n", kind->folder + length + 1, kind->help ? kind->help : kind->name);
	}
	if (strcmp(pillar->folder, "policy") == 0)
		itsm_buffer_puts(&text, "- `kinds/`: kinds of this desk's own, or additions to the built-in ones (`itsm kinds`, `itsm schema KIND`)\n");
	status = put_text(init, itsm_arena_printf(init->arena, "%s/README.md", pillar->folder), &text);
	itsm_buffer_free(&text);
	return status;
}

static int put_record(struct initialising *init, const char *kind_name, const char *id, const char *const *words)
{
	const struct itsm_kind *kind = itsm_kinds_find(init->kinds, kind_name);
	struct itsm_words list = {words, 0};
	struct itsm_buffer text = {0};
	struct itsm_edit *edits;
	size_t count;
	int status;

	while (words[list.count])
		list.count++;
	if (!kind)
		return 0;
	status = desk_change_edits(NULL, init->arena, kind, list, &edits, &count, init->err);
	if (status == 0)
		status = itsm_record_compose(kind, edits, count, NULL, false, &text, init->err);
	if (status == 0)
		status = put_text(init, itsm_kind_path(init->arena, kind, id, init->options->now, NULL), &text);
	itsm_buffer_free(&text);
	return status;
}

static int put_people(struct initialising *init)
{
	char me[ITSM_ID_MAX];
	const char *person[] = {
		itsm_arena_printf(init->arena, "name=%s", init->identity.name),
		itsm_arena_printf(init->arena, "mail=%s", init->identity.mail), NULL};
	const char *team[] = {"name=Service desk", NULL, NULL};
	int status;

	if (!itsm_id_slug(init->identity.name, me))
		strcpy(me, "me");
	team[1] = itsm_arena_printf(init->arena, "members=%s", me);
	status = put_record(init, "person", me, person);
	return status ? status : put_record(init, "team", "service-desk", team);
}

static int put_config(struct initialising *init)
{
	struct itsm_buffer text = {0};
	int status;

	itsm_buffer_puts(&text, "# This folder is a desk: services, changes, incidents and all else that `itsm kinds` lists,\n"
		"# as files. `itsm help` says what can be done here.\n");
	itsm_buffer_printf(&text, "format: %d\nname: ", DESK_FORMAT);
	itsm_yaml_write_scalar(&text, init->name, true);
	itsm_buffer_puts(&text, "\nzone: UTC\n\n# values that `itsm new` sets where none are given\n"
		"defaults:\n  incident: {team: service-desk}\n  problem: {team: service-desk}\n  request: {team: service-desk}\n");
	status = put_text(init, DESK_FILE, &text);
	itsm_buffer_free(&text);
	return status;
}

/* Records are bytes, and merged by meaning. An attributes file that is there keeps its lines. */
static int put_attributes(struct initialising *init)
{
	struct itsm_buffer text = {0};
	size_t i;
	int root = open(init->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = itsm_file_read(root, ".gitattributes", 1u << 20, &text, init->err);

	close(root);
	if (status == ITSM_ENOTFOUND)
		status = 0;
	if (text.length && text.data[text.length - 1] != '\n')
		itsm_buffer_putc(&text, '\n');
	itsm_buffer_puts(&text, "# itsm: records are kept byte for byte, and merged by meaning\n");
	for (i = 0; desk_record_folders[i]; i++)
		desk_driver_attributes(&text, desk_record_folders[i]);
	if (status == 0)
		status = put_text(init, ".gitattributes", &text);
	itsm_buffer_free(&text);
	return status;
}

static int put_all(struct initialising *init)
{
	static const char *const hours[] = {"name=Business hours", "zone=UTC", "hours.monday=08:00-18:00", "hours.tuesday=08:00-18:00",
		"hours.wednesday=08:00-18:00", "hours.thursday=08:00-18:00", "hours.friday=08:00-18:00", NULL};
	size_t i;
	int status;

	if ((status = put_config(init)) != 0 || (status = put_attributes(init)) != 0 || (status = put_people(init)) != 0 ||
	    (status = put_record(init, "calendar", "business-hours", hours)) != 0)
		return status;
	for (i = 0; i < sizeof(pillars) / sizeof(*pillars) && status == 0; i++)
		status = put_pillar(init, &pillars[i]);
	return status;
}

/* The next line of git's answer, in the arena. */
static char *take_line(struct itsm_arena *arena, const char **text)
{
	size_t length = strcspn(*text, "\n");
	char *line = itsm_arena_strndup(arena, *text, length);

	*text += length + ((*text)[length] == '\n');
	return line;
}

/* Where the repository is that the folder lies in: a desk can't be found before there is one. */
static int locate(struct initialising *init, struct itsm_place *place)
{
	const char *const argv[] = {"git", "rev-parse", "--path-format=absolute", "--show-toplevel", "--git-dir",
		"--git-common-dir", "--show-prefix", NULL};
	struct itsm_buffer text = {0};
	const char *rest;
	int status = itsm_program_run(argv, init->folder, NULL, &text, NULL, init->err);

	if (status == 0) {
		rest = text.data ? text.data : "";
		place->root = init->folder;
		place->work_tree = take_line(init->arena, &rest);
		place->git_dir = take_line(init->arena, &rest);
		place->common_dir = take_line(init->arena, &rest);
		place->prefix = take_line(init->arena, &rest);
	}
	itsm_buffer_free(&text);
	return status;
}

static int write_desk(struct initialising *init, struct itsm_init_result *out)
{
	struct itsm_place place = {0};
	struct itsm_repo *repo = NULL;
	bool made;
	const char *message = itsm_arena_printf(init->arena, "itsm: init desk %s\n\nItsm-Action: init\n", init->name);
	int status;

	if ((status = locate(init, &place)) != 0 || (status = itsm_repo_open(&place, &repo, init->err)) != 0)
		return status;
	status = desk_driver_install(init->folder, &made, init->err);
	if (status == 0)
		status = itsm_write_begin(repo, &init->write, init->err);
	if (status == 0)
		status = put_all(init);
	if (status == 0)
		status = itsm_write_commit(init->write, message, NULL, init->options->now, init->options->now_offset_minutes,
			&out->commit, init->err);
	itsm_write_end(init->write);
	itsm_repo_free(repo);
	return status;
}

/* No desk here or above, and somebody to commit as: asked before anything is made. */
static int may_begin(struct initialising *init)
{
	struct itsm_place place = {.root = init->folder, .work_tree = init->folder, .prefix = ""};
	struct itsm_place found;

	if (itsm_place_find(init->arena, init->folder, &found, NULL) == 0)
		return itsm_error_set(init->err, ITSM_EREFUSED, "'%s' is a desk already; nothing was changed",
			found.root ? found.root : found.git_dir);
	return itsm_place_identity(init->arena, &place, &init->identity, init->err);
}

int itsm_desk_init(struct itsm_arena *arena, const struct itsm_desk_options *options, const char *folder, const char *name,
	struct itsm_init_result *out, struct itsm_error *err)
{
	struct initialising init = {.arena = arena, .options = options, .folder = folder, .name = name, .err = err};
	struct itsm_init_result result = {.root = folder};
	const char *slash = strrchr(folder, '/');
	struct stat there;
	bool made_folder = stat(folder, &there) != 0;
	int status;

	if (!name)
		init.name = slash && slash[1] ? slash + 1 : "desk";
	if (strpbrk(init.name, "\r\n"))
		return itsm_error_set(err, ITSM_EUSAGE, "a desk's name is one line");
	if (made_folder && (status = itsm_folder_make(AT_FDCWD, folder, err)) != 0)
		return status;
	status = may_begin(&init);
	if (status == 0)
		status = itsm_repo_init(folder, &result.repository, err);
	if (status == 0 && (status = itsm_kinds_new(&init.kinds, err)) == 0 && (status = itsm_kinds_finish(init.kinds, err)) == 0)
		status = write_desk(&init, &result);
	itsm_kinds_free(init.kinds);
	if (status != 0 && made_folder)
		rmdir(folder);
	if (status == 0)
		*out = result;
	return status;
}
