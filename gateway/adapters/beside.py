"""Work in a thread of its own, so that neither Ctrl-C nor a time limit has to wait for an engine that is busy."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Task(Generic[T]):
    """Begins at once, and ends with the process at the latest."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done = threading.Event()
        self._news = threading.Event()
        self._result: list[T] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, name="gateway-statement", daemon=True).start()

    def _run(self) -> None:
        try:
            self._result.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again, in the thread that waits for it
            self._error = error
        finally:
            self._done.set()
            self._news.set()

    def call_off(self) -> None:
        """Nobody waits for its result any more."""
        self._news.set()

    def wait_unless_called_off(self, seconds: float) -> bool:
        """Whether it ended within so long; at once where it is called off."""
        self._news.wait(max(seconds, 0))
        return self._done.is_set()

    def wait(self, seconds: float) -> bool:
        """Whether it ended within so long."""
        return self._done.wait(max(seconds, 0))

    def result(self) -> T:
        """What comes of it: its value, or its error raised again. Waits for its end; a Ctrl-C is raised at once."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._result[0]
