"""Makes a desk of N records with a history of 20,000 commits, the same for the same N.

    python3 tests/bench/desk.py FOLDER RECORDS [COMMITS]

The records are what a service desk has: services and items first, in large commits, then months of
incidents, requests, changes, problems and notes, filed as they come in and changed in between. The
files go through `git fast-import`, so that a million of them is a matter of minutes; `itsm init` of
$ITSM_RELEASE makes the desk they go into. RECORDS counts every file that is a record.
"""

import collections
import datetime
import os
import random
import subprocess
import sys

from words import Writer

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
BEGIN = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
DAYS = 1000
COMMITS = 20000
KEPT = 4000  # records that are still changed: those that came last
SHARES = {"service": 0.005, "person": 0.004, "team": 0.0005, "item": 0.15}
HAPPENINGS = [("incident", 54), ("request", 10), ("change", 16), ("problem", 4), ("note", 16)]
STEPS = {
    "incident": ["new", "assigned", "resolved", "closed"],
    "request": ["new", "approval", "fulfilment", "fulfilled", "closed"],
    "change": ["draft", "submitted", "assess", "authorise", "scheduled"],
    "problem": ["new", "assess", "root-cause", "fix"],
}
STAMPS = {"assigned": "acknowledged", "resolved": "resolved", "closed": "closed", "submitted": "submitted",
          "fulfilled": "fulfilled"}


class Record:
    __slots__ = ("id", "kind", "path", "state", "text")

    def __init__(self, name, kind, path, state, text):
        self.id, self.kind, self.path, self.state, self.text = name, kind, path, state, text


class Desk:
    """What is on the desk so far, as far as records to come need to know."""

    def __init__(self, count):
        self.writer = Writer(count)
        self.random = random.Random(count + 1)
        self.made = 0
        self.names = {kind: [f"{kind}-{number}" for number in range(max(3, int(count * share)))]
                      for kind, share in SHARES.items()}
        self.recent = collections.deque(maxlen=KEPT)
        self.parents = collections.deque(maxlen=KEPT)

    def identity(self, prefix):
        """An odd multiplier runs through all 40-bit numbers before it comes back to one."""
        self.made += 1
        number = self.made * 0x9E3779B97F5 % (1 << 40)
        return prefix + "-" + "".join(ALPHABET[number >> shift & 31] for shift in range(35, -5, -5))

    def one(self, kind):
        return self.random.choice(self.names[kind])

    def some(self, kind, most):
        names = self.names[kind]
        return ", ".join(sorted({self.random.choice(names) for _ in range(self.random.randint(1, most))}))

    def thing(self, kind, number):
        name, write = self.names[kind][number], self.writer
        folder = {"service": "strategy/services", "person": "people", "team": "teams", "item": "transition/items"}[kind]
        lines = [f"name: {write.title()}"]
        if kind == "person":
            lines += [f"mail: [{name}@example.org]", "active: true", f"job: {write.title()}"]
        elif kind == "team":
            lines += [f"members: [{self.some('person', 5)}]", "active: true"]
        else:
            state = "live"
            lines.insert(0, f"state: {state}")
            lines += [f"owner: {self.one('person')}", f"team: {self.one('team')}",
                      "criticality: " + self.random.choice(["low", "medium", "high", "critical"])]
            if kind == "item":
                lines += ["class: " + self.random.choice(["server", "database", "application", "network-device"]),
                          "environment: " + self.random.choice(["production", "staging", "test"]),
                          f"services: [{self.some('service', 2)}]", f"serial: SN{number:08d}",
                          f"hostname: {name}.example.org"]
                if number:
                    lines.append(f"depends_on: [{self.names['item'][self.random.randrange(number)]}]")
            lines += ["description: |"] + ["  " + line for line in write.text(900).split("\n")]
        return Record(name, kind, f"{folder}/{name}.yaml", None, "\n".join(lines) + "\n")

    def happening(self, when):
        kind = self.random.choices([name for name, _ in HAPPENINGS], [weight for _, weight in HAPPENINGS])[0]
        if kind == "note" and self.parents:
            return self.note(when)
        return self.narrative("incident" if kind == "note" else kind, when)

    def note(self, when):
        parent, name = self.random.choice(self.parents), self.identity("NOTE")
        text = (f"---\nby: {self.one('person')}\nat: {when:%Y-%m-%dT%H:%M:%SZ}\nvisibility: staff\n---\n\n"
                f"{self.writer.text(500)}\n")
        return Record(name, "note", f"{parent[:-3]}/notes/{name}.md", None, text)

    def narrative(self, kind, when):
        prefix, folder = {"incident": ("INC", "operation/incidents"), "request": ("REQ", "operation/requests"),
                          "change": ("CHG", "transition/changes"), "problem": ("PRB", "operation/problems")}[kind]
        name, write, choose = self.identity(prefix), self.writer, self.random.randint
        state = STEPS[kind][0]
        lines = ["---", f"state: {state}", f"title: {write.title()}", f"opened: {when:%Y-%m-%dT%H:%M:%SZ}"]
        if kind == "incident":
            lines += [f"caller: {write.title()}", f"services: [{self.some('service', 2)}]",
                      f"items: [{self.some('item', 2)}]", f"impact: {choose(1, 4)}", f"urgency: {choose(1, 4)}",
                      f"priority: {choose(1, 5)}", f"team: {self.one('team')}", f"assignee: {self.one('person')}",
                      f"category: {self.random.choice(self.writer.words[70:100])}", f"external: EXT{self.made:07d}"]
        elif kind == "change":
            lines += ["type: normal", f"services: [{self.some('service', 2)}]", f"items: [{self.some('item', 3)}]",
                      f"requester: {self.one('person')}", f"owner: {self.one('person')}", f"risk: medium"]
        elif kind == "request":
            lines += [f"service: {self.one('service')}", f"requester: {self.one('person')}"]
        else:
            lines += [f"service: {self.one('service')}", f"items: [{self.some('item', 2)}]"]
        sections = {"incident": ["Description", "Timeline"], "request": ["Description", "Fulfilment"],
                    "change": ["Reason", "Impact", "Plan", "Backout plan", "Test plan"],
                    "problem": ["Description", "Analysis", "Workaround"]}[kind]
        lines += ["---"]
        for section in sections:
            lines += ["", f"## {section}", "", write.text(choose(200, 2800) // len(sections) + 100)]
        record = Record(name, kind, f"{folder}/{when:%Y/%m}/{name}.md", state, "\n".join(lines) + "\n")
        self.recent.append(record)
        self.parents.append(record.path)
        return record

    def change(self, when, new):
        """
        A record that moves on, or has its owner's title changed: its file as it is then, and what was done. One
        that the same commit makes stays as it begins.
        """
        record = self.random.choice(self.recent)
        if record in new:
            return None, None, None
        steps = STEPS[record.kind]
        position = steps.index(record.state)
        if position + 1 == len(steps):
            record.text = record.text.replace("\ntitle: ", "\ntitle: Again ", 1)
            return record, f"{record.id}: set title", f"Itsm-Action: set\nItsm-Record: {record.id}"
        state = steps[position + 1]
        stamp = f"{STAMPS[state]}: {when:%Y-%m-%dT%H:%M:%SZ}\n" if state in STAMPS else ""
        record.text = record.text.replace(f"\nstate: {record.state}\n", f"\nstate: {state}\n{stamp}", 1)
        said = f"Itsm-Action: move\nItsm-Record: {record.id}\nItsm-From: {record.state}\nItsm-To: {state}"
        subject = f"{record.id}: move {record.state} -> {state}"
        record.state = state
        return record, subject, said


def history(count, commits):
    """Commits as (when, message, records)."""
    desk = Desk(count)
    things = [(kind, number) for kind, names in desk.names.items() for number in range(len(names))]
    bulk = max(1, commits // 100)
    size = -(-len(things) // bulk)
    bulk = -(-len(things) // size)
    for number in range(bulk):
        part = things[number * size:(number + 1) * size]
        yield (BEGIN + datetime.timedelta(minutes=number), f"import {len(part)} things",
               [desk.thing(*thing) for thing in part])
    rest, steps = count - len(things), commits - bulk
    for number in range(steps):
        when = BEGIN + datetime.timedelta(days=1, seconds=number * DAYS * 86400 // steps)
        new = rest * (number + 1) // steps - rest * number // steps
        records = [desk.happening(when) for _ in range(new)]
        message = f"{records[0].id}: new {records[0].kind}\n\nItsm-Action: new" if records else ""
        message += "".join(f"\nItsm-Record: {record.id}" for record in records)
        if desk.recent and (not records or desk.random.random() < 0.5):
            record, subject, said = desk.change(when, records)
            if record:
                records.append(record)
                message = message or f"{subject}\n\n{said}"
        yield when, message or "nothing", records


def write_stream(stream, count, commits, base):
    for number, (when, message, records) in enumerate(history(count, commits)):
        said, seconds = message.encode(), int(when.timestamp())
        stream.write(b"commit refs/heads/main\ncommitter Ada Lovelace <ada@example.org> %d +0000\ndata %d\n%s\n"
                     % (seconds, len(said), said))
        if number == 0:
            stream.write(b"from %s\n" % base)
        for record in records:
            data = record.text.encode()
            stream.write(b"M 100644 inline %s\ndata %d\n%s\n" % (record.path.encode(), len(data), data))
    stream.write(b"done\n")


def make(folder, count, commits, itsm, environment):
    """A desk in `folder`, checked out, packed, with the index of git fresh."""
    def run(*command):
        return subprocess.run(command, cwd=folder if os.path.isdir(folder) else os.path.dirname(folder), env=environment, check=True,
                              capture_output=True).stdout.strip()

    folder = os.path.abspath(folder)
    run(itsm, "init", folder, "--name", "Bench")
    base = run("git", "rev-parse", "HEAD")
    with subprocess.Popen(["git", "fast-import", "--quiet", "--done"], cwd=folder, env=environment,
                          stdin=subprocess.PIPE) as importer:
        write_stream(importer.stdin, count, commits, base)
        importer.stdin.close()
        if importer.wait() != 0:
            raise RuntimeError("git fast-import failed")
    run("git", "reset", "-q", "--hard")
    run("git", "commit-graph", "write", "--reachable", "--changed-paths")
    run("git", "status")


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else COMMITS,
         os.environ["ITSM_RELEASE"], os.environ)
