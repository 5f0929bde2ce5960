# SPDX-License-Identifier: BSD-3-Clause
"""The programs of tests/, and one launch of one of them."""

import dataclasses
import json
import os
import pathlib
import re
import resource
import selectors
import signal
import subprocess
import time

from tree import Failed

FOLDERS = ("base", "collectives", "decomposition", "distances", "evaluation", "operators", "solvers", "structure", "testing")
RANKS = (1, 2, 3, 5)
# Of GoogleTest, and of the printer of ranks other than 0 (tests/support/main.cpp).
FAILURE = re.compile(rb": Failure\n|\[  FAILED  \]|^\[rank \d+\] ", re.MULTILINE)


@dataclasses.dataclass
class Program:
    """A test program on some ranks."""
    name: str
    path: pathlib.Path
    ranks: int
    command: list
    environment: dict


def programs(build):
    """Those of the folders that are tested here, as CTest runs them."""
    run = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, text=True, check=True)
    found = []
    for test in json.loads(run.stdout)["tests"]:
        match = re.fullmatch(r"(\w+)\.np(\d+)", test["name"])
        if not match or int(match[2]) not in RANKS or "command" not in test:
            continue
        path = pathlib.Path(next(word for word in test["command"] if word.endswith(f"misfit_{match[1]}_test")))
        if path.parent.name not in FOLDERS:
            continue
        environment = next((p["value"] for p in test["properties"] if p["name"] == "ENVIRONMENT"), [])
        found.append(Program(test["name"], path, int(match[2]), test["command"],
                             dict(entry.split("=", 1) for entry in environment)))
    if not found:
        raise Failed("CTest knows no test program")
    return found


def descendants(process):
    """Of a process: mpiexec's ranks are in groups of their own."""
    children = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, left = [], [process]
    while left:
        more = children.get(left.pop(), [])
        found += more
        left += more
    return found


def end(process):
    """Ends what was launched: the ranks first, of which mpiexec then clears what they left."""
    for number in descendants(process.pid) or [process.pid]:
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            pass
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def no_core_files():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def launch(program, timeout, **environment):
    """Runs it until it ends, reports a failure, or takes too long. Returns what happened ("" if all is well), and seconds."""
    start, text, what = time.monotonic(), b"", ""
    with subprocess.Popen(program.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **program.environment, **environment}, preexec_fn=no_core_files) as process:
        try:
            what, text = follow(process, start + timeout)
        finally:
            end(process)
    if not what and process.returncode:
        what = "crash"
    if not what and b"[  PASSED  ]" not in text:
        what = "no verdict"
    return what, time.monotonic() - start


def follow(process, deadline):
    """Reads what a process prints, to its end, a failure or the deadline."""
    text = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return "hang", text
            some = os.read(process.stdout.fileno(), 65536)
            if not some:
                break
            text = text[-2000:] + some
            if FAILURE.search(text):
                return "failure", text
    try:
        process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return "hang", text
    return "", text
