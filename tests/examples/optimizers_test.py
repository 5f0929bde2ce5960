# SPDX-License-Identifier: BSD-3-Clause
"""optimizers: all methods come to the same least objective, at any number of ranks, in slabs and whole; what they needed
is told, and drawn."""

import pathlib
import re
import unittest
import xml.etree.ElementTree as xml

import programs
from programs import session

PAGE = pathlib.Path(__file__).resolve().parents[2] / "examples/README.md"
SMALL = ("--slices", 3, "--pixels", 12, "--angles", 24, "--passes", 100, "--output", "out")
ENDS = {"FISTA": 1e-4, "ordered subsets": 1e-3, "TAO BLMVM": 1e-5, "TAO BNLS, Gauss-Newton": 1e-6,
        "ROL trust region, Gauss-Newton": 1e-6}  # what may be left


def results(out):
    """Of each method: what is left at the end, and for both accuracies evaluations, products and passes, or nothing."""
    found = {}
    for line in out.splitlines():
        name, *costs = line.split(" | ")
        if len(costs) == 2 and not name.startswith(("method", "  ")):
            name, left = re.split(r" +(?=\d\.\de[-+]\d+$)", name)
            found[name] = (float(left), *([int(number) for number in cost.split()[:3]] for cost in costs if "not" not in cost))
    return found


class Optimizers(unittest.TestCase):
    def test_all_come_to_the_same(self):
        least = []
        for ranks, volume, words in ((1, "slabs", "in slabs"), (2, "slabs", "in slabs"), (3, "whole", "whole")):
            out = session.run(ranks, *SMALL, "--volume", volume)
            self.assertIn(f"3 x 12 x 12 pixels, {words} on {ranks} ranks", out)
            least.append(float(re.search(r"least objective: (\S+)", out).group(1)))
            found = results(out)
            absent = re.findall(r"^without (\w+),", out, flags=re.MULTILINE)
            self.assertEqual(set(found), {name for name in ENDS if name.split()[0] not in absent}, out)
            for name, (left, *costs) in found.items():
                self.assertLess(left, ENDS[name], out)
                for evaluations, products, passes in costs:
                    self.assertEqual(evaluations + products, passes, out)
                    self.assertEqual(products > 0, "Gauss-Newton" in name, out)
            if "TAO" not in absent:
                newton, quasi_newton = (found[name][2][0] for name in ("TAO BNLS, Gauss-Newton", "TAO BLMVM"))
                self.assertLessEqual(4 * newton, quasi_newton, out)
            self.assertEqual(programs.told(out), {"out/chart.svg"})
            self.assert_drawn(found)
        for value in least[1:]:
            self.assertLess(abs(value / least[0] - 1), 1e-7)

    def test_the_page_tells_what_is_needed(self):
        found = results(session.run(1, "--output", "out"))
        if len(found) < len(ENDS):
            self.skipTest("without TAO or ROL the least f is not known as well")
        page = PAGE.read_text(encoding="utf-8").split("\n## optimizers\n")[1].split("\n## ")[0]
        rows = re.findall(r"^\| ([^|]+) \| (.*) \|$", page, flags=re.MULTILINE)[1:]
        self.assertEqual([name for name, _ in rows], list(ENDS))
        for name, numbers in rows:
            told = [int(number) for number in numbers.split(" | ") if number != "–"]
            needed = [number for cost in found[name][1:] for number in cost[:2]]
            self.assertEqual(len(told), len(needed), name)
            for number, other in zip(told, needed):
                self.assertLessEqual(abs(number - other), 1 + 0.1 * number, name)

    def assert_drawn(self, found):
        chart = xml.parse(f"{session.folder}/out/chart.svg").getroot()
        curves = [line.get("points").split() for line in chart.iter() if line.tag.endswith("polyline")]
        self.assertEqual(len(curves), 2 * len(found))  # over passes and over time
        if len(found) > 2:  # FISTA and subsets do not find the least f, so that none of their points is
            for curve in (curves[0], curves[1], curves[len(found)], curves[len(found) + 1]):
                self.assertEqual(len(curve), 100)
        for curve in curves:
            self.assertEqual(curve, sorted(curve, key=lambda point: float(point.split(",")[0])))

    def test_refusals(self):
        for arguments, words in ((["--angles", "3"], "--angles"), (["file"], "no files"), (["--size", "3"], "--size"),
                                 (["--volume", "half"], "--volume")):
            error = session.run(2, *arguments, fails=True)
            self.assertEqual(len([line for line in error.splitlines() if "optimizers: " in line and words in line]), 1, error)


if __name__ == "__main__":
    programs.main()
