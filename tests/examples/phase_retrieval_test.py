# SPDX-License-Identifier: BSD-3-Clause
"""phase_retrieval: f falls, and the image comes back.

The program ends where f is small or does not fall, so that it comes to the image only if f fell all the way.
"""

import os
import re
import unittest

import programs
from programs import BRAIN, session


def lines(out):
    """Iteration, f and error of each line that it printed."""
    return [tuple(map(float, found)) for found in
            re.findall(r"iteration +(\d+) +f = (\S+) +error (\S+)", out)]


class PhaseRetrieval(unittest.TestCase):
    def assert_falls(self, result):
        self.assertGreater(len(result), 3)
        for (_, before, _), (iteration, f, _) in zip(result, result[1:]):
            self.assertLess(f, before * (1 + 1e-3 * (before < 1e-8)), iteration)

    def test_from_a_spectral_start(self):
        for ranks in (1, 2, 3):
            result = lines(session.run(ranks, BRAIN))

            self.assert_falls(result)
            self.assertLess(result[0][2], 0.5)
            self.assertLess(result[-1][2], 1e-5)

    def test_from_a_random_start(self):
        result = lines(session.run(2, BRAIN, "--start", "random", "--masks", "12"))

        self.assert_falls(result)
        self.assertGreater(result[0][2], 1.2)
        self.assertLess(result[-1][2], 1e-5)

    def test_volumes(self):
        """One of several has to be named; nothing is written beside the folder."""
        programs.write_nifti("two.nii", (16, 16, 1, 2), [0] * 256 + [j % 16 for j in range(256)])
        before = {*os.listdir(session.folder), "example_output"}
        error = session.run(3, "two.nii", fails=True)
        self.assertEqual(error.count("two.nii: holds 2 volumes; choose one by --volume"), 1)

        self.assertGreater(len(lines(session.run(2, "two.nii", "--volume", "1", "--iterations", "1"))), 0)
        self.assertEqual(set(os.listdir(session.folder)), before)

    def test_refusals(self):
        for arguments, words in ((["absent.nii"], "absent.nii"), ([BRAIN, "--start", "flat"], "--start"),
                                 ([BRAIN, "--masks", "0"], "--masks")):
            error = session.run(2, *arguments, fails=True)
            said = [line for line in error.splitlines() if "phase_retrieval: " in line]
            self.assertEqual(len(said), 1, error)
            self.assertIn(words, said[0])


if __name__ == "__main__":
    programs.main(files=[BRAIN])
