#!/bin/sh
# checkpoint: a signed tag that pins history; verify finds what was rewritten, replaced or left out.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

signed_desk() {
	desk
	ssh-keygen -q -t ed25519 -N '' -C ada@example.org -f "$HOME/key" </dev/null
	git config --global gpg.format ssh
	git config --global user.signingkey "$HOME/key.pub"
	must itsm set ada-lovelace "keys+=$(cut -d' ' -f1,2 "$HOME/key.pub")"
	must itsm new incident --title 'The first'
}

tags() {
	git for-each-ref --format='%(refname:short)' refs/tags | tr '\n' ' '
}

begin 'a signed tag that stock git verifies, and what it says is true'
signed_desk
run itsm checkpoint -m 'End of the quarter.'
code 0
err_has 'signed by ada-lovelace'
is 'the tags' 'itsm-checkpoint/20261122T100000Z ' "$(tags)"
tag=itsm-checkpoint/20261122T100000Z
out "$tag sha256:$(git cat-file tag "$tag" | sha256sum | cut -d' ' -f1)"
git cat-file tag "$tag" | sed -n '/^Checkpoint/,/^-----BEGIN/p' >"$top/message"
is 'the message' "Checkpoint of Example at 2026-11-22T10:00:00Z

End of the quarter.

Itsm-Checkpoint: 1
Itsm-Commit: $(git rev-parse HEAD)
Itsm-Tree: $(git rev-parse 'HEAD^{tree}')
Itsm-Commits: $(commits)
Itsm-Count: incident 1
Itsm-Count: person 1
Itsm-Previous: none
-----BEGIN SSH SIGNATURE-----" "$(grep -v '^Itsm-Count: \(team\|calendar\)' "$top/message")"
echo "ada $(cut -d' ' -f1,2 "$HOME/key.pub")" >"$top/signers"
must git -c gpg.ssh.allowedSignersFile="$top/signers" verify-tag "$tag"
run itsm verify
code 0
err_has '1 checkpoints, 1 of them signed; 0 commits are covered by none'
must itsm new incident --title 'After it'
run itsm verify
code 0
err_has '1 commits are covered by none'

begin 'a chain: each names the one before'
signed_desk
must itsm checkpoint
must itsm new incident --title Second
must env ITSM_NOW=2026-11-23T10:00:00Z itsm checkpoint
must env ITSM_NOW=2026-11-24T10:00:00Z itsm checkpoint
first=itsm-checkpoint/20261122T100000Z
second=itsm-checkpoint/20261123T100000Z
run git cat-file tag "$second"
out_has "Itsm-Previous: $first sha256:$(git cat-file tag "$first" | sha256sum | cut -d' ' -f1)"
run itsm verify
code 0
err_has '3 checkpoints, 3 of them signed'
git tag -d "$second" >/dev/null
run itsm verify
code 1
out_has 'verify/chain: the checkpoint itsm-checkpoint/20261124T100000Z does not follow'
git tag -d "$first" >/dev/null
run itsm verify
code 1
out_has "verify/chain: the checkpoint itsm-checkpoint/20261124T100000Z follows $second sha256:"

begin 'history rewritten after a checkpoint'
signed_desk
must itsm new incident --title 'That never was'
must itsm checkpoint
git reset -q --hard HEAD~1
must itsm new incident --title 'Instead'
run itsm verify
code 1
out_has 'verify/rewritten: history was rewritten: it does not contain the commit of itsm-checkpoint/20261122T100000Z any more'
run env ITSM_NOW=2026-11-23T10:00:00Z itsm checkpoint
code 1
err_has 'history does not contain the commit of itsm-checkpoint/20261122T100000Z'
is 'the tags' 'itsm-checkpoint/20261122T100000Z ' "$(tags)"

begin 'a checkpoint moved to the rewritten history is found: its signature is of the old one'
signed_desk
must itsm new incident --title 'That never was'
must itsm checkpoint
old=$(git rev-parse HEAD)
git reset -q --hard HEAD~1
must itsm new incident --title 'Instead'
tag=itsm-checkpoint/20261122T100000Z
git cat-file tag "$tag" | sed "s/$old/$(git rev-parse HEAD)/" >"$top/forged"
git update-ref "refs/tags/$tag" "$(git hash-object -t tag -w "$top/forged")"
run itsm verify
code 1
out_has 'does not say of its commit what is true of it' 'the signature of the checkpoint itsm-checkpoint/20261122T100000Z does not hold: it is of something else'

begin 'a checkpoint by a key that came after the one before'
signed_desk
must itsm checkpoint
ssh-keygen -q -t ed25519 -N '' -f "$HOME/other" </dev/null
must itsm new person id=mallory name=Mallory mail=m@example.org "keys=$(cut -d' ' -f1,2 "$HOME/other.pub")"
run env ITSM_NOW=2026-11-23T10:00:00Z itsm checkpoint --key "$HOME/other"
code 1
err_has 'no checkpoint was made: nobody could verify its signature, for it is by a key that nobody has in people/ at its base'
is 'the tags' 'itsm-checkpoint/20261122T100000Z ' "$(tags)"
must env ITSM_NOW=2026-11-23T10:00:00Z itsm checkpoint
run env ITSM_NOW=2026-11-24T10:00:00Z itsm checkpoint --key "$HOME/other"
code 0
err_has 'signed by mallory'
run itsm verify
code 0
err_has '3 checkpoints, 3 of them signed'

begin 'unsigned only when asked for, and then it proves nothing'
desk
run itsm checkpoint
code 3
err_has 'no checkpoint was made; git signs tags with user.signingkey'
is 'the tags' '' "$(tags)"
run itsm checkpoint --unsigned
code 0
err_has 'unsigned: it proves nothing'
run itsm verify
code 0
out_has 'warning: verify/checkpoint: the signature of the checkpoint itsm-checkpoint/20261122T100000Z does not hold: it is not signed'
err_has '1 checkpoints, 0 of them signed' '0 breaks, 1 to look at'

begin 'a tag of that name that is no checkpoint'
signed_desk
git tag itsm-checkpoint/20261101T000000Z
run itsm verify
code 1
out_has 'verify/checkpoint: the tag itsm-checkpoint/20261101T000000Z is no checkpoint'
run itsm checkpoint
code 1
err_has 'is no checkpoint'

begin 'a message cannot pose as the lines for programs'
signed_desk
run itsm checkpoint -m 'Fine
Itsm-Commit: 0000'
code 2
is 'the tags' '' "$(tags)"
run itsm checkpoint --unsigned --key "$HOME/key"
code 2
must itsm checkpoint
run itsm checkpoint
code 1
err_has 'the last checkpoint is itsm-checkpoint/20261122T100000Z, which is not before now'

finish
