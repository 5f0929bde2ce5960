# SPDX-License-Identifier: BSD-3-Clause
"""How the tests of the examples run them."""

import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

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


def told(out):
    """The files that a program says it wrote."""
    return set(re.findall(r"^wrote (\S+): ", out, flags=re.MULTILINE))


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


def read_png(path):
    """The rows of a PNG picture of 8 bits of grey."""
    data = pathlib.Path(path).read_bytes()
    width, height, *kind = struct.unpack(">IIBB", data[16:26])
    assert kind == [8, 0]
    compressed, at = b"", 8
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        compressed += data[at + 8:at + 8 + size] if name == b"IDAT" else b""
        at += 12 + size
    bytes_of_rows = zlib.decompress(compressed)
    rows, above = [], bytes(width)
    for begin in range(0, height * (width + 1), width + 1):
        rows.append(unfiltered(bytes_of_rows[begin], bytes_of_rows[begin + 1:begin + 1 + width], above))
        above = rows[-1]
    return rows


def unfiltered(kind, line, above):
    """A row of a PNG picture without its filter."""
    row = bytearray()
    for value, up, before_up in zip(line, above, b"\0" + above):
        before = row[-1] if row else 0
        guess = min((before, up, before_up), key=lambda v: abs(before + up - before_up - v))
        row.append((value + (0, before, up, (before + up) // 2, guess)[kind]) % 256)
    return bytes(row)


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
