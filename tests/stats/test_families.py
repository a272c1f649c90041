"""Named families: further corrections against statsmodels, and what a result says of its own."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from gateway.stats import (
    Corrected,
    Correction,
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    correct,
    hochberg,
    holm,
    primary_first,
)

METHODS: list[tuple[Any, str]] = [(hochberg, "simes-hochberg"), (benjamini_yekutieli, "fdr_by")]
p_values = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40)


@pytest.mark.parametrize(("method", "name"), METHODS)
@given(p_values=p_values)
def test_corrections_are_statsmodels(method: Any, name: str, p_values: list[float]) -> None:
    np.testing.assert_allclose(method(p_values), multipletests(p_values, method=name)[1], rtol=1e-12, atol=1e-300)


@given(p_values=p_values)
def test_the_corrections_keep_their_order(p_values: list[float]) -> None:
    slack = 1e-15
    assert (hochberg(p_values) <= holm(p_values) + slack).all()
    assert (holm(p_values) <= bonferroni(p_values) + slack).all()
    assert (benjamini_hochberg(p_values) <= benjamini_yekutieli(p_values) + slack).all()
    assert (benjamini_hochberg(p_values) <= hochberg(p_values) + slack).all()


def test_the_primary_is_weighted_as_published() -> None:
    p = [0.004, 0.006, 0.01, 0.02, 0.03, 0.9]
    primary = [True, True, False, False, False, False]
    found = primary_first(p, primary, share=0.6)
    np.testing.assert_allclose(found[:2], np.array(p[:2]) * 2 / 0.6)
    np.testing.assert_allclose(found[2:], np.minimum(1.0, np.array(p[2:]) * 4 / 0.4))


def test_a_family_of_one_kind_gets_the_whole_error() -> None:
    assert primary_first([0.01, 0.02], [True, True]).tolist() == [0.02, 0.04]
    assert primary_first([0.01, 0.02], [False, False]).tolist() == [0.02, 0.04]


@given(
    p_values=st.lists(st.floats(0.0, 1.0, allow_subnormal=False) | st.just(math.nan), min_size=1, max_size=30),
    share=st.floats(0.05, 0.95),
)
def test_error_spent_on_a_family_is_never_more_than_all_of_it(p_values: list[float], share: float) -> None:
    primary = [i % 3 == 0 for i in range(len(p_values))]
    p, found = np.array(p_values), primary_first(p_values, primary, share=share)
    assert (np.isnan(found) == np.isnan(p)).all()
    weight = [p[i] / found[i] for i in range(len(p)) if 0 < found[i] < 1]
    assert sum(weight) <= 1 + 1e-9


def test_a_result_names_its_family_and_counts_it() -> None:
    found = correct(
        [0.01, math.nan, 0.02, 0.03], correction="hochberg", family=["checkout", "checkout", "search", "checkout"]
    )
    assert found.row(0) == Corrected(0.01, 0.02, Correction.HOCHBERG, "checkout", 2)
    assert found.row(2) == Corrected(0.02, 0.02, Correction.HOCHBERG, "search", 1)
    assert found.size.tolist() == [2, 2, 1, 2]
    assert math.isnan(found.p_value_adjusted[1])
    assert found.controls == "family-wise error rate"
    assert correct([0.1], correction="benjamini_hochberg").controls == "false discovery rate"


@pytest.mark.parametrize("correction", list(Correction))
def test_every_correction_runs_by_name_and_families_stand_alone(correction: Correction) -> None:
    rng = np.random.default_rng(2)
    p, family, primary = rng.random(60) ** 3, rng.integers(0, 5, 60), rng.random(60) < 0.3
    whole = correct(p, correction=correction, family=family, primary=primary).p_value_adjusted
    for label in range(5):
        rows = family == label
        alone = correct(p[rows], correction=correction, primary=primary[rows]).p_value_adjusted
        np.testing.assert_array_equal(whole[rows], alone)
    assert (whole >= p * (1 - 1e-14)).all()
    assert len(correct([], correction=correction, primary=[])) == 0


def test_what_is_no_probability_no_share_or_no_primary_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        primary_first([0.5, 1.5], [True, False])
    with pytest.raises(ValueError, match="share"):
        primary_first([0.5], [True], share=1.0)
    with pytest.raises(ValueError, match="which rows"):
        correct([0.5], correction="primary_first")
    with pytest.raises(ValueError, match="sidak"):
        correct([0.5], correction="sidak")
