"""A trend is the same experiment, day by day: cumulative, always-valid, and ending where the stored result stands."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from gateway.errors import UsageError
from tests.conftest import Demo, rows_of


def days(demo: Demo, experiment_id: str, population: str, metric_id: str) -> list[dict[str, Any]]:
    found = demo.call("experiment_trend", experiment_id=experiment_id, population=population, metric_id=metric_id)
    return rows_of(found)


@pytest.mark.parametrize(
    ("experiment_id", "metric_id"),
    [
        pytest.param("one_page_checkout", "conversion_7d", id="occurrence"),
        pytest.param("express_refunds", "refund_rate", id="ratio"),
        pytest.param("free_shipping_threshold", "revenue_per_user", id="sum"),
        pytest.param("search_ranker_v2", "page_load_ms", id="mean, lower is better"),
        pytest.param("push_cadence", "unsubscribe_rate", id="devices"),
        pytest.param("recs_carousel", "revenue_per_user", id="still running"),
        pytest.param("price_badges", "conversion_7d", id="four arms"),
    ],
)
@pytest.mark.parametrize("population", ["itt", "exposed"])
def test_the_last_day_is_the_stored_final_state(
    demo: Demo, experiment_id: str, population: str, metric_id: str
) -> None:
    result = demo.call("experiment_trend", experiment_id=experiment_id, population=population, metric_id=metric_id)
    rows = rows_of(result)
    last = {row["variation_id"]: row for row in rows if row["date_day"] == max(row["date_day"] for row in rows)}
    assert set(last) == {item.variation_id for item in result.evidence}
    for item in result.evidence:
        row = last[item.variation_id]
        assert (row["n_users"], row["control_n_users"]) == (item.treatment.n, item.control.n)
        stored = (item.treatment.value, item.control.value, item.difference.value, item.lift.value)
        shown = (row["value"], row["control_value"], row["difference"], row["lift"])
        assert shown == pytest.approx(stored, rel=1e-9)


@pytest.mark.parametrize("experiment_id", ["one_page_checkout", "recs_carousel", "price_badges"])
def test_units_only_ever_come_in(demo: Demo, experiment_id: str) -> None:
    rows = days(demo, experiment_id, "itt", "conversion_7d")
    for arm in {row["variation_id"] for row in rows}:
        mine = [row for row in rows if row["variation_id"] == arm]
        for before, after in pairwise(mine):
            gap = date.fromisoformat(after["date_day"]) - date.fromisoformat(before["date_day"])
            assert gap.days == 1
            assert after["n_users"] >= before["n_users"]
            assert after["control_n_users"] >= before["control_n_users"]


def test_the_intervals_are_always_valid_also_for_an_experiment_that_has_ended(demo: Demo) -> None:
    result = demo.call(
        "experiment_trend", experiment_id="one_page_checkout", population="itt", metric_id="conversion_7d"
    )
    (final,), last = result.evidence, rows_of(result)[-1]
    assert result.text == "Cumulative to the end of each day; the intervals are always-valid 95 %."
    assert final.basis == "fixed"
    assert final.difference.ci_low is not None
    assert final.difference.ci_high is not None
    assert last["ci_low"] < final.difference.ci_low < final.difference.ci_high < last["ci_high"]


def test_a_running_experiment_ends_on_its_stored_always_valid_interval(demo: Demo) -> None:
    result = demo.call(
        "experiment_trend", experiment_id="recs_carousel", population="itt", metric_id="revenue_per_user"
    )
    (final,), last = result.evidence, rows_of(result)[-1]
    stored = (final.difference.ci_low, final.difference.ci_high)
    assert (last["ci_low"], last["ci_high"]) == pytest.approx(stored, rel=1e-9)


def test_days_without_enough_units_have_values_and_no_inference(demo: Demo) -> None:
    for row in days(demo, "exp_demo_001", "itt", "conversion_7d"):
        assert (row["difference"], row["ci_low"], row["ci_high"], row["lift"]) == (None, None, None, None)
    last = days(demo, "exp_demo_001", "itt", "conversion_7d")[-1]
    assert (last["n_users"], last["value"], last["control_n_users"], last["control_value"]) == (1, 1.0, 2, 0.0)


def test_one_arm_of_four_can_be_followed(demo: Demo) -> None:
    result = demo.call(
        "experiment_trend", experiment_id="price_badges", population="itt", metric_id="conversion_7d",
        variation_ids=["social_proof_badge"],
    )  # fmt: skip
    assert {row["variation_id"] for row in rows_of(result)} == {"social_proof_badge"}


def test_a_metric_the_experiment_does_not_measure_is_said(demo: Demo) -> None:
    with pytest.raises(UsageError, match="no metric named 'refund_rate' here"):
        days(demo, "one_page_checkout", "itt", "refund_rate")
