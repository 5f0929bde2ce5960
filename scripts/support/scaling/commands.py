# SPDX-License-Identifier: BSD-3-Clause
"""What scripts/scaling_study does, when all that it needs is installed and built."""

import dataclasses
import os
import pathlib
import shutil
import tempfile
import textwrap

import calibration
import cases
import check
import collected
import figures
import numpex
import programs
import report
import result_lines
import slurm
import study
import summary
import table
from bad_input import BadInput


def most_measured(asked):
    return asked.ranks if asked.ranks and asked.measure else min(asked.cores, 8)


@dataclasses.dataclass
class Plan:
    """All runs of a study, as far as they are known before the first."""
    measured: list
    compared: list     # made twice: measured, then simulated
    calibration: list  # one run, if there is no other with all cores busy
    simulated: list    # without rates, where these are to be measured


def plan_of(asked):
    published = asked.case == "numpex"
    plan = Plan([], [], [], [])
    if asked.measure:
        plan.measured = study.numpex_runs("measured", asked, most_measured(asked)) if published else \
            cases.measured_runs(asked.families, asked.quick, most_measured(asked))
    if asked.simulate and published:
        plan.simulated = study.numpex_runs("simulated", asked, asked.most_simulated)
    elif asked.simulate:
        if asked.cores > 1:
            plan.compared = cases.comparison_runs(asked.families, asked.quick)
        stated = study.stated_rates(dict(asked.rate), asked.families)
        missing = [name for name in asked.families if f"{name}/fn_and_grad" not in stated]
        if missing and asked.cores not in [run.ranks for run in plan.measured]:
            plan.calibration = [cases.calibration_run(missing, asked.quick, asked.cores)]
        plan.simulated = cases.simulated_runs(asked.families, asked.quick, asked.most_simulated, None)
    return plan


def measure(work, planned, cores):
    """The results of the real runs, with those of more threads where ranks can have them."""
    runs = [work.measure(planned[0])]
    if runs[0]["results"]["context"].get("kokkos_execution_space") in ("OpenMP", "Threads"):
        more = cases.threaded_runs(planned[0], cores)
        work.expect(more)
        planned = planned + more
    return runs + [work.measure(run) for run in planned[1:]]


def rates_for(work, asked, plan, measured, results):
    """Work a second of each family and call: stated, or measured with all cores of this machine busy."""
    stated = study.stated_rates(dict(asked.rate), asked.families)
    runs = [work.measure(run, " (for the rates)") for run in plan.calibration]
    runs += [run for run in measured if run["ranks"] == asked.cores and run["threads"] == 1]
    planned = [run for run in plan.calibration + plan.measured if run.ranks == asked.cores]
    if not runs:
        return stated
    results["calibration"] = calibration.calibrated(work, planned[0], runs[0], stated)
    if results["calibration"]:
        print("\n".join(textwrap.wrap(calibration.told(results["calibration"]), 100)))
    return ({f"{row['family']}/{row['call']}": row["rate"] for row in results["calibration"]}
            | study.sum_rate_of(runs[0]) | stated)


def simulate(work, asked, plan, measured, results):
    """Adds the simulated runs, their settings, and how far simulations are from measurements here."""
    settings = study.Settings(asked.platform, programs.simgrid_version())
    if plan.compared:
        results["comparison"] = study.compare(work, plan.compared, settings.simgrid)
        table.show_comparison(results["comparison"])
    planned = plan.simulated
    if asked.case != "numpex":
        rates = rates_for(work, asked, plan, measured, results)
        planned = [dataclasses.replace(run, rates=rates) for run in planned]
    results["context"]["simulation"] = settings.described(planned)
    return work.simulate_all(planned, settings)


def study_mode(asked):
    if asked.simulate:
        programs.try_platform(asked.platform)
    plan = plan_of(asked)
    work = study.Study(asked.cores)
    work.expect(plan.measured + 2 * plan.compared + plan.calibration + plan.simulated)
    results = {"context": report.context(asked.said), "comparison": [], "published": [], "points": []}
    runs = measure(work, plan.measured, asked.cores) if asked.measure else []
    if asked.simulate:
        runs += simulate(work, asked, plan, runs, results)
    finish(asked, runs, results)


def finish(asked, runs, results):
    """Shows what was found, and moves it into the output folder when all is there."""
    import laws  # needs numpy, which writing job scripts does not

    results["points"] = figures.points(runs)
    results["laws"] = laws.of(results["points"])
    results["placements"] = figures.placements(results["points"])
    if asked.case == "numpex":
        results["published"] = numpex.compared(results["points"])
    print()
    table.show(results)
    table.show_jobs(results["context"])
    result_lines.show(results["points"])
    summary.show(results)
    output = pathlib.Path(asked.output).absolute()
    output.mkdir(parents=True, exist_ok=True)
    # Beside what it replaces: a move from another file system could break off in the middle.
    with tempfile.TemporaryDirectory(dir=output, prefix=".new.") as staged:
        report.write(pathlib.Path(staged), results, runs)
        move(pathlib.Path(staged), output)
    print(f"Report: {output / 'index.html'}")


def move(folder, output):
    """All files, and what an earlier study left for Extra-P is not of this one."""
    (output / "extrap").mkdir(exist_ok=True)
    for path in (output / "extrap").glob("*.jsonl"):
        path.unlink()
    for path in sorted(folder.rglob("*.*")):
        os.chmod(path, 0o644)
        shutil.move(path, output / path.relative_to(folder))


def check_mode(asked):
    """Makes the simulations of the reference again. 1 if a figure differs."""
    reference = check.read(asked.check)
    simulation = reference["context"]["simulation"]
    platform = check.platform_of(asked, reference)
    settings = study.Settings(platform, programs.simgrid_version())
    planned = [cases.Run("simulated", run["ranks"], tuple(run["cases"]), rates=run["rates"])
               for run in simulation["runs"]]
    check.require_same(asked.check, simulation, settings.described(planned), asked)
    work = study.Study(asked.cores)
    work.expect(planned)
    runs = work.simulate_all(planned, settings)
    differing = check.compare(reference, {"points": figures.points(runs)})
    for line in differing:
        print(line)
    if differing:
        raise BadInput(f"{len(differing)} cases differ from {asked.check}, named above. If that is meant, write a new "
                       "reference: the results.json of the same study")
    print(f"All {len(planned)} runs give the figures of {asked.check}.")


def collect_mode(asked):
    found = collected.collect(asked.collect, asked.partial)
    asked.case = found.case
    finish(asked, found.runs, {"context": collected.context_of(found, asked.said), "comparison": [], "published": [],
                               "points": []})


MODES = {"study": study_mode, "check": check_mode, "slurm": slurm.write, "collect": collect_mode}
