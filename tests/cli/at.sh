#!/bin/sh
# --at: the desk as it was at a revision or a moment, on every reading command.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# at MOMENT COMMAND ...: committed at that moment.
at() {
	must env "ITSM_NOW=$1" GIT_COMMITTER_DATE="$1" GIT_AUTHOR_DATE="$1" sh -c 'shift; exec "$@"' - "$@"
}

# A ticket of 1 November, changed on the 10th, moved on the 20th; another of the 15th.
past() {
	export TZ=UTC ITSM_NOW=2026-10-01T10:00:00Z GIT_COMMITTER_DATE=2026-10-01T10:00:00Z
	ticket_desk
	unset GIT_COMMITTER_DATE
	ITSM_NOW=2026-11-22T10:00:00Z
	at 2026-11-01T09:00:00Z itsm new ticket --title First severity=low
	id=$(itsm list ticket --format id)
	at 2026-11-10T09:00:00Z itsm set "$id" severity=high
	at 2026-11-15T09:00:00Z itsm new ticket --title Second
	two=$(itsm list ticket Second --format id)
	at 2026-11-20T23:30:00Z itsm move "$id" doing
}

# severity_at REV
severity_at() {
	run itsm list ticket First --columns severity,state --format csv --at "$1"
	code 0
	sed -n 2p "$top/out"
}

begin 'a day means its end, a month its end, a time of day that time'
past
is 'the first day' low,new "$(severity_at 2026-11-01)"
is 'before the change' low,new "$(severity_at 2026-11-10T08:59:59Z)"
is 'at the change' high,new "$(severity_at 2026-11-10T09:00:00Z)"
is 'the day of the change' high,new "$(severity_at 2026-11-10)"
is 'the month' high,doing "$(severity_at 2026-11)"
is 'with an offset' low,new "$(severity_at 2026-11-10T09:00:00+01:00)"

begin 'what has no offset is in the zone of the user'
past
is 'UTC' high,doing "$(severity_at 2026-11-20)"
export TZ=Europe/Oslo
is 'Oslo: half past midnight' high,new "$(severity_at 2026-11-20)"
is 'Oslo: the next day' high,doing "$(severity_at 2026-11-21)"
is 'Oslo: a time of day' high,new "$(severity_at 2026-11-21T00:29)"
is 'Oslo: a minute later' high,doing "$(severity_at '2026-11-21 00:30')"
export TZ=UTC

begin 'from now'
past
export ITSM_NOW=2026-11-21T12:00:00Z
is 'yesterday' high,doing "$(severity_at yesterday)"
is 'today' high,doing "$(severity_at today)"
is 'now' high,doing "$(severity_at now)"
is '-1d' high,new "$(severity_at -1d)"
is '-12d' low,new "$(severity_at -12d)"
begin 'before anything was committed'
past
for moment in 1999-12-31 1999-12 1999-12-31T10:00:00Z; do
	run itsm list --at "$moment"
	code 3
	err_has "$moment" 'begins at 20' 'name a later moment'
done

begin 'what is no moment'
past
run itsm list --at 2026-13
code 2
err_has 2026-13
run itsm list --at 2026-02-30
code 2
err_has 2026-02-30
run itsm list --at 2026-11-10T25:00
code 2
run itsm list --at nowhere
code 3
err_has nowhere

begin 'revisions, with and without history in the index'
past
for warm in no yes; do
	[ $warm = no ] || must itsm log
	is "HEAD, $warm" high,doing "$(severity_at HEAD)"
	is "@, $warm" high,doing "$(severity_at @)"
	is "HEAD~1, $warm" high,new "$(severity_at HEAD~1)"
	is "HEAD~2^, $warm" low,new "$(severity_at HEAD~2^)"
	is "a hash, $warm" low,new "$(severity_at "$(git rev-parse HEAD~3)")"
	is "its beginning, $warm" low,new "$(severity_at "$(git rev-parse --short HEAD~3)")"
	is "a branch, $warm" high,doing "$(severity_at main)"
done
must git tag 2026-11 HEAD~3
is 'what looks like a moment is one' high,doing "$(severity_at 2026-11)"
is 'a tag of that name' low,new "$(severity_at refs/tags/2026-11)"
run itsm list --at HEAD~99
code 3

begin 'what is not on the way to HEAD'
past
must git checkout -q -b side HEAD~2
must itsm set "$id" severity=low
must git checkout -q main
must itsm log
is 'the side branch' low,new "$(severity_at side)"
run itsm log "$id" --at side --format json
code 0
out_has '"old":"high","new":"low"'
out_lacks doing
run itsm log "$id" --format json
code 0
out_has doing
out_lacks '"old":"high","new":"low"'

begin 'log, show and list of the past'
past
run itsm log "$id" --at 2026-11-12
code 0
out_has severity low high
out_lacks doing
run itsm log --at 2026-11-12
code 0
out_lacks Second
run itsm show "$id" --at 2026-11-05
code 0
out_has low
out_lacks high
run itsm show "$two" --at 2026-11-12
code 3
run itsm list ticket --at 2026-11-12 --format id
code 0
out "$id"

begin 'check of the past'
past
sed -i 's/^severity: .*/severity: none/' "$(path_of "$id")"
must git commit -qam 'wrong'
run itsm check --at HEAD
code 1
out_has "$id" severity
run itsm check --at HEAD~1
code 0
run itsm check --at 2026-11-20
code 0
run itsm check --at HEAD HEAD~1..HEAD
code 2
err_has --at range

begin 'a merge: the moment is of the main line'
past
must git checkout -q -b side
at 2026-11-21T10:00:00Z itsm set "$id" severity=low
must git checkout -q main
at 2026-11-22T10:00:00Z itsm set "$two" severity=high
GIT_COMMITTER_DATE=2026-11-23T10:00:00Z
export GIT_COMMITTER_DATE
must git merge -q --no-edit side
unset GIT_COMMITTER_DATE
is 'before the merge' high,doing "$(severity_at 2026-11-22)"
is 'after it' low,doing "$(severity_at 2026-11-23)"
run itsm log "$id" --at 2026-11-22
out_lacks 'high -> low'
run itsm log "$id" --at 2026-11-23
out_has 'high -> low'

begin 'a record that was removed, and came again'
past
file=$(path_of "$id")
must git rm -q "$file"
GIT_COMMITTER_DATE=2026-11-22T10:00:00Z git commit -qm away || problem 'no commit'
run itsm show "$id" --at HEAD
code 3
is 'as it was' high,doing "$(severity_at HEAD~1)"
must git revert --no-edit HEAD
is 'and is' high,doing "$(severity_at HEAD)"
run itsm list ticket First --at HEAD~1 --format id
code 0
out ''
run itsm log "$id"
code 0
is 'its ups and downs' 2 "$(grep -c '  ticket  added' "$top/out")"

begin 'a desk in a sub folder of a repository'
ITSM_NOW=2026-10-01T10:00:00Z
git init -q
echo code >main.c
must git add main.c
must git commit -qm code
must itsm init desk --name Sub
cd desk || exit 3
at 2026-11-01T09:00:00Z itsm new service id=mail --title Mail
at 2026-11-02T09:00:00Z itsm set mail name=Post
(cd .. && git commit -q --allow-empty -m elsewhere)
ITSM_NOW=2026-11-22T10:00:00Z
run itsm list service --at 2026-11-01 --columns title --format csv
code 0
out_has Mail
run itsm log mail --format csv
code 0
out_has name,Mail,Post
run itsm blame mail
code 0
out_has Post
run itsm list service --at HEAD~1 --columns title --format csv
out_has Post

begin 'in a bare repository'
past
must git clone -q --bare . "$top/bare.git"
(cd "$top/bare.git" && itsm list ticket First --columns severity --format csv --at 2026-11-01) >"$top/out" 2>&1 ||
	problem 'failed'
out_has low

begin 'a commit by what its message says'
desk
for at in ':/init desk' 'HEAD^{/init desk}' ':/(i+)+ desk'; do
	run timeout 20 itsm list --at "$at"
	case $at in
	*+*) code 3 ;; # no such message: the expression is a basic one
	*) code 0 ;;
	esac
done

finish
