/* Files of what a forge says of reviews: --reviews of the commands that judge. */
#ifndef CMD_REVIEWS_H
#define CMD_REVIEWS_H

#include "context.h"

#define REVIEWS_ROW(type) \
	{0, "reviews", "FILE", OPTION_LIST, offsetof(type, reviews), \
		"count what a forge says of reviews, - for stdin; may be given several times"}

/* Give the files to the desk. */
int reviews_read(struct context *context, struct itsm_words names, struct itsm_error *err);

#endif
