# SPDX-License-Identifier: BSD-3-Clause
"""What scripts/support/benchmark_results.py makes of the results of a run, and of other files."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(__file__).parents[2] / "scripts/support/benchmark_results.py"
CASE = "mask/float/2_operators/8_entries/weak/fn_and_grad"
BAD_INPUT, WORSE = 2, 3


def case(name=CASE, **ratios):
    """A case as a program reports it; each of `ratios` is (low, median, high)."""
    figures = {"name": f"{name}/iterations:21/manual_time", "ms": 2.5, "communicate_ms": 0.5,
               "bandwidth": 20e9, "memory": 0.97}
    for ratio, (low, median, high) in ratios.items():
        figures |= {ratio: median, f"{ratio}_low": low, f"{ratio}_high": high}
    return figures


def output_of_program(*cases, ranks="2"):
    return {"context": {"mpi_ranks": ranks, "kokkos_version": "3.4.1"}, "benchmarks": list(cases)}


class Fixture(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def call(self, *arguments):
        return subprocess.run([sys.executable, PROGRAM, *map(str, arguments)], capture_output=True,
                              text=True, check=False)

    def run_folder(self, name, *outputs):
        """A folder with what programs left."""
        folder = self.folder / name
        folder.mkdir()
        for number, output in enumerate(outputs):
            (folder / f"{number}.json").write_text(json.dumps(output))
        return folder

    def report(self, name, *cases):
        """The folder of a finished run."""
        folder = self.run_folder(name, output_of_program(*cases))
        result = self.call("report", folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        return folder / "out"

    def compare(self, before, after):
        """Reports a run of `after` beside an earlier one of `before`, both lists of cases."""
        earlier = self.report("before", *before) / "results.json"
        folder = self.run_folder("after", output_of_program(*after))
        return self.call("report", folder, "--compare", earlier)

    def assert_one_clear_line(self, result):
        self.assertEqual(result.returncode, BAD_INPUT, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("benchmark: "), result.stderr)


class Comparison(Fixture):
    def test_equal_runs_pass(self):
        result = self.compare([case(roofline=(0.9, 1, 1.1))], [case(roofline=(0.9, 1, 1.1))])

        self.assertEqual(result.returncode, 0, result.stderr)

    def test_lower_but_overlapping_passes(self):
        result = self.compare([case(roofline=(0.9, 1, 1.1))], [case(roofline=(0.7, 0.8, 0.91))])

        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("WORSE", result.stdout)

    def test_intervals_that_touch_pass(self):
        result = self.compare([case(roofline=(0.9, 1, 1.1))], [case(roofline=(0.7, 0.8, 0.9))])

        self.assertEqual(result.returncode, 0, result.stderr)

    def test_interval_below_fails_and_is_named_alone(self):
        result = self.compare([case(roofline=(0.9, 1, 1.1), twin_plain_fused=(2, 2, 2))],
                              [case(roofline=(0.7, 0.8, 0.89), twin_plain_fused=(2, 2, 2))])

        self.assertEqual(result.returncode, WORSE)
        self.assertIn(f"{CASE}/2_ranks roofline", result.stderr)
        self.assertNotIn("twin_plain_fused", result.stderr)
        self.assertTrue((self.folder / "after/out/results.json").exists())

    def test_interval_above_passes(self):
        result = self.compare([case(roofline=(0.7, 0.8, 0.89))], [case(roofline=(0.9, 1, 1.1))])

        self.assertEqual(result.returncode, 0, result.stderr)

    def test_what_only_one_run_has_is_listed_and_passes(self):
        result = self.compare(
            [case(roofline=(0.9, 1, 1.1), twin_gone=(1, 1, 1)), case("gone", roofline=(1, 1, 1))],
            [case(roofline=(0.9, 1, 1.1), twin_new=(1, 1, 1)), case("come", roofline=(1, 1, 1))])

        self.assertEqual(result.returncode, 0, result.stderr)
        for line in ("only in the earlier run: gone/2_ranks", "new: come/2_ranks",
                     f"only in the earlier run: {CASE}/2_ranks twin_gone",
                     f"new: {CASE}/2_ranks twin_new"):
            self.assertIn(line, result.stdout)

    def test_runs_without_a_common_case_are_refused(self):
        self.assert_one_clear_line(
            self.compare([case("gone", roofline=(1, 1, 1))], [case(roofline=(1, 1, 1))]))

    def test_runs_without_a_common_ratio_are_refused(self):
        self.assert_one_clear_line(
            self.compare([case(twin_gone=(1, 1, 1))], [case(roofline=(1, 1, 1))]))


class Refusals(Fixture):
    def refused(self, content):
        path = self.folder / "old.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        result = self.call("check", path)
        self.assert_one_clear_line(result)
        return result.stderr

    def test_earlier_results_are_accepted(self):
        results = self.report("run", case(roofline=(0.9, 1, 1.1))) / "results.json"

        self.assertEqual(self.call("check", results).returncode, 0)

    def test_missing_file(self):
        self.assert_one_clear_line(self.call("check", self.folder / "missing.json"))

    def test_folder(self):
        self.assert_one_clear_line(self.call("check", self.folder))

    def test_no_json(self):
        for content in (b"", b"not json", b"\xff\xfe{}", b"[" * 100_000):
            with self.subTest(content[:10]):
                self.assertIn("is no JSON", self.refused(content))

    def test_json_of_another_form(self):
        for content in ([], 1, {}, {"context": {}}, {"context": {}, "benchmarks": {}},
                        {"context": {}, "benchmarks": []}, {"context": {}, "benchmarks": [1]},
                        {"context": {}, "benchmarks": [{"name": "BM_copy", "real_time": 1.0}]}):
            with self.subTest(content):
                self.assertIn("is no results.json of these benchmarks", self.refused(content))

    def test_trackers_forms(self):
        out = self.report("run", case(roofline=(0.9, 1, 1.1)))

        for name in ("bencher.json", "github_action_benchmark.json"):
            with self.subTest(name):
                self.assert_one_clear_line(self.call("check", out / name))

    def test_ratio_that_could_not_fail(self):
        for low, median, high in ((1, float("nan"), 2), (1, 1, float("inf")), (1, "1", 2),
                                  (1, True, 2), (2, 1, 3), (1, 3, 2)):
            with self.subTest((low, median, high)):
                self.refused(output_of_program(case(roofline=(low, median, high))))

    def test_case_twice(self):
        self.assertIn("twice", self.refused(output_of_program(case(roofline=(1, 1, 1)),
                                                              case(roofline=(2, 2, 2)))))

    def test_case_that_failed(self):
        failed = case() | {"error_occurred": True, "error_message": "twin_x differs from ours"}

        self.assertIn("twin_x differs from ours",
                      self.refused(output_of_program(failed, case("other", roofline=(1, 1, 1)))))

    def test_nothing_is_written_for_bad_results(self):
        good = output_of_program(case(roofline=(1, 1, 1)))
        for name, bad in (("failed", output_of_program(case() | {"error_occurred": True})),
                          ("no_ranks", good | {"context": {}}),
                          ("strange_ranks", good | {"context": {"mpi_ranks": "two"}}),
                          ("no_time", output_of_program({"name": "a", "r": 1, "r_low": 1,
                                                         "r_high": 1}))):
            with self.subTest(name):
                folder = self.run_folder(name, good, bad)
                self.assert_one_clear_line(self.call("report", folder))
                self.assertFalse((folder / "out").exists())

    def test_folder_without_results(self):
        self.assert_one_clear_line(self.call("report", self.run_folder("empty")))


class Outputs(Fixture):
    def test_results_hold_all_runs_under_names_with_ranks(self):
        folder = self.run_folder("run", output_of_program(case(roofline=(1, 1, 1)), ranks="1"),
                                 output_of_program(case(roofline=(2, 2, 2)), ranks="2"))

        self.call("report", folder)

        results = json.loads((folder / "out/results.json").read_text())
        self.assertEqual(results["context"]["kokkos_version"], "3.4.1")
        self.assertEqual({b["name"]: b["roofline"] for b in results["benchmarks"]},
                         {f"{CASE}/1_ranks": 1, f"{CASE}/2_ranks": 2})

    def test_bencher_metric_format(self):
        out = self.report("run", case(roofline=(0.9, 1, 1.1)), case("no_ratios"))

        self.assertEqual(json.loads((out / "bencher.json").read_text()),
                         {f"{CASE}/2_ranks": {"roofline": {"value": 1, "lower_value": 0.9,
                                                           "upper_value": 1.1}}})

    def test_custom_bigger_is_better(self):
        out = self.report("run", case(roofline=(0.9, 1, 1.1)), case("no_ratios"))

        (entry,) = json.loads((out / "github_action_benchmark.json").read_text())
        self.assertEqual((entry["name"], entry["unit"], entry["value"], entry["range"]),
                         (f"{CASE}/2_ranks roofline", "ratio", 1, "0.900 to 1.100"))

    def test_table_fits_100_columns(self):
        long = "downsampled_blur/double/gaussian/16_operators/3x16384x16384/strong/fn_and_grad"
        ratios = {"grad_over_fn_and_grad": (0.9, 1, 1.1), "roofline": (0.9, 1, 1.1),
                  "twin_explicit_transpose": (10.25, 11.5, 12.75)}
        folder = self.run_folder("run", output_of_program(case(long, **ratios), case(**ratios)))

        table = self.call("report", folder).stdout

        self.assertLessEqual(max(map(len, table.splitlines())), 100, table)
        self.assertIn("2.500", table)
        self.assertIn("11.50 [10.25 12.75]", table)


if __name__ == "__main__":
    unittest.main()
