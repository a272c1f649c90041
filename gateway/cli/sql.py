"""`gateway sql`: a statement through the same guard as everything else."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import Role, Written
from gateway.cli.output import Format, emit, show_table
from gateway.cli.plain import plain, plain_lines
from gateway.cli.session import Session, argument_text, caller, errors_as_json, opened, session

if TYPE_CHECKING:
    from gateway.answer import Answer, Table

Statement = Annotated[
    str, typer.Argument(help="One SELECT over the contract's marts; - reads it from stdin.", metavar="STATEMENT")
]
Explain = Annotated[bool, typer.Option("--explain", help="Print the approved text; run nothing.")]


def sql(
    ctx: typer.Context,
    statement: Statement,
    explain: Explain = False,
    fmt: Annotated[Format, typer.Option("--format", help="How to write the result.")] = Format.TABLE,
    dialect: Written = None,
    role: Role = None,
) -> int:
    """Run one statement through the guard."""
    current = session(ctx)
    text = argument_text(statement)
    with errors_as_json(text, wanted=fmt is Format.JSON):
        settings = current.settings(role=role)
        with opened(settings) as gateway:
            reply = gateway.run_sql(text, caller(settings, "cli.sql"), explain=explain, dialect=dialect or "")
    from gateway.cli.show import narrate_reply, print_json

    if fmt is Format.JSON:
        print_json(reply.answer)
    elif reply.answer.status == "answered":
        _print_result(current, reply.answer, fmt, explain=explain)
    else:
        narrate_reply(reply)
    return reply.exit_code


def _print_result(current: Session, answer: "Answer", fmt: Format, *, explain: bool) -> None:
    if explain:
        current.note("approved; it would run as:")
        emit(plain_lines(answer.queries[-1].approved))
    else:
        emit(_table_text(answer.table, fmt))
    for warning in answer.warnings:
        current.note(f"warning: {warning}")
    if not explain and fmt is Format.TABLE:
        rows = len(answer.table.rows)
        current.note(f"{rows:,} row{'' if rows == 1 else 's'} · audit: {answer.audit_id}")


def _table_text(table: "Table", fmt: Format) -> str:
    rows = table.rows
    if fmt is Format.CSV and sys.stdout.isatty():
        rows = [[plain(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    return show_table(table.columns, rows, fmt)
