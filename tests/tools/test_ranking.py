"""Rankings: "best" is in the metric's own direction, and what cannot be trusted has no rank."""

from typing import Any

import pytest

from gateway.errors import UsageError
from gateway.tools.reading import results as stored_results
from tests.conftest import Demo, rows_of


def ranking(demo: Demo, **arguments: Any) -> list[tuple[int | None, str, str]]:
    """(rank, experiment, treatment), as listed."""
    wanted: dict[str, Any] = {"population": "itt", "limit": 100} | arguments
    found = rows_of(demo.call("rank_experiments", **wanted))
    return [(row["rank"], row["experiment_id"], row["variation_id"]) for row in found]


def test_each_experiment_is_ranked_by_its_own_primary_metric(demo: Demo) -> None:
    found = ranking(demo)
    assert found[:3] == [
        (1, "push_cadence", "twice_a_week"),
        (2, "price_badges", "social_proof_badge"),
        (3, "express_refunds", "express"),
    ]
    assert [rank for rank, *_ in found] == [*range(1, 14), None, None]


def test_lower_is_better_where_the_metric_says_so(demo: Demo) -> None:
    found = demo.call("rank_experiments", population="itt", metric_id="unsubscribe_rate").evidence
    assert [(item.experiment_id, item.verdict) for item in found] == [
        ("push_cadence", "better"),
        ("mobile_paywall", "inconclusive"),
    ]
    assert [item.lift.value for item in found] == sorted(item.lift.value or 0.0 for item in found)
    worst = ranking(demo, metric_id="unsubscribe_rate", order="worst")
    assert worst == [(1, "mobile_paywall", "full_screen"), (2, "push_cadence", "twice_a_week")]


@pytest.mark.parametrize("by", ["lift", "difference", "chance_to_win"])
def test_worst_is_best_the_other_way_round(demo: Demo, by: str) -> None:
    best, worst = (
        [place for rank, *place in ranking(demo, metric_id="conversion_7d", by=by, order=order) if rank]
        for order in ("best", "worst")
    )
    assert len(best) > 8
    assert worst == best[::-1]


@pytest.mark.parametrize(
    ("population", "unreliable"),
    [
        pytest.param("itt", ["pin_leaderboard_carousel"], id="itt survives broken exposure logging"),
        pytest.param(
            "exposed",
            ["checkout_copy", "new_onboarding", "pin_leaderboard_carousel", "recs_carousel"],
            id="exposed does not",
        ),
    ],
)
def test_what_cannot_be_trusted_is_listed_and_not_ranked(demo: Demo, population: str, unreliable: list[str]) -> None:
    result = demo.call("rank_experiments", population=population, metric_id="conversion_7d", limit=100)
    unranked = {row["experiment_id"]: row["verdict"] for row in rows_of(result) if row["rank"] is None}
    assert unranked == {**dict.fromkeys(unreliable, "unreliable"), "exp_demo_001": "inconclusive"}
    assert result.warnings == (
        f"not ranked, because the result cannot be trusted: {', '.join(unreliable)}",
        "not ranked, because inference is not computable: exp_demo_001",
    )
    assert [item.experiment_id for item in result.evidence if item.verdict == "unreliable"] == unreliable


def test_a_cut_ranking_says_so(demo: Demo) -> None:
    result = demo.call("rank_experiments", population="itt", limit=3)
    assert [row["rank"] for row in rows_of(result)] == [1, 2, 3, None, None]
    assert result.warnings[0] == "the first 3 of 13 ranked results; `limit` shows more"


def test_a_metric_that_nothing_measures_is_said(demo: Demo) -> None:
    with pytest.raises(UsageError) as refused:
        demo.call("rank_experiments", population="itt", metric_id="revenue_per_usr")
    assert (refused.value.message, refused.value.hint) == (
        "no metric named 'revenue_per_usr' here",
        "did you mean 'revenue_per_user'?",
    )


def test_a_lift_that_is_withheld_has_no_rank(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    def unbounded(*_: Any, **__: Any) -> list[dict[str, Any]]:
        found = stored_results(demo.context(), "itt", metric_ids=("conversion_7d",))
        return [row | ({"lift_ci_high": None} if row["experiment_id"] == "express_refunds" else {}) for row in found]

    monkeypatch.setattr("gateway.tools.results.results", unbounded)
    by_lift = demo.call("rank_experiments", population="itt", metric_id="conversion_7d", limit=100)
    assert {row["rank"] for row in rows_of(by_lift) if row["experiment_id"] == "express_refunds"} == {None}
    assert by_lift.warnings[-1] == "not ranked, because the relative lift has no bounded interval: express_refunds"
    by_difference = ranking(demo, metric_id="conversion_7d", by="difference")
    assert "express_refunds" in [experiment for rank, experiment, _ in by_difference if rank]
