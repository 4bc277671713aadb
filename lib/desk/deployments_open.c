/* The emergency change for what had none. */
#include <string.h>

#include "deployments.h"

struct opening {
	struct itsm_arena *arena;
	struct itsm_index *index;
	const struct itsm_unauthorised *found;
	const char **words;
	size_t count, capacity;
	const char *change;     /* of the deployment, or NULL */
	struct itsm_error *err;
};

static void add_word(struct opening *opening, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	itsm_arena_grow(opening->arena, &opening->words, &opening->capacity, opening->count, sizeof(*opening->words));
	opening->words[opening->count++] = itsm_arena_printf(opening->arena, "%s=%s", name, value);
}

static const char *join(struct itsm_arena *arena, const char *const *list, size_t count)
{
	struct itsm_buffer text = {0};
	const char *copy;
	size_t i;

	for (i = 0; i < count; i++)
		itsm_buffer_printf(&text, "%s%s", i ? "," : "", list[i]);
	copy = itsm_arena_strdup(arena, text.data ? text.data : "");
	itsm_buffer_free(&text);
	return copy;
}

/* The values of a list, by a query over the ID of the deployment or item. */
static int add_list(struct opening *opening, const char *name, const char *sql, const char *id)
{
	const char **list;
	size_t count;
	int status = desk_query_list(opening->index, opening->arena, sql, id, &list, &count, opening->err);

	if (status == 0)
		add_word(opening, name, join(opening->arena, list, count));
	return status;
}

static int gather(struct opening *opening)
{
	const struct itsm_unauthorised *found = opening->found;
	const char **change;
	size_t count;
	int status;

	if (found->item) {
		add_word(opening, "items", found->item);
		return add_list(opening, "services", "SELECT v.value FROM item AS i, json_each(i.services) AS v WHERE i.id = ?1", found->item);
	}
	status = add_list(opening, "items", "SELECT v.value FROM deployment AS d, json_each(d.items) AS v WHERE d.id = ?1", found->deployment);
	if (status == 0)
		status = add_list(opening, "services", "SELECT d.service FROM deployment AS d WHERE d.id = ?1 AND d.service IS NOT NULL UNION"
			" SELECT v.value FROM deployment AS d JOIN release AS r ON r.id = d.release, json_each(r.services) AS v WHERE d.id = ?1",
			found->deployment);
	add_word(opening, "commits", join(opening->arena, found->commits, found->commit_count));
	if (status == 0)
		status = desk_query_list(opening->index, opening->arena,
			"SELECT coalesce(d.change, d.release) FROM deployment AS d WHERE d.id = ?1 AND coalesce(d.change, d.release) IS NOT NULL",
			found->deployment, &change, &count, opening->err);
	if (status == 0 && count)
		opening->change = change[0];
	return status;
}

static void write_body(const struct opening *opening, struct itsm_buffer *out)
{
	const struct itsm_unauthorised *found = opening->found;
	char at[ITSM_TIME_TEXT];

	itsm_time_format_utc(found->at, at);
	itsm_buffer_puts(out, "## Reason\n\nFound by `itsm deployments audit`, after it was done.\n\n- What: ");
	itsm_escape_markdown(out, found->title);
	itsm_buffer_printf(out, "\n- Which: `%s`\n- When: %s\n", found->key, at);
	if (found->commit_count)
		itsm_buffer_printf(out, "- Commits without an approved change: %zu\n", found->commit_count);
	itsm_buffer_puts(out, "\n## Impact\n\n## Plan\n\n## Backout plan\n\n## Test plan\n\n## Result\n\n## Causes\n\n## Actions\n");
}

int itsm_desk_deployments_open(struct itsm_desk *desk, const struct itsm_unauthorised *found, const char *message,
	struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct opening opening = {.arena = outcome->arena, .found = found, .err = err};
	struct itsm_new request = {.kind = "change", .message = message};
	struct itsm_buffer body = {0};
	struct itsm_oid head;
	int status = itsm_desk_view_head(desk, &opening.index, &head, err);

	if (found->opened)
		return itsm_error_set(err, ITSM_EREFUSED, "%s was opened for %s already", found->opened, found->key);
	if (status != 0)
		return status;
	add_word(&opening, "type", "emergency");
	add_word(&opening, "source", DEPLOYMENTS_SOURCE);
	add_word(&opening, "external", found->key);
	if ((status = gather(&opening)) != 0)
		return status;
	request.title = itsm_arena_printf(outcome->arena, "Without a change: %s", *found->title ? found->title : found->key);
	request.words = (struct itsm_words){opening.words, opening.count};
	write_body(&opening, &body);
	request.body = body.data;
	status = itsm_desk_new(desk, &request, outcome, err);
	itsm_buffer_free(&body);
	if (status == 0 && found->deployment && !opening.change) {
		struct itsm_outcome linked;

		itsm_outcome_init(&linked, outcome->arena);
		status = itsm_desk_link(desk, found->deployment, "change", outcome->id, false, message, &linked, err);
	}
	return status;
}
