"""Sample ratio mismatch: the chi-squared test against SciPy, and the rules around it."""

import pytest
from scipy import stats

from gateway.stats import check_srm, srm_p_value


@pytest.mark.parametrize(
    ("observed", "shares"),
    [
        ({"a": 5_000, "b": 5_100}, {"a": 0.5, "b": 0.5}),
        ({"a": 9_100, "b": 500, "c": 480}, {"a": 0.9, "b": 0.05, "c": 0.05}),
        ({"a": 10**9, "b": 10**9 + 10**5}, {"a": 1.0, "b": 1.0}),
        ({"a": 0, "b": 300}, {"a": 0.5, "b": 0.5}),
        ({"a": 40_000, "b": 60_000}, {"a": 50.0, "b": 50.0}),
    ],
)
def test_p_is_scipys_chi_squared_over_normalised_shares(observed: dict[str, int], shares: dict[str, float]) -> None:
    total, whole = sum(observed.values()), sum(shares.values())
    due = stats.chisquare(list(observed.values()), [share / whole * total for share in shares.values()]).pvalue
    assert srm_p_value(observed, shares) == pytest.approx(due, rel=1e-8, abs=1e-307)


def test_p_keeps_its_tail() -> None:
    p = srm_p_value({"a": 117_200, "b": 100_000}, {"a": 0.5, "b": 0.5})
    assert p == pytest.approx(stats.chi2.sf(17_200**2 / 217_200, 1), rel=1e-9)
    assert p is not None
    assert 0.0 < p < 1e-290


def test_p_by_the_original_rules_leaves_unknown_arms_out_and_counts_absent_ones_as_zero() -> None:
    shares = {"a": 0.5, "b": 0.5}
    assert srm_p_value({"a": 60, "b": 40, "ghost": 900}, shares) == srm_p_value({"a": 60, "b": 40}, shares)
    assert srm_p_value({"a": 60}, shares) == srm_p_value({"a": 60, "b": 0}, shares)


@pytest.mark.parametrize(
    ("observed", "shares"),
    [
        ({"a": 100}, {"a": 1.0}),
        ({}, {}),
        ({"a": 0, "b": 0}, {"a": 0.5, "b": 0.5}),
        ({"ghost": 10}, {"a": 0.5, "b": 0.5}),
        ({"a": 10, "b": 10}, {"a": 0.0, "b": 1.0}),
        ({"a": 10, "b": 10}, {"a": -0.5, "b": 1.5}),
        ({"a": 10, "b": 10}, {"a": float("nan"), "b": 0.5}),
    ],
)
def test_p_is_none_where_there_is_nothing_to_test(observed: dict[str, int], shares: dict[str, float]) -> None:
    assert srm_p_value(observed, shares) is None


@pytest.mark.parametrize(
    ("observed", "shares", "status"),
    [
        pytest.param({"a": 50, "b": 50}, {"a": 0.5, "b": 0.5}, "not_computable", id="one hundred is not above it"),
        pytest.param({"a": 51, "b": 50}, {"a": 0.5, "b": 0.5}, "ok", id="one hundred and one"),
        pytest.param({"a": 5_000, "b": 5_200}, {"a": 0.5, "b": 0.5}, "ok", id="p of 0.05 is no alarm"),
        pytest.param({"a": 5_000, "b": 5_400}, {"a": 0.5, "b": 0.5}, "mismatch", id="p below 0.001"),
        pytest.param({"a": 500, "b": 500}, {"a": 0.5, "b": 0.4999, "c": 0.0001}, "mismatch", id="small arm empty"),
        pytest.param({"a": 500, "b": 510, "c": 3}, {"a": 0.5, "b": 0.5, "c": 0}, "ok", id="arm switched off"),
        pytest.param({"a": 500, "b": 500}, {"a": 1.0}, "not_computable", id="one arm"),
        pytest.param({"a": 500, "b": 500}, {"a": -1.0, "b": 2.0}, "not_computable", id="negative share"),
        pytest.param({}, {}, "not_computable", id="nothing"),
    ],
)
def test_status(observed: dict[str, int], shares: dict[str, float], status: str) -> None:
    found = check_srm(observed, shares)
    assert found.status == status
    assert bool(found.reason) == (status != "ok")


def test_an_empty_arm_is_a_mismatch_even_where_chance_could_explain_it() -> None:
    found = check_srm({"a": 60, "b": 60}, {"a": 0.499, "b": 0.499, "c": 0.002})
    assert found.status == "mismatch"
    assert found.p_value is not None
    assert found.p_value > 0.5
    assert found.reason == "no units in 'c', expected to have a share"


def test_unknown_arms_are_counted_and_shares_normalised() -> None:
    found = check_srm({"a": 3_000, "b": 1_000, "ghost": 7}, {"a": 3.0, "b": 1.0})
    assert (found.status, found.p_value) == ("ok", 1.0)
    assert (found.n_units, found.n_unknown) == (4_000, 7)
    assert found.expected == (("a", 0.75), ("b", 0.25))


def test_unknown_arms_do_not_lift_the_total_over_the_floor() -> None:
    assert check_srm({"a": 30, "b": 30, "ghost": 500}, {"a": 0.5, "b": 0.5}).status == "not_computable"


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="zero units"):
        srm_p_value({"a": -1, "b": 500}, {"a": 0.5, "b": 0.5})
