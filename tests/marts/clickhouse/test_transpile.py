"""A model means on ClickHouse what it means on DuckDB, construct by construct, on both engines themselves."""

from pathlib import Path

import duckdb
import pytest

from gateway.errors import ContractError
from gateway.marts.clickhouse.server import Server, table
from gateway.marts.clickhouse.sources import relation
from gateway.marts.clickhouse.tables import Shape, create, nullable, type_of
from gateway.marts.clickhouse.transpile import to_clickhouse
from gateway.marts.project import Model
from tests.marts.clickhouse.equality import same

COLUMNS = {
    "id": "BIGINT", "kind": "VARCHAR", "word": "VARCHAR", "number": "DOUBLE", "n": "BIGINT", "flag": "BOOLEAN",
    "moment": "TIMESTAMP", "day": "DATE",
}  # fmt: skip
ROWS = """
    (1, 'a', ' 12 ', 0.5, 1, true, timestamp '2026-02-01 23:59:59.999999', date '2026-02-01'),
    (2, 'a', '12\u00a0', 1.5, null, false, timestamp '1969-12-31 12:00:00', date '1950-01-01'),
    (3, 'a', null, -2.5, 3, null, null, null),
    (4, 'b', 'nan', null, -4, true, timestamp '2026-02-02 00:00:00', date '2026-02-02'),
    (5, 'b', '1e400', 2.4999999999, 5, false, timestamp '2026-03-29 02:30:00', date '2026-03-29'),
    (6, null, '', 7199.999999999999, 0, true, timestamp '2026-10-25 02:30:00', date '2026-10-25'),
    (7, 'b', '\u3000ü\u2003', 3.0, 7, null, timestamp '2100-01-01 00:00:00', date '2100-01-01')
"""
PER_ROW = (
    "cast(number as bigint)",
    "cast(number * 3600 as bigint)",
    "cast(moment as date)",
    "trim(word)",
    "length(trim(word))",
    "try_cast(trim(word) as double)",
    "regexp_matches(word, '^[0-9 ]+$')",
    "least(n, 2)",
    "least(moment, timestamp '2026-02-01 23:00:00')",
    "greatest(n, cast(number as bigint))",
    "moment + interval (n) second",
    "moment - interval '14' day",
    "moment + interval (n) second - interval '1' microsecond",
    "case when flag then 1 else 0 end - 2",
    "coalesce(flag, false)",
    "word || kind",
    "kind in ('a', 'x')",
    "not (n > 2)",
    "n > 2 or flag",
    "number > 2 and flag is null",
    "1.0 * n / 4",
    "substr(kind || ',x', 2)",
    "n is not null",
    "cast(null as double)",
    "day",
    "case when kind = 'a' then number end",
)
GROUPED = (
    "count(*)", "count(n)", "sum(n)", "sum(number)", "avg(number)", "min(word)", "max(moment)",
    "sum(case when flag then 1 else 0 end)", "sum(case when n > 100 then n end)", "min(n) <> max(n)",
    "string_agg(word || '=' || kind, '|' order by word, id)", "count(*) - count(flag) - 5",
)  # fmt: skip
WINDOWED = (
    "row_number() over (partition by kind order by number, id)",
    "row_number() over (order by moment desc, id)",
    "count(*) over (partition by kind)",
    "sum(n) over (partition by kind order by id rows between unbounded preceding and current row)",
    "sum(n) over w",
    "min(kind) over (partition by flag)",
)


@pytest.fixture
def here() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(f"create table things ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
    con.execute(f"insert into things values {ROWS}")
    return con


@pytest.fixture
def there(embedded: Server, here: duckdb.DuckDBPyConnection, tmp_path: Path) -> Server:
    embedded.run(f"CREATE DATABASE {embedded.warehouse}")
    shape = Shape({name: nullable(type_of(kind, name)) for name, kind in COLUMNS.items()})
    create(embedded, embedded.warehouse, "things", shape)
    here.execute(f"copy things to '{tmp_path}/things.parquet' (format parquet)")
    embedded.load(table(embedded.warehouse, "things"), tmp_path / "things.parquet")
    return embedded


def told(server: Server, sql: str) -> list[tuple[object, ...]]:
    model = Model("m", "m.sql", sql, ("things",))
    relations = {"things": relation(server.warehouse, "things")}
    found = to_clickhouse(model, {"things": COLUMNS}, relations).sql(dialect="clickhouse")
    return [tuple(row) for row in server.rows(found)]


def expect_equal(server: Server, con: duckdb.DuckDBPyConnection, sql: str, expressions: tuple[str, ...]) -> None:
    for one, other in zip(con.execute(sql).fetchall(), told(server, sql), strict=True):
        for name, left, right in zip(("key", *expressions), one, other, strict=True):
            right = bool(right) if isinstance(left, bool) else right  # a SELECT has no Bool; the tables made of it do
            assert same(left, right), (one[0], name, left, right)


def test_every_construct_gives_the_same_values(there: Server, here: duckdb.DuckDBPyConnection) -> None:
    def listed(expressions: tuple[str, ...]) -> str:
        return ", ".join(f"{one} as x{position}" for position, one in enumerate(expressions))

    expect_equal(there, here, f"select id, {listed(PER_ROW)} from things order by id", PER_ROW)
    expect_equal(there, here, f"select kind, {listed(GROUPED)} from things group by kind order by kind", GROUPED)
    windows = "window w as (partition by kind order by id rows between unbounded preceding and current row)"
    expect_equal(there, here, f"select id, {listed(WINDOWED)} from things {windows} order by id", WINDOWED)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("select a.id, b.n from things as a inner join things as b on a.id = b.id order by 1", id="names"),
        pytest.param("select n + 1 as n from things where n > 2 order by id", id="an alias does not hide the column"),
        pytest.param("select a.*, b.kind as k from things a cross join things b where a.id + b.id = 2", id="star"),
        pytest.param("select a.id, b.n from things a left join things b on a.id = b.n order by a.id", id="left join"),
        pytest.param("select sum(n) as n from things where id > 100", id="a sum of nothing is null"),
        pytest.param("select avg(number) as x from things where id > 100", id="so is an average"),
        pytest.param("with things as (select id from things where id < 3) select count(*) as n from things", id="cte"),
        pytest.param(
            "select count(*) as n from things group by kind union all select n from things where n < 0 order by n",
            id="a count above a signed number",
        ),
    ],
)
def test_statements_give_the_same_rows(there: Server, here: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert told(there, sql) == here.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        pytest.param("select id from", "m.sql is not SQL that ClickHouse can be given", id="syntax"),
        pytest.param("select nothing from things", "m.sql is not SQL that ClickHouse can be given", id="column"),
        pytest.param("drop table things", "m.sql is no SELECT", id="no query"),
        pytest.param("select string_agg(word, '' order by id desc) as x from things", "m.sql .* descending", id="desc"),
    ],
)
def test_what_can_not_be_carried_over_names_the_file(there: Server, sql: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        told(there, sql)
