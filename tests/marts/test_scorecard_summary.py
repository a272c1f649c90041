"""What follows from sufficient statistics, held against SciPy and against formulas written out here."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy import optimize, stats

from gateway.marts.scorecard import (
    ArmTotals,
    EventTerm,
    MetricResult,
    MetricSpec,
    ResultsSummary,
    build_results_summary,
)
from gateway.stats import RatioStats, VariantStats

RATE, SPEND = MetricSpec("rate", "occurrence"), MetricSpec("spend", "sum")
RATIO = MetricSpec("ratio", "ratio", numerator=EventTerm("purchase", is_summed=True), denominator=EventTerm("purchase"))


def totals(values: ArrayLike, below: ArrayLike | None = None) -> ArmTotals:
    """An arm from its units' values."""
    one = np.asarray(values, dtype=float)
    ratio: dict[str, float] = {}
    if below is not None:
        other = np.asarray(below, dtype=float)
        ratio = {
            "denominator_sum": float(other.sum()),
            "denominator_sum_squares": float((other * other).sum()),
            "denominator_m2": float(((other - other.mean()) ** 2).sum()),
            "cross_m2": float(((one - one.mean()) * (other - other.mean())).sum()),
        }
    spread = float(((one - one.mean()) ** 2).sum()) if len(one) else 0.0
    return ArmTotals(len(one), float(one.sum()), float((one * one).sum()), spread, **ratio)


def converted(conversions: int, n: int) -> ArmTotals:
    return totals([1.0] * conversions + [0.0] * (n - conversions))


def summary(metric: MetricSpec, base: ArmTotals, treatment: ArmTotals, **options: Any) -> ResultsSummary:
    """Of one metric in two arms."""
    given: dict[str, Any] = {
        "control": "control",
        "unit_counts": {"control": base.n, "treatment": treatment.n},
        "expected_shares": {"control": 0.5, "treatment": 0.5},
    } | options
    return build_results_summary(
        [metric], [MetricResult(metric.metric_id, {"control": base, "treatment": treatment})], **given
    )


def inference(found: ResultsSummary) -> dict[str, float]:
    shown = found.payload()["metrics"][0]["inference"]["treatment"]
    assert set(shown) == {"lift", "ci_low", "ci_high", "chance_to_win"}
    return dict(shown)


def refused(found: ResultsSummary) -> str:
    metric = found.payload()["metrics"][0]
    assert metric["inference"] == {"treatment": None}
    return str(metric["not_computable"]["treatment"]["code"])


def squared_error(arm: ArmTotals) -> float:
    return arm.m2 / (arm.n - 1) / arm.n


CASES = [
    pytest.param(RATE, converted(300, 2_000), converted(360, 2_050), id="occurrence"),
    pytest.param(RATE, converted(40, 400), converted(38, 390), id="few conversions"),
    pytest.param(SPEND, totals(range(400)), totals([v * 1.1 for v in range(380)]), id="sum"),
    pytest.param(SPEND, totals([-v for v in range(100, 500)]), totals([-v for v in range(80, 470)]), id="below zero"),
]


@pytest.mark.parametrize(("metric", "control", "treatment"), CASES)
def test_the_interval_holds_every_lift_that_a_test_does_not_reject(
    metric: MetricSpec, control: ArmTotals, treatment: ArmTotals
) -> None:
    z = float(stats.norm.ppf(0.975))
    base, mean = control.sum / control.n, treatment.sum / treatment.n

    def excess(lift: float) -> float:
        """By how much mT - mC - L |mC| lies beyond its critical value."""
        grown = 1 + lift * math.copysign(1, base)
        return abs(mean - grown * base) - z * math.sqrt(squared_error(treatment) + grown**2 * squared_error(control))

    found = inference(summary(metric, control, treatment))
    assert found["lift"] == pytest.approx((mean - base) / abs(base), rel=1e-12)
    low = optimize.brentq(excess, found["lift"] - 5, found["lift"], xtol=1e-14)
    high = optimize.brentq(excess, found["lift"], found["lift"] + 5, xtol=1e-14)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((low, high), rel=1e-9)
    error = math.sqrt(squared_error(control) + squared_error(treatment))
    assert found["chance_to_win"] == pytest.approx(float(stats.norm.cdf((mean - base) / error)), rel=1e-9)


@pytest.mark.parametrize(("metric", "control", "treatment"), CASES[:3])
def test_by_the_original_arithmetic(metric: MetricSpec, control: ArmTotals, treatment: ArmTotals) -> None:
    mc, mt = control.sum / control.n, treatment.sum / treatment.n
    lift = (mt - mc) / mc
    error = math.sqrt(squared_error(treatment) / mc**2 + mt**2 * squared_error(control) / mc**4)
    found = inference(summary(metric, control, treatment, method="delta"))
    assert list(found.values()) == pytest.approx(
        [lift, lift - 1.959963984540054 * error, lift + 1.959963984540054 * error, float(stats.norm.cdf(lift / error))],
        rel=1e-12,
    )


def test_the_original_arithmetic_needs_a_control_above_zero() -> None:
    below = summary(SPEND, totals([-v for v in range(100)]), totals(range(100)), method="delta")
    assert refused(below) == "lift_undefined"
    assert "above zero" in below.payload()["metrics"][0]["not_computable"]["treatment"]["reason"]


@pytest.mark.parametrize("method", ["fieller", "delta"])
def test_where_lower_is_better_only_the_chance_turns_round(method: str) -> None:
    arms = (converted(300, 2_000), converted(360, 2_050))
    up = inference(summary(RATE, *arms, method=method))
    down = inference(summary(MetricSpec("rate", "occurrence", desired="decrease"), *arms, method=method))
    assert down["chance_to_win"] == pytest.approx(1 - up["chance_to_win"], rel=1e-9)
    assert {**down, "chance_to_win": 0} == {**up, "chance_to_win": 0}


def test_a_ratio_is_judged_by_how_its_parts_move_together() -> None:
    rng = np.random.default_rng(7)
    orders = rng.poisson(2, 600).astype(float)
    spend = orders * 10 + rng.normal(0, 1, 600)
    found = summary(RATIO, totals(spend[:300], orders[:300]), totals(spend[300:], orders[300:]))
    ratios, errors = [], []
    for part in (slice(0, 300), slice(300, 600)):
        ratio = spend[part].sum() / orders[part].sum()
        ratios.append(ratio)
        errors.append(np.var(spend[part] - ratio * orders[part], ddof=1) / 300 / orders[part].mean() ** 2)
    chance = stats.norm.cdf((ratios[1] - ratios[0]) / math.sqrt(sum(errors)))
    assert inference(found)["lift"] == pytest.approx(ratios[1] / ratios[0] - 1, rel=1e-9)
    assert inference(found)["chance_to_win"] == pytest.approx(float(chance), rel=1e-9)
    arm = found.payload()["metrics"][0]["variants"]["control"]
    assert list(arm) == ["n", "sum", "sum_squares", "m2", "denominator_sum", "denominator_sum_squares",
                         "denominator_m2", "cross_m2"]  # fmt: skip


def test_the_difference_is_there_where_the_lift_has_no_end() -> None:
    rng = np.random.default_rng(3)
    found = summary(SPEND, totals(rng.normal(0.01, 1, 400)), totals(rng.normal(0.5, 1, 400)))
    assert refused(found) == "lift_unbounded"
    difference = found.payload()["metrics"][0]["difference"]["treatment"]
    assert difference["ci_low"] < difference["value"] < difference["ci_high"]
    assert difference["p_value"] < 1e-6


@pytest.mark.parametrize(
    ("metric", "control", "treatment", "code"),
    [
        pytest.param(SPEND, totals(range(49)), totals(range(500)), "too_few_units", id="49 in control"),
        pytest.param(SPEND, totals(range(500)), totals(range(49)), "too_few_units", id="49 in treatment"),
        pytest.param(SPEND, totals([]), totals(range(500)), "too_few_units", id="nobody in control"),
        pytest.param(RATE, converted(4, 500), converted(50, 500), "too_few_conversions", id="4 conversions"),
        pytest.param(RATE, converted(50, 500), converted(0, 500), "too_few_conversions", id="no conversion"),
        pytest.param(SPEND, totals([5.0] * 60), totals([5.0] * 60), "zero_variance", id="all alike"),
        pytest.param(SPEND, totals([0.0] * 60), totals(range(60)), "zero_baseline", id="control at zero"),
        pytest.param(RATIO, totals(range(60), [0.0] * 60), totals(range(60), [1.0] * 60), "zero_denominator",
                     id="nothing below"),
        pytest.param(SPEND, ArmTotals(60, math.inf, math.inf, math.nan), totals(range(60)), "variance_undefined",
                     id="beyond the largest number"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["fieller", "delta"])
def test_floors(metric: MetricSpec, control: ArmTotals, treatment: ArmTotals, code: str, method: str) -> None:
    found = summary(metric, control, treatment, method=method)
    expected = "lift_undefined" if code == "zero_baseline" and method == "delta" else code
    assert refused(found) == expected
    json.dumps(found.payload(), allow_nan=False)


def test_fifty_units_and_five_conversions_are_enough() -> None:
    assert inference(summary(RATE, converted(5, 50), converted(6, 50)))["lift"] == pytest.approx(0.2)


def test_without_a_control_nothing_is_compared() -> None:
    metric = summary(SPEND, totals(range(60)), totals(range(60)), control="gone").payload()["metrics"][0]
    assert metric["inference"] == {"control": None, "treatment": None}
    assert {each["code"] for each in metric["not_computable"].values()} == {"no_control"}
    alone = build_results_summary(
        [SPEND], [MetricResult("spend", {"only": totals(range(60))})], control="only", unit_counts={"only": 60},
        expected_shares={"only": 1.0},
    )  # fmt: skip
    assert alone.payload()["metrics"][0]["inference"] == {}


SPLITS = [
    ({"control": 5_000, "treatment": 5_100}, {"control": 0.5, "treatment": 0.5}),
    ({"control": 5_000, "treatment": 5_600}, {"control": 1.0, "treatment": 1.0}),
    ({"control": 900, "b": 55, "c": 45}, {"control": 90.0, "b": 5.0, "c": 5.0}),
    ({"control": 60, "treatment": 50}, {"control": 0.2, "treatment": 0.1}),
]


@pytest.mark.parametrize(("observed", "shares"), SPLITS)
def test_the_split_is_held_against_the_shares_whatever_they_add_up_to(
    observed: dict[str, int], shares: dict[str, float]
) -> None:
    total, units = sum(shares.values()), sum(observed.values())
    expected = stats.chisquare(list(observed.values()), [units * share / total for share in shares.values()])
    found = split(observed, shares)
    assert found["srm_p_value"] == pytest.approx(float(expected.pvalue), rel=1e-9)
    assert found["srm"]["status"] == ("mismatch" if expected.pvalue < 0.001 else "ok")


def split(observed: dict[str, int], shares: dict[str, Any], **options: Any) -> dict[str, Any]:
    return build_results_summary(
        [], [], control="control", unit_counts=observed, expected_shares=shares, **options
    ).payload()


def test_up_to_a_hundred_units_no_split_is_judged() -> None:
    found = split({"control": 99, "treatment": 1}, {"control": 0.5, "treatment": 0.5})
    assert (found["srm_p_value"], found["srm"]["status"]) == (None, "not_computable")
    assert "more than 100 units" in found["srm"]["reason"]


def test_unknown_variations_do_not_help_over_the_floor_and_are_shown() -> None:
    found = split({"control": 40, "treatment": 40, "retired": 400}, {"control": 0.5, "treatment": 0.5})
    assert (found["srm_p_value"], found["srm"]["unknown_variations"]) == (None, {"retired": 400})


def test_an_arm_that_was_to_get_nothing_is_held_out() -> None:
    found = split({"control": 500, "treatment": 500, "holdout": 80}, {"control": 0.5, "treatment": 0.5, "holdout": 0.0})
    assert (found["srm_p_value"], found["srm"]["n_holdout"], found["srm"]["status"]) == (1.0, 80, "ok")


def test_an_expected_arm_without_units_is_a_mismatch() -> None:
    assert split({"control": 500}, {"control": 0.5, "treatment": 0.5})["srm"]["status"] == "mismatch"


def test_with_a_share_unknown_no_split_is_judged() -> None:
    found = split({"control": 500, "treatment": 500}, {"control": 0.5, "treatment": None})
    assert (found["srm_p_value"], found["srm"]["status"]) == (None, "not_computable")


def test_excluded_units_are_in_no_arm_and_stand_beside() -> None:
    assert (
        split({"control": 500, "treatment": 500}, {"control": 1, "treatment": 1}, excluded_units=9)["excluded_units"]
        == 9
    )


def test_the_always_valid_interval_judges_while_it_runs() -> None:
    arms = (converted(300, 2_000), converted(360, 2_050))
    running, ended = (summary(RATE, *arms, running=live).payload() for live in (True, False))
    assert (running["basis"], ended["basis"]) == ("always_valid", "fixed")
    fixed, always = running["metrics"][0]["inference"]["treatment"], running["metrics"][0]["always_valid"]["treatment"]
    assert always["ci_low"] < fixed["ci_low"] < fixed["ci_high"] < always["ci_high"]
    assert running["metrics"] == ended["metrics"]


def test_results_go_with_their_metrics() -> None:
    with pytest.raises(ValueError, match="not those of the metrics"):
        build_results_summary([RATE], [], control="a", unit_counts={}, expected_shares={})


@given(
    active=st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1e3)), min_size=1, max_size=30),
    silent=st.integers(0, 30),
)
def test_silent_units_add_up_as_zeros(active: list[tuple[float, float]], silent: int) -> None:
    above, below = [pair[0] for pair in active], [pair[1] for pair in active]
    found = totals(above, below).with_silent(len(active) + silent).stats()
    zeros = [0.0] * silent
    expected = RatioStats.from_values(above + zeros, below + zeros)
    assert isinstance(found, RatioStats)
    scale = 1e-9 * (1 + sum(value * value for value in above))
    assert found.n == expected.n
    for one, other in ((found.numerator, expected.numerator), (found.denominator, expected.denominator)):
        assert (one.mean, one.m2) == pytest.approx((other.mean, other.m2), rel=1e-9, abs=scale)
    assert found.cross_m2 == pytest.approx(expected.cross_m2, rel=1e-9, abs=scale)
    assert isinstance(totals(above).with_silent(len(above) + silent).stats(), VariantStats)
