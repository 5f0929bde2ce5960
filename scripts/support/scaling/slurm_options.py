# SPDX-License-Identifier: BSD-3-Clause
"""The options of --slurm: what the jobs ask the machine for, and how they start their ranks."""

import argparse
import re

from bad_input import BadInput

NAMES = ("ranks_per_node", "gpus_per_node", "threads", "time", "account", "partition", "sbatch", "launcher", "launcher_option",
         "mpi", "prologue", "cache_bytes")

# Cores of a node, where nothing is said: most have more.
CORES = 32
# [bytes] Of the last level, where nothing is said: most have less.
CACHE = 128 << 20

# What the scripts of a study must say themselves, and which option has its say in it.
OWN = {"nodes": "--ranks_per_node", "ntasks": "--ranks", "ntasks-per-node": "--ranks_per_node", "cpus-per-task": "--threads",
       "gpus-per-node": "--gpus_per_node", "time": "--time", "account": "--account", "partition": "--partition",
       **dict.fromkeys(("job-name", "chdir", "output", "array", "dependency"))}


def count(text):
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise argparse.ArgumentTypeError(f"a number from 1 on, not \"{text}\"")
    return int(text)


def words(text):
    if not text.strip() or "\n" in text:
        raise argparse.ArgumentTypeError("needs a value")
    return text


def time_limit(text):
    """As sbatch takes it: M, M:S, H:M:S, D-H, D-H:M, D-H:M:S. 0 would be no limit."""
    if not re.fullmatch(r"\d{1,6}(:\d{1,2}){0,2}|\d{1,3}-\d{1,2}(:\d{1,2}){0,2}", text) or not re.search("[1-9]", text):
        raise argparse.ArgumentTypeError(f"a time above 0 as sbatch takes it (30, 30:00, 1:30:00, 1-12), not \"{text}\"")
    return text


def directive(text):
    """NAME[=VALUE] of #SBATCH --NAME[=VALUE]."""
    found = re.fullmatch(r"([a-z][a-z-]*)(?:=(\S.*))?", text)
    if not found:
        raise argparse.ArgumentTypeError(f"NAME or NAME=VALUE, as qos=debug, not \"{text}\"")
    if found[1] in OWN:
        raise argparse.ArgumentTypeError(f"{found[1]} is said by the scripts: " +
                                         (f"use {OWN[found[1]]}" if OWN[found[1]] else "it tells whose results are whose"))
    return found[1], found[2]


def cache_bytes(text):
    if not re.fullmatch(r"[1-9][0-9]{4,11}", text):
        raise argparse.ArgumentTypeError(f"a number of bytes from 10000 on, not \"{text}\"")
    return int(text)


def add(parser):
    with_slurm = parser.add_argument_group("with --slurm")
    with_slurm.add_argument("--ranks_per_node", type=count, metavar="N",
                            help="the most; default: one a GPU, without GPUs 32 cores over --threads")
    with_slurm.add_argument("--gpus_per_node", type=count, metavar="N", help="a rank has one; a node has as many ranks")
    with_slurm.add_argument("--threads", type=count, metavar="N",
                            help="cores, and threads of OpenMP, of a rank; beside them one rank on one core; default: 1")
    with_slurm.add_argument("--time", type=time_limit, metavar="LIMIT",
                            help="of each job, as sbatch takes it; default: by the cases of a job")
    with_slurm.add_argument("--account", type=words, metavar="NAME")
    with_slurm.add_argument("--partition", type=words, metavar="NAME")
    with_slurm.add_argument("--sbatch", type=directive, action="append", default=[], metavar="NAME[=VALUE]",
                            help="another option of sbatch, as qos=debug, constraint=milan, mem=0, reservation=study; "
                                 "may be given several times")
    with_slurm.add_argument("--launcher", type=words, default="srun", metavar="COMMAND",
                            help="starts the ranks: srun (default), mpirun (of Open MPI), or another that takes -n RANKS")
    with_slurm.add_argument("--launcher_option", type=words, action="append", default=[], metavar="OPTION",
                            help="of that command, as --launcher_option=--verbose; may be given several times")
    with_slurm.add_argument("--mpi", type=words, metavar="TYPE",
                            help="of srun (srun --mpi=list); default: that of the machine")
    with_slurm.add_argument("--prologue", type=words, metavar="FILE",
                            help="of bash, what a job does first, as loading modules")
    with_slurm.add_argument("--cache_bytes", type=cache_bytes, metavar="N",
                            help="the last-level cache of a node, after which sizes are chosen; default: 128 MiB")


def settle(options):
    """Fills in what follows from other options. Refuses those that contradict each other."""
    options.threads = options.threads or 1
    options.cache_bytes = options.cache_bytes or CACHE
    gpus = options.gpus_per_node
    if gpus and (options.ranks_per_node or 1) > gpus:
        raise BadInput(f"--ranks_per_node: {options.ranks_per_node} is more than the {gpus} GPUs of a node: a rank has one")
    if options.mpi and options.launcher != "srun":
        raise BadInput(f"--mpi is of srun: go without it, or without --launcher {options.launcher}")
    options.ranks_per_node = options.ranks_per_node or gpus or max(1, CORES // options.threads)
