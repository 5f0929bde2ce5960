# SPDX-License-Identifier: BSD-3-Clause
"""What scripts/scaling_study takes of what the jobs have left, and the lines that it prints of every point."""

import contextlib
import io
import json
import pathlib
import tempfile
import unittest
from unittest import mock

from scaling_support import benchmark, call, results

import collected
import options
import result_lines
import slurm
import table
from bad_input import BadInput


class Collect(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name) / "study"
        silent = mock.patch("builtins.print")
        silent.start()
        self.addCleanup(silent.stop)

    def write(self, *more, ranks="4"):
        slurm.write(options.parse(["--slurm", str(self.folder), "--ranks", ranks, "--quick", "--family", "mask", *more]))
        plan = self.folder / "study.json"
        text = json.loads(plan.read_text())
        plan.write_text(json.dumps({**text, "revision": "abc"}))
        return text["jobs"]

    def leave(self, job, number=7, **context):
        usual = {"mpi_nodes": str(job["nodes"]), "mpi_ranks_per_node": str(job["ranks_per_node"]), "git_revision": "abc",
                 "kokkos_concurrency": str(job["threads"]), "slurm_job": str(number), "nodelist": "a[1 2]",
                 "processor": "fast", "memory_kib": str(3 << 20), "num_cpus": 128, "system": "Linux 9",
                 "kokkos_execution_space": "OpenMP" if job["threads"] > 1 else "Serial"}
        found = results(*(benchmark(case) for case in job["cases"]), ranks=job["ranks"], **{**usual, **context})
        (self.folder / f"{job['name']}.{number}.json").write_text(json.dumps(found))

    def refused(self, says, **options):
        with self.assertRaises(BadInput) as caught:
            collected.collect(self.folder, **options)
        self.assertIn(says, str(caught.exception))
        self.assertEqual(len(str(caught.exception).splitlines()), 1)

    def test_what_was_written(self):
        for job in self.write("--ranks_per_node", "2"):
            self.leave(job)
        found = collected.collect(self.folder)

        self.assertIn("--ranks_per_node", found.options)
        self.assertEqual((found.case, [run["ranks"] for run in found.runs], found.missing, found.remarks),
                         ("default", [1, 2, 4], [], []))
        self.assertEqual([(job["job"], job["nodes"], job["ranks_per_node"], job["revision"], job["backend"])
                          for job in found.jobs], [("7", 1, 1, "abc", "Serial"), ("7", 1, 2, "abc", "Serial"),
                                                   ("7", 2, 2, "abc", "Serial")])
        self.assertEqual(collected.context_of(found, [])["machine"], {
            "processor": "fast", "cores_visible": 128, "memory_gib": 3, "system": "Linux 9", "revision": "abc", "date": None})

    def test_the_latest_result_of_a_job(self):
        for job in self.write():
            self.leave(job, 9)
            self.leave(job, 10)
        self.assertEqual({job["job"] for job in collected.collect(self.folder).jobs}, {"10"})

    def test_a_failed_rerun_does_not_leave_the_old_result(self):
        jobs = self.write()
        for job in jobs:
            self.leave(job, 9)
        (self.folder / "01-2-ranks.10.part").touch()
        says = ("1 of 3 jobs: 01-2-ranks (job 10 runs or has failed, see 01-2-ranks.10.log, and that of job 9 is older "
                "(to take it, remove 01-2-ranks.10.part))")
        self.refused(says)
        found = collected.collect(self.folder, partial=True)
        self.assertEqual(([run["ranks"] for run in found.runs], found.remarks), ([1, 4], [f"Results are missing of {says}."]))

    def test_incomplete_folder(self):
        self.refused("study.json")
        self.folder.mkdir()
        (self.folder / "study.json").write_text(
            '{"case": "default", "revision": "abc", "cache_bytes": 1, "options": [], "jobs": []}')
        self.refused("no jobs")
        (self.folder / "study.json").unlink()
        jobs = self.write()
        self.refused("lacks 3 of 3 jobs: 00-1-ranks (never started)", partial=True)
        self.leave(jobs[0])
        self.refused("lacks 2 of 3 jobs: 01-2-ranks (never started); 02-4-ranks (never started)")
        output = self.folder.parent / "report"
        result = call("--collect", self.folder, "--output", output)
        self.assertEqual((result.returncode, output.exists()), (1, False))
        self.assertIn("--partial reports on the others", result.stderr)

    def test_results_that_are_none(self):
        jobs = self.write()
        for job in jobs:
            self.leave(job)
        (self.folder / "01-2-ranks.7.json").write_text("{")
        self.refused("01-2-ranks.7.json: no results")
        self.leave({**jobs[1], "cases": jobs[1]["cases"][1:]})
        self.refused("lacks mask/strong")

    def test_results_of_something_else_than_was_asked(self):
        jobs = self.write("--ranks_per_node", "2", "--threads", "2")
        for context, says in (({"mpi_ranks": "1"}, "is of 1 rank(s), not of 4: were the ranks"),
                              ({"mpi_nodes": "4"}, "is of 4 node(s), not of 2"),
                              ({"mpi_ranks_per_node": "3"}, "is of 3 rank(s) a node, not of 2"),
                              ({"kokkos_concurrency": "4"}, "is of 4 thread(s) a rank, not of 2"),
                              ({"git_revision": "old"}, "is of revision old, and the study of abc")):
            for job in jobs:
                self.leave(job, **({"kokkos_execution_space": "OpenMP"} if job["threads"] == 1 else {}))
            self.leave(jobs[-1], **context)
            self.refused(f"/03-4-ranks-2-threads.7.json: {says}")

    def test_gpus_that_were_not_used(self):
        for job in self.write("--gpus_per_node", "2", "--threads", "8"):
            self.leave(job)
        self.refused("ran with Kokkos's OpenMP, which uses none of the GPUs")

    def test_gpus_count_as_one_thread(self):
        for job in self.write("--gpus_per_node", "2", "--threads", "8"):
            self.leave(job, kokkos_execution_space="Cuda", kokkos_concurrency="100000")
        self.assertEqual([(run["ranks"], run["threads"]) for run in collected.collect(self.folder).runs],
                         [(1, 1), (2, 1), (4, 1)])

    def test_jobs_that_differ(self):
        jobs = self.write()
        for key, name in collected.COMMON.items():
            for job in jobs:
                self.leave(job)
            self.leave(jobs[1], **{key: "unknown"})
            self.refused(f"01-2-ranks.7.json: {name} is unknown, and ")

    def test_cache_that_is_larger_than_was_thought(self):
        for job in self.write():
            self.leave(job, caches=[{"level": 2, "size": 1 << 20, "num_sharing": 2}, {"level": 3, "size": 1 << 27, "num_sharing": 16}])
        self.assertIn("have 1073741824 bytes of cache, more than the 134217728", collected.collect(self.folder).remarks[0])


class Tables(unittest.TestCase):
    def test_of_jobs_fits_on_a_terminal(self):
        job = {"job": "12345678", "name": "03-64-ranks-16-threads", "ranks": 64, "nodes": 16, "ranks_per_node": 4,
               "threads": 16, "nodelist": "node[0001-0003 0007-0015 1000]", "backend": "OpenMP", "revision": "abcdef0-dirty",
               "date": "2026-01-01T00:00:00+00:00"}
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            table.show_jobs({"jobs": [job], "remarks": ["A remark of many words. " * 10]})

        self.assertIn("12345678 03-64-ranks-16-threads    64    16      4      16", printed.getvalue())
        self.assertLessEqual(max(map(len, printed.getvalue().splitlines())), 100)


class Lines(unittest.TestCase):
    def test_of_one_form(self):
        point = {"kind": "measured", "case": "mask/strong/16/9/fn/slabs", "form": "slabs", "ranks": 2, "threads": 1,
                 "nodes": 1, "ms": 9.0581748, "ms_low": 8.5, "ms_high": 10.0}
        self.assertEqual(result_lines.line(point), "RESULT case=mask/strong/16/9/fn/slabs ranks=2 threads=1 nodes=1 "
                                                   "ms=9.05817 low=8.5 high=10 kind=measured form=slabs")

    def test_the_page_quotes_the_form(self):
        page = pathlib.Path(__file__).resolve().parents[2] / "docs/scaling_study.md"
        point = {"kind": "measured", "case": "mask/strong/16/65536/fn_and_grad/slabs", "form": "slabs", "ranks": 2,
                 "threads": 1, "nodes": 1, "ms": 9.05817, "ms_low": 8.91204, "ms_high": 9.20313}
        self.assertIn(f"```text\n{result_lines.line(point)}\n```", page.read_text(encoding="utf-8"))

    def test_decimals_are_plain(self):
        for value, text in ((0.0, "0"), (1.23456789e-05, "0.0000123457"), (1e-9, "0.000000001"), (123456789.0, "123457000"),
                            (100.0, "100"), (3, "3"), (1e22, "1" + 22 * "0")):
            self.assertEqual(result_lines.plain(value), text)


if __name__ == "__main__":
    unittest.main()
