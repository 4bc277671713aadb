#!/bin/sh
# set and move of many records: one commit, all of them or none.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Three incidents, oldest first in $one $two $three, and where the branch is.
three() {
	desk
	one=$(new incident --title One)
	two=$(new incident --title Two)
	three=$(new incident --title Three)
	git rev-parse HEAD >"$top/before"
}

unchanged() {
	is 'HEAD' "$(cat "$top/before")" "$(git rev-parse HEAD)"
	is 'the work tree' '' "$(git status --porcelain)"
}

values() { # field
	itsm list incident --sort title --columns title,"$1" --at HEAD --format csv | tail -n +2 | tr '\n' ' '
}

begin 'set of several words is one commit that names each'
three
run itsm set "$one" "$two" urgency=1 "$three" impact=2 -m 'After the outage.'
code 0
out ''
err_has '3 records: committed '
is 'commits' 1 "$(git rev-list --count "$(cat "$top/before")"..HEAD)"
is 'the subject' '3 records: set urgency, impact' "$(git log -1 --format=%s)"
is 'the text' 'After the outage.' "$(git log -1 --format=%b | head -n 1)"
is 'the trailers' "$(printf 'Itsm-Action: set\n'; printf 'Itsm-Record: %s\n' "$one" "$two" "$three" | sort)" \
	"$(git log -1 --format='%(trailers)' | sed '/^$/d')"
is 'urgency' 'One,1 Three,1 Two,1 ' "$(values urgency)"
is 'impact' 'One,2 Three,2 Two,2 ' "$(values impact)"
is 'the work tree' '' "$(git status --porcelain)"

begin 'set of one says in its subject what is set'
three
run itsm set "$one" "$two" contact=phone
is 'the subject' '2 records: set contact = phone' "$(git log -1 --format=%s)"

begin 'IDs come from stdin, abbreviated or twice, beside others'
three
printf '%s\n\n  %s\r\n%s' "$one" "${two#INC-}" "$one" >"$top/ids"
run sh -c "itsm set - $three urgency=1 <'$top/ids'"
code 0
err_has '3 records: committed '
is 'urgency' 'One,1 Three,1 Two,1 ' "$(values urgency)"

begin 'list pipes into set'
three
run sh -c 'itsm list incident title:two --format id | itsm set - urgency=1'
code 0
err_has "$two: committed "
is 'the subject' "$two: set urgency = 1" "$(git log -1 --format=%s)"
run sh -c 'itsm list incident title:nobody --format id | itsm set - urgency=1'
code 2
err 'itsm: no record is named; give an ID'

begin 'what is so already is left out, and is no commit when it is all of them'
three
must itsm set "$one" urgency=1
run itsm set "$one" "$two" "$three" urgency=1
code 0
err_has '2 records: committed ' '; 1 more had nothing to change'
is 'the trailers' 2 "$(git log -1 --format='%(trailers:key=Itsm-Record)' | sed '/^$/d' | wc -l)"
git rev-parse HEAD >"$top/before"
run itsm set "$one" "$two" "$three" urgency=1
code 0
err '3 records: nothing to change'
unchanged

begin 'one that is refused refuses all, and every reason is told'
three
run itsm set "$one" INC-00000000 "$two" nobody urgency=1
code 1
err_has "error: write/record: no record is called 'INC-00000000'" "error: write/record: no record is called 'nobody'" \
	'itsm: refused; nothing was written'
unchanged
run itsm set "$one" "$two" services=billing
code 1
err_has "$(path_of "$one"):" "$(path_of "$two"):" 'services names billing, and there is no such record'
unchanged
run itsm set "$one" "$two" urgency=9
code 2
err_has "'urgency' is 9, above 5"
unchanged

begin 'a field that there is not is wrong usage'
three
run itsm set "$one" "$two" colour=red
code 2
err_has "colour"
unchanged

begin 'unsaved changes of one stand in the way of all'
three
echo 'more' >>"$(path_of "$two")"
run itsm set "$one" "$two" "$three" urgency=1
code 1
err_has "'$(path_of "$two")' has unsaved changes"
is 'HEAD' "$(cat "$top/before")" "$(git rev-parse HEAD)"
is 'the work tree' " M $(path_of "$two")" "$(git status --porcelain)"

begin 'move of several: the last word is the state'
three
run itsm move "$one" "$two" assigned team=service-desk
code 0
err_has '2 records: committed '
is 'the subject' '2 records: move new -> assigned' "$(git log -1 --format=%s)"
is 'from' 'new' "$(git log -1 --format='%(trailers:key=Itsm-From,valueonly)' | sed '/^$/d')"
is 'states' 'One,assigned Three,new Two,assigned ' "$(values state)"
run sh -c 'itsm list incident state:open --format id | itsm move - cancelled'
code 0
err_has '3 records: committed '
is 'the subject' '3 records: move to cancelled' "$(git log -1 --format=%s)"
is 'from' '' "$(git log -1 --format='%(trailers:key=Itsm-From,valueonly)' | sed '/^$/d')"

begin 'move leaves out what is there already, of several'
three
must itsm move "$one" cancelled
run itsm move "$one" "$two" cancelled
code 0
err_has "$two: committed " '; 1 more had nothing to change'
run itsm move "$one" cancelled
code 2
err_has "$one is in state 'cancelled' already"

begin 'every guard of every record is told'
three
run itsm move "$one" "$two" resolved
code 1
is 'guards' 4 "$(grep -c 'error: guard/incident/resol' "$top/err")"
unchanged
must itsm move "$three" cancelled
git rev-parse HEAD >"$top/before"
run itsm move "$one" "$three" assigned team=service-desk
code 1
err_has "$(path_of "$three"):2:8: error: workflow/transition"
unchanged

begin 'words in the wrong place'
three
run itsm move "$one" team=service-desk assigned
code 2
err_has "'team=service-desk' stands before the state"
run itsm move "$one"
code 2
run itsm move assigned team=service-desk
code 2
err_has 'give an ID, or several, and the state to move to'
run itsm set urgency=1 impact=1
code 2
err_has 'no record is named; give an ID'
unchanged

begin 'undo takes all of it back'
three
must itsm set "$one" "$two" "$three" urgency=1
run itsm undo
code 0
is 'urgency' 'One, Three, Two, ' "$(values urgency)"
is 'the trailers' 3 "$(git log -1 --format='%(trailers:key=Itsm-Record)' | sed '/^$/d' | wc -l)"
is 'the tree' "$(git rev-parse "$(cat "$top/before")^{tree}")" "$(git rev-parse 'HEAD^{tree}')"

begin 'three hundred records: one commit, nothing half, the index as new as a rebuilt one'
desk
mkdir -p operation/incidents/2026/11
number=0
while [ $number -lt 300 ]; do
	number=$((number + 1))
	printf -- '---\nstate: new\ntitle: Number %d\nopened: 2026-11-20T10:00:00Z\n---\n' $number \
		>"operation/incidents/2026/11/INC-$(printf %08d $number).md"
done
must git add operation
must git commit -q -m 'three hundred'
run sh -c 'itsm list incident --format id | itsm set - urgency=1'
code 0
err_has '300 records: committed '
is 'files' 300 "$(git diff --name-only HEAD~1 HEAD | wc -l)"
is 'lines' '300 0' "$(git diff --numstat HEAD~1 HEAD | awk '{ a += $1; r += $2 } END { print a, r }')"
is 'the work tree' '' "$(git status --porcelain)"
is 'urgent ones' 300 "$(itsm list incident urgency:1 --at HEAD --format id | wc -l)"
is 'left over' '' "$(find . -name '.itsm-*')"
must git fsck --strict --no-dangling
rm -rf .git/itsm
is 'urgent ones' 300 "$(itsm list incident urgency:1 --format id | wc -l)"

begin 'more than one commit may change are refused'
three
awk 'BEGIN { for (i = 0; i < 10001; i++) printf "INC-%08d\n", i }' >"$top/ids"
run sh -c "itsm set - urgency=1 <'$top/ids'"
code 3
err 'itsm: 10001 records are more than the 10000 that one commit may change; split them'
unchanged

finish
