"""The e-value against its definition, and against a split that is looked at every day."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from gateway.stats import check_srm_sequential, log_e_values, srm_p_value, srm_p_value_over_phases

EVEN = {"a": 0.5, "b": 0.5}


@pytest.mark.parametrize("counts", [(0, 0), (3, 9), (40, 61)])
@pytest.mark.parametrize("concentration", [1.0, 100.0])
def test_evidence_is_the_average_likelihood_over_the_plans(counts: tuple[int, int], concentration: float) -> None:
    prior = stats.beta(concentration * 0.3, concentration * 0.7)

    def likelihood(share: float) -> float:
        ratio = counts[0] * math.log(share / 0.3) + counts[1] * math.log((1 - share) / 0.7)
        return float(prior.pdf(share)) * math.exp(ratio)

    due, _ = integrate.quad(likelihood, 0, 1, limit=500, points=[0.1, 0.3, 0.5])
    assert log_e_values(counts, [0.3, 0.7], concentration) == pytest.approx(math.log(due), rel=1e-6, abs=1e-8)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60))
def test_evidence_is_the_product_of_one_unit_at_a_time(arms: list[int]) -> None:
    theta, c = np.array([0.5, 0.3, 0.2]), 50.0
    counts, product = np.zeros(3), 0.0
    for arm in arms:
        product += math.log((c * theta[arm] + counts[arm]) / (c + counts.sum()) / theta[arm])
        counts[arm] += 1
    assert log_e_values(counts, theta, c) == pytest.approx(product, abs=1e-9)


def test_p_is_the_least_so_far_and_the_alarm_stays() -> None:
    looks = [{"a": 500, "b": 500}, {"a": 1_000, "b": 1_900}, {"a": 20_000, "b": 20_000, "ghost": 4}]
    found = check_srm_sequential(looks, {"a": 2, "b": 2})
    evidence = log_e_values([[look["a"], look["b"]] for look in looks], [0.5, 0.5])
    assert found.p_value == pytest.approx(math.exp(-evidence[1]))
    assert found.log_e_value == pytest.approx(evidence[2])
    assert (found.status, found.first_alarm) == ("mismatch", 1)
    assert (found.n_units, found.n_unknown) == (40_000, 4)
    assert found.expected == (("a", 0.5), ("b", 0.5))


def test_an_even_split_is_ok_and_an_absent_arm_counts_as_empty() -> None:
    assert check_srm_sequential([{"a": 5_000, "b": 5_010}], EVEN).status == "ok"
    assert check_srm_sequential([{"a": 5_000}], EVEN).status == "mismatch"


def test_looking_every_day_keeps_false_alarms_rare_and_finds_a_real_mismatch() -> None:
    rng, rounds = np.random.default_rng(3), 2_000
    arrived = rng.multinomial(1_000, [0.5, 0.3, 0.2], (rounds, 28)).cumsum(axis=1)
    assert (log_e_values(arrived, [0.5, 0.3, 0.2]).max(axis=1) > math.log(20.0)).mean() < 0.05
    chi = (arrived - arrived.sum(-1, keepdims=True) * [0.5, 0.3, 0.2]) ** 2
    chi = (chi / (arrived.sum(-1, keepdims=True) * [0.5, 0.3, 0.2])).sum(-1)
    assert (stats.chi2.sf(chi, 2).min(axis=1) < 0.05).mean() > 0.15, "which the fixed test does not"
    skewed = rng.multinomial(1_000, [0.52, 0.48], (200, 28)).cumsum(axis=1)
    assert (log_e_values(skewed, [0.5, 0.5]).max(axis=1) > math.log(1_000.0)).mean() > 0.9


@pytest.mark.parametrize(
    ("looks", "shares", "text"),
    [
        ([{"a": 5}], {"a": 1.0}, "two arms"),
        ([], EVEN, "no units"),
        ([{"ghost": 5}], EVEN, "no units"),
        ([{"a": 5}], {"a": -1.0, "b": 2.0}, "positive"),
    ],
)
def test_what_cannot_be_checked_has_a_reason(looks: list[dict[str, int]], shares: dict[str, float], text: str) -> None:
    found = check_srm_sequential(looks, shares)
    assert found.status == "not_computable"
    assert found.p_value is None
    assert text in found.reason


def test_looks_that_are_not_cumulative_are_refused() -> None:
    with pytest.raises(ValueError, match="cumulative"):
        check_srm_sequential([{"a": 5, "b": 5}, {"a": 4, "b": 9}], EVEN)
    with pytest.raises(ValueError, match="concentration"):
        log_e_values([1, 2], [0.5, 0.5], 0.0)


def test_a_changed_split_is_no_mismatch() -> None:
    phases = [({"a": 9_000, "b": 1_000}, {"a": 0.9, "b": 0.1}), ({"a": 5_010, "b": 4_990}, EVEN)]
    p = srm_p_value_over_phases(phases)
    statistic = sum(
        stats.chisquare(list(seen.values()), [10_000 * s for s in shares.values()]).statistic for seen, shares in phases
    )
    assert p == pytest.approx(stats.chi2.sf(statistic, 2), rel=1e-9)
    assert p is not None
    assert p > 0.05
    whole = srm_p_value({"a": 14_010, "b": 5_990}, EVEN)
    assert whole is not None
    assert whole < 1e-100
    assert srm_p_value_over_phases([]) is None
    assert srm_p_value_over_phases([phases[0], ({"a": 3}, {"a": 1.0})]) == srm_p_value(*phases[0])
