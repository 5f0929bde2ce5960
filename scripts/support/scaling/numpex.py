# SPDX-License-Identifier: BSD-3-Clause
"""The published case: 8 operators (5x5 blur, every 2nd pixel) of RGB float images, and its gradient."""

from cases import Run, parsed, powers_of_two

# Milliseconds of the gradient by GPUs, 4 V100-32GB a node. NumPEx, benchmark_invprob_largescale of DeepInverse's
# distributed gradient, timing-breakdown.json.
PUBLISHED = {
    2048: {1: 16.8, 2: 10.9, 4: 5.9, 8: 6.5, 16: 12.9, 32: 12.3, 64: 13.3},
    4096: {1: 62.7, 2: 39.9, 4: 21.5, 8: 22.6, 16: 51.3, 32: 51.6, 64: 50.7},
}
FORMS = ("replicated", "split", "slabs")
OPERATORS = 8
WEAK = "downsampled_blur/weak/32/256/grad/slabs"  # more operators of smaller images: 1024 ranks fit into one machine


def memory_needed(size, ranks, form):
    """[bytes], roughly: x, the gradient, what is sent of them, and the measurements, which are a quarter of an image
    each; in slabs all ranks together have one image, with ghost rows."""
    image = 3 * 4 * size**2
    return image * ((6 if form == "slabs" else 3 * ranks) + OPERATORS // 4)


def weak_memory_needed(ranks):
    """[bytes], roughly: each rank has an image, and the measurements of all operators of it."""
    case = parsed(WEAK)
    return ranks * 3 * 4 * case.size**2 * (6 + case.operators // 4)


def left_out_of(memory, what, ranks, needed):
    return (f"{what} on {ranks} rank{'s'[:ranks > 1]} is left out: it needs {needed / 2**30:.1f} GiB of memory, and "
            f"{memory / 2**30:.1f} are free")


def rate(size):
    """Operations a second that the published time on one GPU implies: two passes of 5 taps forward and back, for 8
    operators. As misfit-study counts them: the first pass is needed for all columns of the kept rows. The largest
    size has the rate of the one before it."""
    published = min(size, max(PUBLISHED))
    return OPERATORS * 4 * 5 * 3 * (3 * (published // 2) ** 2) / (1e-3 * PUBLISHED[published][1])


def runs(kind, quick, most_ranks, memory):
    """Those that fit into `memory` [bytes], and in words those that do not. The published times were taken on 1 to 64
    GPUs."""
    planned, left_out = [], []
    for size in (2048,) if quick else (2048, 4096, 8192):
        rates = {"downsampled_blur/grad": rate(size)} if kind == "simulated" else None
        for ranks in powers_of_two(1, min(64, most_ranks)):
            names = []
            for form in FORMS:
                needed = memory_needed(size, ranks, form)
                if needed <= memory:
                    names.append(f"downsampled_blur/strong/{OPERATORS}/{size}/grad/{form}")
                else:
                    left_out.append(left_out_of(memory, f"{kind}: {size}^2 {form}", ranks, needed))
            if names:
                planned.append(Run(kind, ranks, tuple(names), 1 if kind == "simulated" else 9, rates=rates))
    for ranks in powers_of_two(1, most_ranks) if kind == "simulated" else ():
        if weak_memory_needed(ranks) <= memory:
            planned.append(Run(kind, ranks, (WEAK,), rates={"downsampled_blur/grad": rate(2048)}))
        else:
            left_out.append(left_out_of(memory, f"{kind}: the weak series", ranks, weak_memory_needed(ranks)))
    return planned, left_out


def has(name):
    """Whether the published case has this one."""
    case = parsed(name)
    return name == WEAK or (case.family, case.series, case.operators, case.call) == ("downsampled_blur", "strong", OPERATORS, "grad")


def compared(points):
    """The published milliseconds beside the simulated and the measured of each form."""
    rows = []
    strong = [p for p in points if (p["series"], p["call"], p["threads"]) == ("strong", "grad", 1)]
    sizes = {p["size"] for p in strong}
    for size, ranks in sorted({(p["size"], p["ranks"]) for p in strong}
                              | {(size, ranks) for size in sizes for ranks in PUBLISHED.get(size, ())}):
        row = {"size": size, "ranks": ranks}
        if ranks in PUBLISHED.get(size, {}):
            row["published_ms"] = PUBLISHED[size][ranks]
        for point in strong:
            if (point["size"], point["ranks"]) == (size, ranks):
                row[f"{point['kind']}_{point['form']}_ms"] = point["ms"]
        for form in FORMS:
            if f"simulated_{form}_ms" in row and "published_ms" in row:
                row[f"published_over_{form}"] = row["published_ms"] / row[f"simulated_{form}_ms"]
        rows.append(row)
    return rows
