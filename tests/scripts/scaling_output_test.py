# SPDX-License-Identifier: BSD-3-Clause
"""What others read of scripts/scaling_study, in their forms."""

import json
import unittest

from scaling_support import benchmark, run

import extrap
import figures

STRONG = "mask/strong/64/100/fn_and_grad"


class ExtraP(unittest.TestCase):
    def files(self, *runs):
        return {name: [json.loads(line) for line in text.splitlines()] for name, text in extrap.files(figures.points(runs))}

    def test_a_line_for_each_value(self):
        files = self.files(run("measured", 2, benchmark(STRONG, ms=8.0, compute_ms_mean=5.0)))
        lines = files["measured_mask_strong.jsonl"]
        path = "measured on this machine->mask->strong->64 operators->fn_and_grad"

        self.assertEqual(lines[0], {"params": {"p": 2, "n": 100}, "callpath": path, "metric": "time", "value": 0.008})
        self.assertEqual(lines[1]["callpath"], f"{path}->computing")
        self.assertEqual(lines[1]["value"], 0.005)
        self.assertEqual(len(lines), 4)

    def test_callpaths_of_a_file_have_the_same_points(self):
        weak, other = "mask/weak/1/100/fn_and_grad", "mask/strong/64/100/fn"
        files = self.files(run("simulated", 1, *map(benchmark, (STRONG, weak, other)), platform="p"),
                           run("simulated", 2, *map(benchmark, (STRONG, weak)), platform="p"),
                           run("simulated", 4, benchmark(weak), platform="p"))

        self.assertEqual(files.keys(), {"simulated_mask_strong.jsonl", "simulated_mask_strong_2.jsonl",
                                        "simulated_mask_weak.jsonl"})
        for name, lines in files.items():
            places = {}
            for line in lines:
                places.setdefault(line["callpath"], []).append(line["params"])
            self.assertTrue(all(here == places[lines[0]["callpath"]] for here in places.values()), name)

    def test_what_differs_has_a_callpath_of_its_own(self):
        points = [{**p, "form": form} for form in ("replicated", "slabs")
                  for p in figures.points([run("measured", 1, benchmark(STRONG)),
                                           run("measured", 1, benchmark(STRONG), threads=2),
                                           run("simulated", 1, benchmark(STRONG), platform="p")])]
        self.assertEqual(len(set(map(extrap.callpath, points))), 6)


if __name__ == "__main__":
    unittest.main()
