#!/bin/sh
# doctor: what is wrong with a desk is found and explained, and what can safely be cured is.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'a desk that is well'
desk
id=$(new incident --title First impact=2 urgency=2)
must itsm note "$id" -m 'A word'
before=$(git rev-parse HEAD)
run itsm doctor
code 0
out ''
err 'the desk is well'
run itsm doctor --fix
code 0
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean

begin 'a clone without the merge driver'
desk
must git clone -q . ../clone
cd ../clone || exit 3
run itsm doctor
code 1
out_has 'warning: setup/driver' '--fix does: configure merge.itsm.driver'
run git config --get merge.itsm.driver
code 1
run itsm doctor --fix
code 0
out_has 'fixed: configure merge.itsm.driver'
err_has 'fixed 1' 'the desk is well'
run git config --get merge.itsm.driver
code 0
clean
run itsm doctor
code 0

begin 'a desk whose attributes do not name the driver, and a kind in a folder of its own'
desk
printf '*.bin binary\n' >.gitattributes
mkdir policy/kinds
printf '%s\n' 'kind: widget' 'pillar: operation' 'help: A thing' 'folder: widgets' 'file: yaml' 'title: name' \
	'fields:' '  name: {type: string}' >policy/kinds/widget.yaml
must git add .
must git commit -q -m lines
run itsm doctor
code 1
out_has '.gitattributes: warning: setup/attributes' 'operation/incidents' widgets
run itsm doctor --fix
code 0
out_has 'fixed: add the lines (committed'
is 'the first line' '*.bin binary' "$(head -n 1 .gitattributes)"
run git check-attr merge -- widgets/x.yaml operation/incidents/2026/11/INC-4k7q2m8d.md people/x.yaml
out 'widgets/x.yaml: merge: itsm
operation/incidents/2026/11/INC-4k7q2m8d.md: merge: itsm
people/x.yaml: merge: itsm'
clean
run itsm doctor
code 0

begin 'misplaced files go to their place, with their notes, one commit each'
desk
one=$(new incident --title One impact=2 urgency=2)
must itsm note "$one" -m 'A word on it'
two=$(new incident --title Two impact=2 urgency=2)
must itsm new item --title db-1 class=server
home=$(path_of "$one")
mkdir -p transition/items/old operation/problems/2026/11
must git mv "${home%.md}" "operation/problems/2026/11/$one"
must git mv "$home" "operation/problems/2026/11/$one.md"
must git mv "$(path_of "$two")" "operation/incidents/$two.md"
must git mv transition/items/db-1.yaml transition/items/old/db-1.yml
must git commit -q -m 'All wrong'
run itsm doctor
code 1
out_has "operation/problems/2026/11/$one.md: error: path/place" "--fix does: move it to $home" \
	"--fix does: move it to operation/incidents/2026/11/$two.md" '--fix does: move it to transition/items/db-1.yaml'
err_has 'can see to'
count=$(commits)
run itsm doctor --fix
code 0
is 'the commits' $((count + 3)) "$(commits)"
is 'the record' "$home" "$(path_of "$one")"
is 'the note' 1 "$(git ls-files "${home%.md}/notes/*" | wc -l)"
printf '%s: move the file to its place\n' "$one" "$two" db-1 | sort >"$top/subjects"
is 'the subjects' "$(cat "$top/subjects")" "$(git log -3 --format=%s | sort)"
run itsm show "$one"
out_has 'A word on it'
sound
clean
must itsm undo
is 'undone' $((count + 4)) "$(commits)"
run itsm doctor
code 1

begin 'misplaced, and a person has to decide: taken, unknown, unsaved, not committed'
desk
id=$(new incident --title One impact=2 urgency=2)
file=$(path_of "$id")
mkdir -p operation/incidents/2026/10
cp "$file" operation/incidents/nothing-known.md
cp "$file" operation/incidents/INC-4k7q2m8d.md
sed 's/One/Two/' "$file" >"operation/incidents/2026/10/$id.md"
must git add "operation/incidents/2026/10/$id.md" operation/incidents/nothing-known.md
must git commit -q -m wrong
run itsm doctor --fix
code 1
out_has 'operation/incidents/nothing-known.md: error: path/place' 'id/duplicate' 'this one came with' '(Ada Lovelace, '
out_lacks '    fixed'
err_has 'left for a person'
is 'what is not committed' '?? operation/incidents/INC-4k7q2m8d.md' "$(git status --porcelain)"

begin 'a misplaced file with unsaved work is left, and that is said'
desk
id=$(new incident --title One impact=2 urgency=2)
must git mv "$(path_of "$id")" "operation/incidents/$id.md"
must git commit -q -m wrong
echo unsaved >>"operation/incidents/$id.md"
run itsm doctor --fix
code 1
out_has 'not fixed: ' "operation/incidents/$id.md"
is 'the unsaved line' unsaved "$(tail -n 1 "operation/incidents/$id.md")"

begin 'two copies that are the same: the second goes'
desk
id=$(new incident --title One impact=2 urgency=2)
file=$(path_of "$id")
mkdir -p operation/incidents/2026/12
cp "$file" operation/incidents/2026/12/
must git add .
must git commit -q -m 'A bad merge'
run itsm doctor
code 1
out_has 'both are the same to the last byte' '--fix does: remove it'
run itsm doctor --fix
code 0
is 'the files' "$file" "$(git ls-files "*/$id.md")"
run itsm doctor
code 0
sound

begin 'references to what was removed name the commit'
ticket_desk
one=$(new ticket --title One)
two=$(new ticket --title Two blocks="$one")
must git rm -q "$(path_of "$one")"
must git commit -q -m 'Clean up'
run itsm doctor
code 1
out_has reference/missing "$one" "removed in $(git rev-parse HEAD | cut -c 1-8) (Ada Lovelace: Clean up)"
out_lacks '--fix does'
run itsm doctor --fix
code 1
is 'the reference' 1 "$(grep -c "$one" "$(path_of "$two")")"

begin 'a merge that is not settled'
ticket_desk
id=$(new ticket --title First)
gone=$(new ticket --title Gone)
file=$(path_of "$id") other=$(path_of "$gone")
must git checkout -q -b other
must itsm set "$id" title=Theirs
must itsm set "$gone" points=1
must git checkout -q main
must itsm set "$id" title=Ours
must git rm -q "$other"
must git commit -q -m gone
run git merge other -m merge
code 1
run itsm doctor
code 1
out_has "$file:3:1: error: merge/conflict" "$other: error: merge/unmerged" 'warning: merge/unfinished: a merge is under way' \
	'git merge --abort'
out_lacks "$file: error: merge/unmerged"
run itsm doctor --fix
code 1
must git merge --abort
run itsm doctor
code 0

begin 'files in another encoding, and YAML that cannot be read'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
printf 'caf\351\n' >>"$file"
run itsm doctor
code 1
out_has "$file:" text/encoding "iconv -f WINDOWS-1252 -t UTF-8 $file"
must git checkout -q "$file"
sed -i 's/^title: .*/title: [/' "$file"
run itsm doctor
code 1
out_has yaml/syntax

begin 'a desk that cannot be opened: every bad kind, and a conflict in one'
ticket_desk
printf 'kind: [\n' >policy/kinds/bad.yaml
printf 'kind: worse\nnonsense: 1\n' >policy/kinds/worse.yaml
printf '<<<<<<< ours\nkind: a\n=======\nkind: b\n>>>>>>> theirs\n' >policy/kinds/torn.yaml
run itsm list
code 3
run itsm doctor
code 1
out_has 'policy/kinds/bad.yaml:' 'policy/kinds/worse.yaml:' 'policy/kinds/torn.yaml:1:1: error: merge/conflict'
run itsm doctor --fix
code 1
rm policy/kinds/bad.yaml policy/kinds/worse.yaml policy/kinds/torn.yaml
printf 'format: 9\n' >itsm.yaml
run itsm doctor
code 1
out_has 'itsm.yaml: error: setup/desk' "format '9'"

begin 'a guard of a kind that does not compile'
ticket_desk
sed -i 's/self.points IS NOT NULL/self.nothing IS NOT NULL/' policy/kinds/ticket.yaml
run itsm doctor
code 1
out_has policy/kind 'does not compile'

begin 'what killed programs left: temporary files, a journal, a lock of git'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
temporary=${file%/*}/.itsm-0123456789abcdef~
echo half >"$temporary"
echo half >".itsm-00000000000000ff~"
touch -d 2026-11-22T09:59:30Z ".itsm-00000000000000ff~"
touch -d 2026-11-20T09:00:00Z "$temporary"
touch -d 2026-11-22T09:00:00Z .git/index.lock
run itsm doctor
code 1
out_has "$temporary: warning: left/temporary" left/lock '.git/index.lock'
out_lacks .itsm-00000000000000ff~
rm .git/index.lock
run itsm doctor --fix
code 0
is 'the temporary file' '' "$(ls "$temporary" 2>/dev/null)"
is 'the fresh one' .itsm-00000000000000ff~ "$(ls .itsm-*)"
rm .itsm-*
before=$(git rev-parse HEAD)
cp "$file" ../old
cp .git/index ../index
must itsm set "$id" points=3
cp ../old "$file"
cp ../index .git/index
printf 'itsm pending 1\nbase %s\nnext %s\n' "$before" "$(git rev-parse HEAD)" >.git/itsm/pending
run itsm doctor
code 1
out_has 'warning: left/journal' '--fix does: finish it'
[ -f .git/itsm/pending ] || problem 'it is finished already'
run itsm doctor --fix
code 0
out_has 'fixed: finish it'
is 'the field' 'points: 3' "$(grep ^points "$file")"
clean

begin 'what a killed git merge left, at the top of the repository'
must git init -q .
mkdir ops
cd ops || exit 3
desk
for name in .merge_file_a1B2c3 .merge_file_000000 .merge_file_toolong1 .merge_file_short; do
	echo half >"../$name"
	touch -d 2026-11-20T09:00:00Z "../$name"
done
touch -d 2026-11-22T09:55:00Z ../.merge_file_000000
run itsm doctor
code 1
out_has '../.merge_file_a1B2c3: warning: left/temporary' 'a git that was killed' '--fix does: remove it'
out_lacks 000000
out_lacks toolong
run itsm doctor --fix
code 0
out_has 'fixed: remove it'
is 'what is left' '.merge_file_000000 .merge_file_short .merge_file_toolong1' "$(cd .. && echo .merge_file_*)"
rm ../.merge_file_*
run itsm doctor
code 0
echo half >../.merge_file_a1B2c3
touch -d 2026-11-20T09:00:00Z ../.merge_file_a1B2c3
must git add ../.merge_file_a1B2c3
run itsm doctor --fix
code 0
is 'what is staged is somebody'"'"'s' half "$(cat ../.merge_file_a1B2c3)"

begin 'an index that does not agree with the files is built anew'
ticket_desk
id=$(new ticket --title First)
must itsm list
/usr/bin/python3 - <<'END'
# whatever the tables are called: the title is another everywhere
import glob, sqlite3
for name in glob.glob(".git/itsm/index-v*.db"):
    with sqlite3.connect(name) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").fetchall():
            for column in [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]:
                database.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE "{column}" = ?', ("Wrong", "First"))
END
run itsm list ticket
out_has Wrong
run itsm doctor
code 1
out_has 'warning: left/index'
run itsm doctor --fix
code 0
run itsm list ticket
out_has First
out_lacks Wrong

begin 'findings about content are only counted; JSON for programs'
ticket_desk
id=$(new ticket --title First)
file=$(path_of "$id")
sed -i 's/^severity: low/severity: none/' "$file"
must git commit -q -a -m bad
run itsm doctor
code 0
err_has '1 finding about' 'itsm check'
must git mv "$file" "operation/tickets/$id.md"
must git commit -q -m wrong
run itsm doctor --format json
code 1
is 'the rows' "path/place operation/tickets/$id.md move it to $file False" "$(/usr/bin/python3 - "$top/out" <<'END'
import json, sys
data = json.load(open(sys.argv[1], encoding="utf-8"))
assert data["schema_version"] == 1 and data["command"] == "doctor", data
for row in data["records"]:
    print(row["rule"], row["path"], row["fix"], row["fixed"])
END
)"
run itsm doctor --fix --format json
code 0
out_has '"fixed":true' '"commit":"'

begin 'a bare repository, and none'
desk
must git clone -q --bare . ../bare.git
cd ../bare.git || exit 3
run itsm doctor
code 0
run itsm -C / doctor
code 3
err_has 'itsm init'
run itsm doctor word
code 2

finish
