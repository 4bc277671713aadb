/* The views of the calendar in a terminal. */
#ifndef CMD_CALENDAR_H
#define CMD_CALENDAR_H

#include "context.h"
#include "itsm/schedule.h"

/* Days since 1970 of the user's day in which an instant lies, and the instant at which such a day begins. */
int64_t calendar_day(int64_t seconds);
int64_t calendar_midnight(int64_t day);

/* Weeks from Monday to Sunday, a column for each day, what is on it below. */
void calendar_month(struct context *context, const struct itsm_agenda_entry *entries, size_t count, int64_t from, int64_t to,
	struct itsm_buffer *out);
/* Days one below the other, with a bar of 24 hours for what is on them. */
void calendar_week(struct context *context, const struct itsm_agenda_entry *entries, size_t count, int64_t from, int64_t to,
	struct itsm_buffer *out);

#endif
