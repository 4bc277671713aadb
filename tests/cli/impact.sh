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

finish
