#!/bin/sh
# kinds and schema: kinds are data; a desk adds a kind, a state, a guard without recompiling.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'every kind of the five pillars is there'
run itsm kinds --format id
code 0
for kind in objective demand service risk offering package agreement slo supplier continuity capacity \
	change item release deployment article alert incident problem request outage access rota \
	improvement review feedback metric waiver person team calendar matrix duty approval note evidence; do
	grep -qx "$kind" "$top/out" || problem "no kind '$kind'"
done
run itsm kinds --format json
code 0
out_has '"schema_version":1'
run itsm kinds
code 0
out_has strategy design transition operation improvement

begin 'schema tells fields, sections, states and guards of every kind'
desk
itsm kinds --format id >"$top/kinds"
while read -r kind; do
	run itsm schema "$kind"
	code 0
	out_has "$kind"
	run itsm schema "$kind" --json-schema
	code 0
	/usr/bin/python3 -c '
import json, sys, jsonschema
jsonschema.Draft202012Validator.check_schema(json.load(sys.stdin))' <"$top/out" 2>"$top/said" ||
		problem "schema $kind is no JSON Schema" "$(tail -n 3 "$top/said")"
done <"$top/kinds"
run itsm schema change
out_has 'Backout plan' authorise window
run itsm schema nothing
code 2
err_has 'itsm kinds'

begin 'an independent validator takes what the tool wrote, and refuses what check refuses'
ticket_desk
id=$(new ticket --title 'Odd: "1.10"' severity=high points=3 number=007 due=2026-11-30 start=2026-11-22T10:00:00+01:00 tags=a,no blocks=)
two=$(new ticket --title no tags=1.10 blocks="$id")
new service id=billing --title Billing >/dev/null
new item id=db-1 --title 'DB 1' >/dev/null
new incident --title 'An incident' impact=2 urgency=3 >/dev/null
new change --title 'A change' >/dev/null
cat >"$top/validate.py" <<'END'
"""Validate the front matter of every record against the schema that the tool prints for its kind."""
import json, subprocess, sys
import jsonschema, yaml

class Text(yaml.SafeLoader):
    """YAML as the schema's types mean it: what is a date or a time stays text."""

for tag in list(Text.yaml_implicit_resolvers):
    Text.yaml_implicit_resolvers[tag] = [
        (name, pattern) for name, pattern in Text.yaml_implicit_resolvers[tag]
        if name not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value", "tag:yaml.org,2002:merge")]

def itsm(*words):
    return json.loads(subprocess.run(["itsm", *words], check=True, capture_output=True, text=True).stdout)

schemas = {}
wrong = 0
for record in itsm("list", "--format", "json")["records"]:
    kind = record["kind"]
    if kind not in schemas:
        schemas[kind] = jsonschema.Draft202012Validator(itsm("schema", kind, "--json-schema"))
    with open(record["path"], encoding="utf-8") as file:
        text = file.read()
    if record["path"].endswith(".md"):
        text = text.split("---\n", 2)[1]
    for error in schemas[kind].iter_errors(yaml.load(text, Text)):
        print(record["path"], error.json_path, error.message)
        wrong += 1
sys.exit(1 if wrong else 0)
END
run /usr/bin/python3 "$top/validate.py"
code 0
out ''
sound
file=$(path_of "$two")
for edit in 's/^title: .*//' 's/^severity: .*/severity: medium/' '/^title/a points: ten' '/^title/a points: 10' '/^title/a colour: red' \
	's/^state: .*/state: flying/' '/^title/a due: 2026-13-01x'; do
	sed -i "$edit" "$file"
	run itsm check
	code 1
	run /usr/bin/python3 "$top/validate.py"
	code 1
	out_has "$file"
	must git checkout -q "$file"
done

begin 'a desk adds a kind: new, list, check, schema, next all know it'
ticket_desk
run itsm kinds --format id
out_has ticket
id=$(new ticket --title T)
is 'its place' "operation/tickets/2026/11/$id.md" "$(path_of "$id")"
run itsm list tickets --format id
code 0
out "$id"
run itsm schema ticket
code 0
out_has 'has no points' 'policy/kinds/ticket.yaml'

begin 'a desk adds a state, a field and a guard to a built-in kind'
desk
mkdir -p policy/kinds
cat >policy/kinds/incident.yaml <<'END'
kind: incident
fields:
  ticket_of_vendor: {type: string}
states:
  parked: {open: true, help: Put aside for now}
transitions:
  - {from: [new], to: parked}
  - {from: [parked], to: cancelled}
guards:
  - {name: vendor, to: [parked], must: "self.ticket_of_vendor IS NOT NULL", message: has no ticket of the vendor, remedy: set ticket_of_vendor}
END
must git add policy
must git commit -qm 'parked incidents'
id=$(new incident --title T impact=3 urgency=3)
run itsm next "$id"
out_has parked 'has no ticket of the vendor'
run itsm move "$id" parked
code 1
err_has 'guard/incident/vendor' 'has no ticket of the vendor'
run itsm move "$id" parked ticket_of_vendor=V-1
code 0
run itsm list incident state:parked --format id
out "$id"
run itsm list incident state:open --format id
out "$id"
run itsm list incident ticket_of_vendor:V-1 --format id
out "$id"
sound

begin 'a desk takes away and replaces'
desk
mkdir -p policy/kinds
cat >policy/kinds/service.yaml <<'END'
kind: service
replace: true
pillar: strategy
help: A service, our way
folder: strategy/services
file: yaml
filed: slug
title: called
fields:
  called: {type: string, required: true}
END
run itsm new service id=one called=One
code 0
is 'the file' 'called: One' "$(cat strategy/services/one.yaml)"
run itsm check strategy 2>/dev/null
run itsm check
code 0

begin 'a kind that does not hold is refused with its place, whatever is asked'
desk
mkdir -p policy/kinds
for text in 'kind: broken\npillar: operation\nfolder: operation/broken\nfile: md\nfiled: month\nprefix: BRK\nfields:\n  title: {type: strange}\n' \
	'kind: broken\npillar: operation\nfolder: operation/broken\nfile: md\nfiled: month\nprefix: BRK\nstates:\n  a: {}\ntransitions:\n  - {from: [a], to: b}\n' \
	'kind: broken\npillar: operation\nfolder: operation/incidents\nfile: md\nfiled: month\nprefix: BRK\n' \
	'kind: broken\npillar: operation\nfolder: operation/broken\nfile: md\nfiled: month\nprefix: INC\n'; do
	printf '%b' "$text" >policy/kinds/broken.yaml
	run itsm list
	code 3
	err_has policy/kinds/broken.yaml
done

begin 'a guard whose SQL is wrong is told by check and by move'
ticket_desk
id=$(new ticket --title T)
must itsm move "$id" doing
sed -i 's/self.points IS NOT NULL/self.pionts IS NOT NULL/' policy/kinds/ticket.yaml
run itsm check
[ "$got" -ne 0 ] || problem 'check says nothing of a guard that does not compile'
run itsm move "$id" fixed
[ "$got" -ne 0 ] || problem 'the guard does not guard'
cat "$top/err" >"$top/out"
out_has pionts

finish
