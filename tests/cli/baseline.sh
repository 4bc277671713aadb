#!/bin/sh
# baseline: named revisions, and what changed of a service and what it rests on since.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

park() {
	desk
	for item in host db app other; do must itsm new item "id=$item" --title "The $item"; done
	must itsm new service id=billing --title Billing owner=ada-lovelace
	must itsm set app depends_on=db services=billing
	must itsm set db runs_on=host
}

begin 'a name for a revision: an annotated tag'
park
run itsm baseline
code 0
out ''
run itsm baseline q4 -m 'Before the move.'
code 0
err_has "baseline q4 is $(git rev-parse --short=8 HEAD)"
is 'the sort of tag' tag "$(git cat-file -t itsm-baseline/q4)"
is 'what it names' "$(git rev-parse HEAD)" "$(git rev-parse 'itsm-baseline/q4^{commit}')"
is 'its message' 'Baseline q4 of Example

Before the move.' "$(git tag -l --format='%(contents)' itsm-baseline/q4)"
run itsm baseline older --at HEAD~2
code 0
run itsm baseline --format id
out 'older
q4'
run itsm baseline q4
code 1
err_has "there is a baseline 'q4' already"
is 'what it names still' "$(git rev-parse HEAD)" "$(git rev-parse 'itsm-baseline/q4^{commit}')"
clean

begin 'what changed since, of a service and of what it rests on'
park
must itsm baseline q4
must itsm new item id=cache --title Cache
must itsm set host version=2
must itsm set other version=2
must itsm set app depends_on+=cache
must itsm note db -m 'Its last day.'
run itsm diff q4.. --format csv
out_has 'app,' 'cache,' 'host,' 'db/notes/' 'other,'
run itsm diff q4.. --of billing --format csv
code 0
out_has 'app,' 'cache,' 'host,' 'db/notes/'
out_lacks other
run itsm diff q4.. --of db --format csv
out_has 'host,' 'db/notes/'
out_lacks app
out_lacks cache
printf 'description: changed\n' >>transition/items/host.yaml
printf 'description: changed\n' >>transition/items/other.yaml
run itsm diff HEAD --of billing --format id
out host
run itsm diff --of other --format id
out other
run itsm show host --at q4
code 0
out_lacks version
run itsm impact billing --direction up --at q4 --format id
out_has host

begin 'a branch of that name goes first'
park
must itsm baseline topic --at HEAD~1
must git branch topic
run itsm diff topic..
code 0
out ''

begin 'a bare repository, and clones'
park
must itsm baseline q4
must git clone -q --bare . "$top/bare.git"
cd "$top/bare.git" || exit 3
run itsm baseline --format id
out q4
run itsm baseline here --at q4
code 0
run itsm diff q4..here
code 0
out ''

begin 'wrong words'
park
for name in 'a b' '-x' '../x' 'x..y' '.x' 'x.lock' 'ä' ''; do
	run itsm baseline -- "$name"
	code 2
	err_has 'cannot name a baseline'
done
run itsm baseline x --at nothing
code 3
run itsm baseline --at HEAD
code 2
run itsm diff nothing..
code 3
run itsm diff HEAD~1.. --of nothing
code 3
is 'tags' '' "$(git tag -l)"

finish
