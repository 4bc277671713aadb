#!/bin/sh
# blame: who gave each field its value, and who wrote each line.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# by NAME COMMAND ...: as this author.
by() {
	name=$1
	shift
	must env GIT_AUTHOR_NAME="$name" GIT_AUTHOR_EMAIL="$(echo "$name" | tr 'A-Z ' 'a-z.')@example.org" "$@"
}

# A ticket of Ada's that Grace and Alan changed.
past() {
	ticket_desk
	id=$(new ticket --title First severity=low tags=a points=1)
	file=$(path_of "$id")
	by 'Grace Hopper' itsm set "$id" severity=high points=2
	printf '\nTurn it off.\n\nTurn it on.\n' >>"$file"
	by 'Alan Turing' git commit -qam 'how'
	sed -i 's/^Turn it on\./Turn it on again./' "$file"
	by 'Grace Hopper' git commit -qam 'again'
}

# author_of FIELD [TEXT]: of the first row of the field, or of the line with this text.
author_of() {
	itsm blame "$id" --format json ${at:+--at "$at"} >"$top/json" || return
	/usr/bin/python3 - "$top/json" "$@" <<'END'
import json, sys
data = json.load(open(sys.argv[1], encoding="utf-8"))
assert data["schema_version"] == 1, data
for row in data["records"]:
    if row["field"] == sys.argv[2] and (len(sys.argv) < 4 or row["text"] == sys.argv[3]):
        assert row["committed"] == (row["commit"] is not None) == (row["author"] is not None), row
        print(row["author"] or "nobody")
        break
else:
    print("no such row")
END
}

begin 'fields and lines'
past
is 'the title' 'Ada Lovelace' "$(author_of title)"
is 'the severity' 'Grace Hopper' "$(author_of severity)"
is 'the points' 'Grace Hopper' "$(author_of points)"
is 'the tags' 'Ada Lovelace' "$(author_of tags)"
is 'a line' 'Alan Turing' "$(author_of '## How' 'Turn it off.')"
is 'a changed line' 'Grace Hopper' "$(author_of '## How' 'Turn it on again.')"
run itsm blame "$id"
code 0
out_has "$id  First" 'Ada Lovelace' 'Grace Hopper' '## How' 'Turn it off.' "$file"
run itsm blame "$id" --format id
out "$id"

begin 'the newest change to the value that stands'
past
by 'Alan Turing' itsm set "$id" severity=low
by 'Grace Hopper' itsm set "$id" severity=high
is 'the severity' 'Grace Hopper' "$(author_of severity)"
by 'Alan Turing' itsm set "$id" points=9
by 'Ada Lovelace' itsm set "$id" points=2
is 'the points' 'Ada Lovelace' "$(author_of points)"

begin 'a file that was moved, its lines put in order, is given to nobody else'
past
must env GIT_AUTHOR_NAME='Tidy Hand' sh -c "
	{ echo ---; echo '# put in order'; sed -n '2,/^---/p' '$file' | grep -v '^---' | sort; sed '1,/^---/{1d;/^---/!d}' '$file'; } >new
	mkdir -p operation/tickets/2026/12
	mv new operation/tickets/2026/12/$id.md
	git rm -q '$file' && git add -A && git commit -qm tidy"
is 'the title' 'Ada Lovelace' "$(author_of title)"
is 'the severity' 'Grace Hopper' "$(author_of severity)"
is 'a line' 'Alan Turing' "$(author_of '## How' 'Turn it off.')"

begin 'in place, too'
past
{
	echo ---
	sed -n '2,/^---/p' "$file" | grep -v '^---' | sort -r
	sed '1,/^---/{1d;/^---/!d}' "$file"
} >new
mv new "$file"
GIT_AUTHOR_NAME='Tidy Hand' git commit -qam tidy || problem 'no commit'
is 'the title' 'Ada Lovelace' "$(author_of title)"
is 'the severity' 'Grace Hopper' "$(author_of severity)"

begin 'what is not committed is said to be so'
past
sed -i -e 's/^severity: .*/severity: low/' -e 's/^Turn it off\./Turn it right off./' "$file"
is 'the severity' nobody "$(author_of severity)"
is 'the title' 'Ada Lovelace' "$(author_of title)"
is 'a line' nobody "$(author_of '## How' 'Turn it right off.')"
is 'another line' 'Grace Hopper' "$(author_of '## How' 'Turn it on again.')"
run itsm blame "$id"
out_has 'not committed yet'
at=HEAD
is 'as committed' 'Grace Hopper' "$(author_of severity)"
at=

begin 'a record that is not committed at all'
past
sed 's/^title: .*/title: New/' "$file" >operation/tickets/2026/11/TKT-00000009.md
id=TKT-00000009
is 'the title' nobody "$(author_of title)"
is 'a line' nobody "$(author_of '## How' 'Turn it off.')"
run itsm blame "$id" --at HEAD
code 3
err_has "$id"

begin 'at a revision'
past
at=HEAD~1
is 'a line before' 'Alan Turing' "$(author_of '## How' 'Turn it on.')"
at=HEAD~3
is 'the severity before' 'Ada Lovelace' "$(author_of severity)"
is 'no line yet' 'no such row' "$(author_of '## How' 'Turn it off.')"
at=

begin 'a merge is not the author of what it took over'
past
must git checkout -q -b side
by 'Alan Turing' itsm set "$id" points=7
must git checkout -q main
by 'Grace Hopper' itsm set "$id" severity=low
GIT_AUTHOR_NAME='Merge Maker' git merge -q --no-edit side || problem 'no merge'
is 'the points' 'Alan Turing' "$(author_of points)"
is 'the severity' 'Grace Hopper' "$(author_of severity)"
is 'the title' 'Ada Lovelace' "$(author_of title)"

begin 'a long value'
past
long=$(printf '%01000d' 0)
by 'Alan Turing' itsm set "$id" "number=$long"
by 'Grace Hopper' itsm set "$id" severity=low
is 'the number' 'Alan Turing' "$(author_of number)"
run itsm log "$id" --format csv
code 0
out_has "$long"

begin 'names and texts from git reach no terminal'
past
must env GIT_AUTHOR_NAME="$(printf 'Evil\033[2J')" itsm set "$id" points=5
run itsm blame "$id"
code 0
out_lacks "$(printf '\033[2J')"

begin 'a desk in a sub folder, and a bare repository'
past
must git clone -q --bare . "$top/bare.git"
(cd "$top/bare.git" && itsm blame "$id" --format csv) >"$top/out" 2>&1 || problem 'failed in the bare repository'
out_has 'Grace Hopper' 'Turn it off.'
(cd operation/tickets && itsm blame "$id" --format csv) >"$top/out" 2>&1 || problem 'failed in a folder'
out_has 'Grace Hopper' 'Turn it off.'

begin 'a part, and what there is not'
past
must itsm note "$id" -m 'A word on it.'
part=$(itsm list note --format id | head -n 1)
run itsm blame "$part"
code 0
out_has 'A word on it.' 'Ada Lovelace'
run itsm blame TKT-00000000
code 3
err_has TKT-00000000
run itsm blame
code 2
run itsm blame "$id" --at nowhere
code 3

finish
