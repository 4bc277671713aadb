#!/bin/sh
# Speed and size against plain git doing the same, as ratios measured in one run.
#
#   sh tests/bench.sh            the real log: 20,769 incidents; fails when a figure is missed
#   sh tests/bench.sh --short    its first 1,000 incidents; prints figures, judges none
#
# ITSM_RELEASE names the binary; without it build/release is made. ITSM_DATA names the data.
set -u
cd "$(dirname "$0")/.." || exit 3
: "${ITSM_DATA:=$PWD/../shared/data}"
if [ ! -f "$ITSM_DATA/uci-incidents/incident_event_log.csv.gz" ]; then
	echo "1..0 # SKIP no uci-incidents in the data folder (ITSM_DATA)"
	exit 77
fi
if [ -z "${ITSM_RELEASE-}" ]; then
	# shellcheck source=tests/packages.sh
	. tests/packages.sh
	need_packages test
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
exec /usr/bin/python3 tests/bench/bench.py "$@"
