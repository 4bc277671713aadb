#!/bin/sh
# The layers hold: a folder of lib/ includes headers of its own or lower layers only,
# cmd/ the public ones only; libgit2 stays in lib/store and SQLite in lib/index.
set -u
cd "$(dirname "$0")/../.." || exit 3

# Which layer a public header belongs to. A header that is missing here fails the gate.
layer_of() {
	case $1 in
	error | export | file | finding | id | library | memory | time | utf8) echo 0 ;;
	yaml | mail | markdown | json | csv | emit | report) echo 1 ;;
	calendar | class | digest | kind | matrix | metric | record | risk | rule | standing | zone) echo 2 ;;
	chance | collision | impact | merge | metrics | oncall | quorum | sla) echo 3 ;;
	store) echo 4 ;;
	clock | index | plan | sql) echo 5 ;;
	approval | audit | configuration | desk | event | exchange | gate | hook | import | incident | mailbox | measure | pipeline | reconcile | release | request | review | schedule | service_level | trend | warehouse) echo 6 ;;
	*) echo none ;;
	esac
}

number_of() {
	case $1 in
	base) echo 0 ;; text) echo 1 ;; model) echo 2 ;; logic) echo 3 ;;
	store) echo 4 ;; index) echo 5 ;; desk) echo 6 ;; *) echo none ;;
	esac
}

bad=$(mktemp)
trap 'rm -f "$bad"' EXIT

# FILE LAYER FOLDER: every include of the file is allowed there
check_file() {
	grep -n '^[[:space:]]*#[[:space:]]*include' "$1" | while IFS= read -r line; do
		number=${line%%:*}
		name=$(printf '%s\n' "$line" | sed 's/^[^"<]*["<]\([^">]*\)[">].*/\1/')
		case $name in
		itsm/*.h)
			of=$(layer_of "$(basename "$name" .h)")
			if [ "$of" = none ]; then
				echo "$1:$number: $name is in no layer; add it to tests/gates/layers.sh"
			elif [ "$of" -gt "$2" ]; then
				echo "$1:$number: $name belongs to a higher layer"
			fi ;;
		itsm.h)
			[ "$2" -eq 7 ] || echo "$1:$number: $name is for users of the library" ;;
		git2.h | git2/*)
			[ "$2" -eq 4 ] || echo "$1:$number: only lib/store uses libgit2" ;;
		sqlite3.h)
			[ "$2" -eq 5 ] || echo "$1:$number: only lib/index uses SQLite" ;;
		yaml.h | cmark.h | jansson.h)
			[ "$2" -eq 1 ] || echo "$1:$number: only lib/text uses $name" ;;
		*..*)
			case $(realpath -m --relative-to=. "$(dirname "$1")/$name") in
			"$3"/*) ;;
			*) echo "$1:$number: $name leaves its folder" ;;
			esac ;;
		*)
			case $line in
			*\"*) [ -f "$(dirname "$1")/$name" ] || case $name in
				*_generated.h | *_source.h | kinds*.h) ;;
				*) echo "$1:$number: $name is not in this folder" ;;
				esac ;;
			esac ;;
		esac
	done
}

check_all() {
	for folder in lib/*/; do
		folder=${folder%/}
		layer=$(number_of "$(basename "$folder")")
		[ "$layer" != none ] || { echo "$folder is no layer; add it to tests/gates/layers.sh"; continue; }
		find "$folder" -name '*.[ch]' | sort | while IFS= read -r file; do check_file "$file" "$layer" "$folder"; done
	done
	find cmd -name '*.[ch]' | sort | while IFS= read -r file; do check_file "$file" 7 cmd; done
	# a public header includes public headers of its own or lower layers
	for file in include/itsm/*.h; do
		layer=$(layer_of "$(basename "$file" .h)")
		[ "$layer" != none ] || { echo "$file is in no layer; add it to tests/gates/layers.sh"; continue; }
		check_file "$file" "$layer" include/itsm
	done
}

check_all >"$bad"
if [ -s "$bad" ]; then
	echo "not ok 1 - includes keep to the layers"
	sed 's/^/# /' "$bad"
else
	echo "ok 1 - includes keep to the layers"
fi
echo "1..1"
[ ! -s "$bad" ]
