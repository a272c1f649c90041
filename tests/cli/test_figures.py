"""Numbers for reading: nothing that isn't zero reads as zero, and nothing that isn't known reads as a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli import figures


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(None, "–", id="absent"),
        pytest.param(0.1061673, "0.1062", id="below one"),
        pytest.param(42.12345, "42.12", id="tens"),
        pytest.param(1234.56, "1,234.6", id="thousands"),
        pytest.param(0.0, "0", id="zero"),
        pytest.param(0.00000123, "1.230e-06", id="tiny"),
        pytest.param(2.5e12, "2.500e+12", id="huge"),
        pytest.param(float("nan"), "–", id="not a number"),
    ],
)
def test_number_shows_four_significant_digits(value: float | None, shown: str) -> None:
    assert figures.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(0.182757, "18.28 %", id="rate"),
        pytest.param(0.00091234, "0.091 %", id="small rate keeps two digits"),
        pytest.param(0.0, "0.00 %", id="none"),
        pytest.param(None, "–", id="absent"),
    ],
)
def test_percent_shows_a_fraction_in_hundredths(value: float | None, shown: str) -> None:
    assert figures.percent(value) == shown


def test_a_difference_of_proportions_is_shown_in_points() -> None:
    assert figures.POINTS.full(0.076590) == "+7.66 points"
    assert figures.POINTS.short(-0.0123) == "-1.23 pp"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(0.0432, "0.0432", id="plain"),
        pytest.param(1e-12, "1.0e-12", id="small"),
        pytest.param(0.0, "< 1e-300", id="underflowed"),
        pytest.param(None, "–", id="absent"),
    ],
)
def test_p_value_is_never_shown_as_zero(value: float | None, shown: str) -> None:
    assert figures.p_value(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(1.0, "> 99.99 %"), (0.0, "< 0.01 %"), (0.975, "97.50 %"), (None, "–")])
def test_chance_claims_no_certainty(value: float | None, shown: str) -> None:
    assert figures.chance(value) == shown


@given(st.floats(min_value=-1e12, max_value=1e12, allow_nan=False).filter(lambda value: abs(value) > 1e-9))
def test_no_number_but_zero_is_shown_without_a_digit_other_than_zero(value: float) -> None:
    for shown in (figures.number(value), figures.hundredths(value), figures.RELATIVE.full(value)):
        assert any(digit in shown for digit in "123456789")
