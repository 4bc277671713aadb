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
finish
