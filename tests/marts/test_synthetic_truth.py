"""What is planted comes back out, straight from the source tables: no mart and no kernel takes part."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from gateway.marts.synthetic import seed
from gateway.marts.synthetic_units import BLOCK

SEEDS = Path(__file__).parents[2] / "seeds"

UNITS = """
create temp table units as
with assigned as (
    select experiment_id, unit_id, min(assigned_at) as since, min_by(variation_id, assigned_at) as arm,
        any_value(platform) as platform
    from fct_experiment_assignments
    group by all having count(distinct variation_id) = 1
),
events as (
    select distinct on (event_id) event_id, unit_id, event_ts, event_name, value
    from fct_events where event_name <> 'exposure'
)
select assigned.experiment_id, arm, platform, assigned.unit_id,
    count(*) filter (where event_name = 'purchase') as orders,
    count(*) filter (where event_name = 'refund') as refunds,
    count(*) filter (where event_name = 'session') as sessions,
    count(*) filter (where event_name = 'unsubscribe') as unsubscribes,
    coalesce(sum(try_cast(value as double)) filter (
        where event_name = 'purchase' and isfinite(try_cast(value as double))), 0) as revenue
from assigned left join events
    on events.unit_id = assigned.unit_id and event_ts >= since and event_ts < since + interval 7 days
group by all
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The default world, with a row for each unit of each experiment: seven days from its assignment."""
    warehouse = tmp_path_factory.mktemp("world") / "warehouse.duckdb"
    seed(warehouse, seeds=SEEDS)
    with duckdb.connect(str(warehouse)) as con:
        con.execute(UNITS)
        yield con


@dataclass(frozen=True)
class Effect:
    lift: float
    z: float


def effect(con: duckdb.DuckDBPyConnection, experiment: str, arm: str, value: str, where: str = "true") -> Effect:
    """One arm against control: relative lift, and the difference in standard errors."""
    found = con.execute(
        f"""select avg({value}), var_samp({value}) / count(*) from units
            where experiment_id = ? and {where} and arm in ('control', ?) group by arm order by arm <> 'control'""",
        [experiment, arm],
    ).fetchall()
    (control, control_error), (treatment, treatment_error) = found
    return Effect(treatment / control - 1, (treatment - control) / (control_error + treatment_error) ** 0.5)


def scalar(con: duckdb.DuckDBPyConnection, query: str) -> float:
    row = con.execute(query).fetchone()
    assert row is not None
    return float(row[0])


CONVERTED = "(orders > 0)::integer"


@pytest.mark.parametrize(
    ("experiment", "arm", "value", "where", "lift", "within", "least_z"),
    [
        pytest.param("one_page_checkout", "one_page", CONVERTED, "true", 0.21, 0.08, 5, id="strong winner"),
        pytest.param("free_shipping_threshold", "threshold_35", "orders", "true", 0.19, 0.08, 4, id="more orders"),
        pytest.param("new_onboarding", "tour", "sessions", "true", 0.095, 0.04, 5, id="tour brings sessions"),
        pytest.param("price_badges", "social_proof_badge", CONVERTED, "true", 0.25, 0.08, 5, id="the one true badge"),
        pytest.param("express_refunds", "express", CONVERTED, "true", 0.18, 0.08, 4, id="express converts"),
        pytest.param("push_cadence", "twice_a_week", "(unsubscribes > 0)::integer", "true", -0.32, 0.08, 5, id="push"),
        pytest.param("mobile_paywall", "full_screen", CONVERTED, "platform = 'ios'", 0.24, 0.12, 4, id="iOS"),
        pytest.param("mobile_paywall", "full_screen", CONVERTED, "platform = 'android'", -0.3, 0.12, 4, id="Android"),
    ],
)
def test_planted_effects_come_back(
    world: duckdb.DuckDBPyConnection, experiment: str, arm: str, value: str, where: str, lift: float, within: float,
    least_z: float,
) -> None:  # fmt: skip
    found = effect(world, experiment, arm, value, where)
    assert found.lift == pytest.approx(lift, abs=within)
    assert abs(found.z) > least_z


@pytest.mark.parametrize(
    ("experiment", "arm", "where"),
    [
        ("search_ranker_v2", "ranker_v2", "true"),
        ("price_badges", "discount_badge", "true"),
        ("price_badges", "scarcity_badge", "true"),
        ("mobile_paywall", "full_screen", "true"),
    ],
)
def test_where_nothing_is_planted_nothing_shows(
    world: duckdb.DuckDBPyConnection, experiment: str, arm: str, where: str
) -> None:
    assert abs(effect(world, experiment, arm, CONVERTED, where).z) < 1.15  # flat: p above 0.25


def test_loyalty_tiers_is_promising_and_not_significant(world: duckdb.DuckDBPyConnection) -> None:
    assert 1.15 < effect(world, "loyalty_tiers", "tiers", CONVERTED).z < 1.96
    assert scalar(world, "select count(*) from units where experiment_id = 'loyalty_tiers'") < 4_000


def test_free_shipping_lowers_order_value_a_little(world: duckdb.DuckDBPyConnection) -> None:
    query = "select sum(revenue) / sum(orders) from units where experiment_id = 'free_shipping_threshold' and arm = "
    change = scalar(world, query + "'threshold_35'") / scalar(world, query + "'control'") - 1
    assert change == pytest.approx(-0.03, abs=0.02)


def test_express_refunds_raise_the_refund_rate_beyond_its_margin(world: duckdb.DuckDBPyConnection) -> None:
    query = "select sum(refunds) / sum(orders) from units where experiment_id = 'express_refunds' and arm = "
    assert scalar(world, query + "'express'") / scalar(world, query + "'control'") > 1.3


def test_only_the_pinned_arm_lost_units_and_it_lost_many(world: duckdb.DuckDBPyConnection) -> None:
    shares = world.execute(
        """select experiment_id, chi / arms from (
               select experiment_id, sum((n - e) ** 2 / e) as chi, count(*) as arms from (
                   select experiment_id, count(*) as n, sum(count(*)) over (partition by experiment_id)
                       / count(*) over (partition by experiment_id) as e
                   from units where experiment_id <> 'exp_demo_001' group by experiment_id, arm)
               group by 1)"""
    ).fetchall()
    by_experiment = {str(name): float(chi) for name, chi in shares}
    assert by_experiment.pop("pin_leaderboard_carousel") > 30
    assert len(by_experiment) == 11
    assert max(by_experiment.values()) < 5


def test_push_cadence_counts_devices_and_only_devices(world: duckdb.DuckDBPyConnection) -> None:
    kinds = world.execute(
        """select unit_type, split_part(unit_id, '_', 1), count(distinct experiment_id)
           from fct_experiment_assignments inner join raw_experiments using (experiment_id)
           where experiment_id <> 'exp_demo_001' group by all order by all"""
    ).fetchall()
    assert kinds == [("device", "device", 1), ("user", "user", 11)]


DAILY = """
with assigned as (
    select experiment_id, unit_id, min(assigned_at) as since, min_by(variation_id, assigned_at) as arm,
        count(distinct variation_id) > 1 as moved
    from fct_experiment_assignments where experiment_id = $1 group by all
),
seen as (
    select unit_id, min(event_ts) as first_seen, min_by(variation_id, event_ts) as shown,
        count(distinct variation_id) > 1 as mixed
    from fct_events where event_name = 'exposure' and experiment_id = $1 group by all
)
select strftime(since, '%Y-%m-%d') >= $2 as failing,
    avg((first_seen is null)::integer), avg(coalesce(mixed, false)::integer),
    avg(coalesce(shown <> arm, false)::integer), avg(moved::integer),
    avg(coalesce(first_seen < since, false)::integer),
    avg(coalesce(first_seen >= (select ended_at from raw_experiments where experiment_id = $1), false)::integer)
from assigned left join seen using (unit_id) group by 1 order by 1
"""
MODES = ("unexposed", "mixed", "mismatched", "moved", "early", "late")


@pytest.mark.parametrize(
    ("experiment", "day", "mode", "before", "after"),
    [
        ("new_onboarding", "2026-02-12", "unexposed", 0.05, 0.335),
        ("recs_carousel", "2026-02-14", "mixed", 0.0, 0.057),
        ("recs_carousel", "2026-02-14", "mismatched", 0.0, 0.038),
        ("recs_carousel", "2026-02-14", "moved", 0.0, 0.02),
        ("checkout_copy", "2026-02-09", "early", 0.0, 0.076),
        ("checkout_copy", "2026-02-13", "late", 0.0, 0.095),
        ("one_page_checkout", "2026-02-12", "unexposed", 0.05, 0.05),
    ],
)
def test_failures_start_on_their_day(
    world: duckdb.DuckDBPyConnection, experiment: str, day: str, mode: str, before: float, after: float
) -> None:
    rates = [dict(zip(MODES, row[1:], strict=True)) for row in world.execute(DAILY, [experiment, day]).fetchall()]
    assert rates[0][mode] == pytest.approx(before, abs=0.007 if before else 0)
    assert rates[1][mode] == pytest.approx(after, abs=0.012)


def test_dirty_values_and_duplicates_come_in_their_shares(world: duckdb.DuckDBPyConnection) -> None:
    duplicates = scalar(world, "select 1 - count(distinct event_id) / count(*) from fct_events")
    assert duplicates == pytest.approx(0.004, abs=0.0005)
    dirty = """select avg((not coalesce(isfinite(try_cast(value as double)), false))::integer)
               from fct_events where event_name in ('purchase', 'refund', 'page_load')"""
    assert scalar(world, dirty) == pytest.approx(0.002, abs=0.0005)
    kinds = world.execute(
        """select distinct value from fct_events
           where event_name = 'page_load' and not coalesce(isfinite(try_cast(value as double)), false) order by 1"""
    ).fetchall()
    assert [value for (value,) in kinds] == ["", "-inf", "abc", "inf", "nan"]


def test_history_predicts_what_follows(world: duckdb.DuckDBPyConnection) -> None:
    found = scalar(
        world,
        """with history as (
               select unit_id, count(*) as bought from fct_events
               where event_name = 'purchase' and event_ts < timestamp '2026-02-01' group by 1)
           select corr(coalesce(bought, 0), orders) from units left join history using (unit_id)
           where experiment_id = 'one_page_checkout'""",
    )
    assert found > 0.2


def test_default_world_has_one_to_two_million_events(world: duckdb.DuckDBPyConnection) -> None:
    assert 1_000_000 < scalar(world, "select count(*) from fct_events") < 2_000_000


def test_strong_effects_show_in_a_fifth_of_the_world(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    seed(warehouse, seeds=SEEDS, users=12_000)
    with duckdb.connect(str(warehouse)) as con:
        con.execute(UNITS)
        assert effect(con, "one_page_checkout", "one_page", CONVERTED).lift > 0.05
        assert effect(con, "push_cadence", "twice_a_week", "(unsubscribes > 0)::integer").lift < -0.1
        query = "select arm, count(*) from units where experiment_id = 'pin_leaderboard_carousel' group by 1"
        counts = dict(con.execute(query).fetchall())
        assert counts["pinned"] < 0.93 * counts["control"]


def test_memory_does_not_grow_with_the_world(tmp_path: Path) -> None:
    def peak(blocks: int) -> int:
        tracemalloc.start()
        seed(tmp_path / f"{blocks}.duckdb", seeds=SEEDS, users=blocks * BLOCK)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    assert peak(4) < 1.25 * peak(1)
