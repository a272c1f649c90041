"""Stored results: against SciPy, by the rules of verdict and basis, and with a reason wherever there is no answer."""

import numpy as np
import pytest
from scipy import stats

from tests.marts.world import World, at

TOTAL = "from fct_experiment_results where analysis_population = 'itt' and dimension = 'all'"


def _normal(mean: float, n: int, seed: int) -> list[float]:
    return [float(value) for value in np.random.default_rng(seed).normal(mean, 2.0, n).round(3)]


def test_a_sum_metric_is_judged_by_welch(world: World) -> None:
    control, treatment = _normal(10.0, 60, 1), _normal(11.5, 80, 2)
    world.experiment()
    world.metric("revenue", "sum")
    world.many_units({"control": control, "treatment": treatment})
    world.build()
    found = world.row(TOTAL)
    expected = stats.ttest_ind(treatment, control, equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert (found["n_users"], found["control_n_users"]) == (80, 60)
    assert found["value"] == pytest.approx(np.mean(treatment), rel=1e-12)
    assert found["uplift_abs"] == pytest.approx(np.mean(treatment) - np.mean(control), rel=1e-9)
    assert found["p_value_two_sided"] == pytest.approx(expected.pvalue, rel=1e-6)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert found["conversion_rate"] is None
    assert (found["basis"], found["verdict"], found["statsig"]) == ("fixed", "better", "significant_positive")
    assert found["not_computable"] is None


def test_an_occurrence_metric_is_judged_by_the_pooled_proportions(world: World) -> None:
    """12 of 100 against 30 of 100: pooled 0.21, z = 0.18 / sqrt(0.21 * 0.79 * 0.02)."""
    world.experiment()
    world.metric("conversion", "occurrence")
    world.many_units({"control": [1.0] * 12 + [0.0] * 88, "treatment": [1.0] * 30 + [0.0] * 70})
    world.build()
    found = world.row(TOTAL)
    assert (found["conversion_rate"], found["control_conversion_rate"]) == (0.3, 0.12)
    z = 0.18 / (0.21 * 0.79 * 0.02) ** 0.5
    assert found["p_value_two_sided"] == pytest.approx(2 * stats.norm.sf(z), rel=1e-9)
    assert found["uplift_rel"] == pytest.approx(1.5)
    assert found["srm_status"] == "ok"
    assert (found["exposure_rate"], found["mature_share"]) == (1.0, 1.0)


def test_a_ratio_metric_is_judged_by_the_delta_method(world: World) -> None:
    rng = np.random.default_rng(3)
    world.experiment()
    world.metric("aov", "ratio", numerator_agg="sum", denominator=("purchase", "count"))
    arms: dict[str, list[list[float]]] = {}
    events = []
    for arm, mean in (("control", 20.0), ("treatment", 24.0)):
        arms[arm] = [rng.normal(mean, 5.0, rng.integers(0, 4)).round(3).tolist() for _ in range(70)]
        world.insert(
            "fct_experiment_assignments", [("exp", f"{arm}{i}", at(1), arm, "web", "US", "new") for i in range(70)]
        )
        events += [
            (f"{arm}{i}-{j}", at(2), f"{arm}{i}", "purchase", None, None, repr(value), "", "", "")
            for i, values in enumerate(arms[arm])
            for j, value in enumerate(values)
        ]
    world.insert("fct_events", events)
    world.build()
    ratios, errors = {}, {}
    for arm, units in arms.items():
        top, bottom = np.array([sum(u) for u in units]), np.array([len(u) for u in units])
        ratios[arm] = top.sum() / bottom.sum()
        errors[arm] = np.var(top - ratios[arm] * bottom, ddof=1) / bottom.mean() ** 2 / len(units)
    found = world.row(TOTAL)
    difference, error = ratios["treatment"] - ratios["control"], (errors["treatment"] + errors["control"]) ** 0.5
    assert found["value"] == pytest.approx(ratios["treatment"], rel=1e-9)
    assert found["uplift_abs"] == pytest.approx(difference, rel=1e-9)
    assert found["p_value_two_sided"] == pytest.approx(2 * stats.norm.sf(abs(difference) / error), rel=1e-6)


def test_lower_is_better_turns_verdict_statsig_and_chance_but_not_the_sign(world: World) -> None:
    world.experiment()
    world.metric("tickets", "sum", desired="decrease")
    world.many_units({"control": _normal(10.0, 60, 1), "treatment": _normal(13.0, 60, 2)})
    world.build()
    found = world.row(TOTAL)
    assert found["uplift_abs"] > 0
    assert (found["verdict"], found["statsig"]) == ("worse", "significant_negative")
    assert found["chance_to_win"] < 0.001


def test_a_running_experiment_is_judged_by_its_always_valid_interval(world: World) -> None:
    """The fixed interval excludes zero, the always-valid one does not yet: no verdict, and both are stored."""
    world.experiment(status="running", ended_at=None)
    world.metric("revenue", "sum")
    world.many_units({"control": _normal(10.0, 100, 1), "treatment": _normal(10.8, 100, 2)})
    world.build()
    found = world.row(TOTAL)
    assert found["ci_low"] > 0 > found["sequential_ci_low"]
    assert (found["basis"], found["verdict"]) == ("always_valid", "inconclusive")
    assert found["p_value_two_sided"] < 0.05 < found["sequential_p_value"]
    assert found["p_value_adjusted"] == pytest.approx(found["sequential_p_value"])


@pytest.mark.parametrize(
    ("aggregation", "control", "treatment", "reason"),
    [
        pytest.param("sum", [1.0, 2.0] * 24, [1.0, 2.0] * 30, "50 units", id="49 units or fewer"),
        pytest.param("occurrence", [1.0] * 4 + [0.0] * 60, [1.0] * 20 + [0.0] * 40, "5 conversions", id="four of them"),
        pytest.param("sum", [3.0] * 60, [3.0] * 60, "no variance", id="constants"),
    ],
)
def test_below_the_floors_inference_is_null_with_a_reason_and_the_arms_are_shown(
    world: World, aggregation: str, control: list[float], treatment: list[float], reason: str
) -> None:
    world.experiment()
    world.metric("m", aggregation)
    world.many_units({"control": control, "treatment": treatment})
    world.build()
    found = world.row(TOTAL)
    assert reason in found["not_computable"]
    assert (found["n_users"], found["control_n_users"]) == (len(treatment), len(control))
    assert found["value"] is not None
    inferred = ("uplift_abs", "ci_low", "p_value_two_sided", "p_value_adjusted", "uplift_rel", "chance_to_win")
    assert [found[name] for name in inferred] == [None] * len(inferred)
    assert (found["statsig"], found["verdict"]) == ("insufficient_data", "inconclusive")


def test_a_sample_ratio_mismatch_makes_every_verdict_unreliable(world: World) -> None:
    world.experiment()
    world.metric("revenue", "sum")
    world.many_units({"control": _normal(10.0, 60, 1), "treatment": _normal(13.0, 140, 2)})
    world.build()
    srm = world.row("from fct_experiment_srm where analysis_population = 'itt'")
    assert (srm["status"], srm["n_units"], srm["observed"]) == ("mismatch", 200, '{"control": 60, "treatment": 140}')
    assert srm["p_value"] == pytest.approx(stats.chisquare([60, 140]).pvalue, rel=1e-9)
    assert srm["expected"] == '{"control": 0.5, "treatment": 0.5}'
    assert {verdict for (verdict,) in world.rows("select verdict from fct_experiment_results")} == {"unreliable"}


def test_an_arm_without_units_is_a_mismatch(world: World) -> None:
    world.experiment(arms={"control": 50.0, "treatment": 50.0, "ghost": 100.0})
    world.metric("revenue", "sum")
    world.many_units({"control": _normal(10.0, 60, 1), "treatment": _normal(10.0, 60, 2)})
    world.build()
    srm = world.row("from fct_experiment_srm where analysis_population = 'itt'")
    assert (srm["status"], srm["expected"]) == ("mismatch", '{"control": 0.25, "ghost": 0.5, "treatment": 0.25}')
    ghost = world.row(TOTAL + " and variation_id = 'ghost'")
    assert (ghost["n_users"], ghost["value"], ghost["verdict"]) == (0, None, "unreliable")


def test_broken_exposures_make_the_exposed_population_unreliable_and_leave_itt_alone(world: World) -> None:
    world.experiment()
    world.metric("revenue", "sum")
    world.many_units({"control": _normal(10.0, 60, 1), "treatment": _normal(13.0, 60, 2)})
    for i in range(10):
        world.expose(f"web-control-{i}", "treatment", at(1, 1))
        world.expose(f"web-treatment-{i}", "control", at(1, 1))
    world.build()
    found = dict(world.rows("select analysis_population, verdict from fct_experiment_results where dimension = 'all'"))
    assert found == {"itt": "better", "exposed": "unreliable"}
    flags = world.row(TOTAL)["flags"].split(",")
    assert flags[:2] == ["exposure_integrity_failed", "multi_variation"]


def test_holm_corrects_across_treatments_and_across_the_cells_of_a_dimension(world: World) -> None:
    world.experiment(arms={"control": 1.0, "b": 1.0, "c": 1.0})
    world.metric("revenue", "sum")
    for i, platform in enumerate(("ios", "web")):
        arms = {"control": _normal(10.0, 60, i), "b": _normal(10.5, 60, 10 + i), "c": _normal(11.0, 60, 20 + i)}
        world.many_units(arms, platform=platform)
    world.build()
    for dimension, tests in (("all", 2), ("platform", 4)):
        pairs = world.rows(
            f"""select p_value_two_sided, p_value_adjusted from fct_experiment_results
                where analysis_population = 'itt' and dimension = '{dimension}' order by 1"""
        )
        assert len(pairs) == tests
        raw = [p for p, _ in pairs]
        holm = np.minimum(1.0, np.maximum.accumulate([p * (tests - i) for i, p in enumerate(raw)]))
        assert [adjusted for _, adjusted in pairs] == pytest.approx(holm.tolist(), rel=1e-9)


def test_a_cell_whose_control_is_too_small_to_show_says_so(world: World) -> None:
    world.experiment()
    world.metric("revenue", "sum")
    world.many_units({"control": _normal(10.0, 19, 1), "treatment": _normal(10.0, 60, 2)}, platform="ios")
    world.build()
    found = world.row("from fct_experiment_results where analysis_population = 'itt' and dimension = 'platform'")
    assert (found["n_users"], found["control_n_users"], found["control_value"]) == (60, None, None)
    assert found["not_computable"] == "the control's cell has fewer units than a breakdown may show"


def test_a_world_without_experiments_has_empty_results(world: World) -> None:
    world.build()
    assert world.rows("from fct_experiment_results") == []
    assert world.rows("from fct_experiment_srm") == []
