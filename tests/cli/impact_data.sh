#!/bin/sh
# impact against a script that computes it anew: generated desks, the demo's Kubernetes manifests, NetBox' demo.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

peer=$repository_root/tests/cli/impact_peer.py
topology=$ITSM_DATA/topology

reconciled() { # MAP SOURCE: what a source has, as items of the desk
	run itsm items reconcile --map "$repository_root/docs/maps/$1.yaml" --write "$2"
	must git merge -q "reconcile/$1"
}

for seed in 1 2 3; do
	begin "a generated desk, seed $seed: what fails with sixty of its items"
	desk
	must /usr/bin/python3 "$peer" generate . "$seed"
	run /usr/bin/python3 "$peer" desk itsm 60
	code 0
	out_has '60 compared' ' 0 differ'
done

begin 'the services of the demo, by their manifests'
desk
if [ -d "$topology/kubernetes-manifests" ]; then
	reconciled kubernetes "$topology/kubernetes-manifests"
	run /usr/bin/python3 "$peer" kubernetes itsm "$topology/kubernetes-manifests"
	code 0
	out_has '17 edges' 'not there: shoppingassistantservice' ' 0 differ'
	run itsm impact frontend --direction up
	out_has 'productcatalogservice' 'redis-cart'
else
	echo "no $topology" >"$top/skip"
fi

begin 'the machines of NetBox, by their clusters; cables carry no failure'
desk
if [ -f "$topology/netbox-demo-v3.6.json.gz" ]; then
	gzip -dc "$topology/netbox-demo-v3.6.json.gz" >"$top/dump.json"
	reconciled netbox "$top/dump.json"
	run /usr/bin/python3 "$peer" netbox itsm "$topology/netbox-demo-v3.6.json.gz"
	code 0
	out_has '72 devices, 180 virtual machines' ' 0 differ'
else
	echo "no $topology" >"$top/skip"
fi

finish
