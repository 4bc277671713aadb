"""Writes that run into a wall: a full disk, folders that may not be written, signals without end.

    walls.py full|closed|storm [SHIM] [--short]

Ends with 77 where the machine does not let the wall be built.
"""
import os
import shutil
import subprocess
import sys

from desk import MAP, ROWS, Bench, program, report

NOBODY = 65534
SHORT = "--short" in sys.argv


def writes(bench, ticket, turn):
    """One of each, none like those of another turn; the last one is a bulk write."""
    state = "new" if ticket in bench.must(["itsm", "list", "ticket", "state:doing", "--format", "id"], bench.folder) else "doing"
    (bench.top / "map.yaml").write_text(MAP)
    (bench.top / "rows.csv").write_text(ROWS + "".join(f"N-{i},Row {i} {turn},2026-11-22T10:00:00Z\n" for i in range(100)))
    return [["itsm", "set", ticket, f"title=Changed {turn}"], ["itsm", "new", "ticket", "--title", "Another"],
            ["itsm", "note", ticket, "-m", "A word"], ["itsm", "move", ticket, state], ["itsm", "undo"],
            ["itsm", "import", "--map", str(bench.top / "map.yaml"), str(bench.top / "rows.csv")]]


def judge(bench, what, folder, done, before):
    """It worked or it did not, and said so; a work tree that lags behind is told by a journal."""
    head = bench.head(folder)
    if done.returncode not in (0, 3):
        bench.problem(f"{what}: ended with {done.returncode}: {done.stderr}")
    if done.returncode == 3 and (head != before or not done.stderr.startswith("itsm: ")):
        bench.problem(f"{what}: ended with 3, HEAD {'moved' if head != before else 'stayed'}: {done.stderr!r}")
    if done.returncode == 0 and head == before:
        bench.problem(f"{what}: success, and nothing is in history")
    waiting = (folder / ".git/itsm/pending").exists()
    if done.returncode == 0 and waiting != ("are not in the work tree yet" in done.stderr):
        bench.problem(f"{what}: its files {'wait' if waiting else 'are there'}, and it says {done.stderr!r}")
    return done.returncode


def full(bench):
    """A disk with room for a little less each time."""
    disk = bench.top / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", disk], capture_output=True)
    if mounted.returncode:
        print("1..0 # SKIP no file system can be mounted here")
        raise SystemExit(77)
    outcomes = {0: 0, 3: 0}
    try:
        folder, ticket = bench.desk("disk/work")
        bench.folder = folder
        bench.must(["itsm", "list"], folder)
        filler = disk / "filler"
        for words in writes(bench, ticket, "full"):
            for room in (0, 16, 64, 4096) if SHORT else (0, 4, 8, 12, 16, 24, 32, 48, 64, 96, 160, 4096):
                with open(filler, "wb") as file:
                    try:
                        while True:
                            os.write(file.fileno(), bytes(4096))
                    except OSError:
                        pass
                    file.truncate(max(0, os.fstat(file.fileno()).st_size - room * 1024))
                before = bench.head(folder)
                what = f"{words[1]} with {room} KiB left"
                done = bench.run(words, folder)
                filler.unlink()
                outcomes[judge(bench, what, folder, done, before)] += 1
                if room == 4096 and done.returncode:
                    bench.problem(f"{what}: ended with {done.returncode}: {done.stderr}")
                after = bench.run(["itsm", "set", ticket, f"points={room}"], folder)
                if after.returncode:
                    bench.problem(f"{what}: the next write ended with {after.returncode}: {after.stderr}")
                for path in (folder / ".git/objects/pack").glob("tmp_pack_*"):
                    path.unlink()  # git's fast-import leaves it where the disk is full, and `git gc` takes it away
                bench.sound(folder, what)
                if done.returncode == 0:
                    bench.must(["git", "reset", "-q", "--hard", before], folder)
                    bench.must(["git", "reflog", "expire", "--expire=all", "--all"], folder)
                    bench.must(["git", "prune", "--expire=now"], folder)
    finally:
        subprocess.run(["umount", "-l", disk], check=False)
    return f"{outcomes[3]} writes to a full disk said so, {outcomes[0]} found room"


def closed(bench):
    """Folders that this user may not write, one at a time."""
    folder, ticket = bench.desk()
    bench.folder = folder
    copy = bench.top / "itsm"
    shutil.copy(program(), copy)
    (bench.top / "bin/itsm").unlink()
    (bench.top / "bin/itsm").symlink_to(copy)
    bench.top.chmod(0o711)
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", bench.top], check=True)
        bench.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    refused = 0
    places = ("policy", ".git", ".git/objects", ".git/refs/heads", ".git/logs/refs/heads/main", ".git/itsm", "operation",
              "operation/tickets/2026/11", ".")
    for where in places:
        for words in writes(bench, ticket, where)[:: 5 if SHORT else 1]:
            closing = folder / where
            mode = closing.stat().st_mode
            for path in [closing, *closing.rglob("*")] if where == ".git/objects" else [closing]:
                path.chmod(path.stat().st_mode & 0o555)
            before = bench.head(folder)
            done = bench.run(words, folder)
            for path in [closing, *closing.rglob("*")] if where == ".git/objects" else [closing]:
                path.chmod(path.stat().st_mode | (0o700 if path.is_dir() else 0o400))
            closing.chmod(mode)
            what = f"{words[1]} with {where} closed"
            refused += judge(bench, what, folder, done, before) == 3
            if where == "policy" and done.returncode:  # where nothing is written
                bench.problem(f"{what}: ended with {done.returncode}: {done.stderr}")
            after = bench.run(["itsm", "set", ticket, f"title={what}"], folder)
            if after.returncode:
                bench.problem(f"{what}: the next write ended with {after.returncode}: {after.stderr}")
            bench.sound(folder, what)
    return f"{refused} writes to what may not be written said so"


def storm(bench, shim):
    """A signal every 50 to 2000 microseconds: nothing but time is lost."""
    folder, ticket = bench.desk()
    bench.folder = folder
    done = 0
    for pause in (700, 80) if SHORT else (2000, 700, 300, 150, 80, 50):
        for words in writes(bench, ticket, pause):
            before = bench.head(folder)
            did = bench.run(words, folder, environment={"LD_PRELOAD": os.path.abspath(shim), "FAULTS_STORM": str(pause)},
                            timeout=100)
            if did.returncode or bench.head(folder) == before:
                bench.problem(f"{words[1]} in a storm of {pause} us: ended with {did.returncode}: {did.stderr}")
            done += 1
    bench.sound(folder, "after the storm")
    return f"{done} writes were interrupted again and again and went through"


def main():
    with Bench() as bench:
        what = sys.argv[1]
        report(bench, storm(bench, sys.argv[2]) if what == "storm" else {"full": full, "closed": closed}[what](bench))


if __name__ == "__main__":
    main()
