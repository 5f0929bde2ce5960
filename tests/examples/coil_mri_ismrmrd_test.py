# SPDX-License-Identifier: BSD-3-Clause
"""coil_mri on the files of ISMRMRD's own generator: the phantom that they were made of."""

import array
import math
import pathlib
import re
import unittest

import programs
from programs import session


def image():
    """Real and imaginary parts in turn."""
    values = array.array("f")
    values.frombytes((pathlib.Path(session.folder) / "image/image.cfl").read_bytes())
    return values


def phantom():
    out = programs.tool("h5dump", "-d", "/dataset/phantom", "-y", "-m", "%.9g", "scan.h5", folder=session.folder)
    return [float(number) for number in re.findall(r"-?\d[-+.e\d]*", out.split("DATA {")[1])]


def error(options, *which):
    """|x - phantom| / |phantom| of the image, at the best real scale."""
    (pathlib.Path(session.folder) / "scan.h5").unlink(missing_ok=True)  # the generator would append
    programs.tool("ismrmrd_generate_cartesian_shepp_logan", "-o", "scan.h5", *options, folder=session.folder)
    session.run(2, "scan.h5", "--lambda", "1e-4", "--output", "image", *which)
    x, truth = image(), phantom()
    assert len(x) == len(truth)
    scale = sum(a * b for a, b in zip(x, truth)) / sum(a * a for a in x)
    return math.sqrt(sum((scale * a - b) ** 2 for a, b in zip(x, truth)) / sum(b * b for b in truth)), scale


class Phantom(unittest.TestCase):
    def test_whole(self):
        apart, scale = error(["-m", "128", "-c", "4", "-n", "0"])

        print(f"\n  {apart:.1e} from the phantom, scale {scale:.4f}", end="")
        self.assertLess(apart, 1e-4)

    def test_one_repetition_is_undersampled(self):
        """The generator writes the lines of an accelerated scan as so many repetitions."""
        scan = ["-m", "128", "-c", "8", "-n", "0.01", "-a", "2", "-w", "16"]
        mean, _ = error(scan)
        one, _ = error(scan, "--repetition", "1")

        print(f"\n  {mean:.1e} from the phantom with all lines, {one:.1e} with every second", end="")
        self.assertLess(mean, 0.05)
        self.assertLess(one, 0.1)
        self.assertGreater(one, mean)


if __name__ == "__main__":
    programs.main(needed=["ismrmrd_generate_cartesian_shepp_logan", "h5dump"])
