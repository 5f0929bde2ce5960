#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sparse matrices, convolutions, and operators with Fourier transforms in SciPy, on one process.

The origin of images and frequencies is brought into the corner before, once, and no time is spent on shifts.
"""

import sys

import numpy_arrays
import worker
from numpy_arrays import numbers, squared

try:
    import numpy as np
    import scipy
    import scipy.fft
    import scipy.ndimage
    import scipy.sparse
except ImportError:
    sys.exit("SciPy (Debian: python3-scipy)")


def version():
    return f"SciPy {scipy.__version__}, {numpy_arrays.version()}"


def sparse(case):
    x = numbers(case.folder / "x", case)
    matrices = []
    for starts, columns, values in zip(*map(case.each, ("row_map", "columns", "values"))):
        starts, columns = (np.fromfile(path, np.int32) for path in (starts, columns))
        matrices.append(scipy.sparse.csr_matrix((numbers(values, case), columns, starts), shape=(starts.size - 1, x.size)))
    transposed = [a.T for a in matrices]
    ys = [numbers(path, case) for path in case.each("y")]

    def compute():
        g = np.zeros_like(x)
        total = 0
        for a, at, y in zip(matrices, transposed, ys):
            r = a @ x
            r -= y
            total += squared(r)
            g += at @ r
        g *= case.inverse_variance
        return case.inverse_variance / 2 * total, g

    return worker.Timed(compute)


def factors(kernel):
    """One for each dimension, of which the kernel is the outer product; the kernel itself, where it is none."""
    u, s, v = np.linalg.svd(kernel)
    return [(u[:, 0] * s[0]).astype(kernel.dtype), v[0].astype(kernel.dtype)] if s[1] < 1e-6 * s[0] else [kernel]


def blur(case):
    x = numbers(case.folder / "x", case, *case.shape)
    kernels = [factors(numbers(path, case, 5, 5)) for path in case.each("kernel")]
    step, kept = case.step, tuple(-(-n // case.step) for n in case.shape[1:])
    ys = [numbers(path, case, case.shape[0], *kept) for path in case.each("y")]
    filled = np.zeros_like(x)

    def forward(k):
        if len(k) == 1:
            return scipy.ndimage.convolve(x, k[0][np.newaxis], mode="wrap")[:, ::step, ::step]
        rows = scipy.ndimage.convolve1d(x, k[0], axis=1, mode="wrap")[:, ::step]
        return scipy.ndimage.convolve1d(rows, k[1], axis=2, mode="wrap")[:, :, ::step]

    def adjoint(k, r):
        filled[:, ::step, ::step] = r
        if len(k) == 1:
            return scipy.ndimage.correlate(filled, k[0][np.newaxis], mode="wrap")
        rows = scipy.ndimage.correlate1d(filled, k[0], axis=1, mode="wrap")
        return scipy.ndimage.correlate1d(rows, k[1], axis=2, mode="wrap")

    def compute():
        g = np.zeros_like(x)
        total = 0
        for k, y in zip(kernels, ys):
            r = forward(k) - y
            total += squared(r)
            g += adjoint(k, r)
        g *= case.inverse_variance
        return case.inverse_variance / 2 * total, g

    return worker.Timed(compute)


def corner(image):
    return np.ascontiguousarray(np.fft.ifftshift(image))


def transforms(case):
    """Fourier with a mask, and the coils of an image."""
    x = corner(numbers(case.folder / "x", case, *case.shape))
    real = x.real.dtype
    masks = [corner(np.fromfile(path, real).reshape(case.shape)) for path in case.each("mask")]
    maps = [corner(numbers(path, case, *case.shape)) for path in case.each("map")] if case.family == "coils" else [None] * len(masks)
    ys = [corner(numbers(path, case, *case.shape)) for path in case.each("y")]
    conjugate = [None if c is None else c.conj() for c in maps]

    def compute():
        g = np.zeros_like(x)
        total = 0
        for c, c_conj, m, y in zip(maps, conjugate, masks, ys):
            image = x if c is None else c * x
            r = scipy.fft.fftn(image, norm="ortho", overwrite_x=c is not None)
            r *= m
            r -= y
            total += squared(r)
            r *= m
            image = scipy.fft.ifftn(r, norm="ortho", overwrite_x=True)
            if c is not None:
                image *= c_conj
            g += image
        g *= real.type(case.inverse_variance)
        return case.inverse_variance / 2 * total, g

    return worker.Timed(compute, np.fft.fftshift)


def fourier_blur(case):
    """With the residual in Fourier space, as misfit has it: two transforms, not four."""
    x = numbers(case.folder / "x", case, *case.shape)
    spectra, ys = [], []
    for path, y in zip(case.each("kernel"), case.each("y")):
        kernel = numbers(path, case, *[5] * x.ndim)
        image = np.zeros_like(x)
        image[tuple(slice(0, 5) for _ in case.shape)] = kernel
        spectra.append(scipy.fft.rfftn(np.roll(image, [-2] * x.ndim, range(x.ndim))))
        ys.append(scipy.fft.rfftn(numbers(y, case, *case.shape)))
    conjugate = [h.conj() for h in spectra]

    def compute():
        g = np.zeros_like(x)
        total = 0
        for h, h_conj, y in zip(spectra, conjugate, ys):
            r = scipy.fft.rfftn(x)
            r *= h
            r -= y
            # Half of the spectrum: all but the first and the last column stand for two.
            total += 2 * squared(r) - squared(r[..., :1]) - (squared(r[..., -1:]) if x.shape[-1] % 2 == 0 else 0)
            r *= h_conj
            g += scipy.fft.irfftn(r, x.shape, overwrite_x=True)
        g *= case.inverse_variance
        return case.inverse_variance / 2 * total / x.size, g

    return worker.Timed(compute)


def program_of(case):
    makers = {"sparse": sparse, "blur": blur, "fourier": transforms, "coils": transforms, "fourier_blur": fourier_blur}
    if case.ranks > 1 or case.family not in makers or (case.family in ("sparse", "blur") and case.type.startswith("complex")):
        return None
    return makers[case.family](case)


if __name__ == "__main__":
    worker.serve(version, program_of)
