#!/bin/sh
# Words, options, exit codes, help: the same for every command.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

commands='init new show list set edit link note move next log blame diff status kinds schema check import help version completion'

begin 'each command has -h and --help, on stdout, with its usage'
for command in $commands; do
	for option in -h --help; do
		run itsm "$command" $option
		code 0
		out_has "itsm $command"
		err ''
	done
done

begin 'help lists every command, and shows a manual page of each'
run itsm help
code 0
for command in $commands; do
	out_has "  $command "
done
cp "$top/out" "$top/list"
run itsm
code 0
same "$top/list" "$top/out"
for command in $commands; do
	run itsm help "$command"
	code 0
	out_has "itsm $command"
done
run itsm help nothing
code 2
err_has nothing

begin 'version'
run itsm version
code 0
out_has 0.1.0
run itsm --version
code 0
out_has 0.1.0

begin 'what is no command or option is told'
run itsm frobnicate
code 2
out ''
err_has "'frobnicate'" 'itsm help'
run itsm lst
code 2
run itsm lis
code 2
err_has list
for command in $commands; do
	[ "$command" = help ] && continue
	run itsm "$command" --frobnicate
	code 2
	err_has frobnicate
done

begin 'options: long with = and blank, short, in any place, ended by --'
desk
id=$(new incident --title One impact=3 urgency=3)
for words in '--format=id' '--format id'; do
	# shellcheck disable=SC2086 # words on purpose
	run itsm list incident $words
	code 0
	out "$id"
done
run itsm list --format id incident
out "$id"
run itsm list --format
code 2
err_has format
run itsm list --format=xml
code 2
err_has xml text json csv id
run itsm new incident -t '-x' -m why impact=3 urgency=3
code 0
run itsm set --message why -- "$id" title=-y
code 0
run itsm show "$id" --format json
out_has '"title":"-y"'

begin '-C runs it elsewhere'
mkdir there
(cd there && itsm init . --name There) >/dev/null 2>&1
run itsm -C there status
code 0
out_has There
run itsm -C nowhere status
code 3
err_has nowhere

begin 'exit codes: 0 done, 1 refused or findings, 2 usage, 3 could not'
ticket_desk
id=$(new ticket --title T)
run itsm show "$id"
code 0
run itsm move "$id" fixed
code 1
run itsm move "$id"
code 2
run itsm show TKT-00000000
code 3
printf -- '---\n---\n' >operation/tickets/2026/11/TKT-00000001.md
run itsm check
code 1

begin 'no colour and no escape unless on a terminal'
ticket_desk
id=$(new ticket --title T)
for words in list status "show $id" "next $id" log check kinds 'schema ticket' help; do
	# shellcheck disable=SC2086 # words on purpose
	run env TERM=xterm-256color itsm $words
	code 0
	out_lacks "$(printf '\033')"
	err_lacks "$(printf '\033')"
done

begin 'on a terminal there is colour, NO_COLOR takes it away, the pager shows it'
ticket_desk
id=$(new ticket --title T)
run env TERM=xterm PAGER=cat script -qec "itsm next $id" /dev/null
code 0
out_has "$(printf '\033[')"
run env TERM=xterm PAGER=cat NO_COLOR=1 script -qec "itsm next $id" /dev/null
out_lacks "$(printf '\033[1m')" "$(printf '\033[32m')"

begin 'every reading command has all four formats; JSON is one envelope'
ticket_desk
id=$(new ticket --title T)
for words in list "show $id" "next $id" log "log $id" 'diff HEAD~1..HEAD' status check kinds 'schema ticket'; do
	for format in text csv id json; do
		# shellcheck disable=SC2086 # words on purpose
		run itsm $words --format $format
		code 0
	done
	/usr/bin/python3 -c '
import json, sys
data = json.load(sys.stdin)
assert data["schema_version"] == 1 and data["command"] == sys.argv[1] and isinstance(data["records"], list), data' "${words%% *}" \
		<"$top/out" 2>"$top/said" || problem "\$ itsm $words --format json" "$(tail -n 1 "$top/said")"
done

begin 'completion scripts are scripts'
run itsm completion bash
code 0
must bash -n "$top/out"
for command in $commands; do
	out_has "$command"
done
run itsm completion zsh
code 0
run itsm completion fish
code 0
run itsm completion tcsh
code 2

begin 'a moment that is none'
run env ITSM_NOW=yesterday itsm version
code 2
err_has ITSM_NOW

finish
