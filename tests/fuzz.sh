#!/bin/sh
# Fuzz the readers with libFuzzer: each of tests/fuzz/*.c, its corpus in tests/fuzz/corpus/<name>/.
#
#   sh tests/fuzz.sh [SECONDS] [TARGET ...]   default 60 seconds each, all targets
#   sh tests/fuzz.sh --short                  replay the corpora, then 4 seconds each
#
# What crashes is left in build/fuzz/<name>-crash-*; add it to the corpus when it is mended.
set -u
cd "$(dirname "$0")/.." || exit 3
seconds=60
case ${1-} in
--short) seconds=4; shift ;;
[0-9]*) seconds=$1; shift ;;
esac
wanted=$*
if ! command -v clang >/dev/null; then
	echo "1..0 # SKIP clang is not installed"
	exit 0
fi
build=build/fuzz
mkdir -p build
sanitizers=address,undefined
configure() {
	[ -f "$build/build.ninja" ] || CC=clang meson setup -Doptimization=1 -Ddebug=true -Db_sanitize=$sanitizers \
		-Db_lundef=false "-Dc_args=-g1 -fsanitize=fuzzer-no-link" "$build"
}
libraries() {
	ninja -C "$build" -t targets all | sed -n "s/^\\(lib\/\\(base\\|text\\|model\\|logic\\|store\\|index\\|desk\\)\/.*\\.a\\): .*/\\1/p"
}
compile() {
	# shellcheck disable=SC2046 # names of our own libraries
	configure && ninja --quiet -C "$build" $(libraries)
}
if ! compile >build/fuzz.log 2>&1; then
	echo "not ok 1 - the fuzz targets build"
	tail -n 40 build/fuzz.log | sed 's/^/# /'
	echo "1..1"
	exit 1
fi
# the libraries lean on each other in both directions of the list
archives=$(libraries | sed "s,^,$build/,")
needs=$(pkg-config --libs yaml-0.1 libcmark libgit2 sqlite3 libical jansson zlib libmd 2>/dev/null || echo -lyaml -lcmark)

number=0
failed=0
result() { # ok name details
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		failed=1
		echo "not ok $number - $2"
		tail -n 40 "$3" | sed 's/^/# /'
	fi
}
for source in tests/fuzz/*.c; do
	name=$(basename "$source" .c)
	[ -z "$wanted" ] || case " $wanted " in *" $name "*) ;; *) continue ;; esac
	# shellcheck disable=SC2086 # words on purpose
	clang -g -O1 -fsanitize=fuzzer,$sanitizers -std=gnu11 -D_GNU_SOURCE -Iinclude -Ilib "$source" \
		-Wl,--start-group $archives -Wl,--end-group $needs -lcsv -lm -o "$build/$name" >"$build/$name.log" 2>&1 || {
		result 1 "$name builds" "$build/$name.log"
		continue
	}
	corpus=tests/fuzz/corpus/$name
	if [ -d "$corpus" ]; then
		"$build/$name" -rss_limit_mb=2048 -timeout=20 -artifact_prefix="$build/$name-" "$corpus"/* \
			>"$build/$name.log" 2>&1
		result $? "$name takes its corpus" "$build/$name.log"
	fi
	found=$build/found-$name
	mkdir -p "$found"
	set -- "$found" # what is new goes here, not into the source tree
	[ -d "$corpus" ] && set -- "$@" "$corpus"
	"$build/$name" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 -timeout=20 \
		-artifact_prefix="$build/$name-" "$@" >"$build/$name.log" 2>&1
	result $? "$name is fuzzed for $seconds s" "$build/$name.log"
done
echo "1..$number"
[ "$failed" -eq 0 ]
