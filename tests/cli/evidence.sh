#!/bin/sh
# evidence: a folder that stock tools verify; any byte that is altered is found; record text does nothing in the page.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

hostile='<script>alert(1)</script> & "quotes" &lt;'

# A change through a few states, approved and deployed, with a text that would like to be more than text.
audited_desk() {
	desk
	ssh-keygen -q -t ed25519 -N '' -C ada@example.org -f "$HOME/key" </dev/null
	git config --global gpg.format ssh
	git config --global user.signingkey "$HOME/key.pub"
	must itsm set ada-lovelace "keys+=$(cut -d' ' -f1,2 "$HOME/key.pub")"
	id=$(itsm new change --title "$hostile" --body-file - 2>/dev/null <<'END'
## Reason

It is full. <script>alert(2)</script> [click](javascript:alert(3)) ![x](https://evil.example/x.png)

<img src=x onerror=alert(4)>

## Plan

[data](data:text/html,x) <https://example.org/> &#106;avascript
END
)
	must itsm move "$id" submitted
	must itsm note "$id" -m 'Looked at it.'
	must itsm approve "$id" --comment 'Go.'
	file=$(path_of "$id")
}

begin 'a folder that stock tools verify, and that is the same the next time'
audited_desk
run itsm evidence "$id"
code 0
err_has 'signed by ada-lovelace'
out "evidence-$id sha256:$(sha256sum <"evidence-$id/MANIFEST.sha256" | cut -d' ' -f1)"
run sh "evidence-$id/verify.sh"
code 0
out_has 'ok    every file has the digest of the manifest' 'ok    the manifest is signed by ada-lovelace' 'is signed by ada-lovelace' \
	"has as $file" 'all holds'
out_lacks WRONG
run itsm evidence verify "evidence-$id"
code 0
err_has 'signed by ada-lovelace'
must itsm evidence "$id" --output again
must diff -r "evidence-$id" again
is 'an approval of their own counts for nothing' '1' "$(grep -c 'valid; now own change: they wrote' again/index.html)"
is 'the states' '2' "$(find "evidence-$id/states" -type f | wc -l | tr -d ' ')"
is 'nothing besides' '' "$(find . -maxdepth 1 -name '*making*')"
same "$file" "$(find "evidence-$id/states" -name '*submitted*')"
rm -rf again "evidence-$id"
clean

begin 'every file matters: a byte flipped in each is found, here and by verify.sh'
audited_desk
must itsm evidence "$id" --output audit
find audit -type f | sort >"$top/files"
while read -r name; do
	cp "$name" "$top/kept"
	/usr/bin/python3 - "$name" <<'END'
import sys
with open(sys.argv[1], "rb+") as f:
    data = bytearray(f.read() or b"x")
    data[len(data) // 2] ^= 1
    f.seek(0)
    f.write(data)
END
	run itsm evidence verify audit
	[ "$got" -eq 1 ] || problem "a byte of $name is altered, and the exit code is $got"
	cat "$top/kept" >"$name"
done <"$top/files"
run itsm evidence verify audit
code 0

begin 'missing, extra, links, folders, and a signature taken away'
audited_desk
must itsm evidence "$id" --output audit
digest=$(itsm evidence verify audit 2>&1 | sed -n 's/.*manifest //p')
mv audit/README.txt kept
run itsm evidence verify audit
code 1
out_has 'README.txt: error: evidence/missing'
ln -s ../kept audit/README.txt
run itsm evidence verify audit
code 1
out_has 'README.txt: error: evidence/extra: it is a symbolic link'
rm audit/README.txt
mv kept audit/README.txt
echo x >audit/more
mkdir audit/empty
run itsm evidence verify audit
code 1
out_has 'more: error: evidence/extra' 'empty/: error: evidence/extra'
rm -r audit/more audit/empty
rm audit/MANIFEST.sha256.sig
run itsm evidence verify audit
code 1
out_has 'the evidence was signed, and its signature is not here'
run itsm evidence verify "$top"
code 3

begin 'a folder made anew by somebody else: the digest, or a list of signers of your own, tells'
audited_desk
must itsm evidence "$id" --output audit
digest=sha256:$(sha256sum <audit/MANIFEST.sha256 | cut -d' ' -f1)
echo "ada namespaces=\"itsm-evidence\" $(cut -d' ' -f1,2 "$HOME/key.pub")" >"$top/signers"
run itsm evidence verify audit --signers "$top/signers" --digest "$digest"
code 0
err_has 'signed by ada'
echo lies >audit/README.txt
(cd audit && find . -type f ! -name 'MANIFEST*' ! -name manifest.allowed_signers | sed 's,^\./,,' | LC_ALL=C sort | xargs sha256sum >MANIFEST.sha256 && rm manifest.allowed_signers MANIFEST.sha256.sig)
run itsm evidence verify audit
code 0
err_has 'unsigned: compare the digest'
run itsm evidence verify audit --digest "$digest"
code 1
out_has 'evidence/manifest'
run itsm evidence verify audit --signers "$top/signers"
code 1
out_has 'evidence/signature: it is not signed'

begin 'without a key it is unsigned, and says so; a folder that is there is never touched'
audited_desk
git config --global --unset gpg.format
mkdir audit empty
echo mine >audit/file
run itsm evidence "$id" --output audit
code 1
err_has "is there and not empty"
is 'what is there' 'file' "$(ls audit)"
run itsm evidence "$id" --output empty
code 0
err_has 'unsigned: git is not configured to sign with SSH'
run itsm evidence verify empty
code 0
ln -s empty link
run itsm evidence "$id" --output link
code 1
run itsm evidence nothing-of-this --output other
code 3
[ ! -e other ] || problem 'a folder was made for nothing'

begin 'the page is text only: a parser finds no script, no handler, no active link'
audited_desk
must itsm evidence "$id" --output audit
cat >"$top/look.py" <<'END'
import html.parser, re, sys
bad = []
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text = [], ""
    def handle_starttag(self, tag, attributes):
        if tag in ("script", "iframe", "img", "object", "embed", "link", "base", "form", "svg"):
            bad.append(tag)
        for name, value in attributes:
            if name.startswith("on") or name == "src" or (name == "href" and not re.match(r"(https?:|[A-Za-z0-9-]+(/index.html|\.csv)$|$)", value or "")):
                bad.append((tag, name, value))
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            bad.append(("not closed in order", tag))
    def handle_data(self, data):
        self.text += data
page = Page()
text = open(sys.argv[1], encoding="utf-8").read()
page.feed(text)
page.close()
if page.open:
    bad.append(page.open)
for wanted in sys.argv[2:]:
    if wanted not in page.text:
        bad.append(("lacks", wanted))
if "@media print" not in text:
    bad.append("nothing for print")
print(bad)
END
run /usr/bin/python3 "$top/look.py" audit/index.html "$hostile" "$id" 'It is full.' 'submitted' 'ada-lovelace' 'valid'
out '[]'
if command -v xmllint >/dev/null; then
	must xmllint --html --noout --nowarning audit/index.html
fi
run /usr/bin/python3 -c '
import hashlib, json, sys
d = json.load(open("audit/statement.json"))
assert d["_type"] == "https://in-toto.io/Statement/v1" and d["predicateType"] and d["predicate"]["commit"] == sys.argv[2] and d["predicate"]["record"] == sys.argv[1]
kinds = set()
for s in d["subject"]:
    data = open("audit/" + s["name"], "rb").read()
    assert hashlib.sha256(data).hexdigest() == s["digest"]["sha256"], s
    for name, kind in (("gitBlob", b"blob"), ("gitCommit", b"commit")):
        if name in s["digest"]:
            kinds.add(name)
            assert hashlib.sha1(kind + b" %d\0" % len(data) + data).hexdigest() == s["digest"][name], s
print(sorted(kinds))
' "$id" "$(git rev-parse HEAD)"
out "['gitBlob', 'gitCommit']"

begin 'what is wrong in the history of a record is in its evidence'
audited_desk
sed -i 's/^state: .*/state: closed/' "$file"
git -c user.name=M -c user.email=m@example.org commit -q -a -m Close
run itsm evidence "$id" --output audit
code 0
run grep -c 'workflow/transition' audit/findings.json
out 1
run sh audit/verify.sh
code 0

begin 'a sample that another program draws the same, with the whole population'
desk
for n in 1 2 3 4 5 6 7; do
	must env ITSM_NOW=2026-11-0${n}T10:00:00Z itsm new change --title "Number $n"
done
run itsm evidence --sample 2 --seed 'Audit 2026' --from 2026-11-02 --to 2026-11-07 --output audit
code 0
err_has '2 of 5 records'
run /usr/bin/python3 -c '
import csv, hashlib, os
rows = list(csv.DictReader(open("audit/population.csv")))
order = sorted(rows, key=lambda r: hashlib.sha256(("Audit 2026:" + r["id"]).encode()).hexdigest())
drawn = sorted(r["id"] for r in rows if r["drawn"] == "yes")
print(len(rows), drawn == sorted(r["id"] for r in order[:2]), drawn == sorted(n for n in os.listdir("audit") if n.startswith("CHG-")))
'
out '5 True True'
run itsm evidence verify audit
code 0
for folder in audit/CHG-*; do
	run sh "$folder/verify.sh"
	code 0
done
must itsm evidence --sample 2 --seed 'Audit 2026' --from 2026-11-02 --to 2026-11-07 --output again
must diff -r audit again
run itsm evidence --sample 99 --seed x --output all
code 0
err_has '7 of 7 records'
run itsm evidence --sample 0 --seed x
code 2
run itsm evidence --sample 3
code 2
run itsm evidence
code 2
run itsm evidence --sample 3 --seed x --kind approval
code 2

finish
