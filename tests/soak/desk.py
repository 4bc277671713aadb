"""A desk to be mistreated, and what must hold of it whatever happened. Used by the programs beside it."""
import os
import pathlib
import shutil
import subprocess
import tempfile

KIND = """\
kind: ticket
pillar: operation
help: Something to do
folder: operation/tickets
file: md
filed: month
prefix: TKT
title: title
fields:
  title: {type: string, required: true}
  severity: {type: enum, values: [low, high], default: low}
  points: {type: int}
  opened: {type: time}
  external: {type: string}
  source: {type: string}
  tags: {type: string, list: true}
  blocks: {type: ref, to: [ticket], list: true, inverse: blocked by}
sections:
  What: {help: What is to be done}
  How: {help: How it was done}
states:
  new: {open: true}
  doing: {open: true}
transitions:
  - {from: [new], to: doing}
  - {from: [doing], to: new}
"""
PROBLEMS_MAX = 60  # that are told
ROWS = "Number,Summary,Opened\n"  # a row is "N-1,A title,2026-11-02T10:00:00Z"
MAP = """\
source: old-desk
kind: ticket
key: Number
filed: opened
columns:
  title: "{Summary}"
  opened: Opened
"""
CONFIG = """\
[user]
\tname = Ada Lovelace
\temail = ada@example.org
[init]
\tdefaultBranch = main
[gc]
\tauto = 0
[protocol "file"]
\tallow = always
[advice]
\tdetachedHead = false
"""


def program():
    """The binary under test: the quick one where there is one, so that more happens in the time."""
    release = os.environ.get("ITSM_RELEASE")
    if release and os.access(release, os.X_OK):
        return os.path.abspath(release)
    return os.path.abspath(os.environ["ITSM"])


class Bench:
    """A folder of its own with a home, and `itsm` first in the path. Removed at the end of a `with`."""

    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="itsm-soak.", dir=os.environ.get("TMPDIR")))
        (self.top / "bin").mkdir()
        (self.top / "home").mkdir()
        (self.top / "bin/itsm").symlink_to(program())
        (self.top / "home/.gitconfig").write_text(CONFIG)
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("GIT_", "XDG_", "FAULTS_"))}
        self.environment.update(HOME=str(self.top / "home"), PATH=f"{self.top}/bin:{os.environ['PATH']}",
                                GIT_CONFIG_NOSYSTEM="1", LC_ALL="C.UTF-8", TZ="UTC",
                                ITSM_NOW="2026-11-22T10:00:00Z")
        self.user = {}  # for subprocess.run: somebody else than we are
        self.problems = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.top, ignore_errors=True)

    def run(self, words, folder, **more):
        """Run a command to its end; what it said is in the answer."""
        environment = dict(self.environment, **more.pop("environment", {}))
        return subprocess.run(words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace", **self.user, **more)

    def must(self, words, folder):
        """Run a command that has to work, and answer what it printed."""
        done = self.run(words, folder)
        if done.returncode:
            raise SystemExit(f"not ok - {' '.join(words)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def problem(self, text):
        self.problems.append(text)

    def desk(self, name="work"):
        """A new desk with a ticket; its folder and the ticket's ID."""
        folder = self.top / name
        folder.mkdir()
        self.must(["itsm", "init", ".", "--name", "Soak"], folder)
        (folder / "policy/kinds").mkdir(parents=True, exist_ok=True)
        (folder / "policy/kinds/ticket.yaml").write_text(KIND)
        self.must(["git", "add", "policy"], folder)
        self.must(["git", "commit", "-q", "-m", "tickets"], folder)
        return folder, self.must(["itsm", "new", "ticket", "--title", "First"], folder).strip()

    def head(self, folder):
        return self.run(["git", "rev-parse", "-q", "--verify", "HEAD"], folder).stdout.strip()

    def sound(self, folder, what, whole=True):
        """git and the tool find nothing wrong, and nothing lies about."""
        for words in (["git", "fsck", "--strict", "--no-dangling"], ["itsm", "check"])[: 2 if whole else 1]:
            done = self.run(words, folder)
            if done.returncode or (words[0] == "git" and (done.stdout or done.stderr.strip())):
                self.problem(f"{what}: {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        status = self.run(["git", "status", "--porcelain"], folder).stdout
        if status:
            self.problem(f"{what}: the work tree is not clean:\n{status}")
        for left in leftovers(folder):
            self.problem(f"{what}: left behind: {left}")


def leftovers(folder):
    """Locks, temporary files and journals, which no finished command leaves."""
    found = []
    for where, _, files in os.walk(folder):
        for name in files:
            temporary = name.startswith((".itsm-", "tmp_obj", "tmp_pack", "fast_import_crash")) or name.endswith(".lock")
            if temporary or (name == "pending" and os.path.basename(where) == "itsm"):
                found.append(os.path.relpath(os.path.join(where, name), folder))
    return found


def report(bench, summary):
    """One test in TAP, for a suite or a person to read; the end of a program."""
    for text in bench.problems[:PROBLEMS_MAX]:
        print("# " + text.rstrip().replace("\n", "\n#   "))
    if len(bench.problems) > PROBLEMS_MAX:
        print(f"# and {len(bench.problems) - PROBLEMS_MAX} more")
    print(f"{'not ok' if bench.problems else 'ok'} - {summary}")
    raise SystemExit(1 if bench.problems else 0)
