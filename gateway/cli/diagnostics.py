"""What goes to stderr, and what the process exits with. stdout carries data and nothing else."""

import sys
from enum import IntEnum
from typing import Self

from gateway.cli.plain import clean, plain_lines
from gateway.errors import GatewayError


class ExitCode(IntEnum):
    """Every code the command line can end with, each with the sentence that `--help` prints beside it."""

    sentence: str

    def __new__(cls, value: int, sentence: str) -> Self:
        """An integer that knows what it means."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    ANSWERED = 0, "answered, or done"
    USAGE = 2, "the request can't be carried out as written: a flag, a file, a name"
    REFUSED = 3, "the guard refused it; every reason is listed"
    CHOICE = 4, "needs a choice, such as the population; the choices are listed"
    ENGINE = 5, "the engine failed: a time limit, a locked file, a full disk"
    CONTRACT = 6, "configuration, contract or warehouse is not as it must be"
    INTERRUPTED = 130, "interrupted"


def exit_codes_help() -> str:
    """The exit codes as `--help` lists them; the marker keeps the lines as they are."""
    lines = [f"  {code.value:>3}  {code.sentence}" for code in ExitCode]
    return "\b\n" + "\n".join(["Exit codes:", *lines])


def narrate(text: str) -> None:
    """Narration to stderr, free of control characters."""
    sys.stderr.write(plain_lines(text) + "\n")
    sys.stderr.flush()


def report(message: str, *, hint: str = "", problems: tuple[str, ...] = ()) -> None:
    """An error as the reader needs it: what was found, every problem on a line of its own, and what to do."""
    narrate(f"error: {clean(message)}")
    for problem in problems:
        narrate(f"  {clean(problem)}")
    if hint:
        narrate(f"hint: {clean(hint)}")


def report_error(error: GatewayError) -> None:
    """An error of the gateway's own tree."""
    report(error.message, hint=error.hint, problems=problems_of(error))


def problems_of(error: GatewayError) -> tuple[str, ...]:
    """Every problem that an error lists, unless its message has already said the only one."""
    problems = tuple(getattr(error, "problems", ()))
    return () if len(problems) == 1 and problems[0] in error.message else problems
