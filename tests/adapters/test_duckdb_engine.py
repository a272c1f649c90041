"""The engine returns plain values under limits that hold, and says what went wrong without repeating data."""

import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.duckdb_engine import DuckDBEngine, plain
from gateway.errors import ContractError, EngineError, EngineTimeout
from gateway.guard import Approved
from gateway.ports import Engine, Rows

Approve = Callable[..., Approved]
Publish = Callable[..., None]

ENDLESS = "SELECT sum(sqrt(a.range + b.range)) FROM range(10000000) AS a, range(1000000) AS b"


def test_the_engine_is_an_engine(engine: DuckDBEngine) -> None:
    port: Engine = engine
    assert port.name == "duckdb"


def test_an_approved_statement_returns_columns_and_plain_values(engine: DuckDBEngine, approve: Approve) -> None:
    rows = engine.run(approve("select reading_id, label, price, at, on_day from readings where reading_id = 3"))
    assert rows.columns == ("reading_id", "label", "price", "at", "on_day")
    assert rows.rows == ((3, "row 3", 0.75, datetime(2026, 2, 1, 10, 0, 3), date(2026, 2, 1)),)
    assert [type(value) for value in rows.rows[0]] == [int, str, float, datetime, date]
    assert not rows.truncated
    assert rows.seconds > 0


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        pytest.param("SELECT 12.50::DECIMAL(10, 2)", 12.5, id="decimal"),
        pytest.param("SELECT sum(reading_id) FROM readings", 45, id="hugeint"),
        pytest.param("SELECT [1.5, NULL]::DECIMAL(4, 1)[]", [1.5, None], id="list of decimals"),
        pytest.param("SELECT {'a': 1.5, 'b': 'x'}", {"a": 1.5, "b": "x"}, id="struct"),
        pytest.param("SELECT MAP {1: 2}", {"1": 2}, id="map"),
        pytest.param("SELECT INTERVAL 2 DAY", "2 days, 0:00:00", id="interval"),
        pytest.param("SELECT TIME '01:02:03'", "01:02:03", id="time of day"),
        pytest.param("SELECT 'ab'::BLOB", "6162", id="bytes"),
        pytest.param(
            "SELECT '0b0c0d0e-0000-4000-8000-000000000001'::UUID", "0b0c0d0e-0000-4000-8000-000000000001", id="uuid"
        ),
        pytest.param("SELECT NULL", None, id="null"),
        pytest.param("SELECT true", True, id="boolean"),
        pytest.param("SELECT 'infinity'::DOUBLE", math.inf, id="infinity stays for the answer to null"),
    ],
)
def test_values_of_every_type_are_plain_python(
    engine: DuckDBEngine, unguarded: Approve, sql: str, value: object
) -> None:
    assert engine.run(unguarded(sql)).rows == ((value,),)


def test_nan_stays_a_float() -> None:
    assert math.isnan(plain(float("nan")))


def test_a_time_with_a_zone_asks_for_a_cast(engine: DuckDBEngine, unguarded: Approve) -> None:
    with pytest.raises(EngineError) as caught:
        engine.run(unguarded("SELECT TIMESTAMPTZ '2026-02-01 00:00:00+00' AS moment"))
    assert caught.value.message == "column 'moment' is a time with a time zone"
    assert caught.value.hint == "Cast it to timestamp."


def test_more_rows_than_the_role_may_see_are_cut_and_said(engine: DuckDBEngine, unguarded: Approve) -> None:
    rows = engine.run(unguarded("SELECT reading_id FROM readings ORDER BY 1", rows=4))
    assert (rows.rows, rows.truncated) == (((0,), (1,), (2,), (3,)), True)


def test_the_roles_own_row_limit_cuts_an_approved_statement(gold: Path, engine: DuckDBEngine, approve: Approve) -> None:
    rows = engine.run(approve("select experiment_id from dim_experiments order by experiment_id", "small"))
    assert (rows.rows, rows.truncated) == ((("a",), ("b",)), False)
    rows = engine.run(approve("select reading_id from readings order by reading_id", "small"))
    assert (rows.rows, rows.truncated) == (((0,), (1,), (2,)), True)


def test_exactly_as_many_rows_as_allowed_are_not_cut(engine: DuckDBEngine, unguarded: Approve) -> None:
    assert not engine.run(unguarded("SELECT reading_id FROM readings", rows=10)).truncated


@pytest.mark.parametrize("not_approved", ["select 1", None, 5])
def test_only_what_the_guard_approved_is_taken(engine: DuckDBEngine, not_approved: Any) -> None:
    with pytest.raises(TypeError, match=r"runs what gateway\.guard\.check approved"):
        engine.run(not_approved)


def test_a_lookalike_of_approved_is_not_taken(engine: DuckDBEngine) -> None:
    class Lookalike(Approved):
        def __post_init__(self, seal: object) -> None:
            """Skips the seal."""

    parts = dict.fromkeys(("proposed", "role", "fingerprint", "assets", "columns", "functions", "pins"))
    forged = Lookalike(sql="select 1", dialect="duckdb", max_rows=1, max_seconds=1, **parts)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not Lookalike"):
        engine.run(forged)


def test_a_statement_approved_for_another_dialect_is_not_taken(engine: DuckDBEngine, unguarded: Approve) -> None:
    with pytest.raises(TypeError, match="approved for 'clickhouse'"):
        engine.run(unguarded("SELECT 1", dialect="clickhouse"))


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TEMP TABLE t (i INTEGER)",
        "SET VARIABLE x = 1",
        "SET schema = 'information_schema'",
        "CREATE TEMP MACRO m() AS 1",
        "CREATE SECRET s (TYPE http)",
        "CHECKPOINT",
        "EXPLAIN ANALYZE SELECT 1",
        "PRAGMA version",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_what_is_not_one_select_does_not_run_even_if_approved(
    engine: DuckDBEngine, unguarded: Approve, sql: str
) -> None:
    with pytest.raises(EngineError, match="something other than one SELECT"):
        engine.run(unguarded(sql))


def test_a_slow_approved_statement_is_stopped_at_the_roles_limit(
    gold: Path, approve: Approve, publish: Publish
) -> None:
    publish(gold, readings=1_000_000)
    slow = approve("select reading_id from readings order by md5(label), md5(concat(label, 'x'))", "hurried")
    with pytest.raises(EngineTimeout) as caught:
        DuckDBEngine(gold).run(slow)
    assert caught.value.message == "the statement ran longer than its limit of 0.02 s and was stopped"
    assert "Filter more" in caught.value.hint


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(ENDLESS, id="while it computes"),
        pytest.param("SELECT a.range + b.range FROM range(10000000) AS a, range(1000000) AS b", id="while it fetches"),
    ],
)
@pytest.mark.parametrize("seconds", [0.2, 1e-9])
def test_the_time_limit_interrupts(engine: DuckDBEngine, unguarded: Approve, sql: str, seconds: float) -> None:
    started = time.perf_counter()
    with pytest.raises(EngineTimeout):
        engine.run(unguarded(sql, seconds=seconds, rows=1_000_000_000))
    assert time.perf_counter() - started < 10


def test_the_engine_answers_again_after_a_time_limit(engine: DuckDBEngine, unguarded: Approve) -> None:
    with pytest.raises(EngineTimeout):
        engine.run(unguarded(ENDLESS, seconds=0.05))
    assert engine.run(unguarded("SELECT 1")).rows == ((1,),)


def test_ctrl_c_stops_the_statement_and_is_raised_again(engine: DuckDBEngine, unguarded: Approve) -> None:
    engine.run(unguarded("SELECT 1"))
    ctrl_c = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    ctrl_c.start()
    with pytest.raises(KeyboardInterrupt):
        engine.run(unguarded(ENDLESS, seconds=60))
    ctrl_c.join()
    assert engine.run(unguarded("SELECT 1")).rows == ((1,),)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path, approve: Approve) -> None:
    missing = tmp_path / "gold.duckdb"
    with pytest.raises(ContractError) as caught:
        DuckDBEngine(missing).run(approve("select status from dim_experiments"))
    assert caught.value.message == f"no published marts at {missing}"
    assert caught.value.hint.startswith("`gateway demo` makes a demo world, `gateway import` takes a file")
    assert not missing.exists()


@pytest.mark.parametrize("content", [b"", b"id,value\n1,2\n" * 2000])
def test_a_file_that_is_no_database_asks_to_publish(tmp_path: Path, approve: Approve, content: bytes) -> None:
    path = tmp_path / "gold.duckdb"
    path.write_bytes(content)
    with pytest.raises(ContractError, match="not a DuckDB database") as caught:
        DuckDBEngine(path).run(approve("select status from dim_experiments"))
    assert "gateway marts publish" in caught.value.hint


def test_a_truncated_file_asks_to_publish(gold: Path, approve: Approve) -> None:
    gold.write_bytes(gold.read_bytes()[:13_000])
    with pytest.raises(ContractError, match="not a DuckDB database"):
        DuckDBEngine(gold).run(approve("select status from dim_experiments"))


def test_a_file_that_another_process_writes_is_an_engine_error(gold: Path, approve: Approve) -> None:
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(gold)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        with pytest.raises(EngineError, match=f"is locked by process {writer.pid}"):
            DuckDBEngine(gold).run(approve("select status from dim_experiments"))
        writer.communicate("")


@pytest.mark.parametrize(("memory", "threads"), [("much", 2), ("1GB", 0)])
def test_a_limit_that_is_no_limit_is_a_contract_error(
    gold: Path, unguarded: Approve, memory: str, threads: int
) -> None:
    with pytest.raises(ContractError, match=f"memory limit '{memory}' with {threads} threads"):
        DuckDBEngine(gold, memory_limit=memory, threads=threads).run(unguarded("SELECT 1"))


def test_too_much_memory_is_an_engine_error_that_says_how_much(gold: Path, unguarded: Approve) -> None:
    engine = DuckDBEngine(gold, memory_limit="30MB")
    with pytest.raises(EngineError) as caught:
        engine.run(unguarded("SELECT list(range) FROM range(30000000)"))
    assert caught.value.message == "the statement needs more than the 30MB of memory that statements may use"
    assert caught.value.hint
    assert engine.run(unguarded("SELECT 1")).rows == ((1,),)
    assert sorted(path.name for path in gold.parent.iterdir()) == ["gold.duckdb"], "nothing is spilled to the disk"


def test_a_table_or_column_that_was_not_published_is_a_contract_error(engine: DuckDBEngine, unguarded: Approve) -> None:
    with pytest.raises(ContractError) as caught:
        engine.run(unguarded("SELECT x FROM gone", assets={"gone"}, columns={("gone", "x")}))
    assert caught.value.problems == ("gone: no such table",)
    reads = {("dim_experiments", "owner"), ("dim_experiments", "status")}
    with pytest.raises(ContractError) as caught:
        engine.run(unguarded("SELECT owner FROM dim_experiments", assets={"dim_experiments"}, columns=reads))
    assert caught.value.problems == ("dim_experiments.owner: no such column",)
    assert "gateway marts publish" in caught.value.hint


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        pytest.param("SELECT label::INTEGER FROM readings", "can't be converted", id="conversion"),
        pytest.param("SELECT * FROM readings WHERE label = 1", "can't be converted", id="implicit conversion"),
        pytest.param("SELECT error(label) FROM readings", "a value that it does not take", id="value of a function"),
        pytest.param("SELECT 9223372036854775807 + reading_id FROM readings", "outside the range", id="overflow"),
    ],
)
def test_an_error_of_the_data_does_not_repeat_the_data(
    engine: DuckDBEngine, unguarded: Approve, sql: str, words: str
) -> None:
    with pytest.raises(EngineError, match=words) as caught:
        engine.run(unguarded(sql))
    assert "row" not in caught.value.message.replace("rows", "")
    assert "9223372036854775807" not in caught.value.message


def test_an_error_of_binding_does_not_suggest_what_the_role_may_not_see(
    engine: DuckDBEngine, unguarded: Approve
) -> None:
    with pytest.raises(EngineError) as caught:
        engine.run(unguarded("SELECT labell FROM readings"))
    assert caught.value.message.endswith('Referenced column "labell" not found in FROM clause!')
    with pytest.raises(EngineError) as caught:
        engine.run(unguarded("SELECT 1 FROM dim_experiment"))
    assert caught.value.message.endswith("Table with name dim_experiment does not exist!")


def test_a_replaced_file_is_seen_by_the_next_statement(
    gold: Path, engine: DuckDBEngine, approve: Approve, publish: Publish
) -> None:
    count = approve("select count(*) as n from readings")
    assert engine.run(count).rows == ((10,),)
    publish(gold, readings=20)
    assert engine.run(count).rows == ((20,),)
    gold.unlink()
    with pytest.raises(ContractError, match="no published marts"):
        engine.run(count)
    publish(gold, readings=30)
    assert engine.run(count).rows == ((30,),)


def test_a_statement_running_during_a_publish_ends_on_the_old_file_and_the_next_waits_for_the_new(
    gold: Path, engine: DuckDBEngine, approve: Approve, publish: Publish
) -> None:
    count = approve("select count(*) as n from readings")
    answers: list[Rows] = []
    with engine.connection(1) as running:
        publish(gold, readings=20)
        waiting = threading.Thread(target=lambda: answers.append(engine.run(count)))
        waiting.start()
        assert running.execute("SELECT count(*) FROM readings").fetchall() == [(10,)]
        assert answers == []
    waiting.join(timeout=10)
    assert [rows.rows for rows in answers] == [((20,),)]


def test_a_statement_does_not_wait_for_ever_for_the_new_file(
    gold: Path, engine: DuckDBEngine, unguarded: Approve, publish: Publish
) -> None:
    with engine.connection(1):
        publish(gold)
        with pytest.raises(EngineTimeout, match="published anew"):
            engine.run(unguarded("SELECT 1", seconds=0.05))


def test_statements_of_several_threads_do_not_disturb_each_other(engine: DuckDBEngine, unguarded: Approve) -> None:
    def number(wanted: int) -> int:
        value = engine.run(unguarded(f"SELECT {wanted} + count(*) FROM readings")).rows[0][0]
        assert isinstance(value, int)
        return value

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(number, range(200))) == [wanted + 10 for wanted in range(200)]


def test_engines_on_one_file_need_the_same_limits(gold: Path, unguarded: Approve) -> None:
    first, same, other = DuckDBEngine(gold), DuckDBEngine(gold), DuckDBEngine(gold, memory_limit="2GB")
    assert first.run(unguarded("SELECT 1")).rows == same.run(unguarded("SELECT 1")).rows
    with pytest.raises(EngineError, match="already open in this process, with other settings"):
        other.run(unguarded("SELECT 1"))
    first.close()
    same.close()
    assert other.run(unguarded("SELECT 1")).rows == ((1,),)
    other.close()


def test_closing_twice_is_safe_and_the_next_statement_opens_again(engine: DuckDBEngine, unguarded: Approve) -> None:
    engine.run(unguarded("SELECT 1"))
    engine.close()
    engine.close()
    assert engine.run(unguarded("SELECT 1")).rows == ((1,),)
