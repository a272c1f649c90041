"""What every engine must do, in one body: on DuckDB, on ClickHouse in this process, and on ClickHouse over HTTP."""

import math
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.clickhouse_engine import ClickHouseEngine
from gateway.cancellation import Cancellation, cancellable
from gateway.errors import ContractError, EngineError, EngineTimeout
from gateway.guard import Approved, Policy, check
from gateway.guard.referee import Named, disagreement
from gateway.ports import Engine
from tests.adapters.engines import ENDLESS, ENDLESS_ROWS, KINDS, NEEDS_MEMORY, Case, case

NOT_ONE_SELECT = "the engine reads the approved text as something other than one SELECT, and did not run it"


@pytest.fixture(params=KINDS, scope="module")
def on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with case(request.param, request, tmp_path_factory.mktemp("engine")) as found:
        yield found


def test_it_is_an_engine_named_after_its_dialect(on: Case) -> None:
    port: Engine = on.engine
    assert port.name == ("duckdb" if on.kind == "duckdb" else "clickhouse")


def test_an_approved_statement_returns_columns_and_plain_values(on: Case, contract: dict[str, Any]) -> None:
    sql = "select reading_id, label, price, at, on_day from readings where reading_id = 3"
    approved = check(sql, Policy.from_mapping(contract, "analyst"), dialect=on.dialect)
    assert isinstance(approved, Approved), approved.violations
    rows = on.engine.run(approved)
    assert rows.columns == ("reading_id", "label", "price", "at", "on_day")
    assert rows.rows == ((3, "row 3", 0.75, datetime(2026, 2, 1, 10, 0, 3), date(2026, 2, 1)),)
    assert [type(value) for value in rows.rows[0]] == [int, str, float, datetime, date]
    assert (rows.truncated, rows.warnings) == (False, ())
    assert rows.seconds > 0


def test_every_run_has_an_id_of_its_own(on: Case) -> None:
    first, second = (on.engine.run(on.mint("SELECT 1")).query_id for _ in range(2))
    assert first.startswith("run-")
    assert first != second


NOTHING = "FROM readings WHERE reading_id < 0"
UNMATCHED = "FROM dim_experiments AS e LEFT JOIN readings AS r ON e.experiment_id = r.label LIMIT 1"
VALUES: tuple[tuple[str, str, str, object], ...] = (
    ("decimal", "12.50::DECIMAL(10, 2)", "toDecimal64('12.50', 2)", 12.5),
    ("unsigned", "18446744073709551615::UBIGINT", "toUInt64(18446744073709551615)", 18446744073709551615),
    ("huge", "170141183460469231731687303715884105727::HUGEINT", "toInt128('170141183460469231731687303715884105727')",
     170141183460469231731687303715884105727),
    ("low cardinality", "'ios'", "toLowCardinality('ios')", "ios"),
    ("low cardinality or null", "NULL::VARCHAR", "CAST(NULL AS LowCardinality(Nullable(String)))", None),
    ("nullable", "NULL::INTEGER", "CAST(NULL AS Nullable(Int32))", None),
    ("null", "NULL", "NULL", None),
    ("date", "DATE '2026-02-01'", "toDate('2026-02-01')", date(2026, 2, 1)),
    ("date before 1970", "DATE '1950-02-01'", "toDate32('1950-02-01')", date(1950, 2, 1)),
    ("time to the second", "TIMESTAMP '2026-02-01 10:00:00'", "toDateTime('2026-02-01 10:00:00')",
     datetime(2026, 2, 1, 10)),
    ("time to the microsecond", "TIMESTAMP '2026-02-01 10:00:00.123456'",
     "toDateTime64('2026-02-01 10:00:00.123456', 6)", datetime(2026, 2, 1, 10, 0, 0, 123456)),
    ("enum", "'a'::ENUM('a', 'b')", "CAST('a' AS Enum8('a' = 1, 'b' = 2))", "a"),
    ("array of decimals", "[1.5, NULL]::DECIMAL(4, 1)[]", "[toDecimal32(1.5, 1), NULL]", [1.5, None]),
    ("array in an array", "[['a'], []]::VARCHAR[][]", "[['a'], []]", [["a"], []]),
    ("struct", "{'a': 1.5, 'b': 'x'}", "CAST((1.5, 'x') AS Tuple(a Float64, b String))", {"a": 1.5, "b": "x"}),
    ("map", "MAP {1: 2}", "map(1, 2)", {"1": 2}),
    ("uuid", "'0b0c0d0e-0000-4000-8000-000000000001'::UUID", "toUUID('0b0c0d0e-0000-4000-8000-000000000001')",
     "0b0c0d0e-0000-4000-8000-000000000001"),
    ("fixed string", "'de'", "toFixedString('de', 4)", "de"),
    ("hash", "md5('a')", "MD5('a')", "0cc175b9c0f1b6a831c399e269772661"),
    ("boolean", "true", "true", True),
    ("infinity", "'infinity'::DOUBLE", "inf", math.inf),
    ("text", "'a''b \\ é'", "'a\\'b \\\\ é'", "a'b \\ é"),
    ("nothing added up", f"sum(price) {NOTHING}", f"sum(price) {NOTHING}", None),
    ("average of nothing", f"avg(reading_id) {NOTHING}", f"avg(reading_id) {NOTHING}", None),
    ("a join without a match", f"r.label {UNMATCHED}", f"r.label {UNMATCHED}", None),
)  # fmt: skip


@pytest.mark.parametrize(("duckdb", "clickhouse", "value"), [pytest.param(*v[1:], id=v[0]) for v in VALUES])
def test_a_value_of_every_type_is_the_same_python(on: Case, duckdb: str, clickhouse: str, value: object) -> None:
    found = on.engine.run(on.mint(f"SELECT {duckdb if on.dialect == 'duckdb' else clickhouse}")).rows[0][0]
    assert (found, type(found)) == (value, type(value))


def test_whole_numbers_and_fractions_of_one_case_are_fractions(on: Case) -> None:
    """They can be summed and sorted, as nothing could of a value that is sometimes of one type."""
    mixed = "CASE WHEN reading_id < 2 THEN reading_id ELSE CAST(price AS DOUBLE) END"
    sql = f"SELECT {mixed} AS x FROM readings ORDER BY x LIMIT 3"
    assert on.engine.run(on.mint(sql)).rows == ((0.0,), (0.5,), (0.75,))
    assert on.engine.run(on.mint(f"SELECT sum({mixed}) AS x FROM readings")).rows == ((12.0,),)


def test_nan_stays_a_float(on: Case) -> None:
    nan = "'nan'::DOUBLE" if on.dialect == "duckdb" else "nan"
    assert math.isnan(on.engine.run(on.mint(f"SELECT {nan}")).rows[0][0])


def test_a_time_with_a_zone_asks_for_a_cast(on: Case) -> None:
    zoned = {
        "duckdb": "TIMESTAMPTZ '2026-02-01 00:00:00+00'",
        "clickhouse": "toDateTime64('2026-02-01 00:00:00', 3, 'Asia/Tokyo')",
    }
    with pytest.raises(EngineError) as caught:
        on.engine.run(on.mint(f"SELECT {zoned[on.dialect]} AS moment"))
    assert caught.value.message == "column 'moment' is a time with a time zone"
    assert caught.value.hint == "Cast it to timestamp."


@pytest.mark.parametrize("where", ["WHERE reading_id < 0", "LIMIT 0"])
def test_a_result_without_rows_still_has_its_columns(on: Case, where: str) -> None:
    rows = on.engine.run(on.mint(f"SELECT label, price AS p FROM readings {where}"))
    assert (rows.columns, rows.rows, rows.truncated) == (("label", "p"), (), False)


@pytest.mark.parametrize(("allowed", "truncated"), [(4, True), (9, True), (10, False), (11, False)])
def test_more_rows_than_the_role_may_see_are_cut_and_said(on: Case, allowed: int, truncated: bool) -> None:
    rows = on.engine.run(on.mint("SELECT reading_id FROM readings ORDER BY 1", rows=allowed))
    assert rows.rows == tuple((number,) for number in range(min(allowed, 10)))
    assert rows.truncated is truncated


def test_a_result_far_beyond_the_limit_is_cut_without_reading_it_all(on: Case) -> None:
    rows = on.engine.run(on.mint(ENDLESS_ROWS[on.dialect], rows=70_000))
    assert (len(rows.rows), rows.truncated) == (70_000, True)


@pytest.mark.parametrize("not_approved", ["select 1", None, 5])
def test_only_what_the_guard_approved_is_taken(on: Case, not_approved: Any) -> None:
    with pytest.raises(TypeError, match=r"runs what gateway\.guard\.check approved"):
        on.engine.run(not_approved)


def test_a_lookalike_of_approved_is_not_taken(on: Case) -> None:
    class Lookalike(Approved):
        def __post_init__(self, seal: object) -> None:
            """Skips the seal."""

    parts = dict.fromkeys(("proposed", "role", "fingerprint", "assets", "columns", "functions", "pins"))
    forged = Lookalike(sql="select 1", dialect=on.dialect, max_rows=1, max_seconds=1, **parts)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not Lookalike"):
        on.engine.run(forged)


def test_a_statement_approved_for_another_dialect_is_not_taken(on: Case) -> None:
    other = "clickhouse" if on.dialect == "duckdb" else "duckdb"
    with pytest.raises(TypeError, match=f"approved for '{other}'"):
        on.engine.run(on.mint("SELECT 1", dialect=other))


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE stolen (i INTEGER)",
        "INSERT INTO dim_experiments VALUES ('c', 'x')",
        "DROP TABLE readings",
        "SET max_threads = 1",
        "USE system",
        "EXPLAIN SELECT 1",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE readings",
        "",
    ],
)
def test_what_is_not_one_select_does_not_run_even_if_approved(on: Case, sql: str) -> None:
    with pytest.raises(EngineError) as caught:
        on.engine.run(on.mint(sql))
    assert caught.value.message == NOT_ONE_SELECT
    assert on.engine.run(on.mint("SELECT count(*) FROM readings")).rows == ((10,),)


def test_a_file_on_the_disk_can_not_be_read(on: Case, tmp_path: Path) -> None:
    canary = tmp_path / "canary.csv"
    canary.write_text("tweet\n")
    attempts = {
        "duckdb": [f"SELECT * FROM '{canary}'", f"SELECT * FROM read_text('{canary}')"],
        "clickhouse": [
            f"SELECT FILE('{canary}')", f"SELECT * FROM file('{canary}')", f"SELECT (SELECT file('{canary}'))",
            f"SELECT 1 WHERE file('{canary}') = ''", "SELECT * FROM system.one AS a, system.tables",
            "SELECT * FROM merge('system', 'tables')", "SELECT 1 WHERE 'x' IN system.tables",
            "SELECT dictGet('d', 'a', 1)",
        ],
    }  # fmt: skip
    for sql in attempts[on.dialect]:
        with pytest.raises(EngineError) as caught:
            on.engine.run(on.mint(sql))
        assert "tweet" not in caught.value.message


@pytest.mark.parametrize("sql", [ENDLESS, ENDLESS_ROWS], ids=["while it computes", "while it fetches"])
@pytest.mark.parametrize("seconds", [0.2, 1e-9])
def test_the_time_limit_interrupts(on: Case, sql: dict[str, str], seconds: float) -> None:
    on.engine.run(on.mint("SELECT 1"))
    started = time.perf_counter()
    with pytest.raises(EngineTimeout) as caught:
        on.engine.run(on.mint(sql[on.dialect], seconds=seconds, rows=1_000_000_000))
    assert time.perf_counter() - started < 10
    assert caught.value.message == f"the statement ran longer than its limit of {seconds:g} s and was stopped"
    assert caught.value.query_id.startswith("run-")
    assert on.engine.run(on.mint("SELECT 1")).rows == ((1,),)


def test_ctrl_c_stops_the_statement_and_is_raised_again(on: Case) -> None:
    on.engine.run(on.mint("SELECT 1"))
    ctrl_c = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    ctrl_c.start()
    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        on.engine.run(on.mint(ENDLESS[on.dialect], seconds=60))
    ctrl_c.join()
    assert time.perf_counter() - started < 5
    if isinstance(on.engine, ClickHouseEngine):
        with on.engine.session(30) as lease:
            busy = "SELECT count() FROM system.processes WHERE query LIKE '%sqrt(%' AND query NOT LIKE '%processes%'"
            assert lease.client.query(busy, settings=lease.settings).result_rows == [(0,)]
    assert on.engine.run(on.mint("SELECT 1")).rows == ((1,),)


@pytest.mark.parametrize("sql", [ENDLESS, ENDLESS_ROWS], ids=["while it computes", "while it fetches"])
def test_a_request_that_is_taken_back_stops_its_statement_and_no_other(on: Case, sql: dict[str, str]) -> None:
    on.engine.run(on.mint("SELECT 1"))
    taken_back, kept = Cancellation(), Cancellation()

    def run(cancellation: Cancellation, statement: Approved) -> Any:
        with cancellable(cancellation):
            return on.engine.run(statement)

    with ThreadPoolExecutor(2) as pool:
        stopped = pool.submit(run, taken_back, on.mint(sql[on.dialect], seconds=60, rows=1_000_000_000))
        other = pool.submit(run, kept, on.mint(ENDLESS[on.dialect], seconds=1.5))
        assert on.engine.run(on.mint("SELECT 1")).rows == ((1,),)
        started = time.perf_counter()
        taken_back.cancel()
        error = stopped.exception()
        assert time.perf_counter() - started < 5
        assert isinstance(error, EngineError)
        assert (type(error), error.message) == (EngineError, "interrupted")
        assert error.query_id.startswith("run-")
        assert isinstance(other.exception(), EngineTimeout)
    assert on.engine.run(on.mint("SELECT 1")).rows == ((1,),)


def test_a_request_that_was_taken_back_before_starts_nothing(on: Case) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with cancellable(cancellation), pytest.raises(EngineError, match=r"^interrupted$"):
        on.engine.run(on.mint(ENDLESS[on.dialect], seconds=60))
    assert on.engine.run(on.mint("SELECT 1")).rows == ((1,),)


def test_too_much_memory_is_an_engine_error_that_says_how_much(on: Case) -> None:
    on.engine.close()
    engine = on.open(memory="30MB")
    with pytest.raises(EngineError) as caught:
        engine.run(on.mint(NEEDS_MEMORY[on.dialect]))
    assert caught.value.message == "the statement needs more than the 30MB of memory that statements may use"
    assert caught.value.hint
    assert engine.run(on.mint("SELECT 1")).rows == ((1,),)
    engine.close()


def test_a_table_or_column_that_was_not_published_is_a_contract_error(on: Case) -> None:
    with pytest.raises(ContractError) as caught:
        on.engine.run(on.mint("SELECT x FROM gone", assets={"gone"}, columns={("gone", "x")}))
    assert caught.value.problems == ("gone: no such table",)
    reads = {("dim_experiments", "owner"), ("dim_experiments", "status")}
    with pytest.raises(ContractError) as caught:
        on.engine.run(on.mint("SELECT owner FROM dim_experiments", assets={"dim_experiments"}, columns=reads))
    assert caught.value.problems == ("dim_experiments.owner: no such column",)
    assert "gateway marts publish" in caught.value.hint


@pytest.mark.parametrize(
    ("duckdb", "clickhouse"),
    [
        pytest.param("SELECT label::INTEGER FROM readings", "SELECT toInt32(label) FROM readings", id="conversion"),
        pytest.param("SELECT error(label) FROM readings", "SELECT throwIf(1, label) FROM readings", id="function"),
        pytest.param("SELECT labell FROM readings", "SELECT labell FROM readings", id="column"),
        pytest.param("SELECT * FROM reading", "SELECT * FROM reading", id="table"),
        pytest.param("SELECT md6(label) FROM readings", "SELECT md6(label) FROM readings", id="name of a function"),
    ],
)
def test_an_error_does_not_repeat_the_data_or_suggest_names(on: Case, duckdb: str, clickhouse: str) -> None:
    with pytest.raises(EngineError) as caught:
        on.engine.run(on.mint(duckdb if on.dialect == "duckdb" else clickhouse))
    assert "row " not in caught.value.message
    assert "readings" not in caught.value.message
    assert "\n" not in caught.value.message


def test_statements_of_several_threads_do_not_disturb_each_other(on: Case) -> None:
    def number(wanted: int) -> int:
        value = on.engine.run(on.mint(f"SELECT {wanted} + count(*) FROM readings", rows=1 + wanted % 3)).rows[0][0]
        assert isinstance(value, int)
        return value

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(number, range(60))) == [wanted + 10 for wanted in range(60)]


def test_a_slow_statement_does_not_hold_up_another(on: Case) -> None:
    on.engine.run(on.mint("SELECT 1"))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(on.engine.run, on.mint(ENDLESS[on.dialect], seconds=1.0))
        assert on.engine.run(on.mint("SELECT 1")).rows == ((1,),)
        assert not slow.done()
        assert isinstance(slow.exception(), EngineTimeout)


REFEREED = {
    "SELECT label FROM readings": ({"readings"}, {("readings", "label")}),
    "WITH r AS (SELECT label, price FROM readings) SELECT label FROM r": (
        {"readings"}, {("readings", "label"), ("readings", "price")},
    ),
    "SELECT label AS `a\\b` FROM hr.readings WHERE label <> 'it''s \\\\ \\n \t \n'": (
        {"hr.readings"}, {("hr.readings", "label")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("sql", REFEREED)
def test_the_referee_names_what_a_text_reads_and_binds_nothing(on: Case, sql: str) -> None:
    written = sql if on.dialect == "clickhouse" else sql.replace("`", '"')
    relations, columns = REFEREED[sql]
    assert on.engine.named(on.mint(written)) == Named(frozenset(relations), frozenset(columns))


UNREADABLE = ("SELECT 1; DROP TABLE readings", "SELECT label FROM (SELECT", "", "DROP TABLE readings")


@pytest.mark.parametrize("sql", UNREADABLE)
def test_what_the_referee_can_not_read_as_one_select_is_said_and_not_run(on: Case, sql: str) -> None:
    assert on.engine.named(on.mint(sql)).refused
    assert on.engine.run(on.mint("SELECT count(*) FROM readings")).rows == ((10,),)


def test_the_referee_takes_only_what_was_approved_for_its_dialect(on: Case) -> None:
    with pytest.raises(TypeError, match="not str"):
        on.engine.named("SELECT 1")  # type: ignore[arg-type]  # what a caller without types might do
    with pytest.raises(TypeError, match="approved for"):
        on.engine.named(on.mint("SELECT 1", dialect="duckdb" if on.dialect == "clickhouse" else "clickhouse"))


def test_what_the_guard_approves_the_referee_confirms(on: Case, contract: dict[str, Any]) -> None:
    sql = "with r as (select on_day, price from readings) select on_day, sum(price) as s from r group by on_day"
    approved = check(sql, Policy.from_mapping(contract, "analyst"), dialect=on.dialect)
    assert isinstance(approved, Approved), approved.violations
    assert disagreement(approved, on.engine.named(approved)) is None


def test_nothing_of_a_result_that_was_cut_or_failed_comes_with_the_next(on: Case) -> None:
    late = "SELECT number, throwIf(number = 70000) FROM numbers(100000)"
    for _ in range(3):
        assert on.engine.run(on.mint(ENDLESS_ROWS[on.dialect], rows=3)).truncated
        assert on.engine.run(on.mint("SELECT 1", rows=3)).rows == ((1,),)
        with pytest.raises(EngineError):
            on.engine.run(on.mint(late if on.dialect == "clickhouse" else "SELECT error('x')", rows=200_000))
        assert on.engine.run(on.mint("SELECT 1", rows=3)).rows == ((1,),)


def test_closing_twice_is_safe_and_the_next_statement_opens_again(on: Case) -> None:
    on.engine.run(on.mint("SELECT 1"))
    on.engine.close()
    on.engine.close()
    assert on.engine.run(on.mint("SELECT 1")).rows == ((1,),)
