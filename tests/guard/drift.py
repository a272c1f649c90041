"""What a statement means to DuckDB's parser, to hold a text and sqlglot's round trip of it against each other.

Two trees that differ only in spelling are made equal here, one named rule at a time. Whatever is left over is drift:
the caller would get another answer than the engine gives for the same text.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

import duckdb

from tests.guard.referee import parsed

Tree = dict[str, Any]
_PLACES = {"query_location", "query_location_length", "qualified_name"}
_PLACES |= {"is_implicit"}  # a comma is CROSS JOIN in another spelling; how far each reaches is in the tree
_TYPES = {
    "text": "varchar",
    "string": "varchar",
    "char": "varchar",
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int128": "hugeint",
    "float8": "double",
    "real": "float",
    "float4": "float",
    "numeric": "decimal",
    "bool": "boolean",
    "datetime": "timestamp",
    "uint": "uinteger",
}
_SAME = {"->>": "json_extract_string", "->": "json_extract", "%": "mod", "**": "pow", "power": "pow", "^": "pow"}
_SAME |= {"datediff": "date_diff", "list": "array_agg", "date_add": "+", "&&": "list_has_any"}
_SAME |= {"percentile_cont": "quantile_cont", "percentile_disc": "quantile_disc"}
_UNITS = {"date_trunc", "date_part", "date_diff", "date_sub"}
_UNIT_NAMES = {"dow": "dayofweek", "doy": "dayofyear", "weekday": "dayofweek"}
_QUANTILES = {"quantile_cont", "quantile_disc"}
_INTERVAL = re.compile(r"\s*([+-]?[\d.]+)\s*([a-z]+)\s*", re.IGNORECASE)
_NEGATED = {
    "OPERATOR_IS_NULL": "OPERATOR_IS_NOT_NULL",
    "COMPARE_IN": "COMPARE_NOT_IN",
    "COMPARE_DISTINCT_FROM": "COMPARE_NOT_DISTINCT_FROM",
    "COMPARE_NOT_DISTINCT_FROM": "COMPARE_DISTINCT_FROM",
}
_KEY = re.compile(r"[a-z_]\w*", re.IGNORECASE)
_NEGATED_CALLS = {"~~": "!~~", "~~*": "!~~*"}


@lru_cache(maxsize=1)
def aliases() -> dict[str, str]:
    """The engine's own word on which function names are one function."""
    rows = duckdb.execute(
        "select function_name, alias_of from duckdb_functions() where alias_of is not null"
    ).fetchall()
    return {name: alias for name, alias in rows if name != alias}


def meaning(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The engine's parse of one statement, without places and spelling."""
    return _plain(parsed(con, sql)["statements"][0]["node"])


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _plain(value) for key, value in node.items() if key not in _PLACES}
    if made.get("null_order") == "NULLS LAST":
        made["null_order"] = "ORDER_DEFAULT"  # the engine's default, whichever way the order goes
    if made.get("alias") in ("valueslist", "_values"):
        # VALUES as the body of a CTE; sqlglot names the relation, which nothing can refer to
        held = (made.get("subquery") or {}).get("node")
        return held["from_table"] if held else {"type": "EXPRESSION_LIST", "values": made["values"]}
    rule = _RULES.get(made.get("class", ""))
    return rule(made) if rule is not None else made


def _function(node: Tree) -> Tree:
    name = node["function_name"].lower()
    while name in aliases():
        name = aliases()[name]
    name = _SAME.get(name, name)
    node |= {"function_name": name, "is_operator": False}
    arguments = node.get("arguments") or []
    values = [argument["expression"] for argument in arguments]
    if name in _UNITS and values and values[0].get("literal"):
        unit = values[0]["literal"]["text"].lower()
        values[0]["literal"]["text"] = _UNIT_NAMES.get(unit, unit)
    if name in ("bool_or", "bool_and") and values[0].get("class") == "CAST":
        arguments[0]["expression"] = values[0]["child"]  # they take nothing but a boolean
    if name.startswith("json_extract") and _KEY.fullmatch(_text(values[-1])):
        values[-1]["literal"]["text"] = f"$.{_text(values[-1])}"
    if name == "log10":
        node |= {"function_name": "log", "arguments": [_integer("10"), *arguments]}  # the same to the last bit
    if name == "range" and len(arguments) == 1:
        node["arguments"] = [_integer("0"), *arguments]
    if name in ("string_agg", "group_concat", "listagg"):
        node |= {"function_name": "string_agg", "arguments": arguments + [_string(",")] * (len(arguments) == 1)}
    return _other(name, values, node)


def _other(name: str, values: list[Tree], node: Tree) -> Tree:
    """Calls that are another construct in another spelling."""
    if name == "if":
        return _case_of(values, node)
    if name in _QUANTILES and len(values) == 1:
        order = node["order_bys"]["orders"][0]["expression"]
        given = [{"name": "", "expression": order}, *node["arguments"]]
        return node | {"arguments": given, "order_bys": _NO_ORDER}
    if name in ("today", "current_date") and not values:
        return {"class": "TODAY", "alias": node["alias"]}
    interval = _counted(name, values)
    return {"interval": interval, "alias": node["alias"]} if interval else node


_NO_ORDER = {"type": "ORDER_MODIFIER", "orders": []}
_CALL: Tree = {
    "class": "FUNCTION",
    "type": "FUNCTION",
    "schema": "",
    "filter": None,
    "order_bys": _NO_ORDER,
    "distinct": False,
    "export_state": False,
    "catalog": "",
}


def _text(value: Tree) -> str:
    literal = value.get("literal") or {}
    return str(literal.get("text", "")) if literal.get("kind") == "STRING" else ""


def _string(text: str) -> Tree:
    return _literal("STRING", text)


def _integer(text: str) -> Tree:
    return _literal("NUMBER", text)


def _literal(kind: str, text: str) -> Tree:
    literal = {"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "literal": {"kind": kind, "text": text}}
    return {"name": "", "expression": literal}


def _arrow(node: Tree) -> Tree:
    """`a -> 'b'` is json_extract; the guard approves no lambda, in either form."""
    values = [node["lhs"], node["expr"]]
    made = _CALL | {"alias": node["alias"], "function_name": "json_extract"}
    return _function(made | {"arguments": [{"name": "", "expression": value} for value in values]})


def _case_of(values: list[Tree], node: Tree) -> Tree:
    otherwise = values[2] if len(values) > 2 else None
    checks = [{"when_expr": values[0], "then_expr": values[1]}]
    shown = {"class": "CASE", "type": "CASE_EXPR", "alias": node["alias"]}
    return shown | {"case_checks": checks, "else_expr": otherwise}


def _counted(name: str, values: list[Tree]) -> str:
    """`to_days(cast(trunc(cast(3 as double)) as integer))`, as the grammar writes INTERVAL 3 DAY."""
    if not name.startswith("to_") or len(values) != 1:
        return ""
    inner = values[0]
    while inner.get("class") in ("CAST", "FUNCTION"):
        inner = inner["child"] if inner["class"] == "CAST" else inner["arguments"][0]["expression"]
    text = inner.get("literal", {}).get("text")
    return f"{Decimal(text)} {name[3:].rstrip('s')}" if text is not None else ""


def _cast(node: Tree) -> Tree:
    kind = node.get("type_expr") or {}
    name = str(kind.get("type_name", "")).lower()
    kind["type_name"] = name = _TYPES.get(name, name)
    if name == "decimal" and not kind.get("children"):
        kind["children"] = [_integer(size)["expression"] for size in ("18", "3")]
    literal = node["child"].get("literal") or {}
    match = _INTERVAL.fullmatch(str(literal.get("text", ""))) if name == "interval" else None
    if match:
        return {"interval": f"{Decimal(match[1])} {match[2].lower().rstrip('s')}", "alias": node["alias"]}
    return node


def _constant(node: Tree) -> Tree:
    literal = node["literal"]
    if literal["kind"] in ("INTEGER", "NUMERIC"):
        text = literal["text"].replace("_", "")
        literal |= {"kind": "NUMBER", "text": f"0{text}" if text.startswith(".") else text}
    return node


def _column(node: Tree) -> Tree:
    names = node["column_names"]
    if len(names) == 1 and names[0].lower() == "current_date":
        return {"class": "TODAY", "alias": node["alias"]}
    return node


def _operator(node: Tree) -> Tree:
    """NOT (x IS NULL) is x IS NOT NULL, and so on for what has a negated form of its own."""
    if node["type"] != "OPERATOR_NOT":
        return node
    inner: Tree = node["children"][0]
    if inner.get("alias"):
        return node
    if inner.get("type") in _NEGATED:
        return inner | {"type": _NEGATED[inner["type"]], "alias": node["alias"]}
    if inner.get("function_name") in _NEGATED_CALLS:
        return inner | {"function_name": _NEGATED_CALLS[inner["function_name"]], "alias": node["alias"]}
    return node


_RULES = {
    "FUNCTION": _function,
    "LAMBDA": _arrow,
    "CAST": _cast,
    "CONSTANT": _constant,
    "COLUMN_REF": _column,
    "OPERATOR": _operator,
}


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two trees differ, for the reader of a failed test."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [d for key in keys for d in differences(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [d for i, (a, b) in enumerate(zip(one, other, strict=True)) for d in differences(a, b, f"{path}[{i}]")]
    return [] if one == other else [f"{path}: {str(one)[:120]} / {str(other)[:120]}"]
