"""Live proof of both walls: statements that must never work, tried on each wall with the other one out of the way.

The engine's probes run as they are on a locked connection, exactly as the engine opens it: no guard has seen them. The
guard's probes are the same statements, put to the guard alone. A probe counts as refused only by the refusal it
expects; a statement that fails for another reason has proven nothing, and says so.
"""

# ruff: noqa: S608 - the statements here are attacks on purpose, and no value in them comes from a caller

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import duckdb

from gateway.adapters.duckdb_engine import Deadline, DuckDBEngine
from gateway.guard import Approved, Policy, check

_PATIENCE: Final = 5.0
_TIME_LIMIT: Final = 0.1
_Refusal = tuple[type[duckdb.Error], str]
_NO_FILES: Final[_Refusal] = (duckdb.PermissionException, "disabled")
_LOCKED: Final[_Refusal] = (duckdb.InvalidInputException, "configuration has been locked")
_READ_ONLY: Final[_Refusal] = (duckdb.InvalidInputException, "read-only")
_NO_COLUMN: Final[_Refusal] = (duckdb.BinderException, "does not have a column named")
_NO_TABLE: Final[_Refusal] = (duckdb.CatalogException, "does not exist")
_NO_TIME: Final[_Refusal] = (duckdb.InterruptException, "Interrupted")


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that was tried, and what came of it."""

    name: str
    wall: Literal["engine", "guard"]
    what: str
    refused: bool
    detail: str
    """The engine's refusal in a line, or the guard's rule codes; where not refused, what happened instead."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A statement that must not work, and how the engine says so."""

    name: str
    what: str
    sql: str
    refusal: _Refusal
    seconds: float = _PATIENCE
    leaves: Path | None = None
    """What it would leave behind if it worked, to be taken away again."""


def attempts(gold: Path, contract: Mapping[str, Any]) -> tuple[Attempt, ...]:
    """What is tried on both walls: reaching out of the file, changing it or its limits, and what it must not hold."""
    return (*_reaching_out(gold), *_writing(gold, next(iter(contract["assets"]))), *_loosening(), *_peeking(contract))


def _reaching_out(gold: Path) -> Iterator[Attempt]:
    beside = gold.resolve().parent
    reads = f"SELECT * FROM read_text({_text(Path(__file__))})"
    yield Attempt("file_read", "read a file", reads, _NO_FILES)
    yield Attempt("file_list", "list a folder", f"SELECT * FROM glob({_text(beside / '*')})", _NO_FILES)
    yield Attempt("own_file_read", "read the published file raw", f"SELECT * FROM read_blob({_text(gold)})", _NO_FILES)
    yield Attempt("attach", "attach the warehouse", f"ATTACH {_text(beside / 'warehouse.duckdb')} AS w", _NO_FILES)
    yield Attempt("own_file_attach", "attach the published file again", f"ATTACH {_text(gold)} AS again", _NO_FILES)
    yield Attempt("install", "install an extension", "INSTALL httpfs", _NO_FILES)
    yield Attempt("load", "load an extension", "LOAD httpfs", _NO_FILES)


def _writing(gold: Path, asset: str) -> Iterator[Attempt]:
    file, log = gold.resolve().parent / ".doctor-probe.csv", Path(f"{gold}.wal")
    yield Attempt("copy_out", "write a file", f"COPY (SELECT 1) TO {_text(file)}", _NO_FILES, leaves=file)
    yield Attempt(
        "own_file_write", "write the file's own log", f"COPY (SELECT 1) TO {_text(log)}", _NO_FILES, leaves=log
    )
    yield Attempt("create", "create a table", "CREATE TABLE doctor_probe (i INTEGER)", _READ_ONLY)
    yield Attempt("delete", "delete rows", f"DELETE FROM {_name(asset)}", _READ_ONLY)


def _loosening() -> Iterator[Attempt]:
    endless = "SELECT sum(sqrt(a.range + b.range)) FROM range(10000000) AS a, range(1000000) AS b"
    yield Attempt("setting", "raise the memory limit", "SET memory_limit = '64GB'", _LOCKED)
    yield Attempt("unlock", "unlock the configuration", "SET lock_configuration = false", _LOCKED)
    yield Attempt("time_limit", f"run on after {_TIME_LIMIT:g} s", endless, _NO_TIME, seconds=_TIME_LIMIT)


def _peeking(contract: Mapping[str, Any]) -> Iterator[Attempt]:
    outside = "SELECT * FROM fct_events LIMIT 1"
    yield Attempt("table_outside", "read a table outside the contract", outside, _NO_TABLE)
    yield from _hidden_columns(contract)


def _hidden_columns(contract: Mapping[str, Any]) -> Iterator[Attempt]:
    for asset, definition in contract["assets"].items():
        for column, properties in definition["columns"].items():
            if properties.get("access") == "hidden":
                sql = f"SELECT t.{_name(column)} FROM {_name(asset)} AS t LIMIT 1"
                yield Attempt(f"hidden_column:{asset}.{column}", "read a hidden column", sql, _NO_COLUMN)


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def engine_probes(engine: DuckDBEngine, contract: Mapping[str, Any]) -> list[Probe]:
    """Try each on the engine alone. Raises ContractError or EngineError when the published file can't be opened."""
    return [_on_engine(engine, attempt) for attempt in attempts(engine.gold, contract)]


def guard_probes(policy: Policy, gold: Path, contract: Mapping[str, Any]) -> list[Probe]:
    """Put each to the guard alone. Needs no published file."""
    return [on_guard(policy, one.name, one.what, one.sql) for one in attempts(gold, contract)]


def _on_engine(engine: DuckDBEngine, attempt: Attempt) -> Probe:
    refused, detail = False, "it worked: this wall has a hole"
    with engine.connection(_PATIENCE) as connection:
        try:
            with Deadline(connection, attempt.seconds):
                connection.execute(attempt.sql).fetchmany(1)
            if attempt.leaves is not None:
                attempt.leaves.unlink(missing_ok=True)
        except duckdb.Error as error:
            kind, words = attempt.refusal
            detail = str(error).partition("\n")[0]
            refused = isinstance(error, kind) and words in detail
            if not refused:
                detail = f"not proven, it failed for another reason: {detail}"
    return Probe(attempt.name, "engine", attempt.what, refused, detail)


def on_guard(policy: Policy, name: str, what: str, sql: str, dialect: str = "duckdb") -> Probe:
    """Put one statement to the guard alone."""
    verdict = check(sql, policy, dialect=dialect)
    if isinstance(verdict, Approved):
        return Probe(name, "guard", what, refused=False, detail="it was approved: this wall has a hole")
    codes = ", ".join(dict.fromkeys(violation.rule for violation in verdict.violations))
    return Probe(name, "guard", what, refused=True, detail=codes)
