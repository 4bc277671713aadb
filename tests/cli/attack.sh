#!/bin/sh
# Proposals that try to get a change through against the policy of their base. Each is refused, and says why.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# On main: three people, and a change that waits for approval. Checked out: the branch of the proposal.
board() {
	desk
	new person id=grace --title 'Grace Hopper' mail=grace@example.org >/dev/null
	new person id=alan --title 'Alan Turing' mail=alan@example.org >/dev/null
	new team id=cab --title 'Change board' members=grace >/dev/null
	new item id=db-1 --title 'Database 1' >/dev/null
	id=$(new change --title 'Move the database' requester=ada-lovelace implementer=ada-lovelace risk=low items=db-1 \
		window.start=2026-11-22T09:00:00Z window.end=2026-11-22T11:00:00Z --body-file - <<'END'
## Reason

Full.

## Plan

Copy, switch.

## Backout plan

Switch back.

## Test plan

Query it.
END
)
	file=$(path_of "$id")
	for state in submitted assess authorise; do must itsm move "$id" "$state"; done
	must git checkout -q -b proposal
}

propose() { # message ...
	must git add -A
	must git commit -q -m "$@"
}

# The step to a state by hand, with its time stamp.
step() { # state [stamp [time]]
	sed -i "s/^state: .*/state: $1/" "$file"
	if [ -n "${2:-}" ]; then
		sed -i -e "/^$2:/d" -e "s/^opened:/$2: ${3:-2026-11-22T10:00:00Z}\n&/" "$file"
	fi
	propose "$1"
}

approved() {
	as grace itsm approve "$id"
}

refused() { # text ...
	run itsm check main..proposal
	code 1
	out_has "$@"
}

begin 'what keeps to the rules passes'
board
approved
must itsm move "$id" scheduled
must itsm move "$id" implement
run itsm check main..proposal
code 0
out ''

begin 'no approval'
board
step scheduled
refused 'error: policy/change-approval' 'could be given by alan, grace'

begin 'the approver'\''s file, forged by the author'
board
folder=$(dirname "$file")/$id/approvals
approved
cp "$folder/grace.yaml" "$top/seen"
must git reset -q --hard main
mkdir -p "$folder"
cp "$top/seen" "$folder/grace.yaml"
propose 'Grace agrees'
step scheduled
refused "$folder/grace.yaml:1:5: error: policy/approval-author: it is in the name of grace, but commit" 'is by Ada Lovelace <ada@example.org>' \
	'error: policy/change-approval'

begin 'one approves alone'
board
must itsm approve "$id"
step scheduled
refused 'error: policy/change-approval'

begin 'content edited after the approval'
board
approved
sed -i 's/Copy, switch/Delete, hope/' "$file"
propose 'a better plan'
step scheduled
refused 'error: policy/change-approval' 'approval/stale'

begin 'the policy weakened in the same proposal'
board
mkdir -p policy/rules
printf 'name: change-approval\nenabled: false\n' >policy/rules/change-approval.yaml
propose 'less bother'
step scheduled
refused 'error: policy/change-approval' \
	'policy/rules/change-approval.yaml:1:1: error: policy/policy-change: changes what others are judged by; no commit names a change'

begin 'a person added in the same proposal, who approves'
board
printf 'name: Mallory\nmail: [mallory@example.org]\n' >people/mallory.yaml
propose 'a new colleague'
as mallory itsm approve "$id"
step scheduled
refused 'error: policy/change-approval' 'people/mallory.yaml:1:1: error: policy/policy-change' 'error: policy/approval-author: it is in the name of mallory'

begin 'a person added to a team in the same proposal'
board
must git checkout -q main
mkdir -p policy/rules
printf 'name: change-approval\nkinds: [change]\nstates: [scheduled]\nrequire: {approvals: [{team: cab}]}\n' >policy/rules/change-approval.yaml
propose 'the board decides'
must git checkout -q -B proposal
sed -i 's/grace/alan/' teams/cab.yaml
propose 'a new board'
as alan itsm approve "$id"
step scheduled
refused 'error: policy/change-approval' 'could be given by grace' 'teams/cab.yaml:1:1: error: policy/policy-change'

begin 'a change of the policy that is approved is a note, and only for the files it names'
board
printf '\nIt changes people/mallory.yaml.\n' >>"$file"
sed -i 's/^Copy, switch.$/Add people\/mallory.yaml./' "$file"
propose 'what it is about'
approved
must itsm move "$id" scheduled
printf 'name: Mallory\nmail: [mallory@example.org]\n' >people/mallory.yaml
propose 'a new colleague' -m "Change: $id"
run itsm check main..proposal
code 0
out_has "people/mallory.yaml:1:1: note: policy/policy-change: changes what others are judged by; $id allows it"
sed -i 's/grace/alan/' teams/cab.yaml
propose 'a new board' -m "Change: $id"
refused 'teams/cab.yaml:1:1: error: policy/policy-change'

# An approved change that is about the folder of rules, on main, closed there if wanted; then the branch of the proposal.
agreed() { # [state ...]
	sed -i 's/^Copy, switch.$/Rewrite policy\/rules\/ and people\/alan.yaml./' "$file"
	propose 'what it is about'
	approved
	for state in scheduled "$@"; do
		must itsm move "$id" "$state"
	done
	must git checkout -q -B main
	must git checkout -q -B proposal
}

# A rule that does away with the approvals of changes.
weaker() {
	mkdir -p policy/rules
	printf 'name: change-approval\nenabled: false\n' >policy/rules/change-approval.yaml
	propose 'less bother' -m "Change: $id"
}

begin 'a change of the policy: what was agreed to names the files, not what is said beside it or later'
board
approved
must itsm move "$id" scheduled
must git checkout -q -B main
must git checkout -q -B proposal
sed -i 's/^opened:/external_links: ["policy\/rules\/change-approval.yaml"]\n&/' "$file"
printf '\n## Result\n\nSee policy/rules/ and policy/rules/change-approval.yaml.\n' >>"$file"
propose 'for the record'
weaker
refused 'policy/rules/change-approval.yaml:1:1: error: policy/policy-change' 'the change named does not say that it is about this file'

begin 'a change of the policy: one file of a folder is not the folder'
board
agreed
weaker
run itsm check main..proposal
code 0
out_has "note: policy/policy-change: changes what others are judged by; $id allows it"
sed -i 's/Ada/Ida/' people/ada-lovelace.yaml
propose 'another name' -m "Change: $id"
refused 'people/ada-lovelace.yaml:1:1: error: policy/policy-change' 'the change named does not say that it is about this file'

begin 'a change of the policy: one that is over allows nothing more'
board
agreed implement review
must itsm set "$id" outcome=successful
must git checkout -q -B main
must git checkout -q -B proposal
must itsm move "$id" closed
weaker
run itsm check main..proposal
code 0
must git checkout -q -B main proposal~
must git checkout -q proposal
refused 'policy/rules/change-approval.yaml:1:1: error: policy/policy-change' "$id was closed before this proposal"

begin 'a person added while the desk has only one'
desk
must git checkout -q -b proposal
printf 'name: Grace\nmail: [grace@example.org]\n' >people/grace.yaml
must git add -A
must git commit -qm 'the second of us'
run itsm check main..proposal
code 0

begin 'draft -> scheduled -> draft -> scheduled'
board
step draft
step scheduled
step draft
step scheduled
refused "can't go from 'draft' to 'scheduled'"

begin 'back to draft and handed in again: what was approved before is void'
board
approved
must itsm move "$id" draft
ITSM_NOW=2026-11-22T10:05:00Z
for state in submitted assess authorise; do must itsm move "$id" "$state"; done
GIT_AUTHOR_DATE=$ITSM_NOW
GIT_COMMITTER_DATE=$ITSM_NOW
step scheduled
refused 'error: policy/change-approval' 'approval/stale'
ITSM_NOW=2026-11-22T10:00:00Z
GIT_AUTHOR_DATE=$ITSM_NOW
GIT_COMMITTER_DATE=$ITSM_NOW

begin 'an emergency that nobody approved becomes a standard change while it is carried out'
board
must git checkout -q main
model=$(new article --title Model type=standard-change owner=ada-lovelace valid_until=2027-01-01 items=db-1 --body-file - <<'END'
## Solution

Restart it.

## Backout plan

Start the old one.
END
)
as grace itsm approve "$model"
must itsm move "$model" published
must itsm set "$id" type=emergency
must git checkout -q -B proposal
must itsm move "$id" implement
must itsm move "$id" review
before=$(git rev-parse HEAD)
run itsm set "$id" type=standard "model=$model"
code 1
err_has "'type' of a change can't be changed in 'review'"
is HEAD "$before" "$(git rev-parse HEAD)"
sed -i -e "s/^type: .*/type: standard\nmodel: $model\noutcome: successful/" "$file"
propose 'it was nothing special'
step closed closed
refused "$file:4:7: error: schema/immutable: 'type' of a change can't be changed in 'review'" "'model' of a change can't be changed in 'review'"
must git checkout -q -B main proposal~2
must git checkout -q proposal
refused "'type' of a change can't be changed in 'review'"

begin 'a record renamed, its approvals with it'
board
approved
other=$(dirname "$file")/CHG-00000001
must git mv "$file" "$other.md"
must git mv "${file%.md}" "$other"
propose 'another number'
refused "$file:1:1: error: history/removed" "$other.md:2:8: error: workflow/initial"

begin 'two records that swap their IDs'
board
must git checkout -q main
other=$(new change --title Other)
must git checkout -q -B proposal
second=$(path_of "$other")
cp "$file" "$top/first"
cp "$second" "$file"
cp "$top/first" "$second"
propose swap
refused "$second:" "can't go from 'draft' to 'authorise'"

begin 'a symbolic link in place of a record'
board
cp "$file" "$top/outside.md"
ln -sf "$top/outside.md" "$file"
propose link
refused "$file:1:1: error: path/symlink" "$file:1:1: error: history/removed"

begin 'a merge that smuggles an edit in'
board
must git checkout -q -b side main
must itsm note "$id" -m 'Nothing of note.'
must git checkout -q proposal
must itsm set db-1 name='Database one'
must git merge -q --no-commit --no-ff side
sed -i 's/^state: .*/state: scheduled/' "$file"
propose 'Merge side'
refused 'error: policy/change-approval'

begin 'a merge that drops what the base did'
board
must git checkout -q main
must itsm move "$id" cancelled
must git checkout -q proposal
must git merge -q -s ours -m 'Merge main' main
refused "$file:2:8: error: workflow/transition: on the base it is 'cancelled', from where a change can't go to 'authorise'"

begin 'a merge of three that smuggles an edit in'
board
for name in one two; do
	must git checkout -q -b "$name" main
	must itsm note "$id" -m "Note $name."
done
must git checkout -q proposal
must itsm set db-1 name='Database one'
must git merge -q --no-commit one two
sed -i 's/^state: .*/state: scheduled/' "$file"
must git add -A
tree=$(git write-tree)
commit=$(git commit-tree -p HEAD -p one -p two -m octopus "$tree")
must git reset -q --hard "$commit"
is 'the parents' 3 "$(git rev-list --parents -n 1 HEAD | wc -w | awk '{print $1 - 1}')"
refused 'error: policy/change-approval'

begin 'a merge that is what its parents are is not judged again'
board
must git checkout -q -b side main
must itsm note "$id" -m 'Nothing of note.'
must git checkout -q proposal
must itsm set db-1 name='Database one'
must git merge -q --no-ff -m 'Merge side' side
run itsm check main..proposal
code 0

begin 'the base went on: the merge of both is judged'
board
must itsm set db-1 name='Database one'
must git checkout -q main
must itsm new item id=db-2 --title 'Database two'
must git checkout -q proposal
run itsm check main..proposal
code 0
must git checkout -q main
must itsm set db-1 name='The database'
must git checkout -q proposal
run itsm check main..proposal
code 1
out_has 'transition/items/db-1.yaml:1:1: error: merge/conflict'

begin 'a proposal that is in its base already changes nothing'
board
must git checkout -q main
must itsm new item id=db-2 --title 'Database two'
run itsm check main..proposal
code 0
out ''

begin 'two records with one unique value, each fine alone'
ticket_desk
must git checkout -q -b proposal
new ticket --title A number=7 >/dev/null
must git checkout -q main
new ticket --title B number=7 >/dev/null
must git checkout -q proposal
run itsm check main..proposal
code 1
out_has schema/unique

begin 'a closed record edited'
desk
id=$(new incident --title Slow team=service-desk impact=2 urgency=2)
file=$(path_of "$id")
must itsm move "$id" cancelled
must git checkout -q -b proposal
sed -i 's/^impact: 2/impact: 4/' "$file"
propose 'it was less'
refused "$file:" 'error: policy/closed-kept: impact of an incident that is finished is changed'

begin 'a note rewritten'
board
must git checkout -q main
must itsm note "$id" -m 'It failed twice.'
must git checkout -q -B proposal
note=$(git ls-files '*/notes/*')
sed -i 's/failed twice/went well/' "$note"
propose 'what was said'
refused "$note:" 'error: policy/parts-kept: body of a note is changed afterwards'

begin 'times of before'
board
approved
must itsm move "$id" scheduled
step implement started 2026-11-21T10:00:00Z
refused "error: policy/recorded-times: 'started' says 2026-11-21T10:00:00Z, and commit" 'is of another time'

begin 'a time stamp left out'
board
approved
must itsm move "$id" scheduled
step implement
refused "error: policy/recorded-times: it entered 'implement' in commit" "without 'started'"

begin 'a record that says it is older than the rule that binds it'
desk
mkdir -p policy/rules
printf 'name: team\nkinds: [incident]\nfrom: 2026-06-01\nrequire: {fields: [team]}\n' >policy/rules/team.yaml
propose 'a rule'
old=$(git rev-parse HEAD)
must git checkout -q -b proposal
id=$(new incident --title Slow opened=2026-05-31T23:00:00Z)
file=$(path_of "$id")
refused "$file:4:9: error: policy/team: 'opened' says 2026-05-31T23:00:00Z, which is before this rule, but commit" 'brings it later'
must git commit -q --amend -m 'From elsewhere' -m 'Itsm-Import: elsewhere'
refused "$file:4:9: error: policy/team"
must git reset -q --hard "$old"
id=$(new incident --title Slow team=service-desk)
file=$(path_of "$id")
sed -i -e 's/^opened: .*/opened: 2026-05-31T23:00:00Z/' -e '/^team:/d' "$file"
propose 'it was in May'
refused "$file:4:9: error: policy/team"
# what was there before is left alone
must git checkout -q -B main proposal
must git checkout -q -B proposal
sed -i 's/^title: .*/title: Very slow/' "$file"
propose 'how slow it is'
run itsm check main..proposal
code 0
out ''

begin 'commits of the future, and of before what they follow'
board
sed -i 's/^risk: low/risk: high/' "$file"
must git add -A
must env GIT_COMMITTER_DATE=2026-11-22T20:00:00Z GIT_AUTHOR_DATE=2026-11-22T20:00:00Z git commit -qm 'this evening'
refused 'error: policy/recorded-times: commit' 'is dated later than now'
must git reset -q --hard main
sed -i 's/^risk: low/risk: high/' "$file"
must git add -A
must env GIT_COMMITTER_DATE=2026-11-20T20:00:00Z GIT_AUTHOR_DATE=2026-11-20T20:00:00Z git commit -qm 'two days ago'
refused 'error: policy/recorded-times: commit' 'is dated earlier than the one it follows'

begin 'SQL of a rule that writes, attaches, loops or reads outside'
hostile() { # text sql
	printf 'name: bad\nfind: "%s"\n' "$2" >policy/rules/bad.yaml
	before=$(git rev-parse HEAD)
	run itsm check
	code 1
	out_has 'policy/rules/bad.yaml:1:1: error: policy/bad: the rule can'\''t be asked:' "$1"
	is 'HEAD' "$before" "$(git rev-parse HEAD)"
	[ ! -e "$top/work/x.db" ] || problem 'a database was made'
}
desk
mkdir -p policy/rules
hostile 'cannot modify' "DELETE FROM incident"
hostile 'authorized' "ATTACH 'x.db' AS x"
hostile 'authorized' "PRAGMA writable_schema = 1"
hostile 'not authorized' "SELECT load_extension('x')"
hostile 'no such function' "SELECT writefile('x.db', 'x')"
hostile 'no such function' "SELECT readfile('/etc/passwd')"
hostile 'prohibited' "SELECT sql FROM sqlite_schema"
hostile 'not one SELECT' "SELECT 1; SELECT 2"
hostile 'too long' "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
hostile 'narrow it' "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT 'x', 'y' FROM n"

begin 'a rule file from the proposal judges nothing, but has to be readable'
board
mkdir -p policy/rules
printf 'name: nothing-passes\nkinds: [change]\nmust: "0"\nmessage: never\n' >policy/rules/nothing-passes.yaml
propose 'a rule' -m "Change: $id"
run itsm check main..proposal
out_lacks 'policy/nothing-passes'
printf 'name: nothing-passes\nkinds: [change]\nmust: "self.missing"\nmessage: never\n' >policy/rules/nothing-passes.yaml
propose 'a worse rule'
refused "policy/rules/nothing-passes.yaml:1:1: error: policy/nothing-passes: the rule can't be asked: no such column: self.missing"
printf 'name: nothing-passes\nkind: [change]\n' >policy/rules/nothing-passes.yaml
propose 'no rule'
refused "policy/rules/nothing-passes.yaml:2:1: error: policy/rule: 'kind' is no key of a rule"

begin 'a waiver in the same proposal excuses nothing'
board
waiver=$(new waiver --title 'No approvals' rule=policy/change-approval owner=ada-lovelace expires=2026-12-31 --body-file - <<'END'
## Reason

Haste.
END
)
sed -i 's/^state: .*/state: approved/' "$(path_of "$waiver")"
propose 'excused'
step scheduled
refused 'error: policy/change-approval' 'error: policy/waiver-approval'

begin 'objects replaced by others: what is there is judged, not what git shows instead'
board
step scheduled
evil=$(git rev-parse HEAD)
step draft
must git replace "$evil" "$(git commit-tree -p main -m fine "main^{tree}")"
refused 'error: policy/change-approval'
must git replace -d "$evil"
run itsm check main..proposal
code 1
cp "$top/out" "$top/plain"
must git replace "$evil" "$(git commit-tree -p main -m fine "main^{tree}")"
run itsm check main..proposal
same "$top/plain" "$top/out"

begin 'a shallow clone says what it lacks'
board
must itsm set db-1 name='Database one'
must itsm set db-1 name='Database 2'
must git clone -q --depth 2 --no-single-branch "file://$PWD" ../shallow
cd ../shallow || exit 3
run itsm check origin/main..origin/proposal
case $got in
0) ;;
3) err_has 'shallow' 'git fetch --unshallow' 'fetch-depth: 0' ;;
*) problem "exit code $got" ;;
esac
must git -C ../work checkout -q main
must git clone -q --depth 1 --no-single-branch "file://$top/work" ../shallower
cd ../shallower || exit 3
run itsm check origin/main..origin/proposal
code 3
err_has 'shallow' 'git fetch --unshallow' 'fetch-depth: 0'
must git fetch -q --unshallow
run itsm check origin/main..origin/proposal
code 0

finish
