"""Holm's correction of a few p-values: the kernel's own numbers, without NumPy."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.stats import holm
from gateway.stats.holm_few import holm_few

P = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.05, 1e-300, 5e-324]))


@given(st.lists(P, max_size=40))
def test_it_gives_what_the_kernel_gives_to_the_bit(p_values: list[float]) -> None:
    assert holm_few(p_values) == holm(p_values).tolist()


def test_a_worked_example() -> None:
    """Holm 1979 by hand: 0.01 * 4, 0.015 * 3 (at least the one before), 0.02 * 2 (at least 0.045), 0.9."""
    assert holm_few([0.02, 0.01, 0.9, 0.015]) == pytest.approx([0.045, 0.04, 0.9, 0.045])


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan, math.inf])
def test_what_is_no_p_value_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="a p-value lies between 0 and 1"):
        holm_few([0.5, wrong])


def test_it_loads_no_numpy() -> None:
    program = "import sys; from gateway.stats.holm_few import holm_few; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
