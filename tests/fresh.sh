#!/bin/sh
# Prove that a machine with nothing but git is enough: the tour and the tests in a
# folder made by debootstrap. Takes root and some ten minutes.
#
#   sh tests/fresh.sh [SUITE [MIRROR]]     default: bookworm, debootstrap's own mirror
#
# A suite of Ubuntu (noble) is made with universe. Where its keyring is not at hand, DEBOOTSTRAP_OPTIONS=--no-check-gpg.
# What is committed at HEAD is tested. The machine's own apt settings and proxies are
# used; ITSM_DATA (default ../shared/data) is laid beside the clone when it is there.
# KEEP=1 leaves the folder.
set -eu
cd "$(dirname "$0")/.."
suite=${1:-bookworm}
mirror=${2-}
data=${ITSM_DATA:-../shared/data}

[ "$(id -u)" -eq 0 ] || { echo "fresh.sh has to be run by root: it makes a root folder for chroot" >&2; exit 3; }
command -v debootstrap >/dev/null || { echo "debootstrap is missing; run: apt-get install debootstrap" >&2; exit 3; }

folder=$(mktemp -d /var/tmp/itsm-fresh.XXXXXX)
chmod 755 "$folder" # it becomes /, which everybody may enter
leave() {
	if [ -n "${KEEP-}" ]; then echo "kept: $folder"; else rm -rf --one-file-system "$folder"; fi
}
trap leave EXIT
trap 'exit 130' INT TERM

script=/usr/share/debootstrap/scripts/$suite
components=main
# all of Ubuntu is made by one script
[ "$(basename "$(readlink -f "$script")")" != gutsy ] || components=main,universe

echo "making $suite with nothing but git"
# shellcheck disable=SC2086 # several words
debootstrap --variant=minbase --components="$components" --include=git,ca-certificates ${DEBOOTSTRAP_OPTIONS-} "$suite" "$folder" ${mirror:+"$mirror"} >"$folder.log" 2>&1 || {
	tail -n 20 "$folder.log"
	rm -f "$folder.log"
	exit 3
}
rm -f "$folder.log"
cp /etc/resolv.conf /etc/hosts "$folder/etc/"
cp /etc/apt/apt.conf.d/* "$folder/etc/apt/apt.conf.d/"
# hooks of services that are not in there
grep -lE 'Post-Invoke|Pre-Install|PackageKit|appstream' "$folder"/etc/apt/apt.conf.d/* | while read -r file; do
	rm -f "$file"
done

mkdir -p "$folder/home/main"
git clone -q --no-local . "$folder/home/main"
git status --porcelain | grep -q . && echo "note: what is not committed is not tested"
if [ -d "$data" ]; then
	mkdir -p "$folder/home/shared"
	cp -r "$data" "$folder/home/shared/data"
fi
cat >"$folder/home/prove" <<'END'
set -eu
cd /home/main
! command -v gcc >/dev/null && ! command -v meson >/dev/null && ! command -v python3 >/dev/null
begun=$(date +%s)
sh docs/tour.sh >/home/tour.log 2>&1 || { tail -n 60 /home/tour.log; exit 1; }
echo "the tour passes: $(($(date +%s) - begun)) s with installing and building"
begun=$(date +%s)
sh tests/run.sh >/home/tests.log 2>&1 || { tail -n 200 /home/tests.log; exit 1; }
echo "the tests pass: $(($(date +%s) - begun)) s; $(tail -n 1 /home/tests.log)"
END
# the mounts and processes end with the namespace
# shellcheck disable=SC2016 # the inner shell expands it
unshare --mount --pid --fork --kill-child sh -c '
	mount -t proc proc "$1/proc" &&
	mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts" &&
	{ [ -c "$1/dev/ptmx" ] && mount --bind "$1/dev/pts/ptmx" "$1/dev/ptmx" || ln -sf pts/ptmx "$1/dev/ptmx"; } &&
	mkdir -p "$1/dev/shm" && mount -t tmpfs tmpfs "$1/dev/shm" &&
	exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb CI=true \
		http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" no_proxy="${no_proxy-}" \
		chroot "$1" sh /home/prove </dev/null
' prove "$folder"
