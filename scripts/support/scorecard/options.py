# SPDX-License-Identifier: BSD-3-Clause
"""The command line, checked before anything is installed, built or run."""

import argparse
import pathlib
import tempfile

import record
from bad_input import BadInput
from checks import CHECKS
from launches import ROOT

EPILOG = """
A full run takes about an hour and a half on two cores after the builds, with --quick a minute and a half. Into the output
folder it writes scorecard.json (every check with its launches) and scorecard.html. What an earlier run on the same
machine has left there of other checks is kept.
Exit status: 0 where all held, with --canaries where all were caught; else 1.
"""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise BadInput(f"{message} (see --help)")


def names(text):
    known = [check.name for check in CHECKS]
    asked = text.split(",")
    for name in asked:
        if name not in known:
            raise argparse.ArgumentTypeError(f"there is no check \"{name}\"; there are: {' '.join(known)}")
    return asked


def folder(text):
    if not text.strip():
        raise argparse.ArgumentTypeError("needs the name of a folder")
    return pathlib.Path(text).absolute()


def parser():
    p = Parser(prog="scripts/scorecard", allow_abbrev=False, epilog=EPILOG,
               formatter_class=argparse.RawDescriptionHelpFormatter,
               description="Tries what misfit guarantees, check by check: how many cases were tried, how many held.")
    p.add_argument("--quick", action="store_true", help="fewer cases of each check, and not those that take long builds")
    p.add_argument("--canaries", action="store_true",
                   help="whether each check finds the fault that is planted for it, instead of the checks themselves")
    p.add_argument("--only", type=names, metavar="NAME,...", help="only these checks")
    p.add_argument("--list", action="store_true", help="print the checks and what they show, and run nothing")
    p.add_argument("--output", type=folder, default=ROOT / "report", metavar="DIR", help="default: report")
    p.add_argument("--only_check", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--builds", action="store_true", help=argparse.SUPPRESS)
    return p


def require_writable(path):
    """Now rather than after the runs. To root all is writable, so that a file is made."""
    if path.exists() and not path.is_dir():
        raise BadInput(f"--output: {path} is no folder")
    present = path
    while not present.exists():
        present = present.parent
    try:
        with tempfile.TemporaryFile(dir=present):
            pass
    except OSError as error:
        raise BadInput(f"--output: {path} cannot be written: {error.strerror}") from error


def parse(arguments):
    """Refuses what makes no sense, in one line."""
    options = parser().parse_args(arguments)
    if options.list and (options.quick or options.canaries or options.only):
        raise BadInput("--list lists all checks: go without --quick, --canaries and --only")
    if options.quick and options.canaries:
        raise BadInput("--canaries are quick already: go without --quick")
    options.checks = [check for check in CHECKS if not options.only or check.name in options.only]
    if options.quick and options.only:
        for check in options.checks:
            if not check.quick:
                raise BadInput(f"--only: {check.name} has no quick form: go without --quick")
    require_writable(options.output)
    record.read(options.output)
    return options


def builds(options):
    """Preset and targets, a line each."""
    wanted = {}
    for check in options.checks:
        for launch in check.launches(options):
            for preset, *targets in launch.needs:
                wanted.setdefault(preset, set()).update(targets)
    return [" ".join((preset, *sorted(targets))) for preset, targets in wanted.items()]
