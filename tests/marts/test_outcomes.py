"""Attribution windows, dirty and repeated events, and what each aggregation makes of a unit's events."""

from datetime import timedelta

import pytest

from tests.marts.world import END, World, at

OUTCOMES = "int_experiment_metric_outcomes"
VALUES = f"""select value_itt, denominator_itt, value_exposed, denominator_exposed, covariate
             from {OUTCOMES} where unit_id = 'u' and metric_id = """


@pytest.fixture
def enrolled(world: World) -> World:
    """One unit: assigned on the 3rd, exposed on the 5th."""
    world.experiment()
    world.assign("u", "treatment", at(3))
    world.expose("u", "treatment", at(5))
    return world


def test_windows_are_half_open_from_assignment_and_from_exposure(world: World) -> None:
    """Every unit is assigned on the 3rd and exposed on the 5th, and has one event; the windows are seven days."""
    moments = {
        "a second before assignment": (at(2, 23, 59, 59), 0.0, 0.0),
        "at assignment": (at(3), 1.0, 0.0),
        "a second before exposure": (at(4, 23, 59, 59), 1.0, 0.0),
        "at exposure": (at(5), 1.0, 1.0),
        "a second before the itt window closes": (at(9, 23, 59, 59), 1.0, 1.0),
        "as the itt window closes": (at(10), 0.0, 1.0),
        "a second before the exposed window closes": (at(11, 23, 59, 59), 0.0, 1.0),
        "as the exposed window closes": (at(12), 0.0, 0.0),
    }
    world.experiment()
    world.metric("m", "count")
    for unit, (when, _, _) in moments.items():
        world.assign(unit, "treatment", at(3))
        world.expose(unit, "treatment", at(5))
        world.event(unit, "purchase", when, "10")
    world.build()
    found = world.rows("select unit_id, value_itt, value_exposed from int_experiment_metric_outcomes")
    assert {unit: values for unit, *values in found} == {unit: [itt, exp] for unit, (_, itt, exp) in moments.items()}


def test_no_window_reaches_past_the_data(enrolled: World) -> None:
    enrolled.experiment("late", ended_at=at(10), as_of=at(12))
    enrolled.metric("m", "count", experiment_id="late", window_days=7.0)
    enrolled.metric("open", "count", experiment_id="late", window_days=None)
    enrolled.assign("v", "treatment", at(8), experiment_id="late")
    for day in (9, 10, 11, 12):
        enrolled.event("v", "purchase", at(day), "1")
    enrolled.build()
    found = enrolled.rows(f"select metric_id, value_itt, is_mature_itt from {OUTCOMES} where unit_id = 'v' order by 1")
    # The 7-day window runs on to as_of and hasn't closed; the open one ends with the experiment, on the 10th.
    assert found == [("m", 3.0, False), ("open", 1.0, True)]


def test_each_aggregation_of_three_events_and_of_none(enrolled: World) -> None:
    """A unit without events has zero and stays, the mean included."""
    for aggregation in ("occurrence", "count", "sum", "mean"):
        enrolled.metric(aggregation, aggregation)
    enrolled.assign("silent", "control", at(3))
    for amount in ("10", "20", "30"):
        enrolled.event("u", "purchase", at(6), amount)
    enrolled.build()
    query = "select metric_id, value_itt from int_experiment_metric_outcomes where unit_id = "
    assert dict(enrolled.rows(query + "'u'")) == {"occurrence": 1.0, "count": 3.0, "sum": 60.0, "mean": 20.0}
    assert dict(enrolled.rows(query + "'silent'")) == {"occurrence": 0.0, "count": 0.0, "sum": 0.0, "mean": 0.0}


def test_a_ratio_keeps_numerator_and_denominator_apart(enrolled: World) -> None:
    enrolled.metric("aov", "ratio", numerator_agg="sum", denominator=("purchase", "count"))
    enrolled.metric("refunds", "ratio", "refund", numerator_agg="count", denominator=("purchase", "count"))
    enrolled.event("u", "purchase", at(4), "10")
    enrolled.event("u", "purchase", at(6), "30")
    enrolled.event("u", "refund", at(7))
    enrolled.build()
    assert tuple(enrolled.row(VALUES + "'aov'").values())[:4] == (40.0, 2.0, 30.0, 1.0)
    assert tuple(enrolled.row(VALUES + "'refunds'").values())[:4] == (1.0, 2.0, 1.0, 1.0)


def test_the_covariate_is_the_same_metric_over_the_fortnight_before_assignment(enrolled: World) -> None:
    for aggregation in ("occurrence", "count", "sum", "mean"):
        enrolled.metric(aggregation, aggregation)
    day = timedelta(days=1)
    enrolled.event("u", "purchase", at(3) - 14 * day, "7")
    enrolled.event("u", "purchase", at(3) - day, "5")
    enrolled.event("u", "purchase", at(3) - 14 * day - timedelta(seconds=1), "1000")
    enrolled.event("u", "purchase", at(3), "1000")
    enrolled.build()
    found = dict(enrolled.rows("select metric_id, covariate from int_experiment_metric_outcomes"))
    assert found == {"occurrence": 1.0, "count": 2.0, "sum": 12.0, "mean": 6.0}


def test_repeated_event_ids_count_once(enrolled: World) -> None:
    enrolled.metric("m", "sum")
    for _ in range(3):
        enrolled.event("u", "purchase", at(6), "10", event_id="again")
    enrolled.event("u", "purchase", at(6), "5", event_id="other")
    enrolled.build()
    assert enrolled.row(VALUES + "'m'")["value_itt"] == 15.0
    quality = enrolled.row("from fct_metric_event_quality_daily")
    assert (quality["n_events"], quality["n_duplicates"], quality["n_not_finite"], quality["n_used"]) == (4, 2, 0, 2)


def test_a_value_that_is_no_finite_number_drops_the_whole_event_and_is_counted(world: World) -> None:
    """Dropped from the count of orders too: a ratio's two sides must drop the same events."""
    dirty = ["nan", "NaN", "inf", "-inf", "Infinity", "1e400", "abc", "", " ", "1_000", "0x10", "1,5", None]
    world.experiment()
    world.metric("revenue", "sum")
    world.metric("orders", "count")
    for i, value in enumerate(dirty):
        world.enrol(f"u{i}", "treatment")
        world.event(f"u{i}", "purchase", at(6), value)
        world.event(f"u{i}", "purchase", at(6), "10")
    world.build()
    totals = world.rows("select metric_id, unit_id, value_itt from int_experiment_metric_outcomes")
    assert {(metric, unit): value for metric, unit, value in totals} == {
        (metric, f"u{i}"): value for i in range(len(dirty)) for metric, value in (("revenue", 10.0), ("orders", 1.0))
    }
    quality = world.row("from fct_metric_event_quality_daily")
    assert (quality["n_events"], quality["n_not_finite"], quality["n_used"]) == (26, 13, 13)


def test_decimal_numbers_are_read_the_way_people_write_them(world: World) -> None:
    numbers = {"12": 12.0, " 12 ": 12.0, "-.5": -0.5, "+1.": 1.0, "2e3": 2000.0, "0": 0.0}
    world.experiment()
    world.metric("m", "sum")
    for text in numbers:
        world.enrol(f"unit {text}", "treatment")
        world.event(f"unit {text}", "purchase", at(6), text)
    world.build()
    found = dict(world.rows("select unit_id, value_itt from int_experiment_metric_outcomes"))
    assert found == {f"unit {text}": number for text, number in numbers.items()}


def test_an_event_that_is_only_counted_needs_no_value_but_not_a_broken_one(enrolled: World) -> None:
    enrolled.metric("m", "count", "session")
    for value in (None, "", "3", "nan"):
        enrolled.event("u", "session", at(6), value)
    enrolled.build()
    assert enrolled.row(VALUES + "'m'")["value_itt"] == 3.0
    assert enrolled.row("from fct_metric_event_quality_daily")["n_not_finite"] == 1


def test_events_without_an_id_or_a_unit_are_dropped_and_counted(enrolled: World) -> None:
    enrolled.metric("m", "count")
    enrolled.insert(
        "fct_events",
        [
            ("", at(6), "u", "purchase", None, None, "1", "", "", ""),
            (None, at(6), "u", "purchase", None, None, "1", "", "", ""),
            ("x", at(6), "", "purchase", None, None, "1", "", "", ""),
            ("y", at(6), "u", "purchase", None, None, "1", "", "", ""),
        ],
    )
    enrolled.build()
    assert enrolled.row("from fct_metric_event_quality_daily") == {
        "event_name": "purchase", "date_day": at(6).date(), "n_events": 4, "n_duplicates": 0, "n_not_finite": 0,
        "n_used": 1, "n_missing_ids": 3,
    }  # fmt: skip


def test_organic_events_count_for_every_experiment_the_unit_is_in(enrolled: World) -> None:
    enrolled.experiment("second")
    enrolled.metric("m", "count")
    enrolled.metric("n", "count", experiment_id="second")
    enrolled.assign("u", "control", at(1), experiment_id="second")
    enrolled.event("u", "purchase", at(6), "1")
    enrolled.build()
    found = enrolled.rows(f"select experiment_id, value_itt, value_exposed from {OUTCOMES} order by 1")
    assert found == [("exp", 1.0, 1.0), ("second", 1.0, None)]


def test_one_metric_id_may_mean_something_else_in_another_experiment(enrolled: World) -> None:
    enrolled.experiment("second")
    enrolled.metric("m", "count", "purchase")
    enrolled.metric("m", "sum", "refund", experiment_id="second")
    enrolled.assign("u", "control", at(1), experiment_id="second")
    enrolled.event("u", "purchase", at(6), "1")
    enrolled.event("u", "refund", at(6), "9")
    enrolled.build()
    found = enrolled.rows("select experiment_id, value_itt from int_experiment_metric_outcomes order by 1")
    assert found == [("exp", 1.0), ("second", 9.0)]
    assert len(enrolled.rows("from dim_metrics")) == 1


def test_a_unit_is_mature_when_its_window_has_closed_within_the_data(world: World) -> None:
    world.experiment()
    world.metric("m", "count")
    week = timedelta(days=7)
    world.enrol("just", "control", END - week)
    world.enrol("not_yet", "control", END - week + timedelta(seconds=1))
    world.build()
    found = world.rows(f"select unit_id, is_mature_itt, is_mature_exposed from {OUTCOMES} order by 1")
    assert found == [("just", True, True), ("not_yet", False, False)]


def test_the_conversion_table_holds_occurrence_metrics_only(enrolled: World) -> None:
    enrolled.metric("m", "occurrence")
    enrolled.metric("n", "count")
    enrolled.assign("silent", "control", at(3))
    enrolled.event("u", "purchase", at(4), "1")
    enrolled.build()
    assert enrolled.rows("from int_experiment_metric_outcomes__conversion order by unit_id") == [
        ("exp", "m", "silent", False, None),
        ("exp", "m", "u", True, False),
    ]
