"""`gateway doctor`: is this set up, and do both walls hold? Proven by trying."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from gateway.cli.diagnostics import ExitCode
from gateway.cli.options import AsJson
from gateway.cli.output import aligned, emit, emit_json, show_table
from gateway.cli.plain import plain
from gateway.cli.session import session

if TYPE_CHECKING:
    from gateway.cli.checkup import Diagnosis


def doctor(ctx: typer.Context, as_json: AsJson = False) -> int:
    """Check the set-up, and prove both walls.

    Live probes try each wall with the other out of the way. Exits with 0 only when everything holds, else with 6.
    """
    from gateway.cli.checkup import examine

    current = session(ctx)
    diagnosis = examine(lambda: current.settings())
    if as_json:
        emit_json({"well": diagnosis.well, **asdict(diagnosis)})
    else:
        emit(_text(diagnosis))
    current.note("everything holds" if diagnosis.well else "something does not hold: see above")
    return ExitCode.ANSWERED if diagnosis.well else ExitCode.CONTRACT


def _text(diagnosis: "Diagnosis") -> str:
    checks = aligned([[check.status, check.name, plain(check.detail)] for check in diagnosis.checks])
    if not diagnosis.probes:
        return checks
    rows = [
        [probe.wall, probe.name, probe.what, "refused" if probe.refused else "NOT REFUSED", probe.detail]
        for probe in diagnosis.probes
    ]
    return f"{checks}\n\n{show_table(['wall', 'probe', 'tried', 'came of it', 'how'], rows)}"
