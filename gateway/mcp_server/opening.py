"""The gateway behind the door, put together beside the first messages: a client is greeted before it is there."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future

from gateway.service import Gateway

Build = Callable[[], Gateway]


class Opening:
    """Builds the gateway once, in a thread of its own, when it is first wanted or when there is time for it."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._built: Future[Gateway] | None = None

    async def gateway(self) -> Gateway:
        """The gateway, once it is there. Raises GatewayError where it can't be built; the next call tries again."""
        built = self.begin()
        return built.result() if built.done() else await asyncio.shield(asyncio.wrap_future(built))

    def begin(self) -> "Future[Gateway]":
        """Start to build, unless that is under way or done."""
        with self._lock:
            if self._built is None or (self._built.done() and self._built.exception() is not None):
                self._built = Future()
                threading.Thread(target=self._run, args=(self._built,), name="gateway-opening").start()
            return self._built

    def _run(self, built: "Future[Gateway]") -> None:
        try:
            built.set_result(self._build())
        except BaseException as error:  # noqa: BLE001 - raised again, by whoever waits for the gateway
            built.set_exception(error)

    def close(self) -> None:
        """Close what was built, after waiting for a build under way."""
        with self._lock:
            built = self._built
        if built is not None and built.exception() is None:
            built.result().close()
