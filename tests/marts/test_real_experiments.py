"""Real experiments from file to results: 78 of ASOS as sufficient statistics, Hillstrom's e-mail test as units."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import stats

from gateway.marts.build import build
from gateway.marts.importing import import_aggregates, import_units, parse_metric
from gateway.stats import ArmColumns, compare_columns

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
ASOS, HILLSTROM = DATA / "asos_digital_experiments.csv", DATA / "hillstrom_email.csv"
MAPPING = {
    "experiment": "experiment_id", "variation": "variant_id", "metric": "metric_id", "time": "time_since_start",
    "n_control": "count_c", "n_treatment": "count_t", "mean_control": "mean_c", "mean_treatment": "mean_t",
    "variance_control": "variance_c", "variance_treatment": "variance_t",
}  # fmt: skip
KINDS = {"1": "occurrence", "2": "count", "3": "count", "4": "sum"}
INFERRED = (
    "uplift_abs", "ci_low", "ci_high", "p_value_two_sided", "chance_to_win", "sequential_ci_low", "sequential_p_value",
)  # fmt: skip
Rows = list[tuple[Any, ...]]


def rows(warehouse: Path, query: str) -> Rows:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


@pytest.fixture(scope="module")
def asos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All 78 experiments, imported and built as running ones."""
    if not ASOS.exists():
        pytest.skip("the public ASOS file is not beside this repository")
    warehouse = tmp_path_factory.mktemp("asos") / "warehouse.duckdb"
    import_aggregates(warehouse, ASOS, mapping=MAPPING, metric_aggregations=KINDS, running=True,
                      started_at=date(2026, 1, 1))  # fmt: skip
    build(warehouse, ROOT / "marts_sql")
    return warehouse


def test_every_asos_experiment_has_results_and_what_is_degenerate_says_why(asos: Path) -> None:
    found = rows(
        asos,
        f"""select count(*), count(distinct experiment_id), count(*) filter (not_computable is null),
                count(*) filter (not_computable is not null and coalesce({", ".join(INFERRED)}) is null),
                count(*) filter ({" is not null and ".join(INFERRED)} is not null),
                count(*) filter (not_computable is not null and statsig = 'insufficient_data'
                                 and verdict in ('inconclusive', 'unreliable'))
            from fct_experiment_results where analysis_population = 'itt'""",
    )
    assert found == [(396, 78, 381, 15, 381, 15)]


def test_asos_results_are_the_kernels_on_each_arms_last_snapshot(asos: Path) -> None:
    file = f"""
        select experiment_id, variant_id::varchar as variant_id, 'metric_' || metric_id as metric_id,
            arg_max({{}}, time_since_start)
        from read_csv('{ASOS}') group by all order by all"""
    last = duckdb.execute(
        file.format("struct_pack(nc := count_c, mc := mean_c, vc := variance_c, nt := count_t, mt := mean_t, "
                    "vt := variance_t)")
    ).fetchall()  # fmt: skip
    arms = [row[3] for row in last]
    sides = [
        ArmColumns.of(*(np.array([np.nan if arm[part] is None else arm[part] for arm in arms]) for part in names))
        for names in (("nc", "mc", "vc"), ("nt", "mt", "vt"))
    ]
    sides = [ArmColumns.of(side.n, side.mean, side.m2 * (side.n - 1.0)) for side in sides]
    direct = compare_columns(*sides, aggregation=[KINDS[row[2][-1]] for row in last], running=True)
    stored = rows(
        asos,
        """select experiment_id, variation_id, metric_id, p_value_two_sided, sequential_p_value, sequential_ci_low,
               lift_ci_high, basis
           from fct_experiment_results where analysis_population = 'itt' order by 1, 2, 3""",
    )
    names = sorted({row[0] for row in stored})
    assert len(names) == 78
    assert [row[1:3] for row in stored] == [(str(row[1]), row[2]) for row in last]
    assert {row[7] for row in stored} == {"always_valid"}
    for place, name in ((3, "p_value"), (4, "sequential_p_value"), (5, "sequential_ci_low"), (6, "lift_ci_high")):
        column = np.array([np.nan if row[place] is None else row[place] for row in stored])
        np.testing.assert_allclose(column, getattr(direct, name), rtol=1e-9, atol=1e-14, equal_nan=True)


def test_every_asos_snapshot_of_the_daily_mart_is_answered_or_has_a_reason(asos: Path) -> None:
    with duckdb.connect(str(asos), read_only=True) as con:
        cells = con.execute(
            """select t.metric_id, c.n as nc, c.mean as mc, c.m2 as sc, t.n as nt, t.mean as mt, t.m2 as st
               from agg_experiment_metric_daily as t
               inner join agg_experiment_metric_daily as c
                   using (experiment_id, metric_id, analysis_population, dimension, dimension_value, date_day)
               where analysis_population = 'itt' and t.variation_id <> 'control' and c.variation_id = 'control'"""
        ).fetchnumpy()
    kinds = [KINDS[name[-1]] for name in cells["metric_id"].tolist()]
    found = compare_columns(
        ArmColumns.of(cells["nc"], cells["mc"], cells["sc"]), ArmColumns.of(cells["nt"], cells["mt"], cells["st"]),
        aggregation=kinds, running=True,
    )  # fmt: skip
    assert len(found) > 10_000
    silent = np.array([code is not None for code in found.reason.tolist()])
    assert np.array_equal(silent, np.isnan(found.p_value))
    assert 0 < silent.sum() < 800
    assert set(found.reason[silent]) <= {"variance_undefined", "too_few_units", "too_few_conversions"}


def test_asos_splits_are_judged_one_by_one(asos: Path) -> None:
    found = rows(
        asos,
        "select status, basis, p_value, sequential_p_value from fct_experiment_srm where analysis_population = 'itt'",
    )
    assert len(found) == 78
    for status, basis, p_value, sequential in found:
        assert status == ("mismatch" if min(p_value, sequential) < 0.001 else "ok")
        assert basis == ("always_valid" if sequential < 0.001 <= p_value else "fixed")


def test_hillstroms_effects_are_those_of_its_own_rows(tmp_path: Path) -> None:
    """And the published ones: men's e-mail adds 7.66 points of visits and 0.77 dollars, women's 4.52 and 0.42."""
    if not HILLSTROM.exists():
        pytest.skip("the public Hillstrom file is not beside this repository")
    warehouse = tmp_path / "warehouse.duckdb"
    import_units(
        warehouse, HILLSTROM, experiment="hillstrom", variant="segment", control="No E-Mail",
        metrics=[parse_metric(each) for each in ("visit:occurrence", "spend:sum")],
    )  # fmt: skip
    build(warehouse, ROOT / "marts_sql")
    stored = {
        (metric, arm): numbers
        for metric, arm, *numbers in rows(
            warehouse,
            """select metric_id, variation_id, uplift_abs, ci_low, ci_high, p_value_two_sided, srm_status
               from fct_experiment_results where analysis_population = 'itt' and dimension = 'all'""",
        )
    }
    file = duckdb.execute(f"select segment, visit, spend from read_csv('{HILLSTROM}')").fetchnumpy()
    control = file["segment"] == "No E-Mail"
    for arm, segment, visits, dollars in (("mens_e_mail", "Mens E-Mail", 0.0766, 0.77),
                                          ("womens_e_mail", "Womens E-Mail", 0.0452, 0.42)):  # fmt: skip
        treated = file["segment"] == segment
        oracle = stats.ttest_ind(file["spend"][treated], file["spend"][control], equal_var=False)
        difference, low, high, p_value, srm = stored["spend", arm]
        assert difference == pytest.approx(dollars, abs=0.005)
        interval = oracle.confidence_interval(0.95)
        assert (low, high, p_value) == pytest.approx((interval.low, interval.high, oracle.pvalue), rel=1e-9)
        assert srm == "ok"
        assert stored["visit", arm][0] == pytest.approx(visits, abs=0.00005)
