"""The process: runs the command line, and is the one place where an exception becomes an exit code.

Expected failures end in a sentence and a code. A bug is none of them: it is left to crash with its traceback.
"""

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import typer

from gateway.cli.app import app_for
from gateway.cli.diagnostics import ExitCode, narrate, report, report_error
from gateway.cli.session import without_globals
from gateway.errors import GatewayError


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        session, rest = without_globals(args, no_color=bool(os.environ.get("NO_COLOR")))
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
        narrate("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _let_go_of_stdout()
        return ExitCode.ANSWERED
    except OSError as error:
        report(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        return ExitCode.ENGINE
    return int(code or 0)


def _usage(error: typer.TyperException) -> int:
    """A mistake in the arguments: what it is, and where the help is. Typer reports a bare group by the group's help."""
    message = error.format_message()
    if message.startswith("Usage:"):
        narrate(message)
        return ExitCode.USAGE
    ctx = getattr(error, "ctx", None)
    report(message.rstrip("."), hint=f"{ctx.command_path if ctx else 'gateway'} --help")
    return ExitCode.USAGE


def _let_go_of_stdout() -> None:
    """The reader of our output has left, which is no error of ours: nothing more is to be written at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tolerant(stream: object, errors: str) -> None:
    """A stream that can't carry a character shows a substitute instead of failing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=errors)


def run_process(args: Sequence[str]) -> int:
    """Run one command line on streams that never fail over a character, and leave nothing unwritten."""
    _tolerant(sys.stdin, "replace")
    _tolerant(sys.stdout, "backslashreplace")
    code = run(args)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more, or it was never open
            if stream is not None:
                stream.flush()
    return code
