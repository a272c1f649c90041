"""What there is to ask about, as each role sees it."""

import pytest

from gateway.errors import UsageError
from tests.conftest import Demo, rows_of

DEMO = [
    "checkout_copy", "exp_demo_001", "express_refunds", "free_shipping_threshold", "loyalty_tiers", "mobile_paywall",
    "new_onboarding", "one_page_checkout", "pin_leaderboard_carousel", "price_badges", "push_cadence", "recs_carousel",
    "search_ranker_v2",
]  # fmt: skip
RAW = {"fct_experiment_cohort", "agg_experiment_metric_by_variant", "agg_experiment_metric_daily"}


def experiments(demo: Demo, **arguments: str) -> list[str]:
    return [row["experiment_id"] for row in rows_of(demo.call("list_experiments", **arguments))]


def test_every_experiment_is_listed_with_its_set_up(demo: Demo) -> None:
    found = rows_of(demo.call("list_experiments"))
    assert [row["experiment_id"] for row in found] == DEMO
    assert found[DEMO.index("price_badges")] == {
        "experiment_id": "price_badges",
        "name": "Price badges",
        "status": "ended",
        "started_at": "2026-02-01T00:00:00",
        "ended_at": "2026-02-22T00:00:00",
        "n_variations": 4,
        "primary_metric_id": "conversion_7d",
        "description": "Three kinds of badges beside the price.",
    }


def test_experiments_can_be_listed_by_status(demo: Demo) -> None:
    assert experiments(demo, status="running") == ["loyalty_tiers", "recs_carousel"]
    assert len(experiments(demo, status="ended")) == len(DEMO) - 2


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        pytest.param("CAROUSEL", ["pin_leaderboard_carousel", "recs_carousel"], id="id or name, in any case"),
        pytest.param("payment button", ["checkout_copy"], id="description"),
        pytest.param("none", [], id="the word for an absent end is no name"),
        pytest.param("2026-02", [], id="dates are no names"),
        pytest.param("%", [], id="no wildcards"),
    ],
)
def test_search_looks_in_ids_names_and_descriptions(demo: Demo, search: str, expected: list[str]) -> None:
    assert experiments(demo, search=search) == expected


def test_an_experiments_metrics_are_listed_as_it_uses_them_primary_first(demo: Demo) -> None:
    found = rows_of(demo.call("list_metrics", experiment_id="express_refunds"))
    assert [(row["metric_id"], row["role"], row["window_days"], row["noninferiority_margin"]) for row in found] == [
        ("conversion_7d", "primary", 7.0, None),
        ("revenue_per_user", "secondary", 7.0, None),
        ("refund_rate", "guardrail", 14.0, 0.1),
        ("support_tickets_per_user", "guardrail", 14.0, 0.15),
    ]


def test_without_an_experiment_the_catalogue_of_metrics_is_listed(demo: Demo) -> None:
    found = {row["metric_id"]: row for row in rows_of(demo.call("list_metrics"))}
    assert len(found) == 10
    assert (found["refund_rate"]["aggregation"], found["refund_rate"]["desired"]) == ("ratio", "decrease")


def test_metrics_of_an_experiment_that_is_not_there_are_not_an_empty_list(demo: Demo) -> None:
    with pytest.raises(UsageError, match="no experiment named 'priec_badges' here"):
        demo.call("list_metrics", experiment_id="priec_badges")


def test_a_role_sees_its_own_marts_and_no_other(demo: Demo) -> None:
    analyst, viewer = (
        {row["asset"] for row in rows_of(demo.call("describe_marts", role=role))} for role in ("analyst", "viewer")
    )
    assert analyst - viewer == RAW
    assert viewer < analyst


def test_a_hidden_column_is_not_described(demo: Demo) -> None:
    found = {row["column"] for row in rows_of(demo.call("describe_marts", asset="fct_experiment_cohort"))}
    assert "variation_id" in found
    assert "unit_id" not in found


def test_pins_are_told_beside_the_columns(demo: Demo) -> None:
    text = demo.call("describe_marts", asset="fct_experiment_results").text
    assert text == "Fix or group by analysis_population, dimension wherever it is read."


@pytest.mark.parametrize("asset", ["fct_experiment_cohort", "fct_experiment_cohorts"])
def test_a_mart_of_another_role_and_one_that_never_was_are_told_alike(demo: Demo, asset: str) -> None:
    for tool, arguments in (("describe_marts", {}), ("query_marts", {"columns": ["experiment_id"]})):
        with pytest.raises(UsageError) as refused:
            demo.call(tool, role="viewer", asset=asset, **arguments)
        assert refused.value.message == f"no mart named {asset!r} here"
        assert not any(name in refused.value.hint for name in RAW)
