#!/bin/sh
# What the suites do in seconds, done for long: writers side by side, writers killed, calls that fail.
#
#   sh tests/soak.sh                    everything (more than an hour)
#   sh tests/soak.sh writers faults     these parts of it
#
# Parts: writers (16 writers of 200 writes each, readers and plain git beside them), kills (1,000 writers killed at any
# moment), faults (every call of every write fails once, for each reason), walls (a full disk, closed folders, signals
# without end), histories (3,000 steps of whatever git and people do to a desk, the index compared with one made anew
# after each), syncs (8 clones that write and sync at once, 10 rounds each).
# Builds build/release. Prints TAP; fails when a part did.
set -u
cd "$(dirname "$0")/.." || exit 3
# shellcheck source=tests/packages.sh
. tests/packages.sh
need_packages test
[ -f build/release/build.ninja ] || meson setup -Dbuildtype=release build/release >/dev/null || exit 3
ninja --quiet -C build/release || exit 3
ITSM=$PWD/build/release/cmd/itsm
ITSM_RELEASE=$ITSM
PYTHONDONTWRITEBYTECODE=1
export ITSM ITSM_RELEASE PYTHONDONTWRITEBYTECODE
shim=$PWD/build/release/tests/soak/faults.so
failed=0

part() { # seconds are told behind it
	begun=$(date +%s)
	"$@"
	code=$?
	[ "$code" -eq 0 ] || [ "$code" -eq 77 ] || failed=1
	echo "# $* took $(($(date +%s) - begun)) s"
}

[ $# -gt 0 ] || set -- writers kills faults walls histories syncs
for name; do
	case $name in
	writers) ITSM_PLAIN=1 ITSM_WRITES=200 part sh tests/cli/writers.sh ;;
	kills)
		part python3 tests/soak/kill.py 500 alone
		part python3 tests/soak/kill.py 500 all
		;;
	faults) part python3 tests/soak/faults.py "$shim" ;;
	walls)
		part python3 tests/soak/walls.py full
		part python3 tests/soak/walls.py closed
		part python3 tests/soak/walls.py storm "$shim"
		;;
	histories)
		for seed in 1 2 3; do
			part python3 tests/soak/histories.py 1000 --seed "$seed"
		done
		;;
	syncs) ITSM_ROUNDS=10 part sh tests/cli/sync.sh ;;
	*)
		echo "there is no part '$name'; see the head of $0" >&2
		exit 2
		;;
	esac
done
exit "$failed"
