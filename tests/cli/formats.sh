#!/bin/sh
# check's reports: each read by a consumer's own rules, whatever the records say.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

here=$repository_root/tests/cli
schemas=$ITSM_DATA/formats

# Every form of what `itsm check ARGUMENTS` finds, read back and compared with its JSON.
every_form() { # arguments
	itsm check "$@" --format json -o sarif=r/r.sarif -o junit=r/r.xml -o github=r/r.github -o gitlab=r/r.gitlab \
		-o tap=r/r.tap -o markdown=r/r.md -o text=r/r.txt -o csv=r/r.csv -o id=r/r.id -o json=r/r.json >r.json 2>"$top/err"
	got=$?
	last="itsm check $* --format json -o ..."
	same r.json r/r.json
	if [ -d "$schemas" ]; then
		must python3 "$here/formats.py" sarif r/r.sarif r.json "$schemas/sarif-2.1.0.schema.json"
		must xmllint --noout --schema "$schemas/junit-10.xsd" r/r.xml
	else
		must python3 -c 'import json; json.load(open("r/r.sarif"))'
		must xmllint --noout r/r.xml
	fi
	must python3 "$here/formats.py" junit r/r.xml r.json
	must python3 "$here/formats.py" github r/r.github r.json
	must python3 "$here/formats.py" gitlab r/r.gitlab r.json
	perl "$here/tap.pl" r/r.tap >r/r.blocks 2>"$top/tap"
	tap=$?
	[ ! -s "$top/tap" ] || problem 'the TAP:' "$(cat "$top/tap")"
	must python3 "$here/formats.py" tap r/r.blocks r.json
	cmark-gfm --unsafe -e table -e autolink -e strikethrough r/r.md >r/r.html || problem 'cmark-gfm failed'
	must python3 "$here/formats.py" html r/r.html r.json
}

hostile=$(cat <<'END'
x\" ::error file=a,line=1::pwn %25%0A \r\n::stop-commands::q\n  ::add-mask::a\n##[add-mask]z ]]> &amp; <script>alert(1)</script> @cab #12 !3 /close
END
)
more=$(cat <<'END'
[a](http://x.example) www.example.org ```` ` | \\| \\ # TODO x \e[31m \u202e \uFFFE \u0085 \x07 --- ... 'q' end
END
)

begin 'a desk without findings, in every form'
desk
every_form
code 0
is 'TAP passes' 0 "$tap"
is 'no annotation' '' "$(cat r/r.github)"
is 'the quality report' '[]' "$(tr -d '\n' <r/r.gitlab)"
is 'the review' '## itsm: fine' "$(cat r/r.md)"
grep -q '<testcase classname="schema/required" name="schema/required"/>' r/r.xml || problem 'a rule that found nothing is no test that passed'
grep -q 'left/' r/r.xml && problem "the doctor's rules are no tests of check"

begin 'hostile text in values, names of fields, states and file names, in every form'
ticket_desk
mkdir -p operation/tickets/2026/11
cat >operation/tickets/2026/11/TKT-00000001.md <<END
---
state: "$hostile"
title: "$hostile $more"
severity: "$more"
points: "$hostile"
due: "$more"
tags: ["$hostile", "$more"]
blocks: ["$hostile"]
"$hostile": 1
"$more": 2
---
END
for name in 'a,b:c%0A::error::x.md' 'ü [x](y) <b> |`.md' '# TODO.md' "new
::error::line.md" "--- 'q'.md"; do
	printf 'x' >"operation/tickets/$name"
done
every_form
code 1
is 'TAP fails' 2 "$tap"
[ "$(python3 -c 'import json; print(len(json.load(open("r.json"))["records"]))')" -gt 12 ] || problem 'there should be many findings' "$(cat r.json)"
LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" r/r.[!c]* && problem 'a control character is in a report'
grep -qE '^[[:space:]]*(::|##\[)|##\[' r/r.txt && problem 'the text has a line that a runner obeys' "$(grep -nE '::|##' r/r.txt)"

begin 'warnings fail no test, and a desk in a folder of its repository is found there'
must git init -q
mkdir 'my desk'
cd 'my desk' || exit 3
ticket_desk
mkdir -p operation/tickets/2026/11
printf -- '---\nstate: new\ntitle: T\n---\n\n## What\n\na\n\n## What\n\nb\n' >operation/tickets/2026/11/TKT-00000001.md
cd ..
itsm -C 'my desk' check --format json >r.json 2>/dev/null
run itsm -C 'my desk' check -o sarif=../r.sarif -o gitlab=../r.gitlab -o tap=../r.tap -o junit=../r.xml -o github=../r.github -o markdown=../r.md
code 0
for file in r.gitlab r.github r.md r.tap; do
	grep -qF 'my desk/operation/tickets/2026/11/TKT-00000001.md' "$file" || problem "$file has not the path in the repository" "$(cat "$file")"
done
grep -qF '"uri":"my%20desk/operation/' r.sarif || problem 'the path in SARIF'
must perl "$here/tap.pl" r.tap
grep -q '^not ok 1 .* # TODO warning$' r.tap || problem 'a warning is a test to do'
grep -q 'tests="[0-9]*" failures="0"' r.xml || problem 'a warning is no failure'
grep -q '^::warning file=' r.github || problem 'a warning is a warning'

begin 'fingerprints stay when a finding moves, and differ where findings are alike'
ticket_desk
mkdir -p operation/tickets/2026/11
file=operation/tickets/2026/11/TKT-00000001.md
printf -- '---\nstate: new\ntitle: T\nblocks: [TKT-0000000z, TKT-0000000z]\n---\n' >$file
run itsm check --format gitlab
grep -o '"fingerprint":"[0-9a-f]*"' "$top/out" | sort >before
is 'all differ' "$(wc -l <before)" "$(sort -u before | wc -l)"
printf -- '---\nstate: new\n\n# moved\ntitle: T\nblocks: [TKT-0000000z, TKT-0000000z]\n---\n' >$file
run itsm check --format gitlab
grep -o '"fingerprint":"[0-9a-f]*"' "$top/out" | sort >after
same before after
run itsm check --format sarif
while read -r line; do out_has "${line#*:}"; done <before

begin 'the same report in files and on stdout; files are replaced whole, folders are made'
ticket_desk
mkdir -p operation/tickets/2026/11
printf -- '---\nstate: new\n---\n' >operation/tickets/2026/11/TKT-00000001.md
mkdir out
printf 'old' >out/a.json
run itsm check --format tap --output=json=out/a.json -o junit=out/deep/er/b.xml -o tap=out/c.tap
code 1
err '1 error'
same "$top/out" out/c.tap
itsm check --format json 2>/dev/null | cmp -s - out/a.json || problem 'a.json is not what --format json prints'
itsm check --format junit 2>/dev/null | cmp -s - out/deep/er/b.xml || problem 'b.xml is not what --format junit prints'
is 'nothing else is left' 'out/a.json out/c.tap out/deep/er/b.xml' "$(find out -type f | sort | xargs)"

begin 'a file that cannot be written is told, the others are there, and it ends with 3'
ticket_desk
mkdir -p operation/tickets/2026/11
printf -- '---\nstate: new\n---\n' >operation/tickets/2026/11/TKT-00000001.md
mkfifo pipe
printf 'kept' >target
ln -s target link
printf 'plain' >plain
run itsm check -o json=a.json -o sarif=pipe -o tap=b.tap
code 3
err_has "'pipe' is no regular file"
out_has 'TKT-00000001.md'
[ -s a.json ] || problem 'a.json is missing'
[ -s b.tap ] || problem 'b.tap is missing'
run itsm check -o sarif=link
code 3
is 'the target of the link' kept "$(cat target)"
run itsm check -o sarif=plain/x.sarif
code 3
err_has plain
is 'the file in the way' plain "$(cat plain)"
mkdir folder
run itsm check -o sarif=folder
code 3

begin 'what is asked for is verified before anything is judged'
desk
run itsm check --format xml
code 2
err "itsm: check: 'xml' is no format; there are text, json, csv, id, junit, sarif, github, gitlab, tap or markdown"
run itsm check -o sarif
code 2
err_has 'FORMAT=FILE'
run itsm check -o sarif=
code 2
run itsm check -o pdf=x
code 2
err_has "'pdf' is no format"
run itsm check -o sarif=-
code 2
err_has '--format sarif prints'
run itsm check -o sarif=x -o junit=x
code 2
err_has "'x' twice"
[ ! -e x ] || problem 'a file was written'
run itsm check --rules --format sarif
code 2

# A change and its reviewer, with IDs that are known; sets main and proposal.
proposal() {
	desk
	mkdir -p transition/changes/2026/11
	cat >transition/changes/2026/11/CHG-4k7q2m8d.md <<'END'
---
state: draft
title: Upgrade the database
type: normal
risk: low
requester: ada-lovelace
opened: 2026-11-20T09:00:00Z
---

## Reason

The version is no longer supported.

## Plan

Stop it.
Upgrade it.
Start it.

## Backout plan

## Test plan
END
	must git add .
	must git commit -q -m base
	must git checkout -q -b proposal
	must itsm set CHG-4k7q2m8d risk=high window.start=2026-12-01T20:00:00Z window.end=2026-12-01T22:00:00Z
	# shellcheck disable=SC2016 # backticks of Markdown
	sed -i 's/^Upgrade it\.$/Dump it.\nUpgrade it, `@cab` and #12 [x](http:\/\/y.example) <img src=x> | see:/' transition/changes/2026/11/CHG-4k7q2m8d.md
	must git commit -q -a -m 'The plan'
	must itsm move CHG-4k7q2m8d submitted
	must itsm move CHG-4k7q2m8d assess
	mkdir -p transition/changes/2026/11/CHG-4k7q2m8d/approvals
	cat >transition/changes/2026/11/CHG-4k7q2m8d/approvals/ada-lovelace.yaml <<'END'
by: ada-lovelace
decision: approve
at: 2026-11-22T10:00:00Z
comment: Fine @all | <b> !7
END
	must git add .
	must git commit -q -m 'Approve it'
	must itsm new person id=jo --title 'Jo | <i> @jo' mail=jo@example.org
}

begin 'the review of a proposal: states, fields, risk, window, findings, policy'
proposal
sed -i 's/^risk: high$/risk: higher/' transition/changes/2026/11/CHG-4k7q2m8d.md
must git commit -q -a -m 'A risk there is not'
every_form main..proposal
code 1
same "$here/review.golden.md" r/r.md
is 'words to read' yes "$([ "$(wc -w <r/r.md)" -lt 250 ] && echo yes)"

begin 'the review tells approvals that are missing, and counts what is waived by itself'
proposal
must git checkout -q main
must itsm new person id=grace --title 'Grace Hopper' mail=grace@example.org
mkdir -p policy/rules
printf 'name: owned\nkinds: [change]\nrequire: {fields: [owner]}\n' >policy/rules/owned.yaml
printf 'name: waiver-approval\nenabled: false\n' >policy/rules/waiver-approval.yaml
must git add .
must git commit -q -m 'a rule'
waiver=$(new waiver --title 'Nobody yet' rule=policy/owned owner=ada-lovelace expires=2027-01-01 --body-file - <<'END'
## Reason

It is new.
END
)
must itsm move "$waiver" approved
must git checkout -q proposal
must git rebase -q main
run itsm check main..proposal --format markdown
code 1
# shellcheck disable=SC2016 # the ` are text
out_has '## itsm: to be mended: 1 error, 1 waived' '| 1 missing | 1 waived |' \
	'- **approval missing** of `1 of anyone` for `scheduled, implement, review`: `0 of 1; could be given by grace`'
as grace itsm approve CHG-4k7q2m8d
run itsm check main..proposal --format markdown
out_lacks 'missing'

begin 'a review that is too long is cut, and says so'
desk
must git commit -q --allow-empty -m base
must git checkout -q -b proposal
mkdir -p operation/incidents/2026/11
python3 - <<'END'
for number in range(1500):
    text = "\n".join(f"line {i} of {number} " + "x" * 300 for i in range(40))
    with open(f"operation/incidents/2026/11/INC-{number:08d}.md", "w", encoding="utf-8") as file:
        file.write(f"---\nstate: new\ntitle: Incident {number} {'é' * 200}\nopened: 2026-11-20T09:00:00Z\n{'bad: 1' if number % 2 else ''}\n---\n\n## Description\n\n{text}\n")
END
must git add .
must git commit -q -m many
run itsm check main..proposal --format markdown
code 1
[ "$(wc -c <"$top/out")" -le 60000 ] || problem "it has $(wc -c <"$top/out") bytes"
[ "$(wc -c <"$top/out")" -ge 50000 ] || problem "it has only $(wc -c <"$top/out") bytes"
out_has '1500 records' '1440 records more' '**Cut here:**' 'more records' 'more finding' 'tell them all'
python3 -c 'import sys; open(sys.argv[1], encoding="utf-8").read()' "$top/out" || problem 'a character is cut in two'
cmark-gfm --unsafe -e table -e autolink "$top/out" >r.html
finish
