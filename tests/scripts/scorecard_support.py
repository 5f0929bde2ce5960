# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of scripts/scorecard have in common: checks of programs that stand in for those of tests/scorecard."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = ROOT / "scripts/support/scorecard"
sys.path.insert(0, str(FOLDER))

import card  # noqa: E402
import options  # noqa: E402
import report  # noqa: E402
from model import Check, Goal, Launch  # noqa: E402

# Of a program: what it does.
HOLDS = "print('result {\"tried\": 3, \"held\": 3, \"figure\": 0.5}')"
WORSE = "print('result {\"tried\": 2, \"held\": 2, \"figure\": 0.75}')"
PLAIN = "print('result {\"tried\": 2, \"held\": 2}')"
BITS = "print('hash f, 5 operators 00000000000000%s'); " + PLAIN
NO_NUMBER = "print('result {\"tried\": 2, \"held\": 2, \"figure\": \"nan\"}')"
BROKEN = "print('case 7 is wrong', file=sys.stderr); print('result {\"tried\": 4, \"held\": 3}'); sys.exit(1)"
HANGS = "time.sleep(60)"
CRASHES = "os.abort()"
SILENT = "print('that was all')"
ALL_FOUND = "print('result {\"tried\": 4, \"held\": 0}')"
NOTHING = "print('result {\"tried\": 0, \"held\": 0}')"
FAILS_AFTER = f"{PLAIN}; sys.exit(3)"
AS_TOLD = f"exec({BROKEN!r} if '--canary' in sys.argv else {PLAIN!r})"


class ScorecardTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.made = 0

    def launch(self, text, limit=20):
        self.made += 1
        file = self.folder / f"program{self.made}.py"
        file.write_text(f"import os, sys, time\n{text}\n", encoding="utf-8")
        return Launch(str(file), limit=limit)

    def check(self, *programs, name="some", cases=1, figure=None, canary=BROKEN, limit=20, **rest):
        full = tuple(self.launch(text, limit) for text in programs)
        return Check(name=name, guarantee="It is so.", goal=Goal("all", cases, figure), full=full, quick=full[:1],
                     canary=(self.launch(canary, limit),), planted="another", **rest)

    def run_card(self, *checks, words=()):
        """Exit status, what was printed, and scorecard.json."""
        output, progress = io.StringIO(), io.StringIO()
        with mock.patch.object(options, "CHECKS", checks), mock.patch.object(report, "CHECKS", checks), \
                contextlib.redirect_stdout(output), contextlib.redirect_stderr(progress):
            asked = options.parse(["--output", str(self.folder / "out"), *words])
            status = card.run(asked)
        self.progress = progress.getvalue()
        return status, output.getvalue(), json.loads((self.folder / "out/scorecard.json").read_text(encoding="utf-8"))
