"""The demo world at its default size: seeded, built and published once for all tests that ask about its truth."""

import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from gateway.marts.build import build as build_marts
from gateway.marts.contracts import check as check_marts
from gateway.marts.publish import publish
from gateway.marts.synthetic import seed
from gateway.semantic.load import load_contract
from gateway.service import Caller, Gateway, Reply
from gateway.settings import LimitSettings, Settings, resource
from gateway.tools import registry
from gateway.tools.base import ToolContext, ToolResult
from gateway.wiring import build, policy_for
from tests.clickhouse import chdb_folder, clickhouse_http

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")  # the same examples in every run: a failure is there to be looked at again

PRINCIPAL = "ana"
CHANNEL = "python"


def pytest_configure() -> None:
    """A shell that starts the tests in the background ignores SIGINT for them, and the tests of Ctrl-C need it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True, slots=True)
class Demo:
    """The published demo world. Tests read it, and write to nothing but its audit log."""

    home: Path
    settings: Settings
    gateway: Gateway

    def caller(self, population: str | None = None, role: str = "analyst") -> Caller:
        return Caller(PRINCIPAL, role, CHANNEL, population)

    def ask(
        self,
        question: str,
        population: str | None = None,
        *,
        role: str = "analyst",
        focus: Mapping[str, Any] | None = None,
    ) -> Reply:
        """A question through the main path."""
        return self.gateway.ask(question, self.caller(population, role), focus)

    def context(self, role: str = "analyst", *, rows: int | None = None) -> ToolContext:
        """A fresh context, as the service makes one for each request; `rows` lowers the role's limit."""
        policy = policy_for(self.gateway.contract.mapping(), role, LimitSettings(rows=rows))
        return ToolContext(self.gateway.engine, self.gateway.contract, policy)

    def call(self, tool: str, *, role: str = "analyst", **arguments: Any) -> ToolResult:
        """A tool of the registry, by itself: its errors reach the test as they are."""
        return registry.call(tool, arguments, self.context(role))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Made by the same functions as `gateway demo`, in a folder of its own."""
    home = tmp_path_factory.mktemp("demo")
    settings = Settings(home=home, semantic=resource("marts_sql") / "semantic_layer.yaml", principal=PRINCIPAL)
    warehouse, marts_sql = home / "warehouse.duckdb", resource("marts_sql")
    seed(warehouse, seeds=resource("seeds"))
    build_marts(warehouse, marts_sql)
    assert [result.describe() for result in check_marts(warehouse, marts_sql) if not result.passed] == []
    publish(warehouse, home / "gold.duckdb", load_contract(settings.semantic))
    with build(settings) as gateway:
        yield Demo(home, settings, gateway)


def rows_of(result: ToolResult) -> list[dict[str, Any]]:
    """A tool's table as mappings."""
    return [dict(zip(result.table.columns, row, strict=True)) for row in result.table.rows]


__all__ = ["CHANNEL", "PRINCIPAL", "Demo", "chdb_folder", "clickhouse_http", "demo", "rows_of"]
