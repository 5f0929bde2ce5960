# SPDX-License-Identifier: BSD-3-Clause
"""examples/brain/report.py on stored results: the numbers in its figures and on its page, and what it refuses."""

import html
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
STORED = ROOT / "tests/data/brain_results"
REPORT = ROOT / "examples/brain/report.py"
SYSTEM_PYTHON = "/usr/bin/python3"  # has Debian's packages, where another Python comes first in the PATH
SKIPPED = 77  # SKIP_RETURN_CODE of CTest

try:
    import matplotlib  # noqa: F401
    import numpy as np
except ImportError:
    if os.path.exists(SYSTEM_PYTHON) and os.path.realpath(sys.executable) != os.path.realpath(SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, "-B", *sys.argv])
    print("Skipped: matplotlib and numpy not found")
    sys.exit(SKIPPED)

sys.path.insert(0, str(REPORT.parent))
import figures  # noqa: E402  (the line above makes them importable)
import report  # noqa: E402
import stored_results  # noqa: E402


def text_of(page):
    """What a reader sees of it, each cell of a table behind a bar."""
    cells = re.sub(r"<t[dh]>", "|", page[page.index("<body>"):])
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", cells)).split())


def call(*arguments):
    return subprocess.run([sys.executable, "-B", REPORT, *arguments], capture_output=True, text=True, check=False, timeout=100)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "results"
            shutil.copytree(STORED, path)
            done = call(path)
            assert done.returncode == 0, done.stderr
            cls.written = {file.name: file.read_bytes() for file in path.iterdir()}
        cls.text = text_of(cls.written["index.html"].decode())

    def test_the_report_takes_the_place_of_what_it_is_made_of(self):
        self.assertEqual(set(self.written), {"index.html", "results.json", "images.png", "kernels.png", "convergence.png",
                                             "scaling.png"})
        results = json.loads(self.written["results.json"])
        self.assertEqual(list(results), ["machine", "problem", "scaling", "reconstruction"])
        for part in ("problem", "scaling", "reconstruction"):
            self.assertEqual(results[part], json.loads((STORED / f"{part}.json").read_text()))

    def test_pictures_have_their_sizes(self):
        for name, size in (("kernels.png", (900, 360)), ("convergence.png", (1000, 360)), ("scaling.png", (1500, 380)),
                           ("images.png", (1350, 2142))):
            self.assertEqual(struct.unpack(">II", self.written[name][16:24]), size, name)

    def test_the_page_tells_the_numbers(self):
        for words in ("A measured volume of 20 × 18 × 16 voxels was computed from eight simulated acquisitions of 10 × 9 × 8 voxels",
                      "23.72 dBPSNR of the reconstruction", "+7.42 dBon the upsampled mean",
                      "1.6 sreconstruction, 2 MPI rank(s)", "1 msfn_and_grad of 8 operators, 1 MPI rank(s)",
                      "blurs by a 5 × 5 × 5 kernel, a Gaussian of deviation 1.4 voxels along a direction of its own and 0.6 across",
                      "σ = 0.005. So 5,760 measured numbers tell of 5,760 unknowns", "L = 3.722/σ²",
                      "x >= 0, restarted where f grows",
                      "stopped after 52 iterations: f has fallen to what the noise alone gives.",
                      "f at the truth is 0.9942 f(noise).", "a rank owns some of its slices", "median of 11 rounds",
                      "at worst a rank got 4 % of a core",
                      "|image|phantom.nii, 20 × 18 × 16 voxels (z, y, x)", "|Kokkos|3.4.1, Serial", "|MPI|Open MPI v4.1.4"):
            self.assertIn(words, self.text)

    def test_the_page_has_a_row_for_each_measurement(self):
        strong, weak = self.text.split("Weak scaling:")
        strong, slabs = strong.split("Slabs:")
        self.assertIn("|1|8|fn|15.4|11.1 – 23.2|1.00|100 %|0.1", strong)
        self.assertIn("|2|8|fn|8.0|4.0 – 23.3|1.93|96 %|0.2", strong)
        self.assertIn("|2|8|fn_and_grad|31.4|20.0 – 40.0|1.04|52 %|0.1", strong)
        self.assertIn("|2|8|fn|12.0|5.6 – 18.0|1.15|58 %|0.1", weak)
        self.assertIn("|1|8|fn_and_grad|1.4|1.4 – 5.5|1.00|100 %|2.1", slabs)
        self.assertIn("|2|8|grad|3.2|0.7 – 8.7|0.43|22 %|0.9", slabs)
        self.assertEqual(len(re.findall(r"\|[12]\|[48]\|", self.text)), 18)


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.results = stored_results.read_results(STORED)
        cls.slices = stored_results.read_slices(STORED, cls.results["problem"])

    def tearDown(self):
        figures.plt.close("all")

    def draw_images(self):
        return figures.draw_images(self.slices, self.results["problem"]["spacing_zyx_mm"], 16.296, 23.716)

    def test_images_lie_where_their_voxels_are(self):
        axes = np.array(self.draw_images().axes[:20]).reshape(4, 5)

        # Voxels of 2 x 1.5 x 1 mm; an acquisition has every second one, centred on it.
        self.assertEqual(axes[0, 0].images[0].get_extent(), (-0.5, 15.5, -0.75, 26.25))
        self.assertEqual(axes[1, 0].images[0].get_extent(), (-0.5, 15.5, -1, 39))
        self.assertEqual(axes[2, 0].images[0].get_extent(), (-0.75, 26.25, -1, 39))
        self.assertEqual(axes[0, 1].images[0].get_extent(), (-1, 15, -1.5, 25.5))
        np.testing.assert_allclose([*axes[3, 0].get_xlim(), *axes[3, 0].get_ylim()], [4.3, 9.42, 13.29, 21.93])

    def test_images_show_the_slices_and_their_differences(self):
        axes = np.array(self.draw_images().axes[:20]).reshape(4, 5)

        for row, plane in enumerate(("axial", "coronal", "sagittal", "axial")):
            for column, name in enumerate(("truth", "acquisition", "start", "result")):
                np.testing.assert_array_equal(axes[row, column].images[0].get_array(), self.slices[name][plane])
            np.testing.assert_array_equal(axes[row, 4].images[0].get_array(),
                                          self.slices["result"][plane] - self.slices["truth"][plane])
        self.assertEqual([axis.get_title() for axis in axes[0]],
                         ["truth", "one of 8 acquisitions", "upsampled mean of the 8\n16.30 dB", "reconstruction\n23.72 dB",
                          "reconstruction − truth"])
        self.assertEqual(axes[0, 0].images[0].get_clim(), (0, 1))
        self.assertEqual(axes[0, 4].images[0].get_clim()[0], -axes[0, 4].images[0].get_clim()[1])

    def test_kernels_are_summed_along_each_dimension(self):
        kernels = stored_results.read_kernels(STORED, self.results["problem"])
        axes = figures.draw_kernels(kernels).axes

        self.assertEqual(len(axes), 24)
        for number, axis in enumerate(axes):
            shown = axis.images[0].get_array()
            np.testing.assert_array_equal(shown, kernels[number % 8].sum(axis=number // 8))
            self.assertAlmostEqual(float(shown.sum()), 1, places=5)

    def test_convergence(self):
        left, right = figures.draw_convergence(self.results["reconstruction"]).axes

        fidelity, quality = left.lines[0].get_xydata(), right.lines[0].get_xydata()
        self.assertEqual((len(fidelity), len(quality)), (52, 52))
        np.testing.assert_allclose(fidelity[0], [1, 184.800424], rtol=1e-6)
        np.testing.assert_allclose(quality[[0, 1]], [[1, 16.739927], [2, 17.094706]], rtol=1e-6)
        np.testing.assert_allclose(right.lines[1].get_ydata(), 16.295729, rtol=1e-6)

    def test_scaling(self):
        strong, slabs, weak = figures.draw_scaling(self.results["scaling"]).axes

        for axis in (strong, slabs):
            self.assertEqual([line.get_label() for line in axis.lines], ["ideal", "fn", "grad", "fn_and_grad"])
            self.assertEqual(axis.lines[0].get_xydata().tolist(), [[1, 1], [2, 2]])
        np.testing.assert_allclose([line.get_ydata()[1] for line in slabs.lines[1:]], [0.07, 0.43, 0.12], atol=0.005)
        self.assertEqual(weak.lines[0].get_xydata().tolist(), [[1, 1], [2, 1]])
        np.testing.assert_allclose([line.get_ydata()[1] for line in strong.lines[1:]], [1.93, 1.60, 1.04], atol=0.005)
        np.testing.assert_allclose([line.get_ydata()[1] for line in weak.lines[1:]], [0.58, 0.50, 0.56], atol=0.005)


class Refusals(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "results"
        shutil.copytree(STORED, self.path)

    def assert_refuses(self, *words):
        before = {file.name: file.read_bytes() for file in self.path.iterdir()}
        with unittest.mock.patch("sys.argv", ["report.py", str(self.path)]), self.assertRaises(SystemExit) as end:
            report.main()

        said = end.exception.code  # Python prints a text, and exits with 1
        self.assertEqual(len(said.splitlines()), 1, said)
        self.assertTrue(said.startswith("report.py: "), said)
        for word in words:
            self.assertIn(word, said)
        self.assertEqual({file.name: file.read_bytes() for file in self.path.iterdir()}, before)

    def test_missing_files(self):
        for name in ("problem.json", "scaling.json", "reconstruction.json", "result_coronal.npy", "kernels.npy"):
            with self.subTest(name):
                (self.path / name).unlink()
                self.assert_refuses(name, "No such file", "the program brain and measure.py have to run first")
                shutil.copy(STORED / name, self.path / name)

    def test_truncated_files(self):
        for name, kept, words in (("problem.json", 100, "no JSON"), ("scaling.json", 0, "no JSON"),
                                  ("kernels.npy", 200, "no array"), ("truth_axial.npy", 40, "no array"),
                                  ("truth_axial.npy", 0, "no array")):
            with self.subTest(name):
                (self.path / name).write_bytes((STORED / name).read_bytes()[:kept])
                self.assert_refuses(name, "is damaged", words)
                shutil.copy(STORED / name, self.path / name)

    def test_what_is_not_as_expected_is_named(self):
        def change(*keys, to):
            def changed(content):
                for key in keys[:-1]:
                    content = content[key]
                if to is None:
                    del content[keys[-1]]
                else:
                    content[keys[-1]] = to
            return changed

        for name, damage, words in (
                ("problem", change("noise_deviation", to=None), "noise_deviation is missing"),
                ("problem", change("shape_zyx", 0, to="x"), "shape_zyx is not as expected"),
                ("problem", change("versions", "mpi", to=None), "versions is not as expected"),
                ("reconstruction", change("psnr_of_result", to=float("nan")), "psnr_of_result is not as expected"),
                ("reconstruction", change("history", to=[]), "history is not as expected"),
                ("reconstruction", change("history", 3, "f", to=None), "history is not as expected"),
                ("scaling", change(4, "speed_up", to=None), "speed_up is missing"),
                ("scaling", change(4, "call", to="gn"), "call is not as expected"),
                ("scaling", change(slice(0, 6), to=[]), "lacks fn of the strong series"),
                ("scaling", change(slice(6, 12), to=[]), "lacks fn of the slabs series")):
            with self.subTest(words):
                content = json.loads((STORED / f"{name}.json").read_text())
                damage(content)
                (self.path / f"{name}.json").write_text(json.dumps(content))
                self.assert_refuses(f"{name}.json", words)
                shutil.copy(STORED / f"{name}.json", self.path / f"{name}.json")

    def test_arrays_of_other_shapes_and_without_numbers(self):
        np.save(self.path / "start_axial.npy", np.zeros((16, 18), np.float32))
        self.assert_refuses("start_axial.npy", "an array of (16, 18), not (18, 16)")
        np.save(self.path / "start_axial.npy", np.full((18, 16), np.nan, np.float32))
        self.assert_refuses("start_axial.npy", "finite numbers")

    def test_one_line_on_stderr(self):
        done = call(self.path.parent)

        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr.splitlines(), [f"report.py: {self.path.parent}/problem.json: No such file or directory; "
                                                    "the program brain and measure.py have to run first"])

    def test_usage(self):
        self.assertEqual([call(*arguments).returncode for arguments in ((), ("--help",))], [2, 0])


if __name__ == "__main__":
    unittest.main()
