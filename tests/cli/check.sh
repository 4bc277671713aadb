#!/bin/sh
# check: every finding with path, line, column, rule and remedy; the whole desk or a range; it writes nothing.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A ticket TKT-0000000N from a text with printf escapes, in the work tree.
ticket() { # number text
	mkdir -p operation/tickets/2026/11
	file=operation/tickets/2026/11/TKT-0000000$1.md
	printf '%b' "$2" >"$file"
}

begin 'a fresh desk is clean'
desk
run itsm check
code 0
out ''
run itsm check --format json
code 0
out '{"schema_version":1,"command":"check","records":[]}'

begin 'an address or account that two people share is nobody'\''s, and found'
desk
new person id=bo --title Bo mail=bo@example.org,Team@example.org accounts=github:bo >/dev/null
new person id=cy --title Cy mail=cy@example.org accounts=github:cy >/dev/null
run itsm check
code 0
out ''
sed -i 's/cy@example.org/team@Example.org/; s/github:cy/github:BO/' people/cy.yaml
run itsm check
code 0
out_has 'people/bo.yaml' 'people/cy.yaml' 'warning: check/person/shared-mail' 'warning: check/person/shared-account'
is 'findings' 4 "$(grep -c 'check/person/shared' "$top/out")"

begin 'every finding of one file, in order, with its place'
ticket_desk
ticket 1 '---\nstate: floating\nseverity: medium\npoints: ten\ncolour: red\ndue: 2026-02-30\nstart: 2026-11-22T10:00:00\n---\n'
run itsm check
code 1
cut -d: -f 1-5 "$top/out" | grep -v '^    ' >"$top/places"
is 'the places' "$file:2:1: error: schema/required
$file:2:8: error: schema/state
$file:3:11: error: schema/type
$file:4:9: error: schema/type
$file:5:1: error: schema/unknown
$file:6:6: error: schema/type
$file:7:8: error: schema/type" "$(sed 's/: \([a-z]*\)$/: \1/' "$top/places")"
out_has title floating 'low, high' colour offset

begin 'all files, not the first'
ticket_desk
ticket 1 '---\nstate: new\n---\n'
ticket 2 '---\nstate: new\n---\n'
ticket 3 '---\nstate: new\ntitle: fine\n---\n'
run itsm check
code 1
out_has TKT-00000001.md TKT-00000002.md
out_lacks TKT-00000003

begin 'references that lead nowhere, or to another kind'
ticket_desk
ticket 1 '---\nstate: new\ntitle: T\nblocks:\n  - TKT-0000000z\n  - service-desk\n---\n'
run itsm check
code 1
out_has "$file:5:5: error: reference/missing:" "$file:6:5: error: reference/kind:"

begin 'checks of the kind'
ticket_desk
ticket 1 '---\nstate: fixed\ntitle: T\nstart: 2026-11-22T10:00:00Z\nclosed: 2026-11-22T11:00:00+02:00\n---\n'
run itsm check
code 1
out "$file:5:9: error: check/ticket/order: was closed before it began
    mend start or closed"

begin 'two records with one ID'
ticket_desk
ticket 1 '---\nstate: new\ntitle: T\n---\n'
mkdir -p operation/tickets/2025/01
cp "$file" operation/tickets/2025/01/
run itsm check
code 1
out_has 'id/duplicate' operation/tickets/2025/01/TKT-00000001.md

begin 'a unique field twice'
ticket_desk
ticket 1 '---\nstate: new\ntitle: T\nnumber: "7"\n---\n'
ticket 2 '---\nstate: new\ntitle: U\nnumber: "7"\n---\n'
run itsm check
code 1
out_has 'schema/unique'

begin 'files that are in no record place'
ticket_desk
mkdir -p operation/tickets/2026/11 transition/items
printf -- '---\nstate: new\ntitle: T\n---\n' >operation/tickets/TKT-00000001.md
printf -- '---\nstate: new\ntitle: T\n---\n' >operation/tickets/2026/11/INC-00000001.md
printf 'title: T\n' >'transition/items/Not A Slug.yaml'
run itsm check
code 1
out_has 'operation/tickets/TKT-00000001.md' 'operation/tickets/2026/11/INC-00000001.md' 'Not A Slug.yaml' 'path/place'

begin 'YAML that is refused is told with line and column'
ticket_desk
ticket 1 '---\nstate: new\ntitle: T\ntitle: U\n---\n'
ticket 2 '---\nstate: new\ntitle: &a T\n---\n'
ticket 3 '---\nstate: new\ntitle: *a\n---\n'
ticket 4 '---\nstate: new\ntitle: !!str T\n---\n'
ticket 5 '---\nstate: new\ntitle: "T\n---\n'
ticket 6 'no front matter\n'
ticket 7 '---\n- a\n- b\n---\n'
ticket 8 '---\nstate: new\ntitle: \0377\n---\n'
ticket 9 '---\nstate: new\ntitle: a\0000b\n---\n'
run itsm check
code 1
for number in 1:4 2:3 3:3 4:3 8:3 9:3; do
	out_has "TKT-0000000${number%:*}.md:${number#*:}:"
done
for number in 5 6 7; do
	out_has "TKT-0000000$number.md"
done

begin 'it writes nothing: not the index of git, not the work tree, not a reference'
ticket_desk
ticket 1 '---\nstate: new\n---\n'
git for-each-ref >"$top/refs"
sum=$(cksum .git/index)
run itsm check
code 1
git for-each-ref | cmp -s - "$top/refs" || problem 'a reference moved'
is 'the index' "$sum" "$(cksum .git/index)"
is 'the status' '?? operation/tickets/' "$(git status --porcelain)"

begin 'every rule there is is listed and explained'
ticket_desk
run itsm check --rules
code 0
cp "$top/out" "$top/rules"
for rule in schema/required schema/unknown schema/type schema/state schema/section schema/unique reference/missing reference/kind \
	id/duplicate path/place yaml/syntax text/encoding workflow/transition workflow/when schema/immutable history/removed guard/ticket/points check/ticket/order; do
	out_has "$rule"
done
while read -r rule; do
	run itsm check --explain "$rule"
	code 0
	out_has "$rule"
	[ "$(wc -w <"$top/out")" -ge 8 ] || problem "$rule is hardly explained:" "$(cat "$top/out")"
done <"$top/rules"
run itsm check --explain schema/requird
code 3
err_has 'schema/requird' 'itsm check --rules'

begin 'JSON has every finding with its parts'
ticket_desk
ticket 1 '---\nstate: new\n---\n'
run itsm check --format json
code 1
is 'the finding' "schema/required error $file 2 1 TKT-00000001" "$(/usr/bin/python3 -c '
import json, sys
[one] = json.load(sys.stdin)["records"]
print(one["rule"], one["severity"], one["path"], one["line"], one["column"], one["id"])' <"$top/out")"
run itsm check --format csv
code 1
out_has "$file"

# A desk with a ticket on main and a branch "proposal" checked out.
proposal() {
	ticket_desk
	id=$(new ticket --title T number=7 severity=low)
	other=$(new ticket --title Other)
	file=$(path_of "$id")
	must git checkout -q -b proposal
}

begin 'a range: nothing is wrong'
proposal
must itsm move "$id" doing
run itsm check main..HEAD
code 0
out ''
run itsm check main..main
code 0

begin 'a range: a transition that is none'
proposal
sed -i 's/^state: new/state: fixed/' "$file"
must git commit -qam 'jump'
run itsm check main..HEAD
code 1
out_has "$file:" 'workflow/transition' "can't go from 'new' to 'fixed'"

begin 'a range: guards of the state that is entered'
proposal
must itsm move "$id" doing
sed -i 's/^state: doing/state: fixed/' "$file"
must git commit -qam 'by hand'
run itsm check main..HEAD
code 1
out_has 'has no points' 'does not say how'

begin 'a range: an immutable field'
proposal
sed -i 's/^number: .*/number: "8"/' "$file"
must git commit -qam 'renumber'
run itsm check main..HEAD
code 1
out_has "$file:" number 'schema/immutable'

begin 'a range: a removed record, and what refers to it'
proposal
must itsm set "$id" blocks="$other"
must git checkout -q main
must git merge -q proposal
must git checkout -q proposal
must git rm -q "$(path_of "$other")"
must git commit -qm 'away with it'
run itsm check main..HEAD
code 1
out_has 'history/removed' "$other" 'reference/missing'

begin 'a range: what was wrong on the base already is not held against it'
proposal
must git checkout -q main
sed -i 's/^severity: .*/severity: medium/' "$(path_of "$other")"
must git commit -qam 'wrong on main'
must git checkout -q proposal
must git rebase -q main
must itsm set "$id" points=1
run itsm check main..HEAD
code 0
run itsm check
code 1

begin 'a range is judged by the kinds of its base'
proposal
sed -i 's/to: \[fixed\], must: "self.points IS NOT NULL"/to: [fixed], must: "1"/' policy/kinds/ticket.yaml
must git commit -qam 'lower the bar'
must itsm move "$id" doing
sed -i 's/^state: doing/state: fixed/' "$file"
must git commit -qam 'and jump over it'
run itsm check main..HEAD
code 1
out_has 'has no points'

begin 'a range whose end the index knows from history'
desk
id=$(new incident --title Slow team=service-desk)
must git checkout -q -b proposal
must itsm move "$id" assigned
must itsm move "$id" pending pending_reason=caller
must itsm move "$id" assigned
must itsm set "$id" pending_reason=
must itsm verify
must itsm log "$id"
must git checkout -q main
run itsm check main..proposal
code 0
out ''
run itsm check main..proposal~1
code 0

begin 'a range that is none'
desk
run itsm check nowhere..HEAD
code 3
err_has nowhere
run itsm check a b
code 2

begin 'a range works in a bare repository, as a hook has it'
proposal
sed -i 's/^state: new/state: fixed/' "$file"
must git commit -qam 'jump'
must git clone -q --bare . ../bare.git
cd ../bare.git || exit 3
run itsm check main..proposal
code 1
out_has 'workflow/transition'

finish
