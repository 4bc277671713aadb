#!/bin/sh
# article: knowledge that is valid for a time; what expired leaves search, and feedback tells which does not help.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Three articles: valid, expired yesterday, retired.
articles() {
	desk
	for id in valid old gone; do
		new article id="$id" --title "Toner of the $id printer" owner=ada-lovelace valid_until=2026-11-22 >/dev/null
		must itsm move "$id" published
	done
	sed -i 's/^valid_until: .*/valid_until: 2026-11-21/' transition/articles/old.md
	git commit -qam Old
	must itsm move gone retired
}

begin 'what expired or is retired leaves search unless asked'
articles
run itsm search toner --format id
code 0
out valid
run itsm search toner --expired --format id
code 0
is 'all of them' 'gone old valid' "$(sort "$top/out" | tr '\n' ' ' | sed 's/ $//')"
run itsm search article toner --at HEAD --format id
out valid
run itsm search toner state:retired --format id
out ''

begin 'its last day counts, by the clock of the moment'
articles
ITSM_NOW=2026-11-23T00:00:00Z
run itsm search toner --format id
out ''
ITSM_NOW=2026-11-21T10:00:00Z
run itsm search toner --format id
is 'both' 'old valid' "$(sort "$top/out" | tr '\n' ' ' | sed 's/ $//')"
ITSM_NOW=2026-11-22T10:00:00Z

begin 'by its ID it is found whatever it is; list has all of them'
articles
run itsm search old --format id
code 0
is 'the first' old "$(head -n 1 "$top/out")"
run itsm list article --format id
is 'all of them' 'gone old valid' "$(sort "$top/out" | tr '\n' ' ' | sed 's/ $//')"

begin 'hidden results do not count for the limit'
articles
for number in 1 2 3; do
	new article id="more-$number" --title 'Toner toner toner' owner=ada-lovelace valid_until=2026-11-22 >/dev/null
	must itsm move "more-$number" published
	sed -i 's/^valid_until: .*/valid_until: 2026-01-01/' "transition/articles/more-$number.md"
done
git commit -qam More
run itsm search toner -n 1 --format id
out valid

begin 'a desk hides what it likes, and a wrong expression is a finding'
articles
mkdir -p policy/kinds
printf 'kind: incident\nhidden_when: "self.priority > 3"\n' >policy/kinds/incident.yaml
new incident --title 'Toner out' priority=4 >/dev/null
low=$(new incident --title 'Toner on fire' priority=1)
run itsm search incident toner --format id
out "$low"
run itsm search incident toner --expired --format id
is 'both' 2 "$(wc -l <"$top/out")"
printf 'kind: incident\nhidden_when: "self.nothing_such > 3"\n' >policy/kinds/incident.yaml
run itsm check
code 1
out_has "policy/kind" "'self.nothing_such > 3' does not compile"

begin 'feedback tells which article does not help'
articles
for score in 1 2; do must itsm new feedback score=$score about=valid comment=Meh; done
run itsm check
out_lacks check/article/feedback
must itsm new feedback score=3 about=valid comment=Meh
run itsm check
out_has 'warning: check/article/feedback' 'did not help most of those who said so'
must itsm new feedback score=5 about=valid
must itsm new feedback score=5 about=valid
run itsm check
out_lacks check/article/feedback

finish
