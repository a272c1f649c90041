"""What a statement means to ClickHouse's own parser, to hold a text and sqlglot's round trip of it against each other.

`parseQueryToJSON` takes the text as a value, binds nothing and runs nothing. Two trees that differ only in spelling are
made equal here, one named rule at a time. Whatever is left over is drift.
"""

import json
import re
from functools import lru_cache
from typing import Any

from sqlglot.dialects.dialect import Dialect

from gateway.guard.parse import parse
from gateway.guard.report import Report
from tests.clickhouse import Database

Tree = dict[str, Any]
CLICKHOUSE = Dialect.get_or_raise("clickhouse")
_SPELLING = {"is_operator", "nulls_direction_was_explicitly_specified", "prefer_alias_to_column_name", "preset_alias"}
_NEGATED = {"notIn": "in", "notLike": "like", "notILike": "ilike", "globalNotIn": "globalIn"}
_NEGATED |= {"isNotNull": "isNull", "isDistinctFrom": "isNotDistinctFrom"}
_DATES = {"toDate": "Date", "toDateTime": "DateTime"}
_WITHIN = ["greaterOrEquals", "lessOrEquals"]
_TYPES = {"date": "Date", "varchar": "String", "text": "String", "timestamp": "DateTime", "datetime": "DateTime"}
_TYPES |= {"double": "Float64", "float": "Float32", "integer": "Int32", "int": "Int32", "bigint": "Int64"}
_TYPES |= {"smallint": "Int16", "tinyint": "Int8", "boolean": "Bool", "decimal": "Decimal", "string": "String"}
_WORD = re.compile(r"\w+")


def parsed(db: Database, sql: str) -> Tree:
    """The engine's reading of one statement; nothing is bound and nothing runs."""
    tree: Tree = json.loads(db.run("select parseQueryToJSON({sql:String}) as tree", {"sql": sql}).rows[0][0])
    return tree


def with_names(tree: Any) -> set[str]:
    """The names that WITH clauses of a statement define, which EXPLAIN AST leaves out."""
    if isinstance(tree, list):
        return {name for item in tree for name in with_names(item)}
    if not isinstance(tree, dict):
        return set()
    own = {str(tree["name"])} if tree.get("type") == "WithElement" else set()
    return own.union(*(with_names(value) for value in tree.values()))


def round_trip(sql: str) -> str:
    """The text read as the guard reads it and rendered again, with nothing done in between."""
    tree = parse(sql, CLICKHOUSE, Report(sql))
    assert tree is not None
    return tree.sql(dialect="clickhouse", comments=False)


def meaning(db: Database, sql: str) -> Any:
    """The engine's parse of one statement, without spelling."""
    return _plain(parsed(db, sql), _names(db))


@lru_cache(maxsize=1)
def _names(db: Database) -> dict[str, str]:
    """The engine's own word on which function names are one function: in any case where it says so, and by alias."""
    rows = db.run("select name, case_insensitive, alias_to from system.functions").rows
    one = {name: alias or name for name, _, alias in rows}
    return one | {name.lower(): one[name] for name, any_case, _ in rows if any_case and name.lower() not in one}


def _plain(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_plain(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _plain(value, names) for key, value in node.items() if key not in _SPELLING}
    if made.get("type") == "TableJoin" and made.get("kind") == "COMMA":
        made["kind"] = "CROSS"
    if "list_of_modes" in made:
        made["list_of_modes"] = [str(mode).replace("_DEFAULT", "_ALL") for mode in made["list_of_modes"]]
    return _function(made, names) if made.get("type") == "Function" else made


def _function(node: Tree, names: dict[str, str]) -> Tree:
    name = node["name"]
    node["name"] = name = names.get(name, names.get(name.lower(), name))
    given = (node.get("arguments") or {}).get("children") or []
    if name == "multiIf" and len(given) == 3:
        node["name"] = "if"  # CASE in one branch, and `c ? a : b`
    if name in _NEGATED:
        return _not(node, node | {"name": _NEGATED[name]})
    if name.startswith("toInterval") and len(given) == 1:
        _number(given[0])
    if name in _DATES and len(given) == 1 and _text(given[0]):  # DATE '2026-01-01'
        given = node["arguments"]["children"] = [*given, _string(_DATES[name])]
        node["name"] = name = "CAST"
    if name == "CAST" and len(given) == 2:
        given[1] = _string(_type(_text(given[1])))
    if name == "quantile" and not node.get("parameters"):
        half = {"type": "Literal", "value": {"field_type": "Float64", "value": 0.5}}
        node["parameters"] = {"type": "ExpressionList", "children": [half]}  # median(x), quantile(x)
    return _outside(node, given) if name == "not" else node


def _not(node: Tree, inner: Tree) -> Tree:
    """`x NOT IN y` is `NOT (x IN y)`; the alias stays outside."""
    inner = {key: value for key, value in inner.items() if key != "alias"}
    alias = {"alias": node["alias"]} if "alias" in node else {}
    return {"type": "Function", "name": "not", "arguments": {"type": "ExpressionList", "children": [inner]}} | alias


def _outside(node: Tree, given: list[Tree]) -> Tree:
    """`NOT (x BETWEEN a AND b)` is `x < a OR x > b`, as the engine reads NOT BETWEEN."""
    inside = (given[0].get("arguments") or {}).get("children") or [] if given else []
    if given[0].get("name") == "and" and [part.get("name") for part in inside] == _WITHIN:
        parts = [part | {"name": name} for part, name in zip(inside, ("less", "greater"), strict=True)]
        return node | {"name": "or", "arguments": {"type": "ExpressionList", "children": parts}}
    return node


def _type(text: str) -> str:
    """A type under the engine's own name."""
    return _WORD.sub(lambda word: _TYPES.get(word[0].lower(), word[0]), text)


def _string(text: str) -> Tree:
    return {"type": "Literal", "value": {"field_type": "String", "value": text}}


def _text(node: Tree) -> str:
    value = node.get("value")
    return str(value["value"]) if isinstance(value, dict) and value.get("field_type") == "String" else ""


def _number(node: Tree) -> None:
    """`INTERVAL '1' DAY` is `INTERVAL 1 DAY`."""
    text = _text(node)
    if text.isdigit():
        node["value"] = {"field_type": "UInt64", "value": int(text)}
