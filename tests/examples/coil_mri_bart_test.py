# SPDX-License-Identifier: BSD-3-Clause
"""BART as judge of coil_mri: the same image from the same files, and what it says of a tolerance.

Both minimise |m F C x - y|^2 + lambda |x|^2 by conjugate gradients from 0. On even extents: for odd ones the image of
bart pics 0.8.00 does not solve the normal equations, as BART's own tools for F and the maps tell.
"""

import array
import math
import os
import pathlib
import subprocess
import unittest

import programs
from programs import session

LAMBDA = "0.01"


def bart(*command):
    return programs.tool("bart", *command, folder=session.folder)


def numbers(name):
    """Real and imaginary parts in turn."""
    values = array.array("f")
    values.frombytes((pathlib.Path(session.folder) / f"{name}.cfl").read_bytes())
    return values


def difference(name, reference):
    """|name - reference| / |reference|."""
    a, b = numbers(name), numbers(reference)
    assert len(a) == len(b)
    return math.sqrt(sum((u - v) ** 2 for u, v in zip(a, b)) / sum(v * v for v in b))


def residual(name):
    """|A^H (y - A x) - lambda x| / |A^H y|, computed by BART's tools alone."""
    bart("fmac", name, "maps", "images")
    bart("fft", "-u", "7", "images", "spectra")
    bart("fmac", "spectra", "pattern", "sampled")
    bart("fft", "-u", "-i", "7", "sampled", "images")
    bart("fmac", "-C", "-s", "8", "images", "maps", "normal")
    bart("saxpy", LAMBDA, name, "normal", "left")
    return difference("left", "right")


def misfit(ranks, *options, name="ours"):
    session.run(ranks, "kspace", "maps", "--lambda", LAMBDA, "--output", name, *options)


def pics(iterations, name="theirs"):
    subprocess.run(["bart", "pics", "-l2", "-r", LAMBDA, "-w", "1", "-i", str(iterations), "kspace", "maps", name],
                   cwd=session.folder, capture_output=True, check=True, timeout=300,
                   env={**os.environ, "OMP_NUM_THREADS": "1"})


class SameImage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        bart("phantom", "-x", "128", "-s", "8", "-k", "full")
        bart("upat", "-Y", "128", "-Z", "1", "-y", "3", "-z", "1", "-c", "24", "lines")
        bart("repmat", "0", "128", "lines", "pattern")
        bart("fmac", "full", "pattern", "kspace")
        bart("ecalib", "-m1", "kspace", "maps")
        bart("fft", "-u", "-i", "7", "kspace", "images")
        bart("fmac", "-C", "-s", "8", "images", "maps", "right")
        pics(200)

    def test_on_any_number_of_ranks(self):
        for ranks in (1, 2, 4):
            misfit(ranks, "--iterations", "200", "--tolerance", "0")
            apart = difference("ours/image", "theirs")

            print(f"\n  {ranks} ranks: {apart:.1e} from bart pics; residual {residual('ours/image'):.1e}, "
                  f"BART's {residual('theirs'):.1e}", end="")
            self.assertLess(apart, 1e-5)
            self.assertLess(residual("ours/image"), 1e-6)

    def test_the_regularization_counts(self):
        misfit(2, "--iterations", "200", "--lambda", "0.02", name="other")

        self.assertGreater(difference("other/image", "theirs"), 1e-3)

    def test_a_tolerance_is_that_of_barts_residual(self):
        misfit(2, "--tolerance", "1e-5", name="nearer")

        self.assertLessEqual(residual("nearer/image"), 1.1e-5)
        self.assertGreater(residual("nearer/image"), 1e-7)


if __name__ == "__main__":
    programs.main(needed=["bart"])
