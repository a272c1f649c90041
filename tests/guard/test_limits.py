"""Bounds hold before anything expensive happens: the worst input is answered quickly and never with an exception."""

import time

import pytest

from gateway.guard import Approved, Refused, Rule, check
from tests.guard import limits, world


@pytest.mark.parametrize(
    ("sql", "rule"), limits.cases(), ids=lambda value: str(value)[:30].encode("unicode_escape").decode()
)
def test_too_much_is_refused_within_a_second(sql: str, rule: Rule) -> None:
    started = time.process_time()
    verdict = check(sql, world.ANALYST)
    assert isinstance(verdict, Refused)
    assert rule in [violation.rule for violation in verdict.violations]
    assert time.process_time() - started < 1.0


BOMBS = {
    "select_chain": "select 1 from " + "(select 1 from " * 38 + "dim_experiments" + ")" * 38,
    "function_chain": "select " + "abs(" * 39 + "1" + ")" * 39,
    "bracket_list": "select " + "(" * 39 + "1, 2" + ")" * 39,
    "casts": "select " + "1" + "::int" * 900,
    "or_chain": "select 1 where " + " or ".join(["1 = 1"] * 900),
    "concat_chain": "select " + " || ".join(["'a'"] * 900),
    "between_chain": "select " + "1 between " * 300 + "1",
    "ctes": "with "
    + ", ".join(f"c{i} as (select * from c{i - 1})" if i else "c0 as (select 1 as x)" for i in range(300))
    + " select 1",
    "wide": "select " + ", ".join(f"1 as c{i}" for i in range(900)),
    "in_list": "select 1 where 1 in (" + ", ".join(map(str, range(1900))) + ")",
    "comments": "select 1 " + "/*" * 5000 + "*/" * 5000,
    "quotes": "select " + "'" * 9999,
    "case_chain": "select " + "case when 1 = 1 then " * 39 + "1" + " end" * 39,
    "dots": "select a" + ".a" * 1500,
    "arrows": "select a" + " -> 'a'" * 900,
    "less_than": "select " + "<" * 3900,
    "lambda": "select " + "x -> " * 900 + "1",
    "windows": "select " + ", ".join("sum(1) over (order by 1)" for _ in range(200)),
    "star_joins": "select * from fct_results a "
    + " ".join(f"join fct_results b{i} on a.experiment_id = b{i}.experiment_id" for i in range(12)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_parser_bomb_is_answered_within_a_second(name: str) -> None:
    started = time.process_time()
    assert isinstance(check(BOMBS[name], world.ANALYST), Approved | Refused)
    assert time.process_time() - started < 1.0
