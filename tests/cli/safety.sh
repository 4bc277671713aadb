#!/bin/sh
# The user's work is never swept in nor lost; every kind of repository works or is refused clearly.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'what the user has staged and not saved stays as it was'
desk
id=$(new incident --title One impact=3 urgency=3)
echo staged >staged.txt
must git add staged.txt
echo '# more' >>itsm.yaml
printf '# mine\n' >untracked.txt
git diff --cached >"$top/staged"
git diff >"$top/unsaved"
must itsm set "$id" title=Changed
two=$(new incident --title Two impact=2 urgency=2)
must itsm move "$two" cancelled
git diff --cached | cmp -s - "$top/staged" || problem 'the staged work changed'
git diff | cmp -s - "$top/unsaved" || problem 'the unsaved work changed'
is 'the untracked file' '# mine' "$(cat untracked.txt)"
run git show --stat --format= HEAD
out_lacks staged.txt itsm.yaml untracked.txt
must git fsck --strict

begin 'a record with unsaved changes of the user is not overwritten'
desk
id=$(new incident --title One impact=3 urgency=3)
file=$(path_of "$id")
printf '\nMy unsaved words.\n' >>"$file"
cp "$file" "$top/mine"
before=$(git rev-parse HEAD)
run itsm set "$id" title=Two
code 1
err_has "$file"
same "$top/mine" "$file"
is 'HEAD' "$before" "$(git rev-parse HEAD)"
must git add "$file"
run itsm set "$id" title=Two
code 1
same "$top/mine" "$file"
is 'HEAD' "$before" "$(git rev-parse HEAD)"
must git commit -q -m 'my words'
run itsm set "$id" title=Two
code 0
clean

begin 'a file in the way of a new record is not overwritten'
desk
mkdir -p transition/items
echo 'mine' >transition/items/db-1.yaml
run itsm new item id=db-1 --title 'DB 1'
code 1
is 'the file' mine "$(cat transition/items/db-1.yaml)"

begin 'HEAD without a commit'
must git init -q .
must itsm init .
must git checkout -q --orphan other
must git rm -rfq --cached .
run itsm new demand --title First
code 0
is 'the commits' 1 "$(commits)"
must git fsck --strict

begin 'a detached HEAD'
desk
must git checkout -q --detach
id=$(new incident --title T impact=3 urgency=3)
run git symbolic-ref -q HEAD
code 1
is 'the commits' 2 "$(commits)"
is 'main' 1 "$(git rev-list --count main)"
run itsm show "$id"
code 0
clean

begin 'a work tree of its own (git worktree)'
desk
one=$(new incident --title 'In the main one' impact=3 urgency=3)
must git worktree add -q ../beside -b beside
cd ../beside || exit 3
two=$(new incident --title 'In the one beside' impact=3 urgency=3)
run itsm list incident --format id --sort id
code 0
is 'both' "$(printf '%s\n' "$one" "$two" | sort)" "$(sort "$top/out")"
clean
cd ../work || exit 3
run itsm list incident --format id
out "$one"
is 'main' 2 "$(git rev-list --count main)"
is 'beside' 3 "$(git rev-list --count beside)"
clean
must git fsck --strict

begin 'packed references and objects'
desk
id=$(new incident --title T impact=3 urgency=3)
must git gc -q --prune=now
must git pack-refs --all
run itsm set "$id" title=U
code 0
run itsm show "$id"
out_has U
sound

begin 'a bare repository is read, not written'
desk
id=$(new incident --title 'Read me' impact=3 urgency=3)
must git clone -q --bare . ../bare.git
cd ../bare.git || exit 3
run itsm list incident --format id
code 0
out "$id"
run itsm show "$id"
code 0
out_has 'Read me'
before=$(git rev-parse HEAD)
run itsm set "$id" title=No
code 3
err_has 'bare repository'
run itsm new incident --title No
code 3
is 'HEAD' "$before" "$(git rev-parse HEAD)"

begin 'a SHA-256 repository is refused with what is the matter'
must git init -q --object-format=sha256 .
run itsm init .
code 3
err_has 'SHA-256'
is 'the commits' 0 "$(git rev-list --all --count)"

begin 'no user.name: said before anything is written'
desk
id=$(new incident --title T impact=3 urgency=3)
before=$(git rev-parse HEAD)
printf '[user]\n\tuseConfigOnly = true\n' >"$HOME/.gitconfig"
run itsm set "$id" title=U
code 3
err_has 'git config'
run itsm new incident --title T
code 3
err_has 'git config'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
run itsm show "$id"
code 0
clean

begin 'the identity of the environment and of the repository count'
desk
must git config user.name 'Grace Hopper'
must git config user.email grace@example.org
id=$(new incident --title T impact=3 urgency=3)
is 'the author' 'Grace Hopper <grace@example.org>' "$(git log -1 --format='%an <%ae>')"
run env GIT_AUTHOR_NAME=Bot GIT_AUTHOR_EMAIL=bot@example.org GIT_COMMITTER_NAME=Bot GIT_COMMITTER_EMAIL=bot@example.org \
	itsm set "$id" title=U
code 0
is 'the committer' 'Bot <bot@example.org>' "$(git log -1 --format='%cn <%ce>')"

begin 'detached from a terminal, with stdin, stdout and stderr closed'
desk
run setsid itsm new incident --title 'No terminal' impact=3 urgency=3
code 0
id=$(cat "$top/out")
(exec <&- >&- 2>&-; setsid itsm set "$id" title='All closed')
is 'the commits' 3 "$(commits)"
sound

begin 'output that is lost is an error, a reader that went away is not'
desk
id=$(new incident --title T impact=3 urgency=3)
itsm show "$id" >/dev/full 2>"$top/err"
got=$?
last='itsm show >/dev/full'
code 3
for _ in 1 2 3 4 5 6 7 8; do new incident --title T impact=3 urgency=3 >/dev/null; done
itsm list | head -n 1 >/dev/null

begin 'a desk that only can be read is read'
desk
id=$(new incident --title T impact=3 urgency=3)
rm -rf .git/itsm
as=
if [ "$(id -u)" -eq 0 ]; then # root may write everywhere: be nobody
	as='setpriv --reuid=65534 --regid=65534 --clear-groups'
	cp "$ITSM" "$top/itsm"
	chown -R 65534:65534 "$top"
	chmod 711 "$scratch"
else
	ln -s "$ITSM" "$top/itsm"
fi
chmod -R a-w .
for words in 'list incident --format id' "show $id --format id"; do
	# shellcheck disable=SC2086 # words on purpose
	run $as "$top/itsm" $words
	code 0
	out "$id"
done
# shellcheck disable=SC2086
run $as "$top/itsm" set "$id" title=U
code 3
err_has 'ermission denied'
chmod -R u+w .

begin 'a merge in progress is the business of git: the write is refused or keeps it'
desk
id=$(new incident --title T impact=3 urgency=3)
must git checkout -q -b side
must itsm set "$id" title=Side
must git checkout -q main
must itsm set "$id" title=Main
run git merge -q side
file=$(path_of "$id")
cp "$file" "$top/conflict"
run itsm set "$id" title=Over
[ "$got" -ne 0 ] || problem 'a record in conflict was written over'
same "$top/conflict" "$file"
run itsm check
code 1
out_has "$file:"
must git merge --abort
sound

begin 'files moved on a branch that plain git moved meanwhile: files and index follow'
desk
id=$(new incident --title T impact=3 urgency=3)
must git commit -q --allow-empty -m 'somebody else'
must itsm set "$id" title=U
must git reset -q --hard HEAD~1
run itsm show "$id" --format json
out_has '"title":"T"'
must itsm set "$id" title=V
run itsm log "$id"
out_has V
out_lacks U
sound

finish
