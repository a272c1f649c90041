"""A real ClickHouse for tests: the engine inside this process, and one behind HTTP in a process of its own.

The engine allows one data folder per process: everyone shares this one, each with databases of its own. Sessions
stand beside each other, each with its own current database and its own `readonly`, which cannot be undone.
Without chdb the tests skip and say so; where `REQUIRE_CLICKHOUSE` is set, as in CI, they fail.
"""

import atexit
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

import pytest

REQUIRED = "REQUIRE_CLICKHOUSE"
_JSON = "output_format_json_quote_64bit_integers = 0, output_format_json_quote_denormals = 1"


@dataclass(frozen=True, slots=True)
class Result:
    """What one statement gave: 64-bit integers as int, dates and decimals as the engine writes them."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[list[Any]]
    totals: list[Any] | None = None
    """The row of WITH TOTALS, which is none of `rows`."""


class Failed(Exception):
    """The engine refused a statement or could not finish it. The text is the engine's own."""


def required() -> bool:
    """Whether a missing engine is a failure."""
    return bool(os.environ.get(REQUIRED) or os.environ.get("CI"))


def installed() -> bool:
    """Whether the engine's package can be imported."""
    return importlib.util.find_spec("chdb") is not None


def need() -> None:
    """Skip without the engine, or fail where it is required."""
    if installed():
        return
    if required():
        pytest.fail("chdb is not installed, and this run must not skip ClickHouse: pip install -e '.[dev]'")
    pytest.skip("chdb (the ClickHouse engine for tests) is not installed: pip install -e '.[dev]'")


@lru_cache(maxsize=1)
def folder() -> Path:
    """The engine's data, for the life of the process."""
    path = Path(tempfile.mkdtemp(prefix="clickhouse-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    atexit.register(_close_all)  # and before that: what is registered last comes first
    return path


def _close_all() -> None:
    """Close what a test left open: an engine that is open when the process exits may hang there."""
    for database in tuple(_OPEN):
        database.close()


class Database:
    """One session. `readonly` is ClickHouse's own: 1 refuses writes, settings and readers of files and network."""

    def __init__(self, name: str = "default", *, readonly: int = 0) -> None:
        need()
        from chdb.session import Session  # the library takes a second to load

        self._session: Any = Session(str(folder()))  # type: ignore[no-untyped-call]  # chdb has no annotations here
        _OPEN.add(self)
        self.execute(f"CREATE DATABASE IF NOT EXISTS {name}")
        self.execute(f"USE {name}")
        self.execute(f"SET {_JSON}")
        if readonly:
            self.execute(f"SET readonly = {readonly}")

    def execute(self, sql: str) -> None:
        """Run one statement that gives no rows."""
        self._query(sql, "Null")

    def script(self, text: str) -> None:
        """Run statements that stand one after the other, each closed by `;` at the end of a line."""
        for statement in text.split(";\n"):
            if statement.strip():
                self.execute(statement)

    def run(self, sql: str, parameters: dict[str, str] | None = None) -> Result:
        """Run one query and read all it gives. Parameters are texts, for `{name:String}`."""
        escaped = {key: _escaped(value) for key, value in (parameters or {}).items()}
        answer = json.loads(self._query(sql, "JSONCompact", escaped))
        names = tuple(column["name"] for column in answer["meta"])
        return Result(names, tuple(column["type"] for column in answer["meta"]), answer["data"], answer.get("totals"))

    def text(self, sql: str) -> str:
        """What a statement gives as plain lines: for EXPLAIN."""
        return self._query(sql, "TSVRaw")

    def _query(self, sql: str, form: str, parameters: dict[str, str] | None = None) -> str:
        try:
            return str(self._session.query(sql, form, params=parameters).data())
        except RuntimeError as error:
            self._session.query("SELECT 1", "TSV")  # chdb gives what a failed query had written with the next answer
            raise Failed(str(error)) from error

    def close(self) -> None:
        """End the session; the engine and the others stay."""
        self._session.close()


_OPEN: WeakSet[Database] = WeakSet()


def _escaped(text: str) -> str:
    """The engine reads parameters as escaped text."""
    for sign, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\0", "\\0")):
        text = text.replace(sign, written)
    return text


@contextmanager
def http_server(data: str = ":memory:") -> Iterator[str]:
    """The address of a ClickHouse behind HTTP, up to its database."""
    need()
    command = [sys.executable, "-m", "tests.clickhouse_server", data]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            port = int(server.stdout.readline())
            from tests.clickhouse_server import PASSWORD, USER

            yield f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}"
        finally:
            server.stdin.close()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()  # or leaving the block would wait for it without end
                raise


@pytest.fixture(scope="session")
def chdb_folder() -> Path:
    """The one folder of the embedded engine that this process may have."""
    need()
    return folder()


@pytest.fixture(scope="session")
def clickhouse_http() -> Iterator[str]:
    """One server for the whole run."""
    with http_server() as address:
        yield address
