#!/usr/bin/python3
"""Run the examples of the manual pages: examples.py ITSM SAMPLE PAGE...

Each page gets a fresh desk with the sample's records. Its blocks

    ```console
    $ itsm new incident --title 'The lift stands still'
    INC-9d3w6z2b
    $ itsm show INC-9d3w6z2b
    ...
    ```

run in order; lines after a command are what it prints, stdout and stderr as on
a terminal. A line `...` stands for any number of lines, `...` in a line for
anything in it. An ID that is neither in the sample nor printed before stands
for whatever ID is printed at its place, from there to the end of the page. A
command may go on in the next line behind a backslash.
One test per command.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SHOWN = 30  # lines of output that a failure tells
ID = re.compile(r"\b[A-Z]{2,6}-[0-9a-hjkmnp-tv-z]{8}\b")


def blocks(page):
    """The commands of a page: [line number, command, expected lines]."""
    steps, inside = [], False
    with open(page, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if line.startswith("```"):
                inside = line == "```console"
            elif inside and line.startswith("$ "):
                steps.append([number, line[2:], []])
            elif inside and steps and steps[-1][1].endswith("\\") and not steps[-1][2]:
                steps[-1][1] = steps[-1][1][:-1] + line.lstrip()
            elif inside and steps:
                steps[-1][2].append(line)
    return steps


class Matcher:
    """Compares output with what a page shows, and learns which IDs stand for which."""

    def __init__(self, known):
        self.real = {name: name for name in known}

    def command(self, text):
        return ID.sub(lambda found: self.real.get(found.group(), found.group()), text)

    def pattern(self, line, learned):
        """A regular expression for a line; IDs seen for the first time become groups."""
        parts, at = [], 0
        for found in re.finditer(r"\.\.\.|" + ID.pattern, line):
            parts.append(re.escape(line[at:found.start()]))
            at = found.end()
            word = found.group()
            if word == "...":
                parts.append(".*")
            elif word in self.real:
                parts.append(re.escape(self.real[word]))
            elif word in learned:
                parts.append(f"(?P={learned[word]})")
            else:
                learned[word] = f"id{len(learned)}"
                parts.append(f"(?P<{learned[word]}>{ID.pattern})")
        parts.append(re.escape(line[at:]))
        return "".join(parts)

    def matches(self, expected, got):
        learned, whole = {}, ""
        for line in expected:
            whole += r"(?:.*\n)*?" if line == "..." else self.pattern(line, learned) + r"\n"
        found = re.fullmatch(whole, got)
        if found:
            self.real.update({word: found.group(group) for word, group in learned.items()})
        return bool(found)


def environment(home):
    keep = {name: os.environ[name] for name in os.environ if name.endswith("SAN_OPTIONS")}
    path = os.path.join(home, "bin") + ":" + os.environ["PATH"]
    return {
        **keep, "HOME": home, "PATH": path, "LC_ALL": "C.UTF-8", "TZ": "UTC", "ITSM_NOW": "2026-11-22T10:00:00Z",
        "GIT_AUTHOR_DATE": "2026-11-22T10:00:00Z", "GIT_COMMITTER_DATE": "2026-11-22T10:00:00Z",
        "GIT_CONFIG_NOSYSTEM": "1", "EDITOR": "false",
    }


def prepare(folder, itsm, sample):
    """A desk with the sample's records. Returns its environment and the IDs it has."""
    home, desk = os.path.join(folder, "home"), os.path.join(folder, "desk")
    os.makedirs(os.path.join(home, "bin"))
    os.symlink(itsm, os.path.join(home, "bin", "itsm"))
    with open(os.path.join(home, ".gitconfig"), "w", encoding="utf-8") as config:
        config.write("[user]\nname = Ada Lovelace\nemail = ada@example.org\n")
        config.write("[init]\ndefaultBranch = main\n[gc]\nauto = 0\n")
    env = environment(home)
    run = lambda *words: subprocess.run(words, cwd=desk, env=env, check=True, capture_output=True)
    os.mkdir(desk)
    run("itsm", "init", "--name", "Example")
    shutil.copytree(sample, desk, dirs_exist_ok=True, ignore=shutil.ignore_patterns("README.md"))
    run("git", "add", ".")
    run("git", "commit", "-q", "-m", "the sample")
    known = [name.rsplit(".", 1)[0] for _, _, files in os.walk(sample) for name in files]
    return desk, env, [name for name in known if ID.fullmatch(name)]


def run_page(itsm, sample, page, report):
    folder = tempfile.mkdtemp(prefix="itsm-examples.")
    try:
        desk, env, known = prepare(folder, itsm, sample)
        matcher = Matcher(known)
        for number, command, expected in blocks(page):
            ran = subprocess.run(["sh", "-c", matcher.command(command)], cwd=desk, env=env, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            got = ran.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
            good = matcher.matches(expected, got) and ran.returncode in (0, 1, 2, 3)
            report(good, f"{page}:{number}: {command}", got)
    except subprocess.CalledProcessError as failure:
        report(False, f"{page}: the sample desk", failure.stderr.decode("utf-8", "replace"))
    finally:
        shutil.rmtree(folder)


def main():
    itsm, sample, *pages = sys.argv[1:]
    count, failed = 0, 0

    def report(good, what, got):
        nonlocal count, failed
        count += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {count} - {what.replace('#', '')}")
        if not good:
            print("".join(f"# {line}\n" for line in got.splitlines()[:SHOWN]), end="")

    for page in pages:
        if not blocks(page) and not page.endswith("/itsm.1.md"):
            report(False, f"{page} has examples", "")
        run_page(itsm, sample, page, report)
    print(f"1..{count}")
    sys.exit(1 if failed or not count else 0)


main()
