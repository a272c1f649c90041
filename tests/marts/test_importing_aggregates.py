"""Importing sufficient statistics: both layouts end as the same snapshots, and what is empty stays empty."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gateway.errors import UsageError
from gateway.marts.importing import ImportReport, import_aggregates, import_units, parse_metric
from gateway.marts.synthetic import seed

ROOT = Path(__file__).parents[2]
ASOS = ROOT.parent / "shared" / "data" / "asos_digital_experiments.csv"
ASOS_MAPPING = {
    "experiment": "experiment_id", "variation": "variant_id", "metric": "metric_id", "time": "time_since_start",
    "n_control": "count_c", "n_treatment": "count_t", "mean_control": "mean_c", "mean_treatment": "mean_t",
    "variance_control": "variance_c", "variance_treatment": "variance_t",
}  # fmt: skip
PAIRED = {
    "experiment": "exp", "variation": "arm", "metric": "m", "time": "day",
    "n_control": "nc", "n_treatment": "nt", "mean_control": "mc", "mean_treatment": "mt",
    "variance_control": "vc", "variance_treatment": "vt",
}  # fmt: skip
PAIRED_HEADER = "exp,arm,m,day,nc,nt,mc,mt,vc,vt\n"
WITHOUT_CONTROL = {"variation": "arm", "n": "nc", "mean": "mc", "variance": "vc", "metric": "m"}
LONG = {"variation": "arm", "n": "n", "mean": "mean", "variance": "var"}
Rows = list[tuple[Any, ...]]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def put(text: str) -> Path:
        file = tmp_path / "arms.csv"
        file.write_text(text)
        return file

    return put


def rows(warehouse: Path, query: str) -> Rows:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


SNAPSHOTS = """select experiment_id, metric_id, variation_id, date_day::varchar, n, mean, m2, conversions
               from imp_aggregates"""


def paired(warehouse: Path, file: Path, **options: Any) -> ImportReport:
    return import_aggregates(warehouse, file, mapping=PAIRED, **options)


def test_paired_rows_become_a_snapshot_for_each_side(warehouse: Path, write: Callable[[str], Path]) -> None:
    file = write(PAIRED_HEADER + "7,b,1,0.5,10,11,0.2,0.25,0.5,0.75\n7,b,1,1,20,21,0.3,0.25,0.5,0.75\n")
    start = date(2026, 3, 1)
    report = paired(warehouse, file, metric_aggregations={"1": "occurrence"}, prefix="shop_", started_at=start)
    assert (report.experiments, report.metrics, report.rows) == (("shop_7",), (("metric_1", "occurrence"),), 4)
    assert rows(warehouse, SNAPSHOTS) == [
        ("shop_7", "metric_1", "b", "2026-03-01", 11, 0.25, 7.5, 3),
        ("shop_7", "metric_1", "b", "2026-03-02", 21, 0.25, 15.0, 5),
        ("shop_7", "metric_1", "control", "2026-03-01", 10, 0.2, 4.5, 2),
        ("shop_7", "metric_1", "control", "2026-03-02", 20, 0.3, 9.5, 6),
    ]
    assert rows(warehouse, "select distinct analysis_population, dimension, dimension_value from imp_aggregates") == [
        ("itt", "all", "all")]  # fmt: skip
    found = rows(
        warehouse,
        "select status, started_at::date::varchar, ended_at::date::varchar, primary_metric_id from raw_experiments",
    )
    assert found == [("ended", "2026-03-01", "2026-03-03", "metric_1")]
    assert rows(warehouse, "select variation_id, is_control from raw_experiment_variations") == [
        ("control", True), ("b", False)]  # fmt: skip


def test_the_latest_snapshot_of_a_day_wins(warehouse: Path, write: Callable[[str], Path]) -> None:
    paired(warehouse, write(PAIRED_HEADER + "e,b,x,1.5,30,30,2,2,1,1\ne,b,x,1.2,20,20,9,9,1,1\n"))
    assert rows(warehouse, f"select variation_id, n, mean from ({SNAPSHOTS})") == [("b", 30, 2.0), ("control", 30, 2.0)]


def test_treatments_share_one_control_and_a_differing_copy_is_noted(
    warehouse: Path, write: Callable[[str], Path]
) -> None:
    same = paired(warehouse, write(PAIRED_HEADER + "e,b,x,1,30,31,2,2,1,1\ne,c,x,1,30,32,2,2,1,1\n"))
    assert rows(warehouse, "select variation_id, n from imp_aggregates") == [("b", 31), ("c", 32), ("control", 30)]
    assert not [note for note in same.notes if "different controls" in note]
    differs = paired(warehouse, write(PAIRED_HEADER + "e,b,x,1,30,31,2,2,1,1\ne,c,x,1,40,32,2,2,1,1\n"), replace=True)
    assert rows(warehouse, "select n from imp_aggregates where variation_id = 'control'") == [(40,)]
    assert "1 snapshots give different controls for one experiment: the largest is taken." in differs.notes


def test_empty_cells_stay_empty(warehouse: Path, write: Callable[[str], Path]) -> None:
    file = write(PAIRED_HEADER + "e,b,x,1,,0,,0,,0\ne,b,y,1,5,1,2,3,,NaN\n")
    paired(warehouse, file, metric_aggregations={"x": "occurrence"})
    assert rows(warehouse, "select metric_id, variation_id, n, mean, m2, conversions from imp_aggregates") == [
        ("x", "b", 0, None, None, None), ("x", "control", 0, None, None, None),
        ("y", "b", 1, 3.0, None, None), ("y", "control", 5, 2.0, None, None),
    ]  # fmt: skip


def test_long_layout_by_moments_and_by_sums_agree(warehouse: Path, write: Callable[[str], Path]) -> None:
    file = write("arm,n,mean,var\nA,4,2.5,1.6666666666666667\nB,2,3,2\n")
    import_aggregates(warehouse, file, mapping=LONG, experiment="e", control="A", metric_aggregations={"spend": "sum"})
    moments = rows(warehouse, SNAPSHOTS)
    sums = {"variation": "arm", "n": "n", "sum": "total", "sum_squares": "squares"}
    file = write("arm,n,total,squares\nA,4,10,30\nB,2,6,20\n")
    import_aggregates(warehouse, file, mapping=sums, experiment="e", control="A", metric_aggregations={"spend": "sum"},
                      replace=True)  # fmt: skip
    assert rows(warehouse, SNAPSHOTS) == moments
    assert moments == [
        ("e", "spend", "a", "2000-01-01", 4, 2.5, 5.0, None),
        ("e", "spend", "b", "2000-01-01", 2, 3.0, 2.0, None),
    ]


def test_long_layout_equals_the_same_units_imported_one_by_one(warehouse: Path, write: Callable[[str], Path]) -> None:
    units = write("arm,spent\nA,1\nA,2\nA,3\nA,4\nB,2\nB,4\n")
    spend = parse_metric("spend=spent:sum")
    import_units(warehouse, units, experiment="u", variant="arm", control="A", metrics=[spend])
    by_unit = rows(
        warehouse,
        """select variation_id, count(*), avg(value), var_samp(value) * (count(*) - 1)
           from imp_outcomes join imp_units using (experiment_id, unit_id) group by 1 order by 1""",
    )
    file = write("arm,n,mean,var\nA,4,2.5,1.6666666666666667\nB,2,3,2\n")
    import_aggregates(warehouse, file, mapping=LONG, experiment="e", control="A", metric_aggregations={"spend": "sum"})
    assert rows(warehouse, "select variation_id, n, mean, m2 from imp_aggregates") == by_unit


def test_dates_in_the_time_column_are_dates(warehouse: Path, write: Callable[[str], Path]) -> None:
    file = write("arm,n,mean,var,on\nA,4,2.5,1,2026-04-02\nB,2,3,2,2026-04-02\nA,8,2,1,2026-04-05\n")
    import_aggregates(warehouse, file, mapping={**LONG, "time": "on"}, experiment="e", control="A",
                      metric_aggregations={"spend": "sum"}, running=True)  # fmt: skip
    assert rows(warehouse, "select variation_id, date_day::varchar, n from imp_aggregates") == [
        ("a", "2026-04-02", 4), ("a", "2026-04-05", 8), ("b", "2026-04-02", 2)]  # fmt: skip
    found = rows(warehouse, "select started_at::date::varchar, ended_at, as_of::date::varchar from raw_experiments")
    assert found == [("2026-04-02", None, "2026-04-06")]


def test_one_experiment_of_a_file_can_be_picked(warehouse: Path, write: Callable[[str], Path]) -> None:
    file = write(PAIRED_HEADER + "one,b,x,1,30,31,2,2,1,1\ntwo,b,x,1,30,31,2,2,1,1\n")
    assert paired(warehouse, file, experiment="two").experiments == ("two",)
    assert rows(warehouse, "select distinct experiment_id from imp_aggregates") == [("two",)]
    with pytest.raises(UsageError, match=r"has no 'tow'\. Did you mean 'two'"):
        paired(warehouse, file, experiment="tow")


def test_asos_comes_in_whole_and_its_gaps_stay_gaps(warehouse: Path) -> None:
    if not ASOS.exists():
        pytest.skip("the public ASOS file is not beside this repository")
    report = import_aggregates(
        warehouse, ASOS, mapping=ASOS_MAPPING, prefix="asos_",
        metric_aggregations={"1": "occurrence", "2": "count", "3": "count", "4": "mean"},
    )  # fmt: skip
    assert len(report.experiments) == 78
    assert rows(warehouse, "select count(distinct (experiment_id, variation_id)) from imp_aggregates") == [(78 + 99,)]
    assert rows(
        warehouse,
        """select metric_id, count(*) filter (where m2 is null) > 0, count(*) filter (where conversions is null) = 0
           from imp_aggregates group by 1 order by 1""",
    ) == [("metric_1", False, True), ("metric_2", True, False), ("metric_3", True, False), ("metric_4", True, False)]
    last = rows(
        warehouse,
        """select variation_id, max_by(n, date_day), round(max_by(mean, date_day), 6) from imp_aggregates
           where experiment_id = 'asos_036afc' and metric_id = 'metric_1' group by 1 order by 1""",
    )
    in_file = duckdb.execute(
        f"""select max_by(count_t, time_since_start), round(max_by(mean_t, time_since_start), 6),
                   max_by(count_c, time_since_start), round(max_by(mean_c, time_since_start), 6)
            from read_csv('{ASOS}') where experiment_id = '036afc' and metric_id = 1"""
    ).fetchone()
    assert in_file == (last[0][1], last[0][2], last[1][1], last[1][2])


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        pytest.param("e,b,x,1,10,ten,2,2,1,1\n", {}, "must hold numbers, and holds 'ten' in row 1", id="text"),
        pytest.param("e,b,x,1,10,1.5,2,2,1,1\n", {}, "must hold whole counts, and holds '1.5'", id="half a unit"),
        pytest.param("e,b,x,1,-1,1,2,2,1,1\n", {}, "must hold whole counts, and holds '-1'", id="minus one"),
        pytest.param("e,b,x,1,10,10,2,2,-1,1\n", {}, "can't be negative '-1' in row 1", id="variance"),
        pytest.param("e,,x,1,10,10,2,2,1,1\n", {}, r"'arm' \(variation\) is empty row 1", id="no arm"),
        pytest.param("e,b,x,soon,10,10,2,2,1,1\n", {}, "must hold days or dates, and holds 'soon'", id="time"),
        pytest.param("e,b,x,-2,10,10,2,2,1,1\n", {}, "must hold days since the start", id="before"),
        pytest.param("e,control,x,1,10,10,2,2,1,1\n", {}, "names a treatment 'control'", id="name"),
        pytest.param("e,b,x,1,9,9,2,2,1,1\ne,b,x,1,9,8,2,2,1,1\n", {}, "more than once: rows 1 and 2", id="twice"),
        pytest.param("e,b,x,1,10,10,2,2,1,1\n", {"metric_aggregations": {"x": "occurrence"}},
                     "the mean of an occurrence lies between 0 and 1, but there is 2 in row 1", id="rate of two"),
        pytest.param("e,b,x,1,10,10,2,2,1,1\n", {"metric_aggregations": {"y": "sum"}}, "no metric 'y'", id="metric"),
        pytest.param("e,b,x,1,10,10,2,2,1,1\n", {"metric_aggregations": {"x": "ratio"}}, "a ratio can't", id="ratio"),
        pytest.param("e,b,x,1,10,10,2,2,1,1\n", {"mapping": {**PAIRED, "metrc": "m"}},
                     "no part named 'metrc'. Did you mean 'metric'", id="part"),
        pytest.param("e,b,x,1,10,10,2,2,1,1\n", {"mapping": {**PAIRED, "n_control": "ncc"}},
                     "has no column 'ncc'. Did you mean 'nc'", id="column"),
        pytest.param("e,b,x,1,10,10,2,2,1,1\n", {"mapping": {"n_control": "nc"}, "experiment": "e"},
                     "no column given for 'mean_control'", id="half a mapping"),
        pytest.param("e,b,x,1,10,10,2,2,1,1\n", {"mapping": WITHOUT_CONTROL, "experiment": "e"},
                     "no control: say which arm it is", id="no control"),
        pytest.param("e,b,x,1,10,10,2,2,1,1\n", {"mapping": WITHOUT_CONTROL, "experiment": "e", "control": "a"},
                     "has no value 'a'", id="control not there"),
        pytest.param("", {}, "has a header and no rows", id="no rows"),
    ],
)  # fmt: skip
def test_bad_input_is_said_and_leaves_no_warehouse(
    warehouse: Path, write: Callable[[str], Path], text: str, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        import_aggregates(warehouse, write(PAIRED_HEADER + text), **{"mapping": PAIRED, **options})
    assert not warehouse.exists()


def test_a_failed_import_keeps_what_was_there(warehouse: Path, write: Callable[[str], Path]) -> None:
    paired(warehouse, write(PAIRED_HEADER + "e,b,x,1,30,31,2,2,1,1\n"))
    before = rows(warehouse, SNAPSHOTS)
    with pytest.raises(UsageError, match="'e' is already imported"):
        paired(warehouse, write(PAIRED_HEADER + "e,b,x,1,40,41,2,2,1,1\n"))
    with pytest.raises(UsageError, match="must hold numbers"):
        paired(warehouse, write(PAIRED_HEADER + "e,b,x,1,40,many,2,2,1,1\n"), replace=True)
    assert rows(warehouse, SNAPSHOTS) == before


def test_a_demo_experiment_is_never_imported_over(warehouse: Path, write: Callable[[str], Path]) -> None:
    seed(warehouse, seeds=ROOT / "seeds", users=1, days=10)
    with pytest.raises(UsageError, match="belongs to the demo world"):
        paired(warehouse, write(PAIRED_HEADER + "price_badges,b,x,1,30,31,2,2,1,1\n"), replace=True)
