# SPDX-License-Identifier: BSD-3-Clause
"""tomography: the slice comes back, at any number of ranks the same."""

import os
import re
import unittest

import programs
from programs import BRAIN, session


def lines(out):
    """Iteration, f and PSNR of each line that it printed."""
    return [tuple(map(float, found)) for found in
            re.findall(r"iteration +(\d+) +f = (\S+) +PSNR (\S+) dB", out)]


class Tomography(unittest.TestCase):
    def test_the_slice_comes_back(self):
        results = [lines(session.run(ranks, BRAIN)) for ranks in (1, 2, 3)]

        for result in results:
            self.assertEqual(result[-1][0], 60)
            self.assertGreater(result[-1][2], 29.5)
            self.assertGreater(result[-1][2], result[0][2] + 10)
            for (iteration, f, psnr), (_, f_of_one, psnr_of_one) in zip(result, results[0]):
                self.assertLess(abs(f - f_of_one), 1e-6 * abs(f_of_one), iteration)
                self.assertLess(abs(psnr - psnr_of_one), 0.02, iteration)

    def test_more_photons_are_better(self):
        few, many = (lines(session.run(2, BRAIN, "--photons", n))[-1] for n in ("300", "1e5"))

        self.assertGreater(many[2], few[2] + 3)

    def test_volumes(self):
        """One of several has to be named; nothing is written beside the folder."""
        values = [j % 16 for j in range(512)]
        programs.write_nifti("two.nii", (16, 16, 1, 2), [0] * 256 + values[256:])
        programs.write_nifti("second.nii", (16, 16), values[256:])
        before = {*os.listdir(session.folder), "example_output"}
        error = session.run(3, "two.nii", fails=True)
        self.assertEqual(error.count("two.nii: holds 2 volumes; choose one by --volume"), 1)

        self.assertEqual(lines(session.run(1, "two.nii", "--volume", "1")), lines(session.run(1, "second.nii")))
        self.assertEqual(set(os.listdir(session.folder)), before)

    def test_values_below_0_count_as_0(self):
        values = [j % 16 for j in range(256)]
        programs.write_nifti("shifted.nii", (16, 16), [value - 1000 * (value == 0) for value in values])
        programs.write_nifti("from_0.nii", (16, 16), values)
        self.assertEqual(lines(session.run(1, "shifted.nii")), lines(session.run(1, "from_0.nii")))
        programs.write_nifti("below.nii", (16, 16), [-1000] * 256)
        self.assertIn("has no values above 0", session.run(2, "below.nii", fails=True))

    def test_refusals(self):
        for arguments, words in ((["absent.nii"], "absent.nii"), ([BRAIN, "--slice", "1000"], "--slice"),
                                 ([BRAIN, "--slice", "x"], "see --help"), ([BRAIN, "--photons", "1e20"], "--photons"),
                                 ([BRAIN, "--angles", "0"], "--angles"), ([], "IMAGE")):
            error = session.run(2, *arguments, fails=True)
            said = [line for line in error.splitlines() if "tomography: " in line]
            self.assertEqual(len(said), 1, error)
            self.assertIn(words, said[0])


if __name__ == "__main__":
    programs.main(files=[BRAIN])
