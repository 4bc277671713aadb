#!/bin/sh
# A guided tour: builds itsm, then takes a change from draft to closed on a sample desk,
# and has `check` refuse a bad proposal. Every command is really run; the tour fails when
# one does not do what is told here.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tests/packages.sh
. tests/packages.sh
need_packages build

say() {
	printf '\n%s\n\n' "$1"
}

echo "Building (build/tour) ..."
mkdir -p build
{
	[ -f build/tour/build.ninja ] || meson setup -Dbuildtype=release build/tour
	ninja --quiet -C build/tour cmd/itsm
} >build/tour.log 2>&1 || {
	tail -n 40 build/tour.log
	echo "the build failed; the whole log is in build/tour.log" >&2
	exit 1
}
itsm_binary=$PWD/build/tour/cmd/itsm

sample=$(mktemp -d)
trap 'cd /; rm -rf "$sample"' EXIT
trap 'exit 130' INT TERM
mkdir "$sample/bin" "$sample/home"
ln -s "$itsm_binary" "$sample/bin/itsm"
PATH=$sample/bin:$PATH
HOME=$sample/home
GIT_CONFIG_NOSYSTEM=1
export PATH HOME GIT_CONFIG_NOSYSTEM
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE ITSM_NOW XDG_CONFIG_HOME
git config --global init.defaultBranch main
cd "$sample"

# Who is at the keyboard.
be() {
	GIT_AUTHOR_NAME=$1 GIT_AUTHOR_EMAIL=$2 GIT_COMMITTER_NAME=$1 GIT_COMMITTER_EMAIL=$2
	export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
}

# The command as one would type it.
show_command() {
	printf '$'
	for word; do
		case $word in
		*[!A-Za-z0-9_./:=,+@-]*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
}

# step EXIT-CODE COMMAND ...: run it, show what it says. Its stdout is kept in $said.
said=
step() {
	expected=$1
	shift
	show_command "$@"
	code=0
	"$@" >"$sample/out" 2>"$sample/err" </dev/null || code=$?
	cat "$sample/out" "$sample/err"
	said=$(cat "$sample/out")
	all=$(cat "$sample/out" "$sample/err")
	if [ "$code" -ne "$expected" ]; then
		echo "the tour is wrong here: the exit code is $code, not $expected" >&2
		exit 1
	fi
}

# The last step said this.
told() {
	for text; do
		case $all in
		*"$text"*) ;;
		*)
			echo "the tour is wrong here: nothing was said of '$text'" >&2
			exit 1 ;;
		esac
	done
}

# A moment some hours from now, in UTC.
moment() {
	date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ
}

be 'Ada Lovelace' ada@example.org

say "A desk is a folder in a git repository. Ada makes one; it is a commit."
step 0 itsm init desk --name 'Sample desk'
cd desk
step 0 git log --oneline

say "People, a service and the item it runs on: things have a name."
step 0 itsm new person id=grace-hopper --title 'Grace Hopper' mail=grace@example.org
step 0 itsm new person id=alan-turing --title 'Alan Turing' mail=alan@example.org
step 0 itsm new service id=billing --title Billing owner=ada-lovelace
step 0 itsm new item id=db-1 --title 'Database 1' services=billing owner=alan-turing
step 0 itsm list person

say "A change. What happens has a random ID, and stdout is the ID alone. Its text comes from a file."
cat >../text.md <<'END'
## Reason

The database is out of support in January.

## Plan

1. Stop the billing jobs.
2. Upgrade, and start the jobs again.
END
step 0 itsm new change --title 'Upgrade the database' --body-file ../text.md items=db-1 services=billing requester=ada-lovelace
change=$said
step 0 itsm next "$change"
told submitted
step 0 itsm move "$change" submitted -m 'Ready to be looked at.'
step 0 itsm move "$change" assess

say "A move that is refused says all that is missing, and nothing is written."
step 1 itsm move "$change" authorise
told 'has no risk judged'
step 0 itsm set "$change" risk=medium impact=3
step 0 itsm move "$change" authorise
step 1 itsm move "$change" scheduled
told 'has no window' 'has nobody who carries it out' 'has no backout plan' 'has no test plan' 'needs the approval of'

say "A record is a file: any editor will do, and plain git. The tool only helps, and judges."
file=$(git ls-files "*/$change.md")
cat >>"$file" <<'END'

## Backout plan

Restore last night's copy; that takes an hour.

## Test plan

Bill the test customer.
END
step 0 git commit --quiet -m "$change: backout and test plan" "$file"
step 0 itsm set "$change" implementer=alan-turing "window.start=$(moment '1 hour ago')" "window.end=$(moment '3 hours')"
step 0 git show --format=%s%n%n%b --stat HEAD

say "Now Grace is at the keyboard and approves. An approval is a file of its own: two of them never conflict."
be 'Grace Hopper' grace@example.org
step 0 itsm approve "$change" --comment 'With the backout plan, yes.'

say "Alan carries it out, in its window."
be 'Alan Turing' alan@example.org
step 0 itsm next "$change"
step 0 itsm move "$change" scheduled
step 0 itsm move "$change" implement
step 0 itsm note "$change" -m 'The upgrade took twelve minutes.'
step 0 itsm move "$change" review
step 1 itsm move "$change" closed
told 'has no outcome'
step 0 itsm move "$change" closed outcome=successful -m 'No complaints.'
step 0 itsm show "$change"
told closed successful 'With the backout plan, yes.' 'twelve minutes'

say "Its history is the history of git: field by field, by whom and when."
step 0 itsm log "$change"
told 'Grace Hopper' 'Alan Turing' 'No complaints.'

say "An incident, and some questions."
step 0 itsm new incident --title 'Invoices are late' impact=2 urgency=2 services=billing
incident=$said
step 0 itsm move "$incident" assigned team=service-desk
step 0 itsm list incident state:open services:billing 'opened:>-1d'
told "$incident"
step 0 itsm list change state:closed --format json
told "$change" '"schema_version":1'
step 0 itsm status
step 0 itsm diff HEAD~2..HEAD
told 'Invoices are late'

say "The desk holds."
step 0 itsm check

say "A proposal is a branch. This one jumps over the approval of a change, removes an item, and points to a service that is none."
be 'Ada Lovelace' ada@example.org
step 0 itsm new change --title 'Replace the network' requester=ada-lovelace
second=$said
step 0 git checkout --quiet -b proposal
second_file=$(git ls-files "*/$second.md")
step 0 sed -i 's/^state: draft$/state: implement/' "$second_file"
step 0 sed -i 's/^services: .*$/services: [biling]/' "$file"
step 0 git rm --quiet transition/items/db-1.yaml
step 0 git commit --quiet --all -m 'Just do it'

say "check judges what it changes with the rules of its base, says where and what to do, and ends with 1: a pipeline stops here."
step 1 itsm check main..HEAD
told "$second_file:" workflow/transition reference/missing biling transition/items/db-1.yaml
step 0 itsm check --explain workflow/transition

say "On main nothing of it has happened."
step 0 git checkout --quiet main
step 0 itsm check

say "That was the tour. docs/index.md is the guide; itsm help lists the commands."
