#!/bin/sh
# Many writers at once lose nothing.
# Runs on the release build where there is one: quick writers collide more.
[ ! -x "${ITSM_RELEASE-}" ] || ITSM=$ITSM_RELEASE
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'eight processes make ten records each'
desk
for writer in 1 2 3 4 5 6 7 8; do
	(for number in 1 2 3 4 5 6 7 8 9 10; do
		itsm new incident --title "Writer $writer number $number" impact=3 urgency=3 || echo "failed: $writer $number"
	done) >"$top/writer$writer" 2>"$top/errors$writer" &
done
wait
cat "$top"/writer[1-8] >"$top/ids"
is 'failures' '' "$(grep failed "$top/ids"; cat "$top"/errors[1-8] | grep -v committed)"
is 'the IDs' 80 "$(sort -u "$top/ids" | wc -l)"
run itsm list incident --format id --sort id
code 0
sort "$top/ids" >"$top/sorted"
same "$top/sorted" "$top/out"
is 'the commits' 81 "$(commits)"
clean
sound

begin 'eight processes set fields of one record: each change is a commit, none is lost'
desk
id=$(new incident --title Shared impact=3 urgency=3)
for writer in 1 2 3 4 5 6 7 8; do
	(for number in 1 2 3 4 5; do
		itsm note "$id" -m "Writer $writer number $number" || echo failed
		itsm set "$id" title="Writer $writer number $number" || echo failed
	done) >"$top/writer$writer" 2>"$top/errors$writer" &
done
wait
is 'failures' '' "$(cat "$top"/writer[1-8] | grep failed; cat "$top"/errors[1-8] | grep -v committed)"
is 'the commits' 82 "$(commits)"
is 'the notes' 40 "$(git ls-files "*/$id/notes/*" | wc -l)"
is 'the titles' 40 "$(git log --format=%s | grep -c "^$id: set title")"
clean
sound

begin 'plain git commits in between: nothing of either is lost'
desk
id=$(new incident --title Shared impact=3 urgency=3)
(for number in 1 2 3 4 5 6 7 8 9 10; do
	itsm set "$id" title="Number $number" || echo failed
done) >"$top/ours" 2>"$top/errors" &
made=0
for number in 1 2 3 4 5 6 7 8 9 10; do
	git commit -q --allow-empty -m "plain $number" 2>/dev/null && made=$((made + 1))
done
wait
is 'failures' '' "$(grep failed "$top/ours"; grep -v committed "$top/errors")"
is 'the titles' 10 "$(git log --format=%s | grep -c "^$id: set title")"
is 'the commits of git' "$made" "$(git log --format=%s | grep -c '^plain')"
clean
sound

# Each writer in turn makes a ticket, sets a field of the shared one and of its own, writes a note and moves its own.
# Plain git commits beside them where ITSM_PLAIN is set: git reads HEAD and its index before it locks that, so a git
# that is held up between the two can undo a commit of anybody else's, another git's as well as ours. A rare one is
# no failure of ours, but it would be one of this test's.
begin "sixteen writers of every sort beside readers: each printed success is one commit, and each commit was printed"
ticket_desk
writes=${ITSM_WRITES:-10}
shared=$(new ticket --title Shared severity=low)
for writer in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16; do
	own=$(new ticket --title "Own $writer" severity=high points=1 due=2026-12-01)
	sed -i 's/^## How$/## How\n\nBy hand./' "$(path_of "$own")"
	echo "$own" >"$top/own$writer"
done
must git commit -q -a -m 'how it was done'
before=$(git rev-parse HEAD)
for writer in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16; do
	(own=$(cat "$top/own$writer") number=0
	while [ "$number" -lt "$writes" ]; do
		case $((number % 5)) in
		0) itsm move "$own" doing ;;
		1) itsm new ticket --title "Writer $writer number $number" ;;
		2) itsm set "$shared" tags+="w$writer-$number" ;;
		3) itsm note "$shared" -m "Writer $writer number $number" ;;
		4) itsm move "$own" fixed ;;
		esac || echo "failed: $writer $number"
		number=$((number + 1))
	done) >"$top/writer$writer" 2>"$top/errors$writer" &
	echo "$!" >>"$top/writers"
done
for reader in 1 2; do
	(while [ ! -e "$top/done" ]; do
		itsm list ticket --format id >/dev/null || echo "failed: list"
		itsm show "$shared" >/dev/null || echo "failed: show"
		itsm log "$shared" --limit 3 >/dev/null || echo "failed: log"
		[ "$reader" = 1 ] || itsm check >/dev/null || echo "failed: check"
	done) >"$top/reader$reader" 2>&1 &
done
# git gives up where its index is locked: what it printed as done counts
(number=0
while [ -n "${ITSM_PLAIN-}" ] && [ ! -e "$top/done" ]; do
	number=$((number + 1))
	echo "$number" >"plain-$((number % 7)).txt"
	git add "plain-$((number % 7)).txt" 2>/dev/null && git commit -q -m "plain $number" 2>/dev/null && echo "plain $number"
done) >"$top/plain" &
while read -r writer; do wait "$writer"; done <"$top/writers"
touch "$top/done"
wait
is 'failures' '' "$(cat "$top"/writer[0-9]* "$top"/reader[12] | grep failed; cat "$top"/errors* | grep -v committed)"
# set and move print the commit, new and note the ID that stands in one
sed -n 's/^.*: committed \([0-9a-f]*\)$/\1/p' "$top"/errors* | sort >"$top/printed"
must git add -A # what a git that gave up had left
git diff --cached --quiet || must git commit -q -m rest
git log --format=%s "$before..HEAD" | grep '^plain' | sort >"$top/made-plain"
sort "$top/plain" >"$top/printed-plain"
same "$top/printed-plain" "$top/made-plain"
[ -z "${ITSM_PLAIN-}" ] || [ -s "$top/made-plain" ] || problem 'git never got through'
git log --format='%h %(trailers:key=Itsm-Action,valueonly,separator=)' --abbrev=8 "$before..HEAD" |
	sed -n 's/ \(set\|move\)$//p' | sort >"$top/made"
same "$top/printed" "$top/made"
sort "$top"/writer[0-9]* >"$top/printed-ids"
git log --format='%(trailers:key=Itsm-Action,valueonly,separator=) %(trailers:key=Itsm-Record,valueonly,separator=)' "$before..HEAD" |
	sed -n 's/^\(new\|note\) //p' | sort >"$top/made-ids"
same "$top/printed-ids" "$top/made-ids"
is 'the successes' $((16 * writes)) "$(cat "$top/printed" "$top/printed-ids" | sort -u | wc -l)"
is 'the commits' $((16 * writes)) "$(git log --format='%(trailers:key=Itsm-Action,valueonly,separator=)' "$before..HEAD" | grep -c .)"
is 'the moves' $((16 * ((writes + 4) / 5 + writes / 5))) "$(git log --format=%s "$before..HEAD" | grep -c ': move ')"
is 'the tags' $((16 * ((writes + 2) / 5))) "$(itsm show "$shared" --format json | grep -oE 'w[0-9]+-[0-9]+' | sort -u | wc -l)"
is 'the notes' $((16 * ((writes + 1) / 5))) "$(git ls-files "*/$shared/notes/*" | wc -l)"
clean
sound

finish
