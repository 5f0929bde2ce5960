# SPDX-License-Identifier: BSD-3-Clause
"""Mutants are written into a text, chosen, and counted as killed when a program fails, crashes or hangs; and then only."""

import collections
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts/support/scorecard/mutants"))

import killing  # noqa: E402
import mutant  # noqa: E402
import sample  # noqa: E402
import tree  # noqa: E402
from programs import Program, launch  # noqa: E402

PASSES = "print('[  PASSED  ] 1 test.')"


def program(code):
    return Program("stand_in.np1", pathlib.Path("stand_in"), 1, [sys.executable, "-c", code], {})


def one(text, part, kind, made, number=1):
    begin = text.index(part)
    found = mutant.Mutant("a.cpp", 1, begin, begin + len(part), kind, *made)
    found.number = number
    return found


class Texts(unittest.TestCase):
    def test_a_nested_mutant_stands_within_the_original(self):
        text = "// a\nif (i < n + 1) f();"
        outer = one(text, "i < n + 1", "relation", mutant.swapped("i", " < ", "n + 1", "<", "<="), 1)
        inner = one(text, "1", "literal", mutant.next_number("1"), 2)

        on = "::misfit_mutant::on"
        self.assertEqual(tree.rewritten(text, [inner, outer]), "#include <misfit_mutant.hpp>  // a\n"
                         f"if (({on}(1) ? (i <= n + 1) : (i < n + (1 + {on}(2))))) f();")

    def test_nothing_changes_without_mutants(self):
        self.assertEqual(tree.rewritten("// a\nf();", []), "// a\nf();")

    def test_the_compiler_s_errors_tell_which_do_not_compile(self):
        good, bad = one("f();", "f()", "deleted", mutant.deleted("f()")), one("f();", "f()", "deleted", mutant.deleted("f()"))
        good.file, good.line, bad.file, bad.line = "core/a.cpp", 3, "core/b.cpp", 7
        output = "In file /x/tree/core/a.cpp:3:1: note: from here\n/x/tree/core/b.cpp:7:20: error: no match\n"

        self.assertEqual(tree.culprits(output, [good, bad]), [bad])


class Choice(unittest.TestCase):
    def candidates(self):
        return {f"{file}.cpp": [mutant.Mutant(f"{file}.cpp", at, at, at + 1, kind, "", "", "", f"line {at}")
                                for at in range(10 + 40 * file) for kind in ("literal", "relation")] for file in range(4)}

    def test_all_files_have_some_and_no_place_two(self):
        chosen = sample.choose(self.candidates(), 40, seed=1)

        self.assertEqual(len(chosen), 40)
        self.assertEqual(len({m.file for m in chosen}), 4)
        self.assertEqual(max(collections.Counter((m.file, m.begin) for m in chosen).values()), 1)
        self.assertEqual([m.number for m in chosen], list(range(1, 41)))

    def test_a_seed_gives_the_same_once_more(self):
        self.assertEqual(sample.choose(self.candidates(), 40, seed=2), sample.choose(self.candidates(), 40, seed=2))

    def test_a_change_of_the_code_leaves_the_choice_elsewhere_as_it_was(self):
        more = self.candidates()
        more["1.cpp"].insert(0, mutant.Mutant("1.cpp", 99, 99, 100, "literal", "", "", "", "a new line"))
        before, after = [{(m.file, m.code, m.kind) for m in sample.choose(found, 40, seed=1)} for found in (self.candidates(), more)]

        self.assertLessEqual(len(before - after), 2)
        self.assertNotEqual(before, {(m.file, m.code, m.kind) for m in sample.choose(more, 40, seed=2)})


class Launches(unittest.TestCase):
    def test_what_a_program_does_is_told_apart(self):
        for expected, code in (("", PASSES), ("crash", "import os; os.abort()"), ("no verdict", "pass"),
                               ("hang", "import time; time.sleep(60)"),
                               ("failure", "print('a.cpp:3: Failure', flush=True); import time; time.sleep(60)"),
                               ("failure", "print('[rank 1] a.cpp:3: x', flush=True); import time; time.sleep(60)")):
            what, seconds = launch(program(code), 2 if expected == "hang" else 30)
            self.assertEqual(what, expected, code)
            self.assertLess(seconds, 40)

    def test_only_a_mutant_for_which_a_test_fails_is_killed(self):
        reach = killing.Reach(program("import os; " + PASSES + " if os.environ['MISFIT_MUTANT'] != '7' else os.abort()"),
                              {"A.a": 0.1}, {"A.a": {6, 7}}, 0.1)
        for number, expected, launches in ((6, None, 1), (7, "stand_in.np1", 1), (8, None, 0)):
            found = one("f();", "f()", "deleted", mutant.deleted("f()"), number)
            result = killing.killed(found, [reach], 60, say=lambda text: None)
            self.assertEqual((result["killed_by"], result["launches"]), (expected, launches), number)

    def test_a_failure_counts_only_where_the_program_passes_without_the_mutant(self):
        self.assertEqual(killing.outcome(program("import os; os.abort()"), 30, 7, {})[0], "")

    def test_a_hang_counts_only_where_the_program_ends_without_the_mutant(self):
        hangs = program("import os, time; time.sleep(60 if os.environ['MISFIT_MUTANT'] == '7' else 0); " + PASSES)
        self.assertEqual(killing.outcome(hangs, 10, 7, {})[0], "hang")
        self.assertEqual(killing.outcome(program("import time; time.sleep(60)"), 1, 7, {})[0], "")

    def test_without_tests_none_is_killed(self):
        found = one("f();", "f()", "deleted", mutant.deleted("f()"))
        self.assertIsNone(killing.killed(found, [], 60, say=lambda text: None)["killed_by"])

    def test_an_explanation_is_of_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "explained.json"
            path.write_text(json.dumps([{"file": "a.cpp", "code": "f();", "change": "without f()", "why": "none"}]), encoding="utf-8")
            known = killing.explanations(path)
        result = {"file": "a.cpp", "code": "f();", "change": "without f()"}
        self.assertEqual(killing.explained(result, known), "none")
        self.assertIsNone(killing.explained({**result, "code": "g();"}, known))


if __name__ == "__main__":
    unittest.main()
