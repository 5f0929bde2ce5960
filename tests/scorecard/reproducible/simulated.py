# SPDX-License-Identifier: BSD-3-Clause
"""Runs the check of Sum::reproducible in SimGrid, on up to 1024 ranks of 128 nodes."""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from check import Check, ROOT  # noqa: E402

import launches  # noqa: E402

PROGRAM = str(ROOT / "build/simulate/tests/scorecard/misfit_reproducible_check")
RANKS_OF_A_NODE = 8
PLATFORM = """<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="c" prefix="n-" radical="0-{last}" suffix="" speed="1Gf" bw="12.5GBps" lat="1us" bb_bw="10000GBps"
           bb_lat="0us" core="{cores}"/>
</platform>
"""


def private_libraries():
    """Those with state of their own, of which each rank needs a copy."""
    found = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=False).stdout
    return re.findall(r"^\s*(lib\S*(?:kokkos|misfit)\S*) =>", found, re.MULTILINE)


def command(ranks, folder):
    nodes = -(-ranks // RANKS_OF_A_NODE)
    platform, hosts = folder / "platform.xml", folder / "hosts"
    platform.write_text(PLATFORM.format(last=nodes - 1, cores=RANKS_OF_A_NODE), encoding="utf-8")
    hosts.write_text("".join(f"n-{node}:{RANKS_OF_A_NODE}\n" for node in range(nodes)), encoding="utf-8")
    # Where it is ended it leaves files in the folder that it was started in.
    return ["env", "-C", str(folder), "smpirun", "-np", str(ranks), "-platform", str(platform), "-hostfile", str(hosts),
            "--log=root.thres:warning",
            "--cfg=smpi/host-speed:1Gf", "--cfg=smpi/simulate-computation:no", "--cfg=smpi/allreduce:rab_rdb",
            "--cfg=smpi/barrier:ompi_recursivedoubling", "--cfg=smpi/bcast:binomial_tree", "--cfg=smpi/allgather:rdb",
            f"--cfg=smpi/privatize-libs:{';'.join(private_libraries())}", PROGRAM]


def main():
    check = Check()
    options = ["--canary"] if check.options.canary else []
    for ranks in (12, 32) if check.options.quick else (12, 100, 256, 1024):
        with tempfile.TemporaryDirectory() as folder:
            # SimGrid's copies of libraries bear the same names in every simulation.
            outcome = launches.outcome_of([*command(ranks, pathlib.Path(folder)), *options], {"TMPDIR": folder}, 2400)
        if outcome.fault():
            check.tried(False, f"{ranks} ranks: {outcome.fault()}: {outcome.said}")
            continue
        check.count += outcome.tried
        check.held += outcome.held
        check.figure(outcome.figure)
        for what, value in outcome.hashes:
            print("hash", what, value)
    check.finish()


if __name__ == "__main__":
    main()
