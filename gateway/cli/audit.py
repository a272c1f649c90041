"""`gateway audit`: what was asked, by whom, what the guard made of it, and whether the log is as it was written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gateway.cli.diagnostics import ExitCode, narrate
from gateway.cli.options import AsJson
from gateway.cli.output import emit, emit_json, show_table
from gateway.cli.plain import plain, plain_lines
from gateway.cli.session import session
from gateway.errors import ContractError, UsageError

if TYPE_CHECKING:
    from gateway.adapters.sqlite_audit import SqliteAudit
    from gateway.audit.event import AuditEvent

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Read the audit log: every request.")

_SHOWN = 60
"""Characters of a question in the listing; `show` has all of it."""


@app.command("list")
def list_events(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    status: Annotated[
        Literal["answered", "blocked", "clarify", "error"] | None, typer.Option(help="Only with this status.")
    ] = None,
    principal: Annotated[str, typer.Option(help="Only by this principal.", metavar="NAME")] = "",
    channel: Annotated[str, typer.Option(help="Only through this door, such as cli.ask.", metavar="NAME")] = "",
    as_json: AsJson = False,
) -> int:
    """List requests, newest first."""
    with _log(ctx) as log:
        events = log.recent(limit, status=status or "", principal=principal, channel=channel)
    if as_json:
        emit_json([asdict(event) for event in events])
        return ExitCode.ANSWERED
    columns = ["id", "at", "channel", "status", "principal", "role", "question"]
    emit(show_table(columns, [_row(event) for event in events]))
    if len(events) == limit:
        session(ctx).note(f"the newest {limit:,}; --limit shows more")
    return ExitCode.ANSWERED


@app.command("show")
def show_event(
    ctx: typer.Context,
    event_id: Annotated[str, typer.Argument(metavar="ID", help="An audit id, or the start of one.")],
    as_json: AsJson = False,
) -> int:
    """Show one request in full."""
    with _log(ctx) as log:
        event = log.get(event_id)
    if event is None:
        raise UsageError(f"no event {event_id!r} in the audit log", hint="gateway audit list shows what there is")
    if as_json:
        emit_json(asdict(event))
    else:
        emit("\n".join(event_lines(asdict(event))))
    return ExitCode.ANSWERED


@app.command("verify")
def verify(ctx: typer.Context) -> int:
    """Check that no event was changed or removed."""
    with _log(ctx) as log:
        problems = log.verify()
        count = sum(1 for _ in log.history())
    if problems:
        lines = tuple(f"{problem.event_id or 'log'}: {problem.message}" for problem in problems)
        raise ContractError("the audit log is not as it was written", problems=lines, hint="compare it with a backup")
    emit(f"{count:,} events, all as they were written")
    return ExitCode.ANSWERED


def event_lines(event: dict[str, Any]) -> Iterator[str]:
    """An event as text: one line for each plain field, a block for each statement and each evidence."""
    import json

    blocks = ("queries", "calls", "evidence", "looks")
    for name, value in event.items():
        if name in blocks or value in ("", None, [], {}):
            continue
        shown = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)
        yield f"{name}: {plain_lines(shown)}"
    for call in event["calls"]:
        yield f"call: {plain(json.dumps(call, ensure_ascii=False, default=str))}"
    for query in event["queries"]:
        yield from _query_lines(query)
    for item in event["evidence"]:
        yield f"evidence: {plain(json.dumps(item, ensure_ascii=False, default=str))}"
    for item in event["looks"]:
        yield f"looks: {plain(json.dumps(item, ensure_ascii=False, default=str))}"


def _query_lines(query: dict[str, Any]) -> Iterator[str]:
    yield f"{query['verdict']}: {plain_lines(query['approved'] or query['proposed'])}"
    for reason in query["violations"]:
        yield f"  {plain(reason['rule'])}: {plain(reason['message'])}"


def _row(event: "AuditEvent") -> list[str]:
    question = plain(event.question)
    shown = question if len(question) <= _SHOWN else question[: _SHOWN - 1] + "…"
    return [event.id, event.at[:19].replace("T", " "), event.channel, event.status, event.principal, event.role, shown]


@contextmanager
def _log(ctx: typer.Context) -> "Iterator[SqliteAudit]":
    from gateway.adapters.sqlite_audit import SqliteAudit

    path = session(ctx).settings().home / "audit.sqlite"
    if not path.exists():
        narrate(f"no audit log at {path} yet: nothing has been asked")
    log = SqliteAudit(path)
    try:
        yield log
    finally:
        log.close()
