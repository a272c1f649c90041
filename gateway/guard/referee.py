"""A second opinion: what an engine's own parser says that a statement names, held against what the guard approved.

Takes the engine's tree as plain data (DuckDB: `json_serialize_sql`, which binds and runs nothing), so that it needs no
database itself. Default-deny as well: a kind of node that is not listed here is refused, whatever it holds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.guard.decision import Approved, Refused, Rule, Violation

Tree = Mapping[str, Any]

_QUERIES: Final = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"})
_RELATIONS: Final = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY"})
_OTHERS: Final = frozenset(
    {"LIMIT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING"}
)
_EXPRESSIONS: Final = frozenset(
    {
        "BETWEEN",
        "CASE",
        "CAST",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "LAMBDA",
        "OPERATOR",
        "STAR",
        "SUBQUERY",
        "TYPE",
        "WINDOW",
    }
)
_ROWS: Final = frozenset({"range", "generate_series", "unnest"})
"""Table functions that read nothing but their arguments."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a statement names, in lower case. CTEs are resolved and left out."""

    relations: frozenset[str]
    """Tables, with their schema if it is written; table functions with brackets behind their name."""
    columns: frozenset[tuple[str, str]]
    """(relation, column); the column is `*` where a relation is read otherwise than by a plain projection."""
    refused: frozenset[str] = frozenset()
    """Kinds of node that no approved statement holds, such as writes in a CTE."""


def named_in_duckdb(serialized_json: Tree) -> Named:
    """Walk the tree that `json_serialize_sql` gives for one statement."""
    found = _Walk()
    statements = serialized_json.get("statements") or ()
    if serialized_json.get("error") or len(statements) != 1:
        found.refused.add(f"{len(statements)} statements" if statements else "an error")
    for statement in statements:
        found.walk(statement, frozenset())
    return Named(frozenset(found.relations), frozenset(found.columns), frozenset(found.refused))


def disagreement(approved: Approved, named: Named) -> str | None:
    """How the engine's reading of the rendering differs from the verdict, or None where they agree."""
    if named.refused:
        return f"the engine reads {_listed(named.refused)}, which no approved statement holds"
    assets = {name.lower() for name in approved.assets}
    columns = {(asset.lower(), column.lower()) for asset, column in approved.columns}
    if named.relations != assets:
        return f"the engine reads relations {_listed(named.relations)}, the guard approved {_listed(assets)}"
    if named.columns != columns:
        more, less = named.columns - columns, columns - named.columns
        parts = [
            f"{word} {_listed(f'{a}.{c}' for a, c in pairs)}"
            for word, pairs in (("also", more), ("not", less))
            if pairs
        ]
        return f"of what the guard approved, the engine reads {' and '.join(parts)}"
    return None


def refereed(approved: Approved, named: Named) -> Approved | Refused:
    """The verdict after the second opinion: itself where they agree, a refusal where they do not."""
    told = disagreement(approved, named)
    if told is None:
        return approved
    hint = "write it more plainly, and tell whoever runs the gateway: guard and engine must never differ"
    reason = Violation(Rule.REFEREE_DISAGREES, told, hint)
    return Refused((reason,), approved.proposed, approved.role, approved.fingerprint)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"


@dataclass(slots=True)
class _Walk:
    """One walk over one statement."""

    relations: set[str] = field(default_factory=set)
    columns: set[tuple[str, str]] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def walk(self, node: Any, ctes: frozenset[str]) -> None:
        """Everything below a node, with the CTEs that are visible there."""
        if isinstance(node, list | tuple):
            for item in node:
                self.walk(item, ctes)
        elif isinstance(node, Mapping):
            kind = node.get("type")
            self._allowed(node, kind)
            if kind in _QUERIES:
                ctes = self._with(node, ctes)
            rest: set[str] = {"cte_map"}
            if kind == "SELECT_NODE":
                rest |= self._projection(node, ctes)
            elif kind == "BASE_TABLE" and "class" not in node:
                self._table(node, ctes, {"*"})
            elif kind == "TABLE_FUNCTION":
                self._rows(node)
            for key, value in node.items():
                if key not in rest:
                    self.walk(value, ctes)

    def _allowed(self, node: Tree, kind: Any) -> None:
        listed = _QUERIES | _RELATIONS | _OTHERS
        if "class" in node:
            if node["class"] not in _EXPRESSIONS:
                self.refused.add(str(node["class"]))
        elif isinstance(kind, str) and kind not in listed:
            self.refused.add(kind)

    def _with(self, node: Tree, ctes: frozenset[str]) -> frozenset[str]:
        """CTEs see those before them; what follows sees all."""
        for entry in (node.get("cte_map") or {}).get("map") or ():
            self.walk(entry.get("value"), ctes)
            ctes |= {str(entry.get("key")).lower()}
        if node.get("type") == "CTE_NODE":
            ctes |= {str(node.get("cte_name")).lower()}
        return ctes

    def _projection(self, node: Tree, ctes: frozenset[str]) -> set[str]:
        """A SELECT from one table alone reads what its expressions name."""
        source = node.get("from_table")
        if not isinstance(source, Mapping) or source.get("type") != "BASE_TABLE":
            return set()
        parts = [value for key, value in node.items() if key not in ("from_table", "cte_map")]
        self._table(source, ctes, set(_columns(parts)))
        return {"from_table"}

    def _table(self, node: Tree, ctes: frozenset[str], columns: set[str]) -> None:
        name = str(node.get("table_name")).lower()
        place = [str(node[key]).lower() for key in ("catalog_name", "schema_name") if node.get(key)]
        if not place and name in ctes:
            return
        relation = ".".join([*place, name])
        self.relations.add(relation)
        self.columns |= {(relation, column) for column in columns}

    def _rows(self, node: Tree) -> None:
        name = str((node.get("function") or {}).get("function_name")).lower()
        if name not in _ROWS:
            self.relations.add(f"{name}()")


def _columns(node: Any) -> Iterator[str]:
    """Names of the columns in an expression; `*` for a star."""
    if isinstance(node, list | tuple):
        for item in node:
            yield from _columns(item)
    elif isinstance(node, Mapping):
        if node.get("class") == "COLUMN_REF":
            yield str(node["column_names"][-1]).lower()
        elif node.get("class") == "STAR":
            yield "*"
        for value in node.values():
            yield from _columns(value)
