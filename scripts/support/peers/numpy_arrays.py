#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Masks and dense matrices in NumPy, on one process: as one would write them, with memory to work in that is kept."""

import pathlib
import platform
import re
import sys

import worker

try:
    import numpy as np
except ImportError:
    sys.exit("NumPy (Debian: python3-numpy)")

TYPES = {"float": np.float32, "double": np.float64, "complex<float>": np.complex64, "complex<double>": np.complex128}


def numbers(path, case, *shape):
    return np.fromfile(path, TYPES[case.type]).reshape(shape or -1)


def squared(r):
    """|r|^2; np.vdot adds floats in a chain where the BLAS is the reference one."""
    parts = np.ascontiguousarray(r).reshape(-1).view(r.real.dtype)
    return float(np.einsum("i,i", parts, parts))


def version():
    np.dot(np.ones((2, 2)), np.ones(2))
    blas = sorted(set(re.findall(r"/\S*blas\S*\.so\S*", pathlib.Path("/proc/self/maps").read_text())) - {""})
    blas = [path for path in blas if re.match(r"lib\w*blas", path.rsplit("/", 1)[1])]
    return f"NumPy {np.__version__} with {' '.join(blas) or 'a BLAS of its own'}, Python {platform.python_version()}"


def mask(case):
    x = numbers(case.folder / "x", case)
    masks, ys = ([numbers(path, case) for path in case.each(name)] for name in ("mask", "y"))
    r, g = np.empty_like(x), np.empty_like(x)

    def compute():
        g.fill(0)
        total = 0
        for m, y in zip(masks, ys):
            np.multiply(m, x, out=r)
            np.subtract(r, y, out=r)
            total += squared(r)
            np.multiply(m, r, out=r)
            np.add(g, r, out=g)
        np.multiply(g, case.inverse_variance, out=g)
        return case.inverse_variance / 2 * total, g

    return compute


def dense(case):
    x = numbers(case.folder / "x", case)
    matrices = [numbers(path, case, -1, x.size) for path in case.each("matrix")]
    ys = [numbers(path, case) for path in case.each("y")]
    g = np.empty_like(x)

    def compute():
        g.fill(0)
        total = 0
        for a, y in zip(matrices, ys):
            r = a @ x
            r -= y
            total += squared(r)
            np.add(g, a.T @ r, out=g)
        np.multiply(g, case.inverse_variance, out=g)
        return case.inverse_variance / 2 * total, g

    return compute


def program_of(case):
    makers = {"mask": mask, "dense": dense}
    if case.ranks > 1 or case.family not in makers or case.type not in ("float", "double"):
        return None
    return worker.Timed(makers[case.family](case))


if __name__ == "__main__":
    worker.serve(version, program_of)
