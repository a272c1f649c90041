"""What can be wrong with a ClickHouse: one clear line each, the right exit code, and an audit event that says it."""

import json
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import writing
from gateway.adapters.clickhouse_engine import ClickHouseEngine
from gateway.errors import ContractError, EngineError, GatewayError
from gateway.guard.decision import Approved, _mint
from gateway.guard.referee import Named
from gateway.service import Caller
from gateway.settings import Settings, resource
from gateway.wiring import build
from tests import clickhouse
from tests.clickhouse_scripted import Scripted, native

CALLER = Caller("ana", "analyst", "python", "itt")
STATEMENT = "SELECT metric_id FROM dim_metrics"


def statement(sql: str = STATEMENT, seconds: float = 30.0) -> Approved:
    return _mint(
        sql=sql, proposed=sql, dialect="clickhouse", role="analyst", fingerprint="", assets=frozenset(),
        columns=frozenset(), functions=frozenset(), pins=(), max_rows=100, max_seconds=seconds,
    )  # fmt: skip


def failure(url: str, approved: Approved | None = None) -> GatewayError:
    """The error that one statement on this address ends in."""
    engine = ClickHouseEngine(Address.parse(url))
    with pytest.raises(GatewayError) as caught:
        engine.run(approved or statement())
    engine.close()
    assert "\n" not in caught.value.message
    return caught.value


Script = Callable[..., Any]


@pytest.fixture
def scripted() -> Iterator[Callable[..., tuple[str, type[Scripted]]]]:
    """Starts a server whose answer to the statement is given; returns its address and what it was asked."""
    servers = []

    def start(answer: Script, **given: Any) -> tuple[str, type[Scripted]]:
        handler = type("Told", (Scripted,), {"answer": answer, "asked": [], "sent": [], **given})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://u:hunter2@127.0.0.1:{server.server_address[1]}", handler

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def well(told: Scripted) -> None:
    told.reply(native(["metric_id"], ["String"], [("a",), ("b",)]))


@contextmanager
def closed_port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_address[1]
    yield port


def test_a_host_that_is_not_there() -> None:
    error = failure("http://u:hunter2@nowhere.invalid/db")
    assert (error.exit_code, error.message) == (
        6, "ClickHouse can't be reached at nowhere.invalid:8123: no host of that name",
    )  # fmt: skip


def test_a_port_on_which_nothing_listens() -> None:
    with closed_port() as port:
        error = failure(f"http://u:hunter2@127.0.0.1:{port}/db")
    assert (error.exit_code, error.message) == (
        5, f"ClickHouse can't be reached at 127.0.0.1:{port}: nothing listens there",
    )  # fmt: skip


def test_a_port_of_something_else(scripted: Script) -> None:
    url, _ = scripted(well, do_POST=lambda told: told.reply(b"<html>hello</html>"))
    error = failure(url)
    assert (error.exit_code, error.message.partition(" at ")[0]) == (6, "what answers")
    assert error.message.endswith("is not ClickHouse")


def test_a_wrong_password(clickhouse_http: str) -> None:
    error = failure(clickhouse_http.replace("reader:", "reader:not"))
    assert error.exit_code == 6
    assert error.message.endswith("refuses user 'reader': wrong name or password")


def test_a_database_that_is_not_there(clickhouse_http: str) -> None:
    error = failure(f"{clickhouse_http}/nowhere")
    assert error.exit_code == 6
    assert error.message.startswith("no database 'nowhere' at 127.0.0.1:")
    assert "gateway marts publish" in error.hint


def test_a_database_that_the_embedded_engine_does_not_have(chdb_folder: Path) -> None:
    error = failure(f"chdb://{chdb_folder}?database=nowhere")
    assert (error.exit_code, error.message) == (6, f"no database 'nowhere' at chdb in {chdb_folder}")


def test_a_server_that_is_too_old(scripted: Script) -> None:
    url, _ = scripted(well, version="23.3.1.2823")
    error = failure(url)
    assert error.exit_code == 6
    assert error.message.endswith("runs ClickHouse 23.3.1.2823, which is too old")
    assert error.hint == "24.8 or newer is needed."


def test_a_cluster_that_is_not_there(scripted: Script) -> None:
    url, _ = scripted(well)
    engine = ClickHouseEngine(Address.parse(url, cluster="mian"))
    with pytest.raises(ContractError, match="has no cluster 'mian'") as caught:
        engine.run(statement())
    assert "main" in caught.value.hint


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody but its owner signed, with its key."""
    folder = tmp_path_factory.mktemp("tls")
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl to make a certificate with")
    return folder


def test_a_certificate_that_is_not_trusted_and_one_that_is_named(scripted: Script, certificate: Path) -> None:
    handler = type("Told", (Scripted,), {"answer": well, "asked": [], "sent": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"https://u:hunter2@localhost:{server.server_address[1]}/default"
    error = failure(url)
    assert (error.exit_code, error.message.endswith("is not to be trusted")) == (6, True)
    trusting = ClickHouseEngine(Address.parse(f"{url}?ca_cert={certificate / 'cert.pem'}"))
    assert trusting.run(statement()).rows == (("a",), ("b",))
    trusting.close()
    assert failure(f"{url}?ca_cert={certificate / 'none.pem'}").exit_code == 6
    server.shutdown()
    server.server_close()


def test_tls_asked_of_a_port_without_it(scripted: Script) -> None:
    url, _ = scripted(well)
    error = failure(url.replace("http://", "https://"))
    assert (error.exit_code, error.message.endswith("does not speak TLS")) == (6, True)


def test_a_read_that_loses_its_connection_is_tried_once_more(scripted: Script) -> None:
    def once(told: Scripted) -> None:
        asked = [sql for sql in told.asked if sql.startswith(STATEMENT)]
        told.drop_in_the_middle() if len(asked) == 1 else well(told)

    url, told = scripted(once)
    engine = ClickHouseEngine(Address.parse(url))
    assert engine.run(statement()).rows == (("a",), ("b",))
    ids = [sent["query_id"][0] for sql, sent in zip(told.asked, told.sent, strict=True) if sql.startswith(STATEMENT)]
    assert len(set(ids)) == 2, "the server may still be busy with the first one"
    engine.close()


def test_a_connection_that_keeps_dropping_in_the_middle(scripted: Script) -> None:
    url, told = scripted(Scripted.drop_in_the_middle)
    error = failure(url)
    assert (error.exit_code, error.message.startswith("the connection to 127.0.0.1:")) == (5, True)
    assert error.message.endswith("broke while the statement ran")
    assert sum(sql.startswith(STATEMENT) for sql in told.asked) == 2


def test_a_server_that_goes_silent_is_not_waited_for(scripted: Script) -> None:
    silence = threading.Event()
    url, _ = scripted(lambda _: silence.wait(20) and None)
    error = failure(url, statement(seconds=0.2))
    silence.set()
    assert (error.exit_code, error.message) == (5, "the statement ran longer than its limit of 0.2 s and was stopped")


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        (241, "MEMORY_LIMIT_EXCEEDED", "the statement needs more than the 1GB of memory that statements may use"),
        (307, "TOO_MANY_BYTES", "the statement reads more than the 100GB that one may read"),
        (158, "TOO_MANY_ROWS", "the statement reads more than the 100GB that one may read"),
        (159, "TIMEOUT_EXCEEDED", "the statement ran longer than its limit of 30 s and was stopped"),
        (201, "QUOTA_EXCEEDED", "the user's quota is used up"),
        (202, "TOO_MANY_SIMULTANEOUS_QUERIES", "the server runs as many statements as it may"),
        (386, "NO_COMMON_TYPE", "a value or a mart's column is not of the type that the statement needs"),
        (452, "SETTING_CONSTRAINT_VIOLATION", "the server's profile does not allow the limits asked for"),
        (701, "CLUSTER_DOESNT_EXIST", "there is no cluster of that name"),
        (999, "SOMETHING_NEW", "the engine could not carry out the statement (ClickHouse error 999)"),
    ],
)
def test_what_the_server_refuses_is_said_in_our_words(scripted: Script, code: int, name: str, message: str) -> None:
    url, _ = scripted(lambda told: told.error(code, name))
    error = failure(url)
    assert (error.exit_code, error.message) == (5, message)
    assert error.query_id.startswith("run-")


def test_a_user_without_the_right_is_a_matter_of_configuration(scripted: Script) -> None:
    url, _ = scripted(lambda told: told.error(497, "ACCESS_DENIED"))
    error = failure(url)
    assert (error.exit_code, error.message) == (6, "the gateway's user may not read what the statement reads")
    assert "gateway semantic grants" in error.hint


def test_a_server_out_of_memory_is_told_from_a_statement_that_takes_too_much(scripted: Script) -> None:
    body = b"Code: 241. DB::Exception: (total) memory limit exceeded: would use 60 GiB. (MEMORY_LIMIT_EXCEEDED)\n"
    url, _ = scripted(lambda told: told.reply(body, 500, X_ClickHouse_Exception_Code="241"))
    assert failure(url).message == "the ClickHouse server is out of memory"


OLD_TREE = """SelectWithUnionQuery (children 1)
 ExpressionList (children 1)
  SelectQuery (children 3)
   ExpressionList (children 1)
    WithElement (children 1)
     Subquery (children 1)
      SelectWithUnionQuery (children 1)
       ExpressionList (children 1)
        SelectQuery (children 2)
         ExpressionList (children 1)
          Identifier label
         TablesInSelectQuery (children 1)
          TablesInSelectQueryElement (children 1)
           TableExpression (children 1)
            TableIdentifier dim_metrics
   ExpressionList (children 1)
    Identifier label
   TablesInSelectQuery (children 1)
    TablesInSelectQueryElement (children 1)
     TableExpression (children 1)
      TableIdentifier named
"""


def test_a_server_that_tells_no_whole_tree_is_refereed_by_the_lines_of_explain(scripted: Script) -> None:
    url, told = scripted(well, tells_whole_trees=False, tree=OLD_TREE)
    sql = "WITH named AS (SELECT label FROM dim_metrics) SELECT label FROM named"
    engine = ClickHouseEngine(Address.parse(url))
    found = engine.named(statement(sql))
    engine.close()
    assert found == Named(frozenset({"dim_metrics"}), frozenset({("dim_metrics", "label")}))
    assert [asked for asked in told.asked if asked.startswith(("EXPLAIN AST WITH", "WITH"))] == [
        f"EXPLAIN AST {sql}\n FORMAT TabSeparated"
    ]


def test_a_referee_that_can_not_be_asked_is_an_engine_error(scripted: Script) -> None:
    url, _ = scripted(well, refuses="parseQueryToJSON")
    engine = ClickHouseEngine(Address.parse(url))
    with pytest.raises(EngineError, match="as many statements as it may"):
        engine.named(statement())
    engine.close()


def test_limits_and_meaning_travel_with_the_statement(scripted: Script) -> None:
    url, told = scripted(well)
    engine = ClickHouseEngine(Address.parse(url))
    query_id = engine.run(statement(seconds=2.5)).query_id
    engine.close()
    (sent,) = (sent for sql, sent in zip(told.asked, told.sent, strict=True) if sql.startswith(STATEMENT))
    expected = {
        "query_id": query_id, "readonly": "1", "max_execution_time": "2.5", "max_memory_usage": "1000000000",
        "max_threads": "2", "max_bytes_to_read": "100000000000", "max_result_rows": "101", "join_use_nulls": "1",
        "aggregate_functions_null_for_empty": "1", "session_timezone": "UTC", "database": "default",
    }  # fmt: skip
    assert {name: values[0] for name, values in sent.items()}.items() >= expected.items()


def test_a_limit_above_the_servers_ceiling_becomes_the_ceiling(scripted: Script) -> None:
    url, told = scripted(well, settings=(("max_memory_usage", "0", None, "5000", 0),))
    engine = ClickHouseEngine(Address.parse(url))
    assert engine.run(statement()).warnings == ()
    engine.close()
    assert told.sent[-1]["max_memory_usage"] == ["5000"]


def test_what_only_newer_servers_know_is_sent_to_those_alone(scripted: Script) -> None:
    for settings, sent in (((), None), ((("allow_lossy_numeric_supertype", "0", None, None, 0),), ["1"])):
        url, told = scripted(well, settings=settings)
        engine = ClickHouseEngine(Address.parse(url))
        engine.run(statement())
        engine.close()
        assert told.sent[-1].get("allow_lossy_numeric_supertype") == sent


MEANINGS = (("join_use_nulls", "1"), ("aggregate_functions_null_for_empty", "1"), ("prefer_column_name_to_alias", "0"),
            ("cast_keep_nullable", "1"), ("session_timezone", "UTC"), ("readonly", "1"))  # fmt: skip


def test_a_fixed_profile_keeps_its_own_limits_and_that_is_said(scripted: Script) -> None:
    fixed = tuple((name, value, None, None, 1) for name, value in MEANINGS)
    limits = (("max_memory_usage", "0", None, None, 1), ("max_execution_time", "10", None, None, 1))
    url, told = scripted(well, settings=(*fixed, *limits))
    engine = ClickHouseEngine(Address.parse(url))
    assert engine.run(statement()).warnings == (
        "the server keeps max_memory_usage without limit: its profile does not let the gateway set 1000000000",
    )
    engine.close()
    assert not {"readonly", "max_memory_usage", "max_execution_time", "join_use_nulls"} & set(told.sent[-1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param((("readonly", "2", None, None, 1),), "readonly=2", id="read-only, but not enough"),
        pytest.param((("join_use_nulls", "0", None, None, 1),), "makes statements mean something else", id="meaning"),
    ],
)
def test_a_profile_that_can_not_be_worked_with_is_refused(scripted: Script, settings: Any, message: str) -> None:
    url, told = scripted(well, settings=settings)
    error = failure(url)
    assert error.exit_code == 6
    assert message in error.message
    assert not any(sql.startswith(STATEMENT) for sql in told.asked)


@pytest.mark.parametrize(
    "url",
    ["", "host:8443", "ftp://u:hunter2@host/db", "https://u:hunter2@/db", "https://u:hunter2@host:port/db",
     "https://u:hunter2@host/a/b", "https://u:hunter2@host/db?verify=0", "chdb://hunter2/folder"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ContractError) as caught:
        Address.parse(url)
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_an_address_never_shows_its_password() -> None:
    address = Address.parse("https://ana:p%40ss%2Fword@host/db")
    assert (address.user, address.password, address.port, address.database) == ("ana", "p@ss/word", 8443, "db")
    assert "p@ss" not in repr(address) + str(address)


def settings(home: Path, url: str) -> Settings:
    contract = resource("marts_sql") / "semantic_layer.yaml"
    return Settings(home=home, principal="ana", semantic=contract, engine="clickhouse", clickhouse_url=SecretStr(url))


def test_the_audit_event_says_what_happened_and_holds_no_password(tmp_path: Path, scripted: Script) -> None:
    url, _ = scripted(Scripted.drop_in_the_middle)
    with build(settings(tmp_path, url)) as gateway:
        reply = gateway.run_sql("select metric_id from dim_metrics", CALLER)
        (event,) = gateway.audit.recent()
    assert (reply.exit_code, event.status, event.engine) == (5, "error", "clickhouse")
    assert "broke while the statement ran" in event.error
    assert event.queries[0]["query_id"].startswith("run-")
    assert "hunter2" not in json.dumps([event.error, event.text, event.queries, reply.answer.model_dump()])


def test_a_mart_that_is_missing_is_on_record_with_exit_code_6(tmp_path: Path, clickhouse_http: str) -> None:
    with build(settings(tmp_path, f"{clickhouse_http}/default")) as gateway:
        reply = gateway.run_sql("select metric_id from dim_metrics", CALLER)
        (event,) = gateway.audit.recent()
    assert (reply.exit_code, event.status) == (6, "error")
    assert "dim_metrics: no such table" in event.error


@pytest.mark.parametrize("column", ["Array(String)", "Date"])
def test_a_mart_of_another_type_is_said(clickhouse_http: str, column: str) -> None:
    with writing(Address.parse(clickhouse_http)) as client:
        client.command(f"CREATE OR REPLACE TABLE default.dim_typed (metric_id {column}) ENGINE = Memory")
    error = failure(clickhouse_http, statement("SELECT sum(metric_id * 2) FROM dim_typed"))
    assert error.exit_code == 5
    assert error.message == "a value or a mart's column is not of the type that the statement needs"
    assert "gateway doctor" in error.hint


def test_without_chdb_tests_are_skipped_and_where_it_is_required_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clickhouse, "installed", lambda: False)
    for name in (clickhouse.REQUIRED, "CI"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(pytest.skip.Exception, match="is not installed"):
        clickhouse.need()
    monkeypatch.setenv(clickhouse.REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match="chdb is not installed"):
        clickhouse.need()


def test_a_warning_of_the_engine_is_shown_and_kept(tmp_path: Path, scripted: Script) -> None:
    url, _ = scripted(well, settings=(("max_threads", "0", None, None, 1),))
    with build(settings(tmp_path, url)) as gateway:
        reply = gateway.run_sql("select metric_id from dim_metrics", CALLER)
    said = "the server keeps max_threads without limit: its profile does not let the gateway set 2"
    assert reply.answer.warnings == [said]
    assert reply.answer.queries[0].warnings == [said]
