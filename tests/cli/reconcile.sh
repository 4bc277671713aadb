#!/bin/sh
# items reconcile: what is declared against what was found, of every form; the proposal; the same discovery twice.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

maps=$repository_root/docs/maps
item() { printf 'state: live\nname: %s\nclass: %s\nteam: service-desk\n%b' "$2" "$3" "${4-}" >transition/items/"$1".yaml; }

servers() {
	desk
	mkdir -p transition/items
	item web-1 'Web 1' server 'serial: A1\nversion: "1.10"\naddresses: [10.0.0.2, 10.0.0.1]\n# kept\nlocation: "Rack 1"\n'
	item web-2 'Web 2' server 'serial: A2\n'
	item old-1 'Old 1' server 'serial: A9\n'
	item printer 'Printer' printer
	must git add . && must git commit -qm items
	cat >map.yaml <<'END'
source: inventory
format: csv
keys: {server: [serial, id]}
state: live
declared: "self.class = 'server'"
find:
  - >-
    SELECT d.value ->> '$.Name' AS id, d.value ->> '$.Name' AS name, 'server' AS class, d.value ->> '$.Serial' AS serial,
    d.value ->> '$.Version' AS version, d.value ->> '$.Place' AS location,
    (SELECT json_group_array(trim(a.value)) FROM json_each('["' || replace(d.value ->> '$.Addresses', ' ', '","') || '"]') AS a) AS addresses,
    d.value ->> '$.Needs' AS depends_on
    FROM discovered AS d
END
	printf 'Name,Serial,Version,Place,Addresses,Needs\n' >found.csv
	printf 'Web 1,A1,1.10,Rack 1,10.0.0.1 10.0.0.2,\n' >>found.csv
}

begin 'missing, extra, differing, dangling: field by field'
servers
{
	printf 'Web two,A2,2.0,,,Web 1\n'
	printf 'DB 1,D1,15,Rack 2,,Web two\n'
	printf 'Lost,D2,,,,Nothing\n'
} >>found.csv
run itsm items reconcile --map map.yaml --format csv found.csv
code 1
out 'id,class,drift,field,declared,discovered,reason
old-1,server,missing,,,,
db-1,server,extra,,,,
lost,server,extra,,,,
web-2,server,differing,name,Web 2,Web two,
web-2,server,differing,version,,2.0,
web-2,server,differing,depends_on,,"[""web-1""]",
lost,server,dangling,,,,depends_on: '"'Nothing'"' is neither found nor declared'
err '4 found: 1 as declared, 1 differing, 2 extra; 1 missing, 1 dangling, 0 unclear'
is 'nothing is written' '' "$(git status --porcelain -- transition; git branch --list 'reconcile/*')"

begin 'the proposal is one commit on a branch, and the same discovery twice changes nothing'
servers
printf 'Web two,A2,2.0,Rack 3,,Web 1\nDB 1,D1,15,Rack 2,,Web two\n' >>found.csv
printf 'unsaved\n' >>transition/items/printer.yaml
before=$(git rev-parse HEAD)
run itsm items reconcile --map map.yaml --write -m 'As of tonight' found.csv
code 1
err_has 'proposed on the branch reconcile/inventory'
is 'the branch of HEAD stays' "$before" "$(git rev-parse HEAD)"
is 'so does unsaved work' ' M transition/items/printer.yaml' "$(git status --porcelain -- transition)"
is 'one commit' "$before" "$(git rev-parse reconcile/inventory^)"
is 'its message' "inventory: 2 records as found

As of tonight

Itsm-Action: reconcile
Itsm-Reconcile: inventory" "$(git log -1 --format=%B reconcile/inventory | sed -e '$!b' -e '/^$/d')"
is 'the lines that change' '+depends_on: [web-1]
+discovered_by: inventory
+location: Rack 3
+name: Web two
+version: "2.0"
-name: Web 2' "$(git diff HEAD reconcile/inventory -- transition/items/web-2.yaml | grep '^[-+][a-z]' | sort)"
is 'a new one' 'state: live
name: DB 1
class: server
depends_on: [web-2]
version: "15"
serial: D1
location: Rack 2
discovered_by: inventory' "$(git show reconcile/inventory:transition/items/db-1.yaml)"
proposed=$(git rev-parse reconcile/inventory)
ITSM_NOW=2026-11-23T10:00:00Z run itsm items reconcile --map map.yaml --write found.csv
code 1
err_has 'the branch reconcile/inventory says so already'
is 'the branch stays' "$proposed" "$(git rev-parse reconcile/inventory)"
run itsm check "main..reconcile/inventory"
err_lacks 'schema/'
printf 'DB 2,D2,15,Rack 2,,\n' >>found.csv
run itsm items reconcile --map map.yaml --write found.csv
code 1
is 'a later discovery takes its place' "$before" "$(git rev-parse reconcile/inventory^)"
must git checkout -q -- transition
must git merge -q --ff-only reconcile/inventory
run itsm items reconcile --map map.yaml --write found.csv
err '4 found: 4 as declared, 0 differing, 0 extra; 1 missing, 0 dangling, 0 unclear'
must git rm -q transition/items/old-1.yaml && must git commit -qm 'gone'
run itsm items reconcile --map map.yaml --write found.csv
code 0
err '4 found: 4 as declared, 0 differing, 0 extra; 0 missing, 0 dangling, 0 unclear'
run itsm undo -n
err_lacks reconcile

begin 'a branch of somebody else is left alone'
servers
printf 'DB 1,D1,15,Rack 2,,\n' >>found.csv
must git checkout -qb mine && must git commit -q --allow-empty -m work && must git checkout -q main
mine=$(git rev-parse mine)
run itsm items reconcile --map map.yaml --write --branch mine found.csv
code 1
err_has "the branch 'mine' has commits of somebody's"
is 'it stays' "$mine" "$(git rev-parse mine)"
run itsm items reconcile --map map.yaml --write --branch main found.csv
code 1
err_has "the branch 'main' is checked out"
run itsm items reconcile --map map.yaml --write --branch '../x' found.csv
code 2
err_has "'../x' is no name for a branch"
is 'nothing else is left' '' "$(git for-each-ref refs/itsm; ls .git/itsm/pending 2>/dev/null)"

begin 'what can not be told apart is said, not guessed'
servers
item web-3 'Web 3' server 'serial: A1\n'
item named 'Named' server 'serial: X1\n'
must git add . && must git commit -qm more
{
	printf 'Twice,T1,,,,\nTwice,T2,,,,\n'
	printf 'A b,,,,,\nA-B,,,,,\n'
	printf 'Other,A2,,,,\nAnother,A2,,,,\n'
	printf '%s,S,,,,\n' '---'
} >>found.csv
run itsm items reconcile --map map.yaml --format csv found.csv
code 1
out_has "web-1 and web-3 both have its serial 'A1'" 'the source tells of it twice' "'A b' would have the same ID" \
	"web-2 is 'Another' already" 'no ID can be made of its name'

begin 'a value that the field can not take'
servers
sed -i "s/AS location/AS environment/" map.yaml
printf 'Web two,A2,2.0,moon,,\n' >>found.csv
run itsm items reconcile --map map.yaml --write found.csv
code 1
out_has unclear environment moon
is 'nothing is proposed of it' '' "$(git show reconcile/inventory:transition/items/web-2.yaml 2>/dev/null | grep moon)"

begin 'maps and files that can not be read are refused with their place'
servers
printf 'source: x\nformat: yml\nfind: [SELECT 1]\n' >bad.yaml
run itsm items reconcile --map bad.yaml found.csv
code 3
err_has "bad.yaml:2:9: 'format' is csv, json, lines or yaml"
printf 'source: x\nformat: csv\nfind: ["SELECT 1 AS id, 2 AS colour"]\n' >bad.yaml
run itsm items reconcile --map bad.yaml found.csv
code 3
err_has "the column 'colour' is no field of a item" 
printf 'source: x\nformat: csv\nfind: ["DELETE FROM discovered"]\n' >bad.yaml
run itsm items reconcile --map bad.yaml found.csv
code 2
err_has 'SQL here only reads'
printf 'source: x\nformat: csv\ncolour: red\nfind: ["SELECT 1 AS id"]\n' >bad.yaml
run itsm items reconcile --map bad.yaml found.csv
code 3
err_has "'colour' is no key of such a map"
printf 'Web,"1\n' >broken.csv
run itsm items reconcile --map map.yaml broken.csv
code 3
err_has 'broken.csv'
printf '{"a":' >broken.json
printf 'source: x\nformat: json\nfind: ["SELECT value AS id FROM discovered"]\n' >json.yaml
run itsm items reconcile --map json.yaml broken.json
code 3
err_has 'broken.json'
printf 'a: 1\n--- b\n' >broken.yml
sed 's/json/yaml/' json.yaml >yaml.yaml
run itsm items reconcile --map yaml.yaml broken.yml
code 3
err_has 'broken.yml' 'behind the marker'
run itsm items reconcile --map map.yaml nothing.csv
code 3
err_has 'nothing.csv'
mkdir folder && ln -s ../found.csv folder/link.csv
run itsm items reconcile --map map.yaml folder
code 3
err_has 'link.csv'
run itsm items reconcile found.csv
code 2
err_has 'takes --map MAP'
is 'nothing is written' '' "$(git branch --list 'reconcile/*')"

begin 'Kubernetes: the services of the demo and what they call, as an independent script counts them'
if [ -d "$ITSM_DATA/topology/kubernetes-manifests" ]; then
	desk
	run itsm items reconcile --map "$maps/kubernetes.yaml" --write "$ITSM_DATA/topology/kubernetes-manifests"
	code 1
	err_has '12 found: 0 as declared, 0 differing, 12 extra; 0 missing, 1 dangling, 0 unclear'
	out_has "frontend" "'shoppingassistantservice' is neither found nor declared"
	must git merge -q reconcile/kubernetes
	itsm sql "SELECT i.id || ' ' || d.value FROM item AS i, json_each(i.depends_on) AS d ORDER BY 1" --format csv | sed 1d >edges
	/usr/bin/python3 - "$ITSM_DATA/topology/kubernetes-manifests" >expected <<'END'
import glob, sys, yaml
edges, names = [], set()
for path in glob.glob(sys.argv[1] + "/*.yaml"):
    for document in yaml.safe_load_all(open(path)):
        if document and document.get("kind") == "Deployment":
            name = document["metadata"]["name"]
            names.add(name)
            for container in document["spec"]["template"]["spec"]["containers"]:
                for entry in container.get("env", []):
                    if entry["name"].endswith("_ADDR"):
                        edges.append((name, entry["value"].split(":")[0]))
assert len(names) == 12 and len(edges) == 17, (len(names), len(edges))
print("\n".join(sorted(f"{a} {b}" for a, b in edges if b in names)))
END
	same expected edges
	run itsm items reconcile --map "$maps/kubernetes.yaml" --write "$ITSM_DATA/topology/kubernetes-manifests"
	err_has '12 found: 12 as declared'
	must itsm set cartservice depends_on= version=2
	run itsm items reconcile --map "$maps/kubernetes.yaml" --format csv "$ITSM_DATA/topology/kubernetes-manifests"
	out_has 'cartservice,workload,differing,version,2,cartservice,' 'cartservice,workload,differing,depends_on,,"[""redis-cart""]"'
	run itsm check
	code 0
else
	skip "no $ITSM_DATA/topology/kubernetes-manifests"
fi

begin 'NetBox: devices, virtual machines, and cables as connections'
if [ -f "$ITSM_DATA/topology/netbox-demo-v3.6.json.gz" ]; then
	desk
	gunzip -c "$ITSM_DATA/topology/netbox-demo-v3.6.json.gz" >dump.json
	run itsm items reconcile --map "$maps/netbox.yaml" --write dump.json
	code 1
	err_has '284 found: 0 as declared, 0 differing, 284 extra; 0 missing, 0 dangling, 0 unclear'
	must git merge -q reconcile/netbox
	itsm sql "SELECT class, count(*), total(json_array_length(connects)) FROM item GROUP BY class ORDER BY class" --format csv >counts
	/usr/bin/python3 - dump.json >expected <<'END'
import json, sys
rows = json.load(open(sys.argv[1]))
of = lambda model: [r for r in rows if r["model"] == model]
ends, pairs = {}, set()
for row in of("dcim.cabletermination"):
    ends.setdefault(row["fields"]["cable"], []).append(row["fields"]["_device"])
for devices in ends.values():
    for a in devices:
        for b in devices:
            if a and b and a != b:
                pairs.add((a, b))
print("class,count(*),total(json_array_length(connects))")
print(f"cluster,{len(of('virtualization.cluster'))},0")
print(f"device,{len(of('dcim.device'))},{len(pairs)}")
print(f"virtual-machine,{len(of('virtualization.virtualmachine'))},0")
END
	same expected counts
	run itsm items reconcile --map "$maps/netbox.yaml" --write dump.json
	code 0
	run itsm check
	code 0
else
	skip "no $ITSM_DATA/topology/netbox-demo-v3.6.json.gz"
fi

begin 'Terraform: the resources of a state, and what they depend on'
desk
cat >state.json <<'END'
{"version": 4, "resources": [
 {"mode": "managed", "type": "aws_instance", "name": "web", "instances": [
  {"index_key": 0, "attributes": {"id": "i-1", "tags": {"Name": "web 0"}}, "dependencies": ["aws_subnet.main"]},
  {"index_key": 1, "attributes": {"id": "i-2", "tags": null}, "dependencies": ["aws_subnet.main"]}]},
 {"mode": "managed", "type": "aws_subnet", "name": "main", "instances": [{"attributes": {"id": "s-1", "name": "Main"}}]},
 {"mode": "data", "type": "aws_ami", "name": "x", "instances": [{"attributes": {"id": "ami"}}]}]}
END
run itsm items reconcile --map "$maps/terraform.yaml" --write state.json
code 1
err_has '3 found: 0 as declared, 0 differing, 3 extra; 0 missing, 0 dangling, 0 unclear'
must git merge -q reconcile/terraform
run itsm sql "SELECT id, name, class, external, depends_on FROM item ORDER BY id" --format csv
out 'id,name,class,external,depends_on
aws_instance-web-0,web 0,aws-instance,i-1,"[""aws_subnet-main""]"
aws_instance-web-1,web,aws-instance,i-2,"[""aws_subnet-main""]"
aws_subnet-main,Main,aws-subnet,s-1,'
sed -i 's/web 0/web zero/; s/"i-2"/"i-3"/' state.json
run itsm items reconcile --map "$maps/terraform.yaml" --format csv state.json
code 1
out_has 'aws_instance-web-1,aws-instance,missing' 'aws_instance-web-0,aws-instance,differing,name,web 0,web zero,'

begin 'Ansible: the hosts of an inventory'
desk
cat >inventory.json <<'END'
{"_meta": {"hostvars": {"db.example.org": {"ansible_host": "10.0.0.5"}}},
 "all": {"children": ["db", "web"]}, "db": {"hosts": ["db.example.org"]}, "web": {"hosts": ["web.example.org"]}}
END
run itsm items reconcile --map "$maps/ansible.yaml" --write inventory.json
code 1
must git merge -q reconcile/ansible
run itsm sql "SELECT id, hostname, class, addresses FROM item ORDER BY id" --format csv
out 'id,hostname,class,addresses
db.example.org,db.example.org,server,"[""10.0.0.5""]"
web.example.org,web.example.org,server,'
run itsm items reconcile --map "$maps/ansible.yaml" --write inventory.json
code 0

begin 'text of the source never reaches the terminal raw'
servers
printf 'x\033]0;owned\007,S9,\033[31mred,,,\n' >>found.csv
run itsm items reconcile --map map.yaml found.csv
out_lacks "$(printf '\033')"
err_lacks "$(printf '\033')"
finish
