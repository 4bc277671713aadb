#!/bin/sh
# move and next: the workflow, its guards told all at once, nothing written when refused.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'a move that may be: one commit, the state in the file, trailers'
ticket_desk
id=$(new ticket --title T)
run itsm move "$id" doing -m 'On it.'
code 0
out ''
is 'the message' "$id: move new -> doing

On it.

Itsm-Action: move
Itsm-Record: $id
Itsm-From: new
Itsm-To: doing" "$(last_message)"
is 'the diff' '1	1' "$(git diff --numstat HEAD~1 HEAD | cut -f 1,2)"
is 'the state' 'state: doing' "$(grep '^state' "$(path_of "$id")")"
clean

begin 'a move that is refused names every unmet guard, and writes nothing'
ticket_desk
id=$(new ticket --title T severity=high)
must itsm move "$id" doing
before=$(git rev-parse HEAD)
file=$(path_of "$id")
cp "$file" "$top/before"
run itsm move "$id" fixed
code 1
out ''
line=$(grep -n '^state' "$file" | cut -d: -f1)
err "$file:$line:8: error: guard/ticket/points: $id: has no points
    set points
$file:$line:8: error: guard/ticket/how: $id: does not say how
    fill the section How
$file:$line:8: error: guard/ticket/due: $id: has no due date
    set due
itsm: refused; nothing was written"
is 'HEAD' "$before" "$(git rev-parse HEAD)"
same "$top/before" "$file"
clean

begin 'fields given along count, and are in the same commit'
ticket_desk
id=$(new ticket --title T --body-file - <<'END'
## What

A thing.

## How

With care.
END
)
must itsm move "$id" doing
count=$(commits)
run itsm move "$id" fixed points=3
code 0
is 'the commits' $((count + 1)) "$(commits)"
run itsm show "$id" --format json
out_has '"state":"fixed"' '"points":3' '"closed":"2026-11-22T10:00:00Z"'
sound

begin 'a step the kind has not'
ticket_desk
id=$(new ticket --title T)
before=$(git rev-parse HEAD)
run itsm move "$id" fixed
code 1
err_has 'workflow/transition' "can't go from 'new' to 'fixed'" 'doing'
run itsm move "$id" new
code 2
err_has "is in state 'new' already"
run itsm move "$id" flying
code 2
err_has flying 'new, doing, fixed'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean

begin 'a step that is not for this record says why'
ticket_desk
id=$(new ticket --title T points=1 --body-file - <<'END'
## How

Well.
END
)
must itsm move "$id" doing
must itsm move "$id" fixed
run itsm move "$id" doing
code 1
err_has 'workflow/when' 'only what is of high severity is taken up again'
id=$(new ticket --title T points=1 severity=high --body-file - <<'END'
## How

Well.
END
)
must itsm set "$id" due=2026-12-01
must itsm move "$id" doing
must itsm move "$id" fixed
run itsm move "$id" doing
code 0

begin 'a kind without states'
desk
run itsm move service-desk open
code 2
err_has 'has no states'

begin 'next tells where it can go and what is missing'
ticket_desk
id=$(new ticket --title T severity=high)
run itsm next "$id"
code 0
out_has doing
must itsm move "$id" doing
run itsm next "$id"
code 0
out_has 'has no points' 'does not say how' 'has no due date' 'set points' 'fill the section How'
must itsm set "$id" severity=low points=1
run itsm next "$id"
out_has 'does not say how'
out_lacks 'has no points' 'has no due date'
run itsm next "$id" --format json
code 0
out_has '"schema_version":1'
/usr/bin/python3 -c 'import json,sys; json.load(sys.stdin)' <"$top/out" || problem 'next --format json is no JSON'
clean

begin 'next at the end says so'
ticket_desk
id=$(new ticket --title T points=1 --body-file - <<'END'
## How

Well.
END
)
must itsm move "$id" doing
must itsm move "$id" fixed
run itsm next "$id"
code 0
out_has 'only what is of high severity'

finish
