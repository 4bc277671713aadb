# The frame of the command line tests, read in by each of them.
#
#   begin 'what is shown'     start a test: an empty folder, an identity, a fixed moment
#   desk                      make a desk in the current folder, quietly
#   run COMMAND ...           run it; its stdout, stderr and exit code are kept for the next lines
#   code N                    the exit code was N
#   out TEXT / err TEXT       stdout / stderr was exactly this (without the last newline)
#   out_has TEXT ...          stdout has each of these texts; err_has the same of stderr
#   out_lacks TEXT            it has not; err_lacks
#   same FILE FILE            two files are the same, byte for byte
#   is WHAT EXPECTED GOT      two texts are the same
#   as NAME COMMAND ...       the same, by NAME@example.org
#   must COMMAND ...          a step that has to work, its output only told when it does not
#   finish                    end the last test and print the plan
#
# A test goes on after a failed expectation and tells them all. What is run is the
# binary $ITSM, called as `itsm`. The clock stands at ITSM_NOW, 2026-11-22 10:00 UTC, for git too.
# shellcheck shell=sh

LC_ALL=C.UTF-8
TZ=UTC
ITSM_NOW=2026-11-22T10:00:00Z
GIT_CONFIG_NOSYSTEM=1
export LC_ALL TZ ITSM_NOW GIT_CONFIG_NOSYSTEM
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
# commits of plain git are made at that moment too: a range is judged by the times of its commits
GIT_AUTHOR_DATE=$ITSM_NOW
GIT_COMMITTER_DATE=$ITSM_NOW
export GIT_AUTHOR_DATE GIT_COMMITTER_DATE
unset EMAIL XDG_CONFIG_HOME EDITOR VISUAL PAGER NO_COLOR

repository_root=$(cd "$(dirname "$0")/../.." && pwd)
: "${ITSM:=$repository_root/build/check/cmd/itsm}"
: "${ITSM_DATA:=$repository_root/../shared/data}"
[ -x "$ITSM" ] || { echo "1..1"; echo "not ok 1 - there is a binary at $ITSM"; exit 1; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/itsm-test.XXXXXX")
mkdir "$scratch/bin"
ln -s "$ITSM" "$scratch/bin/itsm"
PATH=$scratch/bin:$PATH
trap 'cd /; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
tests=0
failures=0
test_name=

begin() {
	end_test
	tests=$((tests + 1))
	test_name=$1
	top=$scratch/$tests
	mkdir -p "$top/home" "$top/work"
	cd "$top/work" || exit 3
	HOME=$top/home
	export HOME
	printf '[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n' >"$HOME/.gitconfig"
	printf '[gc]\n\tauto = 0\n[protocol "file"]\n\tallow = always\n' >>"$HOME/.gitconfig"
	: >"$top/problems"
	printf '' >"$top/out"
	printf '' >"$top/err"
	got=
	last=
}

end_test() {
	[ -n "$test_name" ] || return 0
	if [ -s "$top/problems" ]; then
		failures=$((failures + 1))
		echo "not ok $tests - $test_name"
		sed 's/^/#   /' "$top/problems"
	elif [ -f "$top/skip" ]; then
		echo "ok $tests - $test_name # SKIP $(cat "$top/skip")"
	else
		echo "ok $tests - $test_name"
	fi
	cd "$scratch" || exit 3
	chmod -R u+w "$top" 2>/dev/null
	rm -rf "$top"
	test_name=
}

finish() {
	end_test
	echo "1..$tests"
	[ "$failures" -eq 0 ]
	exit
}

skip() { # why
	echo "$1" >"$top/skip"
}

problem() {
	printf '%s\n' "$@" >>"$top/problems"
}

run() {
	last=$*
	"$@" >"$top/out" 2>"$top/err" </dev/null
	got=$?
	case $got in
	99) problem "\$ $last" "the sanitizer stopped it:" "$(head -n 40 "$top/err")" ;;
	13[0-9]) problem "\$ $last" "killed by a signal: $got" ;;
	esac
}

# The same with this text on stdin.
run_with() {
	with=$1
	shift
	last=$*
	printf '%s' "$with" | "$@" >"$top/out" 2>"$top/err"
	got=$?
	[ "$got" -ne 99 ] || problem "\$ $last" "the sanitizer stopped it:" "$(head -n 40 "$top/err")"
}

must() {
	"$@" >"$top/must" 2>&1 </dev/null || problem "\$ $* ended with $?:" "$(cat "$top/must")"
}

# A step by somebody else: `as grace itsm approve ID` is by grace@example.org.
as() { # name command ...
	who=$1
	shift
	must env "GIT_AUTHOR_NAME=$who" "GIT_AUTHOR_EMAIL=$who@example.org" "GIT_COMMITTER_NAME=$who" "GIT_COMMITTER_EMAIL=$who@example.org" "$@"
}

code() {
	[ "$got" = "$1" ] || problem "\$ $last" "exit code $got, expected $1" "$(tail -n 20 "$top/err")"
}

is() { # what expected got
	[ "$2" = "$3" ] || problem "\$ $last" "$1 is:" "$3" "expected:" "$2"
}

out() {
	printf '%s' "${1:+$1
}" >"$top/expected"
	cmp -s "$top/expected" "$top/out" ||
		problem "\$ $last" "stdout (- expected, + got):" "$(diff -U 2 "$top/expected" "$top/out" | tail -n +3)"
}

err() {
	printf '%s' "${1:+$1
}" >"$top/expected"
	cmp -s "$top/expected" "$top/err" ||
		problem "\$ $last" "stderr (- expected, + got):" "$(diff -U 2 "$top/expected" "$top/err" | tail -n +3)"
}

has() { # stream text ...
	stream=$1
	shift
	for text; do
		grep -qF -e "$text" "$top/$stream" ||
			problem "\$ $last" "std$stream lacks: $text" "it is:" "$(head -n 30 "$top/$stream")"
	done
}

lacks() { # stream text ...
	stream=$1
	shift
	for text; do
		! grep -qF -e "$text" "$top/$stream" ||
			problem "\$ $last" "std$stream should not have: $text" "it is:" "$(head -n 30 "$top/$stream")"
	done
}

out_has() { has out "$@"; }
err_has() { has err "$@"; }
out_lacks() { lacks out "$@"; }
err_lacks() { lacks err "$@"; }

same() {
	cmp -s "$1" "$2" || problem "$1 and $2 differ:" "$(diff -U 1 "$1" "$2" | cat -A | head -n 30)"
}

desk() {
	must itsm init . --name Example
}

# The ID of a new record: `id=$(new incident field=value ...)`; failures are told.
new() {
	itsm new "$@" 2>"$top/err" || problem "\$ itsm new $*" "$(cat "$top/err")"
}

# The file of a record, from its ID.
path_of() {
	find . -name .git -prune -o \( -name "$1.md" -o -name "$1.yaml" \) -print | head -n 1 | sed 's,^\./,,'
}

commits() {
	git rev-list --count HEAD
}

# Nothing is staged, changed or untracked.
clean() {
	git status --porcelain >"$top/status" 2>&1
	[ ! -s "$top/status" ] || problem "\$ $last" "the work tree is not clean:" "$(cat "$top/status")"
}

# The repository holds: git says so, and so does the tool.
sound() {
	must git fsck --strict --no-dangling
	must itsm check
}

# An ssh server on loopback for this test, which git knows as the host `hub`; the
# environment of the sanitizers and the clock is that of the test. Skips where there is none.
serve_ssh() {
	server=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v sshd) || server=
	if [ -z "$server" ] || ! command -v ssh >/dev/null; then
		skip 'there is no sshd here (openssh-server)'
		return 1
	fi
	mkdir -m 700 "$top/ssh"
	must ssh-keygen -q -t ed25519 -N '' -f "$top/ssh/host"
	must ssh-keygen -q -t ed25519 -N '' -f "$top/ssh/user"
	cp "$top/ssh/user.pub" "$top/ssh/authorized"
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	started=
	for attempt in 1 2 3 4 5; do
		port=$((20000 + ($$ * 7 + attempt * 911) % 30000))
		cat >"$top/ssh/sshd_config" <<END
ListenAddress 127.0.0.1:$port
HostKey $top/ssh/host
PidFile $top/ssh/pid
AuthorizedKeysFile $top/ssh/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
SetEnv ITSM_NOW=$ITSM_NOW HOME=$HOME GIT_CONFIG_NOSYSTEM=1 "ASAN_OPTIONS=${ASAN_OPTIONS-}" "UBSAN_OPTIONS=${UBSAN_OPTIONS-}" "LSAN_OPTIONS=${LSAN_OPTIONS-}"
END
		timeout 300 "$server" -D -f "$top/ssh/sshd_config" 2>"$top/ssh/log" & # ends by itself when this test is killed
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			[ -s "$top/ssh/pid" ] && started=yes && break
			sleep 0.1
		done
		[ -z "$started" ] || break
	done
	cat >"$top/ssh/config" <<END
Host hub
	HostName 127.0.0.1
	Port $port
	User $(id -un)
	IdentityFile $top/ssh/user
	UserKnownHostsFile $top/ssh/known
	StrictHostKeyChecking accept-new
	BatchMode yes
END
	git config --global core.sshCommand "ssh -F $top/ssh/config"
	[ -n "$started" ] && ssh -F "$top/ssh/config" hub true 2>>"$top/ssh/log" && return 0
	skip "sshd does not serve here: $(tail -n 1 "$top/ssh/log")"
	stop_ssh
	return 1
}

stop_ssh() {
	[ ! -s "$top/ssh/pid" ] || kill "$(cat "$top/ssh/pid")"
}

# A desk with a kind of its own, "ticket", small enough to be known by heart here.
ticket_desk() {
	desk
	mkdir -p policy/kinds
	cat >policy/kinds/ticket.yaml <<'END'
kind: ticket
pillar: operation
help: Something to do
folder: operation/tickets
file: md
filed: month
prefix: TKT
title: title
fields:
  title: {type: string, required: true}
  severity: {type: enum, values: [low, high], default: low}
  points: {type: int, min: 0, max: 9}
  number: {type: string, immutable: true, unique: true}
  due: {type: date}
  start: {type: time}
  tags: {type: string, list: true}
  blocks: {type: ref, to: [ticket], list: true, inverse: blocked by}
  closed: {type: time}
sections:
  What: {help: What is to be done}
  How: {help: How it was done}
states:
  new: {open: true}
  doing: {open: true}
  fixed: {stamp: closed}
transitions:
  - {from: [new], to: doing}
  - {from: [doing], to: fixed}
  - {from: [fixed], to: doing, when: "self.severity = 'high'", because: only what is of high severity is taken up again}
guards:
  - {name: points, to: [fixed], must: "self.points IS NOT NULL", message: has no points, remedy: set points}
  - {name: how, to: [fixed], must: "filled('How')", message: does not say how, remedy: fill the section How}
  - {name: due, to: [fixed], when: "self.severity = 'high'", must: "self.due IS NOT NULL", message: has no due date, remedy: set due}
checks:
  - {name: order, must: "self.closed IS NULL OR self.start IS NULL OR self.closed >= self.start", field: closed,
     message: was closed before it began, remedy: mend start or closed}
END
	must git add policy
	must git commit -q -m 'tickets'
}

# What `log --format` of git says of the last commit: subject, blank line, body.
last_message() {
	git log -1 --format=%B
}
