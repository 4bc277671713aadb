#!/bin/sh
# sql: what a query gives, its parameters, its bounds, what it may not do, and what the views are told to be.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

put() {
	mkdir -p operation/tickets/2026/11
	printf -- '---\n%b\n---\n' "$2" >operation/tickets/2026/11/TKT-0000000"$1".md
}

three() {
	ticket_desk
	put 1 'state: new\ntitle: Printer is on fire\nseverity: high\npoints: 5\nnumber: "007"\nstart: 2026-11-21T09:00:00+01:00\ntags: [fire, hall]'
	put 2 'state: new\ntitle: "Odd, \\"title\\""\npoints: 2'
	put 3 'state: fixed\ntitle: Café\nblocks: [TKT-00000001]\nclosed: 2026-11-01T00:00:00Z'
	must git add operation
	must git commit -qm three
}

begin 'text, JSON, JSON lines, CSV and IDs'
three
run itsm sql 'SELECT id, is_open, points, start, tags FROM ticket ORDER BY id'
code 0
out 'id            is_open  points  start             tags
TKT-00000001  yes           5  2026-11-21 08:00  fire, hall
TKT-00000002  yes           2  -                 -
TKT-00000003  no            -  -                 -'
run itsm sql 'SELECT id, is_open, start, tags FROM ticket WHERE points = 5' --format json
out '{"schema_version":1,"command":"sql","records":[
{"id":"TKT-00000001","is_open":true,"start":"2026-11-21T08:00:00Z","tags":["fire","hall"]}
]}'
run itsm sql 'SELECT id, is_open FROM ticket ORDER BY id' --format jsonl
out '{"id":"TKT-00000001","is_open":true}
{"id":"TKT-00000002","is_open":true}
{"id":"TKT-00000003","is_open":false}'
run itsm sql 'SELECT id, title FROM ticket WHERE points = 2' --format csv
out 'id,title
TKT-00000002,"Odd, ""title"""'
run itsm sql 'SELECT id FROM ticket ORDER BY id DESC' --format id
out 'TKT-00000003
TKT-00000002
TKT-00000001'
run itsm sql "SELECT id FROM ticket WHERE id = 'no'" --format jsonl
code 0
out ''

begin 'a compound query tells its values as they are'
three
run itsm sql "SELECT tags FROM ticket WHERE points = 5 UNION ALL SELECT '[no JSON'" --format json
out_has '"[\"fire\",\"hall\"]"' '"[no JSON"'

begin 'the query from stdin'
three
run_with 'SELECT count(*) AS n FROM ticket' itsm sql --format id
code 0
out 3
run_with 'SELECT :a AS n' itsm sql - a=x --format id
code 0
out x

begin 'parameters: by name and number, numbers as numbers, every other value as text'
three
run itsm sql 'SELECT id FROM ticket WHERE points >= :least AND title LIKE :like' least=3 'like=%fire' --format id
out TKT-00000001
run itsm sql 'SELECT ?2 AS a, ?1 AS b' 1=one 2=two --format csv
out 'a,b
two,one'
# shellcheck disable=SC2016 # a parameter of SQL
run itsm sql 'SELECT typeof(:a), typeof(@b), typeof($c), typeof(:d), typeof(:e)' a=7 b=-7 c=007 d=1.5 e= --format csv
out_has 'integer,integer,text,text,text'
run itsm sql 'SELECT id FROM ticket WHERE number = :n' n=007 --format id
out TKT-00000001
run itsm sql 'SELECT :a AS a' "a=x' OR 1; DROP" --format id
out "x' OR 1; DROP"
run itsm sql 'SELECT :a'
code 2
err 'itsm: the SQL'"'"'s parameter :a has no value; give a=VALUE'
run itsm sql 'SELECT 1' a=1
code 2
err 'itsm: the SQL has no parameter :a'
run itsm sql SELECT 1
code 2
err_has "'1' is no NAME=VALUE" 'in quotes'
run itsm sql 'SELECT 1' =x
code 2

begin 'the work tree, a revision, and history'
three
put 4 'state: new\ntitle: Not committed'
run itsm sql 'SELECT count(*) FROM ticket' --format id
out 4
run itsm sql 'SELECT count(*) FROM ticket' --format id --at HEAD
out 3
run itsm sql 'SELECT count(*) FROM ticket' --format id --at HEAD~1
out 0
run itsm sql 'SELECT count(*) FROM ticket' --at nowhere
code 3
run itsm sql 'SELECT subject FROM commit_log ORDER BY subject' --format id
out 'itsm: init desk Example
three
tickets'
must git commit -qm four --allow-empty
run itsm sql "SELECT count(*) FROM \"Commit_Log\"" --format id
out 4
run itsm sql 'SELECT count(*) FROM commit_log' --format id --at HEAD~1
out 3
run itsm sql "SELECT t.id FROM touch AS t JOIN commit_log AS c USING(commit_id) WHERE c.subject = 'three' ORDER BY 1" --format id
out 'TKT-00000001
TKT-00000002
TKT-00000003'

begin 'over a bound: an error that names it, and 3'
three
run itsm sql 'SELECT id FROM ticket' --limit 2 --format id
code 3
is 'the rows before' 2 "$(wc -l <"$top/out")"
err 'itsm: the query gives more than 2 rows; narrow it, or raise the bound with --limit'
run itsm sql 'SELECT id FROM ticket' --limit 3 --format id
code 0
endless='WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x)'
run itsm sql "$endless SELECT n FROM x" --format id
code 3
err_has 'more than 1000000 rows'
run timeout 60 itsm sql "$endless SELECT count(*) FROM x" --timeout 1
code 3
err 'itsm: the query ran too long; narrow it, or raise the bound with --timeout'
run itsm sql "$endless SELECT n FROM x LIMIT 1000001" --format id --limit 0 --timeout 0
code 0
is 'without a bound' 1000001 "$(wc -l <"$top/out")"
run itsm sql "WITH RECURSIVE x(n, s) AS (SELECT 1, printf('%1000000d', 1) UNION ALL SELECT n + 1, s || n FROM x LIMIT 2000)
	SELECT length(s) FROM x ORDER BY s"
code 3
err_has 'too much memory, more than 512 MiB'
run itsm sql 'SELECT 1' --limit -1
code 2
run itsm sql 'SELECT 1' --timeout soon
code 2
err_has 'a whole number'

begin 'one call of a function ends soon: bounds are looked at between calls only'
three
as=$(printf "replace(printf('%%10000000d', 1), ' ', 'a')")
run timeout 60 itsm sql "SELECT instr($as, substr($as, 1, 5000000) || 'b')" --format id
code 0
out 0
run itsm sql "SELECT trim('x', printf('%300d', 1))"
code 2
err_has 'at most 256 bytes'
run itsm sql "SELECT json_patch('{}', '{}')"
code 2
run timeout 60 itsm sql "$endless SELECT sum(length(replace(printf('%1000000d', n), ' ', 'bb'))) FROM x" --timeout 1
code 3
err_has 'ran too long'
run itsm sql "SELECT length(replace(printf('%10000000d', 1), ' ', 'bb'))"
code 2
err_has 'too big'

begin 'instr, replace and trim are as SQLite has them'
three
for row in "instr('aXbXc', 'X')|2" "instr('äXbX', 'X')|2" "instr('abc', '')|1" "instr('abc', 'd')|0" "instr(x'00ff61', x'61')|3" "instr(NULL, 'a')|NULL" \
	"instr(1234, 3)|3" "replace('aXbXc', 'X', 'yy')|'ayybyyc'" "replace('aaaa', 'aa', 'a')|'aa'" "replace('abc', '', 'x')|'abc'" "replace('abc', 'b', NULL)|NULL" \
	"replace('abc', 'abc', '')|''" "replace('a-b', '-', '')|'ab'" "trim('xaybx', 'xy')|'ayb'" "trim('äaä', 'ä')|'a'" "trim('éaé', 'ä')|'éaé'" "ltrim('xax', 'x')|'ax'" \
	"rtrim('xax', 'x')|'xa'" "trim('xxx', 'x')|''" "trim('abc', '')|'abc'" "trim('  a ')|'a'" "trim(NULL, 'a')|NULL"; do
	run itsm sql "SELECT quote(${row%%|*})" --format id
	out "${row#*|}"
done

begin 'a query only reads'
three
before=$(git rev-parse HEAD)
for sql in 'DELETE FROM ticket' 'INSERT INTO ticket(id) VALUES(1)' 'UPDATE ticket SET id = 1' 'DROP VIEW ticket' \
	"ATTACH '$top/other.db' AS other" "SELECT load_extension('x')" 'PRAGMA user_version = 7' "VACUUM INTO '$top/copy.db'" \
	'SELECT 1; SELECT 2' 'SELECT * FROM sqlite_schema' 'SELECT * FROM itsm_content' "SELECT readfile('/etc/passwd')" \
	'CREATE TABLE x(a)' 'SELECT * FROM pragma_database_list' 'EXPLAIN SELECT 1' 'BEGIN' ''; do
	run itsm sql "$sql" --format id
	code 2
	out ''
done
if [ -e "$top/other.db" ] || [ -e "$top/copy.db" ]; then problem 'a file was made'; fi
is 'HEAD' "$before" "$(git rev-parse HEAD)"
run itsm sql 'SELECT colour FROM ticket'
code 2
err "itsm: no such column: colour; \`itsm sql --schema\` tells the views and their columns"
run itsm sql 'SELECT id FROM tickets'
code 2
err "itsm: no such table: tickets; \`itsm sql --schema\` tells the views and their columns"
clean

begin 'text of records does nothing to a terminal'
three
put 5 'state: new\ntitle: "\\e[31mred\\e[m"'
run itsm sql "SELECT title FROM ticket WHERE id = 'TKT-00000005'"
out_lacks "$(printf '\033')"

begin 'the schema: views, columns, types, references, values, of own kinds too'
three
run itsm sql --schema ticket link
code 0
out_has 'ticket: Something to do' 'is_open                bool' 'severity               enum' 'low, high' \
	'blocks                 list of ref' '-> ticket' 'state                  enum' 'new, doing, fixed' 'link: Every reference'
out_lacks incident
run itsm sql --schema tickets --format id
out ticket
run itsm sql --schema --format id
out_has ticket incident record link section finding commit_log touch change_event
run itsm sql --schema nothing
code 2
err_has "'nothing' is no kind and no view"
itsm sql --schema --format json >"$top/schema"
/usr/bin/python3 - "$top/schema" >"$top/lines" <<'END'
import json, sys
views = json.load(open(sys.argv[1]))["records"]
for view in views:
    print(view["view"], ",".join(column["column"] for column in view["columns"]))
assert all(column["meaning"] for view in views for column in view["columns"] if view["view"] not in ("ticket",)), "a column without a meaning"
END
[ -s "$top/lines" ] || problem 'the schema is no JSON, or says too little'
while read -r view columns; do # a view has the columns that are told, in that order, and no others
	run itsm sql "SELECT * FROM \"$view\" UNION ALL SELECT $(echo "$columns" | sed 's/[^,]*/NULL/g')" --format csv
	code 0
	is "the columns of $view" "$columns" "$(head -n 1 "$top/out")"
done <"$top/lines"
run itsm sql --schema ticket --format csv
out_has 'ticket,blocks,list of ref,"[""ticket""]",'

begin 'an SQLite file'
three
run itsm sql --write-db "$top/desk.db"
code 0
is 'a query of it' "TKT-00000001|1|5|[\"fire\",\"hall\"]" "$(/usr/bin/python3 -c '
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute("SELECT id, is_open, points, tags FROM ticket WHERE points > 3"):
    print(*row, sep="|")' "$top/desk.db")"
run itsm sql --write-db "$top/desk.db" 'SELECT 1'
code 2

finish
