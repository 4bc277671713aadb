#!/bin/sh
# itsm event: bodies of senders, alerts, suppression, flapping, incidents, refusals, receivers at once.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# alert STATUS [FINGERPRINT [STARTS [SEVERITY [GROUP [LABELS]]]]]: an Alertmanager body.
alert() {
	printf '{"version":"4","receiver":"itsm","status":"%s","groupKey":"%s","groupLabels":{"alertname":"Down"},"truncatedAlerts":0,"alerts":[
{"status":"%s","fingerprint":"%s","startsAt":"%s","endsAt":"%s","labels":{"alertname":"Down","severity":"%s"%s},
"annotations":{"summary":"Host is down"}}]}' "$1" "${5:-g1}" "$1" "${2:-f1}" "${3:-2026-11-22T09:50:00Z}" \
		"$([ "$1" = resolved ] && echo 2026-11-22T09:58:00Z || echo 0001-01-01T00:00:00Z)" "${4:-critical}" "${6-}"
}

ingest() { # the alert's words
	alert "$@" >"$top/body"
	run itsm event ingest "$top/body"
}

one() { # KIND: the ID of the only record
	itsm list "$1" --format id
}

value() { # KIND FIELD
	itsm list "$1" --columns "id,$2" --format csv | tail -n +2 | cut -d, -f2-
}

things() {
	must itsm new team --title Night id=night
	must itsm new service --title Billing id=billing criticality=high team=night
	must itsm new item --title 'Database 1' id=db-1 hostname=db-1.example.org addresses=10.0.0.7 services=billing
}

begin 'all bodies there are of real senders are read, each once'
if [ -d "$ITSM_DATA/alerts" ]; then
	desk
	read_bodies=0
	for body in "$ITSM_DATA"/alerts/*.json; do
		run itsm event ingest "$body"
		code 0
		read_bodies=$((read_bodies + 1))
		head=$(git rev-parse HEAD)
		run itsm event ingest "$body"
		code 0
		is "$body again" "$head" "$(git rev-parse HEAD)"
	done
	is 'bodies' 18 "$read_bodies"
	run itsm list alert --sort summary --columns summary,state,severity,source,starts --format csv
	out 'summary,state,severity,source,starts
45645,resolved,error,pagerduty,2013-07-09T20:25:44Z
Alerta API on OpenShift: HTTP Error 503,resolved,critical,pingdom,2017-06-30T22:25:43Z
CPU (agent) for webserver-85 is above the threshold of 1% with a value of 28.5%,firing,error,stackdriver,2017-07-06T19:10:14Z
Connect fail,firing,critical,alertmanager,2016-08-01T10:27:08Z
Load peaking!,firing,error,grafana,2026-11-22T10:00:00Z
New Relic Alert - Test Condition: I am a test Violation,firing,info,newrelic,2020-09-25T11:23:27Z
No things for over 10 minutes,firing,critical,alertmanager,2017-08-03T19:17:37Z
Stream had 2 messages in the last 1 minutes with trigger condition more than 1 messages. (Current grace time: 1 minutes),firing,error,graylog,2015-09-10T09:45:54Z
Testing -> Battery Voltage alert,firing,warning,grafana,2026-11-22T10:00:00Z
Zeta CPU alert,resolved,error,grafana,2026-11-22T10:00:00Z
bucketbytesAlarm: Threshold Crossed: 1 datapoint [1062305.0 (14/02/19 23:53:00)] was greater than or equal to the threshold (0.0).,firing,error,cloudwatch,2019-02-15T23:53:45Z
sample-object-name: sample-info,firing,warning,vrealize,2013-05-28T16:09:06Z'
	run itsm list incident --sort title --columns title,state,impact,urgency,priority --format csv
	out 'title,state,impact,urgency,priority
Alerta API on OpenShift: HTTP Error 503,resolved,2,1,2
CPU (agent) for webserver-85 is above the threshold of 1% with a value of 28.5%,new,2,2,3
Connect fail,new,2,1,2
Load peaking!,new,2,2,3
No things for over 10 minutes,new,2,1,2
Stream had 2 messages in the last 1 minutes with trigger condition more than 1 messages. (Current grace time: 1 minutes),new,2,2,3
Zeta CPU alert,resolved,2,2,3
bucketbytesAlarm: Threshold Crossed: 1 datapoint [1062305.0 (14/02/19 23:53:00)] was greater than or equal to the threshold (0.0).,new,2,2,3'
	clean
	sound
	must itsm verify
else
	skip "there is no $ITSM_DATA/alerts"
fi

begin 'what the bodies do not make is told'
if [ -d "$ITSM_DATA/alerts" ]; then
	desk
	run itsm event ingest --from cloudwatch "$ITSM_DATA/alerts/cloudwatch_subscription_confirmation.json"
	code 0
	out '0 alerts in 1 body; no commit'
	err_has 'arn:aws:sns:eu-west-1:1234567890:alerta-test asks whether it may send alarms' \
		'opens https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription' '(itsm opens no address that a body names)'
	run itsm event ingest --from cloudwatch "$ITSM_DATA/alerts/riemann_alert.json"
	code 2
	err_has "riemann_alert.json: refused: it is no body that 'cloudwatch' sends" 'no use in being sent again'
	run itsm event ingest --from riemann "$ITSM_DATA/alerts/riemann_alert.json"
	code 0
	out '1 alert in 1 body: 1 unchanged; no commit'
	is 'commits' 1 "$(commits)"
else
	skip "there is no $ITSM_DATA/alerts"
fi

begin 'an alert fires, repeats, ends, and its incident with it'
desk
things
ingest firing f1 2026-11-22T09:50:00Z critical g1 ',"instance":"db-1:9100"'
code 0
out '1 alert in 1 body: 1 firing; incidents: 1 opened; 1 commit'
alert=$(one alert)
incident=$(one incident)
err "$incident opened (1 alert)"
is 'as anybody computes it' "$(printf 'alertmanager\nf1\n' | sha256sum | cut -c1-10)" \
	"$(python3 -c 'import sys; a="0123456789abcdefghjkmnpqrstvwxyz"; n=0
for c in sys.argv[1]: n=n*32+a.index(c)
print("%010x" % n)' "${alert#ALT-}")"
is 'the file' "operation/alerts/2026/11/$alert.yaml" "$(path_of "$alert")"
cat >expected <<EXPECTED
state: firing
summary: Host is down
severity: critical
fingerprint: f1
group_key: g1
service: billing
items: [db-1]
incident: $incident
class: Down
receiver: itsm
count: 1
starts: 2026-11-22T09:50:00Z
last: 2026-11-22T09:50:00Z
source: alertmanager
labels:
  alertname: Down
  instance: db-1:9100
  severity: critical
EXPECTED
same expected "$(path_of "$alert")"
cat >expected <<EXPECTED
---
state: new
title: Host is down
contact: monitoring
opened: 2026-11-22T10:00:00Z
began: 2026-11-22T09:50:00Z
service: billing
items: [db-1]
category: Down
impact: 1
urgency: 1
priority: 1
team: night
external: g1
source: alerts
---

## Description

Opened by monitoring:

- $alert: Host is down

## Resolution
EXPECTED
same expected "$(path_of "$incident")"
is 'the message' "alerts: 1 firing, 1 incident opened

Itsm-Action: event
Itsm-Record: $incident
Itsm-Record: $alert" "$(last_message)"
rm expected
before=$(commits)
ingest firing f1 2026-11-22T09:50:00Z critical g1 ',"instance":"db-1:9100"'
code 0
out '1 alert in 1 body: 1 unchanged; no commit'
is 'commits' "$before" "$(commits)"
ingest resolved f1 2026-11-22T09:50:00Z critical g1 ',"instance":"db-1:9100"'
code 0
out '1 alert in 1 body: 1 resolved; incidents: 1 resolved; 1 commit'
is 'when it ended' '2026-11-22T09:58:00Z' "$(value alert ends)"
is 'the incident' 'resolved,recovered,2026-11-22T10:00:00Z' "$(value incident state,resolution_code,resolved)"
must grep -q '^None of its alerts fires any more.$' "$(path_of "$incident")"
before=$(commits)
# the same messages once more, as a sender repeats them that was not sure: none of them is news
ingest firing f1 2026-11-22T09:50:00Z critical g1
out '1 alert in 1 body: 1 unchanged; no commit'
ingest resolved f1 2026-11-22T09:50:00Z critical g1
out '1 alert in 1 body: 1 unchanged; no commit'
is 'commits' "$before" "$(commits)"
# it fires anew: the same record, and the same incident
ingest firing f1 2026-11-22T09:59:00Z critical g1
out '1 alert in 1 body: 1 firing; incidents: 1 opened again; 1 commit'
is 'the alert' 'firing,2,2026-11-22T09:59:00Z,' "$(value alert state,count,starts,ends)"
is 'the incident' 'assigned,1' "$(value incident state,reopen_count)"
# the end of the first firing comes late
ingest resolved f1 2026-11-22T09:50:00Z critical g1
out '1 alert in 1 body: 1 unchanged; no commit'
clean
sound
must itsm verify

begin "an incident that alerts open has the desk's defaults, as one that is written has"
desk
printf 'format: 1\nname: D\ndefaults:\n  incident: {team: service-desk, category: monitoring, customer: Acme}\n' >itsm.yaml
git commit -qam defaults
things
must itsm new item --title 'Printer 3' id=printer-3
ingest firing f1 2026-11-22T09:50:00Z critical g1 ',"instance":"printer-3"'
code 0
is 'without a service the team is that of the desk, and what the rule says stands' 'service-desk,Down,Acme' "$(value incident team,category,customer)"
ingest firing f2 2026-11-22T09:50:00Z critical g2 ',"instance":"db-1"'
code 0
is 'the team of the service goes before it' 'night' "$(itsm list incident service:billing --columns id,team --format csv | tail -n +2 | cut -d, -f2)"
clean
sound
printf 'format: 1\nname: D\ndefaults:\n  incident: {escalated: much}\n' >itsm.yaml
git commit -qam wrong
head=$(git rev-parse HEAD)
ingest firing f3 2026-11-22T09:50:00Z critical g3
code 3
err_has 'itsm.yaml: defaults of incident'
is 'nothing is written' "$head" "$(git rev-parse HEAD)"

begin 'a group is one incident, raised by what is worse and resolved by the last'
desk
ingest firing f1 2026-11-22T09:50:00Z error
out '1 alert in 1 body: 1 firing; incidents: 1 opened; 1 commit'
ingest firing f2 2026-11-22T09:51:00Z warning
out '1 alert in 1 body: 1 firing; 1 commit'
ingest firing f3 2026-11-22T09:52:00Z critical
out '1 alert in 1 body: 1 firing; incidents: 1 updated; 1 commit'
is 'the incident' '2,1,2' "$(value incident impact,urgency,priority)"
ingest resolved f3 2026-11-22T09:52:00Z critical
out '1 alert in 1 body: 1 resolved; 1 commit'
ingest firing f1 2026-11-22T09:50:00Z critical
out '1 alert in 1 body: 1 updated; 1 commit'
ingest resolved f1 2026-11-22T09:50:00Z critical
out '1 alert in 1 body: 1 resolved; incidents: 1 resolved; 1 commit'
is 'alerts' 3 "$(itsm list alert --format id | wc -l)"
is 'incidents' 1 "$(itsm list incident --format id | wc -l)"
clean
sound

begin 'a major incident is left to people, and so is what guards refuse'
desk
things
must itsm new person --title Ada id=ada mail=ada@example.org
ingest firing f1 2026-11-22T09:50:00Z critical g1
incident=$(one incident)
must itsm set "$incident" major=true commander=ada
ingest resolved f1 2026-11-22T09:50:00Z critical g1
out '1 alert in 1 body: 1 resolved; 1 commit'
is 'the incident' new "$(value incident state)"
mkdir -p policy/rules
cat >policy/rules/by-hand.yaml <<'END_RULE'
name: by-hand
help: Nobody resolves an incident but people
kinds: [incident]
states: [resolved]
must: "self.resolved_by IS NOT NULL"
message: does not say who solved it
remedy: set resolved_by
END_RULE
must git add policy
must git commit -q -m rule
ingest firing f2 2026-11-22T09:50:00Z critical g2
ingest resolved f2 2026-11-22T09:50:00Z critical g2
code 0
out '1 alert in 1 body: 1 resolved; incidents: 1 refused; 1 commit'
err_has 'is not resolved: policy/by-hand: ' 'does not say who solved it'
is 'incidents' 'new
new' "$(value incident state)"
is 'alerts' 'resolved
resolved' "$(value alert state)"

begin 'a change in its window on the item suppresses, and that is recorded'
desk
things
change=$(new change --title Patch items=db-1 window.start=2026-11-22T09:30:00Z window.end=2026-11-22T10:30:00Z)
file=$(path_of "$change")
sed 's/^state: draft/state: implement/' "$file" >"$top/edited" && cp "$top/edited" "$file"
must git commit -q -am 'at work'
ingest firing f1 2026-11-22T09:50:00Z critical g1 ',"host":"db-1.example.org"'
code 0
out '1 alert in 1 body: 1 suppressed; 1 commit'
is 'the alert' "suppressed,$change" "$(value alert state,suppressed_by)"
is 'incidents' '' "$(one incident)"
ingest firing f1 2026-11-22T09:50:00Z critical g1 ',"host":"db-1.example.org"'
out '1 alert in 1 body: 1 unchanged; no commit'
# by its service, and not what is on another item
ingest firing f2 2026-11-22T09:50:00Z critical g2 ',"service":"billing"'
out '1 alert in 1 body: 1 firing; incidents: 1 opened; 1 commit'
# once the window is over, the repeat is news
(
	ITSM_NOW=2026-11-22T10:31:00Z
	export ITSM_NOW
	ingest firing f1 2026-11-22T09:50:00Z critical g1 ',"host":"db-1.example.org"'
	out '1 alert in 1 body: 1 firing; incidents: 1 opened; 1 commit'
)
is 'the alert' 'firing,' "$(value alert state,suppressed_by | head -n 1)"
clean
must git fsck --strict --no-dangling

begin 'an announced outage suppresses, of a service too'
desk
things
outage=$(new outage --title 'New disks' planned=true services=billing start=2026-11-22T09:00:00Z expected_end=2026-11-22T11:00:00Z external=x)
ingest firing f1 2026-11-22T09:50:00Z critical g1 ',"address":"10.0.0.7"'
out '1 alert in 1 body: 1 suppressed; 1 commit'
is 'the alert' "suppressed,$outage,billing,\"[\"\"db-1\"\"]\"" "$(value alert state,suppressed_by,service,items)"
ingest resolved f1 2026-11-22T09:50:00Z critical g1
out '1 alert in 1 body: 1 resolved; 1 commit'
sound

begin 'an alert that comes and goes is flapping, and its incident waits until it is quiet'
desk
for minute in 10 20 30 40; do
	ITSM_NOW=2026-11-22T09:$minute:30Z ingest firing f1 "2026-11-22T09:$minute:00Z"
	code 0
	[ $minute -ne 40 ] || out '1 alert in 1 body: 1 firing, 1 flapping; incidents: 1 opened again; 1 commit'
	[ $minute -ne 10 ] || must itsm set "$(one incident)" group=night
	ITSM_NOW=2026-11-22T09:$minute:50Z ingest resolved f1 "2026-11-22T09:$minute:00Z"
	code 0
done
out '1 alert in 1 body: 1 resolved; 1 commit'
is 'the alert' 'resolved,4,true' "$(value alert state,count,flapping)"
is 'the incident' 'assigned,3' "$(value incident state,reopen_count)"
ITSM_NOW=2026-11-22T10:40:00Z run itsm event settle
out '0 alerts in 0 bodies; no commit'
ITSM_NOW=2026-11-22T11:40:00Z run itsm event settle
code 0
out '0 alerts in 0 bodies; incidents: 1 resolved; 1 commit'
is 'the incident' resolved "$(value incident state)"
ITSM_NOW=2026-11-22T12:00:00Z ingest firing f1 2026-11-22T11:59:00Z
is 'the alert' 'firing,5,' "$(value alert state,count,flapping)"
sound
must itsm verify

begin 'what is wrong is refused whole, with an exit code that says so'
desk
head=$(git rev-parse HEAD)
refused() { # body reason
	run_with "$1" itsm event ingest
	code 2
	err_has "$2" 'no use in being sent again'
	is 'HEAD' "$head" "$(git rev-parse HEAD)"
}
refused '' 'refused: it is no JSON'
refused '{"version":"4","receiver":"itsm","alerts":[{"status":"fir' 'stdin:1:'
refused '[]' 'it is no JSON object'
refused '{"a":1,"a":2}' 'refused: it is no JSON: duplicate object key'
refused '{"hello":"world"}' 'no map knows whose body it is'
refused '{"summary":"a","status":"burning"}' "alert 1 cannot be taken: state: 'burning' is not in the map"
refused '{"summary":"a","starts":"tomorrow"}' "starts: 'tomorrow' is no time"
refused '{"alerts":[{"summary":"a"},{"summary":""}]}' 'alert 2 cannot be taken: summary: needed'
refused '{"alerts":[{"summary":"a"},7]}' 'alert 2 cannot be taken: it is no object'
refused "$(printf '{"summary":"a\200"}')" 'refused: it is no JSON'
head -c 17000000 /dev/zero | tr '\0' ' ' >"$top/large"
run itsm event ingest "$top/large"
code 2
err_has 'refused: more than 16 MiB'
{
	printf '{"summary":"deep","x":'
	head -c 100 /dev/zero | tr '\0' '['
	head -c 100 /dev/zero | tr '\0' ']'
	printf '}'
} >"$top/deep"
run itsm event ingest "$top/deep"
code 2
err_has 'refused: more than'
run itsm event ingest --from nobody
code 2
err_has "there is no map 'nobody'; there are alertmanager"
run itsm event ingest "$top/none"
code 3
# the others are taken
alert firing >"$top/good"
printf '{"summary"' >"$top/bad"
run itsm event ingest "$top/good" "$top/bad"
code 2
out '1 alert in 1 body: 1 firing; incidents: 1 opened; 1 commit'
err_has 'bad:1:10: refused' '1 of 2 bodies was refused'
sound

begin 'each line is a body'
desk
run_with '{"summary":"a"}
{"summary":"b"

{"summary":"c","severity":"warning"}
{"summary":"a"}' itsm event ingest --lines
code 2
out '3 alerts in 3 bodies: 2 firing; incidents: 1 opened; 1 commit'
err_has 'stdin:2: refused'
is 'commits' 2 "$(commits)"

begin 'a sender is an attacker'
desk
printf '%s' '{"summary":"\u001b[31mred\u0000","description":"a\u001bb\u009bc\r\nd\u202e","fingerprint":"x\ny","group_key":"../../etc",
"labels":{"../x":"1","<!-- -->":"2","a: b\n- c":"3","&a":"*b","y":"no","":"e"},"status":"firing","url":"javascript:alert(1)"}' >"$top/body"
run itsm event ingest "$top/body"
code 2
err_has 'refused: it is no JSON'
sed -i 's/\\u0000//' "$top/body"
run itsm event ingest "$top/body"
code 0
alert=$(one alert)
must itsm show "$alert"
sound
run cat "$(path_of "$alert")"
out_lacks "$(printf '\033')" javascript
out_has '"&a": "*b"' '"y": "no"'
is 'below operation only' '' "$(git show --name-only --format= HEAD | grep -v '^operation/')"
# shellcheck disable=SC2016 # Markdown
printf '%s' '{"summary":"[a](javascript:x) <script> `x` ## Plan --- \n## Resolution\ndone","severity":"critical","fingerprint":"m"}' >"$top/body"
run itsm event ingest "$top/body"
code 0
incident=$(itsm list incident external:m --format id)
# shellcheck disable=SC2016 # Markdown
must grep -qF '\[a\](javascript:x) \<script\> \`x\` \#\# Plan ---  \#\# Resolution done' "$(path_of "$incident")"
run itsm next "$incident"
out_has 'does not say what solved it'
sound

begin 'a summary is a line that people read in lists, and a byte order mark is none of JSON'
desk
/usr/bin/python3 -c '
import json, sys
sys.stdout.buffer.write(b"\xef\xbb\xbf" + json.dumps({"summary": "ä" * 1000000, "fingerprint": "long", "severity": "critical"}).encode())' >"$top/body"
run itsm event ingest "$top/body"
code 0
is 'lengths' '203,203' "$(itsm list alert --columns summary --format csv | tail -n +2 | wc -m | awk '{ print $1 - 1 }'),$(itsm list incident --columns title --format csv | tail -n +2 | wc -m | awk '{ print $1 - 1 }')"
run itsm event ingest "$top/body"
out '1 alert in 1 body: 1 unchanged; no commit'
sound

begin 'maps and rules of the desk'
desk
things
mkdir -p policy/events/maps
cat >policy/events/maps/door.yaml <<'END_MAP'
format: json
source: doors
accepts: {door: ".", open: "."}
labels: [{place: door}]
kind: alert
key: door
state: {from: open, map: {"true": firing, "false": resolved}}
columns:
  summary: "Door {door} is open"
  severity: {value: critical}
  starts: _now
END_MAP
printf 'items: |\n  SELECT e.n, i.id FROM event AS e, json_each(e.labels) AS l JOIN item AS i ON i.id = l.value WHERE l.key = %s\nresolve: ""\n' \
	"'place'" >policy/events/rules.yaml
run_with '{"door":"db-1","open":true}' itsm event ingest
code 2
must git add policy
must git commit -q -m 'our doors'
run_with '{"door":"db-1","open":true}' itsm event ingest
code 0
out '1 alert in 1 body: 1 firing; incidents: 1 opened; 1 commit'
is 'the alert' 'doors,db-1,billing,Door db-1 is open' "$(value alert source,fingerprint,service,summary)"
run_with '{"door":"db-1","open":false}' itsm event ingest
out '1 alert in 1 body: 1 resolved; 1 commit'
is 'the incident' new "$(value incident state)"
run itsm event maps door
same "$top/out" policy/events/maps/door.yaml
run itsm event maps --format csv
out_has 'door,doors,policy/events/maps/door.yaml' 'json,json,built-in'
# a map given along is the one that counts
sed 's/source: doors/source: gates/' policy/events/maps/door.yaml >"$top/map"
run_with '{"door":"north","open":true}' itsm event ingest --map "$top/map" -n
code 0
out 'would take 1 alert in 1 body: 1 firing; incidents: 1 opened'
# what is wrong with them is the desk's fault: the sender may try again
head=$(git rev-parse HEAD)
printf 'items: |\n  SELECT 1 FROM nowhere\n' >policy/events/rules.yaml
must git commit -q -am 'broken'
run_with '{"door":"south","open":true}' itsm event ingest
code 3
err_has "the rule 'items' of events (policy/events/rules.yaml): no such table: nowhere"
printf 'things: 1\n' >policy/events/rules.yaml
must git commit -q -am 'broken'
run_with '{"door":"south","open":true}' itsm event ingest
code 3
err_has "policy/events/rules.yaml: 'things' is no key of 'rules'"
must git reset -q --hard "$head"
printf 'severity: {value: bad}\n' >>policy/events/maps/door.yaml
must git commit -q -am 'broken'
run itsm event maps
code 3
err_has "policy/events/maps/door.yaml: 'severity' is no key of 'map'"

begin 'check reads the maps and rules that receivers go by, before an alert does'
desk
mkdir -p policy/events/maps
lint() { # FILE TEXT FINDING ...
	printf '%s\n' "$2" >"$1"
	file=$1
	shift 2
	run itsm check
	code 1
	out_has "$@"
	is 'findings' 1 "$(grep -c '^policy/' "$top/out")"
	rm "$file"
}
rules=policy/events/rules.yaml
map=policy/events/maps/door.yaml
lint $rules 'reopn: 1d' "$rules:1:1: error: policy/event: 'reopn' is no key"
lint $rules 'items: SELECT n, colour FROM event' "$rules" "the rule 'items': no such column: colour"
lint $rules 'services: SELECT n FROM event' "the rule 'services' gives 1 column, and takes 2 at least"
lint $rules 'incident: SELECT n, n, 1 AS colour FROM event' "the rule 'incident' gives 'colour', which is no field of an incident"
lint $rules 'resolve: SELECT id, 1 AS colour FROM recovered' "the rule 'resolve' gives 'colour', which is no field of an incident"
lint $rules 'suppress: DELETE FROM event' "the rule 'suppress'"
lint $rules 'follow: [colour]' "'colour' under \`follow\` is no field of an alert"
lint $rules '[' "$rules:2:1: error: policy/event"
lint $map 'kind: alert' "$map:1:1: error: policy/event: the map has no \`accepts:\`"
lint $map 'accepts: {a: "("}' "$map:1:14: error: policy/event: no POSIX extended regular expression"
lint $map 'format: json
source: doors
accepts: {door: "."}
kind: alert
key: door
columns: {colour: door}' "$map" error: policy/event
must itsm event maps rules
cp "$top/out" $rules 2>/dev/null
itsm event maps rules >$rules
itsm event maps grafana >policy/events/maps/grafana.yaml
run itsm check
code 0
out ''
ln -sf /etc/passwd $map
run itsm check
code 1
out_has "$map" policy/event

begin 'unsaved work in the way stops a batch, for a while'
desk
ingest firing
incident=$(one incident)
echo '<!-- mine -->' >>"$(path_of "$incident")"
head=$(git rev-parse HEAD)
ingest resolved
code 3
is 'HEAD' "$head" "$(git rev-parse HEAD)"
must git checkout -q .
ingest resolved
code 0
clean

begin 'many receivers at once make one record of an alert'
desk
for receiver in 1 2 3 4 5 6 7 8; do
	alert firing same >"$top/body$receiver"
	alert firing "own$receiver" >"$top/own$receiver"
	itsm event ingest "$top/body$receiver" >"$top/said$receiver" 2>&1 &
	itsm event ingest "$top/own$receiver" "$top/body$receiver" >"$top/told$receiver" 2>&1 &
done
wait
is 'alerts' 9 "$(itsm list alert --format id | wc -l)"
is 'incidents' 1 "$(itsm list incident --format id | wc -l)"
is 'failures' '' "$(cat "$top"/said* "$top"/told* | grep 'itsm:')"
is 'those who made the shared one' 1 "$(git log --format=%H --diff-filter=A -- "$(path_of "$(itsm list alert fingerprint:same --format id)")" | wc -l)"
clean
sound

begin 'a storm is one incident for each group, in one commit'
desk
python3 - "$top" <<'END_STORM'
import json, sys
for group in range(5):
    alerts = [{"status": "firing", "labels": {"alertname": "Down", "severity": "critical", "instance": f"host-{n}:9100"},
               "annotations": {"summary": f"host-{n} is down"}, "startsAt": "2026-11-22T09:50:00Z", "fingerprint": f"{group}-{n}"}
              for n in range(200)]
    with open(f"{sys.argv[1]}/storm{group}.json", "w") as file:
        json.dump({"version": "4", "receiver": "itsm", "groupKey": f"group {group}", "groupLabels": {"alertname": "Down"},
                   "truncatedAlerts": 3 if group == 4 else 0, "alerts": alerts}, file)
END_STORM
run itsm event ingest "$top"/storm?.json
code 0
out '1000 alerts in 5 bodies: 1000 firing; incidents: 5 opened; 1 commit'
err_has 'opened (200 alerts)' 'storm4.json: the sender left 3 alerts out'
is 'commits' 2 "$(commits)"
run itsm event ingest "$top"/storm?.json
out '1000 alerts in 5 bodies: 1000 unchanged; no commit'
must grep -q '^- and 180 more$' "$(path_of "$(itsm list incident 'external:group 3' --format id)")"
sed -i 's/"firing"/"resolved"/g' "$top"/storm?.json
run itsm event ingest "$top"/storm?.json
out '1000 alerts in 5 bodies: 1000 resolved; incidents: 5 resolved; 1 commit'
clean
sound

finish
