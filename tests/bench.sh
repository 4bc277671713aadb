#!/bin/sh
# Speed and size against plain git and against peers doing the same, as ratios measured in one run.
#
#   sh tests/bench.sh              a real log, desks of 1,000, 10,000 and 100,000 records, peers;
#                                  fails when a figure is missed (takes some ten minutes)
#   sh tests/bench.sh --million    a desk of 1,000,000 records too (half an hour more, 12 GB of disk)
#   sh tests/bench.sh --short      1,000 records; prints figures, judges none
#   sh tests/bench.sh --help       what else there is
#
# ITSM_RELEASE names the binary; without it build/release is made. ITSM_DATA names the data.
set -u
cd "$(dirname "$0")/.." || exit 3
: "${ITSM_DATA:=$PWD/../shared/data}"
# shellcheck source=tests/packages.sh
. tests/packages.sh
case " $* " in
*" --short "*) ;;
*) need_packages bench ;;
esac
if [ -z "${ITSM_RELEASE-}" ]; then
	need_packages build
	mkdir -p build
	{
		[ -f build/release/build.ninja ] || meson setup -Dbuildtype=release -Dwerror=true build/release
		ninja --quiet -C build/release cmd/itsm
	} >build/log 2>&1 || {
		tail -n 40 build/log >&2
		exit 3
	}
	ITSM_RELEASE=$PWD/build/release/cmd/itsm
fi
export ITSM_DATA ITSM_RELEASE
PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 tests/bench/bench.py "$@"
