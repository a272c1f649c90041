"""The second opinion on ClickHouse: what its own parser says that a statement names, in the shape of `referee.Named`.

Two readings of the same tree, neither of which binds or runs anything. `parseQueryToJSON(text)` takes the statement as
a value and tells all of it; servers before 26 have only `EXPLAIN AST`, which leaves out the names of CTEs, and which
may stand before the rendering of an Approved and before nothing else. Default-deny for kinds of node in both.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError

from gateway.guard.parse import as_written
from gateway.guard.referee import Named
from gateway.guard.syntax import words

Tree = Mapping[str, Any]

_KINDS: Final = words(
    """
    Asterisk ExpressionList Function Identifier Literal OrderByElement SelectIntersectExceptQuery SelectQuery
    SelectWithUnionQuery Subquery TableExpression TableIdentifier TableJoin TablesInSelectQuery
    QualifiedAsterisk TablesInSelectQueryElement WindowDefinition WindowListElement WithElement DataType
    """
)
_PARTS: Final = words(
    """
    type distinct group_by_all group_by_with_rollup group_by_with_cube group_by_with_grouping_sets with select
    tables where group_by having window qualify order_by limit_length limit_offset limit_by_length
    limit_by_offset limit_by distinct_on distinct_on_expression_list order_by_all limit_by_all cte_aliases
    """
)
"""What a SELECT may have; anything else (SETTINGS, PREWHERE, WITH TOTALS, INTERPOLATE, …) no rendering holds."""
_SOURCES: Final = frozenset(("type", "database_and_table_name", "subquery", "table_function", "column_aliases"))
"""What a place in FROM may have: no FINAL, no SAMPLE, no modifiers."""
_ROWS: Final = frozenset(("generate_series", "generateSeries"))
_MEMBER: Final = re.compile(r"(global)?(not)?(null)?in(ignoreset)?", re.IGNORECASE)
_READERS: Final = re.compile(r"dict(?!ance).*|joinget.*|file|hascolumnintable|evalmlmethod|region.*", re.IGNORECASE)
_LINE: Final = re.compile(r"( *)(\w+)(?: (.*?))?(?: \(alias .*\))?(?: \(children \d+\))?")


def named_in_clickhouse(tree: Tree | str, ctes: Collection[str] = ()) -> Named:
    """Walk what `parseQueryToJSON` (parsed) or `EXPLAIN AST` (as text) gives for one statement.

    `ctes`: for EXPLAIN AST only, the names that the statement's WITH clauses define.
    """
    if isinstance(tree, str):
        tree = tree_of_lines(tree)
    found = _Walk()
    if tree.get("type") not in ("SelectWithUnionQuery", "SelectIntersectExceptQuery"):
        found.refused.add(str(tree.get("type") or "no statement"))
    found.walk(tree, frozenset(name.lower() for name in ctes))
    return Named(frozenset(found.relations), frozenset(found.columns), frozenset(found.refused))


def names_of_ctes(rendering: str) -> frozenset[str]:
    """The names that WITH clauses of an approved rendering define, for EXPLAIN AST, which leaves them out.

    None of what can't be read: the names then count as relations, which nobody approved.
    """
    engine = Dialect.get_or_raise("clickhouse")
    try:
        tokens = as_written(engine.tokenize(rendering), engine)
        trees = engine.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, rendering)
    except SqlglotError:
        return frozenset()
    return frozenset(cte.alias for tree in trees if tree is not None for cte in tree.find_all(exp.CTE))


@dataclass(slots=True)
class _Walk:
    """One walk over one statement."""

    relations: set[str] = field(default_factory=set)
    columns: set[tuple[str, str]] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def walk(self, node: Any, ctes: frozenset[str]) -> None:
        """Everything below a node, with the CTEs that are visible there."""
        if isinstance(node, list):
            for item in node:
                self.walk(item, ctes)
        elif isinstance(node, Mapping):
            if "type" in node:
                ctes = self._node(node, ctes)
            skip = self._projection(node, ctes) if node.get("type") == "SelectQuery" else ""
            for key, value in node.items():
                if key != skip:
                    self.walk(value, ctes)

    def _node(self, node: Tree, ctes: frozenset[str]) -> frozenset[str]:
        kind = str(node["type"])
        if kind not in _KINDS:
            self.refused.add(kind)
        elif kind == "SelectQuery":
            self.refused.update(key for key, value in node.items() if value and key not in _PARTS)
        elif kind == "SelectWithUnionQuery":
            self.refused.update(key for key, value in node.items() if value is True and "outfile" in key)
        elif kind == "TableExpression":
            self.refused.update(key for key, value in node.items() if value and key not in _SOURCES)
            self._rows(node.get("table_function"))
        elif kind == "TableIdentifier":
            self._table(str(node["name"]), ctes, {"*"})
        elif kind == "Function":
            self._call(node, ctes)
        return ctes | _defined(node)

    def _rows(self, function: Any) -> None:
        if isinstance(function, Mapping) and function.get("name") not in _ROWS:
            self.relations.add(f"{function.get('name')}()".lower())

    def _call(self, node: Tree, ctes: frozenset[str]) -> None:
        """A name beside IN is a relation, and some functions read one by a name in a text."""
        name = str(node.get("name"))
        if _READERS.fullmatch(name):
            self.relations.add(f"{name}()".lower())
        given = list(_children(node.get("arguments")))
        if _MEMBER.fullmatch(name) and len(given) == 2 and given[1].get("type") == "Identifier":
            self._table(str(given[1]["name"]), ctes, {"*"})

    def _projection(self, node: Tree, ctes: frozenset[str]) -> str:
        """A SELECT from one table alone reads what its expressions name."""
        tables = list(_children(node.get("tables")))
        source = tables[0].get("table_expression") if len(tables) == 1 else None
        table = source.get("database_and_table_name") if isinstance(source, Mapping) else None
        if not isinstance(source, Mapping) or not isinstance(table, Mapping):
            return ""
        if sum(1 for key, value in source.items() if value and key != "type") > 1:
            return ""
        parts = [value for key, value in node.items() if key not in ("tables", "with")]
        self._table(str(table["name"]), ctes, set(_columns(parts)))
        return "tables"

    def _table(self, name: str, ctes: frozenset[str], columns: set[str]) -> None:
        relation = name.lower()
        if relation not in ctes:
            self.relations.add(relation)
            self.columns |= {(relation, column) for column in columns}


def _children(node: Any) -> Iterator[Tree]:
    if isinstance(node, Mapping):
        yield from (child for child in node.get("children") or () if isinstance(child, Mapping))


def _defined(node: Tree) -> frozenset[str]:
    """Names of the CTEs that a WITH defines; one before a set operation stands in its first SELECT."""
    if node["type"] == "SelectWithUnionQuery":
        first = next(_children(node.get("list_of_selects")), None)
        return _defined(first) if first is not None else frozenset()
    if node["type"] == "SelectIntersectExceptQuery":
        first = next(_children(node), None)
        return _defined(first) if first is not None else frozenset()
    parts = _children(node.get("with")) if node["type"] == "SelectQuery" else ()
    return frozenset(str(part["name"]).lower() for part in parts if part.get("type") == "WithElement")


def _columns(node: Any) -> Iterator[str]:
    """Names of the columns in an expression; `*` for a star."""
    if isinstance(node, list):
        for item in node:
            yield from _columns(item)
    elif isinstance(node, Mapping):
        if node.get("type") == "Identifier":
            yield str(node["name"]).rsplit(".", 1)[-1].lower()
        elif "Asterisk" in str(node.get("type")):
            yield "*"
        for value in node.values():
            yield from _columns(value)


def tree_of_lines(text: str) -> Tree:
    """EXPLAIN AST's lines as a tree like the other."""
    root: dict[str, Any] = {"type": "", "children": []}
    stack: list[tuple[int, dict[str, Any]]] = [(-1, root)]
    for line in text.rstrip("\n").split("\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            return {"type": f"line {line[:40]!r}"}
        depth = len(match[1])
        node: dict[str, Any] = {"type": match[2], "name": match[3] or "", "children": []}
        while stack[-1][0] >= depth:
            stack.pop()
        stack[-1][1]["children"].append(node)
        stack.append((depth, node))
    return _shaped(root["children"][0]) if len(root["children"]) == 1 else {"type": "several statements"}


def _shaped(node: dict[str, Any]) -> dict[str, Any]:
    """Puts children under the names that the walk knows."""
    children = [_shaped(child) for child in node["children"]]
    kind, made = node["type"], {"type": node["type"], "name": node["name"]}
    if kind == "SelectQuery":
        tables = [child for child in children if child["type"] == "TablesInSelectQuery"]
        rest = [child for child in children if child["type"] != "TablesInSelectQuery"]
        return {
            "type": kind,
            "tables": tables[0] if tables else None,
            "select": {"type": "ExpressionList", "children": rest},
        }
    if kind == "TablesInSelectQueryElement":
        return {"type": kind} | {_SLOT.get(child["type"], "other"): child for child in children}
    if kind == "TableExpression":
        return {"type": kind} | {_SLOT.get(child["type"], child["type"]): child for child in children}
    if kind == "Function":
        arguments = [child for child in children if child["type"] == "ExpressionList"]
        others = [child for child in children if child["type"] != "ExpressionList"] + arguments[1:]
        return made | {"arguments": arguments[0] if arguments else None, "children": others}
    return made | {"children": children}


_SLOT: Final = {
    "TableExpression": "table_expression",
    "TableJoin": "table_join",
    "TableIdentifier": "database_and_table_name",
    "Subquery": "subquery",
    "Function": "table_function",
    "ExpressionList": "column_aliases",
}
