#!/bin/sh
# Calendars: business time in SQL, and what `itsm calendar` says.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Mondays to Fridays from nine to five in Berlin, closed on 24 December; and a file with holidays of its own.
office() {
	mkdir -p policy/calendars
	cat > policy/calendars/office.yaml <<'END'
name: Office
zone: Europe/Berlin
hours:
  monday: ["09:00-17:00"]
  tuesday: ["09:00-17:00"]
  wednesday: ["09:00-17:00"]
  thursday: ["09:00-17:00"]
  friday: ["09:00-17:00"]
holidays:
  - {date: 2025-12-24, name: Christmas Eve, repeat: FREQ=YEARLY}
holidays_from: [feast.ics]
END
	cat > policy/calendars/feast.ics <<'END'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
UID:1
SUMMARY:Feast
DTSTART;VALUE=DATE:20261126
END:VEVENT
END:VCALENDAR
END
	must git add policy
	must git commit -qm 'an office'
}

# SQL: what it gives in one line
sql() {
	run itsm sql --format csv "SELECT $1 AS x"
}

begin 'SQL: business seconds, and when they are over'
desk
office
sql "business_seconds('office', '2026-11-23T08:00:00Z', '2026-11-30T08:00:00Z')"
code 0
out_has 115200
sql "business_add('office', '2026-11-25T15:00:00Z', duration('2h'))"
out_has 2026-11-27T09:00:00Z
sql "business_seconds(NULL, '2026-11-25T15:00:00Z', '2026-11-25T16:00:00Z')"
out_has 3600
sql "coalesce(business_seconds('office', NULL, '2026-11-25T16:00:00Z'), 'none')"
out_has none

begin 'SQL: the calendar of another revision, and of the work tree'
desk
office
sed -i 's/17:00/13:00/' policy/calendars/office.yaml
sed -i 's/20261126/20261127/' policy/calendars/feast.ics
sql "business_seconds('office', '2026-11-26T00:00:00Z', '2026-11-27T00:00:00Z')"
out_has 14400
run itsm sql --at HEAD --format csv "SELECT business_seconds('office', '2026-11-26T00:00:00Z', '2026-11-27T00:00:00Z') AS x"
code 0
out 'x
0'
run itsm sql --at HEAD --format csv "SELECT business_seconds('office', '2026-11-25T00:00:00Z', '2026-11-26T00:00:00Z') AS x"
out 'x
28800'

begin 'SQL: an unknown calendar, one without hours, one that is broken'
desk
office
sql "business_seconds('none', '2026-11-26T00:00:00Z', '2026-11-27T00:00:00Z')"
code 2
err_has "there is no calendar 'none'"
printf 'name: Nothing\nzone: UTC\n' > policy/calendars/nothing.yaml
sql "business_add('nothing', '2026-11-26T00:00:00Z', 1)"
code 2
err_has "calendar 'nothing' has no business hours"
printf 'name: Nothing\nzone: Europe/Atlantis\n' > policy/calendars/nothing.yaml
sql "business_add('office', '2026-11-26T00:00:00Z', 1)"
code 2
err_has "calendar 'nothing': 'Europe/Atlantis' is no time zone"
# A calendar of freezes and windows, given as YAML.
calendar() { # name; the rest on stdin
	mkdir -p policy/calendars
	{ printf 'name: %s\nzone: UTC\n' "$1"; cat; } > "policy/calendars/$1.yaml"
	must git add policy
	must git commit -qm "calendar $1"
}

# Billing on app-1, which is a part of farm; Grace to approve, with Alan; a change ready to be scheduled tomorrow from 9 to 11.
ready() {
	desk
	for who in grace alan; do new person id=$who --title "$who" mail=$who@example.org >/dev/null; done
	new service id=billing --title Billing >/dev/null
	new item id=farm --title Farm services=billing >/dev/null
	new item id=app-1 --title 'App 1' part_of=farm environment=staging >/dev/null
	new item id=db-1 --title 'Database 1' >/dev/null
	plan db-1
}

plan() { # item [start [end]]
	id=$(new change --title "Mend $1" requester=ada-lovelace implementer=ada-lovelace risk=low items="$1" \
		window.start="${2:-2026-11-23T09:00:00Z}" window.end="${3:-2026-11-23T11:00:00Z}" --body-file - <<'END'
## Reason

Full.

## Plan

Copy.

## Backout plan

Back.

## Test plan

Look.
END
)
	for state in submitted assess authorise; do must itsm move "$id" "$state"; done
	as grace itsm approve "$id"
}

begin 'nothing is scheduled into a hard freeze; what it does not bind is'
ready
calendar year-end <<'END'
freezes:
  - {name: Closing, start: 2026-11-23T10:00:00Z, end: 2026-11-24T00:00:00Z, services: [billing]}
END
must itsm move "$id" scheduled
plan app-1
before=$(git rev-parse HEAD)
run itsm move "$id" scheduled
code 1
err_has 'guard/change/scheduled-freeze' 'has a window in a hard freeze' 'itsm calendar slots'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
run itsm next "$id"
out_has 'has a window in a hard freeze'
must itsm set "$id" window.end=2026-11-23T10:00:00Z
as grace itsm approve "$id"
must itsm move "$id" scheduled

begin 'a freeze for an environment, one that repeats, one of an .ics file'
ready
calendar year-end <<'END'
freezes:
  - {name: Prod, start: 2025-11-23T00:00:00Z, end: 2025-11-24T00:00:00Z, repeat: FREQ=YEARLY, environments: [production]}
END
run itsm move "$id" scheduled
code 1
err_has 'guard/change/scheduled-freeze'
sql "freeze('hard', '[\"app-1\"]', NULL, '2026-11-23T09:00:00Z', '2026-11-23T09:00:00Z') IS NULL"
out_has 1
sql "freeze('any', '[\"db-1\"]', NULL, '2026-11-23T09:00:00Z', '2026-11-23T09:00:00Z')"
out_has "'Prod' of calendar year-end, from 2026-11-23T00:00:00Z to 2026-11-24T00:00:00Z"
must git rm -q policy/calendars/year-end.yaml
must git commit -qm 'no more'
printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nCATEGORIES:FREEZE\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20261123\nX-ITSM-ITEMS:db-1\nEND:VEVENT\nEND:VCALENDAR\n' \
	> policy/calendars/fair.ics
must git add policy
must git commit -qm 'a fair'
run itsm move "$id" scheduled
code 1
err_has 'guard/change/scheduled-freeze'
sql "freeze('any', '[\"db-1\"]', NULL, '2026-11-23T09:00:00Z', '2026-11-23T09:00:00Z')"
out_has "'Fair' of calendar fair"

begin 'a soft freeze: one more approval, or a waiver'
ready
calendar sale <<'END'
freezes:
  - {name: Sale, start: 2026-11-20T00:00:00Z, end: 2026-11-30T00:00:00Z, strength: soft}
END
run itsm move "$id" scheduled
code 1
err_has 'policy/change-soft-freeze'
as alan itsm approve "$id"
must itsm move "$id" scheduled
run itsm check
code 0
plan db-1
run itsm move "$id" scheduled
code 1
waiver=$(new waiver --title 'The fix cannot wait' rule=policy/change-soft-freeze records="$id" owner=ada-lovelace expires=2026-12-31 --body-file - <<'END'
## Reason

It loses money by the hour.

## Compensation

Two of us look on.
END
)
as grace itsm approve "$waiver"
must itsm move "$waiver" approved
must itsm move "$id" scheduled

begin 'a calendar that cannot be computed is a finding, and stops what asks it'
ready
calendar broken <<'END'
freezes:
  - {name: F, start: 2026-11-23T10:00:00Z, end: 2026-11-24T00:00:00Z, repeat: FREQ=SECONDLY}
END
run itsm check
code 1
out_has 'policy/calendar-unusable' "'FREQ=SECONDLY' repeats within a day"
before=$(git rev-parse HEAD)
run itsm move "$id" scheduled
[ "$got" -ne 0 ] || problem 'it was scheduled'
err_has "calendar 'broken'"
is 'HEAD' "$before" "$(git rev-parse HEAD)"

begin 'outside of the maintenance window: a warning that says when the next one opens'
ready
calendar nights <<'END'
windows:
  - {name: Night, start: 2026-11-01T22:00:00Z, duration: 4h, repeat: "FREQ=WEEKLY;BYDAY=SU", items: [db-1]}
END
must itsm move "$id" scheduled
run itsm check
code 0
out_has 'warning: policy/change-maintenance-window' 'misses the maintenance window of db-1; the next one opens at 2026-11-29T22:00:00Z'
plan db-1 2026-11-29T23:00:00Z 2026-11-30T03:00:00Z
must itsm move "$id" scheduled
run itsm check
out_has 'runs past the end of the maintenance window of db-1 at 2026-11-30T02:00:00Z'
plan db-1 2026-11-29T23:00:00Z 2026-11-30T02:00:00Z
must itsm move "$id" scheduled
run itsm check
is 'warnings' 2 "$(grep -c change-maintenance-window "$top/out")"
plan app-1
must itsm move "$id" scheduled
run itsm check
is 'warnings' 2 "$(grep -c change-maintenance-window "$top/out")"

finish
