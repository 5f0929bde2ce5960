# SPDX-License-Identifier: BSD-3-Clause
"""What scripts/scaling_study runs, and how it reads what that leaves."""

import json
import pathlib
import stat
import tempfile
import time
import unittest
from unittest import mock

from scaling_support import benchmark, results, run

import cases
import commands
import numpex
import options
import platforms
import programs
import study
from bad_input import BadInput

PLATFORM = """<?xml version='1.0'?>
<!-- Two kinds of nodes. -->
<platform version="4.1"><zone id="z" routing="Full">
<cluster id="c" prefix="n-" radical="0-1,5" suffix=".x" speed="1Gf" core="2"/><host id="h" speed="1Gf"/>
</zone></platform>
"""


class Simulations(unittest.TestCase):
    """The largest runs beside the others where there are two cores and memory for both."""

    def order(self, cores, free, fails=None):
        did = []

        class Simulation:
            def __init__(self, planned, _):
                self.ranks = planned.ranks
                did.append(f"begin {self.ranks}")

            def results(self):
                did.append(f"end {self.ranks}")
                if self.ranks == fails:
                    raise programs.Failed("out of luck")
                return self.ranks

            def close(self):
                did.append(f"close {self.ranks}")

        planned = [cases.Run("simulated", ranks, ("mask/weak/1/16/fn_and_grad/replicated",)) for ranks in (1, 8, 4)]
        with mock.patch.object(programs, "Simulation", Simulation), mock.patch.object(study, "memory", lambda: free), \
                mock.patch("builtins.print"):
            found = study.Study(cores).simulate_all(planned, mock.Mock())
        self.assertEqual([(run["ranks"], run["results"]) for run in found], [(1, 1), (8, 8), (4, 4)])
        return " ".join(word for word in did if not word.startswith("close"))

    def test_together(self):
        self.assertEqual(self.order(2, 1e9), "begin 8 begin 1 end 1 begin 4 end 4 end 8")

    def test_one_after_the_other(self):
        for cores, free in ((1, 1e9), (2, 11 * study.BYTES_A_RANK)):
            self.assertEqual(self.order(cores, free), "begin 1 end 1 begin 8 end 8 begin 4 end 4")

    def test_failures(self):
        for ranks in (1, 4, 8):
            with self.assertRaisesRegex(BadInput, f"{ranks} rank.*out of luck"):
                self.order(2, 1e9, ranks)


class Cases(unittest.TestCase):
    def test_ranks(self):
        self.assertEqual(cases.powers_of_two(1, 1), [1])
        self.assertEqual(cases.powers_of_two(1, 8), [1, 2, 4, 8])
        self.assertEqual(cases.powers_of_two(1, 6), [1, 2, 4, 6])

    def test_sizes_follow_the_cache(self):
        small, large = (cases.measured_cases(["mask"], True, cache)[0].split("/")[3] for cache in (1 << 20, 2 << 20))
        self.assertEqual(2 * int(small), int(large))

    def test_the_cache_is_all_of_the_last_level(self):
        with tempfile.TemporaryDirectory() as root:
            for cpu in range(4):
                for index, (level, size, shared) in enumerate(((1, "32K", str(cpu)), (3, "1024K", f"{cpu // 2 * 2}-{cpu // 2 * 2 + 1}"))):
                    folder = pathlib.Path(root) / f"cpu{cpu}/cache/index{index}"
                    folder.mkdir(parents=True)
                    for name, text in (("level", level), ("size", size), ("shared_cpu_list", shared)):
                        (folder / name).write_text(f"{text}\n", encoding="utf-8")
            self.assertEqual(cases.last_level_cache(root), 2 << 20)
        self.assertEqual(cases.last_level_cache("/nowhere"), 32 << 20)

    def test_rates_are_of_as_many_operators_on_each_rank(self):
        for ranks in (1, 3, 12, 64):
            for case in cases.calibration_run(["mask", "dense"], True, ranks).cases:
                if "/strong/" in case:
                    self.assertEqual(int(case.split("/")[2]) % ranks, 0, case)

    def test_large_caches_do_not_take_all_memory(self):
        for case in cases.measured_cases(list(cases.FAMILIES), True, 1 << 30):
            family, _, operators, size, *_ = cases.parsed(case)
            of_one = {"mask": 16 * size, "dense": 8 * size**2, "sparse": 12 * 32 * size}.get(family, 0)
            self.assertLessEqual(operators * of_one, 600 << 20, case)

    def test_a_build_without_fftw_has_no_fourier_transforms(self):
        for value, there in (("ON", True), ("1", True), ("OFF", False), ("0", False)):
            with mock.patch.object(programs, "cached", side_effect=lambda name, _: {
                    "MISFIT_ENABLE_FOURIER": value}[name]):
                self.assertEqual(programs.families(), [name for name in cases.FAMILIES if there or name != "fourier"])
                if not there:
                    with self.assertRaisesRegex(BadInput, "has no FFTW"):
                        options.parse(["--measure", "--family", "fourier"])

    def test_more_operators_are_as_large(self):
        self.assertEqual(cases.measured_cases(["mask"], True, 1 << 20, 64),
                         ("mask/strong/64/16384/fn_and_grad/replicated", "mask/strong/64/16384/fn_and_grad/slabs",
                          "mask/weak/8/16384/fn_and_grad/replicated"))

    def test_simulation_reaches_1024_ranks_in_the_weak_series_and_256_in_the_strong(self):
        runs = cases.simulated_runs(list(cases.FAMILIES), False, 1024, {})
        grids = [r.ranks for r in runs if any(c.endswith("/members_of_4") for c in r.cases)]
        self.assertEqual(grids, [4, 8, 16, 32, 64, 128, 256])
        weak = [r.ranks for r in runs if any("/weak/" in c for c in r.cases)]
        strong = [r.ranks for r in runs if any("mask/strong/1024/" in c for c in r.cases)]

        self.assertEqual((weak[0], weak[-1], strong[0], strong[-1]), (1, 1024, 1, 256))

    def test_published_case_is_left_out_where_memory_is_short(self):
        planned, left_out = numpex.runs("measured", True, 1024, 1e9)
        whole = [r.ranks for r in planned if any(c.endswith("/replicated") for c in r.cases)]

        self.assertEqual(whole, [1, 2, 4])
        self.assertEqual([r.ranks for r in planned], [1, 2, 4, 8, 16, 32, 64])
        self.assertEqual(len(left_out), 8)
        self.assertIn("2048^2 replicated on 8 ranks is left out: it needs 1.2 GiB", left_out[0])
        self.assertEqual(len(numpex.runs("measured", False, 1024, float("inf"))[0]), 21)

    def test_published_case_has_a_weak_series_in_slabs(self):
        weak = [r for r in numpex.runs("simulated", True, 1024, float("inf"))[0] if "/weak/" in r.cases[0]]
        self.assertEqual((weak[0].ranks, weak[-1].ranks), (1, 1024))

        planned, left_out = numpex.runs("simulated", True, 1024, 6e9)
        self.assertEqual(max(r.ranks for r in planned if "/weak/" in r.cases[0]), 512)
        self.assertIn("the weak series on 1024 ranks is left out: it needs 10.5 GiB of memory", left_out[-1])

    def test_rate_of_the_published_case_gives_its_time_on_one_gpu(self):
        work = 8 * 4 * 5 * 3 * 3 * 1024**2  # as Blurs::flops of the benchmarks counts
        self.assertAlmostEqual(work / numpex.rate(2048), 16.8e-3)


class Rates(unittest.TestCase):
    def test_stated_for_what_limits_a_family_or_for_the_family(self):
        rates = study.stated_rates({"bytes": 1.0, "flops": 2.0, "dense": 3.0}, ["mask", "dense", "blur"])

        self.assertEqual((rates["mask/grad"], rates["dense/fn"], rates["blur/fn_and_grad"]), (1.0, 3.0, 2.0))
        self.assertEqual(study.stated_rates({"flops": 2.0}, ["mask"]), {})

    def test_measured_in_the_strong_series(self):
        measured = run("measured", 2, benchmark("mask/strong/16/9/fn/replicated", work_rate=5.0),
                       benchmark("mask/strong/16/9/fn/slabs", work_rate=9.0),
                       benchmark("mask/weak/8/9/fn/replicated", work_rate=7.0))
        self.assertEqual(study.rates_of(measured), {"mask/fn": 5.0})


class Plans(unittest.TestCase):
    def plan(self, *arguments, cores="2"):
        return commands.plan_of(options.parse(["--cores", cores, *arguments]))

    def test_rates_that_are_not_stated_are_measured_with_all_cores_busy(self):
        for arguments, calibrated in ((("--simulate",), set(cases.FAMILIES)),
                                      (("--simulate", "--rate", "bytes=1"), {"blur", "downsampled_blur", "fourier", "radon"}),
                                      (("--simulate", "--rate", "bytes=1", "--rate", "flops=1"), set()),
                                      (("--simulate", "--measure"), set())):
            plan = self.plan(*arguments)
            self.assertEqual({case.split("/")[0] for run in plan.calibration for case in run.cases}, calibrated)
            self.assertEqual({run.ranks for run in plan.calibration} - {2}, set())
        self.assertEqual([run.ranks for run in self.plan("--simulate", "--measure", cores="16").calibration], [16])

    def test_one_core_has_nothing_to_compare_with(self):
        self.assertEqual(self.plan("--simulate", cores="1").compared, [])
        self.assertEqual([run.ranks for run in self.plan("--simulate").compared], [1, 2])


class Platforms(unittest.TestCase):
    def read(self, text=PLATFORM):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "p.xml"
            path.write_text(text)
            return platforms.Platform(path)

    def test_hosts_are_filled_one_after_the_other(self):
        platform = self.read()

        self.assertEqual(platform.hosts, [("n-0.x", 2), ("n-1.x", 2), ("n-5.x", 2), ("h", 1)])
        self.assertEqual(platform.host_file(3), "n-0.x\nn-0.x\nn-1.x\n")
        self.assertEqual(platform.comment, "Two kinds of nodes.")

    def test_more_ranks_than_places(self):
        platform = self.read()
        self.assertEqual(len(platform.host_file(7).split()), 7)
        with self.assertRaisesRegex(BadInput, "8 ranks are more than the 7 places"):
            platform.host_file(8)

    def test_those_that_are_shipped(self):
        cpu, gpu = (platforms.Platform(platforms.SHIPPED / f"{name}_cluster.xml") for name in ("cpu", "gpu"))

        self.assertGreaterEqual(cpu.places(), 1024)
        self.assertEqual((gpu.places(), gpu.host_file(2)), (64, "gpu-0\ngpu-1\n"))
        self.assertIn("Computing is charged", cpu.comment)


class Programs(unittest.TestCase):
    def script(self, folder, text):
        path = pathlib.Path(folder) / "program"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    def test_failure_shows_the_end_of_the_output(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(programs.Failed, "code 3:\nno memory"):
            programs.run([self.script(folder, "echo no memory >&2; exit 3")])

    def test_run_that_does_not_end_is_ended_with_its_children(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.script(folder, f"sleep 60 & echo $! > {folder}/child; wait")
            with mock.patch.object(programs, "TIMEOUT", 1), self.assertRaisesRegex(programs.Failed, "still running"):
                programs.run([program])
            child = int((pathlib.Path(folder) / "child").read_text())
            for _ in range(50):
                state = pathlib.Path(f"/proc/{child}/stat")
                if not state.exists() or state.read_text().split()[2] == "Z":
                    return
                time.sleep(0.1)
            self.fail("the child lives on")

    def test_simulation_names_every_algorithm_but_at_one_rank(self):
        commands = []

        def fake(command, _):
            commands.append(command)
            output = next(part for part in command if part.startswith("--benchmark_out=")).split("=")[1]
            pathlib.Path(output).write_text(json.dumps(results(benchmark("mask/weak/1/9/fn/replicated"))))
            return started(["true"], {})

        started = programs.started

        platform = platforms.Platform(platforms.SHIPPED / "cpu_cluster.xml")
        with mock.patch.object(programs, "started", fake), mock.patch.object(programs, "private_libraries", lambda p: ["l"]):
            for ranks in (1, 2):
                programs.simulate(cases.Run("simulated", ranks, ("mask/weak/1/9/fn/replicated",), rates={"mask/fn": 2e9}),
                                  platform)

        self.assertNotIn("--cfg=smpi/allreduce:rab_rdb", commands[0])
        self.assertIn("--cfg=smpi/allreduce:rab_rdb", commands[1])
        self.assertIn("--rate=mask/fn=2000000000.0", commands[1])
        self.assertIn("--cfg=smpi/simulate-computation:no", commands[1])

    def test_program_that_left_nothing(self):
        with mock.patch.object(programs, "run", lambda *_: ""), self.assertRaisesRegex(programs.Failed, "no results"):
            programs.measure(cases.Run("measured", 1, ("mask/weak/1/9/fn/replicated",)), 2)


if __name__ == "__main__":
    unittest.main()
