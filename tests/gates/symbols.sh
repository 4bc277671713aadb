#!/bin/sh
# The built library exports what the headers declare, no more and no less.
set -u
cd "$(dirname "$0")/../.." || exit 3
: "${ITSM_RELEASE:=$PWD/build/release/cmd/itsm}"
library=$(dirname "$ITSM_RELEASE")/../lib/libitsm.so
[ -f "$library" ] || { echo "1..1"; echo "not ok 1 - there is a library at $library"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# declarations begin with ITSM_API; the name is the word before the first bracket
cat include/itsm/*.h | sed -n 's/^ITSM_API [^(]*[ *]\([a-z0-9_]*\)(.*/\1/p' | sort >"$folder/declared"
nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ && $3 !~ /^_/ { print $3 }' | sort >"$folder/exported"
report() { # number, what, file that is to be empty
	if [ -s "$folder/declared" ] && [ ! -s "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		sed 's/^/# /' "$3"
	fi
}
comm -23 "$folder/declared" "$folder/exported" >"$folder/missing"
comm -13 "$folder/declared" "$folder/exported" >"$folder/surplus"
grep -hc '^ITSM_API ' include/itsm/*.h | awk -v names="$(wc -l <"$folder/declared")" '
	{ count += $1 } END { if (count != names) print count " declarations, " names " names" }' >"$folder/unread"
report 1 "what the headers declare is exported" "$folder/missing"
report 2 "what is exported is declared" "$folder/surplus"
report 3 "every declaration was understood" "$folder/unread"
echo "1..3"
cat "$folder/missing" "$folder/surplus" "$folder/unread" >"$folder/all"
[ ! -s "$folder/all" ]
