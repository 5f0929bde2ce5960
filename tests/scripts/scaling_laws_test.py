# SPDX-License-Identifier: BSD-3-Clause
"""The laws that scripts/scaling_study finds in its points."""

import importlib.util
import os
import sys
import unittest

from scaling_stand_ins import PYTHON
from scaling_support import benchmark, run

if importlib.util.find_spec("numpy") is None:
    if PYTHON in (None, sys.executable):
        print("skipped: no Python with matplotlib and numpy")
        sys.exit()
    os.execv(PYTHON, [PYTHON, "-B", *sys.argv])

import figures  # noqa: E402
import fit  # noqa: E402
import laws  # noqa: E402
import numpy  # noqa: E402
import plots  # noqa: E402
import table  # noqa: E402

RANKS = 2.0 ** numpy.arange(9)
LOG = numpy.log2(RANKS)


def described(law):
    return {fit.power(*term).strip() or "1": c for c, term in zip(law.coefficients, law.terms)}


def points(series, times, form=None, **counters):
    """Of ranks 1, 2, 4, …"""
    name = f"mask/{series}/64/100/fn_and_grad/{form or 'replicated'}"
    found = figures.points([run("measured", 2**k, benchmark(name, ms=float(ms), **counters)) for k, ms in enumerate(times)])
    return [{**p, "form": form} if form else p for p in found]


class Planted(unittest.TestCase):
    LAWS = ({"1": 5.0}, {"p^-1": 10.0}, {"1": 3.0, "log2(p)": 0.5}, {"1": 0.1, "p^-1": 10.0}, {"1": 2.0, "p": 0.1},
            {"1": 1.0, "p^(1/2) log2(p)": 0.2}, {"p^-1": 10.0, "p^(1/2)": 0.05},
            {"1": 2.0, "p^-2": -1.0, "log2(p)^2": 0.1})
    COLUMNS = {"1": 1.0, "log2(p)": LOG, "log2(p)^2": LOG**2, "p": RANKS, "p^-1": 1 / RANKS, "p^-2": RANKS**-2.0,
               "p^(1/2)": RANKS**0.5, "p^(1/2) log2(p)": RANKS**0.5 * LOG}

    def times(self, law):
        return sum(c * self.COLUMNS[name] for name, c in law.items()) + 0 * RANKS

    def test_exact_points_give_the_law(self):
        for planted in self.LAWS:
            law, error, _ = fit.fitted(RANKS, self.times(planted))
            found = described(law)

            self.assertEqual(found.keys(), planted.keys())
            for name, c in planted.items():
                self.assertAlmostEqual(found[name], c, places=6)
            self.assertLess(error, 1e-9)

    def test_noise_leaves_the_law_and_an_interval_that_holds_it(self):
        for planted in self.LAWS[:4]:
            held = 0
            for seed in range(10):
                noise = 1 + 0.01 * numpy.random.RandomState(seed).standard_normal(len(RANKS))
                law, _, others = fit.fitted(RANKS, self.times(planted) * noise)
                low, high = fit.between(others, RANKS)
                held += ((low <= self.times(planted)) & (self.times(planted) <= high)).mean()

                self.assertEqual(described(law).keys(), planted.keys(), (planted, seed))
                self.assertLess(((high - low) / law(RANKS)).max(), 0.15)
            self.assertGreater(held, 7.5, planted)  # 9.5 of 10 where there is much to draw from

    def test_a_larger_error_has_a_larger_interval(self):
        widths = []
        for spread in (0.005, 0.05):
            noise = 1 + spread * numpy.random.RandomState(7).standard_normal(len(RANKS))
            low, high = fit.between(fit.fitted(RANKS, 5 * noise)[2], RANKS)
            widths.append((high - low).mean())
        self.assertGreater(widths[1], 5 * widths[0])

    def test_no_part_that_stays_or_grows_is_below_nothing(self):
        law, _, _ = fit.fitted(RANKS, 10 - LOG)
        self.assertTrue(all(c >= 0 for c, (i, _) in zip(law.coefficients, law.terms) if i >= 0), law)

    def test_same_points_give_the_same(self):
        noise = 1 + 0.02 * numpy.random.RandomState(3).standard_normal(len(RANKS))
        first, second = (fit.between(fit.fitted(RANKS, 5 * noise)[2], RANKS) for _ in range(2))
        self.assertTrue((first == second).all())

    def test_too_few_points_have_no_law(self):
        self.assertIsNone(fit.fitted(RANKS[:4], RANKS[:4]))
        self.assertIsNotNone(fit.fitted(RANKS[:5], RANKS[:5]))


class Half(unittest.TestCase):
    def half(self, series, times, **more):
        entry, = laws.of(points(series, times, **more))
        return entry["half"], entry["text"]

    def test_between_two_points_on_a_line_of_logarithms(self):
        half, text = self.half("weak", (8.0, 10.0, 40.0))

        self.assertAlmostEqual(half["ranks"], 2 * 1.6**0.5)  # 0.8 at 2 and 0.2 at 4: a line of slope -2
        self.assertIn("below 1/2 from 3 ranks on", text)
        self.assertNotIn("extrapolated", text)
        self.assertIn("no law: 3 numbers of ranks, and one needs 5", text)

    def test_beyond_the_points_by_the_law(self):
        half, text = self.half("weak", 1 + RANKS[:6] / 100)

        self.assertAlmostEqual(half["ranks"], 102, delta=1)  # 1 + p/100 = 2.02
        self.assertIn("law [ms]: 1 + 0.01 p, to", text)
        self.assertIn("below 1/2 from 102 ranks on (extrapolated; 95 %: 102 to 102)", text)

    def test_noise_makes_an_interval(self):
        noise = 1 + 0.01 * numpy.random.RandomState(5).standard_normal(6)
        half, _ = self.half("weak", (1 + RANKS[:6] / 100) * noise)

        self.assertLess(half["low"], 100)
        self.assertGreater(half["high"], 104)

    def test_whole_operators_are_not_spread_over_more_ranks_than_they_are(self):
        times = 10 / RANKS[:6] + 0.01

        self.assertEqual(self.half("strong", times, operators=64)[0]["above_up_to"], 64)
        self.assertIn("not below 1/2 up to 64 ranks (extrapolated", self.half("strong", times, operators=64)[1])
        self.assertEqual(self.half("strong", times, operators=64, form="slabs")[0]["above_up_to"], 512)

    def test_without_one_rank_there_is_no_efficiency(self):
        entry, = laws.of(figures.points(
            [run("measured", p, benchmark("mask/weak/1/9/fn/replicated")) for p in (2, 4)]))
        self.assertIn("no run on one rank", entry["text"])

    def test_a_single_number_of_ranks_says_nothing(self):
        self.assertEqual(laws.of(points("weak", (8.0,))), [])

    def test_threads_are_not_ranks(self):
        runs = [run("measured", 1, benchmark("mask/strong/4/9/fn/replicated", ms=8.0 / n), threads=n) for n in (1, 2, 4)]
        self.assertEqual(laws.of(figures.points(runs)), [])


class Drawn(unittest.TestCase):
    TIMES = 1 + RANKS[:6] / 100

    def draw(self, found):
        figure, axis = plots.plt.subplots()
        self.addCleanup(plots.plt.close, figure)
        plots.draw_series(axis, found, "weak", "efficiency", table.laws_of({"laws": laws.of(found)}))
        return axis

    def is_law(self, line):
        return len(line.get_xdata()) == laws.CURVE

    def test_law_beside_the_points(self):
        lines = self.draw(points("weak", self.TIMES)).lines
        law, = filter(self.is_law, lines)
        measured, = (line for line in lines if line.get_label().startswith("measured: 64 operators of size 100"))

        self.assertAlmostEqual(law.get_ydata()[-1], measured.get_ydata()[-1], places=6)
        self.assertAlmostEqual(law.get_ydata()[-1], 1.01 / 1.32, places=6)
        self.assertEqual((law.get_xdata()[0], law.get_xdata()[-1]), (1, 32))

    def test_band_is_where_the_law_may_be(self):
        noise = 1 + 0.02 * numpy.random.RandomState(5).standard_normal(6)
        axis = self.draw(points("weak", self.TIMES * noise))
        law, = filter(self.is_law, axis.lines)
        band = axis.collections[0].get_paths()[0].vertices

        self.assertLess(band[:, 1].min(), law.get_ydata().min())
        self.assertGreater(band[:, 1].max(), law.get_ydata().max())

    def test_nodes_where_there_are_more_than_one(self):
        found = points("weak", self.TIMES)
        self.assertEqual(self.draw(found).child_axes, [])

        above, = self.draw([{**point, "nodes": -(-point["ranks"] // 8)} for point in found]).child_axes
        self.assertEqual([label.get_text() for label in above.get_xticklabels()], ["1", "1", "1", "1", "2", "4"])
        self.assertEqual(above.get_xlabel(), "nodes, measured")


if __name__ == "__main__":
    unittest.main()
