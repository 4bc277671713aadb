#!/bin/sh
# Calls that fail, a disk that is full, folders that may not be written, signals without end: a write happens or does
# not, says which, and leaves nothing half done. The short form of `sh tests/soak.sh faults`.
# Runs on the release build: a sanitizer will not have anything put before it.
[ ! -x "${ITSM_RELEASE-}" ] || ITSM=$ITSM_RELEASE
repository_root=$(cd "$(dirname "$0")/../.." && pwd)
: "${ITSM:=$repository_root/build/release/cmd/itsm}"
shim=$(dirname "$ITSM")/../tests/soak/faults.so
soak=$repository_root/tests/soak
tests=0
bad=0
PYTHONDONTWRITEBYTECODE=1
export ITSM PYTHONDONTWRITEBYTECODE

trial() { # program argument ...
	program=$1
	shift
	tests=$((tests + 1))
	said=$(/usr/bin/python3 "$soak/$program" "$@" 2>&1)
	code=$?
	case $code in
	0 | 77) ;;
	*) bad=$((bad + 1)) ;;
	esac
	printf '%s\n' "$said" | sed -n "s/^1\.\.0 # SKIP/ok $tests - # SKIP/p; s/^ok/ok $tests/p; s/^not ok/not ok $tests/p; /^#/p"
	case $said in
	*'ok - '* | *SKIP*) ;;
	*) printf 'not ok %s - %s ends\n%s\n' "$tests" "$program" "$said" ;;
	esac
}

if [ ! -f "$shim" ] || nm -D "$ITSM" 2>/dev/null | grep -q __asan_init; then
	echo "1..0 # SKIP faults are made in a release build: ITSM=build/release/cmd/itsm"
	exit 0
fi
trial faults.py "$shim" --trials 40 --seed "$(date +%j)"
trial faults.py "$shim" --calls ,send, --errors EIO --commands set,move # git hears only half of what it is to do
trial walls.py full --short
trial walls.py closed --short
trial walls.py storm "$shim" --short
echo "1..$tests"
[ "$bad" -eq 0 ]
