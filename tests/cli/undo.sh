#!/bin/sh
# undo: the last write of one's own, taken back by another commit.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

tree() {
	git rev-parse 'HEAD^{tree}'
}

begin 'one write of each sort, and its undo: the desk is what it was'
ticket_desk
other=$(new ticket --title Other)
id=$(new ticket --title First severity=low)
file=$(path_of "$id")
sed -i 's/^## How$/## How\n\nBy hand./' "$file"
must git commit -q -a -m how
undone() { # command ...
	before=$(tree)
	count=$(commits)
	must itsm "$@"
	run itsm undo
	code 0
	err_has undid
	is "the tree after undo of $1" "$before" "$(tree)"
	is 'the commits' $((count + 2)) "$(commits)"
	clean
}
undone set "$id" points=3 tags+=a
undone move "$id" doing
undone link "$id" blocks "$other"
undone note "$id" -m 'A word'
undone new ticket --title Third
undone new item --title db-1 class=server
sound

begin 'a move that is taken back at once breaks nothing; what only looks like it does'
ticket_desk
id=$(new ticket --title First points=1 severity=low)
must git branch -M main
must git checkout -q -b proposal
must itsm move "$id" doing
must itsm undo
run itsm check main..proposal
code 0
run itsm verify
code 0
out_has 'warning: workflow/transition' 'took it from'
must itsm move "$id" doing
sed -i 's/^state: doing/state: new/; s/^points: 1/points: 2/' "$(path_of "$id")"
must git commit -qam 'back, nearly'
run itsm check main..proposal
code 1
out_has "error: workflow/transition: a ticket can't go from 'doing' to 'new'"

begin 'what it says, in words, in the commit and in the log'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
must itsm set "$id" points=3
undone=$(git rev-parse HEAD)
run itsm undo -m 'Wrong ticket.'
code 0
out "$file"
err "undid $(echo "$undone" | cut -c 1-8) \"$id: set points = 3\": committed $(git rev-parse HEAD | cut -c 1-8)"
is 'the message' "undo \"$id: set points = 3\"

Wrong ticket.

Itsm-Action: undo
Itsm-Record: $id
Itsm-Undo: $undone" "$(last_message)"
run itsm log "$id"
code 0
out_has "undo \"$id: set points = 3\"" 'Wrong ticket.'
clean
sound

begin 'again and again: one write further back each time'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
must itsm set "$id" points=1
must itsm set "$id" points=2
must itsm set "$id" points=3
run itsm undo
is 'points' 'points: 2' "$(grep ^points "$file")"
run itsm undo
is 'points' 'points: 1' "$(grep ^points "$file")"
must itsm set "$id" severity=high
run itsm undo
err_has 'set severity'
run itsm undo
err_has 'set points = 1'
run itsm undo
err_has 'new ticket'
is 'the file' '' "$(path_of "$id")"
run itsm undo
code 1
err_has "can't be undone"
clean
sound

begin 'an undo that is undone'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
must itsm set "$id" points=1
must itsm undo
run itsm undo HEAD
code 0
is 'points' 'points: 1' "$(grep ^points "$file")"
run itsm undo
code 0
err_has 'set points = 1'
is 'points' '' "$(grep ^points "$file")"
run itsm undo
code 0
err_has 'new ticket'

begin 'a write that is named'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
must itsm set "$id" points=1
named=$(git rev-parse --short HEAD)
other=$(new ticket --title Other)
must itsm note "$other" -m 'A word'
run itsm undo "$named"
code 0
is 'points' '' "$(grep ^points "$file")"
run itsm undo "$named"
code 1
err_has 'was taken back already'
run itsm undo nonsense
code 3
must git checkout -q --orphan away
must git commit -q -m away
run itsm undo "$named"
code 1
err_has 'is not on this branch'

begin 'changed since: refused, and nothing is written'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
must itsm set "$id" points=1
sed -i 's/^title: First/title: Second/' "$file"
must git commit -q -a -m 'By hand'
before=$(git rev-parse HEAD)
run itsm undo
code 1
err_has "'$file' was changed again since"
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean

begin 'after a plain commit on top that touches something else'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
must itsm set "$id" points=1
echo words >README
must git add README
must git commit -q -m 'By hand'
run itsm undo
code 0
is 'points' '' "$(grep ^points "$file")"
is 'the other file' words "$(cat README)"

begin 'what git took back already is passed over'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
must itsm set "$id" points=1
must itsm set "$id" severity=high
must git revert --no-edit HEAD
run itsm undo
code 0
err_has 'set points = 1'
is 'the fields' 'severity: low' "$(grep -E '^(points|severity)' "$file")"

begin 'a record that others name, or that has notes, cannot go'
ticket_desk
one=$(new ticket --title One)
created=$(git rev-parse HEAD)
two=$(new ticket --title Two blocks="$one")
run itsm undo "$created"
code 1
err_has reference/missing "$one would be gone, and is named by $two"
must itsm undo
must itsm note "$one" -m 'A word'
run itsm undo "$created"
code 1
err_has "$one would be gone, and has NOTE-"
must itsm undo
run itsm undo
code 0
err_has "$one: new ticket"
sound

begin 'what an undo would break is a finding'
ticket_desk
one=$(new ticket --title One number=7)
must itsm undo
undo=$(git rev-parse HEAD)
two=$(new ticket --title Two number=7)
run itsm undo "$undo"
code 1
err_has schema/unique
clean
must itsm show "$two"

begin 'unsaved work is not lost'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
must itsm set "$id" points=1
echo 'unsaved' >>"$file"
cp "$file" ../kept
run itsm undo
code 1
err_has "$file"
same ../kept "$file"
must git checkout -q "$file"
echo other >unrelated
run itsm undo
code 0
is 'the unrelated file' other "$(cat unrelated)"

begin 'what others wrote is theirs'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
must itsm set "$id" points=1
must env GIT_COMMITTER_NAME=Grace GIT_COMMITTER_EMAIL=grace@example.org GIT_AUTHOR_NAME=Grace \
	GIT_AUTHOR_EMAIL=grace@example.org itsm set "$id" severity=high
theirs=$(git rev-parse HEAD)
run itsm undo
code 1
err_has 'was changed again since'
run itsm undo "$theirs"
code 0
is 'severity' 'severity: low' "$(grep ^severity "$file")"
run itsm undo
code 0
err_has 'set points = 1'
run env GIT_COMMITTER_NAME=Eve GIT_COMMITTER_EMAIL=eve@example.org itsm undo
code 1
err_has 'no write of yours'

begin 'imports, beginnings and plain commits are refused with the way out'
ticket_desk
run itsm undo
code 1
err_has "can't be undone"
run itsm undo HEAD
code 1
err_has 'no write of itsm' 'git revert'
printf 'number,opened,subject\n1,2026-11-02 09:12,One\n2,2026-11-03 10:00,Two\n' >in.csv
printf '%s\n' 'source: old' 'kind: incident' 'key: number' 'times: {formats: ["%Y-%m-%d %H:%M"], zone: UTC}' \
	'columns:' '  title: subject' '  opened: opened' >map.yaml
must itsm import --map map.yaml in.csv
run itsm undo
code 1
err_has 'is an import' 'git revert'

begin 'usage'
ticket_desk
run itsm undo one two
code 2
run itsm undo --unknown
code 2

finish
