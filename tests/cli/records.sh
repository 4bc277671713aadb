#!/bin/sh
# new, show, edit, note, link, status: records made, read and linked.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'new prints the ID alone and makes one commit'
ticket_desk
count=$(commits)
run itsm new ticket --title 'Replace the disk' severity=high tags=a,b -m 'It clicks.'
code 0
id=$(cat "$top/out")
printf '%s' "$id" | grep -qE '^TKT-[0-9a-hjkmnp-tv-z]{8}$' || problem "the ID is '$id'"
is 'the commits' $((count + 1)) "$(commits)"
is 'the file' '---
state: new
title: Replace the disk
severity: high
tags: [a, b]
---

## What

## How' "$(cat "operation/tickets/2026/11/$id.md")"
is 'the message' "$id: new ticket: Replace the disk

It clicks.

Itsm-Action: new
Itsm-Record: $id" "$(last_message)"
clean
sound

begin 'new: the body from a file and from stdin'
ticket_desk
printf '## What\n\nA thing.\n' >body.md
id=$(new ticket --title One --body-file body.md)
is 'the body' "$(printf '\n## What\n\nA thing.')" "$(awk 'two { print } /^---$/ && one++ { two = 1 }' "$(path_of "$id")")"
run_with '## How

Piped.
' itsm new ticket --title Two --body-file -
code 0
grep -q '^Piped.$' "$(path_of "$(cat "$top/out")")" || problem 'the body of stdin is not there'
run itsm new ticket --title Three --body-file nothing.md
code 3
err_has nothing.md

begin 'new: the whole record from stdin'
ticket_desk
run_with '---
state: new
# mine
title:   "Spaced"
---
Text
' itsm new ticket --file -
code 0
grep -q '^title:   "Spaced"$' "$(path_of "$(cat "$top/out")")" || problem 'the text was not kept'
run_with 'no record' itsm new ticket --file -
code 1
clean

begin 'new: a record begins where its kind begins'
desk
before=$(git rev-parse HEAD)
printf -- '---\nstate: closed\ntitle: T\nopened: 2026-11-22T10:00:00Z\nclosed: 2026-11-22T10:00:00Z\nimpact: 2\nurgency: 2\n---\n' >"$top/closed"
run itsm new incident -F "$top/closed"
code 1
err_has "error: workflow/initial: an incident begins as 'new', this one as 'closed'"
is 'nothing is committed' "$before" "$(git rev-parse HEAD)"

begin 'new is refused with every finding, and nothing is written'
ticket_desk
before=$(git rev-parse HEAD)
run itsm new ticket
code 1
err_has 'schema/required' title
run itsm new ticket --title T severity=medium
code 2
run itsm new nothing --title T
code 2
err_has 'itsm kinds'
run itsm new ticket --title T blocks=TKT-00000000
code 1
err_has 'reference/missing'
run itsm new
code 2
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean

begin 'new: things have a slug, given or made of the title; never twice'
desk
run itsm new item --title 'DB prod #1'
code 0
out db-prod-1
run itsm new item id=web-1 --title Web
code 0
out web-1
is 'the place' transition/items/web-1.yaml "$(path_of web-1)"
run itsm new item id=web-1 --title Again
code 1
err_has 'is there already'
run itsm new item id='Web 1' --title Web
code 2
clean
sound

begin 'new --edit opens the editor on the template and commits what it leaves'
ticket_desk
cat >"$top/editor" <<'END'
#!/bin/sh
cp "$1" "$HOME/template"
sed -i 's/^title:.*/title: Written by hand/' "$1"
grep -q '^title:' "$1" || sed -i '2i title: Written by hand' "$1"
END
chmod +x "$top/editor"
run env EDITOR="$top/editor" itsm new ticket --edit severity=high
code 0
id=$(cat "$top/out")
run itsm show "$id" --format json
out_has '"title":"Written by hand"' '"severity":"high"'
run cat "$HOME/template"
out_has 'severity: high' '## What' 'What is to be done' '## How' 'How it was done'
clean
sound

begin 'new --edit refuses what does not hold, with the findings, and keeps the text'
ticket_desk
cat >"$top/editor" <<'END'
#!/bin/sh
printf -- '---\nstate: new\ntitle: Kept words\npoints: many\n---\n\n## What\n\nLong text.\n' >"$1"
END
chmod +x "$top/editor"
before=$(git rev-parse HEAD)
run env EDITOR="$top/editor" itsm new ticket --edit
code 1
out ''
err_has 'schema/type' 'the text is kept'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean
kept=$(sed -n 's/.*--file //p' "$top/err")
grep -q 'Long text' "$kept" || problem "the text is not in '$kept'"
sed -i 's/many/3/' "$kept"
run itsm new ticket --file "$kept"
code 0
[ ! -e "$kept" ] || problem 'the kept text is there still'
sound

begin 'new --edit with an editor that fails or changes nothing'
ticket_desk
before=$(git rev-parse HEAD)
run env EDITOR=false itsm new ticket --edit
code 3
run env EDITOR=true itsm new ticket --edit
code 1
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean

begin 'edit: the whole file, judged as any change'
ticket_desk
id=$(new ticket --title T points=1)
run env EDITOR="sed -i 's/points: 1/points: 2/'" itsm edit "$id" -m 'Two of them.'
code 0
is 'the message' "$id: edit

Two of them.

Itsm-Action: edit
Itsm-Record: $id" "$(last_message)"
before=$(git rev-parse HEAD)
run env EDITOR="sed -i 's/points: 2/points: many/'" itsm edit "$id"
code 1
err_has 'schema/type' 'the text is kept'
run env EDITOR="sed -i 's/state: new/state: fixed/'" itsm edit "$id"
code 1
err_has 'workflow/transition'
run env EDITOR=true itsm edit "$id"
code 0
err_has 'nothing to change'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean
run env EDITOR="sed -i 's/state: new/state: doing/'" itsm edit "$id"
code 0
is 'the subject' "$id: edit, move new -> doing" "$(git log -1 --format=%s)"
sound

begin 'edit takes unsaved changes of the user along'
ticket_desk
id=$(new ticket --title T)
file=$(path_of "$id")
printf '\nUnsaved words.\n' >>"$file"
run env EDITOR="sed -i 's/^title: T/title: U/'" itsm edit "$id"
code 0
run git show HEAD
out_has '+Unsaved words.' '+title: U'
clean

begin 'show: by ID, by prefix, with and without the kind, in any case'
ticket_desk
mkdir -p operation/tickets/2026/11
printf -- '---\nstate: new\ntitle: One\n---\n\n## What\n\nWords.\n' >operation/tickets/2026/11/TKT-abc00001.md
printf -- '---\nstate: new\ntitle: Two\n---\n' >operation/tickets/2026/11/TKT-abd00002.md
must git add operation
must git commit -qm two
for word in TKT-abc00001 TKT-abc abc tkt-ABC ABC00001; do
	run itsm show "$word"
	code 0
	out_has TKT-abc00001 One Words.
done
run itsm show TKT-ab
code 3
err_has TKT-abc00001 TKT-abd00002
run itsm show TKT-zzz
code 3
run itsm show
code 2

begin 'show as text, JSON, CSV and ID'
ticket_desk
id=$(new ticket --title 'A "title", with' points=3 tags=x start=2026-11-22T11:00:00+01:00 --body-file /dev/null)
run itsm show "$id"
code 0
out_has "$id" 'A "title", with' points
run itsm show "$id" --format json
code 0
is 'the JSON' "1 show $id ticket new A \"title\", with operation/tickets/2026/11/$id.md 3 ['x'] 2026-11-22T10:00:00Z" "$(/usr/bin/python3 -c '
import json, sys
data = json.load(sys.stdin)
[one] = data["records"]
print(data["schema_version"], data["command"], one["id"], one["kind"], one["state"], one["title"], one["path"], one["points"], one["tags"], one["start"])' <"$top/out")"
run itsm show "$id" --format csv
code 0
out_has '"A ""title"", with"'
run itsm show "$id" --format id
code 0
out "$id"
run itsm show "$id" --format xml
code 2
err_has xml

begin 'show the past'
ticket_desk
id=$(new ticket --title Before)
must itsm set "$id" title=After
run itsm show "$id" --at HEAD~1
code 0
out_has Before
out_lacks After
run itsm show "$id" --at HEAD~2
code 3
run itsm show "$id" --at nowhere
code 3
err_has nowhere

begin 'show sees unsaved work, and says nothing wrong about it'
ticket_desk
id=$(new ticket --title Saved)
sed -i 's/Saved/Unsaved/' "$(path_of "$id")"
run itsm show "$id"
out_has Unsaved
run itsm show "$id" --at HEAD
out_has 'Saved'
out_lacks Unsaved

begin 'notes: a file each, told with their record'
ticket_desk
id=$(new ticket --title T)
run itsm note "$id" -m 'First word'
code 0
run itsm note "$id" -m 'Second word'
code 0
is 'the files' 2 "$(git ls-files "operation/tickets/2026/11/$id/notes/" | wc -l)"
run itsm show "$id"
out_has 'First word' 'Second word' ada-lovelace
run_with 'From stdin
' itsm note "$id"
code 0
run itsm show "$id"
out_has 'From stdin'
run itsm note "$id" -m ''
code 2
run itsm note TKT-00000000 -m text
code 3
sound

begin 'links, from both ends; removed again'
ticket_desk
one=$(new ticket --title One)
two=$(new ticket --title Two)
run itsm link "$one" blocks "$two"
code 0
run itsm show "$one" --format json
out_has "\"blocks\":[\"$two\"]"
run itsm show "$two" --links
out_has "$one" 'blocked by'
count=$(commits)
run itsm link "$one" blocks "$two"
code 0
is 'the commits' "$count" "$(commits)"
three=$(new ticket --title Three)
run itsm link "$three" 'blocked by' "$one"
code 0
run itsm show "$one" --format json
out_has "$three"
run itsm link "$one" blocks TKT-00000000
code 3
run itsm link "$one" blocks service-desk
code 1
run itsm link "$one" nothing "$two"
code 2
err_has blocks
run itsm link --remove "$one" blocks "$two"
code 0
run itsm show "$one" --format json
out_lacks "$two"
clean
sound

begin 'status: the desk at a glance'
ticket_desk
one=$(new ticket --title One)
two=$(new ticket --title Two)
must itsm move "$one" doing
sed -i 's/Two/Too/' "$(path_of "$two")"
echo x >other.txt
run itsm status
code 0
out_has Example main ticket "$(path_of "$two")" other.txt
run itsm status --format json
code 0
/usr/bin/python3 -c 'import json,sys; assert json.load(sys.stdin)["schema_version"] == 1' <"$top/out" || problem 'no JSON'
sed -i 's/^state:.*/state: flying/' "$(path_of "$two")"
run itsm status
code 0
out_has '1 problem'

begin 'times for people are in their zone, for programs in UTC'
ticket_desk
id=$(new ticket --title T start=2026-07-01T10:00:00Z)
run env TZ=Europe/Berlin itsm show "$id"
out_has '12:00 +02:00'
run env TZ=Europe/Berlin itsm show "$id" --format json
out_has 2026-07-01T10:00:00Z
id=$(TZ=Europe/Berlin itsm new incident --title T impact=3 urgency=3 2>/dev/null)
grep -q '2026-11-22T11:00:00+01:00' "$(path_of "$id")" || problem 'the time is not in the zone of the user' "$(cat "$(path_of "$id")")"

finish
