# SPDX-License-Identifier: BSD-3-Clause
"""placement_test.py PROGRAM ...: docs/distribution.md quotes what the example prints."""

import pathlib
import subprocess
import sys
import unittest

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/distribution.md"


class Placement(unittest.TestCase):
    def test_the_page_quotes_the_table(self):
        printed = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True, timeout=60).stdout
        self.assertEqual(len(printed.splitlines()), 8)
        self.assertIn(f"```text\n{printed}```", PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
