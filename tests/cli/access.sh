#!/bin/sh
# access: rights that end, that are certified again, and that one person may not have together.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

people() {
	desk
	for name in bob cy dee; do must itsm new person "id=$name" "name=$name" "mail=$name@example.org"; done
	must itsm new service id=billing name=Billing
	must itsm new service id=shop name=Shop
	must itsm new item id=ledger name=Ledger services=billing
}

grant() { # PERSON ROLE FIELD=VALUE ...: a right that is approved, by somebody else
	person=$1
	role=$2
	shift 2
	id=$(new access --title "$person $role" "person=$person" "role=$role" reason=work "expires=${until:-2027-01-31}T00:00:00Z" "$@")
	as dee itsm approve "$id" >/dev/null 2>&1 || problem "$id is not approved"
	echo "$id"
}

active() { # ID ...
	must itsm move "$@" approved
	must itsm move "$@" active
}

begin 'a right needs a target, a reason, an end and somebody who allows it'
people
id=$(new access --title 'Bob pays' person=bob role=pays)
run itsm move "$id" approved
code 1
err_has guard/access/target guard/access/reason guard/access/expiry policy/access-approval
must itsm set "$id" service=billing reason="Month end" expires=2026-11-22T12:00:00Z
ITSM_NOW=2026-11-22T12:30:00Z run itsm move "$id" approved
code 1
err_has guard/access/expiry
must itsm set "$id" expires=2026-12-21T00:00:00Z
as bob itsm approve "$id" >/dev/null 2>&1
run itsm move "$id" approved
code 1
err_has policy/access-approval
as dee itsm approve "$id" >/dev/null 2>&1
active "$id"
grep -q '^granted: 2026-11-22T10:00:00Z$' "$(path_of "$id")" || problem 'it is not said when it was granted'
run itsm move "$id" revoked
code 1
err_has guard/access/end-reason
sound

begin 'a right that is over, or that nobody certified, is a finding'
people
id=$(grant bob pays service=billing)
active "$id"
run itsm check
code 0
out ''
ITSM_NOW=2027-02-01T00:00:00Z run itsm check
code 1
out_has 'error: check/access/overdue: is active although its time is over'
id=$(until=2028-01-31 grant cy pays service=billing)
active "$id"
must itsm move "$(itsm list access person:bob --format id)" revoked end_reason='It was for a month'
ITSM_NOW=2027-06-01T00:00:00Z run itsm check
code 0
out_has 'warning: check/access/certification-overdue: was not certified for 180 days'
must itsm set "$id" certified=2027-05-31 certified_by=ada-lovelace
ITSM_NOW=2027-06-01T00:00:00Z run itsm check
out ''

begin 'roles that do not go together: a pair in data, asked of every write and of check'
people
must itsm new duty id=payments name='Who orders does not pay' roles=orders,pays
first=$(grant bob orders service=billing)
second=$(grant bob pays items=ledger)
third=$(grant cy pays service=billing)
active "$first" "$third"
head=$(git rev-parse HEAD)
run itsm move "$second" approved
code 1
err_has "policy/separation-of-duties: gives bob the role 'pays' beside 'orders' ($first), which 'Who orders does not pay' (payments) keeps apart" \
	'take one of the two rights away'
is 'nothing is written' "$head" "$(git rev-parse HEAD)"
must itsm move "$first" revoked end_reason='Pays now'
active "$second"
run itsm check
out ''
sed -i 's/^state: revoked/state: active/; /^ended:/d; /^end_reason:/d' "$(path_of "$first")"
git commit -qam 'by hand'
run itsm check
code 1
out_has "$(path_of "$second")" "beside 'orders' ($first)" "$(path_of "$first")" "beside 'pays' ($second)"
must itsm set payments active=false
run itsm check
code 0

begin 'only of some services, or of the same one'
people
must itsm new duty id=payments name='Within billing' roles=orders,pays services=billing
first=$(grant bob orders service=billing)
second=$(grant bob pays service=shop)
active "$first" "$second"
run itsm check
out ''
must itsm set payments services=
run itsm check
code 1
out_has "which 'Within billing' (payments) keeps apart"
must itsm set payments same_service=true
run itsm check
out ''
third=$(grant bob pays items=ledger)
run itsm move "$third" approved
code 1
err_has "beside 'orders' ($first)"
second=$(grant cy orders items=ledger)
third=$(grant cy pays items=ledger)
must itsm set ledger services=
active "$second"
run itsm move "$third" approved
code 1
err_has "beside 'orders' ($second)"

begin 'a duty that keeps nothing apart is a finding; three roles are three pairs'
people
run itsm new duty id=one name=One roles=pays
code 1
err_has check/duty/roles
must itsm new duty id=three name=Three roles=orders,pays,audits
first=$(grant bob audits service=billing)
second=$(grant bob orders service=shop)
active "$first"
run itsm move "$second" approved
code 1
err_has "beside 'audits' ($first)"
clean

finish
