/*
 * itsm: IT service management in a git repository.
 *
 * The table says what there is. main sorts the command line by the row's
 * syntax, opens what the row needs, calls its function and turns what comes
 * back into an exit code: 0 done or clean, 1 findings or refused, 2 usage,
 * 3 could not be done. Where a caller has a contract of its own (git's, for its
 * merge driver), the syntax names another code for the latter two.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "output.h"

const struct command commands[] = {
	{"init", "start", command_init, &init_syntax, NEEDS_NOTHING, "make a desk, and a repository where there is none"},
	{"help", "start", command_help, &help_syntax, NEEDS_NOTHING, "list the commands, or show a command's manual page"},
	{"version", "start", command_version, &version_syntax, NEEDS_NOTHING, "tell the version"},
	{"completion", "start", command_completion, &completion_syntax, NEEDS_NOTHING, "print a shell's completion script"},

	{"new", "write", command_new, &new_syntax, NEEDS_DESK, "make a record and commit it"},
	{"set", "write", command_set, &set_syntax, NEEDS_DESK, "set fields of records"},
	{"edit", "write", command_edit, &edit_syntax, NEEDS_DESK, "change a record in the editor"},
	{"move", "write", command_move, &move_syntax, NEEDS_DESK, "move records along their workflow"},
	{"link", "write", command_link, &link_syntax, NEEDS_DESK, "link a record to another"},
	{"note", "write", command_note, &note_syntax, NEEDS_DESK, "add a note to a record"},
	{"approve", "write", command_approve, &approve_syntax, NEEDS_DESK, "approve or reject a record, signed"},
	{"request", "write", command_request, &request_syntax, NEEDS_DESK, "order what the catalogue offers, by its form"},
	{"deploy", "write", command_deploy, &deploy_syntax, NEEDS_DESK, "record a deployment as it begins and ends"},
	{"major", "write", command_major, &major_syntax, NEEDS_DESK, "lead a major incident: roles, review, updates, status text"},
	{"apply-rules", "write", command_apply_rules, &apply_rules_syntax, NEEDS_DESK, "do what rules say of the records that they select"},
	{"undo", "write", command_undo, &undo_syntax, NEEDS_DESK, "take back the last write, by another commit"},

	{"show", "read", command_show, &show_syntax, NEEDS_DESK, "show a record"},
	{"list", "read", command_list, &list_syntax, NEEDS_DESK, "list records by kind, state, fields and words"},
	{"search", "read", command_search, &search_syntax, NEEDS_DESK, "search the text of records, the best first"},
	{"similar", "read", command_similar, &similar_syntax, NEEDS_DESK, "tell what is like a record, and what changed on what it touches"},
	{"problem", "read", command_problem, &problem_syntax, NEEDS_DESK, "find what comes again and again, and make a problem of it"},
	{"timeline", "read", command_timeline, &timeline_syntax, NEEDS_DESK, "tell what happened around a record, in one line of time"},
	{"oncall", "read", command_oncall, &oncall_syntax, NEEDS_DESK, "tell who is on call, and who is called for a record and when"},
	{"next", "read", command_next, &next_syntax, NEEDS_DESK, "tell where a record can go, and what is missing"},
	{"log", "read", command_log, &log_syntax, NEEDS_DESK, "tell what changed, field by field, by whom and when"},
	{"blame", "read", command_blame, &blame_syntax, NEEDS_DESK, "tell who set each field and wrote each line"},
	{"diff", "read", command_diff, &diff_syntax, NEEDS_DESK, "compare two revisions, record by record"},
	{"baseline", "read", command_baseline, &baseline_syntax, NEEDS_DESK, "name a revision of the desk, to compare with later"},
	{"impact", "read", command_impact, &impact_syntax, NEEDS_DESK, "tell what fails when something fails, and what is touched by it"},
	{"sql", "read", command_sql, &sql_syntax, NEEDS_DESK, "query the desk with SQL"},
	{"calendar", "read", command_calendar, &calendar_syntax, NEEDS_DESK, "show what is planned when, conflicts of it, and free slots"},
	{"sla", "read", command_sla, &sla_syntax, NEEDS_DESK, "tell how service-level clocks stand, and why"},
	{"metrics", "read", command_metrics, &metrics_syntax, NEEDS_DESK, "measure a period: times, shares, backlog, availability"},
	{"status", "read", command_status, &status_syntax, NEEDS_DESK, "show the desk at a glance"},
	{"kinds", "read", command_kinds, &kinds_syntax, NEEDS_NOTHING, "list the kinds of records"},
	{"schema", "read", command_schema, &schema_syntax, NEEDS_NOTHING, "tell a kind's fields, sections, states and guards"},

	{"approvals", "judge", command_approvals, &approvals_syntax, NEEDS_DESK, "tell who must approve a record, who has, and what is missing"},
	{"risk", "judge", command_risk, &risk_syntax, NEEDS_DESK, "tell how risky a change is, and every step of the reckoning"},
	{"check", "judge", command_check, &check_syntax, NEEDS_DESK, "judge all records, or what a proposal changes"},
	{"verify", "judge", command_verify, &verify_syntax, NEEDS_DESK, "verify the whole audit trail: commits, approvals, transitions, checkpoints"},
	{"checkpoint", "judge", command_checkpoint, &checkpoint_syntax, NEEDS_DESK, "pin what is committed with a signed tag"},
	{"evidence", "judge", command_evidence, &evidence_syntax, NEEDS_NOTHING, "make a folder that an auditor can verify, or verify one"},
	{"hook", "judge", command_hook, &hook_syntax, NEEDS_NOTHING, "judge before commits and pushes: set up git's hooks, and be them"},
	{"gate", "judge", command_gate, &gate_syntax, NEEDS_DESK, "tell whether a change may be deployed now"},
	{"items", "judge", command_items, &items_syntax, NEEDS_DESK, "tell how the configuration items are kept, and compare them with what was found"},
	{"deployments", "judge", command_deployments, &deployments_syntax, NEEDS_DESK, "find what was deployed or changed without an approved change"},
	{"release", "judge", command_release, &release_syntax, NEEDS_DESK, "tell whether a release may go live; its notes, its tag, its artefacts"},
	{"doctor", "judge", command_doctor, &doctor_syntax, NEEDS_NOTHING, "find what is wrong with the desk, and cure it"},
	{"index", "judge", command_index, &index_syntax, NEEDS_DESK, "tell what the index knows, build or check it"},

	{"event", "exchange", command_event, &event_syntax, NEEDS_DESK, "take alerts from monitoring, and make incidents of them"},
	{"import", "exchange", command_import, &import_syntax, NEEDS_DESK, "make records of CSV or a folder of Markdown"},
	{"export", "exchange", command_export, &export_syntax, NEEDS_DESK, "give the desk to SQLite, PostgreSQL or others"},
	{"mail", "exchange", command_mail, &mail_syntax, NEEDS_DESK, "make a request, an incident or a note of a mail"},
	{"sync", "exchange", command_sync, &sync_syntax, NEEDS_DESK, "bring this clone and a remote together"},
	{"merge-driver", "exchange", command_merge_driver, &merge_driver_syntax, NEEDS_NOTHING, "merge a record, for git"},
	{NULL},
};

struct main_values {
	const char *folder;
	bool no_pager, version;
};

static const struct option_row main_options[] = {
	{'C', "directory", "DIR", OPTION_TEXT, offsetof(struct main_values, folder), "work as if started in DIR"},
	{0, "no-pager", NULL, OPTION_FLAG, offsetof(struct main_values, no_pager), "do not page long output"},
	{0, "version", NULL, OPTION_FLAG, offsetof(struct main_values, version), "tell the version"},
	{0},
};

const struct syntax main_syntax = {
	.words = "COMMAND [ARGUMENT ...]",
	.options = main_options,
	.size = sizeof(struct main_values),
	.most = MANY_WORDS,
	.leading = true,
};

const struct command *command_find(const char *name)
{
	const struct command *command;

	for (command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

static int unknown_command(const char *name, struct itsm_error *err)
{
	const struct command *command;
	size_t length = strlen(name);

	for (command = commands; command->name; command++)
		if (length > 1 && !strncmp(command->name, name, length < 3 ? length : 3))
			return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no command; is it `itsm %s`?", name, command->name);
	return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no command; `itsm help` lists them", name);
}

static int print_help(struct context *context, const struct command *command)
{
	struct itsm_buffer text = {0};

	options_help(command->syntax, command->name, command->summary, &text);
	output_write(context, text.data, text.length);
	itsm_buffer_free(&text);
	return ITSM_OK;
}

static int run_command(struct context *context, const struct command *command, int argc, const char *const *argv,
	struct itsm_error *err)
{
	const struct syntax *syntax = command->syntax;
	void *values = itsm_arena_alloc(context->arena, syntax->size ? syntax->size : 1);
	const char **words = itsm_arena_alloc(context->arena, ((size_t)argc + 1) * sizeof(*words));
	size_t count;
	bool help;
	int status;

	context->failure_code = syntax->failure_code;
	status = options_parse(syntax, context->arena, argc, argv, values, words, &count, &help, err);
	if (status) {
		itsm_error_prefix(err, "%s", command->name);
		return status;
	}
	if (help)
		return print_help(context, command);
	if (command->need == NEEDS_DESK)
		status = context_desk(context, err);
	if (status)
		return status;
	status = command->run(context, (struct itsm_words){words, count}, values, err);
	/* silence is an answer for programs; people wonder whether it worked */
	if (status == ITSM_OK && context->table && !context->told && context->out_terminal)
		output_note(context, "nothing to show");
	return status;
}

static int run(struct context *context, const struct main_values *values, struct itsm_words words, bool help,
	struct itsm_error *err)
{
	const struct command *command;

	context->no_pager = values->no_pager;
	if (values->version)
		return run_command(context, command_find("version"), 0, NULL, err);
	if (help || !words.count)
		return run_command(context, command_find("help"), 0, NULL, err);
	command = command_find(words.items[0]);
	if (!command)
		return unknown_command(words.items[0], err);
	return run_command(context, command, (int)words.count - 1, words.items + 1, err);
}

/* Memory is asked of the kernel in few large pieces and given back at the end: a command is over at once. */
static void tune_memory(void)
{
#ifdef __GLIBC__
	mallopt(M_TOP_PAD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

int main(int argc, char **argv)
{
	struct itsm_error err = {0}, late = {0};
	struct main_values values = {0};
	struct context context = {0};
	const char **words;
	size_t count = 0;
	bool help = false;
	int status, ending, code;

	tune_memory();
	context.arena = itsm_arena_new();
	words = itsm_arena_alloc(context.arena, ((size_t)argc + 1) * sizeof(*words));
	status = options_parse(&main_syntax, context.arena, argc - 1, (const char *const *)argv + 1, &values, words, &count,
		&help, &err);
	if (!status)
		status = context_begin(&context, values.folder, &err);
	if (!status)
		status = run(&context, &values, (struct itsm_words){words, count}, help, &err);
	if (!status && context.desk && itsm_desk_is_waiting(context.desk))
		output_note(&context, "note: the commit is made, but its files are not in the work tree yet: is the disk full, or a folder closed?"
			" the next itsm command puts them there");
	ending = context_end(&context, &late);
	if (status)
		output_error(&err);
	if (ending)
		output_error(&late);
	code = itsm_error_exit_code(ending ? ending : status);
	return code > 1 && context.failure_code ? context.failure_code : code;
}
