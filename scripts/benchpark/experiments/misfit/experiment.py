# SPDX-License-Identifier: BSD-3-Clause
"""How misfit scales, for Benchpark: scripts/benchpark/README.md."""

from benchpark.directives import variant
from benchpark.experiment import Experiment

WORKLOADS = ("strong", "weak", "throughput")
FORMS = ("replicated", "split", "slabs")
# Of an operator of each family.
SIZES = {"mask": "262144", "dense": "1008", "sparse": "32768", "blur": "1024", "downsampled_blur": "1024",
         "fourier": "512", "radon": "128"}


class Misfit(Experiment):
    variant("workload", default="strong", values=WORKLOADS,
            description="operators in all, operators of each rank, or a problem of each rank")
    variant("family", default="mask", values=tuple(SIZES), description="of operators")
    variant("form", default="replicated", values=FORMS, description="how operators and signals are spread over ranks")

    def chosen(self, name, values):
        return next(value for value in values if self.spec.satisfies(f"{name}={value}"))

    def compute_applications_section(self):
        workload, family = self.chosen("workload", WORKLOADS), self.chosen("family", SIZES)
        # In a throughput series nothing is spread.
        form = "replicated" if workload == "throughput" else self.chosen("form", FORMS)
        variables = {"family": family, "form": form, "size": SIZES[family],
                     "n_ranks": ["1", "2", "4", "8", "16", "32", "64"]}
        experiments = {f"misfit_{workload}_{family}_{form}_{{n_ranks}}": {"variables": variables}}
        return {"misfit": {"workloads": {workload: {"experiments": experiments}}}}

    def compute_spack_section(self):
        # misfit is built before, by its own presets.
        return {"packages": {}, "environments": {}}
