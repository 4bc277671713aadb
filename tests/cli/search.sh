#!/bin/sh
# search: words, phrases, qualifiers, parts, excerpts; and what must not be a way in.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Five tickets, TKT-00000001 to 5, committed.
five() {
	ticket_desk
	mkdir -p operation/tickets/2026/11
	put 1 'state: new\ntitle: Printer is on fire\nseverity: high\ntags: [basement]' 'Smoke near the toner.'
	put 2 'state: new\ntitle: Disk is full\npoints: 2' 'The printer pool writes too much to the disk.'
	put 3 'state: doing\ntitle: Slow disk\nblocks: [TKT-00000001]' 'Since the café moved in. Full, then broken.'
	put 4 'state: fixed\ntitle: Café Müller\nseverity: high' 'Coffee machine in Straße 5.'
	put 5 'state: fixed\ntitle: "Odd, \\"title\\""' 'Nothing <!-- secret guidance --> to see; poolside.'
	must git add operation
	must git commit -qm five
}

put() { # number, front matter, text
	printf -- '---\n%b\n---\n## What\n\n%s\n\n## How\n' "$2" "$3" >operation/tickets/2026/11/TKT-0000000"$1".md
}

# The last digits of the tickets found, in any order.
found() { # expected words ...
	expected=$1
	shift
	run itsm search --format id "$@"
	code 0
	is "search $*" "$expected" "$(sed 's/^TKT-0000000//' "$top/out" | sort | tr -d '\n')"
}

begin 'words: all of them, whatever the case and the accents'
five
found 12 printer
found 12 PRINTER
found 23 disk full
found 34 cafe
found 34 CAFÉ
found 4 muller cafe
found 4 straße
found '' strasse
found '' print
found '' nothing of that

begin 'phrases, prefixes, alternatives, exclusions'
five
found 2 '"disk is full"'
found 2 'disk is full'
found '' 'full disk'
found 25 'pool*'
found 2 'printer po*'
found 2 '"printer po"*'
found 123 fire OR disk
found 23 disk full OR broken
found 1 printer -disk
found 1 printer -'"is full"'
found 1 '"on fire" -broken'
found 1 printer -pool -full
found 4 café -moved

begin 'what is searched: titles, texts, items of lists, links; not states, enums, headings and comments'
five
found 1 basement
found 13 TKT-00000001
found '' doing
found '' high
found '' what
found '' guidance
found '' tags

begin 'qualifiers and kinds'
five
found 1 ticket printer severity:high
found 12 tickets printer state:open
found '' incident printer
found 12 printer kind:ticket
found 2 ticket printer 'points:>=2'
found 1 ticket printer -points:2
found 2 id:TKT-00000002 printer
run itsm search ticket printer colour:red
code 2
err_has colour severity
run itsm search ticket printer severity:medium
code 2
err_has low high

begin 'the best first: title, then fields, then body'
five
run itsm search disk --format id
code 0
is 'the order' 'TKT-00000002 TKT-00000003' "$(sort "$top/out" | tr '\n' ' ' | sed 's/ $//')"
put 6 'state: new\ntitle: Something else' 'A word about the basement, and a printer.'
run itsm search basement --format id
out 'TKT-00000001
TKT-00000006'
run itsm search printer --format id --limit 1
out TKT-00000001

begin 'text: the record, and a line around what was found'
five
run itsm search toner
code 0
out 'TKT-00000001  new  Printer is on fire
    Smoke near the toner.'
run itsm search basement
out 'TKT-00000001  new  Printer is on fire
    basement'
run itsm search fire
out 'TKT-00000001  new  Printer is on fire
    Smoke near the toner.'

begin 'JSON and CSV'
five
run itsm search toner --format json
code 0
is 'the JSON' '{"schema_version": 1, "command": "search", "records": [{"id": "TKT-00000001", "kind": "ticket", "state": "new", "title": "Printer is on fire", "path": "operation/tickets/2026/11/TKT-00000001.md", "part": null, "score": "yes", "excerpt": "Smoke near the toner."}]}' \
	"$(/usr/bin/python3 -c 'import json,sys
found = json.load(sys.stdin)
for record in found["records"]:
    record["score"] = "yes" if record["score"] > 0 else "no"
print(json.dumps(found))' <"$top/out")"
run itsm search toner --format csv
code 0
out_has 'id,kind,state,title,path,part,score,excerpt' 'TKT-00000001,ticket,new,Printer is on fire,'

begin 'a note is found with its record, which the qualifiers are asked of'
five
must itsm note TKT-00000003 -m 'The zeppelin has landed on a disk'
note=$(git show --name-only --format= HEAD | sed 's,.*/,,; s,\.md$,,')
found 3 zeppelin
found 3 zeppelin state:open
found '' zeppelin state:closed
found 3 ticket zeppelin
found 23 disk
run itsm search zeppelin
out "TKT-00000003  doing  Slow disk
    TKT-00000003/notes/$note:
    The zeppelin has landed on a disk"
run itsm search note zeppelin --format id
out "TKT-00000003/notes/$note"
run itsm search zeppelin --parts --format id
out "TKT-00000003/notes/$note"
run itsm search zeppelin record:TKT-00000003 --format id
out "TKT-00000003/notes/$note"
must itsm note TKT-00000003 -m 'Another zeppelin'
found 3 zeppelin
run itsm search zeppelin --parts --format id
is 'two notes' 2 "$(grep -c . "$top/out")"

begin 'an ID finds the record itself first'
five
run itsm search TKT-00000001 --format id
out 'TKT-00000001
TKT-00000003'
run itsm search TKT-00000001 state:doing --format id
out TKT-00000003
run itsm search TKT-00000001 --format id --limit 1
out TKT-00000001

begin 'the work tree by default, a revision on demand'
five
put 6 'state: new\ntitle: Not committed' 'walrus'
found 6 walrus
put 6 'state: new\ntitle: Not committed' 'seal'
found '' walrus
found 6 seal
rm operation/tickets/2026/11/TKT-00000001.md
found 2 printer
found 12 printer --at HEAD
found '' seal --at HEAD
found '' printer --at HEAD~1
must git add -A operation
must git commit -qm more
found 6 seal --at HEAD
found 12 printer --at HEAD~1
found 2 printer --at HEAD
must git checkout -q HEAD~1
found 12 printer
found '' seal
run itsm search printer --at nowhere
code 3

begin 'excerpts of what is committed, while the file says something else'
five
put 1 'state: new\ntitle: Printer is on fire' 'No such word here.'
run itsm search toner --at HEAD
out 'TKT-00000001  new  Printer is on fire
    Smoke near the toner.'
run itsm search toner
out ''

begin 'nothing found is no error'
five
run itsm search quagga
code 0
out ''
err ''
run itsm search quagga --format json
code 0
out_has '"records":[]'

begin 'wrong usage'
five
refused() { # message, words ...
	message=$1
	shift
	run itsm search "$@"
	code 2
	out ''
	err_has "$message"
}
refused 'too few words'
refused 'no word to look for' state:open
refused 'only what is not wanted' -- -printer
refused 'no letter or digit' '!!!'
refused 'no letter or digit' '*'
refused 'no letter or digit' '→'
refused 'no letter or digit' '""'
refused 'OR stands between two words' OR printer
refused 'OR stands between two words' printer OR OR disk
refused 'nothing stands behind OR' printer OR
refused 'behind OR' printer OR -disk
refused 'is never closed' 'printer "disk'
refused 'not UTF-8' "$(printf 'caf\351')"

begin 'what FTS5 would take for syntax is text'
five
for word in 'printer AND' 'NOT printer' 'NEAR(printer disk)' 'title:' 'title : printer' '{title body}: printer' '^printer' \
	'printer + is' "printer' OR 1" '(printer' 'printer)' 'a"b"c' 'printer;' 'NEAR' 'AND' 'NOT' 'body' '"""printer"""' \
	"x'; DROP TABLE text; --" 'printer%' '_rinter' "$(printf 'printer\001')" "$(printf 'disk\ntitle')"; do
	run itsm search --format id "$word"
	case $got in
	0 | 2) err_lacks fts5 syntax ;;
	*) problem "search '$word' ends with $got" "$(cat "$top/err")" ;;
	esac
done
found 1 '^printer' 'on fire'
found 2 'printer)' '(pool'

begin 'many and long words are refused or harmless'
five
long=$(printf '%01999d' 0)
run itsm search "$long"
code 0
run itsm search "${long}00"
code 2
err_has 'take fewer'
words=
for _ in 1 2 3 4 5 6 7 8; do words="$words printer printer printer printer printer printer printer printer"; done
# shellcheck disable=SC2086
found 12 $words
# shellcheck disable=SC2086
run itsm search $words printer
code 2
err_has 'take fewer'
# shellcheck disable=SC2086
run itsm search "${words# }"
code 0

begin 'what a record says cannot reach the terminal or forge a mark'
five
printf -- '---\nstate: new\ntitle: "evil \\e[31m title"\n---\n## What\n\nwombat \342\200\256 hidden\n' \
	>operation/tickets/2026/11/TKT-00000006.md
printf -- '---\nstate: new\ntitle: control\n---\n## What\n\nwombat \033[2J\001x\002\n' >operation/tickets/2026/11/TKT-00000007.md
run itsm search wombat
code 0
out_has '\x1B[31m' '\u{202E}'
out_lacks "$(printf '\033')" "$(printf '\001')" TKT-00000007
run itsm search wombat --format json
out_lacks "$(printf '\033')" "$(printf '\001')"

begin 'a file in place of a link, and a link, are not followed'
five
echo 'wombat in a secret' >"$top/secret"
ln -sf "$top/secret" operation/tickets/2026/11/TKT-00000006.md
found '' wombat

begin 'the full text is disposable'
five
found 12 printer
rm -f .git/itsm/search*
found 12 printer
for file in .git/itsm/search*; do printf 'garbage' >"$file"; done
found 12 printer
dd if=/dev/zero of=.git/itsm/search-v1.db bs=1024 seek=4 count=8 conv=notrunc status=none
found 12 printer
rm -rf .git/itsm
found 12 printer
rm -f .git/itsm/search*
mkdir .git/itsm/search-v1.db
found 12 printer
rmdir .git/itsm/search-v1.db
found 12 printer

begin 'a bare repository'
five
must git clone -q --bare . "$top/bare.git"
cd "$top/bare.git" || exit 3
found 12 printer
found 12 printer --at HEAD
run itsm search toner
out_has 'Smoke near the toner.'

begin 'several work trees have their own'
five
must git worktree add -q "$top/other" HEAD
put 6 'state: new\ntitle: Here' 'only here'
cd "$top/other" || exit 3
found '' here
found 12 printer
cd "$top/work" || exit 3
found 6 here

finish
