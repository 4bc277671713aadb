#!/bin/sh
# deployments audit: what went live, or was found changed, without an approved change.
# shellcheck disable=SC2154 # c1, c2 ... are set by eval
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A desk, a repository of code with three commits, and a change that was carried out this morning.
shop() {
	desk
	new item id=db-1 --title 'Database 1' >/dev/null
	new service id=billing --title Billing >/dev/null
	git init -q "$top/code"
	for number in 1 2 3 4; do
		git -C "$top/code" commit -q --allow-empty -m "Commit $number"
		eval "c$number=$(git -C "$top/code" rev-parse HEAD)"
	done
	change 11111111 implement 2026-11-22T08:00:00Z
}

# change ID STATE STARTED [FIELD ...]: one that came to be carried out
change() {
	folder=transition/changes/2026/11
	mkdir -p $folder
	{
		printf -- '---\nstate: %s\ntitle: Change %s\ntype: normal\nopened: 2026-11-01T10:00:00Z\nitems: [db-1]\n' "$2" "$1"
		[ -z "$3" ] || printf 'started: %s\n' "$3"
		[ -z "${4:-}" ] || printf '%s\n' "$4"
		printf -- '---\n'
	} >"$folder/CHG-$1.md"
	git add $folder && git commit -qm "Change $1"
}

# deployed ID STARTED [FIELD ...]
deployed() {
	folder=transition/deployments/2026/11
	mkdir -p $folder
	{
		printf 'title: Deployment %s\nenvironment: production\nservice: billing\nstarted: %s\nfinished: %s\nresult: succeeded\n' "$1" "$2" "$2"
		shift 2
		for field in "$@"; do printf '%s\n' "$field"; done
	} >"$folder/DEP-$1.yaml"
	git add $folder && git commit -qm "Deployment $1"
}

begin 'a deployment whose change is being carried out'
shop
deployed 11111111 2026-11-22T09:00:00Z 'change: CHG-11111111'
run itsm deployments audit
code 0
out ''

begin 'a deployment without a change, of one never carried out, and out of its time'
shop
change 22222222 scheduled ''
deployed 11111111 2026-11-22T09:00:00Z
deployed 22222222 2026-11-22T09:00:00Z 'change: CHG-22222222'
deployed 33333333 2026-11-22T07:00:00Z 'change: CHG-11111111'
deployed 44444444 2026-11-22T07:00:00Z 'environment_note: none' 'change: CHG-11111111'
sed -i '/environment_note/d; s/production/staging/' transition/deployments/2026/11/DEP-44444444.yaml
git commit -qam Staging
run itsm deployments audit
code 1
out_has 'transition/deployments/2026/11/DEP-11111111.yaml:1:1: error: audit/deployment: belongs to no change' \
	"belongs to CHG-22222222, which is in state 'scheduled' and was never carried out" \
	'is neither in the window of CHG-11111111 nor within the time of its work'
out_lacks DEP-44444444
run itsm deployments audit --format json
code 1
is 'findings' 3 "$(python3 -c 'import json,sys; print(len(json.load(open(sys.argv[1]))["records"]))' "$top/out")"

begin 'from and to'
shop
deployed 11111111 2026-11-10T09:00:00Z
run itsm deployments audit --from 2026-11-11
code 0
run itsm deployments audit --from 2026-11-10 --to 2026-11-11
code 1
run itsm deployments audit --from 2026-11-01 --to 2026-11-10
code 0
run itsm deployments audit --from soon
code 2
run itsm deployments check
code 2

begin 'a release stands by its changes'
shop
release=$(new release --title R changes=CHG-11111111)
deployed 11111111 2026-11-22T09:00:00Z "release: $release"
run itsm deployments audit
code 0

begin 'commits that came with a deployment: listed, named by a trailer, or of nobody'
shop
change 11111111 implement 2026-11-22T08:00:00Z "commits: [$c3]"
deployed 11111111 2026-11-22T08:30:00Z 'change: CHG-11111111' "commit: $c2"
run itsm deployments audit --repository "$top/code"
code 1
out_has "audit/commit: commit $(echo "$c2" | cut -c 1-12) (Commit 2) came with it"
change 22222222 implement 2026-11-22T08:00:00Z
sed -i 's/CHG-11111111/CHG-22222222/' transition/deployments/2026/11/DEP-11111111.yaml
git commit -qam Whole
deployed 22222222 2026-11-22T09:00:00Z 'change: CHG-11111111' "commit: $c4"
run itsm deployments audit --repository "$top/code"
code 1
out_has "(Commit 4) came with it, and no approved change has it"
out_lacks 'Commit 3'
git -C "$top/code" commit -q --allow-empty -m "$(printf 'Commit 5\n\nChange: CHG-22222222')"
git -C "$top/code" commit -q --allow-empty -m "$(printf 'Commit 6\n\nChange: CHG-99999999')"
deployed 22222222 2026-11-22T09:00:00Z 'change: CHG-11111111' "commit: $(git -C "$top/code" rev-parse HEAD)"
run itsm deployments audit --repository "$top/code"
out_has '(Commit 6)' '(Commit 4)'
out_lacks '(Commit 5)'
run itsm deployments audit
out_has 'warning: audit/unknown-commit' '--repository'

begin 'a subject of a commit that would act on a terminal or a runner'
shop
change 11111111 implement 2026-11-22T08:00:00Z "commits: [$c3]"
git -C "$top/code" commit -q --allow-empty -m "$(printf '\033[31m::error::boo')"
deployed 11111111 2026-11-22T08:30:00Z 'change: CHG-11111111' "commit: $(git -C "$top/code" rev-parse HEAD)"
run itsm deployments audit --repository "$top/code"
code 1
out_has '::error::boo'
out_lacks "$(printf '\033')"

begin '--open opens an emergency with what is known, once, and links it'
shop
deployed 11111111 2026-11-22T09:00:00Z "commit: $c4"
run itsm deployments audit --repository "$top/code" --open -m Found
code 1
emergency=$(itsm list change type:emergency --format id)
run itsm show "$emergency" --format json
out_has '"source":"deployments-audit"' '"external":"DEP-11111111"' '"services":["billing"]' "$c4" '"state":"draft"'
is 'the change of the deployment' "$emergency" "$(sed -n 's/^change: //p' transition/deployments/2026/11/DEP-11111111.yaml)"
run itsm deployments audit --repository "$top/code" --open
code 1
out_has "$emergency was opened for it: have it approved and carried out"
is 'emergencies' 1 "$(itsm list change type:emergency --format id | wc -l)"
clean
sed -i 's/^state: draft/state: review\nstarted: 2026-11-22T10:00:00Z/' "$(find transition -name "$emergency.md")"
git commit -qam Afterwards
run itsm deployments audit --repository "$top/code"
code 0
out_has "note: audit/deployment" "$emergency was carried out for it afterwards"

begin 'an item that a reconciliation found changed'
shop
printf 'version: "2"\n' >>transition/items/db-1.yaml
git commit -qam "$(printf 'cmdb: 1 record as found\n\nItsm-Action: reconcile\nItsm-Reconcile: cmdb')"
run itsm deployments audit
code 0
sed -i 's/db-1/db-2/' transition/changes/2026/11/CHG-11111111.md
git commit -qam Other
run itsm deployments audit
code 1
out_has 'transition/items/db-1.yaml:1:1: error: audit/item: was found changed (version), and no approved change was about it'
run itsm deployments audit --open
code 1
is 'its items' '["db-1"]' "$(itsm sql "SELECT items FROM change WHERE type = 'emergency'" --format csv | tail -n 1 | tr -d '"' | sed 's/db-1/"db-1"/')"
run itsm deployments audit --open
is 'emergencies' 1 "$(itsm list change type:emergency --format id | wc -l)"
printf 'location: here\n' >>transition/items/db-1.yaml
git commit -qam 'By hand'
run itsm deployments audit
out_lacks location

finish
