/*
 * Checkpoints as they are in the repository.
 *
 * A tag object is header lines, an empty line, the message, and the armored
 * signature of all before it. The lines for programs end the message:
 *
 *   Itsm-Checkpoint: 1
 *   Itsm-Commit: <commit>
 *   Itsm-Tree: <tree>
 *   Itsm-Commits: <how many commits lead to it, it included>
 *   Itsm-Count: <kind> <records>        for each kind with records, by name
 *   Itsm-Previous: <name> sha256:<digest of that tag object>, or none
 */
#include <string.h>

#include "checkpoint.h"
#include "itsm/digest.h"
#include "roster.h"
#include "signers.h"

#define FIRST_LINE "\nItsm-Checkpoint: 1\n"

static const char *where(const struct itsm_desk *desk)
{
	return desk->place.work_tree ? desk->place.work_tree : desk->place.git_dir;
}

const char *checkpoint_line(struct itsm_arena *arena, const char *text, const char *name)
{
	size_t length = strlen(name);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		if (strncmp(text, name, length) == 0)
			return itsm_arena_strndup(arena, text + length, strcspn(text + length, "\n"));
	}
	return NULL;
}

static void read_tag(struct itsm_arena *arena, const struct itsm_buffer *text, struct checkpoint *out)
{
	static const char *const begins[] = {"\n-----BEGIN SSH SIGNATURE-----\n", "\n-----BEGIN PGP SIGNATURE-----\n",
		"\n-----BEGIN PGP MESSAGE-----\n"};
	const char *whole = itsm_arena_strndup(arena, text->data, text->length), *object, *at;
	char digest[65];

	itsm_digest_sha256(text->data, text->length, digest);
	out->digest = itsm_arena_printf(arena, "sha256:%s", digest);
	out->payload_size = strlen(whole);
	for (size_t i = 0; i < 3; i++) {
		at = strstr(whole, begins[i]);
		if (at && (size_t)(at + 1 - whole) < out->payload_size) {
			out->payload_size = (size_t)(at + 1 - whole);
			out->signature = at + 1;
		}
	}
	out->payload = itsm_arena_strndup(arena, whole, out->payload_size);
	out->manifest = "";
	for (at = out->payload; (at = strstr(at, FIRST_LINE)) != NULL; at++)
		out->manifest = at + 1;
	out->previous = checkpoint_line(arena, out->manifest, "Itsm-Previous: ");
	if (out->previous && strcmp(out->previous, "none") == 0)
		out->previous = NULL;
	object = checkpoint_line(arena, out->payload, "object ");
	at = checkpoint_line(arena, out->payload, "type ");
	if (!object || !at || strcmp(at, "commit") != 0 || !itsm_oid_parse(object, &out->commit))
		memset(&out->commit, 0, sizeof(out->commit));
}

static int read_object(struct itsm_desk *desk, struct itsm_arena *arena, struct checkpoint *out, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	char name[41];
	const char *argv[] = {"git", "--no-replace-objects", "cat-file", "tag", name, NULL};
	int status;

	itsm_oid_text(&out->tag, name);
	status = itsm_program_run(argv, where(desk), NULL, &text, NULL, err);
	if (status == 0 && text.data)
		read_tag(arena, &text, out);
	itsm_buffer_free(&text);
	return status;
}

int checkpoint_list(struct itsm_desk *desk, struct itsm_arena *arena, struct checkpoint **out, size_t *count,
	struct itsm_error *err)
{
	const char *argv[] = {"git", "for-each-ref", "--format=%(objectname) %(objecttype) %(refname)",
		"refs/tags/" ITSM_CHECKPOINT_TAGS, NULL};
	struct itsm_buffer list = {0};
	size_t capacity = 0;
	const char *line;
	int status = itsm_program_run(argv, where(desk), NULL, &list, NULL, err);

	*out = NULL;
	*count = 0;
	for (line = list.data ? list.data : ""; status == 0 && *line;
		line += strcspn(line, "\n"), line += *line == '\n') {
		const char *text = itsm_arena_strndup(arena, line, strcspn(line, "\n")),
			   *name = strstr(text, " refs/tags/");
		char oid[41] = "";
		struct checkpoint *one;

		if (!name || strlen(text) < 41)
			continue;
		itsm_arena_grow(arena, out, &capacity, *count, sizeof(**out));
		one = &(*out)[(*count)++];
		*one = (struct checkpoint){
			.name = name + strlen(" refs/tags/"), .payload = "", .manifest = "", .digest = ""};
		memcpy(oid, text, 40);
		itsm_oid_parse(oid, &one->tag);
		if (strncmp(text + 41, "tag ", 4) == 0)
			status = read_object(desk, arena, one, err);
	}
	itsm_buffer_free(&list);
	return status;
}

static int ask_line(struct itsm_desk *desk, const char *const *argv, struct itsm_arena *arena, const char **out,
	struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	int status = itsm_program_run(argv, where(desk), NULL, &text, NULL, err);

	if (status == 0)
		*out = itsm_arena_strndup(arena, text.data ? text.data : "", text.data ? strcspn(text.data, "\n") : 0);
	itsm_buffer_free(&text);
	return status;
}

/* Of the kinds of the commit, so that the desk's of today do not matter. */
static int count_records(
	struct itsm_desk *desk, const struct itsm_oid *commit, struct itsm_buffer *out, struct itsm_error *err);

int checkpoint_manifest(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_oid *commit,
	struct itsm_buffer *out, struct itsm_error *err)
{
	char name[41];
	const char *tree, *commits;
	int status;

	itsm_oid_text(commit, name);
	{
		const char *find_tree[] = {"git", "--no-replace-objects", "rev-parse", "--verify",
			itsm_arena_printf(arena, "%s^{tree}", name), NULL};
		const char *find_count[] = {"git", "--no-replace-objects", "rev-list", "--count", name, NULL};

		if ((status = ask_line(desk, find_tree, arena, &tree, err)) != 0 ||
			(status = ask_line(desk, find_count, arena, &commits, err)) != 0)
			return status;
	}
	itsm_buffer_printf(
		out, "Itsm-Checkpoint: 1\nItsm-Commit: %s\nItsm-Tree: %s\nItsm-Commits: %s\n", name, tree, commits);
	return count_records(desk, commit, out, err);
}

struct counting {
	const struct itsm_kinds *kinds;
	size_t *counts;
};

static int count_entry(void *context, const struct itsm_entry *entry)
{
	struct counting *counting = context;
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];

	if (!itsm_kinds_locate(counting->kinds, entry->path, &kind, id, owner))
		return 0;
	for (size_t i = 0; i < itsm_kinds_count(counting->kinds); i++) {
		if (itsm_kinds_at(counting->kinds, i) == kind)
			counting->counts[i]++;
	}
	return 0;
}

static int count_records(
	struct itsm_desk *desk, const struct itsm_oid *commit, struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct counting counting;
	struct itsm_kinds *kinds = NULL;
	struct itsm_repo *repo;
	const char *last = "";
	size_t count = 0;
	int status = itsm_desk_repository(desk, &repo, err);

	if (status == 0 && (status = itsm_desk_kinds_at(desk, commit, &kinds, err)) == 0) {
		count = itsm_kinds_count(kinds);
		counting = (struct counting){kinds, itsm_arena_alloc(arena, (count + 1) * sizeof(size_t))};
		status = itsm_repo_walk(repo, commit, NULL, count_entry, &counting, err);
	}
	/* by name: kinds are few */
	for (size_t done = 0; status == 0 && done < count; done++) {
		size_t next = count;

		for (size_t i = 0; i < count; i++) {
			const char *name = itsm_kinds_at(kinds, i)->name;

			if (strcmp(name, last) > 0 &&
				(next == count || strcmp(name, itsm_kinds_at(kinds, next)->name) < 0))
				next = i;
		}
		if (next == count)
			break;
		last = itsm_kinds_at(kinds, next)->name;
		if (counting.counts[next])
			itsm_buffer_printf(out, "Itsm-Count: %s %zu\n", last, counting.counts[next]);
	}
	itsm_kinds_free(kinds);
	itsm_arena_free(arena);
	return status;
}

int checkpoint_is_ancestor(struct itsm_desk *desk, const struct itsm_oid *commit, const struct itsm_oid *of, bool *is,
	struct itsm_error *err)
{
	char one[41], other[41];
	const char *argv[] = {"git", "--no-replace-objects", "merge-base", "--is-ancestor", one, other, NULL};
	struct itsm_error failure = {0};
	int code = -1, status;

	itsm_oid_text(commit, one);
	itsm_oid_text(of, other);
	status = itsm_program_run(argv, where(desk), NULL, NULL, &code, &failure);
	*is = status == 0;
	if (status == 0 || code == 1 || code == 128) /* 128: it is not even there any more */
		return 0;
	if (err)
		*err = failure;
	return status;
}

int checkpoint_signer(struct itsm_desk *desk, struct itsm_arena *arena, const struct checkpoint *checkpoint,
	const struct itsm_oid *base, const char **person, const char **why, struct itsm_error *err)
{
	struct itsm_buffer signers = {0}, payload = {0};
	struct itsm_kinds *kinds = NULL;
	struct roster *roster;
	int status;

	*person = NULL;
	*why = "it is not signed";
	if (!checkpoint->signature)
		return 0;
	if ((status = itsm_desk_kinds_at(desk, base, &kinds, err)) != 0)
		return status;
	roster = roster_new(desk, kinds, base);
	itsm_buffer_add(&payload, checkpoint->payload, checkpoint->payload_size);
	status = signers_list(roster, "git", &signers, err);
	if (status == 0)
		status = signers_verify(
			roster, arena, "git", &signers, &payload, checkpoint->signature, person, why, err);
	itsm_buffer_free(&payload);
	itsm_buffer_free(&signers);
	roster_free(roster);
	itsm_kinds_free(kinds);
	return status;
}
