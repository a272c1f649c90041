"""The allow-lists against the engine's own inventory."""

import duckdb
import pytest

from gateway.guard import Approved, check
from gateway.guard.functions import AVERAGES, DUPLICATE_SAFE, GROUP_SAFE, SUMS, functions_of
from tests.guard import world

GRAMMAR = frozenset(
    {
        "coalesce",
        "nullif",
        "ifnull",
        "extract",
        "position",
        "substring",
        "trim",
        "try",
        "current_date",
        "grouping",
        "grouping_id",
        "percentile_cont",
        "percentile_disc",
        "geometric_mean",
    }
)
"""Names that DuckDB's grammar knows without listing them as functions."""
OPERATORS = frozenset({"if", "list_value", "array_value", "mod", "xor"})
"""Functions that sqlglot reads as CASE, a list literal or an operator."""
UNSAFE = (
    "read_text",
    "read_csv",
    "getenv",
    "current_setting",
    "getvariable",
    "nextval",
    "random",
    "uuid",
    "now",
    "version",
    "stats",
    "query",
    "query_table",
    "json_execute_serialized_sql",
    "current_user",
    "sleep_ms",
    "repeat",
    "write_log",
    "error",
    "setseed",
)


def test_every_listed_function_is_still_the_engines(guarded: duckdb.DuckDBPyConnection) -> None:
    live = {name for (name,) in guarded.execute("select distinct function_name from duckdb_functions()").fetchall()}
    assert sorted(functions_of("duckdb").names - live - GRAMMAR) == []


def test_the_list_is_wide() -> None:
    assert len(functions_of("duckdb").names) > 250


def test_nothing_unlisted_is_accepted_by_name(guarded: duckdb.DuckDBPyConnection) -> None:
    """Call every function of the engine that is not listed, with none, one and two arguments: none may be approved."""
    rows = guarded.execute("select distinct function_name from duckdb_functions()").fetchall()
    listed = functions_of("duckdb").names
    accepted = []
    for name in sorted(name for (name,) in rows if name.isidentifier() and name not in listed):
        for arguments in ("", "1", "1, 2"):
            verdict = check(f"select {name}({arguments}) as x", world.ANALYST)
            if (isinstance(verdict, Approved) and not verdict.functions <= listed) or (
                isinstance(verdict, Approved) and not verdict.functions and name not in OPERATORS
            ):
                accepted.append(name)
    assert sorted(set(accepted)) == []


@pytest.mark.parametrize("name", UNSAFE)
def test_what_reaches_outside_is_not_listed(name: str) -> None:
    assert name not in functions_of("duckdb").names


def test_families_name_listed_functions() -> None:
    both = functions_of("duckdb").names | {n.lower() for n in functions_of("clickhouse").names}
    assert sorted((SUMS | AVERAGES | DUPLICATE_SAFE | GROUP_SAFE) - both) == []
