#!/bin/sh
# risk: computed by the policy's model, every step shown, and held against what is declared.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A change of db-1 with impact 1 and likelihood 2: high by the matrix.
assessed() {
	desk
	new item id=db-1 --title 'Database 1' >/dev/null
	new item id=db-2 --title 'Database 2' >/dev/null
	id=$(new change --title 'Move the database' requester=ada-lovelace items=db-1 impact=1 likelihood=2 "$@" --body-file - <<'END'
## Reason

Full.
END
)
}

# Another change of the item, which ended so, that many days ago.
former() {
	folder=transition/changes/2026/10
	mkdir -p $folder
	cat >"$folder/CHG-$1.md" <<END
---
state: closed
title: Former
type: normal
items: [$2]
team: ${5:-dba}
outcome: $3
opened: 2026-01-01T10:00:00Z
finished: $4
closed: $4
---
END
	git add "$folder" && git commit -qm Former
}

begin 'every step, and the highest counts'
assessed answers.users=some
run itsm risk "$id"
code 1
out_has 'risk very-high, declared none, which is too low; by the model of the kind (built-in)' \
	'failed_changes = 0' '1. no        input.failed_changes >= 2 -> high' \
	'answers.users: some, weight 3, adds 3' 'answers.backout: not answered, weight 3, adds 9 as the worst' \
	'score 25' 'impact 1, likelihood 2: row 1 of 3, column 2 of 3'
run itsm risk "$id" --format json
code 1
is 'the levels' 'very-high high very-high' "$(python3 -c '
import json, sys
row = json.load(open(sys.argv[1]))["records"][0]
print(row["risk"], row["matrix"]["level"], row["questionnaire"]["level"])' "$top/out")"

begin 'what failed lately on the same items counts'
assessed impact= likelihood=
former 11111111 db-1 failed 2026-11-01T10:00:00Z
former 22222222 db-1 backed-out 2026-08-25T10:00:00Z
former 33333333 db-1 failed 2026-08-01T10:00:00Z
former 44444444 db-2 failed 2026-11-01T10:00:00Z
former 55555555 db-1 successful 2026-11-01T10:00:00Z
run itsm risk "$id"
out_has 'failed_changes = 2 ' '1. yes       input.failed_changes >= 2 -> high: several changes of its items failed lately' \
	'2. not asked input.failed_changes' 'risk high' 'impact is not given, likelihood is not given'

begin 'the success score of the team'
assessed impact= likelihood=
new team id=dba --title 'Database people' >/dev/null
must itsm set "$id" team=dba
new team id=web --title 'Web people' >/dev/null
first=$(new incident --title 'Down' priority=1 team=dba)
third=$(new incident --title 'Slow' priority=3 team=dba)
former 11111111 db-2 successful 2026-11-01T10:00:00Z
former 22222222 db-2 with-issues 2026-11-01T10:00:00Z
former 33333333 db-2 failed 2026-11-01T10:00:00Z
former 44444444 db-2 failed 2026-11-01T10:00:00Z web
former 55555555 db-2 failed 2025-11-01T10:00:00Z
sed -i "s/^outcome: failed/&\ncaused: [$first, $third]/" transition/changes/2026/10/CHG-33333333.md
git commit -qam Caused
run itsm risk "$id"
# 3 - 2 - 5 - 10 - 2
out_has 'team_changes = 3 ' 'team_score = -16 ' '3. yes       input.team_changes >= 3 AND input.team_score < 0 -> medium'

begin '--set writes the computed risk where a lower one stands, and never lowers it'
assessed
run itsm risk "$id" --set -m 'By the model'
code 0
is 'the risk' high "$(itsm show "$id" --format json | grep -o '"risk":"[a-z-]*"' | head -n 1 | cut -d '"' -f 4)"
is 'the commit' 'By the model' "$(git log -1 --format=%b | head -n 1)"
before=$(git rev-parse HEAD)
must itsm set "$id" risk=very-high
run itsm risk "$id" --set
code 0
out_has 'risk high, declared very-high;'
is 'the commits' 1 "$(git rev-list --count "$before..HEAD")"
clean

begin 'a lower risk than is computed stops it at authorise, and is a finding of check'
assessed risk=low
for state in submitted assess; do must itsm move "$id" "$state"; done
before=$(git rev-parse HEAD)
run itsm move "$id" authorise
code 1
err_has 'error: policy/change-risk: ' 'has a lower risk than is computed' 'itsm risk ID --set'
is 'the commit' "$before" "$(git rev-parse HEAD)"
must itsm risk "$id" --set
must itsm move "$id" authorise
run itsm check
code 0
run itsm set "$id" likelihood=1
code 1
err_has 'policy/change-risk'
sed -i 's/^likelihood: 2/likelihood: 1/' transition/changes/2026/11/"$id".md
run itsm check
code 1
out_has "error: policy/change-risk: has a lower risk than is computed"

begin 'a model of the desk, for a kind of its own too'
assessed risk=low
mkdir -p policy/risks policy/kinds
cat >policy/risks/change.yaml <<'END'
name: change
field: risk
levels: [low, high]
inputs:
  reason: {sql: "filled('Reason')"}
rules:
  - {when: "input.reason AND self.type = 'normal'", level: high, because: it has a reason}
END
cat >policy/kinds/project.yaml <<'END'
kind: project
pillar: strategy
help: A project
folder: strategy/projects
file: yaml
prefix: PRJ
title: title
fields:
  title: {type: string, required: true, help: What}
  danger: {type: enum, values: [none, some], help: How dangerous}
  size: {type: int, min: 1, help: How large}
  age: {type: int, min: 1, help: How old}
END
cat >policy/risks/project.yaml <<'END'
name: project
field: danger
levels: [none, some]
matrix: {rows: size, columns: age, levels: [[none, none], [none, some]]}
END
run itsm risk "$id"
code 1
out_has 'risk high' 'by the model of policy/risks/change.yaml' 'reason = 1'
project=$(new project --title Big size=2 age=7)
run itsm risk "$project"
code 1
out_has 'risk some, declared none'
run itsm sql "SELECT self.title, computed_risk('project'), risk_rank('some', 'project') FROM project AS self" --format csv
code 0
out_has 'title,computed_risk,risk_rank'
run itsm risk db-1
code 2
err "itsm: db-1 is an item, for which there is no risk model; write policy/risks/item.yaml"

begin 'what fails with its items counts'
assessed impact= likelihood=
new service id=pay --title Payments criticality=critical >/dev/null
new item id=app --title App depends_on=db-1 services=pay >/dev/null
run itsm risk "$id"
out_has 'fails_with_it = 2 ' 'critical_services = 1 ' '4. yes ' 'risk medium'
must itsm set "$id" items=
run itsm risk "$id"
out_has 'fails_with_it = 0 ' 'critical_services = 0 ' 'risk unknown'
code 0

begin 'where the desk took away what the built-in model reads, the rest of it counts'
assessed
mkdir -p policy/kinds
printf 'kind: service\nreplace: true\npillar: strategy\nhelp: Ours\nfolder: strategy/services\nfile: yaml\ntitle: called\nfields:\n  called: {type: string}\n' \
	>policy/kinds/service.yaml
former 11111111 db-1 failed 2026-11-01T10:00:00Z
run itsm risk "$id"
code 1
out_has 'critical_services = -' '2. yes       input.failed_changes' 'risk high'
run itsm check
out_lacks "can't be asked"

begin 'rules ask for the computed risk, of the record and of its kind'
assessed risk=high
mkdir -p policy/rules
cat >policy/rules/two-for-high-risk.yaml <<'END'
name: two-for-high-risk
kinds: [change]
states: [authorise]
when: "risk_rank(computed_risk()) >= risk_rank('high')"
must: "self.downtime IS NOT NULL"
message: says nothing of its downtime
END
git add policy && git commit -qm Policy
for state in submitted assess; do must itsm move "$id" "$state"; done
run itsm move "$id" authorise
code 1
err_has 'policy/two-for-high-risk'
must itsm set "$id" likelihood=3
must itsm move "$id" authorise
run itsm check
code 0

begin 'a model that is none is a finding at its line, and judges nothing'
assessed
mkdir -p policy/risks
printf 'name: change\nfield: risk\nlevels: [low, huge]\nmatrix: {rows: impact, columns: likelihood, levels: [[low]]}\n' >policy/risks/change.yaml
run itsm check
code 1
out_has "policy/risks/change.yaml:1:1: error: policy/risk: 'huge' is no value of change's field 'risk'"
run itsm risk "$id"
code 3
err_has "'huge' is no value of change's field 'risk'"
printf 'name: change\nfield: risk\nlevels: [low, high]\ninputs:\n  x: {sql: "SELECT nowhere FROM change"}\nrules:\n  - {when: "input.x", level: high}\n' >policy/risks/change.yaml
run itsm check
code 1
out_has "policy/risks/change.yaml:1:1: error: policy/risk: the risk model can't be asked: input 'x': no such column: nowhere"
printf 'name: change\nfield: risk\nlevels: [low, high]\nrules:\n  - {when: "computed_risk() IS NULL", level: high}\n' >policy/risks/change.yaml
run itsm check
code 1
out_has 'rule in line 5: computed_risk() has no place in a risk model'
printf 'name: change\nfield: risk\nlevels: [low, high]\nrules:\n  - {when: "1) FROM itsm_content --", level: high}\n' >policy/risks/change.yaml
run itsm check
code 1
out_has 'names with itsm_ are taken'
printf 'name: release\nfield: risk\nlevels: [low, high]\nrules:\n  - {when: "1", level: high}\n' >policy/risks/change.yaml
run itsm check
code 1
out_has "the model judges the kind 'release'; give its file the same name"

begin 'a proposal is judged by the model of its base, whatever it makes of it'
assessed risk=low
for state in submitted assess; do must itsm move "$id" "$state"; done
git checkout -qb proposal
mkdir -p policy/risks
printf 'name: change\nfield: risk\nlevels: [low, high]\nrules:\n  - {when: "0", level: high}\n' >policy/risks/change.yaml
git add policy && git commit -qm 'Nothing is risky'
must itsm move "$id" authorise
run itsm check main..HEAD
code 1
out_has 'error: policy/change-risk' 'has a lower risk than is computed'

begin 'a hostile answer and field stay in their place'
assessed 'answers.users=some' risk=low
sed -i "s/users: some/users: \"x', 1) --\\\\e[31m\"/" transition/changes/2026/11/"$id".md
git commit -qam Hostile
run itsm risk "$id"
code 1
out_has 'which is no answer' 'adds 9 as the worst'
out_lacks "$(printf '\033')"
run itsm set "$id" answers.=x
code 2
run itsm set "$id" answered.users=x
code 2
err_has "'answered.users' is no field of kind 'change'"

finish
