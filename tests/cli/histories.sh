#!/bin/sh
# Whatever git and people do to a desk, the index says what one made anew says.
# The short form of `sh tests/soak.sh histories`, another history each day.
# Runs on the release build where there is one: it gets further in the time.
[ ! -x "${ITSM_RELEASE-}" ] || ITSM=$ITSM_RELEASE
repository_root=$(cd "$(dirname "$0")/../.." && pwd)
: "${ITSM:=$repository_root/build/release/cmd/itsm}"
PYTHONDONTWRITEBYTECODE=1
export ITSM PYTHONDONTWRITEBYTECODE
said=$(/usr/bin/python3 "$repository_root/tests/soak/histories.py" 150 --seed "$(date +%Y%j)" 2>&1)
code=$?
case $said in
*'ok - '*) printf '%s\n' "$said" | sed "s/^ok/ok 1/; s/^not ok/not ok 1/" ;;
*) printf 'not ok 1 - histories.py ends\n%s\n' "$said" | sed '2,$s/^/# /' ;;
esac
echo "1..1"
exit "$code"
