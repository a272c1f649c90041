"""A gateway over the demo world whose planner is a scripted model, and what its tests ask about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gateway.audit.event import AuditEvent
from gateway.service import Gateway
from gateway.wiring import build
from tests.conftest import Demo
from tests.openai_server import Server, Turn, call, serving

QUESTION = "Did one-page checkout increase conversion?"
RESULTS = call("experiment_results", experiment_id="one_page_checkout", population="itt", metric_ids=["conversion_7d"])


@contextmanager
def asking(demo: Demo, *script: Turn, **model: Any) -> Iterator[tuple[Gateway, Server]]:
    """The gateway, and the server that the script runs on."""
    with serving(*script) as server:
        settings = demo.settings.model_copy(update={"planner": "openai", "model": server.settings(**model)})
        with build(settings) as gateway:
            yield gateway, server


def recorded(gateway: Gateway, audit_id: str) -> AuditEvent:
    """What the log holds under an id."""
    event = gateway.audit.get(audit_id)
    assert event is not None
    return event
