#!/bin/sh
# set: the edit is surgical. A one-field change is a one-line diff, byte for byte.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Make the ticket TKT-00000000 of the text on stdin (with printf escapes) and commit it.
ticket_of() {
	mkdir -p operation/tickets/2026/11
	file=operation/tickets/2026/11/TKT-00000000.md
	printf '%b' "$1" >$file
	must git add $file
	must git -c core.autocrlf=false commit -q -m 'a ticket'
	cp $file "$top/before"
}

# The file is what it was with this sed edit, and git counts one line.
one_line() { # sed-expression
	LC_ALL=C sed "$1" "$top/before" >"$top/after"
	same "$top/after" "$file"
	is 'the diff' '1	1' "$(git diff --numstat HEAD~1 HEAD -- $file | cut -f 1,2)"
	clean
}

begin 'comments and odd spacing stay'
ticket_desk
ticket_of '---\n# head\nstate:   new   # where it is\n\ntitle:  Replace the disk  # in a hurry\nseverity:    low # for now\n# points of effort\npoints:   3\t# guessed\ntags: [ a,b ,  "c" ] # three\n---\n\n# Text\n\nseverity: low\n---\n'
run itsm set TKT-00000000 severity=high
code 0
out ''
one_line 's/^severity:    low # for now$/severity:    high # for now/'

begin 'a plain number beside a tab and a comment'
ticket_desk
ticket_of '---\nstate: new\ntitle: T\npoints:   3\t# guessed\n---\n'
run itsm set TKT-00000000 points=5
code 0
one_line 's/3/5/'

begin 'quoting stays: single, double, with escapes'
ticket_desk
ticket_of "---\nstate: 'new'\n\"title\": \"A \\\\\"quoted\\\\\" \\\\u00e9 title\"\n'severity' : 'low'\npoints: 1\n---\n"
run itsm set TKT-00000000 severity=high
code 0
one_line "s/'low'/'high'/"

begin 'CRLF stays'
ticket_desk
must git config core.autocrlf false
ticket_of '---\r\nstate: new\r\ntitle: T\r\nseverity: low\r\n---\r\nBody\r\n'
run itsm set TKT-00000000 severity=high
code 0
one_line 's/low/high/'

begin 'a byte order mark stays'
ticket_desk
ticket_of '\0357\0273\0277---\nstate: new\ntitle: T\nseverity: low\n---\n'
run itsm set TKT-00000000 severity=high
code 0
one_line 's/low/high/'

begin 'text that is not ASCII stays, before and after'
ticket_desk
ticket_of '---\nstate: new\ntitle: Größe 日本語 🚀 naïve # ümläut\nseverity: low # überall\npoints: 1 # ő\n---\nDöner 🚀\n'
run itsm set TKT-00000000 severity=high
code 0
one_line 's/low/high/'
run itsm set TKT-00000000 title='Kürzer 🚀'
code 0
is 'the title' 'title: Kürzer 🚀 # ümläut' "$(sed -n 3p $file)"

begin 'a flow mapping on one line'
ticket_desk
ticket_of '---\n{state: new, title: T, severity: low, points: 1}\n---\nBody\n'
run itsm set TKT-00000000 severity=high
code 0
one_line 's/severity: low/severity: high/'

begin 'no newline at the end of the file'
ticket_desk
ticket_of '---\nstate: new\ntitle: T\nseverity: low\n---\nBody without an end'
run itsm set TKT-00000000 severity=high
code 0
one_line 's/low/high/'

begin 'a value that YAML would take for something else is quoted, and read back as it was given'
ticket_desk
id=$(new ticket --title T)
for value in no 1.10 '2026-11-22' 'a: b' '# x' "it's" '"q"' ' lead' '- x' '[x' '{x' '*x' '&x' '!x' '|' '>' '%x' '@x' '`x' '~' null 'a #b' 'ends:' "\\n" '日本' '=' 'a,b'; do
	run itsm set "$id" "title=$value"
	code 0
	run itsm show "$id" --format json
	code 0
	is 'the title' "$value" "$(/usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["records"][0]["title"])' <"$top/out")"
done
sound

begin 'a field that is not there is added as one line'
ticket_desk
ticket_of '---\n# head\nstate: new\ntitle: T\n# tail\n---\nBody\n'
run itsm set TKT-00000000 points=4
code 0
is 'the diff' '1	0' "$(git diff --numstat HEAD~1 HEAD -- $file | cut -f 1,2)"
is 'the points' 'points: 4' "$(grep points $file)"
sound

begin 'a field is unset: its line goes'
ticket_desk
ticket_of '---\nstate: new\ntitle: T\npoints: 4 # four\nseverity: low\n---\nBody\n'
run itsm set TKT-00000000 points=
code 0
is 'the diff' '0	1' "$(git diff --numstat HEAD~1 HEAD -- $file | cut -f 1,2)"
sound

begin 'items of a list are added and taken away, one line each'
ticket_desk
ticket_of '---\nstate: new\ntitle: T\ntags:\n  - alpha # first\n  # between\n  - beta\nseverity: low\n---\n'
run itsm set TKT-00000000 tags+=gamma
code 0
is 'the diff' '1	0' "$(git diff --numstat HEAD~1 HEAD -- $file | cut -f 1,2)"
is 'the line' '  - gamma' "$(sed -n 8p $file)"
run itsm set TKT-00000000 tags-=alpha
code 0
is 'the diff' '0	1' "$(git diff --numstat HEAD~1 HEAD -- $file | cut -f 1,2)"
run itsm show TKT-00000000 --format json
out_has '"tags":["beta","gamma"]'

begin 'items of a flow list'
ticket_desk
ticket_of '---\nstate: new\ntitle: T\ntags: [alpha, "beta"] # two\n---\n'
run itsm set TKT-00000000 tags+=gamma
code 0
one_line 's/"beta"\]/"beta", gamma]/'

begin 'a list is given with commas; a backslash keeps one'
ticket_desk
id=$(new ticket --title T 'tags=a,b\,c')
run itsm show "$id" --format json
out_has '"tags":["a","b,c"]'

begin 'a value that stands already changes nothing and makes no commit'
ticket_desk
ticket_of '---\nstate: new\ntitle: T\nseverity: low\ntags: [a]\n---\n'
before=$(git rev-parse HEAD)
run itsm set TKT-00000000 severity=low tags+=a
code 0
err 'TKT-00000000: nothing to change'
is 'HEAD' "$before" "$(git rev-parse HEAD)"

begin 'that there is nothing to change is not said of what has unsaved changes'
ticket_desk
ticket_of '---\nstate: new\ntitle: T\npoints: 3\nseverity: low\n---\n'
sed -i 's/^points: 3/points: 5/' $file
run itsm set TKT-00000000 points=3
code 1
err "itsm: '$file' has unsaved changes; commit, stash or undo that first"
is 'the unsaved line' 'points: 5' "$(grep points $file)"
must rm $file
run itsm set TKT-00000000 points=3
code 1
err "itsm: '$file' has unsaved changes; commit, stash or undo that first"
echo '*.md text eol=crlf' >.git/info/attributes
must git checkout $file
is 'line ends' 6 "$(grep -c "$(printf '\r')" $file)"
run itsm set TKT-00000000 points=3
code 0
err 'TKT-00000000: nothing to change'

begin 'several fields are one commit'
ticket_desk
id=$(new ticket --title T)
count=$(commits)
run itsm set "$id" severity=high points=2 tags=a,b
code 0
is 'the commits' $((count + 1)) "$(commits)"
is 'the subject' "$id: set severity, points, tags" "$(git log -1 --format=%s)"

begin 'the commit says what was done, for people and programs'
ticket_desk
id=$(new ticket --title T)
run itsm set "$id" severity=high -m 'The customer called.'
code 0
is 'the message' "$id: set severity = high

The customer called.

Itsm-Action: set
Itsm-Record: $id" "$(last_message)"
is 'the author' 'Ada Lovelace <ada@example.org>' "$(git log -1 --format='%an <%ae>')"
is 'the time' '2026-11-22T10:00:00Z' "$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)"

begin 'wrong words are usage errors, all harmless'
ticket_desk
id=$(new ticket --title T number=7)
before=$(git rev-parse HEAD)
run itsm set "$id" colour=red
code 2
err_has colour
run itsm set "$id" severity=medium
code 2
err_has medium low high
run itsm set "$id" points=ten
code 2
run itsm set "$id" points=10
code 2
run itsm set "$id" due=2026-02-30
code 2
run itsm set "$id" start='2026-11-22 10:00'
code 2
err_has offset
run itsm set "$id" state=fixed
code 2
err_has 'itsm move'
run itsm set "$id"
code 2
run itsm set
code 2
run itsm set "$id" points+=1
code 2
run itsm set TKT-nothere0 points=1
code 3
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean

begin 'an immutable field is refused, the required one too'
ticket_desk
id=$(new ticket --title T number=7)
before=$(git rev-parse HEAD)
run itsm set "$id" number=8
code 1
err_has number
run itsm set "$id" title=
code 1
err_has title
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean

begin 'a unique field is refused when another record has it'
ticket_desk
one=$(new ticket --title One number=7)
two=$(new ticket --title Two)
run itsm set "$two" number=7
code 1
err_has 'schema/unique' "$one"
clean

begin 'a reference has to be there'
ticket_desk
id=$(new ticket --title T)
run itsm set "$id" blocks=TKT-00000000
code 1
err_has 'reference/missing'
clean

finish
