# SPDX-License-Identifier: BSD-3-Clause
"""How misfit scales, as a ReFrame test: scripts/reframe/README.md."""

import pathlib

import reframe as rfm
import reframe.utility.sanity as sn
from reframe.core.builtins import parameter, performance_function, run_before, sanity_function, variable

ROOT = pathlib.Path(__file__).resolve().parents[2]


@rfm.simple_test
class misfit_scaling(rfm.RunOnlyRegressionTest):
    descr = "the time of one call, on 1, 2, ... ranks"
    valid_systems = ["*"]
    valid_prog_environs = ["*"]
    sourcesdir = None
    exclusive_access = True
    tags = {"performance"}
    maintainers = ["misfit"]

    # The parts of a case of misfit-study; docs/misfit_study.md names the families.
    family = variable(str, value="mask")
    series = parameter(["strong", "weak", "throughput"])
    operators = variable(int, value=16)
    size = variable(int, value=262144)
    call = variable(str, value="fn_and_grad")
    form = variable(str, value="replicated")

    ranks = parameter([1, 2, 4, 8, 16, 32, 64])
    ranks_per_node = variable(int, value=0)  # 0: as the partition fills its nodes
    threads = variable(int, value=1)
    rounds = variable(int, value=21)
    program = variable(str, value=f"{ROOT}/build/release/study/misfit-study")

    @run_before("run")
    def set_run(self):
        self.num_tasks = self.ranks
        if self.ranks_per_node:
            self.num_tasks_per_node = min(self.ranks, self.ranks_per_node)
        self.num_cpus_per_task = self.threads
        self.env_vars = {"OMP_NUM_THREADS": self.threads}
        form = self.form if self.series != "throughput" else "replicated"
        self.executable = self.program
        self.executable_opts = [f"--case={self.case()}/{form}", f"--rounds={self.rounds}", "--benchmark_out=result.json",
                                "--benchmark_out_format=json", "--benchmark_color=false"]
        self.postrun_cmds = [f"python3 -B {ROOT}/scripts/support/scaling/print_lines.py result.json"]

    def case(self):
        return f"{self.family}/{self.series}/{self.operators}/{self.size}/{self.call}"

    def number(self, name):
        """Of the line that the study prints of every point."""
        return sn.extractsingle(rf"^RESULT (?:\S+ )*{name}=([0-9.]+)(?= |$)", self.stdout, 1, float)

    @sanity_function
    def is_the_run_that_was_asked_for(self):
        return sn.all([sn.assert_eq(self.job.exitcode, 0), sn.assert_eq(self.number("ranks"), self.ranks),
                       sn.assert_eq(self.number("threads"), self.threads),
                       sn.assert_found(rf"^RESULT case={self.case()}(/\S+)? ", self.stdout)])

    @performance_function("ms")
    def time(self):
        return self.number("ms")

    @performance_function("ms")
    def time_low(self):
        return self.number("low")

    @performance_function("ms")
    def time_high(self):
        return self.number("high")
