#!/bin/sh
# new --from: a change made of commits, within what its model was approved for.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

put() { # path, content on stdin
	mkdir -p "$(dirname "$1")"
	cat >"$1"
}

# A desk with services, items and a model; in one repository with its code.
desk_with_code() {
	desk
	put people/alan-turing.yaml <<'END'
name: Alan Turing
mail: [alan@example.org, turing@example.org]
active: true
END
	put strategy/services/billing.yaml <<'END'
state: live
name: Billing
owner: ada-lovelace
paths: ["billing/**"]
END
	put strategy/services/shop.yaml <<'END'
state: live
name: Shop
owner: ada-lovelace
paths: [shop, "*.html"]
END
	put transition/items/db-1.yaml <<'END'
state: live
name: Database 1
class: database
services: [billing]
paths: ["deploy/db/**/*.sql"]
END
	# who approves models is not what is tested here
	put policy/rules/article-approval.yaml <<'END'
name: article-approval
enabled: false
END
	put transition/articles/deploy-billing.md <<'END'
---
state: published
title: Deploy billing
type: standard-change
owner: ada-lovelace
services: [billing]
items: [db-1]
risk: low
limits: {paths: ["billing/**", deploy], window: 2h, commits: 3}
valid_until: 2027-01-01
opened: 2026-11-01T10:00:00Z
---

## Solution

Run the pipeline.

## Backout plan

Run it with the commit before.
END
	must git add .
	must git commit -q -m 'A desk'
	must git branch base
}

# A commit of code by somebody.
commit() { # mail subject path ...
	mail=$1 subject=$2
	shift 2
	for path; do
		mkdir -p "$(dirname "$path")"
		echo "$subject" >>"$path"
		must git add "$path"
	done
	GIT_AUTHOR_NAME=Somebody GIT_AUTHOR_EMAIL=$mail git commit -q -m "$subject" || problem "commit $subject"
}

field() { # name
	sed -n "s/^$1: //p" "$(path_of "$id")"
}

begin 'a standard change from commits: title, people, items, services, commits, plan'
desk_with_code
# shellcheck disable=SC2016 # backticks of Markdown
commit TURING@example.org 'Round amounts [x](y) `z` <b>' billing/round.c
commit ada@example.org 'Add an index' deploy/db/2026/11/index.sql billing/query.c
first=$(git rev-parse HEAD~1) second=$(git rev-parse HEAD)
run itsm new change --from base..HEAD --model deploy-billing window.start=2026-11-22T11:00:00Z window.end=2026-11-22T12:00:00Z
code 0
id=$(cat "$top/out")
is type standard "$(field type)"
is model deploy-billing "$(field model)"
is title 'Add an index, and 1 more commit' "$(field title)"
is risk low "$(field risk)"
is requester alan-turing "$(field requester)"
is implementer ada-lovelace "$(field implementer)"
run itsm show "$id" --format json
out_has '"items":["db-1"]' '"services":["billing"]' "\"commits\":[\"$second\",\"$first\"]" 'Round amounts'
grep -q "^- \`$(echo "$second" | cut -c1-12)\` Somebody: Add an index$" "$(path_of "$id")" || problem 'the plan lacks the commit'
# shellcheck disable=SC2016
grep -qF 'Round amounts \[x](y) \`z\` \<b>' "$(path_of "$id")" || problem 'the subject is not plain text' "$(cat "$(path_of "$id")")"
clean
must itsm move "$id" submitted
must itsm move "$id" scheduled
sound

begin 'one commit gives its subject; what the user says goes first; without a model it is an ordinary change'
desk_with_code
commit nobody@example.org 'Mend the cart' shop/cart.c index.html
run itsm new change --from base.. risk=high requester=alan-turing
code 0
id=$(cat "$top/out")
is title 'Mend the cart' "$(field title)"
is type normal "$(field type)"
is risk high "$(field risk)"
is requester alan-turing "$(field requester)"
is implementer '' "$(field implementer)"
run itsm show "$id" --format json
out_has '"services":["shop"]'
run itsm new change --from base..HEAD --title 'My own'
id=$(cat "$top/out")
is title 'My own' "$(field title)"

begin 'the model refuses what it was not approved for, all of it at once, and nothing is written'
desk_with_code
commit ada@example.org One shop/cart.c
commit ada@example.org Two billing/a.c
commit ada@example.org Three secret/key.txt
commit ada@example.org Four billing/b.c
head=$(git rev-parse HEAD)
run itsm new change --from base..HEAD --model deploy-billing window.start=2026-11-22T11:00:00Z window.end=2026-11-22T14:00:00Z
code 1
out ''
err_has 'model/scope: does not allow the service shop' 'does not allow the file shop/cart.c' 'does not allow the file secret/key.txt' \
	'model/limits: allows 3 commits, these are 4' 'allows a window of 120 minutes, this one has 180' 'nothing was written'
is HEAD "$head" "$(git rev-parse HEAD)"
clean

begin 'a model without paths allows the files of its own services and items'
desk_with_code
sed -i '/^limits/d' transition/articles/deploy-billing.md
must git commit -q -a -m model
must git branch -f base
commit ada@example.org One billing/a.c
must itsm new change --from base..HEAD --model deploy-billing
commit ada@example.org Two elsewhere.c
run itsm new change --from base..HEAD --model deploy-billing
code 1
err_has 'does not allow the file elsewhere.c'

begin 'a model that is no model, not published, or over'
desk_with_code
commit ada@example.org One billing/a.c
for change in 's/^type: standard-change/type: how-to/' 's/^state: published/state: draft/' 's/^valid_until: 2027/valid_until: 2025/'; do
	must git checkout -q -B try main
	sed -i "$change" transition/articles/deploy-billing.md
	must git commit -q -a -m 'Another model'
	run itsm new change --from base..HEAD --model deploy-billing
	code 1
	err_has model/unusable
done
must git checkout -q main
run itsm new change --from base..HEAD --model nothing
code 3
run itsm new change --from base..HEAD --model billing
code 3

begin 'a model counts with its own approval, by somebody else, of what it says now'
desk_with_code
must git rm -q policy/rules/article-approval.yaml
must git commit -qm 'models are approved'
must git branch -f base
commit ada@example.org 'Fix the price' billing/price.c
refused() { # text
	before=$(git rev-parse HEAD)
	run itsm new change --from base..HEAD --model deploy-billing
	code 1
	out ''
	err_has 'error: policy/article-approval' "$1" 'error: model/unusable: does not hold what the policy asks of it' 'nothing was written'
	is HEAD "$before" "$(git rev-parse HEAD)"
	clean
}
refused 'needs the approval of 1 of anyone'
must itsm approve deploy-billing
refused '0 of 1; could be given by alan-turing'
as alan itsm approve deploy-billing
run itsm new change --from base..HEAD --model deploy-billing
code 0
sed -i 's/^Run the pipeline.$/Run anything./' transition/articles/deploy-billing.md
must git commit -qam 'wider'
refused 'approval/stale'

begin 'a standard change whose model was taken back is not carried out'
desk_with_code
commit ada@example.org 'Fix the price' billing/price.c
id=$(new change --from base..HEAD --model deploy-billing window.start=2026-11-22T09:00:00Z window.end=2026-11-22T11:00:00Z)
must itsm move "$id" submitted
must itsm move "$id" scheduled
run itsm gate --change "$id"
code 0
sed -i 's/^state: published/state: retired/' transition/articles/deploy-billing.md
must git commit -qam 'no more'
run itsm gate --change "$id"
code 1
out_has 'error: policy/change-model-expired'

begin 'the code in another repository, whose items say which one they mean'
desk_with_code
sed -i '1a repository: https://git.example.org/acme/billing.git' strategy/services/billing.yaml
must git commit -q -a -m repository
must git init -q "$top/code"
here=$PWD
cd "$top/code" || exit 3
commit ada@example.org Base README
commit ada@example.org One billing/a.c transition/items/x.yaml
must git remote add origin git@git.example.org:acme/billing
cd "$here" || exit 3
run itsm new change --from HEAD~1..HEAD --repository "$top/code" --title A
code 0
id=$(cat "$top/out")
run itsm show "$id" --format json
out_has '"services":["billing"]'
must git -C "$top/code" remote set-url origin https://git.example.org/acme/other.git
run itsm -C . new change --from HEAD~1..HEAD --repository ../code --title B
code 0
id=$(cat "$top/out")
run itsm show "$id" --format json
out_lacks '"services":["billing"]'
clean

begin 'globs mean what git takes them for'
desk_with_code
number=0
rm -f strategy/services/*.yaml transition/items/*.yaml
for name in a.c b/a.c b/c/a.c b/c/d/a.h b/cc/x.c 'b/x y.c' .h/a.c 'b/[z].c' b/d é.c; do
	put "$name" <<'END'
x
END
done
while read -r glob; do
	number=$((number + 1))
	printf 'state: live\nname: G\nclass: other\npaths: ["%s"]\n' "$glob" | put "transition/items/g$number.yaml"
	git ls-files -z -o --exclude-standard -- ":(glob)$glob" 2>/dev/null | tr '\0' '\n' | grep -v '^transition/\|^strategy/' >"$top/found"
	[ ! -s "$top/found" ] || echo "g$number"
done >"$top/expected.items" <<'END'
a.c
b
b/
b/*
b/**
**
**/a.c
b/**/a.c
*.c
b/*/a.c
b/**/*.h
b/c*/**
?.c
[ab].c
[!a].c
b/[[]z].c
b/\\\\[z].c
*/*
nothing
b/c/d/a.h/x
b/x y.c
.h
**/c/**
b/**/d
c/**
*/
**/
END
must git add transition strategy
must git commit -q -m 'The globs'
must git branch -f base
must git add .
must git commit -q -m 'The files'
run itsm new change --from base..HEAD
code 0
id=$(cat "$top/out")
itsm show "$id" --format json | python3 -c 'import json, sys
print("\n".join(json.load(sys.stdin)["records"][0]["items"]))' | sort >"$top/got.items"
sort -o "$top/expected.items" "$top/expected.items"
same "$top/expected.items" "$top/got.items"

begin 'a path of many folders and a glob of many stars are soon held together'
desk_with_code
printf 'state: live\nname: G\nclass: other\npaths: ["**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b"]\n' | put transition/items/g1.yaml
must git add transition
must git commit -q -m 'The glob'
deep=$(printf 'a/%.0s' $(seq 300))
for name in b c; do
	must git update-index --add --cacheinfo "100644,$(git rev-parse HEAD:itsm.yaml),$deep$name"
	must git commit -q -m "Deep $name"
	must git reset -q --hard
done
run timeout 20 itsm new change --from HEAD~2..HEAD~1 --title Deep
code 0
run itsm show "$(cat "$top/out")" --format json
out_has '"items":["g1"]'
run timeout 20 itsm new change --from HEAD~2..HEAD~1 --title 'Deep too' # the change made a commit: this is the other file
code 0
run itsm show "$(cat "$top/out")" --format json
out_lacks '"items":["g1"]'

begin 'no program that the code'\''s configuration names is run'
desk
mkdir ../code
must git -C ../code init -q
for number in 1 2; do
	echo "$number" >../code/file
	must git -C ../code add file
	must git -C ../code commit -q -m "Number $number"
done
printf '#!/bin/sh\n: >"%s"\n' "$top/run" >"$top/program"
chmod +x "$top/program"
for key in core.fsmonitor core.pager pager.log diff.external gpg.program core.sshCommand diff.x.textconv filter.x.clean; do
	must git -C ../code config "$key" "$top/program"
done
must git -C ../code config log.showSignature true
echo '* diff=x filter=x' >../code/.git/info/attributes
rm -f "$top/run"
run itsm new change --from HEAD~1..HEAD --repository ../code
code 0
[ ! -e "$top/run" ] || problem 'a program was run'

begin 'what a partial clone of code lacks is not fetched as its configuration says'
desk
must git init -q ../code
for number in 1 2; do
	mkdir -p ../code/folder
	echo "$number" >../code/folder/file
	must git -C ../code add folder
	must git -C ../code commit -q -m "Number $number"
done
lost=$(git -C ../code rev-parse HEAD~1:folder)
must git -C ../code config uploadpack.allowAnySHA1InWant true
must git clone -q --bare ../code ../whole
printf '#!/bin/sh\n: >"%s"\nshift\nexec sh -c "$*"\n' "$top/run" >"$top/program"
chmod +x "$top/program"
must git -C ../code config core.repositoryFormatVersion 1
must git -C ../code config extensions.partialClone origin
must git -C ../code config remote.origin.promisor true
must git -C ../code config remote.origin.url "ssh://hub$top/whole"
must git -C ../code config core.sshCommand "$top/program"
must git -C ../code config protocol.ssh.allow always
rm "../code/.git/objects/$(printf %.2s "$lost")/$(printf %s "$lost" | cut -c 3-)"
run itsm new change --from HEAD~1..HEAD --repository ../code
code 3
err_has "$lost"
[ ! -e "$top/run" ] || problem 'a program was run'
is commits 1 "$(commits)"
# as git by itself would
git -C ../code cat-file -e "$lost" 2>"$top/must"
[ -e "$top/run" ] || problem 'git does not fetch here: this test shows nothing'

begin 'ranges that are none, shallow clones, words that do not go together'
desk_with_code
commit ada@example.org One billing/a.c
run itsm new change --from HEAD
code 2
err_has "'HEAD' is no range"
run itsm new change --from HEAD..HEAD
code 2
err_has 'holds no commit'
run itsm new change --from nowhere..HEAD
code 3
err_has "'nowhere' is no commit" 'fetch depth'
run itsm new change --from --output=x..HEAD
code 2
[ ! -e x ] || problem 'an option reached git'
run itsm new change --model deploy-billing
code 2
run itsm new change --from base..HEAD --body-file x
code 2
must git clone -q --depth 1 "file://$PWD" "$top/shallow"
cd "$top/shallow" || exit 3
run itsm new change --from HEAD~1..HEAD
code 3
err_has 'shallow' 'fetch depth 0'
finish
