"""What fails with a hub that half of a large park rests on, against sqlite3 reading the relations once."""

import glob
import os
import random
import shutil

from harness import ITSM


def write_park(harness, folder, count):
    """Items with three relations each; the first half of them rests on item-0, a tenth of these at one step."""
    dice = random.Random(7)
    items = os.path.join(folder, "transition/items")
    os.makedirs(items)
    half, relations = count // 2, 0
    for number in range(count):
        needs = set()
        if number > half:
            needs = {dice.randrange(half + 1, max(half + 2, number)) for _ in range(3)}
        elif number:
            needs = {0 if number <= half // 10 else dice.randrange(1, number), dice.randrange(number), dice.randrange(number)}
        needs.discard(number)
        relations += len(needs)
        with open(os.path.join(items, f"item-{number}.yaml"), "w", encoding="utf-8") as out:
            out.write(f"state: live\nname: Item {number}\nclass: server\n")
            if needs:
                out.write(f"depends_on: [{', '.join(f'item-{need}' for need in sorted(needs))}]\n")
    harness.run(["git", "add", "."], folder)
    harness.run(["git", "commit", "-qm", "The park"], folder)
    return relations


def rows(harness, short):
    count = 1000 if short else 100000
    folder = harness.path("park")
    harness.run([ITSM, "init", folder, "--name", "Bench"], harness.folder)
    relations = write_park(harness, folder, count)
    reached = len(harness.lines([ITSM, "impact", "item-0", "--format", "id"], folder)) - 1
    index = glob.glob(os.path.join(folder, ".git/itsm/index-v*.db"))[0]
    harness.table.head(f"a park of {count} items and {relations} relations; {reached} rest on the hub")
    read = harness.always(["sqlite3", index, "SELECT * FROM itsm_reference"], folder)
    times = 3 if short else 7
    harness.against("impact of the hub, to sqlite3 reading the relations", 10, 5,
                    harness.always([ITSM, "impact", "item-0", "--format", "id"], folder), read, times)
    harness.against("the same as JSON with every way", None, None,
                    harness.always([ITSM, "impact", "item-0", "--format", "json"], folder), read, times)
    harness.against("what the last one rests on", None, None,
                    harness.always([ITSM, "impact", f"item-{count // 2}", "--direction", "up", "--format", "id"], folder), read, times)
    shutil.rmtree(folder)
