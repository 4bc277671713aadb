#!/bin/sh
# What a command loads: libgit2 only where the index and git's own files are not enough.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A desk whose index is as new as it is.
small_desk() {
	desk
	id=$(new incident --title 'Invoices are late')
	itsm list >/dev/null
	itsm list --at HEAD >/dev/null
}

loads_libgit2() { # command ...
	LD_DEBUG=files "$@" 2>&1 | grep -q 'libgit2'
}

begin 'reads that the index answers and small writes load no libgit2; where something is unusual a write does'
small_desk
before=$(git rev-parse HEAD)
for words in 'list' 'list incident state:open' 'list --at HEAD' "show $id" 'kinds' 'version' "set $id urgency=1" \
	"move $id assigned" "note $id -m Seen" 'new incident --title Printers'; do
	# shellcheck disable=SC2086 # words on purpose
	if loads_libgit2 itsm $words; then is "itsm $words" 'does without libgit2' 'loads libgit2'; fi
done
is 'what was written' 4 "$(git rev-list --count "$before..HEAD")"
must git fsck --strict
is 'the work tree' '' "$(git status --porcelain)"
must git config core.repositoryformatversion 1
must git config extensions.preciousObjects true
loads_libgit2 itsm set "$id" urgency=2 || is 'itsm set' 'loads libgit2' 'does not'

begin 'without libgit2 reads go on, and a write says what to install and changes nothing'
small_desk
must git config core.repositoryformatversion 1
must git config extensions.preciousObjects true
git rev-parse HEAD >"$top/before"
mkdir "$top/broken"
name=$(LD_DEBUG=files itsm set "$id" urgency=1 2>&1 | sed -n 's/.*file=\(libgit2\.so\.[0-9.]*\).*/\1/p' | head -n 1)
must git reset -q --hard "$(cat "$top/before")"
itsm list >/dev/null
echo 'no library' >"$top/broken/$name"
run env LD_LIBRARY_PATH="$top/broken" itsm list incident --format id
code 0
out "$id"
run env LD_LIBRARY_PATH="$top/broken" itsm set "$id" urgency=2
code 3
err_has "libgit2 can't be loaded ($top/broken/$name: " 'install the package libgit2-'
is 'HEAD' "$(cat "$top/before")" "$(git rev-parse HEAD)"
is 'the work tree' '' "$(git status --porcelain)"

finish
