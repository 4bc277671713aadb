/*
 * What forges say of reviews, in their own JSON.
 *
 * GitHub: the list of a pull request's reviews (GET .../pulls/N/reviews, also
 * as a list of pages), or the webhook pull_request_review. The last opinion
 * of a user counts: APPROVED, CHANGES_REQUESTED, or DISMISSED, which is none.
 *
 * GitLab: the approvals of a merge request (GET .../merge_requests/N/approvals).
 * They do not tell which commit was approved, only when; the versions of the
 * merge request (GET .../merge_requests/N/versions) say what its head was then, and the
 * merge request itself whose it is: {"approvals": ..., "versions": ..., "merge_request": ...},
 * or the approvals with versions and author added.
 * Or the webhook merge_request, which has all of it.
 */
#include <string.h>
#include <strings.h>

#include "approvals.h"
#include "itsm/json.h"

static const char *text_at(const struct itsm_yaml *node, const char *path)
{
	const struct itsm_yaml *value = itsm_yaml_find(node, path);

	return value && value->type == ITSM_YAML_SCALAR && !itsm_yaml_is_null(value) ? value->text : NULL;
}

/* RFC 3339, or as older GitLabs write it: 2026-11-22 10:00:00 UTC. */
static bool moment(struct itsm_arena *arena, const char *text, int64_t *seconds)
{
	struct itsm_time time;
	size_t length = text ? strlen(text) : 0;

	if (length > 4 && strcmp(text + length - 4, " UTC") == 0)
		text = itsm_arena_printf(arena, "%.*sZ", (int)(length - 4), text);
	if (!text || itsm_time_parse(text, &time, NULL) != 0)
		return false;
	*seconds = time.seconds;
	return true;
}

static bool is_commit(const char *text)
{
	return text && strlen(text) == 40 && strspn(text, "0123456789abcdef") == 40;
}

static bool is_login(const char *text)
{
	return text && *text && !strpbrk(text, " \t\r\n");
}

/* The last opinion of an account takes the place of those before it. */
static void add_review(struct itsm_approvals *approvals, const struct itsm_forge_review *review)
{
	for (size_t i = 0; i < approvals->review_count; i++) {
		struct itsm_forge_review *known = &approvals->reviews[i];

		if (strcasecmp(known->account, review->account) != 0)
			continue;
		if (review->at >= known->at)
			*known = *review;
		return;
	}
	itsm_arena_grow(approvals->arena, &approvals->reviews, &approvals->review_capacity, approvals->review_count,
		sizeof(*approvals->reviews));
	approvals->reviews[approvals->review_count++] = *review;
}

static const char *account(struct itsm_approvals *approvals, const char *forge, const char *login)
{
	return is_login(login) ? itsm_arena_printf(approvals->arena, "%s:%s", forge, login) : NULL;
}

/* A comment or a draft is no opinion; a dismissed review is one that says nothing. */
static const char *github_decision(const char *state)
{
	if (strcasecmp(state, "approved") == 0)
		return "approve";
	if (strcasecmp(state, "changes_requested") == 0)
		return "reject";
	return strcasecmp(state, "dismissed") == 0 ? "withdraw" : NULL;
}

static void add_github(struct itsm_approvals *approvals, const struct itsm_yaml *node, const char *author)
{
	const char *state = text_at(node, "state");
	struct itsm_forge_review review = {
		.forge = "github",
		.account = account(approvals, "github", text_at(node, "user.login")),
		.decision = state ? github_decision(state) : NULL,
		.comment = text_at(node, "body"),
		.commit = text_at(node, "commit_id"),
		.author = account(approvals, "github", author),
	};

	if (review.account && review.decision && is_commit(review.commit) &&
	    moment(approvals->arena, text_at(node, "submitted_at"), &review.at))
		add_review(approvals, &review);
}

static bool is_github(const struct itsm_yaml *node)
{
	return itsm_yaml_find(node, "user.login") && itsm_yaml_get(node, "state");
}

/* The head of the merge request at a moment, by its versions; NULL when they do not say. */
static const char *version_at(struct itsm_approvals *approvals, const struct itsm_yaml *versions, int64_t at)
{
	const char *head = NULL;
	int64_t newest = INT64_MIN;

	for (size_t i = 0; versions && versions->type == ITSM_YAML_SEQUENCE && i < versions->count; i++) {
		const char *commit = text_at(versions->items[i], "head_commit_sha");
		int64_t made;

		if (is_commit(commit) && moment(approvals->arena, text_at(versions->items[i], "created_at"), &made) && made <= at &&
		    made > newest) {
			newest = made;
			head = commit;
		}
	}
	return head;
}

static void add_gitlab(struct itsm_approvals *approvals, const struct itsm_yaml *node, const struct itsm_yaml *versions,
	const char *author)
{
	const struct itsm_yaml *list = itsm_yaml_get(node, "approved_by");

	for (size_t i = 0; list && list->type == ITSM_YAML_SEQUENCE && i < list->count; i++) {
		struct itsm_forge_review review = {
			.forge = "gitlab",
			.account = account(approvals, "gitlab", text_at(list->items[i], "user.username")),
			.decision = "approve",
			.author = account(approvals, "gitlab", author),
		};

		if (!review.account || !moment(approvals->arena, text_at(list->items[i], "approved_at"), &review.at))
			continue;
		review.commit = version_at(approvals, versions, review.at);
		add_review(approvals, &review);
	}
}

/* An approval that is taken back is one that says nothing. */
static void add_gitlab_hook(struct itsm_approvals *approvals, const struct itsm_yaml *node)
{
	const struct itsm_yaml *what = itsm_yaml_get(node, "object_attributes");
	const char *action = text_at(what, "action"), *id = text_at(node, "user.id"), *author = text_at(what, "author_id");
	struct itsm_forge_review review = {
		.forge = "gitlab",
		.account = account(approvals, "gitlab", text_at(node, "user.username")),
		.commit = text_at(what, "last_commit.id"),
	};

	if (action && (strcmp(action, "approved") == 0 || strcmp(action, "approval") == 0))
		review.decision = "approve";
	else if (action && (strcmp(action, "unapproved") == 0 || strcmp(action, "unapproval") == 0))
		review.decision = "withdraw";
	if (id && author && strcmp(id, author) == 0)
		review.author = review.account;
	if (review.account && review.decision && is_commit(review.commit) &&
	    moment(approvals->arena, text_at(what, "updated_at"), &review.at))
		add_review(approvals, &review);
}

static int unknown(const char *name, struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_EDATA,
		"%s is none of what is read here: GitHub's list of reviews or its webhook pull_request_review, GitLab's approvals with"
		" versions, or its webhook merge_request", name);
}

/* A list of reviews, of pages of reviews, or nothing. */
static int add_list(struct itsm_approvals *approvals, const char *name, const struct itsm_yaml *list, struct itsm_error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct itsm_yaml *item = list->items[i];
		int status;

		if (item->type == ITSM_YAML_SEQUENCE) {
			if ((status = add_list(approvals, name, item, err)) != 0)
				return status;
		} else if (is_github(item)) {
			add_github(approvals, item, NULL);
		} else {
			return unknown(name, err);
		}
	}
	return 0;
}

static int add_object(struct itsm_approvals *approvals, const char *name, const struct itsm_yaml *node, struct itsm_error *err)
{
	const struct itsm_yaml *review = itsm_yaml_get(node, "review"), *reviews = itsm_yaml_get(node, "reviews");
	const struct itsm_yaml *approvals_of = itsm_yaml_get(node, "approvals");
	const char *kind = text_at(node, "object_kind");

	if (review && is_github(review))
		add_github(approvals, review, text_at(node, "pull_request.user.login"));
	else if (reviews && reviews->type == ITSM_YAML_SEQUENCE)
		return add_list(approvals, name, reviews, err);
	else if (kind && strcmp(kind, "merge_request") == 0)
		add_gitlab_hook(approvals, node);
	else if (approvals_of && itsm_yaml_get(approvals_of, "approved_by"))
		add_gitlab(approvals, approvals_of, itsm_yaml_get(node, "versions"), text_at(node, "merge_request.author.username"));
	else if (itsm_yaml_get(node, "approved_by"))
		add_gitlab(approvals, node, itsm_yaml_get(node, "versions"), text_at(node, "author.username"));
	else
		return unknown(name, err);
	return 0;
}

int itsm_reviews_read(struct itsm_arena *arena, const char *name, const char *json, size_t size,
	const struct itsm_forge_review **out, size_t *count, struct itsm_error *err)
{
	struct itsm_approvals reading = {.arena = arena};
	int status = itsm_approvals_add_reviews(&reading, name, json, size, err);

	if (status == 0) {
		*out = reading.reviews;
		*count = reading.review_count;
	}
	return status;
}

int itsm_desk_reviews(struct itsm_desk *desk, const struct itsm_review_file *files, size_t count, struct itsm_error *err)
{
	struct itsm_review_file *copies = itsm_arena_alloc(desk->arena, (count + 1) * sizeof(*copies));
	struct itsm_approvals trial = {.arena = itsm_arena_new(), .desk = desk};
	size_t i;
	int status = 0;

	for (i = 0; i < count && status == 0; i++) {
		status = itsm_approvals_add_reviews(&trial, files[i].name, files[i].json, files[i].size, err);
		copies[i].name = itsm_arena_strdup(desk->arena, files[i].name);
		copies[i].json = itsm_arena_strndup(desk->arena, files[i].json, files[i].size);
		copies[i].size = files[i].size;
	}
	itsm_arena_free(trial.arena);
	if (status == 0) {
		desk->reviews = copies;
		desk->review_count = count;
	}
	return status;
}

int itsm_approvals_add_reviews(struct itsm_approvals *approvals, const char *name, const char *json, size_t size,
	struct itsm_error *err)
{
	struct itsm_yaml *node;
	int status = itsm_json_parse(approvals->arena, json, size, &node, err);

	if (status != 0) {
		itsm_error_prefix(err, "%s", name);
		return status;
	}
	if (node->type == ITSM_YAML_SEQUENCE)
		return add_list(approvals, name, node, err);
	return node->type == ITSM_YAML_MAPPING ? add_object(approvals, name, node, err) : unknown(name, err);
}
