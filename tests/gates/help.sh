#!/bin/sh
# The manual pages and -h agree: synopsis, options and their first sentence, for every command.
cd "$(dirname "$0")/../.." || exit 3
: "${ITSM:=$PWD/build/check/cmd/itsm}"
[ -x "$ITSM" ] || { echo "1..1"; echo "not ok 1 - there is a binary at $ITSM"; exit 1; }
exec /usr/bin/python3 tests/gates/help.py "$ITSM" docs/man
