# SPDX-License-Identifier: BSD-3-Clause
"""The two programs of scripts/run: brain writes where it is told to and nowhere else, and takes one volume of several
only if that is named; measure.py makes a table of what misfit-study says."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import programs
from programs import session

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
sys.path.insert(0, str(ROOT / "examples/brain"))
import measure  # noqa: E402  (the line above makes it importable)


def without_figures(line):
    return " ".join(re.sub(r"\d+(\.\d+)?", "#", line).split())


def files():
    return sorted(os.listdir(session.folder))


def results_on(ranks, place):
    """What brain wrote, and what measure.py then printed."""
    os.mkdir(os.path.join(session.folder, place))
    printed = session.run(ranks, "--image", "one.nii", "--output", place)
    return printed, programs.tool(sys.executable, "-B", measure.__file__, place, ranks, *session.tools, session.mpiexec,
                                  session.count_flag, folder=session.folder)


class Brain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        programs.write_nifti("one.nii", (20, 18, 16), [j * 37 % 101 for j in range(20 * 18 * 16)])
        programs.write_nifti("two.nii", (20, 18, 16, 2), [j * 37 % 101 for j in range(2 * 20 * 18 * 16)])

    def test_writes_nothing_where_no_place_is_named(self):
        before = files()
        for ranks in (1, 2):
            session.run(ranks, "--image", "one.nii")

            self.assertEqual(files(), before)

    def test_writes_where_it_is_told_to(self):
        before = files()
        place = os.path.join(session.folder, "results")
        os.mkdir(place)
        session.run(2, "--image", "one.nii", "--output", "results")

        self.assertLessEqual({"kernels.npy", "problem.json", "reconstruction.json", "truth_axial.npy"}, set(os.listdir(place)))
        self.assertEqual(files(), sorted([*before, "results"]))

    def test_the_reconstruction_is_the_same_on_any_number_of_ranks(self):
        results = []
        for ranks in (1, 2, 5):
            place = os.path.join(session.folder, f"on_{ranks}")
            os.mkdir(place)
            session.run(ranks, "--image", "one.nii", "--output", place)
            with open(os.path.join(place, "reconstruction.json"), encoding="utf-8") as file:
                results.append(json.load(file))
        for result in results[1:]:
            for key in ("psnr_of_start", "psnr_of_result", "f_of_result"):
                self.assertAlmostEqual(result[key], results[0][key], delta=1e-3 * abs(results[0][key]), msg=key)
            self.assertEqual(len(result["history"]), len(results[0]["history"]))
            self.assertAlmostEqual(result["f_at_truth"] / results[0]["f_at_truth"], 1, places=9)
            self.assertAlmostEqual(result["history"][0]["f"] / results[0]["history"][0]["f"], 1, places=6)

    def test_measure_tells_how_much_faster_more_ranks_are(self):
        results_on(3, "series")
        with open(os.path.join(session.folder, "series", "scaling.json"), encoding="utf-8") as file:
            rows = json.load(file)
        self.assertEqual([(row["series"], row["ranks"], row["operators"]) for row in rows if row["call"] == "grad"],
                         [("strong", 1, 8), ("strong", 2, 8), ("strong", 3, 8), ("slabs", 1, 8), ("slabs", 2, 8), ("slabs", 3, 8),
                          ("weak", 1, 4), ("weak", 2, 8), ("weak", 3, 12)])
        one = {(row["series"], row["call"]): row["ms"] for row in rows if row["ranks"] == 1}
        for row in rows:
            faster = one[row["series"], row["call"]] / row["ms"] * (row["ranks"] if row["series"] == "weak" else 1)
            self.assertAlmostEqual(row["speed_up"], faster)
            self.assertAlmostEqual(row["efficiency"], faster / row["ranks"])
            # Of a kernel's 125 numbers each, for the 10 x 10 x 10 voxels that are kept of a cube.
            flops = row["flops_per_second"] * row["ms"] * 1e-3 / row["operators"] / (1 if row["call"] == "fn" else 2)
            self.assertAlmostEqual(flops / (2 * 125 * 10**3), 1, delta=1e-5)

    def test_measure_fails_with_misfit_study(self):
        with open(os.path.join(session.folder, "problem.json"), "w", encoding="utf-8") as file:
            json.dump({"shape_zyx": [90000] * 3, "acquisitions": 8}, file)
        for program, words in ((session.tools[0], 'misfit-study: --size: "90000"'), ("false", "")):
            done = subprocess.run([sys.executable, "-B", measure.__file__, ".", "1", program, session.mpiexec, session.count_flag],
                                  cwd=session.folder, capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)
        os.remove(os.path.join(session.folder, "problem.json"))

    def test_the_cube_is_about_as_large_as_the_volume(self):
        for shape, side in (((181, 217, 181), 181), ((90, 108, 90), 90), ((60, 512, 512), 256), ((100, 100, 16), 48), ((16, 18, 20), 20),
                            ((16, 16, 40), 22), ((8, 9, 29), 16)):
            self.assertEqual(measure.side_of(shape), side)

    def test_ranks_are_doubled(self):
        self.assertEqual([measure.rank_counts(n) for n in (1, 2, 3, 4, 6)], [[1], [1, 2], [1, 2, 3], [1, 2, 4], [1, 2, 4, 6]])

    def test_readme_quotes_what_they_print(self):
        quoted = re.search(r"brain_test.py -->\n```text\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
        lines = {without_figures(line) for text in results_on(2, "quoted") for line in text.splitlines()}
        for line in quoted.splitlines():
            if line:
                self.assertIn(without_figures(line), lines)

    def test_one_volume_of_several_is_named(self):
        for volume, words in ((None, "two.nii: holds 2 volumes; choose one by --volume"), (2, "--volume 2: two.nii holds 2"),
                              ("x", "--volume"), (-1, "--volume")):
            error = session.run(3, "--image", "two.nii", *(["--volume", volume] if volume is not None else []), fails=True)
            said = [line for line in error.splitlines() if line.startswith("brain: ")]
            self.assertEqual(len(said), 1, error)
            self.assertIn(words, said[0])
        for volume in (0, 1):
            self.assertIn("16 x 18 x 20 voxels", session.run(1, "--image", "two.nii", "--volume", volume))


if __name__ == "__main__":
    programs.main(tools=1)
