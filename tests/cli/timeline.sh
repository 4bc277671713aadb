#!/bin/sh
# itsm timeline: what happened around an incident, from history, notes, alerts, changes and deployments.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

at() { # TIME COMMAND ...
	when=2026-11-22T$1:00Z
	shift
	must env ITSM_NOW="$when" "$@"
}

bad_night() {
	desk
	must itsm new service id=billing name=Billing team=service-desk
	must itsm new item id=host-1 name=Host
	must itsm new item id=db-1 name=Database services=billing runs_on=host-1
	must itsm new item id=printer name=Printer
	must itsm new deployment title='Host patched' items=host-1 started=2026-11-22T08:00:00Z finished=2026-11-22T08:30:00Z result=succeeded by=ci
	must itsm new deployment title='Too long ago' items=host-1 started=2026-11-20T08:00:00Z finished=2026-11-20T08:30:00Z result=succeeded
	must itsm new deployment title='Somewhere else' items=printer started=2026-11-22T08:00:00Z finished=2026-11-22T08:30:00Z result=succeeded
	must itsm new alert summary='Disk *full*' items=db-1 starts=2026-11-22T09:55:00Z severity=critical source=prometheus
	id=$(new incident --title Slow items=db-1 impact=2 urgency=2 began=2026-11-22T09:50:00Z)
	at 10:05 itsm move "$id" assigned
	at 10:10 itsm note "$id" -m "The queue is full.
See # 7."
	at 10:20 itsm set "$id" impact=1
	at 10:30 itsm move "$id" pending pending_reason=supplier
}

begin 'one line of time'
bad_night
must env ITSM_NOW=2026-11-22T10:40:00Z itsm new incident --title 'A part of it' parent="$id"
ITSM_NOW=2026-11-22T11:00:00Z run itsm timeline "$id"
code 0
sed 's/[A-Z]\{3,4\}-[0-9a-z]\{8\}/ID/g' "$top/out" >"$top/plain"
is 'the timeline' '2026-11-22 08:00 +00:00  deployment  ID  ci
    begins on production: Host patched
2026-11-22 08:30 +00:00  deployment  ID  ci
    succeeded: Host patched
2026-11-22 09:50 +00:00  began
    Slow
2026-11-22 09:55 +00:00  alert  ID  prometheus
    critical: Disk *full*
2026-11-22 10:00 +00:00  state  Ada Lovelace
    new
2026-11-22 10:05 +00:00  state  Ada Lovelace
    new -> assigned
2026-11-22 10:10 +00:00  note  ID  ada-lovelace
    The queue is full.
    See # 7.
2026-11-22 10:20 +00:00  change  Ada Lovelace
    impact: 2 -> 1
2026-11-22 10:20 +00:00  change  Ada Lovelace
    priority: 3 -> 2
2026-11-22 10:30 +00:00  state  Ada Lovelace
    assigned -> pending
2026-11-22 10:30 +00:00  change  Ada Lovelace
    pending_reason: nothing -> supplier
2026-11-22 10:40 +00:00  part  ID
    A part of it' "$(cat "$top/plain")"
clean

begin 'as Markdown that is a list and nothing else, and as JSON'
bad_night
ITSM_NOW=2026-11-22T11:00:00Z run itsm timeline "$id" --markdown
code 0
out_has '- 2026-11-22 10:05 UTC **state** (Ada Lovelace): new -' '**note** NOTE-' ' (ada-lovelace): The queue is full. See # 7.'
out_lacks 'critical: Disk *full*'
is 'items and lines' "$(wc -l <"$top/out")" "$(cmark "$top/out" | grep -c '<li>')"
ITSM_NOW=2026-11-22T11:00:00Z run itsm timeline "$id" --format json
code 0
out_has '"what":"note"' '"at":"2026-11-22T10:10:00Z"' '"query":"timeline-changes"'
is 'the words' 'alert began change deployment note state' "$(python3 -c '
import json, sys
print(*sorted({one["what"] for one in json.load(open(sys.argv[1]))["records"]}))' "$top/out")"

begin 'what was resolved is told until then; another record has its history and notes'
bad_night
at 10:45 itsm new alert summary=Later items=db-1 starts=2026-11-22T10:45:00Z
printf -- '## Resolution\n\nMore disk.\n' >"$top/body"
file=$(path_of "$id")
sed -i 's/^## Resolution$/&\n\nMore disk./' "$file"
git commit -qam resolution
at 10:40 itsm move "$id" assigned
at 10:42 itsm move "$id" resolved resolution_code=fixed
ITSM_NOW=2026-11-22T11:00:00Z run itsm timeline "$id"
out_has 'assigned -> resolved' 'resolution_code: nothing -> fixed'
out_lacks Later
must itsm note billing -m 'It is ours.'
run itsm timeline billing
out_has 'It is ours.'
run itsm timeline INC-00000000
code 3

begin 'an alert that says which incident it told of is in its line, whatever it is about'
desk
id=$(new incident --title Slow impact=2 urgency=2)
at 08:00 itsm new alert summary='The certificate' starts=2026-11-22T08:00:00Z incident="$id"
ITSM_NOW=2026-11-22T11:00:00Z run itsm timeline "$id"
code 0
out_has 'error: The certificate'

finish
