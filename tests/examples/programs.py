# SPDX-License-Identifier: BSD-3-Clause
"""How the tests of the examples run them."""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

BRAIN = "/usr/share/mricron/templates/ch2.nii.gz"
SKIPPED = 77  # SKIP_RETURN_CODE of CTest


class Session:
    """The program under test, given on the command line with the launcher of MPI, and a folder to run it in."""

    program = mpiexec = count_flag = folder = None
    tools = ()

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


def write_nifti(name, extents, values):
    """A NIfTI-1 file of floats in the folder of the session; x runs fastest."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, len(extents), *extents, *[1] * (7 - len(extents)))
    struct.pack_into("<2h", header, 70, 16, 32)
    struct.pack_into("<9f", header, 76, *[1] * 8, 352)
    header[344:348] = b"n+1\0"
    with open(os.path.join(session.folder, name), "wb") as file:
        file.write(header + struct.pack(f"<{len(values)}f", *values))


def main(needed=(), files=(), tools=0):
    """Runs the tests of the calling file, or skips them where a program or a file that they need is missing. So many
    arguments behind those of the session are programs of their own."""
    missing = [name for name in needed if not shutil.which(name)] + [path for path in files if not os.path.exists(path)]
    if missing:
        print(f"Skipped: {', '.join(missing)} not found")
        sys.exit(SKIPPED)
    session.program, session.mpiexec, session.count_flag = sys.argv[1:4]
    session.tools = sys.argv[4:4 + tools]
    with tempfile.TemporaryDirectory() as session.folder:
        unittest.main(argv=[sys.argv[0], *sys.argv[4 + tools:]], verbosity=2)
