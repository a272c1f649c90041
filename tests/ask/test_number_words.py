"""Numbers in English words, against a spelling of our own."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ask.number_words import spelt
from gateway.ask.numerals import read
from tests.ask.test_grounding_properties import in_words


@given(st.integers(2, 999_999), st.sampled_from([str, str.title, str.upper]))
@settings(max_examples=300)
def test_whole_numbers_are_read_as_they_are_spelt(number: int, style: type[str]) -> None:
    (found,) = spelt(f"There were {style(in_words(number))} users.")
    assert found.value == number


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("a hundred", "100", "whole"),
        ("two dozen", "24", "whole"),
        ("three million two hundred thousand", "3200000", "whole"),
        ("one point two five", "1.25", "whole"),
        ("half", "0.5", "fraction"),
        ("two thirds", str(Decimal(2) / 3), "fraction"),
        ("a quarter", "0.25", "fraction"),
        ("three-fourths", "0.75", "fraction"),
        ("doubled", "2", "multiple"),
        ("twice", "2", "multiple"),
        ("halving", "0.5", "multiple"),
    ],
)
def test_other_forms(text: str, value: str, kind: str) -> None:
    (found,) = spelt(f"It was {text}, said once.")
    assert (found.value, found.kind) == (Decimal(value), kind)


@pytest.mark.parametrize("text", ["two three", "twenty thirty", "hundred two three", "three thousand million billion"])
def test_words_that_make_no_number_are_known_to_make_none(text: str) -> None:
    assert [found.value for found in spelt(text)] == [None]
    assert read(text).unreadable == text


@pytest.mark.parametrize(
    "text",
    ["the first of them", "the second one", "a two-sided test", "one-page checkout",
     "no one said so", "this one", "the last quarter", "third-party", "the third arm", "someone", "often", "weight"],
)  # fmt: skip
def test_words_that_count_nothing_are_left_alone(text: str) -> None:
    found = read(text)
    assert (found.quantities, found.unreadable) == ((), "")
