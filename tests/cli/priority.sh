#!/bin/sh
# Fields that a kind computes: priority by a matrix, the service of an item, the team of a service.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

supported_desk() {
	desk
	must itsm new team id=dba name=DBA
	must itsm new service id=billing name=Billing team=dba
	must itsm new item id=db-1 name=Database services=billing
}

value() { # FIELD ID
	sed -n "s/^$1: //p" "$(path_of "$2")"
}

begin 'priority is told by the matrix, and again when impact or urgency change'
supported_desk
id=$(new incident --title Slow impact=2 urgency=1)
is 'the priority' 2 "$(value priority "$id")"
count=$(commits)
run itsm set "$id" impact=3
code 0
is 'the commits' $((count + 1)) "$(commits)"
is 'the priority' 3 "$(value priority "$id")"
is 'the lines' '2	2' "$(git diff --numstat HEAD~1 HEAD | cut -f 1,2)"
must itsm set "$id" caller=Bob
is 'the lines of something else' '1	0' "$(git diff --numstat HEAD~1 HEAD | cut -f 1,2)"
run itsm check
out ''
clean

begin 'another priority is a warning, unless it has a reason; the reason keeps it'
supported_desk
id=$(new incident --title Slow impact=3 urgency=3)
must itsm set "$id" priority=1
run itsm check
code 0
line=$(grep -n '^priority:' "$(path_of "$id")" | cut -d: -f1)
out_has "$(path_of "$id"):$line:11: warning: check/incident/priority: has another priority than the matrix tells"
must itsm set "$id" 'priority_reason=The fair opens tomorrow'
run itsm check
out ''
must itsm set "$id" impact=2
is 'the priority' 1 "$(value priority "$id")"
must itsm set "$id" priority_reason=
is 'the priority without the reason' 4 "$(value priority "$id")"
run itsm new incident --title Given impact=1 urgency=1 priority=5 priority_reason=Known
code 0
is 'the priority that was given' 5 "$(value priority "$(cat "$top/out")")"

begin 'an impact that the matrix does not have leaves the priority alone, and is told'
supported_desk
id=$(new incident --title Slow impact=5 urgency=1)
is 'the priority' '' "$(value priority "$id")"
run itsm check
code 0
out_has 'warning: check/incident/matrix: has an impact or urgency that the matrix does not have'

begin 'a closed incident, and one that has neither impact nor urgency, are not asked'
supported_desk
id=$(new incident --title Old impact=1 urgency=1)
must itsm set "$id" priority=5
must itsm move "$id" cancelled
new incident --title Bare priority=4 >/dev/null
run itsm check
out ''

begin 'the service comes from the item, the team from the service; what is given stands'
supported_desk
id=$(new incident --title Slow items=db-1)
is 'the service' billing "$(value service "$id")"
is 'the team' dba "$(value team "$id")"
id=$(new incident --title Slow service=billing)
is 'the team of a service' dba "$(value team "$id")"
id=$(new incident --title Slow)
is 'the team of the desk' service-desk "$(value team "$id")"
id=$(new incident --title Slow items=db-1 team=service-desk)
is 'the team that was given' service-desk "$(value team "$id")"
must itsm set "$id" service=
is 'nothing is found later' '' "$(value service "$id")"

begin "a desk's own matrix takes the place of the built-in one"
supported_desk
must itsm new matrix id=priority name=Ours 'rows=1 1,1 4'
id=$(new incident --title Slow impact=2 urgency=2)
is 'the priority' 4 "$(value priority "$id")"
run itsm sql --format csv "SELECT priority('priority', 2, 2), priority('priority', 3, 3), priority('none', 1, 1), priority('priority', 0, 1)"
out_has '4,,,'
run itsm check
out ''

begin 'a matrix has to be a table of equal rows, and monotonic'
desk
mkdir -p policy/matrices
refuse() { # ROWS RULE
	printf 'name: M\nrows:\n%b' "$1" >policy/matrices/m.yaml
	run itsm check
	code 1
	out_has "policy/matrices/m.yaml:3:3: error: check/matrix/$2: "
	out_lacks "check/matrix/$3: "
}
refuse '  - 1 2\n  - 2 1\n' monotonic table
refuse '  - 1 3 2\n' monotonic table
refuse '  - 1 2\n  - 1\n' table monotonic
refuse '  - 1 high\n' values table
refuse '  - low high\n  - high medium\nwords: [low, medium, high]\n' monotonic values
printf 'name: M\nrows:\n  - low medium\n  - medium high\nwords: [low, medium, high]\n' >policy/matrices/m.yaml
run itsm check
out ''
run itsm sql --format csv "SELECT priority('m', 1, 2) AS p"
out 'p
medium'

begin 'the published matrices hold, and the built-in one is among them'
oracle=$ITSM_DATA/../oracles/priority_matrix.csv
desk
mkdir -p policy/matrices
if [ -f "$oracle" ]; then
	grep -v '^#' "$oracle" | tail -n +2 >"$top/matrices"
	while IFS=, read -r source rows; do
		printf 'name: %s\nrows:\n' "$source" >policy/matrices/published.yaml
		printf '%s\n' "$rows" | tr / '\n' | sed 's/./& /g; s/ $//; s/^/  - /' >>policy/matrices/published.yaml
		run itsm check
		out ''
		impact=0
		for row in $(printf '%s' "$rows" | tr / ' '); do
			impact=$((impact + 1))
			for urgency in $(seq ${#row}); do
				echo "$impact $urgency $(printf '%s' "$row" | cut -c "$urgency")"
			done
		done >"$top/expected"
		run itsm sql --format csv "WITH n(i) AS (VALUES(1),(2),(3),(4),(5)) SELECT a.i || ' ' || b.i || ' ' ||
			priority('published', a.i, b.i) AS cell FROM n a, n b WHERE cell IS NOT NULL ORDER BY a.i, b.i"
		is "the cells of $source" "$(cat "$top/expected")" "$(tail -n +2 "$top/out")"
		case $source in
		'ServiceNow 3x3')
			run itsm sql --format csv "WITH n(i) AS (VALUES(1),(2),(3),(4)) SELECT count(*) AS n FROM n a, n b
				WHERE priority('published', a.i, b.i) IS NOT priority('priority', a.i, b.i)"
			out 'n
0' ;;
		esac
	done <"$top/matrices"
	is 'how many' 3 "$(wc -l <"$top/matrices")"
else
	skip 'no published matrices'
fi

begin "a desk's own kind computes, and its mistakes are findings"
desk
mkdir -p policy/kinds
cat >policy/kinds/order.yaml <<'END'
kind: order
pillar: operation
folder: operation/orders
file: yaml
title: name
fields:
  name: {type: string, required: true}
  price: {type: int}
  count: {type: int, default: 1}
  total: {type: int, computed: "self.price * self.count", follows: [price, count]}
END
id=$(new order name=Paper price=3)
is 'the total' 3 "$(value total "$id")"
must itsm set "$id" count=4
is 'the new total' 12 "$(value total "$id")"
sed -i 's/self.price \* self.count/self.prize/' policy/kinds/order.yaml
run itsm check
code 1
out_has "error: policy/kind: 'self.prize' does not compile: no such column: self.prize"
run itsm set "$id" count=5
code 2
err_has "itsm: field 'total' of order (policy/kinds/order.yaml)"
sed -i 's/follows: \[price, count\]/follows: [prize]/' policy/kinds/order.yaml
run itsm check
code 3
err_has "field 'total' follows 'prize', which 'order' does not have"

finish
