# SPDX-License-Identifier: BSD-3-Clause
"""What scripts/scaling_study says where the machine was busy, and what it measures again."""

import unittest
from unittest import mock

from scaling_support import benchmark, run

import busy
import calibration
import cases
import commands
import figures
import options
import study
import table

STRONG, WEAK = "mask/strong/16/9/fn/replicated", "mask/weak/8/9/fn/replicated"
QUIET, DISTURBED, SPREAD = {"core_share": 0.97}, {"core_share": 0.55}, {"ms_low": 7.0, "ms_high": 9.5}


def points(*counters, ranks=2):
    return figures.points([run("measured", ranks, benchmark(STRONG, **counter)) for counter in counters])


class Said(unittest.TestCase):
    def told(self, points=(), comparison=(), **more):
        return busy.told({"points": list(points), "comparison": list(comparison), **more})

    def test_nothing_where_it_was_quiet(self):
        self.assertEqual(self.told(points(QUIET)), "")
        self.assertEqual(self.told(points({})), "")  # GPUs tell no share, and the interval is a quarter of the time

    def test_which_figures_it_concerns(self):
        text = self.told(points(QUIET, DISTURBED, ranks=4))

        self.assertIn("at worst a rank got 55 % of a core. ", text)
        self.assertIn("These are no timings: mask strong fn on 4 ranks.", text)
        self.assertIn("on 1 rank, with the speed-ups over it", self.told(points(DISTURBED, ranks=1)))

    def test_times_that_differ(self):
        self.assertIn("the widest interval is 31 % of its time", self.told(points(QUIET, {**QUIET, **SPREAD})))

    def test_simulations_have_no_noise(self):
        simulated = run("simulated", 2, benchmark(STRONG, ms_low=8.0, ms_high=8.0), platform="p")
        self.assertEqual(self.told(figures.points([simulated])), "")

    def test_comparison(self):
        row = {"family": "mask", "call": "fn", "measured_ms": 8.0, "measured_low": 8.0, "measured_high": 8.1, **DISTURBED}
        self.assertIn("the comparison of mask fn", self.told(comparison=[row]))

    def test_many_figures_are_counted(self):
        many = [point for ranks in range(2, 9) for point in points(DISTURBED, ranks=ranks)]
        self.assertTrue(self.told(many).endswith("mask strong fn on 5 ranks, and 3 more."), self.told(many))

    def test_rows_of_tables_are_marked(self):
        marked = [row[1].endswith("]!") for row in table.rows_of(points(QUIET, DISTURBED))]
        self.assertEqual(marked, [False, True])


class Rates(unittest.TestCase):
    def calibrate(self, first, *later, stated=()):
        """Rates of mask/fn and mask/grad, where the runs find these counters of the first and a quiet second."""
        def result(counters, names):
            quiet = {**QUIET, "work_rate": 7.0}
            return run("measured", 2, *(benchmark(name, **(counters if f"{name}/".startswith("mask/strong/16/9/fn/") else quiet))
                                        for name in names))

        self.again, later = [], list(later)

        def measure(planned, _):
            self.again.append(planned)
            return result(later.pop(0), planned.cases)

        work = mock.Mock(measure=measure)
        names = (STRONG, "mask/strong/16/9/grad/replicated", WEAK)
        rows = calibration.calibrated(work, cases.Run("measured", 2, names, 21), result(first, names), stated)
        return {f"{row['family']}/{row['call']}": row for row in rows}

    def test_quiet_ones_are_measured_once(self):
        rows = self.calibrate({**QUIET, "work_rate": 3.0})

        self.assertEqual({key: row["rate"] for key, row in rows.items()}, {"mask/fn": 3.0, "mask/grad": 7.0})
        self.assertEqual(self.again, [])
        self.assertIn("on a quiet machine: no interval is wider than 25 % of its time, and ranks got 97 % of a core or more",
                      calibration.told(list(rows.values())))

    def test_disturbed_ones_are_measured_again_and_they_alone(self):
        rows = self.calibrate({**DISTURBED, "work_rate": 1.0}, {**QUIET, "work_rate": 3.0})

        self.assertEqual([(len(planned.cases), planned.rounds) for planned in self.again], [(1, 21)])
        self.assertTrue(STRONG.startswith(self.again[0].cases[0]))
        self.assertEqual((rows["mask/fn"]["rate"], rows["mask/fn"]["tries"]), (3.0, 2))
        self.assertNotIn("busy", calibration.told(list(rows.values())))

    def test_the_quietest_is_taken_where_none_is_quiet_and_that_is_said(self):
        rows = self.calibrate({**DISTURBED, "work_rate": 1.0}, {"core_share": 0.8, "work_rate": 2.0},
                              {"core_share": 0.3, "work_rate": 0.5})

        self.assertEqual(len(self.again), 2)
        self.assertEqual((rows["mask/fn"]["rate"], rows["mask/fn"]["tries"]), (2.0, 3))
        for text in (calibration.told(list(rows.values())),
                     busy.told({"points": [], "comparison": [], "calibration": list(rows.values())})):
            self.assertIn("at worst a rank got 80 % of a core, after 3 tries", text)
            self.assertIn("all simulated figures of: mask fn.", text)

    def test_rates_that_are_stated_need_no_quiet(self):
        self.assertEqual(self.calibrate(DISTURBED, stated={"mask/fn": 1.0}).keys(), {"mask/grad"})
        self.assertEqual(self.again, [])

    def test_those_of_the_measured_study_are_looked_at_too(self):
        asked = options.parse(["--cores", "2", "--measure", "--simulate", "--quick", "--family", "mask"])
        plan, found = commands.plan_of(asked), {}
        name = "mask/strong/16/9/fn_and_grad/replicated"
        measured = [run("measured", ranks, benchmark(name, **DISTURBED)) for ranks in (1, 2)]
        work = mock.Mock(measure=lambda planned, _: run("measured", 2, benchmark(name, work_rate=5.0, **QUIET)))
        with mock.patch("builtins.print"):
            rates = commands.rates_for(work, asked, plan, measured, found)

        self.assertEqual(rates, {"mask/fn_and_grad": 5.0})
        self.assertEqual(found["calibration"][0]["tries"], 2)
        self.assertEqual(measured[1]["results"]["benchmarks"][0]["core_share"], 0.55)

    def test_each_case_is_a_rate_of_its_own(self):
        both = run("measured", 2, benchmark(STRONG), benchmark(WEAK))
        self.assertEqual({key: row["rate"] for key, row in calibration.rates_of(both).items()}, study.rates_of(both))


if __name__ == "__main__":
    unittest.main()
