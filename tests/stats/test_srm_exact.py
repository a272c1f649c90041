"""The exact test against SciPy, segments against their parts."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gateway.stats import (
    binomial_p_value,
    check_srm,
    check_srm_exact,
    check_srm_segments,
    holm,
    sort_arms,
    srm_p_value,
    srm_p_values,
)

EVEN = {"a": 0.5, "b": 0.5}


@given(trials=st.integers(1, 3_000), part=st.floats(0.0, 1.0), share=st.floats(0.001, 0.999))
def test_exact_p_is_scipys(trials: int, part: float, share: float) -> None:
    successes = round(trials * part)
    due = stats.binomtest(successes, trials, share).pvalue
    assert binomial_p_value(successes, trials, share) == pytest.approx(due, rel=2e-5, abs=1e-290), "SciPy's far tail"


@given(trials=st.integers(2, 200), part=st.floats(0.0, 1.0), odds=st.integers(1, 63))
def test_exact_p_is_the_sum_of_fractions(trials: int, part: float, odds: int) -> None:
    successes, share = round(trials * part), Fraction(odds, 64)
    chances = [math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(trials + 1)]
    limit = chances[successes] * (1 + Fraction(1, 10**7))
    due = float(sum(chance for chance in chances if chance <= limit))
    assert binomial_p_value(successes, trials, odds / 64) == pytest.approx(due, rel=1e-11)


@pytest.mark.parametrize(("successes", "trials"), [(0, 1), (0, 900), (450_000, 10**6), (5 * 10**8 + 10**5, 10**9)])
def test_exact_p_holds_from_one_unit_to_a_thousand_million(successes: int, trials: int) -> None:
    p = binomial_p_value(successes, trials, 0.5)
    normal = 2 * stats.norm.sf((abs(successes - trials / 2) - 0.5) / math.sqrt(trials / 4))
    due = 2.0 * 0.5**trials if successes == 0 else normal
    assert p == pytest.approx(min(1.0, due), rel=1e-3) or p < 1e-300


@given(trials=st.integers(1, 400), successes=st.integers(0, 400))
def test_swapping_the_arms_changes_nothing(trials: int, successes: int) -> None:
    successes = min(successes, trials)
    here, there = binomial_p_value(successes, trials, 0.3), binomial_p_value(trials - successes, trials, 0.7)
    assert here == pytest.approx(there, rel=1e-9)


@pytest.mark.parametrize(
    ("observed", "status"),
    [
        pytest.param({"a": 30, "b": 32}, "ok", id="even"),
        pytest.param({"a": 8, "b": 40}, "mismatch", id="uneven"),
        pytest.param({"a": 0, "b": 12}, "mismatch", id="twelve to none"),
        pytest.param({"b": 9}, "not_computable", id="nine units can't tell"),
        pytest.param({}, "not_computable", id="nothing"),
        pytest.param({"a": 300_000, "b": 305_000}, "mismatch", id="large arms too"),
    ],
)
def test_status_of_two_arms(observed: dict[str, int], status: str) -> None:
    found = check_srm_exact(observed, EVEN)
    assert found.status == status
    assert bool(found.reason) == (status != "ok")


def test_the_exact_test_keeps_to_two_arms_and_positive_shares() -> None:
    assert "two arms, got 3" in check_srm_exact({"a": 9}, {"a": 1, "b": 1, "c": 1}).reason
    assert "positive" in check_srm_exact({"a": 90}, {"a": 1, "b": -1}).reason
    with pytest.raises(ValueError, match="successes"):
        binomial_p_value(5, 4, 0.5)


def test_holdouts_and_unknown_arms_are_told_apart() -> None:
    counts = sort_arms({"a": 40, "holdout": 100, "ghost": 3}, {"a": 0.45, "b": 0.45, "holdout": 0.1}, ["holdout"])
    assert counts.tested == {"a": 40, "b": 0}
    assert counts.shares == {"a": 0.45, "b": 0.45}
    assert (counts.holdout, counts.unknown) == ({"holdout": 100}, {"ghost": 3})


def test_a_holdout_is_no_false_alarm() -> None:
    shares, seen = {"a": 0.45, "b": 0.45, "holdout": 0.1}, {"a": 4_510, "b": 4_490}
    assert check_srm(seen, shares).status == "mismatch"
    found = check_srm_segments({"all": seen | {"holdout": 7}}, shares, holdouts=["holdout"])
    assert found.status == "ok"
    assert found.segments[0].result.n_unknown == 0


def test_segments_are_one_family_judged_by_the_corrected_p() -> None:
    segments = {
        "ios": {"a": 5_000, "b": 5_010},
        "web": {"a": 5_000, "b": 5_345},
        "tv": {"a": 20, "b": 24},
        "car": {"a": 1, "b": 2},
    }
    found = check_srm_segments(segments, EVEN)
    raw = [row.result.p_value for row in found.segments]
    assert raw[1] is not None
    assert raw[1] < 0.001, "alone it would have been a mismatch"
    assert [row.result.status for row in found.segments] == ["ok", "ok", "ok", "not_computable"]
    assert [row.exact for row in found.segments] == [False, False, True, True]
    assert [row.p_value_adjusted for row in found.segments[:3]] == holm([p for p in raw if p is not None]).tolist()
    assert (found.status, found.correction) == ("ok", "holm")


def test_one_segment_off_is_a_mismatch_whatever_the_others_say() -> None:
    segments = {"ios": {"a": 5_000, "b": 5_010}, "web": {"a": 5_000, "b": 6_000}}
    found = check_srm_segments(segments, EVEN, correction="bonferroni")
    assert found.status == "mismatch"
    assert found.segments[1].p_value_adjusted == pytest.approx(2 * (found.segments[1].result.p_value or 0))
    assert check_srm_segments({}, EVEN).status == "not_computable"


def test_columns_of_p_are_the_single_ones() -> None:
    counts = np.array([[500, 540, 480], [9, 5, math.nan], [0, 0, 0], [7, math.nan, math.nan]])
    shares = [0.5, 0.3, 0.2]
    found = srm_p_values(counts, shares)
    assert found[0] == pytest.approx(srm_p_value({"a": 500, "b": 540, "c": 480}, dict(zip("abc", shares, strict=True))))
    assert found[1] == pytest.approx(srm_p_value({"a": 9, "b": 5}, {"a": 0.5, "b": 0.3}))
    assert np.isnan(found[2:]).all()
    assert np.isnan(srm_p_values([[5, 5]], [0.5, 0.0])).all()
    with pytest.raises(ValueError, match="fewer than zero"):
        srm_p_values([[-1, 5]], [0.5, 0.5])
