# SPDX-License-Identifier: BSD-3-Clause
"""Tests of what scripts/benchmark --compare says of two runs."""

import unittest

from benchmark_support import Folder, benchmark, ratio


class Compare(unittest.TestCase):
    def compare(self, old, new):
        before, after = Folder(self), Folder(self)
        before.write_run(*old)
        self.assertEqual(before.run("report", str(before.path))[0], 0)
        after.write_run(*new)
        return after.run("report", str(after.path), "--compare",
                         str(before.path / "out" / "results.json"))

    def test_equal_passes(self):
        run = [benchmark("a", 0.9, 0.8, 1.0)]
        self.assertEqual(self.compare(run, run)[0], 0)

    def test_lower_but_overlapping_passes(self):
        self.assertEqual(self.compare([benchmark("a", 0.9, 0.8, 1.0)],
                                      [benchmark("a", 0.7, 0.6, 0.81)])[0], 0)

    def test_intervals_that_touch_pass(self):
        self.assertEqual(self.compare([benchmark("a", 0.9, 0.8, 1.0)],
                                      [benchmark("a", 0.7, 0.6, 0.8)])[0], 0)

    def test_interval_below_fails_and_names_the_case(self):
        status, out, _ = self.compare(
            [benchmark("a", 0.9, 0.8, 1.0), benchmark("b", 0.9, 0.8, 1.0)],
            [benchmark("a", 0.9, 0.8, 1.0), benchmark("b", 0.7, 0.6, 0.79)])
        self.assertEqual(status, 3)
        self.assertIn("of 2 ratios 1 are worse, 0 better, and 1 not told apart.", out)
        self.assertIn("WORSE: b/2_ranks roofline\n        0.90 [0.80 1.00] -> 0.70 [0.60 0.79]", out)
        self.assertNotIn("WORSE: a", out)

    def test_interval_above_is_better(self):
        status, out, _ = self.compare([benchmark("a", 0.7, 0.6, 0.79)], [benchmark("a", 0.9, 0.8, 1.0)])
        self.assertEqual(status, 0)
        self.assertIn("better: a/2_ranks roofline", out)

    def test_ratios_of_own_calls_have_no_verdict(self):
        both = [[{**ratio("adjoint_over_forward", *figures), **benchmark("a", 1, 1, 1)}]
                for figures in ((3, 2.9, 3.1), (1, 0.9, 1.1))]
        for old, new in (both, both[::-1]):
            status, out, _ = self.compare(old, new)
            self.assertEqual(status, 0)
            self.assertIn("of 1 ratios 0 are worse, 0 better, and 1 not told apart.", out)

    def test_the_verdict_comes_last(self):
        _, out, _ = self.compare([benchmark("a", 0.9, 0.8, 1.0)], [benchmark("a", 0.7, 0.6, 0.79)])
        self.assertTrue(out.splitlines()[-2].endswith("WORSE: a/2_ranks roofline"), out)

    def test_cases_of_one_side_are_listed(self):
        status, out, _ = self.compare([benchmark("a", 1, 1, 1), benchmark("gone", 1, 1, 1)],
                                      [benchmark("a", 1, 1, 1), benchmark("added", 1, 1, 1)])
        self.assertEqual(status, 0)
        self.assertIn("only in the earlier run: gone/2_ranks", out)
        self.assertIn("new: added/2_ranks", out)

    def test_many_of_one_side_are_counted(self):
        _, out, _ = self.compare([benchmark("a", 1, 1, 1), *(benchmark(f"gone{k}", 1, 1, 1) for k in range(5))],
                                 [benchmark("a", 1, 1, 1)])
        self.assertTrue(out.endswith("only in the earlier run: gone2/2_ranks roofline\n    only in the earlier run: 2 more\n"), out)

    def test_ratios_of_one_side_are_listed(self):
        more = ratio("hand_written_x", 1, 1, 1)
        for old, new, text in ((more, {}, "only in the earlier run"), ({}, more, "new")):
            status, out, _ = self.compare([benchmark("a", 1, 1, 1, **old)],
                                          [benchmark("a", 1, 1, 1, **new)])
            self.assertEqual(status, 0)
            self.assertIn(f"{text}: a/2_ranks hand_written_x", out)

    def test_no_ratio_in_common_is_an_error(self):
        other = benchmark("a", 1, 1, 1)
        for end in ("", "_low", "_high"):
            other["hand_written_x" + end] = other.pop("roofline" + end)
        self.assertEqual(self.compare([benchmark("a", 1, 1, 1)], [other])[0], 2)

    def test_nothing_in_common_is_an_error(self):
        status, _, err = self.compare([benchmark("a", 1, 1, 1)], [benchmark("b", 1, 1, 1)])
        self.assertEqual(status, 2)
        self.assertIn("no ratio of a case in common", err)


if __name__ == "__main__":
    unittest.main()
