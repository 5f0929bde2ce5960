# SPDX-License-Identifier: BSD-3-Clause
"""coil_mri on small ISMRMRD files, whose matrices, encodings and contrasts differ: the image that they were made of."""

import array
import pathlib
import subprocess
import unittest

import programs
from programs import session


def values(name):
    """Real and imaginary parts in turn."""
    read = array.array("f")
    read.frombytes((pathlib.Path(session.folder) / f"{name}.cfl").read_bytes())
    return read


def extents(name):
    return (pathlib.Path(session.folder) / f"{name}.hdr").read_text().splitlines()[1].split()[:3]


class Scans(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([*session.tools, session.folder], check=True, timeout=60)

    def assert_right(self, ranks, name, *options):
        out = session.run(ranks, f"{name}.h5", "--lambda", "0", "--output", "image", *options)
        image, right = values("image/image"), values(f"{name}_right")
        self.assertEqual(extents("image/image"), extents(f"{name}_right"))
        for a, b in zip(image, right):
            self.assertLess(abs(a - b), 1e-4)
        return out

    def test_the_image_has_its_own_matrix(self):
        for name, extent in (("equal", "16 16 1"), ("finer", "16 16 1"), ("coarser", "8 8 1"), ("mixed", "12 8 1"),
                             ("oversampled", "16 12 1")):
            for ranks in (1, 3, 5):
                with self.subTest(name, ranks=ranks):
                    out = self.assert_right(ranks, name)
                    self.assertEqual(" ".join(extents("image/image")), extent)
                    self.assertIn("100.0 % of k-space sampled", out)

    def test_fields_of_view_that_lie_fill_no_memory(self):
        error = session.run(3, "lying.h5", fails=True)
        self.assertEqual(error.count("lying.h5: encodes a field of view of 30000.0"), 1)

    def test_encodings_and_contrasts_are_chosen(self):
        out = self.assert_right(2, "choices", "--encoding", "1", "--contrast", "1")
        self.assertIn("Notice: acquisitions left out, since outside of the encoding limits: 1\n", out)
        for options, words in (([], "imaging data of encodings 0 and 1"),
                               (["--encoding", "1"], "one of 2 contrasts has to be named"),
                               (["--encoding", "2"], "encoding 2 of 2"),
                               (["--encoding", "1", "--contrast", "1", "--set", "1"], "set 1 of 1"),
                               (["--encoding", "1", "--contrast", "1", "--phase", "2"], "phase 2 of 1")):
            error = session.run(3, "choices.h5", *options, fails=True)
            said = [line for line in error.splitlines() if "coil_mri: " in line]
            self.assertEqual(len(said), 1, error)
            self.assertIn(words, said[0])


if __name__ == "__main__":
    programs.main(tools=1)
