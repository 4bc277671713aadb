/*
 * Rules and what they mean: `itsm check --explain RULE`.
 *
 * Rules of the tool itself stand in the table below; guard/<kind>/<name> and
 * check/<kind>/<name> come from the kinds, policy/<name> from the rules.
 */
#include <stdlib.h>
#include <string.h>

#include "policy.h"

struct meaning {
	const char *name, *meaning, *remedy;
};

static const struct meaning rules[] = {
	{"approval/author", "An approval that is not signed was committed by somebody else than the person it names. Nothing proves that the "
		"person gave it, so it does not count.", "Have the person run `itsm approve`."},
	{"approval/key", "An approval is signed by a key that its person did not have at the base. A key that the same proposal brings does "
		"not count, nor one that was taken away.", "Sign with a key in people/, or have the new key approved there first."},
	{"approval/signature", "The signature of an approval is of something else: another record, person, role, decision, time, content or "
		"comment. It was copied from elsewhere, or the file was changed afterwards.", "Have the person run `itsm approve` again."},
	{"approval/stale", "What was approved has changed since: a field or section that the record's kind declares as approved content, or the "
		"record was handed in anew.", "Look at it again and run `itsm approve`."},
	{"approval/unreadable", "A file among a record's approvals is none: not YAML, named after somebody else, or without decision or time.",
		"Have the person run `itsm approve`, which writes it anew."},
	{"gate/change", "A commit names a change that this desk does not have, or that could be several.", "Name it in full in the commit's `Change:` trailer."},
	{"gate/commit", "What is to be deployed names no change, so nobody can say who agreed to it.",
		"Name the change in a trailer of the commits: `Change: CHG-...`."},
	{"gate/item", "No change about the item may be carried out at this moment.", "Have one scheduled, and wait for its window."},
	{"gate/state", "The change is in a state from where nothing is carried out, or the release in one from where nothing is deployed.", "Take it there: `itsm next ID` tells the way."},
	{"audit/commit", "A commit was deployed that no approved change has: none lists it, and its trailers name none.",
		"`itsm deployments audit --open` opens an emergency change with what is known."},
	{"audit/deployment", "Something went live and no approved change stood for it at that moment.",
		"`itsm deployments audit --open` opens an emergency change with what is known."},
	{"audit/item", "A reconciliation found an item changed, and no approved change was about it.",
		"`itsm deployments audit --open` opens an emergency change with what is known."},
	{"audit/unknown-commit", "A deployment names a commit that the repository has not, so nobody can say what came with it.",
		"Name the repository of the code with --repository, and fetch it."},
	{"evidence/altered", "A file of an evidence folder is not what it was when the folder was made.", "Ask for the folder again."},
	{"evidence/extra", "Something is in an evidence folder that its manifest does not have: a file, a link, an empty folder.", "Ask for the folder again."},
	{"evidence/manifest", "The manifest of an evidence folder is none, or has another digest than the one that was asked for.", "Ask for the folder again."},
	{"evidence/missing", "A file of the manifest is not in the evidence folder.", "Ask for the folder again."},
	{"evidence/signature", "An evidence folder is not signed although it has to be, or its signature does not hold.", "Ask for the folder again."},
	{"history/removed", "A proposal removes the file of a record that the base has. Records are the audit trail: "
		"they are closed, cancelled or retired, and stay.", "Restore the file: `git checkout BASE -- PATH`."},
	{"id/duplicate", "Two files have the same record ID. The file name is the ID, wherever the file lies, so "
		"nobody can say which is meant.", "Keep one; give the other a new ID with `git mv` and correct the references to it."},
	{"left/draft", "The text of an edit that was refused. It is kept so that no word is lost.",
		"Go on with `itsm edit ID --file FILE`, or remove the file."},
	{"left/index", "The index says something else about the files than reading them does. It is derived: nothing is lost with it.",
		"`itsm doctor --fix` builds it anew."},
	{"left/journal", "A writer was stopped between its commit and the files of the work tree. The commit counts.",
		"The next command finishes it; so does `itsm doctor --fix`."},
	{"left/lock", "git's index.lock has been there for long. A git that was killed leaves it, and every other git waits for it.",
		"See that no git is running in this work tree, then remove the file."},
	{"left/temporary", "A file that a killed program was writing, beside the one it was to become. It is half and of no use.",
		"`itsm doctor --fix` removes it."},
	{"merge/conflict", "A merge left a conflict in the file: both sides stand there between marker lines (<<<<<<<, "
		"|||||||, =======, >>>>>>>), and nobody has settled yet which holds. Such a file is no record.",
		"Edit the file: keep what holds, take the rest and the marker lines away, then `git add` it."},
	{"merge/unfinished", "git has a merge, rebase, cherry-pick or revert under way in this work tree.",
		"Settle what is open, then let git go on or abort: `git status` says how."},
	{"merge/unmerged", "git holds a file for conflicted, whether it has marker lines or not: one side may have removed what the other changed.",
		"Make the file what it should be and `git add` it, or `git rm` it."},
	{"model/limits", "The commits that a standard change is to be made of, or its window, exceed the limits of the model.",
		"Make several changes, or a normal one."},
	{"model/scope", "The commits that a standard change is to be made of touch items, services or files that its model does not allow.",
		"Take them out, make a normal change, or have a wider model approved."},
	{"model/unusable", "The model of a standard change is no published article of the type standard-change, or is not valid any more.",
		"Name another one, or have it approved and published."},
	{"oncall/gap", "In the next 30 days there is a time in which nobody is on call by a rota, inside of the hours of its calendar.",
		"Add a layer or an override; `itsm oncall gaps ROTA` lists them all."},
	{"oncall/person", "Somebody is on call in the next 30 days who is not in people/, or not active.", "Let somebody else take the turn."},
	{"oncall/rota", "Nobody can say who is on call by this rota: its zone or calendar is not there, or a layer or override can't be read.",
		"Correct what the message names."},
	{"path/access", "A file or folder in the place of a record can't be read, so nobody can say what it holds.",
		"Give it back its permissions."},
	{"path/place", "A file lies in the folder of a kind, but is not where a record of that kind belongs: wrong depth, "
		"no month folder, wrong suffix, or a name that is no ID.", "Move it to the place that the message names, or out of the folder."},
	{"path/symlink", "A symbolic link stands in the place of a record. It is never followed: it could lead out of the desk.",
		"Replace it by a regular file."},
	{"policy/event", "A map or the rules of alerts under policy/events/ can't be read, or SQL in them does not compile: alerts would be"
		" refused, or sent again without end.",
		"Correct the file at the line and column given; docs/receivers.md tells the form of maps and rules."},
	{"policy/class", "A class of items under policy/classes/ can't be read, or names a field that items have not. As long as that is so, "
		"no rule of the desk judges anything.", "Correct the file at the line and column given; docs/items.md tells the form of a class."},
	{"policy/kind", "A kind under policy/kinds/ can't be read, or an SQL expression in it does not compile.",
		"Correct the file at the line and column given."},
	{"policy/mail", "policy/mail.yaml can't be read, or SQL in it does not compile: no mail would be taken in.",
		"Correct the file at the line and column given; `itsm help mail` tells its form."},
	{"policy/query", "A standing query under policy/queries/ can't be read, or its SQL does not compile.",
		"Correct the file at the line and column given; docs/incidents.md tells the form of a query."},
	{"policy/rule", "A rule under policy/rules/ can't be read. As long as that is so, no rule of the desk judges anything.",
		"Correct the file at the line and column given; docs/policy.md tells the form of a rule."},
	{"policy/risk", "A risk model under policy/risks/ can't be read, or an SQL expression in it does not compile.",
		"Correct the file at the line and column given; docs/risk.md tells the form of a risk model."},
	{"reference/kind", "A field refers to a record of another kind than it may.", "Refer to a record of one of the kinds that the message names."},
	{"reference/missing", "A field refers to a record that does not exist.", "Correct the ID, or make the record that is missing."},
	{"release/algorithm", "An artefact's digest is by an algorithm that is not known here, or is none.", "Compute it with sha256sum, sha384sum or sha512sum."},
	{"release/change", "A release has a change that is not there, or not authorised.", "Bring the change to scheduled, or take it out of the release."},
	{"release/decision", "It was decided that a release does not go live, or nobody decided yet.", "Decide, and set go and go_by."},
	{"release/digest", "A file is not the artefact that was released: its digest is another one.", "Get it anew from where it is kept."},
	{"release/extra", "Something is in the folder of a release that is none of its artefacts.", "Take it away, or write it among the artefacts."},
	{"release/missing", "An artefact of a release is not in the folder, or no plain file.", "Put it there."},
	{"release/name", "The name of an artefact leads out of the folder, or is no name of a file.", "Give it a relative name without '..'."},
	{"release/state", "A release is closed or withdrawn and goes nowhere any more.", "Make another one."},
	{"release/tag", "The manifest in the tag of a release and the artefacts of its record are not the same.",
		"Find out which of them was changed, and by whom."},
	{"schema/immutable", "A field that the kind declares immutable, always or in the state the record was in, had another value.",
		"Set it back; where it was wrong from the start, cancel the record and make a new one."},
	{"schema/required", "A field that the kind requires (always, or in the record's state) is missing.", "Give it a value with `itsm set`."},
	{"schema/section", "A section that the kind requires (always, or in the record's state) is missing or has no content. "
		"Comments do not count as content.", "Write it with `itsm edit`."},
	{"schema/state", "The record has no state, or one that its kind does not have.", "Set `state:` to one of the kind's states; `itsm schema KIND` lists them."},
	{"schema/type", "A value is not of the type that the field has.", "Correct the value; the message says what is expected."},
	{"schema/unique", "Two records of a kind have the same value in a field that must be unique.", "Change one of them."},
	{"schema/unknown", "The kind has no such field.", "Correct the name, take it away, or declare the field in policy/kinds/."},
	{"setup/attributes", "git is not told to use the merge driver for the records of some kinds, and merges them line by line.",
		"`itsm doctor --fix` adds the lines to .gitattributes."},
	{"setup/desk", "itsm.yaml can't be read, or is of another version. Nothing of the desk can be read before.",
		"Correct the file at the line and column given."},
	{"setup/driver", "The attributes name the merge driver, but this repository's configuration does not say which program it is, and git "
		"merges line by line. A clone does not bring the configuration along.", "`itsm sync` or `itsm doctor --fix` configures it."},
	{"text/encoding", "The file is not UTF-8 text, or holds control characters that a terminal would act on.", "Save it as UTF-8 and take the characters out."},
	{"text/size", "The file is larger than a record may be.", "Keep large material outside and refer to it, as evidence with its digest."},
	{"verify/approver", "An approval in the history is by somebody who was not in people/, or not active, when it came in.",
		"Find out who let it in; have the record approved by somebody who may."},
	{"verify/chain", "A checkpoint does not follow the one before it as that is now: a tag was replaced or removed, or not fetched.",
		"Fetch all tags; compare with other clones."},
	{"verify/checkpoint", "A tag among the checkpoints is none, says something of its commit that is not true, or is not signed by somebody "
		"whose key was in people/ at the checkpoint before (for the first: at its own commit).", "Keep it, and compare with other clones; then make another with `itsm checkpoint`."},
	{"verify/replaced", "refs/replace or info/grafts make git show other commits than were made. What is verified is what was made.",
		"Take them away with `git replace -d`."},
	{"verify/rewritten", "The history does not contain the commit of a checkpoint: it was rewritten since.",
		"Find out who did it. The tag still holds what was there: `git log <tag>`."},
	{"verify/signature", "The signature of a commit does not hold: it is by a key that nobody had in people/ at its base, by somebody else than the "
		"commit says, or of something else.", "Find out who made the commit."},
	{"verify/unsigned", "A commit is not signed, and itsm.yaml at its base says `signed_commits: required`.", "Sign commits: `git config commit.gpgsign true`."},
	{"waiver/expired", "A waiver would have excused from a rule, but its last day is over.",
		"Keep the rule, or ask for another waiver; move this one to expired."},
	{"workflow/initial", "A record that is new in a proposal does not begin in the first state of its kind.", "Commit it in its first state, then move it step by step."},
	{"workflow/transition", "A record went from one state to another where the kind's workflow has no such step.", "Take the steps that `itsm next ID` names."},
	{"workflow/when", "The workflow has the step, but not for this record: the condition of the step does not hold.", "Take another step that `itsm next ID` names."},
	{"yaml/limit", "The YAML is larger, deeper or of more values than a record may be.", "Make it flatter, or keep large material outside."},
	{"yaml/syntax", "The front matter or file is not YAML as records may use it: a syntax error, a duplicate key, an anchor, "
		"alias, tag or merge key, several documents, or nesting beyond the bound.", "Correct the line and column given."},
	{"yaml/not-a-record", "The file has no front matter, or its YAML is not a mapping of fields.", "Begin the file with `---`, its fields, and `---`."},
	{"write/record", "Of several records that one command was to change, this one can't be: it is not there, not committed, "
		"or its file can't be read as a record. None of them was changed.", "Leave it out, or mend that first."},
};

static void write_remedy(struct itsm_buffer *out, const char *remedy)
{
	if (remedy)
		itsm_buffer_printf(out, "\nRemedy: %s\n", remedy);
}

static void write_list(struct itsm_buffer *out, const char *label, const char *const *list)
{
	size_t i;

	if (list && list[0])
		itsm_buffer_puts(out, "\n");

	for (i = 0; list && list[i]; i++)
		itsm_buffer_printf(out, "%s%s", i ? ", " : label, list[i]);
	if (list && list[0])
		itsm_buffer_puts(out, ".\n");
}

static void write_guard(struct itsm_buffer *out, const struct itsm_kind *kind, const struct itsm_guard *guard, const char *name)
{
	itsm_buffer_printf(out, "# %s\n\nA guard of the kind %s (%s): %s.\n", name, kind->name, kind->origin, guard->message);
	write_remedy(out, guard->remedy);
	write_list(out, "Binds on entering: ", guard->to);
	write_list(out, "Coming from: ", guard->from);
	if (guard->when)
		itsm_buffer_printf(out, "\nOnly when:\n\n    %s\n", guard->when);
	itsm_buffer_printf(out, "\nHolds when:\n\n    %s\n", guard->must);
}

static void write_check(struct itsm_buffer *out, const struct itsm_kind *kind, const struct itsm_check *check, const char *name)
{
	itsm_buffer_printf(out, "# %s\n\nA check of the kind %s (%s), severity %s: %s.\n", name, kind->name, kind->origin,
		itsm_severity_name(check->severity), check->message);
	write_remedy(out, check->remedy);
	write_list(out, "Binds in: ", check->states);
	itsm_buffer_printf(out, "\nHolds when:\n\n    %s\n", check->must);
}

/* A policy rule: why, what it binds, and its text as it is. */
static void write_policy(struct itsm_buffer *out, const struct itsm_rule *rule, const char *name)
{
	const char *line = itsm_rules_source(rule);

	itsm_buffer_printf(out, "# %s\n\n%s\n\nA rule of the policy (%s), severity %s%s.\n", name,
		rule->help ? rule->help : rule->message ? rule->message : "It says nothing of why it is there",
		rule->origin, itsm_severity_name(rule->severity), rule->enabled ? "" : ", switched off");
	write_remedy(out, rule->remedy);
	itsm_buffer_puts(out, "\n");
	for (; *line; line += *line == '\n') {
		size_t length = strcspn(line, "\n");

		itsm_buffer_printf(out, "%s%.*s\n", length ? "    " : "", (int)length, line);
		line += length;
	}
}

struct names {
	struct itsm_arena *arena;
	const char **items;
	size_t count, capacity;
};

static void add_name(struct names *names, const char *name)
{
	itsm_arena_grow(names->arena, &names->items, &names->capacity, names->count, sizeof(*names->items));
	names->items[names->count++] = name;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool visit_policy(const struct desk_policy *policy, struct names *names, const char *name, struct itsm_buffer *out)
{
	bool found = false;
	size_t i;

	for (i = 0; i < itsm_rules_count(policy->rules); i++) {
		const struct itsm_rule *rule = itsm_rules_at(policy->rules, i);

		add_name(names, desk_policy_name(names->arena, rule));
		if (name && strcmp(name, names->items[names->count - 1]) == 0) {
			write_policy(out, rule, name);
			found = true;
		}
	}
	return found;
}

/* Every rule's name, and when `name` is one of them its text into `out`. */
static bool visit_rules(struct itsm_desk *desk, const struct desk_policy *policy, struct names *names, const char *name,
	struct itsm_buffer *out)
{
	bool found = visit_policy(policy, names, name, out);
	size_t i, j;

	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		add_name(names, rules[i].name);
		if (name && strcmp(name, rules[i].name) == 0) {
			itsm_buffer_printf(out, "# %s\n\n%s\n", name, rules[i].meaning);
			write_remedy(out, rules[i].remedy);
			found = true;
		}
	}
	for (i = 0; i < itsm_kinds_count(desk->kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(desk->kinds, i);

		for (j = 0; j < kind->guard_count; j++) {
			add_name(names, itsm_arena_printf(names->arena, "guard/%s/%s", kind->name, kind->guards[j].name));
			if (name && strcmp(name, names->items[names->count - 1]) == 0) {
				write_guard(out, kind, &kind->guards[j], name);
				found = true;
			}
		}
		for (j = 0; j < kind->check_count; j++) {
			add_name(names, itsm_arena_printf(names->arena, "check/%s/%s", kind->name, kind->checks[j].name));
			if (name && strcmp(name, names->items[names->count - 1]) == 0) {
				write_check(out, kind, &kind->checks[j], name);
				found = true;
			}
		}
	}
	qsort(names->items, names->count, sizeof(*names->items), compare_names);
	return found;
}

int itsm_desk_rules(struct itsm_desk *desk, struct itsm_arena *arena, const char ***out, size_t *count, struct itsm_error *err)
{
	struct names names = {.arena = arena};
	struct desk_policy *policy;
	int status = desk_policy_open_work(desk, &policy, err);

	if (status != 0)
		return status;
	visit_rules(desk, policy, &names, NULL, NULL);
	desk_policy_free(policy);
	*out = names.items;
	*count = names.count;
	return 0;
}

int itsm_desk_explain(struct itsm_desk *desk, const char *rule, struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct names names = {.arena = arena};
	struct itsm_buffer near = {0};
	struct desk_policy *policy = NULL;
	const char *last = strrchr(rule, '/');
	int status = desk_policy_open_work(desk, &policy, err);
	size_t i;

	if (status == 0 && !visit_rules(desk, policy, &names, rule, out)) {
		for (i = 0; i < names.count; i++) {
			if (strstr(names.items[i], last && last[1] ? last + 1 : rule))
				itsm_buffer_printf(&near, "%s%s", near.length ? ", " : "", names.items[i]);
		}
		if (near.length)
			status = itsm_error_set(err, ITSM_ENOTFOUND, "'%s' is no rule; near it: %s", rule, near.data);
		else
			status = itsm_error_set(err, ITSM_ENOTFOUND, "'%s' is no rule; `itsm check --rules` lists them", rule);
	}
	desk_policy_free(policy);
	itsm_buffer_free(&near);
	itsm_arena_free(arena);
	return status;
}
