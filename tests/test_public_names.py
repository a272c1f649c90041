"""`import gateway` is free, and every public name is there when it is first used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gateway
from tests.conftest import Demo

ROOT = Path(gateway.__file__).parents[1]
HEAVY = ("duckdb", "sqlglot", "pydantic", "numpy", "scipy", "typer", "rich", "prompt_toolkit", "yaml", "jinja2")


def python(code: str, cwd: Path = ROOT, **variables: str) -> str:
    """What a fresh process prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env=kept | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_the_package_imports_nothing_heavy() -> None:
    loaded = python("import sys, gateway; print(*sorted(sys.modules))").split()
    assert "gateway" in loaded
    assert [name for name in loaded if name.partition(".")[0] in HEAVY] == []
    assert [name for name in loaded if name.startswith("gateway.")] == []


@pytest.mark.parametrize("name", gateway.__all__)
def test_a_public_name_resolves_in_a_fresh_process(name: str) -> None:
    assert python(f"import gateway; print(gateway.{name}.__name__)").strip() == name


def test_the_guard_needs_no_database_and_no_statistics() -> None:
    loaded = python("import sys; from gateway import check; print(*sorted(sys.modules))").split()
    assert [name for name in loaded if name.partition(".")[0] in ("duckdb", "numpy", "scipy", "typer")] == []


def test_public_names_are_sorted_listed_and_of_their_own_modules() -> None:
    assert gateway.__all__ == sorted(gateway.__all__)
    assert set(gateway.__all__) <= set(dir(gateway))
    assert "__version__" in dir(gateway)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'gateway' has no attribute 'Engin'"):
        gateway.Engin  # noqa: B018 - reading it is the test


def test_from_import_star_brings_the_public_names() -> None:
    out = python("from gateway import *; print(check.__module__, build.__module__, Caller.__module__)")
    assert out.split() == ["gateway.guard.check", "gateway.wiring", "gateway.service"]


def test_the_package_is_typed() -> None:
    assert (ROOT / "gateway" / "py.typed").is_file()


def test_the_snippet_of_the_package_answers_a_question(demo: Demo, tmp_path: Path) -> None:
    assert gateway.__doc__ is not None
    lines = [line.removeprefix("    ") for line in gateway.__doc__.splitlines() if line.startswith("    ")]
    code = "\n".join([*lines, "print(result.status, result.exit_code, result.evidence[0].verdict)"])
    assert python(code, tmp_path, GATEWAY_HOME=str(demo.home)).split() == ["answered", "0", "better"]
