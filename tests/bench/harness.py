"""Running programs and telling figures: what every part of the benchmark uses.

A figure is a ratio of medians. Ours and theirs run in turn, A B A B, after a warm-up; what is
measured is the wall time of the whole process, from spawn to wait, with a warm cache.
"""

import os
import shutil
import statistics
import subprocess
import time

ITSM = os.environ["ITSM_RELEASE"]
NULL = os.open("/dev/null", os.O_RDWR)


class Failure(Exception):
    pass


class Table:
    """The figures so far. Those of a small desk, or of a short run, are told and not judged."""

    def __init__(self):
        self.judged = True
        self.comment = ""  # before each line: what TAP reads over
        self.held = self.missed = 0

    def head(self, text):
        print(f"{self.comment}{text}" if self.comment else f"\n{text}", flush=True)

    def row(self, name, figure, limit, stretch, detail, unit=""):
        verdict = aim = ""
        if limit:
            aim = f"(<= {limit:.4g}{unit}" + (f", stretch {stretch:.2g}{unit}) " if stretch else ") ")
        if limit and self.judged:
            verdict = "MISSED" if figure > limit else "stretch" if stretch and figure <= stretch else "ok"
            self.missed += verdict == "MISSED"
            self.held += verdict != "MISSED"
        number = f"{figure:.3f}" if figure < 0.1 else f"{figure:.2f}"
        print(f"{self.comment}{name}: {number}{unit} {aim}{verdict}  [{detail}]", flush=True)


class Harness:
    def __init__(self, folder, table):
        self.folder = folder
        self.table = table
        home = self.path("home")
        os.makedirs(home, exist_ok=True)
        with open(os.path.join(home, ".gitconfig"), "w", encoding="utf-8") as file:
            file.write("[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n"
                       "[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "ITSM_"))}
        kept.update(HOME=home, USER="ada", GIT_CONFIG_NOSYSTEM="1", LC_ALL="C.UTF-8", TZ="UTC")
        self.environment = kept
        self.where = {}

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def program(self, name):
        if name not in self.where:
            self.where[name] = name if "/" in name else shutil.which(name)
        return self.where[name]

    def timed(self, command, cwd, stdin=None):
        """Seconds and peak memory in MiB (its children's counted) of one run, which has to succeed."""
        errors = self.path("stderr")
        source = os.open(stdin or "/dev/null", os.O_RDONLY)
        said = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.chdir(cwd)
        actions = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, NULL, 1), (os.POSIX_SPAWN_DUP2, said, 2)]
        executable = self.program(command[0])
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

    def seconds(self, command, cwd, stdin=None):
        return self.timed(command, cwd, stdin)[0]

    def run(self, command, cwd, stdin=None):
        """The output of a step that is not measured."""
        with open(stdin or "/dev/null", "rb") as source:
            done = subprocess.run(command, cwd=cwd, env=self.environment, stdin=source, capture_output=True, check=False)
        if done.returncode != 0:
            raise Failure(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:].decode()}")
        return done.stdout

    def lines(self, command, cwd):
        return self.run(command, cwd).decode().split("\n")[:-1]

    def against(self, name, limit, stretch, ours, theirs, times):
        """Alternate two timed steps, each a function of the round's number that returns seconds."""
        ours(-1)
        theirs(-1)
        pairs = [(ours(number), theirs(number)) for number in range(times)]
        a, b = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
        self.table.row(name, a / b, limit, stretch, f"{a * 1000:.1f} ms to {b * 1000:.1f} ms, median of {times}")
        return a, b

    def always(self, command, cwd, stdin=None):
        """A step for `against` that is the same in every round."""
        return lambda number: self.seconds(command, cwd, stdin)
