# SPDX-License-Identifier: BSD-3-Clause
"""optimizers: all methods come to the same least objective, at any number of ranks, and what they needed is told."""

import re
import unittest
import xml.etree.ElementTree as xml

import programs
from programs import session

SMALL = ("--slices", 3, "--pixels", 24, "--angles", 36, "--passes", 60, "--output", "out")


def results(out):
    """Of each method: what is left at the end, and evaluations, products and passes until it was near."""
    rows = re.findall(r"^(\S.*?) +(\d\.\de-\d+|0\.0e\+00) \| +(\d+) +(\d+) +(\d+) +\d+\.\d+$", out, flags=re.MULTILINE)
    return {name: (float(left), *map(int, counts)) for name, left, *counts in rows}


class Optimizers(unittest.TestCase):
    def test_all_come_to_the_same(self):
        least = []
        for ranks in (1, 2):
            out = session.run(ranks, *SMALL)
            self.assertIn(f"3 x 24 x 24 pixels in slabs on {ranks} ranks", out)
            least.append(float(re.search(r"least objective: (\S+)", out).group(1)))
            found = results(out)
            for name in ("FISTA", "TAO BLMVM", "TAO BNLS, Gauss-Newton", "ROL trust region, Gauss-Newton"):
                library = name.split()[0]
                if f"without {library}," not in out:
                    self.assertLess(found[name][0], 1e-4, out)
            if "without TAO" not in out:
                self.assertLess(3 * found["TAO BNLS, Gauss-Newton"][1], found["TAO BLMVM"][1] + 1, out)
            self.assertEqual(programs.told(out), {"out/chart.svg"})
        self.assertAlmostEqual(least[1] / least[0], 1, places=6)

        chart = xml.parse(f"{session.folder}/out/chart.svg").getroot()
        curves = [line for line in chart.iter() if line.tag.endswith("polyline")]
        self.assertEqual(len(curves), 2 * len(re.findall(r" \| +(?:\d|not)", out)))
        self.assertEqual(len(curves[0].get("points").split()), 60)  # of FISTA

    def test_refusals(self):
        for arguments, words in ((["--angles", "3"], "--angles"), (["file"], "no files"), (["--size", "3"], "--size")):
            error = session.run(2, *arguments, fails=True)
            self.assertEqual(len([line for line in error.splitlines() if "optimizers: " in line and words in line]), 1, error)


if __name__ == "__main__":
    programs.main()
