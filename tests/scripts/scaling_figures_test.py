# SPDX-License-Identifier: BSD-3-Clause
"""What scripts/scaling_study derives, compares and prints."""

import contextlib
import copy
import io
import json
import math
import unittest

from scaling_support import ROOT, benchmark, run

import check
import figures
import numpex
import table
from bad_input import BadInput

STRONG = "mask/strong/4/100/fn_and_grad/replicated"
WEAK = "mask/weak/2/100/fn_and_grad/replicated"


def only(points, **wanted):
    found = [p for p in points if all(p[key] == value for key, value in wanted.items())]
    assert len(found) == 1, found
    return found[0]


class Models(unittest.TestCase):
    """What PlacementPlan predicts, in the figures that the gate simulates again."""

    def setUp(self):
        self.points = json.loads((ROOT / "tests/data/scaling_reference.json").read_text(encoding="utf-8"))["points"]

    def test_memory_is_within_a_twentieth_of_the_forecast(self):
        points = [p for p in self.points if figures.memory_share(p) is not None]

        self.assertGreater(len(points), 100)
        for point in points:
            self.assertTrue(figures.memory_as_forecast(point), point)
        self.assertIn(f"in {len(points)} of {len(points)} cases", table.told_of_memory(self.points))

    def test_worst_forecast_is_named(self):
        point = {"case": "mask/weak/1/1/fn/slabs", "ranks": 2, "held_bytes": 9e6, "operator_bytes": 3e6}
        says = table.told_of_memory([point | {"forecast_bytes": 1e7}, point | {"ranks": 3}])

        self.assertIn("in 0 of 1 cases", says)
        self.assertIn("at worst 1.200 times it (mask/weak/1/1/fn/slabs on 2 ranks)", says)
        self.assertEqual(table.told_of_memory([point]), "")

    def test_chosen_placement_is_within_a_tenth_of_the_fastest(self):
        rows = figures.placements(self.points)

        self.assertGreater(len(rows), 20)
        for row in rows:
            self.assertLessEqual(row["over_best"], 1.1, row)


class Derived(unittest.TestCase):
    def test_strong_series_is_against_the_best_single_process_program(self):
        points = figures.points([run("measured", 1, benchmark(STRONG, ms=10.0, hand_written_ms=8.0, machine_bandwidth=2e10)),
                                 run("measured", 2, benchmark(STRONG, ms=5.0, machine_bandwidth=2.5e10))])
        two = only(points, ranks=2)

        self.assertEqual(two["baseline_ms"], 8.0)
        self.assertAlmostEqual(two["speed_up"], 1.6)
        self.assertAlmostEqual(two["efficiency"], 0.8)
        self.assertAlmostEqual(two["bandwidth_gain"], 1.25)
        self.assertAlmostEqual(two["normalised_efficiency"], 1.28)
        self.assertAlmostEqual(only(points, ranks=1)["efficiency"], 0.8)

    def test_slower_program_is_no_baseline(self):
        points = figures.points([run("measured", 1, benchmark(STRONG, ms=10.0, hand_written_ms=30.0))])

        self.assertEqual(points[0]["baseline_ms"], 10.0)

    def test_weak_series_counts_the_work_of_all_ranks(self):
        points = figures.points([run("simulated", 1, benchmark(WEAK, ms=10.0), platform="p"),
                                 run("simulated", 4, benchmark(WEAK, ms=12.5), platform="p")])
        four = only(points, ranks=4)

        self.assertAlmostEqual(four["speed_up"], 3.2)
        self.assertAlmostEqual(four["efficiency"], 0.8)
        self.assertNotIn("normalised_efficiency", four)

    def test_threads_count_as_workers(self):
        points = figures.points([run("measured", 1, benchmark(STRONG, ms=10.0)),
                                 run("measured", 1, benchmark(STRONG, ms=5.0), threads=2)])

        self.assertAlmostEqual(only(points, threads=2)["efficiency"], 1.0)

    def test_measured_and_simulated_have_baselines_of_their_own(self):
        points = figures.points([run("measured", 1, benchmark(STRONG, ms=10.0)),
                                 run("simulated", 1, benchmark(STRONG, ms=4.0), platform="p"),
                                 run("simulated", 2, benchmark(STRONG, ms=2.0), platform="p")])

        self.assertAlmostEqual(only(points, ranks=2)["speed_up"], 2.0)

    def test_without_one_rank_there_is_no_speed_up(self):
        self.assertNotIn("speed_up", figures.points([run("measured", 2, benchmark(STRONG))])[0])

    def test_nodes_are_those_that_the_program_counted(self):
        told = run("measured", 4, benchmark(STRONG))
        told["results"]["context"]["mpi_nodes"] = "2"

        self.assertEqual(figures.points([told])[0]["nodes"], 2)
        self.assertEqual(figures.points([run("measured", 4, benchmark(STRONG))])[0]["nodes"], 1)

    def test_published_times_beside_the_own(self):
        name = "downsampled_blur/strong/8/2048/grad/replicated"
        points = figures.points([run("simulated", 4, benchmark(name, ms=5.9 * 1.5), platform="p"),
                                 run("measured", 1, benchmark(name, ms=100.0))])
        rows = numpex.compared(points)

        self.assertAlmostEqual(only(rows, size=2048, ranks=4)["published_over_replicated"], 1 / 1.5)
        self.assertEqual(only(rows, size=2048, ranks=1)["measured_replicated_ms"], 100.0)
        self.assertNotIn("published_over_replicated", only(rows, size=2048, ranks=64))
        self.assertEqual([row for row in rows if row["size"] == 4096], [])

    def test_forms_have_the_best_of_them_on_one_rank_as_baseline(self):
        slabs = STRONG.replace("replicated", "slabs")
        points = figures.points([run("measured", 1, benchmark(STRONG, ms=10.0), benchmark(slabs, ms=8.0)),
                                 run("measured", 2, benchmark(STRONG, ms=8.0), benchmark(slabs, ms=4.0))])

        self.assertAlmostEqual(only(points, ranks=2, form="slabs")["speed_up"], 2.0)
        self.assertAlmostEqual(only(points, ranks=2, form="replicated")["speed_up"], 1.0)
        self.assertEqual(only(points, ranks=2, form="slabs")["case"], slabs)

    def test_placement_that_the_model_chose_stands_beside_the_fastest(self):
        slabs = STRONG.replace("replicated", "slabs")
        rows = figures.placements(figures.points([run(
            "simulated", 4, benchmark(STRONG, ms=3.0, predicted_ms=1.0), benchmark(slabs, ms=2.0, predicted_ms=2.5))]))
        self.assertEqual([(row["chosen"], row["best"], row["over_best"]) for row in rows], [("replicated", "slabs", 1.5)])
        self.assertIn("within 10 % of the fastest in 0; at worst 1.50 times", table.told_of_placements(rows))
        alone = figures.points([run("simulated", 4, benchmark(STRONG, predicted_ms=1.0))])
        self.assertEqual(figures.placements(alone), [])
        self.assertEqual(table.told_of_placements([]), "")

    def test_members_are_told_with_their_slabs(self):
        grid = figures.points([run("simulated", 8, benchmark(STRONG.replace("replicated", "members_of_4")))])
        self.assertEqual(grid[0]["form"], "2x4")

    def test_names_in_google_benchmarks_form_are_all_different(self):
        runs = [run("measured", 1, benchmark(STRONG)), run("measured", 1, benchmark(STRONG), threads=2),
                run("measured", 2, benchmark(STRONG)), run("simulated", 2, benchmark(STRONG))]
        names = [b["name"] for b in figures.google_benchmark(runs)["benchmarks"]]

        self.assertEqual(len(set(names)), 4)
        self.assertEqual(names[0], f"measured/{STRONG}/1_ranks")


class Foreign(unittest.TestCase):
    def assert_refused(self, bad, says):
        with self.assertRaises(BadInput) as caught:
            figures.points([bad])
        self.assertIn(says, str(caught.exception))

    def test_results_without_figures(self):
        lacking = benchmark(STRONG)
        del lacking["compute_ms"]
        self.assert_refused(run("measured", 2, lacking), "has no compute_ms")
        self.assert_refused(run("measured", 2, benchmark(STRONG, ms=math.nan)), "ms is no finite number")
        self.assert_refused(run("measured", 2, benchmark(STRONG, ms="8")), "ms is no finite number")
        self.assert_refused(run("measured", 2, {**benchmark(STRONG), "name": "mask"}), "without the name of a case")
        self.assert_refused(run("measured", 2), "no results of misfit-study")
        failed = benchmark(STRONG, error_occurred=True, error_message="out of memory")
        self.assert_refused(run("measured", 2, failed), "out of memory")


class Check(unittest.TestCase):
    def setUp(self):
        runs = [run("simulated", p, benchmark(STRONG, ms=8.0 / p, bound_ms=0.1), platform="p") for p in (1, 2)]
        self.reference = {"points": figures.points(runs)}
        self.results = copy.deepcopy(self.reference)

    def test_same_figures(self):
        self.assertEqual(check.compare(self.reference, self.results), [])

    def test_noise_of_the_last_digit_is_none(self):
        self.results["points"][1]["ms"] *= 1 + 1e-9
        self.assertEqual(check.compare(self.reference, self.results), [])

    def test_every_difference_is_named(self):
        self.results["points"][1]["ms"] *= 1.01
        self.results["points"][0]["mpi_calls"] = 3
        lines = check.compare(self.reference, self.results)

        self.assertEqual(len(lines), 2)
        self.assertIn(f"{STRONG} at 1 ranks: mpi_calls 2 -> 3 (+50.00 %)", lines[0])
        self.assertIn("ms 4 -> 4.04 (+1.00 %)", lines[1])

    def test_cases_that_one_lacks(self):
        self.results["points"][1]["case"] = STRONG.replace("strong", "weak")
        lines = check.compare(self.reference, self.results)

        self.assertEqual([line.split(": ")[-1] for line in lines], ["is only in the reference", "is not in the reference"])

    def test_figure_that_vanished(self):
        del self.results["points"][0]["bound_ms"]
        self.assertEqual(len(check.compare(self.reference, self.results)), 1)


class Tables(unittest.TestCase):
    def test_fit_on_a_terminal(self):
        big = {"ms": 123456.789, "ms_low": 123456.7, "ms_high": 234567.8, "mpi_bytes": 12345678901.0,
               "compute_ms": 123456.7, "wait_ms": 123456.7, "communicate_ms": 1.23456e-7, "bound_share": 0.5,
               "machine_bandwidth": 1e10}
        name = "downsampled_blur/strong/1024/65536/fn_and_grad/replicated"
        runs = [run("measured", p, benchmark(name, **big)) for p in (1, 1024)]
        points = figures.points(runs)
        forms = [f"downsampled_blur/strong/8/8192/grad/{form}" for form in numpex.FORMS]
        rows = numpex.compared(figures.points([run(kind, 64, *(benchmark(form, **big) for form in forms))
                                               for kind in ("measured", "simulated")]))
        compared = [{"family": "downsampled_blur", "call": "fn_and_grad", "ranks": 2, "measured_ms": 123456.7,
                     "measured_low": 123456.7, "measured_high": 123456.7, "simulated_ms": 1e-5, "difference": -0.123}]
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            table.show({"points": points, "comparison": [], "published": rows})
            table.show_comparison(compared)

        self.assertIn("1024", out.getvalue())
        self.assertRegex(out.getvalue(), "eff. +norm. ")
        longest = max(out.getvalue().splitlines(), key=len)
        self.assertLessEqual(len(longest), 100, longest)

    def test_numbers(self):
        self.assertEqual([table.number(x) for x in (0, 12.3456, 0.012345, 1234.5, 1e-7, None)],
                         ["0", "12.35", "0.0123", "1234", "1.0e-07", "-"])
        self.assertEqual([table.bytes_of(b) for b in (0, 624, 2048, 50 << 20, 3 << 40)],
                         ["0 B", "624 B", "2.00 KiB", "50.0 MiB", "3072 GiB"])


class Reference(unittest.TestCase):
    def test_text_is_json_with_a_line_for_each_point(self):
        import report
        results = {"context": {"a": 1}, "comparison": [], "published": [], "points": [{"ms": 1}, {"ms": 2}]}
        text = report.as_text(results)

        self.assertEqual(json.loads(text), results)
        self.assertIn('\n  {"ms": 2}\n', text)


if __name__ == "__main__":
    unittest.main()
