"""A second opinion: what DuckDB's own parser says the rendering reads must be what the verdict says. Parse-only."""

import duckdb
import pytest

from gateway.guard import Approved, check
from tests.guard import world
from tests.guard.corpora import Case, read
from tests.guard.referee import nodes, parsed

CASES = [case for case in read("allowed") if case.dialect == "duckdb"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_engines_parser_names_the_same_relations_and_columns(
    case: Case, guarded: duckdb.DuckDBPyConnection
) -> None:
    verdict = check(case.sql, world.POLICIES[case.role])
    assert isinstance(verdict, Approved)
    tree = list(nodes(parsed(guarded, verdict.sql)))
    ctes = {entry["key"] for node in tree for entry in (node.get("cte_map") or {}).get("map", [])}
    tables = [node for node in tree if node.get("type") == "BASE_TABLE"]
    assert {node["table_name"] for node in tables} - ctes == verdict.assets
    assert {(node.get("schema_name"), node.get("catalog_name")) for node in tables} <= {("", ""), (None, None)}
    assert {node["function"]["function_name"] for node in tree if node.get("type") == "TABLE_FUNCTION"} <= {
        "range",
        "generate_series",
        "unnest",
    }
    assert {str(node.get("type")) for node in tree if str(node.get("type")).endswith("_NODE")} <= {
        "SELECT_NODE",
        "SET_OPERATION_NODE",
        "CTE_NODE",
    }
    read_columns = set()
    for node in tree:
        source = node.get("from_table") or {}
        if source.get("type") == "BASE_TABLE" and source["table_name"] in verdict.assets - ctes:
            for part in nodes([node["select_list"], node["where_clause"]]):
                if part.get("class") == "COLUMN_REF":
                    read_columns.add((source["table_name"], part["column_names"][-1]))
    assert verdict.columns <= read_columns
    grains = {
        (asset.name, next(iter(asset.columns.values())).name) for asset in world.POLICIES[case.role].assets.values()
    }
    assert read_columns - verdict.columns <= grains
