"""experiment-gateway: a governed query gateway over experiment marts.

    import gateway

    with gateway.open(population="itt") as gw:
        result = gw.ask("Did one-page checkout increase conversion?")

Names are resolved on first use: importing the package costs nothing. docs/python.md says what can be done with it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.answer import Answer, Evidence
    from gateway.errors import GatewayError
    from gateway.guard import check
    from gateway.python_api import Client, Conversation, Result
    from gateway.python_api import open as open  # noqa: A004 - used as gateway.open
    from gateway.service import Caller, Gateway, Reply
    from gateway.settings import Settings, load_settings
    from gateway.wiring import build

__version__ = "0.1.0"

_HOME = {
    "Answer": "gateway.answer",
    "Caller": "gateway.service",
    "Client": "gateway.python_api",
    "Conversation": "gateway.python_api",
    "Evidence": "gateway.answer",
    "Gateway": "gateway.service",
    "GatewayError": "gateway.errors",
    "Reply": "gateway.service",
    "Result": "gateway.python_api",
    "Settings": "gateway.settings",
    "build": "gateway.wiring",
    "check": "gateway.guard",
    "load_settings": "gateway.settings",
    "open": "gateway.python_api",
}

__all__ = [
    "Answer",
    "Caller",
    "Client",
    "Conversation",
    "Evidence",
    "Gateway",
    "GatewayError",
    "Reply",
    "Result",
    "Settings",
    "build",
    "check",
    "load_settings",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
