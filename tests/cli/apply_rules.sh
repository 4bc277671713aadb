#!/bin/sh
# itsm apply-rules: parents and parts, duplicates, pending, closing and escalating by the clock; a desk's own rules.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

later() { # TIME COMMAND ...
	when=$1
	shift
	ITSM_NOW=$when run "$@"
}

state() {
	sed -n 's/^state: //p' "$(path_of "$1")"
}

resolve() { # ID
	sed -i 's/^## Resolution$/&\n\nMended./' "$(path_of "$1")"
	git commit -qam resolution
	must itsm move "$1" resolved resolution_code=fixed
}

begin 'parts and duplicates are resolved with what they belong to, in one commit'
desk
parent=$(new incident --title Parent)
part=$(new incident --title Part parent="$parent")
same=$(new incident --title Same duplicate_of="$parent")
written=$(new incident --title Written parent="$parent" --body-file - <<'END'
## Resolution

By hand.
END
)
other=$(new incident --title Other)
run itsm apply-rules
code 0
out ''
err 'nothing to change'
resolve "$parent"
count=$(commits)
run itsm apply-rules --dry-run
code 0
out_has "$part  resolve-with-parent  new -> resolved, resolution_code=fixed"
err '3 would be changed'
is 'the commits' "$count" "$(commits)"
run itsm apply-rules -m 'Every hour.'
code 0
is 'the commits' $((count + 1)) "$(commits)"
is 'the states' 'resolved resolved resolved new' "$(state "$part") $(state "$same") $(state "$written") $(state "$other")"
is 'the codes' 'fixed duplicate' "$(sed -n 's/^resolution_code: //p' "$(path_of "$part")") $(sed -n 's/^resolution_code: //p' "$(path_of "$same")")"
is 'the text' "Solved with $parent." "$(sed -n '/^## Resolution/,/^## Comm/p' "$(path_of "$part")" | sed -n 3p)"
is 'the text by hand' 'By hand.' "$(sed -n '/^## Resolution/,$p' "$(path_of "$written")" | sed -n 3p)"
last_message >"$top/message"
grep -q '^3 records: apply resolve-with-parent$' "$top/message" || problem 'the subject is another'
is 'the trailers' 4 "$(grep -c '^Itsm-' "$top/message")"
run itsm check HEAD~1..HEAD
code 0
run itsm apply-rules
err 'nothing to change'
clean

begin 'what was resolved three days ago is closed, a major one never'
desk
id=$(new incident --title Slow)
major=$(new incident --title Down major=true)
resolve "$id"
resolve "$major"
later 2026-11-25T09:59:59Z itsm apply-rules
err 'nothing to change'
later 2026-11-25T10:00:00Z itsm apply-rules
code 0
out "$id  close-resolved  resolved -> closed"
is 'the states' 'closed resolved' "$(state "$id") $(state "$major")"
is 'when' 'closed: 2026-11-25T10:00:00Z' "$(grep '^closed:' "$(path_of "$id")")"

begin 'pending: until its time, or until the change it waits for is done'
desk
id=$(new incident --title Slow team=service-desk)
waiting=$(new incident --title Waiting team=service-desk)
change=$(new change --title Mend)
must itsm move "$id" assigned
must itsm move "$id" pending pending_reason=caller pending_until=2026-11-23T08:00:00Z
must itsm move "$waiting" assigned
must itsm move "$waiting" pending pending_reason=change changes="$change"
later 2026-11-23T07:00:00Z itsm apply-rules
err 'nothing to change'
later 2026-11-23T08:00:00Z itsm apply-rules
code 0
out "$id  resume-pending  pending -> assigned, pending_reason=, pending_until="
is 'the fields' '' "$(grep '^pending' "$(path_of "$id")")"
must itsm move "$change" cancelled
run itsm apply-rules resume-pending
code 0
is 'the state' assigned "$(state "$waiting")"
run itsm apply-rules resume
code 2
err_has "itsm: 'resume' is no rule to apply; there are resolve-with-parent, resume-pending, escalate-breached, escalate-warned, close-resolved"

begin 'the clock escalates, once for the warning and once for the breach'
desk
mkdir -p design/agreements
must itsm new service id=billing name=Billing
cat >design/agreements/gold.yaml <<'END'
state: active
title: Gold
type: sla
service: billing
targets:
  - {kinds: [incident], priority: 3, resolve: 4h}
END
git add -A && git commit -qm agreement
id=$(new incident --title Slow service=billing impact=2 urgency=2)
later 2026-11-22T12:00:00Z itsm apply-rules
err 'nothing to change'
later 2026-11-22T13:30:00Z itsm apply-rules
code 0
out "$id  escalate-warned  escalated=1, note"
later 2026-11-22T13:40:00Z itsm apply-rules
err 'nothing to change'
later 2026-11-22T15:00:00Z itsm apply-rules
code 0
out "$id  escalate-breached  escalated=2, note"
later 2026-11-22T16:00:00Z itsm apply-rules
err 'nothing to change'
is 'the notes' 'Escalated by the clock: resolve is due 2026-11-22T14:00:00Z.
Escalated by the clock: resolve was due 2026-11-22T14:00:00Z.' "$(cat "$(dirname "$(path_of "$id")")/$id"/notes/*.md | grep '^Escalated' | sort)"

begin "a desk's own rules: committed ones only, refused ones told, others done"
desk
one=$(new incident --title One team=service-desk)
two=$(new incident --title Two team= )
mkdir -p policy/queries
cat >policy/queries/take.yaml <<'END'
name: take
for: apply
sql: SELECT id, title FROM incident WHERE state = 'new'
then: {move: assigned, set: ["symptom=Taken: {title} {{x}"]}
END
run itsm apply-rules take
code 2
git add -A && git commit -qm rule
run itsm apply-rules take
code 1
out_has "$one  take  new -> assigned, symptom=Taken: One {x}" "$two  take  new -> assigned, symptom=Taken: Two {x}  not done: $two: has no team"
err '1 changed: committed '"$(git rev-parse --short=8 HEAD)"
is 'the states' 'assigned new' "$(state "$one") $(state "$two")"
is 'the one left alone' 0 "$(grep -c '^symptom' "$(path_of "$two")")"
clean
sound
printf 'name: take\nfor: apply\nsql: SELECT 1\n' >policy/queries/take.yaml
run itsm check
code 1
out_has 'policy/query' "\`then\` belongs to a query for apply, and that needs it"

finish
