"""Import of a real log of a service desk (see the README of the data folder), against what git needs at least."""

import gzip
import os
import shutil
import statistics
import subprocess

from harness import ITSM

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAP = os.path.join(ROOT, "docs", "maps", "uci-incidents.yaml")
LOG = os.path.join(os.environ["ITSM_DATA"], "uci-incidents", "incident_event_log.csv.gz")


def log_rows(target, most):
    """The log, or the rows of its first `most` incidents; how many incidents that is."""
    keys = set()
    with gzip.open(LOG, "rb") as rows, open(target, "wb") as file:
        file.write(next(rows))
        for row in rows:
            keys.add(row.split(b",", 1)[0])
            if most and len(keys) > most:
                return most
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
    lines = harness.lines(["git", "count-objects", "-v"], folder)
    return int(dict(line.split(": ") for line in lines)["count"])


def import_rows(harness, log, short):
    importing = [ITSM, "import", "--map", MAP, log]
    desk = new_desk(harness, "uci")
    harness.timed(importing, desk)
    stream = harness.path("files.stream")
    final_files_stream(harness, desk, stream)

    def ours(_):
        return harness.seconds(importing, new_desk(harness, "again"))

    def theirs(_):
        return harness.seconds(["git", "fast-import", "--quiet", "--done"], new_repository(harness, "plain"), stream)

    harness.against("import to git fast-import", 3, None, ours, theirs, 1 if short else 3)
    for name in ("again", "plain", "uci"):
        shutil.rmtree(harness.path(name), ignore_errors=True)


CALENDAR = """name: Office
zone: Europe/Berlin
hours: {monday: ["08:00-18:00"], tuesday: ["08:00-18:00"], wednesday: ["08:00-18:00"], thursday: ["08:00-18:00"], friday: ["08:00-18:00"]}
"""
AGREEMENT = """name: Everybody
type: sla
state: active
calendar: office
pauses: [pending]
targets:
  - {priority: 1, respond: 15m, resolve: 4h}
  - {priority: 2, respond: 1h, resolve: 8h}
  - {respond: 4h, resolve: 40h}
"""


def clock_rows(harness, desk):
    """Service-level clocks of all incidents, from their history; the index knows it already."""
    for folder, name, text in (("policy/calendars", "office", CALENDAR), ("design/agreements", "all", AGREEMENT)):
        os.makedirs(os.path.join(desk, folder), exist_ok=True)
        with open(os.path.join(desk, folder, name + ".yaml"), "w", encoding="utf-8") as file:
            file.write(text)
    harness.run(["git", "add", "-A"], desk)
    harness.run(["git", "commit", "-qm", "promises"], desk)
    clocks = [ITSM, "sql", "--timeout", "0", "SELECT count(*), sum(elapsed) FROM sla"]
    harness.run(clocks, desk)
    harness.against("all clocks to git log --name-only", 1, None, harness.always(clocks, desk),
                    harness.always(["git", "log", "--name-only"], desk), 3)
    harness.against("sla list to git rev-parse HEAD", 10, None, harness.always([ITSM, "sla", "list"], desk),
                    harness.always(["git", "rev-parse", "HEAD"], desk), 15)
    # the log has steps that the workflow has not: 1 is what verify ends with
    verify = ["sh", "-c", '"$0" verify; [ $? -eq 1 ]', ITSM]
    harness.against("verify of the whole history to git log --name-only", 3, None, harness.always(verify, desk),
                    harness.always(["git", "log", "--name-only"], desk), 3)
    harness.against("all metrics of the whole log to git log --name-only", None, None,
                    harness.always([ITSM, "metrics", "--from", "2015"], desk),
                    harness.always(["git", "log", "--name-only"], desk), 1)


def replay_rows(harness, log):
    replay = new_desk(harness, "replay")
    used, peak = harness.timed([ITSM, "import", "--map", MAP, log, "--replay"], replay)
    with open(harness.path("commits.stream"), "wb") as target:
        subprocess.run(["git", "fast-export", "--reencode=yes", "main"], cwd=replay, env=harness.environment,
                       stdout=target, check=True)
    plain = new_repository(harness, "plain")
    reference = statistics.median(
        harness.seconds(["git", "fast-import", "--quiet"], new_repository(harness, "plain"), harness.path("commits.stream"))
        for _ in range(3))
    commits = int(harness.run(["git", "rev-list", "--count", "HEAD"], replay))
    table = harness.table
    table.row("import --replay to git fast-import", used / reference, 4, None,
              f"{used:.1f} s to {reference:.1f} s, {commits} commits")
    table.row("import --replay, peak memory", peak, 1024, None, f"{commits} commits", " MiB")
    table.row("import --replay, loose objects", loose_objects(harness, replay), 100, None, "as git count-objects has it")
    clock_rows(harness, replay)
    for folder in (plain, replay):
        shutil.rmtree(folder)


def rows(harness, short):
    log = harness.path("log.csv")
    count = log_rows(log, 1000 if short else None)
    harness.table.head(f"import of a real log, {count} incidents")
    import_rows(harness, log, short)
    if not short:
        replay_rows(harness, log)
