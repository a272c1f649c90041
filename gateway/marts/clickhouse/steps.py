"""Named steps of a model that are read more than once, as tables of their own.

ClickHouse puts a CTE's text wherever its name stands and runs it there each time. A step that groups or ranks and is
read twice is therefore made once, beside the model's table, and read from there. So is one that only joins, unless a
reader filters it: filters go down through joins, and leave little to be done again.
"""

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from gateway.marts.clickhouse.sources import relation

_GROUPS: Final = (exp.Group, exp.Distinct, exp.Window, exp.AggFunc)
_JOINS: Final = (exp.Join, exp.SetOperation)


@dataclass(frozen=True, slots=True)
class Step:
    """A table that is made before the model's own, and goes with the database that it is made in."""

    called: str
    select: str


def separate(query: exp.Query, database: str, model: str) -> tuple[tuple[Step, ...], exp.Query]:
    """The steps to make first, in order, and the query that reads them."""
    query = query.copy()
    steps: list[Step] = []
    inlined: list[exp.CTE] = []
    for step in list(query.ctes):
        if _is_worth_it(query, step):
            called = f"{model}__{step.alias}"
            steps.append(Step(called, _with(step.this, inlined).sql(dialect="clickhouse", comments=False)))
            _read_instead(query, step.alias, relation(database, called))
            step.pop()
        else:
            inlined.append(step)
    if not inlined and query.args.get("with_"):
        query.set("with_", None)
    return tuple(steps), query


def _is_worth_it(query: exp.Query, step: exp.CTE) -> bool:
    readers = [table.parent_select for table in query.find_all(exp.Table) if table.name == step.alias and not table.db]
    if step.this.find(*_GROUPS):
        return len(readers) > 1
    whole = [reader for reader in readers if reader and not reader.args.get("where")]
    return len(whole) > 1 and step.this.find(*_JOINS) is not None


def _with(query: exp.Expr, steps: list[exp.CTE]) -> exp.Expr:
    """The query with the steps before it."""
    query = query.copy()
    if steps:
        query.set("with_", exp.With(expressions=[step.copy() for step in steps]))
    return query


def _read_instead(query: exp.Query, step: str, table: exp.Table) -> None:
    for found in list(query.find_all(exp.Table)):
        if found.name == step and not found.db:
            found.replace(exp.alias_(table.copy(), found.alias_or_name, table=True))
