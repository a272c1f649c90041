"""Winsorised metrics: which cap, over whom, and what it leaves alone."""

import numpy as np
import pytest

from gateway.stats import ValueCounts
from tests.marts.world import World, at

VALUES = "select unit_id, value_itt from int_experiment_metric_outcomes where metric_id = "
CAPS = """select terms.metric_id, caps.value_cap, caps.covariate_cap
          from int_experiment_metric_caps as caps
          inner join int_experiment_metric_terms as terms using (metric_key) order by 1"""


def _of_one_arm(values: list[float]) -> dict[str, list[float]]:
    return {"control": values[::2], "treatment": values[1::2]}


def test_a_quantile_is_that_of_all_units_together_whatever_their_arm(world: World) -> None:
    """Ten units, 0 to 90 in steps of ten: the 80 % quantile is 70, the eighth value."""
    world.experiment()
    world.metric("raw", "sum")
    world.metric("capped", "sum", winsorise=0.8)
    world.many_units(_of_one_arm([10.0 * i for i in range(10)]))
    world.build()
    assert world.rows(CAPS) == [("capped", 70.0, 0.0)]
    raw, capped = (dict(world.rows(f"{VALUES}'{metric}'")) for metric in ("raw", "capped"))
    assert max(raw.values()) == 90.0
    assert capped == {unit: min(value, 70.0) for unit, value in raw.items()}


def test_the_quantile_is_the_kernels(world: World) -> None:
    values = np.random.default_rng(4).lognormal(2.0, 1.5, 137).round(2).tolist()
    silent = [0.0] * 40
    world.experiment()
    world.metric("capped", "sum", winsorise=0.95)
    world.many_units(_of_one_arm(values + silent))
    world.build()
    ((_, cap, _),) = world.rows(CAPS)
    assert cap == ValueCounts.from_values(values + silent).quantile(0.95)


def test_an_absolute_cap_holds_for_the_value_and_its_past(world: World) -> None:
    world.experiment()
    world.metric("capped", "sum", cap=25.0)
    world.enrol("u", "control", at(8))
    world.event("u", "purchase", at(7), "70")
    world.event("u", "purchase", at(9), "20")
    world.event("u", "purchase", at(10), "20")
    world.build()
    found = world.row("from int_experiment_metric_outcomes where unit_id = 'u'")
    assert (found["value_itt"], found["value_exposed"], found["covariate"]) == (25.0, 25.0, 25.0)


def test_the_cap_is_of_the_units_sum_and_not_of_its_events(world: World) -> None:
    """Each day the running sum is held against the cap: 20, then 25 and not 40."""
    world.experiment()
    world.metric("capped", "sum", cap=25.0)
    world.enrol("u", "control", at(8))
    world.event("u", "purchase", at(9), "20")
    world.event("u", "purchase", at(10), "20")
    world.build()
    days = world.rows(
        """select day(date_day), sum from agg_experiment_metric_daily
           where analysis_population = 'itt' and dimension = 'all' and variation_id = 'control'
           and date_day between '2026-02-08' and '2026-02-10' order by 1"""
    )
    assert days == [(8, 0.0), (9, 20.0), (10, 25.0)]


def test_imported_units_are_winsorised_by_their_own_values(world: World) -> None:
    world.experiment("mail", primary="spend")
    world.metric("spend", "sum", None, experiment_id="mail", source="outcomes", window_days=None, winsorise=0.75)
    units = [("a", 1.0, 5.0), ("b", 2.0, 6.0), ("c", 3.0, 7.0), ("d", 400.0, 800.0)]
    world.insert("imp_units", [("mail", unit, ("control", "treatment")[unit > "b"], at(1)) for unit, *_ in units])
    world.insert("imp_outcomes", [("mail", "spend", unit, value, None, past) for unit, value, past in units])
    world.build()
    found = world.rows("select unit_id, value_itt, covariate from int_experiment_metric_outcomes order by 1")
    assert found == [("a", 1.0, 5.0), ("b", 2.0, 6.0), ("c", 3.0, 7.0), ("d", 3.0, 7.0)]


def test_results_say_what_the_cap_is_and_the_raw_metric_has_none(world: World) -> None:
    rng = np.random.default_rng(5)
    world.experiment(primary="raw")
    world.metric("raw", "sum")
    world.metric("capped", "sum", winsorise=0.99)
    world.many_units({arm: rng.lognormal(3.0, 1.5, 300).round(2).tolist() for arm in ("control", "treatment")})
    world.build()
    found = world.rows(
        """select metric_id, value_cap, (ci_high - ci_low) as width from fct_experiment_results
           where analysis_population = 'itt' and dimension = 'all' order by 1"""
    )
    (capped, cap, narrow), (raw, none, wide) = found
    assert (capped, raw, none) == ("capped", "raw", None)
    assert cap == world.rows(CAPS)[0][1]
    assert narrow < 0.9 * wide


@pytest.mark.parametrize("aggregation", ["count", "mean"])
def test_counts_and_means_are_winsorised_too(world: World, aggregation: str) -> None:
    world.experiment()
    world.metric("capped", aggregation, cap=2.0)
    world.enrol("u", "control", at(2))
    for hour, value in enumerate(("1", "3", "8")):
        world.event("u", "purchase", at(3, hour), value)
    world.build()
    assert world.rows(f"{VALUES}'capped'") == [("u", 2.0)]
