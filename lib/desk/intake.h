/* What receivers go by, for `itsm check`. */
#ifndef ITSM_LIB_DESK_INTAKE_H
#define ITSM_LIB_DESK_INTAKE_H

#include "desk.h"

/*
 * Maps and rules in policy/events/ and policy/mail.yaml of the work tree that can't be read, or whose SQL does not compile. Nothing
 * in a bare repository. To be asked last: SQL may read the table that mails are asked by afterwards.
 */
void desk_intake_check(struct itsm_desk *desk, struct itsm_index *index, struct itsm_findings *findings);

#endif
