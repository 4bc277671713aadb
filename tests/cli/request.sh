#!/bin/sh
# request: forms, typed answers, tasks in their order, the time of delivery, approval by the catalogue.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

catalogue() {
	desk
	mkdir -p strategy/services design/offerings
	printf 'state: live\nname: Workplace\n' >strategy/services/workplace.yaml
	cat >policy/calendars/office.yaml <<'END'
name: Office
zone: Europe/Berlin
hours:
  monday: [09:00-17:00]
  tuesday: [09:00-17:00]
  wednesday: [09:00-17:00]
  thursday: [09:00-17:00]
  friday: [09:00-17:00]
END
	cat >design/offerings/laptop.yaml <<'END'
state: published
name: A laptop
service: workplace
team: service-desk
calendar: office
delivery: 16h
form:
  - {name: model, type: enum, values: [light, strong], required: true, label: Which one}
  - {name: memory, type: int, default: 16}
  - {name: who, type: person, required: true}
  - {name: from_day, type: date}
  - {name: bag, type: bool}
  - {name: words, type: string}
tasks:
  - title: Order it
    team: service-desk
  - {title: "Set: it up", after: [Order it]}
  - title: Hand it over
    after: ["Set: it up"]
END
	must git add . && must git commit -qm catalogue
}

begin 'answers are typed, defaults filled in, the offering gives service, team, tasks and time'
catalogue
run itsm request laptop model=strong who=ada bag=true words='no: 1.10 #x' needed_by=2026-12-24
code 0
id=$(cat "$top/out")
is 'the record' 'deliver_by: 2026-11-24T16:00:00Z
needed_by: 2026-12-24
offering: laptop
opened: 2026-11-22T10:00:00Z
requester: ada-lovelace
service: workplace
state: new
team: service-desk
title: A laptop' "$(awk '/^---$/ { fences++; next } fences == 1' "$(git ls-files "operation/requests/*/$id.md")" | grep -E '^(state|title|offering|service|requester|opened|team|needed_by|deliver_by):' | sort)"
run itsm sql "SELECT answers FROM request" --format csv
out_has '""model"":""strong""' '""memory"":' '""who"":""ada-lovelace""' 'no: 1.10 #x'
is 'tasks' 'Order it,service-desk,
Set: it up,,"[""Order it""]"
Hand it over,,"[""Set: it up""]"' "$(itsm sql "SELECT t.value ->> '$.title', t.value ->> '$.team', t.value ->> '$.after' FROM request, json_each(tasks) AS t" --format csv | sed 1d)"
run itsm check
code 0
is 'one commit' 'A laptop' "$(git log -1 --format=%s | sed 's/.*: request //')"

begin 'what is missing or wrong is told at once, and nothing is written'
catalogue
before=$(git rev-parse HEAD)
run itsm request laptop memory=much from_day=soon who=nobody
code 1
err_has 'model: an answer is needed' 'memory:' 'from_day:' "who: no" 'give model=enum: Which one'
run itsm request laptop model=huge who=ada
code 1
err_has huge
run itsm request laptop model=light who=ada colour=red
code 2
err_has colour
run itsm request nothing
code 3
must itsm move laptop draft >/dev/null 2>&1
after=$(git rev-parse HEAD)
run itsm request laptop model=light who=ada
code 1
err_has "laptop can't be ordered: it is in state 'draft'"
is 'nothing is written' "$after" "$(git rev-parse HEAD)"
[ "$before" != "$after" ] || echo 'the offering did not move' >>"$top/problems"

begin 'tasks have an order; done is two lines'
catalogue
id=$(itsm request laptop model=light who=ada)
file=$(git ls-files "operation/requests/*/$id.md")
run itsm request "$id" --done 'Order it'
code 1
err_has "its tasks are done in 'fulfilment'"
must itsm move "$id" fulfilment
run itsm request "$id" --done 'hand it over'
code 1
err_has "'Set: it up' comes first, and is not done"
run itsm request "$id" --done 'Order it' -m 'Order 4711'
code 0
is 'the lines' '+    at: 2026-11-22T10:00:00Z
+    done: true' "$(git diff HEAD~1 -- "$file" | grep '^[-+] ' | sort)"
run itsm request "$id" --done 'Order it'
code 1
err_has 'is done already'
run itsm request "$id" --done 'Nothing'
code 3
err_has "it has 'Order it', 'Set: it up', 'Hand it over'"
run itsm move "$id" fulfilled
code 1
err_has 'has tasks that are not done'
must itsm request "$id" --done 'Set: it up'
must itsm request "$id" --done 'Hand it over'
run itsm move "$id" fulfilled
code 0
run itsm check
code 0
sed -i '0,/done: true/s//done: false/' "$file"
run itsm check
code 1
err_lacks 'internal'
out_has 'has a task done before one that it comes after'
# whatever the style the task was written in
printf -- '---\nstate: fulfilment\nteam: service-desk\ntitle: T\nopened: 2026-11-22T10:00:00Z\ntasks: [{title: a, done: false}, {at: 2026-11-01T00:00:00Z, title: b}]\n---\n' >"$file"
must git commit -qam flow
must itsm request "$id" --done a
must itsm request "$id" --done b
is 'flow style' 'tasks: [{title: a, done: true, at: 2026-11-22T10:00:00Z}, {at: 2026-11-22T10:00:00Z, title: b, done: true}]' "$(grep ^tasks "$file")"

begin 'an offering may ask for approval'
catalogue
printf 'approval: people\napprovers: [ada-lovelace]\n' >>design/offerings/laptop.yaml
must git commit -qam approval
id=$(itsm request laptop model=light who=ada)
run itsm move "$id" fulfilment
code 1
err_has 'its offering needs an approval'
run itsm move "$id" approval
code 0

begin 'whom an offering names has to approve, and nobody else counts'
catalogue
for name in ben-boss cy-clerk; do
	must itsm new person "id=$name" "name=$name" "mail=$name@acme.example"
done
as() { # person command
	GIT_AUTHOR_EMAIL=$1@acme.example GIT_COMMITTER_EMAIL=$1@acme.example
	export GIT_AUTHOR_EMAIL GIT_COMMITTER_EMAIL
	shift
	run "$@"
	unset GIT_AUTHOR_EMAIL GIT_COMMITTER_EMAIL
}
try() { # what the offering says, whom `approvals` names
	must git checkout -q -B "try$1" main
	printf '%s\n' "$2" >>design/offerings/laptop.yaml
	must git commit -qam approval
	id=$(itsm request laptop model=light who=ada-lovelace requester=ada-lovelace)
	must itsm move "$id" approval
	run itsm approvals "$id"
	code 1
	out_has "missing  1 of field $3"
	as cy-clerk itsm approve "$id"
	run itsm move "$id" fulfilment
	code 1
	err_has "needs the approval of 1 of field $3"
	as ben-boss itsm approve "$id"
	code 0
	run itsm move "$id" fulfilment
	code 0
}
must git branch -M main
try 1 'approval: owner
owner: ben-boss' offering.owner
try 2 'approval: people
approvers: [ben-boss]' offering.approvers
must git checkout -q main
must itsm set ada-lovelace manager=ben-boss
try 3 'approval: manager' requester.manager

begin 'an answer can not write YAML of its own'
catalogue
run itsm request laptop model=light who=ada "words=$(printf 'x\nstate: closed')"
code 1
run itsm request laptop model=light who=ada 'words="}, state: closed'
code 0
run itsm list request --columns state --format csv
out 'state
new'

begin 'a person at a terminal is asked'
catalogue
/usr/bin/python3 - <<'END' >"$top/out" 2>&1
import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.execvp("itsm", ["itsm", "request", "laptop", "bag=false"])
for answer in ("huge", "strong", "", "ada-lovelace", "", ""):
    os.write(master, (answer + "\n").encode())
text = b""
while True:
    try:
        piece = os.read(master, 4096)
    except OSError:
        break
    if not piece:
        break
    text += piece
print(text.decode(errors="replace"))
print("exit", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
out_has 'model (Which one) light|strong' 'exit 0' REQ-
is 'answers' strong "$(itsm sql "SELECT answers ->> '$.model' FROM request" --format csv | sed 1d)"
begin 'an offering that promises a time and no hours that count is warned of'
desk
mkdir -p design/offerings
printf 'state: published\nname: Screen\nservice: workplace\nteam: service-desk\ndelivery: 3d\n' >design/offerings/screen.yaml
must git add design
must git commit -qm Screen
run itsm check
out_has 'design/offerings/screen.yaml:5:11: warning: check/offering/delivery-hours: promises a delivery time and no hours that count'

finish
