# SPDX-License-Identifier: BSD-3-Clause
"""Tests of scripts/support/benchmark_report.py, on results made up for them."""

import unittest

from benchmark_support import Folder, benchmark, ratio


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
                          "error_message": "hand_written_x differs from ours"})
        status, _, err = folder.run("report", str(folder.path))
        self.assertEqual(status, 2)
        self.assertIn("hand_written_x differs", err)
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

    def test_versions_of_peers(self):
        folder = Folder(self)
        folder.write("mask.1.json", {"context": {"mpi_ranks": "1", "peer_numpy": "NumPy 1.24.2 " + "with a library " * 9},
                                     "benchmarks": [benchmark("a", 1, 1, 1, **ratio("peer_numpy", 7, 6, 8))]})
        _, out, _ = folder.run("report", str(folder.path))
        self.assertIn("\npeer_numpy: NumPy 1.24.2 with", out)
        self.assertIn("peer_numpy 7.00 [6.00 8.00]\n", out)
        self.assertLessEqual(max(map(len, out.splitlines())), 100, out)

    def test_long_names_fit_100_columns(self):
        folder = Folder(self)
        folder.write_run(benchmark(
            "downsampled_blur/double/gaussian/16_operators/3x16384x16384/strong/fn_and_grad",
            11.5, 10.25, 12.75, **ratio("hand_written_explicit_transpose", 11.5, 10.25, 12.75),
            **ratio("hand_written_two_gemv_by_columns", 11.5, 10.25, 12.75)))
        _, out, _ = folder.run("report", str(folder.path))
        self.assertLessEqual(max(map(len, out.splitlines())), 100, out)
        self.assertIn("hand_written_explicit_transpose 11.50 [10.25 12.75]", out)
        self.assertIn("hand_written_two_gemv_by_columns 11.50 [10.25 12.75]", out)


class Communication(unittest.TestCase):
    """The column MPI ms."""

    def column(self, **counters):
        folder = Folder(self)
        folder.write_run(benchmark("a", 1, 1, 1, **counters))
        status, out, _ = folder.run("report", str(folder.path))
        self.assertEqual(status, 0)
        self.assertNotIn("communicate_ms", folder.written("bencher.json")["a/2_ranks"])
        return next(line for line in out.splitlines() if line.startswith("a/2_ranks")).split()[2]

    def test_none_on_one_rank(self):
        self.assertEqual(self.column(), "-")

    def test_told_from_zero(self):
        self.assertEqual(self.column(**ratio("communicate_ms", 0.5, 0.1, 0.7)), "0.50")

    def test_below_the_noise(self):
        self.assertEqual(self.column(**ratio("communicate_ms", -3.0, -5.0, 0.7)), "<0.70")
        self.assertEqual(self.column(**ratio("communicate_ms", -3.0, -5.0, -1.0)), "<0.01")


class Found(unittest.TestCase):
    """The lines after the table."""

    def found(self, *benchmarks):
        folder = Folder(self)
        folder.write_run(*benchmarks)
        status, out, _ = folder.run("report", str(folder.path))
        self.assertEqual(status, 0)
        self.assertLessEqual(max(map(len, out.splitlines())), 100, out)
        return out[out.index("Found in"):]

    def test_all_reach_the_lower_bound(self):
        out = self.found(benchmark("a", 0.9, 0.85, 0.95), benchmark("b", 0.9, 0.8, 0.95))
        self.assertEqual(out, "Found in 2 cases, on 2 ranks:\n"
                              "roofline: all 2 cases come within 20 % of the time to move the same bytes.\n")

    def test_what_intervals_do_not_tell_is_not_said(self):
        out = self.found(benchmark("a", 0.9, 0.85, 0.95), benchmark("b", 0.7, 0.65, 0.8, **ratio("hand_written_x", 0.9, 0.5, 1.1)))
        self.assertIn("roofline: 1 of 2 cases come within 20 % of the time to move the same bytes; intervals do", out)
        self.assertIn("fn_and_grad is not slower than 0 of 1 programs; intervals do not tell it of", out)

    def test_falls_short_of_the_lower_bound_worst_first(self):
        out = self.found(benchmark("a", 0.9, 0.85, 0.95), benchmark("b", 0.7, 0.65, 0.79), benchmark("c", 0.5, 0.5, 0.5))
        self.assertIn("roofline: 2 of 3 cases take longer than 1.25 times the time to move the same bytes:\n"
                      "    c/2_ranks  0.50 [0.50 0.50]\n    b/2_ranks  0.70 [0.65 0.79]\n", out)

    def test_many_that_fall_short_are_counted(self):
        out = self.found(benchmark("b", 1, 1, 1), *(benchmark(f"a{k}", 0.5, 0.5, 0.5) for k in range(5)))
        self.assertIn("a2/2_ranks  0.50 [0.50 0.50]\n    and 2 more\n", out)

    def test_none_reaches_the_lower_bound(self):
        out = self.found(*(benchmark(f"a{k}", 0.1 * k, 0.1 * k, 0.1 * k) for k in range(1, 7)))
        self.assertIn("roofline: none of 6 cases comes within 20 % of the time to move the same bytes: 0.10 to 0.60.\n", out)

    def test_of_two_lower_bounds_the_nearer_one_counts(self):
        out = self.found(benchmark("a", 0.3, 0.3, 0.3, **ratio("flop_share", 0.9, 0.9, 0.9), **ratio("nearer_bound", 0.9, 0.9, 0.9)))
        self.assertEqual(out, "Found in 1 cases, on 2 ranks:\n"
                              "nearer_bound: all 1 cases come within 20 % of the longer of moving the bytes and computing.\n")

    def test_lower_bounds_come_first(self):
        folder = Folder(self)
        folder.write_run({**ratio("grad_over_fn_and_grad", 1, 1, 1), **benchmark("a", 1, 1, 1)})
        self.assertRegex(folder.run("report", str(folder.path))[1], r"\n    roofline 1.00 \S+ \S+ +grad_over_fn_and_grad ")

    def test_hand_written_code(self):
        for value, text in ((1.1, "fn_and_grad is not slower than any of 1 programs."),
                            (0.9, "fn_and_grad is slower than 1 of 1 programs:\n    a/2_ranks  hand_written_x 0.90")):
            self.assertIn(text, self.found(benchmark("a", 1, 1, 1, **ratio("hand_written_x", value, value, value))))

    def test_peers(self):
        for value, text in ((1.1, "peers: fn_and_grad is not slower than any of 1 programs."),
                            (0.9, "peers: fn_and_grad is slower than 1 of 1 programs:\n    a/2_ranks  peer_numpy 0.90")):
            out = self.found(benchmark("a", 1, 1, 1, **ratio("peer_numpy", value, value, value)))
            self.assertIn(text, out)
            self.assertNotIn("hand-written", out)

    def test_noise(self):
        self.assertIn("noise: 1 of 2 intervals are wider", self.found(benchmark("a", 1, 0.8, 1.2), benchmark("b", 1, 1, 1)))
        self.assertNotIn("noise", self.found(benchmark("a", 1, 0.9, 1.1)))


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
