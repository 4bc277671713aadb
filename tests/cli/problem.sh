#!/bin/sh
# problem: clusters against what is expected, and a problem of one; the chance as another program computes it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

incident() { # number day title more
	printf -- '---\nstate: %s\ntitle: "%s"\nopened: 2026-%sT08:00:00Z\n%b---\n' "${5-new}" "$3" "$2" "${4-}" \
		>operation/incidents/2026/11/INC-0000000"$1".md
}

months() {
	desk
	mkdir -p operation/incidents/2026/11 transition/items
	printf 'state: live\nname: DB 1\nteam: service-desk\n' >transition/items/db-1.yaml
	incident 0 06-01 'Printer jam'
	incident 1 07-01 'Printer jam again' 'category: print\n'
	incident 2 11-01 'Printer jam' 'category: print\n'
	incident 3 11-02 'Timeout in Billing' 'items: [db-1]\n'
	incident 4 11-03 'billing: timeout, timeout' 'items: [db-1]\n'
	incident 5 11-20 'TIMEOUT of the report' 'items: [db-1]\n'
	incident 6 11-21 'Timeout' 'items: [db-1]\n' cancelled
	incident 7 11-21 'Timeout' 'items: [db-1]\nparent: INC-00000005\n'
	must git add . && must git commit -qm incidents
}

begin 'clusters: what is counted, what is expected'
months
run itsm problem trends --format csv
code 0
/usr/bin/python3 - >expected <<'END'
import math
def tail(n, mean):
    return 1 - sum(math.exp(-mean) * mean ** i / math.factorial(i) for i in range(n))
print(f"{tail(3, 1 / 6):.6g}")
END
/usr/bin/python3 - "$top/out" >got <<'END'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
chances = {f"{float(row['chance']):.6g}" for row in rows}
print(" ".join(sorted(chances)))
END
same expected got
is 'the clusters' 'item,db-1,3
word,timeout,3' "$(cut -d, -f1-3 "$top/out" | sed 1d)"
out_has 'INC-00000003' 'INC-00000004' 'INC-00000005'
out_lacks INC-00000006
run itsm problem trends --least 2 --window 30d --chance 1 --format csv
out_has 'word,billing,2,0'
run itsm problem trends --window 180d --windows 1 --least 3 --chance 1 --format csv
out_has 'word,printer,3,0'
run itsm problem trends --window 0d
code 2
run itsm problem trends --chance often
code 2
run itsm problem trend
code 2

begin 'a method has a section of its own, that has to show how the cause was found'
desk
for pair in 'five-whys:Five whys' 'fishbone:Fishbone' 'timeline:Timeline' 'fault-tree:Fault tree' \
	'kepner-tregoe:Is and is not' 'other:Analysis'; do
	section=${pair#*:}
	id=$(new problem --title 'It hangs' team=service-desk impact=2 urgency=2)
	[ "$section" = Analysis ] || ! grep -q "^## $section" "$(path_of "$id")" || problem "a new problem has the section $section"
	must itsm move "$id" assess
	must itsm move "$id" root-cause
	must itsm set "$id" "method=${pair%%:*}"
	sed -i 's/^## Root cause$/&\n\nThe pool is too small./' "$(path_of "$id")"
	git commit -qam cause
	run itsm move "$id" fix
	code 1
	err_has guard/problem/method 'does not show how its method found the cause'
	printf '\n## %s\n\n' "$section" >"$top/section"
	sed -i "/^## $section\$/d" "$(path_of "$id")"
	{ cat "$top/section"; echo '1. Why? Because.'; } >>"$(path_of "$id")"
	git commit -qam method
	must itsm move "$id" fix
	run itsm check
	out ''
	sed -i '/Why? Because/d' "$(path_of "$id")"
	git commit -qam 'Show nothing'
	run itsm check
	code 0
	out_has 'warning: check/problem/method: does not show'
	must itsm set "$id" method=
done
run itsm schema problem
out_has 'Five whys' '(where it is needed)'

begin 'a problem of a cluster names it in its incidents, in one commit'
months
before=$(git rev-list --count HEAD)
run itsm problem open item db-1 -m 'Third time this month'
code 0
id=$(cat "$top/out")
is 'one commit' "$((before + 1))" "$(git rev-list --count HEAD)"
is 'the problem' 'trend,"[""db-1""]",3 incidents of item db-1 in 30 days' "$(itsm sql "SELECT origin, items, title FROM problem" --format csv | sed 1d)"
is 'its incidents' 'INC-00000003 INC-00000004 INC-00000005' "$(itsm sql "SELECT group_concat(id, ' ') FROM incident WHERE problem = '$id'" --format csv | sed 1d)"
run itsm check
code 0
run itsm problem open item db-1
code 3
err_has 'no cluster of item db-1'
is 'nothing more' "$((before + 1))" "$(git rev-list --count HEAD)"
finish
