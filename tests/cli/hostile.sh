#!/bin/sh
# Records that mean harm are refused or shown harmless, in bounded time and memory.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Reading commands on a desk with this file in it: each ends in time, none crashes; check names the file.
survives() { # path
	for words in 'list --format json' 'list' status 'check' 'check --format json' "show $(basename "${1%.*}")" 'list fire' 'log'; do
		# shellcheck disable=SC2086 # words on purpose
		run timeout 20 itsm $words
		[ "$got" -le 3 ] || problem "\$ itsm $words ended with $got" "$(head -n 30 "$top/err")"
	done
	run timeout 20 itsm check
	code 1
	out_has "$1:"
	run timeout 20 itsm list incident "id:$good" --format id
	code 0
	out "$good"
}

hostile() {
	desk
	good=$(new incident --title Good impact=3 urgency=3)
	path=operation/incidents/2026/11/INC-00000001.md
}

commit_it() {
	must git add -A .
	must git commit -qm 'hostile'
}

begin '100 kB of {'
hostile
/usr/bin/python3 -c 'print("---\ntitle: " + "{" * 100000 + "\n---")' >$path
survives $path
commit_it
survives $path

begin '100 kB of ['
hostile
/usr/bin/python3 -c 'print("---\ntitle: " + "[" * 100000 + "\n---")' >$path
survives $path

begin 'a thousand levels of block mappings'
hostile
/usr/bin/python3 -c 'print("---"); [print(" " * i + "a:") for i in range(1000)]; print("---")' >$path
survives $path

begin 'a billion laughs'
hostile
/usr/bin/python3 -c '
print("---\na0: &a0 [x,x,x,x,x,x,x,x,x]")
[print(f"a{i}: &a{i} [" + ",".join([f"*a{i-1}"] * 9) + "]") for i in range(1, 10)]
print("---")' >$path
survives $path

begin 'a hundred thousand keys'
hostile
/usr/bin/python3 -c 'print("---"); [print(f"k{i}: v") for i in range(100000)]; print("---")' >$path
survives $path

begin 'lines of 1 MiB: a title, a body, a comment'
hostile
/usr/bin/python3 -c 'print("---\nstate: new\ntitle: " + "x" * (1 << 20) + "\n---\n")' >$path
survives $path
/usr/bin/python3 -c 'print("---\nstate: new\n# " + "x" * (1 << 20) + "\ntitle: T\n---\n" + "y" * (1 << 20))' >$path
run timeout 20 itsm show INC-00000001
[ "$got" -le 3 ] || problem "show ended with $got"

begin 'a file that is far too big'
hostile
/usr/bin/python3 -c 'print("---\nstate: new\ntitle: T\n---\n" + "word " * (1 << 24))' >$path
survives $path

begin 'NUL, invalid UTF-8, a lone surrogate, over-long forms'
hostile
for bytes in '\0000' '\0377' '\0355\0240\0200' '\0300\0257' '\0364\0220\0200\0200'; do
	printf '%b' "---\nstate: new\ntitle: a${bytes}b\n---\n" >$path
	survives $path
done

begin 'duplicate keys, anchors, aliases, tags, merge keys, several documents'
hostile
for text in 'title: T\ntitle: U' 'title: &a T' 'title: *a' 'title: !!python/object:os.system T' '<<: {title: T}' \
	'title: T\n...\n---\ntitle: U' '? [a, b]\n: c' '%YAML 1.1\n---\ntitle: T'; do
	printf '%b' "---\nstate: new\n$text\n---\n" >$path
	survives $path
done

begin 'terminal escapes in a title reach no terminal'
desk
title=$(printf 'a\033[31mred\033]0;owned\007b')
mkdir -p operation/incidents/2026/11
printf -- '---\nstate: new\ntitle: "a\\e[31mred\\e]0;owned\\ab\\u202Ec\\u009b31m"\nimpact: 3\nurgency: 3\n---\n\n## Description\n\nbody \033[2J end\n' \
	>operation/incidents/2026/11/INC-00000001.md
commit_it
for words in 'list incident' 'show INC-00000001' 'log' 'log INC-00000001' 'check' 'status' 'next INC-00000001' 'diff HEAD~1..HEAD' \
	'list incident --format csv' 'list incident --format json' 'show INC-00000001 --format json'; do
	# shellcheck disable=SC2086 # words on purpose
	run itsm $words
	cat "$top/out" "$top/err" >"$top/all"
	if LC_ALL=C grep -q "$(printf '[\001-\010\013\014\016-\037\177]')" "$top/all" || LC_ALL=C grep -qF "$(printf '\302\233')" "$top/all"; then
		case $words in
		*csv*) ;; # a program's format: the field as it is
		*) problem "\$ itsm $words" "control characters in:" "$(cat -v "$top/all" | head -n 20)" ;;
		esac
	fi
done
run itsm new incident --title "$title" impact=3 urgency=3
[ "$got" -ne 0 ] || { run itsm list incident; out_lacks "$(printf '\033')"; }
run itsm "$(printf 'no\033[31mcommand')"
code 2
err_lacks "$(printf '\033')"
run itsm show "$(printf 'INC-\033[31m')"
err_lacks "$(printf '\033')"

begin 'paths in IDs and words lead nowhere'
desk
echo secret >../secret.yaml
for word in ../secret ../../etc/passwd /etc/passwd 'INC-../../..' '..' '.' './itsm' '' 'a/../b' 'people/../../secret' "$(printf 'x\ny')"; do
	run itsm show "$word"
	[ "$got" -eq 2 ] || [ "$got" -eq 3 ] || problem "\$ itsm show $word ended with $got" "$(cat "$top/out")"
	out ''
	run itsm new item "id=$word" --title T
	[ "$got" -eq 2 ] || [ "$got" -eq 1 ] || problem "\$ itsm new item id=$word ended with $got"
	run itsm note "$word" -m text
	[ "$got" -eq 2 ] || [ "$got" -eq 3 ] || problem "\$ itsm note $word ended with $got"
	run itsm new note "record=$word" --body-file /dev/null
	[ "$got" -ge 1 ] || problem "\$ itsm new note record=$word ended with $got"
done
clean
is 'the neighbour' secret "$(cat ../secret.yaml)"

begin 'symbolic links are not followed, neither to read nor to write'
desk
id=$(new incident --title Good impact=3 urgency=3)
printf -- '---\nstate: new\ntitle: Stolen\nimpact: 3\nurgency: 3\n---\n' >../outside.md
ln -s ../../../../../outside.md operation/incidents/2026/11/INC-00000002.md
mkdir ../folder
ln -s ../../folder transition/items 2>/dev/null || ln -s ../folder transition/items
run itsm list --format json
code 0
out_lacks Stolen
run itsm show INC-00000002
[ "$got" -ne 0 ] || problem 'a link was followed to show a record'
out_lacks Stolen
run itsm check
code 1
out_has INC-00000002.md
run itsm set INC-00000002 title=Written
[ "$got" -ne 0 ] || problem 'a link was written'
run itsm new item id=db-1 --title DB
[ "$got" -ne 0 ] || problem 'a record was written through a linked folder'
is 'the folder outside' '' "$(ls ../folder)"
must git fsck --strict

begin 'a linked itsm.yaml, a linked kind'
desk
mkdir policy/kinds
printf 'kind: evil\npillar: operation\nfolder: operation/evil\nfile: yaml\nfiled: slug\nfields: {title: {type: string}}\n' >../evil.yaml
ln -s ../../../evil.yaml policy/kinds/evil.yaml
run itsm kinds
[ "$got" -ne 0 ] || out_lacks evil

begin 'a committed link, and a folder where a record should be'
desk
mkdir -p operation/incidents/2026/11/INC-00000003.md
echo x >operation/incidents/2026/11/INC-00000003.md/file
ln -s /etc/passwd operation/incidents/2026/11/INC-00000004.md
commit_it
for words in list status 'list --at HEAD' 'log' 'show INC-00000004 --at HEAD'; do
	# shellcheck disable=SC2086 # words on purpose
	run timeout 20 itsm $words
	[ "$got" -le 3 ] || problem "\$ itsm $words ended with $got"
	out_lacks root:
done

begin 'device files and pipes do not block'
desk
mkdir -p operation/incidents/2026/11
mkfifo operation/incidents/2026/11/INC-00000005.md
run timeout 20 itsm list incident
[ "$got" -le 3 ] || problem "list ended with $got"
run timeout 20 itsm check
[ "$got" -le 3 ] || problem "check ended with $got"
run timeout 20 itsm show INC-00000005
[ "$got" -le 3 ] || problem "show ended with $got"

begin 'hostile kinds are refused with their place'
desk
mkdir -p policy/kinds
for text in 'kind: x\nkind: y' '{{{{' 'kind: ../x\npillar: operation\nfolder: ../../x\nfile: md' \
	'kind: x\npillar: operation\nfolder: .git/hooks\nfile: yaml\nfiled: slug' 'kind: x y'; do
	printf '%b' "$text" >policy/kinds/x.yaml
	run timeout 20 itsm list
	code 3
	err_has policy/kinds/x.yaml
done

begin 'SQL of a kind can only read the desk, within bounds'
ticket_desk
id=$(new ticket --title T points=1)
must itsm move "$id" doing
for sql in "load_extension('x')" "(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT count(*) FROM c) > 0" \
	"length(hex(zeroblob(900000000))) > 0" "(SELECT count(*) FROM sqlite_master) > 0" "1); DROP TABLE record; --"; do
	sed "s/must: \"self.points IS NOT NULL\"/must: \"$(printf '%s' "$sql" | sed 's/[&/\]/\\&/g')\"/" policy/kinds/ticket.yaml >"$top/kind"
	cp "$top/kind" policy/kinds/ticket.yaml
	run timeout 60 itsm move "$id" fixed
	case $got in
	[123]) ;;
	*) problem "$sql: move ended with $got" ;;
	esac
	must git checkout -q policy/kinds/ticket.yaml
done
sound

begin 'qualifiers are data, not SQL'
desk
id=$(new incident --title Good impact=3 urgency=3)
for word in "title:' OR 1=1 --" "title:'; DROP TABLE x; --" 'title:%' 'title:_' "x' OR '1'='1" '"' "'" "\\" '*' '%'; do
	run itsm list incident "$word"
	[ "$got" -eq 0 ] || [ "$got" -eq 2 ] || problem "list $word ended with $got"
	out_lacks "$id"
done
sound

finish
