"""Results in words, at the edges of each class."""

import math

import numpy as np
import pytest

from gateway.stats import Statsig, classify, classify_columns


@pytest.mark.parametrize(
    ("p_value", "difference", "desired", "word"),
    [
        (0.0499, 1.0, "increase", Statsig.SIGNIFICANT_POSITIVE),
        (0.05, 1.0, "increase", Statsig.DIRECTIONAL_POSITIVE),
        (0.2499, -1.0, "increase", Statsig.DIRECTIONAL_NEGATIVE),
        (0.25, -1.0, "increase", Statsig.FLAT),
        (1e-300, -1.0, "decrease", Statsig.SIGNIFICANT_POSITIVE),
        (0.1, 1.0, "decrease", Statsig.DIRECTIONAL_NEGATIVE),
        (0.0, 0.0, "increase", Statsig.FLAT),
        (math.nan, 1.0, "increase", Statsig.INSUFFICIENT_DATA),
        (0.01, math.nan, "increase", Statsig.INSUFFICIENT_DATA),
        (None, None, "decrease", Statsig.INSUFFICIENT_DATA),
    ],
)
def test_classify(p_value: float | None, difference: float | None, desired: str, word: Statsig) -> None:
    assert classify(p_value, difference, desired) == word


def test_significance_follows_the_level_asked_for() -> None:
    assert classify(0.03, 1.0, level=0.99) == Statsig.DIRECTIONAL_POSITIVE
    assert classify(0.07, 1.0, level=0.9) == Statsig.SIGNIFICANT_POSITIVE


def test_a_column_is_its_rows_one_by_one() -> None:
    rng = np.random.default_rng(4)
    p, moved = rng.random(300) ** 2, rng.normal(size=300)
    desired = ["increase", "decrease"] * 150
    column = classify_columns(p, moved, desired)
    assert column.tolist() == [classify(*row) for row in zip(p.tolist(), moved.tolist(), desired, strict=True)]
