#!/bin/sh
# itsm import: maps, rows, what is rejected, second runs, replay.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A map for the rows below; more keys are added behind it.
tickets() {
	cat >map.yaml <<'END'
source: old-desk
kind: incident
null: ["?"]
times: {formats: ["%d.%m.%Y %H:%M"], zone: Europe/Berlin}
key: Number
state:
  from: Status
  map: {Open: new, Work: assigned, Done: resolved}
columns:
  title: "{Summary}"
  opened: Opened
  priority: {from: Prio, pattern: "^([0-9])"}
  caller: Caller
  made_sla: {from: In time, lower: true}
  resolved: {from: Changed, states: [resolved]}
END
	cat >>map.yaml
}

rows() {
	{
		echo 'Number,Status,Summary,Opened,Prio,Caller,In time,Changed,By'
		cat
	} >rows.csv
}

two_rows() {
	rows <<'END'
N-1,Open,Mail is slow,22.11.2026 10:00,2 - High,Eve,TRUE,22.11.2026 10:00,Ada B.
N-2,Done,"Printer, third floor",01.07.2026 08:30,3,?,false,02.07.2026 09:00,Bob
END
}

# The file of the record with this key.
imported() {
	itsm list incident "external:$1" --format json >"$top/list" 2>&1
	file=$(sed -n 's/.*"path":"\([^"]*\)".*/\1/p' "$top/list" | head -n 1)
	[ -n "$file" ] || file=$(grep -rl "^external: $1\$" operation | head -n 1)
	echo "$file"
}

begin 'rows become records in one commit'
desk
tickets </dev/null
two_rows
run itsm import --map map.yaml rows.csv
code 0
out '2 rows: 2 new, 0 changed, 0 unchanged, 0 rejected; 1 commit'
is 'the subject' 'import 2 records from old-desk' "$(git log -1 --format=%s)"
is 'the trailers' 'Itsm-Action: import
Itsm-Import: old-desk' "$(git log -1 --format='%(trailers)' | sed '/^$/d')"
cat >expected <<'END'
---
title: Mail is slow
state: new
caller: Eve
opened: 2026-11-22T10:00:00+01:00
priority: 2
made_sla: true
external: N-1
source: old-desk
---
END
cat >expected2 <<'END'
---
title: Printer, third floor
state: resolved
opened: 2026-07-01T08:30:00+02:00
priority: 3
made_sla: false
resolved: 2026-07-02T09:00:00+02:00
external: N-2
source: old-desk
---
END
sort expected >one
sort "$(imported N-1)" | diff - one >"$top/diff" || problem 'N-1 differs:' "$(cat "$top/diff")"
sort expected2 >two
sort "$(imported N-2)" | diff - two >"$top/diff" || problem 'N-2 differs:' "$(cat "$top/diff")"
rm -f expected expected2 one two map.yaml rows.csv
clean
sound

begin 'a second run adds nothing, another desk gets the same IDs'
desk
tickets </dev/null
two_rows
must itsm import --map map.yaml rows.csv
first=$(git ls-files operation)
before=$(git rev-parse HEAD)
run itsm import --map map.yaml rows.csv
code 0
out '2 rows: 0 new, 0 changed, 2 unchanged, 0 rejected; 0 commits'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
mkdir ../other && cp map.yaml rows.csv ../other && cd ../other || exit 3
desk
must itsm import --map map.yaml rows.csv
is 'the files' "$first" "$(git ls-files operation)"
is 'the ID is made of source and key' \
	"$(printf 'old-desk\nN-1\n' | git hash-object --stdin | /usr/bin/python3 -c '
bits = int(input()[:10], 16)
print("INC-" + "".join("0123456789abcdefghjkmnpqrstvwxyz"[bits >> s & 31] for s in range(35, -1, -5)))')" \
	"$(basename "$(imported N-1)" .md)"

begin 'a changed row changes its fields, and what people changed stays'
desk
tickets </dev/null
two_rows
must itsm import --map map.yaml rows.csv
id=$(basename "$(imported N-1)" .md)
must itsm set "$id" caller=Mallory 'location=Berlin'
run itsm import --map map.yaml rows.csv
out '2 rows: 0 new, 0 changed, 2 unchanged, 0 rejected; 0 commits'
rows <<'END'
N-1,Work,Mail is slow,22.11.2026 10:00,1 - Critical,Eve,TRUE,22.11.2026 10:00,Ada B.
N-2,Done,"Printer, third floor",01.07.2026 08:30,3,?,false,02.07.2026 09:00,Bob
END
run itsm import --map map.yaml rows.csv
code 0
out '2 rows: 0 new, 1 changed, 1 unchanged, 0 rejected; 1 commit'
is 'the subject' "$id: import from old-desk" "$(git log -1 --format=%s)"
is 'the lines' '-state: new
+state: assigned
-priority: 2
+priority: 1' "$(git diff -U0 HEAD^ HEAD | grep '^[-+][^-+]')"
run itsm show "$id"
out_has Mallory Berlin
rows <<'END'
N-1,Work,Mail is slow,22.11.2026 10:00,1 - Critical,Trent,TRUE,22.11.2026 10:00,Ada B.
END
run itsm import --map map.yaml rows.csv
out '1 rows: 0 new, 1 changed, 0 unchanged, 0 rejected; 1 commit'
is 'the lines' '-caller: Mallory
+caller: Trent' "$(git diff -U0 HEAD^ HEAD | grep '^[-+][^-+]')"

begin 'rejected rows are listed with line and reason, the others are imported'
desk
tickets </dev/null
rows <<'END'
N-1,Open,Mail is slow,22.11.2026 10:00,2 - High,Eve,TRUE,22.11.2026 10:00,Ada
N-2,Open,too,few
N-3,Lost,What is this,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 10:00,Ada
N-4,Open,"Two
lines",22.11.2026 10:00,2,Eve,TRUE,22.11.2026 10:00,Ada
N-5,Open,Priority,22.11.2026 10:00,9,Eve,TRUE,22.11.2026 10:00,Ada
?,Open,No key,22.11.2026 10:00,1,Eve,TRUE,22.11.2026 10:00,Ada
N-7,Open,No such day,31.02.2026 10:00,1,Eve,TRUE,22.11.2026 10:00,Ada
N-8,Open,No such hour,29.03.2026 02:30,1,Eve,TRUE,22.11.2026 10:00,Ada
N-9,Open,Perhaps,22.11.2026 10:00,1,Eve,maybe,22.11.2026 10:00,Ada
N-10,Open,?,22.11.2026 10:00,1,Eve,TRUE,22.11.2026 10:00,Ada
N-11,Open,quo"te,22.11.2026 10:00,1,Eve,TRUE,22.11.2026 10:00,Ada
N-12,Open,No time,?,1,Eve,TRUE,22.11.2026 10:00,Ada
END
{
	printf 'N-13,Open,\033[31mred,22.11.2026 10:00,1,Eve,TRUE,22.11.2026 10:00,Ada\n'
	printf 'N-14,Open,\377\376,22.11.2026 10:00,1,Eve,TRUE,22.11.2026 10:00,Ada\n'
	printf 'N-15,Open,cut off,22.11'
} >>rows.csv
run itsm import --map map.yaml rows.csv
code 1
out '15 rows: 2 new, 0 changed, 0 unchanged, 13 rejected; 1 commit'
err_has 'rows.csv:3: the row has 4 columns where the file has 9'
err_has "rows.csv:4: N-3: state: 'Lost' is not in the map"
err_has "rows.csv:7: N-5: priority: 'priority' is 9, above 5"
err_has 'rows.csv:8: key: the row has none'
err_has "rows.csv:9: N-7: opened: '31.02.2026 10:00' is no time in a format of the map"
err_has "rows.csv:10: N-8: opened: '29.03.2026 02:30' never was on the clocks of Europe/Berlin"
err_has "rows.csv:11: N-9: made_sla: 'made_sla' is 'maybe', which is no true or false"
err_has 'rows.csv:12: N-10: title: needed, and the row has no value for it'
err_has 'rows.csv:13: a quote inside a field that is not quoted'
err_has 'rows.csv:14: N-12: opened: no time to file the record by'
err_lacks 'itsm:'
err_has 'rows.csv:15: N-13: title: the text holds a control character'
err_has 'rows.csv:16: N-14: title: the text is not UTF-8'
err_has 'rows.csv:17: the row has 4 columns where the file has 9'
is 'the records' 'N-1
N-4' "$(grep -rh '^external:' operation | sed 's/.*: //' | sort)"
is 'the line end is none in a title' 'title: Two lines' "$(grep -h '^title: Two' -r operation)"

begin 'nothing is written when every row is rejected, or the map is wrong, or with --dry-run'
desk
tickets </dev/null
two_rows
before=$(git rev-parse HEAD)
run itsm import --map map.yaml --dry-run rows.csv
code 0
out 'would import 2 rows: 2 new, 0 changed, 0 unchanged, 0 rejected'
sed -i 's/,Open,/,Lost,/; s/,Done,/,Lost,/' rows.csv
run itsm import --map map.yaml rows.csv
code 1
out '2 rows: 0 new, 0 changed, 0 unchanged, 2 rejected; 0 commits'
two_rows
echo 'colums: {}' >>map.yaml
run itsm import --map map.yaml rows.csv
code 3
err_has "map.yaml:16:1: 'colums' is no key of 'map'"
run itsm import --map missing.yaml rows.csv
code 3
tickets </dev/null
run itsm import --map map.yaml missing.csv
code 3
run itsm import --map map.yaml .
code 2
: >empty.csv
run itsm import --map map.yaml empty.csv
code 3
err_has 'empty.csv is empty'
echo 'a,b' >other.csv
run itsm import --map map.yaml other.csv
code 3
err_has "map.yaml:5:6: 'Number' is no column of the file; it has a, b"
is 'HEAD' "$before" "$(git rev-parse HEAD)"

begin 'delimiters, byte order mark, CRLF, quoted line ends, no header'
desk
tickets <<'END'
delimiter: ";"
body: Text
END
printf '\357\273\277Number;Status;Summary;Opened;Prio;Caller;In time;Changed;Text\r\n' >rows.csv
printf 'N-1;Open;"a;b";22.11.2026 10:00;1;;TRUE;;"first\r\n\r\n## Heading\r\nlast"\r\n' >>rows.csv
printf 'N-2;Open;"say ""hi""";22.11.2026 10:00;1;;TRUE;;x' >>rows.csv
run itsm import --map map.yaml rows.csv
code 0
out '2 rows: 2 new, 0 changed, 0 unchanged, 0 rejected; 1 commit'
is 'the body' 'first

## Heading
last' "$(sed '1,/^source/d' "$(imported N-1)" | sed '1,2d')"
run itsm list incident external:N-2 --columns title --format csv
out_has '"say ""hi"""'
sed -i 's/delimiter: .*/delimiter: tab/; /^body/d' map.yaml
echo 'header: [Number, Status, Summary, Opened, Prio, Caller, In time, Changed]' >>map.yaml
echo 'quotes: none' >>map.yaml
printf 'N-3\tOpen\t5" disk\t22.11.2026 10:00\t1\t\tTRUE\t\n' >rows.tsv
run itsm import --map map.yaml rows.tsv
code 0
out '1 rows: 1 new, 0 changed, 0 unchanged, 0 rejected; 1 commit'

begin 'a folder of Markdown, kinds by rule, records that are ensured'
desk
mkdir posts
cat >map.yaml <<'END'
source: posts
format: markdown
kind: {from: title, match: [{pattern: Maintenance, value: outage}], otherwise: incident}
times: {formats: [rfc3339, "%Y-%m-%d %H:%M"], zone: UTC, mixed_zones: keep}
key: _name
body: body
columns:
  title: title
  services: {from: affected, slug: true}
kinds:
  incident: {state: {value: resolved}, columns: {opened: date, resolved: ended}}
  outage: {state: {value: over}, columns: {start: date, end: ended, planned: {value: "true"}}}
ensure:
  - kind: service
    id: affected
    state: {value: live}
    set: {name: item, description: "From {_file}"}
END
printf -- '---\ntitle: It broke\ndate: 2026-01-02T03:04:00Z\nended: 2026-01-02T04:00:00Z\naffected: [Web Shop, Mail]\n---\nWe saw it.\n' >posts/a.md
printf -- '---\ntitle: Maintenance of it\ndate: 2026-01-02 03:04\nended: 2026-01-02 04:00\naffected:\n  - Mail\n---\n' >posts/b.md
printf -- '---\ntitle: Mixed\ndate: 2026-01-02T03:04:00Z\nended: 2026-01-02 04:00\naffected: Mail\n---\n' >posts/c.md
printf 'no front matter\n' >posts/d.md
printf -- '---\ntitle: [a\n---\n' >posts/e.md
printf -- '---\ntitle: twice\ntitle: again\n---\n' >posts/f.md
ln -s /etc/passwd posts/g.md
printf -- '---\ntitle: {a: b}\n---\n' >posts/h.md
printf 'x' >posts/ignored.txt
run itsm import --map map.yaml posts
code 1
out '8 rows: 3 new, 0 changed, 0 unchanged, 5 rejected; 2 records made for what they refer to; 1 commit'
err_has 'posts/d.md:1: no front matter' 'posts/e.md:' 'posts/f.md:3:' 'posts/g.md' "posts/h.md:2: 'title' holds more than texts"
is 'the services' 'mail.yaml
web-shop.yaml' "$(ls strategy/services)"
is 'a service' 'state: live
name: Web Shop
description: From a.md' "$(cat strategy/services/web-shop.yaml)"
is 'the outages' 1 "$(find operation/outages -name '*.md' | wc -l)"
is 'the body' 'We saw it.' "$(tail -n 1 "$(imported a)")"
run itsm check
code 1
out_has "$(imported c)" schema/type
is 'the time as it stood' 'resolved: 2026-01-02 04:00' "$(grep '^resolved' "$(imported c)")"
printf -- '---\ntitle: It broke\ndate: 2026-01-02T03:04:00Z\nended: 2026-01-02T04:00:00Z\naffected: [Web Shop, Mail]\n---\nWe mended it.\n' >posts/a.md
rm posts/[d-h].md
run itsm import --map map.yaml posts
code 0
out '3 rows: 0 new, 1 changed, 2 unchanged, 0 rejected; 1 commit'
is 'the lines' '-We saw it.
+We mended it.' "$(git diff -U0 HEAD^ HEAD | grep '^[-+][^-+]')"

begin 'what is in the way is never overwritten'
desk
tickets </dev/null
two_rows
must itsm import --map map.yaml rows.csv
file=$(imported N-1)
echo 'not committed' >>"$file"
sed -i 's/Mail is slow/Mail is down/' rows.csv
before=$(git rev-parse HEAD)
run itsm import --map map.yaml rows.csv
code 1
is 'HEAD' "$before" "$(git rev-parse HEAD)"
is 'the file' 'not committed' "$(tail -n 1 "$file")"
git checkout -q "$file"
printf 'nothing to read\n' >"$file"
must git commit -qam broken
run itsm import --map map.yaml rows.csv
code 1
out '2 rows: 0 new, 0 changed, 1 unchanged, 1 rejected; 0 commits'
err_has "$file"
is 'the file' 'nothing to read' "$(cat "$file")"

begin 'replay: a commit for each row, in the order of time, by its author at its time'
desk
tickets <<'END'
replay: {time: Changed, author: By, mail: "{By:slug}@old.example"}
END
rows <<'END'
N-1,Open,Mail is slow,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 10:00,Ada <A.> B.
N-1,Work,Mail is slow,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 12:00,Bob
N-1,Work,Mail is slow,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 13:00,Bob
N-1,Done,Mail was slow,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 14:00,Bob
N-2,Open,Printer,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 11:00,Ada
N-2,Bad,Printer,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 11:30,Ada
END
run itsm import --map map.yaml --replay rows.csv
code 1
out '6 rows: 2 new, 0 changed, 0 unchanged, 1 rejected; 5 commits'
one=$(basename "$(imported N-1)" .md)
two=$(basename "$(imported N-2)" .md)
is 'the log' "$one: import N-1, new|Ada A. B.|ada-a-b@old.example|2026-11-22T10:00:00+01:00|Ada Lovelace|2026-11-22T10:00:00+01:00
$two: import N-2, new|Ada|ada@old.example|2026-11-22T11:00:00+01:00|Ada Lovelace|2026-11-22T11:00:00+01:00
$one: import N-1, new -> assigned|Bob|bob@old.example|2026-11-22T12:00:00+01:00|Ada Lovelace|2026-11-22T12:00:00+01:00
$one: import N-1|Bob|bob@old.example|2026-11-22T13:00:00+01:00|Ada Lovelace|2026-11-22T13:00:00+01:00
$one: import N-1, assigned -> resolved|Bob|bob@old.example|2026-11-22T14:00:00+01:00|Ada Lovelace|2026-11-22T14:00:00+01:00" \
	"$(git log --reverse -n 5 --format='%s|%an|%ae|%aI|%cn|%cI')"
is 'a row that changes nothing' '' "$(git diff HEAD~2 HEAD~1)"
is 'what the last row changes' '-state: assigned
-title: Mail is slow
+state: resolved
+title: Mail was slow
+resolved: 2026-11-22T14:00:00+01:00' "$(git diff -U0 HEAD^ HEAD | grep '^[-+][^-+]')"
is 'its trailers' "Itsm-Action: import
Itsm-Record: $one" "$(git log -1 --format='%(trailers)' | sed '/^$/d; /Itsm-Import/d')"
before=$(git rev-parse HEAD)
run itsm import --map map.yaml --replay rows.csv
code 1
out '6 rows: 0 new, 0 changed, 2 unchanged, 1 rejected; 0 commits'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
run itsm import --map map.yaml rows.csv
out '6 rows: 0 new, 0 changed, 2 unchanged, 1 rejected; 0 commits'
must itsm set "$two" location=Berlin
cat >>rows.csv <<'END'
N-2,Work,Printer,22.11.2026 10:00,1,Eve,TRUE,22.11.2026 15:00,Bob
N-2,Done,Printer,22.11.2026 10:00,1,Eve,TRUE,22.11.2026 16:00,Bob
N-1,Open,Too late,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 09:00,Eve
END
run itsm import --map map.yaml --replay rows.csv
code 1
err_has 'rows.csv:10: N-1: a later row of this key was replayed before'
out '9 rows: 0 new, 1 changed, 1 unchanged, 2 rejected; 2 commits'
is 'the location stays' 'location: Berlin' "$(grep '^location' "$(imported N-2)")"
is 'what the row changes' '-state: new
+state: assigned
-priority: 2
+priority: 1' "$(git diff -U0 HEAD~2 HEAD~1 | grep '^[-+][^-+]')"
clean_up=$(git status --porcelain -uno)
is 'the work tree' '' "$clean_up"
must git fsck --strict --no-dangling

begin 'replay over records that were imported without it takes the last rows only'
desk
tickets <<'END'
replay: {time: Changed}
END
rows <<'END'
N-1,Open,Mail is slow,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 10:00,Ada
N-1,Work,Mail is slow,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 12:00,Bob
END
must itsm import --map map.yaml rows.csv
run itsm import --map map.yaml --replay rows.csv
out '2 rows: 0 new, 0 changed, 1 unchanged, 0 rejected; 0 commits'
echo 'N-1,Done,Mail is slow,22.11.2026 10:00,2,Eve,TRUE,22.11.2026 14:00,Bob' >>rows.csv
run itsm import --map map.yaml --replay rows.csv
out '3 rows: 0 new, 1 changed, 0 unchanged, 0 rejected; 1 commit'
is 'the state' 'state: resolved' "$(grep '^state' "$(imported N-1)")"
run itsm import --map map.yaml --replay rows.csv
out '3 rows: 0 new, 0 changed, 1 unchanged, 0 rejected; 0 commits'
sed -i '/^replay/d' map.yaml
run itsm import --map map.yaml --replay rows.csv
code 2
err_has 'map.yaml has no' 'replay:'

begin 'things with a name, found again by their key'
desk
cat >map.yaml <<'END'
source: books
kind: item
key: Asset
id: Host
columns: {name: Host, class: {from: Type, lower: true, slug: true}, asset: Asset}
state: {value: live}
END
printf 'Asset,Host,Type\n1,DB prod 1,Server\n2,web.1,Server\n3,DB-prod 1,Server\n' >rows.csv
run itsm import --map map.yaml rows.csv
code 1
err_has "rows.csv:4: 3: id: 'db-prod-1' is that of another key already"
is 'the items' 'db-prod-1.yaml
web-1.yaml' "$(ls transition/items)"
printf 'Asset,Host,Type\n1,DB prod one,Server\n' >rows.csv
run itsm import --map map.yaml rows.csv
code 0
out '1 rows: 0 new, 1 changed, 0 unchanged, 0 rejected; 1 commit'
is 'the ID stays' 'name: DB prod one' "$(grep '^name' transition/items/db-prod-1.yaml)"
must itsm new item id=by-hand 'name=By hand'
printf 'Asset,Host,Type\n9,By hand,Server\n' >rows.csv
run itsm import --map map.yaml rows.csv
code 1
err_has "'by-hand' is in the desk and not from 'books'; set its external and source"
must itsm set by-hand external=9 source=books
run itsm import --map map.yaml rows.csv
code 0
out '1 rows: 0 new, 1 changed, 0 unchanged, 0 rejected; 1 commit'

begin 'the example of the guide'
desk
awk '/phones.yaml`:/ {exit} /phones.csv`:/ {on = 1} on && sub(/^    /, "")' "$repository_root/docs/import.md" >phones.csv
awk '/phones.yaml`:/ {on = 1} on && /^```$/ {exit} yaml {print} on && /^```yaml/ {yaml = 1}' "$repository_root/docs/import.md" \
	>phones.yaml
run itsm import --map phones.yaml phones.csv
code 0
out "$(grep -o '2 rows: .*commit' "$repository_root/docs/import.md")"
[ -f teams/network-nights.yaml ] || problem 'the team is not there'
is 'the states' 'state: assigned
state: resolved' "$(grep -rh '^state:' operation | sort)"

begin 'the first commit of an unborn branch, and a desk in a subfolder'
must git init -q -b trunk .
mkdir sub
cd sub || exit 3
printf 'format: 1\nname: Sub\n' >itsm.yaml
tickets </dev/null
two_rows
run itsm import --map map.yaml rows.csv
code 0
is 'the files' 2 "$(git ls-files operation | wc -l)"
is 'in the repository' 2 "$(git ls-tree -r --name-only --full-tree HEAD | grep -c '^sub/operation/')"

finish
