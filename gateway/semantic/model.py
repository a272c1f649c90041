"""The contract: assets with their columns, metrics, and roles. Plain frozen values; `load.py` makes them from YAML."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

ColumnType = Literal["string", "integer", "double", "boolean", "date", "timestamp"]
ColumnRole = Literal["key", "dimension", "measure", "attribute", "time"]
Access = Literal["select", "filter", "aggregate", "hidden"]
Aggregation = Literal["occurrence", "count", "sum", "mean", "ratio"]
Dialect = Literal["duckdb", "clickhouse"]
Cardinality = Literal["many_to_one", "one_to_one", "one_to_many", "many_to_many"]

NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]{0,62}$"
_NAME = re.compile(NAME_PATTERN)


def _plain_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a plain name: letters, digits and _, not a digit first, at most 63")
    return value


def _none_is_empty(value: object) -> object:
    if value == "none":
        return ()
    if value is not None and not isinstance(value, list | tuple):
        raise ValueError(f"expected none or a list of columns, got {value!r}")
    return value


def _additive_text(columns: tuple[str, ...] | None) -> list[str] | str | None:
    return None if columns is None else list(columns) or "none"


def _star_is_all(value: object) -> object:
    if value == "*":
        return (ALL,)
    if not isinstance(value, list | tuple):
        raise ValueError(f'expected "*" or a list of assets, got {value!r}')
    return value


ALL = "*"
"""In a role's `assets`: every asset of the contract."""

Name = Annotated[str, AfterValidator(_plain_name), WithJsonSchema({"type": "string", "pattern": NAME_PATTERN})]
"""A name that SQL can carry as it stands."""

Text = Annotated[str, StringConstraints(strip_whitespace=True)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]
_NAME_LIST_SCHEMA: dict[str, Any] = {"type": "array", "items": {"type": "string", "pattern": NAME_PATTERN}}


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Column(_Value):
    """One column: what it holds, what it is for, and how far it may be read."""

    type: ColumnType = Field(description="Type of the values; `semantic lint` holds it against the database.")
    role: ColumnRole = Field(
        default="attribute",
        description="key: part of the grain, or a link; dimension: to group by; measure: a number; attribute: other.",
    )
    access: Access = Field(
        default="select",
        description="select: anywhere; filter: only in conditions; aggregate: only in aggregates; hidden: not at all.",
    )
    additive: Annotated[
        tuple[Name, ...] | None,
        BeforeValidator(_none_is_empty),
        PlainSerializer(_additive_text, return_type=Any),
        WithJsonSchema({"anyOf": [{"const": "none"}, _NAME_LIST_SCHEMA]}),
    ] = Field(default=None, description="Columns of the grain over which the measure may be summed; none: never.")
    """() is never. None: not said, which is never for a measure, and no restriction for the rest."""
    unit: Text = Field(default="", description="Unit of the values, such as proportion, users or ms.")
    description: Text = Field(default="", description="What it means, written for whoever asks: a person or a model.")


class Join(_Value):
    """A join that the contract allows, on columns that have the same name on both sides."""

    to: Name = Field(description="Asset to join.")
    on: Names = Field(description="Columns to join on; they carry the same name in both assets.")
    cardinality: Cardinality = Field(description="Rows on this side for one row of the other.")


class Asset(_Value):
    """One mart that may be asked. What is not listed here does not exist for whoever asks."""

    description: Label = Field(description="What one row stands for, and what to know before reading it.")
    grain: Names = Field(description="Columns that tell rows apart.")
    pins: tuple[Name, ...] = Field(
        default=(), description="Columns that must be fixed to one value, or grouped by, wherever the asset is read."
    )
    columns: Annotated[dict[Name, Column], Field(min_length=1)] = Field(description="Its columns; no other exists.")
    joins: tuple[Join, ...] = Field(default=(), description="Joins that are allowed from here.")

    def visible(self) -> dict[str, Column]:
        """The columns that may be known of, in the file's order."""
        return {name: column for name, column in self.columns.items() if column.access != "hidden"}


class Metric(_Value):
    """A metric that questions may name, and the words people use for it."""

    label: Label = Field(description="Name that people use.")
    synonyms: tuple[Label, ...] = Field(default=(), description="Other words for it.")
    aggregation: Aggregation = Field(description="Value per unit.")
    desired: Literal["increase", "decrease"] = Field(description="Whether higher or lower is better.")
    unit: Text = Field(default="", description="Unit of the value.")
    description: Text = Field(default="", description="What it measures.")


class RoleLimits(_Value):
    """How much one statement of this role may return and how long it may run."""

    rows: Annotated[int, Strict()] = Field(default=10_000, gt=0, description="Rows of one result.")
    seconds: Annotated[float, Strict()] = Field(
        default=30.0, gt=0, allow_inf_nan=False, description="Seconds that one statement may run."
    )


class Role(_Value):
    """Who may ask what. An asset that a role does not have is absent for it, not forbidden."""

    description: Text = Field(default="", description="Who it is for.")
    assets: Annotated[
        tuple[str, ...],
        Field(min_length=1),
        BeforeValidator(_star_is_all),
        PlainSerializer(lambda assets: ALL if assets == (ALL,) else list(assets), return_type=Any),
        WithJsonSchema({"anyOf": [{"const": ALL}, {**_NAME_LIST_SCHEMA, "minItems": 1}]}),
    ] = Field(description='Assets of this role, or "*" for all.')
    limits: RoleLimits = Field(default=RoleLimits(), description="Rows and seconds.")
    row_filter: dict[Name, Label] = Field(
        default={}, description="For an asset, a condition over its columns that every row the role sees meets."
    )
    min_group_size: Annotated[int, Strict()] = Field(
        default=20, gt=0, description="Smallest group whose aggregate over an aggregate-only column is shown."
    )


class Contract(_Value):
    """The semantic layer's file. Everything that is not in it is refused."""

    version: Literal[1] = Field(description="Version of this file's format.")
    dialect: Dialect | None = Field(
        default=None, description="Of statements that don't name their dialect; the engine's without it."
    )
    assets: Annotated[dict[Name, Asset], Field(min_length=1)] = Field(description="Marts that may be asked.")
    metrics: dict[Label, Metric] = Field(default={}, description="Metrics that questions may name.")
    roles: Annotated[dict[Label, Role], Field(min_length=1)] = Field(description="Who may ask what.")

    def mapping(self) -> dict[str, Any]:
        """The contract as plain dicts and lists, with every default written out: the shape of the file."""
        return self.model_dump(mode="json")

    def visible_to(self, role: str) -> Mapping[str, Asset]:
        """The assets of a role, in the file's order. Raises KeyError for a role the contract does not have."""
        allowed = self.roles[role].assets
        return {name: asset for name, asset in self.assets.items() if allowed == (ALL,) or name in allowed}
