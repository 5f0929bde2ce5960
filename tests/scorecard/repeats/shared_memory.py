# SPDX-License-Identifier: BSD-3-Clause
"""Runs the check of repeats with no room in /dev/shm, and with a /dev/shm that cannot be written to. Both need a mount of
their own, so the right to mount; without it the check fails, but with --quick."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from check import Check  # noqa: E402

import launches  # noqa: E402

SETTINGS = {"no room": "mount -t tmpfs -o size=64k tmpfs /dev/shm",
            "read only": "mount -t tmpfs -o ro tmpfs /dev/shm"}
# Where Open MPI keeps its own.
ENVIRONMENT = {"OMPI_MCA_btl_vader_backing_directory": "/tmp"}


def can_mount():
    return subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/dev/shm"], capture_output=True,
                          check=False).returncode == 0


def main():
    check = Check()
    flags = ["--quick"] * check.options.quick + ["--canary"] * check.options.canary
    settings = SETTINGS if can_mount() else {}
    if not settings and not check.options.quick:
        check.tried(False, "no mounts can be made here: /dev/shm is as it is")
    for ranks in (5,) if check.options.quick else (5, 8, 13):
        words = [*launches.mpiexec(ranks), launches.program("repeats"), *flags]
        commands = {name: ["unshare", "--mount", "sh", "-c", f'{setting} && exec "$@"', "sh", *words]
                    for name, setting in settings.items()}
        for name, command in {**commands, "as it is": words}.items():
            outcome = launches.outcome_of(command, ENVIRONMENT, 300)
            if outcome.fault():
                check.tried(False, f"{ranks} ranks, /dev/shm {name}: {outcome.fault()}: {outcome.said}")
                continue
            check.count += outcome.tried
            check.held += outcome.held
            for what, value in outcome.hashes:
                print("hash", what, value)
    check.finish()


if __name__ == "__main__":
    main()
