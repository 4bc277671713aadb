/* `itsm checkpoint`: a signed tag that pins what is committed. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint.h"
#include "itsm/file.h"

struct making {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	const struct itsm_checkpoint *request;
	struct checkpoint *before; /* all there are */
	size_t count;
	struct itsm_oid head;
	const char *name;
	struct itsm_error *err;
};

static const char *where(const struct itsm_desk *desk)
{
	return desk->place.work_tree ? desk->place.work_tree : desk->place.git_dir;
}

/* A message that would be taken for the lines for programs. */
static int judge_message(struct making *making)
{
	const char *text = making->request->message ? making->request->message : "";

	if (strncmp(text, "Itsm-", 5) == 0 || strstr(text, "\nItsm-") || strstr(text, "-----BEGIN "))
		return itsm_error_set(making->err, ITSM_EUSAGE,
			"a checkpoint's message may have no line that begins with 'Itsm-' or holds '-----BEGIN '; "
			"write it differently");
	return 0;
}

/* Every checkpoint there is must be in HEAD's history. */
static int judge_former(struct making *making)
{
	bool contained;
	int status;

	for (size_t i = 0; i < making->count; i++) {
		const struct checkpoint *one = &making->before[i];

		if (itsm_oid_is_zero(&one->commit))
			return itsm_error_set(making->err, ITSM_EREFUSED,
				"the tag %s is no checkpoint; see `itsm verify`", one->name);
		if ((status = checkpoint_is_ancestor(
			     making->desk, &one->commit, &making->head, &contained, making->err)) != 0)
			return status;
		if (!contained)
			return itsm_error_set(making->err, ITSM_EREFUSED,
				"history does not contain the commit of %s: it was rewritten, or this is another "
				"branch; see `itsm verify`",
				one->name);
	}
	return 0;
}

/* Tags sort by name as they do by time: one more than the last, should the clock stand. */
static int make_name(struct making *making)
{
	const char *last = making->count ? making->before[making->count - 1].name : "";
	char time[ITSM_TIME_TEXT], compact[ITSM_TIME_TEXT];
	size_t used = 0;

	itsm_time_format_utc(making->desk->options.now, time);
	for (const char *c = time; *c; c++) {
		if (*c != '-' && *c != ':')
			compact[used++] = *c;
	}
	compact[used] = '\0';
	making->name = itsm_arena_printf(making->arena, ITSM_CHECKPOINT_TAGS "%s", compact);
	if (strcmp(making->name, last) <= 0)
		return itsm_error_set(making->err, ITSM_EREFUSED,
			"the last checkpoint is %s, which is not before now; wait, or set the clock", last);
	return 0;
}

static int write_message(struct making *making, struct itsm_buffer *out)
{
	const struct checkpoint *last = making->count ? &making->before[making->count - 1] : NULL;
	char time[ITSM_TIME_TEXT];
	int status;

	itsm_time_format_utc(making->desk->options.now, time);
	itsm_buffer_printf(out, "Checkpoint of %s at %s\n\n", itsm_desk_name(making->desk), time);
	if (making->request->message)
		itsm_buffer_printf(out, "%s\n\n", making->request->message);
	status = checkpoint_manifest(making->desk, making->arena, &making->head, out, making->err);
	if (status == 0 && last)
		itsm_buffer_printf(out, "Itsm-Previous: %s %s\n", last->name, last->digest);
	else if (status == 0)
		itsm_buffer_puts(out, "Itsm-Previous: none\n");
	return status;
}

/* git signs as the user configured it, on the user's terminal. */
static int run_git(struct making *making, const char *file)
{
	const struct itsm_checkpoint *request = making->request;
	const char *argv[20], *commit = itsm_arena_alloc(making->arena, 41);
	size_t count = 0;

	itsm_oid_text(&making->head, (char *)commit);
	argv[count++] = "git";
	if (request->key) {
		argv[count++] = "-c";
		argv[count++] = "gpg.format=ssh";
		argv[count++] = "-c";
		argv[count++] = itsm_arena_printf(making->arena, "user.signingkey=%s", request->key);
	}
	argv[count++] = "tag";
	argv[count++] = "--cleanup=verbatim";
	argv[count++] = request->is_unsigned ? "--no-sign" : "--sign";
	argv[count++] = "--annotate";
	argv[count++] = "--file";
	argv[count++] = file;
	argv[count++] = making->name;
	argv[count++] = commit;
	argv[count] = NULL;
	return itsm_program_talk(argv, where(making->desk), making->err);
}

static int make_tag(struct making *making, const struct itsm_buffer *message)
{
	const char *folder = making->desk->place.git_dir, *name;
	char id[ITSM_ID_MAX];
	int root, status = itsm_id_make("tag", id, making->err);

	if (status != 0)
		return status;
	name = itsm_arena_printf(making->arena, "itsm/%s", id);
	root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return itsm_error_set(making->err, ITSM_EIO, "%s cannot be opened", folder);
	status = itsm_file_write(root, name, message->data, message->length, making->err);
	if (status == 0) {
		status = run_git(making, itsm_arena_printf(making->arena, "%s/%s", folder, name));
		if (status != 0)
			itsm_error_prefix(making->err,
				making->request->is_unsigned
					? "no checkpoint was made"
					: "no checkpoint was made; git signs tags with user.signingkey and gpg.format, "
					  "or give --key FILE, or --unsigned");
	}
	unlinkat(root, name, 0);
	close(root);
	return status;
}

static void take_back(struct making *making, const struct checkpoint *made)
{
	char oid[41];
	const char *argv[] = {
		"git", "update-ref", "-d", itsm_arena_printf(making->arena, "refs/tags/%s", making->name), oid, NULL};

	itsm_oid_text(&made->tag, oid);
	itsm_program_run(argv, where(making->desk), NULL, NULL, NULL, NULL);
}

/* The people that a signature is judged by: of the last checkpoint that holds, as verifying does. */
static int find_base(struct making *making, struct itsm_oid *base)
{
	const char *person, *why;
	bool any = false;
	int status = 0;

	*base = making->head;
	for (size_t i = 0; i < making->count && status == 0; i++) {
		const struct itsm_oid *by = any ? base : &making->before[i].commit;

		status = checkpoint_signer(
			making->desk, making->arena, &making->before[i], by, &person, &why, making->err);
		if (status == 0 && person) {
			*base = making->before[i].commit;
			any = true;
		}
	}
	return status;
}

/* Look at what git made, as anybody will who verifies it. */
static int judge_made(struct making *making, struct itsm_checkpointed *out)
{
	const struct checkpoint *made = NULL;
	struct checkpoint *list;
	struct itsm_oid base;
	const char *why = NULL;
	size_t count;
	int status = checkpoint_list(making->desk, making->arena, &list, &count, making->err);

	for (size_t i = 0; status == 0 && i < count; i++) {
		if (strcmp(list[i].name, making->name) == 0)
			made = &list[i];
	}
	if (status == 0 && !made)
		return itsm_error_set(making->err, ITSM_EGIT, "the tag %s was made and is not there", making->name);
	if (status != 0 || (status = find_base(making, &base)) != 0)
		return status;
	*out = (struct itsm_checkpointed){making->name, NULL, made->digest, making->head};
	if (making->request->is_unsigned)
		return 0;
	status = checkpoint_signer(making->desk, making->arena, made, &base, &out->signer, &why, making->err);
	if (status == 0 && !out->signer)
		status = itsm_error_set(making->err, ITSM_EREFUSED,
			"no checkpoint was made: nobody could verify its signature, for %s; "
			"put your key among your `keys` in people/%s",
			why,
			making->count ? ", and have somebody make the checkpoint who was there at the last one" : "");
	if (status != 0)
		take_back(making, made);
	return status;
}

int itsm_desk_checkpoint(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_checkpoint *request,
	struct itsm_checkpointed *out, struct itsm_error *err)
{
	struct making making = {.desk = desk, .arena = arena, .request = request, .err = err};
	struct itsm_buffer message = {0};
	struct itsm_checkpointed made;
	int status = itsm_place_head(arena, &desk->place, &making.head, NULL, err);

	if (status == 0 && itsm_oid_is_zero(&making.head))
		status = itsm_error_set(err, ITSM_EREFUSED, "nothing is committed yet, so there is nothing to pin");
	if (status != 0 || (status = judge_message(&making)) != 0 ||
		(status = checkpoint_list(desk, arena, &making.before, &making.count, err)) != 0 ||
		(status = judge_former(&making)) != 0 || (status = make_name(&making)) != 0)
		return status;
	status = write_message(&making, &message);
	if (status == 0 && (status = make_tag(&making, &message)) == 0 && (status = judge_made(&making, &made)) == 0)
		*out = made;
	itsm_buffer_free(&message);
	return status;
}
