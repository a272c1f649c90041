"""Guardrails: harm beyond a margin is ruled out, shown, or neither."""

import math

import numpy as np
import pytest
from scipy import stats

from gateway.stats import (
    ArmColumns,
    Comparison,
    Estimate,
    NonInferiority,
    NotComputable,
    compare,
    compare_columns,
    noninferiority,
    noninferiority_columns,
)
from tests.stats.arms import moments


@pytest.mark.parametrize(
    ("mean", "desired", "units", "state"),
    [
        pytest.param(10.0, "increase", 50_000, "pass", id="equal"),
        pytest.param(9.95, "increase", 500_000, "pass", id="a proven loss inside the margin"),
        pytest.param(9.7, "increase", 50_000, "fail", id="a loss beyond it"),
        pytest.param(10.3, "decrease", 50_000, "fail", id="a rise where lower is better"),
        pytest.param(9.0, "decrease", 50_000, "pass", id="a fall where lower is better"),
        pytest.param(10.0, "increase", 500, "inconclusive", id="too small to tell"),
        pytest.param(9.7, "increase", 100, "inconclusive", id="beyond the margin, not significant"),
    ],
)
def test_state_against_a_margin_of_two_percent(mean: float, desired: str, units: int, state: str) -> None:
    found = noninferiority(moments(units, 10.0, 9.0), moments(units, mean, 9.0), margin=0.02, desired=desired)
    assert isinstance(found, NonInferiority)
    assert found.state == state


@pytest.mark.parametrize(("sign", "desired"), [(1, "increase"), (1, "decrease"), (-1, "increase"), (-1, "decrease")])
def test_p_is_the_one_sided_test_of_the_shifted_difference(sign: int, desired: str) -> None:
    control, treatment = moments(4_000, sign * 10.0, 9.0), moments(5_000, sign * 10.0 - 0.02, 8.0)
    found = noninferiority(control, treatment, margin=0.02, desired=desired)
    assert isinstance(found, NonInferiority)
    toward = 1.0 if desired == "increase" else -1.0
    bound = control.mean - toward * 0.02 * abs(control.mean)
    weight = bound / control.mean
    z = toward * (treatment.mean - bound) / math.sqrt(8.0 / 5_000 + weight**2 * 9.0 / 4_000)
    assert found.p_value == pytest.approx(stats.norm.sf(z), rel=1e-9)


def test_passing_is_the_lift_interval_lying_inside_the_margin() -> None:
    for units in np.geomspace(2_000, 200_000, 30).astype(int):
        for running in (False, True):
            control, treatment = moments(int(units), 10.0, 9.0), moments(int(units), 9.95, 9.0)
            found = noninferiority(control, treatment, margin=0.01, running=running)
            compared = compare(control, treatment, running=running)
            assert isinstance(found, NonInferiority)
            assert isinstance(compared, Comparison)
            lift = compared.sequential.lift if running else compared.lift
            assert isinstance(lift, Estimate)
            assert (found.state == "pass") == (lift.ci_low > -0.01)
            assert found.basis == compared.basis


def test_without_an_agreed_margin_only_proof_moves_the_state() -> None:
    for mean, state in ((10.2, "pass"), (10.0, "inconclusive"), (9.8, "fail")):
        found = noninferiority(moments(9_000, 10.0, 9.0), moments(9_000, mean, 9.0), margin=math.nan)
        assert isinstance(found, NonInferiority)
        assert found.state == state


def test_columns_are_inconclusive_where_the_comparison_has_no_answer() -> None:
    control = ArmColumns.of([100, 10, 100], [1.0, 1.0, 0.0], [99.0, 9.0, 99.0])
    treatment = ArmColumns.of([100, 100, 100], [1.0, 1.0, 0.5], [99.0, 99.0, 99.0])
    found = noninferiority_columns(compare_columns(control, treatment, aggregation="mean"), [0.05, 0.05, 0.05])
    assert found.state.tolist() == ["inconclusive"] * 3
    assert np.isnan(found.p_value).tolist() == [False, True, True], "a share of zero is no margin"


def test_a_pair_without_an_answer_says_why() -> None:
    found = noninferiority(moments(10, 1.0, 1.0), moments(100, 1.0, 1.0), margin=0.05)
    assert isinstance(found, NotComputable)
    assert found.code == "too_few_units"
    assert isinstance(noninferiority(None, moments(100, 1.0, 1.0), margin=0.05), NotComputable)


def test_a_negative_margin_is_refused() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        noninferiority(moments(100, 1.0, 1.0), moments(100, 1.0, 1.0), margin=-0.1)
