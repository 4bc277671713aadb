"""The same jobs done by peers at 10,000 items: fossil's tickets, taskwarrior, and what a user would write with git and jq.

Each peer holds the title, state, priority and text of every record of the desk. A peer that has no
such command is left out of the row; the row is ours against the best of them.
"""

import datetime
import hashlib
import json
import os
import shutil
import uuid

from harness import ITSM
from scale import AT_HEAD

WORDS = ["printer", "toner"]


class Item:
    def __init__(self, path, text):
        self.path, self.text = path, text
        self.name = os.path.basename(path).rsplit(".", 1)[0]
        fields = dict(line.split(": ", 1) for line in text.split("\n")[:20] if ": " in line)
        self.title = fields.get("title") or fields.get("name") or self.name
        self.state = fields.get("state", "none")
        self.priority = fields.get("priority", "3")
        self.key = hashlib.sha1(path.encode()).hexdigest()


def items_of(harness, folder):
    names = harness.lines(["git", "ls-files", "operation", "transition", "strategy", "people", "teams"], folder)
    items = []
    for name in names:
        if not name.endswith("README.md"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                items.append(Item(name, file.read()))
    return items


class Fossil:
    name = "fossil"

    def __init__(self, harness, items):
        self.harness, self.folder = harness, harness.path("fossil")
        artifacts = os.path.join(self.folder, "artifacts")
        os.makedirs(artifacts)
        for number, item in enumerate(items):
            moment = datetime.datetime(2024, 1, 1) + datetime.timedelta(minutes=number)
            cards = {"comment": item.text, "priority": item.priority, "status": item.state, "title": item.title}
            text = f"D {moment:%Y-%m-%dT%H:%M:%S}.000\n"
            text += "".join(f"J {name} {self.quoted(value)}\n" for name, value in cards.items())
            text += f"K {item.key}\nU ada\n"
            text += f"Z {hashlib.md5(text.encode()).hexdigest()}\n"
            with open(os.path.join(artifacts, f"{number:06d}"), "w", encoding="utf-8") as file:
                file.write(text)
        harness.run(["fossil", "reconstruct", "tickets.fossil", artifacts], self.folder)
        shutil.rmtree(artifacts)
        self.jobs = {
            "show": lambda item: self.ticket("show", "0", f"tkt_uuid='{item.key}'"),
            "list": lambda item: self.ticket("show", "0", "status='new' AND priority<='2'"),
            "log": lambda item: self.ticket("history", item.key),
            "search": lambda item: self.ticket("show", "0", " AND ".join(
                f"(title LIKE '%{word}%' OR comment LIKE '%{word}%')" for word in WORDS)),
            "set": lambda item: self.ticket("set", item.key, "priority", "2"),
            "move": lambda item: self.ticket("set", item.key, "status", "resolved"),
            "new": lambda item: self.ticket("add", "title", "A disk is full", "status", "new"),
            "first build": lambda item: [["fossil", "rebuild", "--quiet", "tickets.fossil"]],
        }

    @staticmethod
    def quoted(text):
        for plain, escaped in (("\\", "\\\\"), (" ", "\\s"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
            text = text.replace(plain, escaped)
        return text

    @staticmethod
    def ticket(*words):
        return [["fossil", "ticket", *words, "-R", "tickets.fossil"]]


class Taskwarrior:
    name = "taskwarrior"

    def __init__(self, harness, items):
        self.harness, self.folder = harness, harness.path("taskwarrior")
        os.makedirs(self.folder)
        levels = {"1": "H", "2": "H", "3": "M"}
        tasks = [{"uuid": self.key(item), "status": "pending", "entry": "20240101T000000Z", "project": item.state,
                  "priority": levels.get(item.priority, "L"), "description": item.title,
                  "annotations": [{"entry": "20240101T000000Z", "description": item.text}]} for item in items]
        source = os.path.join(self.folder, "tasks.json")
        with open(source, "w", encoding="utf-8") as file:
            json.dump(tasks, file)
        with open(os.path.join(self.folder, "rc"), "w", encoding="utf-8") as file:
            file.write(f"data.location={self.folder}\nconfirmation=off\nrecurrence=off\nhooks=off\nbulk=0\ngc=off\n"
                       "verbose=nothing\n")
        harness.environment["TASKRC"] = os.path.join(self.folder, "rc")
        harness.run(["task", "import", source], self.folder)
        self.jobs = {
            "show": lambda item: [["task", self.key(item), "information"]],
            "list": lambda item: [["task", "project:new", "priority:H", "limit:50", "list"]],
            "search": lambda item: [["task", *WORDS, "limit:20", "list"]],
            "set": lambda item: [["task", self.key(item), "modify", "priority:L"]],
            "move": lambda item: [["task", self.key(item), "modify", "project:resolved"]],
            "new": lambda item: [["task", "add", "project:new", "A disk is full"]],
            "set of 1,000": lambda item: [["task", *[self.key(one) for one in items[:1000]], "modify", "project:many"]],
        }

    @staticmethod
    def key(item):
        return str(uuid.UUID(item.key[:32]))


class Scripts:
    name = "git, grep, sed and jq"

    def __init__(self, harness, items, desk):
        self.harness, self.folder = harness, harness.path("scripts")
        harness.run(["git", "clone", "-q", desk, self.folder], harness.folder)
        self.dump = os.path.join(self.folder, ".git", "items.jsonl")
        with open(self.dump, "w", encoding="utf-8") as file:
            for item in items:
                json.dump({"id": item.name, "title": item.title, "state": item.state, "priority": int(item.priority),
                           "text": item.text}, file)
                file.write("\n")
        first, second = WORDS
        many = " ".join(f"'{item.path}'" for item in items[:1000])
        self.jobs = {
            "show": lambda item: self.shell(f"cat $(git ls-files '*{item.name}.*')"),
            "show, with jq": lambda item: self.shell(f"""jq -r 'select(.id == "{item.name}")' .git/items.jsonl"""),
            "list": lambda item: self.shell("git grep -l '^state: new' -- operation/incidents | "
                                            "xargs grep -l '^priority: [12]' | head -n 50"),
            "list, with jq": lambda item: self.shell("""jq -c 'select(.state == "new" and .priority <= 2) | """
                                                     """[.id, .title]' .git/items.jsonl | head -n 50"""),
            "log": lambda item: self.shell(f"git log -p -- '{item.path}'"),
            "search": lambda item: self.shell(f"git grep -lwi {first} | xargs grep -lwi {second} | head -n 20"),
            "set": lambda item: self.shell(f"sed -i '2a\\category: x' '{item.path}' && git commit -qm set --only '{item.path}'"),
            "move": lambda item: self.shell(f"sed -i '2a\\category: y' '{item.path}' && git commit -qm move --only '{item.path}'"),
            "new": lambda item: self.shell("name=operation/incidents/$$.md; echo new >$name && git add $name && "
                                           "git commit -qm new --only $name"),
            "set of 1,000": lambda item: self.shell(f"sed -i '2a\\category: z' {many} && git commit -qam many"),
        }

    @staticmethod
    def shell(text):
        return [["sh", "-c", text]]


def ours_of(desk, harness):
    """Our jobs, on what is committed where a peer has no work tree to look at."""
    fresh = iter([harness.run([ITSM, "new", "incident", "--title", f"Printer {number}"], desk.folder).decode().strip()
                  for number in range(12)])

    def name(number):
        return desk.ids[number]

    return {
        "show": lambda number: ["show", name(number), *AT_HEAD],
        "list": lambda number: ["list", "incident", "state:new", "priority:<=2", "--limit", "50", *AT_HEAD],
        "log": lambda number: ["log", name(number)],
        "search": lambda number: ["search", *WORDS, "--limit", "20", *AT_HEAD],
        "set": lambda number: ["set", name(number), f"external_links=ROUND-{number}"],
        "move": lambda number: ["move", next(fresh), "cancelled"],
        "new": lambda number: ["new", "incident", "--title", "A disk is full"],
        "set of 1,000": lambda number: ["set", *desk.ids[-1000:], f"external_links=ROUND-{number}"],
        "first build": lambda number: ["log", "--limit", "1", name(number)],
    }


def rows(harness, desk, times):
    items = items_of(harness, desk.folder)
    harness.table.head(f"the same at {len(items)} items, against the best peer that can")
    peers = [Fossil(harness, items), Taskwarrior(harness, items), Scripts(harness, items, desk.folder)]
    incidents = {item.name: item for item in items}
    for job, step in ours_of(desk, harness).items():
        few = 1 if job in ("first build", "set of 1,000") else times

        def mine(number, step=step, job=job):
            if job == "first build":
                desk.remove_index()
            return harness.seconds([ITSM, *step(number)], desk.folder)

        best = None
        for peer in peers:
            for name, make in peer.jobs.items():
                if name.split(", with")[0] != job:
                    continue

                def theirs(number, make=make, peer=peer):
                    [command] = make(incidents[desk.ids[number]])
                    return harness.seconds(command, peer.folder)
                theirs(-1)
                seconds = min(theirs(number) for number in range(2))
                if best is None or seconds < best[0]:
                    best = (seconds, f"{job} to {peer.name}" + name[len(job):], theirs)
        harness.against(best[1], 1, 1 / 3, mine, best[2], few)
