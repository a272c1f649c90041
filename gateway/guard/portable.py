"""What means the same in DuckDB's dialect and in ClickHouse's, under the settings that the gateway sends along.

A statement becomes one of the other dialect only where it is made of nothing else. This is an allow-list: what nobody
has run on both engines, over nulls, zeros, empty groups and odd texts, is a stranger, whatever its name. The reasons
say what differs, since most strangers have the same name on both sides.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from sqlglot import exp

from gateway.guard.portable_parts import CONDITIONS, LOOKS, Names, Reason, as_value

_ALLOWED: Final[Mapping[type[exp.Expr], str]] = {
    exp.Select: "with_ expressions distinct from_ joins where group having order limit offset",
    exp.Union: "with_ this expression distinct",
    exp.Subquery: "this alias",
    exp.With: "expressions",
    exp.CTE: "this alias",
    exp.TableAlias: "this",
    exp.From: "this",
    exp.Table: "this alias",
    exp.Join: "this on using side kind",
    exp.Where: "this",
    exp.Having: "this",
    exp.Group: "expressions all",
    exp.Order: "expressions",
    exp.Ordered: "this desc nulls_first",
    exp.Limit: "expression",
    exp.Offset: "expression",
    exp.Distinct: "expressions",
    exp.Alias: "this alias",
    exp.Column: "this table",
    exp.Identifier: "this quoted",
    exp.Star: "",
    exp.Literal: "this is_string",
    exp.Boolean: "this",
    exp.Null: "",
    exp.Paren: "this",
    **dict.fromkeys((exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), "this expression"),
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul), "this expression"),
    exp.Div: "this expression typed safe",
    exp.DPipe: "this expression safe",
    exp.Not: "this",
    exp.Neg: "this",
    exp.Is: "this expression negate",
    exp.In: "this expressions query",
    exp.Between: "this low high",
    exp.Like: "this expression negate",
    exp.Case: "this ifs default",
    exp.If: "this true false",
    exp.Coalesce: "this expressions is_nvl is_null",
    exp.Nullif: "this expression",
    exp.Abs: "this",
    exp.Floor: "this",
    exp.Ceil: "this",
    exp.Extract: "this expression",
    exp.Var: "this",
    **dict.fromkeys((exp.Year, exp.Month, exp.Day), "this"),
    exp.Cast: "this to",
    exp.DataType: "this nullable",
    exp.Count: "this big_int",
    **dict.fromkeys((exp.Sum, exp.Avg, exp.Min, exp.Max), "this"),
    exp.Filter: "this expression",
    exp.Window: "this partition_by order over",
    **dict.fromkeys((exp.RowNumber, exp.Rank, exp.DenseRank), ""),
}
ALLOWED: Final = {kind: frozenset(names.split()) for kind, names in _ALLOWED.items()}
"""Node types, each with the arguments that it may have."""

_ON_LIST: Final = ""
"""Nothing to write instead, but in the engine's own dialect."""


def strangers(root: exp.Expr, names: Names) -> Iterator[tuple[exp.Expr, Reason]]:
    """Every part that is not known to mean the same, with what differs; what stands inside one is not looked at."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        reason = _reason(node, names)
        if reason is not None:
            yield node, reason
            continue
        waiting += reversed(list(node.iter_expressions()))


def _reason(node: exp.Expr, names: Names) -> Reason | None:
    allowed = ALLOWED.get(type(node))
    if allowed is None:
        return _unknown(node)
    for argument, value in node.args.items():
        if value and argument not in allowed:
            word = _WORDS.get((type(node), argument)) or argument.rstrip("_").replace("_", " ").upper()
            return f"{word} is not known to mean the same in both dialects", _ON_LIST
    look = LOOKS.get(type(node))
    found = look(node, names) if look else None
    return found or (as_value(node) if isinstance(node, CONDITIONS) else None)


_WORDS: Final[Mapping[tuple[type[exp.Expr], str], str]] = {
    (exp.Limit, "expressions"): "LIMIT … BY",
    (exp.Distinct, "on"): "DISTINCT ON",
}


def _unknown(node: exp.Expr) -> Reason:
    name = (node.name if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc) else _sql_name(node)).lower()
    known = _DIFFERENT.get(name)
    return known or (f"{name} is not known to mean the same in both dialects", _ON_LIST)


def _sql_name(node: exp.Expr) -> str:
    return node.sql_name() if isinstance(node, exp.Func) else type(node).__name__


_DIFFERENT: Final[Mapping[str, Reason]] = {
    "round": ("halves are rounded away from zero in DuckDB, and to even in ClickHouse", "round what is shown"),
    "lower": ("ClickHouse's lower knows ASCII only, and its lowerUTF8 more", ""),
    "upper": ("ClickHouse's upper knows ASCII only, and its upperUTF8 more", ""),
    "length": ("letters are counted in DuckDB, and bytes in ClickHouse, but for its lengthUTF8", ""),
    "substring": ("letters are counted in DuckDB, and bytes in ClickHouse, but for its substringUTF8", ""),
    "intdiv": ("dividing by zero is null in DuckDB, and an error in ClickHouse", "floor(a / nullif(b, 0))"),
    "mod": ("a remainder of zero or of a fraction differs", _ON_LIST),
    "median": ("ClickHouse's median is of a sample, but for medianExact", ""),
    "quantile": ("ClickHouse's quantile is of a sample, but for quantileExactInclusive", ""),
    "stddev": ("of one row it is null in DuckDB, and not a number in ClickHouse", _ON_LIST),
    "stddev_samp": ("of one row it is null in DuckDB, and not a number in ClickHouse", _ON_LIST),
    "variance": ("of one row it is null in DuckDB, and not a number in ClickHouse", _ON_LIST),
    "ilike": ("which letters are one but for their case differs", "LIKE"),
    "concat": ("DuckDB leaves nulls out, and ClickHouse gives null", _ON_LIST),
    "greatest": ("DuckDB leaves nulls out, and older ClickHouse gives null", "CASE WHEN … THEN … ELSE … END"),
    "least": ("DuckDB leaves nulls out, and older ClickHouse gives null", "CASE WHEN … THEN … ELSE … END"),
    "interval": ("a date and an interval are a time in DuckDB, and a date in ClickHouse", "a date that is written out"),
    "date_trunc": ("the start of a month is a time in one and a date in the other", "year(d), month(d)"),
    "timestamp_trunc": ("the start of a month is a time in one and a date in the other", "year(d), month(d)"),
    "except": ("duplicates and nulls are told apart differently", "a left join and IS NULL"),
    "intersect": ("duplicates and nulls are told apart differently", "a join"),
    "exists": ("a subquery that reads the rows outside differs between versions", "IN (SELECT …)"),
    "arg_max": ("of equal rows each engine takes its own, and nulls count differently", _ON_LIST),
    "arg_min": ("of equal rows each engine takes its own, and nulls count differently", _ON_LIST),
}
