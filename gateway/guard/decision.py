"""What the guard answers. Plain values: the audit log, the CLI and the agent tools all read them."""

from dataclasses import InitVar, dataclass
from enum import StrEnum
from typing import Any, Final

_SEAL: Final = object()


class Rule(StrEnum):
    """Why a statement was refused or warned about. Codes are stable: the audit log and the tests keep them.

    `docs/guard-rules.md` documents each, and a test keeps that page complete.
    """

    # shape: what kind of text it is
    EMPTY_STATEMENT = "empty_statement"
    STATEMENT_TOO_LONG = "statement_too_long"
    CHARACTER_NOT_ALLOWED = "character_not_allowed"
    PARSE_ERROR = "parse_error"
    MANY_STATEMENTS = "many_statements"
    NOT_A_QUERY = "not_a_query"
    SYNTAX_NOT_ALLOWED = "syntax_not_allowed"
    TYPE_NOT_ALLOWED = "type_not_allowed"
    RENDERING_CHANGED = "rendering_changed"
    # relations: what it reads from
    TABLE_NOT_ALLOWED = "table_not_allowed"
    SCHEMA_NOT_ALLOWED = "schema_not_allowed"
    TABLE_FUNCTION_NOT_ALLOWED = "table_function_not_allowed"
    NAME_SHADOWS_ASSET = "name_shadows_asset"
    DUPLICATE_NAME = "duplicate_name"
    # columns: what it reads of them
    COLUMN_NOT_FOUND = "column_not_found"
    COLUMN_AMBIGUOUS = "column_ambiguous"
    COLUMN_FILTER_ONLY = "column_filter_only"
    COLUMN_AGGREGATE_ONLY = "column_aggregate_only"
    # functions
    FUNCTION_NOT_ALLOWED = "function_not_allowed"
    # meaning: whether the number would be right
    PIN_NOT_FIXED = "pin_not_fixed"
    NOT_ADDITIVE = "not_additive"
    AVERAGE_OF_RATES = "average_of_rates"
    FAN_OUT = "fan_out"
    JOIN_NOT_DECLARED = "join_not_declared"
    CROSS_JOIN = "cross_join"
    # cost
    TOO_MANY_TOKENS = "too_many_tokens"
    TOO_DEEP = "too_deep"
    TOO_MANY_JOINS = "too_many_joins"
    TOO_MANY_SET_OPERATIONS = "too_many_set_operations"
    RECURSION_NOT_ALLOWED = "recursion_not_allowed"
    RANGE_TOO_LARGE = "range_too_large"
    LIMIT_NOT_LITERAL = "limit_not_literal"
    # translation: what it would mean to an engine of another dialect
    DIALECT_DIFFERS = "dialect_differs"
    # the referee: what the engine's own parser says of the approved text
    REFEREE_DISAGREES = "referee_disagrees"


WARNINGS: Final = frozenset({Rule.AVERAGE_OF_RATES})
"""Rules that are told and do not refuse."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One reason, with the way out."""

    rule: Rule
    message: str
    hint: str = ""
    line: int = 0
    """Line and column in the caller's text, from 1; 0 where the reason has no single place."""
    column: int = 0
    token: str = ""
    """What stands there in the caller's own text: a name, a word or a sign. Never what a quoted text holds."""
    allowed: tuple[str, ...] = ()
    """What could stand there instead, nearest first: of what the role may use, and nothing else."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The statement may not run. `violations` is never empty and holds every reason found, not only the first."""

    violations: tuple[Violation, ...]
    proposed: str
    role: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A statement that may run. Only the guard can make one; engines take nothing else."""

    sql: str
    """The text that runs: rendered from the checked tree, row cap included. The caller's text never runs."""
    proposed: str
    dialect: str
    role: str
    fingerprint: str
    """Of the contract as this role sees it."""
    assets: frozenset[str]
    columns: frozenset[tuple[str, str]]
    """(asset, column) pairs that the statement reads, in any clause."""
    functions: frozenset[str]
    pins: tuple[tuple[str, str, str], ...]
    """(asset, column, how): `= 'itt'`, `grouped`, `listed` or `keys only`, for each pin of each asset read."""
    max_rows: int
    """Rows that the role may see. The text asks for one more, so that a cut can be told."""
    max_seconds: float
    warnings: tuple[Violation, ...] = ()
    own_limit: int | None = None
    """The statement's own LIMIT, where that is what bounds it; None where the role's cap does."""
    seal: InitVar[object] = None
    """Handed in by the guard and not kept, so that no copy of an Approved can be made with another text in it."""

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("Approved is made by gateway.guard.check, from a checked tree, and nowhere else")


def _mint(**fields: Any) -> Approved:
    """The one way to an Approved; `gateway.guard.check` alone calls it, when everything else has been proven."""
    return Approved(**fields, seal=_SEAL)
