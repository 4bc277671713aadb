#!/bin/sh
# The merge driver under git's own commands: records merge by meaning, conflicts are for a person.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A ticket, and a branch `other` that starts from it. Sets id and file.
fork_desk() {
	ticket_desk
	id=$(new ticket --title First severity=low points=2 tags=a,b)
	file=$(path_of "$id")
	must git branch other
}

# Run itsm on the branch `other`, then come back.
elsewhere() {
	must git checkout -q other
	must itsm "$@"
	must git checkout -q main
}

field() { # name: the line of a field
	grep "^$1:" "$file"
}

begin 'init tells git which files to merge by which program'
desk
run git check-attr merge text -- operation/incidents/2026/11/INC-4k7q2m8d.md people/ada.yaml itsm.yaml
code 0
out_has 'operation/incidents/2026/11/INC-4k7q2m8d.md: merge: itsm' 'people/ada.yaml: merge: itsm' \
	'operation/incidents/2026/11/INC-4k7q2m8d.md: text: unset' 'itsm.yaml: merge: unspecified'
run git config --get merge.itsm.driver
code 0
out_has 'itsm merge-driver %O %A %B %P'

begin 'merge: different fields of one record, in lines that touch'
fork_desk
elsewhere set "$id" severity=high
must itsm set "$id" points=3
run git merge -q other -m merge
code 0
is 'severity' 'severity: high' "$(field severity)"
is 'points' 'points: 3' "$(field points)"
is 'the difference to ours is one line' 1 "$(git diff HEAD^1 -- "$file" | grep -c '^+[^+]')"
clean
sound

begin 'merge: a list as a set, on both sides'
fork_desk
elsewhere set "$id" tags+=c tags-=a
must itsm set "$id" tags+=d
run git merge -q other -m merge
code 0
run itsm show "$id" --format json
out_has '"tags":["b","d","c"]'
sound

begin 'merge: the later state wins, with its stamp; the fields of the other side stay'
fork_desk
sed -i 's/^## How$/## How\n\nBy hand./' "$file"
must git commit -q -a -m how
must itsm move "$id" doing
must git branch -f other
elsewhere move "$id" fixed
must itsm set "$id" severity=high
must itsm set "$id" title='Not first'
run git merge -q other -m merge
code 0
is 'the state' 'state: fixed' "$(field state)"
is 'the stamp' 'closed: 2026-11-22T10:00:00Z' "$(field closed)"
is 'the title' 'title: Not first' "$(field title)"

begin 'merge: sections, line by line'
fork_desk
printf -- '---\nstate: new\ntitle: First\nseverity: low\npoints: 2\ntags: [a, b]\n---\n\n## What\n\none\ntwo\nthree\nfour\nfive\n\n## How\n\nso\n' >"$file"
must git commit -q -a -m text
must git branch -f other
must git checkout -q other
sed -i 's/^one$/ONE/; s/^so$/SO/' "$file"
must git commit -q -a -m theirs
must git checkout -q main
sed -i 's/^five$/FIVE/; s/^points: 2/points: 4/' "$file"
must git commit -q -a -m ours
run git merge -q other -m merge
code 0
is 'the body' 'ONE two three four FIVE SO' "$(sed -n '/^## What/,$p' "$file" | grep -v '^#' | xargs)"
is 'points' 'points: 4' "$(field points)"

begin 'a conflict shows both sides, and nothing reads the record before it is settled'
fork_desk
elsewhere set "$id" title=Theirs points=5
must itsm set "$id" title=Ours severity=high
run git merge other -m merge
code 1
err_has "$file:" 'title: both changed the field' 'ours: Ours; theirs: Theirs'
out_has CONFLICT
is 'the place' '<<<<<<< ours
title: Ours
||||||| base
title: First
=======
title: Theirs
>>>>>>> theirs' "$(sed -n '/^<<<<<<</,/^>>>>>>>/p' "$file")"
is 'what is no conflict is merged' 'points: 5 severity: high' "$(field points) $(field severity)"
run itsm show "$id"
code 3
err_has 'conflict' "$file"
run itsm check
code 1
out_has 'merge/conflict' "$file:3:1"
before=$(git rev-parse HEAD)
run itsm set "$id" points=1
code 1
is 'nothing was committed' "$before" "$(git rev-parse HEAD)"
run itsm check --explain merge/conflict
code 0
sed -i -e '/^<<<<<<</d' -e '/^|||||||/,/^=======/d' -e '/^>>>>>>>/d' -e '/^title: Theirs/d' "$file"
must git add "$file"
must git commit -q -m merge
run itsm show "$id"
code 0
out_has Ours
sound

begin 'a conflict in a record that is YAML only, and in an object of it; settled in an editor'
desk
must itsm new service id=billing --title Billing tier=3 cost.month=100
file=$(path_of billing)
must git branch other
elsewhere set billing tier=1 cost.month=200 description='From there'
must itsm set billing tier=2 cost.month=300 url=https://example.org
run git merge other -m merge
code 1
err_has 'tier: both changed the field' 'cost.month: both changed'
is 'the conflicts' 2 "$(grep -c '^<<<<<<< ours' "$file")"
run itsm show billing
code 3
err_has "$file" conflict
run itsm set billing tier=4
code 1
err_has "$file"
run itsm check
code 1
out_has 'merge/conflict' "$file"
sed -i -e '/^<<<<<<< /,/^=======$/d' -e '/^>>>>>>> /d' "$file"
must git add "$file"
must git commit -q -m settled
run itsm show billing --format json
code 0
out_has '"tier":1' '"month":200' 'From there' 'https://example.org'
clean
sound

begin 'merged again, nothing changes; the other way round the same fields come out'
fork_desk
elsewhere set "$id" severity=high tags+=c
must itsm set "$id" points=3 tags-=a
must git branch back other
must git merge -q other -m merge
cp "$file" "$top/merged"
must git checkout -q back
must git merge -q main^1 -m back
sort "$top/merged" >"$top/one"
sort "$file" >"$top/two"
same "$top/one" "$top/two"
must git checkout -q main
run git merge -q back -m again
code 0
same "$top/merged" "$file"
sound

begin 'states that lead nowhere near each other are a conflict'
desk
id=$(new incident --title First impact=2 urgency=2)
file=$(path_of "$id")
must git branch other
must git checkout -q other
sed -i 's/^state: new/state: cancelled/' "$file"
must git commit -q -a -m cancel
must git checkout -q main
sed -i 's/^state: new/state: closed/' "$file"
must git commit -q -a -m close
run git merge other -m merge
code 1
err_has 'state: '
is 'both are shown' 'state: closed state: cancelled' "$(grep -E '^state: (closed|cancelled)' "$file" | xargs)"

begin 'rebase'
fork_desk
elsewhere set "$id" severity=high
must itsm set "$id" points=3
must itsm set "$id" tags+=z
run git rebase -q other
code 0
is 'the fields' 'severity: high points: 3' "$(field severity) $(field points)"
is 'the commits' "$id: set tags += z|$id: set points = 3|$id: set severity = high" \
	"$(git log -3 --format=%s | paste -s -d '|')"
clean
sound

begin 'a rebase that stops, is settled and goes on'
fork_desk
elsewhere set "$id" title=Theirs
must itsm set "$id" title=Ours
must itsm set "$id" points=3
run git rebase other
code 1
run itsm check
code 1
out_has merge/conflict
sed -i -e '/^<<<<<<</,/^=======/d' -e '/^>>>>>>>/d' "$file"
is 'the replayed side' 'title: Ours' "$(field title)"
must git add "$file"
must env GIT_EDITOR=true git rebase --continue
is 'the fields' 'title: Ours points: 3' "$(field title) $(field points)"
sound

begin 'cherry-pick, revert and stash'
fork_desk
elsewhere set "$id" severity=high
must itsm set "$id" points=3
run git cherry-pick other
code 0
is 'the fields' 'severity: high points: 3' "$(field severity) $(field points)"
must itsm set "$id" title=Later
run git revert --no-edit HEAD~1
code 0
is 'the revert' 'severity: low title: Later' "$(field severity) $(field title)"
sed -i 's/^points: 3/points: 7/' "$file"
must git stash -q
must itsm set "$id" severity=high
run git stash pop -q
code 0
is 'the stash' 'severity: high points: 7' "$(field severity) $(field points)"

begin 'in a linked work tree, and with GIT_DIR and GIT_WORK_TREE set'
fork_desk
elsewhere set "$id" severity=high
must itsm set "$id" points=3
must git worktree add -q ../linked -b third
cd ../linked || exit 3
run git merge -q other -m merge
code 0
is 'the fields' 'severity: high points: 3' "$(field severity) $(field points)"
cd ../work || exit 3
run env GIT_DIR="$PWD/.git" GIT_WORK_TREE="$PWD" git -C / merge -q other -m merge
code 0
is 'the fields' 'severity: high points: 3' "$(field severity) $(field points)"

begin 'a desk in a subfolder, git started anywhere'
must git init -q .
must git commit -q --allow-empty -m start
mkdir ops
(cd ops && must itsm init . --name Sub)
id=$(itsm -C ops new incident --title First impact=2 contact=mail 2>/dev/null)
file=$(path_of "$id")
must git checkout -q -b other
must itsm -C ops set "$id" impact=1
must git checkout -q main
must itsm -C ops set "$id" contact=phone
run git -C ops/operation merge -q other -m merge
code 0
is 'the fields' 'impact: 1 contact: phone' "$(field impact) $(field contact)"

begin 'both sides made the same thing'
desk
must git branch other
must git checkout -q other
must itsm new item --title db-1 class=server
must git checkout -q main
must itsm new item --title db-1 class=server 'owner=ada-lovelace'
run git merge -q other -m merge
code 0
run itsm show db-1 --format json
out_has '"owner":"ada-lovelace"'
sound

begin 'a criss-cross history'
fork_desk
elsewhere set "$id" severity=high
must itsm set "$id" points=3
must git tag ours
must git tag theirs other
must git merge -q theirs -m one
must itsm set "$id" tags+=m
must git checkout -q other
must git merge -q ours -m two
must itsm set "$id" tags+=o
must git checkout -q main
run git merge -q other -m three
code 0
run itsm show "$id" --format json
out_has '"tags":["a","b","m","o"]' '"severity":"high"' '"points":3'

begin 'line ends of ours stay'
fork_desk
sed -i 's/$/\r/' "$file"
must git commit -q -a -m crlf
must git branch -f other
elsewhere set "$id" severity=high
must itsm set "$id" points=3
run git merge -q other -m merge
code 0
is 'lines without CR' 0 "$(grep -vc "$(printf '\r')" "$file")"

begin 'without the driver: what lies in files of its own merges, and so do lines apart'
fork_desk
must git config --remove-section merge.itsm
must git checkout -q other
must itsm note "$id" -m 'Theirs'
must itsm new ticket --title Second
must git checkout -q main
must itsm note "$id" -m 'Ours'
run git merge -q other -m merge
code 0
run itsm show "$id"
out_has Theirs Ours
sound
folder=${file%.md}
must git branch -f other
for side in other main; do # so do approvals and evidence of different people
	must git checkout -q "$side"
	mkdir -p "$folder/approvals" "$folder/evidence"
	printf 'by: %s\ndecision: approved\nat: 2026-11-22T10:00:00Z\n' "$side" >"$folder/approvals/$side.yaml"
	printf 'description: Test of %s\n' "$side" >"$folder/evidence/$side.yaml"
	must git add "$folder"
	must git commit -q -m "of $side"
done
run git merge -q other -m merge
code 0
is 'the parts' 6 "$(git ls-files "$folder/*/*" | wc -l)"
must git branch -f other
elsewhere set "$id" severity=high
must itsm set "$id" points=3
run git merge -q other -m merge
code 1
run itsm check
code 1
out_has merge/conflict

begin 'where there is no itsm on the PATH, git merges by lines'
fork_desk
elsewhere set "$id" title=Theirs
must itsm set "$id" tags+=z
run env PATH="${PATH#*:}" git merge -q other -m merge
code 0
is 'the title' 'title: Theirs' "$(field title)"
must git branch -f other
elsewhere set "$id" title=Mine
must itsm set "$id" title=Yours
run env PATH="${PATH#*:}" git merge other -m merge
code 1
is 'both are shown' 'title: Yours title: Mine' "$(grep '^title' "$file" | xargs)"

begin 'what is no record merges by lines, without a word'
desk
printf 'one\ntwo\nthree\nfour\nfive\n' >operation/README.md
must git commit -q -a -m text
must git branch other
must git checkout -q other
sed -i s/one/ONE/ operation/README.md
must git commit -q -a -m theirs
must git checkout -q main
sed -i s/five/FIVE/ operation/README.md
must git commit -q -a -m ours
run git merge -q other -m merge
code 0
err ''
is 'the text' 'ONE two three four FIVE' "$(xargs <operation/README.md)"

begin 'a side that is no readable record merges by lines, and that is said'
fork_desk
must git checkout -q other
sed -i 's/^tags: .*/tags: [a/' "$file"
must git commit -q -a -m broken
must git checkout -q main
must itsm set "$id" title=Other
run git merge -q other -m merge
err_has 'merged line by line' "theirs can't be read as a record"
is 'the title' 'title: Other' "$(field title)"

begin 'kinds that cannot be read: lines, and that is said'
fork_desk
elsewhere set "$id" severity=high
must itsm set "$id" tags+=z
printf 'kind: [\n' >policy/kinds/ticket.yaml
run git merge other -m merge
err_has 'merged line by line' 'policy/kinds/ticket.yaml'
grep -q '^severity: high' "$file" || problem 'their change is not there'

begin 'by hand: the result is in the second file, and the exit code is as git wants it'
fork_desk
cp "$file" base
sed 's/^severity: low/severity: high/' base >theirs
sed 's/^points: 2/points: 3/' base >ours
run itsm merge-driver base ours theirs "$file"
code 0
out ''
err ''
grep -q '^severity: high' ours || problem 'their severity is not there'
sed 's/^points: 2/points: 4/' base >theirs
run itsm merge-driver base ours theirs "$file"
code 1
run itsm merge-driver base ours nowhere "$file"
code 129
err_has nowhere
run itsm merge-driver base ours theirs
code 129
run itsm merge-driver --unknown
code 129

begin 'an attacker in the record: nothing raw reaches the terminal'
fork_desk
must git checkout -q other
sed -i 's/^title: .*/title: "their\\e[31mred"/' "$file"
must git commit -qam theirs
must git checkout -q main
sed -i 's/^title: .*/title: "our\\e]0;x\\ablue"/' "$file"
must git commit -qam ours
run git merge other -m merge
code 1
! grep -q "$(printf '\033')" "$top/err" || problem 'an escape reached stderr'

begin 'many files at once'
fork_desk
/usr/bin/python3 - "$file" <<'END'
import os, sys
path = sys.argv[1]
with open(path, encoding="utf-8") as file:
    text = file.read()
digits = "0123456789abcdefghjkmnpqrstvwxyz"
for number in range(100):
    name = "".join(digits[number // 32**place % 32] for place in range(8))
    with open(f"{os.path.dirname(path)}/TKT-{name}.md", "w", encoding="utf-8") as file:
        file.write(text)
END
must git add .
must git commit -q -m many
must git branch -f other
must git checkout -q other
sed -i 's/^severity: low/severity: high/' operation/tickets/2026/11/*.md
must git commit -q -a -m theirs
must git checkout -q main
sed -i 's/^points: 2/points: 3/' operation/tickets/2026/11/*.md
must git commit -q -a -m ours
run git merge -q other -m merge
code 0
is 'merged' 101 "$(grep -l '^severity: high' operation/tickets/2026/11/*.md | xargs grep -l '^points: 3' | wc -l)"
sound

finish
