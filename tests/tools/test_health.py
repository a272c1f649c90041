"""Can an experiment be believed: each planted failure stands in its own row, and sound experiments pass every check."""

from typing import Any

import pytest

from gateway.errors import UsageError
from tests.conftest import Demo, rows_of

Check = tuple[str, str | None]


def concerns(demo: Demo, experiment_id: str, **arguments: Any) -> dict[Check, str]:
    """Every check that did not pass, by name and population."""
    found = rows_of(demo.call("experiment_health", experiment_id=experiment_id, **arguments))
    return {(row["check"], row["population"]): row["status"] for row in found if row["status"] != "ok"}


def values(demo: Demo, experiment_id: str) -> dict[Check, Any]:
    found = rows_of(demo.call("experiment_health", experiment_id=experiment_id))
    return {(row["check"], row["population"]): row["value"] for row in found}


@pytest.mark.parametrize(
    ("experiment_id", "expected"),
    [
        pytest.param("one_page_checkout", {}, id="sound"),
        pytest.param("search_ranker_v2", {}, id="flat and sound"),
        pytest.param("push_cadence", {}, id="sound, devices"),
        pytest.param(
            "pin_leaderboard_carousel",
            {
                (check, population): "mismatch"
                for check in ("sample_ratio", "sample_ratio_segments", "sample_ratio_segment")
                for population in ("itt", "exposed")
            },
            id="lost assignments",
        ),
        pytest.param(
            "new_onboarding",
            {
                ("sample_ratio", "exposed"): "mismatch",
                ("sample_ratio_segments", "exposed"): "mismatch",
                ("sample_ratio_segment", "exposed"): "mismatch",
                ("exposure_rate", None): "attention",
                ("valid_exposure_rate", None): "attention",
                ("no_exposure_rate", None): "attention",
                ("exposure_integrity_failed", None): "attention",
                ("exposure_drop", None): "attention",
            },
            id="lost exposures",
        ),
        pytest.param(
            "recs_carousel",
            {
                ("quarantined_units", "itt"): "attention",
                ("quarantined_units", "exposed"): "attention",
                ("valid_exposure_rate", None): "attention",
                ("mismatch_rate", None): "attention",
                ("multi_variation_rate", None): "attention",
                ("exposure_integrity_failed", None): "attention",
                ("variant_mismatch", None): "attention",
                ("multi_variation", None): "attention",
                ("mature_share", "itt"): "attention",
            },
            id="mixed arms, still running",
        ),
        pytest.param(
            "checkout_copy",
            {
                ("valid_exposure_rate", None): "attention",
                ("pre_assignment_rate", None): "attention",
                ("outside_window_rate", None): "attention",
                ("exposure_integrity_failed", None): "attention",
                ("pre_assignment", None): "attention",
                ("outside_window", None): "attention",
            },
            id="early and late exposures",
        ),
        pytest.param(
            "exp_demo_001",
            {("sample_ratio", "itt"): "not_computable", ("sample_ratio", "exposed"): "not_computable"},
            id="three users",
        ),
    ],
)
def test_the_checks_that_fail_are_those_of_the_planted_failure(
    demo: Demo, experiment_id: str, expected: dict[Check, str]
) -> None:
    assert concerns(demo, experiment_id) == expected


def test_one_population_is_judged_alone_where_it_is_asked_for(demo: Demo) -> None:
    found = rows_of(demo.call("experiment_health", experiment_id="new_onboarding", population="exposed"))
    assert {row["population"] for row in found} == {"exposed", None}
    assert [row["status"] for row in found if row["check"] == "sample_ratio"] == ["mismatch"]


def test_the_sample_ratio_shows_what_was_observed_beside_what_was_planned(demo: Demo) -> None:
    found = rows_of(demo.call("experiment_health", experiment_id="exp_demo_001", population="itt"))
    ratio = next(row for row in found if row["check"] == "sample_ratio")
    assert (ratio["value"], ratio["status"], ratio["detail"]) == (
        None,
        "not_computable",
        "too few units to judge; their exact p is 1",
    )
    arms = ("variation_id", "n_units", "value", "expected_share", "status", "detail")
    assert [tuple(row[name] for name in arms) for row in found if row["check"] == "arm_share"] == [
        ("control", 2, pytest.approx(2 / 3), 0.5, "ok", "in the split"),
        ("treatment", 1, pytest.approx(1 / 3), 0.5, "ok", "in the split"),
    ]


def test_a_running_experiments_split_has_the_sequential_p_beside_the_one_that_judges(demo: Demo) -> None:
    statement = "select p_value, sequential_p_value, exact_p_value from fct_experiment_srm where "
    where = "experiment_id = 'loyalty_tiers' and analysis_population = 'itt'"
    ((fixed, sequential, exact),) = demo.call("run_sql", statement=statement + where).table.rows
    found = rows_of(demo.call("experiment_health", experiment_id="loyalty_tiers", population="itt"))
    ratio = next(row for row in found if row["check"] == "sample_ratio")
    assert (ratio["value"], ratio["status"], ratio["detail"]) == (fixed, "ok", "chi-squared")
    assert isinstance(fixed, float)
    assert isinstance(sequential, float)
    assert fixed < sequential < 1
    assert exact is None


def test_each_segment_whose_split_is_off_has_a_row(demo: Demo) -> None:
    found = rows_of(demo.call("experiment_health", experiment_id="pin_leaderboard_carousel", population="itt"))
    whole = next(row for row in found if row["check"] == "sample_ratio_segments")
    segments = [row for row in found if row["check"] == "sample_ratio_segment"]
    assert (whole["status"], whole["detail"]) == (
        "mismatch",
        "10 of 10 segments; the least p, corrected for their number",
    )
    assert whole["value"] == min(row["value"] for row in segments)
    assert {row["dimension"] for row in segments} == {"country", "customer_type", "platform"}
    platforms = {row["dimension_value"]: row["n_units"] for row in segments if row["dimension"] == "platform"}
    assert (set(platforms), sum(platforms.values())) == ({"ios", "android", "web"}, 22_639)


def test_rates_and_maturity_are_told_as_shares(demo: Demo) -> None:
    found = values(demo, "recs_carousel")
    assert 0 < found["mature_share", "itt"] < 1
    assert found["valid_exposure_rate", None] < found["exposure_rate", None] < 1
    assert values(demo, "exp_demo_001")["mature_share", "itt"] == 1.0


def test_the_set_up_is_told_in_a_sentence(demo: Demo) -> None:
    ended = demo.call("experiment_health", experiment_id="push_cadence").text
    running = demo.call("experiment_health", experiment_id="loyalty_tiers").text
    assert ended == "Push cadence is ended, 2026-02-04 to 2026-02-22, 2 variations, assigned by device."
    assert running == "Loyalty tiers is running, 2026-02-15 to now, 2 variations, assigned by user."


def test_daily_gives_the_exposure_rates_of_each_assignment_day(demo: Demo) -> None:
    found = rows_of(demo.call("experiment_health", experiment_id="one_page_checkout", daily=True))
    assert [row["date_day"] for row in found] == [f"2026-02-{day:02}" for day in range(1, 22)]
    assert all(0.9 < row["exposure_rate"] < 0.99 for row in found)


def test_an_experiment_that_is_not_there_is_said(demo: Demo) -> None:
    with pytest.raises(UsageError, match="no experiment named 'new_onbording' here"):
        demo.call("experiment_health", experiment_id="new_onbording")
