"""`gateway semantic`: the contract, for the person who keeps it and for whoever asks through it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from gateway.cli.diagnostics import ExitCode
from gateway.cli.granting import grants
from gateway.cli.options import AsJson, Role
from gateway.cli.output import emit, emit_json, show_table
from gateway.cli.plain import plain, plain_lines
from gateway.cli.session import session
from gateway.errors import ContractError, UsageError

if TYPE_CHECKING:
    from gateway.semantic.lint import Catalogue
    from gateway.semantic.model import Asset, Contract
    from gateway.settings import Settings

_LINT_SECONDS: Final = 300.0
"""A grain is looked at over all rows."""

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Show, check and export the contract.")


app.command("grants")(grants)


@app.command("show")
def show(
    ctx: typer.Context,
    asset: Annotated[str | None, typer.Argument(help="One mart; all of them without it.")] = None,
    role: Role = None,
) -> int:
    """Show the marts a role may ask, or the columns of one."""
    contract, chosen = _contract(ctx, role)
    visible = contract.visible_to(chosen)
    if asset is None:
        rows = [[name, grain_of(spec), spec.description] for name, spec in visible.items()]
        emit(show_table(["mart", "grain", "description"], rows))
        return ExitCode.ANSWERED
    if asset not in visible:
        raise UsageError(f"role {chosen} has no mart {asset!r}", hint=f"it has {', '.join(visible)}")
    emit(_asset_text(asset, visible[asset]))
    return ExitCode.ANSWERED


@app.command("lint")
def lint(ctx: typer.Context, as_json: AsJson = False) -> int:
    """Hold the contract against the marts that queries read.

    Reports missing columns, other types, and a grain that isn't unique.
    """
    from gateway.semantic.lint import lint as differences
    from gateway.semantic.load import load_contract

    settings = session(ctx).settings()
    contract = load_contract(settings.semantic)
    is_shared = settings.engine == "clickhouse"
    with _catalogue(settings) as (database, catalogue):
        problems = differences(contract, catalogue, published=not is_shared, is_shared=is_shared)
    if as_json:
        emit_json({"contract": str(settings.semantic), "database": database, "problems": problems})
        return ExitCode.CONTRACT if problems else ExitCode.ANSWERED
    if problems:
        count = f"{len(problems)} difference{'s' if len(problems) > 1 else ''}"
        raise ContractError(
            f"{count} between {settings.semantic} and {database}",
            problems=tuple(problems),
            hint="mend the contract or the marts, then: gateway marts publish",
        )
    emit(f"{database} keeps the contract: {len(contract.assets)} marts as {settings.semantic} says")
    return ExitCode.ANSWERED


@contextmanager
def _catalogue(settings: "Settings") -> "Iterator[tuple[str, Catalogue]]":
    """The database that queries read, and what messages call it."""
    if settings.engine == "duckdb":
        from gateway.adapters.duckdb_catalogue import DuckDBCatalogue

        gold = settings.home / "gold.duckdb"
        with DuckDBCatalogue(gold) as catalogue:
            yield str(gold), catalogue
        return
    from gateway.adapters.clickhouse_catalogue import ClickHouseCatalogue
    from gateway.wiring import clickhouse_engine

    engine = clickhouse_engine(settings)
    with closing(engine), engine.session(_LINT_SECONDS) as lease:
        yield f"database {engine.address.database} at {engine.address}", ClickHouseCatalogue(lease)


@app.command("context")
def context(ctx: typer.Context, role: Role = None) -> int:
    """Print the contract as a model's prompt carries it."""
    from gateway.semantic.publish import model_context

    contract, chosen = _contract(ctx, role)
    emit(plain_lines(model_context(contract, chosen)))
    return ExitCode.ANSWERED


@app.command("schema")
def schema() -> int:
    """Print the JSON Schema of the contract's file, for editors."""
    from gateway.semantic.publish import json_schema

    emit_json(json_schema())
    return ExitCode.ANSWERED


def _contract(ctx: typer.Context, role: str | None) -> "tuple[Contract, str]":
    """The contract, and a role that it knows."""
    from gateway.semantic.load import load_contract

    settings = session(ctx).settings(role=role)
    contract = load_contract(settings.semantic)
    if settings.role not in contract.roles:
        raise UsageError(
            f"no role {settings.role!r} in {settings.semantic}", hint=f"there is {', '.join(contract.roles)}"
        )
    return contract, settings.role


def grain_of(asset: "Asset") -> str:
    """The columns that tell rows apart; a hidden one is said to be there, not named."""
    visible = [column for column in asset.grain if column in asset.visible()]
    return ", ".join([*visible, *(["a hidden key"] if len(visible) < len(asset.grain) else [])])


def _asset_text(name: str, asset: "Asset") -> str:
    columns: list[list[Any]] = [
        [column, spec.type, spec.role, spec.access, spec.unit, spec.description]
        for column, spec in asset.visible().items()
    ]
    lines = [
        f"{name}: {plain(asset.description)}",
        f"grain: {grain_of(asset)}",
        *([f"pins: {', '.join(asset.pins)} (fix to one value or group by, wherever it is read)"] if asset.pins else []),
        *(f"join: {join.to} on {', '.join(join.on)} ({join.cardinality})" for join in asset.joins),
        "",
        show_table(["column", "type", "role", "access", "unit", "description"], columns),
    ]
    return "\n".join(lines)
