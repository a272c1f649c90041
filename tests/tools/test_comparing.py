"""Arms handed in: the marts' own numbers where the arms are the marts', SciPy's where they are not."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gateway.errors import UsageError
from gateway.experiments.ledger import HANDED_IN
from gateway.tools.base import ToolResult
from gateway.tools.comparing import CompareArguments, compare_arms
from tests.conftest import Demo, rows_of

COUNTED = [{"name": "old", "n": 1_000, "conversions": 100}, {"name": "new", "n": 1_200, "conversions": 160}]


def compared(demo: Demo, arms: list[dict[str, Any]], **more: Any) -> ToolResult:
    given: dict[str, Any] = {"arms": arms, "population": "itt", "running": False} | more
    return demo.call("compare_arms", **given)


def test_conversions_are_compared_by_the_two_proportion_test(demo: Demo) -> None:
    (item,) = compared(demo, COUNTED).evidence
    pooled = 260 / 2_200
    error = math.sqrt(pooled * (1 - pooled) * (1 / 1_000 + 1 / 1_200))
    due = 2 * stats.norm.sf((160 / 1_200 - 0.1) / error)
    assert item.p_value == pytest.approx(due, rel=1e-12)
    assert item.difference.value == pytest.approx(160 / 1_200 - 0.1)
    assert (item.experiment_id, item.control_variation_id, item.variation_id) == (HANDED_IN, "old", "new")
    assert (item.verdict, item.basis, item.not_computable) == ("better", "fixed", None)


def test_moments_and_sums_of_the_same_arm_are_the_same_arm(demo: Demo) -> None:
    means = {"a": 10.0, "b": 10.5}
    by_moments = [{"name": name, "n": 400, "mean": mean, "m2": 3_591.0} for name, mean in means.items()]
    by_sums = [
        {"name": name, "n": 400, "sum": 400 * mean, "sum_squares": 3_591.0 + 400 * mean**2}
        for name, mean in means.items()
    ]
    left, right = compared(demo, by_moments).evidence[0], compared(demo, by_sums).evidence[0]
    due = stats.ttest_ind_from_stats(10.5, 3.0, 400, 10.0, 3.0, 400, equal_var=False)
    assert left.p_value == pytest.approx(due.pvalue, rel=1e-9)
    assert right.p_value == pytest.approx(left.p_value, rel=1e-9)


@pytest.mark.parametrize(
    ("experiment_id", "metric_id"),
    [("one_page_checkout", "conversion_7d"), ("loyalty_tiers", "revenue_per_user"), ("express_refunds", "refund_rate")],
)
def test_stored_arms_handed_in_give_the_stored_result(demo: Demo, experiment_id: str, metric_id: str) -> None:
    """Ended and running, occurrence, sum and ratio: the same evidence as the marts', but for what only they know."""
    named = {"experiment_id": experiment_id, "population": "itt"}
    (stored,) = demo.call("experiment_results", **named, metric_ids=[metric_id]).evidence
    moments = ["variation_id", "n", "mean", "m2", "denominator_mean", "denominator_m2", "cross_m2"]
    filters = [["experiment_id", "=", experiment_id], ["metric_id", "=", metric_id],
               ["analysis_population", "=", "itt"], ["dimension", "=", "all"]]  # fmt: skip
    rows = rows_of(demo.call("query_marts", asset="agg_experiment_metric_by_variant", columns=moments, filters=filters))
    arms = [{"name": row["variation_id"], "n": row["n"], "mean": row["mean"], "m2": row["m2"]} for row in rows]
    ratio = rows[0]["cross_m2"] is not None
    for arm, row in zip(arms, rows, strict=True):
        if ratio:
            arm["denominator"] = {"mean": row["denominator_mean"], "m2": row["denominator_m2"]}
            arm["cross_m2"] = row["cross_m2"]
    kind = {"conversion_7d": "occurrence", "refund_rate": "ratio"}.get(metric_id, "sum")
    desired = "decrease" if metric_id == "refund_rate" else "increase"
    (found,) = compared(
        demo, arms, control=stored.control_variation_id, aggregation=kind, desired=desired,
        running=stored.basis == "always_valid", metric=metric_id,
    ).evidence  # fmt: skip
    same = ("difference", "lift", "p_value", "chance_to_win", "statsig", "verdict", "basis", "control", "treatment")
    assert {name: getattr(found, name) for name in same} == {name: getattr(stored, name) for name in same}


def test_a_running_comparison_is_judged_by_its_always_valid_interval_and_shows_both(demo: Demo) -> None:
    result = compared(demo, COUNTED, running=True)
    (item,), row = result.evidence, rows_of(result)[1]
    assert item.basis == "always_valid"
    assert (item.difference.ci_low, item.difference.ci_high) == (row["sequential_ci_low"], row["sequential_ci_high"])
    assert (item.p_value, item.verdict) == (row["sequential_p_value"], "inconclusive")
    assert row["sequential_ci_low"] < row["ci_low"] < row["ci_high"] < row["sequential_ci_high"]


def test_several_treatments_are_corrected_and_one_is_likeliest_best(demo: Demo) -> None:
    arms = [*COUNTED, {"name": "third", "n": 1_100, "conversions": 140}]
    result = compared(demo, arms)
    raw = [item.p_value or 0.0 for item in result.evidence]
    adjusted = [item.p_value_adjusted for item in result.evidence]
    assert adjusted == pytest.approx([2 * min(raw), max(2 * min(raw), max(raw))])
    rows = rows_of(result)
    assert [row["arm"] for row in rows] == ["old", "new", "third"]
    assert sum(row["chance_to_be_best"] for row in rows) == pytest.approx(1.0)
    assert "corrected over 2 treatments (Holm)" in result.text


@pytest.mark.parametrize(
    ("units", "status", "verdict"),
    [((1_000, 1_000), "ok", "better"), ((1_000, 1_300), "mismatch", "unreliable"), ((9, 60), "mismatch", "unreliable")],
)
def test_planned_shares_are_checked_also_in_few_units(
    demo: Demo, units: tuple[int, int], status: str, verdict: str
) -> None:
    arms = [
        {"name": name, "n": n, "conversions": n // (10 - 3 * i)}
        for i, (name, n) in enumerate(zip("ab", units, strict=True))
    ]
    result = compared(demo, arms, shares={"a": 50, "b": 50})
    assert (result.evidence[0].srm.status, result.evidence[0].verdict) == (status, verdict)
    assert bool(result.warnings) is (status == "mismatch")


def test_without_shares_there_is_no_check_and_that_is_said(demo: Demo) -> None:
    result = compared(demo, COUNTED)
    assert result.evidence[0].srm.status == "not_computable"
    assert "Without planned shares there is no sample ratio check." in result.text


@settings(max_examples=60, deadline=None)
@given(
    n=st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)),
    mean=st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12)),
    m2=st.tuples(st.floats(0, 1e18), st.floats(0, 1e18)),
    running=st.booleans(),
)
def test_any_numbers_give_an_answer_or_a_reason_and_never_nan(
    n: tuple[int, int], mean: tuple[float, float], m2: tuple[float, float], running: bool
) -> None:
    arms = [{"name": name, "n": n[i], "mean": mean[i], "m2": m2[i]} for i, name in enumerate("ab")]
    arguments = CompareArguments.model_validate({"arms": arms, "population": "itt", "running": running})
    result = compare_arms(None, arguments)  # type: ignore[arg-type]  # it reads nothing, so it needs no context
    json.dumps([item.model_dump() for item in result.evidence], allow_nan=False)
    json.dumps(result.table.model_dump(), allow_nan=False)
    (item,) = result.evidence
    assert (item.difference.ci_low is None) is (item.not_computable is not None)


@pytest.mark.parametrize(
    ("arms", "more", "said"),
    [
        ([{"name": "a", "n": 9}, COUNTED[1]], {}, "arm 'a' needs one of: conversions; mean and m2"),
        ([{"name": "a", "n": 9, "mean": 1.0}, COUNTED[1]], {}, "arm 'a' needs one of"),
        ([{"name": "a", "n": 9, "mean": 1.0, "m2": 2.0, "sum": 9.0}, COUNTED[1]], {}, "arm 'a' needs one of"),
        ([{"name": "a", "n": 9, "conversions": 10}, COUNTED[1]], {}, "has 10 conversions of 9 units"),
        ([{"name": "a", "n": 9, "sum": 90.0, "sum_squares": 10.0}, COUNTED[1]], {}, "makes sum_squares 900 or more"),
        ([COUNTED[0], {"name": "b", "n": 9, "mean": 1.0, "m2": 2.0}], {}, "some arms have conversions"),
        ([COUNTED[0], COUNTED[0]], {}, "two arms have the same name"),
        (COUNTED, {"control": "nobody"}, "no arm named 'nobody'"),
        (COUNTED, {"aggregation": "mean"}, "conversions say nothing of a mean"),
        (COUNTED, {"aggregation": "ratio"}, "conversions say nothing of a ratio"),
        (COUNTED, {"shares": {"old": 1, "gone": 1}}, "a share is planned for 'gone'"),
        (COUNTED, {"population": "all"}, "population"),
        (COUNTED[:1], {}, "at least 2 items"),
    ],
)
def test_what_can_not_be_compared_is_refused_by_name(
    demo: Demo, arms: list[dict[str, Any]], more: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError) as raised:
        compared(demo, arms, **more)
    assert said in raised.value.message


def test_the_main_path_writes_the_card_and_the_record(demo: Demo) -> None:
    arguments = {"arms": COUNTED, "population": "itt", "running": False, "metric": "signup"}
    reply = demo.gateway.call_tool("compare_arms", arguments, demo.caller())
    assert reply.answer.status == "answered"
    assert reply.answer.text.startswith("signup, new vs old: higher with the treatment, which is better. 13.33 % over")
    event = demo.gateway.audit.get(reply.answer.audit_id)
    assert event is not None
    assert (event.queries, event.evidence[0]["experiment_id"]) == ([], HANDED_IN)
