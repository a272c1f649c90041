"""`gateway mcp` as a client starts it: a process of its own, asked by the SDK's client over its stdin and stdout."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import anyio
import anyio.to_thread
import jsonschema
import pytest
from mcp import Client

from gateway import __version__
from gateway.mcp_server.stdio import LONGEST_LINE
from tests.mcp.conftest import Place
from tests.mcp.serving import ERAS, RESULTS, SLOW, environment, stdio_parameters

pytestmark = pytest.mark.anyio
HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}},
}  # fmt: skip
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}
PING = {"jsonrpc": "2.0", "id": 9, "method": "ping"}


def call(name: str, arguments: dict[str, Any], identity: int = 2) -> dict[str, Any]:
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": identity, "method": "tools/call", "params": params}


@contextmanager
def raw(place: Place, *args: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """The process with its pipes bare, for what no well-behaved client sends."""
    with subprocess.Popen(
        [sys.executable, "-m", *(args or ("gateway", "mcp"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**environment(place.settings), **env}, cwd=place.settings.home,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def send(process: subprocess.Popen[str], *messages: Any) -> None:
    assert process.stdin is not None
    for message in messages:
        process.stdin.write((message if isinstance(message, str) else json.dumps(message)) + "\n")
    process.stdin.flush()


def receive(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[TextIO]:
    """Where the slow server says what its engine does; held open on both ends, so that nobody waits for the other."""
    path = tmp_path / "said"
    os.mkfifo(path)
    with os.fdopen(os.open(path, os.O_RDWR), "r") as said:
        yield said


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_finds_the_tools_and_gets_an_answer(place: Place, era: str) -> None:
    async with Client(stdio_parameters(place.settings), mode=era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        result = await client.call_tool("experiment_results", RESULTS)
    assert "experiment_health" in tools
    assert not result.is_error
    jsonschema.validate(result.structured_content, tools["experiment_results"].output_schema or {})
    (block,) = result.content
    assert block.type == "text"
    assert json.loads(block.text) == result.structured_content
    (event,) = place.events()
    assert (event.principal, event.role, event.channel) == ("ana", "analyst", "mcp.stdio")
    assert event.id == result.structured_content["audit_id"]


async def test_the_role_is_whoever_started_the_server_chose(place: Place) -> None:
    """Neither an argument nor a name that the model sends changes it."""
    statement = {"statement": "select count(*) from fct_experiment_cohort"}
    async with Client(stdio_parameters(place.settings, "--role", "viewer")) as client:
        refused = await client.call_tool("run_sql", statement)
        asked = await client.call_tool("run_sql", {**statement, "role": "analyst"})
    assert refused.is_error
    assert asked.is_error
    assert {event.role for event in place.events()} == {"viewer"}


async def test_several_calls_at_once_are_each_answered_with_their_own(place: Place) -> None:
    answers: dict[int, Any] = {}

    async def ask(number: int) -> None:
        result = await client.call_tool("run_sql", {"statement": f"select {number} + count(*) as n from dim_metrics"})
        answers[number] = result.structured_content["table"]["rows"][0][0]

    async with Client(stdio_parameters(place.settings)) as client, anyio.create_task_group() as group:
        for number in range(30):
            group.start_soon(ask, number)
    assert len({answer - number for number, answer in answers.items()}) == 1
    assert len(place.events()) == 30


@pytest.mark.parametrize("era", ERAS)
async def test_all_that_one_client_asks_is_one_conversation(place: Place, era: str) -> None:
    async with Client(stdio_parameters(place.settings), mode=era) as client:
        found = [
            (await client.call_tool("experiment_results", {**RESULTS, "metric_ids": [metric]})).structured_content
            for metric in ("conversion_7d", "revenue_per_user")
        ]
    assert [answer["looks"][0]["comparisons"] for answer in found] == [1, 2]


@pytest.mark.parametrize("era", ERAS)
async def test_a_cancelled_call_stops_its_statement_and_no_other_call(place: Place, pipe: TextIO, era: str) -> None:
    program = stdio_parameters(place.settings, pipe_path(place), program="tests.mcp.slow_server")
    async with Client(program, mode=era) as client:
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "run_sql", SLOW)
            assert await anyio.to_thread.run_sync(pipe.readline) == "started\n"
            assert not (await client.call_tool("describe_marts", {})).is_error
            group.cancel_scope.cancel()
        assert await anyio.to_thread.run_sync(pipe.readline) == "ended\n"
        assert not (await client.call_tool("describe_marts", {})).is_error
    interrupted = [event for event in place.events() if event.error]
    assert [(event.status, event.error) for event in interrupted] == [("error", "interrupted")]
    assert interrupted[0].queries[0]["query_id"].startswith("run-")


def pipe_path(place: Place) -> str:
    return str(place.settings.home.parent / "said")


async def test_a_killed_client_takes_the_server_and_the_statement_with_it(place: Place, pipe: TextIO) -> None:
    client = subprocess.Popen(
        [sys.executable, "-m", "tests.mcp.slow_client", pipe_path(place)],
        env=environment(place.settings), cwd=place.settings.home, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert pipe.readline() == "started\n"
    client.kill()
    assert pipe.readline() == "ended\n"
    _, said = client.communicate(timeout=20)  # until the server is gone too, which has the same stderr
    assert said == ""
    assert [(event.status, event.error) for event in place.events()] == [("error", "interrupted")]


def test_what_is_no_message_is_passed_over_and_the_next_one_answered(place: Place) -> None:
    with raw(place) as process:
        send(process, HELLO, READY)
        assert receive(process)["result"]["serverInfo"]["version"] == __version__
        send(process, "", "nonsense", "{", "[]", '{"jsonrpc": "2.0"}', "\x00", json.dumps([PING, PING]), PING)
        assert receive(process) == {"jsonrpc": "2.0", "id": 9, "result": {}}
        send(process, call("run_sql", {"statement": "x" * LONGEST_LINE}), PING)
        assert receive(process)["id"] == 9
        send(process, {"jsonrpc": "2.0", "id": 3, "method": "nothing/like/that"})
        assert receive(process)["error"]["code"] == -32601
        send(process, {"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {"arguments": []}})
        assert receive(process)["error"]["code"] == -32602


def test_the_end_of_stdin_is_the_end_of_the_server(place: Place) -> None:
    with raw(place) as process:
        send(process, HELLO)
        receive(process)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_client_that_reads_no_more_ends_the_server_without_a_complaint(place: Place) -> None:
    with raw(place) as process:
        send(process, HELLO, READY)
        receive(process)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        send(process, PING)
        assert (process.wait(timeout=20), process.stderr.read()) == (0, "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_stops_the_statement_and_ends_the_server(
    place: Place, pipe: TextIO, number: signal.Signals, code: int
) -> None:
    with raw(place, "tests.mcp.slow_server", pipe_path(place)) as process:
        send(process, HELLO, READY, call("run_sql", SLOW))
        receive(process)
        assert pipe.readline() == "started\n"
        process.send_signal(number)
        assert pipe.readline() == "ended\n"
        assert process.wait(timeout=20) == code
    assert [event.error for event in place.events()] == ["interrupted"]


def test_a_contract_without_the_role_is_said_before_anything_is_served(place: Place) -> None:
    with raw(place, "gateway", "mcp", "--role", "viewr") as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (6, "")
    assert "no role 'viewr'. Did you mean 'viewer'?" in err
