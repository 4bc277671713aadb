#!/bin/sh
# deploy: what the pipeline deploys is recorded, with its commit, its change and its result, when it may be.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A desk with a change that is scheduled for now, and code with a commit. Sets id and head.
scheduled() {
	desk
	mkdir -p transition/changes/2026/11 strategy/services
	printf 'state: live\nname: Billing\nowner: ada-lovelace\n' >strategy/services/billing.yaml
	cat >transition/changes/2026/11/CHG-4k7q2m8d.md <<'END'
---
state: scheduled
title: Deploy billing
type: standard
model: deploy-billing
services: [billing]
requester: ada-lovelace
implementer: ada-lovelace
window: {start: 2026-11-22T09:00:00Z, end: 2026-11-22T11:00:00Z}
opened: 2026-11-20T09:00:00Z
---

## Reason

New.
END
	mkdir -p transition/articles policy/rules
	# who approves models is not what is tested here
	printf 'name: article-approval\nenabled: false\n' >policy/rules/article-approval.yaml
	cat >transition/articles/deploy-billing.md <<'END'
---
state: published
title: Deploy billing
type: standard-change
owner: ada-lovelace
valid_until: 2027-01-01
opened: 2026-11-01T10:00:00Z
---

## Solution

Run it.

## Backout plan

Run the one before.
END
	id=CHG-4k7q2m8d
	must git add .
	GIT_COMMITTER_DATE=2026-11-20T08:00:00Z GIT_AUTHOR_DATE=2026-11-20T08:00:00Z git commit -q -m "Bill

Change: $id"
	head=$(git rev-parse HEAD)
}

field() { # name, of the deployment
	sed -n "s/^$1: //p" "$(path_of "$deployment")"
}

begin 'start and finish: the change, the service, the commit and when it was made'
scheduled
run itsm deploy start --change 4k7 --commit HEAD pipeline=https://ci.example.org/7 by=ci
code 0
deployment=$(cat "$top/out")
is change "$id" "$(field change)"
is service billing "$(field service)"
is environment production "$(field environment)"
is commit "$head" "$(field commit)"
is committed 2026-11-20T08:00:00Z "$(field committed)"
is started 2026-11-22T10:00:00Z "$(field started)"
is by ci "$(field by)"
is title "$id to production" "$(field title)"
is result '' "$(field result)"
ITSM_NOW=2026-11-22T10:07:00Z
run itsm deploy finish "$deployment" succeeded version=1.2
code 0
out ''
is finished 2026-11-22T10:07:00Z "$(field finished)"
is result succeeded "$(field result)"
is version 1.2 "$(field version | tr -d '"')"
is subject "$deployment: deployment succeeded" "$(git log -1 --format=%s)"
clean
run itsm deploy finish "$deployment" failed
code 1
err_has "$deployment ended already, at 2026-11-22T10:07:00Z: succeeded"
is result succeeded "$(field result)"
sound
ITSM_NOW=2026-11-22T10:00:00Z

begin 'the change is found in the trailers of what is new since the last deployment'
scheduled
must git commit -q --allow-empty -m 'No trailer'
run itsm deploy start --commit HEAD~1
code 0
deployment=$(cat "$top/out")
is change "$id" "$(field change)"
must itsm deploy finish "$deployment" succeeded
must git commit -q --allow-empty -m 'Another'
GIT_COMMITTER_DATE=2026-11-21T08:00:00Z GIT_AUTHOR_DATE=2026-11-21T08:00:00Z git commit -q --allow-empty -m "More

Change: $id"
must git commit -q --allow-empty -m 'And more'
run itsm deploy start --commit HEAD
code 0
deployment=$(cat "$top/out")
is change "$id" "$(field change)"
is 'the oldest new commit' 2026-11-21T08:00:00Z "$(field committed)"
must git commit -q --allow-empty -m "Two

Change: CHG-11111111
Change: CHG-22222222"
run itsm deploy start --commit HEAD
code 2
err_has 'the commits name' '--change'
must git checkout -q --orphan other
must git commit -q -m 'No trailer at all'
run itsm deploy start --commit HEAD
code 2
err_has 'give --change or --release' 'Change: ID'
run itsm deploy start
code 2

begin 'production waits until it may be; other environments do not; --force says why'
scheduled
for now in 2026-11-22T08:59:59Z 2026-11-22T11:00:00Z; do
	ITSM_NOW=$now
	before=$(git rev-parse HEAD)
	run itsm deploy start --change "$id" --commit HEAD
	code 1
	out ''
	err_has guard/change/in-window 'may not be deployed now; nothing was written'
	is HEAD "$before" "$(git rev-parse HEAD)"
	clean
done
run itsm deploy start --change "$id" --environment test
code 0
run itsm deploy start --change "$id" --force ' '
code 2
run itsm deploy start --change "$id" --force 'The shop stands still' -m 'Asked for by phone'
code 0
err_has 'warning: guard/change/in-window'
git log -1 --format=%b >"$top/body"
grep -q '^Forced: The shop stands still$' "$top/body" || problem 'the reason is not in the commit' "$(cat "$top/body")"
grep -q '^Asked for by phone$' "$top/body" || problem 'the message is not in the commit'
ITSM_NOW=2026-11-22T10:00:00Z
must itsm move "$id" implement
run itsm deploy start --change "$id"
code 0
ITSM_NOW=2026-11-22T11:30:00Z
run itsm deploy start --change "$id"
code 1
err_has guard/change/in-window
ITSM_NOW=2026-11-22T10:00:00Z
draft=$(new change --title Draft)
run itsm deploy start --change "$draft"
code 1
err_has gate/state "$draft is in state 'draft'"

begin 'a release'
scheduled
mkdir -p transition/releases/2026/11
cat >transition/releases/2026/11/REL-4k7q2m8d.md <<'END'
---
state: tested
title: Release 1.2
version: "1.2"
services: [billing]
opened: 2026-11-20T09:00:00Z
artefacts:
  - {name: billing.tar, digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
---
END
must git add .
must git commit -q -m release
run itsm deploy start --release REL-4k7q2m8d
code 1
err_has gate/state "REL-4k7q2m8d is in state 'tested', from where nothing is deployed"
run itsm gate --release REL-4k7q2m8d
code 1
out_has "error: gate/state: REL-4k7q2m8d is in state 'tested', from where nothing is deployed"
run itsm gate --release "$id"
code 3
run itsm deploy start --release REL-4k7q2m8d --environment staging --commit HEAD
code 0
deployment=$(cat "$top/out")
is release REL-4k7q2m8d "$(field release)"
is service billing "$(field service)"
run itsm deploy finish "$deployment" rolled-back
code 0

begin 'deploy start asks what gate asks'
scheduled
# The errors of the gate, and those that deploy start tells before it refuses.
same() { # how often they refuse
	run itsm gate --change "$id"
	code 1
	grep -o 'error: .*' "$top/out" | sort >"$top/gate"
	run itsm deploy start --change "$id"
	code 1
	grep -o 'error: .*' "$top/err" | sort >"$top/deploy"
	cmp -s "$top/gate" "$top/deploy" || problem 'they differ' "$(diff "$top/gate" "$top/deploy")"
	is 'reasons' "$1" "$(wc -l <"$top/gate" | tr -d ' ')"
}
ITSM_NOW=2026-11-22T12:00:00Z
same 1
ITSM_NOW=2026-11-22T10:00:00Z
must itsm move "$id" implement
printf 'name: seen\nkinds: [change]\nstates: [implement]\nrequire: {approvals: [{anyone: true}], fields: [risk]}\n' >policy/rules/seen.yaml
must git add .
must git commit -qm 'a rule for what is being carried out'
same 2
ITSM_NOW=2026-11-22T12:00:00Z
same 3
ITSM_NOW=2026-11-22T10:00:00Z

begin 'words that are wrong'
scheduled
run itsm deploy
code 2
run itsm deploy begin
code 2
err_has "'begin' is neither start nor finish"
run itsm deploy finish X
code 2
run itsm deploy finish "$id" succeeded
code 2
err_has 'no deployment'
run itsm deploy finish "$id" perfect
code 2
err_has "'perfect' is no result"
run itsm deploy start --change "$id" --commit nowhere
code 3
err_has "'nowhere' is no commit"
run itsm deploy start --change "$id" --environment moon
code 2
err_has environment
run itsm deploy finish "$id" succeeded --change "$id"
code 2
clean
finish
