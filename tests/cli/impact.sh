#!/bin/sh
# impact: what fails when something fails, in every form; the graph for SQL.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A service on an application on a cluster of two nodes, both on one host; all of it live.
bill() {
	desk
	must itsm new team id=ops --title Operations
	for item in host node-1 node-2 cluster app; do must itsm new item "id=$item" --title "The $item" team=ops; done
	must itsm new service id=billing --title Billing owner=ada-lovelace
	must itsm set node-1 node-2 part_of=cluster runs_on=host
	must itsm set cluster min_up=1
	must itsm set app depends_on=cluster services=billing
	must itsm move host node-1 node-2 cluster app live
}

begin 'SQL asks what fails, and what something rests on'
bill
run itsm sql "SELECT id, depth, via, relation FROM impact('host') ORDER BY depth, id" --format csv
code 0
out 'id,depth,via,relation
host,0,,
node-1,1,host,runs_on
node-2,1,host,runs_on
cluster,2,node-2,part_of
app,3,cluster,depends_on
billing,4,app,services'
run itsm sql "SELECT group_concat(id) AS ids FROM impact('node-1')" --format csv
out 'ids
node-1'
run itsm sql "SELECT id, alone FROM impact('billing', 'up')" --format csv
out 'id,alone
billing,1
app,1
cluster,1
node-1,0
node-2,0
host,1'
run itsm sql "SELECT i.id, (SELECT count(*) FROM impact(i.id)) AS n FROM item AS i ORDER BY n DESC, i.id LIMIT 2" --format csv
out 'id,n
host,6
cluster,3'
run itsm sql "SELECT count(*) AS n FROM impact('nothing')" --format csv
out 'n
0'

begin 'it is asked anew when the desk changed, in the same process too'
bill
must itsm set cluster min_up=2
run itsm sql "SELECT count(*) AS n FROM impact('node-1')" --format csv
out 'n
4'
run itsm sql "SELECT count(*) AS n FROM impact('node-1')" --at HEAD~1 --format csv
out 'n
1'

begin 'a rule can ask, and is judged with what is proposed'
bill
mkdir -p policy/kinds
cat >policy/kinds/change.yaml <<'END'
kind: change
guards:
  - name: billing-needs-a-window
    to: [submitted]
    must: "self.window_start IS NOT NULL OR NOT EXISTS (SELECT 1 FROM impact(self.items) AS x WHERE x.id = 'billing')"
    message: touches billing and has no window
    remedy: set window.start
END
must git add policy
must git commit -qm 'policy: billing needs a window'
printf '## Reason\n\nIt is old.\n' >reason
quiet=$(new change --title 'One node' items=node-1 --body-file reason)
loud=$(new change --title 'The host' items=host --body-file reason)
must itsm move "$quiet" submitted
before=$(git rev-parse HEAD)
run itsm move "$loud" submitted
code 1
err_has 'touches billing and has no window'
is 'HEAD' "$before" "$(git rev-parse HEAD)"

begin 'refused: another direction, broken JSON, a kind or an expression of its name'
bill
run itsm sql "SELECT * FROM impact('host', 'sideways')"
code 2
err_has "impact() goes 'down' or 'up', not 'sideways'"
run itsm sql "SELECT * FROM impact('[')"
code 2
err_has 'no JSON'
run itsm sql "WITH impact(a) AS (SELECT target FROM itsm_reference) SELECT * FROM impact"
code 2
mkdir -p policy/kinds
printf 'kind: impact\npillar: design\nhelp: x\nfolder: design/impacts\nfile: yaml\nfiled: slug\n' >policy/kinds/impact.yaml
run itsm list item
code 3
err_has impact


begin 'a tree with the way to each, what stays up, what is touched and who answers'
bill
must itsm new agreement id=sla --title 'Billing SLA' service=billing customer=Sales
change=$(new change --title 'New switch' items=app)
run itsm impact host
code 0
out "host  The host (item, live)
  node-1  The node-1 (item, live; runs_on)
  node-2  The node-2 (item, live; runs_on)
    cluster  The cluster (item, live; part_of; 0 of 2 parts up, 1 needed)
      app  The app (item, live; depends_on)
        billing  Billing (service, pipeline; services)

Services
  billing  Billing

Open: agreement
  sla  Billing SLA (draft; about billing)

Open: change
  $change  New switch (draft; about app)

Who answers for it
  ops (5)
  ada-lovelace (1)"
run itsm impact node-1
out 'node-1  The node-1 (item, live)
Nothing else fails.

Stays up
  cluster  The cluster: 1 of 2 parts up, 1 needed

Who answers for it
  ops (1)'
run itsm impact node-1 --without node-2 --format id
out 'node-1
cluster
app
billing'
run itsm impact host --depth 1 --format csv
out 'id,kind,title,state,depth,via,relation,parts,parts_up,needed,alone
host,item,The host,live,0,,,,,,
node-1,item,The node-1,live,1,host,runs_on,,,,
node-2,item,The node-2,live,1,host,runs_on,,,,'
run itsm impact "$change"
out_has 'app  The app (item, live)' 'billing  Billing'

begin 'upwards: what it rests on, and what matters alone'
bill
run itsm impact billing --direction up
out_has 'node-1  The node-1 (item, live; part_of; not alone)' 'host  The host (item, live; runs_on)'
must itsm move node-2 retired
run itsm impact billing --direction up
out_has 'node-1  The node-1 (item, live; part_of)' '1 of 1 parts up, 1 needed'
out_lacks node-2
run itsm impact host --at HEAD~1 --format id
out_has node-2

begin 'JSON has the whole way to each'
bill
run itsm impact host node-1 --format json
code 0
python3 - "$top/out" <<'END' || problem 'the JSON is not what it should be'
import json, sys
data = json.load(open(sys.argv[1]))
records = {record["id"]: record for record in data["records"]}
assert data["schema_version"] == 1 and data["command"] == "impact" and data["direction"] == "down"
assert records["billing"]["path"] == ["node-1", "cluster", "app", "billing"] or \
    records["billing"]["path"] == ["host", "node-2", "cluster", "app", "billing"], records["billing"]
assert records["cluster"]["parts_up"] == 0 and records["cluster"]["needed"] == 1
assert data["owners"] == [{"id": "ops", "records": 5}, {"id": "ada-lovelace", "records": 1}]
assert data["touched"] == [] and data["survivors"] == []
END

begin 'titles that would break out of a picture'
bill
# shellcheck disable=SC2016 # nothing is to expand
title='"]; click n0 "javascript:alert(1)" <script>alert(1)</script> %%{init}%% `x` &quot; \N \" ``` #9829;'
must itsm set app "name=$title"
must itsm set cluster name="$(printf 'up\342\200\256down')"
run itsm impact host --format mermaid
code 0
out_lacks '<'
out_lacks '`'
out_lacks '%'
out_lacks 'javascript:'
is 'lines of the chart' 16 "$(wc -l <"$top/out")"
is 'labels without quotes inside' 6 "$(grep -cE '^  n[0-9]+\(?\["[^"]*"\]\)?$' "$top/out")"
run itsm impact host --format dot
code 0
cp "$top/out" "$top/picture.dot"
out_lacks "$(printf '\342\200\256')"
if command -v dot >/dev/null; then
	is 'nodes that graphviz sees' 6 "$(dot -Tplain "$top/picture.dot" | grep -c '^node')"
	run itsm impact host --format svg
	code 0
	out_has '&lt;script&gt;'
	out_lacks '<script'
	out_lacks 'href'
	must xmllint --noout --nonet "$top/out"
fi
mkdir "$top/nothing"
for tool in git itsm; do ln -s "$(command -v "$tool")" "$top/nothing/$tool"; done
run env PATH="$top/nothing" itsm impact host --format svg
code 3
err_has graphviz
out ''
printf 'state: live\nname: "red \\e[31m"\n' >transition/items/red.yaml
run itsm impact red
code 0
out_lacks "$(printf '\033')"

begin 'what a proposal changes'
bill
must itsm new item id=db --title Database
must git checkout -q -b proposal
must itsm set app depends_on=db
must itsm set cluster min_up=2
run itsm impact main..proposal
code 0
out 'cluster  The cluster: 2 -> 0 fail with it
  - app
  - billing
db  Database: 0 -> 2 fail with it
  + app
  + billing
node-1  The node-1: 0 -> 1 fail with it
  + cluster
node-2  The node-2: 0 -> 1 fail with it
  + cluster'
run itsm impact main.. --format json
code 0
out_has '"range":"main..","untold":0' '"id":"db","kind":"item","title":"Database","change":"changed","before":0,"after":2,"gained":["app","billing"],"lost":[]'
run itsm impact proposal..main
out 'What fails with what stays as it is.'
must git checkout -q main
must itsm new item id=web --title Web depends_on=app
run itsm impact main..proposal
out_lacks web

begin 'an incident, a problem and an outage stand for what they name, and are told of what fails'
bill
incident=$(new incident --title 'Invoices are late' items=node-1,node-2 priority=2)
problem=$(new problem --title 'Disks get full' items=host)
outage=$(new outage --title 'Billing is down' services=billing)
for id in "$incident" "$problem" "$outage"; do
	run itsm impact "$id" --format id
	code 0
	cp "$top/out" "$id"
done
is 'what fails with the incident' 'app billing cluster node-1 node-2' "$(sort "$incident" | tr '\n' ' ' | sed 's/ $//')"
is 'what fails with the problem' 'app billing cluster host node-1 node-2' "$(sort "$problem" | tr '\n' ' ' | sed 's/ $//')"
is 'what fails with the outage' billing "$(cat "$outage")"
run itsm impact cluster
out_has "$outage  Billing is down (announced; about billing)"
out_lacks "$problem"
run itsm impact host
out_has "$incident  Invoices are late (new; about node-1, node-2)" "$problem  Disks get full (new; about host)"
must itsm move "$incident" cancelled
run itsm impact host
out_lacks "$incident"

begin 'wrong words'
bill
run itsm impact nothing
code 3
err_has "no record is called 'nothing'"
run itsm impact ops
code 2
err_has 'names no item or service'
run itsm impact host --direction sideways
code 2
run itsm impact host --format xml
code 2
run itsm impact main..main host
code 2
run itsm impact main..main --format svg
code 2
run itsm impact none..main
code 3
run itsm impact
code 2

begin 'what is named but not there is told from below'
bill
must git -C . status
printf 'state: live\nname: Lonely\ndepends_on: [ghost]\nteam: ops\n' >transition/items/lonely.yaml
run itsm impact lonely --direction up
code 0
out_has 'ghost (not there; depends_on)'
run itsm impact ghost
code 3

finish
