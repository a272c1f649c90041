"""The command line as a user runs it, in a folder of its own, on a small seeded world.

Most tests call the entry point inside this process, which loads every library once; what belongs to the process itself
(streams, signals, start-up) is tested in a process of its own.
"""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from gateway.cli.process import run
from gateway.settings import resource

USERS = 6_000
_INHERITED = ("PATH", "LANG", "SYSTEMROOT", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Result:
    """What a run left: its exit code and both streams."""

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
        """No setting of the machine that runs the tests, only those given."""
        kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        package = str(resource("marts_sql").parent)
        return {**kept, "PYTHONPATH": package, "PYTHONDONTWRITEBYTECODE": "1", **variables}

    def __call__(self, *args: str, stdin: str = "", **variables: str) -> Result:
        """Run inside this process. An exception that is no expected failure is raised, and fails the test."""
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self.folder),
            mock.patch.dict(os.environ, self.environment(**variables), clear=True),
            mock.patch.object(sys, "stdin", io.StringIO(stdin)),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = run(args)
        return Result(code, out.getvalue(), err.getvalue())

    def process(self, *args: str, stdin: str = "", **variables: str) -> Result:
        """Run in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *args],
            cwd=self.folder,
            env=self.environment(**variables),
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
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
