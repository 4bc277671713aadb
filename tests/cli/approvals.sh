#!/bin/sh
# approvals: what is asked, what each approval is worth, and what is missing; every way to forge one.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Who commits from here on; their key is $HOME/<name>.
as() { # name
	git config --global user.name "$1"
	git config --global user.email "$1@example.org"
	git config --global gpg.format ssh
	git config --global user.signingkey "$HOME/$1"
}

person() { # name [field=value ...]
	name=$1
	shift
	[ -f "$HOME/$name" ] || ssh-keygen -q -t ed25519 -N '' -C '' -f "$HOME/$name" </dev/null
	new person id="$name" name="$name" mail="$name@example.org" keys="$(cut -d' ' -f1,2 "$HOME/$name.pub")" "$@" >/dev/null
}

rule() { # name, its lines of `approvals:`
	file=policy/rules/$1.yaml
	mkdir -p policy/rules
	printf 'name: %s\nkinds: [change]\nstates: [scheduled, implement]\nrequire:\n  approvals:\n' "$1" >"$file"
	shift
	for line; do printf '    - %s\n' "$line" >>"$file"; done
	git add policy
	git commit -q -m "policy: $*"
}

# ann wrote the change; bob and carl are the board, dora owns the service; the built-in rule is out of the way.
board() {
	desk
	as ann
	for name in ann bob carl dora; do person "$name"; done
	printf 'name: Board\nmembers: [bob, carl]\n' >teams/cab.yaml
	mkdir -p policy/rules
	printf 'name: change-approval\nenabled: false\n' >policy/rules/change-approval.yaml
	git add .
	git commit -q -m board
}

change() { # [field=value ...]
	id=$(new change --title 'Move the database' requester=ann implementer=ann risk=high "$@" --body-file - <<'END'
## Reason

It is full.

## Plan

Copy, compare, switch.
END
)
	must itsm move "$id" submitted
	folder=$(dirname "$(path_of "$id")")/$id/approvals
}

approve_as() { # name [options]
	who=$1
	shift
	as "$who"
	must itsm approve "$id" "$@"
	as ann
}

# What `approvals` says of a person's approval: status and witnesses.
status_of() { # name
	itsm approvals "$id" --format json | /usr/bin/python3 -c '
import json, sys
record = json.load(sys.stdin)["records"][0]
print("; ".join(" by ".join(filter(None, (a["status"], a["witnesses"]))) for a in record["approvals"] if a["person"] == sys.argv[1]) or "none")
' "$1"
}

worth() { # name expected
	last="itsm approvals $id"
	is "the approval of $1" "$2" "$(status_of "$1")"
}

begin 'who must approve and why, who has, what is missing; the exit code says whether all is there'
board
rule two-of-the-board '{team: cab, count: 2}'
change
run itsm approvals "$id"
code 1
out_has "$id  submitted  Move the database" 'missing  2 of team cab  (policy/two-of-the-board: scheduled, implement)' '0 of 2; could be given by bob, carl'
approve_as bob --comment 'Fine.'
run itsm approvals "$id"
code 1
out_has '1 of 2; could be given by carl' 'bob                 approve   2026-11-22 10:00 +00:00  valid  by signature, commit' '> Fine.'
approve_as carl
run itsm approvals "$id"
code 0
out_has 'met      2 of team cab'
out_lacks missing
clean
sound

begin 'formats'
board
rule one '{team: cab, count: 1}'
change
approve_as bob
run itsm approvals "$id" --format json
code 0
/usr/bin/python3 - "$top/out" "$id" <<'END' || problem 'the JSON is not as expected' "$(cat "$top/out")"
import json, sys
envelope = json.load(open(sys.argv[1]))
record = envelope["records"][0]
assert envelope["schema_version"] == 1 and envelope["command"] == "approvals"
assert record["id"] == sys.argv[2] and record["complete"] is True and record["authors"] == ["ann@example.org"]
assert record["digest"].startswith("itsm1-sha256:")
required = record["required"][0]
assert required["rule"] == "policy/one" and required["whom"] == "1 of team cab" and required["met"] is True
assert [(p["person"], p["is"], p["by"]) for p in required["people"]] == [("bob", "approved", "bob"), ("carl", "waiting", None)]
assert record["approvals"][0]["status"] == "valid" and record["approvals"][0]["digest"] == record["digest"]
END
run itsm approvals "$id" --format csv
code 0
run itsm approvals "$id" --format id
out "$id"
run itsm approvals NOPE
code 3

begin 'what is not approved content may change; what is, may not'
board
rule one '{team: cab, count: 1}'
change
approve_as bob
must itsm set "$id" owner=dora
must itsm note "$id" -m 'A note.'
must itsm move "$id" assess
worth bob 'valid by signature, commit'
path=$(path_of "$id")
sed -i 's/compare, switch/compare,  switch/' "$path"
git commit -qam 'two blanks inside'
worth bob 'stale by signature, commit'
git revert --no-edit HEAD >/dev/null
worth bob 'valid by signature, commit'
sed -i 's/$/\r/' "$path"
git commit -qam 'line ends'
worth bob 'valid by signature, commit'
must itsm set "$id" 'title=Move everything'
worth bob 'stale by signature, commit'
run itsm approvals "$id"
code 1
out_has 'what was approved has changed since'

begin 'rework voids approvals, even when the content comes out the same'
board
rule one '{team: cab, count: 1}'
change
approve_as bob
must itsm move "$id" draft
ITSM_NOW=2026-11-22T11:00:00Z
must itsm move "$id" submitted
worth bob 'stale by signature, commit'
approve_as bob
worth bob 'valid by signature, commit'
ITSM_NOW=2026-11-22T10:00:00Z

begin 'rebase, cherry-pick and squash leave a signed approval valid'
board
rule one '{team: cab, count: 1}'
git checkout -q -b proposal
change
approve_as bob
git checkout -q main
must itsm new service id=other --title Other
git checkout -q proposal
git rebase -q main
worth bob 'valid by signature, commit'
picked=$(git rev-list --reverse main..proposal)
git checkout -q -b picked main
# shellcheck disable=SC2086 # one word per commit
git cherry-pick $picked >/dev/null 2>&1
worth bob 'valid by signature, commit'
git checkout -q -b squashed main
git merge -q --squash proposal >/dev/null
git commit -q -m 'all of it'
worth bob 'valid by signature'
git checkout -q -b amended proposal
git commit -q --amend --no-edit --author='ann <ann@example.org>'
worth bob 'valid by signature'

begin 'unsigned: the author of its commit is a witness, for rules that take it'
board
rule proven '{team: cab, count: 1, witness: [signature]}'
change
git config --global --unset gpg.format
git config --global user.email bob@example.org
must itsm approve "$id"
worth bob 'unsigned by commit'
run itsm approvals "$id"
code 1
out_has 'the rules that ask them want it proven otherwise'
rule proven '{team: cab, count: 1}'
worth bob 'valid by commit'

begin 'forged: unsigned, and committed by another author'
board
rule one '{team: cab, count: 1}'
change
git config --global --unset gpg.format
git config --global user.email bob@example.org
must itsm approve "$id"
git config --global user.email ann@example.org
git commit -q --amend --no-edit --reset-author
worth bob 'not theirs'
run itsm approvals "$id"
code 1
out_has 'it is not signed, and was committed by ann@example.org, which is no address of bob'

begin 'forged: a copy of a signature from another change, decision, role, comment, time or person'
board
rule one '{team: cab, count: 1}'
change
first=$id
approve_as bob
change
mkdir -p "$folder"
cp "$(find . -path "*$first/approvals/bob.yaml")" "$folder/bob.yaml"
git add .
git commit -q -m 'copied'
worth bob 'bad signature'
run itsm approvals "$id"
code 1
out_has 'its signature is of something else'
digest=$(itsm approvals "$id" --format json | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["records"][0]["digest"])')
sed -i "s/^digest: .*/digest: $digest/" "$folder/bob.yaml"
git commit -qam 'with the right digest'
worth bob 'bad signature'
as bob
must itsm approve "$id" --reject --comment 'No: see the note.'
as ann
worth bob 'rejected by signature, commit'
cp "$folder/bob.yaml" "$top/rejected"
for edit in 's/^decision: reject/decision: approve/' 's/^comment: .*/comment: Yes/' 's/^at: .*/at: 2026-11-22T10:00:01Z/' \
	's/^decision:/role: cab\ndecision:/' 's/^digest: itsm1-sha256:/&00/' '/^comment:/d' 's/^by: bob/by: carl/'; do
	sed "$edit" "$top/rejected" >"$folder/bob.yaml"
	git commit -qam "edited: $edit" || problem "the edit '$edit' changed nothing"
	case $(status_of bob) in
	'bad signature' | unreadable) ;;
	*) problem "after '$edit' the approval is: $(status_of bob)" ;;
	esac
done
cp "$top/rejected" "$folder/bob.yaml"
sed -i 's/^by: bob/by: carl/' "$top/rejected"
cp "$top/rejected" "$folder/carl.yaml"
git add .
git commit -q -m 'for carl'
worth carl 'bad signature'
run itsm approvals "$id"
code 1
out_has 'rejected by bob'

begin 'written over: a rejection stays until its own author lifts it'
board
rule one '{team: cab, count: 1}'
change
approve_as bob --reject
approve_as carl
run itsm approvals "$id"
code 1
out_has 'rejected by bob'
printf 'by: bob\ndecision: withdraw\nat: 2026-11-22T10:00:00Z\n' >"$folder/bob.yaml"
git commit -qam 'withdrawn, says ann'
run itsm approvals "$id"
code 1
out_has 'not theirs' 'before, bob had rejected, and still does'
echo 'no: [yaml' >"$folder/bob.yaml"
git commit -qam 'broken'
run itsm approvals "$id"
code 1
out_has unreadable 'rejected by bob'
approve_as bob --withdraw
run itsm approvals "$id"
code 0
worth bob 'withdrawn by signature, commit'

begin 'a key that was taken away, and one that the proposal brings'
board
rule one '{team: cab, count: 1}'
must git branch base
change
ssh-keygen -q -t ed25519 -N '' -C '' -f "$HOME/other" </dev/null
as bob
must itsm approve "$id" --key "$HOME/other"
as ann
worth bob 'wrong key by commit'
must itsm set bob keys+="$(cut -d' ' -f1,2 "$HOME/other.pub")"
worth bob 'valid by signature, commit'
run itsm approvals "$id" --base base
code 1
out_has 'wrong key' 'it is signed by a key that bob does not have in people/ at the base'
approve_as bob
worth bob 'valid by signature, commit'
must itsm set bob keys="$(cut -d' ' -f1,2 "$HOME/other.pub")"
worth bob 'wrong key by commit'

begin 'somebody put into the team by the same proposal'
board
rule one '{team: cab, count: 1}'
git branch base
change
must itsm set cab members+=dora
approve_as dora
run itsm approvals "$id"
code 0
run itsm approvals "$id" --base base
code 1
out_has 'not entitled' 'no rule asks them'
run itsm check base..HEAD
code 1

begin 'rules of the proposal are not those of the base'
board
rule two '{team: cab, count: 2}'
git branch base
change
rule two '{anyone: true, count: 1}'
approve_as dora
run itsm approvals "$id"
code 0
run itsm approvals "$id" --base base
code 1
out_has '2 of team cab'

begin 'nobody approves their own change: author, requester, implementer, whoever edited it'
board
rule one '{anyone: true, count: 1}'
change
approve_as ann
worth ann 'own change by signature, commit'
must itsm set "$id" requester=bob implementer=carl
approve_as bob
approve_as carl
worth bob 'own change by signature, commit'
worth carl 'own change by signature, commit'
as dora
must itsm set "$id" risk=low
must itsm approve "$id"
worth dora 'own change by signature, commit'
# theirs is stale too, but to give it again would not help
worth ann 'own change by signature, commit'
worth bob 'own change by signature, commit'
run itsm approvals "$id"
code 1
out_has '0 of 1; could be given by ada-lovelace'

begin 'a team of one approves itself'
board
printf 'name: Alone\nmembers: [ann]\n' >teams/alone.yaml
git add .
git commit -q -m alone
rule one '{team: alone, count: 1}'
change
approve_as ann
run itsm approvals "$id"
code 1
out_has 'it can never be met: 1 of 0 possible, as it is the own change of ann' 'own change'

begin 'where a rule does not mind, one may'
board
rule one '{person: ann, independent: false}'
change
approve_as ann
run itsm approvals "$id"
code 0

begin 'nobody to ask'
board
rule nobody '{team: missing, count: 1}'
change
run itsm approvals "$id"
code 1
out_has 'nobody can give it: 1 of team missing leads to nobody at the base'

begin 'owners of the services that it touches, as the base has them'
board
must itsm new service id=billing --title Billing owner=dora
rule owner '{field: services.owner}'
git branch base
change services=billing
run itsm approvals "$id"
code 1
out_has 'could be given by dora'
must itsm set billing owner=bob
approve_as bob
run itsm approvals "$id"
code 0
run itsm approvals "$id" --base base
code 1
out_has 'could be given by dora' 'not entitled'

begin 'roles, and an approval in one role alone'
board
must itsm set dora roles=change-manager
must itsm set bob roles=security,change-manager
rule managers '{role: change-manager, count: 1}'
change
as bob
must itsm approve "$id" --as security
as ann
worth bob 'not entitled by signature, commit'
approve_as bob --as change-manager
run itsm approvals "$id"
code 0

begin 'a delegate, until the delegation ends'
board
rule bob '{person: bob}'
printf 'delegates:\n  - {to: dora, from: 2026-11-20, until: 2026-11-22}\n' >>people/bob.yaml
git commit -qam 'bob is away'
change
GIT_AUTHOR_DATE=2026-11-22T10:00:00Z
export GIT_AUTHOR_DATE
approve_as dora
run itsm approvals "$id"
code 0
out_has 'met      bob'
ITSM_NOW=2026-11-23T00:00:00Z
GIT_AUTHOR_DATE=2026-11-23T00:00:00Z
approve_as dora
run itsm approvals "$id"
code 1
out_has '0 of 1; could be given by bob'
sed -i '/^delegates/,$d' people/bob.yaml
printf 'delegates:\n  - {to: dora, from: 2026-11-20}\n' >>people/bob.yaml
git commit -qam 'without an end'
run itsm approvals "$id"
code 1
out_has 'not entitled'
unset GIT_AUTHOR_DATE
ITSM_NOW=2026-11-22T10:00:00Z

begin 'who has left, and who was never here'
board
rule one '{team: cab, count: 1}'
change
approve_as bob
must itsm set bob active=false
worth bob 'inactive person'
run itsm approvals "$id"
code 1
mkdir -p "$folder"
printf 'by: mallory\ndecision: approve\nat: 2026-11-22T10:00:00Z\n' >"$folder/mallory.yaml"
git add .
git commit -q -m mallory
worth mallory 'unknown person'

begin 'a link in place of an approval'
board
rule one '{team: cab, count: 1}'
change
approve_as bob
mv "$folder/bob.yaml" elsewhere.yaml
ln -s ../../../../../../elsewhere.yaml "$folder/bob.yaml"
git add .
git commit -q -m link
worth bob unreadable

begin 'hostile text does not reach the terminal'
board
rule one '{team: cab, count: 1}'
change
approve_as bob --comment "$(printf 'a\nb \342\200\256 end')"
run itsm approvals "$id"
code 0
out_has '\u{202E}'
out_lacks "$(printf '\342\200\256')"

# What GitHub says of reviews: login, state, commit, time.
github() { # file, review ...
	file=$1
	shift
	sep='['
	for review; do
		# shellcheck disable=SC2086 # its words
		set -- $review
		printf '%s{"id":1,"user":{"login":"%s","id":7},"body":"ok","state":"%s","commit_id":"%s","submitted_at":"%s"}' \
			"$sep" "$1" "$2" "$3" "$4"
		sep=,
	done >"$file"
	echo ']' >>"$file"
}

# Bob and carl have accounts; the change lies on a branch.
forge() {
	board
	must itsm set bob accounts=github:Bob-H,gitlab:bob
	must itsm set carl accounts=github:carl
	must itsm new person id=robot name=Robot mail=robot@example.org roles=forge-recorder
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$HOME/robot" </dev/null
	must itsm set robot keys="$(cut -d' ' -f1,2 "$HOME/robot.pub")"
	rule reviewed '{team: cab, count: 1, witness: [signature, forge]}'
	git branch base
	change
	head=$(git rev-parse HEAD)
}

# Record reviews as the pipeline's own person.
record() { # file
	as robot
	run itsm approve "$id" --review "$1"
	as ann
}

begin 'a review at GitHub, recorded by the pipeline: about what the record said in the reviewed commit'
forge
github "$top/reviews" "bob-h APPROVED $head 2026-11-22T09:00:00Z"
record "$top/reviews"
code 0
is 'the message' "$id: record reviews of bob" "$(git log -1 --format=%s)"
worth bob 'valid by forge'
run itsm approvals "$id" --base base
code 0
must itsm set "$id" title=Else
worth bob 'stale by forge'
record "$top/reviews"
code 0
err 'no review in it is to be recorded'
sound

begin 'reviews that do not count: comments, drafts, dismissed, superseded, of nobody here, of another state'
forge
github "$top/reviews" "bob-h APPROVED $head 2026-11-22T08:00:00Z" "bob-h COMMENTED $head 2026-11-22T08:30:00Z"
record "$top/reviews"
worth bob 'valid by forge'
github "$top/reviews" "bob-h APPROVED $head 2026-11-22T08:00:00Z" "bob-h DISMISSED $head 2026-11-22T09:00:00Z"
record "$top/reviews"
worth bob 'withdrawn by forge'
github "$top/reviews" "bob-h CHANGES_REQUESTED $head 2026-11-22T09:30:00Z" "bob-h APPROVED $head 2026-11-22T09:00:00Z"
record "$top/reviews"
worth bob 'rejected by forge'
github "$top/reviews" "stranger APPROVED $head 2026-11-22T09:00:00Z" "carl PENDING $head 2026-11-22T09:00:00Z" \
	"carl APPROVED $(git rev-parse base) 2026-11-22T09:00:00Z" "carl APPROVED 1234567890123456789012345678901234567890 2026-11-22T09:00:00Z"
record "$top/reviews"
code 0
err 'no review in it is to be recorded'

begin 'what the reviewed commit said, not what is there now'
forge
must itsm set "$id" title='Something else'
github "$top/reviews" "bob-h APPROVED $head 2026-11-22T09:00:00Z"
record "$top/reviews"
worth bob 'stale by forge'
run itsm approvals "$id"
code 1

begin 'recorded by somebody who may not, by the author, or with an account that is not theirs'
forge
github "$top/reviews" "bob-h APPROVED $head 2026-11-22T09:00:00Z"
run itsm approve "$id" --review "$top/reviews"
code 0
worth bob 'not theirs'
run itsm approvals "$id"
code 1
out_has 'not signed by somebody with the role forge-recorder at the base'
must itsm set ann roles=forge-recorder
worth bob 'valid by forge'
run itsm approvals "$id" --base base
code 1
out_has 'not theirs'
must itsm set bob accounts=github:other
worth bob 'not theirs'
git config --global --unset gpg.format
must itsm set carl accounts=github:bob-h
before=$(git rev-parse HEAD)
run itsm approve "$id" --review "$top/reviews"
code 1
err_has 'a recorded review counts only when it is signed'
is HEAD "$before" "$(git rev-parse HEAD)"

begin 'the webhooks, and GitLab with its versions'
forge
printf '{"action":"submitted","review":{"user":{"login":"bob-h"},"state":"approved","commit_id":"%s","submitted_at":"2026-11-22T09:00:00Z","body":null},"pull_request":{"user":{"login":"ann-h"}}}' "$head" >"$top/hook"
record "$top/hook"
code 0
worth bob 'valid by forge'
must git reset -q --hard HEAD~1
printf '{"id":5,"iid":5,"approved_by":[{"user":{"id":2,"username":"bob"},"approved_at":"2026-11-22T09:00:00.123Z"}]}' >"$top/approvals"
record "$top/approvals"
code 0
err 'no review in it is to be recorded'
printf '{"iid":5,"author":{"username":"ann"},"approved_by":[{"user":{"username":"bob"},"approved_at":"2026-11-22T09:00:00.123Z"}],"versions":[{"head_commit_sha":"%s","created_at":"2026-11-22T09:30:00.000Z"},{"head_commit_sha":"%s","created_at":"2026-11-22T08:30:00.000Z"}]}' \
	"$(git rev-parse base)" "$head" >"$top/approvals"
record "$top/approvals"
code 0
worth bob 'valid by forge'
must git reset -q --hard HEAD~1
printf '{"approvals":{"approved_by":[{"user":{"username":"bob"},"approved_at":"2026-11-22T09:00:00.123Z"}]},"versions":[{"head_commit_sha":"%s","created_at":"2026-11-22T08:30:00.000Z"}],"merge_request":{"author":{"username":"%s"}}}' \
	"$head" ann >"$top/approvals"
record "$top/approvals"
code 0
worth bob 'valid by forge'
must git reset -q --hard HEAD~1
sed -i 's/"ann"/"bob"/' "$top/approvals"
run itsm approvals "$id" --reviews "$top/approvals"
code 1
out_has 'they made the proposal that they reviewed'
printf '{"object_kind":"merge_request","user":{"id":2,"username":"bob"},"object_attributes":{"author_id":1,"action":"approved","updated_at":"2026-11-22 09:00:00 UTC","last_commit":{"id":"%s"}}}' "$head" >"$top/hook"
record "$top/hook"
code 0
worth bob 'valid by forge'

begin 'reviews given along: who approved at the forge, for this judgement'
forge
github "$top/reviews" "bob-h APPROVED $head 2026-11-22T09:00:00Z" "stranger APPROVED $head 2026-11-22T09:00:00Z"
run itsm approvals "$id" --base base --reviews "$top/reviews"
code 0
out_has 'met      1 of team cab' 'valid  by forge' 'nobody in people/ at the base has the account github:stranger'
run itsm approvals "$id"
code 1
github "$top/more" "carl CHANGES_REQUESTED $head 2026-11-22T09:00:00Z"
run itsm approvals "$id" --reviews "$top/reviews" --reviews "$top/more"
code 1
out_has 'rejected by carl'
approve_as carl
run itsm approvals "$id" --reviews "$top/reviews" --reviews "$top/more"
code 0
must itsm set bob accounts=github:other
run itsm approvals "$id" --base base --reviews "$top/reviews"
code 0
must itsm set "$id" title=Else
run itsm approvals "$id" --base base --reviews "$top/reviews"
code 1
out_has 'what was approved has changed since the commit that was reviewed'
github "$top/reviews" "bob-h APPROVED 1234567890123456789012345678901234567890 2026-11-22T09:00:00Z"
run itsm approvals "$id" --base base --reviews "$top/reviews"
code 1
out_has 'the commit that was reviewed is not here; fetch it'
rule reviewed '{team: cab, count: 1, witness: [signature]}'
github "$top/reviews" "bob-h APPROVED $(git rev-parse HEAD) 2026-11-22T09:00:00Z"
must itsm set bob accounts=github:bob-h
run itsm approvals "$id" --reviews "$top/reviews"
code 1
out_has 'unsigned  by forge'

begin 'check counts reviews given along, and recorded ones'
GIT_AUTHOR_DATE=$ITSM_NOW
GIT_COMMITTER_DATE=$ITSM_NOW
export GIT_AUTHOR_DATE GIT_COMMITTER_DATE
forge
sed -i 's/scheduled, implement/assess/' policy/rules/reviewed.yaml
git commit -qam 'in assess already'
git branch -f base
path=$(path_of "$id")
sed -i 's/^state: submitted/state: assess/' "$path"
git commit -qam 'without asking'
run itsm check base..HEAD
code 1
out_has 'policy/reviewed' 'needs the approval of 1 of team cab'
github "$top/reviews" "bob-h APPROVED $head 2026-11-22T09:00:00Z"
run itsm check base..HEAD --reviews "$top/reviews"
code 0
run itsm check base..HEAD --reviews "$top/missing"
code 3
record "$top/reviews"
code 0
run itsm check base..HEAD
code 0
unset GIT_AUTHOR_DATE GIT_COMMITTER_DATE

begin 'who made the proposal does not review it'
forge
printf '{"action":"submitted","review":{"user":{"login":"bob-h"},"state":"approved","commit_id":"%s","submitted_at":"2026-11-22T09:00:00Z"},"pull_request":{"user":{"login":"Bob-H"}}}' "$head" >"$top/hook"
run itsm approvals "$id" --reviews "$top/hook"
code 1
out_has 'own change' 'they made the proposal that they reviewed'

begin 'what is no review'
forge
for text in '' '{' '[1]' '{"a":1}' '"x"' '[[[[[[{"user":1}]]]]]]' '{"approved_by":1,"approved_by":2}'; do
	printf '%s' "$text" >"$top/reviews"
	record "$top/reviews"
	code 3
done
err_has 'it is no JSON'
/usr/bin/python3 -c 'print("[" * 100000 + "]" * 100000)' >"$top/reviews"
record "$top/reviews"
code 3
printf '[{"user":{"login":"bob-h"},"state":"APPROVED","commit_id":"--output=x","submitted_at":"2026-11-22T09:00:00Z"}]' >"$top/reviews"
record "$top/reviews"
code 0
err 'no review in it is to be recorded'
run itsm approve "$id" --review "$top/reviews" --reject
code 2
clean

begin 'a shallow clone says so, and guesses nothing'
board
rule one '{team: cab, count: 1}'
change
approve_as bob
git clone -q --depth 1 "file://$top/work" "$top/shallow"
cd "$top/shallow" || exit 3
run itsm approvals "$id"
code 3
err_has 'this clone is shallow' 'git fetch --unshallow'
git fetch -q --unshallow
run itsm approvals "$id"
code 0

# From here on each run of ssh-keygen leaves a line in $top/ran, each of git log one in $top/logged.
counted() {
	mkdir "$top/bin"
	for program in ssh-keygen git; do
		printf '#!/bin/sh\ncase " $* " in *" log "*) echo >>"%s" ;; esac\n[ %s = git ] || echo >>"%s"\nexec %s "$@"\n' \
			"$top/logged" "$program" "$top/ran" "$(command -v "$program")" >"$top/bin/$program"
		chmod +x "$top/bin/$program"
	done
	plain=$PATH
	PATH=$top/bin:$PATH
}

runs() { # how often ssh-keygen runs for a command, expected
	expected=$1
	shift
	: >"$top/ran"
	run "$@"
	is "runs of ssh-keygen for $*" "$expected" "$(wc -l <"$top/ran" | tr -d ' ')"
}

begin 'a signature that was proven is not proven again, but for an audit, and history is read once for all'
board
rule seen '{team: cab, count: 1}'
git branch base
git tag begun
for number in 1 2 3 4; do
	change
	approve_as bob
	sed -i 's/^state: submitted/state: scheduled/' "$(path_of "$id")"
	must git commit -qam "schedule $number"
done
proofs=$(git rev-parse --git-common-dir)/itsm/signatures-v1
rm -f "$proofs"
counted
: >"$top/logged"
runs 4 itsm check base..HEAD
code 1
out_lacks policy/seen approval/
[ "$(wc -l <"$top/logged")" -le 3 ] || problem 'git log ran once per record' "$(wc -l <"$top/logged")"
is 'what is kept' 4 "$(grep -c '^[0-9a-f]\{64\}$' "$proofs")"
is 'whose it is to read' 600 "$(stat -c %a "$proofs")"
runs 0 itsm check base..HEAD
out_lacks policy/seen approval/
runs 0 itsm check
runs 4 itsm verify
out_lacks approval/
# another byte, another question
sed -i 's/^comment:.*//; s/^decision: approve/decision: approve\ncomment: more/' "$folder/bob.yaml"
must git commit -qam 'what he never said'
run itsm check base..HEAD
code 1
out_has 'approval/signature'
must git reset -q --hard HEAD~1
# a key that was taken away
git checkout -q base
sed -i '/^keys:/d' people/bob.yaml
must git commit -qam 'bob lost it'
git checkout -q main
run itsm check base..HEAD
out_has 'approval/key'
# a file that others may write, that is none, or that is damaged is not believed
git branch -f base begun
chmod 666 "$proofs"
runs 4 itsm check base..HEAD
mv "$proofs" "$top/proofs"
chmod 600 "$top/proofs"
ln -s "$top/proofs" "$proofs"
runs 4 itsm check base..HEAD
[ -L "$proofs" ] || problem 'it wrote over a link'
rm "$proofs"
mkfifo "$proofs"
runs 4 itsm check base..HEAD
rm "$proofs"
echo nonsense | cat - "$top/proofs" >"$proofs"
chmod 600 "$proofs"
runs 4 itsm check base..HEAD
rm "$proofs"
: >"$proofs"
chmod 600 "$proofs"
runs 4 itsm check base..HEAD
runs 0 itsm check base..HEAD
PATH=$plain

finish
