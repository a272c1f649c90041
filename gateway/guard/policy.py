"""The contract as one role sees it: what it may read, how, and how much of it. Made once, never changed."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError

from gateway.guard.parse import as_written

if TYPE_CHECKING:
    from gateway.guard.relations import Relation

SELECT, FILTER, AGGREGATE, HIDDEN = 0, 1, 2, 3
ACCESS: Final = {"select": SELECT, "filter": FILTER, "aggregate": AGGREGATE, "hidden": HIDDEN}
CARDINALITIES: Final = ("one_to_one", "many_to_one", "one_to_many", "many_to_many")
DEFAULT_ROWS, DEFAULT_SECONDS, DEFAULT_MIN_GROUP = 10_000, 30.0, 20
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class Column(NamedTuple):
    """One column that the role can see."""

    name: str
    access: int
    additive: frozenset[str] | None
    """Columns over which it may be summed; empty for none, None where nothing restricts it."""
    type: str = ""
    """As the contract says; empty where it says nothing."""


class Join(NamedTuple):
    """A way from one asset to another that the contract declares."""

    to: str
    on: frozenset[str]
    cardinality: str


class Asset(NamedTuple):
    """One asset that the role may ask, with the columns that it may see."""

    name: str
    columns: Mapping[str, Column]
    grain: tuple[str, ...]
    """All grain columns, also those the role cannot see: uniqueness does not depend on who asks."""
    pins: tuple[str, ...]
    joins: tuple[Join, ...]
    row_filter: str
    """The role's condition on rows, normalised; empty for all rows."""


@dataclass(frozen=True)
class Policy:
    """What `check` holds statements against."""

    role: str
    assets: Mapping[str, Asset]
    """By lower-cased name: what is not in it does not exist for this role."""
    max_rows: int
    max_seconds: float
    min_group_size: int

    @cached_property
    def fingerprint(self) -> str:
        """A stable SHA-256 of all that this value says."""
        return hashlib.sha256(json.dumps(self._plain(), sort_keys=True).encode()).hexdigest()

    @cached_property
    def relations(self) -> dict[tuple[str, bool], "Relation"]:
        """Its assets as the guard reads them, by name and by whether the engine folds case. Each is worked out when
        first read, and never changed."""
        return {}

    @classmethod
    def from_mapping(cls, contract: Mapping[str, Any], role: str) -> "Policy":
        """Read the semantic layer's mapping as `role` sees it. Raises ValueError listing every problem."""
        return _Reader(contract, role).policy()

    def _plain(self) -> dict[str, Any]:
        assets = {}
        for key, asset in self.assets.items():
            columns = {
                c.name: [c.access, None if c.additive is None else sorted(c.additive), c.type]
                for c in asset.columns.values()
            }
            joins = sorted([join.to, sorted(join.on), join.cardinality] for join in asset.joins)
            assets[key] = [asset.name, columns, list(asset.grain), list(asset.pins), joins, asset.row_filter]
        return {"role": self.role, "assets": assets, "limits": [self.max_rows, self.max_seconds, self.min_group_size]}


@lru_cache(maxsize=256)
def filter_tree(text: str, dialect: str = "duckdb") -> exp.Expr:
    """The row filter as a tree of the dialect. Shared: copy before putting it into a statement."""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    if dialect == "duckdb":
        return tree
    engine = Dialect.get_or_raise(dialect)
    there = f"SELECT 1 WHERE {tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE)}"
    tokens = as_written(engine.tokenize(there), engine)
    (query,) = engine.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, there)
    where = query.args["where"] if query is not None else exp.Where(this=exp.false())
    condition: exp.Expr = where.this
    return condition


def filter_texts(policy: Policy, dialect: str) -> dict[str, str]:
    """Each asset's row filter as SQL of the dialect. Raises ValueError for one that the dialect can't say."""
    texts = {}
    for asset in policy.assets.values():
        if asset.row_filter:
            try:
                texts[asset.name] = filter_tree(asset.row_filter, dialect).sql(dialect=dialect)
            except SqlglotError as error:
                raise ValueError(f"row_filter of {asset.name} can't be said in {dialect}: {error}") from error
    return texts


class _Reader:
    """Reads one role's view and keeps every problem, so that one run of it is enough to mend a file."""

    def __init__(self, contract: Mapping[str, Any], role: str) -> None:
        self.contract = contract
        self.role = role
        self.problems: list[str] = []

    def policy(self) -> Policy:
        assets = self._mapping(self.contract, "assets", "contract")
        roles = self._mapping(self.contract, "roles", "contract")
        if self.role not in roles:
            self.problems.append(f"no role {self.role!r}; there are: {', '.join(sorted(map(str, roles))) or 'none'}")
        rules = self._mapping(roles, self.role, "roles")
        filters = self._mapping(rules, "row_filter", f"role {self.role}")
        visible = self._visible(rules.get("assets", []), assets)
        for name in filters:
            if name not in assets:
                self.problems.append(f"role {self.role}: row_filter names {name!r}, which is not an asset")
        made: dict[str, Asset] = {}
        for name in assets:
            asset = self._asset(str(name), self._mapping(assets, name, "assets"), assets, visible, filters.get(name))
            if name in visible:
                if asset.name.lower() in made:
                    self.problems.append(f"asset {name}: another asset has this name in a different case")
                made[asset.name.lower()] = asset
        rows, seconds, group = self._limits(rules)
        if self.problems:
            raise ValueError("; ".join(self.problems))
        return Policy(self.role, MappingProxyType(made), rows, seconds, group)

    def _mapping(self, holder: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
        value = holder.get(key) or {}
        if isinstance(value, Mapping):
            return value
        self.problems.append(f"{where}: {key} must be a mapping, found {type(value).__name__}")
        return {}

    def _visible(self, listed: Any, assets: Mapping[str, Any]) -> frozenset[str]:
        if listed == "*":
            return frozenset(assets)
        if not isinstance(listed, list | tuple):
            self.problems.append(f"role {self.role}: assets must be '*' or a list")
            return frozenset()
        self.problems += [f"role {self.role}: no asset {name!r}" for name in listed if name not in assets]
        return frozenset(listed) & frozenset(assets)

    def _limits(self, rules: Mapping[str, Any]) -> tuple[int, float, int]:
        limits = self._mapping(rules, "limits", f"role {self.role}")
        rows, seconds = limits.get("rows", DEFAULT_ROWS), limits.get("seconds", DEFAULT_SECONDS)
        group = rules.get("min_group_size", DEFAULT_MIN_GROUP)
        for label, value in (("limits.rows", rows), ("limits.seconds", seconds), ("min_group_size", group)):
            whole = label == "limits.seconds" or isinstance(value, int)
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0 or not whole:
                self.problems.append(f"role {self.role}: {label} must be a positive number, found {value!r}")
                return DEFAULT_ROWS, DEFAULT_SECONDS, DEFAULT_MIN_GROUP
        return int(rows), float(seconds), int(group)

    def _asset(
        self, name: str, spec: Mapping[str, Any], assets: Mapping[str, Any], visible: frozenset[str], row_filter: Any
    ) -> Asset:
        if not _NAME.fullmatch(name):
            self.problems.append(f"asset {name!r}: a name is letters, digits and underscores")
        specs = self._mapping(spec, "columns", f"asset {name}")
        columns = {str(column).lower(): self._column(name, str(column), specs) for column in specs}
        if len(columns) < len(specs):
            self.problems.append(f"asset {name}: two columns differ only in case")
        grain, pins = self._names(name, "grain", spec, specs), self._names(name, "pins", spec, specs)
        for pin in pins:
            if pin in specs and columns[pin.lower()].access != SELECT:
                self.problems.append(f"asset {name}: pin {pin!r} must have access 'select', or nobody could fix it")
        seen = {key: column for key, column in columns.items() if column.access != HIDDEN}
        if specs and not seen:
            self.problems.append(f"asset {name}: every column is hidden")
        joins = self._joins(name, spec, specs, assets, visible)
        text = self._row_filter(name, row_filter, columns) if row_filter else ""
        return Asset(name, MappingProxyType(seen), grain, pins, joins, text)

    def _names(self, asset: str, key: str, spec: Mapping[str, Any], columns: Mapping[str, Any]) -> tuple[str, ...]:
        names = tuple(spec.get(key) or ())
        self.problems += [f"asset {asset}: {key} names {n!r}, which is not a column" for n in names if n not in columns]
        return names

    def _column(self, asset: str, name: str, specs: Mapping[str, Any]) -> Column:
        spec = self._mapping(specs, name, f"asset {asset}")
        access, additive = spec.get("access") or "select", spec.get("additive")
        if not _NAME.fullmatch(name):
            self.problems.append(f"asset {asset}: column {name!r}: a name is letters, digits and underscores")
        if access not in ACCESS:
            self.problems.append(f"{asset}.{name}: access is one of {', '.join(ACCESS)}, found {access!r}")
        over: frozenset[str] | None = None
        if isinstance(additive, list | tuple):
            over = frozenset(str(c).lower() for c in additive)
            self.problems += [f"{asset}.{name}: additive names {c!r}, not a column" for c in additive if c not in specs]
        elif additive == "none" or (additive is None and spec.get("role") == "measure"):
            over = frozenset()
        elif additive not in (None, "all"):
            self.problems.append(f"{asset}.{name}: additive is none, all or a list of columns, found {additive!r}")
        return Column(name, ACCESS.get(access, HIDDEN), over, str(spec.get("type") or ""))

    def _joins(
        self,
        asset: str,
        spec: Mapping[str, Any],
        columns: Mapping[str, Any],
        assets: Mapping[str, Any],
        seen: frozenset[str],
    ) -> tuple[Join, ...]:
        made = []
        for join in spec.get("joins") or ():
            on = join.get("on") or join.get(True) or ()  # YAML 1.1 reads a bare `on` as true
            to, how = join.get("to"), join.get("cardinality", "many_to_many")
            theirs = self._mapping(self._mapping(assets, to, "assets"), "columns", f"asset {to}")
            if to not in assets:
                self.problems.append(f"asset {asset}: joins {to!r}, which is not an asset")
            if how not in CARDINALITIES:
                self.problems.append(f"asset {asset}: join to {to}: cardinality is one of {', '.join(CARDINALITIES)}")
            if not on:
                self.problems.append(f"asset {asset}: join to {to} has no columns")
            for column in on:
                if column not in columns or (to in assets and column not in theirs):
                    self.problems.append(f"asset {asset}: join to {to} on {column!r}, which both must have")
            if to in seen:
                made.append(Join(to.lower(), frozenset(column.lower() for column in on), how))
        return tuple(made)

    def _row_filter(self, asset: str, text: str, columns: Mapping[str, Column]) -> str:
        try:
            tree = sqlglot.parse_one(str(text), dialect="duckdb")
        except SqlglotError as error:
            self.problems.append(
                f"role {self.role}: row_filter of {asset} cannot be read: {str(error).splitlines()[0]}"
            )
            return ""
        if tree.find(exp.Query, exp.Table, exp.Subquery, exp.Command, exp.Star) or not isinstance(tree, exp.Condition):
            self.problems.append(f"role {self.role}: row_filter of {asset} must be a condition on its own columns")
        for column in tree.find_all(exp.Column):
            if column.table or column.name.lower() not in columns:
                self.problems.append(
                    f"role {self.role}: row_filter of {asset} reads {column.sql()!r}, not a column of it"
                )
        return tree.sql(dialect="duckdb")
