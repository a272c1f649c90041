"""One pair of arms and a column of them give the same bits, whatever the arms, in every function with both forms."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gateway.stats as kernel
from gateway.stats import (
    ArmColumns,
    CovariateColumns,
    CovariateStats,
    NotComputable,
    RatioStats,
    ValueCountColumns,
    ValueCounts,
    VariantStats,
    arms_from_sums,
    arms_from_values,
    merge_arms,
)
from tests.stats.forms import FORMS, ROWS, World, reach, same_bits

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")
CORES = {"best_columns": "works on values and errors: best_arm_columns is the form for arms"}
"""Columns of something other than arms, and what has the pair's form."""


def group_of(name: str) -> int:
    """Strata come three to a comparison."""
    return 8 if name == "poststratify" else ROWS


def at(columns: Any, path: str) -> Any:
    """The column at a dotted path."""
    for step in path.split("."):
        columns = columns[step] if isinstance(columns, dict) else getattr(columns, step)
    return columns


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_pair_alone_and_in_a_column_give_the_same_bits(name: str, seed: int) -> None:
    form, world = FORMS[name], World(seed)
    columns = form.vector(world)
    reasons = getattr(columns, "reason", getattr(getattr(columns, "rows", None), "reason", None))
    for i in range(group_of(name)):
        single = form.scalar(world, i)
        if isinstance(single, NotComputable) and reasons is not None:
            assert reasons[i] == single.code, f"row {i}"
        for path, column in form.fields.items():
            if isinstance(single, NotComputable) and column in form.kept:
                continue
            here = reach(single, path) if path else single
            there = at(columns, column)[i]
            assert same_bits(here, there), f"row {i}, {path or column}: {here!r} alone, {there!r} in the column"


NAN_SAYS_SO = {"power_curve"}
"""Bare numbers whose NaN is the documented answer."""


@pytest.mark.parametrize("name", sorted(set(FORMS) - NAN_SAYS_SO))
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_an_answer_holds_no_number_that_is_none(name: str, seed: int) -> None:
    """What is not withheld with a reason is a number, whatever the arms; only Welch's dof may be infinite."""
    form, world = FORMS[name], World(seed)
    for i in range(group_of(name)):
        single = form.scalar(world, i)
        withheld = isinstance(single, NotComputable) or getattr(single, "status", "") == "not_computable"
        if single is None or withheld or getattr(getattr(single, "result", None), "code", None):
            continue
        for path in form.fields:
            value = reach(single, path) if path else single
            no_baseline = path == "lift" and getattr(getattr(single, "baseline", None), "value", 1.0) == 0.0
            if value is None or path == "dof" or no_baseline or withheld_part(single, path):
                continue
            assert math.isfinite(float(value)), f"row {i}, {path}: {single}"


def withheld_part(single: Any, path: str) -> bool:
    """Whether a part of the answer on this path has a reason of its own."""
    steps = path.split(".")[:-1]
    return any(isinstance(reach(single, ".".join(steps[: k + 1])), NotComputable) for k in range(len(steps)))


def test_every_form_for_columns_is_held_against_the_form_for_a_pair() -> None:
    columns = {name for name in kernel.__all__ if name.endswith("_columns")} - set(CORES)
    singles = {name.split(" ")[0] for name in FORMS}
    pairs = {"power_columns": "power_curve", "newcombe_columns": "newcombe_interval", "quantile_columns": "quantile_of"}
    pairs["best_arm_columns"] = "chance_to_be_best"
    assert {pairs.get(name, name.removesuffix("_columns")) for name in columns} <= singles


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_a_row_does_not_depend_on_its_neighbours(seed: int) -> None:
    """Every cut of a comparison gives the same bits, so that results may be recomputed in any batches."""
    world = World(seed)
    rows = np.random.default_rng(seed).permutation(ROWS)[: ROWS // 2]
    part = kernel.compare_columns(
        world.sides[0].take(rows),
        world.sides[1].take(rows),
        aggregation=[world.aggregation[i] for i in rows],
        desired=[world.desired[i] for i in rows],
        running=[world.running[i] for i in rows],
        min_units=2,
        min_conversions=1,
    )
    for name in ("p_value", "ci_low", "lift_ci_high", "sequential_p_value", "chance_to_win", "sequential_lift_ci_low"):
        whole = getattr(world.compared, name)[rows]
        assert all(same_bits(a, b) for a, b in zip(getattr(part, name), whole, strict=True)), name


numbers = st.floats(-1e6, 1e6).map(lambda value: value + 0.0)


@given(st.lists(st.tuples(st.integers(0, 4), numbers), max_size=60))
def test_arms_of_values_are_the_arms_one_by_one(rows: list[tuple[int, float]]) -> None:
    columns = arms_from_values([arm for arm, _ in rows], [value for _, value in rows], arms=5)
    for arm in range(5):
        alone = VariantStats.from_values(value for code, value in rows if code == arm)
        assert same_bits(columns.n[arm], alone.n)
        assert same_bits(columns.mean[arm], alone.mean)
        assert same_bits(columns.m2[arm], alone.m2)


@given(st.lists(st.lists(st.integers(-(2**31), 2**31), min_size=1, max_size=20), min_size=1, max_size=6))
def test_arms_of_integer_sums_are_exact_at_any_size(arms: list[list[int]]) -> None:
    n, total = [len(arm) for arm in arms], [sum(arm) for arm in arms]
    squares = [sum(value * value for value in arm) for arm in arms]
    columns = arms_from_sums(n, np.array(total, dtype=np.int64), np.array(squares, dtype=object))
    for i in range(len(arms)):
        alone = VariantStats.from_sums(n[i], total[i], squares[i])
        assert (columns.mean[i], columns.m2[i]) == (alone.mean, alone.m2)


@given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20), min_size=1, max_size=6), st.floats(-1e7, 1e7))
def test_arms_of_sums_are_the_arms_one_by_one(arms: list[list[float]], offset: float) -> None:
    shifted = [[value + offset for value in arm] for arm in arms]
    n = [len(arm) for arm in shifted]
    total, squares = [math.fsum(arm) for arm in shifted], [math.fsum(value * value for value in arm) for arm in shifted]
    columns = arms_from_sums(n, total, squares)
    for i in range(len(arms)):
        alone = VariantStats.from_sums(n[i], total[i], squares[i])
        assert same_bits(columns.mean[i], alone.mean)
        assert same_bits(columns.m2[i], alone.m2)


def test_sums_that_are_not_finite_or_have_no_units_leave_the_moments_unknown() -> None:
    columns = arms_from_sums([0, 3, 3, 3], [0.0, math.nan, 5.0, math.inf], [0.0, 1.0, math.nan, math.inf])
    assert np.isnan(columns.mean).tolist() == [True, True, True, True]
    assert np.isnan(columns.m2).all()
    assert np.isnan(arms_from_sums([0], [0], [0]).m2).all()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_columns_merge_as_arms_do(seed: int) -> None:
    one, other = World(seed).sides
    known = [ArmColumns.of(np.nan_to_num(side.n), side.mean, side.m2, denominator_mean=side.denominator_mean,
             denominator_m2=side.denominator_m2, cross_m2=side.cross_m2) for side in (one, other)]  # fmt: skip
    merged = merge_arms(*known)
    for i in range(ROWS):
        arms = [side.row(i, "ratio") for side in known]
        alone = arms[0] + arms[1]  # type: ignore[operator]  # both are ratio arms
        assert isinstance(alone, RatioStats)
        found = (merged.n[i], merged.mean[i], merged.m2[i], merged.denominator_mean[i], merged.cross_m2[i])
        due = (alone.n, alone.numerator.mean, alone.numerator.m2, alone.denominator.mean, alone.cross_m2)
        assert all(same_bits(a, b) for a, b in zip(found, due, strict=True)), (found, due)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5), st.integers(0, 9)), max_size=40))
def test_columns_of_value_counts_are_the_arms_one_by_one(rows: list[tuple[int, int, int]]) -> None:
    arm, values, counts = ([row[part] for row in rows] for part in range(3))
    columns = ValueCountColumns.of(arm, values, counts, arms=4)
    singles = [ValueCounts.of([v for a, v, _ in rows if a == i], [c for a, _, c in rows if a == i]) for i in range(4)]
    held, stats = columns.winsorised(0.1, 0.9), columns.stats()
    for i, single in enumerate(singles):
        assert columns.row(i).values.tolist() == single.values.tolist()
        assert columns.row(i).counts.tolist() == single.counts.tolist()
        assert same_bits(stats.mean[i], single.stats().mean)
        assert same_bits(stats.m2[i], single.stats().m2)
        if single.n:
            assert columns.quantile(0.3)[i] == single.quantile(0.3)
            assert held.row(i).values.tolist() == single.winsorised(0.1, 0.9).values.tolist()
    both = columns.merge(held)
    assert both.n.tolist() == (2 * columns.n).tolist()


def test_a_ratio_is_adjusted_from_the_marts_columns_too() -> None:
    rng = np.random.default_rng(5)
    arms = []
    for _ in range(2):
        x, d = rng.normal(3.0, 1.0, 400), rng.poisson(2.0, 400) + 1.0
        arms.append((rng.normal(5.0, 1.0, 400) * d + x, d, x))

    def moments(a: Any, b: Any) -> float:
        return float(((a - a.mean()) * (b - b.mean())).sum())

    def columns(y: Any, d: Any, x: Any, **more: float) -> CovariateStats:
        return CovariateStats.from_moments(
            400, y.mean(), moments(y, y), x.mean(), moments(x, x), moments(x, y),
            denominator_mean=d.mean(), denominator_m2=moments(d, d), cross_m2=moments(y, d), **more,
        )  # fmt: skip

    whole = [columns(y, d, x, covariate_denominator_cross_m2=moments(x, d)) for y, d, x in arms]
    units = [CovariateStats.from_values(y.tolist(), x.tolist(), denominator=d.tolist()) for y, d, x in arms]
    found, due = (kernel.adjust(*pair, aggregation="ratio") for pair in (whole, units))
    assert isinstance(found, kernel.Adjusted)
    assert isinstance(due, kernel.Adjusted)
    assert found.difference.ci_low == pytest.approx(due.difference.ci_low, rel=1e-9)
    assert found.variance_reduction == pytest.approx(due.variance_reduction, rel=1e-9)
    left_out = kernel.adjust(*(columns(y, d, x) for y, d, x in arms), aggregation="ratio")
    assert isinstance(left_out, NotComputable)
    assert left_out.code == "covariate_unknown", "a covariance that nobody gave is not zero"
    assert isinstance(CovariateColumns.from_stats(whole).row(0), CovariateStats)
