"""A ClickHouse for the build side: in this process, and behind HTTP; each test has databases of its own there."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import writing
from gateway.marts.clickhouse.server import Server

_NUMBERS = itertools.count()

Opener = Callable[[str], Server]
"""A server by the address of its ClickHouse, up to the database."""


@pytest.fixture
def opened() -> Iterator[Opener]:
    with ExitStack() as closing:

        def open_at(address: str) -> Server:
            database = f"marts_{next(_NUMBERS)}"
            where = Address.parse(f"{address}{'?database=' if address.startswith('chdb') else '/'}{database}")
            server = Server.of(closing.enter_context(writing(where)), database)
            closing.callback(_drop, server)
            return server

        yield open_at


def _drop(server: Server) -> None:
    for database in (server.published, server.warehouse):
        for one in (database, f"{database}__new", f"{database}__load"):
            server.run(f"DROP DATABASE IF EXISTS {one} SYNC")


@pytest.fixture
def chdb_address(chdb_folder: Path) -> str:
    return f"chdb://{chdb_folder}"


@pytest.fixture(params=["chdb", "http"])
def server(request: pytest.FixtureRequest, opened: Opener) -> Server:
    """One on each kind of ClickHouse."""
    return opened(request.getfixturevalue("chdb_address" if request.param == "chdb" else "clickhouse_http"))


@pytest.fixture
def embedded(opened: Opener, chdb_address: str) -> Server:
    """One in this process."""
    return opened(chdb_address)
