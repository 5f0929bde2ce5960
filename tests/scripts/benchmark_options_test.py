# SPDX-License-Identifier: BSD-3-Clause
"""scripts/benchmark refuses bad options at once: before it installs, builds or runs anything."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts/benchmark"


class Options(unittest.TestCase):
    def call(self, *arguments):
        return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False,
                              timeout=20)

    def assert_refused(self, *arguments, says):
        result = self.call(*arguments)
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(says, result.stderr)

    def test_help(self):
        result = self.call("--help")

        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("usage: scripts/benchmark", result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 100)

    def test_unknown_option(self):
        self.assert_refused("--fast", says="unknown option --fast")

    def test_unknown_family_lists_the_known(self):
        self.assert_refused("--family", "masks", says="mask dense sparse blur fourier radon many linearization reproducible")
        self.assert_refused("--family", "mask dense", says="mask dense sparse blur fourier radon many linearization reproducible")

    def test_option_without_value(self):
        for option in ("--family", "--compare", "--ranks", "--output"):
            self.assert_refused(option, says=f"{option} needs a value")
            self.assert_refused(option, "", says=f"{option} needs a value")

    def test_ranks(self):
        for ranks in ("0", "-1", "two", "1.5", "010"):
            self.assert_refused("--ranks", ranks, says="--ranks: a number from 1 on")
        self.assert_refused("--ranks", "99999", says="--oversubscribe allows it")

    def test_file_to_compare_with(self):
        self.assert_refused("--compare", "/no/such/file.json", says="is not a readable file")
        self.assert_refused("--compare", "/", says="is not a readable file")

    def test_output_that_cannot_be_written(self):
        with tempfile.NamedTemporaryFile() as file:
            self.assert_refused("--output", file.name, says="is no folder")
            self.assert_refused("--output", f"{file.name}/below", says="cannot be written")

    def test_results_of_an_earlier_run_are_not_overwritten(self):
        with tempfile.TemporaryDirectory() as folder:
            earlier = pathlib.Path(folder, "results.json")
            earlier.write_text("{}", encoding="utf-8")
            self.assert_refused("--output", folder, says="no other overwrites")
            self.assert_refused("--output", folder, "--compare", str(earlier), says="no other overwrites")
            self.assertEqual(earlier.read_text(encoding="utf-8"), "{}")


class Environment(unittest.TestCase):
    """What scripts set before they call mpiexec."""

    def policy(self, **environment):
        result = subprocess.run(["bash", "-c", 'source "$0"; set_mpi_environment; echo "$OMPI_MCA_hwloc_base_binding_policy"',
                                 SCRIPT.parent / "support/common.sh"],
                                capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"], **environment})
        return result.stdout.strip()

    def test_threads_of_a_rank_are_not_bound_to_one_core(self):
        self.assertEqual(self.policy(), "")
        self.assertEqual(self.policy(OMP_NUM_THREADS="1"), "")
        self.assertEqual(self.policy(OMP_NUM_THREADS="2"), "none")
        self.assertEqual(self.policy(OMP_NUM_THREADS="2,1"), "none")
        self.assertEqual(self.policy(OMP_NUM_THREADS="2", OMPI_MCA_hwloc_base_binding_policy="socket"), "socket")


if __name__ == "__main__":
    unittest.main()
