"""Sample ratio mismatch in the marts: which test judges, segment by segment, and who is no part of the split."""

import json

import numpy as np
import pytest
from scipy import stats

from gateway.stats import check_srm_sequential
from tests.marts.world import START, World, at

ITT = "analysis_population = 'itt'"
SEGMENTS = f"""select dimension_value, n_units, n_smallest_arm, observed, p_value, p_value_adjusted, is_exact, status
               from fct_experiment_srm_segments where {ITT} and dimension = 'platform' order by 1"""


def _assigned(world: World, counts: dict[str, int], *, day: int = 1, platform: str = "web") -> None:
    """Units in bulk, assigned and exposed at the start of a day."""
    units = [(f"{platform}-{arm}-{day}-{i}", arm) for arm, n in counts.items() for i in range(n)]
    rows = [("exp", unit, at(day), arm, platform, None, None) for unit, arm in units]
    world.insert("fct_experiment_assignments", rows)
    world.insert(
        "fct_events", [(f"x{unit}", at(day), unit, "exposure", "exp", arm, None, "", "", "") for unit, arm in units]
    )


def test_a_running_experiment_is_judged_by_chi_squared_and_has_its_sequential_p_beside(world: World) -> None:
    """Chi-squared calls 0.0006 a mismatch; the test that may be looked at every day would not yet."""
    world.experiment(status="running", ended_at=None)
    for day, (control, treatment) in enumerate([(40, 60), (50, 75), (35, 60)], start=1):
        _assigned(world, {"control": control, "treatment": treatment}, day=day)
    world.build()
    found = world.row(f"from fct_experiment_srm where {ITT}")
    looks = [{"control": c, "treatment": t} for c, t in ((40, 60), (90, 135), (125, 195))]
    shares = {"control": 0.5, "treatment": 0.5}
    assert found["p_value"] == pytest.approx(stats.chisquare([125, 195]).pvalue, rel=1e-9)
    assert found["sequential_p_value"] == check_srm_sequential(looks, shares).p_value
    assert (found["basis"], found["status"]) == ("fixed", "mismatch")
    assert found["p_value"] < 0.001 < found["sequential_p_value"]


def test_the_same_split_is_a_mismatch_once_the_experiment_has_ended(world: World) -> None:
    world.experiment()
    _assigned(world, {"control": 125, "treatment": 195})
    world.build()
    found = world.row(f"from fct_experiment_srm where {ITT}")
    assert (found["basis"], found["status"], found["exact_p_value"]) == ("fixed", "mismatch", None)


def test_a_split_that_broke_one_day_stays_broken_at_every_later_look(world: World) -> None:
    """The alarm of the second day outlives the days that balance it again."""
    world.experiment(status="running", ended_at=None)
    world.metric("m", "count")
    for day, counts in enumerate([(300, 300), (0, 900), (900, 0)], start=1):
        _assigned(world, dict(zip(("control", "treatment"), counts, strict=True)), day=day)
    world.build()
    found = world.row(f"from fct_experiment_srm where {ITT}")
    assert found["p_value"] == 1.0
    assert found["sequential_p_value"] < 0.001
    assert (found["basis"], found["status"]) == ("always_valid", "mismatch")
    result = world.row(f"from fct_experiment_results where {ITT} and dimension = 'all'")
    assert (result["verdict"], result["srm_p_value"]) == ("unreliable", found["sequential_p_value"])


def test_up_to_a_hundred_units_the_exact_p_is_shown_and_nothing_is_judged(world: World) -> None:
    world.experiment(arms={"control": 0.4, "treatment": 0.6})
    _assigned(world, {"control": 55, "treatment": 45})
    world.build()
    found = world.row(f"from fct_experiment_srm where {ITT}")
    assert (found["p_value"], found["status"]) == (None, "not_computable")
    assert found["exact_p_value"] == pytest.approx(stats.binomtest(55, 100, 0.4).pvalue, rel=1e-9)


def test_an_arm_planned_with_a_share_of_zero_is_held_out(world: World) -> None:
    world.experiment(arms={"control": 0.5, "treatment": 0.5, "holdout": 0.0})
    _assigned(world, {"control": 110, "treatment": 100, "holdout": 400, "ghost": 3})
    world.build()
    found = world.row(f"from fct_experiment_srm where {ITT}")
    assert (found["status"], found["n_units"], found["n_holdout"], found["n_unknown_variation"]) == ("ok", 210, 400, 3)
    assert found["p_value"] == pytest.approx(stats.chisquare([110, 100]).pvalue, rel=1e-9)
    assert json.loads(found["observed"]) == {"control": 110, "treatment": 100, "holdout": 400, "ghost": 3}


def test_an_empty_arm_of_a_running_experiment_is_a_mismatch(world: World) -> None:
    world.experiment(status="running", ended_at=None, arms={"control": 0.5, "treatment": 0.499, "rare": 0.001})
    _assigned(world, {"control": 60, "treatment": 60})
    world.build()
    found = world.row(f"from fct_experiment_srm where {ITT}")
    assert found["sequential_p_value"] > 0.001
    assert found["status"] == "mismatch"


def test_each_segment_is_held_against_the_plan_and_corrected_for_their_number(world: World) -> None:
    world.experiment()
    _assigned(world, {"control": 500, "treatment": 500}, platform="web")
    _assigned(world, {"control": 260, "treatment": 180}, platform="ios")
    _assigned(world, {"control": 30, "treatment": 28}, platform="tv")
    _assigned(world, {"control": 10, "treatment": 9}, platform="watch")
    world.build()
    found = {row[0]: row[1:] for row in world.rows(SEGMENTS)}
    raw = {
        "ios": stats.chisquare([260, 180]).pvalue,
        "tv": stats.binomtest(30, 58, 0.5).pvalue,
        "web": 1.0,
    }
    assert set(found) == set(raw), "a segment under 20 units is not shown"
    assert {name: row[3] for name, row in found.items()} == pytest.approx(raw, rel=1e-9)
    assert found["ios"][4] == pytest.approx(3 * raw["ios"], rel=1e-9)
    assert {name: row[5] for name, row in found.items()} == {"ios": False, "tv": True, "web": False}
    assert {name: row[6] for name, row in found.items()} == {"ios": "mismatch", "tv": "ok", "web": "ok"}
    assert found["ios"][:3] == (440, 180, '{"control": 260, "treatment": 180}')


def test_counts_of_an_arm_under_twenty_units_are_not_shown(world: World) -> None:
    world.experiment()
    _assigned(world, {"control": 180, "treatment": 19})
    world.build()
    (row,) = world.rows(SEGMENTS)
    assert (row[:4], row[-1]) == (("web", 199, None, None), "mismatch")


def test_a_broken_segment_makes_its_results_unreliable_and_is_flagged_on_the_total(world: World) -> None:
    rng = np.random.default_rng(8)
    world.experiment()
    world.metric("m", "sum")

    def values(n: int, mean: float) -> list[float]:
        return [float(value) for value in rng.normal(mean, 1.0, n).round(3)]

    world.many_units({"control": values(500, 10.0), "treatment": values(600, 11.0)}, platform="web")
    world.many_units({"control": values(300, 10.0), "treatment": values(200, 11.0)}, platform="ios")
    world.build()
    found = world.rows(
        f"""select dimension_value, srm_status, segment_srm_status, verdict, flags from fct_experiment_results
            where {ITT} and dimension in ('all', 'platform') order by 1"""
    )
    assert found == [
        ("all", "ok", None, "better", "segment_srm_mismatch"),
        ("ios", "ok", "mismatch", "unreliable", "segment_srm_mismatch"),
        ("web", "ok", "ok", "better", ""),
    ]


def test_segments_of_a_running_experiment_are_judged_as_its_total_is(world: World) -> None:
    world.experiment(status="running", ended_at=None)
    for day in (1, 2):
        _assigned(world, {"control": 300, "treatment": 310}, day=day, platform="web")
        _assigned(world, {"control": 130, "treatment": 90}, day=day, platform="ios")
    world.build()
    found = world.rows(
        f"""select dimension_value, p_value, sequential_p_value, p_value_adjusted, basis, status
            from fct_experiment_srm_segments where {ITT} and dimension = 'platform' order by 1"""
    )
    (ios, fixed, sequential, adjusted, basis, status), _ = found
    assert (ios, basis, status) == ("ios", "fixed", "mismatch")
    assert fixed < 0.001 < sequential
    assert adjusted == 2 * fixed


def test_a_segment_that_broke_one_day_stays_broken(world: World) -> None:
    world.experiment(status="running", ended_at=None)
    for day, (control, treatment) in enumerate([(300, 300), (0, 900), (900, 0)], start=1):
        _assigned(world, {"control": control, "treatment": treatment}, day=day, platform="ios")
        _assigned(world, {"control": 50, "treatment": 52}, day=day, platform="web")
    world.build()
    found = world.rows(
        f"""select dimension_value, p_value, basis, status, p_value_adjusted = least(1, 2 * sequential_p_value)
            from fct_experiment_srm_segments where {ITT} and dimension = 'platform' order by 1"""
    )
    assert found[0] == ("ios", 1.0, "always_valid", "mismatch", True)
    assert found[1][2:4] == ("fixed", "ok")


def test_looks_of_imported_snapshots_carry_an_arm_over_the_days_it_skips(world: World) -> None:
    world.experiment("asos", primary="m", status="running", ended_at=None)
    world.metric("m", "mean", None, experiment_id="asos", source="aggregates", window_days=None)
    snapshots = [("control", 1, 100), ("treatment", 1, 90), ("control", 2, 240), ("control", 3, 260),
                 ("treatment", 3, 255)]  # fmt: skip
    world.insert(
        "imp_aggregates",
        [("asos", "m", arm, "itt", "all", "all", at(day).date(), n, 1.0, 5.0, None) for arm, day, n in snapshots],
    )
    world.build()
    found = world.row(f"from fct_experiment_srm where {ITT}")
    looks = [{"control": c, "treatment": t} for c, t in ((100, 90), (240, 90), (260, 255))]
    shares = {"control": 0.5, "treatment": 0.5}
    assert found["sequential_p_value"] == check_srm_sequential(looks, shares).p_value
    assert found["observed"] == '{"control": 260, "treatment": 255}'


def test_snapshots_whose_counts_fall_are_one_look(world: World) -> None:
    world.experiment("asos", primary="m", status="running", ended_at=None)
    world.metric("m", "mean", None, experiment_id="asos", source="aggregates", window_days=None)
    snapshots = [("control", 1, 400), ("treatment", 1, 90), ("control", 2, 200), ("treatment", 2, 210)]
    world.insert(
        "imp_aggregates",
        [("asos", "m", arm, "itt", "all", "all", at(day).date(), n, 1.0, 5.0, None) for arm, day, n in snapshots],
    )
    world.build()
    found = world.row(f"from fct_experiment_srm where {ITT}")
    last = check_srm_sequential([{"control": 200, "treatment": 210}], {"control": 0.5, "treatment": 0.5})
    assert (found["sequential_p_value"], found["status"]) == (last.p_value, "ok")


def test_an_experiment_without_units_or_planned_shares_is_not_judged(world: World) -> None:
    world.experiment(arms={"control": None, "treatment": None})
    world.assign("u", "control", START)
    world.build()
    found = world.row(f"from fct_experiment_srm where {ITT}")
    numbers = [found[name] for name in ("p_value", "sequential_p_value", "exact_p_value")]
    assert (found["status"], numbers, found["n_units"]) == ("not_computable", [None] * 3, 1)
    assert world.rows("from fct_experiment_srm_segments") == []
