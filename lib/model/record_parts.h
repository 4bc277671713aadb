/* Private to lib/model: what the record_*.c files share. */
#ifndef ITSM_MODEL_RECORD_PARTS_H
#define ITSM_MODEL_RECORD_PARTS_H

#include "itsm/record.h"

/* The YAML in a record's text: bytes, and the number of its first line. */
struct record_front {
	size_t start, end;
	unsigned line;
};

struct record_front record_front_span(const struct itsm_record *record);

#endif
