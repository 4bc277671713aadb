#!/bin/sh
# log and diff: what changed, field by field, by whom, when, in which commit.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Three commits on a ticket, by two people.
history() {
	ticket_desk
	id=$(new ticket --title First severity=low tags=a)
	must env ITSM_NOW=2026-11-22T11:00:00Z GIT_AUTHOR_NAME='Grace Hopper' GIT_AUTHOR_EMAIL=grace@example.org \
		itsm set "$id" severity=high tags+=b points=2 -m 'The customer called.'
	must env ITSM_NOW=2026-11-22T12:00:00Z itsm move "$id" doing
}

begin 'a record from its beginning, newest first'
history
run itsm log "$id"
code 0
out_has 'Grace Hopper' 'Ada Lovelace' 'The customer called.' severity low high points doing
is 'the order' 'move set new' "$(grep -oE ': (move|set|new) ' "$top/out" | tr -d ': ' | tr '\n' ' ' | sed 's/ $//')"

begin 'log as JSON: each change with its old and new value'
history
run itsm log "$id" --format json
code 0
is 'the changes' 'state new doing
severity low high
points None 2
tags ["a"] ["a","b"]' "$(/usr/bin/python3 - "$top/out" <<'END' | sed -n 1,4p
import json, sys
data = json.load(open(sys.argv[1], encoding="utf-8"))
assert data["schema_version"] == 1, data
def text(value):
    return value if isinstance(value, str) or value is None else json.dumps(value, separators=(",", ":"))
for entry in data["records"][:2]:
    for change in sorted(entry["changes"], key=lambda c: ["state", "severity", "points", "tags"].index(c["field"])):
        print(change["field"], text(change["old"]), text(change["new"]))
END
)"

begin 'all records, limited'
history
two=$(new ticket --title Second)
run itsm log --limit 1
code 0
out_has "$two"
out_lacks "$id"
run itsm log
out_has "$id" "$two"

begin 'a note is told with its record, as its own file'
history
must itsm note "$id" -m 'A word on it.'
run itsm log "$id"
code 0
out_has 'A word on it.'

begin 'what was changed by hand and committed with git is there too'
history
file=$(path_of "$id")
sed -i 's/^points: 2/points: 7/' "$file"
must git commit -qam 'by hand'
run itsm log "$id" --limit 1
code 0
out_has 'by hand' points 2 7

begin 'a record that is gone has a history still'
history
must git rm -q "$(path_of "$id")"
must git commit -qm 'gone'
run itsm log "$id"
code 0
out_has gone First

begin 'log of nothing that there is'
history
run itsm log TKT-00000000
code 3

begin 'a merge tells nothing twice'
history
must git checkout -q -b side
must itsm set "$id" points=5
must git checkout -q main
new ticket --title Other >/dev/null
must git merge -q --no-edit side
run itsm log "$id"
code 0
is 'how often' 1 "$(grep -c ': set points' "$top/out")"

begin 'rewritten history is noticed'
history
run itsm log "$id"
must git reset -q --hard HEAD~1
must itsm set "$id" points=9
run itsm log "$id"
code 0
out_has 9
out_lacks doing

begin 'diff of two revisions, per record'
history
run itsm diff HEAD~2..HEAD
code 0
out_has "$id" severity low high points 2 state new doing
run itsm diff HEAD..HEAD
code 0
out ''
run itsm diff HEAD~2..HEAD --format json
code 0
/usr/bin/python3 -c 'import json,sys; assert json.load(sys.stdin)["schema_version"] == 1' <"$top/out" || problem 'no JSON'

begin 'diff against the work tree'
history
file=$(path_of "$id")
sed -i 's/^points: 2/points: 3/' "$file"
run itsm diff
code 0
out_has "$id" points 2 3
out_lacks severity
run itsm diff HEAD~2
code 0
out_has severity points 3

begin 'diff tells added and removed records, and sections'
history
two=$(new ticket --title Second)
file=$(path_of "$id")
printf '\n## How\n\nWith care.\n' >>"$file"
must git commit -qam 'how'
must git rm -q "$(path_of "$two")"
must git commit -qm 'away'
run itsm diff HEAD~2..HEAD
code 0
out_has "$two" removed How
run itsm diff HEAD..HEAD~2
out_has "$two" added

# on DAY COMMAND ...
on() {
	day=2026-11-${1}T10:00:00Z
	shift
	must env "ITSM_NOW=$day" "GIT_COMMITTER_DATE=$day" "GIT_AUTHOR_DATE=$day" "$@"
}

begin 'commits of a branch that is merged later stand where they belong, and a late clock turns nothing round'
ticket_desk
id=$(new ticket --title First)
must git checkout -q -b other
on 23 itsm set "$id" points=1
on 25 itsm set "$id" points=2
must git checkout -q main
on 24 itsm set "$id" severity=high
on 26 itsm set "$id" tags+=a
on 22 itsm set "$id" tags+=late
must itsm log "$id"
on 27 git merge -q other -m merge
run itsm log "$id" --format csv
is 'the order' 'late a points=2 severity points=1 title' "$(sed -n 's/.*: set tags += //p; s/.*: set points = /points=/p
	s/.*: set severity.*/severity/p; s/.*,title,,First,.*/title/p' "$top/out" | tr -d '"' | xargs)"
cp "$top/out" "$top/kept"
itsm log --format csv >"$top/all"
must itsm index rebuild
run itsm log "$id" --format csv
same "$top/kept" "$top/out"
run itsm log --format csv
same "$top/all" "$top/out"

begin 'a range that is none'
history
run itsm diff nowhere..HEAD
code 3
err_has nowhere

finish
