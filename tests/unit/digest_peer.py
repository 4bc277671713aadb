#!/usr/bin/python3
"""The digest of approved content, computed by another program.

digest_peer.py DIGEST_PRINT KINDS_FOLDER: writes docs/approvals.md down in Python
(with PyYAML and cmark), makes records of every kind with hostile values, and
compares. Then that what must not change a digest does not, and that what must does.
"""
import datetime
import glob
import hashlib
import os
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from decimal import Decimal

import yaml

SEED = int(os.environ.get("SEED", "291"))
NULLS = ("", "~", "null", "Null", "NULL")


# --- the specification, in another language ---

def put(out, text):
    data = text.encode("utf-8")
    out.append(b"%d:%s\n" % (len(data), data))


def is_null(node):
    return node is None or (isinstance(node, yaml.ScalarNode) and node.style is None and node.value in NULLS)


def time_text(text):
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?([Zz]|[+-]\d\d:\d\d)", text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    zone = found.group(7)
    if zone in "Zz":
        offset = 0
    else:
        if int(zone[4:6]) > 59:
            return None
        offset = (int(zone[1:3]) * 60 + int(zone[4:6])) * (-1 if zone[0] == "-" else 1)
    if not -720 <= offset <= 840 or hour > 23 or minute > 59 or second > 60:
        return None
    try:
        moment = datetime.datetime(year, month, day, hour, minute) + datetime.timedelta(seconds=second, minutes=-offset)
    except (ValueError, OverflowError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def duration_text(text):
    units = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
    if not re.fullmatch(r"(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?", text) or not text:
        return None
    return str(sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([wdhms])", text)))


def number_text(text):
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text) or abs(float(text)) == float("inf"):
        return None
    power = re.search(r"[eE][+-]?0*(\d*)$", text)
    if power and len(power.group(1)) > 9:
        return None
    sign, digits, exponent = Decimal(text).as_tuple()
    digits = "".join(map(str, digits)).lstrip("0")
    if not digits:
        return "0"
    kept = digits.rstrip("0")
    return f"{'-' if sign else ''}{kept}e{exponent + len(digits) - len(kept)}"


def int_text(text):
    if not re.fullmatch(r"[+-]?\d+", text) or not -2**63 <= int(text) < 2**63:
        return None
    return str(int(text))


NORMAL = {"time": time_text, "duration": duration_text, "number": number_text, "int": int_text}


def put_node(out, node, field):
    if is_null(node):
        put(out, "absent")
    elif isinstance(node, yaml.ScalarNode):
        normal = NORMAL.get(field["type"], lambda text: text)(node.value) if field else node.value
        put(out, "raw" if normal is None else "value")
        put(out, node.value if normal is None else normal)
    elif isinstance(node, yaml.MappingNode):
        members = sorted(((key.value.encode(), key.value, value) for key, value in node.value if not is_null(value)),
                         key=lambda member: member[0])
        put(out, "object")
        put(out, str(len(members)))
        for _, key, value in members:
            put(out, key)
            put_node(out, value, (field or {}).get("fields", {}).get(key))
    else:
        put(out, "list")
        put(out, str(len(node.value)))
        for item in node.value:
            put_node(out, item, field)


def find(node, path):
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == path:
                return value
        for key, value in node.value:
            if path.startswith(key.value + "."):
                return find(value, path[len(key.value) + 1:])
    return None


def find_field(kind, path):
    fields, field = kind["fields"], None
    for part in path.split("."):
        field = fields.get(part)
        fields = (field or {}).get("fields", {})
    return field


def sections(body):
    """(name, text) of each section, headings as cmark finds them."""
    lines = re.split(r"\r\n|\r|\n", body)
    tree = ElementTree.fromstring(subprocess.run(["cmark", "-t", "xml", "--sourcepos"], input="\n".join(lines),
                                                 capture_output=True, text=True, check=True).stdout)
    space = "{http://commonmark.org/xml/1.0}"
    marks = []
    for node in tree:
        if node.tag == space + "heading" and node.get("level") in "12":
            first = last = int(node.get("sourcepos").split(":")[0])
            if not re.match(r" {0,3}#{1,2}(?:[ \t]|$)", lines[first - 1]):  # cmark may tell a line too many where one is underlined
                while not re.fullmatch(r" {0,3}(?:=+|-+)[ \t]*", lines[last - 1]):
                    last += 1
            name = "".join(leaf.text or "" if leaf.tag in (space + "text", space + "code") else
                           " " if leaf.tag in (space + "softbreak", space + "linebreak") else "" for leaf in node.iter())
            marks.append((first, last, name if node.get("level") == "2" else None))
    for at, (_, last, name) in enumerate(marks):
        end = marks[at + 1][0] - 1 if at + 1 < len(marks) else len(lines)
        if name is not None:
            kept = [line.rstrip(" \t") for line in lines[last:end]]
            yield name, "\n".join(kept).strip("\n")


def digest(kind, name, text):
    front, body = text, ""
    if kind["file"] == "md":
        found = re.match(r"---\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)(.*)", text, re.S | re.M)
        front, body = found.groups()
    node = yaml.compose(front.replace("\r\n", "\n"), yaml.SafeLoader)
    approved = kind["approved"]
    out = []
    put(out, "itsm-content-1")
    put(out, kind["kind"])
    put(out, name)
    names = sorted(set(approved.get("fields", [])), key=str.encode)
    put(out, str(len(names)))
    for field in names:
        put(out, field)
        value = find(node, field)
        put_node(out, None if is_null(value) else value, find_field(kind, field))
    names = sorted(set(approved.get("sections", [])), key=str.encode)
    there = list(sections(body))
    put(out, str(len(names)))
    for section in names:
        texts = [content for title, content in there if title.lower() == section.lower()]
        put(out, section)
        put(out, str(len(texts)))
        for content in texts:
            put(out, content)
    return "itsm1-sha256:" + hashlib.sha256(b"".join(out)).hexdigest()


# --- records ---

TEXTS = ["", "x", "a\nb", "3:abc\n1:x", "5:value", "absent", "null", "~", "no", "1.10", "0x1F", "  led", "trail  ", "\u00e9\u0301",
         "\u202eevil", "\U0001f600", "a: b", "- item", "# no comment", "'", '"', "\\", "{}", "[]", "---", "%", "::error::x", "<b>",
         "\ufeff", "\u00a0", "a,b", "\t", "2026-11-22", "\u0391", "A"]
VALUES = {
    "time": ["2026-11-22T10:00:00Z", "2026-11-22T11:00:00+01:00", "2026-11-22t10:00z", "2026-11-22 10:00:00.75-00:30",
             "2016-12-31T23:59:60Z", "2026-02-30T00:00:00Z", "2026-11-22", "0001-01-01T00:00:00Z", "2026-11-22T10:00:00+15:00"],
    "duration": ["4h", "240m", "1h30m", "90m", "0s", "2w", "h", "30m1h", "1d"],
    "number": ["1", "1.0", "1.50", "+1.5", "01.5", "1e3", "1000", "-0", "0.0", "1E-2", "1e999", "1e-9999999999", ".5", "5.", "NaN",
               "123456789012345678901234567890", "0.1000"],
    "int": ["1", "+1", "007", "-0", "0", "9223372036854775807", "9223372036854775808", "1.0", "-9223372036854775808", "x"],
    "bool": ["true", "false", "yes", "TRUE"],
    "date": ["2026-11-22", "2026-02-30", "today"],
}


def scalar(chance, text):
    style = chance.choice(["plain", "single", "double", "double"])
    if style == "single" and "\n" not in text and "\t" not in text and "\ufeff" not in text:
        return "'" + text.replace("'", "''") + "'"
    if style == "plain" and re.fullmatch(r"[A-Za-z0-9+][A-Za-z0-9:+.-]*[A-Za-z0-9]|[0-9a-z~]|null", text) and ": " not in text:
        return text
    return '"' + "".join(c if 32 <= ord(c) < 127 and c not in '"\\' else
                         f"\\U{ord(c):08x}" for c in text) + '"'


def value(chance, field, depth=0):
    kind = field["type"] if field else "any"
    if chance.random() < 0.08:
        return chance.choice(["", "~", "null", '""', "[]", "{}"])
    if field and field.get("list") and chance.random() < 0.9:
        plain = dict(field, list=False)
        return "[" + ", ".join(value(chance, plain, depth + 1) or "~" for _ in range(chance.randrange(4))) + "]"
    if kind == "object" and chance.random() < 0.9:
        names = [name for name in field["fields"] if chance.random() < 0.7]
        chance.shuffle(names)
        if chance.random() < 0.1:
            names.append("other")
        return "{" + ", ".join(f"{name}: {value(chance, field['fields'].get(name), depth + 1) or '~'}" for name in names) + "}"
    if kind == "any" and depth < 3 and chance.random() < 0.5:
        inner = [value(chance, None, depth + 1) or "~" for _ in range(chance.randrange(4))]
        return "[" + ", ".join(inner) + "]" if chance.random() < 0.5 else \
            "{" + ", ".join(f"k{at}: {item}" for at, item in enumerate(inner)) + "}"
    return scalar(chance, chance.choice(VALUES.get(kind, TEXTS) if chance.random() < 0.85 else TEXTS))


BODIES = ["", "Text.", "Text.  \n\n\n", "\n\n a\t \n  b", "```\n## Plan\n```", "### Deeper\n\nx", "<!-- ## Plan -->", "> ## Plan",
          "1:a\n", "\u202eevil", "* a\n* b", "a\\\nb", "---", "\u00a0", "    ## Plan"]


def front_lines(chance, kind):
    lines = []
    if kind.get("states"):
        lines.append("state: " + chance.choice(list(kind["states"])))
    names = [name for name in kind["fields"] if chance.random() < 0.7]
    chance.shuffle(names)
    return lines + [f"{name}: {value(chance, kind['fields'][name])}" for name in names]


def body_text(chance, kind):
    parts = []
    for name in list(kind.get("sections", {})) + ["Other"]:
        for _ in range(chance.choice([0, 1, 1, 1, 2])):
            heading = chance.choice(["## " + name, "##  " + name + "  ##", name + "\n---", "## **" + name + "**", "## " + name.upper()])
            parts.append(heading + "\n" + chance.choice(["", "\n"]) + chance.choice(BODIES) + "\n")
    if chance.random() < 0.2:
        parts.insert(chance.randrange(len(parts) + 1), "# Top\n\nloose\n")
    return "\n".join(parts)


def make(chance, kind):
    front, body = front_lines(chance, kind), body_text(chance, kind)
    text = "\n".join(front) + "\n" if kind["file"] == "yaml" else "---\n" + "\n".join(front) + "\n---\n\n" + body
    if chance.random() < 0.2:
        text = text.replace("\n", "\r\n")
    return text


def place(kind):
    if kind.get("filed", "month" if kind.get("prefix") else "slug") == "month":
        name = kind["prefix"] + "-4k7q2m8d"
        return name, f"{kind['folder']}/2026/11/{name}.{kind['file']}"
    name = kind["prefix"] + "-4k7q2m8d" if kind.get("prefix") else "thing"
    return name, f"{kind['folder']}/{name}.{kind['file']}"


def printed(program, files):
    data = b"".join(b"%s %d\n%s" % (path.encode(), len(text.encode()), text.encode()) for path, text in files)
    return subprocess.run([program], input=data, capture_output=True, check=True).stdout.decode().split()


number = 0
failed = 0


def tell(fine, name, detail=""):
    global number, failed
    number += 1
    failed += not fine
    print(f"{'ok' if fine else 'not ok'} {number} - {name}")
    if not fine:
        print("# " + detail.replace("\n", "\n# "))


def compare_kind(program, kind, rounds):
    chance = random.Random(f"{SEED} {kind['kind']}")
    name, path = place(kind)
    texts = [make(chance, kind) for _ in range(rounds)]
    got = printed(program, [(path, text) for text in texts])
    compared = 0
    for text, theirs in zip(texts, got):
        if theirs == "-":
            continue
        compared += 1
        ours = digest(kind, name, text)
        if ours != theirs:
            tell(False, f"{kind['kind']}: the digest is what the specification says", f"SEED={SEED}\n{theirs}\n{ours}\n{text}")
            return
    tell(compared >= rounds * 0.6, f"{kind['kind']}: {compared} digests are what the specification says", f"only {compared} of {rounds} were records")


CHANGE = """---
state: submitted
title: Move
type: normal
services: [billing, crm]
items: []
risk: low
window: {start: 2026-12-01T20:00:00Z, end: 2026-12-01T22:00:00Z}
submitted: 2026-11-22T10:00:00Z
owner: jane
---

## Reason

Full.

## Plan

1. Copy.
2. Switch.

## Communication

Mail.
"""


def edits(program):
    """Name, whether the digest stays, old and new text of the change above."""
    path = "transition/changes/2026/11/CHG-4k7q2m8d.md"
    cases = [
        ("quoting", True, "title: Move", "title: 'Move' # said"),
        ("an offset that means the same", True, "2026-12-01T20:00:00Z", "2026-12-01T21:00:00+01:00"),
        ("block style", True, "services: [billing, crm]", "services:\n  - billing\n  - crm"),
        ("order of fields", True, "title: Move\ntype: normal", "type: normal\ntitle: Move"),
        ("state", True, "state: submitted", "state: assess"),
        ("a field that is not approved content", True, "owner: jane", "owner: bob"),
        ("a section that is not", True, "Mail.", "Call."),
        ("blanks at the end of lines", True, "1. Copy.", "1. Copy.  "),
        ("blank lines around a section", True, "## Plan\n\n1.", "## Plan\n\n\n\n1."),
        ("line ends", True, "\n", "\r\n"),
        ("a null for nothing", True, "owner: jane", "owner: jane\nmodel: ~"),
        ("title", False, "title: Move", "title: Move it"),
        ("an item more", False, "items: []", "items: [db-1]"),
        ("no list is no empty list", False, "items: []\n", ""),
        ("order of a list", False, "[billing, crm]", "[crm, billing]"),
        ("two values are not one", False, "[billing, crm]", '["billing, crm"]'),
        ("a scalar is no list", False, "[billing, crm]", "billing"),
        ("window", False, "22:00:00Z", "23:00:00Z"),
        ("an end less", False, ", end: 2026-12-01T22:00:00Z", ""),
        ("handed in anew", False, "submitted: 2026-11-22T10:00:00Z", "submitted: 2026-11-22T10:00:01Z"),
        ("plan", False, "2. Switch.", "2. Switch it off."),
        ("blank line inside", False, "1. Copy.\n", "1. Copy.\n\n"),
        ("indentation", False, "2. Switch.", "   2. Switch."),
        ("a second section of the name", False, "## Communication", "## plan\n\nAnd more.\n\n## Communication"),
        ("a section moved into another", False, "## Plan\n", "### Plan\n"),
        ("a letter that looks the same", False, "title: Move", "title: M\u043eve"),
        ("composed and decomposed", False, "Full.", "Full\u0301."),
    ]
    files = [(path, CHANGE), (path.replace("4k7q2m8d", "4k7q2m8e"), CHANGE), (path.replace("2026/11", "2025/01"), CHANGE)]
    files += [(path, CHANGE.replace(old, new)) for _, _, old, new in cases]
    got = printed(program, files)
    tell(got[1] != got[0], "another ID is another digest")
    tell(got[2] == got[0], "another folder is the same digest")
    for (name, stays, old, new), theirs in zip(cases, got[3:]):
        tell(old in CHANGE and theirs != "-" and (theirs == got[0]) == stays, f"{name} {'keeps' if stays else 'changes'} it", theirs)


def main():
    program, folder = sys.argv[1:]
    kinds = []
    for file in sorted(glob.glob(os.path.join(folder, "*.yaml"))):
        with open(file, encoding="utf-8") as stream:
            kind = yaml.safe_load(stream)
        if "approved" in kind:
            kinds.append(kind)
    for kind in kinds:
        compare_kind(program, kind, 40)
    tell(len(kinds) >= 13, "every kind that is approved was compared", str(len(kinds)))
    edits(program)
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())
