"""CUPED in the stored results: against the units themselves, and which estimate judges."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.marts.world import World, at

TOTAL = "from fct_experiment_results where analysis_population = 'itt' and dimension = 'all'"
Arms = dict[str, tuple[np.ndarray, np.ndarray]]
"""Arm to outcome and past of each of its units."""


def _arms(effect: float, n: int = 150, *, shift: float = 0.0, seed: int = 1) -> Arms:
    rng = np.random.default_rng(seed)
    found: Arms = {}
    for arm, added, moved in (("control", 0.0, 0.0), ("treatment", effect, shift)):
        past = rng.normal(20.0 + moved, 4.0, n).round(3)
        found[arm] = ((past + added + rng.normal(0.0, 2.0, n)).round(3), past)
    return found


def _import(world: World, arms: Arms, **options: Any) -> None:
    """An imported experiment with a covariate, as `gateway import --covariate` leaves it."""
    running = options.pop("running", False)
    world.experiment("exp", primary="m", status="running" if running else "ended")
    world.metric("m", "sum", None, source="outcomes", window_days=None, **options)
    for arm, (values, pasts) in arms.items():
        world.insert("imp_units", [("exp", f"{arm}{i}", arm, at(1)) for i in range(len(values))])
        rows = zip(values.tolist(), pasts.tolist(), strict=True)
        world.insert("imp_outcomes", [("exp", "m", f"{arm}{i}", y, None, x) for i, (y, x) in enumerate(rows)])
    world.build()


def test_the_adjusted_estimate_is_welchs_on_the_adjusted_units(world: World) -> None:
    arms = _arms(1.0)
    _import(world, arms)
    y, x = (np.concatenate([arm[i] for arm in arms.values()]) for i in (0, 1))
    theta = np.cov(y, x)[0, 1] / x.var(ddof=1)
    control, treatment = (values - theta * (pasts - x.mean()) for values, pasts in arms.values())
    oracle = stats.ttest_ind(treatment, control, equal_var=False)
    interval = oracle.confidence_interval()
    found = world.row(TOTAL)
    assert found["cuped_uplift_abs"] == pytest.approx(treatment.mean() - control.mean(), rel=1e-9)
    assert (found["cuped_ci_low"], found["cuped_ci_high"]) == pytest.approx((interval.low, interval.high), rel=1e-8)
    assert found["cuped_p_value_two_sided"] == pytest.approx(oracle.pvalue, rel=1e-6)
    assert found["cuped_variance_reduction"] > 0.7
    assert found["flags"] == ""


def test_the_plain_estimate_judges_unless_the_definition_asks_for_cuped(world: World) -> None:
    """An effect that only CUPED can tell from none."""
    _import(world, _arms(1.0, n=80, seed=87))
    found = world.row(TOTAL)
    assert (found["estimator"], found["verdict"], found["statsig"]) == ("unadjusted", "inconclusive", "flat")
    assert found["p_value_adjusted"] == found["p_value_two_sided"]
    assert found["cuped_p_value_two_sided"] < 0.05 < found["p_value_two_sided"]


def test_cuped_judges_where_the_definition_asks_for_it(world: World) -> None:
    _import(world, _arms(1.0, n=80, seed=87), estimator="cuped")
    found = world.row(TOTAL)
    assert (found["estimator"], found["verdict"], found["statsig"]) == ("cuped", "better", "significant_positive")
    assert found["p_value_adjusted"] == found["cuped_p_value_two_sided"]
    assert found["uplift_abs"] != found["cuped_uplift_abs"]
    error = (found["cuped_ci_high"] - found["cuped_ci_low"]) / 2 / 1.97
    assert found["chance_to_win"] == pytest.approx(stats.norm.cdf(found["cuped_uplift_abs"] / error), abs=0.002)


def test_a_running_experiment_is_judged_by_the_always_valid_interval_after_cuped(world: World) -> None:
    _import(world, _arms(1.0, n=80, seed=87), estimator="cuped", running=True)
    found = world.row(TOTAL)
    assert (found["basis"], found["estimator"], found["verdict"]) == ("always_valid", "cuped", "inconclusive")
    assert found["cuped_sequential_ci_low"] < 0 < found["cuped_ci_low"]
    assert found["p_value_adjusted"] == found["cuped_sequential_p_value"]
    assert found["cuped_sequential_lift_ci_low"] < 0 < found["cuped_lift_ci_low"]


def test_arms_that_differed_before_the_experiment_are_flagged(world: World) -> None:
    _import(world, _arms(0.0, shift=3.0))
    found = world.row(TOTAL)
    assert found["cuped_covariate_p_value"] < 1e-6
    assert found["flags"] == "covariate_imbalance"


@pytest.mark.parametrize("past", [None, 3.0], ids=["no past", "the same past for all"])
def test_where_nothing_can_adjust_the_plain_estimate_judges_and_says_so(world: World, past: float | None) -> None:
    world.experiment("exp", primary="m")
    world.metric("m", "sum", None, source="outcomes", window_days=None, estimator="cuped")
    for arm, (values, _) in _arms(4.0, n=60).items():
        world.insert("imp_units", [("exp", f"{arm}{i}", arm, at(1)) for i in range(60)])
        world.insert("imp_outcomes", [("exp", "m", f"{arm}{i}", y, None, past) for i, y in enumerate(values.tolist())])
    world.build()
    found = world.row(TOTAL)
    assert (found["estimator"], found["verdict"], found["flags"]) == ("unadjusted", "better", "cuped_not_available")
    assert [value for name, value in found.items() if name.startswith("cuped_")] == [None] * 14


def test_a_ratio_is_adjusted_by_its_units_past(world: World) -> None:
    """Orders follow how active a unit was, revenue its orders: the past takes variance from the ratio's two sides."""
    rng = np.random.default_rng(7)
    world.experiment("exp", primary="m")
    world.metric("m", "ratio", None, source="outcomes", window_days=None)
    units = []
    for arm, price in (("control", 10.0), ("treatment", 11.0)):
        past = rng.normal(10.0, 2.0, 200)
        orders = rng.poisson(4.0, 200) + 1.0
        revenue = orders * (price + past) + rng.normal(0.0, 1.0, 200)
        units += [(f"{arm}{i}", arm, *row) for i, row in enumerate(zip(revenue, orders, past, strict=True))]
    world.insert("imp_units", [("exp", unit, arm, at(1)) for unit, arm, *_ in units])
    world.insert("imp_outcomes", [("exp", "m", unit, float(m), float(d), float(x)) for unit, _, m, d, x in units])
    world.build()
    found = world.row(TOTAL)
    sides = {}
    for arm in ("control", "treatment"):
        m, d, x = np.array([row for _, own, *row in units if own == arm]).T
        sides[arm] = (m, d, x)
    m, d, x = (np.concatenate([side[i] for side in sides.values()]) for i in range(3))
    linear = (m - m.sum() / d.sum() * d) / d.mean()
    theta = np.cov(linear, x)[0, 1] / x.var(ddof=1)
    ratios = {arm: m.sum() / d.sum() - theta * x.mean() for arm, (m, d, x) in sides.items()}
    assert found["cuped_uplift_abs"] == pytest.approx(ratios["treatment"] - ratios["control"], rel=1e-9)
    assert found["cuped_variance_reduction"] > 0.3
