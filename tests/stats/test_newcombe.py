"""Newcombe's interval against statsmodels."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from gateway.stats import Estimate, NotComputable, VariantStats, newcombe_columns, newcombe_interval, wilson
from tests.stats.arms import converted, moments

counts = st.tuples(st.integers(1, 5_000), st.floats(0.0, 1.0)).map(lambda pair: (round(pair[0] * pair[1]), pair[0]))


@given(control=counts, treatment=counts, level=st.floats(0.5, 0.999))
def test_the_interval_is_statsmodels(control: tuple[int, int], treatment: tuple[int, int], level: float) -> None:
    due = confint_proportions_2indep(*treatment, *control, method="newcomb", alpha=1 - level)
    found = newcombe_columns(*control, *treatment, level)
    assert (found.ci_low[0], found.ci_high[0]) == pytest.approx(due, rel=1e-7, abs=1e-7)
    assert -1.0 <= found.ci_low[0] <= found.difference[0] <= found.ci_high[0] <= 1.0


@pytest.mark.parametrize(("x", "n"), [(0, 10), (10, 10), (3, 17), (10**7, 10**9)])
def test_wilson_is_statsmodels(x: int, n: int) -> None:
    low, high = wilson(x, n)
    assert (low[0], high[0]) == pytest.approx(proportion_confint(x, n, method="wilson"), rel=1e-9, abs=1e-12)


@given(control=counts, treatment=counts)
def test_swapping_the_arms_turns_the_interval_round(control: tuple[int, int], treatment: tuple[int, int]) -> None:
    here, there = newcombe_columns(*control, *treatment), newcombe_columns(*treatment, *control)
    assert (here.ci_low[0], here.ci_high[0]) == pytest.approx((-there.ci_high[0], -there.ci_low[0]), abs=1e-15)


def test_it_covers_where_conversions_are_few() -> None:
    n, p, q = 100, 0.02, 0.05
    chance = np.outer(stats.binom.pmf(np.arange(n + 1), n, p), stats.binom.pmf(np.arange(n + 1), n, q))
    x, y = np.indices((n + 1, n + 1))
    found = newcombe_columns(x.ravel(), n, y.ravel(), n)
    covered = chance.ravel() @ ((found.ci_low <= q - p) & (q - p <= found.ci_high))
    assert 0.94 < covered < 0.98


def test_a_pair_is_its_columns() -> None:
    found, columns = newcombe_interval(converted(900, 90), converted(800, 99)), newcombe_columns(90, 900, 99, 800)
    assert isinstance(found, Estimate)
    due = columns.difference[0], columns.ci_low[0], columns.ci_high[0]
    assert (found.value, found.ci_low, found.ci_high) == due


@pytest.mark.parametrize(
    ("control", "treatment", "code"),
    [
        pytest.param(None, converted(90, 9), "no_control", id="no control"),
        pytest.param(converted(49, 9), converted(90, 9), "too_few_units", id="49"),
        pytest.param(converted(90, 4), converted(90, 9), "too_few_conversions", id="four"),
        pytest.param(moments(90, 1.5, 1.0), converted(90, 9), "not_a_proportion", id="over 100 %"),
        pytest.param(moments(90, math.nan, 1.0), converted(90, 9), "not_a_proportion", id="unknown"),
    ],
)
def test_what_has_no_interval_has_a_reason(control: VariantStats | None, treatment: VariantStats, code: str) -> None:
    found = newcombe_interval(control, treatment)
    assert isinstance(found, NotComputable)
    assert found.code == code


def test_impossible_counts_have_no_interval() -> None:
    found = newcombe_columns([5, -1, 0, math.nan], [4, 5, 0, 9], 1, 9)
    assert np.isnan(found.ci_low).all()
