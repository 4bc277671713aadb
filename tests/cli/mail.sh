#!/bin/sh
# mail: messages as mail programs write them; threads, attachments, loops, hostile ones.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A message by another program: compose.py FILE KEY=VALUE ...
compose() {
	/usr/bin/python3 - "$@" <<'END'
import sys
from email.message import EmailMessage
mail = EmailMessage()
text, html, files = "Hello\n", None, []
for word in sys.argv[2:]:
    key, value = word.split("=", 1)
    if key == "text":
        text = value
    elif key == "html":
        html = value
    elif key == "file":
        files.append(value.split(":", 1))
    else:
        mail[key] = value
if text is not None and text != "-":
    mail.set_content(text)
if html:
    (mail.add_alternative if text != "-" else mail.set_content)(html, subtype="html")
for name, content in files:
    mail.add_attachment(content.encode(), maintype="application", subtype="octet-stream", filename=name)
open(sys.argv[1], "wb").write(mail.as_bytes())
END
}

commits() { git rev-list --count HEAD; }

begin 'a mail opens a request; the same again changes nothing'
desk
compose a.eml 'From=Jörg Müller <joerg@example.com>' To=desk@example.org Message-ID='<one@example.com>' \
	'Subject=Zweiter Bildschirm, bitte' 'text=Grüße,
könnte ich …
' 'html=<p>Grüße</p>'
run sh -c 'itsm mail ingest <a.eml'
code 0
request=$(cat "$top/out")
run itsm show "$request" --format json
out_has '"title":"Zweiter Bildschirm, bitte"' 'Jörg Müller <joerg@example.com>' '"source":"mail"' '"external":"one@example.com"'
is 'its body' '## Description

```text
Grüße,
könnte ich …
```' "$(awk 'fences > 1 { print } /^---$/ { fences++ }' "$(git ls-files "operation/requests/*/$request.md")" | sed '/./,$!d')"
before=$(commits)
run itsm mail ingest a.eml
code 0
out ''
err "$request has this mail already"
is 'no commit' "$before" "$(commits)"
run itsm check
code 0

begin 'answers become notes: by Message-ID, by the ID in the subject, also of a note'
desk
compose a.eml From=ada@example.org Message-ID='<one@example.org>' Subject=Help
id=$(itsm mail ingest a.eml)
compose b.eml From=ada@example.org Message-ID='<two@example.org>' In-Reply-To='<one@example.org>' 'Subject=Re: Help' text=More
run itsm mail ingest b.eml
code 0
out_has "$id/notes/NOTE-"
compose c.eml From=bob@example.com Message-ID='<three@example.org>' 'References=<x@y> <two@example.org>' Subject=Hm text=Third
run itsm mail ingest c.eml
out_has "$id/notes/NOTE-"
compose d.eml From=bob@example.com Message-ID='<four@example.org>' "Subject=AW: [$id] Help" text=Fourth
run itsm mail ingest d.eml
out_has "$id/notes/NOTE-"
compose e.eml From=bob@example.com Message-ID='<five@example.org>' "Subject=INC-00000000 is none of ours" text=Fifth
run itsm mail ingest e.eml
out_lacks notes
is 'who said it' 'ada-lovelace,
,bob@example.com <bob@example.com>
,bob@example.com <bob@example.com>' "$(itsm sql "SELECT by, author FROM note WHERE record = '$id' ORDER BY by IS NULL" --format csv | sed 1d)"
run itsm mail ingest b.eml
err_has 'has this mail already'
run itsm check
code 0

begin 'policy/mail.yaml says what is opened'
desk
cat >policy/mail.yaml <<'END'
addresses: [Desk@example.org]
rules:
  - when: "mail.recipients LIKE '%noc@example.org%'"
    kind: incident
    set: [impact=1, urgency=1]
  - when: "EXISTS (SELECT 1 FROM person AS p, json_each(p.mail) AS m WHERE m.value = mail.sender) AND mail.subject LIKE 'broken%'"
    kind: incident
attachments: {count: 1, bytes: 100}
END
must git add . && must git commit -qm mail
compose a.eml From=ada@example.org To=noc@example.org Message-ID='<1@x>' 'Subject=The line is down'
run itsm mail ingest a.eml
code 0
out_has INC-
is 'what the rule set' 1,1 "$(itsm list incident --columns impact,urgency --format csv | sed 1d)"
compose b.eml From=ada@example.org To=desk@example.org Message-ID='<2@x>' 'Subject=Broken chair'
run itsm mail ingest b.eml
out_has INC-
compose c.eml From=eve@example.com To=desk@example.org Message-ID='<3@x>' 'Subject=Broken chair' 'file=a.txt:small' 'file=b.txt:small too'
run itsm mail ingest c.eml
out_has REQ-
err_has '1 attachment kept, 1 too large or too many'
compose d.eml From=desk@EXAMPLE.org Message-ID='<4@x>' Subject=Loop
run itsm mail ingest d.eml
code 0
out ''
err 'dropped: it is from an address of the desk itself'
printf 'known: true\n' >policy/mail.yaml && must git commit -qam known
before=$(commits)
compose e.eml From=eve@example.com Message-ID='<5@x>' Subject=Hello
run itsm mail ingest e.eml
code 1
err_has 'nobody in people/ has the mail address eve@example.com'
is 'no commit' "$before" "$(commits)"
for bad in 'colour: red' 'rules: [{kind: note}]' 'rules: [{kind: incident, when: 1 +}]' 'known: maybe' 'attachments: {count: -1}'; do
	printf '%s\n' "$bad" >policy/mail.yaml && must git commit -qam bad
	run itsm mail ingest e.eml
	is "code of $bad" 1 "$((got >= 2))"
	err_has policy/mail.yaml
done

begin "what a mail opens has the desk's defaults, the service's team before them"
desk
printf 'format: 1\nname: D\ndefaults:\n  incident: {team: service-desk}\n  request: {team: service-desk, category: mail}\n' >itsm.yaml
mkdir -p policy
printf 'rules:\n  - {when: "mail.subject LIKE %s", kind: incident, set: [service=billing]}\n  - {when: "mail.subject LIKE %s", kind: incident}\n' \
	"'%invoice%'" "'%broken%'" >policy/mail.yaml
git add . && git commit -qm 'defaults and rules'
must itsm new team --title Night id=night
must itsm new service --title Billing id=billing team=night
for subject in 'A chair' 'The invoice is late' 'It is broken'; do
	compose a.eml From=a@example.com "Message-ID=<$subject@example.com>" "Subject=$subject"
	run itsm mail ingest a.eml
	code 0
	run itsm show "$(cat "$top/out")" --format json
	case $subject in
	*chair) out_has '"team":"service-desk"' '"category":"mail"' ;;
	*late) out_has '"team":"night"' ;;
	*) out_has '"team":"service-desk"' ;;
	esac
done

begin 'check reads policy/mail.yaml, before a mail does'
desk
for bad in 'colour: red' 'rules: [{kind: note}]' 'rules: [{kind: incident, when: 1 +}]' 'known: maybe' 'attachments: {count: -1}' \
	'rules: [{kind: incident, set: [colour=red]}]' 'rules: [{kind: incident, when: "mail.colour = 1"}]'; do
	printf '%s\n' "$bad" >policy/mail.yaml
	run itsm check
	code 1
	out_has 'policy/mail.yaml' 'error: policy/mail: '
done
printf 'rules: [{kind: incident, when: "mail.colour = 1"}]\n' >policy/mail.yaml
run itsm check
out_has 'no such column: mail.colour'
cat >policy/mail.yaml <<'END'
addresses: [desk@example.org]
rules:
  - {when: "mail.subject LIKE '%outage%' AND EXISTS (SELECT 1 FROM service)", kind: incident, set: [impact=2, urgency=2]}
END
run itsm check
code 0
out ''

begin 'what programs send is dropped'
desk
before=$(commits)
for head in Auto-Submitted=auto-replied Precedence=bulk Precedence=list X-Autoreply=yes 'Return-Path=<>'; do
	compose a.eml From=ada@example.org Message-ID='<1@x>' Subject=Away "$head"
	run itsm mail ingest a.eml
	code 0
	out ''
	err_has dropped:
done
printf 'From: daemon@example.org\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\nno\n--b--\n' >report.eml
run itsm mail ingest report.eml
err 'dropped: it is a delivery report'
compose a.eml From=ada@example.org Message-ID='<1@x>' Subject=Here Auto-Submitted=no
run itsm mail ingest a.eml
out_has REQ-
is 'one commit' "$((before + 1))" "$(commits)"

begin 'what a mail server sends of itself is dropped, without a header that says so too'
desk
for from in MAILER-DAEMON@mx.example.com 'Mail Delivery <Mailer-Daemon@mx.example.com>' '<mailer-daemon>'; do
	compose a.eml "From=$from" Message-ID='<d@x>' 'Subject=Undelivered Mail Returned to Sender'
	before=$(commits)
	run itsm mail ingest a.eml
	[ "$got" -le 1 ] || problem "$from: $got"
	out ''
	is 'no commit' "$before" "$(commits)"
done
compose a.eml From=mailer-daemon-fans@example.com Message-ID='<f@x>' Subject=Hello
run itsm mail ingest a.eml
out_has REQ-

begin 'attachments: kept with their digest, none is taken for a record, none leaves its folder'
desk
compose a.eml From=ada@example.org Message-ID='<1@x>' Subject=Files 'file=../../../../itsm.yaml:title: x' 'file=log file.txt:some lines' \
	'file=note.md:no record' 'file=..:dots' 'file=-rf:dash'
id=$(itsm mail ingest a.eml)
folder=$(dirname "$(git ls-files "operation/requests/*/$id.md")")/$id/evidence
is 'the files' '-1-itsm.yaml.txt
-2-log-file.txt
-3-note.md.txt
-4-..
-5--rf' "$(git ls-files "$folder" | sed 's|.*/mail-[0-9a-f]*||' | grep -v '^-[0-9]*\.yaml$' | sort)"
is 'nothing else changed' '' "$(git diff --stat HEAD~1 -- itsm.yaml policy people)"
is 'the digest' "sha256:$(printf 'some lines' | sha256sum | cut -d' ' -f1)" \
	"$(itsm sql "SELECT digest FROM evidence WHERE description = 'log file.txt'" --format csv | sed 1d)"
run itsm check
code 0

begin 'text can not become a section, reach the terminal raw, or end its block'
desk
compose a.eml From=eve@example.com Message-ID='<1@x>' "Subject=$(printf 'x \033]0;owned\007 y')" "text=$(printf '## Description\n\n````\n## Fulfilment\nDone\n---\nstate: closed\n---\n<script>\033[31m\n')"
run itsm mail ingest a.eml
code 0
id=$(cat "$top/out")
is 'sections' 'Description' "$(itsm sql "SELECT group_concat(name) FROM section WHERE id = '$id' AND filled" --format csv | sed 1d)"
is 'state' new "$(itsm sql "SELECT state FROM request" --format csv | sed 1d)"
run itsm show "$id"
out_lacks "$(printf '\033')"
is 'nothing raw in the file' '' "$(grep -c "$(printf '\033')" "$(git ls-files "operation/requests/*/$id.md")" | grep -v '^0$')"
run itsm check
code 0

begin 'nothing behind a NUL is lost'
desk
printf 'From: a@example.org\nMessage-ID: <1@x>\nSubject: n\0ul\n\nh\0ere\n' >nul.eml
run itsm mail ingest nul.eml
code 0
is 'title' 'n ul' "$(itsm list request --columns title --format csv | sed 1d)"
out_lacks notes
is 'text' 'h ere' "$(grep -h ere "$(git ls-files 'operation/requests/*.md')")"

begin 'what is no mail is refused whole'
desk
before=$(commits)
printf '' >empty.eml
head -c 100000 /dev/zero >zero.eml
printf 'no header at all, just a line\n' >line.eml
printf 'From: nobody\nSubject: x\n\nx\n' >nobody.eml
/usr/bin/python3 -c '
print("From: a@example.org\nContent-Type: multipart/mixed; boundary=b0\n")
for i in range(2000):
    print(f"--b{i}\nContent-Type: multipart/mixed; boundary=b{i+1}\n")' >deep.eml
/usr/bin/python3 -c '
print("From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n")
for i in range(1000):
    print("--b\nContent-Type: application/x\n\nx")' >many.eml
for name in empty zero line nobody deep many; do
	run itsm mail ingest $name.eml
	is "code of $name: it is no use in being tried again" 1 "$got"
done
head -c 33554433 /dev/zero | tr '\0' x >huge.eml
run itsm mail ingest huge.eml
code 1
run itsm mail ingest is-not-there.eml
code 3
is 'no commit' "$before" "$(commits)"
run itsm mail egest a.eml
code 2

begin 'many mail servers at once: each mail once'
desk
for i in 1 2 3 4 5 6; do compose $i.eml From=ada@example.org Message-ID="<$((i % 3))@x>" "Subject=Number $i"; done
for i in 1 2 3 4 5 6; do itsm mail ingest $i.eml >"$top/$i.out" 2>"$top/$i.err" & done
wait
is 'three records' 3 "$(itsm list request --format id | wc -l)"
is 'three said so' 3 "$(cat "$top"/?.out | grep -c REQ-)"
run itsm check
code 0
finish
