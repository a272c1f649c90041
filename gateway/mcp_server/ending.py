"""How a server ends: by itself, or by a signal, after which what still runs is stopped and everything is closed."""

import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import anyio

INTERRUPTED: Final = 130
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """What a server exits with: 0, also when it was told to stop; 130 after a Ctrl-C."""

    def __init__(self) -> None:
        self.code = 0

    async def on_signal(self, stop: Callable[[signal.Signals], None]) -> None:
        """Wait for the first signal, and stop. A second one then does what it does to any process."""
        with anyio.open_signal_receiver(*_SIGNALS) as signals:
            async for received in signals:
                self.code = INTERRUPTED if received == signal.SIGINT else 0
                with suppress(Exception):  # it ends whether or not it could be told so
                    stop(received)
                return
