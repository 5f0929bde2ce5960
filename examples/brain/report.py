#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes index.html, its figures and results.json from what the program brain and measure.py left in a directory.

usage: examples/brain/report.py DIRECTORY

scripts/run calls it. It needs matplotlib and numpy.
"""

import html
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "support"))
from page import STYLE, machine, table  # noqa: E402  (the line above makes it importable)

try:
    import figures
    import stored_results
except ImportError as error:
    sys.exit(f"report.py: this Python ({sys.executable}) lacks {error.name}; Debian's package is python3-{error.name}")

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>misfit: a brain volume from eight blurred acquisitions</title>
<style>
{style}</style></head><body>
<h1>A brain volume from eight blurred acquisitions</h1>
<p>{summary}</p>
<div class="key">{key}</div>
<h2>Images</h2>
<p>Middle slices. An acquisition is drawn at its own resolution, each sample centred on the voxel it was taken from.
PSNR is over all voxels of the volume, for a peak of 1.</p>
<img src="images.png" alt="truth, one acquisition, upsampled mean, reconstruction and its error in three slices">
<h2>Problem and method</h2>
<p>y<sub>i</sub> = A<sub>i</sub> x + noise, i = 0 … 7. A<sub>i</sub> blurs by a {taps} × {taps} × {taps} kernel, a
Gaussian of deviation {along} voxels along a direction of its own and {across} across, and keeps every second voxel of
each dimension; the noise is Gaussian, σ = {noise}. So {measured:,} measured numbers tell of {unknowns:,} unknowns.
For the reconstruction x is in slabs: a rank owns
some of its slices, the rows of the y<sub>i</sub> that lie there, and the parts of the A<sub>i</sub> that give them. Minimised is
f(x) = Σ<sub>i</sub> ‖A<sub>i</sub> x − y<sub>i</sub>‖² / (2σ²) over x ≥ 0, by {method}. The step is 1/L with
L = {norm:.3f}/σ², where {norm:.3f} bounds ‖A‖² from above. The iteration starts at the
mean of the acquisitions, interpolated trilinearly, and stops where f has fallen to half the number of measurements, which is
what the noise alone gives (the discrepancy principle): beyond, the noise is fitted. Here it stopped after {iterations}
iterations: {stopped}. f at the truth is {at_truth:.4f} f(noise).
Blur and noise are mild, so that the data alone determine the volume well: with much more noise this
needs a prior, which is not what misfit is about.</p>
<img src="kernels.png" alt="the eight kernels" style="max-width: 44rem">
<p>The eight kernels, summed along each dimension.</p>
<h2>Convergence</h2>
<img src="convergence.png" alt="data fidelity and PSNR by iteration">
<h2>Scaling</h2>
<img src="scaling.png" alt="speed-up and efficiency by number of ranks">
<p>Times by <code>misfit-study blur_volume</code>: kernels of the same size, on a cube of about as many voxels. Of one call: the longest of
all ranks after a barrier, median of {rounds} rounds, with its 95 % interval. Speed-up is against one rank; in the weak series it is
that of work per time.{doubts}</p>
<p>Strong scaling: x on every rank, the 8 operators spread over the ranks</p>{strong}
<p>Slabs: x, and each of the 8 operators, cut over the ranks</p>{slabs}
<p>Weak scaling: x on every rank, 4 operators a rank</p>{weak}
<h2>Machine and versions</h2>
<div class="facts">{facts}</div>
<p>Everything measured: <a href="results.json">results.json</a>.</p>
</body></html>
"""


def times(extents):
    return " × ".join(str(n) for n in extents)


def halved(problem):
    return " (quick run: means of 2 × 2 × 2 of the voxels in the file)" if problem["quick"] else ""


def scaling_table(scaling, series):
    rows = [(row["ranks"], row["operators"], row["call"], f'{row["ms"]:.1f}', f'{row["ms_low"]:.1f} – {row["ms_high"]:.1f}',
             f'{row["speed_up"]:.2f}', f'{100 * row["efficiency"]:.0f} %', f'{1e-9 * row["flops_per_second"]:.1f}')
            for row in scaling if row["series"] == series]
    return table(rows, ("ranks", "operators", "call", "median [ms]", "95 % interval", "speed-up", "efficiency", "Gflop/s"))


def key_figures(reconstruction, scaling):
    """What stands on top: value and text of each."""
    gain = reconstruction["psnr_of_result"] - reconstruction["psnr_of_start"]
    fastest = min((row for row in scaling if row["series"] != "weak" and row["call"] == "fn_and_grad"),
                  key=lambda row: row["ms"])
    return ((f'{reconstruction["psnr_of_result"]:.2f} dB', "PSNR of the reconstruction"),
            (f"{gain:+.2f} dB", "on the upsampled mean"),
            (f'{reconstruction["seconds"]:.1f} s', f'reconstruction, {reconstruction["ranks"]} MPI rank(s)'),
            (f'{fastest["ms"]:.0f} ms', f'fn_and_grad of 8 operators, {fastest["ranks"]} MPI rank(s)'))


def doubts(scaling):
    """Whether the times can be trusted."""
    share = min(row["core_share"] for row in scaling)
    if share >= 0.9:
        return ""
    return (f" Other work ran on this machine: at worst a rank got {100 * share:.0f} % of a core, so that the times are too long "
            "and the scaling too poor.")


def facts(problem, host):
    """What was computed, where, and with which versions."""
    volume = "" if problem["volume"] is None else f', volume {problem["volume"]}'
    versions = problem["versions"]
    return (("image", f'{problem["image"]}{volume}, {times(problem["shape_zyx"])} voxels (z, y, x){halved(problem)}'),
            ("processor", f'{host["processor"]}, {host["cores_visible"]} cores visible, {host["memory_gib"]} GiB'),
            ("system", host["system"]), ("compiler", versions["compiler"]), ("MPI", versions["mpi"]),
            ("Kokkos", f'{versions["kokkos"]}, {versions["execution_space"]}'),
            ("misfit", f'revision {host["revision"]}'), ("date", host["date"]))


def page(results):
    problem, reconstruction, scaling = results["problem"], results["reconstruction"], results["scaling"]
    shape, sampled = problem["shape_zyx"], problem["acquisition_shape_zyx"]
    return PAGE.format(
        style=STYLE,
        summary=f"A measured volume of {times(shape)} voxels{halved(problem)} was computed from eight simulated acquisitions of "
        f"{times(sampled)} voxels, each blurred in another direction and noisy, with the volume in slabs on the MPI ranks.",
        key="".join(f"<div><b>{html.escape(value)}</b>{html.escape(text)}</div>"
                    for value, text in key_figures(reconstruction, scaling)),
        taps=problem["kernel_extent"], along=problem["blur_deviation_along_voxels"],
        across=problem["blur_deviation_across_voxels"], noise=problem["noise_deviation"], unknowns=math.prod(shape),
        measured=problem["acquisitions"] * math.prod(sampled), method=html.escape(reconstruction["method"]),
        norm=reconstruction["norm_squared_bound"], iterations=len(reconstruction["history"]),
        stopped=reconstruction["stopped_because"], at_truth=reconstruction["f_at_truth"] / reconstruction["f_of_noise"],
        rounds=scaling[0]["rounds"], doubts=doubts(scaling),
        **{series: scaling_table(scaling, series) for series in stored_results.SERIES},
        facts=table(facts(problem, results["machine"]), ("", "")))


def draw(results, slices, kernels):
    """The figures by the names that the page gives them, each with its dots per inch."""
    problem, reconstruction = results["problem"], results["reconstruction"]
    return {"images.png": (figures.draw_images(slices, problem["spacing_zyx_mm"], reconstruction["psnr_of_start"],
                                               reconstruction["psnr_of_result"]), 90),
            "kernels.png": (figures.draw_kernels(kernels), 100),
            "convergence.png": (figures.draw_convergence(reconstruction), 100),
            "scaling.png": (figures.draw_scaling(results["scaling"]), 100)}


def make_report(directory):
    """Writes the report in the place of what it is made of."""
    results = {"machine": machine(), **stored_results.read_results(directory)}
    slices = stored_results.read_slices(directory, results["problem"])
    kernels = stored_results.read_kernels(directory, results["problem"])
    for name, (figure, dots_per_inch) in draw(results, slices, kernels).items():
        figure.savefig(directory / name, dpi=dots_per_inch)
    (directory / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (directory / "index.html").write_text(page(results), encoding="utf-8")
    for leftover in stored_results.files(directory):
        leftover.unlink()


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if len(sys.argv) == 2 else 2
    try:
        make_report(pathlib.Path(sys.argv[1]))
    except stored_results.BadResult as error:
        sys.exit(f"report.py: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
