# SPDX-License-Identifier: BSD-3-Clause
"""How programs that the scripts have started are ended."""

import os
import signal
import subprocess

GRACE = 10  # seconds that a program has to end when it is told to


def end(process):
    """With all its processes. mpiexec must be asked first: its ranks are in groups of their own, and leave files in
    /dev/shm that it alone removes."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(GRACE)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        pass
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
