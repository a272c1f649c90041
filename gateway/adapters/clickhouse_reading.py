"""A second opinion on the guard's: what ClickHouse's own parser makes of an approved text, before it runs.

It must be one SELECT that reaches for nothing outside the marts' database. A read-only session refuses most of that by
itself, but not all: the function `file` reads the disk of the embedded engine whatever the session is.
"""

import json
import re
import threading
from collections import OrderedDict
from typing import Any, Final

from clickhouse_connect.driver.exceptions import ClickHouseError

from gateway.adapters.clickhouse_connection import Lease
from gateway.adapters.clickhouse_errors import code_of
from gateway.errors import EngineError

SYNTAX_ERROR: Final = 62
NO_SUCH_FUNCTION: Final = 46
_PARSED: Final = "SELECT parseQueryToJSON({sql:String})"
_REMEMBERED: Final = 1024
_REACHES_OUT: Final = re.compile(
    r"file|dict.*|joinget.*|catboost.*|filesystem.*|hascolumnintable|getsetting|getserver.*|sleep.*"
)
_FUNCTION: Final = re.compile(r"^ *Function (\S+)")
_TABLE: Final = re.compile(r"^ *TableIdentifier (\S+)")
_GENERATES: Final = frozenset({"numbers", "values", "generateseries", "generate_series"})
"""Table functions that make rows from nothing but their arguments."""
_MEMBERSHIP: Final = frozenset({"in", "notin", "globalin", "globalnotin", "nullin", "notnullin"})
_NOTHING: Final = "system.one"
"""What a SELECT without FROM reads."""


class Opinions:
    """What has been looked at is remembered: the same texts come again and again."""

    def __init__(self) -> None:
        self._fine: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def require_one_select(self, lease: Lease, sql: str) -> None:
        """Raise EngineError unless the text is one SELECT that keeps to the database it is asked of."""
        with self._lock:
            if sql in self._fine:
                return
        try:
            lines = tree_lines(lease, sql)
        except ClickHouseError as error:
            if code_of(error) == SYNTAX_ERROR:
                raise _not_one_select() from error
            raise
        _require_select(lines)
        with self._lock:
            self._fine[sql] = None
            while len(self._fine) > _REMEMBERED:
                self._fine.popitem(last=False)

    def columns(self, lease: Lease, sql: str) -> tuple[str, ...]:
        """The columns of a result without rows: the embedded engine sends nothing at all for one."""
        described = lease.client.query(f"DESCRIBE TABLE ({sql}\n)", settings=_sent(lease))
        return tuple(str(row[0]) for row in described.result_rows)


def whole_tree(lease: Lease, sql: str) -> Any:
    """All that the parser makes of the text, which is a value here. Raises ClickHouseError where it reads no statement,
    and where it has no function for this, as servers before 26 have none."""
    asked = lease.client.query(_PARSED, parameters={"sql": sql}, settings=_sent(lease))
    return json.loads(asked.result_rows[0][0])


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


def _require_select(tree: list[str]) -> None:
    if not tree or not tree[0].startswith("SelectWithUnionQuery"):
        raise _not_one_select()
    if any(_is_outside(tree, place) for place in range(len(tree))):
        raise EngineError("the approved text reaches beyond the marts, and did not run")


def _is_outside(tree: list[str], place: int) -> bool:
    table, function = _TABLE.match(tree[place]), _FUNCTION.match(tree[place])
    if table is not None:
        return "." in table[1] and table[1] != _NOTHING
    if function is None:
        return False
    name = function[1].casefold()
    if name in _MEMBERSHIP:
        return _is_a_table(tree, place)
    is_source = tree[place - 1].strip().startswith("TableExpression")
    return (is_source and name not in _GENERATES) or _REACHES_OUT.fullmatch(name) is not None


def _is_a_table(tree: list[str], place: int) -> bool:
    """Whether what stands right of IN is a bare name, which ClickHouse reads as a table's."""
    depth = _depth(tree[place])
    arguments = []
    for line in tree[place + 1 :]:
        if _depth(line) <= depth:
            break
        if _depth(line) == depth + 2:
            arguments.append(line.strip())
    return len(arguments) > 1 and arguments[1].startswith(("Identifier", "TableIdentifier"))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _not_one_select() -> EngineError:
    return EngineError("the engine reads the approved text as something other than one SELECT, and did not run it")
