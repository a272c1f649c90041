"""Bootstrap and ranks from value counts, against SciPy on the units themselves."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gateway.stats import (
    Bootstrap,
    Estimate,
    NotComputable,
    RankTest,
    ValueCounts,
    VariantStats,
    bootstrap,
    mann_whitney,
)

RNG = np.random.default_rng(12)
LOW, HIGH = RNG.negative_binomial(1, 0.2, 400), RNG.negative_binomial(1, 0.17, 500)
CONTROL, TREATMENT = ValueCounts.of(LOW), ValueCounts.of(HIGH)
samples = st.lists(st.integers(-4, 9), min_size=2, max_size=60)


def booted(*arms: ValueCounts, **options: Any) -> Bootstrap:
    found = bootstrap(*arms, **options)
    assert isinstance(found, Bootstrap)
    return found


def ranked(control: Any, treatment: Any) -> RankTest:
    found = mann_whitney(ValueCounts.of(control), ValueCounts.of(treatment), min_units=2)
    assert isinstance(found, RankTest)
    return found


@given(values=samples, other=samples)
def test_value_counts_hold_what_the_units_do(values: list[int], other: list[int]) -> None:
    counts = ValueCounts.of(values)
    whole = VariantStats.from_values(values)
    assert counts.n == len(values)
    assert (counts.stats().mean, counts.stats().m2) == pytest.approx((whole.mean, whole.m2), abs=1e-9)
    assert [counts.at_rank(k) for k in range(1, counts.n + 1)] == sorted(values)
    assert counts.quantile(0.5) == np.quantile(values, 0.5, method="inverted_cdf")
    merged, turned = counts + ValueCounts.of(other), ValueCounts.of(other) + counts
    assert merged.values.tolist() == turned.values.tolist() == sorted(set(values) | set(other))
    assert merged.counts.tolist() == turned.counts.tolist()


def test_value_counts_come_from_the_database_in_any_order() -> None:
    found = ValueCounts.of([3, 1, 3, 2], [5, 0, 2, 4])
    assert (found.values.tolist(), found.counts.tolist()) == ([2.0, 3.0], [4.0, 7.0])
    assert ValueCounts.from_mapping({3: 7, 2: 4}).counts.tolist() == [4.0, 7.0]
    assert ValueCounts.from_values([]).n == 0
    assert math.isnan(ValueCounts.from_values([]).stats().mean)
    assert ValueCounts.of([0, 1, 99], [5, 94, 1]).winsorised(high=0.99).values.tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("values", "counts", "text"),
    [([1.0, math.nan], None, "finite"), ([1], [0.5], "whole"), ([1], [1, 2], "1 values for 2")],
)
def test_value_counts_that_are_none_are_refused(values: Any, counts: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        ValueCounts.of(values, counts)


def test_percentile_bootstrap_is_that_of_the_units() -> None:
    found = booted(CONTROL, TREATMENT, interval="percentile", draws=8_000, seed=1)
    oracle = stats.bootstrap(
        (HIGH.astype(float), LOW.astype(float)),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        n_resamples=8_000,
        method="percentile",
        rng=np.random.default_rng(2),
    )
    slack = 0.1 * found.standard_error
    assert found.difference.value == pytest.approx(HIGH.mean() - LOW.mean())
    assert found.difference.ci_low == pytest.approx(oracle.confidence_interval.low, abs=slack)
    assert found.difference.ci_high == pytest.approx(oracle.confidence_interval.high, abs=slack)
    assert found.standard_error == pytest.approx(oracle.standard_error, rel=0.05)


def test_studentised_bootstrap_agrees_with_welch_where_the_data_are_normal() -> None:
    a, b = RNG.normal(10, 3, 800), RNG.normal(10.4, 3, 900)
    found = booted(ValueCounts.of(a), ValueCounts.of(b), draws=6_000)
    due = stats.ttest_ind(b, a, equal_var=False)
    interval = due.confidence_interval()
    assert found.interval == "studentised"
    assert found.difference.ci_low == pytest.approx(interval.low, abs=0.02)
    assert found.difference.ci_high == pytest.approx(interval.high, abs=0.02)
    assert found.p_value == pytest.approx(due.pvalue, abs=0.01)


def test_a_quantile_is_bootstrapped_too() -> None:
    found = booted(CONTROL, TREATMENT, quantile=0.9)
    assert found.quantile == 0.9
    assert found.interval == "percentile"
    assert found.difference.value == CONTROL.quantile(0.9) * -1 + TREATMENT.quantile(0.9)
    assert found.difference.ci_low <= found.difference.value <= found.difference.ci_high


def test_the_same_arms_and_seed_give_the_same_answer_and_swapping_turns_it_round() -> None:
    assert booted(CONTROL, TREATMENT) == booted(CONTROL, TREATMENT)
    assert booted(CONTROL, TREATMENT) != booted(CONTROL, TREATMENT, seed=1)
    here, there = booted(CONTROL, TREATMENT, draws=8_000), booted(TREATMENT, CONTROL, draws=8_000)
    assert here.difference.ci_low == pytest.approx(-there.difference.ci_high, abs=0.1 * here.standard_error)


def test_the_studentised_interval_covers_skewed_means() -> None:
    rng, rounds, covered = np.random.default_rng(7), 300, 0
    for _ in range(rounds):
        arms = [ValueCounts.of(rng.negative_binomial(1, 0.1, n)) for n in (80, 160)]
        found = booted(*arms, draws=400)
        covered += found.difference.ci_low <= 0.0 <= found.difference.ci_high
    assert abs(covered / rounds - 0.95) < 4 * math.sqrt(0.95 * 0.05 / rounds)


def test_lift_is_given_only_where_the_baseline_stays_on_its_side_of_zero() -> None:
    found = booted(CONTROL, TREATMENT).lift
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(HIGH.mean() / LOW.mean() - 1)
    assert found.ci_low < found.value < found.ci_high
    across = booted(ValueCounts.of([-1, 1], [50, 52]), TREATMENT).lift
    nothing = booted(ValueCounts.of([-1, 1], [50, 50]), TREATMENT).lift
    assert isinstance(across, NotComputable)
    assert isinstance(nothing, NotComputable)
    assert (across.code, nothing.code) == ("lift_unbounded", "zero_baseline")


@pytest.mark.parametrize("method", [bootstrap, mann_whitney])
def test_what_cannot_be_resampled_has_a_reason(method: Any) -> None:
    few = method(ValueCounts.of([1, 2], [40, 9]), TREATMENT)
    same = method(ValueCounts.of([3], [90]), ValueCounts.of([3], [70]))
    assert (few.code, same.code) == ("too_few_units", "zero_variance")
    assert "control has 49" in few.reason


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="percentile interval"):
        bootstrap(CONTROL, TREATMENT, quantile=0.5, interval="studentised")
    with pytest.raises(ValueError, match="between 0 and 1"):
        bootstrap(CONTROL, TREATMENT, quantile=1.0)
    with pytest.raises(ValueError, match="100 draws"):
        bootstrap(CONTROL, TREATMENT, draws=10)


@settings(max_examples=60)
@given(control=samples, treatment=samples)
def test_ranks_with_ties_are_scipys(control: list[int], treatment: list[int]) -> None:
    if len(set(control + treatment)) == 1:
        return
    found = ranked(control, treatment)
    if found.exact:
        return
    due = stats.mannwhitneyu(treatment, control, method="asymptotic")
    assert found.u == pytest.approx(due.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(due.pvalue, rel=1e-9)
    assert found.effect.value == pytest.approx(due.statistic / len(control) / len(treatment), abs=1e-12)
    swapped = ranked(treatment, control)
    assert swapped.p_value == pytest.approx(found.p_value, rel=1e-9)
    assert swapped.effect.value == pytest.approx(1 - found.effect.value)


@pytest.mark.parametrize(("n_c", "n_t"), [(2, 2), (5, 9), (20, 20), (50, 50), (3, 400)])
def test_small_samples_without_ties_are_exact(n_c: int, n_t: int) -> None:
    values = np.random.default_rng(n_c).permutation(n_c + n_t).astype(float)
    control, treatment = values[:n_c], values[n_c:] + 0.6 * (n_c < 4)
    found = ranked(control, treatment)
    assert found.exact
    assert found.p_value == pytest.approx(stats.mannwhitneyu(treatment, control, method="exact").pvalue, rel=1e-9)


def test_arms_that_do_not_overlap_have_an_interval_with_width() -> None:
    apart = ranked(range(60), range(100, 180)).effect
    turned = ranked(range(100, 180), range(60)).effect
    assert (apart.value, apart.ci_high) == (1.0, 1.0)
    assert 0.94 < apart.ci_low < 0.99
    assert turned.ci_low == 0.0
    assert turned.ci_high == pytest.approx(1 - apart.ci_low)


def test_draws_without_variance_are_no_interval() -> None:
    found = bootstrap(ValueCounts.of([0, 1], [59, 1]), ValueCounts.of([0, 2], [59, 1]))
    assert isinstance(found, NotComputable)
    assert found.code == "variance_undefined"


def test_only_the_order_counts() -> None:
    here, there = ranked(LOW, HIGH), ranked(np.exp(LOW / 10.0), np.exp(HIGH / 10.0))
    assert here == there


def test_a_thousand_million_units_need_no_more_memory_than_their_values() -> None:
    control = ValueCounts.of([0, 1, 2], [6 * 10**8, 3 * 10**8, 10**8])
    treatment = ValueCounts.of([0, 1, 2], [6 * 10**8 - 60_000, 3 * 10**8, 10**8 + 60_000])
    found = mann_whitney(control, treatment)
    assert isinstance(found, RankTest)
    assert 0 < found.p_value < 1e-3
    assert booted(control, treatment).difference.value == pytest.approx(1.2e-4, rel=1e-6)


def test_the_effects_interval_covers_the_truth() -> None:
    rng, rounds, covered, truth = np.random.default_rng(8), 400, 0, stats.norm.cdf(0.5 / math.sqrt(2))
    for _ in range(rounds):
        effect = ranked(rng.normal(0, 1, 70), rng.normal(0.5, 1, 90)).effect
        covered += effect.ci_low <= truth <= effect.ci_high
    assert abs(covered / rounds - 0.95) < 4 * math.sqrt(0.95 * 0.05 / rounds)
