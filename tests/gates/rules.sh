#!/bin/sh
# Every rule that the library names in a finding is one that `itsm check --explain` knows.
set -u
cd "$(dirname "$0")/../.." || exit 3
number=0 status=0
names=$(grep -rhoE '"(deploy|model|path|text|yaml|schema|reference|id|history|workflow|merge|setup|left|gate|waiver|approval)/[a-z-]+"|"policy/(kind|rule)"' lib --include='*.c' |
	tr -d '"' | sort -u)
for name in $names; do
	number=$((number + 1))
	if grep -qF "{\"$name\", " lib/desk/rules.c; then
		echo "ok $number - $name is explained"
	else
		echo "not ok $number - $name is explained"
		status=1
	fi
done
[ "$number" -gt 15 ] || { echo "not ok $((number += 1)) - rules are found in the source"; status=1; }
echo "1..$number"
exit "$status"
