/* Rotas of a desk. */
#ifndef ITSM_LIB_DESK_ONCALL_H
#define ITSM_LIB_DESK_ONCALL_H

#include "desk.h"
#include "itsm/incident.h"
#include "itsm/oncall.h"

/* A rota of the snapshot in use with its calendar. Texts in the arena. */
struct desk_rota {
	struct itsm_oncall_rota rota;
	const struct itsm_record *record;
};
/* Those that the words name, or all. */
int desk_rotas(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_index *index, struct itsm_words words,
	struct desk_rota **out, size_t *count, struct itsm_error *err);
/* Name and phone of a person; both NULL where people/ has none of that ID. True when they are there and active. */
bool desk_rota_person(struct itsm_index *index, struct itsm_arena *arena, const char *id, const char **name,
	const char **phone);
/* The IDs that a query with one value gives, in the arena. */
int desk_rota_ids(struct itsm_index *index, struct itsm_arena *arena, const char *sql, const char *value,
	const char ***out, size_t *count, struct itsm_error *err);
/* `itsm check`: gaps of the next thirty days, and people on call who are not there. */
int desk_oncall_check(struct itsm_desk *desk, struct itsm_index *index, struct itsm_findings *findings,
	struct itsm_error *err);

#endif
