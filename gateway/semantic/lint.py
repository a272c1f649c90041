"""The contract held against a database: what it promises, and what is there.

The database is behind a small protocol, so that linting needs no engine of its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from gateway.problems import did_you_mean
from gateway.semantic.model import Asset, ColumnType, Contract


class Catalogue(Protocol):
    """What linting asks of a database."""

    def columns_of(self, asset: str) -> Mapping[str, str] | None:
        """Column names with their types as the engine writes them, or None when there is no such table."""

    def duplicate_count(self, asset: str, grain: Sequence[str]) -> int:
        """How many combinations of the grain's values occur in more than one row."""

    def null_count(self, asset: str, column: str) -> int:
        """How many rows have no value in this column."""


_WRAPPERS: Final = re.compile(r"^(?:nullable|lowcardinality)\((.*)\)$")
_FAMILIES: Final[tuple[tuple[re.Pattern[str], ColumnType], ...]] = (
    (re.compile(r"(varchar|char|bpchar|text|string|fixedstring|enum\d*|uuid|json)\b"), "string"),
    (re.compile(r"u?(tinyint|smallint|integer|bigint|hugeint|int\d*)\b"), "integer"),
    (re.compile(r"(double|float\d*|real|decimal\d*|numeric)\b"), "double"),
    (re.compile(r"bool(ean)?\b"), "boolean"),
    (re.compile(r"date(32)?$"), "date"),
    (re.compile(r"(timestamp|datetime)"), "timestamp"),
)
"""Types as DuckDB and ClickHouse write them, by how the contract calls them."""


def lint(contract: Contract, catalogue: Catalogue, *, published: bool = False, is_shared: bool = False) -> list[str]:
    """Every difference, in the contract's order; empty when the database keeps the contract.

    `published` is for the file that queries run on: there, hidden and unlisted columns must not be. In a database
    that `is_shared` with others, which a user's grants divide, they may be or not.
    """
    return [
        problem
        for name, asset in contract.assets.items()
        for problem in _differences(name, asset, catalogue, published, is_shared)
    ]


def contract_type(engine_type: str) -> ColumnType | None:
    """The contract's name for an engine's type, or None for one that it has no name for."""
    text = engine_type.strip().lower()
    while wrapped := _WRAPPERS.match(text):
        text = wrapped.group(1)
    if text.endswith("[]"):
        return None
    return next((family for pattern, family in _FAMILIES if pattern.match(text)), None)


def _differences(name: str, asset: Asset, catalogue: Catalogue, published: bool, is_shared: bool) -> Iterator[str]:
    found = catalogue.columns_of(name)
    if found is None:
        yield f"{name}: the database has no such table"
        return
    there = {column.casefold(): type_ for column, type_ in found.items()}
    expected = asset.visible() if published or is_shared else asset.columns
    for column, spec in expected.items():
        type_ = there.get(column.casefold())
        if type_ is None:
            yield f"{name}.{column}: the table has no such column." + did_you_mean(column, found)
        elif contract_type(type_) != spec.type:
            yield f"{name}.{column}: the contract says {spec.type}, the table has {type_}"
    if published:
        known = {column.casefold() for column in expected}
        yield from (f"{name}.{column}: is published, and the contract does not allow it" for column in found
                    if column.casefold() not in known)  # fmt: skip
    yield from _rows_that_break_it(name, asset, catalogue, there)


def _rows_that_break_it(name: str, asset: Asset, catalogue: Catalogue, there: Mapping[str, str]) -> Iterator[str]:
    """A grain is checked where all of it is there; the published file leaves hidden parts out."""
    if all(column.casefold() in there for column in asset.grain):
        duplicates = catalogue.duplicate_count(name, asset.grain)
        if duplicates:
            yield f"{name}: grain ({', '.join(asset.grain)}) is not unique: {duplicates:,} combinations repeat"
    for pin in asset.pins:
        nulls = catalogue.null_count(name, pin) if pin.casefold() in there else 0
        if nulls:
            yield f"{name}.{pin}: is a pin, and {nulls:,} rows have no value in it"
