"""Times itsm against plain git doing the same job, as ratios of medians.

Each row runs two commands in turn, A B A B, after a warm-up; what is measured is
the wall time of the whole process, from spawn to wait. The desk is made of a real
log of a service desk (see the README of the data folder), so that sizes are those
of life. Everything happens in a temporary folder that is removed at the end.
"""

import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SHORT = "--short" in sys.argv[1:]
KEEP = "--keep" in sys.argv[1:]
ITSM = os.environ["ITSM_RELEASE"]
DATA = os.environ["ITSM_DATA"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAP = os.path.join(ROOT, "docs", "maps", "uci-incidents.yaml")
HERE = os.open("/dev/null", os.O_RDWR)


class Failure(Exception):
    pass


class Row:
    """One figure: a name, what was measured, and what it must not exceed."""

    rows = []

    def __init__(self, name, figure, limit, detail, unit=""):
        self.missed = figure > limit
        if SHORT:
            print(f"# {name}: {figure:.2f}{unit}  [{detail}]", flush=True)
        else:
            verdict = "MISSED" if self.missed else "ok"
            print(f"{name}: {figure:.2f}{unit} (must be <= {limit}{unit}) {verdict}  [{detail}]", flush=True)
        Row.rows.append(self)


def environment(folder):
    home = os.path.join(folder, "home")
    os.makedirs(home, exist_ok=True)
    with open(os.path.join(home, ".gitconfig"), "w", encoding="utf-8") as file:
        file.write("[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n"
                   "[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "ITSM_"))}
    kept.update(HOME=home, GIT_CONFIG_NOSYSTEM="1", LC_ALL="C.UTF-8", PATH=os.environ["PATH"])
    return kept


class Harness:
    def __init__(self, folder):
        self.folder = folder
        self.environment = environment(folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def timed(self, command, cwd, stdin=None):
        """Seconds and peak memory in MiB (its children's counted) of one run, which has to succeed."""
        executable = command[0] if "/" in command[0] else shutil.which(command[0])
        errors = self.path("stderr")
        source = os.open(stdin or "/dev/null", os.O_RDONLY)
        said = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.chdir(cwd)
        actions = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, HERE, 1), (os.POSIX_SPAWN_DUP2, said, 2)]
        begun = time.perf_counter()
        pid = os.posix_spawn(executable, command, self.environment, file_actions=actions)
        _, status, usage = os.wait4(pid, 0)
        seconds = time.perf_counter() - begun
        os.close(source)
        os.close(said)
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            with open(errors, encoding="utf-8", errors="replace") as file:
                raise Failure(f"{' '.join(command)} ended with {code}: {file.read()[-2000:]}")
        return seconds, usage.ru_maxrss / 1024

    def run(self, command, cwd, stdin=None):
        """The output of a step that is not measured."""
        with open(stdin or "/dev/null", "rb") as source:
            done = subprocess.run(command, cwd=cwd, env=self.environment, stdin=source, capture_output=True, check=False)
        if done.returncode != 0:
            raise Failure(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:].decode()}")
        return done.stdout

    def against(self, name, limit, ours, theirs, times):
        """Alternate two timed steps, each a function of the round's number."""
        ours(-1)
        theirs(-1)
        pairs = [(ours(number), theirs(number)) for number in range(times)]
        a = statistics.median(pair[0] for pair in pairs)
        b = statistics.median(pair[1] for pair in pairs)
        Row(name, a / b, limit, f"{a * 1000:.1f} ms to {b * 1000:.1f} ms, median of {times}")


def log_rows(target):
    """The log, or for the short form the rows of its first 1,000 incidents."""
    source = os.path.join(DATA, "uci-incidents", "incident_event_log.csv.gz")
    keys = set()
    with gzip.open(source, "rb") as rows, open(target, "wb") as file:
        file.write(next(rows))
        for row in rows:
            keys.add(row.split(b",", 1)[0])
            if SHORT and len(keys) > 1000:
                keys.remove(row.split(b",", 1)[0])
                break
            file.write(row)
    return len(keys)


def new_desk(harness, name):
    folder = harness.path(name)
    shutil.rmtree(folder, ignore_errors=True)
    harness.run([ITSM, "init", folder, "--name", "Bench"], harness.folder)
    return folder


def new_repository(harness, name):
    folder = harness.path(name)
    shutil.rmtree(folder, ignore_errors=True)
    harness.run(["git", "init", "-q", folder], harness.folder)
    return folder


def final_files_stream(harness, desk, target):
    """One commit with every file of the desk, as fast-import reads it."""
    names = [name for name in harness.run(["git", "ls-files", "-z"], desk).split(b"\0") if name]
    with open(target, "wb") as stream:
        stream.write(b"commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 6\nimport\n")
        for name in names:
            with open(os.path.join(desk.encode(), name), "rb") as file:
                data = file.read()
            stream.write(b"M 100644 inline %s\ndata %d\n%s\n" % (name, len(data), data))
        stream.write(b"done\n")


def loose_objects(harness, folder):
    lines = harness.run(["git", "count-objects", "-v"], folder).decode().splitlines()
    return int(dict(line.split(": ") for line in lines)["count"])


def import_rows(harness, log):
    """Both forms of the import; leaves the imported desk in `desk`."""
    importing = [ITSM, "import", "--map", MAP, log]
    desk = new_desk(harness, "desk")
    harness.timed(importing, desk)
    stream = harness.path("files.stream")
    final_files_stream(harness, desk, stream)

    def ours(_):
        return harness.timed(importing, new_desk(harness, "again"))[0]

    def theirs(_):
        return harness.timed(["git", "fast-import", "--quiet", "--done"], new_repository(harness, "plain"), stream)[0]

    harness.against("import", 3, ours, theirs, 3)

    times = 1
    seconds, memory, reference = [], [], []
    for _ in range(times):
        replay = new_desk(harness, "replay")
        used, peak = harness.timed(importing + ["--replay"], replay)
        seconds.append(used)
        memory.append(peak)
    with open(harness.path("commits.stream"), "wb") as target:
        subprocess.run(["git", "fast-export", "--reencode=yes", "main"], cwd=replay, env=harness.environment,
                       stdout=target, check=True)
    for _ in range(times):
        plain = new_repository(harness, "plain")
        reference.append(harness.timed(["git", "fast-import", "--quiet"], plain, harness.path("commits.stream"))[0])
    a, b = statistics.median(seconds), statistics.median(reference)
    commits = int(harness.run(["git", "rev-list", "--count", "HEAD"], replay))
    Row("import --replay", a / b, 4, f"{a:.1f} s to {b:.1f} s, {commits} commits")
    Row("import --replay, peak memory", max(memory), 1024, f"{commits} commits", " MiB")
    Row("import --replay, loose objects", loose_objects(harness, replay), 100, "as git count-objects has it")
    for name in ("again", "plain", "replay"):
        shutil.rmtree(harness.path(name))
    return desk


def record_paths(harness, desk, count):
    """Paths of some incidents, spread over the desk."""
    names = harness.run(["git", "ls-files", "-z", "--", "operation/incidents"], desk).decode().split("\0")
    names = [name for name in names if name.endswith(".md")]
    step = max(1, len(names) // count)
    return names[::step][:count]


def write_rows(harness, desk):
    """new, set and move against `git commit --only` of one file, in a copy of the desk."""
    times = 5 if SHORT else 21
    plain = harness.path("plain-copy")
    shutil.copytree(desk, plain, symlinks=True)
    harness.run(["git", "status"], plain)
    harness.run([ITSM, "list", "incident", "--limit", "1"], desk)
    paths = record_paths(harness, desk, times + 1)
    ids = [os.path.basename(path)[:-3] for path in paths]
    fresh = [harness.run([ITSM, "new", "incident", "--title", f"Printer {number} is on fire", "impact=2", "urgency=2"],
                         desk).decode().strip() for number in range(times + 1)]

    def commit(number):
        name = paths[number]
        with open(os.path.join(plain, name), "a", encoding="utf-8") as file:
            file.write(f"\nLine {time.monotonic_ns()}\n")
        return harness.timed(["git", "commit", "-q", "--only", "-m", "a line more", "--", name], plain)[0]

    def make(number):
        return harness.timed([ITSM, "new", "incident", "--title", f"Disk {number} is full", "impact=2", "urgency=2"],
                             desk)[0]

    def alter(number):
        return harness.timed([ITSM, "set", ids[number], f"title=Changed {number}"], desk)[0]

    def move(number):
        return harness.timed([ITSM, "move", fresh[number], "cancelled"], desk)[0]

    harness.against("new to git commit --only", 0.7, make, commit, times)
    harness.against("set to git commit --only", 0.7, alter, commit, times)
    harness.against("move to git commit --only", 0.7, move, commit, times)
    shutil.rmtree(plain)
    return ids


def read_rows(harness, desk, ids):
    times = 7 if SHORT else 31
    harness.run(["git", "status"], desk)

    def show(number):
        return harness.timed([ITSM, "show", ids[number % len(ids)]], desk)[0]

    def head(_):
        return harness.timed(["git", "rev-parse", "HEAD"], desk)[0]

    def listing(_):
        return harness.timed([ITSM, "list", "incident", "priority:<=2", "state:closed", "--limit", "50"], desk)[0]

    def status(_):
        return harness.timed(["git", "status"], desk)[0]

    harness.against("show to git rev-parse HEAD", 8, show, head, times)
    harness.against("list of 50 to git status", 1, listing, status, times)
    found = json.loads(harness.run([ITSM, "list", "incident", "priority:<=2", "state:closed", "--limit", "50",
                                    "--format", "json"], desk))
    if len(found["records"]) == 0:
        raise Failure("the list is empty: nothing was measured")


def main():
    folder = tempfile.mkdtemp(prefix="itsm-bench-")
    harness = Harness(folder)
    try:
        log = harness.path("log.csv")
        count = log_rows(log)
        print(f"# a desk of {count} incidents", flush=True)
        desk = import_rows(harness, log)
        ids = write_rows(harness, desk)
        read_rows(harness, desk, ids)
    except Failure as failure:
        print(f"not ok 1 - the benchmark runs\n# {failure}\n1..1")
        return 1
    finally:
        os.chdir("/")
        if not KEEP:
            shutil.rmtree(folder, ignore_errors=True)
    missed = sum(row.missed for row in Row.rows)
    if SHORT:
        print("ok 1 - the benchmark runs (figures of a small desk, not judged)\n1..1")
        return 0
    print(f"{len(Row.rows) - missed} of {len(Row.rows)} figures hold")
    return 1 if missed else 0


sys.exit(main())
