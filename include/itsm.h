/* Everything of libitsm. */
#ifndef ITSM_H
#define ITSM_H

#include "itsm/approval.h"
#include "itsm/csv.h"
#include "itsm/desk.h"
#include "itsm/digest.h"
#include "itsm/emit.h"
#include "itsm/error.h"
#include "itsm/exchange.h"
#include "itsm/export.h"
#include "itsm/file.h"
#include "itsm/finding.h"
#include "itsm/id.h"
#include "itsm/import.h"
#include "itsm/index.h"
#include "itsm/kind.h"
#include "itsm/markdown.h"
#include "itsm/memory.h"
#include "itsm/merge.h"
#include "itsm/quorum.h"
#include "itsm/record.h"
#include "itsm/report.h"
#include "itsm/review.h"
#include "itsm/rule.h"
#include "itsm/sql.h"
#include "itsm/store.h"
#include "itsm/time.h"
#include "itsm/utf8.h"
#include "itsm/warehouse.h"
#include "itsm/yaml.h"

#endif
