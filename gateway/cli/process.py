"""The process: runs the command line, and is the one place where an exception becomes an exit code.

Expected failures end in a sentence and a code. A bug is none of them: it is left to crash with its traceback.
"""

import io
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import typer

from gateway.cli.app import app_for
from gateway.cli.diagnostics import ExitCode, narrate, report, report_error
from gateway.cli.session import without_globals
from gateway.errors import GatewayError

_DUCKDB_INTERRUPTED: Final = "Query interrupted"
"""What DuckDB makes of the KeyboardInterrupt of a Ctrl-C during a statement: a RuntimeError with this text."""


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        session, rest = without_globals(args, no_color=colourless(os.environ))
        command = typer.main.get_command(app_for(rest))
        with command.make_context("gateway", rest, obj=session) as ctx:
            code = command.invoke(ctx)
        sys.stdout.flush()
    except typer.Exit as done:
        return done.exit_code
    except typer.TyperException as error:
        return _usage(error)
    except GatewayError as error:
        report_error(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except RuntimeError as error:
        if str(error) != _DUCKDB_INTERRUPTED:
            raise
        return _interrupted()
    except BrokenPipeError:
        _let_go_of_stdout()
        return ExitCode.ANSWERED
    except OSError as error:
        report(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        return ExitCode.ENGINE
    return int(code or 0)


def colourless(environ: Mapping[str, str]) -> bool:
    """Whether the environment says that colour is unwanted, or that the terminal would print it as text."""
    return bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"


def _interrupted() -> int:
    narrate("interrupted")
    return ExitCode.INTERRUPTED


def _usage(error: typer.TyperException) -> int:
    """A mistake in the arguments: what it is, and where the help is. Typer reports a bare group by the group's help."""
    message = error.format_message()
    if message.startswith("Usage:"):
        narrate(message)
        return ExitCode.USAGE
    ctx = getattr(error, "ctx", None)
    message = message.replace("Value error, ", "")  # pydantic's word for it, which says nothing to a reader
    report(message.rstrip("."), hint=f"{ctx.command_path if ctx else 'gateway'} --help")
    return ExitCode.USAGE


def _let_go_of_stdout() -> None:
    """The reader of our output has left, which is no error of ours: nothing more is to be written at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tolerant(stream: object, errors: str) -> None:
    """A stream that can't carry a character shows a substitute instead of failing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=errors)


def _open_the_closed() -> None:
    """Streams that the caller closed lead nowhere, like a pipe that nobody reads.

    Their numbers are taken at once: the next file to be opened would get them, and narration would go into it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for the whole process


def run_process(args: Sequence[str]) -> int:
    """Run one command line on streams that never fail over a character, and leave nothing unwritten."""
    _open_the_closed()
    _tolerant(sys.stdin, "replace")
    _tolerant(sys.stdout, "backslashreplace")
    code = run(args)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    return code
