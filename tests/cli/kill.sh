#!/bin/sh
# Writers that are killed at any moment leave a sound repository, no half record, and the next one goes on.
# The short form of `sh tests/soak.sh kills`.
# Runs on the release build where there is one: it is quick enough to be killed everywhere.
[ ! -x "${ITSM_RELEASE-}" ] || ITSM=$ITSM_RELEASE
repository_root=$(cd "$(dirname "$0")/../.." && pwd)
: "${ITSM:=$repository_root/build/release/cmd/itsm}"
PYTHONDONTWRITEBYTECODE=1
export ITSM PYTHONDONTWRITEBYTECODE
number=0
bad=0
for whom in alone all; do
	number=$((number + 1))
	said=$(/usr/bin/python3 "$repository_root/tests/soak/kill.py" 42 $whom 2>&1) || bad=1
	case $said in
	*'ok - '*) printf '%s\n' "$said" | sed "s/^ok/ok $number/; s/^not ok/not ok $number/" ;;
	*) printf 'not ok %s - kill.py ends\n%s\n' "$number" "$said" ;;
	esac
done
echo "1..$number"
exit "$bad"
