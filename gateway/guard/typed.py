"""What ClickHouse compares with what. DuckDB makes one type of both sides; ClickHouse refuses text beside a number."""

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from gateway.guard.decision import Rule
from gateway.guard.relations import Source

if TYPE_CHECKING:
    from gateway.guard.queries import Reader

_COMPARISONS: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between)


def comparable(reader: "Reader", source: Source, key: str, node: exp.Expr) -> None:
    """Refuse a number beside a column of texts: the engine would, and could not say where."""
    comparison, asset, item = node.parent, source.relation.asset, source.relation.fields[key]
    if not isinstance(comparison, _COMPARISONS) or asset is None or item.origin is None:
        return
    if asset.columns[item.origin[1]].type != "string":
        return
    for other in comparison.iter_expressions():
        value = other.this if isinstance(other, exp.Neg) else other
        if isinstance(value, exp.Literal) and not value.is_string:
            message = f"column {node.name!r} holds texts, and {value.name} is a number"
            reader.report.add(Rule.TYPE_NOT_ALLOWED, message, f"write '{value.name}'", node, token=node.name)
            return
