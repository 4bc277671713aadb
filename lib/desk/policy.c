/* The rules of a commit, or of the work tree. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "itsm/file.h"
#include "policy.h"

#define RULE_LIMIT (256u << 10)
#define RULES_MAX 1000

struct loading {
	struct desk_policy *policy;
	struct itsm_error *err;
	size_t files;
};

static bool is_rule_file(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && dot > path && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".sql") == 0);
}

static int add_rule(struct loading *loading, const char *path, const struct itsm_buffer *text)
{
	if (++loading->files > RULES_MAX)
		return itsm_error_set(loading->err, ITSM_ELIMIT, "%s has more than %d rules", DESK_RULES_FOLDER, RULES_MAX);
	return itsm_rules_add(loading->policy->rules, path, text->data ? text->data : "", text->length, loading->err);
}

static int add_entry(void *context, const struct itsm_entry *entry)
{
	struct loading *loading = context;
	struct itsm_buffer text = {0};
	int status;

	if (!is_rule_file(entry->path))
		return 0;
	if ((entry->mode & 0170000) != 0100000)
		return itsm_error_set(loading->err, ITSM_EDATA, "%s is not a regular file; a rule is a plain file", entry->path);
	status = itsm_repo_blob(loading->policy->desk->repo, &entry->blob, RULE_LIMIT, &text, loading->err);
	if (status == 0)
		status = add_rule(loading, entry->path, &text);
	itsm_buffer_free(&text);
	return status;
}

static int load_commit(struct desk_policy *policy, struct itsm_error *err)
{
	struct itsm_error failure = {0};
	struct loading loading = {policy, &failure, 0};
	struct itsm_repo *repo;
	int status;

	if (itsm_oid_is_zero(&policy->commit))
		return 0;
	if ((status = itsm_desk_repository(policy->desk, &repo, err)) != 0)
		return status;
	status = itsm_repo_walk(repo, &policy->commit, DESK_RULES_FOLDER, add_entry, &loading, &failure);
	if (status == ITSM_ENOTFOUND)
		return 0; /* no rules of its own */
	if (status != 0 && err)
		*err = failure;
	return status;
}

static int load_file(struct loading *loading, const char *name)
{
	struct itsm_buffer text = {0};
	char *path = itsm_arena_printf(loading->policy->arena, "%s/%s", DESK_RULES_FOLDER, name);
	int status = itsm_file_read(loading->policy->desk->root, path, RULE_LIMIT, &text, loading->err);

	if (status == 0)
		status = add_rule(loading, path, &text);
	itsm_buffer_free(&text);
	return status;
}

static int load_work_tree(struct desk_policy *policy, struct itsm_error *err)
{
	struct loading loading = {policy, err, 0};
	int descriptor = openat(policy->desk->root, DESK_RULES_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = descriptor < 0 ? NULL : fdopendir(descriptor);
	struct dirent *entry;
	int status = 0, cause = errno;

	if (!folder) {
		if (descriptor >= 0)
			close(descriptor);
		return descriptor < 0 && cause == ENOENT ? 0
			: itsm_error_set(err, ITSM_EIO, "%s: %s", DESK_RULES_FOLDER, strerror(cause));
	}
	while (status == 0 && (entry = readdir(folder)) != NULL) {
		if (is_rule_file(entry->d_name))
			status = load_file(&loading, entry->d_name);
	}
	closedir(folder);
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
	if ((status = load_commit(policy, err)) == 0)
		status = itsm_rules_finish(policy->rules, kinds, err);
	if (status != 0)
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
	if ((status = load_work_tree(policy, err)) == 0)
		status = itsm_rules_finish(policy->rules, desk->kinds, err);
	if (status != 0)
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
	itsm_arena_free(policy->arena);
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
