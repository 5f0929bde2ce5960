# SPDX-License-Identifier: BSD-3-Clause
"""Whether a job ends when a rank of it is killed, crashes or leaves, soon, with an error, and leaving nothing behind."""

import concurrent.futures
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from check import Check  # noqa: E402

import launches  # noqa: E402
from processes import end  # noqa: E402

PROGRAM = launches.program("fatal_faults")
LIMIT = 5  # seconds from the fault to the end of the job
OF_ONE = 3  # where a rank of misfit::run throws alone, with its error printed once
START = 60  # seconds that it may take to begin
FAULTS = ("kill", "segv", "abort", "exit1", "exit0", "_exit1", "_exit0", "throw")
SHARED = pathlib.Path("/dev/shm")
MARK = "MISFIT_SCORECARD_LAUNCH"


def places(fault):
    """exit() in a thread beside the one that evaluates is a fault of its own, in any program."""
    return ("between", "operator") if fault in ("exit0", "exit1") else ("between", "operator", "thread")


def plans(count, seed):
    """Each fault equally often, the rest at random: main, place, rank, milliseconds, ranks."""
    chance = random.Random(seed)
    for number in range(count):
        fault = FAULTS[number % len(FAULTS)]
        ranks = chance.choice((2, 3, 4, 5))
        yield (chance.choice(("run", "session", "own")), fault, chance.choice(places(fault)), chance.randrange(ranks),
               chance.randrange(300), ranks)


def processes_of(mark):
    """Those alive (no zombies) that have the mark in their environment."""
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0") \
                    and (folder / "stat").read_text().rpartition(") ")[2][0] not in "ZX":
                found.append(int(folder.name))
        except (OSError, IndexError):  # ended meanwhile, or not ours
            pass
    return found


def shared_memory_of(pids):
    """The files in /dev/shm that processes have mapped."""
    found = set()
    for pid in pids:
        try:
            lines = pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        found |= {line.split(maxsplit=5)[5] for line in lines if f" {SHARED}/" in line and "(deleted)" not in line}
    return found


def no_core_dumps():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def started(words, folder, mark, errors):
    environment = {**os.environ, **launches.MPI, MARK: mark, "TMPDIR": str(folder)}
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, cwd=folder,
                            env=environment, start_new_session=True, preexec_fn=no_core_dumps)


def waited(process, limit):
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        return False
    return True


def left_behind(folder, mark, shared):
    """What is still there of a job that has ended, in words. Ranks that were killed may take a moment more."""
    deadline = time.monotonic() + 1
    while processes_of(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    alive = processes_of(mark)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    files = [str(path) for path in folder.rglob("*") if path.is_file() and path.name != "note"]
    memory = [name for name in shared if pathlib.Path(name).exists()]
    return [f"{len(items)} {what} left: {items[0]}"
            for items, what in ((alive, "processes"), (files, "files"), (memory, "shared memory")) if items]


def launch(plan, is_canary):
    """What is wrong, in words, and the seconds from the fault to the end."""
    main, fault, place, rank, milliseconds, ranks = plan
    mark = uuid.uuid4().hex
    alone = main == "run" and fault == "throw" and place != "thread"
    limit = OF_ONE if alone else LIMIT
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile() as errors:
        folder = pathlib.Path(name)
        note = folder / "note"
        process = started([*launches.mpiexec(ranks), PROGRAM, main, "ignore" if is_canary else fault, place, str(rank),
                           str(milliseconds), str(note)], folder, mark, errors)
        try:
            first = process.stdout.readline()
            shared = shared_memory_of(processes_of(mark)) if first else set()
            ended = waited(process, START if is_canary else LIMIT + milliseconds / 1000 + 5)
            stop = time.monotonic()
        finally:
            if process.poll() is None:
                end(process)
            process.stdout.close()
        if not note.is_file():  # a canary that does not start is no find
            return [] if is_canary else ["the fault never came"], 0
        seconds = stop - float(note.read_text(encoding="utf-8"))
        wrong = [] if ended else ["it hung"]
        wrong += [f"it ended after {seconds:.1f} s"] if ended and seconds > limit else []
        wrong += ["it ended with status 0"] if process.returncode == 0 else []
        errors.seek(0)
        said = errors.read().count(b"planted")
        wrong += [f"its error was printed {said} times"] if alone and not is_canary and said != 1 else []
        return wrong + left_behind(folder, mark, shared), seconds


def main():
    check = Check()
    count = 8 if check.options.quick else 208
    at_once = 2 if os.getloadavg()[0] < 1 and len(os.sched_getaffinity(0)) > 1 else 1
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        tried = list(plans(count, check.options.seed))
        for plan, (wrong, seconds) in zip(tried, pool.map(lambda plan: launch(plan, check.options.canary), tried)):
            check.tried(not wrong, f"{' '.join(map(str, plan))} ranks: {'; '.join(wrong)}")
            check.figure(seconds)
    check.finish()


if __name__ == "__main__":
    main()
