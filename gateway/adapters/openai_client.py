"""Asks a model server for one reply at a time: streamed, in time, retried where that helps, and never with a key shown.

The `openai` package makes the requests. Its own retries are switched off: they wait as long as a server asks them to,
whatever time is left for the question, and a stream that breaks in the middle is not among what they retry.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import openai

from gateway.adapters.openai_errors import passes, told, unreadable
from gateway.adapters.openai_reply import Assembly, NoReply, Reply, Say
from gateway.adapters.openai_transport import BoundedClient, limited
from gateway.cancellation import current, interrupted
from gateway.errors import ModelError
from gateway.ports import Message
from gateway.settings import ModelSettings

OPENAI: Final = "https://api.openai.com/v1"
_CONNECT: Final = 10.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_BYTES_PER_CHARACTER: Final = 400
"""On the wire a token comes in a chunk of some hundred bytes: what a message may hold, times this, is a flood."""
_UNSAID: Final = "unused"
"""The package wants a key; the true one is put into the request when it leaves."""


class ModelClient:
    """One model on one server. Safe to use from several threads."""

    def __init__(self, settings: ModelSettings, *, pause: Callable[[float], None] = time.sleep) -> None:
        """`pause` waits between two attempts, for so many seconds."""
        self._settings, self._pause = settings, pause
        address = settings.base_url or OPENAI
        self.server = urlsplit(address).netloc
        http = BoundedClient(settings.api_key, timeout=settings.seconds)
        self._openai = openai.OpenAI(api_key=_UNSAID, base_url=address, max_retries=0, http_client=http)

    def __repr__(self) -> str:
        return f"ModelClient({self._settings.name!r} at {self.server})"

    def reply(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], seconds: float, say: Say,
        *, last: bool = False,
    ) -> Reply:  # fmt: skip
        """The model's next message; `say` gets its prose as it comes. `last`: it may call no tool any more.

        Raises ModelError when there is none within so many seconds, or within the retries of the settings.
        """
        until = time.monotonic() + seconds
        for attempt in range(self._settings.retries + 1):
            assembly = Assembly(say, self._settings.characters, self._settings.calls)
            try:
                self._stream(messages, tools, until - time.monotonic(), assembly, last=last)
                return assembly.reply()
            except openai.OpenAIError as error:
                if current().is_cancelled:
                    raise interrupted() from None
                wait = self._wait(error, attempt)
                if assembly.began or not passes(error) or self._is_last(attempt) or time.monotonic() + wait >= until:
                    raise told(error, self.server) from None  # its request holds the key
                self._pause(wait)
        raise ModelError(f"the model at {self.server} can't be asked")

    def models(self, seconds: float) -> list[str]:
        """The models that the server says it has, none where it does not say. Sends nothing but the key.

        Raises ModelError where there is no such server, or it does not take the key.
        """
        try:
            with limited(seconds, 10_000_000), self._translated():
                return [str(model.id) for model in self._openai.models.list(timeout=_timeout(seconds)).data or ()]
        except openai.NotFoundError:
            return []
        except openai.OpenAIError as error:
            raise told(error, self.server) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise unreadable(self.server, type(error).__name__) from None

    def close(self) -> None:
        """Close its connections."""
        self._openai.close()

    def _stream(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], seconds: float, into: Assembly,
        *, last: bool,
    ) -> None:  # fmt: skip
        asked: dict[str, Any] = {
            "model": self._settings.name,
            "messages": list(messages),
            "tools": list(tools),
            "stream": True,
            "stream_options": {"include_usage": True},
            "timeout": _timeout(seconds),
        }
        if last:
            asked["tool_choice"] = "none"
        within = limited(seconds, self._settings.characters * _BYTES_PER_CHARACTER)
        with within, self._translated(), self._openai.chat.completions.create(**asked) as stream:
            self._read(stream, into)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Errors of the transport that the package lets through, as its own."""
        try:
            yield
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request=error.request) from error
        except httpx2.RequestError as error:
            raise openai.APIConnectionError(request=error.request) from error

    def _read(self, stream: "openai.Stream[Any]", into: Assembly) -> None:
        """All of a reply, whether it is streamed or comes whole. Raises APIConnectionError where it breaks off."""
        try:
            if "json" in stream.response.headers.get("content-type", ""):
                into.take(_object(stream.response.read() and stream.response.json()))
            else:
                for chunk in stream:
                    into.take(chunk.model_dump(warnings=False))
                    if into.full:
                        return
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            what = str(error) if isinstance(error, NoReply) else "not the JSON of one"
            raise unreadable(self.server, what) from None
        if not into.ended:
            raise openai.APIConnectionError(message="closed early", request=stream.response.request)

    def _is_last(self, attempt: int) -> bool:
        return attempt >= self._settings.retries

    def _wait(self, error: openai.OpenAIError, attempt: int) -> float:
        """Seconds until the next attempt: what the server asks for, or longer each time."""
        asked = _retry_after(error.response.headers) if isinstance(error, openai.APIStatusError) else None
        if asked is not None:
            return asked
        jitter: float = 1 - 0.25 * random.random()  # noqa: S311 - spreads retries, guards nothing
        return min(_FIRST_PAUSE * 2.0**attempt, _LONGEST_PAUSE) * jitter


def _timeout(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(max(0.001, seconds), connect=max(0.001, min(_CONNECT, seconds)))


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NoReply("no object")
    return value


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, where it says so in seconds or milliseconds."""
    for name, divisor in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / divisor
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    return None
