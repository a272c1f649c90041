"""A model's SELECT as ClickHouse's own: the same file, parsed as DuckDB's and written for the other engine.

Every column gets its table and every projection a name, because ClickHouse names a qualified column after its table and
lets an alias hide a column. What the two engines mean differently is written so that it means what DuckDB means.
"""

from collections.abc import Mapping
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError, UnsupportedError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from gateway.errors import ContractError
from gateway.marts.clickhouse.rewriting import Rewrites, call, read_from, rewritten
from gateway.marts.project import HINT, Model

Columns = Mapping[str, str]
"""Column names of a table, in its order, with DuckDB's types."""


def to_clickhouse(model: Model, schema: Mapping[str, Columns], relations: Mapping[str, exp.Expr]) -> exp.Query:
    """The model's SELECT, reading what `relations` gives for each table that it names.

    `schema` has the columns of those tables. Raises ContractError where the file is not portable SQL.
    """
    try:
        query = sqlglot.parse_one(model.sql, dialect="duckdb")
        if not isinstance(query, exp.Query):
            raise ContractError(f"{model.file} is no SELECT", hint=HINT)
        query = qualify(
            query,
            dialect="duckdb",
            schema={name: dict(schema[name]) for name in (*model.refs, *model.sources)},
            expand_alias_refs=False,
            quote_identifiers=False,
            identify=False,
        )
        _read_from(query, relations)
        return rewritten(query, _REWRITES)
    except SqlglotError as error:
        raise ContractError(f"{model.file} is not SQL that ClickHouse can be given: {error}", hint=HINT) from error


def in_database(sql: str, database: str) -> str:
    """A query of DuckDB's dialect as ClickHouse's, its tables looked for in a database."""
    try:
        query = sqlglot.parse_one(sql, dialect="duckdb")
        read_from(query, database)
        return rewritten(query, _REWRITES).sql(dialect="clickhouse")
    except SqlglotError as error:
        raise ContractError(f"this is not SQL that ClickHouse can be given: {sql}", hint=HINT) from error


def _read_from(query: exp.Query, relations: Mapping[str, exp.Expr]) -> None:
    """Tables, but not CTEs of the same name, become what stands for them; their alias stays."""
    found = {
        id(source): source
        for scope in traverse_scope(query)
        for source in scope.sources.values()
        if isinstance(source, exp.Table)
    }
    for table in found.values():
        table.replace(exp.alias_(relations[table.name].copy(), table.alias_or_name, table=True))


def _cast(node: exp.Cast) -> exp.Expr:
    """To a date: ClickHouse's Date begins in 1970. To an integer: ClickHouse cuts off, DuckDB rounds."""
    if isinstance(node.this, exp.Null):
        return node
    if node.to.this == exp.DType.DATE:
        return call("toDate32", node.this)
    return call("toInt64", call("round", node.this)) if node.to.this == exp.DType.BIGINT else node


def _try_cast(node: exp.TryCast) -> exp.Expr:
    """ClickHouse's CAST fails on what it cannot read, also to a nullable type."""
    kind = node.to.copy()
    kind.set("nullable", False)
    return call("accurateCastOrNull", node.this, exp.Literal.string(kind.sql(dialect="clickhouse")))


def _count(node: exp.Expr) -> exp.Expr:
    """Signed, as in DuckDB: a signed and an unsigned column can't stand below each other in a union."""
    return node if isinstance(node.parent, _AROUND) else call("toInt64", node.copy())


def _around_count(node: exp.Expr) -> exp.Expr:
    return _count(node) if isinstance(node.this, (*_COUNTS, *_AROUND)) else node


def _case(node: exp.Case) -> exp.Expr:
    """Its whole numbers are signed, for the same reason."""
    for branch in [*(each.args["true"] for each in node.args["ifs"]), node.args.get("default")]:
        if isinstance(branch, exp.Literal) and branch.is_int:
            branch.replace(call("toInt64", branch.copy()))
    return node


def _least(node: exp.Expr) -> exp.Expr:
    """Of those that are there, also on servers where one null makes it null."""
    name = "least" if isinstance(node, exp.Least) else "greatest"
    found: exp.Expr = node.this
    for other in node.expressions:
        found = exp.func("coalesce", call(name, found.copy(), other.copy()), found, other)
    return found


def _trim(node: exp.Trim) -> exp.Expr:
    """Of every kind of space, as in DuckDB; the plain trim, which knows one kind, is enough for plain text."""
    if node.expression or node.args.get("position"):
        return node
    text = node.this
    plain = call("length", text.copy()).eq(call("lengthUTF8", text.copy()))
    spaces, nothing = exp.Literal.string(r"^\p{Zs}+|\p{Zs}+$"), exp.Literal.string("")
    whole = call("replaceRegexpAll", text.copy(), spaces, nothing)
    return call("if", plain, call("trimBoth", text.copy()), whole)


def _string_agg(node: exp.GroupConcat) -> exp.Expr:
    """Texts in their order: sorted as tuples, whose last part is the text itself.

    (No `…If`: with aggregate_functions_null_for_empty, ClickHouse loses such a column between shards.)
    """
    order = node.this if isinstance(node.this, exp.Order) else exp.Order(this=node.this, expressions=[])
    if any(key.args.get("desc") for key in order.expressions):
        raise UnsupportedError("string_agg in descending order")
    keys = [key.this.copy() for key in order.expressions]
    text = order.this
    part = call("tupleElement", exp.column("one"), exp.Literal.number(len(keys) + 1))
    rows = call("groupArray", exp.Tuple(expressions=[*keys, text.copy()]))
    told = call("arrayFilter", _of_one(call("isNotNull", part.copy())), rows)
    texts = call("arrayMap", _of_one(part), call("arraySort", told))
    joined = call("arrayStringConcat", texts, node.args["separator"])
    return exp.case().when(call("count", text.copy()) > 0, joined)


def _of_one(body: exp.Expr) -> exp.Lambda:
    return exp.Lambda(this=body, expressions=[exp.to_identifier("one")])


_COUNTS: Final = (exp.Count, exp.RowNumber)
_AROUND: Final = (exp.Window, exp.Filter)
_REWRITES: Final[Rewrites] = {
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
    exp.Case: _case,
    exp.Count: _count,
    exp.RowNumber: _count,
    exp.Window: _around_count,
    exp.Filter: _around_count,
    exp.Least: _least,
    exp.Greatest: _least,
    exp.GroupConcat: _string_agg,
    exp.Trim: _trim,
}
