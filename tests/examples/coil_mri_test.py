# SPDX-License-Identifier: BSD-3-Clause
"""coil_mri refuses what it cannot use, with one line that names the file, on any number of ranks."""

import array
import os
import pathlib
import unittest

import programs
from programs import session


def write(name, extents, values=None):
    size = 2
    for extent in extents:
        size *= extent
    folder = pathlib.Path(session.folder)
    (folder / f"{name}.hdr").write_text("# Dimensions\n" + " ".join(map(str, extents)) + "\n")
    (folder / f"{name}.cfl").write_bytes(array.array("f", values or [0.5] * size).tobytes())


class Refusals(unittest.TestCase):
    def setUp(self):
        write("kspace", (6, 5, 1, 3))
        write("maps", (6, 5, 1, 3))

    def assert_refused(self, *arguments, says):
        error = session.run(3, *arguments, "--output", "result", fails=True)
        lines = [line for line in error.splitlines() if "coil_mri: " in line]
        self.assertEqual(len(lines), 1, error)
        for words in says:
            self.assertIn(words, lines[0])
        self.assertEqual([name for name in os.listdir(session.folder) if name.startswith("result")], [])

    def test_good_ones_are_taken(self):
        for ranks in (2, 5):
            out = session.run(ranks, "kspace", "maps", "--output", "good")

            self.assertIn(f"3 coils of 5 x 6 pixels on {ranks} ranks, 100.0 % of k-space sampled", out)
        good = pathlib.Path(session.folder) / "good"
        self.assertEqual((good / "image.cfl").stat().st_size, 6 * 5 * 8)
        self.assertTrue((good / "picture.png").read_bytes().startswith(b"\x89PNG"))

    def test_writes_to_a_folder_of_its_own_where_none_is_named(self):
        before = {*os.listdir(session.folder), "example_output"}
        out = session.run(2, "kspace", "maps")

        self.assertEqual(set(os.listdir(session.folder)), before)
        folder = "example_output/coil_mri"
        self.assertEqual(os.listdir(os.path.join(session.folder, "example_output")), ["coil_mri"])
        self.assertEqual(programs.told(out), {f"{folder}/{name}" for name in os.listdir(os.path.join(session.folder, folder))})

    def test_tells_how_far_the_truth_is(self):
        """With one map that is 1, all of k-space and no noise there is one iteration, which finds the image."""
        write("flat", (6, 5, 1, 1), [1.0, 0.0] * 30)
        write("one", (6, 5, 1, 1))
        session.run(1, "one", "flat", "--lambda", "0", "--output", "found")
        out = session.run(3, "one", "flat", "--lambda", "0", "--truth", "found/image")
        self.assertRegex(out, r"iteration +1   residual \S+   \|x - truth\| / \|truth\| 0.0000\n")
        out = session.run(3, "one", "flat", "--lambda", "1", "--truth", "found/image")
        self.assertRegex(out, r"iteration +1   residual \S+   \|x - truth\| / \|truth\| 0.5000\n")
        self.assert_refused("kspace", "maps", "--truth", "kspace", says=["kspace", "3 images of 5 x 6"])

    def test_pictures_have_labels_and_stand_as_barts(self):
        """x down and y to the right, in pixels of 52 x 52: (1, 3) is bright in the truth, which is the first panel."""
        write("bright", (6, 5, 1, 1), [7.5 * (j == 2 * (1 + 6 * 3)) for j in range(60)])
        session.run(1, "kspace", "maps", "--truth", "bright", "--output", "pictures")
        picture = programs.read_png(os.path.join(session.folder, "pictures", "picture.png"))

        left, top, zoom, pitch = 8, 30, 52, 5 * 52 + 8
        self.assertEqual((len(picture), len(picture[0])), (top + 6 * zoom + 8 + 22 + 8, left + 3 * pitch))
        self.assertEqual([[picture[top + zoom * x + 9][left + zoom * y + 9] for y in range(5)] for x in range(6)],
                         [[255 * ((x, y) == (1, 3)) for y in range(5)] for x in range(6)])
        # The t of "truth", whose stem is its second column, and the A of "A^H y", whose are its first and fifth.
        stems = [[column for column in range(5) if picture[18][left + k * pitch + 2 * column] == 0] for k in range(2)]
        self.assertEqual(stems, [[1], [0, 4]])
        # Black at 0 and white at 7.5 below.
        bar = picture[top + 6 * zoom + 8 + 7][left + 21:left + 150]
        self.assertEqual(list(bar), sorted(bar))
        self.assertLess(bar[0], 3)

    def test_missing(self):
        self.assert_refused("absent", "maps", says=["absent.hdr"])
        self.assert_refused("kspace", "absent", says=["absent.hdr"])
        self.assert_refused("absent.h5", says=["absent.h5"])
        self.assert_refused("kspace", says=["MAPS are missing"])

    def test_empty(self):
        write("kspace", (6, 5, 1, 3), [0.0] * 180)
        self.assert_refused("kspace", "maps", says=["kspace: k-space is empty"])

    def test_truncated(self):
        path = pathlib.Path(session.folder) / "maps.cfl"
        path.write_bytes(path.read_bytes()[:-1])

        self.assert_refused("kspace", "maps", says=["maps.cfl"])

    def test_of_another_scan(self):
        write("maps", (6, 5, 1, 2))
        self.assert_refused("kspace", "maps", says=["maps", "2 coil maps of 5 x 6", "3 coils"])
        write("maps", (5, 6, 1, 3))
        self.assert_refused("kspace", "maps", says=["maps", "3 coil maps of 6 x 5", "5 x 6"])
        write("maps", (6, 5, 1, 3, 2))
        self.assert_refused("kspace", "maps", says=["maps", "dimension 4"])

    def test_not_finite(self):
        write("kspace", (6, 5, 1, 3), [0.5] * 90 + [float("nan")] + [0.5] * 89)
        self.assert_refused("kspace", "maps", says=["operator 1", "not finite"])

    def test_no_place_for_the_result(self):
        error = session.run(3, "kspace", "maps", "--output", "kspace.hdr/below", fails=True)

        self.assertEqual(error.count("coil_mri: "), 1)
        self.assertIn("kspace.hdr/below: cannot be made: Not a directory", error)

    def test_command_line(self):
        self.assert_refused(says=["KSPACE"])
        self.assert_refused("kspace", "maps", "--contrast", "1", says=["--contrast", "for ISMRMRD files"])
        self.assert_refused("kspace", "maps", "--lambda", "-1", says=["--lambda"])
        self.assert_refused("kspace", "maps", "--iterations", "many", says=["--iterations"])
        self.assert_refused("kspace", "maps", "--fast", "1", says=["unknown option --fast"])
        self.assert_refused("kspace", "maps", "-lambda", "1", says=["unknown option -lambda"])
        self.assertTrue(session.run(1, "--help").startswith("usage: coil_mri"))


if __name__ == "__main__":
    programs.main()
