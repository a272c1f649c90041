"""One call, from the event loop into a thread and back: bounded in number, told of its progress, stopped when asked.

The gateway works in threads. A call whose request is cancelled, or whose client has gone, takes its `Cancellation`
back, and its thread is waited for: it ends as soon as the engine has stopped the statement, and the audit log has it.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

import anyio
import anyio.to_thread
from mcp.server.context import ServerRequestContext

from gateway.cancellation import Cancellation, cancellable

AT_ONCE: Final = 16
"""Calls that run at the same time, whoever made them; more wait for their turn."""
_EACH: Final = AT_ONCE // 2
"""Of these, one principal's: nobody's slow statements keep everybody else waiting."""
_PROGRESS_SECONDS: Final = 1.0
GONE: Final = "gateway.gone"
"""Where a transport leaves, in the scope of its request, the event that is set once the client has hung up."""

T = TypeVar("T")
Context = ServerRequestContext[Any, Any]


class Calls:
    """The threads that all clients of one server share."""

    def __init__(self) -> None:
        self._all = anyio.CapacityLimiter(AT_ONCE)
        self._each: dict[str, anyio.CapacityLimiter] = {}
        self._running: set[Cancellation] = set()

    async def run(self, ctx: Context, principal: str, work: Callable[[], T]) -> T:
        """What the work gives. Cancelling this stops the work; so does a client that hangs up."""
        cancellation, outcome = Cancellation(), Future[T]()
        self._running.add(cancellation)
        async with anyio.create_task_group() as group:
            group.start_soon(self._take_back_when_over, cancellation)
            gone = _gone(ctx)
            if gone is not None:
                group.start_soon(_take_back_when_gone, cancellation, gone)
            if _wants_progress(ctx):
                group.start_soon(_tell_progress, ctx)
            async with self._turn_of(principal):
                await anyio.to_thread.run_sync(_work, work, cancellation, outcome, limiter=self._all)
            group.cancel_scope.cancel()
        return outcome.result()

    def stop(self) -> None:
        """Take back whatever runs: the server ends."""
        for cancellation in tuple(self._running):
            cancellation.cancel()

    async def _take_back_when_over(self, cancellation: Cancellation) -> None:
        """When the request is cancelled; also when its work has ended, which then hears nothing of it."""
        try:
            await anyio.sleep_forever()
        finally:
            self._running.discard(cancellation)
            cancellation.cancel()

    def _turn_of(self, principal: str) -> anyio.CapacityLimiter:
        return self._each.setdefault(principal, anyio.CapacityLimiter(_EACH))


def _work(work: Callable[[], T], cancellation: Cancellation, outcome: "Future[T]") -> None:
    with cancellable(cancellation):
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again, out of the group that would wrap it
            outcome.set_exception(error)


async def _take_back_when_gone(cancellation: Cancellation, gone: anyio.Event) -> None:
    await gone.wait()
    cancellation.cancel()


async def _tell_progress(ctx: Context) -> None:
    started = time.monotonic()
    while True:
        await anyio.sleep(_PROGRESS_SECONDS)
        seconds = time.monotonic() - started
        await ctx.session.report_progress(seconds, message=f"running for {seconds:.0f} s")


def _wants_progress(ctx: Context) -> bool:
    return ctx.meta is not None and ctx.meta.get("progress_token") is not None


def _gone(ctx: Context) -> anyio.Event | None:
    """How this request's client is known to have hung up; None on a transport that tells by cancelling."""
    scope = getattr(ctx.request, "scope", {})
    found: anyio.Event | None = scope.get(GONE)
    return found
