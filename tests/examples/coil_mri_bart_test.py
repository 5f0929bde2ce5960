# SPDX-License-Identifier: BSD-3-Clause
"""BART as judge of coil_mri: the same image from the same files, and the time to the same residual.

Both minimise |m F C x - y|^2 + lambda |x|^2 by conjugate gradients from 0. On even extents: for odd ones the image of
bart pics 0.8.00 does not solve the normal equations, as BART's own tools for F and the maps tell.
"""

import array
import math
import os
import pathlib
import re
import statistics
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
    """The seconds that it took, without reading and writing."""
    out = session.run(ranks, "kspace", "maps", "--lambda", LAMBDA, "--output", name, *options)
    return float(re.search(r"(\S+) s$", out, flags=re.MULTILINE)[1])


def pics(threads, iterations, name="theirs"):
    """The seconds by BART's own count, of reconstructing without reading and writing."""
    out = subprocess.run(["bart", "pics", "-l2", "-r", LAMBDA, "-w", "1", "-i", str(iterations), "kspace", "maps", name],
                         cwd=session.folder, capture_output=True, text=True, check=True, timeout=300,
                         env={**os.environ, "OMP_NUM_THREADS": str(threads)}).stdout
    return float(out.split("Total Time:")[1].split()[0])


class SameImage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        bart("phantom", "-x", "256", "-s", "8", "-k", "full")
        bart("upat", "-Y", "256", "-Z", "1", "-y", "3", "-z", "1", "-c", "24", "lines")
        bart("repmat", "0", "256", "lines", "pattern")
        bart("fmac", "full", "pattern", "kspace")
        bart("ecalib", "-m1", "kspace", "maps")
        bart("fft", "-u", "-i", "7", "kspace", "images")
        bart("fmac", "-C", "-s", "8", "images", "maps", "right")
        pics(1, 200)

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

    def test_time_to_the_same_residual(self):
        """Printed, not judged: other work may go on beside."""
        goal = 1e-5
        iterations = next(n for n in range(5, 200, 5) if pics(1, n, "fewer") >= 0 and residual("fewer") <= goal)
        for cores in (1, 2):
            rounds = [(misfit(cores, "--tolerance", goal), pics(cores, iterations, "fewer")) for _ in range(3)]
            ours, theirs = (statistics.median(column) for column in zip(*rounds))
            ratio = statistics.median(b / a for a, b in rounds)
            print(f"\n  to a residual of {goal:.0e} on {cores} cores: misfit {ours:.3f} s ({residual('ours/image'):.1e}), "
                  f"BART {theirs:.3f} s ({residual('fewer'):.1e}, {iterations} iterations), ratio {ratio:.1f}", end="")
            self.assertLessEqual(residual("ours/image"), 1.1 * goal)
            ours, theirs = ((solve(100) - solve(20)) / 80 for solve in
                            (lambda n: misfit(cores, "--tolerance", 0, "--iterations", n), lambda n: pics(cores, n, "fewer")))
            print(f"\n  an iteration on {cores} cores: misfit {1000 * ours:.2f} ms, BART {1000 * theirs:.2f} ms", end="")


if __name__ == "__main__":
    programs.main(needed=["bart"])
