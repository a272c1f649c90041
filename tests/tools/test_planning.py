"""Plans by the tool: the kernel's numbers, baselines from the marts, days from traffic, and no power after the fact."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower

from gateway.errors import ChoiceNeeded, UsageError
from gateway.ports import RefusedError
from gateway.tools.base import ToolResult
from gateway.tools.planning import PlanArguments, plan
from gateway.tools.planning_grid import COLUMNS, arrivals
from tests.conftest import Demo, rows_of

ASKED = {"experiment_id": "one_page_checkout", "population": "itt"}


def planned(**arguments: Any) -> ToolResult:
    return plan(PlanArguments.model_validate(arguments))


def answer(result: ToolResult) -> dict[str, Any]:
    first = rows_of(result)[0]
    assert first["row"] == "asked"
    return first


def test_a_sample_size_is_statsmodels_own() -> None:
    row = answer(planned(aggregation="mean", baseline=10.0, sd=3.0, effect=0.02))
    due = NormalIndPower().solve_power(0.2 / 3.0, alpha=0.05, power=0.8)
    assert row["control_units"] == row["treatment_units"] == math.ceil(due)
    assert (row["solved_for"], row["units"]) == ("units", 2 * math.ceil(due))
    assert (row["effect_relative"], row["effect_absolute"], row["treatment_value"]) == pytest.approx((0.02, 0.2, 10.2))


def test_effect_size_and_power_of_one_plan_lead_back_to_each_other() -> None:
    sized = answer(planned(baseline=0.05, effect=0.1, power=0.9))
    least = answer(planned(baseline=0.05, units=sized["units"], power=0.9))
    power = answer(planned(baseline=0.05, units=sized["units"], effect=0.1))
    assert least["effect_relative"] == pytest.approx(0.1, rel=1e-4)
    assert power["power"] == pytest.approx(0.9, abs=1e-4)
    assert (least["solved_for"], power["solved_for"]) == ("effect", "power")


@settings(max_examples=40, deadline=None)
@given(
    baseline=st.floats(1e-6, 0.999),
    effect=st.floats(-3.0, 3.0).filter(bool),
    units=st.one_of(st.none(), st.integers(1, 10**9)),
    traffic=st.one_of(st.none(), st.floats(1e-3, 1e6)),
    shares=st.lists(st.floats(0.01, 10.0), min_size=2, max_size=4),
    sequential=st.booleans(),
)
def test_whatever_is_asked_the_table_is_json_with_a_reason_where_there_is_no_plan(
    baseline: float, effect: float, units: int | None, traffic: float | None, shares: list[float], sequential: bool
) -> None:
    result = planned(
        baseline=baseline, effect=effect, units=units, daily_units=traffic, shares=shares, sequential=sequential
    )
    assert result.table.columns == list(COLUMNS)
    json.dumps(result.table.model_dump(), allow_nan=False)
    for row in rows_of(result):
        missing = [name for name in ("power", "units", "effect_relative") if row[name] is None]
        assert not missing or row["not_computable"]


def test_the_baseline_of_an_experiment_is_its_controls(demo: Demo) -> None:
    row = answer(demo.call("plan_experiment", **ASKED, effect=0.05))
    stored = demo.call("experiment_results", **ASKED, metric_ids=["conversion_7d"]).evidence[0]
    assert row["baseline"] == stored.control.value
    own = answer(planned(baseline=stored.control.value, effect=0.05))
    assert (row["units"], row["power"]) == (own["units"], own["power"])


@pytest.mark.parametrize(
    ("experiment_id", "metric_id", "aggregation"),
    [
        ("one_page_checkout", "conversion_7d", "occurrence"),
        ("free_shipping_threshold", "average_order_value", "ratio"),
        ("search_ranker_v2", "page_load_ms", "mean"),
        ("price_badges", "revenue_per_user", "sum"),
    ],
)
def test_the_smallest_effect_of_an_experiments_own_size_fits_its_interval(
    demo: Demo, experiment_id: str, metric_id: str, aggregation: str
) -> None:
    """The half-width of a 95 % interval is 1.96 standard errors, the smallest effect found with 80 % power 2.80.

    Not to the last digit: a plan has the control's variance for both arms, and the interval each arm's own.
    """
    named = {"experiment_id": experiment_id, "population": "itt"}
    row = answer(demo.call("plan_experiment", **named, metric_id=metric_id, corrected=False))
    stored = demo.call("experiment_results", **named, metric_ids=[metric_id]).evidence[0].difference
    assert stored.ci_low is not None
    assert stored.ci_high is not None
    half = (stored.ci_high - stored.ci_low) / 2
    assert row["aggregation"] == aggregation
    assert abs(row["effect_absolute"]) == pytest.approx(half * 2.8016 / 1.96, rel=0.08)


def test_a_running_experiment_is_planned_as_it_is_judged_and_an_ended_one_too(demo: Demo) -> None:
    running = demo.call("plan_experiment", experiment_id="loyalty_tiers", population="itt")
    ended = demo.call("plan_experiment", **ASKED)
    assert "looked at while it runs (always-valid)" in running.text
    assert "judged once, at the end" in ended.text
    fixed = demo.call("plan_experiment", experiment_id="loyalty_tiers", population="itt", sequential=False)
    assert answer(running)["effect_relative"] > answer(fixed)["effect_relative"]


def test_lower_is_better_is_planned_for_a_fall(demo: Demo) -> None:
    row = answer(demo.call("plan_experiment", experiment_id="push_cadence", population="itt"))
    assert row["effect_relative"] < 0


def test_traffic_is_that_of_the_days_on_which_units_came(demo: Demo) -> None:
    """30,080 units in the 21 days of February 1 to 21; the days after it only close windows."""
    row = answer(demo.call("plan_experiment", **ASKED, effect=0.05))
    enrolment = math.ceil(row["units"] / (30_080 / 21))
    assert row["days"] == enrolment + 7
    assert row["whole_weeks_days"] == 7 * math.ceil(row["days"] / 7)


@pytest.mark.parametrize(("effect", "scale"), [(0.1887, "relative"), (0.189, "relative"), (0.02387, "absolute")])
def test_power_at_the_measured_effect_is_refused(demo: Demo, effect: float, scale: str) -> None:
    with pytest.raises(UsageError, match=r"is the effect that one_page_checkout measured.*only repeats its p-value"):
        demo.call("plan_experiment", **ASKED, effect=effect, scale=scale, units="actual")


def test_planning_a_size_for_the_measured_effect_is_warned_of(demo: Demo) -> None:
    (warning,) = demo.call("plan_experiment", **ASKED, effect=0.1887).warnings
    assert "measured winners are too large on average" in warning
    assert demo.call("plan_experiment", **ASKED, effect=0.05).warnings == ()


@pytest.mark.parametrize(
    ("experiment_id", "said"),
    [
        ("pin_leaderboard_carousel", "has a sample ratio mismatch"),
        ("new_onboarding", "exposure logging of new_onboarding broke"),
        ("loyalty_tiers", "not every unit's window in loyalty_tiers has closed"),
    ],
)
def test_a_baseline_that_should_not_be_relied_on_says_so(demo: Demo, experiment_id: str, said: str) -> None:
    result = demo.call("plan_experiment", experiment_id=experiment_id, population="exposed", effect=0.1)
    assert any(said in warning for warning in result.warnings)


def test_cuped_saves_what_the_experiments_own_covariate_explains(demo: Demo) -> None:
    plain = answer(demo.call("plan_experiment", **ASKED, effect=0.05))
    saved = answer(demo.call("plan_experiment", **ASKED, effect=0.05, variance_reduction="measured"))
    assert saved["units_without_cuped"] == plain["units"]
    assert saved["units"] == pytest.approx(plain["units"] * (1 - 0.0358), rel=1e-3)


def test_looking_while_it_runs_costs_more_and_says_how_much() -> None:
    once, often = planned(baseline=0.05, effect=0.1), planned(baseline=0.05, effect=0.1, sequential=True)
    assert answer(often)["units_judged_once"] == answer(once)["units"] < answer(often)["units"]
    assert answer(once)["units_judged_once"] is None


def test_several_treatments_are_corrected_unless_told_otherwise() -> None:
    arms = {"baseline": 0.05, "effect": 0.1, "shares": [1, 1, 1]}
    corrected, plain = answer(planned(**arms)), answer(planned(**arms, corrected=False))
    assert corrected["treatment_units"] == pytest.approx(answer(planned(baseline=0.05, effect=0.1, level=0.975))[
        "treatment_units"])  # fmt: skip
    assert plain["treatment_units"] == answer(planned(baseline=0.05, effect=0.1))["treatment_units"]


def test_non_inferiority_plans_for_no_effect_at_all() -> None:
    row = answer(planned(aggregation="mean", baseline=10.0, sd=3.0, margin=0.02))
    due = NormalIndPower().solve_power(0.2 / 3.0, alpha=0.025, power=0.8, alternative="larger")
    assert row["effect_absolute"] == 0.0
    assert row["control_units"] == pytest.approx(due * (1 + 0.98**2) / 2, rel=1e-3)


def test_traffic_alone_shows_what_four_weeks_and_others_find() -> None:
    result = planned(baseline=0.05, daily_units=1000.0, window_days=7)
    row, scenarios = answer(result), rows_of(result)[1:]
    assert (row["days"], row["units"]) == (28, 21_000)
    assert {scenario["days"] for scenario in scenarios} == {14, 21, 28, 42, 56, 84}, "one week leaves none to enrol in"


@pytest.mark.parametrize(("days", "due"), [(7, 0), (8, 100), (9, 100), (10, 100), (11, 400), (12, 500), (14, 500)])
def test_arrivals_follow_the_pattern_and_wait_for_the_window(days: int, due: float) -> None:
    assert arrivals((100.0, 0.0, 0.0, 300.0), days, 7) == due


def test_a_curve_comes_only_when_wanted_and_passes_through_the_plan() -> None:
    without, curved = planned(baseline=0.05, effect=0.1), planned(baseline=0.05, effect=0.1, curve=True)
    points = [row for row in rows_of(curved) if row["row"] == "curve"]
    assert [row for row in rows_of(without) if row["row"] == "curve"] == []
    assert [row["power"] for row in points] == sorted(row["power"] for row in points)
    near = min(points, key=lambda row: abs(row["units"] - answer(curved)["units"]))
    assert near["power"] == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "a plan needs a baseline"),
        ({"baseline": 0.05}, "a plan needs an effect to find, a size, or daily traffic"),
        ({"baseline": 5.0, "effect": 0.1}, "a rate is a fraction between 0 and 1"),
        ({"baseline": 0.05, "sd": 1.0, "aggregation": "occurrence", "effect": 0.1}, "a rate has no standard deviation"),
        ({"baseline": 5.0, "aggregation": "mean", "effect": 0.1}, "a mean needs its standard deviation"),
        ({"baseline": 0.05, "effect": 0.0}, "no size finds an effect of zero"),
        ({"baseline": 0.0, "sd": 1.0, "effect": 0.1}, "the baseline is zero"),
        ({"baseline": 0.05, "days": 7, "units": 100}, "a size is given in units or in days"),
        ({"baseline": 0.05, "days": 7}, "hold no units while the daily traffic is unknown"),
        ({"baseline": 0.05, "days": 7, "daily_units": 9.0, "window_days": 7}, "leave none to enrol in"),
        ({"baseline": 0.05, "units": "actual"}, "needs an experiment"),
        ({"baseline": 0.05, "effect": 0.1, "variance_reduction": "measured"}, "needs an experiment"),
        ({"baseline": 0.05, "effect": 0.1, "population": "itt"}, "population says where to look in an experiment"),
    ],
)
def test_what_makes_no_plan_is_said_with_a_way_out(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        planned(**arguments)
    assert said in raised.value.message
    assert raised.value.hint or "fraction" in said


def test_an_experiment_and_a_baseline_of_ones_own_do_not_go_together(demo: Demo) -> None:
    with pytest.raises(UsageError, match="the baseline comes from one_page_checkout, or from baseline and sd"):
        demo.call("plan_experiment", **ASKED, baseline=1.0, sd=2.0, effect=0.1)


def test_a_population_is_never_chosen_silently(demo: Demo) -> None:
    with pytest.raises(ChoiceNeeded) as asked:
        demo.call("plan_experiment", experiment_id="one_page_checkout", effect=0.1)
    assert asked.value.choices == ("--population itt", "--population exposed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"experiment_id": "one_page_chekout"}, "did you mean 'one_page_checkout'"),
        ({"metric_id": "refund_rate"}, "there is: average_order_value"),
    ],
)
def test_a_name_that_is_not_there_is_said(demo: Demo, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        demo.call("plan_experiment", **(ASKED | arguments))
    assert said in raised.value.hint


def test_a_role_without_the_arms_is_refused_on_record(demo: Demo) -> None:
    with pytest.raises(RefusedError) as refused:
        demo.call("plan_experiment", role="viewer", **ASKED)
    assert [str(reason.rule) for reason in refused.value.refused.violations] == ["table_not_allowed"]


def test_the_main_path_audits_a_plan(demo: Demo) -> None:
    reply = demo.gateway.call_tool("plan_experiment", ASKED | {"effect": 0.05}, demo.caller())
    event = demo.gateway.audit.get(reply.answer.audit_id)
    assert event is not None
    assert event.calls == [{"tool": "plan_experiment", "arguments": ASKED | {"effect": 0.05}}]
    assert {query["verdict"] for query in event.queries} == {"approved"}
    assert reply.answer.text.startswith("To find a relative lift of +5 %")
