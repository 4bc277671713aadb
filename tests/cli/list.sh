#!/bin/sh
# list: qualifiers, order, columns, groups.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Five tickets, TKT-00000001 to 5, committed.
five() {
	ticket_desk
	mkdir -p operation/tickets/2026/11
	put 1 'state: new\ntitle: Printer is on fire\nseverity: high\npoints: 5\ndue: 2026-11-25\nstart: 2026-11-21T09:00:00Z\ntags: [fire, hall]'
	put 2 'state: new\ntitle: Disk is full\nseverity: low\npoints: 2\ndue: 2026-12-01\nstart: 2026-11-10T09:00:00+01:00\ntags: [hall]'
	put 3 'state: doing\ntitle: disk is slow\nseverity: low\nblocks: [TKT-00000001]\nstart: 2026-11-20T10:00:00Z'
	put 4 'state: fixed\ntitle: Café machine\nseverity: high\npoints: 1\nclosed: 2026-11-01T00:00:00Z'
	put 5 'state: fixed\ntitle: "Odd, \\"title\\""\nseverity: low\npoints: 3\nclosed: 2026-10-01T00:00:00Z'
	must git add operation
	must git commit -qm five
}

put() {
	printf -- '---\n%b\n---\n' "$2" >operation/tickets/2026/11/TKT-0000000"$1".md
}

# The tickets that these words list, as their last digits in order of ID.
found() { # expected words ...
	expected=$1
	shift
	run itsm list ticket --format id --sort id "$@"
	code 0
	is "list $*" "$expected" "$(sed 's/^TKT-0000000//' "$top/out" | tr -d '\n')"
}

begin 'by state'
five
found 12345
found 123 state:open
found 45 state:closed
found 12 state:new
found 123 state:new,doing
found 345 -state:new
found 45 -state:open

begin 'a kind spelt wrong that finds nothing is told'
five
run itsm list tikcet state:open
code 0
out ''
err "nothing found; 'tikcet' is no kind and was looked for in titles and IDs, \`itsm kinds\` lists the kinds"
run itsm list tikcet --format id
code 0
out ''
err ''
run itsm list ticket state:new points:9
code 0
err ''
run itsm list disk
code 0
err ''

begin 'by field: equal, several, none, any, not'
five
found 14 severity:high
found 12345 severity:high,low
found 235 -severity:high
found 3 points:none
found 1245 points:any
found 2 points:2
found 1 'title:Printer is on fire'

begin 'by order'
five
found 15 'points:>=3'
found 1 'points:>3'
found 24 'points:<=2'
found 4 'points:<2'
found 25 points:2..3
found 125 points:2..
found 245 points:..3

begin 'by date and time, also relative'
five
found 1 due:2026-11-25
found 12 'due:>=2026-11-25'
found 1 'due:<=+7d'
found 13 'start:>-3d'
found 2 'start:<-7d'
found 2 start:2026-11-10
found 123 start:2026-11
found 13 start:2026-11-20..2026-11-21
found 4 closed:2026-11
found 5 closed:2026-10..2026-10

begin 'by item of a list, and by link'
five
found 12 tags:hall
found 1 tags:fire
found 345 tags:none
found 3 blocks:TKT-00000001

begin 'by words: all of them, in title or ID, whatever the case'
five
found 23 disk
found 3 disk slow
found 1 'on fire'
found 4 café
found 1 TKT-00000001
found '' nothing of that

begin 'several qualifiers: all must hold'
five
found 1 state:open severity:high
found 23 state:open severity:low disk

begin 'what is not known is a usage error that names what there is'
five
run itsm list ticket colour:red
code 2
err_has colour severity
run itsm list ticket severity:medium
code 2
err_has low high
run itsm list ticket state:flying
code 2
err_has new doing fixed
run itsm list ticket --sort colour
code 2
err_has colour
run itsm list ticket --columns colour
code 2
err_has colour
run itsm list ticket --limit many
code 2

begin 'sorted, limited'
five
run itsm list ticket --sort -points --limit 2 --format id
code 0
out 'TKT-00000001
TKT-00000005'
run itsm list ticket --sort severity,-id --format id
# an enum is in the order of its values
out 'TKT-00000005
TKT-00000003
TKT-00000002
TKT-00000004
TKT-00000001'

begin 'columns as text, CSV, JSON'
five
run itsm list ticket state:new --sort id --columns id,points,title
code 0
out 'id            points  title
TKT-00000001       5  Printer is on fire
TKT-00000002       2  Disk is full'
run itsm list ticket state:fixed --sort id --columns id,title,closed --format csv
code 0
printf 'id,title,closed\nTKT-00000004,Café machine,2026-11-01T00:00:00Z\nTKT-00000005,"Odd, ""title""",2026-10-01T00:00:00Z\n' >"$top/csv"
same "$top/csv" "$top/out"
run itsm list ticket points:5 --columns id,points,tags,start --format json
code 0
is 'the JSON' '{"schema_version": 1, "command": "list", "records": [{"id": "TKT-00000001", "points": 5, "tags": ["fire", "hall"], "start": "2026-11-21T09:00:00Z"}]}' \
	"$(/usr/bin/python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)))' <"$top/out")"

begin 'the JSON of a kind: id, kind, state, title, path and the fields'
five
run itsm list ticket points:5 --format json
code 0
is 'the names' 'id kind path state title' "$(/usr/bin/python3 -c '
import json, sys
[record] = json.load(sys.stdin)["records"]
print(*sorted(set(record) & {"id", "kind", "state", "title", "path"}))' <"$top/out")"

begin 'in groups'
five
run itsm list ticket --group-by severity --format csv
code 0
printf 'severity,count\nlow,3\nhigh,2\n' >"$top/csv"
sort "$top/csv" >"$top/sorted"
sort "$top/out" >"$top/got"
same "$top/sorted" "$top/got"

begin 'every kind at once'
five
run itsm list --format id
code 0
out_has TKT-00000001 ada-lovelace service-desk
run itsm list kind:ticket title:Disk --format id
code 0
out ''
run itsm list kind:ticket 'title:disk is full' --format id
out TKT-00000002
run itsm list disk --format id --sort id
code 0
out 'TKT-00000002
TKT-00000003'

begin 'nothing found is no error'
five
run itsm list ticket nothing
code 0
run itsm list ticket nothing --format json
code 0
out_has '"records":[]'

begin 'the work tree by default, a revision on demand'
five
put 6 'state: new\ntitle: Not committed'
found 123456
sed -i 's/Disk is full/Disk was full/' operation/tickets/2026/11/TKT-00000002.md
rm operation/tickets/2026/11/TKT-00000005.md
found 2 was
found 12346
run itsm list ticket --at HEAD --format id --sort id
code 0
is 'at HEAD' 12345 "$(sed 's/^TKT-0000000//' "$top/out" | tr -d '\n')"
run itsm list ticket --at HEAD~1 --format id
code 0
out ''
run itsm list ticket --at nowhere
code 3

begin 'the index is disposable'
five
found 12345
rm -rf .git/itsm
found 12345
for file in .git/itsm/*; do
	[ ! -f "$file" ] || printf 'garbage' >"$file"
done
found 12345

begin 'a table of nothing says so to people, and is silent for programs'
desk
for words in 'list change' 'sla list' 'problem trends' 'list incident state:open'; do
	# shellcheck disable=SC2086 # words
	run itsm $words
	code 0
	out ''
	err ''
	TERM=xterm script -qec "itsm --no-pager $words" /dev/null </dev/null | tr -d '\r' >"$top/out"
	is "$words" 'nothing to show' "$(cat "$top/out")"
	TERM=xterm script -qec "itsm --no-pager $words --format id" /dev/null </dev/null | tr -d '\r' >"$top/out"
	is "$words as IDs" '' "$(cat "$top/out")"
done
TERM=xterm script -qec "itsm --no-pager check" /dev/null </dev/null | tr -d '\r' >"$top/out"
is 'what says it already' 'no findings' "$(cat "$top/out")"

finish
