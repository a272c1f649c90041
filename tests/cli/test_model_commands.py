"""The model planner on the command line: `ask`, `chat` on a pipe and at a terminal, `doctor`, and without a model."""

import json
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, succeed
from tests.cli.test_chat_terminal import CTRL_D, Terminal
from tests.openai_server import KEY, MODEL, Handler, Server, call, fails, say, serving

QUESTION = "Did one-page checkout increase conversion?"
RESULTS = call("experiment_results", experiment_id="one_page_checkout", population="itt", metric_ids=["conversion_7d"])
PROSE = "On conversion_7d, one_page is better than control.\nThat is all there is to say."


def variables(server: Server, **more: str) -> dict[str, str]:
    named = {"GATEWAY_MODEL_NAME": MODEL, "GATEWAY_MODEL_BASE_URL": server.url, "GATEWAY_MODEL_API_KEY": KEY}
    return {**named, "GATEWAY_PLANNER": "openai", **more}


@pytest.fixture
def helpful() -> Iterator[Server]:
    with serving(RESULTS, say(PROSE)) as server:
        yield server


def test_ask_answers_through_the_model_with_the_card_of_the_tools(world: Cli, helpful: Server) -> None:
    result = succeed(world("ask", QUESTION, "--population", "itt", **variables(helpful)))
    assert result.err == ""
    assert "understood: experiment_results one_page_checkout itt conversion_7d" in result.out
    assert PROSE in result.out
    assert "7-day conversion (conversion_7d) · one_page_checkout · itt · all units" in result.out
    assert "verdict        better than control" in result.out


def test_the_flag_chooses_the_planner(world: Cli, helpful: Server) -> None:
    chosen = variables(helpful, GATEWAY_PLANNER="offline")
    answer = json.loads(succeed(world("ask", QUESTION, "--population", "itt", "--json", **chosen)).out)
    assert answer["text"].startswith("7-day conversion, One-page checkout vs Three-step checkout")
    assert helpful.requests == []
    told = succeed(world("ask", QUESTION, "--population", "itt", "--planner", "openai", "--json", **chosen)).out
    assert json.loads(told)["text"] == PROSE


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        (("GATEWAY_MODEL_NAME",), ["GATEWAY_MODEL_NAME"]),
        (("GATEWAY_MODEL_BASE_URL", "GATEWAY_MODEL_API_KEY"), ["GATEWAY_MODEL_API_KEY"]),
        (
            ("GATEWAY_MODEL_NAME", "GATEWAY_MODEL_BASE_URL", "GATEWAY_MODEL_API_KEY"),
            ["GATEWAY_MODEL_NAME", "GATEWAY_MODEL_API_KEY"],
        ),
    ],
)
def test_a_model_that_is_not_set_up_is_6_and_says_what_to_set(
    world: Cli, helpful: Server, left_out: tuple[str, ...], said: list[str]
) -> None:
    given = {name: value for name, value in variables(helpful).items() if name not in left_out}
    result = world("ask", QUESTION, **given)
    assert (result.code, result.out) == (6, "")
    assert [name for name in ("GATEWAY_MODEL_NAME", "GATEWAY_MODEL_API_KEY") if name in result.err] == said
    assert "--planner offline" in result.err


@pytest.mark.parametrize(
    "address", ["ftp://x/v1", "https://user:hush@x/v1", "https://x/v1?key=hush", "x/v1", "http://"]
)
def test_an_address_that_is_none_or_holds_a_secret_is_6_and_is_not_repeated(
    world: Cli, helpful: Server, address: str
) -> None:
    result = world("ask", QUESTION, **variables(helpful, GATEWAY_MODEL_BASE_URL=address))
    assert result.code == 6
    assert "https://host/v1" in result.err
    assert "hush" not in result.err


def test_a_model_that_is_not_there_is_answered_without_and_says_so(world: Cli) -> None:
    with serving(fails(401, f"bad key {KEY}")) as server:
        result = succeed(world("ask", QUESTION, "--population", "itt", **variables(server)))
    assert "7-day conversion, One-page checkout vs Three-step checkout: higher with the treatment" in result.out
    assert "warning: answered without the model: the model at 127.0.0.1:" in result.out
    assert "it refused the key (401) (set GATEWAY_MODEL_API_KEY)" in result.out


def test_the_exit_code_is_that_of_the_answer_that_came_instead(world: Cli) -> None:
    with serving(fails(404)) as server:
        result = world("ask", QUESTION, **variables(server))
    assert result.code == 4, "without a population the offline planner asks back"
    assert "warning: answered without the model" in result.err


def test_a_chat_on_a_pipe_keeps_its_conversation(world: Cli) -> None:
    with serving(RESULTS, say(PROSE), say("As before.")) as server:
        lines = f"{QUESTION}\nand once more?\n"
        result = succeed(world("chat", "--population", "itt", stdin=lines, **variables(server)))
    assert PROSE in result.out
    assert "As before." in result.out
    assert [message["content"] for message in server.requests[-1].messages[1:]] == [QUESTION, PROSE, "and once more?"]


def test_at_a_terminal_the_text_comes_sentence_by_sentence_and_once(copy_of_world: Cli) -> None:
    def turn(handler: Handler) -> None:
        handler.begin_stream()
        handler.delta(content="On conversion_7d, one_page is better than control. It rose by 73 %")
        handler.delta(content=". N")
        handler.at.release.wait(20)  # the first sentence is on the screen by then
        handler.delta(content="othing else is known.")
        handler.delta("stop")
        handler.end_stream()

    chat = ("chat", "--population", "itt")
    with serving(RESULTS, turn) as server, Terminal(copy_of_world, *chat, **variables(server)) as t:
        t.wait_for("itt>")
        t.type(f"{QUESTION}\r")
        shown = t.wait_for("better than control. ")
        assert "· experiment_results one_page_checkout itt conversion_7d" in shown
        server.release.set()
        rest = t.wait_for("audit: q-") + t.wait_for("itt>")
        t.type(CTRL_D)
        assert t.exit_code() == 0
    assert "[withheld: a sentence with a number that isn't in the evidence] Nothing else is known." in rest
    assert "73" not in shown + rest
    assert (shown + rest).count("better than control.") == 1
    assert "verdict        better than control" in rest


def test_ctrl_c_cancels_the_reply_and_not_the_chat(copy_of_world: Cli) -> None:
    def turn(handler: Handler) -> None:
        handler.begin_stream()
        handler.delta(content="Wait for it. Now")
        handler.at.release.wait(20)
        handler.cut()

    with serving(turn, say("Here again.")) as server, Terminal(copy_of_world, "chat", **variables(server)) as terminal:
        terminal.wait_for("ask>")
        terminal.type("hello\r")
        terminal.wait_for("Wait for it")
        terminal.process.send_signal(signal.SIGINT)  # what Ctrl-C is outside the prompt
        terminal.wait_for("cancelled")
        server.release.set()
        terminal.wait_for("ask>")
        terminal.type("and now?\r")
        terminal.wait_for("Here again")
        terminal.wait_for("ask>")
        terminal.type(CTRL_D)
        assert terminal.exit_code() == 0
    assert _texts(copy_of_world)[:2] == ["Here again.", "interrupted"]


def _texts(cli: Cli) -> list[str]:
    """What the events of the log hold as text, newest first."""
    with sqlite3.connect(cli.home / "audit.sqlite") as log:
        rows = log.execute("select detail from events order by seq desc").fetchall()
    return [json.loads(detail).get("text", "") for (detail,) in rows]


def test_the_doctor_asks_the_server_for_its_models_and_sends_nothing(world: Cli, helpful: Server) -> None:
    result = succeed(world("doctor", **variables(helpful)))
    assert f"{MODEL} at 127.0.0.1:" in next(line for line in result.out.splitlines() if " model " in line)
    assert [(request.path, request.body) for request in helpful.requests] == [("/v1/models", {})]


def test_the_doctor_says_what_is_wrong_with_a_model(world: Cli, helpful: Server) -> None:
    result = world("doctor", **variables(helpful, GATEWAY_MODEL_NAME="gpt-nowhere"))
    assert result.code == 6
    assert f"has no model 'gpt-nowhere' (there are: {MODEL})" in result.out
    gone = world("doctor", **variables(helpful, GATEWAY_MODEL_BASE_URL="http://127.0.0.1:9/v1"))
    assert gone.code == 6
    assert "can't be reached: the connection was refused" in gone.out


def test_the_doctor_says_nothing_of_a_model_that_is_not_set_up(world: Cli) -> None:
    assert "model" not in {line.split()[1] for line in succeed(world("doctor")).out.splitlines()[:6]}


def test_the_key_is_in_nothing_that_is_written(copy_of_world: Cli) -> None:
    with serving(RESULTS, say(PROSE), fails(401, KEY), fails(500, KEY)) as server:
        given = variables(server, GATEWAY_MODEL_RETRIES="0", OPENAI_LOG="debug")
        results = [
            copy_of_world.process("ask", QUESTION, "--population", "itt", "--json", **given),
            copy_of_world.process("ask", QUESTION, "--population", "itt", **given),
            copy_of_world.process("chat", stdin=f"{QUESTION}\n/audit\n/why\n", **given),
            copy_of_world.process("doctor", **given),
            copy_of_world.process("audit", "list", **given),
        ]
    assert "openai._base_client" in results[0].err, "the package does log"
    for result in results:
        assert KEY not in result.out + result.err
    written = [path for path in Path(copy_of_world.folder).rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {"audit.sqlite", "gold.duckdb"}
    assert [path.name for path in written if KEY.encode() in path.read_bytes()] == []
