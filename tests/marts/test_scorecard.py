"""What one statement makes of raw events, on every engine: who is counted, which events, in which window, as what."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from gateway.errors import UsageError
from gateway.marts.scorecard_compute import Scorecard
from tests.marts.scorecards import ENGINES, Sources, arm, scorecard, sources_on
from tests.marts.world import END, START, World, at


@pytest.fixture(params=ENGINES[:2])
def sources(request: pytest.FixtureRequest) -> Sources:
    """The sources on DuckDB, and on ClickHouse in the process."""
    return sources_on(request.param, request)


over_http = pytest.mark.parametrize("sources", ENGINES, indirect=True)
"""And over HTTP: for what a client could change on the way."""


@pytest.fixture
def exp(world: World) -> World:
    """One experiment of two arms with a metric of each kind, seven days each."""
    world.experiment()
    world.metric("conversion", "occurrence")
    world.metric("orders", "count")
    world.metric("revenue", "sum")
    world.metric("load", "mean", "page")
    world.metric("value", "ratio", numerator_agg="sum", denominator=("purchase", "count"))
    world.metric("tickets", "count", "ticket", desired="decrease")
    return world


def of(world: World, sources: Sources, **asked: object) -> Scorecard:
    with sources(world.path) as source:
        return scorecard(source, **asked)  # type: ignore[arg-type]  # as `scorecard` names them


@over_http
def test_every_aggregation_of_a_unit(exp: World, sources: Sources) -> None:
    exp.enrol("a", "control")
    exp.enrol("b", "control")
    exp.enrol("t", "treatment")
    exp.event("a", "purchase", at(2), "10.5")
    exp.event("a", "purchase", at(3), "4.5")
    exp.event("a", "page", at(2), "100")
    exp.event("a", "page", at(2, 1), "300")
    exp.event("t", "ticket", at(2))
    card = of(exp, sources)
    assert arm(card, "conversion", "control") == (2, 1.0, 1.0)
    assert arm(card, "orders", "control") == (2, 2.0, 4.0)
    assert arm(card, "revenue", "control") == (2, 15.0, 225.0)
    assert arm(card, "load", "control") == (2, 200.0, 40_000.0)
    assert arm(card, "value", "control") == (2, 15.0, 225.0)
    assert arm(card, "tickets", "treatment") == (1, 1.0, 1.0)
    value = next(each for each in card.summary.metrics if each.metric_id == "value").variants["control"]
    assert (value.denominator_sum, value.denominator_m2, value.cross_m2) == (2.0, 2.0, 15.0)
    assert value.m2 == 112.5


def test_a_mean_has_silent_units_at_zero_and_a_ratio_has_not(exp: World, sources: Sources) -> None:
    """An average order value asked for as a mean is not one: units without an order pull it down."""
    for unit in "abcd":
        exp.enrol(unit, "control")
    exp.event("a", "page", at(2), "100")
    exp.event("a", "purchase", at(2), "100")
    card = of(exp, sources)
    by_id = {each.metric_id: each.variants["control"].stats() for each in card.summary.metrics}
    assert (by_id["load"].mean, by_id["value"].mean) == (25.0, 100.0)


def test_copies_of_an_event_count_once(exp: World, sources: Sources) -> None:
    exp.enrol("a", "control")
    for value in ("10", "10", "99"):
        exp.event("a", "purchase", at(2) + timedelta(seconds=len(value)), value, event_id="p1")
    exp.event("a", "purchase", at(3), "1", event_id="p2")
    card = of(exp, sources)
    assert arm(card, "orders", "control") == (1, 2.0, 4.0)
    assert arm(card, "revenue", "control") == (1, 11.0, 121.0)
    assert card.copies == 2


def test_the_earliest_copy_counts_whoever_has_it(exp: World, sources: Sources) -> None:
    exp.enrol("a", "control", at(2))
    exp.enrol("b", "treatment")
    exp.event("a", "purchase", at(1, 23), "5", event_id="before the exposure")
    exp.event("a", "purchase", at(3), "5", event_id="before the exposure")
    exp.event("nobody", "purchase", at(2), "7", event_id="another unit's")
    exp.event("b", "purchase", at(3), "7", event_id="another unit's")
    exp.event("b", "session", at(2), event_id="another event's")
    exp.event("b", "purchase", at(3), "9", event_id="another event's")
    card = of(exp, sources)
    assert arm(card, "orders", "control") == arm(card, "orders", "treatment") == (1, 0.0, 0.0)
    assert card.copies == 3


def test_an_exposure_delivered_twice_is_one_exposure(exp: World, sources: Sources) -> None:
    exp.assign("a", "control")
    row = ("x", at(2), "a", "exposure", "exp", "control", None, "web", "US", "new")
    later = ("x", at(5), "a", "exposure", "exp", "treatment", None, "web", "US", "new")
    exp.insert("fct_events", [row, row, later])
    exp.event("a", "purchase", at(3), "5")
    card = of(exp, sources)
    assert (card.units, card.summary.excluded_units) == ({"control": 1, "treatment": 0}, 0)
    assert arm(card, "revenue", "control") == (1, 5.0, 25.0)


BROKEN = ("nan", "inf", "-Infinity", "1e400", "abc", "0x10", "1_000", "12,5", "1 2", "--1", ".", "1e", "٣")
NUMBERS = {" 12 ": 12.0, "+1.5": 1.5, ".5": 0.5, "5.": 5.0, "1e3": 1000.0, "-2E-1": -0.2, "007": 7.0, "0.1": 0.1,
           "123456789.123456789": 123456789.123456789, "1e-400": 0.0, "17.99": 17.99}  # fmt: skip


@over_http
def test_a_value_that_is_no_number_poisons_nothing(exp: World, sources: Sources) -> None:
    for i, value in enumerate(BROKEN):
        exp.enrol(f"u{i}", "control")
        exp.event(f"u{i}", "purchase", at(2), "3")
        exp.event(f"u{i}", "purchase", at(2, 1), value)
        exp.event(f"u{i}", "ticket", at(2, 3), value)
    exp.event("u0", "purchase", at(2, 2), None)
    exp.event("u0", "ticket", at(2, 4), " ")
    card, n = of(exp, sources), len(BROKEN)
    assert arm(card, "revenue", "control") == (n, 3.0 * n, 9.0 * n)
    assert arm(card, "orders", "control") == (n, 1.0 * n, 1.0 * n)
    assert arm(card, "tickets", "control") == (n, 1.0, 1.0)
    assert card.dropped_events == 2 * n + 1


@over_http
def test_numbers_are_read_alike(world: World, sources: Sources) -> None:
    world.experiment(arms=dict.fromkeys(NUMBERS, 1.0))
    world.metric("revenue", "sum")
    for text in NUMBERS:
        world.enrol(f"u{text}", text)
        world.event(f"u{text}", "purchase", at(2), text)
    card = of(world, sources)
    assert {text: arm(card, "revenue", text) for text in NUMBERS} == {
        text: (1, number, number * number) for text, number in NUMBERS.items()
    }
    assert card.dropped_events == 0


def test_units_and_events_without_an_id_are_nobodys(exp: World, sources: Sources) -> None:
    """Empty ids would be one unit, seen in both arms."""
    exp.enrol("", "control")
    exp.enrol("", "treatment")
    exp.enrol("a", "control")
    exp.event("", "purchase", at(2), "5")
    exp.insert("fct_events", [("", at(2), "a", "purchase", None, None, "5", "web", "US", "new"),
                              (None, at(2), "a", "purchase", None, None, "5", "web", "US", "new"),
                              ("e", at(2), None, "purchase", None, None, "5", "web", "US", "new"),
                              ("f", None, "a", "purchase", None, None, "5", "web", "US", "new")])  # fmt: skip
    card = of(exp, sources)
    assert (card.units, card.left_out) == ({"control": 1, "treatment": 0}, {})
    assert arm(card, "orders", "control") == (1, 0.0, 0.0)


def test_the_window_has_its_start_and_not_its_end(exp: World, sources: Sources) -> None:
    moment = timedelta(microseconds=1)
    for unit, when in {"first": START, "last": END - moment, "early": START - moment, "late": END}.items():
        exp.assign(unit, "control", min(when, START))
        exp.expose(unit, "control", when)
    card = of(exp, sources)
    assert (card.units["control"], card.left_out) == (2, {"exposure_outside_window": 2})


@over_http
def test_a_metrics_window_has_its_start_and_not_its_end(exp: World, sources: Sources) -> None:
    entered, moment = at(3, 10, 0, 0), timedelta(microseconds=1)
    exp.enrol("a", "control", entered)
    for when in (entered - moment, entered, entered + timedelta(days=7) - moment, entered + timedelta(days=7)):
        exp.event("a", "purchase", when, "1")
    assert arm(of(exp, sources), "orders", "control") == (1, 2.0, 4.0)


def test_windows_of_different_lengths_stand_side_by_side(world: World, sources: Sources) -> None:
    world.experiment(as_of=datetime(2026, 3, 1))
    world.metric("short", "count", window_days=0.5)
    world.metric("long", "count", window_days=14)
    world.metric("whole", "count", window_days=None)
    world.enrol("a", "control", at(10))
    for when in (at(10, 11), at(10, 12), at(14), at(15), at(23, 23), at(24)):
        world.event("a", "purchase", when, "1")
    card = of(world, sources)
    assert [arm(card, metric, "control")[1] for metric in ("short", "long", "whole")] == [1.0, 5.0, 3.0]
    assert card.mature == {"long": 1.0, "short": 1.0, "whole": 1.0}


def test_units_seen_in_several_variations_leave_every_arm(exp: World, sources: Sources) -> None:
    exp.enrol("twice exposed", "control")
    exp.expose("twice exposed", "treatment", at(2))
    exp.enrol("twice assigned", "control")
    exp.assign("twice assigned", "treatment", at(3))
    exp.enrol("a", "control")
    for population in ("itt", "exposed"):
        card = of(exp, sources, population=population)
        assert (card.summary.excluded_units, card.units) == (2, {"control": 1, "treatment": 0})


def test_who_is_left_out_and_why(exp: World, sources: Sources) -> None:
    exp.assign("never", "control")
    exp.enrol("fine", "control")
    exp.assign("before", "control", at(3))
    exp.expose("before", "control", at(2))
    exp.assign("other", "control")
    exp.expose("other", "treatment", at(2))
    exp.expose("never assigned", "control", at(2))
    exposed, everyone = of(exp, sources), of(exp, sources, population="itt")
    assert exposed.left_out == {"no_exposure": 1, "pre_assignment_exposure": 1, "variant_mismatch": 1}
    assert (exposed.units["control"], everyone.units["control"], everyone.left_out) == (1, 4, {})


def test_unknown_variations_are_shown_counted_and_never_tested(exp: World, sources: Sources) -> None:
    for i in range(60):
        exp.enrol(f"c{i}", "control")
        exp.enrol(f"t{i}", "treatment")
        exp.enrol(f"x{i}", "retired")
    exp.event("x1", "purchase", at(2), "5")
    card = of(exp, sources)
    assert card.units == {"control": 60, "treatment": 60, "retired": 60}
    assert dict(card.summary.unknown_variations) == {"retired": 60}
    assert (card.summary.srm.p_value, card.summary.srm.n_units) == (1.0, 120)
    assert all(set(metric.variants) == {"control", "treatment"} for metric in card.summary.metrics)


def test_shares_need_not_add_up_to_one(world: World, sources: Sources) -> None:
    world.experiment(arms={"control": 3.0, "treatment": 1.0})
    world.metric("conversion", "occurrence")
    for i in range(120):
        world.enrol(f"u{i}", "control" if i % 4 else "treatment")
    assert of(world, sources).summary.srm.p_value == 1.0


def test_an_arm_with_a_share_and_no_units_is_a_mismatch(exp: World, sources: Sources) -> None:
    for i in range(120):
        exp.enrol(f"u{i}", "control")
    srm = of(exp, sources).summary.srm
    assert (srm.status, dict(srm.observed)) == ("mismatch", {"control": 120, "treatment": 0})


def test_a_large_mean_keeps_its_variance(exp: World, sources: Sources) -> None:
    """Sums of squares of float64 have lost it: the mean is 1e9 times the spread."""
    for i in range(100):
        unit, offset = f"{'ct'[i % 2]}{i}", i // 2 % 2
        exp.enrol(unit, "treatment" if i % 2 else "control")
        exp.event(unit, "page", at(2), repr(1e9 + offset))
    metric = next(each for each in of(exp, sources).summary.metrics if each.metric_id == "load")
    assert [totals.m2 for totals in metric.variants.values()] == pytest.approx([12.5, 12.5], rel=1e-6)


@over_http
def test_a_sum_beyond_the_largest_number_is_null_and_says_why(exp: World, sources: Sources) -> None:
    for i in range(120):
        exp.enrol(f"u{i}", "treatment" if i % 2 else "control")
        exp.event(f"u{i}", "purchase", at(2), "1e308")
    payload = of(exp, sources).payload()
    revenue = next(metric for metric in payload["metrics"] if metric["metric_id"] == "revenue")
    assert revenue["variants"]["control"] == {"n": 60, "sum": None, "sum_squares": None, "m2": None}
    assert revenue["inference"] == {"treatment": None}
    assert revenue["not_computable"]["treatment"]["code"] == "variance_undefined"


@over_http
def test_a_cap_and_a_quantile(world: World, sources: Sources) -> None:
    world.experiment()
    world.metric("capped", "sum", cap=5.0)
    world.metric("winsorised", "sum", winsorise=0.9)
    world.many_units({"control": [0.0] * 5 + [1.0, 2.0, 3.0, 4.0, 100.0], "treatment": [2.0] * 10})
    card = of(world, sources)
    assert arm(card, "capped", "control") == (10, 15.0, 55.0)
    assert arm(card, "winsorised", "control") == (10, 12.0, 32.0)


def test_an_experiment_without_assignments_is_read_from_its_exposures(exp: World, sources: Sources) -> None:
    exp.expose("a", "control", at(2))
    exp.expose("a", "control", at(3))
    exp.expose("b", "treatment", at(2))
    exp.expose("both", "control", at(2))
    exp.expose("both", "treatment", at(3))
    exp.event("a", "purchase", at(2, 1), "5")
    exp.event("b", "purchase", at(1, 23), "5")
    for population in ("itt", "exposed"):
        card = of(exp, sources, population=population)
        assert (card.units, card.summary.excluded_units) == ({"control": 1, "treatment": 1}, 1)
        assert arm(card, "revenue", "control") == (1, 5.0, 25.0)
        assert arm(card, "revenue", "treatment") == (1, 0.0, 0.0)
        assert card.payload()["units"]["assigned_by"] == "exposures"


@over_http
def test_as_of_an_earlier_moment_later_events_are_not_known(exp: World, sources: Sources) -> None:
    exp.enrol("a", "control")
    exp.enrol("late", "control", at(6))
    exp.enrol("later elsewhere", "control")
    exp.expose("later elsewhere", "treatment", at(6))
    exp.event("a", "purchase", at(3), "1")
    exp.event("a", "purchase", at(5), "1")
    then = of(exp, sources, as_of=at(5))
    assert (then.running, then.units, then.summary.excluded_units) == (True, {"control": 2, "treatment": 0}, 0)
    assert (arm(then, "orders", "control"), then.mature["orders"]) == ((2, 1.0, 1.0), 0.0)
    assert arm(of(exp, sources, as_of=at(5) + timedelta(microseconds=1)), "orders", "control") == (2, 2.0, 4.0)


@over_http
def test_the_time_series_count_units_and_first_conversions(exp: World, sources: Sources) -> None:
    exp.enrol("a", "control", at(2, 5))
    exp.enrol("b", "treatment", at(4, 23, 59, 59))
    exp.event("b", "purchase", at(5), "1")
    exp.event("b", "purchase", at(6), "1")
    payload = of(exp, sources, timeseries=True).payload()
    assert payload["exposures_timeseries"] == {
        "granularity": "day",
        "points": [
            {"bucket": "2026-02-02T00:00:00Z", "new_units": {"control": 1, "treatment": 0}},
            {"bucket": "2026-02-03T00:00:00Z", "new_units": {"control": 0, "treatment": 0}},
            {"bucket": "2026-02-04T00:00:00Z", "new_units": {"control": 0, "treatment": 1}},
        ],
    }
    assert payload["conversions_timeseries"] == {
        "conversion": {
            "granularity": "day",
            "points": [{"bucket": "2026-02-05T00:00:00Z", "new_conversions": {"control": 0, "treatment": 1}}],
        }
    }


@over_http
def test_a_window_of_three_days_has_its_series_by_the_hour(exp: World, sources: Sources) -> None:
    exp.enrol("a", "control", at(2, 5, 30))
    exp.enrol("b", "treatment", at(2, 6, 1))
    hourly = of(exp, sources, timeseries=True, as_of=START + timedelta(hours=72)).payload()["exposures_timeseries"]
    assert hourly["granularity"] == "hour"
    assert [point["bucket"] for point in hourly["points"]] == ["2026-02-02T05:00:00Z", "2026-02-02T06:00:00Z"]
    assert of(exp, sources, timeseries=True, as_of=START + timedelta(hours=72, seconds=1)).asked.granularity == "day"


NAMES = ("it's", 'a "b"', "back\\slash", "{{ 7 * 7 }}", "x' or 1=1 --", "ünï ☃", "a\nb", "%s {x:String}", "`")


@over_http
def test_names_are_values_whatever_they_hold(world: World, sources: Sources) -> None:
    for name in NAMES:
        world.experiment(name, arms={name: 0.5, "treatment": 0.5})
        world.metric(name, "sum", name, experiment_id=name)
        world.assign("a", name, experiment_id=name)
        world.expose("a", name, experiment_id=name)
        world.event("a", name, at(2), "5")
    with sources(world.path) as source:
        assert [arm(scorecard(source, name), name, name) for name in NAMES] == [(1, 5.0, 25.0)] * len(NAMES)


def test_an_experiment_that_is_not_there_is_told_with_the_nearest(exp: World, sources: Sources) -> None:
    with pytest.raises(UsageError, match=r"no experiment 'xp'\. Did you mean 'exp'\?"):
        of(exp, sources, experiment_id="xp")


def test_an_imported_experiment_has_no_events(world: World, sources: Sources) -> None:
    world.experiment()
    world.metric("spend", "mean", None, source="outcomes")
    with pytest.raises(UsageError, match="no metric that is made from events: it was imported"):
        of(world, sources)


@over_http
def test_without_units_there_are_zeros_and_no_inference(exp: World, sources: Sources) -> None:
    payload = of(exp, sources).payload()
    assert payload["units"]["variants"] == {"control": 0, "treatment": 0}
    assert payload["metrics"][0]["variants"]["control"] == {"n": 0, "sum": 0.0, "sum_squares": 0.0, "m2": 0.0}
    assert payload["metrics"][0]["mature_share"] is None
    assert {math.isfinite(value) for value in _numbers(payload)} == {True}


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float):
        yield value
