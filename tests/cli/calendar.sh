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

begin 'a freeze that is declared over what is scheduled: check warns, gate refuses'
ready
must itsm move "$id" scheduled
calendar later <<'END'
freezes:
  - {name: Later, start: 2026-11-23T10:00:00Z, end: 2026-11-24T00:00:00Z}
END
run itsm check
code 0
out_has "warning: policy/change-hard-freeze: is scheduled into a hard freeze: 'Later' of calendar later, from 2026-11-23T10:00:00Z to 2026-11-24T00:00:00Z"
run itsm gate --change "$id" --at 2026-11-23T10:30:00Z
code 1
out_has 'guard/change/freeze'
must itsm move "$id" draft
run itsm check
out_lacks change-hard-freeze

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

# The change can't be scheduled for this reason, nothing is written, and check and gate say why.
unscheduled() { # finding of check; reason
	run itsm check
	code 1
	out_has "$1"
	before=$(git rev-parse HEAD)
	run itsm move "$id" scheduled
	code 1
	err_has "guard/change/scheduled-freeze: $id: the guard can't be asked: $2"
	is 'HEAD' "$before" "$(git rev-parse HEAD)"
	run itsm next "$id"
	out_has "the guard can't be asked: $2"
}

begin 'an .ics file that cannot be read or computed stops what may be frozen by it'
ready
mkdir -p policy/calendars
printf 'garbage\n' >policy/calendars/fair.ics
must git add policy
must git commit -qm Fair
unscheduled "policy/calendars/fair.ics:1:1: error: policy/calendar-unusable: calendar 'fair': the file is no iCalendar file" \
	"calendar 'fair': the file is no iCalendar file"
printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nCATEGORIES:FREEZE\nSUMMARY:F\nDTSTART;TZID=Mars/Phobos:20261123T000000\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n' \
	>policy/calendars/fair.ics
must git commit -qam Mars
unscheduled "policy/calendars/fair.ics:1:1: error: policy/calendar-unusable: calendar 'fair': event 'F': 'Mars/Phobos' is no time zone" \
	"calendar 'fair': event 'F': 'Mars/Phobos' is no time zone"
printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nCATEGORIES:FREEZE\nSUMMARY:F\nDTSTART:20150101T000000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY;BYHOUR=%s\nEND:VEVENT\nEND:VCALENDAR\n' \
	"$(seq -s , 0 23)" >policy/calendars/fair.ics
must git commit -qam Often
unscheduled "policy/calendars/fair.ics:1:1: error: policy/calendar-unusable: 'F' of calendar 'fair' comes too often" \
	"'F' of calendar 'fair' comes too often"
must git rm -q policy/calendars/fair.ics
must git commit -qm None
calendar often <<END
windows:
  - {name: W, start: 2015-01-01T00:00:00Z, duration: 1m, repeat: "FREQ=DAILY;BYHOUR=$(seq -s , 0 23)"}
END
run itsm check
code 1
out_has "policy/calendars/often.yaml:1:1: error: policy/calendar-unusable: 'W' of calendar 'often' comes too often"
run itsm move "$id" scheduled
code 1
err_has "policy/change-maintenance-window: the rule can't be asked: 'W' of calendar 'often' comes too often"

begin 'a file that looks like a calendar and counts for nothing is told, and stops what it may freeze'
ready
calendar fair <<'END'
holidays: [{date: 2026-11-25, name: Feast}]
END
printf 'BEGIN:VCALENDAR\nEND:VCALENDAR\n' >policy/calendars/fair.ics
must git add policy
must git commit -qm Twice
unscheduled "policy/calendars/fair.ics:1:1: error: policy/calendar-unusable: policy/calendars/fair.ics counts for nothing, for the record 'fair' has its name" \
	'policy/calendars/fair.ics counts for nothing'
must git mv policy/calendars/fair.ics policy/calendars/SALE.ICS
must git commit -qm Capitals
unscheduled "policy/calendars/SALE.ICS:1:1: error: policy/calendar-unusable: 'SALE.ICS' is no name of a calendar" "'SALE.ICS' is no name of a calendar"
mkdir policy/calendars/2026
must git mv policy/calendars/SALE.ICS policy/calendars/2026/sale.ics
must git commit -qm Folder
unscheduled "policy/calendars/2026/sale.ics:1:1: error: policy/calendar-unusable: '2026/sale.ics' is no file in policy/calendars" \
	"'2026/sale.ics' is no file in policy/calendars"

begin 'a calendar record with an error in it stops what may be frozen by it'
ready
mkdir -p policy/calendars
printf 'name: [\n' >policy/calendars/end.yaml
must git add policy
must git commit -qm End
unscheduled 'policy/calendars/end.yaml:2:1: error: yaml/syntax' "calendar 'end': not valid YAML"
printf 'name: E\nzone: UTC\nfreezes: {name: F, start: 2026-11-23T00:00:00Z, end: 2026-11-24T00:00:00Z}\n' >policy/calendars/end.yaml
must git commit -qam 'No list'
unscheduled "schema/type: 'freezes' is no list" "calendar 'end': 'freezes' is no list"
out_lacks malformed
printf 'name: E\nzone: UTC\nfreeze: [{name: F, start: 2026-11-23T00:00:00Z, end: 2026-11-24T00:00:00Z}]\n' >policy/calendars/end.yaml
must git commit -qam 'Another word'
unscheduled 'schema/unknown' "calendar 'end': "
printf 'name: E\nzone: UTC\nfreezes: [{name: F, start: 2025-11-23T00:00:00Z, end: 2025-11-24T00:00:00Z, repeat: [FREQ=YEARLY]}]\n' >policy/calendars/end.yaml
must git commit -qam 'Several rules'
unscheduled schema/type "calendar 'end': 'freezes.repeat' holds several values"

begin 'gate refuses what is scheduled once its calendar is broken'
ready
must itsm move "$id" scheduled
printf x >fair && mkdir -p policy/calendars && mv fair policy/calendars/fair.ics
must git add policy
must git commit -qm Fair
run itsm gate --change "$id" --at 2026-11-23T09:30:00Z
code 1
out_has "guard/change/freeze: $id: the guard can't be asked: calendar 'fair': the file is no iCalendar file"
must git rm -q policy/calendars/fair.ics
must git commit -qm None
run itsm gate --change "$id" --at 2026-11-23T09:30:00Z
code 0

begin 'a proposal that brings a broken calendar is told of it'
ready
git checkout -qb proposal
mkdir -p policy/calendars && printf x >policy/calendars/fair.ics
must git add policy
must git commit -qm Fair
run itsm check main..HEAD
code 1
out_has "policy/calendars/fair.ics:1:1: error: policy/calendar-unusable: calendar 'fair': the file is no iCalendar file"

begin 'parts of what is redundant are not changed at once until too few are left'
desk
new item id=farm --title Farm min_up=2 >/dev/null
for number in 1 2 3 4; do new item id=node-$number --title "Node $number" part_of=farm >/dev/null; done
new item id=host --title Host >/dev/null
must itsm set node-4 runs_on=host
for number in 1 2; do
	eval "change_$number=$(new change --title "Change $number" items=node-$number window.start=2026-11-24T0$number:00:00Z window.end=2026-11-24T05:00:00Z)"
done
run itsm calendar conflicts --open
code 0
third=$(new change --title 'The host' items=host window.start=2026-11-24T04:00:00Z window.end=2026-11-24T06:00:00Z)
run itsm calendar conflicts --open --format csv
code 1
is 'rows' 3 "$(wc -l <"$top/out")"
# shellcheck disable=SC2154 # set by eval
is 'redundant' 2 "$(grep -c ',redundant-item,' "$top/out")"
out_has ' but not without all that are away then'
run itsm calendar slots "$third" --duration 2h --from 2026-11-24T00:00:00Z --to 2026-11-25 -n 1 --format csv
code 0
sed -i 's/^state: draft/state: scheduled/' transition/changes/2026/11/*.md
must git commit -qam Scheduled
run itsm check
out_has "policy/change-collision: collides with $third: with all that are away then too few parts of farm are left"

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

# Two items of which one rests on the other, three changes, a calendar: for the views and the conflicts.
busy() {
	desk
	new service id=billing --title Billing >/dev/null
	new item id=db-1 --title 'Database 1' services=billing >/dev/null
	new item id=app-1 --title 'App 1' depends_on=db-1 >/dev/null
	new person id=grace --title Grace mail=grace@example.org >/dev/null
	mend=$(new change --title 'Mend the database' items=db-1 implementer=ada-lovelace window.start=2026-11-24T09:00:00Z window.end=2026-11-24T11:00:00Z)
	lift=$(new change --title 'Lift the app' items=app-1 implementer=grace window.start=2026-11-24T10:00:00Z window.end=2026-11-24T12:00:00Z)
	calendar plan <<'END'
windows:
  - {name: Night, start: 2026-11-01T22:00:00Z, duration: 6h, repeat: "FREQ=WEEKLY;BYDAY=SA", items: [db-1]}
freezes:
  - {name: Closing, start: 2026-11-27T00:00:00Z, end: 2026-11-29T00:00:00Z, services: [billing]}
holidays: [{date: 2026-11-25, name: Feast}]
END
}

begin 'the month, the week, the list'
busy
run itsm calendar
code 0
cat >"$top/wanted" <<'END'
|Mon 23 Nov      |Tue 24          |Wed 25          |Thu 26          |Fri 27          |Sat 28          |Sun 29          |
|                |! 09:00 Mend the|* Feast         |                |X 00:00 Closing |X Closing       |= Night         |
|                |! 10:00 Lift the|                |                |                |= 22:00 Night   |                |
+----------------+----------------+----------------+----------------+----------------+----------------+----------------+
END
grep -A 3 'Mon 23' "$top/out" >"$top/week"
same "$top/wanted" "$top/week"
run itsm calendar --view week --from 2026-11-24 --to 2026-11-25
code 0
out_has "  ! 09:00-11:00 [:...........:.....!!!!..:...........:...........] $mend Mend the database (draft)" \
	"  ! 10:00-12:00 [:...........:.......!!!!:...........:...........] $lift Lift the app (draft)"
run itsm calendar --view list --from 2026-11-24 --to 2026-11-30 --format csv
code 0
out_has "$mend,2026-11-24T09:00:00Z,2026-11-24T11:00:00Z,change,Mend the database,draft,1,[],\"[\"\"db-1\"\"]\"" \
	'plan,2026-11-27T00:00:00Z,2026-11-29T00:00:00Z,freeze,Closing,hard,0,"[""billing""]",[]'
run itsm calendar --service billing --format jsonl --from 2026-11-24 --to 2026-11-25
out_has "$mend"
out_lacks "$lift"
TZ=America/New_York run itsm calendar --view list --from 2026-11-24 --to 2026-11-24T12:00:00-05:00
out_has '2026-11-24 04:00'
run itsm calendar --view year
code 2
run itsm calendar --from 2026-12-01 --to 2026-11-01
code 2
run itsm calendar --from 1900-01-01 --to 2100-01-01
code 2
run itsm calendar nothing
code 2

begin 'hostile titles reach no terminal, and no line of an .ics file'
busy
printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nCATEGORIES:FREEZE\nSUMMARY:A\033[31m\\nB\342\200\256C\\, D\nDTSTART;VALUE=DATE:20261125\nX-ITSM-ITEMS:x\033y\nEND:VEVENT\nEND:VCALENDAR\n' > policy/calendars/evil.ics
sed -i 's/^title: .*/title: "a;b\\\\c, d \\u202E DTEND:20200101 '"$(printf 'w%.0s' $(seq 100))"'"/' "$(path_of "$lift")"
for view in month week list; do
	run itsm calendar --view "$view"
	code 0
	LC_ALL=C grep -q "$(printf '[\033\r]')" "$top/out" && problem "a control character in the $view"
	grep -q "$(printf '\342\200\256')" "$top/out" && problem "a mark of direction in the $view"
done
run itsm calendar --format ics
code 0
LC_ALL=C grep -q "$(printf '\033')" "$top/out" && problem 'a control character in the .ics file'
[ -z "$(tr -d '\r' < "$top/out" | LC_ALL=C awk 'length > 75')" ] || problem 'a line of more than 75 bytes'

begin 'the .ics file: read by others, and by itself'
busy
run itsm calendar --format ics --from 2026-11-01 --to 2026-12-01
code 0
cp "$top/out" "$top/plan.ics"
if /usr/bin/python3 -c 'import icalendar' 2>/dev/null; then
	/usr/bin/python3 - "$top/plan.ics" >"$top/read" <<'END'
import sys, icalendar
calendar = icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read())
for event in calendar.walk("VEVENT"):
    assert not event.errors, event.errors
    print(event.decoded("dtstart"), event.decoded("dtend"), str(event["summary"]), sep="|")
assert len({event["uid"] for event in calendar.walk("VEVENT")}) == len(calendar.walk("VEVENT"))
END
	grep -qF "2026-11-24 09:00:00+00:00|2026-11-24 11:00:00+00:00|$mend Mend the database" "$top/read" || problem "icalendar read: $(cat "$top/read")"
	grep -qF '2026-11-25|2026-11-26|Feast' "$top/read" || problem 'no all-day event'
	is 'events' 8 "$(wc -l < "$top/read")"
fi
if command -v khal >/dev/null; then
	mkdir -p "$top/khal"
	printf '[calendars]\n[[it]]\npath = %s\n[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\ntimeformat = %%H:%%M\ndateformat = %%Y-%%m-%%d\nlongdateformat = %%Y-%%m-%%d\ndatetimeformat = %%Y-%%m-%%d %%H:%%M\nlongdatetimeformat = %%Y-%%m-%%d %%H:%%M\n' "$top/khal" >"$top/khal.conf"
	must khal -c "$top/khal.conf" import --batch -a it "$top/plan.ics"
	run khal -c "$top/khal.conf" list 2026-11-24 2026-11-26
	out_has "09:00-11:00 $mend Mend the database" "10:00-12:00 $lift Lift the app" Feast
fi
itsm calendar --from 2026-11-01 --to 2026-12-01 --format jsonl | grep -v '"kind":"change"' | sed 's/"id":"[a-z]*",//; s/"overlaps":[0-9]*//' | sort >"$top/before"
mv "$top/plan.ics" policy/calendars/other.ics
rm policy/calendars/plan.yaml
itsm calendar --from 2026-11-01 --to 2026-12-01 --format jsonl | grep -v '"kind":"change"' | sed 's/"id":"[a-z]*",//; s/"overlaps":[0-9]*//' | sort >"$top/after"
same "$top/before" "$top/after"

begin 'conflicts: each rule, one change, on branches'
busy
run itsm calendar conflicts
code 0
err_has 'no conflicts among 0 changes'
run itsm calendar conflicts --open --format csv
code 1
out_has "$mend,,window,,,db-1,2026-11-24T09:00:00Z,2026-11-24T11:00:00Z,misses the maintenance window of db-1,Mend the database"
is 'dependent' 1 "$(grep -c ',dependent-item,' "$top/out")"
is 'rows' 3 "$(wc -l < "$top/out")"
must itsm set "$lift" implementer=ada-lovelace items=db-1 window.start=2026-11-28T23:00:00Z window.end=2026-11-29T05:00:00Z
must itsm set "$mend" window.start=2026-11-29T01:00:00Z window.end=2026-11-29T03:00:00Z
run itsm calendar conflicts --open --format csv
code 1
out_has ',same-item,' ',implementer,' "$lift,,freeze,plan,,Closing,2026-11-28T23:00:00Z,2026-11-29T00:00:00Z,starts in the freeze 'Closing'" \
	"$lift,,window,,,db-1,2026-11-29T04:00:00Z,2026-11-29T05:00:00Z,runs past the end of the maintenance window of db-1"
is 'rows' 5 "$(wc -l < "$top/out")"
run itsm calendar conflicts "$mend" --open --format csv
code 1
is 'rows' 3 "$(wc -l < "$top/out")"
out_has "$mend,,same-item,$lift"
must git checkout -qb other HEAD~1
twin=$(new change --title 'On a branch' items=app-1 implementer=grace window.start=2026-11-29T02:00:00Z window.end=2026-11-29T02:30:00Z)
must git checkout -q main
run itsm calendar conflicts "$mend" --open --branches
code 1
out_has "$twin (other)" 'db-1 and app-1 depend on one another'
run itsm calendar conflicts "$mend" --open
out_lacks "$twin"
run itsm calendar conflicts "$mend" --open --branches --depth x
code 2
bare=$(new change --title 'No window' items=db-1)
run itsm calendar conflicts "$bare"
code 2
err_has 'has no window'
run itsm calendar conflicts CHG-none
code 3
sed -i 's/^state: draft/state: scheduled/' "$(path_of "$mend")" "$(path_of "$lift")"
run itsm check
out_has "warning: policy/change-collision: collides with $lift: both are on db-1" "collides with $mend: ada-lovelace carries out both"

begin 'slots, and why not earlier'
busy
sed -i 's/^state: draft/state: scheduled/' "$(path_of "$lift")"
run itsm calendar slots "$mend" --duration 2h --format csv
code 0
out 'start,end,free,why
2026-11-22T10:00:00Z,2026-11-28T22:00:00Z,false,outside of the maintenance window of db-1
2026-11-28T22:00:00Z,2026-11-29T00:00:00Z,false,freeze '"'Closing'"' of calendar plan
2026-11-29T00:00:00Z,2026-11-29T04:00:00Z,true,
2026-11-29T04:00:00Z,2026-12-05T22:00:00Z,false,outside of the maintenance window of db-1
2026-12-05T22:00:00Z,2026-12-06T04:00:00Z,true,
2026-12-06T04:00:00Z,2026-12-12T22:00:00Z,false,outside of the maintenance window of db-1
2026-12-12T22:00:00Z,2026-12-13T04:00:00Z,true,'
bare=$(new change --title 'No window' items=app-1)
run itsm calendar slots "$bare" --duration 90m --from 2026-11-24T08:40:00Z -n 2 --format csv
code 0
out 'start,end,free,why
2026-11-24T08:40:00Z,2026-11-24T10:00:00Z,false,too short
2026-11-24T10:00:00Z,2026-11-24T12:00:00Z,false,'"$lift"': both are on app-1
2026-11-24T12:00:00Z,2027-02-24T08:40:00Z,true,'
run itsm calendar slots "$mend" --duration 7h --to 2026-12-01
code 1
err_has 'there is no room'
run itsm calendar slots "$mend"
code 2
err_has '--duration 2h'
run itsm calendar slots
code 2

finish
