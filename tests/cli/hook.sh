#!/bin/sh
# hook: git's hooks judge commits and pushes, on the client and on a real server, over file:// and ssh.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A committed ticket; sets id and file.
ticket() {
	id=$(new ticket --title First severity=low)
	file=$(path_of "$id")
}

# A desk with a ticket, and a bare repository that guards itself; the clone's remote is the hub.
guarded() {
	ticket_desk
	ticket
	must git clone -q --bare . "$top/hub.git"
	must git remote add origin "file://$top/hub.git"
	must git fetch -q
	must itsm -C "$top/hub.git" hook install
	hub=$(git -C "$top/hub.git" rev-parse main)
}

hub_is() { # commit
	is 'the hub' "$1" "$(git -C "$top/hub.git" rev-parse main)"
	must git -C "$top/hub.git" fsck --strict --no-dangling
}

spoil() {
	sed -i 's/^severity: .*/severity: medium/' "$file"
}

begin 'install, install again, uninstall'
ticket_desk
run itsm hook install
code 0
err "$PWD/.git/hooks/pre-commit: installed
$PWD/.git/hooks/pre-push: installed"
[ -x .git/hooks/pre-commit ] || problem 'it is not executable'
run itsm hook install
code 0
err "$PWD/.git/hooks/pre-commit: is there already
$PWD/.git/hooks/pre-push: is there already"
run itsm hook uninstall
code 0
err_has 'pre-commit: taken away' 'pre-push: taken away'
[ ! -e .git/hooks/pre-commit ] || problem 'it is still there'
run itsm hook uninstall
code 0
err_has 'pre-commit: is none of ours'
clean

begin 'a hook of somebody else is refused, with --force it is kept and run first'
ticket_desk
ticket
mkdir -p .git/hooks
# shellcheck disable=SC2016 # the hook's own
printf '#!/bin/sh\necho before; exit "$(cat %s)"\n' "$top/verdict" >.git/hooks/pre-commit
chmod +x .git/hooks/pre-commit
cp .git/hooks/pre-commit "$top/hook"
run itsm hook install
code 1
err_has "there is a hook already: '$PWD/.git/hooks/pre-commit'" --force
same .git/hooks/pre-commit "$top/hook"
[ ! -e .git/hooks/pre-push ] || problem 'half of it was installed'
run itsm hook install --force
code 0
err_has 'the hook that was there is run first'
spoil
echo 0 >"$top/verdict"
run git commit -q -a -m x
code 1
err_has before schema/type
sed -i 's/^severity: .*/severity: high/' "$file"
echo 1 >"$top/verdict"
run git commit -q -a -m x
code 1
err_has before
err_lacks itsm
echo 0 >"$top/verdict"
run git commit -q -a -m x
code 0
run itsm hook uninstall
code 0
err_has 'is back'
same .git/hooks/pre-commit "$top/hook"
[ ! -e .git/hooks/pre-commit.before-itsm ] || problem 'the copy is still there'

begin 'core.hooksPath is where git looks, and a linked work tree has the same hooks'
ticket_desk
must git config core.hooksPath "$top/my hooks"
run itsm hook install
code 0
[ -x "$top/my hooks/pre-commit" ] || problem 'it is not there'
[ ! -e .git/hooks/pre-commit ] || problem 'it is where git does not look'
must git config --unset core.hooksPath
must git worktree add -q "$top/linked"
run itsm -C "$top/linked" hook install
code 0
err_has "$PWD/.git/hooks/pre-commit: installed"

begin 'pre-commit judges what is staged, not what lies beside it'
ticket_desk
ticket
must itsm hook install
spoil
printf 'x' >note.txt
must git add note.txt
run git commit -q -m 'Only the note'
code 0
err ''
run git commit -q -m spoiled -a
code 1
err_has "$file:" "'severity' is 'medium'" 'not committed: 1 error in what is staged' --no-verify
out ''
is 'the commits' "$(git rev-parse HEAD)" "$(git rev-parse main)"
printf 'y' >note.txt
must git add "$file"
sed -i 's/^severity: .*/severity: low/' "$file"
run git commit -q -m 'The staged one is spoiled, the file is not'
code 1
run git commit -q -m 'By path, past the index' note.txt
code 0
run git commit -q --no-verify -m spoiled
code 0
sed -i 's/^severity: .*/severity: high/' "$file"
run git commit -q -a --amend -m mended
code 0
must itsm check

begin 'pre-commit: states skipped, removed records, merges, the first commit, a branch without a desk'
ticket_desk
ticket
must itsm hook install
sed -i 's/^state: new/state: fixed/' "$file"
run git commit -q -a -m skipped
code 1
err_has workflow/transition
must git checkout -q "$file"
must git rm -q "$file"
run git commit -q -m removed
code 1
err_has history/removed
must git reset -q --hard
must git checkout -q -b side
must itsm set "$id" severity=high
must git checkout -q main
must itsm new ticket --title Second
run git merge -q --no-edit side
code 0
must git checkout -q --orphan bare
must git rm -q -r -f .
printf 'x' >only.txt
must git add only.txt
run git commit -q -m 'Nothing of a desk'
code 0

begin 'a desk below the top of its repository, whose folder has a blank and a quote'
must git init -q
mkdir "my 'desk"
cd "my 'desk" || exit 3
ticket_desk
ticket
must itsm hook install
spoil
cd ..
run git commit -q -a -m x
code 1
err_has schema/type
must git checkout -q .
printf 'x' >code.c
must git add code.c
run git commit -q -m code
code 0

begin 'without itsm on the PATH the program that installed it is run; where that is gone too, it says so'
ticket_desk
ticket
cp -L "$ITSM" "$top/own"
must "$top/own" hook install
spoil
run env PATH="$(dirname "$(command -v git)"):/usr/bin:/bin" git commit -q -a -m x
code 1
err_has schema/type
rm "$top/own"
run env PATH="$(dirname "$(command -v git)"):/usr/bin:/bin" git commit -q -a -m x
code 1
err_has 'there is no itsm on the PATH' --no-verify

begin 'pre-push keeps errors from the main branch of the remote, and lets proposals through'
ticket_desk
ticket
must git clone -q --bare . "$top/hub.git"
must git clone -q "file://$top/hub.git" "$top/one"
cd "$top/one" || exit 3
must itsm hook install
spoil
must git commit -q -a --no-verify -m spoiled
run git push -q origin main
code 1
err_has schema/type 'refs/heads/main: 1 error' 'nothing is pushed'
is 'the hub' "$(git rev-parse origin/main)" "$(git -C "$top/hub.git" rev-parse main)"
run git push -q origin main:proposal
code 0
run git push -q --no-verify origin main
code 0

begin 'a server refuses what is wrong, with the findings on the screen of whoever pushes, and takes what is right'
guarded
spoil
must git commit -q -a -m spoiled
run git push -q origin main
code 1
err_has "remote: $file:" "'severity' is 'medium'" 'remote: refs/heads/main: 1 error' 'remote: itsm: refused: nothing is pushed' 'pre-receive hook declined'
hub_is "$hub"
sed -i 's/^severity: .*/severity: high/' "$file"
must git commit -q -a -m mended
run git push -q origin main
code 0
err_lacks error
hub_is "$(git rev-parse main)"

begin 'a server: every branch of a push is judged, all or none; proposals and tags are let through'
guarded
must git checkout -q -b proposal
spoil
must git commit -q -a -m spoiled
must git tag v1
run git push -q origin proposal v1
code 0
must git -C "$top/hub.git" config --add itsm.protected main
must git -C "$top/hub.git" config --add itsm.protected 'release/*'
run git push -q origin proposal:refs/heads/release/1 main:refs/heads/release/2
code 1
err_has 'refs/heads/release/1: 1 error'
is 'no branch was made' '' "$(git -C "$top/hub.git" branch --list 'release/*')"
run git push -q origin main:refs/heads/release/2
code 0
must git -C "$top/hub.git" config --unset-all itsm.protected
must git -C "$top/hub.git" config itsm.protected ''
run git push -q origin proposal:main
code 0

begin 'a server: a protected branch is neither deleted nor rewritten, others may be'
guarded
must git commit -q --allow-empty -m two
must git push -q origin main main:side
run git push -q origin --delete side
code 0
must git -C "$top/hub.git" config receive.denyDeleteCurrent ignore
run git push -q origin --delete main
code 1
err_has "refs/heads/main: a protected branch can't be deleted"
hub=$(git rev-parse main)
must git reset -q --hard HEAD~1
must git commit -q --allow-empty -m other
run git push -q --force origin main
code 1
err_has "refs/heads/main: a protected branch can't be rewritten"
hub_is "$hub"

begin 'a server judges by its own policy: not by that of the push, nor by what the push says of the branch'
guarded
sed -i 's/low, high/low, medium, high/' policy/kinds/ticket.yaml
must git commit -q -a -m weaker
spoil
must git commit -q -a -m spoiled
run git push -q origin main
code 1
err_has schema/type
hub_is "$hub"
must git rm -q itsm.yaml
must git commit -q -m 'No desk, no judge'
run git push -q origin main
code 1
err_has setup/desk
hub_is "$hub"

begin 'a server: what was refused leaves nothing that a later judgement could be mistaken by'
guarded
spoil
must git commit -q -a -m spoiled
bad=$(git rev-parse HEAD)
run git push -q origin main
code 1
git -C "$top/hub.git" cat-file -e "$bad" 2>/dev/null && problem 'the refused commit is in the hub'
must git reset -q --hard HEAD~1
must itsm set "$id" severity=high
must git push -q origin main
run itsm -C "$top/hub.git" list ticket --format csv --columns id,severity
out "id,severity
$id,high"
must itsm -C "$top/hub.git" check

begin 'a server without a desk yet takes the first push, and guards from then on'
must git init -q --bare -b main "$top/hub.git"
run itsm -C "$top/hub.git" hook install
code 0
ticket_desk
ticket
must git remote add origin "file://$top/hub.git"
run git push -q origin main
code 0
err_has 'refs/heads/main: not judged'
spoil
must git commit -q -a -m spoiled
run git push -q origin main
code 1
err_has schema/type

begin 'a server whose HEAD leads nowhere does not let its protected branches go unjudged'
guarded
must git -C "$top/hub.git" config itsm.protected main
must git -C "$top/hub.git" symbolic-ref HEAD refs/heads/none
spoil
must git commit -q -a -m spoiled
run git push -q origin main
code 1
err_has 'HEAD leads to none'
hub_is "$hub"

begin 'a hundred commits at once, and from a shallow clone'
guarded
number=0
while [ $number -lt 100 ]; do
	number=$((number + 1))
	git commit-tree -p HEAD -m "$number" "HEAD^{tree}" >"$top/commit" && git reset -q "$(cat "$top/commit")"
done
must git push -q origin main
must git clone -q --depth 1 "file://$top/hub.git" "$top/shallow"
cd "$top/shallow" || exit 3
spoil
must git commit -q -a -m spoiled
run git push -q origin main
code 1
err_has schema/type
sed -i 's/^severity: .*/severity: high/' "$file"
must git commit -q -a -m mended
run git push -q origin main
code 0
hub_is "$(git rev-parse main)"

begin 'lines that are none, and words that are none'
guarded
run_with 'x y
' itsm -C "$top/hub.git" hook pre-receive
code 3
err_has "'x y' is no line"
run itsm hook
code 2
run itsm hook post-merge
code 2
err_has "'post-merge' is none of"
run itsm hook install here
code 2
run_with '' itsm -C "$top/hub.git" hook pre-receive
code 0

begin 'over ssh: refused with the findings, then accepted'
guarded
if serve_ssh; then
	must git remote set-url origin "ssh://hub$top/hub.git"
	spoil
	must git commit -q -a -m spoiled
	run git push -q origin main
	code 1
	err_has "remote: $file:" "'severity' is 'medium'" 'remote: itsm: refused: nothing is pushed'
	hub_is "$hub"
	sed -i 's/^severity: .*/severity: high/' "$file"
	must git commit -q -a -m mended
	run git push -q origin main
	code 0
	hub_is "$(git rev-parse main)"
	stop_ssh
fi

finish
