# SPDX-License-Identifier: BSD-3-Clause
"""The benchmarks beside those peers that are installed: each takes its cases and agrees; a wrong one is an error."""

import json
import os
import pathlib
import sys
import tempfile
import unittest

from benchmark_peers_support import Copy, stand_in, server

RUN = sys.argv[1:4]  # mpiexec, its flag for the number of ranks, the folder of the benchmarks
TAKES = {"mask": {"numpy"}, "dense": {"numpy", "petsc"}, "sparse": {"scipy", "petsc"}, "downsampled_blur": {"scipy"},
         "fourier": {"scipy"}, "fourier_blur": {"scipy"}, "coil_fourier": {"scipy", "bart_iteration"}}
ON_ALL_RANKS = {"petsc"}


class Real(unittest.TestCase):
    def run_benchmark(self, family, serve=server, ranks=1):
        """The context and the cases, each as it came."""
        with tempfile.TemporaryDirectory() as name:
            mpiexec, count_flag, programs = RUN
            result = serve("run", f"{name}/peers", ranks, mpiexec, count_flag, f"{programs}/{family}_benchmark", "--quick", "--rounds=1",
                           "--cache_bytes=65536", "--benchmark_filter=fn_and_grad", f"--benchmark_out={name}/out.json",
                           "--benchmark_out_format=json")
            self.assertEqual(result.returncode, 0, result.stderr)
            out = json.loads(pathlib.Path(name, "out.json").read_text())
        return out["context"], out["benchmarks"]

    def assert_beside(self, family, ranks=1):
        context, cases = self.run_benchmark(family, ranks=ranks)
        for case in cases:
            family, numbers = case["name"].split("/")[:2]
            with self.subTest(case["name"]):
                self.assertNotIn("error_message", case)
                expected = {peer for peer in TAKES[family] if f"peer_{peer}" in context
                            and (ranks == 1 or peer in ON_ALL_RANKS) and (peer != "petsc" or numbers == "double")}
                self.assertEqual({peer for peer in set().union(*TAKES.values()) if f"peer_{peer}" in case}, expected)

    def test_masks(self):
        self.assert_beside("mask")

    def test_matrices(self):
        self.assert_beside("dense")
        self.assert_beside("sparse")

    def test_images(self):
        self.assert_beside("blur")
        self.assert_beside("fourier")

    def test_on_two_ranks(self):
        self.assert_beside("dense", ranks=2)

    def test_a_peer_that_computes_something_else(self):
        for factor, message in ((1, None), (1.001, "peer_numpy differs from ours")):
            _, cases = self.run_benchmark("mask", Copy(self, stand_in(factor)).server)
            self.assertEqual({case.get("error_message") for case in cases if "double" in case["name"]}, {message})


if __name__ == "__main__":
    os.environ |= {name: "1" for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM")}
    unittest.main(argv=sys.argv[:1])
