"""`gateway guard`: verdicts on many statements, for CI and policy tests. Reads no warehouse and runs nothing."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from gateway.cli.diagnostics import ExitCode
from gateway.cli.options import Role, Written
from gateway.cli.plain import json_plain
from gateway.cli.session import session
from gateway.errors import ContractError, UsageError

if TYPE_CHECKING:
    from gateway.guard import Approved, Policy, Refused, Violation

_SHAPE: Final = '{"id": "1", "sql": "select …"}'

Check = Callable[[str], "Approved | Refused"]


def guard(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help='JSON lines {"id", "sql"}; - reads them from stdin.')] = "-",
    semantic: Annotated[Path | None, typer.Option(help="Contract to check against.", metavar="FILE")] = None,
    dialect: Written = None,
    engine: Annotated[
        Literal["duckdb", "clickhouse"] | None, typer.Option(help="Engine they are for; the dialect's own without it.")
    ] = None,
    role: Role = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 if any is refused or unreadable.")] = False,
) -> int:
    """Check statements for CI and policy tests.

    JSON lines in, one verdict out for each, in order; a line that can't be read is reported as such. Runs nothing.
    """
    from gateway.guard import check

    policy, default = _policy(ctx, semantic, role)
    written = dialect or default
    speaks = engine or written
    refused = 0
    with _lines(file) as lines:
        for verdict in verdicts(lines, lambda sql: check(sql, policy, dialect=speaks, written=written)):
            sys.stdout.write(json_plain(json.dumps(verdict, ensure_ascii=False)) + "\n")
            sys.stdout.flush()
            refused += verdict["verdict"] != "approved"
    return ExitCode.REFUSED if strict and refused else ExitCode.ANSWERED


def verdicts(lines: Iterable[str], check: Check) -> Iterator[dict[str, Any]]:
    """A verdict for each line that isn't blank, as they come."""
    for place, line in enumerate(lines, 1):
        if line.strip():
            yield _verdict(place, line, check)


def _verdict(place: int, line: str, check: Check) -> dict[str, Any]:
    try:
        request = json.loads(line, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        return _unreadable(f"line {place} is not JSON: {error}")
    if not isinstance(request, dict) or not isinstance(request.get("sql"), str):
        return _unreadable(f'line {place} is not an object with a text under "sql"', _id(request))
    return _decided(_id(request), check(request["sql"].encode("utf-8", "replace").decode("utf-8")))


def _not_json(constant: str) -> Any:
    """NaN and Infinity: Python would read them, and write them into verdicts that no other JSON reader takes."""
    raise ValueError(f"{constant} is no JSON value")


def _decided(request_id: Any, decision: "Approved | Refused") -> dict[str, Any]:
    violations = getattr(decision, "violations", ())
    return {
        "id": request_id,
        "verdict": "refused" if violations else "approved",
        "violations": [_violation(item) for item in violations],
        "warnings": [item.message for item in getattr(decision, "warnings", ())],
        "sql": None if violations else getattr(decision, "sql", None),
    }


def _violation(item: "Violation") -> dict[str, Any]:
    return {
        "rule": str(item.rule), "message": item.message, "hint": item.hint, "line": item.line, "column": item.column,
        "token": item.token, "allowed": list(item.allowed),
    }  # fmt: skip


def _unreadable(message: str, request_id: Any = None) -> dict[str, Any]:
    violation = {
        "rule": "bad_line", "message": message, "hint": _SHAPE, "line": 0, "column": 0, "token": "", "allowed": [],
    }  # fmt: skip
    return {"id": request_id, "verdict": "error", "violations": [violation], "warnings": [], "sql": None}


def _id(request: object) -> Any:
    return request.get("id") if isinstance(request, dict) else None


def _policy(ctx: typer.Context, semantic: Path | None, role: str | None) -> "tuple[Policy, str]":
    """The contract as the role sees it, and the dialect of statements that don't say."""
    from gateway.guard import Policy
    from gateway.semantic.load import load_contract

    settings = session(ctx).settings(semantic=semantic, role=role)
    contract = load_contract(settings.semantic)
    try:
        return Policy.from_mapping(contract.mapping(), settings.role), contract.dialect or "duckdb"
    except ValueError as error:
        raise ContractError(f"the contract can't be used: {error}") from error


@contextmanager
def _lines(file: str) -> Iterator[Iterable[str]]:
    if file == "-":
        yield sys.stdin
        return
    try:
        with Path(file).open(encoding="utf-8", errors="replace") as stream:
            yield stream
    except (FileNotFoundError, IsADirectoryError) as error:
        found = "no file" if isinstance(error, FileNotFoundError) else "a folder, not a file:"
        raise UsageError(f"{found} {file}", hint="JSON lines, or - for stdin") from error
