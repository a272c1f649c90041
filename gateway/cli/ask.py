"""`gateway ask`: one question, one answer with its evidence."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import AsJson, ChartFile, Planner, Population, Role, refuse_undrawable
from gateway.cli.paint import paint_for
from gateway.cli.session import Session, argument_text, caller, errors_as_json, opened, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.ports import Glimpse
    from gateway.settings import Settings

Question = Annotated[
    list[str], typer.Argument(help="The question in plain words; - reads it from stdin.", metavar="QUESTION")
]
ShowSql = Annotated[bool, typer.Option("--show-sql", help="Print the approved SQL below the answer.")]


def ask(
    ctx: typer.Context,
    question: Question,
    population: Population = None,
    as_json: AsJson = False,
    planner: Planner = None,
    role: Role = None,
    show_sql: ShowSql = False,
    chart: ChartFile = None,
) -> int:
    """Answer one question, with its evidence."""
    current = session(ctx)
    text = argument_text(" ".join(question))
    with errors_as_json(text, wanted=as_json):
        refuse_undrawable(chart)
        settings = current.settings(population=population, planner=planner, role=role)
        with opened(settings) as gateway:
            reply = gateway.ask(text, caller(settings, "cli.ask"), None, _watching(current, settings))
    from gateway.cli.show import print_json, print_reply, view_for
    from gateway.cli.views import level_of

    if chart is not None and reply.answer.status == "answered":
        from gateway.cli.charting import draw

        drawn = draw(reply.answer, reply.focus, chart, level=level_of(reply.focus))
        current.note(f"chart: {chart}" if drawn else "no chart: this answer has no effect and no plan to draw")
    if as_json:
        print_json(reply.answer)
    else:
        print_reply(reply, view_for(current, show_sql=show_sql))
    return reply.exit_code


def _watching(current: Session, settings: "Settings") -> "Callable[[Glimpse], None] | None":
    """Shows the calls of a model on a terminal, where its answer takes a while."""
    if settings.planner == "offline" or current.quiet or not sys.stderr.isatty():
        return None
    from gateway.cli.live import Live

    return Live(paint_for(sys.stderr, wanted=not current.no_color), prose=False, spin=False).show
