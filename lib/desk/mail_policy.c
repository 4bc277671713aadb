/* What policy/mail.yaml says of mails. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "itsm/sql.h"
#include "mail.h"

#define MAIL_FILE_MAX (64u << 10)
#define MOST 10
#define LARGEST (5u << 20)

static const char *const keys[] = {"addresses", "known", "rules", "attachments", NULL};
static const char *const rule_keys[] = {"when", "kind", "set", NULL};

static int wrong(const struct itsm_yaml *node, struct itsm_error *err, const char *message)
{
	return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, MAIL_FILE ": %s", message);
}

static int check_keys(const struct itsm_yaml *node, const char *const *known, struct itsm_error *err)
{
	size_t i;

	if (node->type != ITSM_YAML_MAPPING)
		return wrong(node, err, "a mapping is expected here");
	for (i = 0; i < node->count; i++)
		if (!itsm_list_has(known, node->keys[i]->text))
			return itsm_error_set_at(err, ITSM_EDATA, node->keys[i]->line, node->keys[i]->column,
				MAIL_FILE ": '%s' is no key here; see `itsm help mail`", node->keys[i]->text);
	return 0;
}

static bool is_text_list(const struct itsm_yaml *node)
{
	size_t i = 0;

	while (node->type == ITSM_YAML_SEQUENCE && i < node->count && node->items[i]->type == ITSM_YAML_SCALAR)
		i++;
	return node->type == ITSM_YAML_SEQUENCE && i == node->count;
}

static int read_rule(struct desk_change *change, const struct itsm_yaml *node, struct mail_rule *rule, struct itsm_error *err)
{
	const struct itsm_yaml *set = itsm_yaml_get(node, "set");
	const char *kind = itsm_yaml_text(node, "kind");
	const char **words;
	size_t i;
	int status = check_keys(node, rule_keys, err);

	if (status != 0)
		return status;
	if (!kind || !(rule->kind = itsm_kinds_find(change->desk->kinds, kind)) || rule->kind->part || !rule->kind->prefix ||
	    !rule->kind->markdown || !itsm_kind_field(rule->kind, "external") || !itsm_kind_field(rule->kind, "source"))
		return wrong(node, err, "a rule names the kind that it opens, such as incident or request");
	rule->when = itsm_yaml_text(node, "when");
	if (set && !is_text_list(set))
		return wrong(set, err, "'set' is a list of field=value");
	words = itsm_arena_alloc(change->arena, ((set ? set->count : 0) + 1) * sizeof(*words));
	for (i = 0; set && i < set->count; i++)
		words[i] = set->items[i]->text;
	rule->set = (struct itsm_words){words, set ? set->count : 0};
	return 0;
}

static int read_limit(const struct itsm_yaml *node, const char *key, size_t *out, size_t most, struct itsm_error *err)
{
	const struct itsm_yaml *value = itsm_yaml_get(node, key);
	char *end;
	unsigned long number;

	if (!value)
		return 0;
	number = value->type == ITSM_YAML_SCALAR && *value->text >= '0' && *value->text <= '9' ? strtoul(value->text, &end, 10) : most + 1;
	if (number > most || *end)
		return itsm_error_set_at(err, ITSM_EDATA, value->line, value->column, MAIL_FILE ": '%s' is a number up to %zu", key, most);
	*out = number;
	return 0;
}

static int read_rules(struct desk_change *change, const struct itsm_yaml *list, struct mail_policy *out, struct itsm_error *err)
{
	size_t i;
	int status = 0;

	if (list && list->type != ITSM_YAML_SEQUENCE)
		return wrong(list, err, "'rules' is a list");
	out->rules = itsm_arena_alloc(change->arena, ((list ? list->count : 0) + 1) * sizeof(*out->rules));
	for (i = 0; list && i < list->count && status == 0; i++)
		status = read_rule(change, list->items[i], &out->rules[out->rule_count++], err);
	if (status == 0)
		status = itsm_desk_kind(change->desk, "request", &out->rules[out->rule_count++].kind, err);
	return status;
}

static int read_policy(struct desk_change *change, const struct itsm_buffer *text, struct mail_policy *out, struct itsm_error *err)
{
	const struct itsm_yaml *attachments;
	const char *known;
	struct itsm_yaml *node;
	int status = itsm_yaml_parse(change->arena, text->data ? text->data : "", text->length, 1, &node, err);

	if (status != 0) {
		itsm_error_prefix(err, MAIL_FILE);
		return status;
	}
	if ((status = check_keys(node, keys, err)) != 0)
		return status;
	out->addresses = itsm_yaml_get(node, "addresses");
	if (out->addresses && !is_text_list(out->addresses))
		return wrong(out->addresses, err, "'addresses' is a list of mail addresses");
	known = itsm_yaml_text(node, "known");
	if (known && strcmp(known, "true") != 0 && strcmp(known, "false") != 0)
		return wrong(itsm_yaml_get(node, "known"), err, "'known' is true or false");
	out->known = known && strcmp(known, "true") == 0;
	attachments = itsm_yaml_get(node, "attachments");
	if ((attachments && (status = check_keys(attachments, (const char *const[]){"count", "bytes", NULL}, err)) != 0) ||
	    (status = read_limit(attachments, "count", &out->most, ITSM_MAIL_MAX_PARTS, err)) != 0 ||
	    (status = read_limit(attachments, "bytes", &out->largest, ITSM_MAIL_MAX_BYTES, err)) != 0)
		return status;
	return read_rules(change, itsm_yaml_get(node, "rules"), out, err);
}

int mail_policy_read(struct desk_change *change, struct mail_policy *out, struct itsm_error *err)
{
	const struct itsm_oid *base = itsm_write_base(change->write);
	struct itsm_repo *repo = change->desk->repo;
	struct itsm_buffer text = {0};
	struct itsm_entry entry;
	int status = 0;

	*out = (struct mail_policy){.most = MOST, .largest = LARGEST};
	if (!itsm_oid_is_zero(base) && itsm_repo_find(repo, base, MAIL_FILE, &entry, NULL) == 0) {
		if ((entry.mode & 0170000) != 0100000)
			return itsm_error_set(err, ITSM_EDATA, MAIL_FILE " is not a regular file");
		status = itsm_repo_blob(repo, &entry.blob, MAIL_FILE_MAX, &text, err);
	}
	if (status == 0)
		status = read_policy(change, &text, out, err);
	itsm_buffer_free(&text);
	return status;
}

static void add_pair(struct itsm_buffer *json, const char *name, const char *text)
{
	struct itsm_yaml node = {.style = ITSM_YAML_DOUBLE_QUOTED, .text = text ? text : ""};

	itsm_buffer_printf(json, "%s\"%s\":", json->length > 1 ? "," : "", name);
	itsm_yaml_json(&node, NULL, json);
}

static int lend(struct desk_change *change, const struct itsm_mail *mail, struct itsm_error *err)
{
	struct itsm_buffer json = {0}, to = {0};
	struct itsm_lent row = {"mail", 1, NULL, 0};
	size_t i;
	int status = itsm_index_lend(change->index, err);

	for (i = 0; i < mail->to_count; i++)
		itsm_buffer_printf(&to, "%s%s", i ? " " : "", mail->to[i].mail);
	itsm_buffer_putc(&json, '{');
	add_pair(&json, "sender", mail->from.mail);
	add_pair(&json, "name", mail->from.name);
	add_pair(&json, "recipients", to.data);
	add_pair(&json, "subject", mail->subject);
	add_pair(&json, "text", mail->text);
	itsm_buffer_putc(&json, '}');
	row.value = json.data;
	row.size = json.length;
	if (status == 0)
		status = itsm_index_lend_row(change->index, &row, err);
	itsm_buffer_free(&json);
	itsm_buffer_free(&to);
	return status;
}

static int is_true(struct desk_change *change, const char *when, struct itsm_error *err)
{
	struct itsm_sql_request request = {0};
	struct itsm_query *query = NULL;
	int status;

	request.sql = itsm_arena_printf(change->arena, "SELECT 1 FROM (SELECT value ->> '$.sender' AS sender, value ->> '$.name' AS name,"
		" value ->> '$.recipients' AS recipients, value ->> '$.subject' AS subject, value ->> '$.text' AS text FROM discovered)"
		" AS mail WHERE (%s\n)", when);
	status = itsm_query_open_bounded(change->index, &request, &query, err);
	if (status == 0)
		status = itsm_query_next(query, err);
	itsm_query_free(query);
	if (status < 0)
		itsm_error_prefix(err, MAIL_FILE ": `when: %.200s`", when);
	return status;
}

int mail_policy_choose(struct desk_change *change, const struct mail_intake *intake, const struct mail_rule **out,
	struct itsm_error *err)
{
	const struct mail_policy *policy = &intake->policy;
	int status = policy->rule_count > 1 ? lend(change, intake->mail, err) : 0;
	size_t i;

	for (i = 0; i < policy->rule_count && status == 0; i++) {
		int truth = policy->rules[i].when ? is_true(change, policy->rules[i].when, err) : 1;

		if (truth < 0)
			return truth;
		if (truth) {
			*out = &policy->rules[i];
			return 0;
		}
	}
	return status;
}

int mail_policy_try(struct desk_change *change, const struct itsm_buffer *text, struct itsm_error *err)
{
	static const struct itsm_mail nothing = {.from = {.mail = "nobody@itsm.invalid"}, .subject = "", .text = ""};
	struct mail_policy policy = {.most = MOST, .largest = LARGEST};
	int status = read_policy(change, text, &policy, err);
	size_t i;

	if (status == 0 && policy.rule_count > 1)
		status = lend(change, &nothing, err);
	for (i = 0; i < policy.rule_count && status == 0; i++) {
		const struct mail_rule *rule = &policy.rules[i];
		struct itsm_edit *edits;
		size_t count;

		if (rule->when && (status = is_true(change, rule->when, err)) > 0)
			status = 0;
		if (status == 0 && rule->set.count)
			status = desk_change_edits(NULL, change->arena, rule->kind, rule->set, &edits, &count, err);
	}
	return status;
}
