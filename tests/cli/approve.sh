#!/bin/sh
# approve: one's own file, signed by ssh-keygen, about what is committed; refusals write nothing.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A change that can be approved. Ada is made by init; keys are made as wanted.
approval_desk() {
	desk
	id=$(new change --title 'Move the database' --body-file - <<'END'
## Reason

It is full.

## Plan

Copy, compare, switch.
END
)
	must itsm move "$id" submitted
	file=$(dirname "$(path_of "$id")")/$id/approvals/ada-lovelace.yaml
}

# The user's key of this type, configured for git as `git commit -S` wants it.
key() { # type
	ssh-keygen -q -t "$1" -N '' -C ada@example.org -f "$HOME/key" </dev/null
	git config --global gpg.format ssh
	git config --global user.signingkey "$HOME/key.pub"
}

# What the signature has to be of, computed as docs/approvals.md says.
statement() { # file
	/usr/bin/python3 - "$1" "$id" change <<'END'
import sys, yaml
with open(sys.argv[1], encoding="utf-8", newline="") as stream:
    said = yaml.load(stream, yaml.BaseLoader)
out = b""
def put(text):
    global out
    data = text.encode()
    out += b"%d:%s\n" % (len(data), data)
def value(name):
    put("value" if name in said else "absent")
    if name in said:
        put(said[name])
for text in ("itsm-approval-1", sys.argv[2], sys.argv[3], said["by"]):
    put(text)
value("role")
put(said["decision"])
put(said["at"])
value("digest")
value("comment")
for absent in ("account", "commit", "at", "recorder"):
    put("absent")
sys.stdout.buffer.write(out)
END
}

# Stock ssh-keygen says that the file is signed by this key.
proven() { # file key
	/usr/bin/python3 -c 'import sys, yaml; sys.stdout.write(yaml.load(open(sys.argv[1]), yaml.BaseLoader)["signature"])' "$1" >"$top/sig"
	statement "$1" >"$top/statement"
	echo "ada $(cut -d' ' -f1,2 "$2")" >"$top/signers"
	ssh-keygen -Y verify -f "$top/signers" -I ada -n itsm-approval -s "$top/sig" <"$top/statement" >"$top/proof" 2>&1 ||
		problem "the signature of $1 is not proven:" "$(cat "$top/proof")"
}

begin 'an approval is one commit of one file, signed by the key that git signs with'
approval_desk
key ed25519
count=$(commits)
run itsm approve "$id" --comment 'Tried on the copy.'
code 0
out ''
err "it does not count: wrong key: it is signed by a key that ada-lovelace does not have in people/ at the base
$id/approvals/ada-lovelace: committed $(git rev-parse --short=8 HEAD)"
is 'the commits' $((count + 1)) "$(commits)"
is 'the files' "A	$file" "$(git diff --name-status HEAD~1 HEAD)"
is 'the author' 'ada@example.org' "$(git log -1 --format=%ae)"
is 'the message' "$id: approved by ada-lovelace

Itsm-Action: approve
Itsm-Record: $id/approvals/ada-lovelace" "$(last_message)"
is 'the beginning' "by: ada-lovelace
decision: approve
at: 2026-11-22T10:00:00Z" "$(head -n 3 "$file")"
proven "$file" "$HOME/key.pub"
clean
sound

for type in rsa ecdsa; do
	begin "$type keys sign too, and comments of any text are signed"
	approval_desk
	key "$type"
	run itsm approve "$id" --comment "$(printf 'first: "x"\n\n  9:value\n- \\ %% ::error::\342\200\256 \303\251 ')"
	code 0
	proven "$file" "$HOME/key.pub"
	sound
done

begin 'a key of ssh-agent, named by file or written out'
approval_desk
ssh-keygen -q -t ed25519 -N '' -f "$HOME/key" </dev/null
eval "$(ssh-agent -s)" >/dev/null
ssh-add -q "$HOME/key" 2>/dev/null
rm "$HOME/key"
run itsm approve "$id" --key "$HOME/key.pub"
code 0
proven "$file" "$HOME/key.pub"
git config --global gpg.format ssh
git config --global user.signingkey "$(cut -d' ' -f1,2 "$HOME/key.pub")"
run itsm approve "$id" --comment literal
code 0
err_lacks unsigned
proven "$file" "$HOME/key.pub"
git config --global user.signingkey "key::$(cut -d' ' -f1,2 "$HOME/key.pub")"
run itsm approve "$id" --comment 'key::'
code 0
err_lacks unsigned
proven "$file" "$HOME/key.pub"
kill "$SSH_AGENT_PID"
unset SSH_AUTH_SOCK SSH_AGENT_PID
run itsm approve "$id" --comment 'no agent'
code 3
err_has 'nothing was signed and nothing was written'
clean

begin '--key takes a file from where the user is, through a link as well'
approval_desk
mkdir "$HOME/keys" sub
ssh-keygen -q -t ed25519 -N '' -f "$HOME/keys/real" </dev/null
ln -s "$HOME/keys/real" "$HOME/linked"
run sh -c "cd sub && itsm approve $id --key ../../home/linked"
code 0
proven "$file" "$HOME/keys/real.pub"
rmdir sub
clean

begin 'a passphrase is asked for on the terminal, and nothing is locked meanwhile'
approval_desk
ssh-keygen -q -t ed25519 -N secret -f "$HOME/key" </dev/null
must itsm approve "$id"
/usr/bin/python3 - "$id" "$HOME/key" >"$top/out" 2>"$top/err" <<'END'
import os, pty, subprocess, sys, time
pid, master = pty.fork()
if pid == 0:
    os.execvp("itsm", ["itsm", "approve", sys.argv[1], "--key", sys.argv[2], "--comment", "with a passphrase"])
seen = b""
while b"assphrase" not in seen:
    seen += os.read(master, 1000)
begun = time.time()
env = dict(os.environ)
other = subprocess.run(["itsm", "note", sys.argv[1], "-m", "meanwhile"], stdin=subprocess.DEVNULL, timeout=20)
assert other.returncode == 0, "another writer is kept out"
os.write(master, b"secret\n")
try:
    while True:
        more = os.read(master, 1000)
        if not more:
            break
        seen += more
except OSError:
    pass
_, status = os.waitpid(pid, 0)
sys.stdout.write(seen.decode())
sys.exit(os.waitstatus_to_exitcode(status))
END
got=$?
last='itsm approve in a terminal'
code 0
out_has 'Enter passphrase' 'committed'
out_lacks secret
proven "$file" "$HOME/key.pub"
clean

begin 'a wrong passphrase, or a key that is none: nothing is written'
approval_desk
echo 'no key' >"$HOME/key"
chmod 600 "$HOME/key"
before=$(git rev-parse HEAD)
run itsm approve "$id" --key "$HOME/key"
code 3
err_has 'nothing was signed and nothing was written' 'ssh-keygen'
run itsm approve "$id" --key "$HOME/missing"
code 3
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean
is 'what is left in the git dir' '' "$(find .git/itsm -name 'sign*')"

begin 'without a key the approval is made, and says that it is unsigned'
approval_desk
run itsm approve "$id"
code 0
err_has 'unsigned: git is not configured to sign with SSH' 'the policy says whether it counts'
is 'a signature' 0 "$(grep -c signature "$file")"
git config --global gpg.format ssh
run itsm approve "$id" --comment again
code 0
err_has 'unsigned: git has no user.signingkey'
git config --global gpg.format openpgp
git config --global user.signingkey 0xDEADBEEF
run itsm approve "$id" --comment 'with OpenPGP'
code 0
err_has 'unsigned: git is not configured to sign with SSH'
sound

begin 'a new decision takes the place of the one before'
approval_desk
key ed25519
must itsm approve "$id" --comment 'Fine.'
run itsm approve "$id" --reject --comment 'Not in this week.'
code 0
is 'the message' "$id: rejected by ada-lovelace" "$(last_message | head -n 1)"
is 'the decision' 'decision: reject' "$(grep '^decision' "$file")"
is 'the comment' 'comment: Not in this week.' "$(grep '^comment' "$file")"
is 'the files' 1 "$(git ls-files "$(dirname "$file")" | wc -l)"
proven "$file" "$HOME/key.pub"
run itsm approve "$id" --withdraw
code 0
is 'the decision' 'decision: withdraw' "$(grep '^decision' "$file")"
is 'the message' "$id: approval withdrawn by ada-lovelace" "$(last_message | head -n 1)"
run itsm approve "$id" --reject --withdraw
code 2
err_has 'do not go together'
sound

begin 'in a role: only one that the person has, or a team they are in'
approval_desk
must itsm set ada-lovelace roles=change-manager
run itsm approve "$id" --as change-manager
code 0
is 'the role' 'role: change-manager' "$(grep '^role' "$file")"
run itsm approve "$id" --as service-desk
code 0
before=$(git rev-parse HEAD)
run itsm approve "$id" --as cab
code 1
err_has "ada-lovelace has no role 'cab'" 'change-manager' 'service-desk'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean

begin 'before it is handed in it cannot be approved, and the message says when'
desk
id=$(new change --title T --body-file - <<'END'
## Reason

x
END
)
before=$(git rev-parse HEAD)
run itsm approve "$id"
code 1
err_has "is in state 'draft' and can't be approved yet" "once it is 'submitted'" "itsm move $id submitted"
is 'HEAD' "$before" "$(git rev-parse HEAD)"
run itsm approve "$id" --reject
code 0

begin 'somebody who is nobody here is told how to be somebody'
approval_desk
git config --global user.email stranger@example.org
before=$(git rev-parse HEAD)
run itsm approve "$id"
code 1
err_has 'nobody in people/ has your mail address stranger@example.org' 'itsm new person'
is 'HEAD' "$before" "$(git rev-parse HEAD)"
clean

begin 'what is approved is what is committed, and the user is told when they look at something else'
approval_desk
path=$(path_of "$id")
sed -i 's/Copy, compare, switch/Switch/' "$path"
run itsm approve "$id"
code 1
err_has "'$path' has changes that are not committed to what would be approved"
git checkout -q "$path"
echo '
## Communication

Mail.' >>"$path"
run itsm approve "$id"
code 0
is 'what is not committed' " M $path" "$(git status --porcelain)"

begin 'what is not approved, and what does not say what an approval is about'
desk
run itsm approve service-desk
code 2
err_has 'a team is not approved'
run itsm approve CHG-00000000
code 3
run itsm approve
code 2

begin 'a record that changes while a key is being asked for is not approved unseen'
approval_desk
ssh-keygen -q -t ed25519 -N '' -f "$HOME/key" </dev/null
cat >"$HOME/slow" <<END
#!/bin/sh
itsm set $id title='Something else' >/dev/null 2>&1
shift 2
exec ssh-keygen -Y sign "\$@"
END
chmod +x "$HOME/slow"
git config --global gpg.ssh.program "$HOME/slow"
run itsm approve "$id" --key "$HOME/key"
code 1
err_has "$id was changed while you were approving it; look at it again"
[ ! -e "$file" ] || problem 'an approval was written'
clean

begin 'going back to draft and handing it in again stamps it anew'
approval_desk
key ed25519
must itsm approve "$id"
first=$(grep '^digest' "$file")
must itsm move "$id" draft
ITSM_NOW=2026-11-22T10:00:01Z
must itsm move "$id" submitted
must itsm approve "$id"
ITSM_NOW=2026-11-22T10:00:00Z
[ "$first" != "$(grep '^digest' "$file")" ] || problem 'the digest is the same after rework'

finish
