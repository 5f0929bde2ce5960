# SPDX-License-Identifier: BSD-3-Clause
"""Change points are found where there are some, and seldom where there is noise alone."""

import contextlib
import io
import json
import pathlib
import random
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts/support"))

import change_points  # noqa: E402


def noise(count, seed, middle=1.0, deviation=0.02):
    dice = random.Random(seed)
    return [middle + dice.gauss(0, deviation) for _ in range(count)]


class ChangePoints(unittest.TestCase):
    def test_a_step_is_found_where_it_is(self):
        for seed in range(5):
            values = noise(20, seed) + noise(12, 100 + seed, middle=0.93)
            places = change_points.change_points(values, 0.001)
            self.assertEqual(len(places), 1, seed)
            self.assertLessEqual(abs(places[0] - 20), 1)

    def test_several_steps_are_found(self):
        values = noise(15, 1) + noise(15, 2, middle=1.2) + noise(15, 3, middle=0.9)
        places = change_points.change_points(values, 0.001)
        self.assertEqual(len(places), 2)
        self.assertLessEqual(max(abs(places[0] - 15), abs(places[1] - 30)), 1)

    def test_a_step_that_was_taken_back_is_found(self):
        for seed in range(3):
            values = noise(15, seed, middle=0.7) + noise(15, 10 + seed) + noise(30, 20 + seed, middle=0.7)
            places = change_points.change_points(values, 0.001)
            self.assertEqual(len(places), 2, seed)
            self.assertLessEqual(max(abs(places[0] - 15), abs(places[1] - 30)), 1)

    def test_a_step_that_is_too_small_does_not_hide_others(self):
        values = noise(25, 7, deviation=1e-4) + noise(25, 8, 0.985, 1e-4) + noise(10, 9, 0.9, 1e-4) + noise(25, 10, 0.985, 1e-4)
        self.assertEqual(change_points.change_points(values, 0.001), [50, 60])

    def test_noise_alone_is_none(self):
        # At most one of 40 by chance: 40 x 1 % is 0.4 of them.
        found = [seed for seed in range(40) if change_points.change_points(noise(30, seed), 0.01)]
        self.assertLessEqual(len(found), 1)

    def test_one_run_that_is_off_is_none(self):
        values = noise(30, 4)
        values[14] = 0.5
        self.assertEqual(change_points.change_points(values, 0.01), [])

    def test_what_is_too_small_or_too_short_is_none(self):
        self.assertEqual(change_points.change_points(noise(20, 5, deviation=1e-4) + noise(20, 6, 0.99, 1e-4), 0.01), [])
        self.assertEqual(change_points.change_points([1.0, 1.0, 0.5, 0.5], 0.01), [])
        self.assertEqual(change_points.change_points([1.0] * 30, 0.01), [])


class Program(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def run_on(self, values):
        paths = []
        for number, value in enumerate(values):
            figures = {"name": "mask/2_ranks", "roofline": value, "roofline_low": value, "roofline_high": value}
            paths.append(self.folder / f"{number:02}.json")
            paths[-1].write_text(json.dumps({"context": {}, "benchmarks": [figures]}), encoding="utf-8")
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = change_points.main([str(path) for path in paths] or ["--fast"])
        return status, out.getvalue(), err.getvalue()

    def test_names_the_run(self):
        status, out, _ = self.run_on([1.0 + 0.001 * (k % 3) for k in range(12)] + [0.9 + 0.001 * (k % 3) for k in range(8)])
        self.assertEqual(status, 0)
        self.assertEqual(out, f"mask/2_ranks roofline: since {self.folder}/12.json 1 -> 0.901 (-10.0 %)\n")

    def test_bad_input(self):
        status, out, err = self.run_on([])
        self.assertEqual((status, out), (2, ""))
        self.assertIn("change_points: ", err)


if __name__ == "__main__":
    unittest.main()
