"""A helpful model, end to end over the demo world: the real client, a server on the loopback, the one path."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gateway.service import Gateway
from gateway.wiring import build
from tests.conftest import Demo
from tests.openai_server import Server, Turn, call, say, serving

QUESTION = "Did one-page checkout increase conversion?"
RESULTS = call("experiment_results", experiment_id="one_page_checkout", population="itt", metric_ids=["conversion_7d"])


@contextmanager
def asking(demo: Demo, *script: Turn, **model: Any) -> Iterator[tuple[Gateway, Server]]:
    """A gateway over the demo world whose planner is the scripted model."""
    with serving(*script) as server:
        settings = demo.settings.model_copy(update={"planner": "openai", "model": server.settings(**model)})
        with build(settings) as gateway:
            yield gateway, server


def test_the_evidence_is_the_tools_and_the_prose_is_the_models(demo: Demo) -> None:
    prose = "The one-page checkout is better than control on conversion. It rose, and nothing stands against it."
    with asking(demo, RESULTS, say(prose)) as (gateway, server):
        reply = gateway.ask(QUESTION, demo.caller("itt"))
    offline = demo.ask(QUESTION, "itt").answer
    assert (reply.answer.status, reply.exit_code) == ("answered", 0)
    assert reply.answer.evidence == offline.evidence
    assert reply.answer.text == prose
    assert [request.path for request in server.requests] == ["/v1/chat/completions"] * 2
