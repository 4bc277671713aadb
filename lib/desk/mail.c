/* `itsm mail ingest`: one message, one commit. */
#include <string.h>
#include <strings.h>

#include "itsm/digest.h"
#include "mail.h"

#define TITLE_MAX 200

static int drop(struct mail_intake *intake, struct itsm_outcome *outcome, const char *reason)
{
	intake->result->fate = ITSM_MAIL_DROPPED;
	intake->result->reason = itsm_arena_strdup(outcome->arena, reason);
	return 0;
}

static bool is_ours(const struct mail_intake *intake)
{
	const struct itsm_yaml *addresses = intake->policy.addresses;
	size_t i = 0;

	while (addresses && i < addresses->count && strcasecmp(addresses->items[i]->text, intake->mail->from.mail) != 0)
		i++;
	return addresses && i < addresses->count;
}

/* The person of people/ with the sender's address. */
static int find_sender(struct desk_change *change, struct mail_intake *intake, struct itsm_error *err)
{
	const struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = intake->mail->from.mail};
	struct itsm_query *query;
	int status = itsm_query_open(change->index, "SELECT p.id FROM person AS p, json_each(p.mail) AS m"
		" WHERE lower(m.value) = lower(?1) AND coalesce(p.active, 1) ORDER BY p.id LIMIT 1", &value, 1, &query, err);

	if (status != 0)
		return status;
	intake->sender = (struct desk_author){NULL, intake->mail->from.name ? intake->mail->from.name : intake->mail->from.mail,
		intake->mail->from.mail};
	if ((status = itsm_query_next(query, err)) > 0)
		intake->sender.person = itsm_arena_strdup(change->arena, itsm_query_value(query, 0).text);
	itsm_query_free(query);
	return status < 0 ? status : 0;
}

static const char *title_of(struct itsm_arena *arena, const char *subject)
{
	size_t length = strlen(subject);

	if (length > TITLE_MAX) {
		for (length = TITLE_MAX; length && ((unsigned char)subject[length] & 0xc0) == 0x80; length--)
			;
		return itsm_arena_printf(arena, "%.*s...", (int)length, subject);
	}
	return length ? subject : "(no subject)";
}

static const char *caller_of(struct itsm_arena *arena, const struct itsm_mail *mail)
{
	return mail->from.name ? itsm_arena_printf(arena, "%s <%s>", mail->from.name, mail->from.mail) : mail->from.mail;
}

/* What the mail says of itself, where the kind has a field for it; then what the rule sets. */
static struct itsm_words words_of(struct desk_change *change, const struct mail_intake *intake, const struct itsm_kind *kind,
	const struct itsm_words *set)
{
	const struct itsm_mail *mail = intake->mail;
	const char *const pairs[][2] = {{"source", "mail"}, {"external", intake->id}, {"contact", "mail"},
		{"caller", caller_of(change->arena, mail)}, {"visibility", "everyone"}};
	const char **words = itsm_arena_alloc(change->arena, (5 + set->count) * sizeof(*words));
	size_t count = 0, i;

	for (i = 0; i < 5; i++)
		if (itsm_kind_field(kind, pairs[i][0]))
			words[count++] = itsm_arena_printf(change->arena, "%s=%s", pairs[i][0], pairs[i][1]);
	for (i = 0; i < set->count; i++)
		words[count++] = set->items[i];
	return (struct itsm_words){words, count};
}

/* The record itself, in puts[0]. */
static int compose(struct desk_change *change, const struct mail_intake *intake, const struct itsm_kind *kind,
	const struct itsm_words *set, const char *title, const char *body, struct desk_put *put, struct itsm_error *err)
{
	struct itsm_new request = {.kind = kind->name, .title = title, .body = body,
		.words = words_of(change, intake, kind, set)};
	struct itsm_buffer text = {0};
	int status = desk_new_text(change->desk, change->arena, kind, &request, &intake->sender, false, &text, err);

	put->given = request.words;
	put->text = itsm_arena_strndup(change->arena, text.data ? text.data : "", text.length);
	put->size = text.length;
	itsm_buffer_free(&text);
	return status;
}

static int put_all(struct desk_change *change, const struct mail_intake *intake, const char *owner_path, struct desk_put *puts,
	struct itsm_error *err)
{
	size_t count = 1;
	int status = mail_put_parts(change, intake, owner_path, puts, &count, err);

	if (status == 0)
		status = desk_change_put_all(change, puts, count, err);
	if (status == 0 && puts[0].record && !change->outcome->findings.errors)
		status = desk_change_judge(change, puts[0].record, NULL, err);
	return status;
}

static int open_record(struct desk_change *change, struct mail_intake *intake, struct desk_put *puts, struct itsm_error *err)
{
	const struct itsm_mail *mail = intake->mail;
	struct itsm_outcome *outcome = change->outcome;
	const struct mail_rule *rule = NULL;
	struct itsm_buffer body = {0};
	char id[ITSM_ID_MAX];
	const char *title;
	int status = mail_policy_choose(change, intake, &rule, err);

	if (status == 0 && intake->policy.known && !intake->sender.person)
		return itsm_error_set(err, ITSM_EREFUSED, "nobody in people/ has the mail address %s, and others may not open records", mail->from.mail);
	if (status != 0 || (status = itsm_id_make(rule->kind->prefix, id, err)) != 0)
		return status;
	puts[0].path = itsm_kind_path(change->arena, rule->kind, id, change->desk->options.now, NULL);
	title = title_of(change->arena, mail->subject);
	if (rule->kind->section_count)
		itsm_buffer_printf(&body, "## %s\n\n", rule->kind->sections[0].name);
	mail_text(intake, &body);
	status = compose(change, intake, rule->kind, &rule->set, title, body.data, &puts[0], err);
	itsm_buffer_free(&body);
	if (status == 0)
		status = put_all(change, intake, puts[0].path, puts, err);
	outcome->id = itsm_arena_strdup(outcome->arena, id);
	outcome->path = itsm_arena_strdup(outcome->arena, puts[0].path);
	intake->result->fate = ITSM_MAIL_OPENED;
	itsm_buffer_printf(&change->subject, "%s: new %s: %s", id, rule->kind->name, title);
	return status;
}

static int add_note(struct desk_change *change, struct mail_intake *intake, const struct itsm_hit *owner, struct desk_put *puts,
	struct itsm_error *err)
{
	static const struct itsm_words none = {NULL, 0};
	struct itsm_outcome *outcome = change->outcome;
	const struct itsm_kind *kind;
	struct itsm_buffer body = {0};
	char id[ITSM_ID_MAX];
	int status = itsm_desk_kind(change->desk, "note", &kind, err);

	if (status != 0 || (status = itsm_id_make(kind->prefix, id, err)) != 0)
		return status;
	puts[0].path = itsm_kind_path(change->arena, kind, id, change->desk->options.now, owner->path);
	mail_text(intake, &body);
	status = compose(change, intake, kind, &none, NULL, body.data, &puts[0], err);
	itsm_buffer_free(&body);
	if (status == 0)
		status = put_all(change, intake, owner->path, puts, err);
	outcome->id = itsm_arena_printf(outcome->arena, "%s/%s/%s", owner->id, kind->part, id);
	outcome->path = itsm_arena_strdup(outcome->arena, puts[0].path);
	intake->result->fate = ITSM_MAIL_NOTED;
	itsm_buffer_printf(&change->subject, "%s: note by mail", owner->id);
	return status;
}

static int take_in(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct mail_intake *intake = context;
	struct desk_put *puts;
	struct itsm_hit hit = {0};
	bool found = false;
	int status;

	*intake->result = (struct itsm_mail_intake){0};
	if ((status = mail_policy_read(change, &intake->policy, err)) != 0)
		return status;
	if (is_ours(intake))
		return drop(intake, change->outcome, "it is from an address of the desk itself");
	if ((status = mail_find_same(change, intake, &hit, &found, err)) != 0)
		return status;
	if (found) {
		change->outcome->id = itsm_arena_strdup(change->outcome->arena, hit.id);
		intake->result->fate = ITSM_MAIL_KNOWN;
		return 0;
	}
	if ((status = find_sender(change, intake, err)) != 0 ||
	    (status = mail_find_answered(change, intake, &hit, &found, err)) != 0)
		return status;
	puts = itsm_arena_alloc(change->arena, (intake->policy.most + 1) * sizeof(*puts));
	status = found ? add_note(change, intake, &hit, puts, err) : open_record(change, intake, puts, err);
	desk_change_trailer(change, "Itsm-Action", "mail");
	if (status == 0)
		desk_change_trailer(change, "Itsm-Record", change->outcome->id);
	return status;
}

/* A mail without an ID of its own is known by its bytes. */
static const char *make_id(struct itsm_arena *arena, const char *text, size_t size)
{
	char sha256[65];

	itsm_digest_sha256(text, size, sha256);
	return itsm_arena_printf(arena, "%.40s@itsm.invalid", sha256);
}

int itsm_desk_mail(struct itsm_desk *desk, const char *text, size_t size, struct itsm_mail_intake *intake,
	struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct mail_intake work = {.result = intake};
	struct itsm_mail mail;
	int status = itsm_mail_read(arena, text, size, &mail, err);

	*intake = (struct itsm_mail_intake){0};
	/* what is no mail now is none later: a mail server that is told to try again does so for days */
	if (status == ITSM_EDATA || status == ITSM_ELIMIT)
		status = err ? err->status = ITSM_EREFUSED : ITSM_EREFUSED;
	if (status == 0 && mail.automatic) {
		status = drop(&work, outcome, mail.automatic);
	} else if (status == 0) {
		work.mail = &mail;
		work.id = mail.id ? mail.id : make_id(arena, text, size);
		status = desk_change_run(desk, take_in, &work, NULL, outcome, err);
	}
	itsm_arena_free(arena);
	return status;
}
