"""ClickHouse's own reading of a text: nothing that the guard approves is held back, and every way out is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import EmbeddedServer, Lease
from gateway.adapters.clickhouse_limits import terms
from gateway.adapters.clickhouse_reading import SYNTAX_ERROR, Opinions, shape_of, whole_tree
from gateway.errors import EngineError
from gateway.guard import Approved, Policy, check
from tests.guard import corpora
from tests.guard.world import CONTRACT

APPROVED = [found for found in corpora.read("allowed") if found.dialect == "clickhouse"]


@pytest.fixture(scope="module")
def lease(chdb_folder: Path) -> Iterator[Lease]:
    server = EmbeddedServer(Address("default", folder=str(chdb_folder)))
    with server.lease("run-reading", terms({}, server.constraints).settings) as found:
        yield found
    server.close()


class Older:
    """The engine as a server before 26 is: without the function that tells the whole tree."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self.settings = lease.settings
        self.client = self

    def query(self, sql: str, **given: Any) -> Any:
        if "parseQueryToJSON" in sql:
            raise DatabaseError("Unknown function parseQueryToJSON", code=46, name="UNKNOWN_FUNCTION")
        return self._lease.client.query(sql, **given)

    def raw_query(self, sql: str, **given: Any) -> Any:
        return self._lease.client.raw_query(sql, **given)


@pytest.fixture(params=["now", "older"])
def server(request: pytest.FixtureRequest, lease: Lease) -> Any:
    """A lease on today's engine, and on one that gives its tree in lines."""
    return lease if request.param == "now" else Older(lease)


@pytest.mark.parametrize("statement", APPROVED, ids=str)
def test_what_the_guard_approves_is_one_select_to_clickhouse_too(server: Any, statement: corpora.Case) -> None:
    approved = check(statement.sql, Policy.from_mapping(CONTRACT, statement.role), dialect="clickhouse")
    assert isinstance(approved, Approved)
    Opinions().require_one_select(server, approved.sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM a WHERE x IN other.secrets",
        "SELECT * FROM a WHERE x NOT IN secrets",
        "SELECT * FROM a WHERE (x, y) IN secrets",
        "SELECT * FROM a JOIN other.secrets AS s ON a.x = s.x",
        "SELECT * FROM url('http://127.0.0.1/', 'CSV')",
        "SELECT * FROM remote('127.0.0.1', 'default', 'secrets')",
        "SELECT * FROM cluster('main', 'default', 'secrets')",
        "SELECT * FROM view(SELECT 1)",
        "SELECT * FROM loop(secrets)",
        "SELECT * FROM dictionary('d')",
        "SELECT joinGet('j', 'v', 1)",
        "SELECT arrayMap(x -> file(x), ['/etc/hostname'])",
        "WITH file('/etc/hostname') AS t SELECT t",
        "SELECT sleep(3)",
        "SELECT sleepEachRow(3) FROM numbers(3)",
    ],
)
def test_every_way_out_is_held_back(server: Any, sql: str) -> None:
    with pytest.raises(EngineError, match="reaches beyond the marts"):
        Opinions().require_one_select(server, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; DROP TABLE a",
        "SELECT 1; SELECT 2",
        "DROP TABLE a",
        "INSERT INTO a VALUES (1)",
        "INSERT INTO a SELECT 1",
        "EXPLAIN SELECT 1",
        "SELECT",
        "SET readonly = 0",
    ],
)
def test_what_is_not_one_select_is_held_back(server: Any, sql: str) -> None:
    with pytest.raises(EngineError, match="something other than one SELECT"):
        Opinions().require_one_select(server, sql)


class Deaf:
    """A lease of which nothing may be touched."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError("asked again")


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param("SELECT 1", "SELECT 1", id="the same text"),
        pytest.param("SELECT a FROM t WHERE b > 1.5 LIMIT 9", "SELECT a FROM t WHERE b > 20 LIMIT 10", id="numbers"),
        pytest.param("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = 'of two, (file)'", id="a text"),
    ],
)
def test_a_text_is_looked_at_once_whatever_values_it_comes_with(lease: Lease, first: str, again: str) -> None:
    opinions = Opinions()
    opinions.require_one_select(lease, first)
    opinions.require_one_select(Deaf(), again)  # type: ignore[arg-type]  # as it says


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param("SELECT lower('x')", "SELECT file('x')", id="another function"),
        pytest.param("SELECT a FROM t", "SELECT a FROM other.t", id="another database"),
        pytest.param("SELECT 'a' OR 'b'", "SELECT 'a' OR file('b')", id="more"),
        pytest.param(r"SELECT 'a\'', length('b')", r"SELECT 'a\'', file('b')", id="after a backslash"),
        pytest.param("SELECT 'a''', length('b')", "SELECT 'a''', file('b')", id="after a doubled quote"),
        pytest.param("SELECT $x$ ' $x$, length('b')", "SELECT $x$ ' $x$, file('b')", id="after a heredoc"),
        pytest.param("SELECT ‘'’, length('b')", "SELECT ‘'’, file('b')", id="after another kind of quote"),
        pytest.param("SELECT 1 /* ' */, length('b')", "SELECT 1 /* ' */, file('b')", id="after a comment"),
        pytest.param("SELECT 1 -- '\n, length('b')", "SELECT 1 -- '\n, file('b')", id="after a comment to the end"),
        pytest.param("SELECT 1 # '\n, length('b')", "SELECT 1 # '\n, file('b')", id="after another kind of comment"),
    ],
)
def test_a_text_that_is_more_than_other_values_is_looked_at(lease: Lease, first: str, again: str) -> None:
    opinions = Opinions()
    opinions.require_one_select(lease, first)
    with pytest.raises(EngineError):
        opinions.require_one_select(lease, again)


def without_values(node: Any) -> Any:
    """The tree as it is but for the values in it."""
    if isinstance(node, list):
        return list(map(without_values, node))
    if not isinstance(node, dict):
        return node
    is_literal = node.get("type") == "Literal"
    return {key: without_values(value) for key, value in node.items() if not (is_literal and key == "value")}


def tree_of(lease: Lease, sql: str) -> Any:
    """What the parser makes of it but for values; nothing where it reads no statement."""
    try:
        return without_values(whole_tree(lease, sql))
    except DatabaseError as error:
        if error.code not in (SYNTAX_ERROR, 36):
            raise
        return None


def with_other_values(shape: str) -> str:
    others = {"0": "7", "''": "'of it, ('"}
    values = r"""''|(?<![\w.])0(?![\w.])|"[^"]*"|`[^`]*`"""
    return re.sub(values, lambda found: others.get(found[0], found[0]), shape)


@pytest.mark.parametrize("statement", APPROVED, ids=str)
def test_texts_of_one_shape_are_one_tree_but_for_values(lease: Lease, statement: corpora.Case) -> None:
    approved = check(statement.sql, Policy.from_mapping(CONTRACT, statement.role), dialect="clickhouse")
    assert isinstance(approved, Approved)
    shape = shape_of(approved.sql)
    if shape == approved.sql:
        return
    other = with_other_values(shape)
    assert shape_of(other) == shape
    found = tree_of(lease, other)
    assert found is None or found == tree_of(lease, approved.sql)


PIECES = (
    "'", '"', "`", "\\", "a", "t.", "file", "(", ")", ",", " ", "\n", "1", "2.5", "e3", "x", "--", "/*", "*/", "#", "$",
    "''", "'b'", "SELECT ", " FROM ", " AS ", "::", "[", "]", "‘", "’", "“", "”", "ü", "?", "{", "}", ":", "-",
    "\xa0", "\u2212", "||",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=24))
@settings(max_examples=400, suppress_health_check=list(HealthCheck), deadline=None)
def test_nothing_hides_behind_a_value(lease: Lease, pieces: list[str]) -> None:
    sql = "SELECT " + "".join(pieces)
    shape = shape_of(sql)
    if shape != sql:
        one, other = tree_of(lease, with_other_values(shape)), tree_of(lease, sql)
        assert None in (one, other) or one == other
