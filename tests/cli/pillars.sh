#!/bin/sh
# The practices of the five pillars: each kind can be made, and their workflows hold.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# The rules that the last move was refused by, in order, without "guard/<kind>/" and "policy/".
refused_by() {
	code 1
	is 'the guards' "$*" "$(sed -n -e 's/^.*: error: guard\/[a-z]*\/\([a-z-]*\):.*/\1/p' -e 's/^.*: error: policy\/\([a-z-]*\):.*/\1/p' \
		"$top/err" | tr '\n' ' ' | sed 's/ $//')"
}

# Write sections into a record and commit it with plain git.
write() { # id section ...
	file=$(path_of "$1")
	shift
	for section; do
		/usr/bin/python3 - "$file" "$section" <<'END'
import sys
path, section = sys.argv[1:]
text = open(path, encoding="utf-8").read()
head = f"## {section}\n"
if head in text:
    text = text.replace(head, head + "\nSomething of substance.\n", 1)
else:
    text += f"\n{head}\nSomething of substance.\n"
open(path, "w", encoding="utf-8").write(text)
END
	done
	must git commit -qm "$file: written" -- "$file"
}

approve() { # id [first name]
	as "${2:-grace}" itsm approve "$1"
}

# A desk with two people, a service and an item.
crew() {
	desk
	new person id=grace-hopper --title 'Grace Hopper' mail=grace@example.org >/dev/null
	new person id=alan-turing --title 'Alan Turing' mail=alan@example.org >/dev/null
	new service id=billing --title Billing owner=ada-lovelace >/dev/null
	new item id=db-1 --title 'Database 1' services=billing owner=alan-turing >/dev/null
}

begin 'one of every kind can be made of its required fields, is found, shown, and holds'
crew
change=$(new change --title Change)
itsm kinds --format id >"$top/kinds"
cat >"$top/make.py" <<'END'
"""The words of `itsm new` for a kind: a value for each required field."""
import json, subprocess, sys

kind, change = sys.argv[1:]
out = subprocess.run(["itsm", "schema", kind, "--format", "json"], check=True, capture_output=True, text=True).stdout
[schema] = json.loads(out)["records"]
known = {"person": "ada-lovelace", "team": "service-desk", "service": "billing", "item": "db-1", "calendar": "business-hours",
         "change": change}
sample = {"string": "text", "text": "text", "int": "1", "number": "1", "bool": "true", "date": "2026-11-22",
          "time": "2026-11-22T09:00:00Z", "duration": "4h", "mail": "a@example.org", "url": "https://example.org/"}
words = []
for field in schema["fields"]:
    if not field["required"] or field["default"] is not None:
        continue
    if (kind, field["name"]) == ("matrix", "rows"):
        value = "1 2,2 3"
    elif (kind, field["name"]) == ("duty", "roles"):
        value = "pays,orders"
    elif (kind, field["name"]) == ("calendar", "zone"):
        value = "Europe/Berlin"
    elif field["type"] == "enum":
        value = field["values"][0]
    elif field["type"] == "ref":
        value = next((known[name] for name in field["to"] or known if name in known), None)
        if value is None:
            sys.exit(f"{kind}: nothing to refer to from {field['name']}")
    else:
        value = sample[field["type"]]
    words.append(f"{field['name']}={value}")
if schema["prefix"] is None and not schema["part"]:
    words.append(f"id={kind}-one")
if schema["part"]:
    words.append(f"record={change}")
print("\n".join(words))
END
made=0
while read -r kind; do
	[ "$kind" != slo ] || continue # a document of another format: below
	/usr/bin/python3 "$top/make.py" "$kind" "$change" >"$top/words" 2>"$top/said" || { problem "$(tail -n 1 "$top/said")"; continue; }
	set --
	while read -r word; do [ -z "$word" ] || set -- "$@" "$word"; done <"$top/words"
	run itsm new "$kind" "$@"
	[ "$got" -eq 0 ] || { problem "\$ $last" "$(cat "$top/err")"; continue; }
	made=$((made + 1))
	id=$(cat "$top/out")
	run itsm show "$id"
	code 0
	run itsm list "$kind" --format id
	code 0
	out_has "${id##*/}"
	run itsm next "$id"
	[ "$got" -eq 0 ] || [ "$got" -eq 2 ] || problem "\$ $last ended with $got"
done <"$top/kinds"
is 'how many kinds' "$(($(wc -l <"$top/kinds") - 1))" "$made"
run_with 'apiVersion: openslo/v1
kind: SLO
metadata: {name: fast-enough, displayName: Fast enough}
spec:
  service: billing
  indicatorRef: latency
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
' itsm new slo id=fast-enough --file -
code 0
run itsm check
code 0
clean

begin 'strategy: a demand from draft to completed'
crew
objective=$(new objective --title 'Pay on time' owner=ada-lovelace)
id=$(new demand --title 'Invoices within a day' requester=)
run itsm move "$id" submitted
refused_by requester need
must itsm set "$id" requester=alan-turing
write "$id" Need
must itsm move "$id" submitted
must itsm move "$id" screening
run itsm move "$id" qualified
refused_by score objective
must itsm set "$id" value=3 risk=2 size=m objectives="$objective"
run itsm move "$id" rejected
refused_by reason
must itsm move "$id" qualified
run itsm move "$id" approved
refused_by cost demand-approval
run itsm next "$id"
sound

begin 'design: a service goes live only with a complete, approved package'
crew
must itsm move billing design
must itsm set billing team=service-desk
run itsm move billing live
refused_by design-package
id=$(new package --title 'Billing design' service=billing owner=ada-lovelace)
run itsm move "$id" review
code 1
err_has 'has no requirements' 'has no architecture' 'says nothing of security' 'operational readiness'
write "$id" Requirements Architecture 'Service levels' Capacity Availability Continuity Security 'Support model' 'Operational readiness'
must itsm move "$id" review
run itsm move "$id" approved
code 1
err_has 'policy/package-approval'
approve "$id" ada
must itsm move "$id" approved
run itsm move billing live
code 0
run itsm show billing --format json
out_has '"state":"live"' '"live_since":"2026-11-22T10:00:00Z"'
sound

begin 'transition: an emergency skips the assessment and is authorised afterwards'
crew
id=$(new change --title 'Stop the leak' type=emergency requester=ada-lovelace implementer=alan-turing)
write "$id" Reason Plan 'Backout plan' 'Test plan'
must itsm move "$id" submitted
run itsm move "$id" assess
code 1
err_has 'workflow/when' 'an emergency cannot wait'
must itsm move "$id" implement
must itsm move "$id" review
run itsm move "$id" closed outcome=successful
refused_by change-emergency-closing
approve "$id"
run itsm move "$id" closed outcome=successful
code 0
sound

begin 'transition: a standard change follows a published model, and its own people do not approve'
crew
model=$(new article --title 'How to restart' type=standard-change)
id=$(new change --title Restart type=standard requester=ada-lovelace implementer=alan-turing)
write "$id" Reason
must itsm move "$id" submitted
run itsm move "$id" scheduled window.start=2026-11-22T09:00:00Z window.end=2026-11-22T11:00:00Z
code 1
err_has 'guard/change/model'
run itsm move "$id" assess
code 1
err_has 'was assessed as a model'
run itsm set "$id" model="$model"
code 1
err_has 'policy/change-model-expired: follows an article that is no published model'
id=$(new change --title Normal requester=ada-lovelace implementer=alan-turing risk=low window.start=2026-11-22T11:00:00Z window.end=2026-11-22T12:00:00Z)
write "$id" Reason Plan 'Backout plan' 'Test plan'
for state in submitted assess authorise; do must itsm move "$id" $state; done
approve "$id" ada
approve "$id" alan
run itsm move "$id" scheduled
refused_by change-approval
approve "$id"
must itsm move "$id" scheduled
run itsm move "$id" implement
refused_by in-window
ITSM_NOW=2026-11-22T11:30:00Z
must itsm move "$id" implement
must itsm move "$id" review
run itsm move "$id" closed outcome=failed
refused_by review
write "$id" Causes Actions
run itsm move "$id" closed outcome=failed
code 0
sound
ITSM_NOW=2026-11-22T10:00:00Z

begin 'transition: a freeze stops a change, and one before it has to be done'
crew
first=$(new change --title First requester=ada-lovelace)
id=$(new change --title Second type=emergency requester=ada-lovelace implementer=alan-turing depends_on="$first")
write "$id" Reason Plan 'Backout plan' 'Test plan'
must itsm move "$id" submitted
cat >>policy/calendars/business-hours.yaml <<'END'
freezes:
  - {name: Year end, start: 2026-11-20T00:00:00Z, end: 2026-11-30T00:00:00Z}
END
must git commit -qam 'a freeze'
run itsm check
code 0
run itsm move "$id" implement
refused_by before change-emergency-freeze
sound

begin 'operation: an incident, pending, resolved, opened again, closed'
crew
id=$(new incident --title 'Late' impact=2 urgency=2 team= service=billing)
run itsm move "$id" assigned
refused_by team
must itsm move "$id" assigned team=service-desk
run itsm move "$id" pending
refused_by pending-reason
must itsm move "$id" pending pending_reason=supplier
must itsm move "$id" assigned
run itsm move "$id" resolved
refused_by resolution-code resolution
write "$id" Resolution
must itsm move "$id" resolved resolution_code=fixed
must itsm move "$id" assigned
must itsm move "$id" resolved
child=$(new incident --title Part impact=3 urgency=3 parent="$id")
run itsm move "$id" closed
refused_by children
must itsm move "$child" cancelled
run itsm move "$id" closed
code 0
run itsm list incident state:open --format id
out ''
sound

begin 'operation: a major incident is closed with a published review'
crew
id=$(new incident --title 'All down' impact=1 urgency=1 major=true commander=ada-lovelace)
must itsm move "$id" assigned
write "$id" Resolution
must itsm move "$id" resolved resolution_code=fixed
run itsm move "$id" closed
refused_by major-review
sound

begin 'operation: a problem, from its cause to its fix'
crew
id=$(new problem team= --title 'Again and again')
run itsm move "$id" assess
refused_by team
must itsm move "$id" assess team=service-desk
run itsm move "$id" root-cause
refused_by priority
must itsm move "$id" root-cause priority=2
run itsm move "$id" fix
refused_by cause
run itsm move "$id" accepted-risk
refused_by risk workaround
write "$id" 'Root cause' Fix
must itsm move "$id" fix
must itsm move "$id" resolved
run itsm move "$id" closed
code 0
sound

begin 'improvement: accepted with an objective, approved with a benefit, measured at the end'
crew
id=$(new improvement --title 'Fewer late invoices' owner=)
run itsm move "$id" accepted
refused_by objective
must itsm move "$id" accepted objectives="$(new objective --title 'Pay on time')"
run itsm move "$id" assess
refused_by owner
must itsm move "$id" assess owner=alan-turing
run itsm move "$id" approved
refused_by benefit improvement-approval
must itsm set "$id" benefit.metric="$(new metric id=late --title 'Late invoices')" benefit.baseline=20 benefit.target=5
approve "$id"
must itsm move "$id" approved
must itsm move "$id" in-progress
must itsm move "$id" review
run itsm move "$id" closed
refused_by measured result
write "$id" Result
run itsm move "$id" closed benefit.actual=4
code 0
sound

finish
