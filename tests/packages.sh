# What building and testing need from the distribution, for other scripts to read in.
#
#   need_packages build|test|bench   install what is missing (Debian 12, Ubuntu 24.04 and later)
#
# Nothing is asked of the network when nothing is missing. Where this user may not
# install, the command to run is told and the caller ends with 3. Elsewhere than on a
# Debian system the list is left to the user: the build says what it misses.
# shellcheck shell=sh

build_packages='git gcc libc6-dev meson ninja-build pkg-config python3 cmark
	libgit2-dev libcmark-dev libyaml-dev libsqlite3-dev libical-dev libjansson-dev libcsv-dev libmd-dev zlib1g-dev libgmime-3.0-dev'
# The tests run these programs themselves, in folders of their own: no service of the machine is to come of them.
daemon_packages='prometheus prometheus-alertmanager webhook'
test_packages="libcmocka-dev clang libclang-rt-dev python3-jsonschema python3-yaml shellcheck util-linux procps openssh-client
	libxml2-utils cmark-gfm gnupg khal python3-icalendar perl rsync postgresql graphviz jq $daemon_packages"
bench_packages='fossil taskwarrior sqlite3'

missing_packages() {
	for package; do
		case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) in
		installed*) ;;
		*) printf '%s ' "$package" ;;
		esac
	done
}

apt_install() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
}

# The tests start a PostgreSQL of their own: the package is not to set up and start one for the machine.
without_cluster() { # command ...
	apt_install postgresql-common &&
	$as_root cp -p /etc/postgresql-common/createcluster.conf /etc/postgresql-common/createcluster.conf.itsm &&
	$as_root sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' \
		/etc/postgresql-common/createcluster.conf || return
	"$@"
	set -- $?
	$as_root mv /etc/postgresql-common/createcluster.conf.itsm /etc/postgresql-common/createcluster.conf
	return "$1"
}

# Nothing is started while packages are installed, and what would be started with the machine is switched off.
without_services() { # command ...
	policy=
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		policy=/usr/sbin/policy-rc.d
		printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null && $as_root chmod 755 "$policy" || return
	fi
	# shellcheck disable=SC2086 # words on purpose
	new=$(missing_packages $daemon_packages)
	"$@"
	set -- $?
	[ -z "$policy" ] || $as_root rm -f "$policy"
	for unit in $new; do
		! command -v systemctl >/dev/null 2>&1 || $as_root systemctl disable "$unit" >/dev/null 2>&1 || :
	done
	return "$1"
}

need_packages() {
	command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 || return 0
	# shellcheck disable=SC2086 # words on purpose
	case $1 in
	build) missing=$(missing_packages $build_packages) ;;
	bench) missing=$(missing_packages $bench_packages) ;;
	*) missing=$(missing_packages $build_packages $test_packages) ;;
	esac
	[ -z "$missing" ] && return 0
	if [ "$(id -u)" -eq 0 ]; then
		as_root=
	elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
		as_root=sudo # asks for a password where it must
	else
		echo "packages are missing and this user may not install them; run: sudo apt-get install $missing" >&2
		exit 3
	fi
	echo "installing: $missing" >&2
	install_log=$(mktemp)
	# shellcheck disable=SC2086
	{
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update &&
		case " $missing " in
		*' postgresql '*) without_services without_cluster apt_install $missing ;;
		*) without_services apt_install $missing ;;
		esac
	} </dev/null >"$install_log" 2>&1 || {
		cat "$install_log" >&2
		rm -f "$install_log"
		echo "could not install: $missing" >&2
		exit 3
	}
	rm -f "$install_log"
}
