/* Any bytes as what a sender of alerts may send: read by the built-in maps, or refused with a reason that is no one else's fault. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct itsm_kinds *built_in(void)
{
	struct itsm_kinds *kinds;

	if (itsm_kinds_new(&kinds, NULL) != ITSM_OK || itsm_kinds_finish(kinds, NULL) != ITSM_OK)
		abort();
	return kinds;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct itsm_kinds *kinds = built_in();
	struct itsm_error err = {0};
	size_t alerts = 0;
	char *text = malloc(size ? size : 1);
	int status;

	memcpy(text, data, size);
	status = itsm_event_read(kinds, NULL, text, size, &alerts, &err);
	if (status != ITSM_OK && (status != ITSM_EUSAGE || !err.message[0]))
		abort();
	if (alerts > size)
		abort();
	free(text);
	itsm_kinds_free(kinds);
	return 0;
}
