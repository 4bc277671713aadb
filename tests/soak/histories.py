"""Random histories: whatever git and people do to a desk, the index says what one made anew says.

  python3 histories.py STEPS [--seed N]

Each step is something that git, itsm or an editor does in one of the work trees: commits of every sort, branches,
merges, rebases, picks, resets, stashes, amended and forgotten commits, work trees that come and go, a submodule,
renames, old files checked out, edits that keep a file's size and time. After it `itsm index verify` has to find
nothing in any work tree; every tenth step the reading commands, for now and for a random revision or moment, have to
say what they say without an index, and what a checkout of that revision says. A failure tells its seed and what was
done last. Commits that a repository forgot (gc) stay out of it.
"""
import argparse
import csv
import difflib
import os
import random
import shutil
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk import Bench, report  # noqa: E402

WORDS = ["printer", "toner", "café", "backup", "disk", "queue", "late", "smoke"]
KINDS = ["ticket", "incident", "change", "service", "person"]
EPOCH = 1793000000  # October 2026
TRAIL = 12          # steps told with a failure
SHOWN = 2000        # characters told of an answer


def found(table):
    """What a search found: a score counts all texts that the index has seen, so that neither it nor the order is told."""
    rows = [row[:5] for row in csv.reader(table.splitlines())]
    return "\n".join(sorted(" ".join(row) for row in rows)) + "\n"


def difference(said, truth):
    return "\n".join(difflib.unified_diff(said.splitlines(), truth.splitlines(), "with the index", "without", n=1, lineterm=""))


class History:
    def __init__(self, bench, seed):
        self.bench = bench
        self.dice = random.Random(seed)
        self.seed = seed
        self.clock = EPOCH
        self.tick(0)
        self.main, _ = bench.desk()
        self.trees = [self.main]
        self.trail = []
        self.counts = {}
        self.made = 0
        self.folder = self.main
        self.beside()

    def beside(self):
        """A submodule with a desk of its own, which is none of ours."""
        other, _ = self.bench.desk("beside")
        self.bench.must(["git", "submodule", "--quiet", "add", str(other), "vendor"], self.main)
        self.bench.must(["git", "commit", "-q", "-m", "a desk beside"], self.main)

    # What the steps are made of

    def tick(self, seconds):
        """Time goes on; sometimes somebody's clock is late."""
        self.clock += seconds
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock))
        self.bench.environment.update(ITSM_NOW=moment, GIT_COMMITTER_DATE=moment, GIT_AUTHOR_DATE=moment, GIT_EDITOR="true",
                                      GIT_SEQUENCE_EDITOR="true")

    def run(self, *words):
        return self.bench.run(list(words), self.folder)

    def git(self, *words):
        return self.run("git", *words)

    def lines(self, *words):
        return self.git(*words).stdout.splitlines()

    def one(self, among):
        return self.dice.choice(among) if among else None

    def branches(self):
        return self.lines("for-each-ref", "--format=%(refname:short)", "refs/heads")

    def revision(self):
        """Any commit that a branch has."""
        return self.one(self.lines("rev-list", "--max-count=60", "--branches")) or "HEAD"

    def files(self):
        return [name for name in self.lines("-c", "core.quotePath=false", "ls-files", "operation", "strategy", "people", "transition")
                if os.path.isfile(self.folder / name)]

    def ids(self):
        names = [os.path.basename(name).rsplit(".", 1)[0] for name in self.files()]
        return [name for name in names if not name.startswith(("NOTE-", "README"))]

    def tickets(self):
        return [name for name in self.ids() if name.startswith("TKT-")]

    def text(self):
        return " ".join(self.dice.sample(WORDS, 3))

    def commit(self):
        self.git("add", "-A", "--", ".", ":!vendor")
        self.git("commit", "-q", "-m", self.text())

    def write(self, path, data):
        os.makedirs(os.path.dirname(self.folder / path), exist_ok=True)
        (self.folder / path).write_bytes(data)

    # The steps

    def by_itsm(self):
        record = self.one(self.tickets())
        choice = self.dice.randrange(7)
        if choice < 2 or not record:
            self.run("itsm", "new", "ticket", "--title", self.text(), f"opened=2026-1{self.dice.randrange(3)}-02T10:00:00Z")
        elif choice == 2:
            self.run("itsm", "set", record, f"title={self.text()}", f"points={self.dice.randrange(9)}")
        elif choice == 3:
            self.run("itsm", "note", record, "-m", self.text())
        elif choice == 4:
            self.run("itsm", "move", record, self.one(["new", "doing"]))
        elif choice == 5:
            self.run("itsm", "set", record, f"blocks+={self.one(self.tickets())}", f"tags+={self.one(WORDS)}")
        else:
            self.run("itsm", "undo")

    def by_itsm_other(self):
        kind = self.one(["service", "item", "incident"])
        words = {"service": [f"id=service-{self.dice.randrange(9)}"], "item": [f"id=item-{self.dice.randrange(9)}"],
                 "incident": ["impact=2", "urgency=2"]}[kind]
        self.run("itsm", "new", kind, "--title", self.text(), *words)

    def edit(self):
        """An editor, saved or also committed."""
        name = self.one(self.files())
        if not name:
            return
        data = (self.folder / name).read_bytes()
        how = self.dice.randrange(6)
        if how == 0:
            data += f"\n{self.text()}\n".encode()
        elif how == 1:
            data = data.replace(b"title: ", f"title: {self.one(WORDS)} ".encode(), 1)
        elif how == 2:
            data = data.replace(b"severity: low", b"severity: high")
        elif how == 3:
            data = data[:len(data) * 2 // 3]
        elif how == 4:
            data += b"\xff\xfe\n"
        else:
            data = data.replace(b"\n", b"\r\n") if b"\r" not in data else data.replace(b"\r", b"")
        self.write(name, data)
        if self.dice.randrange(2):
            self.commit()

    def racy(self):
        """Another text of the same size, with the time that the file had."""
        name = self.one(self.files())
        if name:
            path = self.folder / name
            before = path.stat()
            data = bytearray(path.read_bytes())
            places = [place for place, byte in enumerate(data) if chr(byte).islower()]
            if places:
                place = self.dice.choice(places[-40:])
                data[place] = self.dice.choice(b"abcxyz")
            if self.dice.randrange(3) == 0:
                path.unlink()
            path.write_bytes(data)
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def touch(self):
        name = self.one(self.files())
        if name:
            os.utime(self.folder / name)

    def rename(self):
        name = self.one(self.files())
        if name:
            folder, base = os.path.split(name)
            to = self.one([f"operation/tickets/2026/0{self.dice.randrange(1, 9)}/{base}", f"{folder}/x{base}", f"operation/{base}"])
            os.makedirs(os.path.dirname(self.folder / to), exist_ok=True)
            self.git("mv", "-k", name, to)
            if self.dice.randrange(2):
                self.commit()

    def remove(self):
        name = self.one(self.files())
        if name:
            (self.folder / name).unlink()
            if self.dice.randrange(2):
                self.commit()

    def stranger(self):
        """What is no record, or not a file, where records are."""
        how = self.dice.randrange(5)
        name = self.one(self.files()) or "operation/x.md"
        if how == 0:
            self.write(f"operation/tickets/2026/11/{self.one(WORDS)}.md", b"no record\n")
        elif how == 1:
            self.write("operation/tickets/README.md", self.text().encode())
        elif how == 2 and os.path.isfile(self.folder / name):
            self.write(f"operation/tickets/2026/0{self.dice.randrange(1, 9)}/{os.path.basename(name)}",
                       (self.folder / name).read_bytes())
        elif how == 3 and os.path.isfile(self.folder / name):
            (self.folder / name).unlink()
            (self.folder / name).symlink_to("../../elsewhere")
        elif os.path.isfile(self.folder / name):
            (self.folder / name).unlink()
            (self.folder / name).mkdir()
            (self.folder / name / "inside.md").write_text(self.text())
        if self.dice.randrange(2):
            self.commit()

    def kind(self):
        """A kind that has a field more, or less."""
        path = self.folder / "policy/kinds/ticket.yaml"
        if path.is_file():
            text = path.read_text()
            more = "  effort: {type: int}\n"
            path.write_text(text.replace(more, "") if more in text else text.replace("fields:\n", "fields:\n" + more))
            if self.dice.randrange(2):
                self.commit()

    def switch(self):
        self.git("checkout", "-q", *self.one([["-f", "--detach"], ["-f"], ["-f"], []]),
                 self.one(self.branches() * 2 + [self.revision()]))

    def branch(self):
        self.made += 1
        self.git("checkout", "-q", "-b", f"branch-{self.made}", self.one(["HEAD", self.revision()]))

    def forget(self):
        """Branches that nobody needs any more."""
        for name in self.branches()[8:]:
            self.git("branch", "-q", "-D", name)

    def settle(self, what):
        """A conflict is left for a step, given up, or settled one way."""
        how = self.dice.randrange(4)
        if how == 0:
            return
        if how == 1:
            self.git(what, "--abort")
            return
        for name in self.lines("diff", "--name-only", "--diff-filter=U"):
            self.git("checkout", self.one(["--ours", "--theirs"]), "--", name)
        self.git("add", "-A", "--", ".", ":!vendor")
        if self.git(*(["commit", "-q", "--no-edit"] if what == "merge" else [what, "--continue"])).returncode:
            self.git(what, "--abort")

    def merge(self):
        if self.git("merge", "-q", "--no-edit", *self.one([[], ["--no-ff"], ["-X", "ours"], ["--squash"]]),
                    self.one(self.branches())).returncode:
            self.settle("merge")

    def rebase(self):
        if self.git("rebase", "-q", *self.one([[], ["--force-rebase"]]), self.one(self.branches() + ["HEAD~2"])).returncode:
            self.settle("rebase")

    def pick(self):
        what = self.one(["cherry-pick", "revert"])
        if self.git(what, *(["--no-edit"] if what == "revert" else []), self.revision()).returncode:
            self.settle(what)

    def amend(self):
        self.git("commit", "-q", "--amend", *self.one([["-a"], []]), "-m", self.text())

    def reset(self):
        self.git("reset", "-q", self.one(["--hard", "--hard", "--soft", "--mixed"]),
                 self.one(["HEAD", "HEAD~1", "HEAD~3", "ORIG_HEAD", self.revision()]))

    def give_up(self):
        for what in ("merge", "rebase", "cherry-pick", "revert"):
            self.git(what, "--abort")
        self.git("reset", "-q", "--hard")
        self.git("clean", "-q", "-f", "-d")

    def stash(self):
        self.git("stash", *self.one([["push", "-q"], ["push", "-q", "-u"], ["pop", "-q"], ["pop", "-q"], ["drop", "-q"]]))

    def old_file(self):
        name = self.one(self.files())
        if name:
            self.git("checkout", "-q", self.revision(), "--", name)

    def work_tree(self):
        self.made += 1
        self.folder = self.main
        if len(self.trees) < 3:
            tree = self.bench.top / f"tree-{self.made}"
            if self.git("worktree", "add", "-q", "-b", f"branch-{self.made}", str(tree), self.revision()).returncode == 0:
                self.trees.append(tree)
        else:
            tree = self.trees.pop(self.dice.randrange(1, 3))
            if self.dice.randrange(2):
                self.git("worktree", "remove", "-f", str(tree))
            else:
                shutil.rmtree(tree)
                self.git("worktree", "prune")

    def submodule(self):
        inner = self.folder / "vendor"
        if (inner / ".git").exists():
            self.bench.run(["itsm", "new", "ticket", "--title", self.text()], inner)
            if self.dice.randrange(2):
                self.git("commit", "-q", "-m", "newer beside", "vendor")
        else:
            self.git("submodule", "--quiet", "update", "--init")

    def tidy(self):
        self.git(*self.one([["pack-refs", "--all"], ["repack", "-q", "-a", "-d"], ["gc", "-q"], ["gc", "-q", "--prune=now"],
                            ["reflog", "expire", "--expire=now", "--all"], ["commit-graph", "write", "--reachable"],
                            ["update-index", "--refresh"], ["update-index", "--split-index"]]))

    def orphan(self):
        self.made += 1
        if self.git("checkout", "-q", "--orphan", f"branch-{self.made}").returncode == 0:
            self.git("commit", "-q", "-m", "from nothing")

    STEPS = {by_itsm: 30, by_itsm_other: 6, edit: 14, racy: 10, touch: 3, rename: 5, remove: 3, stranger: 3, kind: 2,
             switch: 12, branch: 6, forget: 2, merge: 16, rebase: 6, pick: 5, amend: 5, reset: 7, give_up: 5, stash: 7,
             old_file: 6, work_tree: 3, submodule: 3, tidy: 3, orphan: 1}

    # What must hold

    def problem(self, what, said):
        self.bench.problem(f"seed {self.seed}, step {len(self.trail)}: {what}:\n{said[:SHOWN]}\n"
                           f"done before: {'; '.join(self.trail[-TRAIL:])}")

    def verify(self):
        for tree in self.trees:
            if not (tree / "itsm.yaml").is_file():
                continue
            done = self.bench.run(["itsm", "index", "verify"], tree)
            unreadable = done.returncode == 3 and "policy/kinds/" in done.stderr  # a conflict in a kind
            if done.returncode and not unreadable:
                self.problem(f"index verify in {tree.name} ended with {done.returncode}", done.stdout + done.stderr)
                self.bench.run(["itsm", "index", "rebuild"], tree)

    def answers(self, questions, tree):
        told = []
        for words in questions:
            done = self.bench.run(["itsm", *words], tree)
            said = found(done.stdout) if words[0] == "search" else done.stdout
            told.append(f"{done.returncode}\n{said}{done.stderr}")
        return told

    def compare(self):
        tree = self.folder = self.one(self.trees)
        if not (tree / "itsm.yaml").is_file():
            return
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.dice.randrange(EPOCH, self.clock + 1)))
        at = ["--at", self.one([self.revision(), moment])]
        questions = [["list", "--format", "csv"], ["list", "ticket", "--format", "csv", *at], ["list", "--parts", *at],
                     ["log", "--format", "csv"], ["log", "-n", "20", "--format", "json", *at], ["check"],
                     ["search", "--all", "--format", "csv", self.one(WORDS)],
                     ["search", "--all", "--parts", "--format", "csv", *at, self.one(WORDS)],
                     ["sql", "SELECT * FROM change_event ORDER BY commit_id, path, field, old, new"]]
        record = self.one(self.ids())
        if record:
            questions += [["show", record, "--format", "json", *at], ["log", record, "--format", "csv"], ["blame", record]]
        doctor = self.bench.run(["itsm", "doctor"], tree)
        if doctor.returncode not in (0, 1) or "left/index" in doctor.stdout:
            self.problem(f"itsm doctor in {tree.name} ended with {doctor.returncode}", doctor.stdout + doctor.stderr)
        kept = self.answers(questions, tree)
        aside = self.main / ".git/itsm-aside"
        (self.main / ".git/itsm").rename(aside)
        anew = self.answers(questions, tree)
        shutil.rmtree(self.main / ".git/itsm", ignore_errors=True)
        aside.rename(self.main / ".git/itsm")
        for words, one, two in zip(questions, kept, anew):
            if one != two:
                self.problem(f"itsm {' '.join(words)} in {tree.name}", difference(one, two))
        if self.dice.randrange(3) == 0:
            self.compare_checkout(tree)

    def compare_checkout(self, tree):
        """What is said of a commit, and what a checkout of it says."""
        commit = self.revision()
        where = self.bench.top / "checkout"
        if self.git("worktree", "add", "-q", "--detach", str(where), commit).returncode:
            return
        own = self.bench.run(["git", "diff", "--quiet", commit, "--", "policy"], tree).returncode == 0
        if own and (where / "itsm.yaml").is_file() and (tree / "itsm.yaml").is_file():
            for words in (["list", "--format", "csv"], ["list", "ticket", "--parts", "--format", "csv"]):
                said = self.bench.run(["itsm", *words, "--at", commit], tree).stdout
                there = self.bench.run(["itsm", *words], where).stdout
                if said != there:
                    self.problem(f"itsm {' '.join(words)} --at {commit} in {tree.name}", difference(said, there))
        self.git("worktree", "remove", "-f", str(where))

    def step(self):
        self.tick(self.dice.choice([1, 60, 3600, 86400, -600]))
        self.folder = self.one(self.trees)
        what = self.dice.choices(list(self.STEPS), list(self.STEPS.values()))[0]
        what(self)
        self.trail.append(f"{what.__name__} in {self.folder.name}")
        self.counts[what.__name__] = self.counts.get(what.__name__, 0) + 1
        self.verify()
        if len(self.trail) % 10 == 0:
            self.compare()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("steps", type=int)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    with Bench() as bench:
        history = History(bench, options.seed)
        for _ in range(options.steps):
            history.step()
        commits = history.git("rev-list", "--all", "--count").stdout.strip()
        merges = history.git("rev-list", "--all", "--merges", "--count").stdout.strip()
        if int(commits) < options.steps // 10:
            bench.problem(f"after {options.steps} steps there are only {commits} commits")
        report(bench, f"{options.steps} steps of history, {commits} commits, {merges} of them merges: the index is as one made anew")


if __name__ == "__main__":
    main()
