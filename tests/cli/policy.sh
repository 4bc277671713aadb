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

finish
