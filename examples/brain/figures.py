# SPDX-License-Identifier: BSD-3-Clause
"""The figures of the report, from the results as stored_results reads them. Each function returns one."""

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (Agg has to be chosen before)

from stored_results import CALLS, PLANES  # noqa: E402

MARKERS = dict(zip(CALLS, "osD"))


def extent(shape, plane, spacing, step=1):
    """Left, right, bottom and top [mm] of a slice of `shape`, which has every `step`th voxel of each dimension."""
    rows, columns = shape
    down = spacing[1 if plane == "axial" else 0]
    across = spacing[1 if plane == "sagittal" else 2]
    half = 0.5 * step  # a sample is drawn centred on its voxel
    return (-half * across, (columns * step - half) * across, -half * down, (rows * step - half) * down)


def detail_of(outer):
    """The window within the axial slice that is shown enlarged."""
    left, right, low, high = outer
    width, height = right - left, high - low
    return (left + 0.30 * width, left + 0.62 * width, low + 0.52 * height, low + 0.84 * height)


def without_ticks(axis):
    axis.set_xticks([])
    axis.set_yticks([])


def draw_images(slices, spacing, psnr_of_start, psnr_of_result):
    """Three planes and a detail of the first in rows; truth, what was measured, and what was made of it in columns."""
    truth = slices["truth"]
    differences = {plane: slices["result"][plane] - truth[plane] for plane in PLANES}
    columns = (("truth", truth, 1), ("one of 8 acquisitions", slices["acquisition"], 2),
               (f"upsampled mean of the 8\n{psnr_of_start:.2f} dB", slices["start"], 1),
               (f"reconstruction\n{psnr_of_result:.2f} dB", slices["result"], 1), ("reconstruction − truth", differences, 1))
    outer = {plane: extent(truth[plane].shape, plane, spacing) for plane in PLANES}
    rows = [(plane, plane, outer[plane]) for plane in PLANES]
    rows.append(("axial, detail", "axial", detail_of(outer["axial"])))
    ratios = [(top - bottom) / (right - left) for _, _, (left, right, bottom, top) in rows]
    figure, axes = plt.subplots(len(rows), len(columns), figsize=(15, 3.06 * sum(ratios) + 1.3),
                                gridspec_kw={"height_ratios": ratios}, layout="constrained")
    colours = image_colours(truth, differences)
    for (label, plane, view), line in zip(rows, axes):
        for (_, images, step), axis in zip(columns, line):
            axis.imshow(images[plane], extent=extent(images[plane].shape, plane, spacing, step), origin="lower",
                        interpolation="nearest", **colours[images is differences])
            axis.set(xlim=view[:2], ylim=view[2:])
            without_ticks(axis)
        line[0].set_ylabel(label, fontsize=13)
    for (title, _, _), axis in zip(columns, axes[0]):
        axis.set_title(title, fontsize=13)
        mark(axis, rows[-1][2])
    add_colour_bars(figure, axes[-1])
    return figure


def image_colours(truth, differences):
    """How images are coloured, and how differences are."""
    def percentile(images, share):
        return float(np.percentile(np.concatenate([image.ravel() for image in images.values()]), share))

    limit = max(percentile({plane: np.abs(image) for plane, image in differences.items()}, 99.5), 1e-3)
    return ({"cmap": "gray", "vmin": 0, "vmax": percentile(truth, 99.7)},
            {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit})


def mark(axis, window):
    left, right, low, high = window
    axis.add_patch(plt.Rectangle((left, low), right - left, high - low, fill=False, color="orange", linewidth=1))


def add_colour_bars(figure, line):
    """Below the last line of images: one for the greys, one for the differences in the last column."""
    grey, shown = line[0].images[0], line[-1].images[0]
    limit = shown.norm.vmax
    bar = {"location": "bottom", "shrink": 0.9, "aspect": 40, "pad": 0.01}
    figure.colorbar(grey, ax=line[:-1], **{**bar, "aspect": 80, "shrink": 0.5})
    figure.colorbar(shown, ax=line[-1], ticks=[-limit, 0, limit], format="%.2g", **bar)


def draw_kernels(kernels):
    figure, axes = plt.subplots(3, len(kernels), figsize=(9, 3.6), layout="constrained")
    for dimension, name in enumerate(("z", "y", "x")):
        for i, kernel in enumerate(kernels):
            axis = axes[dimension, i]
            axis.imshow(kernel.sum(axis=dimension), origin="lower", cmap="magma", vmin=0)
            without_ticks(axis)
            if dimension == 0:
                axis.set_title(f"$i$ = {i}", fontsize=11)
        axes[dimension, 0].set_ylabel(f"along {name}")
    return figure


def draw_convergence(reconstruction):
    history = reconstruction["history"]
    iterations = [row["iteration"] for row in history]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    left.semilogy(iterations, [row["f"] / reconstruction["f_of_noise"] for row in history], "o-", markersize=4)
    left.axhline(1, color="grey", linestyle="--", linewidth=1, label="what noise alone gives: stop")
    left.set(xlabel="iteration", ylabel="f / f(noise)", title="Data fidelity")
    right.plot(iterations, [row["psnr"] for row in history], "o-", markersize=4, label="reconstruction")
    right.axhline(reconstruction["psnr_of_start"], color="grey", linestyle="--", linewidth=1,
                  label="upsampled mean (start)")
    right.set(xlabel="iteration", ylabel="PSNR [dB]", title="Against the truth (not used by the method)")
    for axis in (left, right):
        axis.grid(alpha=0.3)
        axis.legend(frameon=False)
        axis.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    return figure


def draw_scaling(scaling):
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 3.8), layout="constrained")
    for axis, series, quantity in ((left, "strong", "speed_up"), (middle, "slabs", "speed_up"), (right, "weak", "efficiency")):
        ranks = sorted({row["ranks"] for row in scaling if row["series"] == series})
        axis.plot(ranks, ranks if quantity == "speed_up" else [1] * len(ranks), color="grey", linestyle="--", linewidth=1,
                  label="ideal")
        for call, marker in MARKERS.items():
            rows = [row for row in scaling if row["series"] == series and row["call"] == call]
            axis.plot([row["ranks"] for row in rows], [row[quantity] for row in rows], marker=marker, markersize=5, label=call)
        axis.set_xscale("log", base=2)
        axis.set_xticks(ranks, [str(n) for n in ranks])
        axis.minorticks_off()
        axis.set_xlabel("MPI ranks")
        axis.grid(alpha=0.3)
        axis.legend(frameon=False)
    for axis, title in ((left, "Strong scaling: 8 operators over the ranks"), (middle, "Slabs: each operator on all ranks")):
        axis.set_yscale("log", base=2)
        axis.yaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
        axis.set(ylabel="speed-up", title=title)
    right.set(ylabel="efficiency", ylim=(0, 1.25), title="Weak scaling: 4 operators a rank")
    return figure
