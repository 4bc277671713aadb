#!/bin/sh
# sync: clones that worked apart come together, over file:// and ssh, and nothing is lost.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A desk with a ticket, a bare hub, and two clones, one and two. Sets id and file.
clones() {
	ticket_desk
	id=$(new ticket --title First severity=low points=2 tags=a,b)
	file=$(path_of "$id")
	must git clone -q --bare . "$top/hub.git"
	for clone in one two; do
		must git clone -q "file://$top/hub.git" "$top/$clone"
	done
	cd "$top/one" || exit 3
}

in_two() { # command ...
	must itsm -C "$top/two" "$@"
}

# Both clones and the hub are at the same commit, and hold.
together() {
	is 'both clones at one commit' "$(git -C "$top/one" rev-parse HEAD)" "$(git -C "$top/two" rev-parse HEAD)"
	is 'the hub too' "$(git -C "$top/one" rev-parse HEAD)" "$(git -C "$top/hub.git" rev-parse main)"
	for clone in one two; do
		must git -C "$top/$clone" fsck --strict --no-dangling
		must itsm -C "$top/$clone" check
		git -C "$top/$clone" status --porcelain >"$top/status"
		[ ! -s "$top/status" ] || problem "$clone is not clean:" "$(cat "$top/status")"
	done
}

begin 'nothing new, new there, new here'
clones
run itsm sync
code 0
out ''
err 'main of origin: nothing new on either side'
in_two set "$id" points=3
in_two sync
run itsm sync
code 0
err 'main of origin: received 1 commit, sent 0'
is 'points' 'points: 3' "$(grep ^points "$file")"
must itsm set "$id" points=4
must itsm set "$id" tags+=c
run itsm sync
code 0
err 'main of origin: received 0 commits, sent 2'
in_two sync
together

begin 'a week apart: the same record in fields, state, lists and sections, merged by meaning'
clones
sed -i 's/^## How$/## How\n\nBy hand./' "$file"
must git commit -q -a -m how
must itsm sync
in_two sync
must itsm set "$id" severity=high tags+=one tags-=a
must itsm move "$id" doing
must itsm note "$id" -m 'From one'
must itsm set "$id" due=2026-12-01
in_two set "$id" points=7 tags+=two
in_two move "$id" doing
in_two set "$id" start=2026-11-22T09:00:00Z
in_two note "$id" -m 'From two'
in_two new ticket --title 'Made in two' blocks="$id"
must itsm new ticket --title 'Made in one'
in_two sync
run itsm sync
code 0
err_has merged
in_two sync
together
run itsm show "$id" --format json
out_has '"severity":"high"' '"points":7' '"tags":["b","one","two"]' '"state":"doing"' '"due":"2026-12-01"' \
	'"start":"2026-11-22T09:00:00Z"' 'From one' 'From two'
run itsm list ticket --format id
is 'the tickets' 3 "$(wc -l <"$top/out")"

begin 'a week apart in many kinds: both ways round the same comes out'
desk
must itsm new person id=grace-hopper --title 'Grace Hopper' mail=grace@example.org
must itsm new service id=billing --title Billing owner=grace-hopper customers=shops
must itsm new item id=db-1 --title db-1 class=server services=billing
inc=$(new incident --title 'Invoices are late' impact=3 urgency=3 services=billing)
prb=$(new problem --title 'Invoices stop')
printf '## Reason\n\nIt is full.\n\n## Plan\n\nCopy.\nCompare.\nSwitch.\n' >"$top/body"
chg=$(new change --title 'Bigger disk' --body-file "$top/body")
must git clone -q --bare . "$top/hub.git"
must git clone -q --bare . "$top/mirror.git"
for clone in one two; do
	must git clone -q "file://$top/hub.git" "$top/$clone"
done
cd "$top/one" || exit 3
must itsm set billing tier=1 cost.month=100 customers+=banks
must itsm set db-1 environment=production version=15
must itsm set "$inc" impact=1
must itsm move "$inc" assigned assignee=ada-lovelace
must itsm note "$inc" -m 'Called the shops'
must itsm set "$prb" items+=db-1
sed -i 's/^Copy\.$/Copy at night./' "$(path_of "$chg")"
must git commit -q -a -m 'plan of one'
must itsm set grace-hopper mail=grace@example.com
must itsm new item id=db-2 --title db-2 class=server environment=production
in_two set billing criticality=high cost.currency=EUR customers+=towns
in_two set db-1 version=15 hostname=db-1.example.org
in_two set "$inc" urgency=2 title='Invoices are two days late'
in_two note "$inc" -m 'Restarted the queue'
in_two new incident --title 'Also reminders' impact=3 urgency=3
in_two set "$prb" service=billing changes+="$chg"
sed -i 's/^Switch\.$/Switch and watch./' "$top/two/$(path_of "$chg")"
must git -C "$top/two" commit -q -a -m 'plan of two'
in_two new item id=db-2 --title db-2 class=server hostname=db-2.example.org
for clone in one two; do # to be brought together the other way round
	must cp -r "$top/$clone" "$top/other-$clone"
	must git -C "$top/other-$clone" remote set-url origin "file://$top/mirror.git"
done
in_two sync
run itsm sync
code 0
err_has merged
in_two sync
together
must itsm -C "$top/other-one" sync
must itsm -C "$top/other-two" sync
must itsm -C "$top/other-one" sync
meaning() { # folder: every record, the items of its lists in order
	(cd "$1" && itsm export --format jsonl) | /usr/bin/python3 -c '
import json, sys
def sort(value):
    if isinstance(value, dict):
        return {name: sort(item) for name, item in value.items()}
    return sorted((sort(item) for item in value), key=json.dumps) if isinstance(value, list) else value
print("\n".join(sorted(json.dumps(sort(json.loads(line)), sort_keys=True) for line in sys.stdin if "commit_id" not in line)))'
}
meaning "$top/one" >"$top/first-two"
meaning "$top/other-one" >"$top/first-one"
grep -q db-2.example.org "$top/first-two" || problem 'the records are not told'
same "$top/first-two" "$top/first-one"
run itsm show billing --format json
out_has '"tier":1' '"criticality":"high"' '"month":100' '"currency":"EUR"' shops banks towns
run itsm show db-1 --format json
out_has '"environment":"production"' '"version":"15"' '"hostname":"db-1.example.org"'
run itsm show db-2 --format json
out_has '"environment":"production"' '"hostname":"db-2.example.org"'
run itsm show "$inc" --format json
out_has '"impact":1' '"urgency":2' '"state":"assigned"' 'two days late' 'Called the shops' 'Restarted the queue'
run itsm show "$prb" --format json
out_has '"items":["db-1"]' '"service":"billing"' "$chg"
is 'the plan' 'Copy at night. Compare. Switch and watch.' "$(sed -n '/^Copy/,/^Switch/p' "$(path_of "$chg")" | xargs)"

begin 'a conflict is left for a person, who settles it; the other clone gets that'
clones
must itsm set "$id" title=One
in_two set "$id" title=Two points=5
in_two sync
run itsm sync
code 1
out "$file"
err_has 'both sides changed the same' 'git add' 'git merge --abort'
run itsm show "$id"
code 3
err_has conflict
run itsm sync
code 1
err_has 'a merge is under way here'
sed -i -e '/^<<<<<<</,/^=======/d' -e '/^>>>>>>>/d' "$file"
must git add "$file"
must git commit -q -m settled
run itsm sync
code 0
in_two sync
together
is 'the fields' 'title: Two points: 5' "$(grep -E '^(title|points)' "$file" | xargs)"

begin 'a conflict that is given up: everything is as it was'
clones
must itsm set "$id" title=One
before=$(git rev-parse HEAD)
in_two set "$id" title=Two
in_two sync
run itsm sync
code 1
must git merge --abort
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean
run itsm show "$id"
code 0
out_has One

begin 'unsaved work stays where it is'
clones
in_two set "$id" points=7
in_two sync
sed -i 's/^severity: low/severity: high/' "$file"
echo mine >notes.txt
cp "$file" ../kept
before=$(git rev-parse HEAD)
run itsm sync
code 1
err_has 'unsaved work is in the way' "$file"
same ../kept "$file"
is 'HEAD' "$before" "$(git rev-parse HEAD)"
must git checkout -q "$file"
printf '\nunsaved\n' >>operation/README.md
must itsm set "$id" severity=high
run itsm sync
code 0
is 'the unsaved line' unsaved "$(tail -n 1 operation/README.md)"
is 'the unsaved file' mine "$(cat notes.txt)"
is 'what is not committed' ' M operation/README.md
?? notes.txt' "$(git status --porcelain)"

begin 'staged work is not swept into a merge'
clones
in_two set "$id" points=7
in_two sync
must itsm set "$id" severity=high
echo mine >staged.txt
must git add staged.txt
run itsm sync
code 0
is 'what is staged' 'A  staged.txt' "$(git status --porcelain)"
! git ls-tree -r HEAD --name-only | grep -q staged || problem 'it was committed'

begin 'hooks run, and can refuse'
clones
in_two set "$id" points=7
in_two sync
must itsm set "$id" severity=high
printf '#!/bin/sh\necho ran >>%s\n' "$top/hooks-ran" >.git/hooks/pre-push
cp .git/hooks/pre-push .git/hooks/post-merge
printf '#!/bin/sh\necho "not today" >&2\nexit 1\n' >.git/hooks/pre-merge-commit
chmod +x .git/hooks/*
before=$(git rev-parse HEAD)
run itsm sync
code 3
err_has 'not today'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean
is 'a merge under way' '' "$(ls .git/MERGE_HEAD 2>/dev/null)"
rm .git/hooks/pre-merge-commit
run itsm sync
code 0
is 'the hooks that ran' 2 "$(wc -l <"$top/hooks-ran")"
printf '#!/bin/sh\necho "closed for today" >&2\nexit 1\n' >"$top/hub.git/hooks/pre-receive"
chmod +x "$top/hub.git/hooks/pre-receive"
must itsm set "$id" points=1
run itsm sync
code 3
err_has 'closed for today'

begin 'an empty hub, a hub without the branch, a branch that follows another name'
desk
must git init -q --bare "$top/hub.git"
must git remote add origin "$top/hub.git"
run itsm sync
code 0
err 'main of origin: received 0 commits, sent 1'
must git checkout -q -b side
must itsm new item --title db-1 class=server
run itsm sync
code 0
err_has 'side of origin: received 0 commits, sent 2'
must git branch -q --set-upstream-to=origin/main
run itsm sync
code 0
is 'the hub' "$(git rev-parse HEAD)" "$(git -C "$top/hub.git" rev-parse main)"

begin 'a URL instead of a remote'
clones
must git remote remove origin
run itsm sync
code 3
err_has 'git remote add'
must itsm set "$id" points=5
run itsm sync "file://$top/hub.git"
code 0
err_has 'sent 1'
in_two sync
together
in_two set "$id" severity=high
in_two sync
run itsm sync "$top/hub.git"
code 0
together

begin 'what cannot work is said plainly'
clones
run itsm sync nowhere
code 3
err_has "no remote 'nowhere'"
run itsm sync "file://$top/no-such.git"
code 3
run itsm sync --upload-pack=touch
code 2
run itsm sync -- --upload-pack=touch
code 2
must git checkout -q --detach
run itsm sync
code 3
err_has 'detached'
cd "$top/hub.git" || exit 3
run itsm sync
code 3
err_has bare
run itsm sync one two
code 2

begin 'records from one template are not taken for one another'
clones
gone=$(itsm new ticket --title 'Lift stands still' severity=low 2>/dev/null)
must itsm sync
in_two sync
in_two set "$gone" points=9
in_two sync
must itsm undo
made=$(itsm new ticket --title 'Lift stands stills' severity=low 2>/dev/null)
run itsm sync
code 1
out_has "$gone"
is 'the new one' '' "$(grep ^points "$(path_of "$made")")"

begin 'a desk in a subfolder; a conflict outside of it is told too'
must git init -q .
echo one >README
must git add README
must git commit -q -m one
mkdir ops
(cd ops && must itsm init . --name Sub)
id=$(itsm -C ops new incident --title First impact=2 urgency=2 2>/dev/null)
file=$(path_of "$id")
must git clone -q --bare . "$top/hub.git"
must git clone -q "$top/hub.git" "$top/one"
must git clone -q "$top/hub.git" "$top/two"
cd "$top/one/ops" || exit 3
must itsm set "$id" impact=1
must itsm -C "$top/two/ops" set "$id" urgency=3
must itsm -C "$top/two/ops" sync
run itsm sync
code 0
is 'the fields' 'impact: 1 urgency: 3' "$(grep -E '^(impact|urgency)' "../$file" | xargs)"
must itsm -C "$top/two/ops" sync
echo two >"$top/two/README"
must git -C "$top/two" commit -q -a -m two
must itsm -C "$top/two/ops" sync
echo three >../README
must git commit -q -a -m three
run itsm sync
code 1
out ../README

begin 'eight clones write and sync at once: every printed success is in the hub, once'
rounds=${ITSM_ROUNDS:-3}
ticket_desk
id=$(new ticket --title Shared severity=low)
must git clone -q --bare . "$top/hub.git"
for clone in 1 2 3 4 5 6 7 8; do
	must git clone -q "file://$top/hub.git" "$top/clone$clone"
	(cd "$top/clone$clone" || exit 3
	number=0
	while [ "$number" -lt "$rounds" ]; do
		number=$((number + 1))
		itsm new ticket --title "Clone $clone number $number" || echo "failed: new $clone $number"
		itsm note "$id" -m "Clone $clone number $number" || echo "failed: note $clone $number"
		itsm set "$id" tags+="c$clone-$number" || echo "failed: set $clone $number"
		itsm sync || echo "failed: sync $clone $number"
	done) >"$top/said$clone" 2>"$top/errors$clone" &
done
wait
is 'failures' '' "$(grep -h failed "$top"/said[1-8]; grep -hvE 'committed|main of origin' "$top"/errors[1-8])"
must git clone -q "$top/hub.git" "$top/final"
cd "$top/final" || exit 3
grep -hE '^TKT-[0-9a-z]+$' "$top"/said[1-8] | sort >"$top/printed"
itsm list ticket --format id 2>/dev/null | grep -v "^$id$" | sort >"$top/there"
is 'the printed tickets' $((8 * rounds)) "$(sort -u "$top/printed" | wc -l)"
same "$top/printed" "$top/there"
is 'the notes' $((8 * rounds)) "$(git ls-files "*/$id/notes/*" | wc -l)"
is 'the tags' $((8 * rounds)) "$(itsm show "$id" --format json | grep -oE 'c[1-8]-[0-9]+' | sort -u | wc -l)"
is 'the sets' $((8 * rounds)) "$(git log --format=%s | grep -c "^$id: set tags")"
sound

begin 'writers on the desk that syncs: neither is in the way of the other'
clones
(cd "$top/two" && for number in 1 2 3 4 5 6; do
	itsm set "$id" tags+="two-$number" || echo failed
	itsm sync || echo failed
done) >"$top/two.out" 2>"$top/two.err" &
(for number in 1 2 3 4 5 6; do itsm set "$id" tags+="one-$number" || echo failed; done) >"$top/one.out" 2>"$top/one.err" &
(for number in 1 2 3 4 5 6; do itsm sync || echo failed; done) >"$top/sync.out" 2>"$top/sync.err" &
wait
is 'failures' '' "$(cat "$top"/*.out | grep failed; grep -hvE 'committed|main of origin' "$top/one.err" "$top/two.err" "$top/sync.err")"
must itsm sync
in_two sync
together
is 'the tags' 12 "$(itsm show "$id" --format json | grep -oE '(one|two)-[1-6]' | sort -u | wc -l)"

# git goes on when itsm is killed, with the writers' lock, so that nothing comes in between.
begin 'killed at any moment: the next sync brings the clones together'
clones
/usr/bin/python3 - "$top" "$id" >"$top/said" 2>&1 <<'END'
"""Thirty syncs, each killed somewhere in its life; the one after it has to work."""
import random, subprocess, sys, time

top, record = sys.argv[1:]
random.seed(20261122)
killed = 0


def itsm(clone, *words):
    return subprocess.run(["itsm", "-C", f"{top}/{clone}", *words], capture_output=True, text=True)


def need(done):
    if done.returncode:
        print(f"{done.args}: {done.returncode}: {done.stderr}")


span = 0.3
for number in range(30):
    need(itsm("two", "set", record, f"title=Round {number}"))
    need(itsm("two", "sync"))
    if number % 3:
        need(itsm("one", "set", record, f"points={number % 10}"))
    begun = time.monotonic()
    sync = subprocess.Popen(["itsm", "-C", f"{top}/one", "sync"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(span * random.random())
    if sync.poll() is None:
        sync.kill()
        killed += 1
    sync.wait()
    begun = time.monotonic()
    need(itsm("one", "sync"))
    span = max(0.05, time.monotonic() - begun)
    need(itsm("two", "sync"))
    heads = {subprocess.run(["git", "-C", f"{top}/{clone}", "rev-parse", "HEAD"], capture_output=True).stdout
             for clone in ("one", "two")}
    if len(heads) != 1:
        print(f"round {number}: apart")
if killed < 10:
    print(f"only {killed} were killed")
END
[ ! -s "$top/said" ] || problem "$(head -n 40 "$top/said")"
together

begin 'over ssh, with a server and keys of its own'
clones
if serve_ssh; then
	for clone in one two; do
		must git -C "$top/$clone" remote set-url origin "ssh://hub$top/hub.git"
	done
	must itsm set "$id" severity=high tags+=one
	must itsm move "$id" doing
	in_two set "$id" points=7 tags+=two
	in_two sync
	run itsm sync
	code 0
	err 'main of origin: received 1 commit, merged, sent 3'
	in_two sync
	together
	run itsm show "$id" --format json
	out_has '"severity":"high"' '"points":7' '"tags":["a","b","one","two"]' '"state":"doing"'
	mv "$top/ssh/user" "$top/ssh/lost"
	must itsm set "$id" points=1
	run itsm sync
	code 3
	err_has 'Permission denied'
	stop_ssh
fi

finish
