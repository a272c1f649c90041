"""What every command shares: the global options, the settings they lead to, and how to open what the settings name."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gateway.cli.diagnostics import narrate
from gateway.cli.paint import Paint, paint_for
from gateway.errors import GatewayError, UsageError

if TYPE_CHECKING:
    from gateway.service import Caller, Gateway
    from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Session:
    """The global options of one run."""

    config: Path | None = None
    quiet: bool = False
    no_color: bool = False

    def settings(self, **overrides: Any) -> "Settings":
        """Settings from file, environment and flags; a flag that wasn't given overrides nothing."""
        from gateway.settings import load_settings

        return load_settings(self.config, {name: value for name, value in overrides.items() if value is not None})

    def paint(self) -> Paint:
        """Colour for stdout."""
        return paint_for(sys.stdout, wanted=not self.no_color)

    def note(self, text: str) -> None:
        """Narration, unless `--quiet`."""
        if not self.quiet:
            narrate(text)


GLOBAL_OPTIONS_HELP = """\
  --config FILE  Settings file; default gateway.yaml if there is one.
  --no-color     No colour; NO_COLOR in the environment does the same.
  --quiet        No narration on stderr; errors are still said."""


def without_globals(args: Sequence[str], *, no_color: bool = False) -> tuple[Session, list[str]]:
    """The global options, wherever they stand before a `--`, and the arguments without them.

    They are read here rather than by typer, which loads pydantic for any option that is not a flag: too slow for help.
    """
    config, quiet = None, False
    rest: list[str] = []
    waiting = list(args)
    while waiting:
        argument = waiting.pop(0)
        name, equals, value = argument.partition("=")
        if argument == "--":
            rest += [argument, *waiting]
            break
        if name == "--config":
            if not equals and not waiting:
                raise UsageError("--config needs a file", hint="--config gateway.yaml")
            config = Path(value if equals else waiting.pop(0))
        elif argument in ("--no-color", "--quiet"):
            no_color, quiet = no_color or argument == "--no-color", quiet or argument == "--quiet"
        else:
            rest.append(argument)
    return Session(config, quiet, no_color), rest


def session(ctx: typer.Context) -> Session:
    """The session that the root command left in the context."""
    found = ctx.find_object(Session)
    return found if found is not None else Session()


@contextmanager
def opened(settings: "Settings") -> "Iterator[Gateway]":
    """A gateway for these settings, closed at the end."""
    from gateway.wiring import build

    with build(settings) as gateway:
        yield gateway


@contextmanager
def errors_as_json(question: str, *, wanted: bool) -> Iterator[None]:
    """With `--json` an error that comes before any answer has the wire shape too; its exit code stays its own."""
    try:
        yield
    except GatewayError as error:
        if wanted:
            from gateway.answer import Answer
            from gateway.cli.show import print_json
            from gateway.service import problems_of

            lines = [error.message, *getattr(error, "problems", ()), error.hint]
            told = "\n".join(filter(None, lines))
            print_json(Answer(status="error", question=question, text=told, problems=problems_of(error)))
        raise


def caller(settings: "Settings", channel: str) -> "Caller":
    """Who asks through this door."""
    from gateway.service import Caller

    return Caller(settings.principal, settings.role, channel, settings.population)


def argument_text(value: str) -> str:
    """An argument as typed, or all of stdin where it is `-`."""
    from gateway.cli.plain import clean

    return clean(sys.stdin.read() if value == "-" else value).strip()
