"""Columns of arms from totals, values or each other, by the same arithmetic as one arm alone.

`VariantStats.from_sums` subtracts in exact fractions; here integers stay Python's own, of any size, and floats carry
what each product and sum leaves out (Dekker 1971, Knuth 1969), which rounds to the same bits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gateway.stats.arms import ArmColumns, as_column
from gateway.stats.tails import FloatArray

_SPLITTER = 134_217_729.0
"""2^27 + 1: splits a float64 into two halves whose products are exact."""


def arms_from_sums(n: Any, sum: Any, sum_squares: Any, **columns: Any) -> ArmColumns:  # noqa: A002 - the marts' name
    """`VariantStats.from_sums` row by row; further columns as in `ArmColumns.of`. Exact for integers of any size."""
    units, total, squares = (np.atleast_1d(np.asarray(column)) for column in (n, sum, sum_squares))
    units, total, squares = np.broadcast_arrays(units, total, squares)
    whole = all(_integers(column) for column in (total, squares))
    with np.errstate(all="ignore"):
        mean, m2 = _exact(units, total, squares) if whole else _carried(*map(as_column, (units, total, squares)))
    return ArmColumns.of(units, mean, m2, **columns)


def arms_from_values(arm: Any, values: Any, *, arms: int | None = None) -> ArmColumns:
    """`VariantStats.from_values` for units that say which arm they are in, by number from 0; in any order.

    Shewchuk's summation runs once per arm, over all its units.
    """
    codes, given = np.atleast_1d(np.asarray(arm, dtype=np.intp)), as_column(values)
    if codes.shape != given.shape:
        raise ValueError(f"{len(codes)} arms for {len(given)} values")
    if not np.isfinite(given).all():
        raise ValueError("values must be finite: drop and count the others first")
    total = int(codes.max(initial=-1)) + 1 if arms is None else arms
    if len(codes) and not 0 <= codes.min() <= codes.max() < total:
        raise ValueError(f"arms are numbered from 0 to below {total}")
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(1, total))
    mean, m2 = np.full(total, np.nan), np.full(total, np.nan)
    parts = np.split(given[order], starts) if total else []
    for place, part in enumerate(parts):
        if len(part):
            mean[place] = math.fsum(part.tolist()) / len(part)
            off = part - mean[place]
            m2[place] = math.fsum((off * off).tolist())
    return ArmColumns.of(np.array([float(len(part)) for part in parts]), mean, m2)


def merge_arms(one: ArmColumns, other: ArmColumns) -> ArmColumns:
    """Row by row, both arms' units as one (Chan, Golub and LeVeque 1979); an empty arm changes nothing."""
    if len(one) != len(other):
        raise ValueError(f"{len(one)} arms for {len(other)}")
    n = one.n + other.n
    with np.errstate(all="ignore"):
        between = one.n * other.n / n
        moved, moved_bottom = other.mean - one.mean, other.denominator_mean - one.denominator_mean

        def mean(a: FloatArray, b: FloatArray) -> FloatArray:
            return np.asarray((one.n * a + other.n * b) / n)

        merged = ArmColumns.of(
            n,
            mean(one.mean, other.mean),
            one.m2 + other.m2 + moved * moved * between,
            conversions=one.conversions + other.conversions,
            denominator_mean=mean(one.denominator_mean, other.denominator_mean),
            denominator_m2=one.denominator_m2 + other.denominator_m2 + moved_bottom * moved_bottom * between,
            cross_m2=one.cross_m2 + other.cross_m2 + moved * moved_bottom * between,
        )
    return _where(one.n == 0, other, _where(other.n == 0, one, merged))


def _where(rows: Any, one: ArmColumns, other: ArmColumns) -> ArmColumns:
    names = ("n", "mean", "m2", "conversions", "denominator_mean", "denominator_m2", "cross_m2")
    return ArmColumns(*(np.where(rows, getattr(one, name), getattr(other, name)) for name in names))


def _integers(column: Any) -> bool:
    if column.dtype == object:
        return all(isinstance(value, int | np.integer) for value in column.tolist())
    return bool(np.issubdtype(column.dtype, np.integer))


def _exact(n: Any, total: Any, squares: Any) -> tuple[FloatArray, FloatArray]:
    """Mean and m2 in Python's integers, each rounded once."""
    known = as_column(n) > 0
    units = np.where(known, n, 1).astype(np.int64).astype(object)
    sums, twos = total.astype(object), squares.astype(object)
    mean = np.asarray(sums / units, dtype=np.float64)
    m2 = np.asarray((units * twos - sums * sums) / units, dtype=np.float64)
    return np.where(known, mean, np.nan), np.where(known, np.maximum(m2, 0.0), np.nan)


def _carried(n: FloatArray, total: FloatArray, squares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n squares - total^2) / n in pairs of floats; what is left below the inputs' own rounding counts as zero."""
    high, low = _product(n, squares)
    minus, minus_low = _product(total, total)
    main, rest = _sum(high, -minus)
    carry, last = _sum(low, -minus_low)
    main, more = _sum(main, carry)
    main, more = _sum(main, more + (rest + last))
    quotient = main / n
    back, back_low = _product(quotient, n)
    m2 = quotient + ((main - back) - back_low + more) / n
    m2 = np.where(m2 > 32.0 * np.finfo(np.float64).eps * squares, m2, 0.0)
    known = (n > 0) & np.isfinite(total) & np.isfinite(squares)
    return np.where(known, total / n, np.nan), np.where(known, m2, np.nan)


def _sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """a + b, and what rounding left out."""
    found = a + b
    part = found - a
    return found, (a - (found - part)) + (b - part)


def _product(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """a b, and what rounding left out."""
    found = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    return found, ((a_high * b_high - found) + a_high * b_low + a_low * b_high) + a_low * b_low


def _halves(a: FloatArray) -> tuple[FloatArray, FloatArray]:
    wide = _SPLITTER * a
    high = wide - (wide - a)
    return high, a - high
