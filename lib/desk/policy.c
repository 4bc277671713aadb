/* The rules and risk models of a commit, or of the work tree. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "itsm/file.h"
#include "policy.h"

#define FILE_LIMIT (256u << 10)
#define FILES_MAX 1000

/* One folder of the policy: what it holds is added to `rules`, `risks` or `classes`, whichever is there. */
struct loading {
	struct itsm_desk *desk;
	const char *folder;
	struct itsm_rules *rules;
	struct itsm_risks *risks;
	struct itsm_error *err;
	size_t files;
	struct itsm_classes *classes;
};

static bool is_policy_file(const struct loading *loading, const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && dot > path && (strcmp(dot, ".yaml") == 0 || (loading->rules && strcmp(dot, ".sql") == 0));
}

static int add_file(struct loading *loading, const char *path, const struct itsm_buffer *text)
{
	const char *data = text->data ? text->data : "";

	if (++loading->files > FILES_MAX)
		return itsm_error_set(loading->err, ITSM_ELIMIT, "%s has more than %d files", loading->folder, FILES_MAX);
	if (loading->classes)
		return itsm_classes_add(loading->classes, path, data, text->length, loading->err);
	return loading->rules ? itsm_rules_add(loading->rules, path, data, text->length, loading->err)
		: itsm_risks_add(loading->risks, path, data, text->length, loading->err);
}

static int add_entry(void *context, const struct itsm_entry *entry)
{
	struct loading *loading = context;
	struct itsm_buffer text = {0};
	int status;

	if (!is_policy_file(loading, entry->path))
		return 0;
	if ((entry->mode & 0170000) != 0100000)
		return itsm_error_set(loading->err, ITSM_EDATA, "%s is not a regular file; a file of the policy is a plain one", entry->path);
	status = itsm_repo_blob(loading->desk->repo, &entry->blob, FILE_LIMIT, &text, loading->err);
	if (status == 0)
		status = add_file(loading, entry->path, &text);
	itsm_buffer_free(&text);
	return status;
}

static int load_commit(struct loading *loading, const struct itsm_oid *commit)
{
	struct itsm_error failure = {0}, *err = loading->err;
	struct itsm_repo *repo;
	int status;

	if (itsm_oid_is_zero(commit))
		return 0;
	if ((status = itsm_desk_repository(loading->desk, &repo, err)) != 0)
		return status;
	loading->err = &failure;
	status = itsm_repo_walk(repo, commit, loading->folder, add_entry, loading, &failure);
	loading->err = err;
	if (status == ITSM_ENOTFOUND)
		return 0; /* none of its own */
	if (status != 0 && err)
		*err = failure;
	return status;
}

static int load_file(struct loading *loading, const char *name)
{
	struct itsm_buffer text = {0};
	char *path = itsm_arena_printf(loading->desk->arena, "%s/%s", loading->folder, name);
	int status = itsm_file_read(loading->desk->root, path, FILE_LIMIT, &text, loading->err);

	if (status == 0)
		status = add_file(loading, path, &text);
	itsm_buffer_free(&text);
	return status;
}

static int load_work_tree(struct loading *loading)
{
	int descriptor = openat(loading->desk->root, loading->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = descriptor < 0 ? NULL : fdopendir(descriptor);
	struct dirent *entry;
	int status = 0, cause = errno;

	if (!folder) {
		if (descriptor >= 0)
			close(descriptor);
		return descriptor < 0 && cause == ENOENT ? 0
			: itsm_error_set(loading->err, ITSM_EIO, "%s: %s", loading->folder, strerror(cause));
	}
	while (status == 0 && (entry = readdir(folder)) != NULL) {
		if (is_policy_file(loading, entry->d_name))
			status = load_file(loading, entry->d_name);
	}
	closedir(folder);
	return status;
}

/* Both folders of the policy: of its commit, or of the work tree. */
static int load(struct desk_policy *policy, struct itsm_error *err)
{
	struct loading rules = {policy->desk, DESK_RULES_FOLDER, policy->rules, NULL, err, 0, NULL},
		risks = {policy->desk, DESK_RISKS_FOLDER, NULL, policy->risks, err, 0, NULL};
	int status = policy->work ? load_work_tree(&rules) : load_commit(&rules, &policy->commit);

	if (status == 0)
		status = policy->work ? load_work_tree(&risks) : load_commit(&risks, &policy->commit);
	if (status == 0)
		status = itsm_rules_finish(policy->rules, policy->kinds, err);
	return status ? status : itsm_risks_finish(policy->risks, policy->kinds, err);
}

/* The work tree's, or HEAD's where there is none. */
static int load_here(struct loading *loading)
{
	struct itsm_desk *desk = loading->desk;
	struct itsm_oid head;
	int status = 0;

	if (desk->root >= 0)
		return load_work_tree(loading);
	status = itsm_place_head(desk->arena, &desk->place, &head, NULL, loading->err);
	return status == 0 ? load_commit(loading, &head) : status;
}

int desk_classes_here(struct itsm_desk *desk, struct itsm_classes **out, struct itsm_error *err)
{
	struct loading loading = {.desk = desk, .folder = DESK_CLASSES_FOLDER, .err = err};
	const struct itsm_kind *kind;
	int status = itsm_desk_kind(desk, "item", &kind, err);

	if (status != 0 || (status = itsm_classes_new(&loading.classes, err)) != 0)
		return status;
	status = load_here(&loading);
	if (status == 0)
		status = itsm_classes_finish(loading.classes, kind, err);
	if (status != 0)
		itsm_classes_free(loading.classes);
	else
		*out = loading.classes;
	return status;
}

int desk_risks_here(void *context, struct itsm_risks **out, struct itsm_error *err)
{
	struct itsm_desk *desk = context;
	struct loading loading = {desk, DESK_RISKS_FOLDER, NULL, NULL, err, 0, NULL};
	int status = itsm_risks_new(&loading.risks, err);

	if (status != 0)
		return status;
	status = load_here(&loading);
	if (status == 0)
		status = itsm_risks_finish(loading.risks, desk->kinds, err);
	if (status != 0)
		itsm_risks_free(loading.risks);
	else
		*out = loading.risks;
	return status;
}

static int make(struct itsm_desk *desk, const struct itsm_kinds *kinds, struct desk_policy **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct desk_policy *policy = itsm_arena_alloc(arena, sizeof(*policy));
	int status;

	policy->desk = desk;
	policy->arena = arena;
	policy->kinds = kinds;
	status = itsm_rules_new(&policy->rules, err);
	if (status == 0 && (status = itsm_risks_new(&policy->risks, err)) != 0)
		itsm_rules_free(policy->rules);
	if (status != 0) {
		itsm_arena_free(arena);
		return status;
	}
	*out = policy;
	return 0;
}

int desk_policy_open(struct itsm_desk *desk, const struct itsm_kinds *kinds, const struct itsm_oid *commit,
	const struct itsm_oid *head, struct desk_policy **out, struct itsm_error *err)
{
	struct desk_policy *policy;
	int status = make(desk, kinds, &policy, err);

	if (status != 0)
		return status;
	policy->commit = *commit;
	policy->head = *head;
	if ((status = load(policy, err)) != 0)
		desk_policy_free(policy);
	else
		*out = policy;
	return status;
}

int desk_policy_open_work(struct itsm_desk *desk, struct desk_policy **out, struct itsm_error *err)
{
	struct itsm_oid head;
	struct desk_policy *policy;
	int status = itsm_place_head(desk->arena, &desk->place, &head, NULL, err);

	if (status != 0)
		return status;
	if (desk->root < 0)
		return desk_policy_open(desk, desk->kinds, &head, &head, out, err);
	if ((status = make(desk, desk->kinds, &policy, err)) != 0)
		return status;
	policy->commit = policy->head = head;
	policy->work = true;
	if ((status = load(policy, err)) != 0)
		desk_policy_free(policy);
	else
		*out = policy;
	return status;
}

void desk_policy_free(struct desk_policy *policy)
{
	if (!policy)
		return;
	itsm_approvals_free(policy->approvals);
	itsm_rules_free(policy->rules);
	itsm_risks_free(policy->risks);
	itsm_arena_free(policy->arena);
}

void desk_policy_serve(const struct desk_policy *policy, struct itsm_index *index)
{
	itsm_index_set_risks(index, policy->risks);
}

bool desk_policy_binds(const struct desk_policy *policy, const struct itsm_kind *kind)
{
	size_t i;

	for (i = 0; i < itsm_rules_count(policy->rules); i++) {
		if (itsm_rule_binds(itsm_rules_at(policy->rules, i), kind, NULL))
			return true;
	}
	return false;
}

const char *desk_policy_name(struct itsm_arena *arena, const struct itsm_rule *rule)
{
	return itsm_arena_printf(arena, "policy/%s", rule->name);
}
