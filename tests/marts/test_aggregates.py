"""Sufficient statistics by arm, segment and day: against numbers worked out by hand, and against plain NumPy."""

import math
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from tests.marts.world import START, World, at

ITT = "analysis_population = 'itt' and dimension = 'all'"


def test_moments_of_four_units_by_hand(world: World) -> None:
    """Values 10, 20, 0, 30: mean 15, m2 = 25 + 25 + 225 + 225 = 500; the fourth is exposed after its order."""
    world.experiment()
    world.metric("revenue", "sum")
    for i, value in enumerate(("10", "20", None, "30")):
        unit = f"u{i}"
        world.assign(unit, "treatment", at(2))
        world.expose(unit, "treatment", at(4) if i == 3 else at(2))
        if value:
            world.event(unit, "purchase", at(3), value)
    world.build()
    arm = "variation_id = 'treatment' and dimension = 'all'"
    query = f"from agg_experiment_metric_by_variant where {arm} and analysis_population = "
    itt = world.row(query + "'itt'")
    assert (itt["n"], itt["mean"], itt["m2"], itt["sum"], itt["sum_squares"]) == (4, 15.0, 500.0, 60.0, 1400.0)
    assert (itt["conversions"], itt["denominator_mean"], itt["n_mature"]) == (None, None, 4)
    exposed = world.row(query + "'exposed'")
    assert (exposed["n"], exposed["mean"], exposed["m2"]) == (4, 7.5, 275.0)


def test_an_occurrence_metric_counts_its_conversions(world: World) -> None:
    world.experiment()
    world.metric("conversion", "occurrence")
    world.many_units({"control": [1.0, 0.0, 0.0, 5.0], "treatment": [0.0]})
    world.build()
    columns = "variation_id, n, conversions, mean, m2"
    found = world.rows(f"select {columns} from agg_experiment_metric_by_variant where {ITT} order by 1")
    assert found == [("control", 4, 2, 0.5, 1.0), ("treatment", 1, 0, 0.0, 0.0)]


def test_a_ratio_carries_the_moments_of_both_sides_and_their_cross_moment(world: World) -> None:
    """Revenue 10, 50, 0 over orders 1, 2, 0: means 20 and 1, m2 1400 and 2, cross -10*0 + 30*1 + -20*-1 = 50."""
    world.experiment()
    world.metric("aov", "ratio", numerator_agg="sum", denominator=("purchase", "count"))
    for unit, values in (("a", ["10"]), ("b", ["20", "30"]), ("c", [])):
        world.enrol(unit, "control")
        for value in values:
            world.event(unit, "purchase", at(3), value)
    world.build()
    arm = world.row(f"from agg_experiment_metric_by_variant where {ITT} and variation_id = 'control'")
    assert (arm["n"], arm["mean"], arm["denominator_mean"]) == (3, 20.0, 1.0)
    assert arm["m2"] == pytest.approx(1400.0, rel=1e-12)
    assert arm["denominator_m2"] == pytest.approx(2.0, rel=1e-12)
    assert arm["cross_m2"] == pytest.approx(50.0, rel=1e-12)


def test_covariate_moments_follow_the_pre_period(world: World) -> None:
    """Pre-period 2 and 4, outcome 1 and 7: covariate mean 3, m2 2, cross (1-4)(2-3) + (7-4)(4-3) = 6."""
    world.experiment()
    world.metric("revenue", "sum")
    for unit, before, after in (("a", "2", "1"), ("b", "4", "7")):
        world.enrol(unit, "control", at(8))
        world.event(unit, "purchase", at(7), before)
        world.event(unit, "purchase", at(9), after)
    world.build()
    arm = world.row(f"from agg_experiment_metric_by_variant where {ITT} and variation_id = 'control'")
    assert (arm["covariate_mean"], arm["covariate_m2"], arm["covariate_cross_m2"]) == (3.0, 2.0, 6.0)


def test_a_large_offset_does_not_drown_the_variance(world: World) -> None:
    """Mean over spread is 1e9: sums of raw squares hold nothing of the variance any more."""
    world.experiment()
    world.metric("revenue", "sum")
    values = [1e9 + step for step in (0.0, 1.0, 2.0, 3.0, 4.0)]
    world.many_units({"control": values, "treatment": values})
    world.build()
    final = "agg_experiment_metric_by_variant where n = 5"
    for rows in (final, "agg_experiment_metric_daily where date_day = '2026-02-02'"):
        last = world.rows(f"select m2 from {rows} and {ITT}")
        assert [m2 for (m2,) in last] == pytest.approx([10.0, 10.0], rel=1e-6)


def test_a_constant_has_no_variance_at_all(world: World) -> None:
    world.experiment()
    world.metric("revenue", "sum")
    world.many_units({"control": [0.1] * 7, "treatment": [0.7] * 3})
    world.build()
    found = world.rows(f"select variation_id, m2 from agg_experiment_metric_by_variant where {ITT} order by 1")
    assert found == [("control", 0.0), ("treatment", 0.0)]


def test_breakdowns_leave_out_cells_under_twenty_units_and_totals_never(world: World) -> None:
    world.experiment()
    world.metric("revenue", "sum")
    world.many_units({"control": [1.0] * 19, "treatment": [1.0] * 20}, platform="ios")
    world.many_units({"treatment": [1.0] * 3}, platform="web")
    world.build()
    found = world.rows(
        """select dimension, dimension_value, variation_id, n from agg_experiment_metric_by_variant
           where analysis_population = 'itt' and dimension in ('all', 'platform') order by 1, 2, 3"""
    )
    assert found == [
        ("all", "all", "control", 19),
        ("all", "all", "treatment", 23),
        ("platform", "ios", "treatment", 20),
    ]
    daily = world.rows(
        "select distinct dimension_value, variation_id from agg_experiment_metric_daily where dimension = 'platform'"
    )
    assert daily == [("ios", "treatment")]


def test_the_daily_aggregate_is_cumulative_and_units_enter_on_their_day(world: World) -> None:
    """Day by day: a enters (0); a buys 10; b enters (10, 0); both buy (30, 40); c enters only among the assigned."""
    world.experiment()
    world.metric("revenue", "sum")
    world.enrol("a", "control", at(2))
    world.event("a", "purchase", at(3), "10")
    world.enrol("b", "control", at(4))
    world.event("a", "purchase", at(5), "20")
    world.event("b", "purchase", at(5), "40")
    world.assign("c", "control", at(6))
    world.build()
    found = world.rows(
        f"""select date_day, n, mean, m2, sum, n_mature from agg_experiment_metric_daily
            where {ITT} and variation_id = 'control' order by date_day"""
    )
    expected = [
        (2, 1, 0.0, 0.0, 0.0, 0),
        (3, 1, 10.0, 0.0, 10.0, 0),
        (4, 2, 5.0, 50.0, 10.0, 0),
        (5, 2, 35.0, 50.0, 70.0, 0),
        (6, 3, 70 / 3, 900 + 1600 - 4900 / 3, 70.0, 0),
        (8, 3, 70 / 3, 900 + 1600 - 4900 / 3, 70.0, 1),
        (10, 3, 70 / 3, 900 + 1600 - 4900 / 3, 70.0, 2),
        (12, 3, 70 / 3, 900 + 1600 - 4900 / 3, 70.0, 3),
    ]
    assert [row[0] for row in found] == [date(2026, 2, day) for day, *_ in expected]
    for row, (_, *numbers) in zip(found, expected, strict=True):
        assert list(row[1:]) == pytest.approx(numbers, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_last_day_equals_the_final_state_and_numpy_agrees(world: World, seed: int) -> None:
    """Random units, all aggregations, both populations, a running experiment with units still in their windows."""
    rng = np.random.default_rng(seed)
    world.experiment(status="running", ended_at=None)
    for aggregation in ("occurrence", "count", "sum", "mean"):
        world.metric(aggregation, aggregation)
    world.metric("ratio", "ratio", numerator_agg="sum", denominator=("visit", "count"))
    world.metric("sum_w", "sum", winsorise=0.8)
    world.metric("mean_w", "mean", cap=6.0)
    arms = rng.choice(["control", "treatment"], 120).tolist()
    units = [(f"u{i}", arm, float(rng.uniform(0, 13 * 86400))) for i, arm in enumerate(arms)]

    def moment(seconds: float) -> datetime:
        return START + timedelta(seconds=round(seconds, 3))

    world.insert(
        "fct_experiment_assignments",
        [("exp", unit, moment(begun), arm, str(rng.choice(["ios", "web"])), "US", "new") for unit, arm, begun in units],
    )
    exposed = [(unit, arm, begun + float(rng.exponential(86400))) for unit, arm, begun in units if rng.random() < 0.8]
    world.insert(
        "fct_events", [(f"x{u}", moment(t), u, "exposure", "exp", arm, None, "", "", "") for u, arm, t in exposed]
    )
    world.insert(
        "fct_events",
        [
            (f"e{i}", moment(rng.uniform(-14 * 86400, 14 * 86400)), f"u{rng.integers(120)}",
             ("purchase", "visit")[i % 2], None, None, f"{rng.normal(5, 20):.2f}", "", "", "")
            for i in range(900)
        ],
    )  # fmt: skip
    world.build()
    keys = "experiment_id, metric_id, variation_id, analysis_population, dimension, dimension_value"
    columns = (
        "n, mean, m2, sum, sum_squares, conversions, denominator_mean, denominator_m2, cross_m2, covariate_mean, "
        "covariate_m2, covariate_cross_m2, n_mature, covariate_denominator_cross_m2"
    )
    final = world.rows(f"select {keys}, {columns} from agg_experiment_metric_by_variant order by {keys}")
    last = world.rows(
        f"""select {keys}, {columns} from (
                select *, row_number() over (partition by {keys} order by date_day desc) as recency
                from agg_experiment_metric_daily) as days
            where recency = 1 order by {keys}"""
    )
    assert [row[:6] for row in last] == [row[:6] for row in final]
    assert len(final) > 40
    for one, other in zip(final, last, strict=True):
        assert _known(one[6:]) == pytest.approx(_known(other[6:]), rel=1e-9, abs=1e-6)
    for metric, arm, population in (
        ("sum", "control", "itt"),
        ("mean", "treatment", "exposed"),
        ("count", "control", "exposed"),
        ("sum_w", "control", "itt"),
        ("mean_w", "treatment", "exposed"),
    ):
        values = world.rows(
            f"""select value_{population}, covariate from int_experiment_metric_outcomes
                inner join fct_experiment_cohort using (experiment_id, unit_id)
                where metric_id = '{metric}' and variation_id = '{arm}' and value_{population} is not null"""
        )
        y, x = np.array(values).T
        which = f"variation_id = '{arm}' and analysis_population = '{population}' and dimension = 'all'"
        found = world.row(f"from agg_experiment_metric_by_variant where metric_id = '{metric}' and {which}")
        assert found["n"] == len(y)
        assert found["m2"] == pytest.approx(len(y) * y.var(), rel=1e-9)
        assert found["covariate_cross_m2"] == pytest.approx(((y - y.mean()) * (x - x.mean())).sum(), rel=1e-9)
    pairs = world.rows(
        """select denominator_itt, covariate from int_experiment_metric_outcomes
           inner join fct_experiment_cohort using (experiment_id, unit_id)
           where metric_id = 'ratio' and variation_id = 'control'"""
    )
    d, x = np.array(pairs).T
    found = world.row(
        f"from agg_experiment_metric_by_variant where metric_id = 'ratio' and variation_id = 'control' and {ITT}"
    )
    assert found["covariate_denominator_cross_m2"] == pytest.approx(((d - d.mean()) * (x - x.mean())).sum(), rel=1e-9)


def _known(values: tuple[float | None, ...]) -> list[float]:
    return [math.inf if value is None else value for value in values]


def test_imported_aggregates_come_through_with_their_last_snapshot_in_both_populations(world: World) -> None:
    world.experiment("asos", arms={"control": None, "treatment": None})
    world.metric("m", "mean", None, experiment_id="asos", source="aggregates", window_days=None)
    rows = [
        ("asos", "m", "control", "itt", "all", "all", date(2026, 2, 1), 100, 1.0, 50.0, None),
        ("asos", "m", "control", "itt", "all", "all", date(2026, 2, 2), 200, 2.0, 80.0, None),
        ("asos", "m", "treatment", "itt", "all", "all", date(2026, 2, 1), 90, 3.0, 40.0, None),
        ("asos", "m", "treatment", "itt", "all", "all", date(2026, 2, 2), 0, None, None, None),
        ("asos", "m", "control", "itt", "brand", "small", date(2026, 2, 2), 19, 2.0, 8.0, None),
        ("asos", "m", "control", "itt", "brand", "large", date(2026, 2, 2), 20, 2.0, 8.0, None),
    ]
    world.insert("imp_aggregates", rows)
    world.build()
    found = world.rows(
        """select analysis_population, dimension_value, variation_id, n, mean, m2, sum, sum_squares
           from agg_experiment_metric_by_variant order by 1, 2, 3"""
    )
    assert found == [
        (population, *cell)
        for population in ("exposed", "itt")
        for cell in (
            ("all", "control", 200, 2.0, 80.0, 400.0, 880.0),
            ("all", "treatment", 0, None, None, None, None),
            ("large", "control", 20, 2.0, 8.0, 40.0, 88.0),
        )
    ]
    assert world.rows(f"select count(*) from agg_experiment_metric_daily where {ITT}") == [(3,)]
    assert world.row("from fct_experiment_exposure_quality")["exposure_rate"] == 1.0


def test_imported_units_count_as_assigned_and_exposed_with_their_own_values(world: World) -> None:
    """An imported unit without a value for a metric is not zero: it is not there."""
    world.experiment("mail")
    for metric, aggregation in (("visit", "occurrence"), ("spend", "sum")):
        world.metric(metric, aggregation, None, experiment_id="mail", source="outcomes", window_days=None)
    units = [("a", "control"), ("b", "control"), ("c", "treatment")]
    world.insert("imp_units", [("mail", unit, arm, at(1)) for unit, arm in units])
    world.insert("imp_unit_dimensions", [("mail", unit, "channel", "web") for unit, _ in units])
    world.insert("imp_outcomes", [("mail", "visit", unit, float(unit != "a"), None, 2.0) for unit, _ in units])
    world.insert("imp_outcomes", [("mail", "spend", "b", 5.0, None, None)])
    world.build()
    found = world.rows(
        """select metric_id, analysis_population, variation_id, n, mean, conversions, covariate_mean
           from agg_experiment_metric_by_variant where dimension = 'all' order by 1, 2, 3"""
    )
    assert found == [
        (metric, population, *arm)
        for metric, arms in (
            ("spend", [("control", 1, 5.0, None, None), ("treatment", 0, None, None, None)]),
            ("visit", [("control", 2, 0.5, 1, 2.0), ("treatment", 1, 1.0, 1, 2.0)]),
        )
        for population in ("exposed", "itt")
        for arm in arms
    ]
    quality = world.row("from fct_experiment_exposure_quality")
    assert (quality["n_assigned"], quality["n_valid"], quality["flags"]) == (3, 3, "")
    dims = world.rows(
        "select dimension, dimension_value, count(*) from int_experiment_unit_dimensions group by all order by 1"
    )
    assert dims == [("all", "all", 3), ("channel", "web", 3)]


def test_a_cell_without_denominators_has_exactly_none(world: World) -> None:
    """A ratio over a rounding error would be a number, and a wrong one."""
    world.experiment()
    world.metric("aov", "ratio", "purchase", numerator_agg="sum", denominator=("visit", "sum"))
    world.many_units({"control": [0.1 * i for i in range(60)], "treatment": [0.0] * 60}, event="visit")
    world.build()
    wanted = "denominator_mean, denominator_m2, cross_m2, covariate_mean, covariate_m2, covariate_cross_m2"
    for mart in ("agg_experiment_metric_by_variant", "agg_experiment_metric_daily"):
        cells = world.rows(f"select distinct {wanted} from {mart} where variation_id = 'treatment'")
        assert cells == [(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)], mart
    assert world.rows("select distinct value from fct_experiment_results") == [(None,)]
