#!/bin/sh
# itsm major: roles, the review, updates that are due, the status text, and what closing takes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

value() { # FIELD ID
	sed -n "s/^$1: //p" "$(path_of "$2")"
}

down() {
	desk
	must itsm new person id=bob name=Bob mail=bob@example.org
	must itsm new service id=billing name='Billing *and* more' team=service-desk
	id=$(new incident --title 'Invoices [are] late' service=billing impact=1 urgency=1 symptom='Secret of ours')
	must itsm note "$id" -m 'Not for everyone.'
}

begin 'one commit: roles, plan, the next update, the review with its template'
down
count=$(commits)
run itsm major "$id" liaison=bob -m 'It is bad.'
code 0
out ''
is 'the commits' $((count + 1)) "$(commits)"
is 'the fields' 'true ada-lovelace bob 30m 2026-11-22T10:30:00Z' \
	"$(for field in major commander liaison update_every next_update; do value $field "$id"; done | tr '\n' ' ' | sed 's/ $//')"
grep -q '^| Users | status page' "$(path_of "$id")" || problem 'there is no communication plan'
review=$(itsm list review --format id)
err_has "the review is $review; write it with"
is 'the review' "incident [$id] [billing] ada-lovelace" \
	"$(for field in type subjects services owner; do value $field "$review"; done | tr '\n' ' ' | sed 's/ $//')"
for section in Summary Impact 'Root causes' Trigger Detection Resolution 'What went well' 'What went wrong' 'Where we got lucky' Timeline; do
	grep -q "^## $section\$" "$(path_of "$review")" || problem "the review has no section $section"
done
last_message >"$top/message"
head -n 1 "$top/message" | grep -q "^$id: make it a major incident\$" || problem 'the subject is another'
run itsm check
out ''
run itsm major "$id" scribe=bob
code 0
is 'the reviews' 1 "$(itsm list review --format id | wc -l)"
is 'the next update' 2026-11-22T10:30:00Z "$(value next_update "$id")"
clean
sound

begin 'updates: told to everyone, the next is due, and overdue is a warning'
down
must itsm major "$id" --every 1h
ITSM_NOW=2026-11-22T11:00:01Z run itsm check
code 0
out_has 'warning: check/incident/update-due: is a major incident of which people should have been told by now'
ITSM_NOW=2026-11-22T11:05:00Z run itsm major "$id" --update 'We know why.'
code 0
is 'the next update' 2026-11-22T12:05:00Z "$(value next_update "$id")"
ITSM_NOW=2026-11-22T11:06:00Z run itsm check
out ''
echo 'It is mended.' | ITSM_NOW=2026-11-22T11:30:00Z itsm major "$id" --update - 2>/dev/null
ITSM_NOW=2026-11-22T11:30:00Z run itsm major "$id" --status
code 0
out '## Invoices \[are\] late

**Investigating**, since 2026-11-22 10:00 UTC; more by 2026-11-22 12:30 UTC

Affected: Billing \*and\* more

**2026-11-22 11:30 UTC** It is mended.

**2026-11-22 11:05 UTC** We know why.'
sed -i 's/^## Workaround$/&\n\nUse paper./; s/^## Resolution$/&\n\nMore disk./' "$(path_of "$id")"
git commit -qam workaround
run itsm major "$id" --status
out_has '**Identified**' 'Until it is solved: Use paper.'
ITSM_NOW=2026-11-22T12:00:00Z must itsm move "$id" resolved resolution_code=fixed
run itsm major "$id" --status
out_has '**Resolved**, since 2026-11-22 10:00 UTC until 2026-11-22 12:00 UTC'
run itsm major "$id" --update ' '
code 2
run itsm major "$id" --every soon
code 2
err "itsm: 'soon' is no time between two updates, such as 30m"
run itsm major "$id" --status liaison=bob
code 2
run itsm major billing
code 2
err "itsm: billing is a service, which can't be a major incident"

begin 'an update of what is no major incident is refused, and makes it none'
down
head=$(git rev-parse HEAD)
run itsm major "$id" --update 'We know why.'
code 1
err "itsm: $id is no major incident; make it one with \`itsm major $id\`, then tell people of it"
is 'nothing is written' "$head" "$(git rev-parse HEAD)"
is 'reviews' '' "$(itsm list review --format id)"
run itsm major "$id" --update 'We know why.' major=true
code 1
is 'nothing is written' "$head" "$(git rev-parse HEAD)"
must itsm major "$id"
must itsm major "$id" --update 'We know why.'

begin 'what is over is not made a major incident'
desk
id=$(new incident --title Slow impact=2 urgency=2)
must itsm move "$id" cancelled -m 'not one'
before=$(git rev-parse HEAD)
run itsm major "$id"
code 1
err_has "$id is 'cancelled', and over; where it goes on, \`itsm move\` opens it again"
is 'nothing is committed' "$before" "$(git rev-parse HEAD)"

begin 'closing takes a published review, publishing takes owned, dated and linked actions'
down
must itsm major "$id"
review=$(itsm list review --format id)
sed -i 's/^## Resolution$/&\n\nMore disk./' "$(path_of "$id")"
sed -i 's/^## Summary$/&\n\nThe disk was full./; s/^## Root causes$/&\n\nNobody looked./' "$(path_of "$review")"
git commit -qam words
must itsm move "$id" resolved resolution_code=fixed
run itsm move "$id" closed
code 1
err_has 'guard/incident/major-review'
ITSM_NOW=2026-12-22T10:00:00Z run itsm apply-rules
err 'nothing to change'
run itsm move "$review" published
code 1
err_has guard/review/actions
act() { # YAML
	sed -i '/^actions:/d' "$(path_of "$review")"
	sed -i "0,/^type: incident/s//&\nactions: $1/" "$(path_of "$review")"
	git commit -qam action
}
act '[{title: Watch the disk}]'
run itsm move "$review" published
code 1
err_has guard/review/owned-actions guard/review/linked-actions
act '[{title: Watch the disk, owner: bob, due: 2026-12-01}]'
run itsm move "$review" published
code 1
err_has guard/review/linked-actions 'has actions that no record follows'
improvement=$(new improvement --title 'Watch the disk')
act "[{title: Watch the disk, owner: bob, due: 2026-12-01, record: $improvement}]"
run itsm move "$review" published
code 0
run itsm move "$id" closed
code 0
is 'the state' closed "$(value state "$id")"

finish
