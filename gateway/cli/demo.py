"""`gateway demo`: the main job from nothing. A world whose truth is known, three questions about it, one refusal."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from gateway.cli.diagnostics import ExitCode
from gateway.cli.output import emit
from gateway.cli.session import Session, caller, opened, session

if TYPE_CHECKING:
    from gateway.cli.pipeline import Pipeline, World
    from gateway.cli.show import View
    from gateway.service import Caller, Gateway

QUESTIONS: Final = (
    ("A winner", "Did one-page checkout increase conversion?"),
    ("A sample ratio mismatch", "Did the pin leaderboard carousel increase conversion?"),
    ("Exposure health", "Is the exposure logging of new onboarding healthy?"),
)
STATEMENT: Final = "select unit_id, avg(conversion_rate) from fct_experiment_results, fct_events group by unit_id"
NEXT: Final = (
    'gateway ask "Which experiment has the biggest lift in revenue?" --population itt',
    "gateway chat --population itt",
    "gateway sql \"select experiment_id, status, p_value from fct_experiment_srm where analysis_population = 'itt'\"",
)


def demo(
    ctx: typer.Context,
    users: Annotated[int, typer.Option(min=1, help="Users of the demo world.")] = 60_000,
) -> int:
    """Make the demo world and ask it three questions.

    Seeds, builds and publishes it, unless it is there; shows one refused statement, with every reason.
    """
    from gateway.cli.pipeline import World, pipeline_for
    from gateway.cli.show import view_for

    current = session(ctx)
    settings = current.settings(population="itt")
    _prepare(current, pipeline_for(current, settings), World(users))
    with opened(settings) as gateway:
        view = view_for(current)
        who = caller(settings, "cli.demo")
        codes = [_ask(gateway, who, view, title, question) for title, question in QUESTIONS]
        codes.append(_refusal(gateway, who, view))
    emit("\n".join(["Next, try:", *(f"  {line}" for line in NEXT)]))
    return max(codes)


def _prepare(current: Session, pipeline: "Pipeline", world: "World") -> None:
    """Make the world, or say that it is there."""
    if pipeline.is_published(world):
        current.note(f"reusing {pipeline.place}: {world.users:,} users, {world.days} days, seed {world.seed}")
        return
    current.note(f"seeding {world.users:,} users and {world.days} days into {pipeline.warehouse}")
    seeded = pipeline.seed(world)
    current.note(f"seeded {seeded.experiments} experiments in {seeded.seconds:.1f} s; building the marts")
    pipeline.load()
    built = pipeline.build()
    current.note(f"built {len(built.models)} tables in {built.seconds:.1f} s; checking and publishing")
    pipeline.publish()
    pipeline.remember(world)
    current.note(f"published {pipeline.place}")


def _ask(gateway: "Gateway", who: "Caller", view: "View", title: str, question: str) -> int:
    from gateway.cli.show import reply_text

    reply = gateway.ask(question, who)
    _section(view, f"{title}: {question}", reply_text(reply, view))
    return reply.exit_code


def _refusal(gateway: "Gateway", who: "Caller", view: "View") -> int:
    """The statement must be refused: anything else is a hole, and the demo fails."""
    from gateway.cli.show import reply_text

    reply = gateway.run_sql(STATEMENT, who)
    _section(view, f"A refusal: {STATEMENT}", reply_text(reply, view))
    return ExitCode.ANSWERED if reply.exit_code == ExitCode.REFUSED else ExitCode.CONTRACT


def _section(view: "View", title: str, text: str) -> None:
    emit(f"{view.paint(f'── {title}', 'strong')}\n\n{text}\n\n")
