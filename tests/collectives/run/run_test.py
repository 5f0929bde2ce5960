# SPDX-License-Identifier: BSD-3-Clause
"""misfit::run(): what ends one rank or all is said once, and ends all, at any number of ranks."""

import os
import subprocess
import sys
import time
import unittest
import unittest.mock

PROGRAM, MPIEXEC, COUNT_FLAG = sys.argv[1:4]
RANKS = (1, 2, 3, 5)
TEXT = "what went wrong"


def run(ranks, *arguments):
    """Exit status and all that was printed; a hang is an error."""
    done = subprocess.run([MPIEXEC, COUNT_FLAG, str(ranks), PROGRAM, *map(str, arguments)], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          env=os.environ | {"KOKKOS_DISABLE_WARNINGS": "1"})  # of more threads than cores
    return done.returncode, done.stdout


class Run(unittest.TestCase):
    def assert_said_once(self, ranks, *arguments, says=TEXT, aborts=False):
        start = time.monotonic()
        status, output = run(ranks, *arguments)
        what = f"{ranks} ranks, {arguments}: exit {status}\n{output}"

        self.assertNotEqual(status, 0, what)
        self.assertLess(time.monotonic() - start, 20, what)
        self.assertEqual(output.count(says), 1, what)
        for word in ("terminate called", "not reached", "Signal"):
            self.assertNotIn(word, output, what)
        if not aborts:  # else Open MPI says so most times, but not always
            self.assertNotIn("MPI_ABORT", output, what)
        line = next(line for line in output.splitlines() if says in line)
        self.assertIn("run_program: ", line)
        return line[line.index("run_program: ") + len("run_program: "):]

    def test_no_error(self):
        for ranks in RANKS:
            self.assertEqual(run(ranks, "well", 0), (0, ""))
            status, output = run(ranks, "nothing")
            self.assertEqual((status, output.count("status 0, Kokkos 0\n")), (0, ranks), output)

    def test_status_of_one_rank(self):
        for ranks in RANKS:
            for rank in {0, ranks - 1}:
                self.assertEqual(run(ranks, "status", rank)[0], rank + 10)

    def test_status_of_one_rank_is_known_to_all(self):
        for ranks in (1, 2, 5, 7, 8):
            status, output = run(ranks, "known", ranks // 2)
            self.assertEqual((status, output.count(f"known {ranks // 2 + 10}\n")), (0, ranks), output)

    def test_error_of_a_collective_call(self):
        for ranks in RANKS:
            for rank in {0, ranks - 1}:
                line = self.assert_said_once(ranks, "agreed", rank)
                self.assertEqual(line, f"working: rank {rank}: threw: {TEXT}")

    def test_thrown_by_all(self):
        for ranks in RANKS:
            self.assertEqual(self.assert_said_once(ranks, "all", 0), TEXT)
            self.assertEqual(self.assert_said_once(ranks, "all_slowly", 0), TEXT)
            whole = f"{TEXT} with 0"
            self.assertEqual(self.assert_said_once(ranks, "all_differently", 0),
                             whole if ranks == 1 else f"rank 0: {whole}")

    def test_thrown_by_one_that_the_others_wait_for(self):
        for ranks in RANKS[1:]:
            for rank in {0, ranks - 1}:
                self.assertEqual(self.assert_said_once(ranks, "alone", rank, aborts=True), f"rank {rank}: {TEXT}")
        line = self.assert_said_once(3, "others_wait_in_mpi", 1, aborts=True)
        self.assertEqual(line, f"rank 1: {TEXT}")

    def test_thrown_by_one_while_others_compute(self):
        self.assertEqual(self.assert_said_once(3, "others_compute", 1, aborts=True), f"rank 1: {TEXT}")

    def test_one_that_never_arrives(self):
        with unittest.mock.patch.dict(os.environ, {"MISFIT_TIMEOUT": "0.5"}):
            for rank in (0, 2):
                line = self.assert_said_once(3, "never_arrives", rank, says="did not arrive", aborts=True)
                self.assertEqual(line, f"rank {1 if rank == 0 else 0}: sum: rank {rank} did not arrive within 0.5 s")

    def test_thrown_by_one_after_the_others(self):
        for ranks in RANKS[1:]:
            for rank in {0, ranks - 1}:
                self.assertEqual(self.assert_said_once(ranks, "others_done", rank), f"rank {rank}: {TEXT}")

    def test_thrown_by_all_but_one(self):
        for ranks in RANKS[2:]:
            for rank in {0, 1, ranks - 1}:
                line = self.assert_said_once(ranks, "all_but_one", rank, aborts=True)
                self.assertEqual(line, f"rank {1 if rank == 0 else 0}: {TEXT}")

    def test_of_any_type(self):
        for ranks in (1, 3):
            for how, says in (("memory", "std::bad_alloc"), ("unknown", "an exception that is no std::exception")):
                line = self.assert_said_once(ranks, how, 1, says=says, aborts=ranks > 1)
                self.assertEqual(line, says if ranks == 1 else f"rank 1: {says}")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
