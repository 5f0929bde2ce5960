# SPDX-License-Identifier: BSD-3-Clause
"""scripts/scorecard refuses bad options at once; the registry, the programs and docs/guarantees.md say the same."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from scorecard_support import ROOT
from checks import CHECKS

SCRIPT = ROOT / "scripts/scorecard"
NAMES = [check.name for check in CHECKS]


class Options(unittest.TestCase):
    def call(self, *arguments):
        return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False, timeout=20)

    def assert_refused(self, *arguments, says):
        result = self.call(*arguments)

        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(says, result.stderr)

    def test_help_and_list(self):
        for option in ("--help", "--list"):
            result = self.call(option)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
        for name in NAMES:
            self.assertIn(f"{name}: ", result.stdout)

    def test_unknown(self):
        self.assert_refused("--fast", says="unrecognized arguments: --fast")
        self.assert_refused("--only", "fatal_faults,none", says='there is no check "none"; there are: ' + " ".join(NAMES))
        self.assert_refused("--only", says="--only: expected one argument")

    def test_what_does_not_go_together(self):
        self.assert_refused("--quick", "--canaries", says="--canaries are quick already")
        self.assert_refused("--list", "--quick", says="--list lists all checks")
        self.assert_refused("--quick", "--only", "mpich", says="mpich has no quick form")

    def test_output(self):
        with tempfile.NamedTemporaryFile() as file:
            self.assert_refused("--output", file.name, says="is no folder")
            self.assert_refused("--output", f"{file.name}/below", says="cannot be written")
        self.assert_refused("--output", "", says="needs the name of a folder")
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "scorecard.json").write_text("{}", encoding="utf-8")
            self.assert_refused("--output", folder, says="is not what this script writes")


class Registry(unittest.TestCase):
    def test_names_differ(self):
        self.assertEqual(len(NAMES), len(set(NAMES)))

    def test_every_check_has_launches_a_goal_and_a_canary(self):
        for check in CHECKS:
            self.assertTrue(check.full and check.canary and check.planted and check.guarantee.endswith("."), check.name)
            self.assertGreater(check.goal.cases, 0, check.name)
            self.assertIn(check.found_by, ("cases", "all cases", "crash", "hang"), check.name)

    def test_programs_are_those_of_the_tree(self):
        text = (ROOT / "tests/scorecard/CMakeLists.txt").read_text("utf-8")
        text = (ROOT / "tests/scorecard/CMakeLists.txt").read_text("utf-8")
        built = set(re.findall(r"^misfit_add_check\((\w+)", text, re.M))
        built.update(re.findall(r"^add_dependencies\(misfit_scorecard misfit_(\w+)_check\)", text, re.M))
        launches = [launch for check in CHECKS for launch in (*check.full, *check.quick, *check.canary)]
        targets = {target for launch in launches for _, *names in launch.needs for target in names}

        self.assertEqual({f"misfit_{name}_check" for name in built},
                         {target for target in targets if target.endswith("_check")})
        for launch in launches:
            if launch.is_python:
                self.assertTrue((ROOT / launch.program).is_file(), launch.program)

    def test_the_page_of_guarantees_says_the_same(self):
        page = (ROOT / "docs/guarantees.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `.*$", page, re.M)

        self.assertEqual(rows, [f"| `{check.name}` | {check.guarantee} | {check.goal.text} | {check.planted} |" for check in CHECKS])


if __name__ == "__main__":
    unittest.main()
