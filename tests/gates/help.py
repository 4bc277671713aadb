#!/usr/bin/python3
"""Compare -h with the manual pages: help.py ITSM FOLDER.

The SYNOPSIS of a page is the usage line, its OPTIONS are the option list: the
same names in the same order, each with the help text as its first paragraph.
NAME has the summary. Every page has all the sections, in one order.
"""
import os
import re
import subprocess
import sys

SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT STATUS"]


def flat(text):
    return " ".join(text.split())


def sentence(text):
    """A help text as its page has it: capital letter, full stop, no quoting."""
    text = flat(text).replace("`", "").replace("*", "").rstrip(".")
    return text[:1].lower() + text[1:]


def read_help(itsm, words):
    said = subprocess.run([itsm, *words, "-h"], capture_output=True, text=True, check=True).stdout
    usage, summary, rows = said.split("\n\n", 2)
    options = []
    for line in rows.splitlines():
        match = re.match(r"    (-.*?)(?:  +(\S.*))?$", line)
        if match:
            options.append([match.group(1), match.group(2) or ""])
        else:
            options[-1][1] = line.strip()
    return flat(usage.removeprefix("usage: ")), flat(summary), [(name, sentence(text)) for name, text in options]


def read_page(path):
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"```.*?```", "", file.read(), flags=re.S)
    parts = re.split(r"^# (.*)\n", text, flags=re.M)
    sections = dict(zip(parts[1::2], parts[2::2]))
    options = re.split(r"^## (.*)\n", sections.get("OPTIONS", ""), flags=re.M)
    pairs = [(name, sentence(body.strip().split("\n\n")[0])) for name, body in zip(options[1::2], options[2::2])]
    return parts[1::2], sections, pairs


def main():
    itsm, folder = sys.argv[1:]
    listed = subprocess.run([itsm, "help", "--format", "id"], capture_output=True, text=True, check=True)
    commands = listed.stdout.split()
    count, failed = 0, 0

    def same(what, expected, got):
        nonlocal count, failed
        count += 1
        if expected == got:
            print(f"ok {count} - {what}")
        else:
            failed += 1
            print(f"not ok {count} - {what}\n# -h has:   {expected}\n# the page: {got}")

    pages = sorted(name for name in os.listdir(folder) if name.endswith(".1.md"))
    same("a page for each command", sorted(["itsm.1.md"] + [f"itsm-{name}.1.md" for name in commands]), pages)
    for command in commands:
        path = os.path.join(folder, f"itsm-{command}.1.md")
        if not os.path.exists(path):
            continue
        usage, summary, options = read_help(itsm, [command])
        names, sections, pairs = read_page(path)
        same(f"{command}: sections", SECTIONS, [name for name in names if name in SECTIONS])
        same(f"{command}: name", f"itsm-{command} - {summary}", flat(sections.get("NAME", "")))
        same(f"{command}: synopsis", usage, flat(sections.get("SYNOPSIS", "")))
        same(f"{command}: options", options, pairs)
    overview = subprocess.run([itsm, "help"], capture_output=True, text=True, check=True).stdout
    names, sections, _ = read_page(os.path.join(folder, "itsm.1.md"))
    same("itsm: synopsis", flat(overview.split("\n\n")[0].removeprefix("usage: ")), flat(sections.get("SYNOPSIS", "")))
    listed = re.findall(r"^- `itsm (\S+)`: (.*)$", sections.get("COMMANDS", ""), flags=re.M)
    rows = [line.split(None, 1) for line in overview.splitlines() if line.startswith("    ")]
    same("itsm: commands", [tuple(row) for row in rows], listed)
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


main()
