"""The whole comparison: reasons instead of pretend numbers, words by direction, columns equal to pairs, symmetries."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gateway.stats import (
    KERNEL_VERSION,
    ArmColumns,
    Comparison,
    NotComputable,
    RatioStats,
    VariantStats,
    compare,
    compare_columns,
    comparison_at,
)
from tests.stats.arms import arm, converted, moments, random_columns, ratio_arm

UNDEFINED = RatioStats(moments(100, 1.0, 1.0), VariantStats.from_moments(100, 0.0, 0.0), 0.0)


@pytest.mark.parametrize(
    ("control", "treatment", "aggregation", "code", "reason"),
    [
        pytest.param(None, arm(1), "mean", "no_control", "no control arm", id="no control"),
        pytest.param(arm(1, 49), arm(2, 50), "mean", "too_few_units", "control has 49, treatment 50", id="49 units"),
        pytest.param(arm(1, 60), arm(2, 0), "mean", "too_few_units", "treatment 0", id="empty arm"),
        pytest.param(
            converted(900, 4), converted(900, 50), "occurrence", "too_few_conversions", "control has 4", id="few"
        ),
        pytest.param(converted(60, 90), converted(60, 9), "occurrence", "not_a_proportion", "0 and 1", id="over 100 %"),
        pytest.param(ratio_arm(1), UNDEFINED, "ratio", "zero_denominator", "zero", id="ratio over nothing"),
        pytest.param(moments(60, 1.0, math.nan), arm(1), "sum", "variance_undefined", "missing", id="m2 unknown"),
        pytest.param(moments(60, math.inf, 1.0), arm(1), "sum", "variance_undefined", "finite", id="mean infinite"),
        pytest.param(moments(60, 1.0, -1.0), arm(1), "sum", "variance_undefined", "range", id="m2 negative"),
        pytest.param(moments(60, 1e308, 1.0), moments(60, -1e308, 1.0), "sum", "variance_undefined", "range", id="big"),
        pytest.param(moments(60, 2.0, 0.0), moments(60, 1.0, 0.0), "mean", "zero_variance", "no variance", id="same"),
        pytest.param(converted(60, 60), converted(70, 70), "occurrence", "zero_variance", "no variance", id="all"),
    ],
)
def test_what_cannot_be_told_has_a_reason(
    control: VariantStats | RatioStats | None,
    treatment: VariantStats | RatioStats,
    aggregation: str,
    code: str,
    reason: str,
) -> None:
    found = compare(control, treatment, aggregation=aggregation)
    assert isinstance(found, NotComputable)
    assert found.code == code
    assert reason in found.reason


def test_the_floors_are_fifty_units_and_five_conversions() -> None:
    assert isinstance(compare(arm(1, 50), arm(2, 50)), Comparison)
    assert isinstance(compare(converted(50, 5), converted(50, 5), aggregation="occurrence"), Comparison)


@pytest.mark.parametrize(
    ("desired", "shift", "statsig", "wins"),
    [
        ("increase", 1.0, "significant_positive", True),
        ("increase", -1.0, "significant_negative", False),
        ("decrease", 1.0, "significant_negative", False),
        ("decrease", -1.0, "significant_positive", True),
        ("increase", 0.3, "directional_positive", True),
        ("decrease", 0.3, "directional_negative", False),
        ("increase", 0.05, "flat", True),
        ("increase", 0.0, "flat", False),
    ],
)
def test_words_and_chance_follow_the_desired_direction(desired: str, shift: float, statsig: str, *, wins: bool) -> None:
    found = compare(moments(400, 10.0, 9.0), moments(400, 10.0 + shift, 9.0), desired=desired)
    assert isinstance(found, Comparison)
    assert found.statsig == statsig
    assert (found.chance_to_win > 0.5) == wins
    assert found.difference.value == pytest.approx(shift, abs=1e-12), "the sign of the difference never flips"


def test_chance_to_win_is_that_of_the_difference_and_keeps_its_tail() -> None:
    error = math.sqrt(2 * 9.0 / 400)
    for shift in (-37.0 * error, -0.1, 0.2):
        found = compare(moments(400, 100.0, 9.0), moments(400, 100.0 + shift, 9.0))
        assert isinstance(found, Comparison)
        assert found.chance_to_win == pytest.approx(stats.norm.sf(-shift / error), rel=1e-7)


def test_columns_and_pairs_agree_to_the_last_bit() -> None:
    """Across a block's edge, on every aggregation, with and without an answer."""
    control, treatment, aggregation = random_columns(3, 20_000)
    desired = ["increase", "decrease", "decrease"] * 6_666 + ["increase"] * 2
    running = np.arange(20_000) % 2 == 0
    columns = compare_columns(control, treatment, aggregation=aggregation, desired=desired, running=running)
    for i in [*range(150), *range(16_350, 16_450), *range(19_950, 20_000)]:
        arms = control.row(i, aggregation[i]), treatment.row(i, aggregation[i])
        alone = compare(*arms, aggregation=aggregation[i], desired=desired[i], running=bool(running[i]))
        assert repr(alone) == repr(comparison_at(columns, i)), "repr, since NaN is not equal to itself"
    assert {"variance_undefined", "zero_variance", "too_few_units"} <= set(columns.reason.tolist())


def test_columns_hold_nan_and_a_reason_where_there_is_no_answer() -> None:
    columns = compare_columns(
        ArmColumns.of([np.nan, 49, 100, 100], [1.0, 1.0, 0.0, 5.0], [9.0, 48.0, 99.0, 99.0]),
        ArmColumns.of([100, 100, 100, 100], [2.0, 2.0, 2.0, 5.5], [99.0, 99.0, 99.0, 99.0]),
        aggregation="mean",
    )
    assert columns.reason.tolist() == ["no_control", "too_few_units", None, None]
    assert np.isnan(columns.p_value).tolist() == [True, True, False, False]
    assert columns.statsig.tolist()[:2] == ["insufficient_data", "insufficient_data"]
    assert columns.control_value.tolist() == [1.0, 1.0, 0.0, 5.0], "raw values are kept"
    assert columns.lift_reason.tolist() == ["no_control", "too_few_units", "zero_baseline", None]
    assert columns.not_computable()[1] == "needs 50 units per arm: control has 49, treatment 100"
    assert columns.flag_texts() == ["", "", "unstable_baseline,lift_withheld", ""]
    assert columns.basis.tolist() == ["fixed"] * 4
    for field in dataclasses.fields(columns):
        column = getattr(columns, field.name)
        if isinstance(column, np.ndarray) and column.dtype == np.float64 and not field.name.endswith("_value"):
            assert np.isnan(column[:2]).all(), field.name


def test_columns_take_what_a_database_returns() -> None:
    masked = np.ma.masked_array([100, 1], mask=[False, True])
    arms = ArmColumns.of(masked, [None, 2.0], np.array([3, 4]), conversions=7)
    assert arms.n.dtype == np.float64
    assert arms.n[0] == 100.0
    assert np.isnan(arms.n[1])
    assert np.isnan(arms.mean[0])
    assert arms.conversions.tolist() == [7.0, 7.0]


def test_conversions_alone_are_enough_for_an_occurrence_metric() -> None:
    columns = compare_columns(
        ArmColumns.of([1_000], None, None, conversions=[100]),
        ArmColumns.of([1_000], None, None, conversions=[150]),
        aggregation="occurrence",
    )
    alone = compare(converted(1_000, 100), converted(1_000, 150), aggregation="occurrence")
    assert isinstance(alone, Comparison)
    assert columns.p_value[0] == alone.p_value
    assert columns.chance_to_win[0] == pytest.approx(alone.chance_to_win, rel=1e-12)


def test_no_rows_is_no_error() -> None:
    none = ArmColumns.of([], [], [])
    columns = compare_columns(none, none, aggregation=[])
    assert (len(columns), columns.not_computable(), columns.flag_texts()) == (0, [], [])
    assert columns.p_value.dtype == np.float64


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"aggregation": "median"}, "unknown aggregation 'median': one of occurrence"),
        ({"aggregation": "mean", "desired": "up"}, "unknown desired direction 'up'"),
        ({"aggregation": "mean", "level": 95}, "level is a fraction"),
    ],
)
def test_unknown_options_are_named(options: dict[str, Any], message: str) -> None:
    arms = ArmColumns.from_stats([arm(1)])
    with pytest.raises(ValueError, match=message):
        compare_columns(arms, arms, **options)


def test_arms_must_pair_up_and_fit_their_aggregation() -> None:
    with pytest.raises(ValueError, match="1 control arms for 2"):
        compare_columns(ArmColumns.of([1], 1, 1), ArmColumns.of([1, 2], 1, 1), aggregation="mean")
    with pytest.raises(TypeError, match="'ratio' does not go with VariantStats"):
        compare(arm(1), arm(2), aggregation="ratio")
    with pytest.raises(TypeError, match="'mean' does not go with RatioStats"):
        compare(ratio_arm(1), ratio_arm(2))


means = st.floats(-50.0, 50.0).filter(lambda mean: abs(mean) > 0.5)
spreads = st.floats(0.01, 20.0)
sizes = st.integers(50, 10**7)
pairs = st.tuples(sizes, means, spreads, sizes, means, spreads)
Pair = tuple[int, float, float, int, float, float]


def of(pair: Pair, *, scale: float = 1.0, shift: float = 0.0, swap: bool = False) -> Comparison:
    first = moments(pair[0], pair[1] * scale + shift, pair[2] * scale**2)
    second = moments(pair[3], pair[4] * scale + shift, pair[5] * scale**2)
    found = compare(*((second, first) if swap else (first, second)))
    assert isinstance(found, Comparison)
    return found


@given(pairs, st.floats(0.001, 1_000.0))
def test_a_change_of_unit_changes_no_verdict(pair: Pair, scale: float) -> None:
    plain, scaled = of(pair), of(pair, scale=scale)
    assert scaled.p_value == pytest.approx(plain.p_value, rel=1e-6, abs=1e-300)
    assert scaled.difference.ci_low == pytest.approx(plain.difference.ci_low * scale, rel=1e-7, abs=1e-9 * scale)
    assert scaled.chance_to_win == pytest.approx(plain.chance_to_win, rel=1e-6, abs=1e-300)
    assert isinstance(scaled.lift, NotComputable) == isinstance(plain.lift, NotComputable)


@given(pairs, st.floats(-100.0, 100.0))
def test_a_shift_of_both_arms_leaves_the_difference_alone(pair: Pair, shift: float) -> None:
    plain, shifted = of(pair), of(pair, shift=shift)
    assert shifted.difference.value == pytest.approx(plain.difference.value, abs=1e-10)
    assert shifted.difference.ci_high == pytest.approx(plain.difference.ci_high, abs=1e-10)


@given(pairs)
def test_swapping_the_arms_mirrors_the_answer(pair: Pair) -> None:
    plain, swapped = of(pair), of(pair, swap=True)
    assert swapped.p_value == plain.p_value
    assert swapped.difference.value == -plain.difference.value
    assert swapped.difference.ci_low == -plain.difference.ci_high
    assert swapped.difference.ci_high == -plain.difference.ci_low
    assert swapped.sequential.p_value == plain.sequential.p_value
    assert swapped.chance_to_win == pytest.approx(1.0 - plain.chance_to_win, abs=1e-15)


@given(pairs)
def test_the_interval_and_the_test_agree(pair: Pair) -> None:
    found = of(pair)
    outside = found.difference.ci_low > 0 or found.difference.ci_high < 0
    if abs(found.p_value - 0.05) > 1e-9:
        assert outside == (found.p_value < 0.05)


@given(st.integers(50, 10**8), st.floats(0.001, 5.0))
def test_more_units_never_widen_the_interval(n: int, spread: float) -> None:
    small = compare(moments(n, 1.0, spread), moments(n, 1.1, spread))
    large = compare(moments(2 * n, 1.0, spread), moments(2 * n, 1.1, spread))
    assert isinstance(small, Comparison)
    assert isinstance(large, Comparison)
    assert large.standard_error < small.standard_error
    assert large.p_value <= small.p_value


def test_a_result_names_its_arms_and_how_it_was_made() -> None:
    control, treatment = arm(1), arm(2)
    found = compare(control, treatment, level=0.9, lift_method="delta")
    assert isinstance(found, Comparison)
    assert (found.control, found.treatment) == (control, treatment)
    assert (found.method, found.lift_method, found.level, found.aggregation) == ("welch", "delta", 0.9, "mean")
    assert KERNEL_VERSION.count(".") == 2


def test_columns_of_names_hold_plain_text_for_a_database() -> None:
    control, treatment, aggregation = random_columns(5, 400)
    columns = compare_columns(control, treatment, aggregation=aggregation)
    for name in ("statsig", "method", "reason", "lift_reason", "sequential_lift_reason", "basis"):
        assert {type(value) for value in getattr(columns, name).tolist()} <= {str, type(None)}, name
