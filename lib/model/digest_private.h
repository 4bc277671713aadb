/* Length-prefixed strings, as digest.c and digest_statement.c write them. */
#ifndef ITSM_LIB_DIGEST_H
#define ITSM_LIB_DIGEST_H

#include "itsm/digest.h"

/* "<length>:<bytes>\n" */
void digest_add(struct itsm_buffer *out, const char *text, size_t length);
void digest_put(struct itsm_buffer *out, const char *text);

#endif
