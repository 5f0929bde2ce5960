# SPDX-License-Identifier: BSD-3-Clause
"""The ratios of two runs of the benchmarks, beside each other."""

from benchmark_results import BadInput, interval, ratios_to_compare

NAMED = 3  # as many of what only one of both has are named


def figures(results):
    """The benchmark of each ratio that can be better or worse, by both names."""
    return {(b["name"], ratio): b for b in results["benchmarks"] for ratio in ratios_to_compare(b)}


class Comparison:
    """A ratio is worse, or better, where its interval lies below, or above, the earlier one."""

    def __init__(self, old, new):
        self.before, self.after = figures(old), figures(new)
        self.common = [key for key in self.after if key in self.before]
        if not self.common:
            raise BadInput("--compare: the two runs have no ratio of a case in common")
        self.worse = [key for key in self.common if self.is_below(self.after, self.before, key)]
        self.better = [key for key in self.common if self.is_below(self.before, self.after, key)]

    @staticmethod
    def is_below(one, other, key):
        return one[key][f"{key[1]}_high"] < other[key][f"{key[1]}_low"]

    def lines(self, old):
        lines = [f"compared with {old}: of {len(self.common)} ratios {len(self.worse)} are worse, {len(self.better)} "
                 f"better, and {len(self.common) - len(self.worse) - len(self.better)} not told apart."]
        for verdict, keys in (("WORSE", self.worse), ("better", self.better)):
            for key in keys:
                lines += [f"    {verdict}: {key[0]} {key[1]}",
                          f"        {interval(self.before[key], key[1])} -> {interval(self.after[key], key[1])}"]
        for text, there, gone in (("only in the earlier run", self.before, self.after), ("new", self.after, self.before)):
            names = [" ".join(key) for key in there if key not in gone]
            lines += [f"    {text}: {name}" for name in names[:NAMED]]
            lines += [f"    {text}: {len(names) - NAMED} more"] * (len(names) > NAMED)
        return lines
