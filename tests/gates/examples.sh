#!/bin/sh
# The examples in the manual pages and in docs/policy.md, docs/risk.md and docs/sql.md do what they say: see examples.py.
cd "$(dirname "$0")/../.." || exit 3
: "${ITSM:=$PWD/build/check/cmd/itsm}"
[ -x "$ITSM" ] || { echo "1..1"; echo "not ok 1 - there is a binary at $ITSM"; exit 1; }
case $ITSM in /*) ;; *) ITSM=$PWD/$ITSM ;; esac
exec /usr/bin/python3 tests/gates/examples.py "$ITSM" tests/gates/sample docs/man/*.md docs/policy.md docs/risk.md docs/sql.md docs/items.md
