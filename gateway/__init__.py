"""experiment-gateway: a governed query gateway over experiment marts.

    from gateway import build, load_settings
    from gateway.service import Caller

    with build(load_settings()) as gateway:
        reply = gateway.ask("Did one-page checkout increase conversion?", Caller("me", "analyst", "python", "itt"))

Names are resolved on first use: importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.answer import Answer, Evidence
    from gateway.errors import GatewayError
    from gateway.guard import check
    from gateway.service import Caller, Gateway, Reply
    from gateway.settings import Settings, load_settings
    from gateway.wiring import build

__version__ = "0.1.0"

_HOME = {
    "Answer": "gateway.answer",
    "Caller": "gateway.service",
    "Evidence": "gateway.answer",
    "Gateway": "gateway.service",
    "GatewayError": "gateway.errors",
    "Reply": "gateway.service",
    "Settings": "gateway.settings",
    "build": "gateway.wiring",
    "check": "gateway.guard",
    "load_settings": "gateway.settings",
}

__all__ = [
    "Answer",
    "Caller",
    "Evidence",
    "Gateway",
    "GatewayError",
    "Reply",
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
