"""`gateway mcp token` and `gateway mcp config`: who may call, and what a client has to be told."""

import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

from gateway.mcp_server.tokens import FILE, Tokens
from tests.cli.conftest import Cli, succeed
from tests.cli.test_startup import loaded


def test_a_token_is_printed_once_and_is_good_for_its_principal_and_role(empty: Cli) -> None:
    made = succeed(empty("mcp", "token", "add", "--principal", "ana", "--role", "viewer"))
    token = Tokens(empty.home).holder(made.out.strip())
    assert token is not None
    assert (token.principal, token.role, token.expires) == ("ana", "viewer", None)
    assert made.out.count("\n") == 1
    assert made.err == f"{token.id}: ana as viewer. It is not shown again.\n"
    assert made.out.strip() not in (empty.home / FILE).read_text()


def test_the_listing_shows_whose_tokens_there_are_and_none_of_them(empty: Cli) -> None:
    text = succeed(
        empty("mcp", "token", "add", "--principal", "ana", "--role", "analyst", "--expires", "2h")
    ).out.strip()
    listed = succeed(empty("mcp", "token", "list")).out
    assert "ana" in listed
    assert text not in listed
    (row,) = json.loads(succeed(empty("mcp", "token", "list", "--json")).out)
    assert set(row) == {"id", "principal", "role", "created", "expires"}
    assert datetime.fromisoformat(row["expires"]) - datetime.fromisoformat(row["created"]) == timedelta(hours=2)


def test_a_token_that_is_over_is_listed_as_such(empty: Cli) -> None:
    succeed(empty("mcp", "token", "add", "--principal", "ana", "--role", "analyst", "--expires", "2099-12-31"))
    file = empty.home / FILE
    assert "2100-01-01T00:00:00+00:00" in file.read_text()
    file.write_text(file.read_text().replace("2100-01-01", "2001-01-01"))
    assert "2001-01-01T00:00:00+00:00 (over)" in succeed(empty("mcp", "token", "list")).out


def test_a_revoked_token_is_gone(empty: Cli) -> None:
    made = json.loads(succeed(empty("mcp", "token", "add", "--principal", "ana", "--role", "analyst", "--json")).out)
    assert succeed(empty("mcp", "token", "revoke", made["id"])).err == f"{made['id']} of ana is worth nothing now\n"
    assert Tokens(empty.home).holder(made["token"]) is None
    again = empty("mcp", "token", "revoke", made["id"])
    assert (again.code, again.err.splitlines()[0]) == (2, f"error: no token '{made['id']}'")


@pytest.mark.parametrize("when", ["", "soon", "0d", "90", "-1d", "1000000d", "2026-13-01", "2001-01-01", "999999w"])
def test_a_time_that_is_none_or_over_makes_no_token(empty: Cli, when: str) -> None:
    result = empty("mcp", "token", "add", "--principal", "ana", "--role", "analyst", "--expires", when or " ")
    assert (result.code, result.out) == (2, "")
    assert not (empty.home / FILE).exists()


@pytest.mark.parametrize(("when", "days"), [("30m", 0), ("12h", 0), ("90d", 90), ("2w", 14)])
def test_a_token_lasts_as_long_as_was_said(empty: Cli, when: str, days: int) -> None:
    made = succeed(empty("mcp", "token", "add", "--principal", "a", "--role", "viewer", "--expires", when, "--json"))
    left = datetime.fromisoformat(json.loads(made.out)["expires"]) - datetime.now(UTC)
    assert left.days in (days, days - 1)


def test_a_role_that_the_contract_does_not_have_gets_no_token(empty: Cli) -> None:
    result = empty("mcp", "token", "add", "--principal", "ana", "--role", "viewr")
    assert (result.code, result.out) == (6, "")
    assert "Did you mean 'viewer'?" in result.err
    assert not (empty.home / FILE).exists()


def test_what_a_client_is_told_starts_this_gateway_from_anywhere(empty: Cli) -> None:
    server = json.loads(succeed(empty("mcp", "config", "--role", "viewer")).out)["mcpServers"]["experiment-gateway"]
    assert server["args"][-3:] == ["mcp", "--role", "viewer"]
    assert server["env"] == {"GATEWAY_HOME": str(empty.home), "GATEWAY_ENGINE": "duckdb"}
    assert server["command"].startswith("/")


def test_a_configuration_file_is_named_in_full(empty: Cli) -> None:
    (empty.folder / "gateway.yaml").write_text("home: elsewhere\n")
    server = json.loads(succeed(empty("mcp", "config")).out)["mcpServers"]["experiment-gateway"]
    assert server["args"][-2:] == ["--config", str(empty.folder / "gateway.yaml")]
    assert server["env"]["GATEWAY_HOME"] == str(empty.folder / "elsewhere")


def test_a_password_is_never_in_what_a_client_is_told(empty: Cli) -> None:
    url = "https://reader:hunter2@clickhouse.example:8443/marts"
    told = succeed(empty("mcp", "config", GATEWAY_ENGINE="clickhouse", GATEWAY_CLICKHOUSE_URL=url))
    assert "hunter2" not in told.out + told.err
    assert "GATEWAY_CLICKHOUSE_URL" in told.err


def test_over_http_a_client_is_told_where_and_that_it_needs_a_token(empty: Cli) -> None:
    told = succeed(empty("mcp", "config", "--http", "--port", "9000"))
    server = json.loads(told.out)["mcpServers"]["experiment-gateway"]
    assert (server["type"], server["url"]) == ("http", "http://127.0.0.1:9000/mcp")
    assert server["headers"] == {"Authorization": "Bearer PUT-A-TOKEN-HERE"}
    assert "gateway mcp token add" in told.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--no-auth",), "--no-auth is of no use without --http"),
        (("--allow-host", "x"), "--allow-host is of no use without --http"),
        (("--http", "--host", "0.0.0.0"), "0.0.0.0 can be reached from other machines"),  # noqa: S104  refused
        (("--http", "--host", "0.0.0.0", "--allow-remote", "--no-auth"), "only this machine may connect"),  # noqa: S104
        (("--http", "--port", "65536"), "less than or equal to 65535"),
        (("nothing",), "No such command 'nothing'"),
    ],
)
def test_flags_that_do_not_go_together_serve_nothing(empty: Cli, args: tuple[str, ...], message: str) -> None:
    result = empty("mcp", *args)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


HEAVY = {"mcp", "mcp_types", "uvicorn", "starlette", "anyio", "duckdb", "_duckdb", "sqlglot"}


@pytest.mark.parametrize("args", [("mcp", "--help"), ("mcp", "token", "--help"), ("mcp", "token", "list")])
def test_handing_out_tokens_loads_no_server(empty: Cli, args: tuple[str, ...]) -> None:
    assert loaded(empty, *args) & HEAVY == set()


def test_the_interpreter_is_named_where_no_command_is_on_the_path(empty: Cli) -> None:
    server = json.loads(succeed(empty("mcp", "config", PATH="/nowhere")).out)["mcpServers"]["experiment-gateway"]
    assert (server["command"], server["args"][:3]) == (sys.executable, ["-m", "gateway", "mcp"])
