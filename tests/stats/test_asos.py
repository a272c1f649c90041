"""Every snapshot of 78 real experiments (Liu et al. 2021) through the kernel: the right answer, or a reason."""

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest

from gateway.stats import (
    ArmColumns,
    Comparison,
    ComparisonColumns,
    NotComputable,
    VariantStats,
    compare,
    compare_columns,
    comparison_at,
    srm_p_values,
)

ASOS = Path(__file__).parents[3] / "shared" / "data" / "asos_digital_experiments.csv"
KINDS = np.array([None, "occurrence", "count", "count", "sum"], dtype=object)
"""Of the file's metrics 1 to 4."""
NUMBERS = (
    "difference", "ci_low", "ci_high", "standard_error", "statistic", "p_value", "sequential_ci_low",
    "sequential_ci_high", "sequential_p_value", "chance_to_win",
)  # fmt: skip
Snapshots = dict[str, NDArray[Any]]

pytestmark = pytest.mark.skipif(not ASOS.exists(), reason="the public ASOS file is not beside this repository")


@pytest.fixture(scope="module")
def snapshots() -> Snapshots:
    """Every column of the file, empty cells as NaN."""
    columns = duckdb.execute(f"select * from read_csv('{ASOS}') order by all").fetchnumpy()
    return {name: np.ma.filled(column, np.nan) if isinstance(column, np.ma.MaskedArray) else column
            for name, column in columns.items()}  # fmt: skip


@pytest.fixture(scope="module")
def compared(snapshots: Snapshots) -> ComparisonColumns:
    return compare_columns(
        side(snapshots, "c"), side(snapshots, "t"), aggregation=KINDS[snapshots["metric_id"]], running=True
    )


def side(snapshots: Snapshots, arm: str) -> ArmColumns:
    n = snapshots[f"count_{arm}"].astype(np.float64)
    return ArmColumns.of(n, snapshots[f"mean_{arm}"], snapshots[f"variance_{arm}"] * (n - 1.0))


def empty(snapshots: Snapshots) -> NDArray[np.bool_]:
    """Snapshots of arms without units, or with a moment missing."""
    cells = [snapshots[f"{part}_{arm}"].astype(np.float64) for part in ("mean", "variance") for arm in "ct"]
    units = np.minimum(snapshots["count_c"], snapshots["count_t"])
    return np.asarray(np.isnan(cells).any(axis=0) | (units == 0))


def test_the_file_is_the_published_one(snapshots: Snapshots) -> None:
    arms = {*zip(snapshots["experiment_id"], snapshots["variant_id"], strict=True)}
    assert (len(snapshots["count_c"]), len({each for each, _ in arms}), len(arms)) == (24_153, 78, 99)


def test_every_snapshot_is_answered_or_has_a_reason_and_exactly_the_empty_ones_have(
    snapshots: Snapshots, compared: ComparisonColumns
) -> None:
    silent = np.array([code is not None for code in compared.reason.tolist()])
    assert Counter(compared.reason.tolist()) == {None: 23_366, "variance_undefined": 779, "too_few_units": 8}
    assert np.array_equal(silent, empty(snapshots))
    for name in NUMBERS:
        column = getattr(compared, name)
        assert np.isnan(column[silent]).all(), name
        assert np.isfinite(column[~silent]).all(), name
    assert set(compared.statsig[silent]) == {"insufficient_data"}
    assert all(text for text, row in zip(compared.not_computable(), silent, strict=True) if row)


def test_answers_are_in_order_and_in_range(compared: ComparisonColumns) -> None:
    with np.errstate(invalid="ignore"):
        shown = ~np.isnan(compared.difference)
        for low, value, high in (
            ("ci_low", "difference", "ci_high"),
            ("sequential_ci_low", "ci_low", "difference"),
            ("difference", "ci_high", "sequential_ci_high"),
        ):
            assert (getattr(compared, low) <= getattr(compared, value))[shown].all()
            assert (getattr(compared, value) <= getattr(compared, high))[shown].all()
    for name in ("p_value", "sequential_p_value", "chance_to_win"):
        column = getattr(compared, name)[shown]
        assert ((column >= 0) & (column <= 1)).all()
    lifted = ~np.isnan(compared.lift)
    assert np.array_equal(lifted, [code is None for code in compared.lift_reason.tolist()])
    assert (np.sign(compared.lift) == np.sign(compared.difference))[lifted].all()


def test_p_values_are_those_of_scipy_and_statsmodels(snapshots: Snapshots, compared: ComparisonColumns) -> None:
    answered = ~empty(snapshots)
    means = answered & (snapshots["metric_id"] != 1)
    arms = [snapshots[f"{part}_{arm}"][means] for arm in "tc" for part in ("mean", "variance", "count")]
    found = stats.ttest_ind_from_stats(
        arms[0], np.sqrt(arms[1]), arms[2], arms[3], np.sqrt(arms[4]), arms[5], equal_var=False
    )
    np.testing.assert_allclose(compared.p_value[means], found.pvalue, rtol=1e-8)
    binary = np.flatnonzero(answered & (snapshots["metric_id"] == 1))[::7]
    units = np.stack([snapshots["count_c"][binary], snapshots["count_t"][binary]], axis=1)
    rates = np.stack([snapshots["mean_c"][binary], snapshots["mean_t"][binary]], axis=1)
    oracle = [proportions_ztest(n * p, n)[1] for n, p in zip(units, rates, strict=True)]
    np.testing.assert_allclose(compared.p_value[binary], oracle, rtol=1e-7)


def test_one_snapshot_at_a_time_gives_the_same_answers(snapshots: Snapshots, compared: ComparisonColumns) -> None:
    rows = np.unique(np.concatenate([np.flatnonzero(empty(snapshots)), np.arange(0, len(compared), 40)]))
    kinds: Counter[type] = Counter()
    for i in rows.tolist():
        arms = [
            VariantStats.from_moments(int(arm.n[i]), float(arm.mean[i]), float(arm.m2[i]))
            for arm in (compared.control, compared.treatment)
        ]
        alone = compare(arms[0], arms[1], aggregation=compared.aggregation[i], running=True)
        kinds[type(alone)] += 1
        together = comparison_at(compared, i)
        if isinstance(alone, NotComputable):
            assert alone == together
        else:
            assert isinstance(together, Comparison)
            assert (alone.difference, alone.lift, alone.sequential, alone.p_value, alone.statsig) == (
                together.difference, together.lift, together.sequential, together.p_value, together.statsig
            )  # fmt: skip
    assert kinds[NotComputable] == 787
    assert kinds[Comparison] > 500


def test_whoever_waits_for_the_always_valid_verdict_calls_less_than_whoever_looks_daily(
    snapshots: Snapshots, compared: ComparisonColumns
) -> None:
    fixed, always = compared.p_value < 0.05, compared.sequential_p_value < 0.05
    assert not (always & ~fixed).any()
    keys = [*zip(*(snapshots[name] for name in ("experiment_id", "variant_id", "metric_id")), strict=True)]
    ever = [{key for key, called in zip(keys, column, strict=True) if called} for column in (fixed, always)]
    assert ever[1] < ever[0]
    assert len(set(keys)) == 396


def test_every_split_has_a_p_value_or_no_units(snapshots: Snapshots) -> None:
    counts = np.stack([snapshots["count_c"], snapshots["count_t"]], axis=1)
    p = srm_p_values(counts, [0.5, 0.5])
    assert np.array_equal(np.isnan(p), counts.sum(axis=1) == 0)
    oracle = stats.chisquare(counts[::101], axis=1).pvalue
    np.testing.assert_allclose(p[::101], oracle, rtol=1e-8)
