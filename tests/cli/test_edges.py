"""The process edge: interrupts, readers that leave, options anywhere, and bugs that are not hidden."""

import json
import signal
import subprocess
import sys

import pytest

from gateway.cli.diagnostics import ExitCode
from gateway.cli.pipeline import Pipeline
from gateway.cli.process import colourless, run
from gateway.cli.session import Session, without_globals
from gateway.errors import UsageError
from tests.cli.conftest import Cli


def test_an_interrupted_command_is_130_without_a_traceback(empty: Cli) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "guard"],
        cwd=empty.folder,
        env=empty.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write('{"id": 1, "sql": "select 1"}\n')
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == 1  # it is up, and waits for more
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "interrupted\n")


def test_an_interrupt_during_a_statement_is_130_too(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB makes a RuntimeError of the KeyboardInterrupt."""

    def interrupted(_self: Pipeline, *, incremental: bool) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(Pipeline, "build", interrupted)
    result = empty("marts", "build")
    assert (result.code, result.out, result.err) == (130, "", "interrupted\n")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param("chat <&-", 0, id="no stdin: an empty script"),
        pytest.param("guard <&-", 0, id="no stdin: no statements"),
        pytest.param("sql - <&-", 3, id="no stdin: an empty statement"),
        pytest.param("marts status >&-", 0, id="nobody reads stdout"),
        pytest.param("ask hi 2>&-", 4, id="nobody reads stderr"),
        pytest.param("ask hi <&- >&- 2>&-", 4, id="nothing at all"),
    ],
)
def test_closed_streams_are_no_crash(world: Cli, command: str, code: int) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m gateway {command}', sys.executable],
        cwd=world.folder,
        env=world.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_a_value_that_is_no_choice_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sql", "select 1", "--format", "xml"]) == 2
    assert capsys.readouterr().err.startswith("error: Invalid value for '--format': 'xml' is not one of 'table', ")


def test_a_single_problem_is_said_once(empty: Cli) -> None:
    result = empty("ask", "anything", "--config", "nowhere.yaml")
    assert result.code == 6
    assert result.err.count("nowhere.yaml: no such file") == 1


@pytest.mark.parametrize(
    ("args", "session", "rest"),
    [
        pytest.param(["ask", "q", "--quiet"], Session(quiet=True), ["ask", "q"], id="behind the command"),
        pytest.param(["--no-color", "ask", "q"], Session(no_color=True), ["ask", "q"], id="before it"),
        pytest.param(["sql", "--", "--quiet"], Session(), ["sql", "--", "--quiet"], id="behind a double dash"),
    ],
)
def test_global_options_stand_anywhere(args: list[str], session: Session, rest: list[str]) -> None:
    assert without_globals(args) == (session, rest)


def test_a_config_file_is_named_either_way() -> None:
    spaced, _ = without_globals(["ask", "--config", "a.yaml"])
    joined, _ = without_globals(["--config=a.yaml", "ask"])
    assert spaced == joined
    assert str(spaced.config) == "a.yaml"
    with pytest.raises(UsageError):
        without_globals(["ask", "--config"])


def test_no_color_in_the_environment_counts() -> None:
    assert without_globals([], no_color=True)[0].no_color


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({"NO_COLOR": "1"}, True), ({"TERM": "dumb"}, True), ({"TERM": "xterm", "NO_COLOR": ""}, False), ({}, False)],
)
def test_a_terminal_that_cannot_show_colour_gets_none(environ: dict[str, str], expected: bool) -> None:
    assert colourless(environ) is expected


def test_every_exit_code_has_its_sentence() -> None:
    assert {int(code) for code in ExitCode} == {0, 2, 3, 4, 5, 6, 130}
    assert all(code.sentence for code in ExitCode)


def test_a_bare_group_shows_its_help_and_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["marts"]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.splitlines()[0]) == ("", "Usage: gateway marts [OPTIONS] COMMAND [ARGS]...")


def test_a_slip_in_a_command_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["aks"]) == 2
    assert capsys.readouterr().err == "error: No such command 'aks'. Did you mean 'ask'?\nhint: gateway --help\n"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        pytest.param(("ask", "Did one-page checkout increase conversion?", "--population", "itt"), 0, id="answered"),
        pytest.param(("ask", "Did one-page checkout increase conversion?"), 4, id="a choice"),
        pytest.param(("sql", "select 1 from fct_events"), 3, id="refused"),
        pytest.param(("sql",), 2, id="usage"),
        pytest.param(("ask", "anything", "--config", "nowhere.yaml"), 6, id="configuration"),
    ],
)
def test_the_process_exits_with_the_code_and_keeps_its_streams_apart(
    world: Cli, args: tuple[str, ...], code: int
) -> None:
    result = world.process(*args)
    assert result.code == code
    assert bool(result.out) == (code == 0)
    assert "Traceback" not in result.err


def test_bytes_that_are_not_utf8_are_no_crash(world: Cli) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "gateway", "ask", "-", "--json"],
        cwd=world.folder,
        env=world.environment(),
        input=b"Did one-page checkout increase \xff\xfe?",
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert json.loads(process.stdout)["question"] == "Did one-page checkout increase \ufffd\ufffd?"
    assert b"Traceback" not in process.stderr
