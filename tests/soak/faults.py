"""Every call that a write makes fails once: a full disk, a failing disk, no permission, an interruption, half a write.

    faults.py SHIM [--every N | --trials N] [--seed N] [--commands set,new,...] [--verbose]

For each command the calls are counted, then each of them (or every Nth, or N by chance) is made to fail, in itsm alone
and in the git it runs too.
It must succeed, or say why it did not and end with 3; nothing may be half written; the next command must work.
"""
import argparse
import errno
import os
import random
import shutil
import struct
import sys

from desk import MAP, ROWS, Bench, leftovers, report

ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EINTR": errno.EINTR, "EACCES": errno.EACCES,
          "EDQUOT": errno.EDQUOT, "short": "short"}
GROWING = ",create,write,fsync,fdatasync,mkdir,mkdirat,link,ftruncate,ftruncate64,rename,renameat,"
CHANGING = GROWING + "unlink,unlinkat,fchmod,flock,lock,pipe,pipe2,socketpair,memfd_create,send,getrandom,posix_spawn,"
SOME = {"short": ",write,send,read,", "EINTR": CHANGING + "waitpid,read,"}


class Faults(Bench):
    def __init__(self, shim):
        super().__init__()
        self.shim = os.path.abspath(shim)
        self.state = self.top / "state"
        self.model, self.ticket = self.desk("model")
        (self.top / "rows.csv").write_text(ROWS + "".join(f"N-{i},Row {i},2026-11-0{i + 1}T10:00:00Z\n" for i in range(5)))
        (self.top / "map.yaml").write_text(MAP)
        self.must(["itsm", "set", self.ticket, "points=3"], self.model)
        self.must(["itsm", "list"], self.model)
        self.old = self.head(self.model)
        self.folder = self.top / "work"
        self.counts = {}
        self.trials = self.refused = self.late = self.through = 0

    def commands(self):
        return {
            "set": ["itsm", "set", self.ticket, "title=Changed"],
            "new": ["itsm", "new", "ticket", "--title", "Another"],
            "note": ["itsm", "note", self.ticket, "-m", "A word"],
            "move": ["itsm", "move", self.ticket, "doing"],
            "undo": ["itsm", "undo"],
            "import": ["itsm", "import", "--map", str(self.top / "map.yaml"), str(self.top / "rows.csv")],
        }

    def attempt(self, words, fault):
        """The command on a fresh copy of the desk, with this fault."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.model, self.folder, symlinks=True)
        self.state.write_bytes(bytes(128))
        environment = dict(fault, LD_PRELOAD=self.shim, FAULTS_STATE=str(self.state))
        return self.run(words, self.folder, environment=environment, timeout=100)

    def counted(self):
        calls, failed, first = struct.unpack("II120s", self.state.read_bytes()[:128])
        return calls, failed, first.split(b"\0")[0].decode()

    def judge(self, what, done):
        _, failed, first = self.counted()
        what = f"{what} ({first})"
        head = self.head(self.folder)
        moved = head != self.old
        unlinking = "unlink" in first
        self.trials += 1
        if not failed:
            return
        if done.returncode not in (0, 3):
            self.problem(f"{what}: ended with {done.returncode}: {done.stderr}")
        if done.returncode == 0:
            self.through += 1
            if not moved:
                self.problem(f"{what}: success, and nothing is in history")
        else:
            self.refused += 1
            if not done.stderr.startswith("itsm: "):
                self.problem(f"{what}: no clear message: {done.stderr!r}")
            if moved:
                self.late += 1
                self.problem(f"{what}: ended with {done.returncode}, and yet it is in history: {done.stderr}")
        if moved and self.run(["git", "rev-parse", f"{head}~1"], self.folder).stdout.strip() != self.old:
            self.problem(f"{what}: history is not the old one and one commit")
        pending = (self.folder / ".git/itsm/pending").exists()
        if "with git" in what:  # what a git that failed leaves behind, `git gc` takes away
            for path in (self.folder / ".git/objects").glob("*/tmp_*"):
                path.unlink()
        left = [name for name in leftovers(self.folder) if not name.endswith("itsm/pending")]
        if left and not unlinking and not pending:
            self.problem(f"{what}: left behind: {left}")
        if not moved and pending and not unlinking:
            self.problem(f"{what}: a journal of nothing: {(self.folder / '.git/itsm/pending').read_text()}")
        if not pending and not unlinking:
            status = self.run(["git", "status", "--porcelain"], self.folder).stdout
            if status:
                self.problem(f"{what}: ended with {done.returncode} ({done.stderr.strip()}); not clean:\n{status}")
        if first == "git unlink":  # git could not remove its own lock, as it says
            for name in left:
                (self.folder / name).unlink()
        for words in (["itsm", "show", self.ticket], ["itsm", "set", self.ticket, "points=5"]):
            after = self.run(words, self.folder)
            if after.returncode:
                self.problem(f"{what}: then {' '.join(words[:2])} ended with {after.returncode}: {after.stderr}")
                return
        if not unlinking:
            self.sound(self.folder, what)
        elif self.run(["git", "fsck", "--strict", "--no-dangling"], self.folder).returncode:
            self.problem(f"{what}: git fsck finds something")

    def count(self, name, fault):
        """How many calls the command makes where this fault could be."""
        key = (name, fault["FAULTS_CALLS"], "FAULTS_ALL" in fault)
        if key not in self.counts:
            done = self.attempt(self.commands()[name], dict(fault, FAULTS_AT="0"))
            if done.returncode:
                self.problem(f"{name}: fails without a fault: {done.stderr}")
            self.counts[key] = self.counted()[0]
        return self.counts[key]

    def trial(self, name, fault, at, what, verbose):
        done = self.attempt(self.commands()[name], dict(fault, FAULTS_AT=str(at)))
        self.judge(what, done)
        if verbose:
            print(f"# {what}: {done.returncode} {self.counted()[2]}: {done.stderr.strip()}", flush=True)


def faults(options):
    """What can go wrong: its name, and the environment that brings it about."""
    for children in (False, True):
        for error, number in ERRORS.items():
            if error not in options.errors.split(","):
                continue
            for sticky in (False, True):
                if sticky and error not in ("ENOSPC", "EIO", "EDQUOT"):
                    continue
                if children and error in ("EINTR", "EDQUOT"):
                    continue  # git's own business; as ENOSPC
                fault = {"FAULTS_ERROR": str(number), "FAULTS_CALLS": options.calls or SOME.get(error)
                         or (GROWING if sticky else CHANGING)}
                if sticky:
                    fault["FAULTS_FROM"] = "1"
                if children:
                    fault["FAULTS_ALL"] = "1"
                yield f"{error}{' with git' if children else ''} {'from' if sticky else 'at'} call", fault


def all_of_them(bench, names, options):
    for name in names:
        for title, fault in faults(options):
            count = bench.count(name, fault)
            for at in range(1 + options.random.randrange(options.every), count + 1, options.every):
                bench.trial(name, fault, at, f"{name}, {title} {at} of {count}", options.verbose)


def some_of_them(bench, names, options):
    kinds = list(faults(options))
    for number in range(options.trials):
        name = names[number % len(names)]
        title, fault = options.random.choice(kinds)
        count = bench.count(name, fault)
        at = 1 + options.random.randrange(count)
        bench.trial(name, fault, at, f"{name}, {title} {at} of {count}", options.verbose)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("shim")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--trials", type=int)
    parser.add_argument("--commands", default="set,new,note,move,undo,import")
    parser.add_argument("--errors", default=",".join(ERRORS))
    parser.add_argument("--calls", help="with commas around: ,send,fsync,")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    options.random = random.Random(options.seed)
    with Faults(options.shim) as bench:
        names = options.commands.split(",")
        (some_of_them if options.trials else all_of_them)(bench, names, options)
        report(bench, f"{bench.trials} failing calls: {bench.through} writes went through,"
                      f" {bench.refused} said that they did not, {bench.late} of them wrongly")


if __name__ == "__main__":
    sys.exit(main())
