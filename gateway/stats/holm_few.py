"""Holm's correction of a few p-values, without NumPy: somebody is waiting, and loading NumPy takes longer than this.

The same numbers as `gateway.stats.multiplicity.holm` gives for one family, to the bit; a test holds them together.
"""

from collections.abc import Sequence


def holm_few(p_values: Sequence[float]) -> list[float]:
    """Holm (1979) of one family: p_(i) (m - i + 1), running maximum, at most 1, each in its own place.

    Raises ValueError for what is no p-value, NaN included: an unknown one is no member of a family.
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError("a p-value lies between 0 and 1")
    adjusted = [0.0] * len(p_values)
    least = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, p_values[place] * (len(p_values) - rank))
        adjusted[place] = min(1.0, least)
    return adjusted
