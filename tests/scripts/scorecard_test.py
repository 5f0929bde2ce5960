# SPDX-License-Identifier: BSD-3-Clause
"""scripts/scorecard: what it makes of programs that hold, fail, hang, crash or say nothing."""

import os
import subprocess
import sys
import tempfile
import time
import unittest

import scorecard_support as stand_in
from scorecard_support import ROOT, ScorecardTest

sys.path.insert(0, str(ROOT / "tests/scorecard/fatal_faults"))
import fatal_faults  # noqa: E402


class Runs(ScorecardTest):
    def assert_fails(self, check, says):
        status, output, stored = self.run_card(check)

        self.assertEqual(status, 1, output)
        self.assertIn(says, stored["checks"]["some"]["run"]["verdict"])
        self.assertIn("0 of 1 checks hold", output)
        self.assertIn("Not: some.", output)
        return output

    def test_cases_add_up_and_the_worst_figure_counts(self):
        status, output, stored = self.run_card(self.check(stand_in.HOLDS, stand_in.WORSE, figure=0.8, cases=5))

        run = stored["checks"]["some"]["run"]
        self.assertEqual((status, run["tried"], run["held"], run["figure"], run["verdict"]), (0, 5, 5, 0.75, "holds"))
        self.assertRegex(output, r"some +5 +5 +0\.75 +all +\d+ s +holds")
        self.assertIn("1 of 1 checks hold, 5 cases.", output)
        self.assertIn("[1 of 1] some: launch 2 of 2", self.progress)

    def test_cases_that_do_not_hold(self):
        output = self.assert_fails(self.check(stand_in.PLAIN, stand_in.BROKEN), "1 of 6 do not hold")
        self.assertIn("case 7 is wrong", output)

    def test_a_hang(self):
        start = time.monotonic()
        self.assert_fails(self.check(stand_in.PLAIN, stand_in.HANGS, limit=4), "launch 2: hung (4 s)")
        self.assertLess(time.monotonic() - start, 30)

    def test_a_crash(self):
        self.assert_fails(self.check(stand_in.CRASHES), "launch 1: crashed (exit status -6)")

    def test_no_result_line(self):
        self.assert_fails(self.check(stand_in.SILENT), "launch 1: no result line")

    def test_a_program_that_is_missing(self):
        self.assert_fails(self.check("raise FileNotFoundError"), "launch 1: crashed (exit status 1)")

    def test_an_exit_status_that_says_otherwise(self):
        self.assert_fails(self.check(stand_in.FAILS_AFTER), "exit status 3 after its result")

    def test_nothing_tried(self):
        self.assert_fails(self.check(stand_in.NOTHING), "launch 1: tried nothing")

    def test_figures(self):
        self.assert_fails(self.check(stand_in.WORSE, figure=0.7), "the figure is 0.75")
        self.assert_fails(self.check(stand_in.PLAIN, figure=0.7), "no figure")
        self.assert_fails(self.check(stand_in.HOLDS, stand_in.NO_NUMBER), "the figure is nan")

    def test_hashes_of_several_launches(self):
        self.assert_fails(self.check(stand_in.BITS % "aa", stand_in.BITS % "ab"), "f, 5 operators has 2 hashes")

        _, _, stored = self.run_card(self.check(stand_in.BITS % "aa", stand_in.BITS % "aa"))

        self.assertTrue(stored["checks"]["some"]["run"]["holds"])
        self.assertEqual(stored["checks"]["some"]["run"]["launches"][0]["hashes"], {"f, 5 operators": "00000000000000aa"})

    def test_fewer_cases_than_the_goal(self):
        check = self.check(stand_in.PLAIN, stand_in.PLAIN, cases=5)
        self.assert_fails(check, "4 cases, 5 are the goal")

        status, output, stored = self.run_card(check, words=["--quick"])

        self.assertEqual((status, stored["checks"]["some"]["run"]["tried"]), (0, 2))
        self.assertIn("holds in 2 of the 5 cases of a full run", output)
        self.assertIn("which does not claim the goals", output)


class Canaries(ScorecardTest):
    def test_caught(self):
        status, output, stored = self.run_card(self.check(stand_in.PLAIN, canary=stand_in.AS_TOLD), words=["--canaries"])

        self.assertEqual((status, stored["checks"]["some"]["canary"]["verdict"]), (0, "caught"))
        self.assertRegex(output, r"some +\d+ s  caught: another")
        self.assertIn("1 of 1 planted faults are caught.", output)

    def test_not_caught(self):
        good = self.check(stand_in.PLAIN, name="good")
        status, output, stored = self.run_card(good, self.check(stand_in.PLAIN, canary=stand_in.PLAIN), words=["--canaries"])

        self.assertEqual(status, 1)
        self.assertIn("not caught: ", stored["checks"]["some"]["canary"]["verdict"])
        self.assertIn("1 of 2 planted faults are caught. Not: some.", output)

    def test_figures_that_are_no_numbers_are_shown_by_later_runs(self):
        endless = stand_in.NO_NUMBER.replace("nan", "inf")
        checks = (self.check(stand_in.NO_NUMBER, figure=1), self.check(endless, name="other", figure=1))
        self.assertEqual(self.run_card(*checks)[0], 1)
        stored = self.run_card(*checks, words=["--only", "other"])[2]
        self.assertEqual([stored["checks"][name]["run"]["figure"] for name in ("some", "other")], ["nan", "inf"])

    def test_a_crash_is_no_catch_unless_it_must_be(self):
        for found_by, canary, status in (("cases", stand_in.CRASHES, 1), ("crash", stand_in.CRASHES, 0),
                                         ("crash", stand_in.BROKEN, 1), ("hang", stand_in.HANGS, 0),
                                         ("all cases", stand_in.BROKEN, 1), ("all cases", stand_in.ALL_FOUND, 0)):
            check = self.check(stand_in.PLAIN, canary=canary, found_by=found_by, limit=0.7 if found_by == "hang" else 60)
            self.assertEqual(self.run_card(check, words=["--canaries"])[0], status, found_by)

    def test_a_figure_beyond_the_goal_is_a_catch(self):
        check = self.check(stand_in.HOLDS, canary=stand_in.WORSE, figure=0.5)
        self.assertEqual(self.run_card(check, words=["--canaries"])[0], 0)


class Records(ScorecardTest):
    def test_the_page_shows_checks_and_canaries_of_several_runs(self):
        checks = [self.check(stand_in.PLAIN), self.check(stand_in.BROKEN, name="other"), self.check(stand_in.HOLDS, name="third")]
        self.run_card(*checks, words=["--only", "some"])
        self.run_card(*checks, words=["--only", "some,other"])
        self.run_card(*checks, words=["--only", "some", "--canaries"])

        page = (self.folder / "out/scorecard.html").read_text(encoding="utf-8")
        for words in ("It is so.", "1 of 2</b>checks that ran hold", "6</b>cases tried", "1 of 1</b>canaries", "not run",
                      "failed: 1 of 4 do not hold", "case 7 is wrong"):
            self.assertIn(words, page)

    def test_it_says_where_and_of_what(self):
        _, _, stored = self.run_card(self.check(stand_in.NO_NUMBER))

        for name in ("processor", "system", "compiler", "mpi", "kokkos"):
            self.assertTrue(stored["platform"][name])
        run = stored["checks"]["some"]["run"]
        self.assertTrue(stored["revision"] and run["revision"] and run["date"])
        self.assertEqual((run["figure"], run["launches"][0]["end"]), ("nan", "result"))

    def test_what_is_left_out_of_quick_runs_is_said(self):
        check = self.check(stand_in.HOLDS)
        others = type(check)(**{**vars(check), "name": "long", "quick": ()})
        _, output, stored = self.run_card(check, others, words=["--quick"])

        self.assertIn("long: only in a full run", output)
        self.assertEqual(list(stored["checks"]), ["some"])


class Leftovers(ScorecardTest):
    """What the check fatal_faults looks for after a job."""

    def test_none(self):
        self.assertEqual(fatal_faults.left_behind(self.folder, "no such mark", set()), [])

    def test_processes_files_and_shared_memory(self):
        (self.folder / "core").touch()
        with tempfile.NamedTemporaryFile(dir="/dev/shm") as shared, \
                subprocess.Popen(["sleep", "60"], env={**os.environ, fatal_faults.MARK: "here"}) as process:
            found = fatal_faults.left_behind(self.folder, "here", {shared.name})
            process.wait()

        self.assertEqual(found, [f"1 processes left: {process.pid}", f"1 files left: {self.folder}/core",
                                 f"1 shared memory left: {shared.name}"])

    def test_shared_memory_is_found_where_it_is_mapped(self):
        program = ("import mmap, sys; f = open(sys.argv[1], 'r+b'); m = mmap.mmap(f.fileno(), 0);"
                   "print(flush=True); input()")
        with tempfile.NamedTemporaryFile(dir="/dev/shm") as shared:
            shared.write(b"1")
            shared.flush()
            with subprocess.Popen([sys.executable, "-c", program, shared.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                process.stdout.readline()
                found = fatal_faults.shared_memory_of([process.pid])
                process.communicate(b"\n")

        self.assertEqual(found, {shared.name})


if __name__ == "__main__":
    unittest.main()
