#!/bin/sh
# Every test. Installs what is missing, builds, runs the suites side by side and ends
# with the line "N passed, N failed, N skipped"; fails when a test did.
#
#   sh tests/run.sh                  everything
#   sh tests/run.sh cli/move unit/   the suites whose names begin so
#
# A suite prints TAP (ok, not ok, # SKIP). One that says nothing in TAP counts as one
# test by its exit code (77 = skipped); one that ends early counts as a failure.
# Real input is looked for in $ITSM_DATA, else in ../shared/data beside the repository.
set -u
cd "$(dirname "$0")/.." || exit 3
root=$PWD
build=$root/build
jobs=$(nproc 2>/dev/null || echo 2)
results=$build/results

run_suite() { # name: the command of a suite
	case $1 in
	unit/*) run_unit "${1#unit/}" ;;
	cli/*) sh "tests/$1.sh" ;;
	gates/*) sh "tests/$1.sh" ;;
	fuzz) sh tests/fuzz.sh --short ;;
	bench) sh tests/bench.sh --short ;;
	esac
}

# The programs that meson knows as tests, with their arguments: "name<TAB>command".
list_units() {
	meson introspect --tests "$build/check" | python3 -c '
import json, shlex, sys
for test in json.load(sys.stdin):
    words = ["env"] + [f"{name}={value}" for name, value in test["env"].items()] + test["cmd"]
    print(test["name"].replace(" ", "-").replace("/", "-"), " ".join(map(shlex.quote, words)), sep="\t")'
}

run_unit() {
	command=$(awk -F '\t' -v name="$1" '$1 == name { print $2 }' "$build/units")
	(cd "$build/check" && CMOCKA_MESSAGE_OUTPUT=TAP sh -c "$command") # where meson runs them
}

# Count the tests in a suite's TAP: "passed failed skipped".
count() { # file code
	awk -v code="$2" '
		/^1\.\.[0-9]+/ { plan += substr($1, 4) }
		/^(not )?ok .*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
		/^1\.\.0 *# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
		/^ok / { passed++ }
		/^not ok / { failed++ }
		END {
			seen = passed + failed + skipped
			if (!seen && code == 77) skipped = 1
			else if (!seen && code == 0) passed = 1
			else if (code == 77 && seen == skipped) code = 0
			else if (!failed && (code != 0 || seen < plan)) failed++
			print passed + 0, failed + 0, skipped + 0
		}' "$1"
}

one() { # name: run a suite, show its failures, leave its counts
	file=$results/$(echo "$1" | tr / -)
	begun=$(date +%s)
	timeout 900 sh tests/run.sh --run "$1" >"$file.tap" 2>"$file.err" </dev/null
	code=$?
	[ "$code" -ne 124 ] || echo "not ok - ended within 900 seconds" >>"$file.tap"
	count "$file.tap" "$code" >"$file.count"
	read -r passed failed skipped <"$file.count"
	{
		echo "$1: $passed passed, $failed failed, $skipped skipped ($(($(date +%s) - begun)) s)"
		if [ "$failed" -gt 0 ]; then
			awk '/^ok / { shown = 0 } /^not ok / && !/# *SKIP/ { shown = 1 } shown || !/^(ok|not ok|1\.\.|#)/' "$file.tap" |
				sed 's/^/    /'
			tail -n 60 "$file.err" | sed 's/^/    /'
			[ "$code" -eq 0 ] || echo "    ended with $code"
		else
			sed -n 's/^.*# *SKIP */    skipped: /p' "$file.tap" | sort | uniq -c | sed 's/^ *\([0-9]*\) */    \1 x /'
			[ "$1" != bench ] || sed 's/^# /    /; /^    /!d' "$file.tap"
		fi
	} >"$file.shown"
	cat "$file.shown"
}

configure() { # folder options
	folder=$build/$1
	shift
	[ -f "$folder/build.ninja" ] || meson setup "$@" "$folder" || return 1
}

# The suites start the binary some ten thousand times. To tell the sanitizer of each global costs a start 9 ms of
# 21; arrays are watched by the other one as well, and the fuzzers' build has the globals.
without_globals() {
	option=--param=asan-globals=0
	echo 'int main(void) { return 0; }' | cc -fsanitize=address "$option" -xc -o /dev/null - 2>/dev/null && echo "$option"
}

prepare() {
	configure check -Doptimization=1 -Ddebug=true "-Dc_args=-g1 $(without_globals)" -Dwerror=true \
		-Db_sanitize=address,undefined -Db_lundef=false &&
	configure release -Dbuildtype=release -Dwerror=true &&
	ninja --quiet -C "$build/check" all meson-test-prereq &&
	ninja --quiet -C "$build/release"
}

case ${1-} in
--suite) one "$2"; exit 0 ;;
--run) run_suite "$2"; exit ;;
esac

# shellcheck source=tests/packages.sh
. tests/packages.sh
need_packages test

mkdir -p "$build"
ITSM=$build/check/cmd/itsm
ITSM_RELEASE=$build/release/cmd/itsm
ITSM_DATA=${ITSM_DATA:-$root/../shared/data}
# strstr: with it libgit2, as it starts, looks through all certificates of the machine; watched, that was an eighth of the time
ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99:allocator_may_return_null=0:intercept_strstr=0
UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=99
# libgit2 1.5 forgets the match data of regular expressions
printf 'leak:libpcre2\n' >"$build/leaks"
LSAN_OPTIONS=exitcode=99:suppressions=$build/leaks:print_suppressions=0
export ITSM ITSM_RELEASE ITSM_DATA ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS
# where a tracer or a container forbids what the leak detector needs, do without it
leak_check_works() {
	printf 'int main(void) { return 0; }\n' >"$build/leak.c" &&
	cc -fsanitize=address "$build/leak.c" -o "$build/leak" && "$build/leak"
}

# Desks in memory where there is room for them: the tests wait for the disk no more than they must.
memory_fits() {
	probe=$(mktemp /dev/shm/itsm-test.XXXXXX 2>/dev/null) || return 1
	printf '#!/bin/sh\nexit 0\n' >"$probe" && chmod +x "$probe" && "$probe" 2>/dev/null &&
		[ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -ge 2097152 ] &&
		[ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -ge 6291456 ]
	fits=$?
	rm -f "$probe"
	return "$fits"
}

rm -rf "$results"
mkdir "$results"
echo "building"
if ! prepare >"$build/log" 2>&1; then
	tail -n 80 "$build/log"
	echo "the build failed; the whole log is in build/log"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
if ! leak_check_works >/dev/null 2>&1; then
	echo "the leak detector does not work here: leaks are not looked for"
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
fi
if ! list_units >"$build/units" || [ ! -s "$build/units" ]; then
	echo "the unit tests are not there: meson found no cmocka"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi

disk=${TMPDIR-}
if [ -z "$disk" ] && memory_fits; then
	TMPDIR=/dev/shm
	export TMPDIR
fi

suites() {
	echo fuzz
	cut -f 1 "$build/units" | sed 's,^,unit/,'
	for file in tests/cli/*.sh tests/gates/*.sh; do # the gates are short: they fill the end
		[ "$file" = tests/cli/lib.sh ] || echo "${file#tests/}" | sed 's/\.sh$//'
	done
}
suites | while read -r name; do
	[ $# -eq 0 ] && echo "$name"
	for begin; do
		case $name in "$begin"*) echo "$name" ;; esac
	done
done >"$build/suites"
# the sum is made of what was started, so that a suite that vanishes is a failure
tr '\n' '\0' <"$build/suites" | xargs -0 -n 1 -P "$jobs" sh tests/run.sh --suite
if [ $# -eq 0 ]; then # alone, and on the disk: it measures
	echo bench >>"$build/suites"
	TMPDIR=${disk:-/tmp} sh tests/run.sh --suite bench
fi

while read -r name; do
	file=$results/$(echo "$name" | tr / -).count
	if [ -s "$file" ]; then cat "$file"; else echo "0 1 0"; fi
done <"$build/suites" >"$build/counts"
read -r passed failed skipped <<END
$(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$build/counts")
END
[ -s "$build/suites" ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
