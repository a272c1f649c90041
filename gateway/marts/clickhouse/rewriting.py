"""What every statement needs that DuckDB's dialect is written in and ClickHouse runs: models, checks and scorecards.

A writer has rewrites of its own, by kind of node; here is how they are applied, and the settings that they count on.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from sqlglot import exp

Tree = TypeVar("Tree", bound=exp.Expr)
Rewrites = Mapping[type[exp.Expr], Callable[[Any], exp.Expr]]
"""For a kind of node, what is written in its place; the node itself where it can stay."""

MEANING: Final[Mapping[str, str]] = {
    "join_use_nulls": "1",
    "aggregate_functions_null_for_empty": "1",
    "prefer_column_name_to_alias": "1",
    "cast_keep_nullable": "1",
    "session_timezone": "UTC",
}
"""Settings without which a statement means something else: joins filled with zeros, sums of nothing that are 0."""


def rewritten(tree: Tree, rewrites: Rewrites) -> Tree:
    """The tree with every node rewritten by which ClickHouse would mean something else, the innermost first."""
    for node in reversed(list(tree.walk())):
        rewrite = rewrites.get(type(node))
        if rewrite is not None and (written := rewrite(node)) is not node:
            node.replace(written)
    return tree


def read_from(tree: exp.Expr, database: str) -> None:
    """Look for every table in a database, but not for the statement's own steps."""
    steps = {step.alias for step in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name not in steps:
            table.set("db", exp.to_identifier(database, quoted=True))


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A function of ClickHouse's own."""
    return exp.Anonymous(this=name, expressions=list(arguments))
