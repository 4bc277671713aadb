#!/bin/sh
# sla: clocks of a record, those that are soon due, reports; what stops and pauses them; list due:, SQL; the chain of agreements.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# at MOMENT: from now on it is then, for git too
at() {
	ITSM_NOW=$1 GIT_AUTHOR_DATE=$1 GIT_COMMITTER_DATE=$1
	export ITSM_NOW GIT_AUTHOR_DATE GIT_COMMITTER_DATE
}

agreement() { # id, then lines of YAML on stdin
	mkdir -p design/agreements
	{
		printf 'name: %s\nstate: active\nvalid: {from: 2020-01-01}\n' "$1"
		cat
	} >"design/agreements/$1.yaml"
}

# Office hours in Berlin, an agreement for all, an incident of priority 2 on Friday 2026-11-20 at 15:00 there.
promised() {
	at 2026-11-20T14:00:00Z
	desk
	mkdir -p policy/calendars
	cat >policy/calendars/office.yaml <<'END'
name: Office
zone: Europe/Berlin
hours: {monday: [09:00-17:00], tuesday: [09:00-17:00], wednesday: [09:00-17:00], thursday: [09:00-17:00], friday: [09:00-17:00]}
holidays:
  - {date: 2026-11-24, name: Founders' day}
END
	agreement all <<'END'
type: sla
calendar: office
pauses: [pending]
targets:
  - {priority: 1, respond: 15m, resolve: 2h}
  - {priority: 2, respond: 1h, resolve: 4h}
END
	must git add -A
	must git commit -q -m promises
	new team id=desk --title Desk >/dev/null
	new service id=billing --title Billing >/dev/null
	id=$(new incident --title 'Invoices are late' priority=2 team=desk service=billing)
}

begin 'a clock runs, stands, is breached; every interval says why'
promised
at 2026-11-20T14:30:00Z
must itsm move "$id" assigned
must itsm set "$id" category=print
at 2026-11-20T15:00:00Z
as grace itsm move "$id" pending pending_reason=caller
at 2026-11-23T09:00:00Z
must itsm move "$id" assigned
at 2026-11-25T09:00:00Z
run itsm sla "$id" --format csv
code 0
out "id,clock,agreement,type,status,priority,due,left,goal,elapsed,paused,start,end
$id,respond,all,sla,met,2,2026-11-20T15:00:00Z,1800,3600,1800,0,2026-11-20T14:00:00Z,2026-11-20T14:30:00Z
$id,resolve,all,sla,breached,2,2026-11-23T12:00:00Z,-18000,14400,32400,7200,2026-11-20T14:00:00Z,"
pending=$(git log --format=%h --abbrev=8 --grep 'assigned -> pending')
run itsm sla "$id" --explain
code 0
out_has 'resolve  breached  all (sla), office' "1h  paused          pending     $pending  grace" \
	"0s  Founders' day   assigned" '  elapsed 9h of 4h, paused 2h, late by 5h' \
	'  due       2026-11-23 12:00 +00:00 (45 h ago)'
run itsm sla "$id" --explain --format json
python3 - "$top/out" <<'END' || problem 'the intervals do not sum up to the clock'
import json, sys
record = json.load(open(sys.argv[1]))
assert record["schema_version"] == 1
for clock in record["records"]:
    spans = clock["intervals"]
    assert sum(s["seconds"] for s in spans if s["what"] == "ran") == clock["elapsed"]
    assert sum(s["seconds"] for s in spans if s["what"] == "paused") == clock["paused"]
    assert all(a["end"] == b["start"] for a, b in zip(spans, spans[1:]))
assert {s["what"] for s in spans} == {"ran", "paused", "closed", "holiday"}
END

begin 'fields do not count: what history says does, and only what is committed'
promised
at 2026-11-20T15:30:00Z
sed -i 's/^opened:.*/opened: 2026-11-20T15:29:00Z/' "$(path_of "$id")"
must git commit -qam 'another time'
run itsm sql "SELECT start, elapsed FROM sla WHERE clock = 'respond'" --format csv
out 'start,elapsed
2026-11-20T14:00:00Z,5400'
mkdir -p operation/incidents/2026/11
sed 's/^title:.*/title: not committed/' "$(path_of "$id")" >operation/incidents/2026/11/INC-00000001.md
run itsm sla INC-00000001
code 3
err_has "no record is called 'INC-00000001'"
run itsm sql "SELECT count(*) AS clocks FROM sla WHERE id = 'INC-00000001'" --format csv
out 'clocks
0'

begin 'list: what is due soon, the first first; the same through list due: and SQL'
promised
at 2026-11-20T14:10:00Z
second=$(new incident --title 'All is down' priority=1 service=billing)
third=$(new incident --title 'Nobody knows' service=billing)
run itsm sla list --format csv
code 0
is 'the order' "$second respond
$id respond
$second resolve
$id resolve" "$(tail -n +2 "$top/out" | cut -d, -f1,5 | tr , ' ')"
out_lacks "$third"
run itsm sla list --breaching 30m --format id
out "$second"
run itsm sla list incident priority:2 --format id
out "$id
$id"
run itsm list 'due:<30m' --format id
out "$second"
run itsm list incident 'due:<4h' --sort due --columns id,due --format csv
out "id,due
$second,2026-11-20T14:25:00Z
$id,2026-11-20T15:00:00Z"
run itsm list incident due:none --format id
out "$third"
run itsm sql "SELECT sla_due(id) AS d, sla_left(id, 'resolve') AS l, sla_status(id) AS s FROM incident WHERE id = :id" id="$id" --format csv
out 'd,l,s
2026-11-20T15:00:00Z,13800,running'
at 2026-11-20T14:26:00Z
run itsm sla list --breaching 0s --format csv
out_has "$second,incident,new,All is down,respond,all,sla,breached,1,2026-11-20T14:25:00Z,-60,"

begin 'report: how promises were kept, by service and month; withdrawn ones are left out'
promised
other=$(new incident --title 'Was none' priority=2 team=desk)
at 2026-11-20T14:30:00Z
must itsm move "$id" assigned
must itsm move "$other" cancelled
at 2026-11-23T16:00:00Z
must itsm set "$id" resolution_code=fixed
printf '## Resolution\n\nPaper.\n' >>"$(path_of "$id")"
must git commit -qam resolution
must itsm move "$id" resolved
run itsm sla report --by service --format csv
code 0
out 'service,type,clock,clocks,met,breached,percent,mean,worst
billing,sla,resolve,1,0,1,0,36000,21600
billing,sla,respond,1,1,0,100,1800,'
run itsm sla report --from 2026-11 --to 2026-11 --format csv
out_has 'sla,resolve,1,0,1,'
run itsm sla report --from 2026-12 --to 2026-12 --format csv
out 'type,clock,clocks,met,breached,percent,mean,worst'
run itsm sql "SELECT status FROM sla WHERE id = :id" id="$other" --format csv
out_has withdrawn

begin 'the agreement of the customer goes before that of the service, that before the one for all'
promised
agreement service <<'END'
type: sla
service: billing
targets: [{priority: 2, resolve: 3h}]
END
must git add -A
must git commit -q -m more
run itsm sql "SELECT agreement, clock, goal FROM sla" --format csv
out 'agreement,clock,goal
all,respond,3600
service,resolve,10800'
agreement customer <<'END'
type: sla
customer: Acme
targets: [{resolve: 5h}]
END
must git add -A
must git commit -q -m more
must itsm set "$id" customer=Acme
run itsm sql "SELECT agreement, goal FROM sla WHERE clock = 'resolve'" --format csv
out 'agreement,goal
customer,18000'
must itsm set "$id" customer=Other
sed -i 's/valid: .*/valid: {from: 2020-01-01, to: 2026-11-19}/' design/agreements/service.yaml
run itsm sql "SELECT agreement, goal FROM sla WHERE clock = 'resolve'" --format csv
out 'agreement,goal
all,14400'

begin 'a team has its own clock, while it has the record'
promised
agreement ola <<'END'
type: ola
team: network
service: billing
targets: [{priority: 2, resolve: 2h}]
END
must git add -A
must git commit -q -m ola
new team id=network --title Network >/dev/null
at 2026-11-23T10:00:00Z
must itsm move "$id" assigned team=network
at 2026-11-23T11:00:00Z
must itsm set "$id" team=desk
at 2026-11-23T14:00:00Z
run itsm sql "SELECT start, status, elapsed, paused FROM sla WHERE type = 'ola'" --format csv
out 'start,status,elapsed,paused
2026-11-23T10:00:00Z,paused,3600,10800'

begin 'when the priority changes: all of the time counts, or the clock begins again'
promised
at 2026-11-20T15:00:00Z
must itsm set "$id" priority=1
run itsm sql "SELECT clock, start, goal, elapsed, status FROM sla" --format csv
out 'clock,start,goal,elapsed,status
respond,2026-11-20T14:00:00Z,900,3600,breached
resolve,2026-11-20T14:00:00Z,7200,3600,running'
echo 'restart: afresh' >>design/agreements/all.yaml
run itsm sql "SELECT clock, start, goal, elapsed, status FROM sla" --format csv
out 'clock,start,goal,elapsed,status
respond,2026-11-20T15:00:00Z,900,0,running
resolve,2026-11-20T15:00:00Z,7200,0,running'

begin 'the time of delivery that the catalogue promises is a clock too'
promised
cat >>"$(mkdir -p design/offerings && echo design/offerings/laptop.yaml)" <<'END'
name: Laptop
service: billing
team: desk
delivery: 16h
calendar: office
state: published
END
must git add -A
must git commit -q -m laptop
request=$(new request --title 'A laptop' offering=laptop)
run itsm sla "$request" --format csv
out_has "$request,resolve,laptop,offering,running,,2026-11-25T14:00:00Z,57600,57600,0,0,"

begin 'a calendar that is missing, or has no hours'
promised
sed -i 's/calendar: office/calendar: nowhere/' design/agreements/all.yaml
must git commit -qam nowhere
run itsm sla "$id" --explain
code 0
out_has 'respond  unknown  all (sla), nowhere' "there is no calendar 'nowhere'"
run itsm sla list --format csv
out_has "$id,incident,new,Invoices are late,respond,all,sla,unknown,,,,,,,"
printf 'name: Never\nzone: UTC\n' >policy/calendars/never.yaml
sed -i 's/calendar: nowhere/calendar: never/' design/agreements/all.yaml
must git add -A
must git commit -qm never
run itsm check
code 1
out_has 'check/agreement/no-hours: counts by a calendar that has no hours'
at 2027-11-20T14:00:00Z
run itsm sla "$id" --explain
out_has 'never due: its calendar does not open for so long' 'elapsed 0s of 4h'

begin 'the chain: what is below an agreement may not add up to more'
promised
must itsm new service id=network --title Network
must itsm set billing depends_on=network
agreement gold <<'END'
type: sla
service: billing
customer: Acme
targets: [{priority: 1, resolve: 4h}, {priority: 2, resolve: 8h}]
END
agreement desk-ola <<'END'
type: ola
service: billing
team: desk
targets: [{priority: 1, resolve: 1h}, {priority: 2, resolve: 2h}]
END
agreement network-ola <<'END'
type: ola
service: network
team: desk
targets: [{resolve: 2h}]
END
run itsm check
out_lacks 'agreement-chain'
agreement carrier <<'END'
type: contract
service: network
supplier: telco
targets: [{resolve: 90m}]
END
new supplier id=telco --title Telco >/dev/null
run itsm check
code 1
out_has "design/agreements/gold.yaml:1:1: error: policy/agreement-chain: promises to resolve of priority 1 within 4h, but rests on desk-ola 1h + network-ola 2h + carrier 90m = 270m"
out_lacks 'of priority 2'
must itsm set network depends_on=billing
run itsm check
out_has 'policy/agreement-chain'

begin 'as it stood then: at a moment, a day, a commit; as it will stand'
promised
at 2026-11-20T14:30:00Z
must itsm move "$id" assigned
at 2026-11-20T15:00:00Z
must itsm move "$id" pending pending_reason=caller
at 2026-11-23T10:00:00Z
must itsm move "$id" assigned
must itsm set "$id" service= customer=Acme
agreement all <<'END'
type: sla
targets: [{respond: 1m, resolve: 2m}]
END
git commit -qam 'Promise something else'
column() { # NAME ID [AT]: of the clock `resolve`
	name=$1
	shift
	itsm sla "$@" --format jsonl | /usr/bin/python3 -c 'import json, sys
for line in sys.stdin:
    row = json.loads(line)
    if row["clock"] == "resolve":
        print(row[sys.argv[1]])' "$name"
}
is 'now' 'breached' "$(column status "$id")"
is 'after a quarter of an hour' 'running 900' "$(column status "$id" --at 2026-11-20T14:15:00Z) $(column elapsed "$id" --at 2026-11-20T14:15:00Z)"
is 'at the end of the day' 'paused 3600' "$(column status "$id" --at 2026-11-20) $(column elapsed "$id" --at 2026-11-20)"
is 'two commits ago' 'running 3600' "$(column status "$id" --at HEAD~2) $(column elapsed "$id" --at HEAD~2)"
is 'in two hours' 'breached' "$(column status "$id" --at +2h)"
run itsm sla list --at 2026-11-20T14:15:00Z --format csv
code 0
is 'two clocks ran then' 'incident new resolve,incident new respond' "$(tail -n +2 "$top/out" | tr , ' ' | awk '{ print $2, $3, $7 }' | sort | paste -sd, -)"
run itsm sla list --at 2026-11-20T13:00:00Z
code 3
run itsm sla "$id" --at 2026-13
code 2
err_has "there is no month '2026-13'"
run itsm sla report --at 2026-11
code 2
run itsm list incident
code 0

begin 'what is open is told anew with every commit, however often it is asked'
promised
for _ in 1 2; do
	run itsm sla list --format id
	out "$id
$id"
done
second=$(new incident --title 'Another' priority=2)
run itsm sla list --format id
is 'records' 2 "$(sort -u "$top/out" | wc -l)"
must itsm move "$id" cancelled
run itsm sla list --format id
is 'records' "$second" "$(sort -u "$top/out")"
git reset -q --hard HEAD~1
run itsm sla list --format id
is 'records' 2 "$(sort -u "$top/out" | wc -l)"
run itsm index verify
code 0

begin 'what a clock learns of history does not stay in the log of the index'
promised
rm -rf .git/itsm
for i in $(seq 40); do echo "x$i" >"note-$i" && git add . && git commit -qm "$i"; done
run itsm sla list
code 0
log=$(wc -c <.git/itsm/index-v4.db-wal)
[ "$log" -le 3000000 ] || problem "$log bytes"

begin 'imported history counts with its own times'
at 2026-11-22T10:00:00Z
desk
agreement all <<'END'
type: sla
targets: [{resolve: 4h}]
END
must git add -A
must git commit -q -m promises
cat >map.yaml <<'END'
source: log
kind: incident
times: {formats: rfc3339}
key: number
state: {from: state, map: {New: new, Active: assigned, Closed: closed}}
columns:
  title: what
  opened: {from: at, take: first}
  closed: {from: at, states: [closed]}
replay: {time: at, author: who, mail: "{who:slug}@import.invalid"}
END
cat >log.csv <<'END'
number,state,what,at,who
1,New,Slow,2020-05-04T10:00:00Z,Ann
1,Active,Slow,2020-05-04T11:00:00Z,Bob
1,Closed,Slow,2020-05-04T15:00:00Z,Ann
END
must itsm import --map map.yaml log.csv --replay
run itsm sql "SELECT clock, start, \"end\", elapsed, status FROM sla" --format csv
out 'clock,start,end,elapsed,status
resolve,2020-05-04T10:00:00Z,2020-05-04T15:00:00Z,18000,breached'

begin 'what is wrong with the words'
promised
run itsm sla
code 2
run itsm sla list --breaching soon
code 2
err_has "--breaching takes a duration such as 30m, 2h or 1d, not 'soon'"
run itsm sla report --by colour
code 2
err_has "not by 'colour'"
run itsm sla report --from 2026-12 --to 2026-11
code 2
err_has 'the period ends before it begins'
run itsm sla list --explain
code 2
run itsm sla INC-zzzzzzzz
code 3
run itsm sql "SELECT sla_due(id, 'reopen') FROM incident"
code 2
err_has "the clocks are called 'respond' and 'resolve'"
run itsm sql "SELECT * FROM itsm_clock"
code 2

finish
