/* Signatures of tags: ssh-keygen -Y verify, and gpg --verify. */
#include <string.h>
#include <unistd.h>

#include "signature.h"
#include "signers.h"

#define SIGNATURE_LIMIT (64u << 10)

int signers_list(struct roster *roster, const char *name_space, struct itsm_buffer *out, struct itsm_error *err)
{
	const struct roster_person *const *people;
	size_t count;
	int status = roster_everybody(roster, &people, &count, err);

	for (size_t i = 0; status == 0 && i < count; i++) {
		for (const char *const *key = people[i]->keys; people[i]->active && *key; key++) {
			size_t type = strcspn(*key, " "), body = (*key)[type] ? strcspn(*key + type + 1, " ") : 0;

			if (type && body && !strpbrk(*key, "\r\n\""))
				itsm_buffer_printf(out, "%s namespaces=\"%s\" %.*s\n", people[i]->id, name_space,
					(int)(type + 1 + body), *key);
		}
	}
	return status;
}

/* Run it; a program that says no is no failure. */
static int ask(const char *const *argv, const struct itsm_buffer *input, struct itsm_buffer *out, bool *yes,
	struct itsm_error *err)
{
	struct itsm_error failure = {0};
	int code = -1, status = itsm_program_run(argv, NULL, input, out, &code, &failure);

	*yes = status == 0;
	if (status == 0 || code >= 0)
		return 0;
	if (err)
		*err = failure;
	return status;
}

static int verify_ssh(struct itsm_arena *arena, const char *name_space, const char *signers, const char *file,
	const struct itsm_buffer *payload, const char **person, const char **why, struct itsm_error *err)
{
	const char *find[] = {"ssh-keygen", "-Y", "find-principals", "-s", file, "-f", signers, NULL};
	const char *verify[] = {
		"ssh-keygen", "-Y", "verify", "-f", signers, "-I", NULL, "-n", name_space, "-s", file, NULL};
	struct itsm_buffer names = {0};
	bool yes;
	int status = ask(find, NULL, &names, &yes, err);

	*why = "it is by a key that nobody has in people/ at its base";
	if (status == 0 && yes && names.length) {
		verify[6] = itsm_arena_strndup(arena, names.data, strcspn(names.data, "\n"));
		status = ask(verify, payload, NULL, &yes, err);
		if (status == 0 && yes)
			*person = verify[6];
		*why = "it is of something else";
	}
	itsm_buffer_free(&names);
	return status;
}

/* The mail address that gpg says the key is of; NULL when it does not say that the signature is good. */
static const char *good_mail(struct itsm_arena *arena, const char *said)
{
	const char *good = strstr(said, "[GNUPG:] GOODSIG "), *end, *open;

	if (!good)
		return NULL;
	end = good + strcspn(good, "\n");
	for (open = end; open > good && *open != '<'; open--)
		continue;
	return *open == '<' ? itsm_arena_strndup(arena, open + 1, strcspn(open + 1, ">\n")) : "";
}

static int verify_gpg(struct roster *roster, struct itsm_arena *arena, const char *file,
	const struct itsm_buffer *payload, const char **person, const char **why, struct itsm_error *err)
{
	const char *argv[] = {"gpg", "--batch", "--no-auto-key-retrieve", "--status-fd=1", "--verify", file, "-", NULL};
	const struct roster_person *known = NULL;
	struct itsm_buffer said = {0};
	const char *mail;
	bool yes;
	int status = ask(argv, payload, &said, &yes, err);

	if (status != 0)
		return status;
	mail = yes && said.data ? good_mail(arena, said.data) : NULL;
	itsm_buffer_free(&said);
	*why = "gpg does not find it good with the keys there are";
	if (!mail)
		return 0;
	*why = "it is by a key of nobody in people/ at its base";
	if ((status = roster_by_mail(roster, mail, &known, err)) == 0 && known && known->active)
		*person = itsm_arena_strdup(arena, known->id);
	return status;
}

int signers_verify(struct roster *roster, struct itsm_arena *arena, const char *name_space,
	const struct itsm_buffer *signers, const struct itsm_buffer *payload, const char *signature,
	const char **person, const char **why, struct itsm_error *err)
{
	bool ssh = strstr(signature, "-----BEGIN SSH SIGNATURE-----") != NULL;
	char signers_path[32], path[32];
	int list, file, status;

	*person = NULL;
	*why = "it is too large";
	if (strlen(signature) > SIGNATURE_LIMIT)
		return 0;
	list = signature_memory(signers->data ? signers->data : "", signers->length, signers_path);
	file = signature_memory(signature, strlen(signature), path);
	if (list < 0 || file < 0)
		status =
			itsm_error_set(err, ITSM_EIO, "the signature cannot be handed to the program that verifies it");
	else if (ssh)
		status = verify_ssh(arena, name_space, signers_path, path, payload, person, why, err);
	else if (!roster)
		status = 0; /* only SSH */
	else
		status = verify_gpg(roster, arena, path, payload, person, why, err);
	if (list >= 0)
		close(list);
	if (file >= 0)
		close(file);
	return status;
}
