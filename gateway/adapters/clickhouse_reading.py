"""A second opinion on the guard's: what ClickHouse's own parser makes of an approved text, before it runs.

It must be one SELECT that reaches for nothing outside the marts' database. A read-only session refuses most of that by
itself, but not all: the function `file` reads the disk of the embedded engine whatever the session is.
"""

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from clickhouse_connect.driver.exceptions import ClickHouseError

from gateway.adapters.clickhouse_connection import Lease
from gateway.adapters.clickhouse_errors import code_of
from gateway.errors import EngineError
from gateway.guard.referee_clickhouse import Tree, tree_of_lines

SYNTAX_ERROR: Final = 62
NO_SUCH_FUNCTION: Final = 46
_NO_STATEMENT: Final = frozenset({SYNTAX_ERROR, 36})
"""Also what the parser says of an INSERT that brings its data."""
_PARSED: Final = "SELECT parseQueryToJSON({sql:String})"
_REMEMBERED: Final = 1024
_TOKEN: Final = re.compile(
    r"""(?P<text>'[^'\\]*'(?!'))|(?P<name>"[^"\\]*"(?!")|`[^`\\]*`(?!`)|[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<number>(?<![A-Za-z0-9_.])[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_.]))"""
    r"""|(?P<unsure>['"`\\#$]|--|/\*|[^ -~\n])|(?P<rest>.|\n)"""
)
_STANDS_FOR: Final = {"text": "''", "number": "0"}
_SELECTS: Final = frozenset({"SelectWithUnionQuery", "SelectIntersectExceptQuery"})
_REACHES_OUT: Final = re.compile(
    r"file|dict.*|joinget.*|catboost.*|filesystem.*|hascolumnintable|getsetting|getserver.*|sleep.*"
)
_GENERATES: Final = frozenset({"numbers", "values", "generateseries", "generate_series"})
"""Table functions that make rows from nothing but their arguments."""
_MEMBERSHIP: Final = frozenset({"in", "notin", "globalin", "globalnotin", "nullin", "notnullin"})
_NAMES: Final = frozenset({"Identifier", "TableIdentifier"})
_NOTHING: Final = "system.one"
"""What a SELECT without FROM reads."""


class Opinions:
    """What has been looked at is remembered: the same texts come again and again, or with other values in them."""

    def __init__(self) -> None:
        self._fine: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def require_one_select(self, lease: Lease, sql: str) -> None:
        """Raise EngineError unless the text is one SELECT that keeps to the database it is asked of."""
        shape = shape_of(sql)
        with self._lock:
            if shape in self._fine:
                return
        try:
            tree = parsed(lease, sql)
        except ClickHouseError as error:
            if code_of(error) in _NO_STATEMENT:
                raise _not_one_select() from error
            raise
        if tree.get("type") not in _SELECTS or tree.get("out_file"):
            raise _not_one_select()
        if _reaches_out(tree):
            raise EngineError("the approved text reaches beyond the marts, and did not run")
        with self._lock:
            self._fine[shape] = None
            while len(self._fine) > _REMEMBERED:
                self._fine.popitem(last=False)

    def columns(self, lease: Lease, sql: str) -> tuple[str, ...]:
        """The columns of a result without rows: the embedded engine sends nothing at all for one."""
        described = lease.client.query(f"DESCRIBE TABLE ({sql}\n)", settings=_sent(lease))
        return tuple(str(row[0]) for row in described.result_rows)


def shape_of(sql: str) -> str:
    """The text with every plain value replaced by one that stands for all: what is looked at here is in the rest.

    Two texts of a shape are the same tree but for values, as far as any parser goes. Where parsers could part ways, the
    text is its own shape: a backslash, a doubled quote, a sign that may begin a comment or another kind of quote.
    """
    shape = []
    for token in _TOKEN.finditer(sql):
        kind = str(token.lastgroup)
        if kind == "unsure":
            return sql
        shape.append(_STANDS_FOR.get(kind) or token[0])
    return "".join(shape)


def parsed(lease: Lease, sql: str) -> Tree:
    """What the parser makes of the text, asked in one request; in two of a server before 26."""
    try:
        return whole_tree(lease, sql)
    except ClickHouseError as error:
        if code_of(error) != NO_SUCH_FUNCTION:
            raise
    return tree_of_lines("\n".join(tree_lines(lease, sql)))


def whole_tree(lease: Lease, sql: str) -> Tree:
    """All that the parser makes of the text, which is a value here. Raises ClickHouseError where it reads no statement,
    and where it has no function for this, as servers before 26 have none."""
    asked = lease.client.query(_PARSED, parameters={"sql": sql}, settings=_sent(lease))
    tree: Tree = json.loads(asked.result_rows[0][0])
    return tree


def tree_lines(lease: Lease, sql: str) -> list[str]:
    """One line for each node of the one statement that the text is. Raises ClickHouseError where it is not one."""
    # Reads the text as one statement and nothing after it, and runs nothing.
    lease.client.query(f"SELECT formatQuerySingleLine({_quoted(sql)})", settings=_sent(lease))
    explained = lease.client.raw_query(f"EXPLAIN AST {sql}", settings=_sent(lease), fmt="TabSeparated")
    return explained.decode().rstrip("\n").split("\n")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _sent(lease: Lease) -> dict[str, str]:
    """The statement's id stays with the statement itself."""
    return {name: value for name, value in lease.settings.items() if name != "query_id"}


def _reaches_out(node: Any, *, is_source: bool = False) -> bool:
    """Whether anything below a node is a table of another database, or reads one, or the server's surroundings."""
    if isinstance(node, list):
        return any(map(_reaches_out, node))
    if not isinstance(node, Mapping):
        return False
    kind, name = node.get("type"), str(node.get("name"))
    if kind == "TableIdentifier" and "." in name and name != _NOTHING:
        return True
    if kind == "Function" and _is_reader(name.casefold(), node, is_source):
        return True
    return any(_reaches_out(value, is_source=key == "table_function") for key, value in node.items())


def _is_reader(name: str, node: Tree, is_source: bool) -> bool:
    if name in _MEMBERSHIP:  # what stands right of IN as a bare name is read as a table's
        return [child.get("type") in _NAMES for child in _arguments(node)][1:2] == [True]
    return (is_source and name not in _GENERATES) or _REACHES_OUT.fullmatch(name) is not None


def _arguments(node: Tree) -> Iterator[Tree]:
    given = node.get("arguments")
    yield from given.get("children") or () if isinstance(given, Mapping) else ()


def _not_one_select() -> EngineError:
    return EngineError("the engine reads the approved text as something other than one SELECT, and did not run it")
