# SPDX-License-Identifier: BSD-3-Clause
"""Of the checks of checks.py those of what many runs and many objects have in common."""

from model import Check, Goal, Launch

# All-reduces of Open MPI: recursive doubling, ring, Rabenseifner's.
ALGORITHMS = ("3", "4", "6")
SIMULATED = Launch("tests/scorecard/reproducible/simulated.py", limit=3600,
                   builds=(("simulate", "misfit_reproducible_check"),))


def reproducible(ranks, algorithm, *options):
    return Launch("reproducible", ranks, options=options, limit=600, environment={
        "OMP_NUM_THREADS": str(1 + ranks % 4), "OMPI_MCA_coll_tuned_use_dynamic_rules": "1",
        "OMPI_MCA_coll_tuned_allreduce_algorithm": algorithm})


def repeats(ranks, node_sum):
    return Launch("repeats", ranks, limit=300, environment={"MISFIT_NODE_SUM": node_sum})


def shared_memory(limit):
    return (Launch("tests/scorecard/repeats/shared_memory.py", limit=limit, builds=(("release", "misfit_repeats_check"),)),)


def checkpoints(limit):
    return (Launch("tests/scorecard/checkpoints/checkpoints.py", limit=limit, builds=(("release", "misfit_checkpoint_program"),)),)


CHECKS = (
    Check(
        name="cycles",
        guarantee="Objects that are made, used and destroyed leave no memory, no communicator, no open file, no shared memory.",
        goal=Goal("200,000 cycles, growth ≤ 1 MiB", cases=200000, figure=1024),
        figure="KiB, how much a rank has grown",
        full=(Launch("cycles", 2, limit=1200),), quick=(Launch("cycles", 2),), canary=(Launch("cycles", 2),),
        planted="a program that forgets a small View where one rank fails"),
    Check(
        name="files",
        guarantee="A file that is wrong is refused, or read as what it holds; what a length or check sum tells is noticed.",
        goal=Goal("≥ 20,000 files, 0 crashes, 0 silent changes", cases=20000),
        full=(Launch("files", 1, limit=600), Launch("files", 1, options=("--seed", "2"), limit=600)),
        quick=(Launch("files", 1),), canary=(Launch("files", 1),),
        planted="a reader that takes what is missing of a file as 0"),
    Check(
        name="checkpoints",
        guarantee="A program that is killed while it writes checkpoints goes on from the last whole one, on other ranks.",
        goal=Goal("≥ 50 kills, each start works", cases=50),
        full=checkpoints(600), quick=checkpoints(120), canary=checkpoints(600),
        planted="a file that is written over the one before"),
    Check(
        name="large_counts",
        guarantee="Counts beyond 32 bits are right, and products of extents beyond 64 bits are refused.",
        goal=Goal("2^31 + 10 unknowns, 2^30 + 3 at 2 ranks; messages cut at 1, 7, 64", cases=6000),
        full=tuple(Launch("large_counts", ranks, limit=900) for ranks in (1, 2, 3)),
        quick=tuple(Launch("large_counts", ranks) for ranks in (1, 2)), canary=(Launch("large_counts", 1),),
        planted="what is expected is counted in four bits"),
    Check(
        name="repeats",
        guarantee="Default sums have the same bits in every call and run, whatever was called before and /dev/shm holds.",
        goal=Goal("10,000 repeats, 50 relaunches, 0 differ", cases=15000),
        full=(*(repeats(2 + number % 12, str(number // 12 % 2)) for number in range(50)), *shared_memory(1800)),
        quick=(repeats(3, "1"), repeats(5, "0"), *shared_memory(120)), canary=(repeats(7, "1"),),
        planted="sums that add in order of arrival"),
    Check(
        name="reproducible",
        guarantee="With Sum::reproducible, f, ∇f, prox, Subset and at() give the same bits for any ranks, nodes, threads and partition.",
        goal=Goal("1 hash: 1 to 17 ranks, and to 1024 simulated", cases=13000, figure=1),
        figure="hashes, the most of a case",
        full=(*(reproducible(ranks, algorithm, "--quick") for ranks in range(1, 18) for algorithm in ALGORITHMS),
              *(reproducible(ranks, ALGORITHMS[0]) for ranks in (2, 3, 4, 6, 8)), SIMULATED),
        quick=tuple(reproducible(ranks, ALGORITHMS[0]) for ranks in (1, 3, 7)), canary=(reproducible(3, ALGORITHMS[0]),),
        planted="Sum::run_to_run in its place"),
)
