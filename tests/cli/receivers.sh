#!/bin/sh
# What docs/receivers.md shows, tried: its scripts and files are taken from the page itself.
#
# The first test is the real thing: Prometheus finds that something is down, Alertmanager tells the packaged
# webhook program, that runs itsm, and an incident is opened and resolved. All on loopback, in a folder of the test's.
# shellcheck disable=SC2016,SC2317 # Markdown, and functions that others call
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

page=$repository_root/docs/receivers.md

# The fenced block of the page that follows the first line with this text, with the desk and spool put where the test has them.
block() { # TEXT
	awk -v text="$1" '!found && index($0, text) { found = 1; next } found && /^```/ { if (inside) exit; inside = 1; next } inside' "$page" |
		sed "s,/srv/desk,$top/work,g; s,/srv/spool,$top/spool,g; s,/usr/local/bin,$top/programs,g; s,CHANGE-ME,secret,g"
}

program() { # NAME TEXT
	mkdir -p "$top/programs"
	block "$2" >"$top/programs/$1"
	[ -s "$top/programs/$1" ] || problem "docs/receivers.md has no block behind '$2'"
	chmod 755 "$top/programs/$1"
}

daemons=
start() { # NAME command ...
	log=$top/$1.log
	shift
	timeout 300 "$@" >"$log" 2>&1 & # ends by itself when this test is killed
	daemons="$daemons $!"
}

stop_all() {
	for daemon in $daemons; do
		kill "$daemon" 2>/dev/null
		wait "$daemon" 2>/dev/null
	done
	daemons=
}

# Wait until a command succeeds, a minute at most.
await() { # command ...
	for _ in $(seq 1 240); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.25
	done
	problem "\$ $* did not come true within a minute"
	for log in "$top"/*.log; do problem "$log:" "$(tail -n 15 "$log")"; done
	return 1
}

incident_is() { # STATE
	[ "$(itsm list incident --columns state --format csv | tail -n 1)" = "$1" ]
}

listens() { # PORT
	python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)' "$1"
}

free_ports() { # HOW MANY
	python3 -c 'import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in held: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))' "$1"
}

prometheus_files() { # the ports
	program take-alerts '`take-alerts`:'
	block '`hooks.json`:' >"$top/hooks.json"
	block '`alertmanager.yml`:' | sed "s,127.0.0.1:9000,127.0.0.1:$1,; s/group_wait: 10s/group_wait: 1s/; s/group_interval: 1m/group_interval: 1s/" \
		>"$top/alertmanager.yml"
	cat >"$top/prometheus.yml" <<END_YAML
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:$2"]}]}]}
scrape_configs:
  - job_name: billing
    scrape_timeout: 1s
    static_configs: [{targets: ["127.0.0.1:$4"]}]
END_YAML
	cat >"$top/rules.yml" <<'END_YAML'
groups:
  - name: up
    rules:
      - alert: TargetDown
        expr: up == 0
        labels: {severity: critical, item: db-1}
        annotations: {summary: "{{ $labels.job }} is down"}
END_YAML
}

begin 'Prometheus, Alertmanager and webhook fire and resolve a real alert'
if command -v prometheus >/dev/null && command -v prometheus-alertmanager >/dev/null && command -v webhook >/dev/null; then
	unset ITSM_NOW
	desk
	must itsm new service --title Billing id=billing
	must itsm new item --title 'Database 1' id=db-1 services=billing
	# shellcheck disable=SC2046 # four words
	set -- $(free_ports 4)
	prometheus_files "$@"
	start webhook webhook -hooks "$top/hooks.json" -ip 127.0.0.1 -port "$1"
	start alertmanager prometheus-alertmanager --config.file="$top/alertmanager.yml" --storage.path="$top/am" \
		--web.listen-address="127.0.0.1:$2" --cluster.listen-address=
	start prometheus prometheus --config.file="$top/prometheus.yml" --storage.tsdb.path="$top/tsdb" --web.listen-address="127.0.0.1:$3"
	await listens "$1"
	if await incident_is new; then
		run itsm list alert --columns summary,state,severity,service,items,source --format csv
		out 'summary,state,severity,service,items,source
billing is down,firing,critical,billing,"[""db-1""]",alertmanager'
		# what is down comes up
		mkdir "$top/metrics"
		echo 'something 1' >"$top/metrics/metrics"
		start metrics python3 -m http.server --bind 127.0.0.1 --directory "$top/metrics" "$4"
		await incident_is resolved
		is 'the alert' 'resolved,1' "$(itsm list alert --columns state,count --format csv | tail -n 1)"
		is 'commits of alerts' 2 "$(git log --format=%s | grep -c '^alerts: ')"
	fi
	# one who does not know the word is not let in, and a body that is wrong is not asked for again
	refused=$(python3 - "$1" <<'END_PYTHON'
import sys, urllib.error, urllib.request
for word, body in ("wrong", b'{"summary":"x"}'), ("secret", b'{"summary":'):
    request = urllib.request.Request(f"http://127.0.0.1:{sys.argv[1]}/hooks/alerts", body,
                                     {"Authorization": "Bearer " + word, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        print(answer.status, answer.read().decode().strip().split("\n")[0])
END_PYTHON
	)
	is 'answers' '200 Hook rules were not satisfied.
200 payload: refused' "$(echo "$refused" | sed 's/^200 [a-z]*:[0-9:]* refused.*/200 payload: refused/')"
	stop_all
	ITSM_NOW=2026-11-22T10:00:00Z
	export ITSM_NOW
	clean
	must git fsck --strict --no-dangling
else
	skip 'prometheus, prometheus-alertmanager or webhook is not here'
fi

if ! command -v jq >/dev/null; then
	begin 'the other receivers'
	skip 'jq is not here'
	finish
fi

begin 'a mail server gives a mail to the pipe'
desk
program mail-alert '`mail-alert` makes a body'
mail() { # SUBJECT
	printf 'From: ups@example.org\nTo: monitoring@example.org\nSubject: %s\nDate: Sun, 22 Nov 2026 10:00:00 +0000\n\nSubject: not this\n' "$1"
}
run_with "$(mail '[PROBLEM] UPS "north" $(is) on battery')" "$top/programs/mail-alert"
code 0
out '1 alert in 1 body: 1 firing; incidents: 1 opened; 1 commit'
is 'the alert' 'firing,"UPS ""north"" $(is) on battery"' "$(itsm list alert --columns state,summary --format csv | tail -n 1)"
run_with "$(mail '[OK] UPS "north" $(is) on battery')" "$top/programs/mail-alert"
code 0
out '1 alert in 1 body: 1 resolved; incidents: 1 resolved; 1 commit'
run_with 'no mail' "$top/programs/mail-alert"
code 0
err_has 'refused'
mv .git ../git
run_with "$(mail 'Fire')" "$top/programs/mail-alert"
code 75
mv ../git .git

begin 'a job of a pipeline tells how it went'
git init -q --bare ../hub.git
desk
must git remote add origin "$top/hub.git"
must git push -q -u origin main
program report 'A job that tells how it went'
run "$top/programs/report" nightly 1
code 0
out_has '1 firing; incidents: 1 opened'
run "$top/programs/report" nightly 1
code 0
out_has '1 unchanged; no commit'
run "$top/programs/report" nightly 0
code 0
out_has '1 resolved; incidents: 1 resolved'
is 'the hub has it' "$(git rev-parse HEAD)" "$(git -C "$top/hub.git" rev-parse main)"

begin 'cron takes what is in the spool'
desk
mkdir -p "$top/spool/new" "$top/spool/bad"
program take-spool '* * * * * /usr/local/bin/take-spool'
run "$top/programs/take-spool"
code 0
for number in 1 2 3; do echo "{\"summary\":\"Disk $number\",\"group_key\":\"disks\"}" >"$top/spool/new/$number"; done
echo '{"summary":' >"$top/spool/new/4"
run "$top/programs/take-spool"
code 0
out '3 alerts in 3 bodies: 3 firing; incidents: 1 opened; 1 commit'
is 'new' '' "$(ls "$top/spool/new")"
is 'bad' 4 "$(ls "$top/spool/bad")"
is 'commits' 2 "$(commits)"
# what can't be taken now stays
echo '{"summary":"Disk 5"}' >"$top/spool/new/5"
mv .git ../git
run "$top/programs/take-spool"
code 1
is 'new' 5 "$(ls "$top/spool/new")"
mv ../git .git
run "$top/programs/take-spool"
code 0
is 'new' '' "$(ls "$top/spool/new")"
# the line that needs no spool
mkdir "$top/bin"
printf '#!/bin/sh\necho "{\\"summary\\":\\"Backup is old\\"}"\n' >"$top/bin/check-backup"
chmod 755 "$top/bin/check-backup"
line=$(sed -n 's,^ *\*/5 \* \* \* \* cd /srv/desk,cd .,p' "$page")
PATH=$top/bin:$PATH run sh -c "$line"
code 0
out '1 alert in 1 body: 1 firing; incidents: 1 opened; 1 commit'

begin "Nagios' command"
desk
command_line=$(sed -n 's/^ *command_line //p' "$page" | sed "s,/srv/desk,$top/work,")
notify() { # TYPE HOST SERVICE STATE OUTPUT TIME
	printf '%s\n' "$command_line" | sed "s/[\$]NOTIFICATIONTYPE[\$]/$1/; s/[\$]HOSTNAME[\$]/$2/; s/[\$]SERVICEDESC[\$]/$3/; s/[\$]SERVICESTATE[\$]/$4/
s/[\$]SERVICEOUTPUT[\$]/$5/; s/[\$]TIMET[\$]/$6/; s/[\$][A-Z]*[\$]//g" >"$top/notify"
	run sh "$top/notify"
}
notify PROBLEM web-1 HTTP CRITICAL 'timed "out"' 1795341000
code 0
out '1 alert in 1 body: 1 firing; incidents: 1 opened; 1 commit'
notify ACKNOWLEDGEMENT web-1 HTTP CRITICAL 'seen' 1795341060
out '1 alert in 1 body: 1 acknowledged; 1 commit'
notify FLAPPINGSTART web-1 HTTP CRITICAL '' 1795341090
out '0 alerts in 1 body; no commit'
err_has 'FLAPPINGSTART of web-1 HTTP: nothing fires or stops with that'
notify RECOVERY web-1 HTTP OK 'fine' 1795341120
out '1 alert in 1 body: 1 resolved; incidents: 1 resolved; 1 commit'
is 'the alert' 'resolved,"web-1 HTTP CRITICAL : timed ""out""",critical,2026-11-22T09:50:00Z,2026-11-22T09:52:00Z' \
	"$(itsm list alert --columns state,summary,severity,starts,ends --format csv | tail -n 1)"
sound

finish
