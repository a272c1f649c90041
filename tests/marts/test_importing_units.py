"""Importing a row for each unit: what is written, and what is said about files that can't be."""

import contextlib
import gzip
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import EngineError, GatewayError, UsageError
from gateway.marts.importing import ImportReport, MetricSpec, import_units, parse_metric
from gateway.marts.importing_catalogue import IMPORTED
from gateway.marts.synthetic import seed

ROOT = Path(__file__).parents[2]
HILLSTROM = ROOT.parent / "shared" / "data" / "hillstrom_email.csv"
Rows = list[tuple[Any, ...]]

SMALL = """id,arm,bought,spent,visits,before,city
u1,Control,1,10.50,3,2,Ulm
u2,Control,0,0,2,1,Bonn
u3,New page,1,20,4,3,Ulm
u4,New page,true,5,1,0,
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Puts text or bytes into a CSV file."""

    def put(text: str | bytes, name: str = "data.csv") -> Path:
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return put


def do_import(warehouse: Path, file: Path, *metrics: str, **options: Any) -> ImportReport:
    chosen: dict[str, Any] = {"experiment": "page", "variant": "arm", "control": "Control", **options}
    return import_units(warehouse, file, metrics=[parse_metric(each) for each in metrics or ("bought",)], **chosen)


def rows(warehouse: Path, query: str) -> Rows:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def everything(warehouse: Path) -> dict[str, Rows]:
    return {table: rows(warehouse, f"select * from {table} order by all") for table in (*IMPORTED, "raw_metrics")}


def test_units_outcomes_dimensions_and_catalogue_are_written(warehouse: Path, write: Callable[[str], Path]) -> None:
    metrics = ("bought=bought:occurrence", "spend=spent:sum", "spend_per_visit=spent/visits:ratio")
    report = do_import(warehouse, write(SMALL), *metrics, unit="id", covariate="before", dimensions=["city"])
    assert report.variations == (("control", "Control", 2), ("new_page", "New page", 2))
    assert report.metrics == (("bought", "occurrence"), ("spend", "sum"), ("spend_per_visit", "ratio"))
    assert (report.experiments, report.rows, report.replaced) == (("page",), 4, False)
    assert rows(warehouse, "select unit_id, variation_id from imp_units") == [
        ("u1", "control"), ("u2", "control"), ("u3", "new_page"), ("u4", "new_page")]  # fmt: skip
    assert rows(warehouse, "select metric_id, unit_id, value, denominator, covariate from imp_outcomes") == [
        ("bought", "u1", 1, None, 2), ("bought", "u2", 0, None, 1),
        ("bought", "u3", 1, None, 3), ("bought", "u4", 1, None, 0),
        ("spend", "u1", 10.5, None, 2), ("spend", "u2", 0, None, 1),
        ("spend", "u3", 20, None, 3), ("spend", "u4", 5, None, 0),
        ("spend_per_visit", "u1", 10.5, 3, 2), ("spend_per_visit", "u2", 0, 2, 1),
        ("spend_per_visit", "u3", 20, 4, 3), ("spend_per_visit", "u4", 5, 1, 0),
    ]  # fmt: skip
    assert rows(warehouse, "select unit_id, dimension, dimension_value from imp_unit_dimensions") == [
        ("u1", "city", "Ulm"), ("u2", "city", "Bonn"), ("u3", "city", "Ulm"), ("u4", "city", "unknown")]  # fmt: skip
    assert rows(warehouse, "select * exclude (experiment_id) from raw_experiment_variations") == [
        ("control", "Control", True, 0.5, "import"), ("new_page", "New page", False, 0.5, "import")]  # fmt: skip
    assert rows(warehouse, "select metric_id, role, aggregation, source from raw_experiment_metrics") == [
        ("bought", "primary", "occurrence", "outcomes"), ("spend", "secondary", "sum", "outcomes"),
        ("spend_per_visit", "secondary", "ratio", "outcomes")]  # fmt: skip
    found = rows(warehouse, "select name, status, unit_type, primary_metric_id, ended_at <= as_of from raw_experiments")
    assert found == [("Page", "ended", "unit", "bought", True)]


def test_without_a_unit_column_each_row_is_a_unit(warehouse: Path, write: Callable[[str], Path]) -> None:
    do_import(warehouse, write("arm,bought\nControl,1\nControl,1\nB,0\n"))
    assert rows(warehouse, "select unit_id from imp_units") == [("row_1",), ("row_2",), ("row_3",)]
    assert rows(warehouse, "select unit_type from raw_experiments") == [("row",)]


def test_hillstrom_comes_in_with_its_published_means(warehouse: Path) -> None:
    if not HILLSTROM.exists():
        pytest.skip("the public Hillstrom file is not beside this repository")
    report = import_units(
        warehouse, HILLSTROM, experiment="hillstrom_email", variant="segment", control="No E-Mail",
        metrics=[parse_metric(each) for each in ("visit:occurrence", "conversion:occurrence", "spend:sum")],
        covariate="history", dimensions=["channel", "newbie"],
    )  # fmt: skip
    assert report.variations == (
        ("no_e_mail", "No E-Mail", 21306), ("womens_e_mail", "Womens E-Mail", 21387),
        ("mens_e_mail", "Mens E-Mail", 21307))  # fmt: skip
    assert rows(
        warehouse,
        """select variation_id, count(*), round(avg(value), 6) from imp_outcomes
           inner join imp_units using (experiment_id, unit_id) where metric_id = 'visit' group by 1 order by 1""",
    ) == [("mens_e_mail", 21307, 0.182757), ("no_e_mail", 21306, 0.106167), ("womens_e_mail", 21387, 0.1514)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.csv", "arm;bought\r\nControl;1\r\nB;0\r\n", id="semicolons and carriage returns"),
        pytest.param("a.tsv", "arm\tbought\nControl\t1\nB\t0", id="tabs, no last newline"),
        pytest.param("a.csv", "\ufeffarm,bought\nControl,1\nB,0\n", id="byte order mark"),
        pytest.param("a[1].csv", 'arm,"bought"\n"Control",1\n"B",0\n', id="quotes, and a pattern for a name"),
        pytest.param("it's.csv", "arm , bought\n Control , 1\nB, 0\n", id="blanks around, and a quote in the name"),
    ],
)
def test_ways_to_write_a_csv(warehouse: Path, tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8", newline="")
    do_import(warehouse, file)
    assert rows(warehouse, "select variation_id, value from imp_outcomes join imp_units using (unit_id)") == [
        ("control", 1), ("b", 0)]  # fmt: skip


def test_gzip_and_parquet_give_the_same_rows(warehouse: Path, tmp_path: Path, write: Callable[[str], Path]) -> None:
    packed = tmp_path / "data.csv.gz"
    packed.write_bytes(gzip.compress(SMALL.replace("true", "1").encode()))
    parquet = tmp_path / "data.parquet"
    duckdb.execute(f"copy (from read_csv('{packed}')) to '{parquet}' (format parquet)")
    found = []
    for file in (write(SMALL), packed, parquet):
        do_import(warehouse, file, "bought=bought:occurrence", "spend=spent:sum", unit="id", replace=True)
        found.append(rows(warehouse, "select unit_id, metric_id, value from imp_outcomes"))
    assert found[0] == found[1] == found[2]


def test_aggregation_is_read_off_the_column_and_said(warehouse: Path, write: Callable[[str], Path]) -> None:
    report = do_import(warehouse, write(SMALL), "bought", "spent")
    assert report.metrics == (("bought", "occurrence"), ("spent", "sum"))
    assert "bought is taken as occurrence: column 'bought' holds only 0 and 1." in report.notes
    assert "spent is taken as sum: column 'spent' holds other numbers than 0 and 1." in report.notes


def test_assignment_times_set_the_dates(warehouse: Path, write: Callable[[str], Path]) -> None:
    text = "arm,bought,at\nControl,1,2026-05-01 08:00:00\nB,0,2026-05-03T01:30:00+02:00\n"
    do_import(warehouse, write(text), assigned_at="at", running=True)
    assert [str(at) for at, in rows(warehouse, "select assigned_at from imp_units")] == [
        "2026-05-01 08:00:00", "2026-05-02 23:30:00"]  # fmt: skip
    found = rows(warehouse, "select status, started_at, ended_at, as_of from raw_experiments")
    assert [str(each) for each in found[0]] == ["running", "2026-05-01 08:00:00", "None", "2026-05-03 00:00:00"]


def test_given_shares_are_kept_and_an_arm_without_units_too(warehouse: Path, write: Callable[[str], Path]) -> None:
    do_import(warehouse, write(SMALL), shares={"Control": 0.5, "new_page": 0.3, "Old": 0.2})
    assert rows(warehouse, "select variation_id, expected_share from raw_experiment_variations") == [
        ("control", 0.5), ("new_page", 0.3), ("old", 0.2)]  # fmt: skip


def test_a_metric_name_that_another_experiment_uses_keeps_both_definitions(
    warehouse: Path, write: Callable[[str], Path]
) -> None:
    file = write(SMALL)
    do_import(warehouse, file, "result=bought:occurrence")
    do_import(warehouse, file, "result=spent:sum", experiment="other")
    assert rows(warehouse, "select experiment_id, aggregation from raw_experiment_metrics order by 1") == [
        ("other", "sum"), ("page", "occurrence")]  # fmt: skip
    assert rows(warehouse, "select metric_id, aggregation from raw_metrics") == [("result", "occurrence")]


def test_importing_again_needs_replace_and_then_leaves_nothing_old(
    warehouse: Path, write: Callable[[str], Path]
) -> None:
    file = write(SMALL)
    do_import(warehouse, file, "old=bought", dimensions=["city"])
    before = everything(warehouse)
    with pytest.raises(UsageError, match="'page' is already imported") as raised:
        do_import(warehouse, file, "new=bought")
    assert "--replace" in raised.value.hint
    assert everything(warehouse) == before
    assert do_import(warehouse, file, "new=bought", replace=True).replaced
    fresh = warehouse.with_name("fresh.duckdb")
    do_import(fresh, file, "new=bought")
    assert everything(warehouse) == everything(fresh)


def test_a_failed_replacement_keeps_the_last_import(warehouse: Path, write: Callable[[str], Path]) -> None:
    do_import(warehouse, write(SMALL))
    before = everything(warehouse)
    with pytest.raises(UsageError):
        do_import(warehouse, write("arm,bought\nControl,1\nB,many\n"), replace=True)
    assert everything(warehouse) == before


def test_a_demo_experiment_is_never_imported_over(warehouse: Path, write: Callable[[str], Path]) -> None:
    seed(warehouse, seeds=ROOT / "seeds", users=1, days=10)
    with pytest.raises(UsageError, match="'search_ranker_v2' belongs to the demo world"):
        do_import(warehouse, write(SMALL), experiment="search_ranker_v2", replace=True)


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        pytest.param("", {}, "is empty", id="empty file"),
        pytest.param("arm,bought\n", {}, "has a header and no rows", id="header only"),
        pytest.param("\narm,bought\n", {}, "empty first line", id="blank header"),
        pytest.param(SMALL, {"variant": "armm"}, "has no column 'armm'. Did you mean 'arm'?", id="unknown column"),
        pytest.param(SMALL, {"dimensions": ["citty"], "unit": "idd"}, "2 problems: .*'idd'.*'citty'", id="both"),
        pytest.param(SMALL, {"control": "Contrl"}, "has no value 'Contrl'. Did you mean 'Control'?", id="control"),
        pytest.param("arm,bought\nControl,1\n", {}, r"has only the value 'Control' \(1\)", id="one arm"),
        pytest.param("arm,arm,bought\nControl,x,1\nB,x,1\n", {}, "has 2 columns named 'arm'", id="column twice"),
        pytest.param("arm,bought\nControl,1\nB,yes\nB,\nB,inf\n", {"on_null": "zero"},
                     "must hold numbers, and holds 'yes' in row 2, 'inf' in row 4", id="text for numbers"),
        pytest.param("arm,bought\nControl,\n,1\nB,NaN\n", {},
                     r"2 problems: column 'arm' is empty in 1 row: 2; column 'bought' is empty in 2 rows: 1, 3",
                     id="empty cells"),
        pytest.param("arm,bought\nControl,1\nB,2\n", {"metrics": [MetricSpec("bought", "bought", "occurrence")]},
                     "an occurrence is 0 or 1, but 'bought' holds '2' in row 2", id="occurrence of two"),
        pytest.param("id,arm,bought\na,Control,1\na,B,1\nb,B,1\nb,B,1\n", {"unit": "id"},
                     r"1 unit of column 'id' in several arms: 'a' \(2 rows\); 1 unit .* same arm: 'b' \(2 rows\)",
                     id="repeated units"),
        pytest.param("arm,bought\nControl,1\nB,1,9\n", {}, "Line: 3.*Number of Columns: 2 Found: 3", id="ragged"),
        pytest.param("arm,bought\nControl,1\nB\n", {}, "Expected Number of Columns: 2 Found: 1", id="short row"),
        pytest.param(b"arm,bought\nContr\xf4l,1\nB,1\n", {}, "not utf-8", id="latin-1 rows"),
        pytest.param(b"arm,bo\xfcght\nControl,1\n", {}, "not UTF-8 text: its header holds byte 0xfc", id="header"),
        pytest.param("arm,bought\nControl,1\n".encode("utf-16"), {}, "is UTF-16 text", id="utf-16"),
        pytest.param(b"PK\x03\x04" + bytes(64), {}, "neither CSV nor Parquet", id="a spreadsheet"),
        pytest.param(b"PAR1" + bytes(64), {}, "not a readable Parquet file", id="broken parquet"),
        pytest.param("arm,bought,at\nControl,1,soon\nB,1,2026-01-01\n", {"assigned_at": "at"},
                     "must hold times, and holds 'soon' in row 1", id="no time"),
        pytest.param("arm,bought\n" + "".join(f"v{i},1\n" for i in range(60)), {}, "60 different values", id="no arms"),
        pytest.param(SMALL, {"experiment": "my page"}, "can't be an experiment's name: write 'my_page'", id="name"),
        pytest.param(SMALL, {"dimensions": ["all"]}, "can't be called 'all'", id="dimension all"),
        pytest.param(SMALL, {"metrics": []}, "no metric given", id="no metric"),
        pytest.param(SMALL, {"shares": {"Control": 1.0}}, "no share given for 'New page'", id="share"),
        pytest.param(SMALL, {"metrics": [MetricSpec("m", "bought", "median")]}, "aggregation named 'median'", id="agg"),
    ],
)  # fmt: skip
def test_bad_input_is_said_and_leaves_no_warehouse(
    warehouse: Path, write: Callable[[str | bytes], Path], text: str | bytes, options: dict[str, Any], said: str
) -> None:
    metrics: Sequence[MetricSpec] = options.get("metrics", [MetricSpec("bought", "bought")])
    chosen = {"experiment": "page", "variant": "arm", "control": "Control", **options, "metrics": metrics}
    with pytest.raises(UsageError, match=said):
        import_units(warehouse, write(text), **chosen)
    assert not warehouse.exists()


def test_a_missing_file_names_the_nearest_one(warehouse: Path, tmp_path: Path, write: Callable[[str], Path]) -> None:
    write(SMALL)
    with pytest.raises(UsageError, match=r"no file at .*dta\.csv\. Did you mean 'data\.csv'"):
        do_import(warehouse, tmp_path / "dta.csv")
    with pytest.raises(UsageError, match="is a folder"):
        do_import(warehouse, tmp_path)


def test_empty_cells_can_drop_the_unit_or_count_as_zero(warehouse: Path, write: Callable[[str], Path]) -> None:
    file = write("arm,spent\nControl,1\nControl,\nB,3\n,4\nB,n/a\n")
    report = do_import(warehouse, file, "spend=spent:sum", on_null="drop")
    assert rows(warehouse, "select unit_id, value from imp_outcomes") == [("row_1", 1), ("row_3", 3)]
    assert "3 of 5 units were left out: a cell they need is empty." in report.notes
    file = write("arm,spent\nControl,1\nControl,\nB,3\n")
    report = do_import(warehouse, file, "spend=spent:sum", on_null="zero", replace=True)
    assert rows(warehouse, "select unit_id, value from imp_outcomes") == [("row_1", 1), ("row_2", 0), ("row_3", 3)]
    assert "1 empty cells of 'spent' count as zero." in report.notes


@pytest.fixture
def locked(warehouse: Path) -> Iterator[Path]:
    with duckdb.connect(str(warehouse)):
        yield warehouse


def test_a_locked_warehouse_is_an_engine_error(locked: Path, write: Callable[[str], Path]) -> None:
    with pytest.raises(EngineError, match="in use"):
        do_import(locked, write(SMALL))


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("visit=visit:occurrence", MetricSpec("visit", "visit", "occurrence")),
        ("spend = total spend : sum", MetricSpec("spend", "total spend", "sum")),
        ("visit", MetricSpec("visit", "visit")),
        ("visit:count", MetricSpec("visit", "visit", "count")),
        ("aov=revenue/orders:ratio", MetricSpec("aov", "revenue", "ratio", "orders")),
        ("share=a/b:sum", MetricSpec("share", "a/b", "sum")),
    ],
)
def test_metrics_are_read_as_written(text: str, spec: MetricSpec) -> None:
    assert parse_metric(text) == spec


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("visit=visit:ocurrence", "no aggregation named 'ocurrence'. Did you mean 'occurrence'?"),
        ("=visit", "lacks a name"),
        ("visit=", "lacks a name or a column"),
        ("aov=revenue:ratio", "needs two columns"),
    ],
)
def test_metrics_that_say_nothing_are_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_metric(text)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_any_bytes_import_or_are_refused_in_words(warehouse: Path, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "bytes.csv"
    file.write_bytes(b"arm,bought\nControl,1\nB,0\n" + data)
    with contextlib.suppress(GatewayError):  # anything else is a bug, and fails the test
        do_import(warehouse, file, replace=True)


def test_the_control_is_the_value_as_written_before_any_id(warehouse: Path, write: Callable[[str], Path]) -> None:
    """`A` has the id `a`; a file that also has an arm called `a` means that one."""
    file = write("arm,bought\nA,1\na,0\nB,1\n")
    import_units(warehouse, file, experiment="e", variant="arm", control="a", metrics=[parse_metric("bought=bought")])
    found = rows(warehouse, "select name, is_control from raw_experiment_variations")
    assert sorted(found) == [("A", False), ("B", False), ("a", True)]


def test_a_name_that_cannot_be_is_not_blamed_on_the_metrics(warehouse: Path, write: Callable[[str], Path]) -> None:
    with pytest.raises(UsageError) as refused:
        import_units(warehouse, write(SMALL), experiment="my page", variant="arm", control="Control",
                     metrics=[parse_metric("bought=bought")])  # fmt: skip
    assert refused.value.hint == "An id is letters, digits, _, . and -."


def test_a_winsorised_metric_stands_beside_its_raw_one_with_the_same_past(warehouse: Path, write: Any) -> None:
    spend = MetricSpec("spend", "spent", "sum", role="guardrail", noninferiority_margin=0.1)
    metrics = [MetricSpec("bought", "bought"), spend, spend.winsorised(0.99), spend.winsorised(250)]
    import_units(
        warehouse, write(SMALL), experiment="page", variant="arm", control="Control", metrics=metrics, unit="id",
        covariate={"spend": "before"},
    )  # fmt: skip
    columns = "metric_id, label, role, noninferiority_margin, winsorise_quantile, winsorise_cap, estimator"
    assert rows(warehouse, f"select {columns} from raw_experiment_metrics") == [
        ("bought", "Bought", "primary", None, None, None, "unadjusted"),
        ("spend", "Spend", "guardrail", 0.1, None, None, "unadjusted"),
        ("spend_w99", "Spend, winsorised at 99 %", "secondary", None, 0.99, None, "unadjusted"),
        ("spend_cap250", "Spend, winsorised at 250", "secondary", None, None, 250.0, "unadjusted"),
    ]
    pasts = rows(warehouse, "select metric_id, count(covariate) from imp_outcomes group by 1 order by 1")
    assert pasts == [("bought", 0), ("spend", 4), ("spend_cap250", 4), ("spend_w99", 4)]


@pytest.mark.parametrize(
    ("metric", "covariate", "message"),
    [
        pytest.param(
            MetricSpec("spend", "spent", "sum", cuped=True), None, "CUPED needs a covariate", id="cuped without a past"
        ),
        pytest.param(
            MetricSpec("spend", "spent", "sum", cuped=True, role="guardrail"),
            "before",
            "a guardrail is tested on unadjusted numbers",
            id="cuped guardrail",
        ),
        pytest.param(
            MetricSpec("bought", "bought").winsorised(0.99),
            None,
            "only a count, a sum or a mean can be winsorised",
            id="winsorised occurrence",
        ),
        pytest.param(
            MetricSpec("spend", "spent", "sum").winsorised(0.3), None, "lies between 0.5 and 1, not 0.3", id="half cut"
        ),
    ],
)
def test_what_cannot_be_adjusted_or_winsorised_is_refused(
    warehouse: Path, write: Any, metric: MetricSpec, covariate: str | None, message: str
) -> None:
    metrics = [MetricSpec("visits", "visits"), metric]
    with pytest.raises(UsageError, match=message):
        import_units(
            warehouse, write(SMALL), experiment="page", variant="arm", control="Control", metrics=metrics, unit="id",
            covariate=covariate,
        )  # fmt: skip
    assert not warehouse.exists()
