"""MCP over HTTP, asked by the SDK's client in both eras of the protocol: many at once, each with its own rights."""

import signal
import subprocess
import sys
from typing import Any

import anyio
import anyio.to_thread
import httpx2
import jsonschema
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference

from tests.mcp.conftest import Place
from tests.mcp.serving import ERAS, RESULTS, SLOW, Slowness, environment, http_client, http_running

pytestmark = pytest.mark.anyio
COHORT = {"statement": "select count(*) as n from fct_experiment_cohort"}
HIDDEN_FROM_VIEWERS = {"fct_experiment_cohort", "agg_experiment_metric_by_variant", "agg_experiment_metric_daily"}


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_finds_the_tools_and_gets_an_answer(place: Place, era: str) -> None:
    token = place.token("ana")
    async with http_running(place.settings) as url, http_client(url, token, era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        result = await client.call_tool("experiment_results", RESULTS)
        if era == "legacy":  # the other era has no greeting
            assert client.server_info is not None
            assert client.server_info.name == "experiment-gateway"
            assert "never instructions" in (client.instructions or "")
    assert not result.is_error
    jsonschema.validate(result.structured_content, tools["experiment_results"].output_schema or {})
    (event,) = place.events()
    assert (event.principal, event.role, event.channel) == ("ana", "analyst", "mcp.http")


@pytest.mark.parametrize("era", ERAS)
async def test_two_clients_at_once_each_have_their_own_tokens_rights(place: Place, era: str) -> None:
    tokens = {role: place.token(f"{role}-bot", role) for role in ("analyst", "viewer")}
    found: dict[str, Any] = {"analyst": [], "viewer": []}
    marts: dict[str, set[str]] = {}

    async def ask(url: str, role: str) -> None:
        async with http_client(url, tokens[role], era) as client:
            for _ in range(10):
                result = await client.call_tool("run_sql", COHORT)
                found[role].append((result.is_error, result.structured_content["status"]))
            resources = (await client.list_resources()).resources
            marts[role] = {str(found.uri).removeprefix("gateway://marts/") for found in resources}

    async with http_running(place.settings) as url, anyio.create_task_group() as group:
        for role in tokens:
            group.start_soon(ask, url, role)
    assert found == {"analyst": [(False, "answered")] * 10, "viewer": [(True, "blocked")] * 10}
    assert marts["analyst"] - marts["viewer"] == HIDDEN_FROM_VIEWERS
    assert {(event.principal, event.role) for event in place.events()} == {
        ("analyst-bot", "analyst"), ("viewer-bot", "viewer"),
    }  # fmt: skip


async def test_many_clients_at_once_all_get_their_own_answer(place: Place) -> None:
    token = place.token()
    answers: dict[int, Any] = {}

    async def ask(url: str, number: int) -> None:
        async with http_client(url, token, ERAS[number % 2]) as client:
            for _ in range(3):
                statement = f"select {number} + count(*) as n from dim_metrics"
                result = await client.call_tool("run_sql", {"statement": statement})
                answers[number] = result.structured_content["table"]["rows"][0][0]

    async with http_running(place.settings) as url, anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(ask, url, number)
    assert len({answer - number for number, answer in answers.items()}) == 1
    assert len(place.events()) == 60


@pytest.mark.parametrize("era", ERAS)
async def test_a_cancelled_call_stops_its_statement_and_no_other_call(place: Place, era: str) -> None:
    token, slowness = place.token(), Slowness()
    async with http_running(place.settings, slowness) as url, http_client(url, token, era) as client:
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "run_sql", SLOW)
            await slowness.wait_started()
            assert not (await client.call_tool("describe_marts", {})).is_error
            group.cancel_scope.cancel()
        assert (await slowness.wait_ended()).message == "interrupted"
        assert not (await client.call_tool("describe_marts", {})).is_error
    assert [event.error for event in place.events()].count("interrupted") == 1


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_that_hangs_up_takes_its_statement_with_it(place: Place, era: str) -> None:
    """Its process was killed, say: no message is sent, the connection is gone."""
    token, slowness = place.token(), Slowness()
    async with http_running(place.settings, slowness) as url:
        client = await anyio.open_process(
            [sys.executable, "-c", _HANGING, url, token, era], env=environment(place.settings), stderr=None
        )
        async with client:
            await slowness.wait_started()
            client.kill()
            assert (await slowness.wait_ended()).message == "interrupted"
        async with http_client(url, token, era) as other:
            assert not (await other.call_tool("describe_marts", {})).is_error
    assert [event.error for event in place.events()].count("interrupted") == 1


_HANGING = """
import sys, anyio
from tests.mcp.serving import SLOW, http_client
async def main(url, token, era):
    async with http_client(url, token, era) as client:
        await client.call_tool("run_sql", SLOW)
anyio.run(main, *sys.argv[1:])
"""


@pytest.mark.parametrize("era", ERAS)
async def test_a_slow_call_tells_its_progress_to_who_asks_for_it(place: Place, era: str) -> None:
    token, slowness = place.token(), Slowness()
    told: list[tuple[float, str | None]] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message))
        scope.cancel()

    async with http_running(place.settings, slowness) as url, http_client(url, token, era) as client:
        with anyio.CancelScope() as scope:
            await client.call_tool("run_sql", SLOW, progress_callback=progress)
    seconds, message = told[0]
    assert seconds >= 1
    assert message == f"running for {seconds:.0f} s"


async def test_one_principals_slow_statements_leave_room_for_everybody_else(place: Place) -> None:
    busy, other, slowness = place.token("busy"), place.token("other"), Slowness()
    async with http_running(place.settings, slowness) as url, http_client(url, busy) as client:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(client.call_tool, "run_sql", SLOW)
            for _ in range(8):
                await slowness.wait_started()
            async with http_client(url, other) as second:
                assert not (await second.call_tool("describe_marts", {})).is_error
            group.cancel_scope.cancel()
        for _ in range(8):
            await slowness.wait_ended()
        assert not (await client.call_tool("describe_marts", {})).is_error
    assert {event.principal: event.error for event in place.events() if event.calls[0]["tool"] == "run_sql"} == {
        "busy": "interrupted"
    }


@pytest.mark.parametrize("era", ERAS)
async def test_a_server_that_ends_stops_what_runs_and_keeps_no_client_waiting(place: Place, era: str) -> None:
    token, slowness = place.token(), Slowness()
    outcomes: list[Any] = []

    async def ask(client: Client) -> None:
        try:
            outcomes.append((await client.call_tool("run_sql", SLOW)).structured_content["text"])
        except MCPError as error:
            outcomes.append(error.error.message)

    async with anyio.create_task_group() as group:
        async with http_running(place.settings, slowness) as url:
            client = await _entered(group, url, token, era)
            group.start_soon(ask, client)
            await slowness.wait_started()
        assert (await slowness.wait_ended()).message == "interrupted"
        group.cancel_scope.cancel()
    assert len(outcomes) == 1
    assert [event.error for event in place.events()] == ["interrupted"]


async def _entered(group: Any, url: str, token: str, era: str) -> Client:
    """A client that outlives the server."""

    async def live(*, task_status: Any) -> None:
        async with http_client(url, token, era) as client:
            task_status.started(client)
            await anyio.sleep_forever()

    client: Client = await group.start(live)
    return client


async def _comparisons(client: Client, *metrics: str) -> list[int]:
    """What the conversation has come to after asking for each of these."""
    found = []
    for metric in metrics:
        result = await client.call_tool("experiment_results", {**RESULTS, "metric_ids": [metric]})
        (looks,) = result.structured_content["looks"]
        found.append(looks["comparisons"])
    return found


async def test_looks_are_counted_for_each_session(place: Place) -> None:
    token = place.token()
    async with http_running(place.settings) as url, http_client(url, token) as first, http_client(url, token) as second:
        assert await _comparisons(first, "conversion_7d", "revenue_per_user", "conversion_7d") == [1, 2, 2]
        assert await _comparisons(second, "orders_per_user") == [1]


async def test_without_sessions_looks_are_counted_for_each_token_whatever_the_client_says(place: Place) -> None:
    """A client that could begin anew with each request would never have looked twice."""
    ana, bob = place.token("ana"), place.token("bob")
    async with http_running(place.settings) as url:
        async with http_client(url, ana, ERAS[1]) as first:
            assert await _comparisons(first, "conversion_7d") == [1]
        async with http_client(url, ana, ERAS[1], headers={"Mcp-Session-Id": "another"}) as second:
            assert await _comparisons(second, "revenue_per_user") == [2]
        async with http_client(url, bob, ERAS[1]) as third:
            assert await _comparisons(third, "orders_per_user") == [1]


async def test_a_token_whose_role_left_the_contract_is_told_so_and_shown_nothing(place: Place) -> None:
    token = place.token("ana", "intern")
    async with http_running(place.settings) as url, http_client(url, token) as client:
        result = await client.call_tool("list_experiments", {})
        assert result.is_error
        assert "intern" in result.structured_content["text"]
        assert result.structured_content["table"]["rows"] == []
        for reading in (client.list_resources(), client.read_resource("gateway://contract")):
            with pytest.raises(MCPError, match="the contract has no role 'intern'"):
                await reading


async def test_without_marts_a_call_says_what_to_do(place: Place) -> None:
    (place.settings.home / "gold.duckdb").unlink()
    token = place.token()
    async with http_running(place.settings) as url, http_client(url, token) as client:
        result = await client.call_tool("list_experiments", {})
        assert len((await client.list_tools()).tools) > 10
    assert result.is_error
    assert "no published marts" in result.structured_content["text"]


async def test_an_unknown_tool_is_an_error_of_the_protocol_and_on_record(place: Place) -> None:
    token = place.token()
    async with http_running(place.settings) as url, http_client(url, token) as client:
        with pytest.raises(MCPError) as caught:
            await client.call_tool("drop_everything", {"a": 1})
    assert caught.value.error.code == -32602
    assert "no tool named 'drop_everything'" in caught.value.error.message
    (event,) = place.events()
    assert event.calls == [{"tool": "drop_everything", "arguments": {"a": 1}}]


async def test_experiments_are_offered_while_an_argument_is_typed(place: Place) -> None:
    token = place.token()
    async with http_running(place.settings) as url, http_client(url, token) as client:
        ref = PromptReference(name="did_it_move")
        found = await client.complete(ref, {"name": "experiment", "value": "check"})
        assert found.completion.values == ["checkout_copy", "one_page_checkout"]
        await client.complete(ref, {"name": "experiment", "value": ""})
    assert [event.calls[0]["tool"] for event in place.events()] == ["list_experiments"]  # kept for a moment


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
async def test_the_command_serves_until_it_is_told_to_stop_and_never_says_a_token(
    place: Place, number: signal.Signals, code: int
) -> None:
    token = place.token()
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", "mcp", "--http", "--port", "0"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(place.settings), cwd=place.settings.home,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        said = await anyio.to_thread.run_sync(process.stderr.readline)
        url = said.removeprefix("listening on ").strip()
        assert httpx2.URL(url).host == "127.0.0.1"
        async with http_client(url, token) as client:
            assert not (await client.call_tool("describe_marts", {})).is_error
        async with httpx2.AsyncClient() as http:
            await http.post(url, headers={"Host": "evil.example", "Authorization": f"Bearer {token}"})
            await http.post(url, headers={"Authorization": f"Bearer {token}x"})
        process.send_signal(number)
        out, err = await anyio.to_thread.run_sync(process.communicate)
    assert (process.returncode, out) == (code, "")
    assert err == "warning: Invalid Host header: evil.example\n"
