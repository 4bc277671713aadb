/* The rules, risk models and classes of a commit, or of the work tree. */
#include "policy.h"

#define FILE_LIMIT (256u << 10)
#define FILES_MAX 1000
#define PLAIN "a file of the policy is a plain one"

static const char *const rule_endings[] = {".yaml", ".sql", NULL}, *const yaml_endings[] = {".yaml", NULL};
static const struct desk_folder rule_folder = {DESK_RULES_FOLDER, rule_endings, PLAIN, FILE_LIMIT, FILES_MAX};
static const struct desk_folder risk_folder = {DESK_RISKS_FOLDER, yaml_endings, PLAIN, FILE_LIMIT, FILES_MAX};
static const struct desk_folder class_folder = {DESK_CLASSES_FOLDER, yaml_endings, PLAIN, FILE_LIMIT, FILES_MAX};

static int add_rule(void *context, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	return itsm_rules_add(context, path, text, size, err);
}

static int add_risk(void *context, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	return itsm_risks_add(context, path, text, size, err);
}

static int add_class(void *context, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	return itsm_classes_add(context, path, text, size, err);
}

/* The folders of the policy: of its commit, or of the work tree. */
static int load(struct desk_policy *policy, struct itsm_error *err)
{
	const struct itsm_oid *commit = policy->work ? NULL : &policy->commit;
	int status = desk_folder_read(policy->desk, &rule_folder, commit, add_rule, policy->rules, err);

	if (status == 0)
		status = desk_folder_read(policy->desk, &risk_folder, commit, add_risk, policy->risks, err);
	if (status == 0)
		status = desk_classes_at(policy->desk, commit, &policy->classes, err);
	if (status == 0)
		status = itsm_rules_finish(policy->rules, policy->kinds, err);
	return status ? status : itsm_risks_finish(policy->risks, policy->kinds, err);
}

int desk_classes_at(struct itsm_desk *desk, const struct itsm_oid *commit, struct itsm_classes **out, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(desk->kinds, "item");
	struct itsm_classes *classes;
	int status = itsm_classes_new(&classes, err);

	if (status != 0)
		return status;
	status = commit ? desk_folder_read(desk, &class_folder, commit, add_class, classes, err) :
		desk_folder_read_here(desk, &class_folder, add_class, classes, err);
	if (status == 0 && kind)
		status = itsm_classes_finish(classes, kind, err);
	if (status != 0)
		itsm_classes_free(classes);
	else
		*out = classes;
	return status;
}

int desk_classes_here(void *context, struct itsm_classes **out, struct itsm_error *err)
{
	return desk_classes_at(context, NULL, out, err);
}

int desk_risks_here(void *context, struct itsm_risks **out, struct itsm_error *err)
{
	struct itsm_desk *desk = context;
	struct itsm_risks *risks;
	int status = itsm_risks_new(&risks, err);

	if (status != 0)
		return status;
	status = desk_folder_read_here(desk, &risk_folder, add_risk, risks, err);
	if (status == 0)
		status = itsm_risks_finish(risks, desk->kinds, err);
	if (status != 0)
		itsm_risks_free(risks);
	else
		*out = risks;
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
	itsm_classes_free(policy->classes);
	itsm_arena_free(policy->arena);
}

void desk_policy_serve(const struct desk_policy *policy, struct itsm_index *index)
{
	itsm_index_set_risks(index, policy->risks);
	itsm_index_set_classes(index, policy->classes);
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
