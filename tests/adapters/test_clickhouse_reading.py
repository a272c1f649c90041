"""ClickHouse's own reading of a text: nothing that the guard approves is held back, and every way out is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import EmbeddedServer, Lease
from gateway.adapters.clickhouse_limits import terms
from gateway.adapters.clickhouse_reading import Opinions
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


def test_a_text_is_looked_at_once(lease: Lease) -> None:
    opinions = Opinions()
    opinions.require_one_select(lease, "SELECT 1")

    class Deaf:
        def __getattr__(self, name: str) -> object:
            raise AssertionError("asked again")

    opinions.require_one_select(Deaf(), "SELECT 1")  # type: ignore[arg-type]  # nothing of it may be touched
