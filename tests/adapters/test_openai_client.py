"""Asking a model server: what comes of everything that can go wrong on the way, and that no key is ever shown."""

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from gateway.adapters.openai_client import ModelClient
from gateway.adapters.openai_reply import Reply
from gateway.cancellation import Cancellation, cancellable
from gateway.errors import EngineError, GatewayError, ModelError
from tests.openai_server import KEY, MODEL, Handler, Server, Turn, breaks_off, calls, fails, say, serving, whole

CHAT = [{"role": "user", "content": "hello"}]


def ask(
    server: Server,
    *,
    said: list[str] | None = None,
    pauses: list[float] | None = None,
    seconds: float = 20.0,
    **model: Any,
) -> Reply:
    """One reply; pauses are kept instead of waited for."""
    client = ModelClient(server.settings(**model), pause=(pauses if pauses is not None else []).append)
    try:
        return client.reply(CHAT, [], seconds, (said if said is not None else []).append)
    finally:
        client.close()


def refused(*script: Turn, pauses: list[float] | None = None, **model: Any) -> ModelError:
    with serving(*script) as server, pytest.raises(ModelError) as caught:
        ask(server, pauses=pauses, **model)
    assert KEY not in repr(caught.value) + str(caught.value) + caught.value.hint
    assert caught.value.__cause__ is None
    return caught.value


def test_prose_comes_in_pieces_and_is_whole_in_the_reply() -> None:
    said: list[str] = []
    with serving(say("It rose by 18.9 %.", tokens=42)) as server:
        reply = ask(server, said=said)
    assert len(said) > 1
    assert ("".join(said), reply.text) == ("It rose by 18.9 %.",) * 2
    assert (reply.finish, reply.tokens, reply.wanted) == ("stop", 42, ())


def test_the_request_is_one_that_any_compatible_server_takes() -> None:
    with serving(say("ok")) as server:
        ask(server)
    (request,) = server.requests
    assert set(request.body) == {"model", "messages", "tools", "stream", "stream_options"}
    assert (request.body["model"], request.body["messages"]) == (MODEL, CHAT)
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers["authorization"] == f"Bearer {KEY}"
    assert not [name for name in headers if name.startswith("openai-")]


def test_calls_are_put_together_from_their_pieces() -> None:
    with serving(calls(("a", {"x": "longer than one piece"}), ("b", {}))) as server:
        reply = ask(server)
    assert [(item.name, json.loads(item.arguments)) for item in reply.wanted] == [
        ("a", {"x": "longer than one piece"}),
        ("b", {}),
    ]


def test_calls_beyond_the_bound_are_counted_and_left_out() -> None:
    with serving(calls(*[("a", {"x": place}) for place in range(40)])) as server:
        reply = ask(server, calls=3)
    assert (len(reply.wanted), reply.more) == (3, 37)


def test_text_beyond_the_bound_is_not_read() -> None:
    with serving(say("x" * 50_000)) as server:
        reply = ask(server, characters=1_000)
    assert (len(reply.text), reply.finish) == (1_000, "cut")


def test_a_whole_completion_will_do_where_a_stream_was_asked_for() -> None:
    with serving(whole("Fine.", [("a", {"x": 1})], tokens=7)) as server:
        reply = ask(server)
    assert (reply.text, reply.wanted[0].name, reply.tokens) == ("Fine.", "a", 7)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_what_may_pass_is_tried_again_with_growing_pauses(status: int) -> None:
    pauses: list[float] = []
    with serving(fails(status), fails(status), say("Better.")) as server:
        assert ask(server, pauses=pauses).text == "Better."
    first, second = pauses
    assert 0.3 < first < second < 1.1


def test_a_server_that_says_how_long_to_wait_is_believed() -> None:
    pauses: list[float] = []
    with serving(fails(429, Retry_After="7"), fails(429, Retry_After_Ms="250"), say("Now.")) as server:
        ask(server, pauses=pauses)
    assert pauses == [7.0, 0.25]


def test_a_wait_beyond_the_time_that_is_left_is_not_waited_for() -> None:
    pauses: list[float] = []
    error = refused(fails(429, Retry_After="90"), pauses=pauses)
    assert pauses == []
    assert "429" in error.message


def test_retries_come_to_an_end() -> None:
    with serving(fails(503)) as server, pytest.raises(ModelError, match="503"):
        ask(server, retries=3)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "did not take the request"),
        (401, "refused the key"),
        (403, "may not use this model"),
        (404, "no such model"),
        (413, "too long"),
        (418, "did not take the request"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(status: int, message: str) -> None:
    turn = fails(status, f"Incorrect API key provided: {KEY}", "invalid_api_key")
    with serving(turn) as server, pytest.raises(ModelError) as caught:
        ask(server)
    assert len(server.requests) == 1
    assert message in caught.value.message
    assert "invalid_api_key" in caught.value.message
    assert KEY not in str(caught.value)


def test_a_code_that_is_no_plain_word_is_not_passed_on() -> None:
    assert KEY not in refused(fails(400, "no", KEY)).message


def _redirects(handler: Handler) -> None:
    handler.plain("", 307, Location="http://elsewhere.invalid/v1/chat/completions")


def _not_json(handler: Handler) -> None:
    handler.plain("<html>welcome</html>", Content_Type="text/html")


def _broken_json(handler: Handler) -> None:
    handler.plain('{"choices": [', Content_Type="application/json")


def _events(*values: Any) -> Turn:
    def turn(handler: Handler) -> None:
        handler.begin_stream()
        for value in values:
            handler.chunk(f"data: {value}\n\n" if isinstance(value, str) else f"data: {json.dumps(value)}\n\n")
        handler.end_stream(0)

    return turn


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        pytest.param(_redirects, "sends requests elsewhere", id="redirect"),
        pytest.param(_not_json, "can't be reached", id="a web page"),
        pytest.param(_broken_json, "no chat completion", id="half of a JSON"),
        pytest.param(_events("{not json"), "no chat completion", id="an event that is no JSON"),
        pytest.param(_events({"hello": 1}), "no chat completion", id="something else"),
        pytest.param(_events({"choices": "x"}), "no chat completion", id="choices that are none"),
        pytest.param(_events({"choices": [1]}), "no chat completion", id="a choice that is none"),
        pytest.param(_events({"choices": [{"delta": "x"}]}), "no chat completion", id="a delta that is none"),
        pytest.param(_events({"choices": [{"delta": {"tool_calls": "x"}}]}), "no chat", id="calls that are none"),
        pytest.param(_events({"choices": []}), "can't be reached", id="nothing at all"),
        pytest.param(_events({"error": {"message": KEY, "code": "overloaded"}}), "overloaded", id="an error inside"),
        pytest.param(breaks_off(), "the connection was cut", id="cut at once"),
        pytest.param(breaks_off("It rose by"), "the connection was cut", id="cut in the middle"),
    ],
)
def test_what_is_no_reply_is_told_in_a_sentence(turn: Turn, message: str) -> None:
    assert message in refused(turn, retries=0).message


def test_a_stream_that_broke_before_a_word_is_tried_again_and_after_one_is_not() -> None:
    with serving(_events({"choices": []}), say("Again.")) as server:
        assert ask(server).text == "Again."
    with serving(breaks_off("It rose"), say("Again.")) as server, pytest.raises(ModelError):
        ask(server)
    assert len(server.requests) == 1, "the reader has seen the beginning"


def test_odd_pieces_are_no_obstacle() -> None:
    pieces = [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": None, "reasoning": "hm"}}]},
        {"choices": [{"index": 1, "delta": {"content": "another choice"}}]},
        {"choices": [{"index": 0, "delta": {"content": "Fine."}}], "usage": None},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ]
    with serving(_events(*pieces)) as server:
        assert ask(server).text == "Fine."


@pytest.mark.parametrize("finish", ["stop", "length", "content_filter"])
def test_how_a_reply_ended_is_kept(finish: str) -> None:
    with serving(say("Well.", finish=finish)) as server:
        assert ask(server).finish == finish


def _silent(handler: Handler) -> None:
    handler.at.release.wait(10)
    handler.cut()


def _drips(handler: Handler) -> None:
    """A byte now and then: each read succeeds in time."""
    handler.begin_stream()
    while not handler.at.release.wait(0.02):
        handler.chunk(":")


def _endless_line(handler: Handler) -> None:
    handler.begin_stream()
    handler.chunk("data: ")
    while not handler.at.release.is_set():
        handler.chunk("x" * 100_000)


@pytest.mark.parametrize("turn", [_silent, _drips], ids=["silent", "drips"])
def test_the_time_limit_holds_however_a_server_is_slow(turn: Turn) -> None:
    with serving(turn) as server:
        with pytest.raises(ModelError, match="did not answer in time"):
            ask(server, seconds=0.3, retries=0)
        server.release.set()


def test_a_flood_is_cut_off() -> None:
    with serving(_endless_line) as server:
        with pytest.raises(ModelError, match="too large"):
            ask(server, characters=1_000, retries=0)
        server.release.set()


def test_an_error_without_an_end_is_cut_off() -> None:
    def turn(handler: Handler) -> None:
        handler.send_response(500)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while not handler.at.release.is_set():
            handler.chunk("x" * 100_000)

    with serving(turn) as server:
        with pytest.raises(ModelError, match=r"too large|can't be reached"):
            ask(server, characters=1_000, retries=0)
        server.release.set()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        pytest.param("http://127.0.0.1:9/v1", "the connection was refused", id="nobody there"),
        pytest.param("http://no-such-host.invalid/v1", "there is no such host", id="no such host"),
    ],
)
def test_a_server_that_is_not_there_is_told_by_what_failed(address: str, message: str) -> None:
    with serving(say("never")) as server:
        client = ModelClient(server.settings(base_url=address, retries=0))
        with pytest.raises(ModelError) as caught:
            client.reply(CHAT, [], 10.0, lambda _: None)
        client.close()
    assert message in caught.value.message
    assert caught.value.hint == "check model.base_url"


def test_a_server_without_tls_is_told_as_such() -> None:
    with serving(say("never")) as server:
        client = ModelClient(server.settings(base_url=server.url.replace("http:", "https:"), retries=0))
        with pytest.raises(ModelError, match="no secure connection"):
            client.reply(CHAT, [], 10.0, lambda _: None)
        client.close()


def test_a_request_that_is_taken_back_stops_while_it_waits() -> None:
    cancellation, begun = Cancellation(), threading.Event()

    def turn(handler: Handler) -> None:
        handler.begin_stream()
        handler.delta(content="It ")
        begun.set()
        handler.at.release.wait(10)

    def take_back() -> None:
        begun.wait(10)
        cancellation.cancel()

    with serving(turn) as server, cancellable(cancellation):
        other = threading.Thread(target=take_back)
        other.start()
        with pytest.raises(EngineError, match="interrupted"):
            ask(server)
        other.join()
        server.release.set()


@pytest.mark.parametrize("show", [repr, str, lambda client: repr(vars(client))], ids=["repr", "str", "vars"])
def test_a_client_does_not_show_its_key(show: Callable[[ModelClient], str]) -> None:
    with serving(say("ok")) as server:
        client = ModelClient(server.settings())
        assert KEY not in show(client)
        client.close()


def test_no_log_of_any_library_holds_the_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(fails(500), fails(401, KEY)) as server, pytest.raises(GatewayError):
        ask(server)
    assert caplog.records, "the libraries do log"
    assert KEY not in caplog.text


def test_the_environments_other_variables_reach_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: one\nAuthorization: Bearer other")
    with serving(say("ok")) as server:
        ask(server)
    sent = json.dumps(server.requests[0].headers)
    assert not [word for word in ("org-1", "proj-1", "sk-admin-1", "X-Secret", "other") if word in sent]


def test_models_are_listed_without_sending_anything() -> None:
    with serving(say("never")) as server:
        client = ModelClient(server.settings())
        assert client.models(5.0) == [MODEL]
        client.close()
    assert [request.body for request in server.requests] == [{}]
