"""Chance to be best of several arms and its cost, in the stored results; and guardrails against their margins."""

import numpy as np
import pytest

from gateway.stats import VariantStats, chance_to_be_best, noninferiority
from gateway.stats.result import NonInferiority
from tests.marts.world import World

TOTAL = "analysis_population = 'itt' and dimension = 'all'"
BEST = """select variation_id, chance_to_be_best, expected_loss, control_chance_to_be_best, control_expected_loss
          from fct_experiment_results where """


def _normal(mean: float, n: int, seed: int) -> list[float]:
    return [float(value) for value in np.random.default_rng(seed).normal(mean, 2.0, n).round(3)]


ARMS = {"control": _normal(10.0, 60, 1), "b": _normal(10.3, 70, 2), "c": _normal(10.6, 80, 3)}


@pytest.mark.parametrize("desired", ["increase", "decrease"])
def test_it_is_the_kernels_over_all_arms_with_control(world: World, desired: str) -> None:
    world.experiment(arms={"control": 1.0, "b": 1.0, "c": 1.0})
    world.metric("m", "sum", desired=desired)
    world.many_units(ARMS)
    world.build()
    arms = {arm: VariantStats.from_values(values) for arm, values in ARMS.items()}
    judged = {item.arm: item for item in chance_to_be_best(arms, aggregation="sum", desired=desired)}  # type: ignore[union-attr]  # not NotComputable here, or the test fails on it
    for arm, chance, loss, control_chance, control_loss in world.rows(BEST + TOTAL):
        assert (chance, loss) == pytest.approx((judged[arm].chance_to_be_best, judged[arm].expected_loss), rel=1e-6)
        control = judged["control"]
        assert (control_chance, control_loss) == pytest.approx(
            (control.chance_to_be_best, control.expected_loss), rel=1e-6
        )
    total = sum(chance for _, chance, *_ in world.rows(BEST + TOTAL)) + control_chance
    assert total == pytest.approx(1.0, abs=1e-9)


def test_a_single_treatment_has_none(world: World) -> None:
    world.experiment()
    world.metric("m", "sum")
    world.many_units({"control": ARMS["control"], "treatment": ARMS["c"]})
    world.build()
    assert world.rows(BEST + TOTAL) == [("treatment", None, None, None, None)]


def test_it_is_withheld_where_an_arm_has_no_answer(world: World) -> None:
    """c has too few units: a chance among the others would be read as one among all."""
    world.experiment(arms={"control": 1.0, "b": 1.0, "c": 1.0})
    world.metric("m", "sum")
    world.many_units({**ARMS, "c": ARMS["c"][:49]})
    world.build()
    assert {row[1:] for row in world.rows(BEST + TOTAL)} == {(None,) * 4}


def test_it_is_withheld_in_a_segment_that_hides_an_arm(world: World) -> None:
    world.experiment(arms={"control": 1.0, "b": 1.0, "c": 1.0})
    world.metric("m", "sum")
    world.many_units({**ARMS, "c": ARMS["c"][:19]}, platform="ios")
    world.many_units(ARMS, platform="web")
    world.build()
    found = world.rows(
        """select dimension_value, variation_id, chance_to_be_best is null from fct_experiment_results
           where analysis_population = 'itt' and dimension = 'platform' order by 1, 2"""
    )
    assert found == [("ios", "b", True), ("web", "b", False), ("web", "c", False)]


def test_a_guardrail_is_tested_against_its_margin_and_other_metrics_are_not(world: World) -> None:
    world.experiment(primary="m")
    world.metric("m", "sum")
    world.metric("g", "sum", role="guardrail", margin=0.05)
    arms = {"control": _normal(10.0, 400, 1), "treatment": _normal(10.2, 400, 2)}
    world.many_units(arms)
    world.build()
    control, treatment = (VariantStats.from_values(values) for values in arms.values())
    wanted = noninferiority(control, treatment, margin=0.05, aggregation="sum")
    assert isinstance(wanted, NonInferiority)
    columns = "noninferiority_margin, noninferiority_p_value, guardrail_status"
    query = f"select {columns} from fct_experiment_results where {TOTAL} and metric_id = "
    ((margin, p_value, status),) = world.rows(query + "'g'")
    assert (margin, status) == (0.05, str(wanted.state))
    assert p_value == pytest.approx(wanted.p_value, rel=1e-6)
    assert world.rows(query + "'m'") == [(None, None, None)]
