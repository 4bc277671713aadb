#!/bin/sh
# The shell scripts are clean to shellcheck.
cd "$(dirname "$0")/../.." || exit 3
command -v shellcheck >/dev/null || { echo "1..0 # SKIP shellcheck is not installed"; exit 0; }
said=$(mktemp)
trap 'rm -f "$said"' EXIT
# shellcheck disable=SC2046 # no blanks in our own names
if shellcheck -x -P SCRIPTDIR -P . .ci/run $(git ls-files -co --exclude-standard '*.sh') >"$said" 2>&1; then
	echo "ok 1 - shellcheck has nothing to say"
else
	echo "not ok 1 - shellcheck has nothing to say"
	sed 's/^/# /' "$said"
fi
echo "1..1"
[ ! -s "$said" ]
