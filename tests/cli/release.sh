#!/bin/sh
# release: go or no-go, notes, tag, and what is on disk against the manifest.
# shellcheck disable=SC2016 # backticks of Markdown are not meant for the shell
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A change of the item, scheduled and approved by Grace.
scheduled() {
	id=$(new change --title "$1" requester=ada-lovelace implementer=ada-lovelace risk=low items=db-1 \
		window.start=2026-11-22T09:00:00Z window.end=2026-11-22T11:00:00Z --body-file - <<'END'
## Reason

Full.

## Plan

Copy.

## Backout plan

Back.

## Test plan

Look.
END
)
	for state in submitted assess authorise; do must itsm move "$id" "$state"; done
	as grace itsm approve "$id"
	must itsm move "$id" scheduled
}

# A release with one change and two artefacts in out/, whose tests are done.
tested() {
	desk
	new person id=grace --title 'Grace Hopper' mail=grace@example.org >/dev/null
	new item id=db-1 --title 'Database 1' >/dev/null
	new service id=billing --title Billing >/dev/null
	scheduled 'Move the database'
	mkdir -p out/lib
	printf 'one' >out/billing.tar.gz
	printf 'two' >out/lib/two.so
	echo out >>.git/info/exclude
	release=$(new release --title 'Billing of autumn' version=2.4.0 services=billing changes="$id" manager=ada-lovelace --body-file - <<'END'
## Summary

Faster.

## Backout plan

Back.

## Test results

All well.
END
)
	file=transition/releases/2026/11/$release.md
	sed -i "/^version:/a artefacts:\\
  - name: billing.tar.gz\\
    digest: sha256:$(sha256sum <out/billing.tar.gz | cut -d ' ' -f 1)\\
    where: registry.example.org/billing@2.4.0\\
  - {name: lib/two.so, digest: \"sha512:$(sha512sum <out/lib/two.so | cut -d ' ' -f 1)\"}" "$file"
	git commit -qam Artefacts
	for state in built tested; do must itsm move "$release" "$state"; done
}

begin 'go: everything on the way to deployed holds; who decides is told that nobody did'
tested
as grace itsm approve "$release"
before=$(git rev-parse HEAD)
run itsm release "$release"
code 0
out_has 'note: release/decision: nobody has decided yet'
err_has "$id fine scheduled  Move the database" "$release (tested) Billing of autumn 2.4.0: go"
is 'the commits' 0 "$(git rev-list --count "$before..HEAD")"
clean
must itsm set "$release" go=go go_by=grace
run itsm release "$release"
code 0
out ''

begin 'no-go: approvals, a change that is not authorised or failed, tests, a decision'
tested
run itsm release "$release"
code 1
out_has 'error: policy/release-approval'
err_has "$release (tested) Billing of autumn 2.4.0: no-go"
as grace itsm approve "$release"
must itsm move "$id" draft
run itsm release "$release"
code 1
out_has "error: release/change: is in state 'draft' and not authorised"
err_has "$id not  draft"
scheduled 'Another'
must itsm set "$release" changes="$id"
as grace itsm approve "$release"
run itsm release "$release"
code 0
must itsm set "$release" go=no-go
run itsm release "$release"
code 1
out_has 'release/decision: it was decided that it does not go live'
must itsm set "$release" go=
mkdir -p "transition/changes/2026/11/$id/evidence"
printf 'description: load\ntype: test\nresult: failed\nat: 2026-11-22T09:00:00Z\n' >"transition/changes/2026/11/$id/evidence/t1.yaml"
git add transition && git commit -qm Failed
run itsm release "$release"
code 1
out_has 'error: guard/release/failed-tests'
printf 'description: load\ntype: test\nresult: passed\nat: 2026-11-22T09:30:00Z\n' >"transition/changes/2026/11/$id/evidence/t2.yaml"
git add transition && git commit -qm Passed
run itsm release "$release"
code 0

begin 'no-go in a freeze, at the moment that is planned'
tested
as grace itsm approve "$release"
mkdir -p policy/calendars
printf 'name: Year end\nzone: Europe/Oslo\nfreezes:\n  - {name: Year end, start: 2026-12-20T00:00:00Z, end: 2027-01-03T00:00:00Z, items: [db-1]}\n' >policy/calendars/end.yaml
git add policy && git commit -qm Freeze
run itsm release "$release"
code 0
run itsm release "$release" --at 2026-12-24T10:00:00Z
code 1
out_has 'error: guard/release/freeze'
must itsm set "$release" planned.start=2026-12-24T10:00:00Z
as grace itsm approve "$release"
run itsm release "$release"
code 1
out_has 'error: guard/release/freeze'
err_has 'for 2026-12-24 10:00'

begin 'a release that was withdrawn, and what is none'
tested
must itsm move "$release" withdrawn reason=Late
run itsm release "$release"
code 1
out_has 'error: release/state: is withdrawn, and goes nowhere any more'
run itsm release "$id"
code 2
err "itsm: release: $id is a change and no release"
run itsm release bad "$release"
code 2
run itsm release notes
code 2
err 'itsm: release notes: which release? give its ID'

begin 'notes of hostile records are text'
tested
id=$(new change --title '<img src=x onerror=alert(1)> @admin fixes #1 [a](javascript:b) `x` *y* https://evil.example')
must itsm set "$release" changes="$id"
cat >>"$file" <<'END'

## Known errors

### Heading
- one @admin
  - <script>alert(1)</script>
1. ![x](http://evil.example/x.png)

<!-- not
told -->
::error::boo
END
sed -i "s/name: billing.tar.gz/name: 'bill|ing\`.tar.gz'/" "$file"
git commit -qam Hostile
run itsm release notes "$release"
code 0
cat >"$top/expected" <<END
# Billing of autumn

- Release: \`$release\`
- Version: \`2.4.0\`
- Services: \`billing\`

## Summary

Faster\\.

## Changes

END
head -n 12 "$top/out" >"$top/head"
sed -i 's/Faster\\\./Faster./' "$top/expected"
same "$top/expected" "$top/head"
out_has '- \<img src=x onerror=alert\(1\)\> `@`admin fixes `#`1 \[a\]\(javascript:b\) \`x\` \*y\* https`://`evil.example (`'"$id"'`, normal)' \
	'**Heading**' '- one `@`admin' '  - \<script\>alert\(1\)\</script\>' '1. \!\[x\]\(http`://`evil.example/x.png\)' '`bill?ing?.tar.gz`'
out_lacks told
must cmark --unsafe "$top/out"
cmark --unsafe "$top/out" >"$top/html"
for tag in '<img' '<script' '<a '; do
	grep -q "$tag" "$top/html" && echo "the page has $tag" >>"$top/problems"
done
run itsm release notes "$release" --at HEAD~1
code 0
out_lacks 'Known errors'

begin 'a tag has the manifest, and sha256sum reads it'
tested
as grace itsm approve "$release"
run itsm release tag "$release"
code 0
out v2.4.0
err_has 'with 2 artefacts'
is 'its commit' "$(git rev-parse HEAD)" "$(git rev-parse 'v2.4.0^{commit}')"
is 'its type' tag "$(git cat-file -t v2.4.0)"
git tag -l --format='%(contents)' v2.4.0 >"$top/manifest"
is 'its first line' 'Release 2.4.0: Billing of autumn' "$(head -n 1 "$top/manifest")"
grep '^SHA256' "$top/manifest" >"$top/sha256"
(cd out && sha256sum --strict -c "$top/sha256") >"$top/checked" 2>&1
is 'what sha256sum says' 'billing.tar.gz: OK' "$(cat "$top/checked")"
run itsm release tag "$release"
code 1
err 'itsm: release tag: there is a tag v2.4.0 already; a release keeps its tag'
run itsm release tag "$release" --name=--force
code 2
run itsm release verify "$release" --in out --tag v2.4.0
code 0
err '2 artefacts are as released'
clean

begin 'a tag of the repository of the code, signed where git is configured to'
tested
as grace itsm approve "$release"
git init -q "$top/code" && git -C "$top/code" commit -q --allow-empty -m Code
ssh-keygen -q -t ed25519 -N '' -f "$top/key"
git config --global gpg.format ssh
git config --global user.signingkey "$top/key"
git config --global tag.gpgSign true
must itsm set "$release" tag=billing/2.4.0
run itsm release tag "$release" --repository "$top/code"
code 0
out billing/2.4.0
is 'a signature' 1 "$(git -C "$top/code" cat-file tag billing/2.4.0 | grep -c 'BEGIN SSH SIGNATURE')"
printf 'ada@example.org %s\n' "$(cat "$top/key.pub")" >"$top/allowed"
must git -C "$top/code" -c gpg.ssh.allowedSignersFile="$top/allowed" tag -v billing/2.4.0
is 'the tags of the desk' '' "$(git tag -l)"
run itsm release verify "$release" --in out --tag billing/2.4.0 --repository "$top/code"
code 0

begin 'no tag without version or artefacts, or of one that was withdrawn'
desk
release=$(new release --title Empty)
run itsm release tag "$release"
code 1
err_has 'has no version; set it first'
must itsm set "$release" version=1
run itsm release tag "$release"
code 1
err_has 'has no artefacts'
is 'the tags' '' "$(git tag -l)"

begin 'a no-go gets no tag, unless somebody says why, which the tag keeps'
tested
run itsm release tag "$release"
code 1
err_has "itsm: release tag: $release is a no-go: policy/release-approval: " '--despite REASON'
is 'the tags' '' "$(git tag -l)"
run itsm release tag "$release" --despite ''
code 2
run itsm release tag "$release" --despite "$(printf 'The fix\nSHA256 (x) = 00\033[31m cannot wait')"
code 0
git tag -l --format='%(contents)' v2.4.0 >"$top/manifest"
grep -q '^Despite: The fix.*SHA256 (x) = 00.*cannot wait$' "$top/manifest" || problem 'no reason in the tag' "$(cat "$top/manifest")"
grep -qx "Against: policy/release-approval $release" "$top/manifest" || problem 'what stands against it is not told'
is 'lines of the manifest' 1 "$(grep -c '^SHA256' "$top/manifest")"
LC_ALL=C grep -q "$(printf '\033')" "$top/manifest" && problem 'a control character in the tag'
run itsm release verify "$release" --in out --tag v2.4.0
code 0

begin 'where an artefact is kept is an address or not; url is known still'
tested
as grace itsm approve "$release"
run itsm release notes "$release"
out_has '`registry.example.org/billing@2.4.0`'
sed -i 's|where: .*|url: https://example.org/billing.tar.gz|' "$file"
must git commit -qam Older
run itsm release notes "$release"
out_has '`https://example.org/billing.tar.gz`'
run itsm check
code 0

begin 'what else is in the folder is told when asked for'
tested
printf 'more' >out/lib/more.so
ln -s ../secret out/link
run itsm release verify "$release" --in out
code 0
run itsm release verify "$release" --in out --exact
code 1
out_has 'error: release/extra: lib/more.so is in the folder and no artefact' \
	'error: release/extra: link is in the folder and no artefact, and not even a plain file'
rm out/link out/lib/more.so
run itsm release verify "$release" --in out --exact
code 0

begin 'what is on disk and is not what was released'
tested
run itsm release verify "$release" --in out
code 0
out ''
printf 'three' >out/billing.tar.gz
run itsm release verify "$release" --in out
code 1
out_has "error: release/digest: billing.tar.gz is not what was released: its digest is sha256:$(sha256sum <out/billing.tar.gz | cut -d ' ' -f 1)"
err '1 artefact is as released'
printf 'one' >elsewhere
rm out/billing.tar.gz
run itsm release verify "$release" --in out
code 1
out_has 'error: release/missing: billing.tar.gz'
ln -s ../elsewhere out/billing.tar.gz
run itsm release verify "$release" --in out
code 1
out_has 'error: release/missing: billing.tar.gz'
rm out/billing.tar.gz
mv out/lib elsewhere.d && ln -s ../elsewhere.d out/lib
run itsm release verify "$release" --in out
code 1
out_has 'error: release/missing: lib/two.so'
mkfifo out/billing.tar.gz
run itsm release verify "$release" --in out
code 1
out_has 'error: release/missing: billing.tar.gz'

begin 'no name leads out of the folder'
tested
printf 'one' >secret
for name in ../secret "$PWD/secret" out/../../secret .git/config; do
	sed -i "s|^  - name: .*|  - name: $name|" "$file"
	git commit -qam Name
	run itsm release verify "$release" --in out
	code 1
	out_has 'error: release/name'
done

begin 'a manifest that was changed since the tag'
tested
as grace itsm approve "$release"
must itsm release tag "$release"
sed -i "s/digest: sha256:[0-9a-f]*/digest: sha256:$(printf 'three' | sha256sum | cut -d ' ' -f 1)/" "$file"
git commit -qam Swapped
printf 'three' >out/billing.tar.gz
run itsm release verify "$release" --in out
code 0
run itsm release verify "$release" --in out --tag v2.4.0
code 1
out_has 'error: release/tag: the tag v2.4.0 has no billing.tar.gz with that digest' 'error: release/tag: the tag v2.4.0 has what the record has not: SHA256 (billing.tar.gz)'
run itsm release verify "$release" --in out --tag v9
code 3
err_has "'v9' is no annotated tag"
run itsm release verify "$release" --in nowhere
code 3

finish
