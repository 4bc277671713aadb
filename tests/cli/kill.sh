#!/bin/sh
# Writers that are killed at any moment leave a sound repository, no half record, and the next one goes on.
# Runs on the release build where there is one: it is quick enough to be killed everywhere.
[ ! -x "${ITSM_RELEASE-}" ] || ITSM=$ITSM_RELEASE
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cat >"$scratch/kill.py" <<'END'
"""A hundred writers, each killed later in its life than the one before.

    kill.py RECORD PATH alone|all

`alone` kills the writer, `all` its children (git) too, as a machine that stops does. What it writes is one commit or
none; files, git's index and the branch agree after the next command.
"""
import glob, os, random, signal, subprocess, sys, time

record, path, whom = sys.argv[1:]
random.seed(20261122)


def git(*words):
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout


def command(number):
    if number % 3 == 2:
        return ["itsm", "new", "incident", "--title", f"New {number}", "impact=2", "urgency=2"]
    return ["itsm", "set", record, f"title=Round {number} {whom}"]


begun = time.monotonic()
for number in range(6):
    subprocess.run(command(1000 + number), check=True, capture_output=True)
span = (time.monotonic() - begun) / 6
killed = 0
for number in range(100):
    before = git("rev-parse", "HEAD")
    writer = subprocess.Popen(command(number), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              stdin=subprocess.DEVNULL, start_new_session=True)
    time.sleep(span * 1.1 * (number + random.random()) / 100)
    if writer.poll() is None:
        if whom == "all":
            os.killpg(writer.pid, signal.SIGKILL)
        else:
            writer.kill()
        killed += 1
    writer.wait()
    if whom == "all":  # a git that was killed leaves its locks, and says what to do about them
        for lock in glob.glob(".git/*.lock") + glob.glob(".git/refs/**/*.lock", recursive=True):
            os.unlink(lock)
    # any command of the tool puts in place what a killed one left undone
    done = subprocess.run(["itsm", "show", record], capture_output=True, text=True)
    if done.returncode:
        print(f"round {number}: show ended with {done.returncode}: {done.stderr}")
    after = git("rev-parse", "HEAD")
    if after != before and git("rev-parse", "HEAD~1").strip() != before.strip():
        print(f"round {number}: more than one commit")
    status = git("status", "--porcelain")
    if status:
        print(f"round {number}: not clean:\n{status}")
    with open(path, encoding="utf-8") as file:
        if file.read() != git("show", f"HEAD:{path}"):
            print(f"round {number}: the file is not what is committed")
    if number % 20 == 19:
        git("fsck", "--strict", "--no-dangling")
if killed < 30:
    print(f"only {killed} of 100 writers were killed while they ran: that says little")
END

for whom in alone all; do
	begin "a hundred writers are killed: $whom"
	desk
	id=$(new incident --title Zero impact=3 urgency=3)
	/usr/bin/python3 "$scratch/kill.py" "$id" "$(path_of "$id")" $whom >"$top/said" 2>&1
	[ ! -s "$top/said" ] || problem "$(head -n 40 "$top/said")"
	must itsm set "$id" title='After all that'
	sound
	clean
	run find .git -name '*.lock'
	out ''
	run find . -name .git -prune -o -type f -print
	out_lacks .tmp
done

finish
