"""The demo world's published marts, under a home of their own: its audit log and its tokens are one test's alone."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.sqlite_audit import SqliteAudit
from gateway.audit.event import AuditEvent
from gateway.mcp_server.tokens import Tokens
from gateway.settings import Settings
from tests.conftest import Demo


@pytest.fixture
def anyio_backend() -> str:
    """The one event loop that is served on."""
    return "asyncio"


@dataclass(frozen=True, slots=True)
class Place:
    """What a server is set up with, and where to look for what it left."""

    settings: Settings

    @property
    def tokens(self) -> Tokens:
        return Tokens(self.settings.home)

    def token(self, principal: str = "ana", role: str = "analyst") -> str:
        """A token's text."""
        return self.tokens.add(principal, role)[0]

    def with_(self, **settings: Any) -> Settings:
        """The settings with some of them changed."""
        return self.settings.model_copy(update=settings)

    def events(self) -> list[AuditEvent]:
        """The audit log, oldest first."""
        log = SqliteAudit(self.settings.home / "audit.sqlite")
        try:
            assert log.verify() == []
            return list(log.history())
        finally:
            log.close()


@pytest.fixture
def place(demo: Demo, tmp_path: Path) -> Place:
    home = tmp_path / "home"
    home.mkdir()
    os.link(demo.home / "gold.duckdb", home / "gold.duckdb")
    return Place(demo.settings.model_copy(update={"home": home}))
