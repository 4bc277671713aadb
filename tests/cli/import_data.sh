#!/bin/sh
# itsm import of real logs: the figures that others counted come back from `itsm list`.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

maps=$repository_root/docs/maps

# Unpack a data set, or skip the test: data FILE AS
data() {
	if [ ! -e "$ITSM_DATA/$1" ]; then
		skip "$ITSM_DATA/$1 is not there"
		return 1
	fi
	case $1 in
	*.gz) gzip -dc "$ITSM_DATA/$1" >"$top/$2" ;;
	*) cp -r "$ITSM_DATA/$1" "$top/$2" ;;
	esac
}

# How many incidents each value of a field has: "value,count" lines, sorted.
counts() {
	itsm list incident --group-by "$1" --format csv 2>>"$top/err" | tr -d '\r' | tail -n +2 | sort
}

begin 'the ServiceNow log: 119,998 rows, 20,769 incidents'
if data uci-incidents/incident_event_log.csv.gz log.csv; then
	desk
	run itsm import --map "$maps/uci-incidents.yaml" "$top/log.csv"
	code 0
	out '119998 rows: 20769 new, 0 changed, 0 unchanged, 0 rejected; 257 records made for what they refer to; 1 commit'
	is 'made_sla' 'false,8174
true,12595' "$(counts made_sla)"
	is 'priority' '1,220
2,337
3,19554
4,658' "$(counts priority)"
	is 'state' 'closed,20768
new,1' "$(counts state)"
	is 'opened again' 234 "$(itsm list incident 'reopen_count:>0' --format id | wc -l)"
	is 'one by its key' 'INC0000045,2016-03-05T12:00:00Z' \
		"$(itsm list incident external:INC0000045 --columns external,closed --format csv | tr -d '\r' | tail -n 1)"
	is 'loose objects' '' "$(git count-objects -v | sed -n 's/^count: \([0-9]\{4,\}\)/\1/p')"
	run itsm import --map "$maps/uci-incidents.yaml" "$top/log.csv"
	out '119998 rows: 0 new, 0 changed, 20769 unchanged, 0 rejected; 0 commits'
fi

begin 'the ServiceNow log replayed: its first 3,000 rows'
if data uci-incidents/incident_event_log.csv.gz log.csv; then
	desk
	head -n 3001 "$top/log.csv" >"$top/first.csv"
	run itsm import --map "$maps/uci-incidents.yaml" --replay "$top/first.csv"
	code 0
	out_has '3000 rows: ' '0 rejected' '3000 commits'
	is 'the commits of rows' 3000 "$(git log --format=%s --grep='^Itsm-Action: import' | wc -l)"
	is 'in the order of time' '' "$(git log --reverse --format=%at --grep='^Itsm-Action: import' | sort -nc 2>&1)"
	git ls-tree -r HEAD operation >"$top/replayed"
	must git fsck --strict --no-dangling
	mkdir ../other && cd ../other || exit 3
	desk
	must itsm import --map "$maps/uci-incidents.yaml" "$top/first.csv"
	is 'both ways end the same' '' "$(git ls-tree -r HEAD operation | diff "$top/replayed" -)"
	cd ../work || exit 3
	run itsm import --map "$maps/uci-incidents.yaml" --replay "$top/first.csv"
	out_has '0 new, 0 changed' '0 commits'
fi

begin 'the Volvo log: 65,533 rows, 7,554 incidents, offsets kept'
if data volvo-incidents/VINST-incidents.csv.gz log.csv; then
	desk
	run itsm import --map "$maps/volvo-incidents.yaml" "$top/log.csv"
	code 0
	out '65533 rows: 7554 new, 0 changed, 0 unchanged, 0 rejected; 1 commit'
	is 'closed' 5573 "$(itsm list incident substate:Closed --format id | wc -l)"
	is 'in call' 1882 "$(itsm list incident 'substate:In Call' --format id | wc -l)"
	is 'impact' '1,3
2,261
3,4045
4,3245' "$(counts impact)"
	is 'the instant' '1-364285768,2010-03-31T14:59:42Z' \
		"$(itsm list incident external:1-364285768 --columns external,opened --format csv | tr -d '\r' | tail -n 1)"
	is 'the offset' 'opened: 2010-03-31T15:59:42+01:00' \
		"$(itsm show "$(itsm list incident external:1-364285768 --format id)" --raw 2>/dev/null | grep '^opened' ||
		grep -rh -B 99 '^external: 1-364285768$' operation | grep '^opened')"
fi

begin 'the Rabobank rows: incidents and requests'
if data rabobank/raw-40-rows.csv rows.csv; then
	desk
	run itsm import --map "$maps/rabobank.yaml" "$top/rows.csv"
	code 0
	out '40 rows: 40 new, 0 changed, 0 unchanged, 0 rejected; 16 records made for what they refer to; 1 commit'
	is 'incidents' 35 "$(itsm list incident --format id | wc -l)"
	is 'requests' 5 "$(itsm list request --format id | wc -l)"
	sound
fi

begin 'the status posts: what cannot be is imported as it is and reported'
if data status-posts/issues posts; then
	desk
	run itsm import --map "$maps/status-posts.yaml" "$top/posts"
	code 0
	out '182 rows: 182 new, 0 changed, 0 unchanged, 0 rejected; 62 records made for what they refer to; 1 commit'
	run itsm check
	code 1
	is 'end before they begin' 6 "$(grep -c '^operation/.*:[0-9]*:[0-9]*: .*ends-before-it-begins' "$top/out")"
	is 'other findings' 1 "$(grep '^[a-z].*:[0-9]*:[0-9]*: error' "$top/out" | grep -vc ends-before-it-begins)"
	is 'the mixed time' 1 "$(grep -c "^operation/incidents/2021/12/.*: schema/type: 'resolved' is '2021-12-15 16:05:00'" "$top/out")"
	run itsm import --map "$maps/status-posts.yaml" "$top/posts"
	out '182 rows: 0 new, 0 changed, 182 unchanged, 0 rejected; 0 commits'
fi

finish
