"""The command line's table of contents. A command's module is loaded when it runs, or when help lists it."""

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Final

import typer

from gateway import __version__
from gateway.cli.diagnostics import exit_codes_help
from gateway.cli.output import emit
from gateway.cli.session import GLOBAL_OPTIONS_HELP

_COMMANDS: Final = {
    "demo": ("gateway.cli.demo", "demo"),
    "ask": ("gateway.cli.ask", "ask"),
    "chat": ("gateway.cli.chat", "chat"),
    "sql": ("gateway.cli.sql", "sql"),
    "guard": ("gateway.cli.guard", "guard"),
    "power": ("gateway.cli.power", "power"),
    "results": ("gateway.cli.results", "results"),
    "import": ("gateway.cli.importing", "import_file"),
    "doctor": ("gateway.cli.doctor", "doctor"),
}
"""Where each command is: its module and its function."""

_GROUPS: Final = {
    "marts": "gateway.cli.marts",
    "audit": "gateway.cli.audit",
    "semantic": "gateway.cli.semantic",
    "tools": "gateway.cli.tools",
    "mcp": "gateway.cli.mcp",
}
"""Where each group of commands is: its module, which calls it `app`."""

_EPILOG: Final = f"""\b
Global options, before or behind the command:
{GLOBAL_OPTIONS_HELP}

{exit_codes_help()}

\b
State lives under GATEWAY_HOME (default .gateway). stdout is data, stderr is narration."""


def app_for(args: Sequence[str]) -> typer.Typer:
    """The application with the command that these arguments name, or with every command where they name none."""
    named = next((argument for argument in args if not argument.startswith("-")), "")
    app = _root()
    for name, (module, function) in _COMMANDS.items():
        if named == name or named not in (*_COMMANDS, *_GROUPS):
            app.command(name)(getattr(import_module(module), function))
    for name, module in _GROUPS.items():
        if named == name or named not in (*_COMMANDS, *_GROUPS):
            app.add_typer(import_module(module).app, name=name)
    return app


def _root() -> typer.Typer:
    app = typer.Typer(
        name="gateway",
        help="Ask experiment marts in plain words or SQL: answers carry lift, intervals and SRM status, "
        "and nothing runs that the contract does not allow.",
        epilog=_EPILOG,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={
            "help_option_names": ["-h", "--help"],
            "max_content_width": 100,
            # A --help that isn't given has a value, or typer would load pydantic to convert none.
            "default_map": {"help": False, **{group: {"help": False} for group in _GROUPS}},
        },
    )
    app.callback()(_before_the_command)
    return app


def print_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        emit(f"experiment-gateway {__version__}")
        raise typer.Exit


def _before_the_command(
    _version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=print_version)] = False,
) -> None:
    """The only option that typer reads here: the global ones were taken out of the arguments before."""
