# SPDX-License-Identifier: BSD-3-Clause
"""What others read of scripts/scaling_study, in their forms."""

import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

from scaling_support import FOLDER, ROOT, benchmark, results, run

import cases
import extrap
import figures
import print_lines
import result_lines
from bad_input import BadInput

STRONG = "mask/strong/64/100/fn_and_grad/replicated"


class ExtraP(unittest.TestCase):
    def files(self, *runs):
        return {name: [json.loads(line) for line in text.splitlines()] for name, text in extrap.files(figures.points(runs))}

    def test_a_line_for_each_value(self):
        files = self.files(run("measured", 2, benchmark(STRONG, ms=8.0, compute_ms_mean=5.0)))
        lines = files["measured_mask_strong.jsonl"]
        path = lines[0]["callpath"]

        self.assertRegex(path, "^measured on this machine->mask->strong->64 operators(->replicated)?->fn_and_grad$")
        self.assertEqual(lines[0], {"params": {"p": 2, "n": 100}, "callpath": path, "metric": "time", "value": 0.008})
        self.assertEqual((lines[1]["callpath"], lines[1]["value"]), (f"{path}->computing", 0.005))
        self.assertEqual(len(lines), 4)

    def test_callpaths_of_a_file_have_the_same_points(self):
        weak, other = "mask/weak/1/100/fn_and_grad/replicated", "mask/strong/64/100/fn/replicated"
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

    def test_members_are_a_form_on_any_number_of_ranks(self):
        points = [{**figures.points([run("measured", 4 * n, benchmark(STRONG))])[0], "form": f"{n}x4"} for n in (1, 2)]
        self.assertEqual(len(set(map(extrap.callpath, points))), 1)


class Lines(unittest.TestCase):
    def printed(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "result.json"
            path.write_text(text)
            return subprocess.run([sys.executable, "-B", FOLDER / "print_lines.py", path], capture_output=True, text=True,
                                  check=False)

    def test_of_what_the_program_wrote(self):
        for space, threads in (("OpenMP", 3), ("Serial", 1), ("Cuda", 1)):
            told = results(benchmark(STRONG, ms=0.25), ranks=8, mpi_nodes="2", kokkos_execution_space=space,
                           kokkos_concurrency="3", simulated="no")
            self.assertIn(f" ranks=8 threads={threads} nodes=2 ms=0.25 low=7 high=9 kind=measured",
                          self.printed(json.dumps(told)).stdout)

    def test_of_something_else(self):
        for text in ("", "[]", "{}", '{"context": {}, "benchmarks": []}', json.dumps(results(benchmark(STRONG), mpi_ranks="x"))):
            found = self.printed(text)
            self.assertEqual((found.returncode, found.stdout, len(found.stderr.splitlines())), (1, "", 1), found.stderr)
        with self.assertRaisesRegex(BadInput, "No such file"):
            print_lines.points("/no/such/file")


def stub(names, **contents):
    """Modules of others, which are not here, with as much as is used of them."""
    modules = {name: types.ModuleType(name) for name in names}
    for name, module in modules.items():
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(modules[parent], child, module)
        vars(module).update(contents)
    return mock.patch.dict(sys.modules, modules)


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, ROOT / "scripts" / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


POINT = {"kind": "measured", "case": "mask/strong/16/262144/fn_and_grad/replicated", "family": "mask", "series": "strong",
         "operators_in_name": 16, "size": 262144, "call": "fn_and_grad", "form": "replicated", "ranks": 8, "threads": 3,
         "nodes": 2, "ms": 9.05817, "ms_low": 8.5, "ms_high": 10.25}
VALUES = {"ms": 9.05817, "low": 8.5, "high": 10.25, "ranks": 8.0, "threads": 3.0, "nodes": 2.0}
PRINTED = f"mpi_ranks: 8\n{result_lines.line(POINT)}\nReport: x\n"


class ReFrame(unittest.TestCase):
    def setUp(self):
        def same(*_, **__):
            return lambda function: function

        def extract(pattern, text, tag, to):
            found, = re.finditer(pattern, text, re.MULTILINE)
            return to(found[tag])

        with stub(("reframe", "reframe.utility", "reframe.utility.sanity", "reframe.core", "reframe.core.builtins"),
                  simple_test=lambda cls: cls, RunOnlyRegressionTest=object, parameter=lambda values: values[0],
                  variable=lambda _, value: value, run_before=same, performance_function=same,
                  sanity_function=lambda function: function, all=all, assert_eq=lambda a, b: a == b,
                  assert_found=lambda pattern, text: re.search(pattern, text, re.MULTILINE) is not None, extractsingle=extract):
            self.test = load(pathlib.Path("reframe/misfit_scaling.py")).misfit_scaling()
        self.test.ranks, self.test.threads, self.test.stdout = 8, 3, PRINTED
        self.test.job = types.SimpleNamespace(exitcode=0)
        self.test.set_run()

    def test_figures_are_those_of_the_line_that_is_printed(self):
        self.assertTrue(self.test.is_the_run_that_was_asked_for())
        self.assertEqual((self.test.time(), self.test.time_low(), self.test.time_high()), (9.05817, 8.5, 10.25))

    def test_other_runs_are_refused(self):
        for key, value in (("ranks", 4), ("threads", 1), ("series", "weak"), ("call", "fn"),
                           ("job", types.SimpleNamespace(exitcode=1))):
            before = getattr(self.test, key)
            setattr(self.test, key, value)
            self.assertFalse(self.test.is_the_run_that_was_asked_for(), key)
            setattr(self.test, key, before)

    def test_what_is_started(self):
        self.assertEqual((self.test.num_tasks, self.test.num_cpus_per_task), (8, 3))
        self.assertIn(f"--case={POINT['case']}", self.test.executable_opts)
        script = self.test.postrun_cmds[0].split()[2]
        self.assertTrue(pathlib.Path(script).is_file(), script)


class Benchpark(unittest.TestCase):
    def setUp(self):
        self.calls = calls = {}

        def directive(name):
            return lambda *words, **options: calls.setdefault(name, {}).update({words[:1]: (words[1:], options)})

        names = ("tags", "executable", "workload", "workload_variable", "figure_of_merit", "success_criteria")
        with stub(("ramble", "ramble.appkit"), ExecutableApplication=object, **{name: directive(name) for name in names}):
            load(pathlib.Path("benchpark/repo/misfit/application.py"))
        with stub(("benchpark", "benchpark.directives", "benchpark.experiment"), Experiment=object, variant=directive("variant")):
            self.experiment = load(pathlib.Path("benchpark/experiments/misfit/experiment.py")).Misfit()

    def test_figures_of_merit_are_those_of_the_line_that_is_printed(self):
        found = {}
        for (name,), (_, options) in self.calls["figure_of_merit"].items():
            matches = [match for line in PRINTED.splitlines() if (match := re.match(options["fom_regex"], line))]
            found[name] = [float(match[options["group_name"]]) for match in matches]
        self.assertEqual(found, {name: [value] for name, value in VALUES.items()})

        (_, options), = self.calls["success_criteria"].values()
        self.assertEqual([bool(re.search(options["match"], line)) for line in PRINTED.splitlines()], [False, True, False])

    def test_cases_of_all_series(self):
        values = {name: options["default"] for (name,), (_, options) in self.calls["workload_variable"].items()}
        for series in ("strong", "weak", "throughput"):
            _, options = self.calls["workload"][series,]
            (command,), how = self.calls["executable"][options["executables"][0],]

            self.assertTrue(how["use_mpi"])
            self.assertIn(f"--case=mask/{series}/16/262144/fn_and_grad/replicated ",
                          command.format(experiment_run_dir="", **values))
            (lines,), _ = self.calls["executable"][options["executables"][1],]
            script = lines.format(experiment_run_dir="", **values).split()[2].replace("$MISFIT_ROOT", str(ROOT))
            self.assertTrue(pathlib.Path(script).is_file(), script)

    def test_experiment_sets_what_the_application_knows(self):
        known = {name for name, in self.calls["workload_variable"]} | {"n_ranks"}
        variants = {name: options["values"] for (name,), (_, options) in self.calls["variant"].items()}

        self.assertEqual(set(variants["workload"]), {name for name, in self.calls["workload"]})
        self.assertEqual(set(variants["family"]), set(cases.FAMILIES))
        for workload in variants["workload"]:
            for form in variants["form"]:
                said = {f"workload={workload}", f"form={form}", "family=radon"}
                self.experiment.spec = types.SimpleNamespace(satisfies=said.__contains__)
                workloads = self.experiment.compute_applications_section()["misfit"]["workloads"]
                (name, experiment), = workloads[workload]["experiments"].items()

                self.assertIn("{n_ranks}", name)
                self.assertLessEqual(set(experiment["variables"]), known)
                self.assertEqual(experiment["variables"]["form"], "replicated" if workload == "throughput" else form)


if __name__ == "__main__":
    unittest.main()
