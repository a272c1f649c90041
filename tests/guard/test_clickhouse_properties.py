"""Open-ended input in ClickHouse's dialect, on a real engine: the same properties as on DuckDB."""

import re
import time
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.guard import Approved, Refused, check
from gateway.guard.referee import disagreement
from gateway.guard.referee_clickhouse import named_in_clickhouse
from tests.clickhouse import Database, Failed
from tests.guard import world
from tests.guard.corpora import read
from tests.guard.drift import differences
from tests.guard.drift_clickhouse import meaning, parsed, round_trip
from tests.guard.grammar_clickhouse import clickhouse as honest_clickhouse
from tests.guard.test_properties import FRAGMENTS as COMMON
from tests.guard.test_properties import SETTINGS

Worlds = Mapping[str, Database]
ATTACKS = [c.sql for c in read("refused") if c.dialect == "clickhouse" and c.family not in ("meaning", "cost")]
HONEST = [c.sql for c in read("allowed") if c.dialect == "clickhouse" and c.role == "analyst"]
FRAGMENTS = [
    *COMMON,
    "settings max_threads = 1",
    "format JSON",
    "final",
    "sample 1",
    "array join [owner] as o",
    "in payroll",
    "in (name)",
    "global in hr.payroll",
    "limit 1 by owner",
    "prewhere owner != ''",
    "with (select max(salary) from payroll) as m",
    "with 1 as name",
    "as name",
    "as n_events",
    "as d",
    "dictGet('people', 'person', 1)",
    "joinGet('people_join', 'person', toUInt64(1))",
    "file('/etc/passwd')",
    "merge(currentDatabase(), '.*')",
    "If(owner = 'x')",
    "{x:Identifier}",
    "# ",
    "\\'",
    "`",
    "$$",
    "x -> owner",
    "apply(max)",
    "with totals",
    "with fill",
    "qualify owner > ''",
    "/* sqlglot.anonymous */",
]


def rows_of(database: Database, sql: str) -> list[str] | None:
    """The rows in an order of their own; None where the engine finds an error of types."""
    try:
        return sorted(map(str, database.run(sql).rows))
    except Failed:
        return None


@settings(SETTINGS, max_examples=160)
@given(honest_clickhouse())
def test_honest_statements_are_approved_and_give_the_same_rows(clickhouse: Worlds, sql: str) -> None:
    verdict = check(sql, world.ANALYST, dialect="clickhouse")
    assert isinstance(verdict, Approved), (sql, verdict.violations)
    again = check(verdict.sql, world.ANALYST, dialect="clickhouse")
    assert isinstance(again, Approved)
    assert again.sql == verdict.sql
    assert rows_of(clickhouse["full"], verdict.sql) == rows_of(clickhouse["visible"], sql)


@settings(SETTINGS, max_examples=120)
@given(honest_clickhouse())
def test_statements_of_the_grammar_agree_with_the_referee_and_do_not_drift(clickhouse: Worlds, sql: str) -> None:
    verdict = check(sql, world.ANALYST, dialect="clickhouse")
    assert isinstance(verdict, Approved)
    full = clickhouse["full"]
    assert disagreement(verdict, named_in_clickhouse(parsed(full, verdict.sql))) is None
    assert differences(meaning(full, sql), meaning(full, round_trip(sql))) == []


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """An attack wrapped, commented, re-cased; or an honest statement with a hostile fragment in some place."""
    if draw(st.booleans()):
        sql = draw(st.sampled_from(ATTACKS))
    else:
        parts = re.split(r"(\s+|,|\(|\))", draw(st.sampled_from(HONEST)))
        at = draw(st.integers(0, len(parts) - 1))
        parts[at : at + draw(st.integers(0, 1))] = [" ", draw(st.sampled_from(FRAGMENTS)), " "]
        sql = "".join(parts)
    changes = [
        sql,
        sql.replace(" ", "/**/"),
        sql.replace(" ", "\n"),
        f"select * from ({sql}) as z",
        f"with z as ({sql}) select * from z",
        f"{sql} union all {sql}",
        f"select exists({sql})",
        f"select count() from ({sql}) as z",
        f"with ({sql}) as z select z",
        f"select name from dim_experiments where name in ({sql})",
    ]
    return draw(st.sampled_from(changes))


@settings(SETTINGS, max_examples=500)
@given(mutated())
def test_mutated_attacks_stay_inside_the_contract(clickhouse: Worlds, sql: str) -> None:
    """The engine's parser names nothing else, no secret is told, and no secret changes the rows."""
    for role in ("analyst", "partner"):
        verdict = check(sql, world.POLICIES[role], dialect="clickhouse")
        if not isinstance(verdict, Approved):
            continue
        full = clickhouse["full"]
        try:
            assert disagreement(verdict, named_in_clickhouse(parsed(full, verdict.sql))) is None
        except Failed:
            continue  # the engine cannot read it, so nothing will run
        rows = rows_of(full, verdict.sql)
        assert rows == rows_of(clickhouse["other"], verdict.sql)
        told = str(rows).replace("CANARY'", "")
        assert [s for s in ("CANARY-", "1234567", "9876543.25") if s in told and s not in verdict.proposed] == []
        if role == "partner":
            assert rows == rows_of(clickhouse["partner"], verdict.sql)


@settings(SETTINGS, max_examples=300)
@given(mutated())
def test_whatever_is_approved_does_not_drift(clickhouse: Worlds, sql: str) -> None:
    if not isinstance(check(sql, world.ANALYST, dialect="clickhouse"), Approved):
        return
    full = clickhouse["full"]
    try:
        theirs = meaning(full, sql)
    except Failed:
        return  # the engine cannot read the text, so there is no other answer to give
    assert differences(theirs, meaning(full, round_trip(sql))) == []


@SETTINGS
@given(st.text(max_size=300))
def test_raw_text_never_raises_and_is_quick(text: str) -> None:
    started = time.perf_counter()
    assert isinstance(check(text, world.ANALYST, dialect="clickhouse"), Approved | Refused)
    assert time.perf_counter() - started < 1.0


WORDS = sorted({word for sql in (*ATTACKS, *HONEST) for word in re.findall(r"\w+|[^\w\s]|\s+", sql)})


@settings(SETTINGS, max_examples=250)
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_words_of_sql_in_any_order_never_raise(words: list[str]) -> None:
    assert isinstance(check(" ".join(words), world.ANALYST, dialect="clickhouse"), Approved | Refused)
