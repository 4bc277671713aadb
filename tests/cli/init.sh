#!/bin/sh
# init: a desk in a new folder, an existing repository, a subfolder; never twice.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'a desk and a repository in a new folder, one commit'
run itsm init billing --name 'Billing desk'
code 0
out "$PWD/billing"
err_has 'made a desk and its repository'
cd billing || exit 3
is 'the commits' 1 "$(commits)"
is 'the subject' 'itsm: init desk Billing desk' "$(git log -1 --format=%s)"
is 'the branch' main "$(git symbolic-ref --short HEAD)"
clean
run sed -n 's/^name: //p' itsm.yaml
out 'Billing desk'
run find . -name .git -prune -o -type d -print
out_has ./strategy ./design ./transition ./operation ./improvement ./policy ./people ./teams
sound
run itsm status
code 0
out_has 'Billing desk'

begin 'in the current folder, named after it'
mkdir support
cd support || exit 3
run itsm init
code 0
out "$PWD"
run sed -n 's/^name: //p' itsm.yaml
out support
cd ..
mkdir second
cd second || exit 3
run itsm init .
code 0
out "$PWD"
run sed -n 's/^name: //p' itsm.yaml
out second

begin 'a name that YAML would misread is kept'
run itsm init . --name 'no: "1.10" # 日本'
code 0
run itsm status --format json
code 0
out_has '"no: \"1.10\" # 日本"'
sound

begin 'in an existing repository: the history goes on, nothing else is committed'
must git init -q .
echo one >README
must git add README
must git commit -q -m one
echo two >README
echo staged >other
must git add other
run itsm init . --name Desk
code 0
is 'the commits' 2 "$(commits)"
is 'what was unsaved' two "$(cat README)"
run git status --porcelain
out ' M README
A  other'

begin 'a repository without a commit'
must git init -q .
run itsm init .
code 0
is 'the commits' 1 "$(commits)"
sound

begin 'in a subfolder of a repository'
must git init -q .
echo one >README
must git add README
must git commit -q -m one
run itsm init ops/desk --name Sub
code 0
out "$PWD/ops/desk"
err_lacks 'its repository'
cd ops/desk || exit 3
id=$(new incident --title 'In the subfolder' impact=3 urgency=3)
run git -C ../.. ls-files
out_has ops/desk/itsm.yaml "ops/desk/operation/incidents/2026/11/$id.md"
run itsm list incident --format id
out "$id"
mkdir -p deep/er
cd deep/er || exit 3
run itsm show "$id"
code 0
cd ../../../.. || exit 3
run itsm list
code 3
err_has 'itsm init'
must git fsck --strict

begin 'never twice, nor inside a desk'
desk
before=$(git rev-parse HEAD)
run itsm init .
code 1
err_has 'is a desk already'
run itsm init inner
code 1
run itsm init "$PWD"
code 1
is 'HEAD' "$before" "$(git rev-parse HEAD)"
is 'the folder' '' "$(ls -d inner 2>/dev/null)"
clean

begin 'where there is no desk, commands say how to make one'
run itsm list
code 3
out ''
err_has 'itsm init'
run itsm new incident --title T
code 3
err_has 'itsm init'

begin 'without an identity it is refused, and nothing is left behind'
rm "$HOME/.gitconfig"
printf '[user]\n\tuseConfigOnly = true\n' >"$HOME/.gitconfig"
run itsm init lonely
code 3
err_has 'git config'
is 'the folder' '' "$(ls -d lonely 2>/dev/null)"

begin 'usage'
run itsm init one two
code 2
run itsm init --unknown
code 2
err_has '--unknown'

finish
