# SPDX-License-Identifier: BSD-3-Clause
"""How the tests of the examples run them."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

BRAIN = "/usr/share/mricron/templates/ch2.nii.gz"
SKIPPED = 77  # SKIP_RETURN_CODE of CTest


class Session:
    """The program under test, given on the command line with the launcher of MPI, and a folder to run it in."""

    program = mpiexec = count_flag = folder = None

    def run(self, ranks, *arguments, fails=False):
        """What it printed; on stderr, where it has to fail."""
        command = [self.mpiexec, self.count_flag, str(ranks), self.program, *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120)
        if (done.returncode != 0) != fails:
            raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stderr if fails else done.stdout


session = Session()


def tool(*command, folder):
    """What a program that is not misfit's prints."""
    command = [*map(str, command)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def main(needed=(), files=()):
    """Runs the tests of the calling file, or skips them where a program or a file that they need is missing."""
    missing = [name for name in needed if not shutil.which(name)] + [path for path in files if not os.path.exists(path)]
    if missing:
        print(f"Skipped: {', '.join(missing)} not found")
        sys.exit(SKIPPED)
    session.program, session.mpiexec, session.count_flag = sys.argv[1:4]
    with tempfile.TemporaryDirectory() as session.folder:
        unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
