#!/bin/sh
# gate: may this be deployed now; every reason against it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A change that is scheduled from nine to eleven, approved by Grace.
scheduled() {
	desk
	new person id=grace --title 'Grace Hopper' mail=grace@example.org >/dev/null
	new item id=db-1 --title 'Database 1' >/dev/null
	new item id=db-2 --title 'Database 2' >/dev/null
	id=$(new change --title 'Move the database' requester=ada-lovelace implementer=ada-lovelace risk=low items=db-1 \
		window.start=2026-11-22T09:00:00Z window.end=2026-11-22T11:00:00Z --body-file - <<'END'
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
	must itsm move "$id" scheduled
}

begin 'approved, scheduled, in its window: yes, and nothing is written'
scheduled
before=$(git rev-parse HEAD)
run itsm gate --change "$id"
code 0
out ''
err "$id (scheduled) Move the database: may be deployed now"
must itsm move "$id" implement
run itsm gate --change "$id"
code 0
err "$id (implement) Move the database: may be deployed now"
is 'the commits' 1 "$(git rev-list --count "$before..HEAD")"
clean

begin 'outside of its window, by the clock or by --at'
scheduled
run itsm gate --change "$id" --at 2026-11-22T11:00:00Z
code 1
out_has 'error: guard/change/in-window'
err_has 'may not be deployed now'
run itsm gate --change "$id" --at +30m
code 0
ITSM_NOW=2026-11-22T12:00:00Z
run itsm gate --change "$id"
code 1
run itsm gate --change "$id" --at 2026-11-22T10:00:00Z
code 0
run itsm gate --change "$id" --at noon
code 2
ITSM_NOW=2026-11-22T10:00:00Z
must itsm move "$id" implement
run itsm gate --change "$id" --at 2026-11-22T11:30:00Z
code 1
out_has 'error: guard/change/in-window'

begin 'not scheduled yet, or over'
scheduled
other=$(new change --title Other)
run itsm gate --change "$other"
code 1
out_has "error: gate/state: $other is in state 'draft', from where nothing is carried out"
run itsm gate --change "$id" --change "$other"
code 1
err_has "$id (scheduled) Move the database: may be deployed now" "$other (draft) Other: may not be deployed now"

begin 'an approval that went stale, by a commit of plain git'
scheduled
sed -i 's/^Copy.$/Delete./' "$(path_of "$id")"
must git commit -qam 'a better plan'
run itsm gate --change "$id"
code 1
out_has 'error: policy/change-approval' 'approval/stale'

begin 'reviews of the forge, given along'
scheduled
must itsm set grace accounts=github:grace-h
must git rm -q -r "$(path_of "$id" | sed 's/\.md$//')/approvals"
must git commit -qm 'the approval is at the forge'
run itsm gate --change "$id"
code 1
out_has 'error: policy/change-approval'
review() { # login commit
	printf '[{"id":1,"user":{"login":"%s"},"state":"APPROVED","commit_id":"%s","submitted_at":"2026-11-22T09:00:00Z","body":""}]' "$@"
}
review grace-h "$(git rev-parse HEAD)" >"$top/reviews"
run itsm gate --change "$id" --reviews "$top/reviews"
code 0
run sh -c '"$0" gate --change "$1" --reviews - <"$2"' "$ITSM" "$id" "$top/reviews"
code 0
must itsm move "$id" draft
must itsm move "$id" submitted
run itsm gate --change "$id" --reviews "$top/reviews"
code 1
review ada "$(git rev-parse HEAD)" >"$top/reviews"
run itsm gate --change "$id" --reviews "$top/reviews"
code 1
run itsm gate --change "$id" --reviews "$top/none"
code 3
echo '{}' >"$top/reviews"
run itsm gate --change "$id" --reviews "$top/reviews"
code 3
err_has reviews

begin 'a freeze'
scheduled
cat >>policy/calendars/business-hours.yaml <<'END'
freezes:
  - {name: Year end, start: 2026-11-20T00:00:00Z, end: 2026-11-30T00:00:00Z, items: [db-1]}
END
must git commit -qam 'a freeze'
run itsm gate --change "$id"
code 1
out_has 'error: guard/change/freeze'

begin 'the changes that commits name'
scheduled
echo 1 >code
must git add code
must git commit -qm one -m "Change: $id"
run itsm gate --commit HEAD
code 0
err_has "$id (scheduled)"
echo 2 >code
must git commit -qam two
run itsm gate --commit HEAD
code 1
# shellcheck disable=SC2016 # the ` are text
out 'error: gate/commit: none of the commits of HEAD names a change
    name it in a trailer of the commits: `Change: CHG-...`'
run itsm gate --commit HEAD~2..HEAD
code 0
out_has 'warning: gate/commit: commit' 'names no change'
echo 3 >code
must git commit -qam three -m 'Change: CHG-00000000'
run itsm gate --commit HEAD
code 1
out_has 'error: gate/change: commit' 'names CHG-00000000'
run itsm gate --commit nowhere
code 3
err_has nowhere
run itsm gate --commit=--output=x
code 3
[ ! -e x ] || problem 'git took it for an option'

begin 'some change about an item'
scheduled
run itsm gate --item db-1
code 0
run itsm gate --item db-2
code 1
out_has 'error: gate/item: no change of db-2 is scheduled'
run itsm gate --item db-1 --at 2026-11-23T10:00:00Z
code 1
out_has 'error: guard/change/in-window' 'error: gate/item: no change of db-1 may be carried out now'

begin 'nothing asked for, or what is not there'
scheduled
run itsm gate
code 2
err_has 'nothing is asked for'
run itsm gate --change CHG-99999999
code 3
run itsm gate --change "$id" --format json
code 0
out '{"schema_version":1,"command":"gate","records":[]}'

finish
