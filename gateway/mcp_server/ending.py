"""How a server is told to end."""

import signal
import sys
from typing import Final

import anyio

INTERRUPTED: Final = 130


async def told_to_stop() -> int:
    """Wait for a Ctrl-C or a SIGTERM, and return the exit code that says which: 130 or 0.

    A second one then does what it does to any process.
    """
    if sys.platform == "win32":  # which has no such receivers: a Ctrl-C arrives as an exception
        await anyio.sleep_forever()
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for received in signals:
            return INTERRUPTED if received == signal.SIGINT else 0
    raise AssertionError("signals do not run out")
