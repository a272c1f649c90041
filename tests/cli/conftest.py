"""The command line, run as a user runs it: a process of its own, in a folder of its own, on a small seeded world."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.settings import resource

USERS = 6_000
_INHERITED = ("PATH", "LANG", "SYSTEMROOT", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Result:
    """What a process left: its exit code and both streams."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Cli:
    """A working directory with a GATEWAY_HOME, and a way to run the command there."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / ".gateway"

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        package = str(resource("marts_sql").parent)
        return {**kept, "PYTHONPATH": package, "PYTHONDONTWRITEBYTECODE": "1", **variables}

    def __call__(self, *args: str, stdin: str = "", seconds: float = 120, **variables: str) -> Result:
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "gateway", *args],
            cwd=self.folder,
            env=self.environment(**variables),
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)


def succeed(result: Result) -> Result:
    """The result, with its stderr in the report of a test that it fails."""
    assert result.code == 0, result.err
    return result


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A published demo world. Shared by the session: tests read it, and write only to its audit log."""
    cli = Cli(tmp_path_factory.mktemp("world"))
    succeed(cli("marts", "seed", "--users", str(USERS)))
    succeed(cli("marts", "build"))
    succeed(cli("marts", "publish"))
    return cli


@pytest.fixture
def copy_of_world(world: Cli, tmp_path: Path) -> Cli:
    """A world of one's own, to break."""
    shutil.copytree(world.home, tmp_path / ".gateway")
    return Cli(tmp_path)


@pytest.fixture
def empty(tmp_path: Path) -> Cli:
    """A folder in which nothing has been done yet."""
    return Cli(tmp_path)


Run = Callable[..., Result]
