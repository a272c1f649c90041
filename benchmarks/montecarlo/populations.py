"""Populations whose mean is known, and arms of units drawn from them: many experiments at once.

A population draws `runs` arms of n units each as columns of sufficient statistics; blocks keep memory flat.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.stats import ArmColumns

Floats: TypeAlias = NDArray[np.float64]
Generator: TypeAlias = np.random.Generator
Units: TypeAlias = Callable[[Generator, tuple[int, int]], Floats]
"""Draws one value per unit; shape (arms, units)."""
CELLS = 2_000_000
"""Units drawn at a time."""


@dataclass(frozen=True, slots=True)
class Population:
    """Where an arm's units come from. `value` is the mean, or the ratio of means, that intervals should cover."""

    value: float
    draw: Callable[[Generator, int, int], ArmColumns]
    """(rng, units per arm, arms) -> the arms' statistics."""


def conversions(rate: float) -> Population:
    """Units that convert or don't."""

    def draw(rng: Generator, n: int, runs: int) -> ArmColumns:
        found = rng.binomial(n, rate, runs).astype(np.float64)
        return ArmColumns.of(float(n), found / n, None, conversions=found)

    return Population(rate, draw)


def normal(mean: float, sd: float) -> Population:
    """Normal values: the mean and m2 are drawn as such, so any size costs the same."""

    def draw(rng: Generator, n: int, runs: int) -> ArmColumns:
        m2 = sd * sd * rng.chisquare(n - 1, runs)
        return ArmColumns.of(float(n), rng.normal(mean, sd / math.sqrt(n), runs), m2)

    return Population(mean, draw)


def revenue(mean: float, payers: float, sigma: float) -> Population:
    """Zero for most units, log-normal for a share of `payers`; only the payers are drawn."""
    centre = math.log(mean / payers) - sigma * sigma / 2.0

    def draw(rng: Generator, n: int, runs: int) -> ArmColumns:
        paying = rng.binomial(n, payers, runs)
        sums, squares = np.zeros(runs), np.zeros(runs)
        block = max(1, int(CELLS / (n * payers)))
        for start in range(0, runs, block):
            counts = paying[start : start + block]
            arm = np.repeat(np.arange(start, start + len(counts)), counts)
            values = rng.lognormal(centre, sigma, len(arm))
            sums += np.bincount(arm, values, runs)
            squares += np.bincount(arm, values * values, runs)
        return ArmColumns.of(float(n), sums / n, squares - sums * sums / n)

    return Population(mean, draw)


def lognormal(mean: float, sigma: float) -> Population:
    """Every unit pays, some very much."""
    centre = math.log(mean) - sigma * sigma / 2.0
    return Population(mean, in_blocks(lambda rng, shape: rng.lognormal(centre, sigma, shape)))


def pareto(mean: float, tail: float) -> Population:
    """Power-law values: no moment of order `tail` or above exists."""
    least = mean * (tail - 1.0) / tail
    return Population(mean, in_blocks(lambda rng, shape: least * (1.0 + rng.pareto(tail, shape))))


def counts(mean: float, dispersion: float) -> Population:
    """Over-dispersed counts: negative binomial with variance mean + mean^2 / dispersion."""
    share = dispersion / (dispersion + mean)
    return Population(
        mean, in_blocks(lambda rng, shape: rng.negative_binomial(dispersion, share, shape).astype(np.float64))
    )


def basket(price: float, orders: float) -> Population:
    """Revenue over orders, correlated: Poisson orders, and units that order often also pay more each time.

    Revenue is orders x price x exp(0.5 z - 0.125) x (1 + 0.1 orders): the ratio is price (1 + 0.1 (1 + orders)).
    """

    def draw(rng: Generator, n: int, runs: int) -> ArmColumns:
        parts = []
        for rows in _blocks(n, runs):
            bottom = rng.poisson(orders, (rows, n)).astype(np.float64)
            top = bottom * price * rng.lognormal(-0.125, 0.5, (rows, n)) * (1.0 + 0.1 * bottom)
            off_top, off_bottom = (part - part.mean(axis=1, keepdims=True) for part in (top, bottom))
            cross = (off_top * off_bottom).sum(axis=1)
            parts.append((top.mean(axis=1), (off_top**2).sum(axis=1), bottom.mean(axis=1),
                          (off_bottom**2).sum(axis=1), cross))  # fmt: skip
        mean, m2, under, under_m2, cross = (np.concatenate(column) for column in zip(*parts, strict=True))
        return ArmColumns.of(
            float(n), mean, m2, denominator_mean=under, denominator_m2=under_m2, cross_m2=cross
        )

    return Population(price * (1.0 + 0.1 * (1.0 + orders)), draw)


def in_blocks(units: Units) -> Callable[[Generator, int, int], ArmColumns]:
    """Arms from a sampler of units."""

    def draw(rng: Generator, n: int, runs: int) -> ArmColumns:
        parts = []
        for rows in _blocks(n, runs):
            values = units(rng, (rows, n))
            mean = values.mean(axis=1)
            parts.append((mean, ((values - mean[:, None]) ** 2).sum(axis=1)))
        mean, m2 = (np.concatenate(column) for column in zip(*parts, strict=True))
        return ArmColumns.of(float(n), mean, m2)

    return draw


def merge(one: ArmColumns, other: ArmColumns) -> ArmColumns:
    """Both arms' units as one, row by row (Chan, Golub and LeVeque 1979); no ratios."""
    n = one.n + other.n
    shift = other.mean - one.mean
    mean = one.mean + shift * (other.n / n)
    between = shift * shift * (one.n * other.n / n)
    return ArmColumns.of(n, mean, one.m2 + other.m2 + between, conversions=one.conversions + other.conversions)


def _blocks(n: int, runs: int) -> list[int]:
    """Arms per block, so that a block holds about CELLS units."""
    size = max(1, CELLS // n)
    return [min(size, runs - start) for start in range(0, runs, size)]
