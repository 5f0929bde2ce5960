# SPDX-License-Identifier: BSD-3-Clause
"""ensemble: the gradient is right, the model comes back, and all grids of ranks give the same."""

import re
import unittest

import programs
from programs import session


def steps(out):
    return [tuple(map(float, found)) for found in re.findall(r"step +\d+  f = (\S+)  error of c = (\S+)", out)]


class Ensemble(unittest.TestCase):
    def test_members_recover_the_model(self):
        outs = {ranks: session.run(ranks) for ranks in (1, 2, 3, 4)}

        self.assertIn("2 ranks in groups of 2, ", outs[2])
        self.assertIn("3 ranks in groups of 1, ", outs[3])
        self.assertIn("4 ranks in groups of 2, ", outs[4])
        for out in outs.values():
            self.assertLess(float(re.search(r"off by (\S+),", out).group(1)), 1e-8)
        results = [steps(out) for out in outs.values()]
        self.assertEqual(len(results[0]), 4)
        self.assertGreater(results[0][0][1], 0.25)
        self.assertLess(results[0][-1][1], 0.03)  # all sources lie in the grid
        for result in results[1:]:
            for (value, error), (value_of_one, error_of_one) in zip(result, results[0]):
                self.assertLess(abs(value - value_of_one), 1e-2 * value_of_one)
                self.assertLess(abs(error - error_of_one), 1e-2 * error_of_one)


if __name__ == "__main__":
    programs.main()
