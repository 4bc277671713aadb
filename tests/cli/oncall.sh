#!/bin/sh
# itsm oncall: who, when, gaps, iCalendar; and what check says of rotas.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

rota_desk() {
	desk
	must itsm new person id=bob name=Bob mail=bob@example.org phone='+49 30 1'
	must itsm new person id=cy name=Cy mail=cy@example.org
	must itsm new team id=dba name=DBA members=bob
	must itsm new service id=billing name=Billing team=dba
	must itsm new item id=db-1 name=Database services=billing
	mkdir -p operation/rotas
	cat >operation/rotas/billing.yaml <<'END'
name: Billing
services: [billing]
zone: Europe/Berlin
layers:
  - {name: main, start: "2026-11-02T09:00:00+01:00", turn: 7d, people: [ada-lovelace, bob]}
overrides:
  - {person: cy, start: "2026-11-24T08:00:00+01:00", end: "2026-11-24T18:00:00+01:00"}
escalation:
  - {after: 15m, people: [cy]}
  - {after: 30m, teams: [dba]}
END
	git add -A && git commit -qm rota
}

begin 'now: who, until when, and who comes next'
rota_desk
run itsm oncall now
code 0
out 'billing  Ada Lovelace (main) until 2026-11-23 08:00 +00:00, then Bob'
run itsm oncall now billing --at 2026-11-24T09:00:00Z --format json
code 0
out_has '"person":"cy"' '"layer":"override"' '"start":"2026-11-24T07:00:00Z"' '"end":"2026-11-24T17:00:00Z"'
run itsm oncall now --at 2026-11-23T08:00:00Z --format id
out bob
run itsm oncall now db-1
code 3
err_has 'db-1'
run itsm oncall later
code 2
err "itsm: oncall: 'later' is none of now, who, schedule and gaps"
clean

begin 'who: the steps with their times, by the services of the items; what was taken up needs no more calls'
rota_desk
id=$(new incident --title Slow items=db-1)
run itsm oncall who "$id" --at +20m
code 0
out "billing, since 2026-11-22 10:00 +00:00
  1  2026-11-22 10:00 +00:00  due         Ada Lovelace (on call by billing, main)
  2  2026-11-22 10:15 +00:00  due         Cy (named)
  3  2026-11-22 10:30 +00:00  to come     Bob, +49 30 1 (member of dba)"
must env ITSM_NOW=2026-11-22T10:05:00Z itsm move "$id" assigned
run itsm oncall who "$id"
out_has 'taken up 2026-11-22 10:05 +00:00' '2  2026-11-22 10:15 +00:00  not needed  Cy (named)'
run itsm oncall who db-1 --format csv
code 0
out_has 'person,name,phone,rota,step,at,why,taken_up' 'ada-lovelace,Ada Lovelace,,billing,1,2026-11-22T10:00:00Z,"on call by billing, main",'
other=$(new incident --title Other)
run itsm oncall who "$other"
code 3
err "itsm: no rota watches $other: none names its services, and none belongs to its team; \`itsm list rota\` lists them"
sed -i 's/^services: .*/team: dba/' operation/rotas/billing.yaml
run itsm oncall who "$id" --format id
out_has ada-lovelace

begin 'schedule: shifts in order; as iCalendar that others read'
rota_desk
run itsm oncall schedule --from 2026-11-23T00:00:00Z --to 2026-11-25T00:00:00Z
code 0
out 'billing
  2026-11-23 00:00 +00:00  2026-11-23 08:00 +00:00  Ada Lovelace  main
  2026-11-23 08:00 +00:00  2026-11-24 07:00 +00:00  Bob  main
  2026-11-24 07:00 +00:00  2026-11-24 17:00 +00:00  Cy  override
  2026-11-24 17:00 +00:00  2026-11-25 00:00 +00:00  Bob  main'
sed -i 's/^name: Billing/name: "Billing, payment; and reconciliation of everything that anybody ever paid: Köln ÄÖÜ"/' operation/rotas/billing.yaml
run itsm oncall schedule --ics
code 0
is 'what icalendar reads' '8
Billing, payment; and reconciliation of everything that anybody ever paid: Köln ÄÖÜ: Ada Lovelace
2026-11-22T10:00:00+00:00 2026-11-23T08:00:00+00:00' "$(/usr/bin/python3 -c '
import sys, icalendar
raw = open(sys.argv[1], "rb").read()
assert all(len(line) <= 75 for line in raw.split(b"\r\n")) and b"\n" not in raw.replace(b"\r\n", b"")
calendar = icalendar.Calendar.from_ical(raw)
events = [event for event in calendar.walk("VEVENT")]
assert len({str(event["UID"]) for event in events}) == len(events) and not calendar.errors
print(len(events) + sum(bool(event.errors) for event in events))
print(events[0]["SUMMARY"])
print(events[0]["DTSTART"].dt.isoformat(), events[0]["DTEND"].dt.isoformat())' "$top/out")"
run itsm oncall now --ics
code 2
err 'itsm: oncall: --ics goes with schedule'

begin 'gaps are told, end with 1, and are findings of check; so are people who left'
rota_desk
run itsm oncall gaps
code 0
out ''
err 'no gaps'
run itsm check
code 0
out ''
sed -i 's/people: \[ada-lovelace, bob\]/people: [ada-lovelace, bob], end: "2026-12-21T09:00:00+01:00"/' operation/rotas/billing.yaml
run itsm oncall gaps
code 1
out 'billing
  2026-12-21 08:00 +00:00  2026-12-22 10:00 +00:00  nobody'
run itsm check
code 0
out_has 'operation/rotas/billing.yaml:5:3: warning: oncall/gap: nobody is on call from 2026-12-21T09:00:00+01:00 to 2026-12-22T11:00:00+01:00'
must itsm set bob active=false
run itsm check
code 0
out_has 'operation/rotas/billing.yaml:5:3: warning: oncall/person: bob is on call, who is not active or not in people/'

begin 'the hours of a calendar: nobody is needed outside of them'
rota_desk
sed -i 's/^zone: .*/zone: UTC\ncalendar: business-hours/' operation/rotas/billing.yaml
run itsm oncall now
code 0
out ''
err 'nobody is on call'
run itsm oncall schedule --from 2026-11-20T12:00:00Z --to 2026-11-23T12:00:00Z
out 'billing
  2026-11-20 12:00 +00:00  2026-11-20 18:00 +00:00  Ada Lovelace  main
  2026-11-23 08:00 +00:00  2026-11-23 12:00 +00:00  Bob  main'
sed -i 's/^zone: .*/zone: Europe\/Nowhere/' operation/rotas/billing.yaml
run itsm oncall now
code 3
err_has 'operation/rotas/billing.yaml' 'Europe/Nowhere'
run itsm check
out_has 'operation/rotas/billing.yaml' 'warning: oncall/rota'

finish
