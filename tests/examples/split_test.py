# SPDX-License-Identifier: BSD-3-Clause
"""split: every rank has work, and the image is the same at any number of ranks."""

import re
import unittest

import programs
from programs import session


class Split(unittest.TestCase):
    def test_all_ranks_share_three_operators(self):
        values = []
        for ranks in (1, 2, 3, 5):
            out = session.run(ranks)
            self.assertIn(f"3 operators on {ranks} ranks, cut into parts\n", out)
            self.assertEqual(re.findall(r"rank (\d): .*; 1.00 of the mean work", out), [str(r) for r in range(ranks)])
            residual, value = map(float, re.search(r"residual (\S+)  f = (\S+)", out).groups())
            self.assertLess(residual, 1.1e-3)
            values.append(value)
        # x = 0 has more than 10^4.
        self.assertLess(values[0], 10)
        for value in values:
            self.assertLess(abs(value - values[0]), 0.05 * values[0] + 0.01)


if __name__ == "__main__":
    programs.main()
