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

            self.assertIn(f"3 coils of 5 x 6 on {ranks} ranks, 100.0 % of k-space sampled", out)
        self.assertEqual((pathlib.Path(session.folder) / "good.cfl").stat().st_size, 6 * 5 * 8)
        self.assertTrue((pathlib.Path(session.folder) / "good.png").read_bytes().startswith(b"\x89PNG"))

    def test_nothing_is_written_where_no_place_is_named(self):
        before = sorted(os.listdir(session.folder))
        session.run(2, "kspace", "maps")

        self.assertEqual(sorted(os.listdir(session.folder)), before)

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
        error = session.run(3, "kspace", "maps", "--output", "no/such/folder", fails=True)

        self.assertIn("no/such/folder", error)

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
