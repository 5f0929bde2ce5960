#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs a benchmark of misfit, and beside it the programs that users would take instead.

server.py versions PROGRAM
    Prints of each peer its version, or that it is not installed.
server.py run FOLDER RANKS MPIEXEC COUNT_FLAG PROGRAM ARGUMENT...
    Runs PROGRAM, a benchmark, on RANKS ranks, which asks for a peer whenever it is a peer's turn: a line in
    FOLDER/requests, answered by a line in FOLDER/answers. worker.py says what peers do. Exits as PROGRAM did.
"""

import os
import pathlib
import select
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = {"numpy": "numpy_arrays.py", "scipy": "scipy_arrays.py", "bart_iteration": "bart_iteration.py"}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def commands(program):
    """How each peer might be started; PETSc's stands beside `program`."""
    pythons = dict.fromkeys([sys.executable, "/usr/bin/python3"])
    all_of = {name: [[python, "-B", str(HERE / script)] for python in pythons] for name, script in SCRIPTS.items()}
    return all_of | {"petsc": [[str(pathlib.Path(program).parent / "petsc_peer")]]}


def find(candidates):
    """The first command that works with its version, or None with what is missing."""
    missing = "PETSc (Debian: libpetsc-real-dev)"
    for command in candidates:
        try:
            result = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False, env=os.environ | ONE_THREAD)
        except OSError:
            continue
        if result.returncode == 0:
            return command, result.stdout.strip()
        missing = (result.stderr.strip().splitlines() or [command[0]])[-1]
    return None, missing


class Peers:
    """Those that are installed, and those of them that run the case that is at hand."""

    def __init__(self, folder, ranks, mpiexec, program):
        self.case, self.running = folder / "case", {}
        self.found = {name: find(candidates) for name, candidates in commands(program).items()}
        self.start = {name: [*mpiexec, str(ranks), *command] if name == "petsc" else command
                      for name, (command, _) in self.found.items() if command}

    def end(self):
        for process in self.running.values():
            process.stdin.close()
            process.wait()
        self.running = {}

    def ask(self, name, *question):
        process = self.running[name]
        try:
            print(*question, file=process.stdin, flush=True)
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise RuntimeError(f"{name} failed")
        return line.strip()

    def take(self):
        for name, command in self.start.items():
            self.running[name] = subprocess.Popen([*command, str(self.case)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                  text=True, env=os.environ | ONE_THREAD)
        for name in list(self.running):
            line = self.running[name].stdout.readline().strip()
            if line not in ("ready", "no"):
                raise RuntimeError(f"{name} failed")
            if line == "no":
                self.running.pop(name).communicate()
        return list(self.running)

    def answer(self, request):
        verb, *peer = request.split("\t")
        if verb == "versions":
            return [f"{name}: {version}" for name, (command, version) in self.found.items() if command]
        if verb == "new":
            self.end()
            shutil.rmtree(self.case, ignore_errors=True)
            self.case.mkdir()
            return []
        return self.take() if verb == "take" else [self.ask(peer[0], verb)]


def serve(peers, folder, command):
    """Answers until `command` has ended; returns its exit status."""
    ends = {}
    for name in ("requests", "answers"):
        os.mkfifo(folder / name)
        # For both directions: opening does not wait for the other side, and its end is no end of file.
        ends[name] = os.open(folder / name, os.O_RDWR)
    left = b""
    with subprocess.Popen(command) as benchmark:
        while benchmark.poll() is None:
            if not select.select([ends["requests"]], [], [], 0.1)[0]:
                continue
            *lines, left = (left + os.read(ends["requests"], 4096)).split(b"\n")
            for line in lines:
                try:
                    answer = "\t".join(["ok", *peers.answer(line.decode())])
                except (RuntimeError, OSError) as error:
                    answer = f"error\t{error}"
                os.write(ends["answers"], f"{answer}\n".encode())
    return benchmark.returncode


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "versions":
        for name, candidates in commands(arguments[1]).items():
            command, text = find(candidates)
            print(f"peer {name}: {text}" if command else f"peer {name}: not installed: {text}")
        return 0
    if len(arguments) < 6 or arguments[0] != "run":
        sys.exit(__doc__)
    folder, ranks, mpiexec, count_flag, program, *rest = arguments[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    peers = Peers(folder, ranks, [mpiexec, count_flag], program)
    try:
        return serve(peers, folder, [mpiexec, count_flag, ranks, program, f"--peers={folder}", *rest])
    finally:
        peers.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
