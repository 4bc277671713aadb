#!/bin/sh
# Every public header compiles alone, strictly, in C and in C++, and itsm.h takes them all in.
set -u
cd "$(dirname "$0")/../.." || exit 3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
number=0
failed=0
check() { # what, command ...
	what=$1
	shift
	number=$((number + 1))
	if "$@" >"$folder/said" 2>&1; then
		echo "ok $number - $what"
	else
		echo "not ok $number - $what"
		sed 's/^/# /' "$folder/said"
		failed=1
	fi
}
for header in include/itsm/*.h include/itsm.h; do
	name=${header#include/}
	printf '#include <%s>\n#include <%s>\nint main(void);\n' "$name" "$name" >"$folder/alone.c"
	check "$name compiles alone" cc -std=c99 -pedantic -Wall -Wextra -Wstrict-prototypes -Wundef -Werror \
		-Iinclude -fsyntax-only "$folder/alone.c"
	if command -v c++ >/dev/null; then
		check "$name compiles as C++" c++ -std=c++11 -pedantic -Wall -Wextra -Wundef -Werror -Iinclude -fsyntax-only \
			-x c++ "$folder/alone.c"
	fi
	case $header in
	include/itsm/*) check "itsm.h includes $name" grep -qF "\"$name\"" include/itsm.h ;;
	esac
done
echo "1..$number"
[ "$failed" -eq 0 ]
