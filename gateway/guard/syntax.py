"""The syntax that may appear: node types, their arguments, and what may stand in slots that are no nodes.

Default-deny. A class that is not listed is refused by name, and so is an argument of a listed class; sqlglot writes
some slots into the text as they stand (units, types, join kinds), so those have closed sets of contents.
"""

import re
from functools import lru_cache
from typing import Final

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

_SIMPLE: Final = re.compile(r"[a-z_][a-z0-9_]*")


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set: long lists read better that way."""
    return frozenset(text.split())


_KEYWORDS: Final = frozenset(word for word in Dialect.get_or_raise("duckdb").tokenizer_class.KEYWORDS if word.isalpha())


def identifier(name: str) -> exp.Identifier:
    """A name as the renderer may write it bare, or quoted where that could read as something else."""
    return exp.Identifier(this=name, quoted=_needs_quotes(name))


@lru_cache(maxsize=1024)
def _needs_quotes(name: str) -> bool:
    return not _SIMPLE.fullmatch(name) or name.upper() in _KEYWORDS


_COMMON: Final = """
    Select: with_ expressions distinct from_ joins where group having qualify windows order limit offset
    Union: with_ this expression distinct by_name order limit offset
    Except: with_ this expression distinct order limit offset
    Intersect: with_ this expression distinct order limit offset
    Subquery: this alias
    With: expressions
    CTE: this alias materialized
    From: this
    Join: this on side kind using global_
    Table: this alias
    TableAlias: this columns
    Column: this table
    Identifier: this quoted
    Star: except_ replace
    Where: this
    Having: this
    Qualify: this
    Group: expressions all grouping_sets cube rollup
    GroupingSets: expressions
    Cube: expressions
    Rollup: expressions
    Order: this expressions
    Ordered: this desc nulls_first
    Limit: expression expressions
    Offset: expression
    Distinct: expressions on
    Window: this partition_by order spec alias over
    WindowSpec: kind start start_side end end_side
    Filter: this expression
    IgnoreNulls: this
    RespectNulls: this
    Case: this ifs default
    If: this true false
    Cast: this to
    TryCast: this to safe requires_string
    DataType: this expressions nested nullable kind
    DataTypeParam: this
    Interval: this unit
    Var: this
    Literal: this is_string
    Boolean: this
    Null:
    Values: expressions alias
    Tuple: expressions
    Array: expressions value_constructor bracket_notation
    Bracket: this expressions offset returns_list_for_maps
    Unnest: expressions alias
    Explode: this
    Lateral: this alias
    PropertyEQ: this expression
    GenerateSeries: start end step is_end_exclusive
    Date: this
    In: this expressions query is_global
    Exists: this
    Between: this low high
    Alias: this alias
    Paren: this
    And: this expression
    Or: this expression
    Not: this
    EQ: this expression
    NEQ: this expression
    NullSafeEQ: this expression
    NullSafeNEQ: this expression
    GT: this expression
    GTE: this expression
    LT: this expression
    LTE: this expression
    Is: this expression negate
    JSONPath: expressions
    JSONPathRoot:
    JSONPathKey: this
    JSONPathSubscript: this
    Like: this expression negate
    ILike: this expression negate
    SimilarTo: this expression
    Escape: this expression
    RegexpLike: this expression flag
    Add: this expression
    Sub: this expression
    Mul: this expression
    Div: this expression typed safe
    IntDiv: this expression
    Mod: this expression
    Neg: this
    DPipe: this expression safe
    Any: this
    All: this
    """
_DUCKDB: Final = """
    AtTimeZone: this zone
    BitwiseAnd: this expression
    BitwiseOr: this expression
    BitwiseXor: this expression
    BitwiseNot: this
    BitwiseLeftShift: this expression
    BitwiseRightShift: this expression
    Columns: this
    Glob: this expression
    Lambda: this expressions colon
    Slice: this expression step
    Star: except_ replace rename
    WindowSpec: kind start start_side end end_side exclude
    """
"""What is allowed on DuckDB alone, or with more arguments there."""


def _nodes(table: str) -> dict[type[exp.Expr], frozenset[str]]:
    made: dict[type[exp.Expr], frozenset[str]] = {}
    for line in table.strip().splitlines():
        name, _, arguments = line.strip().partition(":")
        made[getattr(exp, name)] = frozenset(arguments.split())
    return made


NODES: Final = _nodes(_COMMON)
NODES_OF: Final = {"duckdb": NODES | _nodes(_DUCKDB), "clickhouse": NODES}

UNITS: Final = words(
    """
    MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR DECADE CENTURY MILLENNIUM
    MICROSECONDS MILLISECONDS SECONDS MINUTES HOURS DAYS WEEKS MONTHS QUARTERS YEARS DECADES CENTURIES
    DOW ISODOW DOY ISOYEAR EPOCH YEARWEEK WEEKDAY DAYOFWEEK DAYOFYEAR DAYOFMONTH
    """
)
VARS: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("Ordered", "this"): frozenset({"ALL"}),
    ("WindowSpec", "exclude"): frozenset({"CURRENT ROW", "GROUP", "TIES", "NO OTHERS"}),
    ("Interval", "unit"): UNITS,
    ("Extract", "this"): UNITS,
    ("DateDiff", "unit"): UNITS,
    ("DateAdd", "unit"): UNITS,
    ("DateSub", "unit"): UNITS,
    ("TimestampTrunc", "unit"): UNITS,
    ("DateTrunc", "unit"): UNITS,
}
"""Where a bare word may stand for something that is no column, and which words."""

STRINGS: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("Join", "side"): frozenset({"left", "right", "full"}),
    ("Join", "kind"): frozenset({"inner", "outer", "cross", "semi", "anti"}),
    ("Window", "over"): frozenset({"over"}),
    ("WindowSpec", "kind"): frozenset({"rows", "range", "groups"}),
    ("WindowSpec", "start"): frozenset({"unbounded", "current row"}),
    ("WindowSpec", "end"): frozenset({"unbounded", "current row"}),
    ("WindowSpec", "start_side"): frozenset({"preceding", "following"}),
    ("WindowSpec", "end_side"): frozenset({"preceding", "following"}),
    ("Join", "global_"): frozenset({"global"}),
    ("Trim", "position"): frozenset({"both", "leading", "trailing"}),
}
"""Slots that hold plain text instead of a node, and what they may hold."""

TYPES: Final = words(
    """
    BOOLEAN TINYINT SMALLINT INT BIGINT INT128 UTINYINT USMALLINT UINT UBIGINT UINT128 FLOAT DOUBLE DECIMAL
    VARCHAR TEXT CHAR NCHAR NVARCHAR DATE TIME TIMESTAMP TIMESTAMPTZ TIMESTAMPNTZ DATETIME INTERVAL
    INT8 INT16 INT32 INT64 INT256 UINT8 UINT16 UINT32 UINT64 UINT256 FLOAT32 FLOAT64 DATE32 DATETIME64
    NULLABLE STRING LOWCARDINALITY
    """
)
"""Types that a cast may name."""

NUMBER: Final = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
INTERVAL_COUNT: Final = re.compile(r"\s*[+-]?\d+(\.\d+)?\s*")
JSON_KEY: Final = re.compile(r"[\w -]{1,100}")
MAX_NAME: Final = 200
MAX_PAD: Final = 1000
WIDE: Final = re.compile(r"\d{4}|\{[^}]*\{|%[^a-zA-Z%]*\*")
"""What a template of format or printf must not hold: long numbers, and widths that are arguments."""
ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}")
"""Names of time zones."""
BARE_NAME: Final = re.compile(r"\w+")

FRIENDLY: Final = {
    "Pivot": "PIVOT",
    "Lateral": "LATERAL",
    "Fetch": "FETCH with ties or per cent",
    "RawString": "a dollar-quoted text",
    "ByteString": "an escape or byte string",
    "Into": "SELECT INTO",
    "Lambda": "a lambda",
    "Dot": "a method call or field access on an expression",
    "Columns": "COLUMNS(…)",
    "TableSample": "TABLESAMPLE",
    "Placeholder": "a placeholder",
    "Parameter": "a parameter",
    "SessionParameter": "a session parameter",
    "Struct": "a struct",
    "ToMap": "a map",
    "Map": "a map",
    "Explode": "unnest in a select list",
    "Comprehension": "a list comprehension",
    "Transform": "a list function with a lambda",
    "WithinGroup": "WITHIN GROUP",
    "Collate": "COLLATE",
    "Kwarg": "a named argument",
    "PropertyEQ": "a named argument",
    "Operator": "OPERATOR(…)",
    "AtTimeZone": "AT TIME ZONE",
    "Lock": "FOR UPDATE",
    "Hint": "a hint",
    "Final": "FINAL",
    "Apply": "APPLY",
    "CastToStrType": "CAST with a type in quotes",
    "HexString": "a hexadecimal number",
    "BitString": "a binary number",
    "VarMap": "a map in braces",
}
"""What people call the classes that are refused most."""
OPTIONS: Final = {
    ("Table", "joins"): ("a join in brackets is not allowed here", "write (SELECT … FROM a JOIN b USING (k)) AS x"),
    ("Limit", "limit_options"): ("LIMIT with per cent or ties is not allowed", "write a number of rows: LIMIT 100"),
    ("Star", "ilike"): ("* ILIKE is not allowed", "write * LIKE '…', in the case of the columns, or COLUMNS('…')"),
    ("Select", "sample"): ("TABLESAMPLE is not allowed", "filter by hash(column) % 100 = 0 for a sample of one in 100"),
    ("Table", "sample"): ("TABLESAMPLE is not allowed", "filter by hash(column) % 100 = 0 for a sample of one in 100"),
}
"""Options that people write in DuckDB, and what to write instead: (message, hint) by class and argument."""
ARGUMENT_HINTS: Final = {
    ("Select", "settings"): "leave SETTINGS out: the gateway sets the limits",
    ("Select", "format"): "leave FORMAT out: choose the format where you ask",
    ("Group", "totals"): "write GROUP BY ROLLUP (a), whose rows keep their columns",
    ("Table", "sample"): "leave SAMPLE out: the marts are small",
    ("Ordered", "with_fill"): "join with a series: FROM generate_series(0, 6) LEFT JOIN …",
    ("Limit", "limit_options"): "write QUALIFY rank() OVER (ORDER BY …) <= 3",
    ("Offset", "expressions"): "write QUALIFY row_number() OVER (PARTITION BY …) BETWEEN 2 AND 3",
    ("CTE", "scalar"): "name an expression that is used, once, before a plain SELECT",
    ("Join", "kind"): "aggregate the other side first, or use LEFT SEMI JOIN",
    ("Join", "method"): "name the columns: JOIN … USING (column)",
}
"""Where an argument or its text is refused most: the way out."""
HINTS: Final = {
    "Pivot": "write one column each: count(*) FILTER (WHERE b = 'x') AS x",
    "Placeholder": "write the value itself",
    "Parameter": "write the value itself",
    "Comprehension": "write list_transform(list_filter(list, lambda x: …), lambda x: …)",
    "ToMap": "write a struct with plain names: {'a': 1}",
    "Map": "write a struct with plain names: {'a': 1}",
    "TableSample": "filter by hash(column) % 100 = 0 for a sample of one in 100",
    "Fetch": "write LIMIT 100; ties and per cent are not kept",
    "WithinGroup": "write quantile_cont(column, 0.5) instead",
    "Columns": "name the columns, or use * EXCLUDE (…)",
    "Dot": "call the function by name: upper(column)",
    "Lambda": "unnest the list in FROM instead",
    "Transform": "unnest the list in FROM instead",
    "Collate": "compare lower(column) instead",
    "Glob": "write x LIKE 'a%'",
    "RawString": "write the text in single quotes",
    "ByteString": "write the text in single quotes; chr(10) is a line break",
    "Insert": "the gateway only reads",
    "Final": "leave it out: the marts hold each row once",
    "Apply": "write the aggregates out, one per column",
    "CastToStrType": "write CAST(x AS String)",
    "HexString": "write it as digits",
    "BitString": "write it as digits",
}
