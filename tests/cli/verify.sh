#!/bin/sh
# verify: the trail holds; what was forged, skipped or removed deep in it is found, with what it is.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Ada's key, in people/ and in git's configuration, and a desk with her in it.
signed_desk() {
	desk
	ssh-keygen -q -t ed25519 -N '' -C ada@example.org -f "$HOME/key" </dev/null
	git config --global gpg.format ssh
	git config --global user.signingkey "$HOME/key.pub"
	must itsm set ada-lovelace "keys+=$(cut -d' ' -f1,2 "$HOME/key.pub")"
}

change() {
	id=$(printf '## Reason\n\nIt is full.\n\n## Plan\n\nCopy, compare, switch.\n' | itsm new change --title 'Move the database' --body-file - 2>/dev/null)
	file=$(path_of "$id")
	approval=$(dirname "$file")/$id/approvals/ada-lovelace.yaml
}

# Commit all there is as somebody else.
commit_as() { # name mail message
	git add -A
	git -c commit.gpgsign=false -c user.name="$1" -c user.email="$2" commit -q -m "$3"
}

last() {
	git rev-parse --short=10 HEAD
}

begin 'a trail without a break: counts, exit 0, nothing on stdout'
signed_desk
change
must itsm move "$id" submitted
must itsm approve "$id"
run itsm verify
code 0
out ''
err_has "$(commits) commits, 0 of them signed, 0 signatures verified" '1 transitions' '1 approvals, 1 of them proven by signatures' \
	'0 checkpoints, 0 of them signed' '0 breaks, 0 to look at'
clean

begin 'a range counts and judges what is in it'
signed_desk
change
must itsm move "$id" submitted
run itsm verify HEAD~1..HEAD
code 0
err_has '1 commits, ' '1 transitions'
run itsm verify HEAD~1
err_has "$(git rev-list --count HEAD~1) commits, " '0 transitions'
run itsm verify HEAD~1...HEAD
code 2
run itsm verify nothing..HEAD
code 3

begin 'an illegal step deep in history is found, although the record is in order now'
signed_desk
change
sed -i 's/^state: .*/state: scheduled/' "$file"
commit_as Mallory mallory@example.org 'Fix a typo'
bad=$(last)
sed -i 's/^state: .*/state: draft/' "$file"
commit_as Mallory mallory@example.org 'Fix it again'
for n in 1 2 3 4 5; do must itsm new incident --title "Later $n"; done
run itsm verify
code 1
out_has "$file: error: workflow/transition: $bad took it from 'draft' to 'scheduled', which no change could do then"
err_has '1 breaks'

begin 'a record that begins in a later state, is removed, or comes back in another state'
signed_desk
change
sed -i 's/^state: .*/state: closed/' "$file"
git rm -q --cached "$file"
mv "$file" "$top/kept"
commit_as Mallory mallory@example.org 'Tidy up'
removed=$(last)
mkdir -p "$(dirname "$file")"
mv "$top/kept" "$file"
commit_as Mallory mallory@example.org 'Restore'
run itsm verify
code 1
out_has "history/removed: $removed removed the record" "workflow/initial: $(last) made it in the state 'closed'; change begins as 'draft'"

begin 'a merge that sneaks a state in is found; one that takes a side is not'
signed_desk
change
git checkout -q -b side
must itsm move "$id" submitted
git checkout -q main
must itsm new incident --title Unrelated
git merge -q --no-edit side
run itsm verify
code 0
git checkout -q -b evil HEAD~1
must itsm new incident --title 'On the branch'
git checkout -q main
must itsm new incident --title 'On the main line'
git merge -q --no-commit --no-ff evil >/dev/null 2>&1
sed -i 's/^state: .*/state: closed/' "$file"
git add -A
git commit -q -m 'Merge evil'
run itsm verify
code 1
out_has "workflow/transition: $(last) took it from 'submitted' to 'closed'"

begin 'an approval forged in history is found after it was taken out of sight'
signed_desk
change
must itsm move "$id" submitted
mkdir -p "$(dirname "$approval")"
printf 'by: ada-lovelace\ndecision: approve\nat: 2026-11-22T10:00:00Z\n' >"$approval"
commit_as Mallory mallory@example.org 'Approve'
forged=$(last)
must itsm approve "$id"
run itsm verify
code 1
out_has "$approval: error: approval/author: the approval of ada-lovelace in $forged: it is not signed, and was committed by mallory@example.org"
err_has '2 approvals, 1 of them proven by signatures' '1 breaks'

begin 'a signature copied from another change is found'
signed_desk
change
must itsm move "$id" submitted
must itsm approve "$id"
first=$approval
change
must itsm move "$id" submitted
mkdir -p "$(dirname "$approval")"
cp "$first" "$approval"
commit_as 'Ada Lovelace' ada@example.org 'Copy it'
run itsm verify
code 1
out_has "$approval: error: approval/signature: the approval of ada-lovelace in $(last)"

begin 'a key that comes with the branch does not prove the approval on it'
signed_desk
change
must itsm move "$id" submitted
git checkout -q -b side
ssh-keygen -q -t ed25519 -N '' -f "$HOME/other" </dev/null
must itsm set ada-lovelace "keys+=$(cut -d' ' -f1,2 "$HOME/other.pub")"
must itsm approve "$id" --key "$HOME/other"
run itsm verify
code 0
git checkout -q main
git merge -q --no-ff --no-edit side
run itsm verify
code 1
out_has 'approval/key: the approval of ada-lovelace in' 'it is signed by a key that ada-lovelace does not have in people/ at the base'
run itsm verify --base HEAD
code 0

begin 'commits have to be signed once the desk says so, by who they say committed them'
signed_desk
printf 'signed_commits: required\n' >>itsm.yaml
git add -A
git commit -q -m 'Sign from here on'
change
unsigned=$(last)
git config --global commit.gpgsign true
change
run itsm verify
code 1
out "error: verify/unsigned: the commit $unsigned by ada@example.org is not signed
    sign commits: \`git config commit.gpgsign true\`"
err_has '1 of them signed, 1 signatures verified' '1 breaks'
run itsm verify HEAD~1..HEAD
code 0
echo x >x
git add x
git -c user.name=Bob -c user.email=bob@example.org commit -q -m 'In the name of Bob'
run itsm verify HEAD~1..HEAD
code 1
out_has "the commit $(last) is signed by ada-lovelace, and says that it was committed by bob@example.org, which is no address of theirs"
ssh-keygen -q -t ed25519 -N '' -f "$HOME/other" </dev/null
echo y >x
git -c user.signingkey="$HOME/other.pub" commit -q -a -m 'With a key of nobody'
run itsm verify HEAD~1..HEAD
code 1
out_has "verify/signature: the commit $(last) by ada@example.org: it is signed by a key that nobody has in people/ at its base"

begin 'a signature put upon another commit is found'
signed_desk
printf 'signed_commits: required\n' >>itsm.yaml
git add -A
git commit -q -m 'Sign from here on'
echo x >x
git add x
git commit -q -S -m 'Signed'
git cat-file commit HEAD | sed 's/^Signed$/Signed, or so it says/' >"$top/forged"
git reset -q --hard "$(git hash-object -t commit -w "$top/forged")"
run itsm verify
code 1
out_has "verify/signature: the commit $(last)" 'its signature is of something else, or damaged'

begin 'the commit that takes the demand away has to be signed itself'
signed_desk
printf 'signed_commits: required\n' >>itsm.yaml
git add -A
git commit -q -m 'Sign from here on'
sed -i '/^signed_commits/d' itsm.yaml
commit_as Mallory mallory@example.org 'Simplify'
weakened=$(last)
change
run itsm verify
code 1
out_has "verify/unsigned: the commit $weakened by mallory@example.org is not signed"
err_has '1 breaks'

begin 'OpenPGP: a key that gpg holds, of a person in people/'
if ! command -v gpg >/dev/null; then
	skip 'there is no gpg here'
else
	desk
	GNUPGHOME=$(mktemp -d "/tmp/itsm-gpg.XXXXXX")
	export GNUPGHOME
	must gpg --batch --quiet --passphrase '' --pinentry-mode loopback --quick-generate-key 'Ada Lovelace <ada@example.org>' ed25519 sign never
	must gpg --batch --quiet --passphrase '' --pinentry-mode loopback --quick-generate-key 'Mallory <mallory@example.org>' ed25519 sign never
	printf 'signed_commits: required\n' >>itsm.yaml
	git add -A
	git commit -q -m 'Sign from here on'
	git config --global gpg.format openpgp
	git config --global user.signingkey ada@example.org
	echo x >x
	git add x
	must git commit -q -S -m 'By Ada'
	run itsm verify
	code 0
	err_has '1 of them signed, 1 signatures verified'
	must itsm checkpoint
	run itsm verify
	code 0
	err_has '1 checkpoints, 1 of them signed'
	echo y >x
	must git -c user.signingkey=mallory@example.org commit -q -a -S -m 'By Mallory, as Ada'
	run itsm verify
	code 1
	out_has "verify/signature: the commit $(last) by ada@example.org"
	gpgconf --kill all
	rm -rf "$GNUPGHOME"
	unset GNUPGHOME
fi

begin 'git is shown another history: replaced commits and grafts'
signed_desk
change
must itsm move "$id" submitted
git replace HEAD HEAD~1
run itsm verify
code 1
out_has 'verify/replaced: refs/replace/'
git replace -d HEAD >/dev/null
git rev-parse HEAD >.git/info/grafts
run itsm verify
code 1
out_has 'verify/replaced: info/grafts'

begin 'a shallow clone is refused'
signed_desk
change
must git clone -q --depth 1 "file://$PWD" "$top/clone"
cd "$top/clone" || exit 3
run itsm verify
code 3
err_has 'this clone is shallow' '--unshallow'

begin 'the forms of a report, and a bare repository'
signed_desk
change
sed -i 's/^state: .*/state: closed/' "$file"
commit_as 'M <script>' 'm@example.org' 'Close'
run itsm verify --format json
code 1
run_with "$(cat "$top/out")" /usr/bin/python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["command"], [f["rule"] for f in d["records"]])'
out "verify ['workflow/transition']"
run itsm verify --format github
code 1
out_has '::error file='
run itsm verify --format markdown
code 1
out_has 'workflow/transition'
must git clone -q --bare . "$top/bare.git"
cd "$top/bare.git" || exit 3
run itsm verify
code 1
out_has 'workflow/transition'

finish
