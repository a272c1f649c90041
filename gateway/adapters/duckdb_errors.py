"""DuckDB's exceptions as the gateway's: what happened and what to do, and never what was in a row.

DuckDB quotes the value that could not be converted, and suggests tables and columns that the asker's role may not see.
Its texts are therefore replaced, or cut down to what the statement itself said.
"""

import _duckdb as duckdb  # the extension itself: the package around it takes as long again to load

from gateway.adapters.duckdb_gold import PUBLISH_HINT, Limits
from gateway.errors import ContractError, EngineError, GatewayError
from gateway.guard import Approved

_BY_KIND: tuple[tuple[type[duckdb.Error], str, str], ...] = (
    (
        duckdb.ConversionException,
        "a value can't be converted to the type that the statement needs",
        "Compare like with like, use try_cast, or filter such rows out first.",
    ),
    (
        duckdb.OutOfRangeException,
        "a number is outside the range of its type",
        "Cast to double before multiplying or adding.",
    ),
    (
        duckdb.InvalidInputException,
        "a function was given a value that it does not take, such as a division by zero or a subquery of many rows",
        "Guard divisions with nullif, and make a scalar subquery return one row.",
    ),
    (duckdb.InterruptException, "the statement was interrupted", ""),
    (duckdb.PermissionException, "the engine's lock-down refused the statement", "It reaches beyond the marts."),
    (duckdb.IOException, "the published file could not be read", PUBLISH_HINT),
    (duckdb.SerializationException, "the published file could not be read", PUBLISH_HINT),
    (duckdb.NotImplementedException, "the engine can't carry out this combination of types or functions", ""),
    (duckdb.InternalException, "the engine failed with an internal error", "Try again, or simplify the statement."),
    (duckdb.FatalException, "the engine failed with an internal error", "Try again, or simplify the statement."),
)
"""First match wins."""

BROKEN_DATABASE = (duckdb.IOException, duckdb.SerializationException, duckdb.InternalException, duckdb.FatalException)
"""After these the open database is not to be trusted."""


def translate(
    error: duckdb.Error, approved: Approved, connection: duckdb.DuckDBPyConnection, limits: Limits
) -> GatewayError:
    """The gateway's error for an approved statement that DuckDB did not carry out."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return EngineError(
            f"the statement needs more than the {limits.memory} of memory that statements may use",
            hint="Filter more, or group by fewer columns; the platform's owner can raise the limit.",
        )
    if isinstance(error, duckdb.CatalogException | duckdb.BinderException):
        return _not_bound(error, approved, connection)
    for kind, message, hint in _BY_KIND:
        if isinstance(error, kind):
            return EngineError(message, hint=hint)
    if "Corrupt database" in str(error):
        return ContractError("the published file is corrupt", hint=PUBLISH_HINT)
    return EngineError(f"the engine could not carry out the statement ({type(error).__name__})")


def _not_bound(error: duckdb.Error, approved: Approved, connection: duckdb.DuckDBPyConnection) -> GatewayError:
    """The contract names something that the file does not have, or types do not go together."""
    missing = _missing(approved, connection)
    if missing:
        return ContractError("the contract and the published marts do not agree", problems=missing, hint=PUBLISH_HINT)
    return EngineError(f"the engine could not bind the statement: {_own_words(error)}")


def _own_words(error: duckdb.Error) -> str:
    """The first line without its label: it repeats the statement's own names. What follows suggests others."""
    first = str(error).partition("\n")[0]
    return first.partition("Error: ")[2].strip() or first.strip()


def _missing(approved: Approved, connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """One line for each asset, or column of an asset, that was approved and is not in the file."""
    found = connection.execute(
        "SELECT lower(table_name), lower(column_name) FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal"
    ).fetchall()
    tables = {table for table, _ in found}
    columns = set(found)
    lost = [f"{asset}: no such table" for asset in sorted(approved.assets) if asset.lower() not in tables]
    lost += [
        f"{asset}.{column}: no such column"
        for asset, column in sorted(approved.columns)
        if asset.lower() in tables and (asset.lower(), column.lower()) not in columns
    ]
    return tuple(lost)
