#!/bin/sh
# metrics: figures of a period, by field and time, what they counted; a desk's own; formats; real logs against a script.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

at() {
	ITSM_NOW=$1 GIT_AUTHOR_DATE=$1 GIT_COMMITTER_DATE=$1
	export ITSM_NOW GIT_AUTHOR_DATE GIT_COMMITTER_DATE
}

# field=value ...: an incident opened at 10:00 that day, taken up after 10 minutes, solved after so many hours
solved() { # date hours field=value ...
	day=$1 hours=$2
	shift 2
	at "${day}T10:00:00Z"
	id=$(new incident --title Slow team=desk "$@")
	at "${day}T10:10:00Z"
	must itsm move "$id" assigned
	printf '## Resolution\n\nDone.\n' >>"$(path_of "$id")"
	must git commit -qam resolution
	at "${day}T$((10 + hours)):00:00Z"
	must itsm move "$id" resolved resolution_code=fixed
}

figure() { # NAME expected: the figure of a metric, rounded
	run itsm metrics "$1" --format json --from 2026-10 --to 2026-11
	is "$1" "$2" "$(python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))["records"][0]["value"]
print(value if value is None else round(value, 4))' "$top/out")"
}

busy() {
	at 2026-10-01T08:00:00Z
	desk
	new team id=desk --title Desk >/dev/null
	new team id=network --title Network >/dev/null
	new service id=billing --title Billing >/dev/null
	solved 2026-10-05 1 priority=2 service=billing
	solved 2026-10-06 2 priority=2 service=billing
	solved 2026-10-07 6 priority=3
	at 2026-10-08T10:00:00Z
	must itsm move "$id" assigned team=network
	at 2026-10-08T12:00:00Z
	must itsm move "$id" resolved
	at 2026-11-20T10:00:00Z
	open=$(new incident --title 'Still open' priority=1 service=billing)
	at 2026-11-22T10:00:00Z
}

begin 'times, shares and the backlog'
busy
figure opened 4
figure resolved 3
figure mtta 600
# 1 h, 2 h, and 26 h: opened again, solved the day after
figure mttr 34800
run itsm metrics mttr --from 2026-10 --format csv
is 'percentiles' '7200 76320' "$(tail -n 1 "$top/out" | cut -d, -f6,7 | tr , ' ')"
figure first-assignment 0.6667
figure reopened 0.3333
figure backlog 1
figure backlog-age 172801
figure backlog-old 0
figure csat None
at 2026-12-31T10:00:00Z
run itsm metrics backlog-old backlog-untouched --format csv
out_has 'backlog-old,' ',1,,,1,' 'backlog-untouched,'
at 2026-11-22T10:00:00Z

begin 'by field and by time; what was counted'
busy
run itsm metrics resolved --from 2026-10 --by priority
code 0
out 'metric    priority  figure  p50  p90  records
resolved  2         2       -    -          2
resolved  3         1       -    -          1'
run itsm metrics opened --from 2026-10 --by month --format csv
is 'months' '2026-10 3 2026-11 1' "$(tail -n +2 "$top/out" | cut -d, -f2,6 | tr ,'\n' '  ' | sed 's/ $//')"
run itsm metrics backlog --records --format csv
out "id,metric,at,value,weight,by
$open,backlog,2026-11-20T10:00:00Z,1,1,\"{\"\"state\"\":\"\"new\"\",\"\"service\"\":\"\"billing\"\",\"\"team\"\":\"\"service-desk\"\",\"\"priority\"\":\"\"1\"\",\"\"category\"\":null}\""
run itsm metrics backlog --format id
out "$open"
run itsm metrics --by service --from 2026-10
code 0
out_lacks 'left out'
out_has 'opened' 'billing'

begin 'outages: downtime counts what overlaps once, availability and time between failures follow'
desk
mkdir -p policy/calendars strategy/services
cat >policy/calendars/office.yaml <<'END'
name: Office
zone: UTC
hours: {monday: [09:00-17:00], tuesday: [09:00-17:00], wednesday: [09:00-17:00], thursday: [09:00-17:00], friday: [09:00-17:00]}
END
printf 'name: Billing\nstate: live\nlive_since: 2020-01-01T00:00:00Z\ncalendar: office\n' >strategy/services/billing.yaml
printf 'name: Mail\nstate: live\nlive_since: 2020-01-01T00:00:00Z\n' >strategy/services/mail.yaml
must git add -A
must git commit -q -m services
count=0
outage() { # from to service line
	count=$((count + 1))
	mkdir -p operation/outages/2026/11
	printf -- '---\ntitle: Down\nstate: over\nseverity: down\nservices: [%s]\nstart: 2026-11-%sZ\nend: 2026-11-%sZ\n%s\n---\n' \
		"$3" "$1" "$2" "$4" >"operation/outages/2026/11/OUT-0000000$count.md"
}
outage 10T16:00:00 10T18:00:00 billing 'cause: hardware'
outage 10T16:30:00 10T17:30:00 billing 'cause: hardware'
outage 12T00:00:00 12T06:00:00 mail 'cause: network'
outage 14T00:00:00 14T12:00:00 mail 'planned: true'
run itsm metrics downtime --from 2026-11 --by service --format csv
is 'downtime' 'billing 7200 mail 21600' "$(tail -n +2 "$top/out" | cut -d, -f2,6 | tr ,'\n' '  ' | sed 's/ $//')"
run itsm metrics maintenance --from 2026-11 --format csv
out_has ',43200,,,1,'
# 15 days with 8 hours until the 22nd 10:00, of which one was lost; 514 hours around the clock less six
run itsm metrics availability mtbf --from 2026-11 --by service --format json
python3 - "$top/out" <<'END' || problem 'availability or the time between failures is wrong'
import json, sys
got = {(r["metric"], r["service"]): r["value"] for r in json.load(open(sys.argv[1]))["records"]}
period = (21 * 24 + 10) * 3600
assert abs(got["availability", "billing"] - (15 * 8 - 1) / (15 * 8)) < 1e-9, got
assert abs(got["availability", "mail"] - (period - 6 * 3600) / period) < 1e-9, got
assert abs(got["mtbf", "mail"] - (period - 6 * 3600)) < 1e-6, got
assert abs(got["mtbf", "billing"] - (period - 7200)) < 1e-6, got # two that overlap are one failure
END

begin 'promises and satisfaction'
busy
mkdir -p design/agreements
printf 'name: All\ntype: sla\nstate: active\ntargets: [{respond: 5m, resolve: 3h}]\n' >design/agreements/all.yaml
must git add -A
must git commit -q -m promises
figure sla-met 0.25
must itsm new feedback score=5 service=billing
must itsm new feedback score=4 service=billing
must itsm new feedback score=2 service=billing
figure csat 0.6667

begin 'a desk has its own, also in place of a built-in one'
busy
mkdir -p improvement/metrics
cat >improvement/metrics/backlog.yaml <<'END'
name: Urgent and open
unit: incidents
figure: count
target: 0
sql: SELECT id, opened AS at, service FROM incident WHERE is_open AND priority = 1
END
cat >improvement/metrics/people.yaml <<'END'
name: People
sql: SELECT count(*) FROM person
END
cat >improvement/metrics/bad.yaml <<'END'
name: Bad
sql: SELECT nonsense FROM incident
END
cat >improvement/metrics/off.yaml <<'END'
name: Off
active: false
sql: SELECT 1
END
run itsm metrics --format csv
code 0
out_has 'backlog,Urgent and open,count,incidents,1,,,1,0,' 'people,People,value,,1,,,1,'
out_lacks 'Off'
err_has 'bad is left out: no such column: nonsense'
run itsm metrics bad
code 2
err_has 'itsm: metrics: bad: no such column: nonsense'

begin 'Prometheus takes it'
busy
printf 'name: "Say \\"what\\""\nsql: "SELECT 1 AS value, %sx\\\\%s AS name"\n' "'" "'" >say.yaml
mkdir -p improvement/metrics
mv say.yaml improvement/metrics/say-what.yaml
run itsm metrics --from 2026-10 --format openmetrics
code 0
out_has '# TYPE itsm_mttr_seconds summary' 'itsm_mttr_seconds{quantile="0.9"} 76320' 'itsm_mttr_seconds_count 3' '# EOF' \
	'itsm_first_assignment_ratio 0.666666666666667'
run itsm metrics say-what --by name --format openmetrics
out_has 'itsm_say_what{name="x\\"} 1'
if command -v promtool >/dev/null; then
	itsm metrics --from 2026-10 --format openmetrics | promtool check metrics >"$top/said" 2>&1 || problem 'promtool says:' "$(cat "$top/said")"
	itsm metrics --from 2026-10 --by service --format openmetrics | promtool check metrics >"$top/said" 2>&1 || problem 'promtool says:' "$(cat "$top/said")"
else
	skip 'there is no promtool here (prometheus)'
fi

begin 'what a metric says of itself, and what it is told by, breaks out of nothing'
busy
mkdir -p improvement/metrics
cat >improvement/metrics/evil.yaml <<'END'
name: Evil
description: "clear \e[2J \x7f \u009b31m and\nnewline"
figure: count
sql: >-
  SELECT 1 AS value, 'a' || char(27) || ']0;x' || char(7) || char(10) || '"} 1' AS title, 'q' AS quantile, 'd' AS "1st" UNION ALL SELECT 1, 'b', 'q', 'd'
END
for by in title quantile 1st; do
	run itsm metrics evil --by $by --format openmetrics
	code 0
	is "$by: control characters" 0 "$(tr -d '\n' <"$top/out" | grep -c '[[:cntrl:]]')"
	out_lacks "$(printf '\302\233')"
	if command -v promtool >/dev/null; then
		promtool check metrics <"$top/out" >"$top/said" 2>&1 || problem "promtool says of $by:" "$(cat "$top/said")"
	fi
done
out_has 'itsm_evil{by_1st="d"} 2' 'clear ?[2J'
run itsm metrics evil --by title --format openmetrics
out_has 'itsm_evil{title="a?]0;x?\n\"} 1"} 1'
run itsm metrics evil --by title --format json
/usr/bin/python3 -c '
import json, sys
def pairs(given):
    assert len({key for key, value in given}) == len(given), given
    return dict(given)
rows = json.load(open(sys.argv[1]), object_pairs_hook=pairs)["records"]
assert rows[1]["by_title"] == "b" and rows[1]["title"] == "Evil", rows' "$top/out" || problem 'a key is there twice'
run itsm metrics evil --by title
out_lacks "$(printf '\033')"

begin 'on a terminal: sparklines, and bars'
busy
TERM=xterm LC_ALL=C.UTF-8 script -qec 'itsm --no-pager metrics opened --from 2026-10' /dev/null >"$top/out" </dev/null
out_has 'trend' '█'
TERM=xterm LC_ALL=C.UTF-8 script -qec 'itsm --no-pager metrics resolved --from 2026-10 --by priority' /dev/null >"$top/out" </dev/null
out_has '████████████████' '████████'
TERM=xterm LC_ALL=C script -qec 'itsm --no-pager metrics opened --from 2026-10' /dev/null >"$top/out" </dev/null
out_lacks 'trend'

begin 'what is wrong with the words'
busy
run itsm metrics nothing
code 2
err_has "'nothing' is no metric; there are availability, backlog,"
run itsm metrics mttr --by colour
code 2
err_has "mttr can't be told by 'colour'; there are service, team, priority, category, day, week, month, quarter and year"
run itsm metrics --from 2026-12 --to 2026-11
code 2
err_has 'the period ends before it begins'
run itsm metrics --format xml
code 2
err_has "'xml' is no format"

begin 'SQL without an end is given up, and the others are measured'
busy
mkdir -p improvement/metrics
printf 'name: Endless\nfigure: count\nsql: "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS value FROM n"\n' \
	>improvement/metrics/endless.yaml
run itsm metrics endless --timeout 1
code 3
err_has 'endless: the query takes too long or gives too much'
run itsm metrics --timeout 1 --format csv
code 0
err_has 'endless is left out: the query takes too long'
out_has 'opened,' 'resolved,'
for i in 1 2 3 4 5; do cp improvement/metrics/endless.yaml improvement/metrics/endless-$i.yaml; done
began=$(date +%s)
run itsm metrics --timeout 1 --format csv
[ $(($(date +%s) - began)) -le 20 ] || problem 'all of them together have no bound'
for bad in -1 soon '' 1.5 9999999999; do
	run itsm metrics opened --timeout "$bad"
	code 2
	err_has '--timeout takes a number of seconds'
done

begin 'a real log, with its history: counts are those of a script'
log=$ITSM_DATA/uci-incidents/incident_event_log.csv.gz
if [ -f "$log" ]; then
	desk
	gzip -dc "$log" | head -n 1501 >log.csv
	must itsm import --map "$repository_root/docs/maps/uci-incidents.yaml" --replay log.csv
	for field in state priority reassigned reopened; do
		itsm metrics opened --from 2015 --by "$field" --format csv
	done >"$top/out" 2>"$top/err"
	python3 - "$top/out" log.csv <<'END' || problem 'the counts differ from those of the script' "$(cat "$top/err")"
import collections, csv, sys
last = {}
for row in csv.DictReader(open("log.csv", encoding="utf-8")):
    last[row["number"]] = row
states = {"New": "new", "Active": "assigned", "-100": "assigned", "Resolved": "resolved", "Closed": "closed"}
expected = {
    "state": collections.Counter(states.get(r["incident_state"], "pending") for r in last.values()),
    "priority": collections.Counter(r["priority"][0] for r in last.values()),
    "reassigned": collections.Counter(r["reassignment_count"] for r in last.values()),
    "reopened": collections.Counter(r["reopen_count"] for r in last.values()),
}
got = collections.defaultdict(dict)
for row in csv.reader(open(sys.argv[1], encoding="utf-8")):
    if row[1] in expected:
        field = row[1]
    else:
        got[field][row[1]] = int(row[5])
assert len(last) > 100 and {k: dict(v) for k, v in expected.items()} == dict(got), (expected, got)
END
else
	skip "there is no $log"
fi

begin 'another one: durations are those of a script'
log=$ITSM_DATA/volvo-incidents/VINST-incidents.csv.gz
if [ -f "$log" ]; then
	desk
	gzip -dc "$log" | head -n 1501 >log.csv
	must itsm import --map "$repository_root/docs/maps/volvo-incidents.yaml" --replay log.csv
	run itsm metrics duration --from 2009 --format json
	python3 - "$top/out" <<'END' || problem 'mean or median differ from those of the script'
import csv, datetime, json, statistics, sys
times = {}
for row in csv.DictReader(open("log.csv", encoding="utf-8-sig")):
    times.setdefault(row["SR Number"], []).append(datetime.datetime.fromisoformat(row["Change Date+Time"]))
spans = [(max(t) - min(t)).total_seconds() for t in times.values()]
got = json.load(open(sys.argv[1]))["records"][0]
assert got["records"] == len(spans) > 20, (got, len(spans))
assert abs(got["value"] - statistics.mean(spans)) < 1e-3 and abs(got["p50"] - statistics.median(spans)) < 1e-3, got
END
else
	skip "there is no $log"
fi

begin 'posts of a status page: downtime by service'
posts=$ITSM_DATA/status-posts/issues
if [ -d "$posts" ]; then
	desk
	must itsm import --map "$repository_root/docs/maps/status-posts.yaml" "$posts"
	run itsm metrics downtime maintenance --from 2019 --by service --records --format jsonl
	code 0
	itsm sql "SELECT i.id, j.value, coalesce(i.began, i.opened), coalesce(i.resolved, i.closed), 'downtime' FROM incident AS i, json_each(i.services) AS j \
		WHERE i.severity <> 'notice' UNION ALL SELECT o.id, j.value, o.start, o.\"end\", CASE WHEN o.planned THEN 'maintenance' ELSE 'downtime' END \
		FROM outage AS o, json_each(o.services) AS j WHERE o.severity <> 'notice' OR o.severity IS NULL" --format csv >"$top/posts" 2>"$top/err"
	itsm metrics downtime maintenance --from 2019 --by service --format csv >"$top/figures"
	python3 - "$top/posts" "$top/figures" "$ITSM_NOW" <<'END' || problem 'the downtime differs from that of the script'
import collections, csv, datetime, sys
parse = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
now = parse(sys.argv[3])
spans = collections.defaultdict(list)
for row in list(csv.reader(open(sys.argv[1])))[1:]:
    start, end = parse(row[2]), parse(row[3]) if row[3] else now
    if end > start:
        spans[row[4], row[1]].append((start, min(end, now + datetime.timedelta(seconds=1))))
expected = {}
for key, items in spans.items():
    total, reach = 0, None
    for start, end in sorted(items):
        begin = max(start, reach) if reach else start
        total += max(0, (end - begin).total_seconds())
        reach = max(reach, end) if reach else end
    expected[key] = total
got = {(row[0], row[1]): float(row[5]) for row in list(csv.reader(open(sys.argv[2])))[1:]}
assert len(got) > 10 and got == expected, (set(got.items()) ^ set(expected.items()))
END
else
	skip "there is no $posts"
fi

finish
