"""The rows of a generated desk: reads, the index, writes, each against git on the same repository."""

import glob
import json
import os
import random
import shutil
import statistics
import time

from harness import ITSM, Failure

FILTERS = ["incident", "state:open", "priority:<=2", "--limit", "50"]
AT_HEAD = ["--at", "HEAD"]
SMALLEST = [ITSM, "list", "service", "--limit", "1", *AT_HEAD]


class Desk:
    """A generated desk, and what is to be known of it to measure."""

    def __init__(self, harness, folder, count):
        self.folder, self.count = folder, count
        names = [name for name in harness.lines(["git", "ls-files", "operation/incidents/*.md"], folder)
                 if "/notes/" not in name]
        random.Random(count).shuffle(names)
        self.paths = names
        self.ids = [os.path.basename(name)[:-3] for name in names]
        self.bytes = sum(int(line.split()[3]) for line in harness.lines(["git", "ls-tree", "-r", "-l", "HEAD"], folder))

    def remove_index(self):
        for name in glob.glob(os.path.join(self.folder, ".git", "itsm", "*.db*")):
            os.remove(name)

    def index_bytes(self):
        """Of the index with its log, without the full text, which is a file of its own."""
        return sum(os.path.getsize(name) for name in glob.glob(os.path.join(self.folder, ".git", "itsm", "index-*.db*"))
                   if not name.endswith("-shm"))


def read_rows(harness, desk, times):
    """What is committed, against the least that git does; and the work tree, against git's own scan of it."""
    head = harness.always(["git", "rev-parse", "HEAD"], desk.folder)
    status = harness.always(["git", "status"], desk.folder)
    harness.run([ITSM, "list", "--limit", "1"], desk.folder)

    def each(*words):
        return lambda number: harness.seconds([ITSM, words[0], desk.ids[number], *words[1:]], desk.folder)

    listing = [ITSM, "list", *FILTERS]
    found = json.loads(harness.run([*listing, *AT_HEAD, "--format", "json"], desk.folder))["records"]
    if not found:
        raise Failure("the list is empty: nothing was measured")
    harness.against("show --at HEAD to git rev-parse HEAD", 3, 1.5, each("show", *AT_HEAD), head, times)
    harness.against(f"list of {len(found)} --at HEAD to git rev-parse HEAD", 3, 1.5,
                    harness.always([*listing, *AT_HEAD], desk.folder), head, times)
    harness.against("log to git rev-parse HEAD", 3, 1.5, each("log"), head, times)
    few = max(3, times // 3)
    harness.against("show to git status", 0.7, 0.5, each("show"), status, few)
    harness.against(f"list of {len(found)} to git status", 0.7, 0.5, harness.always(listing, desk.folder), status, few)
    peak = max(harness.timed(command, desk.folder)[1] for command in (
        [*listing, *AT_HEAD], listing, [ITSM, "show", desk.ids[0]], [ITSM, "log", desk.ids[0]]))
    harness.table.row("memory of a read", peak, 64 if desk.count >= 1000000 else None, None, "peak of show, list, log", " MiB")


def build_rows(harness, desk, times):
    """The first build, history included, against reading all of it once with git."""
    blobs = harness.path("blobs")
    names = harness.lines(["git", "rev-list", "--objects", "--no-object-names", "--filter=object:type=blob",
                           "--filter-provided-objects", "HEAD"], desk.folder)
    with open(blobs, "w", encoding="utf-8") as file:
        file.writelines(name + "\n" for name in names)
    peaks = []

    def build(command):
        desk.remove_index()
        used, peak = harness.timed(command, desk.folder)
        peaks.append(peak)
        return used

    def contents(_):
        return harness.seconds(["git", "cat-file", "--batch"], desk.folder, blobs)

    def ours(_):
        return build([ITSM, "log", "--limit", "1", desk.ids[0]])

    def theirs(_):
        return contents(0) + harness.seconds(["git", "log", "--name-only"], desk.folder)

    harness.against("first build to git cat-file of all blobs + git log --name-only", 2.5, 1.5, ours, theirs, times)
    used = build(SMALLEST)
    harness.table.row("the same of HEAD alone, to the same", used / theirs(0), None, None, f"{used * 1000:.0f} ms")
    harness.run([ITSM, "log", "--limit", "1", desk.ids[0]], desk.folder)
    harness.table.row("memory of the first build", max(peaks), 1024 if desk.count >= 1000000 else None, None, "", " MiB")
    harness.run([ITSM, "list", "--limit", "1"], desk.folder)
    harness.table.row("index to the records' text", desk.index_bytes() / desk.bytes, 1, 0.7,
                      f"{desk.index_bytes() / 1e6:.1f} MB to {desk.bytes / 1e6:.1f} MB, HEAD and work tree in it")


def search_rows(harness, desk, times):
    """The text: its words gathered at the first search, then looked up, then brought along after a change."""
    words = [ITSM, "search", "printer", "toner"]
    blobs = harness.path("blobs-at-head")
    names = harness.lines(["git", "ls-tree", "-r", "--format=%(objectname)", "HEAD"], desk.folder)
    with open(blobs, "w", encoding="utf-8") as file:
        file.writelines(name + "\n" for name in names)
    for snapshot in ([], AT_HEAD):
        harness.run([ITSM, "list", "service", "--limit", "1", *snapshot], desk.folder)

    def ours(_):
        for name in glob.glob(os.path.join(desk.folder, ".git", "itsm", "search*")):
            os.remove(name)
        return harness.seconds([*words, *AT_HEAD], desk.folder)

    harness.against("first search to git cat-file of all blobs", 5, 3, ours,
                    lambda _: harness.seconds(["git", "cat-file", "--batch"], desk.folder, blobs), max(1, times // 5))
    found = json.loads(harness.run([*words, *AT_HEAD, "--format", "json"], desk.folder))["records"]
    if not found:
        raise Failure("nothing was found: nothing was measured")
    harness.against(f"search of two words, {len(found)} results, to git grep -l HEAD", 0.03, 0.01,
                    harness.always([*words, *AT_HEAD], desk.folder),
                    harness.always(["git", "grep", "-l", "toner", "HEAD"], desk.folder), max(3, times // 3))
    harness.run(words, desk.folder)

    def after_change(number):
        with open(os.path.join(desk.folder, desk.paths[-1 - number]), "a", encoding="utf-8") as file:
            file.write(f"\nA toner {number}\n")
        return harness.seconds(words, desk.folder)

    harness.against("search after a change to git status", None, None, after_change,
                    harness.always(["git", "status"], desk.folder), max(3, times // 3))
    harness.run(["git", "checkout", "-q", "."], desk.folder)


def propose(harness, desk, count):
    """A branch on which so many incidents get another title, a commit each. Returns how many incidents those are."""
    changed = 0
    harness.run(["git", "checkout", "-q", "-b", "proposal"], desk.folder)
    for path in desk.paths:
        if changed == count:
            break
        name = os.path.join(desk.folder, path)
        with open(name, encoding="utf-8") as file:
            text = file.read()
        if "\nstate: closed\n" in text or "\nstate: resolved\n" in text:
            continue
        with open(name, "w", encoding="utf-8") as file:
            file.write(text.replace("\ntitle: ", "\ntitle: Seen ", 1))
        harness.run(["git", "commit", "-q", "--only", "-m", f"{os.path.basename(path)[:-3]}: set title", "--", path],
                    desk.folder)
        changed += 1
    return changed


def judge_rows(harness, desk, times):
    """A proposal of 20 records, as a reviewer's machine has it checked out, and the whole trail."""
    count = propose(harness, desk, 20)
    check = [ITSM, "check", "main..proposal"]
    harness.run([*SMALLEST], desk.folder)

    def theirs(number):
        return 3 * harness.seconds(["git", "diff", "--stat", "main..proposal"], desk.folder) + \
            harness.seconds([ITSM, "show", desk.ids[number], *AT_HEAD], desk.folder)

    harness.against(f"check of {count} records to 3 git diff --stat and a read of the index", 1, None,
                    harness.always(check, desk.folder), theirs, times)
    harness.run(["git", "checkout", "-q", "main"], desk.folder)
    harness.run(["git", "branch", "-q", "-D", "proposal"], desk.folder)
    harness.run([*SMALLEST], desk.folder)
    harness.against("verify of the whole history to git log --name-only", 3, 1,
                    harness.always([ITSM, "verify"], desk.folder),
                    harness.always(["git", "log", "--name-only"], desk.folder), max(1, times // 5))


def refresh_row(harness, desk, times):
    """
    What one commit of plain git costs the next read. It is the read right after the commit less the
    same read once more: the process itself, which every command pays, is in both.
    """
    def foreign_commit(number):
        with open(os.path.join(desk.folder, desk.paths[number]), "a", encoding="utf-8") as file:
            file.write(f"\nLine {number}\n")
        harness.run(["git", "commit", "-q", "--only", "-m", "a line more", "--", desk.paths[number]], desk.folder)

    after, warm, theirs = [], [], []
    for number in range(times + 1):
        foreign_commit(number)
        after.append(harness.seconds(SMALLEST, desk.folder))
        warm.append(harness.seconds(SMALLEST, desk.folder))
        theirs.append(harness.seconds(["git", "diff-tree", "-r", "HEAD~1", "HEAD"], desk.folder))
    a, b, c = (statistics.median(figures[1:]) for figures in (after, warm, theirs))
    detail = f"{a * 1000:.1f} ms after the commit less {b * 1000:.1f} ms warm, to {c * 1000:.1f} ms, median of {times}"
    harness.table.row("refresh after a commit to git diff-tree -r", (a - b) / c, 0.5, 0.2, detail)
    harness.table.row("the same with the whole process counted", a / c, None, None, detail)


def write_rows(harness, desk, plain, times):
    """Our commits in the desk, git's in a copy of it; index and git index are as they should be after each."""
    for folder in (desk.folder, plain):
        harness.run(["git", "status"], folder)
    harness.run([ITSM, "list", "--limit", "1"], desk.folder)
    fresh = [harness.run([ITSM, "new", "incident", "--title", f"Printer {number} is on fire"], desk.folder).decode().strip()
             for number in range(times + 1)]

    def commit(number):
        name = desk.paths[number]
        with open(os.path.join(plain, name), "a", encoding="utf-8") as file:
            file.write(f"\nLine {time.monotonic_ns()}\n")
        return harness.seconds(["git", "commit", "-q", "--only", "-m", "a line more", "--", name], plain)

    def ours(*words):
        return harness.seconds([ITSM, *words], desk.folder)

    steps = {
        "set": lambda number: ours("set", desk.ids[number + 100], f"external_links=CHANGED-{number}"),
        "new": lambda number: ours("new", "incident", "--title", f"Disk {number} is full", "impact=2"),
        "move": lambda number: ours("move", fresh[number], "cancelled"),
    }
    for name, step in steps.items():
        harness.against(f"{name} to git commit --only", 0.4, 0.2, step, commit, times)
    if harness.run(["git", "status", "--porcelain"], desk.folder):
        raise Failure("a write left the work tree or git's index behind")


def many_row(harness, desk, plain, times):
    """As many records as there are, up to 1,000, in one commit."""
    count = min(1000, len(desk.ids) - 200)
    ids, paths = desk.ids[-count:], desk.paths[-count:]
    words = harness.path("ids")
    with open(words, "w", encoding="utf-8") as file:
        file.writelines(name + "\n" for name in ids)

    def ours(number):
        return harness.seconds([ITSM, "set", "-", f"external_links=ROUND-{number}"], desk.folder, words)

    def theirs(number):
        for path in paths:
            with open(os.path.join(plain, path), "a", encoding="utf-8") as file:
                file.write(f"\nRound {number}\n")
        return harness.seconds(["git", "commit", "-q", "-a", "-m", f"round {number}"], plain)

    harness.against(f"set of {count} in one commit to git commit -a", 1.5, 1, ours, theirs, times)


def growth_rows(harness, small, large, times):
    """The same command on two desks in turn; each has its index."""
    def each(desk, *words):
        return lambda number: harness.seconds([ITSM, words[0], desk.ids[number], *words[1:]], desk.folder)

    for desk in (small, large):
        harness.run([ITSM, "list", "--limit", "1"], desk.folder)
        harness.run(SMALLEST, desk.folder)
    for words in (("show", *AT_HEAD), ("log",)):
        harness.against(f"growth of {words[0]}", 1.3, 1.1, each(large, *words), each(small, *words), times)
    listing = [ITSM, "list", *FILTERS, *AT_HEAD]
    harness.against("growth of list of 50", 1.3, 1.1, harness.always(listing, large.folder),
                    harness.always(listing, small.folder), times)


def rows(harness, desk, times):
    """Everything about one desk. It is written to: the last thing done with it."""
    build_rows(harness, desk, 1 if times < 10 or desk.count > 100000 else 3)
    read_rows(harness, desk, times)
    search_rows(harness, desk, times)
    judge_rows(harness, desk, times)
    refresh_row(harness, desk, max(3, times // 3))
    plain = desk.folder + "-plain"
    shutil.copytree(desk.folder, plain, symlinks=True)
    try:
        write_rows(harness, desk, plain, max(3, times // 2))
        many_row(harness, desk, plain, 2 if times < 10 else 5)
    finally:
        shutil.rmtree(plain)
