# SPDX-License-Identifier: BSD-3-Clause
"""The command line, checked before anything is installed, built or run."""

import argparse
import pathlib
import tempfile

import cases
import check
import collected
import programs
import slurm_options
from bad_input import BadInput
from platforms import SHIPPED, Platform
from slurm_options import count, words

EPILOG = """
A study takes at most 15 minutes on two cores after the build, with --quick two. Into the output folder it writes
index.html (plots and tables), results.json (all figures), google_benchmark.json, extrap/ (for Extra-P). The last lines
printed are a summary: the efficiency of each family on the most ranks.
"""


# Options, and the modes that heed them. The others would silently do something else than what was asked.
GOES_WITH = {
    "quick": ("measure", "simulate", "slurm"), "case": ("measure", "simulate", "slurm", "check"),
    "family": ("measure", "simulate", "slurm", "check"), "ranks": ("measure", "simulate", "slurm"),
    "oversubscribe": ("measure",), "platform": ("simulate", "check"),
    "rate": ("simulate",), "output": ("measure", "simulate", "collect"),
    **dict.fromkeys(slurm_options.NAMES, ("slurm",)), "partial": ("collect",),
}


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise BadInput(f"{message} (see --help)")


def rate(text):
    name, _, number = text.partition("=")
    known = ["bytes", "flops", *cases.FAMILIES]
    try:
        value = float(number)
    except ValueError:
        value = 0
    if name not in known or not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"WORK=NUMBER with one of {' '.join(known)} and a number a second, "
                                         f"not \"{text}\"")
    return name, value


def parser():
    p = Parser(prog="scripts/scaling_study", allow_abbrev=False, epilog=EPILOG,
               formatter_class=argparse.RawDescriptionHelpFormatter,
               description="How fn, grad and fn_and_grad scale over ranks, strong and weak: measured as far as the "
                           "cores reach,\nsimulated by SimGrid beyond them with the same program. Without --measure "
                           "and --simulate: both.")
    p.add_argument("--measure", action="store_true", help="real runs at 1, 2, ... ranks")
    p.add_argument("--simulate", action="store_true", help="simulated runs at 1, 2, ... 1024 ranks")
    p.add_argument("--quick", action="store_true", help="fewer cases, ranks and rounds")
    p.add_argument("--case", choices=("default", "numpex"), default="default",
                   help="numpex: the published case, 8 blurs with downsampling of RGB images on up to 64 ranks")
    p.add_argument("--family", choices=tuple(cases.FAMILIES), help="only this family of operators")
    p.add_argument("--ranks", type=count, metavar="N",
                   help="the most ranks: of --measure (default: the cores, at most 8) or, alone with --simulate, of "
                        "that (default: 1024, or what the platform has)")
    p.add_argument("--oversubscribe", action="store_true", help="measure on more ranks than cores; that is no timing")
    p.add_argument("--platform", type=words, metavar="FILE",
                   help="of SimGrid; default: scripts/platforms/cpu_cluster.xml, with --case numpex gpu_cluster.xml")
    p.add_argument("--rate", action="append", type=rate, default=[], metavar="WORK=NUMBER",
                   help="how fast a simulated rank computes: bytes=2e10, flops=1e10, or FAMILY=...; default: what is "
                        "measured here with all cores busy")
    p.add_argument("--check", type=words, metavar="REFERENCE",
                   help="results.json of an earlier simulation: simulates its cases again, fails if a figure differs")
    p.add_argument("--slurm", type=words, metavar="DIR",
                   help="writes the job scripts of the study into DIR, without --ranks of up to 64, and runs nothing")
    p.add_argument("--collect", type=words, metavar="DIR",
                   help="reports on what the jobs of --slurm DIR have left there")
    p.add_argument("--partial", action="store_true", help="with --collect: even if jobs are missing")
    p.add_argument("--output", type=words, default="scaling_report", metavar="DIR", help="default: scaling_report")
    p.add_argument("--cores", type=count, default=1, help=argparse.SUPPRESS)
    p.add_argument("--only_check", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--presets", action="store_true", help=argparse.SUPPRESS)
    slurm_options.add(p)
    return p


def writable(folder):
    """Now rather than after the runs. To root all is writable, so that a file is made."""
    path = pathlib.Path(folder).absolute()
    if path.exists() and not path.is_dir():
        raise BadInput(f"{folder} is no folder")
    while not path.exists():
        path = path.parent
    try:
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise BadInput(f"{folder} cannot be written: {error.strerror}") from error


def require_heeded(options):
    """Refuses options that what is asked for would not heed."""
    modes = [name for name in ("measure", "simulate") if getattr(options, name)] if options.mode == "study" \
        else [options.mode]
    unset = parser().parse_args([])
    for name, needed in GOES_WITH.items():
        if getattr(options, name) != getattr(unset, name) and not set(needed) & set(modes):
            raise BadInput(f"--{name} goes with --{' or --'.join(needed)}, and not with --{modes[0]}")


def parse(arguments):
    """Refuses what makes no sense, in one line."""
    options = parser().parse_args(arguments)
    options.said = arguments[2:] if arguments[:1] == ["--cores"] else arguments
    modes = [name for name in ("slurm", "collect", "check") if getattr(options, name)]
    if len(modes) > 1:
        raise BadInput(f"--{modes[0]} and --{modes[1]} exclude each other")
    options.mode = modes[0] if modes else "study"
    if options.mode in ("slurm", "collect") and (options.measure or options.simulate):
        raise BadInput(f"--{options.mode} goes without --measure and --simulate")
    if options.mode == "check":
        if options.measure:
            raise BadInput("--check compares simulations: go without --measure")
        options.simulate = True
    elif options.mode == "study" and not options.measure and not options.simulate:
        options.measure = options.simulate = True
    require_heeded(options)
    if options.measure and (options.ranks or 1) > options.cores and not options.oversubscribe:
        raise BadInput(f"--ranks: {options.ranks} is more than the {options.cores} cores of this machine; "
                       "--oversubscribe allows it, --simulate goes beyond")
    if options.mode == "check":
        check.platform_of(options, check.read(options.check))
    elif options.mode == "collect":
        collected.collect(options.collect, options.partial)
    elif options.mode == "slurm":
        slurm_options.settle(options)
    if options.mode != "check":  # which writes nothing
        writable(options.slurm if options.mode == "slurm" else options.output)
    if options.family and options.family not in programs.families():
        raise BadInput(f"--family {options.family}: this build has no FFTW, or MISFIT_ENABLE_FOURIER is off in it")
    options.families = [options.family] if options.family else programs.families()
    if options.mode == "study" and options.simulate:
        name = "gpu_cluster.xml" if options.case == "numpex" else "cpu_cluster.xml"
        options.platform = Platform(options.platform or SHIPPED / name)
        asked = 0 if options.measure else options.ranks or 0  # --ranks is of the measurements where there are any
        options.platform.host_file(asked)
        options.most_simulated = asked or min(1024, options.platform.places())
    if options.case == "numpex" and options.family not in (None, "downsampled_blur"):
        raise BadInput("--case numpex is of the family downsampled_blur")
    if options.case == "numpex" and options.rate:
        raise BadInput("--case numpex has the rate that was published: go without --rate")
    return options


def presets(options):
    """Of CMake, which the study needs. Simulations begin with measurements, but for those of the published case."""
    if options.simulate:
        programs.simgrid_version()
    if options.mode in ("slurm", "collect"):
        return []
    measures = options.measure or options.mode == "study" and options.case == "default"
    return ["release"] * measures + ["simulate"] * options.simulate
