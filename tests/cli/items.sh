#!/bin/sh
# items health and stale: every figure counted by hand from the items below.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# item NAME LINE ...: an item of that name, live, with more lines
item() {
	name=$1
	shift
	{ printf 'state: live\nname: %s\n' "$name"; for line; do printf '%s\n' "$line"; done; } >"transition/items/$name.yaml"
}

park() {
	desk
	must itsm new team id=ops --title Operations
	must itsm new service id=billing --title Billing owner=ada-lovelace
	mkdir -p transition/items policy/classes
	cat >policy/classes/server.yaml <<'END'
class: server
required: [owner|team, hostname]
recommended: [serial, attributes.rack]
stale: 60d
audit: 365d
END
	# perfect
	item alpha 'class: server' 'team: ops' 'hostname: alpha' 'serial: S1' 'attributes: {rack: R1}' 'services: [billing]' 'audited: 2026-11-01'
	# lacks the host name and the rack, was audited too long ago
	item beta 'class: server' 'owner: ada-lovelace' 'serial: S2' 'services: [billing]' 'audited: 2025-11-01'
	# a twin of alpha by its serial number, without relations, never audited
	item gamma 'class: server' 'team: ops' 'hostname: gamma' 'serial: S1' 'attributes: {rack: ""}'
	# of a class without a file, and nobody's
	item delta 'class: coffee-machine' 'runs_on: [alpha]'
	# no longer in use: of no interest
	item omega 'class: server'
	sed -i 's/state: live/state: retired/' transition/items/omega.yaml
	must git add .
	must git commit -qm 'the park'
}

begin 'figures by class, owner and service'
park
run itsm items health --format csv
code 0
out 'by,name,items,completeness,correctness,compliance,overall,complete,recommended,orphans,stale,duplicates,audits_late
all,all,4,37.5,75,33.3,48.6,2,1,1,0,2,2
class,coffee-machine,1,0,100,,50,0,0,0,0,0,0
class,server,3,50,66.7,33.3,50,2,1,1,0,2,2
owner,ada-lovelace,1,0,100,0,33.3,0,0,0,0,0,1
owner,ops,2,75,50,50,58.3,2,1,1,0,2,1
owner,,1,0,100,,50,0,0,0,0,0,0
service,billing,2,50,83.3,50,61.1,1,1,0,0,1,1
service,,2,25,66.7,0,30.6,1,0,1,0,1,1'
run itsm items health --by class --format csv
out_has 'class,server,3'
out_lacks 'all,all'

begin 'every item behind each figure'
park
run itsm items health --records --format csv
code 0
out 'id,class,owner,services,figure,metric,detail
alpha,server,ops,"[""billing""]",correctness,duplicate,serial S1: gamma
beta,server,ada-lovelace,"[""billing""]",completeness,required,hostname
beta,server,ada-lovelace,"[""billing""]",completeness,recommended,attributes.rack
beta,server,ada-lovelace,"[""billing""]",compliance,audit,2025-11-01
delta,coffee-machine,,[],completeness,required,owner|team
delta,coffee-machine,,[],completeness,recommended,description environment criticality
gamma,server,ops,[],completeness,recommended,attributes.rack
gamma,server,ops,[],correctness,orphan,
gamma,server,ops,[],correctness,duplicate,serial S1: alpha
gamma,server,ops,[],compliance,audit,never'

begin 'stale after sixty days, but for what was seen or changed meanwhile'
park
run itsm items stale --format id
code 0
out ''
ITSM_NOW=2027-01-21T09:59:59Z
run itsm items stale --format id
out ''
ITSM_NOW=2027-01-21T10:00:01Z
run itsm items stale --format csv
out 'id,class,owner,seen,days
alpha,server,ops,2026-11-22T10:00:00Z,60
beta,server,ada-lovelace,2026-11-22T10:00:00Z,60
delta,coffee-machine,,2026-11-22T10:00:00Z,60
gamma,server,ops,2026-11-22T10:00:00Z,60'
must itsm set alpha discovered=2027-01-20T00:00:00Z
GIT_COMMITTER_DATE=$ITSM_NOW GIT_AUTHOR_DATE=$ITSM_NOW must itsm set beta version=2
run itsm items stale --format id
out 'delta
gamma'
run itsm items health --by class --format csv
out_has 'class,server,3,50,55.6'

begin 'check holds items in use to the classes of the desk: required is an error, recommended a warning'
park
run itsm check
code 1
out_has 'transition/items/beta.yaml:1:8: error: policy/item-required: lacks what its class requires: hostname' \
	'transition/items/beta.yaml:1:8: warning: policy/item-recommended: lacks what its class recommends: attributes.rack' \
	'transition/items/gamma.yaml:1:8: warning: policy/item-recommended: lacks what its class recommends: attributes.rack'
is 'findings of classes' 3 "$(grep -c policy/item- "$top/out")"
must itsm set beta hostname=beta
run itsm check
code 0
before=$(git rev-parse HEAD)
run itsm set alpha hostname=
code 1
err_has 'policy/item-required: lacks what its class requires: hostname'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
must itsm new item id=new class=server --title New
run itsm move new live team=ops
code 1
err_has 'policy/item-required' hostname
rm policy/classes/server.yaml
must git commit -qam 'no class of our own'
run itsm check
code 0
out_lacks policy/item-

begin 'a proposal is held to the classes of its base'
park
must itsm set beta hostname=beta
git checkout -qb proposal
printf 'class: server\n' >policy/classes/server.yaml
sed -i '/^hostname/d' transition/items/alpha.yaml
git commit -qam 'Looser'
run itsm check main..HEAD
code 1
out_has 'policy/item-required: lacks what its class requires: hostname'

begin 'SQL asks what an item lacks'
park
run itsm sql "SELECT self.id, class_lacks('required') AS own, class_lacks('required', 'built-in') AS all_of_it FROM item AS self ORDER BY self.id" --format csv
code 0
out 'id,own,all_of_it
alpha,,
beta,hostname,hostname
delta,,owner|team
gamma,,
omega,owner|team hostname,owner|team hostname'
run itsm sql "SELECT class_lacks('everything') FROM item AS self"
code 2
err_has "class_lacks takes 'required' or 'recommended'"
run itsm sql "SELECT class_lacks() FROM item AS self"
code 2

begin 'health of another revision: by its items, classes and moment'
park
printf 'class: server\n' >policy/classes/server.yaml
must git add policy
GIT_COMMITTER_DATE=2027-03-01T10:00:00Z GIT_AUTHOR_DATE=2027-03-01T10:00:00Z must git commit -qm 'nothing is required'
ITSM_NOW=2027-03-01T10:00:00Z
run itsm items health --by class --format csv
out_has 'class,server,3,100,'
run itsm items health --by class --format csv --at HEAD~1
code 0
out_has 'class,server,3,50,66.7,33.3,50,2,1,1,0,2,2'
run itsm items stale --format id
is 'stale' 4 "$(wc -l <"$top/out")"
run itsm items stale --at HEAD~1 --format id
out ''
run itsm items health --at nothing
code 3

begin 'classes that cannot be used are refused, with the place'
park
printf 'class: server\nrequired: [colour]\n' >policy/classes/server.yaml
run itsm items health
code 3
err_has "policy/classes/server.yaml" "item has no field 'colour'"
run itsm check
code 1
out_has "policy/classes/server.yaml:1:1: error: policy/class: item has no field 'colour'"
printf "class: server\nrequired: [\"attributes.x') --\"]\n" >policy/classes/server.yaml
run itsm items health
code 3
printf 'class: server\nstale: soon\n' >policy/classes/server.yaml
run itsm items health
code 3
err_has "'stale' of a class takes a duration"
printf 'class: other\n' >policy/classes/server.yaml
run itsm items health
code 3
err_has "give its file the same name"
printf 'class: server\ncolour: red\n' >policy/classes/server.yaml
run itsm items health
code 3
err_has colour

begin 'no items, wrong words'
desk
run itsm items health
code 0
out ''
run itsm items health --by shape
code 2
run itsm items health beta
code 2
run itsm items rust
code 2

finish
