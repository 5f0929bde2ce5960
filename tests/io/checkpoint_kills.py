# SPDX-License-Identifier: BSD-3-Clause
"""Kills programs that write checkpoints, at random moments, and starts them again on another number of ranks."""

import contextlib
import os
import pathlib
import random
import re
import signal
import subprocess
import tempfile
import threading
import time

START = 60  # seconds that a program may take to begin
FORMS = ("whole", "rows", "columns")


class Job:
    """A program of several ranks; `mpiexec` are the words before their number."""

    def __init__(self, mpiexec, ranks, words):
        self.lines, self.pids, self.ranks = [], [], ranks
        self.changed = threading.Condition()
        self.process = subprocess.Popen([*mpiexec, str(ranks), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.reader = threading.Thread(target=self.listen)
        self.reader.start()

    def listen(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.strip())
                if re.fullmatch(r"pid \d+", line.strip()):
                    self.pids.append(int(line.split()[1]))
                self.changed.notify()

    def last(self, pattern):
        """The number in the last line of this pattern, or None."""
        found = [re.fullmatch(pattern, line) for line in self.lines]
        return next((int(match[1]) for match in reversed(found) if match), None)

    def begins(self):
        """Waits until it says from where it goes on; whether it does."""
        with self.changed:
            self.changed.wait_for(lambda: self.last(r"(?:goes on after|starts) (\d+)") is not None or not self.reader.is_alive()
                                  or self.process.poll() is not None, START)
            return self.last(r"(?:goes on after|starts) (\d+)") is not None

    def kill(self, rank=None):
        """kill -9 of one rank, on which mpiexec ends the others; or of all that there is."""
        for pid in self.pids if rank is None else [self.pids[rank]]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.end(0 if rank is None else 10)

    def end(self, grace):
        try:
            self.process.wait(grace)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join()


def kills(program, mpiexec, count, seed=1, options=()):
    """For each of `count` kills what was wrong with the next start, in words, or ""; and whether it came while a file
    was being written."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "state.h5"
        known, amid = 0, False
        for number in range(count + 1):
            job = Job(mpiexec, 1 + number % 3, [program, str(path), chance.choice(FORMS), *options])
            try:
                begun = job.begins()
                there = job.last(r"(?:goes on after|starts) (\d+)")
                if number > 0:
                    wrong = "" if begun and there >= known else f"{known} was there; " + " / ".join(job.lines[-6:])
                    yield wrong, amid
                    if wrong:
                        return
                time.sleep(chance.uniform(0, 0.3))
                one = chance.choice((True, False, False, False))
                job.kill(chance.randrange(job.ranks) if one and len(job.pids) == job.ranks else None)
            finally:
                job.end(0)
            known = job.last(r"has (\d+)") or there
            amid = path.with_name("state.h5.part").exists()
