#!/bin/sh
# index: what it tells, building it anew, finding what is wrong; and that every command answers without it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

database() {
	find .git/itsm -name 'index-v*.db'
}

# SQL by another program than itsm.
tamper() {
	/usr/bin/python3 -c '
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute(sys.argv[2])
database.commit()' "$(database)" "$1"
}

value() { # of itsm index --format json
	itsm index --format json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["records"][0][sys.argv[1]])' "$1"
}

begin 'status: nothing is made or brought along by it'
desk
id=$(new incident --title One impact=3 urgency=3)
rm -rf .git/itsm
run itsm index
code 0
out_has '.git/itsm/index-v' 'is not there yet'
[ ! -e .git/itsm ] || problem 'it made an index'
must itsm list
is 'records' 4 "$(value work_records)"
is 'HEAD' None "$(value head)"
must itsm list --at HEAD
must itsm log
is 'HEAD' "$(git rev-parse HEAD)" "$(value head)"
is 'history' "$(git rev-parse HEAD)" "$(value history)"
is 'commits' 2 "$(value commits)"
old=$(git rev-parse HEAD)
must git commit -q --allow-empty -m more
is 'HEAD' "$old" "$(value head)"
run itsm index status
out_has 'not HEAD: the next look brings it along' 'work tree  4 records'
run itsm index nothing
code 2
err_has 'status, rebuild and verify'

begin 'verify finds wrong rows, rebuild mends them'
desk
id=$(new incident --title One impact=3 urgency=3)
must itsm list
run itsm index verify
code 0
out ''
err 'the index says what the desk says'
tamper "UPDATE itsm_k_incident SET itsm_title = 'Two'"
run itsm list incident --columns title
out_has Two
run itsm index verify --format csv
code 1
out_has 'work,missing,"incident id=""'"$id" 'work,surplus,' 'title=""Two""' 'head,missing'
err_has 'differences; mend it with: itsm index rebuild'
run itsm index rebuild
code 0
out_has 'the HEAD of now'
run itsm index verify
code 0
run itsm list incident --columns title
out 'title
One'
clean

begin 'the full text is told too, and follows a rebuild'
desk
one=$(new incident --title 'Printer jam' impact=3 urgency=3)
run itsm search printer --format id
out "$one"
run itsm index
out_has search-v
two=$(new incident --title 'Printer fire' impact=3 urgency=3)
must itsm index rebuild
run itsm search printer --format id
is 'both' "$(printf '%s\n' "$one" "$two" | sort)" "$(sort "$top/out")"
run itsm search jam --format id
out "$one"

begin 'verify tells damage of the file'
desk
new incident --title One impact=3 urgency=3 >/dev/null
must itsm list
must itsm index rebuild
tamper 'PRAGMA wal_checkpoint(TRUNCATE)'
dd if=/dev/urandom of="$(database)" bs=4096 seek=5 count=10 conv=notrunc status=none
run itsm index verify
code 1
out_has file damaged
must itsm index rebuild
must itsm index verify

begin 'a rebuild while others read and write: nobody notices'
desk
for i in 1 2 3; do new incident --title "I $i" impact=3 urgency=3 >/dev/null; done
(for i in 1 2 3 4; do itsm index rebuild || echo "rebuild ended with $?"; done) >"$top/rebuilds" 2>&1 &
for i in 1 2 3 4 5 6; do
	run itsm list incident --format id
	code 0
	is 'the incidents' $((i + 2)) "$(wc -l <"$top/out")"
	new incident --title 'More' impact=3 urgency=3 >/dev/null
done
wait
is 'rebuilds that failed' '' "$(grep -v '^[a-z]* ' "$top/rebuilds" | grep ended)"
must itsm index verify

# Everything that reads, with the same answers as with an index.
answers() {
	for words in 'list incident --format id' "show $id --format json" 'log --format csv' 'check' "next $id" \
		"list incident --at HEAD --format csv" 'sql SELECT(count(*))FROM(record)' 'export --format jsonl'; do
		# shellcheck disable=SC2086 # words on purpose
		${as-} "$tool" $words 2>&1
		echo "$words: $?"
	done
}

begin 'what stands in its place: a folder, a link, a pipe, the file of another'
desk
id=$(new incident --title One impact=3 urgency=3)
tool=itsm
answers >"$top/wanted"
file=$(database)
echo mine >"$top/mine"
for command in 'mkdir' "ln -s $top/mine" 'ln -s nowhere' 'ln -s /dev/zero' 'mkfifo' 'echo nonsense >' "cp $(command -v sh)" \
	'truncate -s 7000'; do
	rm -rf .git/itsm/*
	sh -c "$command $file"
	answers >"$top/got"
	cmp -s "$top/wanted" "$top/got" || problem "$command" "$(diff "$top/wanted" "$top/got")"
	is 'the file of another' mine "$(cat "$top/mine")"
done
rm -rf .git/itsm
mkfifo .git/itsm
answers >"$top/got"
cmp -s "$top/wanted" "$top/got" || problem 'a pipe for the folder' "$(diff "$top/wanted" "$top/got")"
run itsm index rebuild
code 3
err_has 'cannot be written' 'all commands work without it'

begin 'a folder that cannot be written, with an index and without'
desk
id=$(new incident --title One impact=3 urgency=3)
tool=itsm
answers >"$top/wanted"
as=
tool=$top/itsm
if [ "$(id -u)" -eq 0 ]; then # root may write everywhere: be nobody
	as='setpriv --reuid=65534 --regid=65534 --clear-groups'
	cp "$ITSM" "$tool"
	chmod 711 "$scratch"
	chown -R 65534:65534 "$top"
else
	ln -s "$ITSM" "$tool"
fi
for state in there gone; do
	[ $state = there ] || rm -rf .git/itsm/*
	chmod -R a-w .git
	answers >"$top/got"
	cmp -s "$top/wanted" "$top/got" || problem "the index is $state" "$(diff "$top/wanted" "$top/got")"
	# shellcheck disable=SC2086
	run $as "$tool" index rebuild
	code 3
	err_has 'cannot be written'
	chmod -R u+w .git
done
as=

begin 'a full disk'
desk
id=$(new incident --title One impact=3 urgency=3)
tool=itsm
answers >"$top/wanted"
if [ "$(id -u)" -ne 0 ] || ! unshare --mount true 2>/dev/null; then
	skip 'a small file system can be mounted by root only'
else
	cat >"$top/inside" <<'END'
set -u
mount -t tmpfs -o size="$1" none .git/itsm || exit 77
shift
for words; do
	itsm $words 2>&1
	echo "$words: $?"
done
END
	for size in 4k 64k 200k 400k; do
		unshare --mount sh "$top/inside" "$size" 'list incident --format id' "show $id --format json" 'log --format csv' \
			'check' "next $id" 'list incident --at HEAD --format csv' 'sql SELECT(count(*))FROM(record)' \
			'export --format jsonl' >"$top/got" 2>&1
		cmp -s "$top/wanted" "$top/got" || problem "$size" "$(diff "$top/wanted" "$top/got")"
	done
	for size in 4k 64k 200k 400k; do # a write is done, or is not and says why
		before=$(git rev-parse HEAD)
		unshare --mount sh "$top/inside" "$size" "set $id title=$size" 'index rebuild' >"$top/got" 2>&1
		grep -q 'index rebuild: 3' "$top/got" || problem "a rebuild with $size" "$(cat "$top/got")"
		case $(grep "title=$size: " "$top/got") in
		*': 0') is 'the title' "title: $size" "$(git show "HEAD:$(path_of "$id")" | grep '^title:')" ;;
		*': 3')
			grep -q 'No space left on device' "$top/got" || problem "a write with $size" "$(cat "$top/got")"
			is 'HEAD' "$before" "$(git rev-parse HEAD)" ;;
		*) problem "a write with $size" "$(cat "$top/got")" ;;
		esac
	done
	sound
fi

begin 'views and triggers in a planted database are not run'
desk
new incident --title Slow team=service-desk impact=2 urgency=2 >/dev/null
for base in index search; do
	must itsm search slow
	/usr/bin/python3 - .git/itsm/"$base"-v*.db <<'END' || problem 'nothing is planted'
import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("PRAGMA journal_mode = DELETE")
endless = "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x"
base.execute("ALTER TABLE itsm_meta RENAME TO other")
base.execute(f"CREATE VIEW itsm_meta AS SELECT key, value FROM other WHERE ({endless}) > 0")
base.execute(f"CREATE TRIGGER often BEFORE INSERT ON other BEGIN {endless}; END")
base.commit()
END
	run timeout 30 itsm search slow --format id
	code 0
	out_has INC-
	run timeout 30 itsm list --format id
	code 0
	out_has INC-
done

begin 'where links stand in place of the databases, what they lead to is left alone'
desk
new incident --title Slow team=service-desk impact=2 urgency=2 >/dev/null
must itsm search slow
for base in index search; do
	for suffix in '' -wal -shm -journal; do
		file=$(find .git/itsm -name "$base-v*.db")$suffix
		rm -f "$file"
		for kind in text database nothing pipe; do
			rm -f "$top/victim"
			case $kind in
			text) echo precious >"$top/victim" ;;
			database) /usr/bin/python3 -c 'import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("CREATE TABLE itsm_meta(a)")
base.commit()' "$top/victim" ;;
			pipe) mkfifo "$top/victim" ;;
			esac
			[ ! -f "$top/victim" ] || cp "$top/victim" "$top/before"
			ln -sfn "$top/victim" "$file"
			run timeout 30 itsm search slow --format id
			code 0
			out_has INC-
			run timeout 30 itsm list --format id
			code 0
			out_has INC-
			case $kind in
			text | database) same "$top/before" "$top/victim" ;;
			nothing) [ ! -e "$top/victim" ] || problem "$file: a file was made" ;;
			esac
		done
		rm -f .git/itsm/"$base"-v*
		must itsm search slow
	done
done

finish
