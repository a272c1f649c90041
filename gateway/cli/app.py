"""The command line's table of contents. Importing it loads only typer and the standard library."""

from typing import Annotated, Final

import typer

from gateway import __version__
from gateway.cli import ask, audit, chat, demo, doctor, guard, importing, marts, semantic, sql
from gateway.cli.diagnostics import exit_codes_help
from gateway.cli.output import emit
from gateway.cli.session import GLOBAL_OPTIONS_HELP

_EPILOG = f"""\b
Global options, before or behind the command:
{GLOBAL_OPTIONS_HELP}

{exit_codes_help()}

\b
State lives under GATEWAY_HOME (default .gateway). stdout is data, stderr is narration."""

_GROUPS: Final = {"marts": marts.app, "audit": audit.app, "semantic": semantic.app}
"""Groups of commands. Their `--help` has a value when it isn't given, or typer would load pydantic to convert none."""

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
        "default_map": {"help": False, **{group: {"help": False} for group in _GROUPS}},
    },
)


def print_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        emit(f"experiment-gateway {__version__}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=print_version)] = False,
) -> None:
    """What stands before the command. The global options were taken out of the arguments before typer saw them."""


app.command("demo")(demo.demo)
app.command("ask")(ask.ask)
app.command("chat")(chat.chat)
app.command("sql")(sql.sql)
app.command("guard")(guard.guard)
app.command("import")(importing.import_file)
app.command("doctor")(doctor.doctor)
for name, group in _GROUPS.items():
    app.add_typer(group, name=name)
