"""The table of figures: a real log imported, generated desks of several sizes, and peers. See README.md."""

import argparse
import os
import shutil
import sys
import tempfile

import calendar_rows
import desk as maker
import impact
import peers
import scale
import storm
import uci
from harness import ITSM, Failure, Harness, Table


def arguments():
    parser = argparse.ArgumentParser(prog="tests/bench.sh")
    parser.add_argument("--short", action="store_true", help="1,000 records, few repetitions, nothing judged")
    parser.add_argument("--million", action="store_true", help="1,000,000 records after the other sizes")
    parser.add_argument("--sizes", default="1000,10000,100000", help="sizes of the desks, the largest is judged")
    parser.add_argument("--only", choices=["import", "calendar", "storm", "impact", "desks", "peers"], help="this part of it")
    parser.add_argument("--desks", metavar="FOLDER", help="keep generated desks there, and take them from there")
    parser.add_argument("--folder", help="where to work; else the folder for temporary files")
    given = parser.parse_args()
    given.sizes = [1000] if given.short else [int(size) for size in given.sizes.split(",")]
    if given.million:
        given.sizes.append(1000000)
    return given


def made_desk(harness, given, count):
    """A fresh desk of that size; the one that is kept is copied."""
    folder = harness.path(f"desk-{count}")
    commits = 2000 if given.short else maker.COMMITS
    if not given.desks:
        maker.make(folder, count, commits, ITSM, harness.environment)
        return scale.Desk(harness, folder, count)
    kept = os.path.join(given.desks, f"desk-{count}")
    if not os.path.isdir(kept):
        maker.make(kept, count, commits, ITSM, harness.environment)
    shutil.copytree(kept, folder, symlinks=True)
    harness.run(["git", "status"], folder)
    return scale.Desk(harness, folder, count)


def desk_rows(harness, given):
    times = 5 if given.short else 15
    before = None
    for count in given.sizes:
        desk = made_desk(harness, given, count)
        harness.table.judged = not given.short and count == given.sizes[-1]
        harness.table.head(f"a desk of {count} records, {desk.bytes / 1e6:.0f} MB of text")
        scale.rows(harness, desk, times)
        if before:
            harness.table.head(f"growth from {before.count} to {count} records")
            scale.growth_rows(harness, before, desk, times)
            shutil.rmtree(before.folder)
        before = desk
    shutil.rmtree(before.folder)


def peer_rows(harness, given):
    harness.table.judged = True
    peers.rows(harness, made_desk(harness, given, 10000), 11)


def parts(harness, given):
    harness.table.judged = not given.short
    if given.only in (None, "import"):
        if os.path.exists(uci.LOG):
            uci.rows(harness, given.short)
        else:
            print("# the import is left out: no uci-incidents in the data folder (ITSM_DATA)")
    if given.only in (None, "calendar"):
        calendar_rows.rows(harness, given.short)
    if given.only in (None, "storm"):
        storm.rows(harness, given.short)
    if given.only in (None, "impact") and shutil.which("sqlite3"):
        impact.rows(harness, given.short)
    if given.only in (None, "desks"):
        desk_rows(harness, given)
    if given.only == "peers" or (given.only is None and not given.short):
        peer_rows(harness, given)


def main():
    given = arguments()
    table = Table()
    table.comment = "# " if given.short else ""
    folder = tempfile.mkdtemp(prefix="itsm-bench-", dir=given.folder)
    try:
        parts(Harness(folder, table), given)
    except Failure as failure:
        print(f"not ok 1 - the benchmark runs\n# {failure}\n1..1")
        return 1
    finally:
        os.chdir("/")
        shutil.rmtree(folder, ignore_errors=True)
    if given.short:
        print("ok 1 - the benchmark runs (figures of a small desk, not judged)\n1..1")
        return 0
    print(f"\n{table.held} of {table.held + table.missed} figures hold")
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
