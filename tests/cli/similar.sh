#!/bin/sh
# What is like an incident, what is known, what changed: itsm similar, and itsm new on a terminal.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

bad_night() {
	desk
	must itsm new service id=billing name=Billing team=service-desk
	must itsm new item id=host-1 name=Host
	must itsm new item id=db-1 name=Database services=billing runs_on=host-1
	must itsm new item id=printer name=Printer
	alike=$(new incident --title 'Invoices are printed late' caller=Bob)
	same_item=$(new incident --title 'Nothing works' items=db-1)
	other=$(new incident --title 'Lift stands still' items=printer)
	gone=$(new incident --title 'Invoices printed late in spring')
	must itsm move "$gone" cancelled
	printf '## Workaround\n\nRestart the \033[1mqueue.\n' | tr -d '\033' >"$top/body"
	known=$(new problem --title 'Invoices late after a restart' known_error=true service=billing --body-file "$top/body")
	unknown=$(new problem --title 'Invoices late now and then')
	changed=$(new deployment title='Host patched' service=billing items=host-1 change= version=7 started=2026-11-21T10:00:00Z finished=2026-11-21T11:00:00Z result=succeeded)
	old=$(new deployment title='Host patched before' items=host-1 started=2026-11-01T10:00:00Z finished=2026-11-01T11:00:00Z result=succeeded)
	id=$(new incident --title 'Invoices late' items=db-1)
}

begin 'open incidents by text and item, known errors with their workaround, changes on what it rests on'
bad_night
run itsm similar "$id"
code 0
out_has 'Open incidents like it' "$alike  new  Invoices are printed late (now)" "$same_item  new  Nothing works" \
	'Known errors that may be behind it' "$known  new  Invoices late after a restart" '    Restart the [1mqueue.' \
	'What changed lately on what it touches' "$changed  Host patched (23 h ago)" 'succeeded on production'
out_lacks "$other"
out_lacks "$gone"
out_lacks "$unknown"
out_lacks "$old"
run itsm similar "$id" --format csv
code 0
out_has 'id,query,title,state,at,text' "$changed,recent-changes,Host patched,,2026-11-21T11:00:00Z,succeeded on production"
run itsm similar "$other"
code 0
out ''
err "nothing is like $other, and nothing changed lately on what it touches"
clean

begin 'new tells it in JSON and when asked, not in scripts'
bad_night
run itsm new incident --title 'Invoices late' items=db-1
code 0
err ''
run itsm new incident --title 'Invoices late' items=db-1 --similar
code 0
err_has 'Open incidents like it' "$alike" "$changed"
run itsm new incident --title 'Invoices late' items=db-1 --format json
code 0
is 'the kinds of it' 'known-errors open-incidents recent-changes' "$(python3 -c '
import json, sys
[record] = json.load(open(sys.argv[1]))["records"]
assert record["id"].startswith("INC-") and record["path"].endswith(record["id"] + ".md") and len(record["commit"]) == 40
print(*sorted({one["query"] for one in record["similar"]}))' "$top/out")"
run itsm new item name=Thing --format json
out_has '"similar":[]'

terminal() { # INPUT COMMAND ...: run it on a terminal of its own; what the terminal shows is kept
	printf '%b' "$1" >"$top/keys"
	shift
	python3 - "$top/keys" "$@" >"$top/out" <<'END'
import os, pty, select, sys
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
keys = open(sys.argv[1], "rb").read().splitlines(keepends=True)
shown = b""
while True:
    try:
        if not (piece := os.read(terminal, 4096)):
            break
    except OSError:
        break
    shown += piece
    if shown.endswith(b": ") and keys:
        os.write(terminal, keys.pop(0))
os.waitpid(child, 0)
sys.stdout.write(shown.decode().replace("\r\n", "\n"))
END
}

begin 'on a terminal impact and urgency are asked for, and what is like it is told'
bad_night
terminal '9\n2\n1\n' itsm new incident --title 'Invoices late' items=db-1
out_has 'impact (How much suffers, 1 the most) 1-5: 9' 'impact: is 9, above 5' 'impact (How much suffers, 1 the most) 1-5: 2' \
	'urgency (How soon it must be mended, 1 the soonest) 1-5: 1' 'Open incidents like it' "$alike" "$changed"
made=$(sed -n 's/.*\(INC-[0-9a-z]\{8\}\)$/\1/p' "$top/out" | head -n 1)
out_has "$made"
is 'what was made' '2 1 2' "$(sed -n 's/^\(impact\|urgency\|priority\): //p' "$(path_of "$made")" | tr '\n' ' ' | sed 's/ $//')"
terminal '\n3\n' itsm new incident --title 'Invoices late' impact=3
out_lacks 'impact ('
terminal '\004' itsm new incident --title 'Nobody answers' --quiet
out_lacks 'impact'
out_lacks 'like it'

begin "a desk's own query takes the place of a built-in one, or adds to them"
bad_night
mkdir -p policy/queries
printf 'name: open-incidents\nenabled: false\n' >policy/queries/open-incidents.yaml
printf 'name: callers\nhelp: Who called before\nfor: similar\nkinds: [incident]\nsql: "SELECT id, caller AS title FROM incident WHERE caller IS NOT NULL"\n' \
	>policy/queries/callers.yaml
run itsm similar "$id"
code 0
out_has 'Who called before' "$alike  Bob"
out_lacks 'Open incidents like it'
run itsm check
code 0
sed -i 's/caller AS/callers AS/' policy/queries/callers.yaml
run itsm check
code 1
out_has 'policy/queries/callers.yaml:1:1: error: policy/query: does not compile: ' 'no such column: callers'
run itsm similar "$id"
code 2
err_has "itsm: query 'callers' (policy/queries/callers.yaml): no such column: callers"
printf 'name: callers\nfor: dinner\nsql: SELECT 1\n' >policy/queries/callers.yaml
run itsm check
code 1
out_has "error: policy/query: policy/queries/callers.yaml: 'dinner' is no use of a query; there are similar, timeline and apply"
printf 'name: caller\nfor: similar\nsql: SELECT 1\n' >policy/queries/callers.yaml
run itsm similar "$id"
code 3
err_has "the query is called 'caller', its file 'callers'; give both the same name"

finish
