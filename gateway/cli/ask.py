"""`gateway ask`: one question, one answer with its evidence."""

from typing import Annotated

import typer

from gateway.cli.options import AsJson, ChartFile, Planner, Population, Role, refuse_undrawable
from gateway.cli.session import argument_text, caller, errors_as_json, opened, session

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
            reply = gateway.ask(text, caller(settings, "cli.ask"))
    from gateway.cli.show import level_of, print_json, print_reply, view_for

    if chart is not None and reply.answer.status == "answered":
        from gateway.cli.charting import draw

        drawn = draw(reply.answer, reply.focus, chart, level=level_of(reply.focus))
        current.note(f"chart: {chart}" if drawn else "no chart: this answer has no effect and no plan to draw")
    if as_json:
        print_json(reply.answer)
    else:
        print_reply(reply, view_for(current, show_sql=show_sql))
    return reply.exit_code
