"""Conflicts among scheduled changes: the time must grow with their number, not with its square, also where all are on one item."""

import os
import shutil

from harness import ITSM

COUNTS = (1250, 2500, 5000)
ITEMS = 1000
NOW = "2026-11-22T10:00:00Z"
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def change_id(number):
    text = ""
    for _ in range(8):
        text = LETTERS[number % 32] + text
        number //= 32
    return "CHG-" + text


def change(number, item):
    """An hour each, five begin in an hour: each overlaps some ten others in time."""
    start = number * 12
    day, minute = divmod(start, 24 * 60)
    begin = f"2027-{1 + day // 28:02d}-{1 + day % 28:02d}T{minute // 60:02d}:{minute % 60:02d}:00Z"
    day, minute = divmod(start + 60, 24 * 60)
    end = f"2027-{1 + day // 28:02d}-{1 + day % 28:02d}T{minute // 60:02d}:{minute % 60:02d}:00Z"
    return (f"---\ntitle: Change {number}\ntype: normal\nstate: scheduled\nitems: [{item}]\n"
            f"window: {{start: {begin}, end: {end}}}\n---\n")


def made(harness, count, one):
    """A desk of items in chains of ten and of changes on them, or all on the first."""
    folder = harness.path(f"calendar-{count}-{'one' if one else 'many'}")
    harness.run([ITSM, "init", folder, "--name", "Calendar"], harness.folder)
    items = os.path.join(folder, "transition", "items")
    changes = os.path.join(folder, "transition", "changes", "2026", "11")
    os.makedirs(items)
    os.makedirs(changes)
    for number in range(ITEMS):
        needs = f"depends_on: [i-{number - 1}]\n" if number % 10 else ""
        with open(os.path.join(items, f"i-{number}.yaml"), "w", encoding="utf-8") as file:
            file.write(f"name: Item {number}\nstate: live\n{needs}")
    for number in range(count):
        with open(os.path.join(changes, f"{change_id(number)}.md"), "w", encoding="utf-8") as file:
            file.write(change(number, "i-0" if one else f"i-{number * 3 % ITEMS}"))
    harness.run(["git", "add", "-A"], folder)
    harness.run(["git", "commit", "-q", "-m", "all"], folder)
    return folder


def conflicts(harness, folder):
    """Finding some is an exit code of 1."""
    command = ["sh", "-c", f'ITSM_NOW={NOW} "$1" calendar conflicts --format id >/dev/null; test $? -le 1', "sh", ITSM]
    return harness.always(command, folder)


def rows(harness, short):
    counts = COUNTS[:1] if short else COUNTS
    harness.table.head("conflicts of scheduled changes")
    for one in (False, True):
        folders = [made(harness, count, one) for count in counts]
        name = "all on one item" if one else "on a thousand items"
        if short:
            harness.table.row(f"conflicts of {counts[0]}, {name}", conflicts(harness, folders[0])(0), None, None, "s", "s")
        for place in range(1, len(folders)):
            harness.against(f"conflicts {name}, {counts[place]} to {counts[place - 1]}", 3, 2.2,
                            conflicts(harness, folders[place]), conflicts(harness, folders[place - 1]), 7)
        for folder in folders:
            shutil.rmtree(folder)
