# SPDX-License-Identifier: BSD-3-Clause
"""What scripts/scaling_study says at the end, and its report at the top."""

import contextlib
import io
import unittest

from scaling_support import benchmark, run

import figures
import summary
import table


def points(case, *times, kind="simulated", **counters):
    """Of a case on 1, 2, 4, … ranks."""
    return figures.points([run(kind, 2 ** k, benchmark(case, ms=ms, ms_low=ms, ms_high=ms, **counters))
                           for k, ms in enumerate(times)])


WHOLE = points("mask/strong/16/100/fn_and_grad/replicated", 8.0, 5.0, 5.0)
SLABS = points("mask/strong/16/100/fn_and_grad/slabs", 8.0, 4.0, 2.5)
SPLIT = points("mask/strong/16/100/fn_and_grad/split", 8.0, 4.0, 4.0)


def shown(*found):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        summary.show({"points": sum(found, []), "comparison": [], "published": []})
    return out.getvalue()


class Tables(unittest.TestCase):
    def test_efficiency_of_the_best_form_on_the_most_ranks(self):
        (title, head, rows), = summary.tables(WHOLE + SLABS + SPLIT)
        self.assertEqual((title, head), ("simulated", ("family", "strong", "strong, in parts")))
        self.assertEqual(rows, [("mask", "40% on 4", "80% on 4, slabs")])

    def test_a_table_for_each_kind(self):
        other = points("blur/weak/16/100/fn_and_grad/replicated", 8.0, 16.0, kind="measured")
        (first, _, _), (second, head, rows) = summary.tables(WHOLE + other)
        self.assertEqual((first, second), ("simulated", "measured"))
        self.assertEqual((head, rows), (("family", "weak"), [("blur", "50% on 2")]))

    def test_busy_machine_is_marked(self):
        (_, _, rows), = summary.tables(points("mask/weak/16/100/fn_and_grad/replicated", 8.0, 8.0, core_share=0.5))
        self.assertEqual(rows, [("mask", "100%! on 2")])

    def test_members_and_throughput(self):
        members = points("mask/strong/16/100/fn_and_grad/members_of_2", 8.0, 8.0, 2.0)
        each = points("mask/throughput/16/100/fn_and_grad/replicated", 8.0, 8.0)
        (_, head, rows), = summary.tables(members[1:] + WHOLE + each)
        self.assertEqual(head, ("family", "strong", "strong, in parts", "throughput"))
        self.assertEqual(rows, [("mask", "40% on 4", "100% on 4, members of 2", "100% on 2")])

    def test_other_calls_only_where_there_is_no_fn_and_grad(self):
        grad = points("mask/weak/16/100/grad/replicated", 8.0, 8.0)
        self.assertEqual(len(summary.last_points(grad + WHOLE)), 1)
        self.assertEqual(summary.last_points(grad), grad[1:])


class Verdict(unittest.TestCase):
    def test_a_problem_counts_in_its_best_form(self):
        self.assertEqual(summary.verdict(WHOLE + SLABS), (
            "1 of 1 problems, each in its best form, have an efficiency of 50% or more on their most ranks.", []))

    def test_what_is_below_one_half_is_named(self):
        text, named = summary.verdict(WHOLE + points("blur/weak/16/100/fn_and_grad/replicated", 1.0, 1.0))
        self.assertIn("1 of 2 problems", text)
        self.assertEqual(named, ["40% on 4, simulated: mask/strong/16/100/fn_and_grad/replicated"])

    def test_many_are_counted(self):
        _, named = summary.verdict([p for n in range(6)
                                    for p in points(f"mask/strong/16/{100 + n}/fn_and_grad/replicated", 8.0, 9.0 + n)])
        self.assertEqual((len(named), named[-1]), (5, "and 2 more"))
        self.assertEqual(named[0], "29% on 2, simulated: mask/strong/16/105/fn_and_grad/replicated")

    def test_without_one_rank(self):
        self.assertEqual(summary.verdict(figures.points([run("simulated", 2, benchmark(WHOLE[0]["case"]))])),
                         ("No efficiencies: nothing ran on one rank.", []))

    def test_fits_on_a_terminal(self):
        long = points("downsampled_blur/strong/1024/65536/fn_and_grad/members_of_2", 8.0, 8.0, 8.0)
        text = shown(WHOLE, SLABS, long, points("radon/throughput/16/100/fn_and_grad/replicated", 1.0, 1.0))
        self.assertLessEqual(max(map(len, text.splitlines())), 100, text)
        self.assertIn("Summary: efficiency on the most ranks", text)


class Placements(unittest.TestCase):
    def told(self, **chosen):
        best = {"case": "mask/strong/16/100/fn_and_grad", "ranks": 4, "chosen": "slabs", "best": "slabs", "over_best": 1.0}
        return table.told_of_placements([best, {**best, **chosen}])

    def test_the_worst_is_named_where_another_form_was_faster(self):
        self.assertTrue(self.told().endswith("within 10 % of the fastest in 2."))
        self.assertTrue(self.told(best="split", over_best=1.25).endswith(
            "in 1; at worst 1.25 times its time (mask/strong/16/100/fn_and_grad on 4 ranks: slabs for split)."))


class Columns(unittest.TestCase):
    def test_without_figures_are_left_out(self):
        self.assertEqual(table.filled(("a", "b", "c"), [("1", "-", "-"), ("2", "-", "3")]),
                         (("a", "c"), [("1", "-"), ("2", "3")]))


if __name__ == "__main__":
    unittest.main()
