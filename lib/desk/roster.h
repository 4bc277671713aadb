/*
 * The roster: people and teams as one commit has them, read from its trees as
 * they are asked for. Whoever is not there, or is not readable, is nobody.
 */
#ifndef ITSM_LIB_DESK_ROSTER_H
#define ITSM_LIB_DESK_ROSTER_H

#include "desk.h"

/* Somebody may decide for a person, from `begin` to before `end` (seconds since 1970). */
struct roster_delegate {
	const char *to;
	int64_t begin, end;
	const char *const *roles; /* NULL-terminated; NULL = in all of them */
};

/* Lists are NULL-terminated and never NULL. */
struct roster_person {
	const char *id, *name;
	const char *const *mails, *const *keys, *const *roles, *const *accounts;
	bool active;
	struct roster_delegate *delegates;
	size_t delegate_count;
};

struct roster_team {
	const char *id;
	const char *const *members;
	bool active;
};

struct roster;

/* `kinds` are borrowed, and those of the commit. */
struct roster *roster_new(struct itsm_desk *desk, const struct itsm_kinds *kinds, const struct itsm_oid *commit);
void roster_free(struct roster *roster);

/* NULL in `out` for nobody. Borrowed, as all below. */
int roster_person(struct roster *roster, const char *id, const struct roster_person **out, struct itsm_error *err);
int roster_team(struct roster *roster, const char *id, const struct roster_team **out, struct itsm_error *err);
/* Everybody, in order of their IDs. */
int roster_everybody(struct roster *roster, const struct roster_person *const **out, size_t *count, struct itsm_error *err);
/* The person with this mail address or account ("github:ada"), capitals aside. NULL in `out` for nobody, and for several. */
int roster_by_mail(struct roster *roster, const char *mail, const struct roster_person **out, struct itsm_error *err);
int roster_by_account(struct roster *roster, const char *account, const struct roster_person **out, struct itsm_error *err);
/* A record of the commit by its ID, of one of these kinds (NULL = any); NULL in `out` when there is none. */
int roster_record(struct roster *roster, const char *id, const char *const *kinds, const struct itsm_record **out,
	struct itsm_error *err);

/* Is text among the list, capitals aside? */
bool roster_has(const char *const *list, const char *text);

#endif
