#!/bin/sh
# Proposals that try to pass `check BASE..HEAD` by a way round it, and hostile input beyond records.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A change in draft on main, and the branch of the proposal.
proposal() {
	desk
	id=$(itsm new change --title 'A change' requester=ada-lovelace implementer=ada-lovelace 2>"$top/must")
	file=transition/changes/2026/11/$id.md
	must git checkout -q -b proposal
}

propose() { # message: what is in the work tree and in git's index
	must git add -A
	must git commit -q -m "$1"
}

begin 'the guards of every state on the way are judged'
proposal
for state in submitted assess authorise scheduled implement review; do
	sed -i "s/^state: .*/state: $state/" "$file"
	propose "$state"
done
run itsm check main..proposal
code 1
out_has guard/change/reason guard/change/risk guard/change/window policy/change-approval guard/change/backout-plan

begin 'a record is judged as it was when it entered a state'
desk
id=$(itsm new incident --title 'It is slow' team=service-desk 2>"$top/must")
must git checkout -q -b proposal
must itsm move "$id" assigned
must itsm move "$id" pending pending_reason=caller
must itsm move "$id" assigned
must itsm set "$id" pending_reason=
run itsm check main..proposal
code 0

begin 'a record becomes a submodule'
proposal
must git rm -q --cached "$file"
rm "$file"
must git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),$file"
must git commit -q -m submodule
run itsm check main..proposal
code 1
out_has "$file:1:1: error: history/removed" "$file:1:1: error: path/symlink"

begin 'a folder of records becomes a link'
proposal
must git rm -rq transition/changes
ln -s ../../elsewhere transition/changes
propose link
run itsm check main..proposal
code 1
out_has 'transition/changes:1:1: error: path/symlink' history/removed

begin 'the folder of kinds becomes a link'
proposal
ln -s /etc policy/kinds
must git add policy/kinds
must git commit -q -m link
must git checkout -q main
run itsm check main..proposal
code 1
out_has 'policy/kinds:1:1: error: path/symlink'

begin 'the desk goes, or is of another format'
proposal
must git rm -q itsm.yaml
must git commit -q -m gone
must git checkout -q main
run itsm check main..proposal
code 1
out_has 'itsm.yaml:1:1: error: setup/desk'
must git checkout -q -b newer main
echo 'format: 99' >itsm.yaml
propose newer
must git checkout -q main
run itsm check main..newer
code 1
out_has 'itsm.yaml:1:1: error: setup/desk'

begin 'a kind moves its records out of sight'
proposal
mkdir -p policy/kinds
printf 'kind: change\nfolder: transition/others\n' >policy/kinds/change.yaml
propose others
must git checkout -q main
run itsm check main..proposal
code 1
out_has 'policy/kind: the records of kind change would lie elsewhere'

begin 'one word is no range'
desk
run itsm check main
code 2
err "itsm: 'main' is no range; give BASE..HEAD, such as main..main"

begin 'a pattern that would fill the memory is refused'
desk
mkdir -p policy/kinds
printf 'kind: incident\nfields:\n  bomb: {type: string, help: b, pattern: "(((a{1,200}){1,200}){1,200})"}\n' >policy/kinds/incident.yaml
run itsm kinds
code 3
err_has 'policy/kinds/incident.yaml' 'repeats too much'

begin 'a part of no record is found'
desk
mkdir -p transition/changes/2026/11/CHG-00000000/approvals
printf 'by: ada-lovelace\ndecision: approve\nat: 2026-11-22T10:00:00Z\n' >transition/changes/2026/11/CHG-00000000/approvals/ada-lovelace.yaml
run itsm check
code 1
out_has 'reference/missing: it is part of CHG-00000000, and there is no such record'

begin 'a file of the user where a folder must be'
desk
id=$(itsm new incident --title 'It is slow' 2>"$top/must")
echo precious >"operation/incidents/2026/11/$id"
before=$(git rev-parse HEAD)
run itsm note "$id" -m hello
code 1
is 'HEAD' "$before" "$(git rev-parse HEAD)"
is 'the file' precious "$(cat "operation/incidents/2026/11/$id")"

begin 'control characters in titles, messages and bodies are refused'
desk
before=$(git rev-parse HEAD)
run itsm new incident --title "$(printf 'evil\033[31mred')"
code 1
err_has 'control character'
printf 'before\0after' >"$top/body"
run itsm new incident --title nul --body-file "$top/body"
code 3
err_has 'NUL'
run itsm set service-desk name=Desk -m "$(printf 'a\033b')"
code 2
is 'HEAD' "$before" "$(git rev-parse HEAD)"

begin 'an abbreviated reference is written in full'
desk
must itsm new service --title Billing
id=$(itsm new incident --title x services=bill 2>"$top/must")
run itsm list incident --columns services --format csv
out 'services
"[""billing""]"'

finish
