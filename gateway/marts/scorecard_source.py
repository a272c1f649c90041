"""The warehouse's sources where they are: the local DuckDB file, or a database of ClickHouse. Read only, both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import sqlglot
from sqlglot import exp

from gateway.errors import ContractError, EngineError, GatewayError
from gateway.marts.clickhouse.rewriting import MEANING, Rewrites, call, read_from, rewritten
from gateway.marts.warehouse import warehouse_session

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

WAREHOUSE: Final = "_warehouse"
"""Ending of the ClickHouse database with the sources: that of the published marts, and this."""
_NOT_THERE: Final = frozenset({16, 43, 47, 60, 81})
"""No such column, table or database, or a column of another type."""
_NOT_ALLOWED: Final = frozenset({164, 497})
_WHY: Final[Mapping[int, str]] = {
    159: "it ran longer than the server allows", 160: "it ran longer than the server allows",
    173: "the server is out of memory", 241: "the server is out of memory",
}  # fmt: skip
_NULL_FOR_EMPTY: Final = "aggregate_functions_null_for_empty"
"""Off: the statement says of itself what a sum of nothing is, and is faster for it."""
_KEEPS_STEPS: Final = "enable_materialized_cte"
"""Setting of servers that run a named step once, however often it is read; others run it each time."""


@dataclass(frozen=True, slots=True)
class DuckDBSource:
    """The local warehouse."""

    con: duckdb.DuckDBPyConnection
    engine: str = "duckdb"

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """What a SELECT gives."""
        cursor = self.con.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def duckdb_source(warehouse: Path, *, memory_limit: str = "2GB") -> Iterator[DuckDBSource]:
    """The sources of a warehouse file. Raises ContractError without one, EngineError when DuckDB fails."""
    with warehouse_session(warehouse, read_only=True, memory_limit=memory_limit) as con:
        yield DuckDBSource(con)


@dataclass(frozen=True, slots=True)
class ClickHouseSource:
    """Source tables in a database of ClickHouse."""

    client: "Client"
    database: str
    keeps_steps: bool
    engine: str = "clickhouse"

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """What a SELECT gives that is written in DuckDB's dialect."""
        found = self.client.query(clickhouse_text(sql, self.database, keeps_steps=self.keeps_steps))
        return [dict(zip(found.column_names, row, strict=True)) for row in found.result_rows]


@contextmanager
def clickhouse_source(client: "Client", published: str) -> Iterator[ClickHouseSource]:
    """The sources that belong to the published marts of a database.

    Raises ContractError where they are not there, EngineError when ClickHouse fails.
    """
    from clickhouse_connect.driver.exceptions import ClickHouseError

    database = published + WAREHOUSE
    try:
        known = client.query(f"SELECT count() FROM system.settings WHERE name = '{_KEEPS_STEPS}'").result_rows
        yield ClickHouseSource(client, database, bool(known[0][0]))
    except ClickHouseError as error:
        raise _explained(error, database) from error


def _explained(error: Exception, database: str) -> GatewayError:
    """ClickHouse's own texts are left out: they quote rows."""
    code = getattr(error, "code", None)
    if code in _NOT_THERE:
        return ContractError(
            f"database {database!r} does not hold the source tables as they must be (ClickHouse error {code})",
            hint="The scorecard reads them there: fct_events, fct_experiment_assignments and the definitions.",
        )
    if code in _NOT_ALLOWED:
        return ContractError(
            f"the gateway's user may not read database {database!r}",
            hint="Use the address that publishes: who asks questions has no business with raw events.",
        )
    why = _WHY.get(code, f"ClickHouse error {code}") if isinstance(code, int) else "the connection broke"
    return EngineError(f"the scorecard's statement failed: {why}")


def clickhouse_text(sql: str, database: str, *, keeps_steps: bool) -> str:
    """The statement as ClickHouse reads it, its tables looked for in a database, with the settings it needs."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    if not keeps_steps:
        for step in tree.find_all(exp.CTE):
            step.set("materialized", None)
    read_from(tree, database)
    settings = {**MEANING, _NULL_FOR_EMPTY: "0"} | ({_KEEPS_STEPS: "1"} if keeps_steps else {})
    meant = ", ".join(f"{name} = '{value}'" for name, value in settings.items())
    return f"{rewritten(tree, _REWRITES).sql(dialect='clickhouse', comments=False)} SETTINGS {meant}"


def _cast(node: exp.Cast) -> exp.Expr:
    """Times with their fractions; what can be null stays null, and what can't is not made to look as if it could."""
    kind = _TYPES.get(node.to.this, "")
    if isinstance(node.this, exp.Null):
        return call("CAST", node.this, exp.Literal.string(f"Nullable({kind})"))
    return call("CAST", node.this, exp.Literal.string(kind)) if kind else node


def _try_cast(node: exp.TryCast) -> exp.Expr:
    """ClickHouse's CAST fails on what it can't read, also to a nullable type."""
    return call("toFloat64OrNull", node.this)


def _count(node: exp.Count) -> exp.Expr:
    """`count(case when … then 1 end)` as ClickHouse counts it fastest."""
    case = node.this
    if not isinstance(case, exp.Case) or len(case.args["ifs"]) != 1 or case.args.get("default"):
        return node
    return call("countIf", case.args["ifs"][0].this)


def _sum(node: exp.Sum) -> exp.Expr:
    """`sum(case when … then … else 0.0 end)` likewise."""
    case = node.this
    if not isinstance(case, exp.Case) or len(case.args["ifs"]) != 1 or case.args.get("default") != _ZERO:
        return node
    return call("ifNull", call("sumIf", case.args["ifs"][0].args["true"], case.args["ifs"][0].this), _ZERO.copy())


def _named(name: str) -> Any:
    return lambda node: call(name, *(node.args[key] for key in ("this", "expression") if node.args.get(key)))


def _anonymous(node: exp.Anonymous) -> exp.Expr:
    return call("cityHash64", *node.expressions) if node.name.lower() == "hash" else node


_TYPES: Final = {
    exp.DType.TIMESTAMP: "DateTime64(6)",
    exp.DType.TIMESTAMPNTZ: "DateTime64(6)",
    exp.DType.DOUBLE: "Float64",
    exp.DType.VARCHAR: "String",
    exp.DType.TEXT: "String",
    exp.DType.UINT: "UInt32",
}
_ZERO: Final = exp.Literal.number("0.0")
_REWRITES: Final[Rewrites] = {
    exp.Anonymous: _anonymous,
    exp.BitwiseRightShift: _named("bitShiftRight"),
    exp.Cast: _cast,
    exp.Count: _count,
    exp.Sum: _sum,
    exp.TryCast: _try_cast,
    exp.VariancePop: _named("varPopStable"),
    exp.CovarPop: _named("covarPopStable"),
}
