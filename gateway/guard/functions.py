"""Which functions a statement may call, per dialect, and what each means for the numbers that come out.

Default-deny: a function is allowed by the class that sqlglot reads it as, or by its name where sqlglot has no class,
and with the arguments listed for it, nothing else.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from sqlglot import exp

from gateway.guard import functions_clickhouse, functions_duckdb
from gateway.guard.report import closest
from gateway.guard.syntax import words


class Kind(StrEnum):
    """Where a function may stand, and whether it folds rows."""

    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"


class Function(NamedTuple):
    """One allowed function."""

    name: str
    kind: Kind
    arguments: frozenset[str]


class FunctionList(NamedTuple):
    """What one dialect allows."""

    dialect: str
    by_class: dict[type[exp.Expr], Function]
    by_name: dict[str, Function]
    """Those that sqlglot keeps as plain names."""
    names: frozenset[str]
    """Every name of the engine that is allowed, for hints and for the test against the live inventory."""
    aggregates: frozenset[str] = frozenset()
    """Those of them that fold rows."""

    def of(self, node: exp.Expr) -> Function | None:
        """What is allowed of a call, by its class or, where sqlglot keeps a plain name, by that."""
        function = self.by_class.get(type(node))
        if function is None and isinstance(node, NAMED) and isinstance(node.this, str):
            function = self._named(node.this)
        return function

    def _named(self, name: str) -> Function | None:
        """DuckDB folds case; ClickHouse does for some names, and knows aggregates with combinators."""
        if self.dialect == "duckdb":
            return self.by_name.get(name.lower())
        lower = name.lower()
        if name in self.by_name or lower in functions_clickhouse.ANY_CASE:
            return self.by_name.get(name) or self.by_name.get(lower)
        base, suffixes = self.combined(name)
        if suffixes and base in self.aggregates:
            return Function(lower, Kind.AGGREGATE, _BY_NAME)
        return None

    def combined(self, name: str) -> tuple[str, tuple[str, ...]]:
        """An aggregate's own name, and the combinators behind it; no combinators where the name is listed itself."""
        suffixes: list[str] = []
        while self.dialect == "clickhouse" and name not in self.names:
            suffix = next((s for s in functions_clickhouse.COMBINATORS if name.endswith(s) and name != s), None)
            if suffix is None or suffix in suffixes:
                break
            suffixes.insert(0, suffix)
            name = name[: -len(suffix)]
        return name, tuple(suffixes)

    def closest(self, name: str) -> tuple[str, ...]:
        """The allowed names closest to one that is not, best first."""
        return closest(name, self.names)


NAMED: Final = (exp.Anonymous, exp.AnonymousAggFunc, exp.ParameterizedAgg)
"""Classes that hold a function as a plain name."""
SUMS: Final = frozenset({"sum", "fsum", "kahan_sum", "sumkahan", "sum_no_overflow", "product", "sumwithoverflow"})
"""Aggregates whose result is wrong when rows overlap, or when the column does not add up."""
AVERAGES: Final = frozenset({"avg", "favg", "mean", "geomean", "geometric_mean", "median"})
COUNTS: Final = words(
    "count count_if approx_count_distinct regr_count uniq uniqexact uniqcombined uniqcombined64 uniqhll12"
)
"""Aggregates whose result is a number of rows or values, whatever they count."""
DUPLICATE_SAFE: Final = words(
    """
    any_value arbitrary approx_count_distinct arg_max arg_min argmax argmin bit_and bit_or bool_and bool_or
    first last max max_by min min_by uniq uniqexact any anylast anyheavy grouping grouping_id first_value last_value
    groupbitand groupbitor groupuniqarray uniqcombined uniqcombined64 uniqhll12
    """
)
"""Aggregates that repeated rows do not change."""
POSITIONAL: Final = words(
    "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value"
)
"""Windows that number rows or pick one of them, by the order they are given."""
PICKS: Final = frozenset({"arg_max", "arg_min", "argmax", "argmin"})
"""Aggregates that take the first argument from the row where the second is largest or smallest."""
GROUP_SAFE: Final = words(
    """
    avg count sum fsum kahan_sum sumkahan stddev stddev_pop stddev_samp var_pop var_samp variance favg mean
    stddevpop stddevsamp varpop varsamp
    """
)
"""Aggregates that may fold an aggregate-only column: none of them returns a value of one row."""
SAFE: Final = tuple(sorted(GROUP_SAFE & {"avg", "count", "sum"}))
"""Those of them that advice names."""

_BY_NAME: Final = frozenset(("this", "expressions", "params"))
_LINE: Final = re.compile(r"(\w+|\*)(?:\(([^)]*)\))? = (.*)")


def aggregates_of(name: str) -> list[str]:
    """How an aggregate-only column may be written."""
    return [f"{function}({name})" for function in SAFE]


def _joined(table: str) -> list[str]:
    """Lines of a table, with indented continuations appended to the line they belong to."""
    return re.sub(r"\n +", " ", table.strip()).split("\n")


@lru_cache(maxsize=4)
def functions_of(dialect: str) -> FunctionList:
    """The allow-list of one dialect, read once."""
    source = functions_clickhouse if dialect == "clickhouse" else functions_duckdb
    by_class: dict[type[exp.Expr], Function] = {}
    by_name: dict[str, Function] = {}
    names: set[str] = set()
    aggregates: set[str] = set()
    for kind, table in ((Kind.SCALAR, source.SCALAR), (Kind.AGGREGATE, source.AGGREGATE), (Kind.WINDOW, source.WINDOW)):
        for line in _joined(table):
            match = _LINE.fullmatch(line)
            if match is None:
                raise ValueError(f"cannot read the function table's line {line!r}")
            cls, arguments, listed = match[1], frozenset((match[2] or "").split()), match[3].split()
            names.update(listed)
            if kind is Kind.AGGREGATE:
                aggregates.update(listed)
            if cls == "*":
                exact = dialect == "clickhouse"
                by_name |= {n if exact else n.lower(): Function(n.lower(), kind, _BY_NAME) for n in listed}
                if exact:
                    any_case = functions_clickhouse.ANY_CASE
                    by_name |= {n.lower(): by_name[n] for n in listed if n.lower() in any_case}
            else:
                by_class[getattr(exp, cls)] = Function(listed[0].lower(), kind, arguments)
    return FunctionList(dialect, by_class, by_name, frozenset(names), frozenset(aggregates))
