# SPDX-License-Identifier: BSD-3-Clause
"""What the tests notice: small changes of include/ and core/ (mutants), one at a time, each of which a test must fail for.

All mutants are compiled into one copy of misfit, in the folder of --build, and each is switched on by the environment variable
MISFIT_MUTANT. The tests that reach a mutant run, the shortest first, until one fails, crashes or hangs. Survivors that no test can
notice are explained in explained.json. Needs libclang for Python (Debian: python3-clang).
"""

import argparse
import concurrent.futures
import importlib.util
import json
import os
import pathlib
import random
import sys
import threading
import time

import sample
from killing import explained, explanations, killed, recorded
from programs import FOLDERS, programs
from tree import HERE, ROOT, Failed, Tree

GOAL = 0.95
EXCLUDED = {"core/io/": "files have a check of their own", "include/misfit/io/": "files have a check of their own",
            "core/collectives/job.cpp": "the ends of jobs have a check of their own",
            "core/run.cpp": "the ends of jobs have a check of their own",
            "include/misfit/run.hpp": "the ends of jobs have a check of their own",
            "core/version.cpp": "texts about a build", "core/text_table.cpp": "the look of texts",
            "core/fourier/cufft_plan.cpp": "for GPUs", "core/fourier/rocfft_plan.cpp": "for GPUs",
            "include/misfit/detail/evaluation/team_row_sweep.hpp": "for GPUs",
            "include/misfit/detail/fourier/device_fft.hpp": "for GPUs",
            "include/misfit/detail/fourier/fft_library.hpp": "for GPUs",
            "include/misfit/detail/matrices/team_matrix.hpp": "for GPUs"}
ALSO_EXCLUDED = ("what is known when it is compiled: template arguments, static_assert, constexpr, requires, cases, array bounds",
                 "default arguments, and the values of private members that constructors set once more",
                 "branches of `if constexpr` for GPUs", "texts: sums of strings",
                 f"tests of other folders than {', '.join(FOLDERS)}, and on more than 5 ranks or 4, to save time")


def options(arguments):
    parser = argparse.ArgumentParser(prog="scripts/support/scorecard/mutants", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=340, help="how many mutants (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random choice (default %(default)s)")
    parser.add_argument("--budget", type=float, default=120, metavar="SECONDS", help="of tests for a mutant, after which it has "
                        "survived (default %(default)s)")
    parser.add_argument("--minutes", type=float, default=600, help="of all mutants together: the rest is not tried")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/mutants", metavar="DIR", help="(default build/mutants)")
    parser.add_argument("--jobs", type=int, default=2, help="compilers, and then mutants, at once (default %(default)s)")
    parser.add_argument("--only", nargs="+", metavar="PROGRAM", help="test programs, such as blur")
    parser.add_argument("--mutants", nargs="+", type=int, metavar="N", help="only those of these numbers")
    parser.add_argument("--survivors", action="store_true", help="once more those that survived last time and are not "
                        "explained; the others count as they did")
    parser.add_argument("--quick", action="store_true", help="does nothing: the build alone takes more than the time for that")
    parser.add_argument("--canary", action="store_true", help="no test runs, so that no mutant is noticed")
    return parser.parse_args(arguments)


def say(text):
    print(text, flush=True)


def have_clang():
    """Goes on in the Python of the system, for which distributions have clang, where this one has none."""
    if importlib.util.find_spec("clang"):
        return
    system = "/usr/bin/python3"
    if os.path.realpath(sys.executable) == os.path.realpath(system) or not os.path.exists(system):
        raise Failed("Python finds no clang.cindex (Debian: python3-clang)")
    os.execv(system, [system, "-B", str(HERE), *sys.argv[1:]])


def choose(tree, asked):
    import find  # not before it is known to be there
    for name, why in EXCLUDED.items():
        say(f"left out: {name}: {why}")
    for what in ALSO_EXCLUDED:
        say(f"left out: {what}")
    names = [name for name in sorted(tree.text) if not name.startswith(tuple(EXCLUDED))]
    if not (tree.build / "compile_commands.json").exists():
        tree.write_files([])
    tree.configure()
    found = find.candidates(ROOT, names, tree.arguments())
    chosen = sample.choose(found, asked.number, asked.seed)
    say(f"{len(chosen)} of {sum(map(len, found.values()))} mutants in {len(found)} files, seed {asked.seed}")
    return chosen


def wanted(all_programs, asked):
    if asked.canary:
        return []
    return [p for p in all_programs if not asked.only or p.name.split(".")[0] in asked.only]


def record(chosen, folder):
    folder.mkdir(exist_ok=True)
    reaches = []
    for program in chosen:
        reaches.append(recorded(program, folder))
        say(f"{program.name}: {reaches[-1].total:.1f} s, reaches {len(set().union(*reaches[-1].mutants.values()))} mutants")
    return reaches


def name_of(result):
    return f"{result['number']} {result['file']}:{result['line']} {result['change']}"


def settled_before(path, mutants):
    """Results of these mutants in the last run, without survivors that are not explained."""
    if not path.exists():
        raise Failed(f"--survivors: there is no {path} of an earlier run")
    names, known = {mutant.name() for mutant in mutants}, explanations(HERE / "explained.json")
    return [result for result in json.loads(path.read_text(encoding="utf-8"))
            if name_of(result) in names and (result["killed_by"] or explained(result, known))]


def try_all(mutants, reaches, asked, path):
    """In random order, so that those that are tried in a shorter time stand for all."""
    results = settled_before(path, mutants) if asked.survivors else []
    done = {result["number"] for result in results}
    mutants = [mutant for mutant in mutants if mutant.number not in done]
    random.Random(asked.seed).shuffle(mutants)
    end, wanted_results = time.monotonic() + 60 * asked.minutes, len(results) + len(mutants)

    writing = threading.Lock()

    def try_one(mutant):
        if time.monotonic() < end:
            result = killed(mutant, reaches, asked.budget, say)
            with writing:
                results.append(result)
                beside = path.with_suffix(".new")
                beside.write_text(json.dumps(results, indent=1), encoding="utf-8")
                beside.replace(path)

    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        list(pool.map(try_one, mutants))
    if len(results) < wanted_results:
        say(f"stopped after {asked.minutes:g} minutes")
    return results


def report(results):
    """Prints the survivors and the result. Returns whether the goal is reached."""
    known = explanations(HERE / "explained.json")
    survivors = [result for result in results if not result["killed_by"]]
    open_ones = []
    for result in survivors:
        why = explained(result, known)
        say(f"survivor {name_of(result)} (reached by {result['reached_by']} programs): {why or 'NOT EXPLAINED'}")
        if not why:
            open_ones.append(result)
    dead, equivalent = len(results) - len(survivors), len(survivors) - len(open_ones)
    rate = dead / len(results) if results else 0.0
    figure = dead / (dead + len(open_ones)) if dead + len(open_ones) else 0.0
    say(f"{len(results)} tried, {dead} killed, {equivalent} survivors explained, {len(open_ones)} not: {100 * rate:.1f} % of all, "
        f"{100 * figure:.1f} % without those explained")
    say(f"result {json.dumps({'tried': len(results), 'held': dead + equivalent, 'figure': round(1 - figure, 4)})}")
    return dead > 0 and figure >= GOAL


def results_name(asked):
    """What --survivors reads is of runs of all mutants by all tests."""
    return "some_mutants.json" if asked.canary or asked.mutants or asked.only else "mutants.json"


def main(arguments):
    asked = options(arguments)
    if asked.quick and not asked.canary:
        say("--quick: left out: the programs with mutants alone take longer to compile")
        return True
    have_clang()
    tree = Tree(asked.build.resolve(), asked.jobs)
    tree.copy()
    mutants = choose(tree, asked)
    mutants = tree.without_known_bad(mutants)
    tree.write_files(mutants)
    chosen = wanted(programs(tree.build), asked)
    if chosen:
        mutants = tree.compile(sorted({program.path.name for program in chosen}), mutants, say)
    say(f"{len(mutants)} mutants compile")
    reaches = record(chosen, asked.build / "reached")
    if asked.mutants:
        mutants = [mutant for mutant in mutants if mutant.number in asked.mutants]
    return report(try_all(mutants, reaches, asked, asked.build / results_name(asked)))


if __name__ == "__main__":
    try:
        sys.exit(0 if main(sys.argv[1:]) else 1)
    except Failed as error:
        print(f"mutants: {error}", file=sys.stderr)
        sys.exit(2)
