# SPDX-License-Identifier: BSD-3-Clause
"""brain writes where it is told to and nowhere else, and takes one volume of several only if that is named."""

import json
import os
import pathlib
import re
import unittest

import programs
from programs import session

RESULTS = {"--describe": ["kernels.npy", "problem.json"], "--reconstruct": ["reconstruction.json"]}


README = pathlib.Path(__file__).resolve().parents[2] / "README.md"


def without_figures(line):
    return " ".join(re.sub(r"\d+(\.\d+)?", "#", line).split())


def files():
    return sorted(os.listdir(session.folder))


class Brain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        programs.write_nifti("one.nii", (20, 18, 16), [j * 37 % 101 for j in range(20 * 18 * 16)])
        programs.write_nifti("two.nii", (20, 18, 16, 2), [j * 37 % 101 for j in range(2 * 20 * 18 * 16)])

    def test_writes_nothing_where_no_place_is_named(self):
        before = files()
        for ranks, task in ((1, []), (1, ["--describe"]), (2, ["--measure", "strong"]), (2, ["--measure", "slabs"]),
                            (2, ["--reconstruct"])):
            session.run(ranks, "--image", "one.nii", *task)

            self.assertEqual(files(), before, task)

    def test_writes_where_it_is_told_to(self):
        before = files()
        place = os.path.join(session.folder, "results")
        os.mkdir(place)
        for task, names in RESULTS.items():
            session.run(2, "--image", "one.nii", "--output", "results", task)

            for name in names:
                self.assertIn(name, os.listdir(place))
        self.assertEqual(files(), sorted([*before, "results"]))

    def test_the_reconstruction_is_the_same_on_any_number_of_ranks(self):
        results = []
        for ranks in (1, 2, 5):
            place = os.path.join(session.folder, f"on_{ranks}")
            os.mkdir(place)
            session.run(ranks, "--image", "one.nii", "--output", place, "--reconstruct")
            with open(os.path.join(place, "reconstruction.json"), encoding="utf-8") as file:
                results.append(json.load(file))
        for result in results[1:]:
            for key in ("psnr_of_start", "psnr_of_result", "f_of_result"):
                self.assertAlmostEqual(result[key], results[0][key], delta=1e-3 * abs(results[0][key]), msg=key)
            self.assertEqual(len(result["history"]), len(results[0]["history"]))
            self.assertAlmostEqual(result["history"][0]["f"] / results[0]["history"][0]["f"], 1, places=6)

    def test_slabs_and_whole_volumes_give_the_same_value(self):
        place = os.path.join(session.folder, "series")
        os.mkdir(place)
        for ranks, series in ((1, "strong"), (2, "slabs"), (3, "slabs"), (3, "strong")):
            session.run(ranks, "--image", "one.nii", "--quick", "--output", place, "--measure", series)
        with open(os.path.join(place, "scaling.json"), encoding="utf-8") as file:
            rows = json.load(file)
        self.assertEqual([(row["series"], row["ranks"]) for row in rows if row["call"] == "fn"],
                         [("strong", 1), ("slabs", 2), ("slabs", 3), ("strong", 3)])
        for row in rows:
            self.assertAlmostEqual(row["f_at_truth"] / rows[0]["f_at_truth"], 1, places=9, msg=row)

    def test_readme_quotes_what_it_prints(self):
        quoted = re.search(r"brain_test.py -->\n```text\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
        printed = [session.run(ranks, "--image", "one.nii", *task) for ranks, task in (
            (1, ["--measure", "slabs"]), (2, ["--measure", "slabs"]), (2, ["--reconstruct"]))]
        lines = {without_figures(line) for text in printed for line in text.splitlines()}
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
    programs.main()
