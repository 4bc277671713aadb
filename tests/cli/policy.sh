#!/bin/sh
# Policy rules: what a desk's own and the built-in ones find, how they are refused, explained, overridden, waived.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A rule policy/rules/NAME.yaml, from standard input.
rule() { # name
	mkdir -p policy/rules
	{ echo "name: $1"; cat; } >"policy/rules/$1.yaml"
}

begin 'a rule binds records of its kinds, in its states'
ticket_desk
rule pointed <<'END'
kinds: [ticket]
states: [doing, fixed]
must: "self.points > 0"
message: has no points
remedy: set points
END
new ticket --title T >"$top/id"
id=$(cat "$top/id")
run itsm check
code 0
sed -i 's/^state: new/state: doing/' "$(path_of "$id")"
run itsm check
code 1
out "$(path_of "$id"):2:8: error: policy/pointed: has no points
    set points"

begin 'fields and sections that a rule requires'
ticket_desk
rule complete <<'END'
severity: warning
kinds: [ticket]
require:
  fields: [due, tags]
  sections: [What]
END
id=$(new ticket --title T)
run itsm check
code 0
out_has 'warning: policy/complete: has no due' 'has no tags' "has no section 'What' with content" "write the section 'What'"
must itsm set "$id" due=2026-12-01 tags=a
run itsm check
code 0
out_lacks 'has no due' 'has no tags'

begin 'a rule that finds by itself'
ticket_desk
rule pair <<'END'
find: "SELECT t.id, 'has the title of ' || o.id FROM ticket t JOIN ticket o ON o.title = t.title AND o.id <> t.id"
message: looks like another
remedy: close one of them
END
a=$(new ticket --title Same)
b=$(new ticket --title Same)
new ticket --title Other >/dev/null
run itsm check
code 1
out_has "$(path_of "$a"):1:1: error: policy/pair: has the title of $b" "$(path_of "$b"):1:1: error: policy/pair: has the title of $a"
is 'findings' 2 "$(grep -c policy/pair "$top/out")"

begin 'what a rule finds of kinds and states that it does not bind is left out'
ticket_desk
rule all <<'END'
kinds: [ticket]
states: [doing]
find: "SELECT r.id, 'is seen' FROM record r"
END
a=$(new ticket --title Begun)
b=$(new ticket --title New)
new service id=billing --title Billing >/dev/null
sed -i 's/^state: new/state: doing/' "$(path_of "$a")"
run itsm check
code 1
out_has "$(path_of "$a"):1:1: error: policy/all: is seen"
out_lacks "$b" billing

# A rule policy/rules/NAME.sql, from standard input.
sql_rule() { # name
	mkdir -p policy/rules
	cat >"policy/rules/$1.sql"
}

begin 'a rule in SQL'
ticket_desk
sql_rule pair <<'END'
-- name: pair
-- severity: warning
-- help: Two of them are worked on twice
-- kinds: [ticket]
-- message: looks like another
-- remedy: |
--   close one of them
SELECT t.id, 'has the title of ' || o.id -- the other
FROM ticket t JOIN ticket o ON o.title = t.title AND o.id <> t.id
END
a=$(new ticket --title Same)
b=$(new ticket --title Same)
run itsm check
code 0
out_has "$(path_of "$a"):1:1: warning: policy/pair: has the title of $b" "$(path_of "$b"):1:1: warning: policy/pair: has the title of $a" \
	'close one of them'
run itsm check --rules
out_has policy/pair
run itsm check --explain policy/pair
code 0
out_has 'Two of them' 'policy/rules/pair.sql' 'FROM ticket t'
must git add -A
must git commit -qm 'a rule in SQL'
must git checkout -q -b proposal
new ticket --title Same >"$top/id"
run itsm check main..proposal
code 0
out_has "$(path_of "$(cat "$top/id")"):1:1: warning: policy/pair"
printf -- '-- name: pair\n-- enabled: false\n' >policy/rules/pair.sql
run itsm check --explain policy/pair
code 0
out_has 'switched off'
run itsm check
code 0
out_lacks policy/pair

begin 'what a rule finds at the base already is not held against a proposal that leaves it alone'
desk
new item id=db-1 --title 'Database 1' >/dev/null
new item id=db-2 --title 'Database 2' owner=ada-lovelace >/dev/null
mkdir -p policy/rules
printf 'name: owned\nmessage: is nobody%ss\nfind: "SELECT i.id FROM item i WHERE i.owner IS NULL"\n' "'" >policy/rules/owned.yaml
must git add policy
must git commit -q -m rule
must git checkout -q -b proposal
must itsm new incident --title Slow
run itsm check main..proposal
code 0
out ''
sed -i '/^owner:/d' transition/items/db-2.yaml
must git commit -q -a -m 'it has none'
run itsm check main..proposal
code 1
out "transition/items/db-2.yaml:1:1: error: policy/owned: is nobody's"
sed -i 's/^name: .*/name: Database/' transition/items/db-1.yaml
must git commit -q -a -m 'another name'
run itsm check main..proposal
out_has "transition/items/db-1.yaml:1:1: error: policy/owned: is nobody's"
run itsm check
code 1
out_has db-1 db-2
# one that cannot be asked lets nothing through
must git checkout -q main
printf 'name: owned\nfind: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, count(*) FROM n"\n' >policy/rules/owned.yaml
must git commit -q -a -m 'for ever'
must git checkout -q -b other
must git commit -q --allow-empty -m nothing
run itsm check main..other
code 1
out_has "policy/owned: the rule can't be asked: the query ran too long"

begin 'a rule says what it is about, and a proposal about other things is not asked'
desk
mkdir -p policy/rules
printf 'name: few\nabout: [incident]\nfind: "SELECT NULL, count(*) || %s FROM incident, item"\n' "' are too many'" >policy/rules/few.yaml
must git add policy
must git commit -q -m rule
must git checkout -q -b proposal
must itsm new objective id=one --title One
run itsm check main..proposal
code 0
must itsm new incident --title Slow
must itsm new item id=db-1 --title 'Database 1'
run itsm check main..proposal
code 1
out_has 'policy/few: 1 are too many'
printf 'name: few\nabout: [nothing]\nfind: "SELECT 1"\n' >policy/rules/few.yaml
run itsm check
code 1
out_has "there is no kind 'nothing'"
printf 'name: few\nkinds: [incident]\nabout: [incident]\nmust: "1"\nmessage: few\n' >policy/rules/few.yaml
run itsm check
code 1
out_has "'about' tells what 'find' asks about"

begin 'a rule in SQL takes the place of a built-in one, and no two files are one rule'
desk
sql_rule change-approval <<'END'
-- name: change-approval
SELECT c.id, 'is forbidden' FROM change c
END
run itsm check --explain policy/change-approval
code 0
out_has policy/rules/change-approval.sql 'is forbidden'
rule change-approval <<'END'
enabled: false
END
run itsm check
code 1
out_has 'error: policy/rule: ' "is the rule 'change-approval' already"

begin 'what is no rule in SQL is told with line and column'
wrong_sql() { # place text
	run itsm check
	code 1
	out_has "policy/rules/bad.sql:$1: error: policy/rule: $2"
}
desk
sql_rule bad <<'END'
SELECT 1
END
wrong_sql 1:1 'a rule in SQL begins with comment lines'
printf -- '\n-- name: bad\nSELECT 1\n' >policy/rules/bad.sql
wrong_sql 1:1 'a rule in SQL begins with comment lines'
printf -- '-- name: bad\n' >policy/rules/bad.sql
wrong_sql 1:4 'the rule asks for nothing'
printf -- '-- name: bad\n-- must: 1\nSELECT 1\n' >policy/rules/bad.sql
wrong_sql 2:10 "'must' is for rules in YAML"
printf -- '-- name: bad\n-- find: SELECT 1\nSELECT 2\n' >policy/rules/bad.sql
wrong_sql 2:10 "'find' is for rules in YAML"
printf -- '-- name: bad\n-- severty: note\nSELECT 2\n' >policy/rules/bad.sql
wrong_sql 2:4 "'severty' is no key of a rule"
printf -- '-- name: bad\n-- kinds: [tickets]\nSELECT 2\n' >policy/rules/bad.sql
wrong_sql 1:1 "there is no kind 'tickets'"
printf -- '-- name: other\nSELECT 2\n' >policy/rules/bad.sql
wrong_sql 1:1 "the rule is called 'other', its file 'bad'"
printf -- '-- name: bad\n-- help: &a [*a, *a]\nSELECT 2\n' >policy/rules/bad.sql
wrong_sql 2:10 ''
printf -- '-- name: bad\nSELECT 1 \0; DROP TABLE x\n' >policy/rules/bad.sql
wrong_sql 2:10 'there is an invisible character, U+0000'
printf -- '-- name: bad\nSELECT 1 /* \342\200\256 */\n' >policy/rules/bad.sql
wrong_sql 2:13 'there is an invisible character, U+202E'
printf -- '-- name: bad\nSELECT \377\n' >policy/rules/bad.sql
wrong_sql 2:8 'this is no UTF-8'

begin 'SQL of a rule that writes, attaches, reads outside, runs for ever or finds too much is refused'
desk
new incident --title One >/dev/null
mkdir -p policy/rules
before=$(git status --porcelain; itsm list --format json)
while IFS='|' read -r sql text; do
	printf -- '-- name: bad\n%s\n' "$sql" >policy/rules/bad.sql
	run itsm check
	code 1
	out_has "policy/rules/bad.sql:1:1: error: policy/bad: the rule can't be asked" "$text"
done <<'END'
DELETE FROM incident|
SELECT 1; SELECT 2|
ATTACH 'x.db' AS x|
PRAGMA user_version = 3|
SELECT id FROM itsm_content|
SELECT load_extension('x')|
SELECT readfile('/etc/passwd')|
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0|
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n|
SELECT zeroblob(1000000000)|
SELECT 'a', group_concat(hex(randomblob(100000))) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000) SELECT i FROM n)|
END
rm policy/rules/bad.sql
is 'nothing changed' "$before" "$(git status --porcelain; itsm list --format json)"
ln -s /etc/passwd policy/rules/bad.sql
run itsm check
out_has 'policy/rule'
out_lacks root:

begin 'records from before a rule are left alone'
desk
rule owned <<'END'
kinds: [incident]
from: 2026-11-22
require: {fields: [caller]}
END
old=$(new incident --title Old opened=2026-11-21T10:00:00Z)
young=$(new incident --title Young)
run itsm check
code 1
out_has "$young"
out_lacks "$old"

begin 'a built-in rule is overridden by name, or switched off'
desk
run itsm check --rules
code 0
out_has policy/change-approval policy/recorded-times policy/policy-change
run itsm check --explain policy/change-approval
code 0
out_has '(built-in), severity error' 'states: [scheduled, implement, review]'
rule change-approval <<'END'
help: Two are better than one
severity: warning
kinds: [change]
states: [scheduled]
require: {approvals: [{anyone: true, count: 2}]}
END
run itsm check --explain policy/change-approval
code 0
out_has 'Two are better' 'policy/rules/change-approval.yaml' 'severity warning'
rule change-approval <<'END'
enabled: false
END
run itsm check --explain policy/change-approval
code 0
out_has 'switched off'
run itsm check
code 0

begin 'what is no rule is told with line and column'
wrong() { # place text
	run itsm check
	code 1
	out_has "policy/rules/bad.yaml:$1: error: policy/rule: $2"
}
desk
rule bad <<'END'
kinds: [incident]
mustt: "1"
END
wrong 3:1 "'mustt' is no key of a rule"
rule bad <<'END'
kinds: [incident]
require: {fields: [title], field: [title]}
END
wrong 3:28 "'field' is no key of 'require'"
rule bad <<'END'
kinds: [incident]
END
wrong 1:1 'the rule asks for nothing'
rule bad <<'END'
kinds: [incidents]
require: {fields: [title]}
END
wrong 1:1 "there is no kind 'incidents'"
rule bad <<'END'
kinds: [incident]
states: [opened]
require: {fields: [title]}
END
wrong 1:1 "none of the kinds it binds has a state 'opened'"
rule bad <<'END'
kinds: [incident]
require: {fields: [titel]}
END
wrong 1:1 "the kind incident has no field 'titel'"
rule bad <<'END'
kinds: [change]
require: {approvals: [{team: cab, person: jane}]}
END
wrong 3:23 'an approval names one of person, team, role, field or anyone'
rule bad <<'END'
kinds: [change]
require: {approvals: [{team: cab, count: "150 %"}]}
END
wrong 3:42 "'150 %' is no count"
rule bad <<'END'
severity: fatal
kinds: [change]
require: {fields: [title]}
END
wrong 2:11 "'fatal' is no severity"
rule bad <<'END'
from: yesterday
kinds: [change]
require: {fields: [title]}
END
wrong 2:7 "'yesterday' is no date"
rule other <<'END'
kinds: [change]
require: {fields: [title]}
END
mv policy/rules/other.yaml policy/rules/bad.yaml
wrong 1:1 "the rule is called 'other', its file 'bad'"

begin 'SQL that does not compile is a finding at the rule'
desk
rule bad <<'END'
kinds: [incident]
must: "self.absent > 1"
message: m
END
run itsm check
code 1
out_has "policy/rules/bad.yaml:1:1: error: policy/bad: the rule can't be asked: no such column: self.absent"
rule bad <<'END'
find: "SELEC 1"
END
run itsm check
code 1
out_has "policy/rules/bad.yaml:1:1: error: policy/bad: the rule can't be asked: near \"SELEC\": syntax error"

# Three people, and a change that is as good as scheduled.
crew() {
	desk
	new person id=grace --title 'Grace Hopper' mail=grace@example.org >/dev/null
	new person id=alan --title 'Alan Turing' mail=alan@example.org >/dev/null
}

ready() { # field=value ...
	new change --title 'Move it' requester=ada-lovelace implementer=ada-lovelace risk=low "$@" --body-file - <<'END'
## Reason

Full.

## Plan

Copy.

## Backout plan

Back.

## Test plan

Look.
END
}

begin 'an approved change stays as it was approved'
crew
id=$(ready window.start=2026-11-22T09:00:00Z window.end=2026-11-22T11:00:00Z)
for state in submitted assess authorise; do must itsm move "$id" $state; done
as grace itsm approve "$id"
must itsm move "$id" scheduled
before=$(git rev-parse HEAD)
run itsm set "$id" window.end=2026-11-22T23:00:00Z
code 1
err_has 'error: policy/change-approval' 'approval/stale'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
run itsm set "$id" priority=1
code 0
must itsm move "$id" draft
must itsm set "$id" window.end=2026-11-22T23:00:00Z

begin 'what is closed is not changed by a command either'
desk
id=$(new incident --title T impact=2 urgency=2)
must itsm move "$id" cancelled -m 'not one'
before=$(git rev-parse HEAD)
run itsm set "$id" title=Other
code 1
err_has 'policy/closed-kept: title of an incident that is finished is changed' 'leave it as it was, and say in a note what came to light'
sed 's/^title: T/title: Other/' "$(path_of "$id")" >"$top/other"
run itsm edit "$id" -F "$top/other"
code 1
err_has 'policy/closed-kept'
is 'nothing is committed' "$before" "$(git rev-parse HEAD)"
run itsm set "$id" external_links=TICKET-1
code 0
run itsm note "$id" -m 'It was the cable.'
code 0

begin 'an emergency is carried out at once; the finding comes with the time of the policy'
crew
id=$(ready type=emergency)
must itsm move "$id" submitted
must itsm move "$id" implement
run itsm check
code 0
out_has "note: policy/change-emergency-approval: $id: needs the approval of 1 of anyone until 2026-11-23T10:00:00Z"
ITSM_NOW=2026-11-23T10:00:01Z
run itsm check
code 1
out_has 'error: policy/change-emergency-approval'
as grace itsm approve "$id"
run itsm check
code 0
out_has "warning: policy/change-emergency-approval: $id: the approval of 1 of anyone came later than 2026-11-23T10:00:00Z"
must itsm move "$id" review
ITSM_NOW=2026-11-25T11:00:00Z
run itsm check
code 1
out_has "error: policy/change-emergency-review: is an emergency that was not reviewed within 48 hours"
ITSM_NOW=2026-11-22T10:00:00Z

begin 'a waiver makes a note of a finding, counted and shown, until its last day'
crew
rule owned <<'END'
kinds: [incident]
require: {fields: [caller]}
END
must git add -A
must git commit -qm 'a rule'
id=$(itsm new incident --title Slow caller=alan 2>"$top/err")
other=$(itsm new incident --title Other caller=alan 2>"$top/err")
for one in "$id" "$other"; do
	sed -i '/^caller:/d' "$(path_of "$one")"
done
must git commit -qam 'no callers'
run itsm check
code 1
is 'errors' 2 "$(grep -c 'error: policy/owned' "$top/out")"
waiver=$(new waiver --title 'Nobody called' rule='policy/own*' records="$id" owner=ada-lovelace expires=2026-11-30 --body-file - <<'END'
## Reason

A machine told us.
END
)
run itsm check
is 'errors' 2 "$(grep -c 'error: policy/owned' "$top/out")"
run itsm move "$waiver" approved
code 1
err_has 'policy/waiver-approval'
as grace itsm approve "$waiver"
must itsm move "$waiver" approved
run itsm check
code 1
out_has "note: policy/owned: has no caller (waived by $waiver until 2026-11-30)"
is 'errors' 1 "$(grep -c 'error: policy/owned' "$top/out")"
err_has '1 error, 1 note' '1 waived'
ITSM_NOW=2026-12-01T10:00:00Z
run itsm check
code 1
is 'errors' 2 "$(grep -c 'error: policy/owned' "$top/out")"
out_has "error: waiver/expired: it waived policy/owned until 2026-11-30 and holds no longer"
ITSM_NOW=2026-11-22T10:00:00Z

begin 'a guard is waived for a move'
crew
id=$(new incident --title Slow)
must itsm move "$id" assigned
run itsm move "$id" pending
code 1
err_has guard/incident/pending-reason
waiver=$(new waiver --title 'No reasons' rule=guard/incident/pending-reason owner=ada-lovelace expires=2026-11-30 --body-file - <<'END'
## Reason

We know.
END
)
as grace itsm approve "$waiver"
must itsm move "$waiver" approved
run itsm next "$id"
out_has 'open     It waits for something'
run itsm move "$id" pending
code 0

begin 'requirements of approvals: people, teams, roles, so many, all, a percentage'
crew
new team id=cab --title 'Board' members=ada-lovelace,grace,alan >/dev/null
must itsm set alan roles=change-manager
rule change-approval <<'END'
kinds: [change]
states: [scheduled]
require:
  approvals:
    - {team: cab, count: 2}
    - {role: change-manager, when: "self.risk = 'high'"}
END
must git add -A
must git commit -qm 'the board'
id=$(ready window.start=2026-11-22T09:00:00Z window.end=2026-11-22T11:00:00Z)
for state in submitted assess authorise; do must itsm move "$id" $state; done
as grace itsm approve "$id"
run itsm move "$id" scheduled
code 1
err_has 'policy/change-approval' 'the approval of 2 of team cab: 1 of 2; could be given by alan'
as alan itsm approve "$id"
run itsm move "$id" scheduled
code 0
must git reset -q --hard HEAD~2
must itsm set "$id" risk=high
as grace itsm approve "$id"
run itsm move "$id" scheduled
code 1
err_has 'role change-manager'

finish
