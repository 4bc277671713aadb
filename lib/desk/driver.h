/* The merge driver's two halves: attributes and configuration. */
#ifndef ITSM_LIB_DESK_DRIVER_H
#define ITSM_LIB_DESK_DRIVER_H

#include "desk.h"

/* The top folders that a new desk has records in; NULL at the end. */
extern const char *const desk_record_folders[];

/* Append the line of .gitattributes for what lies below a folder of the desk. */
void desk_driver_attributes(struct itsm_buffer *out, const char *folder);

/* The configuration, for the repository that `folder` lies in. */
bool desk_driver_installed(const char *folder);
int desk_driver_install(const char *folder, bool *made, struct itsm_error *err);

/* The kinds' folders that git's attributes do not give the driver, in the arena. */
int desk_driver_missing(struct itsm_desk *desk, struct itsm_arena *arena, const char ***folders, size_t *count,
	struct itsm_error *err);

#endif
