"""What a command loads: help nothing heavy, and no command what only another needs."""

import subprocess
import sys

import pytest

from tests.cli.conftest import Cli

_PRINT_MODULES = """
import sys
from gateway.cli.process import run
code = run({args!r})
print("MODULES", " ".join(sorted(sys.modules)), file=sys.stderr)
"""
NEVER_FOR_HELP = {
    "clickhouse_connect", "duckdb", "jinja2", "matplotlib", "mcp", "numpy", "openai", "prompt_toolkit", "pydantic",
    "rich", "scipy", "sqlglot", "yaml",
}  # fmt: skip
NEVER_FOR_GUARD = {
    "clickhouse_connect",
    "duckdb",
    "jinja2",
    "mcp",
    "numpy",
    "openai",
    "prompt_toolkit",
    "rich",
    "scipy",
}
NEVER_FOR_ASK = {
    "chdb", "clickhouse_connect", "httpx2", "jinja2", "matplotlib", "mcp", "openai", "prompt_toolkit", "rich", "scipy",
    "sqlglot.optimizer.optimizer", "sqlglot.optimizer.qualify",
}  # fmt: skip


def loaded(cli: Cli, *args: str) -> set[str]:
    """Modules that one command loads."""
    done = subprocess.run(
        [sys.executable, "-c", _PRINT_MODULES.format(args=list(args))],
        cwd=cli.folder,
        env=cli.environment(),
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    line = next(line for line in done.stderr.splitlines() if line.startswith("MODULES "))
    return set(line.split()[1:])


@pytest.mark.parametrize(
    "args",
    [("--help",), ("ask", "--help"), ("power", "--help"), ("--version",), ("marts", "--help"), ("mcp", "--help"),
     ("nonsense",)],
)  # fmt: skip
def test_help_loads_nothing_heavy(empty: Cli, args: tuple[str, ...]) -> None:
    assert loaded(empty, *args) & NEVER_FOR_HELP == set()


def test_guard_loads_no_engine(empty: Cli) -> None:
    assert loaded(empty, "guard") & NEVER_FOR_GUARD == set()


def test_ask_loads_only_what_an_answer_needs(world: Cli) -> None:
    modules = loaded(world, "ask", "Did one-page checkout increase conversion?", "--population", "itt")
    assert "_duckdb" in modules
    assert modules & NEVER_FOR_ASK == set()
    assert modules & {"gateway.ask.talk", "gateway.ask.grounding", "gateway.adapters.openai_client"} == set()


def test_a_plan_on_its_own_opens_no_engine(empty: Cli) -> None:
    modules = loaded(empty, "power", "--rate", "5%", "--mde", "5%")
    assert "numpy" in modules
    assert modules & {"_duckdb", "clickhouse_connect", "matplotlib", "scipy.stats"} == set()


def test_help_lists_every_command_and_every_exit_code(empty: Cli) -> None:
    result = empty("--help")
    assert (result.code, result.err) == (0, "")
    for command in ("demo", "ask", "chat", "sql", "guard", "marts", "power", "import", "audit", "semantic", "doctor"):
        assert f"\n  {command} " in result.out
    for code in (0, 2, 3, 4, 5, 6, 130):
        assert any(line.split()[:1] == [str(code)] for line in result.out.splitlines())


def test_version_names_the_program(empty: Cli) -> None:
    assert empty("--version").out.startswith("experiment-gateway ")
