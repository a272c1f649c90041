"""What goes wrong on the way to a model, in words that hold nothing of the request, of its key, or of the reply.

A server's own message is not passed on: it can quote the key that it refuses, or whatever it was sent.
"""

import re
from typing import Final

import openai

from gateway.errors import ModelError

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,60}")
_CAUSES: Final = (
    (("CERTIFICATE", "certificate"), "its certificate is not trusted"),
    (("SSL", "TLS", "tls"), "no secure connection could be made"),
    (("getaddrinfo", "Name or service", "nodename", "name resolution", "No address"), "there is no such host"),
    (("refused",), "the connection was refused"),
    (("too large",), "the reply was too large"),
    (("disconnected", "closed", "peer", "incomplete", "reset"), "the connection was cut"),
)
_STATUS: Final = {
    400: ("it did not take the request", ""),
    401: ("it refused the key", "set GATEWAY_MODEL_API_KEY"),
    403: ("the key may not use this model", "set GATEWAY_MODEL_API_KEY, or another model.name"),
    404: ("it has no such model, or no chat completions at this address", "check model.name and model.base_url"),
    408: ("it took too long", ""),
    413: ("the chat is too long for it", "lower model.characters"),
    422: ("it did not take the request", ""),
    429: ("it takes no more requests now: a rate limit, or a quota that is used up", ""),
}


def told(error: openai.OpenAIError, server: str) -> ModelError:
    """The error as the gateway tells it."""
    if isinstance(error, openai.APITimeoutError):
        return ModelError(f"the model at {server} did not answer in time", hint="model.seconds sets the time limit")
    if isinstance(error, openai.APIConnectionError):
        return ModelError(f"the model at {server} can't be reached: {_cause(error)}", hint="check model.base_url")
    if isinstance(error, openai.APIStatusError):
        what, hint = _STATUS.get(error.status_code, _otherwise(error.status_code))
        return ModelError(f"the model at {server}: {what} ({error.status_code}{_code(error)})", hint=hint)
    if isinstance(error, openai.APIError):
        return ModelError(f"the model at {server} broke off with an error{_code(error).replace(', ', ' ')}")
    return ModelError(f"the model at {server} can't be asked ({type(error).__name__})")


def passes(error: openai.OpenAIError) -> bool:
    """Whether the same request may well succeed a little later."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError) or type(error) is openai.APIError


def unreadable(server: str, what: str) -> ModelError:
    """For replies that are no chat completion."""
    return ModelError(f"the model at {server} sent what is no chat completion: {what}", hint="check model.base_url")


def _otherwise(status: int) -> tuple[str, str]:
    if 300 <= status < 400:
        return "it sends requests elsewhere, and they are not followed", "set model.base_url to where it really is"
    return ("it failed", "") if status >= 500 else ("it did not take the request", "")


def _cause(error: BaseException) -> str:
    """The reason at the bottom of a chain of exceptions, by its kind alone."""
    texts = []
    cause: BaseException | None = error
    while cause is not None:
        texts.append(f"{type(cause).__name__}: {cause}")
        cause = cause.__cause__ or cause.__context__
    for marks, sentence in _CAUSES:
        if any(mark in text for text in texts for mark in marks):
            return sentence
    return "the connection failed"


def _code(error: openai.APIError) -> str:
    """The server's code for it, where that is a plain word."""
    code = error.code
    return f", {code}" if isinstance(code, str) and _CODE.fullmatch(code) else ""
