"""Corrections against statsmodels, with gaps and with families."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from gateway.stats import benjamini_hochberg, bonferroni, holm

METHODS = [(holm, "holm"), (benjamini_hochberg, "fdr_bh"), (bonferroni, "bonferroni")]
p_values = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40)


@pytest.mark.parametrize(("correct", "name"), METHODS)
@settings(max_examples=25)  # statsmodels' Holm collects garbage in each call
@given(p_values=p_values)
def test_corrections_are_statsmodels(correct: object, name: str, p_values: list[float]) -> None:
    assert callable(correct)
    np.testing.assert_allclose(correct(p_values), multipletests(p_values, method=name)[1], rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize(("correct", "name"), METHODS)
def test_a_test_that_was_not_made_is_no_member_of_the_family(correct: object, name: str) -> None:
    assert callable(correct)
    found = correct([0.01, math.nan, 0.02, 0.5])
    assert math.isnan(found[1])
    assert list(found[[0, 2, 3]]) == list(correct([0.01, 0.02, 0.5]))


@pytest.mark.parametrize(("correct", "name"), METHODS)
def test_families_are_corrected_apart_wherever_their_rows_stand(correct: object, name: str) -> None:
    assert callable(correct)
    rng = np.random.default_rng(8)
    p = np.where(rng.random(200) < 0.1, np.nan, rng.random(200) ** 3)
    family = rng.integers(0, 12, 200)
    whole = correct(p, [f"experiment {label}" for label in family])
    for label in range(12):
        np.testing.assert_array_equal(whole[family == label], correct(p[family == label]))


@pytest.mark.parametrize(("correct", "name"), METHODS)
def test_tiny_p_values_survive(correct: object, name: str) -> None:
    assert callable(correct)
    assert correct([1e-300, 0.5])[0] == pytest.approx(2e-300)


@pytest.mark.parametrize("empty", [[], [math.nan, math.nan]])
def test_nothing_to_correct_is_no_error(empty: list[float]) -> None:
    assert np.isnan(holm(empty)).all()
    assert len(benjamini_hochberg(empty)) == len(empty)


@pytest.mark.parametrize("bad", [-0.1, 1.1, math.inf])
def test_what_is_no_probability_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.5, bad])
