"""Writers of every sort that are killed with -9, each at a moment of its own.

    kill.py COUNT alone|all [--seed N]

`alone` kills the writer; `all` the git that it runs too, as a machine that stops does: then git's own locks are left,
which git tells its user to remove. After each: the next command works, the work tree and the index are what is
committed, and what was printed as done is in history. Every tenth time git and the tool look at everything.
"""
import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import time

from desk import MAP, ROWS, Bench, report


class Kills(Bench):
    def __init__(self, options):
        super().__init__()
        self.options = options
        self.random = random.Random(options.seed)
        self.work, self.ticket = self.desk()
        self.hub, self.other = self.top / "hub.git", self.top / "other"
        self.must(["git", "clone", "-q", "--bare", str(self.work), str(self.hub)], self.top)
        self.must(["git", "remote", "add", "origin", str(self.hub)], self.work)
        self.must(["git", "clone", "-q", str(self.hub), str(self.other)], self.top)
        self.must(["itsm", "sync"], self.work)
        (self.top / "map.yaml").write_text(MAP)
        self.number = self.killed = self.done = self.moved = 0
        self.kinds = {}

    def words(self, name):
        """The command, none of it said before."""
        self.number += 1
        if name == "set":
            return ["itsm", "set", self.ticket, f"title=Round {self.number}"]
        if name == "new":
            return ["itsm", "new", "ticket", "--title", f"Ticket {self.number}"]
        if name == "note":
            return ["itsm", "note", self.ticket, "-m", f"Word {self.number}"]
        if name == "move":
            doing = self.ticket in self.must(["itsm", "list", "ticket", "state:doing", "--format", "id"], self.work)
            return ["itsm", "move", self.ticket, "new" if doing else "doing"]
        if name == "undo":
            self.must(["itsm", "set", self.ticket, f"points={self.number}"], self.work)
            return ["itsm", "undo"]
        if name == "import":
            (self.top / "rows.csv").write_text(ROWS + "".join(
                f"N-{self.number}-{i},Row {i},2026-11-{i % 20 + 1:02}T10:00:00Z\n" for i in range(20)))
            return ["itsm", "import", "--map", str(self.top / "map.yaml"), str(self.top / "rows.csv")]
        self.must(["itsm", "set", self.ticket, f"points={self.number}"], self.work)
        self.must(["itsm", "new", "ticket", "--title", f"Theirs {self.number}"], self.other)
        self.must(["itsm", "set", self.ticket, f"tags+=t{self.number}"], self.other)
        self.must(["itsm", "sync"], self.other)
        return ["itsm", "sync"]

    def kill(self, words, after):
        """Start it, kill it after so many seconds; what it printed until then, and whether it had ended."""
        with open(self.top / "said", "w+") as said:
            writer = subprocess.Popen(words, cwd=self.work, env=self.environment, stdin=subprocess.DEVNULL, stdout=said,
                                      stderr=said, start_new_session=True)
            time.sleep(after)
            ended = writer.poll() is not None
            if self.options.whom == "all":
                try:
                    os.killpg(writer.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            elif not ended:
                writer.kill()
            writer.wait()
            said.seek(0)
            return said.read(), ended

    def tidy(self):
        """What git's users are told to remove, and what `git gc` removes. A git that outlived its itsm is spared."""
        patterns = ["objects/**/tmp_object_git2*"]
        if self.options.whom == "all":
            patterns = ["*.lock", "refs/**/*.lock", "objects/**/tmp_*", "../.merge_file_*"]
        for folder in (self.work / ".git", self.hub):
            for left in [path for pattern in patterns for path in folder.glob(pattern)]:
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink(missing_ok=True)

    def judge(self, what, words, said):
        words_after = [["itsm", "show", self.ticket], ["itsm", "set", self.ticket, f"title=After {self.number}"]]
        after = self.run(self.random.choice(words_after), self.work)
        if after.returncode:
            self.problem(f"{what}: then {' '.join(after.args[:2])} ended with {after.returncode}: {after.stderr}")
        if self.options.whom == "alone":  # let a git that outlived it end, and a writer put in place what is missing
            after = self.run(["itsm", "note", self.ticket, "-m", "still here"], self.work)
            if after.returncode:
                self.problem(f"{what}: then note ended with {after.returncode}: {after.stderr}")
        status = self.run(["git", "status", "--porcelain"], self.work).stdout
        if status:
            self.problem(f"{what}: not clean:\n{status}")
        for commit in re.findall(r"committed ([0-9a-f]{8})", said):
            if self.run(["git", "merge-base", "--is-ancestor", commit, "HEAD"], self.work).returncode:
                self.problem(f"{what}: it said {said!r}, and that is not in history")
        if words[1] in ("new", "note") and re.match(r"[A-Z]+-\w{8}$", said.strip()):
            if said.strip() not in self.run(["git", "ls-tree", "-r", "--name-only", "HEAD"], self.work).stdout:
                self.problem(f"{what}: it said {said!r}, and that is not in history")
        if "1 commit" in said and words[1] == "import":
            if f"N-{self.number}-19" not in self.run(["git", "grep", "-h", "^external: ", "HEAD"], self.work).stdout:
                self.problem(f"{what}: it said {said!r}, and that is not in history")

    def go(self):
        names = ["set", "new", "move", "note", "import", "undo", "sync"]
        spans = {}
        for name in names:
            words = self.words(name)
            begun = time.monotonic()
            self.must(words, self.work)
            spans[name] = time.monotonic() - begun
        for number in range(self.options.count):
            name = names[number % len(names)]
            words = self.words(name)
            before = self.head(self.work)
            after = self.random.random() * spans[name] * 1.1
            said, ended = self.kill(words, after)
            self.killed += not ended
            moved = self.head(self.work) != before
            self.moved += moved
            spans[name] *= 0.85 if ended else 1 if moved else 1.1  # the machine is slower or quicker than it was
            self.tidy()
            what = f"round {number}: {name} killed after {after * 1000:.1f} ms"
            self.judge(what, words, said)
            if number % 10 == 9:
                self.sound(self.work, what)
            if name == "sync" or number % 50 == 49:  # what was killed on its way comes through in the end
                done = self.run(["itsm", "sync"], self.work)
                if done.returncode:
                    self.problem(f"{what}: the next sync ended with {done.returncode}: {done.stderr}")
        self.sound(self.work, "at the end")
        if self.run(["git", "fsck", "--strict", "--no-dangling"], self.hub).returncode:
            self.problem("the hub does not hold")
        if self.killed < self.options.count / 4:
            self.problem(f"only {self.killed} of {self.options.count} were killed while they ran: that says little")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("whom", choices=["alone", "all"])
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    with Kills(options) as bench:
        bench.go()
        report(bench, f"{options.count} writers, {bench.killed} of them killed ({options.whom}),"
                      f" {bench.moved} with the commit made before")


if __name__ == "__main__":
    main()
