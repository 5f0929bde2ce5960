# SPDX-License-Identifier: BSD-3-Clause
"""Laws of scaling in the normal form of performance models, t(p) = c0 + c1 p^i log2(p)^j, with at most one term more:
A. Calotoiu, T. Hoefler, M. Poke, F. Wolf, Using Automated Performance Modeling to Find Scalability Bugs in Complex Codes,
SC13. The exponents are those of Extra-P's single-parameter models, negative ones too, as it has for strong scaling; only
negative powers of the logarithm are left out, which have no value at one rank. No part that stays or grows is below 0.

Of the laws with as many coefficients, that is taken which errs least, relative to the times, where each point in turn is
left out. One coefficient more must at least halve that error, and is not tried where it is small enough."""

import dataclasses
import functools
import itertools
from fractions import Fraction

import numpy

POWERS = [Fraction(text) for text in "1/4 1/3 1/2 2/3 3/4 4/5 1 5/4 4/3 3/2 5/3 7/4 2 9/4 7/3 5/2 8/3 11/4 3".split()]
CONSTANT = (Fraction(0), 0)
TERMS = [(Fraction(0), 1), (Fraction(0), 2), *itertools.product(POWERS, (0, 1, 2)), *((-i, 0) for i in POWERS)]
# What falls beside what grows: work that is divided, and messages, which take no more than p times as long.
PAIRS = [(falls, grows) for falls in TERMS for grows in TERMS if falls[0] < 0 <= grows[0] <= 1]

FEWEST_POINTS = 5     # as many as Extra-P asks for
POINTS_FOR_PAIRS = 6
GAIN = 0.5            # what one coefficient more must make of the error
ENOUGH = 0.005        # an error that needs no better law
EXACT = 1e-9          # an error that is of rounding
DRAWS = 200           # of the bootstrap


def column(term, p):
    return p ** float(term[0]) * numpy.log2(p) ** term[1]


@dataclasses.dataclass(frozen=True)
class Law:
    terms: tuple
    coefficients: tuple

    def __call__(self, p):
        p = numpy.asarray(p, dtype=float)
        return sum(c * column(term, p) for c, term in zip(self.coefficients, self.terms))

    def __str__(self):
        """13.4 p^-1 + 0.0167 p^(1/3) log2(p)"""
        signs = ["- " if c < 0 else "+ " for c in self.coefficients]
        parts = [f"{sign}{abs(c):.3g}{power(*term)}"
                 for sign, c, term in zip(signs, self.coefficients, self.terms)]
        return " ".join(parts).removeprefix("+ ")


def power(i, j):
    exponent = {0: "", 1: " p"}.get(i, f" p^{i}" if i.denominator == 1 else f" p^({i})")
    return exponent + ("", " log2(p)", f" log2(p)^{j}")[min(j, 2)]


@functools.cache
def candidates(points):
    """Lists of terms, those with one coefficient first."""
    one, two = [(CONSTANT,), *((term,) for term in TERMS)], [(CONSTANT, term) for term in TERMS]
    return [one, two + PAIRS, [(CONSTANT, *pair) for pair in PAIRS]] if points >= POINTS_FOR_PAIRS else [one, two]


def least_squares(laws, p, weights):
    """Of all laws at once: the matrices that take weighted times to coefficients, and to what the law leaves of them."""
    columns = {term: column(term, p) * weights for term in set(itertools.chain(*laws))}
    design = numpy.array([[columns[term] for term in law] for law in laws]).transpose(0, 2, 1)
    scale = numpy.linalg.norm(design, axis=1, keepdims=True)
    inverse = numpy.linalg.pinv(design / scale, rcond=1e-10)
    return inverse / scale.transpose(0, 2, 1), numpy.eye(len(p)) - (design / scale) @ inverse


def errors_of(laws, coefficients, targets, left, own):
    """Of each law and target, where each point is left out; infinite where a law cannot be one of times."""
    with numpy.errstate(divide="ignore", invalid="ignore"):
        errors = numpy.sqrt(numpy.mean((left / own[:, :, None])**2, axis=1))
    stays = numpy.array([[term[0] >= 0 for term in law] for law in laws])
    impossible = (coefficients < 0) & stays[:, :, None]
    errors[impossible.any(axis=1) | (targets <= left).any(axis=1) | (own < EXACT).any(axis=1)[:, None]] = numpy.inf
    return numpy.where(numpy.isnan(errors), numpy.inf, errors)


def choose(p, times, weights):
    """For each column of `times` a law, its error, and what each point has of itself that the law does not take on."""
    targets = times * weights[:, None]
    best = [(None, numpy.inf, None)] * times.shape[1]
    for laws in candidates(len(p)):
        inverse, rest = least_squares(laws, p, weights)
        own, coefficients = numpy.diagonal(rest, axis1=1, axis2=2), inverse @ targets
        errors = errors_of(laws, coefficients, targets, rest @ targets, own)
        for k, least in enumerate(errors.argmin(axis=0)):
            if errors[least, k] < GAIN * best[k][1] and best[k][1] > ENOUGH:
                best[k] = Law(laws[least], tuple(coefficients[least, :, k])), errors[least, k], own[least]
    return best


def resampled(law, p, times, own):
    """Times that could have been as well, a column each: of the law, with errors of other points, as large as they are
    where the law does not bend to the point. The same whenever it is asked."""
    errors = (times / law(p) - 1) / numpy.sqrt(own)
    drawn = numpy.random.RandomState(1).randint(len(p), size=(len(p), DRAWS))
    return law(p)[:, None] * numpy.maximum(1 + (errors - errors.mean())[drawn], 0.01)


def fitted(p, times):
    """The law of the times at p ranks, its relative error, and the laws of resampled times, which tell how sure it is.
    Nothing where there are too few points."""
    if len(p) < FEWEST_POINTS:
        return None
    p, times = numpy.asarray(p, dtype=float), numpy.asarray(times, dtype=float)
    law, error, own = choose(p, times[:, None], 1 / times)[0]
    if error <= EXACT:
        return law, error, [law]
    again = choose(p, resampled(law, p, times, own), 1 / times)
    return law, error, [other for other, _, _ in again if other]


def between(laws, p):
    """Where 95 % of the laws are."""
    return numpy.percentile([law(p) for law in laws], (2.5, 97.5), axis=0)
