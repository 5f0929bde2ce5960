# SPDX-License-Identifier: BSD-3-Clause
"""slabs: f is the least, and the same at any number of ranks."""

import pathlib
import re
import unittest

import programs
from programs import session

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/distribution.md"


def lines(out):
    """Iterations, f and the length of the gradient of each line that it printed."""
    return [tuple(map(float, found)) for found in re.findall(r"iterations +(\d+)  f = (\S+)  \|gradient\| = (\S+)", out)]


class Slabs(unittest.TestCase):
    def test_f_is_the_least_at_any_number_of_ranks(self):
        results = [lines(session.run(ranks)) for ranks in (1, 2, 3, 5)]

        (_, first, steepest), (iterations, least, _) = results[0]
        # Nothing of x = 0 is seen: f = half of all squares of the data, 3 x 120 x 80 entries a frame.
        self.assertAlmostEqual(first / (0.5 * 28800 * sum((1 + 0.1 * i) ** 2 for i in range(8))), 1, places=4)
        self.assertLess(iterations, 20)
        for result in results:
            self.assertLess(result[1][2], 2e-3 * steepest)
            for (_, value, _), value_of_one in zip(result, (first, least)):
                self.assertLess(abs(value - value_of_one), 2e-4 * value_of_one)

    def test_prints_what_each_rank_has(self):
        printed = session.run(4).splitlines()[:6]
        lines = [line.split() for line in printed]

        self.assertEqual(" ".join(lines[0]), "8 operators on 4 ranks")
        # 60 rows of 160 pixels in 3 channels, 2 more from each neighbour; of 8 frames 30 rows of 80.
        ghosts = 3 * 160 * 2
        self.assertEqual([line[:6] for line in lines[2:]],
                         [[str(rank), "8", "28800", str(ghosts * both), "57600", str(both)]
                          for rank, both in ((0, 1), (1, 2), (2, 2), (3, 1))])
        self.assertIn("\n".join(["```text", *printed, "```"]), PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    programs.main()
