#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Coils of an image in BART: what an iteration of bart pics costs, which applies A^H A once, as a gradient does.

BART has no program that gives value and gradient. Both are computed by its tools for F and the maps, to tell whether the
operator is the same, and the first iterate of pics must be a multiple of A^H y. The time is that of 20 iterations less
that of 5, by BART's own clock, over 15: starting, reading and writing are in neither.
"""

import array
import math
import operator
import re
import shutil
import subprocess
import sys

import worker

FEW, MANY = 5, 20


class Coils:
    def __init__(self, case):
        self.case, self.folder = case, case.folder / "bart"
        self.folder.mkdir()
        self.image = [*reversed(case.shape)]  # BART's first dimension is the one that is contiguous
        stacks = [*self.image, 1, case.operators]
        self.write("x", self.image, (case.folder / "x").read_bytes())
        for name, each in (("maps", "map"), ("y", "y")):
            self.write(name, stacks, b"".join(path.read_bytes() for path in case.each(each)))
        mask = array.array("f", (case.folder / "mask.0").read_bytes())
        self.write("pattern", self.image, array.array("f", (part for m in mask for part in (m, 0))).tobytes())
        self.bart("fmac", "y", "pattern", "kspace")

    def write(self, name, extents, data):
        (self.folder / f"{name}.hdr").write_text("# Dimensions\n" + " ".join(map(str, extents)) + "\n")
        (self.folder / f"{name}.cfl").write_bytes(data)

    def bart(self, *command):
        return subprocess.run(["bart", *command], cwd=self.folder, capture_output=True, text=True, check=True).stdout

    def adjoint(self, name, result):
        self.bart("fmac", name, "pattern", "sampled")
        self.bart("fft", "-u", "-i", "3", "sampled", "images")
        self.bart("fmac", "-C", "-s", "8", "images", "maps", result)

    def value(self):
        self.bart("fmac", "x", "maps", "images")
        self.bart("fft", "-u", "3", "images", "spectra")
        self.bart("fmac", "spectra", "pattern", "sampled")
        self.bart("saxpy", "--", "-1", "y", "sampled", "residual")
        self.adjoint("residual", "unscaled")
        self.bart("scale", repr(self.case.inverse_variance), "unscaled", "gradient")
        residual = array.array("f", (self.folder / "residual.cfl").read_bytes())
        total = sum(map(operator.mul, residual, residual))
        self.check_pics()
        return self.case.inverse_variance / 2 * total, (self.folder / "gradient.cfl").read_bytes()

    def check_pics(self):
        self.pics(1)
        self.adjoint("kspace", "first")
        a, b = (array.array("f", (self.folder / f"{name}.cfl").read_bytes()) for name in ("iterate", "first"))
        aa, ab, bb = (sum(map(operator.mul, u, v)) for u, v in ((a, a), (a, b), (b, b)))
        if not ab > (1 - 1e-6) * math.sqrt(aa * bb):
            sys.exit("the first iterate of bart pics is no multiple of A^H y")

    def pics(self, iterations):
        """The seconds by BART's own count, of reconstructing without reading and writing."""
        out = self.bart("pics", "-l2", "-r", "0.01", "-w", "1", "-i", str(iterations), "-p", "pattern", "kspace", "maps", "iterate")
        return float(re.search(r"Total Time: (\S+)", out)[1])

    def seconds(self):
        few, many = self.pics(FEW), self.pics(MANY)
        return (many - few) / (MANY - FEW)


def version():
    if not shutil.which("bart"):
        sys.exit("BART (Debian: bart)")
    out = subprocess.run(["bart", "version"], capture_output=True, text=True, check=True).stdout
    return f"BART {out.strip().lstrip('v')}: an iteration of pics"


def program_of(case):
    return Coils(case) if (case.ranks, case.family, case.type) == (1, "coils", "complex<float>") else None


if __name__ == "__main__":
    worker.serve(version, program_of)
