"""A role's row rule is a condition over one asset's columns, and nothing more."""

from collections.abc import Iterable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from gateway.problems import did_you_mean

_NOT_IN_A_RULE = (exp.Query, exp.Subquery, exp.Table, exp.Command, exp.DDL, exp.DML, exp.Star, exp.AggFunc, exp.Window)


def problems_of_condition(text: str, columns: Iterable[str], asset: str) -> Iterator[str]:
    """Why this text is no condition over these columns. The guard checks the rule again with each statement."""
    try:
        found = sqlglot.parse(text, dialect="duckdb", error_level=ErrorLevel.RAISE)
    except (SqlglotError, RecursionError) as error:
        yield f"is not a condition: {str(error).splitlines()[0]}"
        return
    condition = found[0] if len(found) == 1 else None
    if not isinstance(condition, exp.Condition):
        yield f"is not one condition: {text!r}"
        return
    known = {name.casefold() for name in columns}
    for node in condition.walk():
        if isinstance(node, _NOT_IN_A_RULE):
            yield f"a condition over the asset's own columns is needed, without {node.key}"
        elif isinstance(node, exp.Column) and node.table:
            yield f"write {node.name!r} without {node.table!r}: the rule only sees its own asset"
        elif isinstance(node, exp.Column) and node.name.casefold() not in known:
            yield f"no column {node.name!r} in {asset}." + did_you_mean(node.name, columns)
