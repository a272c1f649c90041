"""Statements that are too much, or that no text file can hold: made here, with the rule each breaks."""

from gateway.guard import Rule
from gateway.guard.bounds import MAX_JOINS, MAX_NESTING
from gateway.guard.parse import MAX_LENGTH, MAX_TOKENS
from gateway.guard.shape import MAX_DEPTH, MAX_SET_OPERATIONS


def cases() -> list[tuple[str, Rule]]:
    """(statement, the rule that must be among the reasons)."""
    joins = " ".join(f"join dim_experiments d{i} using (experiment_id)" for i in range(MAX_JOINS + 1))
    commas = ", ".join(f"dim_experiments d{i}" for i in range(MAX_JOINS + 2))
    return [
        ("", Rule.EMPTY_STATEMENT),
        (" \n\t", Rule.EMPTY_STATEMENT),
        ("select '" + "x" * MAX_LENGTH + "'", Rule.STATEMENT_TOO_LONG),
        ("select " + ", ".join(["1"] * MAX_TOKENS), Rule.TOO_MANY_TOKENS),
        ("select " + "(" * (MAX_NESTING + 1) + "1" + ")" * (MAX_NESTING + 1), Rule.TOO_DEEP),
        ("select " + "case when true then " * (MAX_NESTING + 1) + "1" + " end" * (MAX_NESTING + 1), Rule.TOO_DEEP),
        ("select " + " + ".join(["1"] * (MAX_DEPTH + 10)), Rule.TOO_DEEP),
        ("select " + "not " * 1500 + "true", Rule.TOO_DEEP),
        ("select " + "- " * 1500 + "1", Rule.TOO_DEEP),
        ("select " + "[" * 2000, Rule.TOO_DEEP),
        (f"select 1 from fct_daily {joins}", Rule.TOO_MANY_JOINS),
        (f"select 1 from {commas}", Rule.TOO_MANY_JOINS),
        (" union all ".join(["select 1"] * (MAX_SET_OPERATIONS + 2)), Rule.TOO_MANY_SET_OPERATIONS),
        ("select 1\0", Rule.CHARACTER_NOT_ALLOWED),
        ("select 'a\u200bb'", Rule.CHARACTER_NOT_ALLOWED),
        ("select 'a\u202eb'", Rule.CHARACTER_NOT_ALLOWED),
        ("select 'a\ufeff'", Rule.CHARACTER_NOT_ALLOWED),
        ("select name from dim_experiments where name = 'x' \u2028 or true", Rule.CHARACTER_NOT_ALLOWED),
        ("select n\u0430me from dim_experiments", Rule.COLUMN_NOT_FOUND),
    ]
