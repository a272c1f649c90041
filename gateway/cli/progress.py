"""Progress of long work, on stderr: a bar on a terminal, now and then a line elsewhere, nothing with `--quiet`."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.cli.diagnostics import narrate

Step = Callable[[str, int, int], None]
"""Called with what is being done, how far it is, and how far it goes."""

_BETWEEN_LINES = 2.0
"""Seconds between two plain lines, so that a log is not flooded."""


@contextmanager
def step(name: str, *, quiet: bool) -> Iterator[Step]:
    """One piece of work, from its first call to the end of the block."""
    if quiet:
        yield lambda _label, _done, _total: None
    elif sys.stderr.isatty():
        with _bar(name) as progress:
            yield progress
    else:
        yield _lines(name)


def _lines(name: str) -> Step:
    last = time.monotonic()

    def say(label: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _BETWEEN_LINES:
            last = time.monotonic()
            narrate(f"{_what(name, label)} ({done:,} of {total:,})")

    return say


@contextmanager
def _bar(name: str) -> Iterator[Step]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=None)

        def move(label: str, done: int, total: int) -> None:
            progress.update(task, description=escape(_what(name, label)), completed=done, total=total)

        yield move


def _what(name: str, label: str) -> str:
    return name if label in ("", name) else f"{name}: {label}"
