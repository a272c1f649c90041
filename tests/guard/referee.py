"""DuckDB's own parser as a second opinion on what a statement reads. Parse-only: nothing is bound, nothing runs."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node of a serialised statement, whatever it is called."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def parsed(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The engine's reading of one statement; nothing is bound and nothing runs."""
    row = con.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()
    assert row is not None
    tree = json.loads(row[0])
    assert tree["error"] is False, tree
    assert len(tree["statements"]) == 1
    return tree


def relations(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[set[str], set[str]]:
    """(tables, table functions) that the engine's parser names in one statement, names of its CTEs left out."""
    tree = list(nodes(parsed(con, sql)))
    ctes = {entry["key"].lower() for node in tree for entry in (node.get("cte_map") or {}).get("map", [])}
    tables = {node["table_name"].lower() for node in tree if node.get("type") == "BASE_TABLE"} - ctes
    return tables, {node["function"]["function_name"] for node in tree if node.get("type") == "TABLE_FUNCTION"}
