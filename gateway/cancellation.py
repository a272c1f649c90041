"""A request that its caller takes back: said from any thread, heard by the statement that runs for it.

Whoever serves a request that can be taken back runs it inside `cancellable`, and keeps the `Cancellation`. The engine
asks for the `current` one when it starts a statement, and leaves with it what stops that statement. Nothing between
the two has to know.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from gateway.errors import EngineError

Stop = Callable[[], None]


class Cancellation:
    """One request's way out. Once it is cancelled it stays so. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._stops: list[Stop] = []

    @property
    def is_cancelled(self) -> bool:
        """Whether the caller has taken the request back."""
        return self._cancelled

    def cancel(self) -> None:
        """Take the request back: stops what runs for it now, and whatever would start for it later."""
        with self._lock:
            self._cancelled = True
            stops = tuple(self._stops)
        for stop in stops:
            stop()

    @contextmanager
    def stopping(self, stop: Stop) -> Iterator[None]:
        """While inside, `stop` is called when the request is taken back, from the thread that says so.

        It must return at once and may come late. Raises `interrupted` where the request was taken back before.
        """
        with self._lock:
            if self._cancelled:
                raise interrupted()
            self._stops.append(stop)
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)


_NEVER: Final = Cancellation()
"""Of requests that nobody can take back. Never cancelled."""
_current: ContextVar[Cancellation] = ContextVar("cancellation", default=_NEVER)


def current() -> Cancellation:
    """The cancellation of the request that this thread works for."""
    return _current.get()


@contextmanager
def cancellable(cancellation: Cancellation) -> Iterator[None]:
    """What is called inside, in this thread, works for a request that `cancellation` takes back."""
    token = _current.set(cancellation)
    try:
        yield
    finally:
        _current.reset(token)


def interrupted() -> EngineError:
    """What becomes of a statement whose request was taken back."""
    return EngineError("interrupted")
