# SPDX-License-Identifier: BSD-3-Clause
"""What each family of benchmarks writes is what the reports read: small cases of all of them, in one round.

benchmark_families_real_test.py MPIEXEC FLAG FOLDER: with the programs of the benchmarks in FOLDER.
"""

import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "support"))
import benchmark_report  # noqa: E402  (the line above makes it importable)

MPIEXEC, FLAG, FOLDER = sys.argv[1:4]


class Families(unittest.TestCase):
    def test_reports_read_them(self):
        programs = sorted(pathlib.Path(FOLDER).glob("*_benchmark"))
        self.assertGreater(len(programs), 5)
        for ranks in (1, 2):
            for program in programs:
                with self.subTest(program=program.name, ranks=ranks), tempfile.TemporaryDirectory() as raw:
                    subprocess.run([MPIEXEC, FLAG, str(ranks), program, "--quick", "--rounds=1", "--cache_bytes=65536",
                                    f"--benchmark_out={raw}/family.json", "--benchmark_out_format=json"],
                                   check=True, capture_output=True, timeout=200)
                    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
                        status = benchmark_report.main(["report", raw])
                    self.assertEqual((status, said.getvalue()), (0, ""))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
