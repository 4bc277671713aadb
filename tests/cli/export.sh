#!/bin/sh
# export: the formats hold what `itsm sql` says, PostgreSQL's in a server of its own; files appear whole or not at all.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

ticket() {
	mkdir -p operation/tickets/2026/11
	printf -- '---\n%b\n---\n%b' "$2" "${3-}" >operation/tickets/2026/11/TKT-0000000"$1".md
}

# Tickets with text that means something to CSV, JSON, COPY, psql and SQL.
hostile() {
	ticket_desk
	ticket 1 'state: new\ntitle: "a\\tb \\\\ c \\\\N \\\\. d"\nseverity: high\npoints: 0\ntags: ["\\"", "a,b", "it'"'"'s", "\\\\u0000"]' \
		'\n## What\n\nThings.\n'
	ticket 2 'state: new\ntitle: "\\\\."\npoints: 9\nnumber: "\\\\N"\nblocks: [TKT-00000001, TKT-00000003]'
	# shellcheck disable=SC2016 # it is not meant for the shell
	ticket 3 'state: fixed\ntitle: "=1+1 '"'"'; DROP TABLE ticket; -- :id :'"'"'id'"'"' \\"x\\" $$ $itsm$"\nclosed: 0000-02-29T23:59:59Z\ndue: 0000-01-01'
	ticket 4 'state: doing\ntitle: "Zażółć 日本 🎫 e\\u0301"\nstart: 9999-12-31T23:59:59Z\ndue: 9999-12-31'
	ticket 5 'state: new\ntitle: ""\nnumber: "NULL"\ntags: []'
	ticket 6 'state: new\npoints: many\ndue: soon\ntitle: |\n  two\n  lines'
	must git add operation
	must git -c i18n.commitEncoding=ISO-8859-1 commit -qm "$(printf 'caf\351 \\.\n\n\\.\n\ttab')"
	must git commit -q --allow-empty -m replaced # git itself would mend these bytes
	{ git cat-file commit HEAD | sed '/^$/q'; printf 'raw \377\376 bytes\n'; } >"$top/raw"
	must git reset -q --soft "$(git hash-object -t commit -w "$top/raw")"
	must itsm set TKT-00000005 points=1 title='Not empty'
}

begin 'CSV: one kind to stdout, many to a folder'
hostile
run itsm export --format csv ticket --at HEAD
code 0
is 'what CSV readers see' '6 True' "$(/usr/bin/python3 -c '
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))
print(len(rows), rows[0]["title"] == "a\tb \\ c \\N \\. d" and rows[0]["tags"] == "[\"\\\"\",\"a,b\",\"it'"'"'s\",\"\\\\u0000\"]")' "$top/out")"
run itsm export --format csv
code 2
err_has '--output DIR'
run itsm export --format csv ticket note
code 2
run itsm export --format csv --output "$top/tables"
code 0
out ''
err "wrote $top/tables"
is 'the files' "$(itsm sql --schema --format id | sed 's/$/.csv/' | sort)" "$(find "$top/tables" -mindepth 1 -printf '%f\n' | sort)"
run itsm export --format csv --output "$top/tables" ticket
code 1
err_has "tables/ticket.csv' is there already"
run itsm export --format csv --output "$top/tables" --force ticket --at HEAD~2
code 0
is 'the lines' 7 "$(/usr/bin/python3 -c 'import csv, sys; print(len(list(csv.reader(open(sys.argv[1], newline="")))))' "$top/tables/ticket.csv")"

begin 'JSON lines: an object for each row of each view'
hostile
run itsm export --format jsonl
code 0
is 'what JSON readers see' 'True True True' "$(/usr/bin/python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
views = {row["view"] for row in rows}
tickets = {row["id"]: row for row in rows if row["view"] == "ticket"}
print({"ticket", "link", "section", "commit_log", "touch", "person"} <= views and "record" not in views,
      tickets["TKT-00000002"]["title"] == "\\." and tickets["TKT-00000001"]["tags"][3] == "\\u0000",
      any(row["subject"] == "raw \ufffd\ufffd bytes" for row in rows if row["view"] == "commit_log"))' "$top/out")"
run itsm export --format jsonl record ticket -o "$top/two.jsonl"
code 0
is 'the views' 'record
ticket' "$(sed 's/{"view":"\([a-z]*\)".*/\1/' "$top/two.jsonl" | sort -u)"

begin 'SQLite: every view answers as the desk does'
hostile
run itsm export --format sqlite --output "$top/desk.db"
code 0
itsm sql --schema --format id | while read -r view; do
	itsm sql "SELECT * FROM \"$view\" ORDER BY 1, 2, 3" --format csv | /usr/bin/python3 -c '
import csv, io, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
wanted = list(csv.reader(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="")))
found = [[{None: ""}.get(value, value) for value in row]
         for row in database.execute(f"SELECT * FROM \"{sys.argv[2]}\" ORDER BY 1, 2, 3")]
types = {row[1]: row[2] for row in database.execute(f"PRAGMA table_info(\"{sys.argv[2]}\")")}
plain = {"true": 1, "false": 0}
same = len(found) == max(0, len(wanted) - 1) and all(
    str(plain.get(w, w)) == str(f) for a, b in zip(wanted[1:], found) for w, f in zip(a, b))
if not same:
    print(sys.argv[2], wanted, found)
assert wanted or not found' "$top/desk.db" "$view"
done >"$top/differences" 2>&1
[ ! -s "$top/differences" ] || problem 'a view differs:' "$(cat "$top/differences")"
run /usr/bin/python3 -c '
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
print(*database.execute("PRAGMA integrity_check").fetchone())
print(*[row[1] + " " + row[2] for row in database.execute("PRAGMA table_info(ticket)")], sep=", ")
print(*sorted(row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = '"'index'"' AND tbl_name = '"'link'"'")))
' "$top/desk.db"
out_has ok 'id TEXT' 'is_open INTEGER' 'points INTEGER' 'tags TEXT' 'link_by_source link_by_target'
run itsm export --format sqlite --output "$top/desk.db" ticket
code 0
run itsm export --format sqlite ticket
code 2
err_has '--output FILE'

begin 'what is in the way stays as it was'
hostile
echo mine >"$top/mine"
cp "$top/mine" "$top/kept"
/usr/bin/python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("CREATE TABLE mine(a)")' "$top/mine.db"
cp "$top/mine.db" "$top/kept.db"
mkdir "$top/folder"
ln -s "$top/mine" "$top/link"
ln -s "$top/folder" "$top/way"
mkfifo "$top/fifo"
for format in sqlite jsonl postgres; do
	run itsm export --format "$format" --output "$top/mine"
	code 1
	err_has "mine'"
	run itsm export --format "$format" --output "$top/link" --force
	code 3
	err_has 'symbolic link'
	run itsm export --format "$format" --output "$top/way/x" --force
	code 3
	err_has 'symbolic link'
	run itsm export --format "$format" --output "$top/folder" --force
	code 3
	run itsm export --format "$format" --output "$top/fifo" --force
	code 3
	run itsm export --format "$format" --output "$top/mine/x"
	code 3
done
for force in '' --force; do
	# shellcheck disable=SC2086 # nothing or an option
	run itsm export --format sqlite $force --output "$top/mine.db"
	code 1
	err_has 'was not made by an export'
done
run itsm export --format csv --output "$top/way/tables"
code 3
err_has 'symbolic link'
same "$top/kept" "$top/mine"
same "$top/kept.db" "$top/mine.db"
is 'the folder' '' "$(ls -A "$top/folder")"
is 'left behind' '' "$(find "$top" -name '.itsm-*')"
clean

begin 'a path from where one stands, folders on the way, a revision'
hostile
mkdir -p sub
cd sub || exit 3
run itsm export --format sqlite --output ../../new/folder/desk.db --at HEAD~3
code 0
[ -f "$top/new/folder/desk.db" ] || problem 'there is no file'
is 'the tickets then' 0 "$(/usr/bin/python3 -c '
import sqlite3, sys
print(*sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM ticket").fetchone())' "$top/new/folder/desk.db")"
cd ..
run itsm export --format nothing
code 2
err_has 'sqlite, csv, jsonl and postgres'
run itsm export
code 2
err_has '--format'
run itsm export --format jsonl nothing
code 2
err_has "'nothing' is no kind and no view"
run itsm export --format csv ticket --schema x
code 2

begin 'a full disk leaves nothing behind'
hostile
ticket 7 "state: new\ntitle: $(printf '%050000d' 7)"
(
	if [ "$(id -u)" -ne 0 ] || ! unshare --mount true 2>/dev/null; then exit 77; fi
	mkdir "$top/small"
	for format in sqlite jsonl postgres csv; do
		# shellcheck disable=SC2016 # the inner shell expands it
		unshare --mount sh -c '
			mount -t tmpfs -o size=24k none "$1/small" || exit 77
			itsm export --format "$2" --output "$1/small/x"
			echo "$2 $? $(find "$1/small" -type f | wc -l)"' sh "$top" "$format" || exit
	done
) >"$top/out" 2>"$top/err"
if [ $? -eq 77 ]; then
	skip 'a small file system can be mounted by root only'
else
	is 'codes and files' 'sqlite 3 0
jsonl 3 0
postgres 3 0' "$(grep -v csv "$top/out")"
	out_has 'csv 3'
	err_has 'No space left on device'
fi
itsm export --format jsonl >/dev/full 2>"$top/err"
got=$?
last='itsm export >/dev/full'
code 3

# A PostgreSQL server that nobody else knows of, in $top, on a socket. What it is run by may not be root.
start_postgres() {
	for bin in /usr/lib/postgresql/*/bin; do
		[ -x "$bin/initdb" ] && [ -x "$bin/pg_ctl" ] && [ -x "$bin/psql" ] && postgres_bin=$bin
	done
	[ -n "${postgres_bin-}" ] || return 1
	as=
	mkdir -p "$top/pg"
	if [ "$(id -u)" -eq 0 ]; then
		as='setpriv --reuid=65534 --regid=65534 --clear-groups'
		chown 65534:65534 "$top/pg"
		chmod 755 "$scratch"
	fi
	cd "$top/pg" || exit 3
	# shellcheck disable=SC2086
	must $as env HOME="$top/pg" "$postgres_bin/initdb" -D "$top/pg/data" -U itsm -A trust -E UTF8 --locale=C.UTF-8 -N
	# shellcheck disable=SC2086
	must $as env HOME="$top/pg" "$postgres_bin/pg_ctl" -D "$top/pg/data" -w -t 60 -l "$top/pg/log" \
		-o "-k $top/pg -c listen_addresses= -c fsync=off -c timezone=Asia/Tokyo" start
	cd "$top/work" || exit 3
}

stop_postgres() {
	# shellcheck disable=SC2086
	must $as env HOME="$top/pg" "$postgres_bin/pg_ctl" -D "$top/pg/data" -m immediate -w stop
}

postgres() {
	PGOPTIONS='-c search_path=itsm' PGTZ=UTC "$postgres_bin/psql" -X -q -h "$top/pg" -U itsm -d postgres -v ON_ERROR_STOP=1 "$@"
}

# The same SQL of both, as CSV without the names.
agree() { # SQL [the SQL for PostgreSQL where the dialects part]
	itsm sql "$1" --format csv | tail -n +2 >"$top/ours"
	postgres --csv -t -c "${2-$1}" >"$top/theirs" 2>&1
	[ -s "$top/ours" ] || problem "\$ itsm sql $1" 'found nothing to compare'
	/usr/bin/python3 -c '
import csv, sys
ours, theirs = (list(csv.reader(open(name, newline="", encoding="utf-8"))) for name in sys.argv[1:])
if ours != theirs:
    print("itsm sql:", *ours, "PostgreSQL:", *theirs, sep="\n")' "$top/ours" "$top/theirs" >"$top/differences" 2>&1
	[ ! -s "$top/differences" ] || problem "$1" "$(cat "$top/differences")"
}

begin 'PostgreSQL answers as the desk does'
hostile
if ! start_postgres; then
	skip 'PostgreSQL is not installed'
else
	run itsm export --format postgres --output "$top/desk.sql"
	code 0
	run postgres -f "$top/desk.sql"
	code 0
	err ''
	out ''
	agree 'SELECT kind, count(*), sum(CASE WHEN is_open THEN 1 ELSE 0 END) FROM record GROUP BY kind ORDER BY kind'
	agree "SELECT id, path, state, title, severity, points, number FROM ticket ORDER BY id"
	agree 'SELECT id, length(title), number IS NULL FROM ticket ORDER BY id' \
		'SELECT id, length(title), (number IS NULL)::int FROM ticket ORDER BY id'
	agree "SELECT id, start FROM ticket WHERE start IS NOT NULL" \
		"SELECT id, to_char(start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM ticket WHERE start IS NOT NULL"
	agree "SELECT id FROM ticket WHERE closed < '1000-01-01T00:00:00Z'"
	agree "SELECT id, due FROM ticket WHERE due > '1000-01-01' ORDER BY id"
	agree "SELECT id FROM ticket WHERE due < '0001-01-01'" "SELECT id FROM ticket WHERE extract(year FROM due) = -1"
	agree "SELECT ticket.id, j.value FROM ticket, json_each(tags) AS j ORDER BY 1, 2" \
		'SELECT id, j FROM ticket, jsonb_array_elements_text(tags) AS j ORDER BY id, j'
	agree 'SELECT id, json_array_length(tags) FROM ticket WHERE tags IS NOT NULL ORDER BY id' \
		'SELECT id, jsonb_array_length(tags) FROM ticket WHERE tags IS NOT NULL ORDER BY id'
	agree 'SELECT source, source_kind, relation, target FROM link ORDER BY 1, 3, 4'
	agree 'SELECT t.id, u.title FROM ticket AS t JOIN link AS l ON l.source = t.id JOIN ticket AS u ON u.id = l.target ORDER BY 1, u.id'
	agree 'SELECT id, name, filled FROM section ORDER BY id, name' 'SELECT id, name, filled::int FROM section ORDER BY id, name'
	agree 'SELECT id, rule, line, "column", message, remedy FROM finding ORDER BY path, line, rule, message'
	agree "SELECT commit_id, author, mail FROM commit_log WHERE subject NOT LIKE 'raw%' ORDER BY commit_id"
	agree "SELECT subject, body FROM commit_log WHERE subject LIKE 'caf%'"
	agree 'SELECT t.id, t.path, t.change, count(*) FROM touch AS t JOIN commit_log USING(commit_id) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3'
	agree 'SELECT state, avg(points) FROM ticket GROUP BY state HAVING avg(points) IS NOT NULL ORDER BY state' \
		'SELECT state, avg(points)::float FROM ticket GROUP BY state HAVING avg(points) IS NOT NULL ORDER BY state'
	agree 'SELECT id, kind, path, change, field, old, new FROM change_event ORDER BY commit_id, path, field'
	for view in $(itsm sql --schema --format id); do
		agree "SELECT '$view', count(*) FROM \"$view\""
	done
	run postgres -A -t -c "SELECT column_name || ' ' || data_type FROM information_schema.columns WHERE table_name = 'ticket' ORDER BY ordinal_position"
	out_has 'is_open boolean' 'points bigint' 'due date' 'start timestamp with time zone' 'tags jsonb' 'title text'
	run postgres -A -t -c "SELECT obj_description('ticket'::regclass), col_description('ticket'::regclass, 1)"
	out_has 'itsm: Something to do'
	run postgres -A -t -c "SELECT indexdef FROM pg_indexes WHERE schemaname = 'itsm' AND tablename IN ('ticket', 'link', 'touch')"
	out_has 'ON itsm.ticket USING btree (id)' '(source)' '(target)' '(commit_id)'

	# again, from stdin and of an older revision: what was there is replaced, what is somebody else's is not
	postgres -c 'CREATE TABLE mine(a int)'
	# shellcheck disable=SC2016 # the inner shell expands it
	run sh -c 'itsm export --format postgres --at HEAD~3 | "$1" -X -q -h "$2/pg" -U itsm -d postgres -v ON_ERROR_STOP=1' sh \
		"$postgres_bin/psql" "$top"
	code 0
	run postgres -A -t -c 'SELECT count(*) FROM ticket' -c 'SELECT count(*) FROM mine'
	out '0
0'
	# a schema of another name; a table in the way: all of it is undone
	run itsm export --format postgres --schema 'Ünser "Desk"' ticket --output "$top/other.sql"
	code 0
	run postgres -f "$top/other.sql"
	code 0
	run postgres -A -t -c 'SELECT count(*) FROM "Ünser ""Desk""".ticket'
	out 6
	postgres -c 'CREATE SCHEMA taken; CREATE TABLE taken.ticket AS SELECT 1 AS own'
	itsm export --format postgres --schema taken note ticket >"$top/taken.sql"
	run postgres -f "$top/taken.sql"
	[ "$got" -ne 0 ] || problem 'a table of somebody else was replaced'
	run postgres -A -t -c 'SELECT own FROM taken.ticket' -c "SELECT count(*) FROM pg_tables WHERE schemaname = 'taken'"
	out '1
1'
	stop_postgres
fi

finish
