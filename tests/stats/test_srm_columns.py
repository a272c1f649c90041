"""SRM over columns of experiments: SciPy's tests, absent and held-out arms, segments of many experiments, phases."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gateway.stats import (
    binomial_p_values,
    check_srm,
    check_srm_columns,
    check_srm_exact_columns,
    check_srm_phases,
    check_srm_phases_columns,
    check_srm_segments_columns,
    check_srm_sequential,
    check_srm_sequential_columns,
)

NAN = math.nan


@given(st.lists(st.lists(st.integers(1, 10**9), min_size=3, max_size=3), min_size=1, max_size=5))
def test_p_is_scipys_in_every_row(rows: list[list[int]]) -> None:
    found = check_srm_columns(rows, [0.5, 0.3, 0.2])
    for i, row in enumerate(rows):
        due = stats.chisquare(row, np.array([0.5, 0.3, 0.2]) * sum(row)).pvalue
        if found.reason[i] is None:
            assert found.p_value[i] == pytest.approx(due, rel=1e-7, abs=1e-300)
            assert found.status[i] == ("mismatch" if due < 0.001 else "ok")
        else:
            assert (found.reason[i], sum(row) <= 100) == ("too_few_units", True)


def test_rows_may_have_fewer_arms_holdouts_and_units_that_nobody_planned() -> None:
    counts = [[500, 510, NAN, NAN], [500, 490, 120, NAN], [60, 60, 0, NAN], [900, 90, 5, 40], [50, 50, 0, NAN]]
    shares = [[1, 1, 1, 0], [1, 1, 0.25, 0], [1, 1, 1, 0], [0.9, 0.1, 0.5, 0], [1, 1, NAN, 0]]
    holdout = [[False] * 4, [False] * 4, [False] * 4, [False, False, True, False], [False] * 4]
    found = check_srm_columns(counts, shares, holdout=holdout, unknown=[0, 3, 0, 0, 0])
    assert found.status.tolist() == ["ok", "ok", "mismatch", "ok", "not_computable"]
    assert found.reason.tolist() == [None, None, None, None, "share_not_positive"]
    assert found.empty.tolist() == [False, False, True, False, True]
    assert found.n_unknown.tolist() == [0, 3, 0, 40, 0]
    assert found.n_holdout.tolist() == [0, 0, 0, 5, 0]
    assert found.n_units.tolist() == [1_010, 1_110, 120, 990, 100]
    assert found.p_value[0] == pytest.approx(stats.chisquare([500, 510]).pvalue)
    assert np.isnan(found.expected[0, 2:]).all()
    assert found.expected[3, :2].tolist() == [0.9, 0.1]


def test_the_result_names_its_arms_test_and_level() -> None:
    found = check_srm({"a": 500, "b": 450, "kept": 90, "ghost": 4}, {"a": 0.45, "b": 0.45, "kept": 0.1}, ["kept"])
    assert found.observed == (("a", 500), ("b", 450))
    assert found.expected == (("a", 0.5), ("b", 0.5))
    assert (found.method, found.level, found.n_holdout, found.n_unknown) == ("chi_squared", 0.999, 90, 4)
    assert found.code is None
    assert check_srm({"a": 5}, {"a": 1.0}).code == "too_few_arms"


@pytest.mark.parametrize("offset", [0, 10, 31_000, 200_000])
@pytest.mark.parametrize("trials", [10**6, 10**9])
def test_exact_p_is_scipys_up_to_a_thousand_million(trials: int, offset: int) -> None:
    successes = trials // 2 + offset
    due = stats.binomtest(successes, trials, 0.5).pvalue
    near_the_middle = due > 0.5
    assert binomial_p_values(successes, trials, 0.5)[0] == pytest.approx(
        due, rel=1e-3 if near_the_middle else 1e-5, abs=1e-300
    )


def test_exact_columns_refuse_what_is_not_two_arms() -> None:
    found = check_srm_exact_columns([[8, 40, NAN], [8, 9, 7], [5, 4, NAN], [0, 0, NAN]], [1, 1, 1])
    assert found.status.tolist() == ["mismatch", "not_computable", "not_computable", "not_computable"]
    assert found.reason.tolist() == [None, "not_two_arms", "too_few_units", "too_few_units"]
    assert found.p_value[0] == pytest.approx(stats.binomtest(8, 48, 0.5).pvalue, rel=1e-9)
    assert np.isnan(found.p_value[1:]).all()


def test_segments_are_corrected_within_their_own_experiment() -> None:
    off = [5_000, 5_345]
    counts = [off, [5_000, 5_010], [20, 24], off, [1, 2]]
    found = check_srm_segments_columns(counts, [1, 1], experiment=["x", "x", "x", "y", "z"])
    p = stats.chisquare(off).pvalue
    assert p < 0.001 < 3 * p
    assert found.p_value_adjusted[0] == pytest.approx(3 * p)
    assert found.p_value_adjusted[3] == pytest.approx(p)
    assert found.rows.status.tolist() == ["ok", "ok", "ok", "mismatch", "not_computable"]
    assert found.exact.tolist() == [False, False, True, False, True]
    assert (found.experiments, found.status.tolist()) == (("x", "y", "z"), ["ok", "mismatch", "not_computable"])


def test_looks_of_many_experiments_at_once() -> None:
    looks = np.array(
        [
            [[500, 500, NAN], [10_000, 13_000, NAN], [15_000, 19_000, NAN]],
            [[5, 6, 7], [50, 60, 55], [NAN, NAN, NAN]],
            [[0, 0, NAN], [0, 0, NAN], [0, 0, NAN]],
        ]
    )
    found = check_srm_sequential_columns(looks, [1, 1, 1])
    alone = check_srm_sequential([{"a": 500, "b": 500}, {"a": 10_000, "b": 13_000}, {"a": 15_000, "b": 19_000}],
                                 {"a": 1, "b": 1})  # fmt: skip
    assert found.status.tolist() == ["mismatch", "ok", "not_computable"]
    assert (found.p_value[0], found.first_alarm[0]) == (alone.p_value, alone.first_alarm)
    assert found.reason.tolist() == [None, None, "too_few_units"]
    assert np.isnan(found.p_values[1]).tolist() == [False, False, True], "a look not made yet has no p"
    assert found.n_units.tolist() == [34_000, 165, 0]


def test_a_split_that_was_changed_on_purpose_is_no_mismatch_in_any_row() -> None:
    first, second = [9_000, 1_000], [5_010, 4_990]
    counts = [[first, second], [first, [9_010, 990]], [first, [NAN, NAN]]]
    shares = [[0.9, 0.1], [0.5, 0.5]]
    found = check_srm_phases_columns(counts, shares)
    due = stats.chisquare(first, [9_000, 1_000]).statistic + stats.chisquare(second, [5_000, 5_000]).statistic
    assert found.status.tolist() == ["ok", "mismatch", "ok"]
    assert found.p_value[0] == pytest.approx(stats.chi2.sf(due, 2), rel=1e-9)
    assert found.p_value[2] == 1.0, "one phase alone is the plain test"
    assert found.expected[0].tolist() == pytest.approx([0.7, 0.3])


def test_an_arm_that_no_phase_gave_a_unit_is_a_mismatch() -> None:
    phases = [({"a": 500}, {"a": 0.999, "b": 0.001}), ({"a": 200}, {"a": 1.0})]
    found = check_srm_phases(phases)
    assert found.status == "mismatch"
    assert found.reason == "no units in 'b', expected to have a share"
    assert check_srm_phases([]).status == "not_computable"
    held = check_srm_phases([({"a": 500, "b": 510, "h": 9}, {"a": 1, "b": 1, "h": 1})], ["h"])
    assert (held.status, held.n_holdout) == ("ok", 9)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=6))
def test_the_order_of_the_arms_does_not_matter(counts: list[int]) -> None:
    shares = list(range(1, len(counts) + 1))
    here = check_srm_columns([counts], shares).p_value[0]
    there = check_srm_columns([counts[::-1]], shares[::-1]).p_value[0]
    assert (math.isnan(here) and math.isnan(there)) or here == pytest.approx(there, rel=1e-6, abs=1e-300)
