# SPDX-License-Identifier: BSD-3-Clause
"""Tests of scripts/support/benchmark_results.py, on results made up for them."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "support"))
import benchmark_results  # noqa: E402  (the line above makes it importable)


def benchmark(name, roofline, low, high, **more):
    return {"name": f"{name}/iterations:9/manual_time", "ms": 2.0, "communicate_ms": 0.1,
            "bandwidth": 1e10, "memory": 1.0, "roofline": roofline, "roofline_low": low,
            "roofline_high": high, **more}


class Folder:
    """A folder of raw results, and what the script does with them."""

    def __init__(self, test):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def write(self, name, content):
        path = self.path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def write_run(self, *benchmarks, ranks=2):
        return self.write(f"mask.{ranks}.json", {
            "context": {"mpi_ranks": str(ranks), "executable": "mask_benchmark",
                        "compiler": "GNU"}, "benchmarks": list(benchmarks)})

    def run(self, *arguments):
        """The exit status, and what was printed to stdout and stderr."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = benchmark_results.main(list(arguments))
        return status, out.getvalue(), err.getvalue()

    def written(self, name):
        return json.loads((self.path / "out" / name).read_text())


class Report(unittest.TestCase):
    def test_writes_the_three_forms(self):
        folder = Folder(self)
        folder.write_run(benchmark("mask/double", 0.9, 0.8, 1.0))
        folder.write_run(benchmark("mask/double", 0.7, 0.6, 0.8), ranks=1)
        status, out, _ = folder.run("report", str(folder.path))
        self.assertEqual(status, 0)
        self.assertIn("0.90 [0.80 1.00]", out)
        self.assertLessEqual(max(map(len, out.splitlines())), 100)
        results = folder.written("results.json")
        self.assertEqual({b["name"] for b in results["benchmarks"]},
                         {"mask/double/1_ranks", "mask/double/2_ranks"})
        self.assertEqual(results["context"], {"compiler": "GNU"})
        self.assertEqual(folder.written("bencher.json")["mask/double/2_ranks"],
                         {"roofline": {"value": 0.9, "lower_value": 0.8, "upper_value": 1.0}})
        self.assertIn({"name": "mask/double/2_ranks roofline", "unit": "ratio", "value": 0.9,
                       "range": "0.800 to 1.000", "extra": "2.000 ms"},
                      folder.written("github_action_benchmark.json"))

    def test_refuses_a_case_that_failed(self):
        folder = Folder(self)
        folder.write_run({"name": "mask/double", "error_occurred": True,
                          "error_message": "twin differs"})
        status, _, err = folder.run("report", str(folder.path))
        self.assertEqual(status, 2)
        self.assertIn("twin differs", err)
        self.assertFalse((folder.path / "out").exists())

    def test_writes_nothing_for_bad_results(self):
        good = {"context": {"mpi_ranks": "1"}, "benchmarks": [benchmark("a", 1, 1, 1)]}
        for bad, word in ((good | {"context": {}}, "how many ranks"),
                          (good | {"context": {"mpi_ranks": "two"}}, "how many ranks"),
                          (good | {"benchmarks": [{"name": "a", "r": 1, "r_low": 1, "r_high": 1}]},
                           "has no ms")):
            folder = Folder(self)
            folder.write("a.json", good)
            folder.write("b.json", bad)
            status, _, err = folder.run("report", str(folder.path))
            self.assertEqual(status, 2)
            self.assertIn(word, err)
            self.assertFalse((folder.path / "out").exists())
        self.assertEqual(folder.run("report", str(Folder(self).path))[0], 2)

    def test_long_names_fit_100_columns(self):
        folder = Folder(self)
        folder.write_run(benchmark(
            "downsampled_blur/double/gaussian/16_operators/3x16384x16384/strong/fn_and_grad",
            11.5, 10.25, 12.75, twin_explicit_transpose=11.5, twin_explicit_transpose_low=10.25,
            twin_explicit_transpose_high=12.75))
        _, out, _ = folder.run("report", str(folder.path))
        self.assertLessEqual(max(map(len, out.splitlines())), 100, out)
        self.assertIn("twin explicit transpose 11.50 [10.25 12.75]", out)


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
        status, out, err = self.compare(
            [benchmark("a", 0.9, 0.8, 1.0), benchmark("b", 0.9, 0.8, 1.0)],
            [benchmark("a", 0.9, 0.8, 1.0), benchmark("b", 0.7, 0.6, 0.79)])
        self.assertEqual(status, 3)
        self.assertIn("WORSE", out)
        self.assertIn("b/2_ranks roofline", err)
        self.assertNotIn("a/2_ranks", err)

    def test_cases_of_one_side_are_listed(self):
        status, out, _ = self.compare([benchmark("a", 1, 1, 1), benchmark("gone", 1, 1, 1)],
                                      [benchmark("a", 1, 1, 1), benchmark("added", 1, 1, 1)])
        self.assertEqual(status, 0)
        self.assertIn("only in the earlier run: gone/2_ranks", out)
        self.assertIn("new: added/2_ranks", out)

    def test_ratios_of_one_side_are_listed(self):
        twin = {"twin_x": 1, "twin_x_low": 1, "twin_x_high": 1}
        for old, new, text in ((twin, {}, "only in the earlier run"), ({}, twin, "new")):
            status, out, _ = self.compare([benchmark("a", 1, 1, 1, **old)],
                                          [benchmark("a", 1, 1, 1, **new)])
            self.assertEqual(status, 0)
            self.assertIn(f"{text}: a/2_ranks twin_x", out)

    def test_no_ratio_in_common_is_an_error(self):
        other = benchmark("a", 1, 1, 1)
        for end in ("", "_low", "_high"):
            other["twin_x" + end] = other.pop("roofline" + end)
        self.assertEqual(self.compare([benchmark("a", 1, 1, 1)], [other])[0], 2)

    def test_nothing_in_common_is_an_error(self):
        status, _, err = self.compare([benchmark("a", 1, 1, 1)], [benchmark("b", 1, 1, 1)])
        self.assertEqual(status, 2)
        self.assertIn("no ratio of a case in common", err)


class Check(unittest.TestCase):
    def test_refuses_what_is_no_result(self):
        folder = Folder(self)
        for content, word in (("{", "no JSON"), ("[]", "no context"), ("{}", "no context"),
                              ({"context": {}, "benchmarks": []}, "no benchmarks"),
                              ({"context": {}, "benchmarks": [3]}, "no name"),
                              ({"context": {}, "benchmarks": [{"name": "a"}]}, "no ratios"),
                              ({"context": {}, "benchmarks": [benchmark("a", "x", 1, 2)]},
                               "no finite number"),
                              ({"context": {}, "benchmarks": [benchmark("a", 1, float("nan"), 2)]},
                               "no finite number"),
                              ({"context": {}, "benchmarks": [benchmark("a", 1, 1, float("inf"))]},
                               "no finite number"),
                              ({"context": {}, "benchmarks": [benchmark("a", True, 0, 2)]},
                               "no finite number"),
                              ({"context": {}, "benchmarks": [benchmark("a", 3, 1, 2)]},
                               "not within its interval"),
                              ({"context": {}, "benchmarks": [benchmark("a", 1, 1, 1)] * 2},
                               "twice"),
                              ({"context": {}, "benchmarks": [
                                  {"name": "a", "error_occurred": True, "error_message": "oh"}]},
                               "a: oh"),
                              ("[" * 100_000, "no JSON"), ("", "no JSON")):
            status, _, err = folder.run("check", folder.write("old.json", content))
            self.assertEqual(status, 2)
            self.assertIn(word, err)
            self.assertEqual(len(err.splitlines()), 1)
        self.assertEqual(folder.run("check", str(folder.path / "missing.json"))[0], 2)
        self.assertEqual(folder.run("check", str(folder.path))[0], 2)
        (folder.path / "binary.json").write_bytes(b"\xff\xfe{}")
        self.assertEqual(folder.run("check", str(folder.path / "binary.json"))[0], 2)

    def test_takes_results_and_refuses_the_forms_of_trackers(self):
        folder = Folder(self)
        folder.write_run(benchmark("a", 1, 1, 1))
        folder.run("report", str(folder.path))
        for name, status in (("results.json", 0), ("bencher.json", 2),
                             ("github_action_benchmark.json", 2)):
            self.assertEqual(folder.run("check", str(folder.path / "out" / name))[0], status, name)


if __name__ == "__main__":
    unittest.main()
