"""SQL typed as a question: what is taken for a statement, what is done with it, what it leaves of the conversation."""

import pytest

from tests.ask.asking import ask, tool

SQL = "select metric_id from dim_metrics"
WITH = "with a as (select 1 as x from dim_metrics) select x from a"
WHERE = "select name from dim_experiments where name = 'delete me'"


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        (SQL, SQL),
        (f"{SQL};", f"{SQL};"),
        (f"run {SQL}", SQL),
        (f"Please run this query: {SQL}", SQL),
        (f"can you execute the following SQL for me:\n{SQL}", SQL),
        (f"```sql\n{SQL}\n```", SQL),
        ("SELECT 1", "SELECT 1"),
        (WITH, WITH),
        ("from dim_metrics select metric_id", "from dim_metrics select metric_id"),
        (WHERE, WHERE),
    ],
)  # fmt: skip
def test_a_statement_is_run_as_it_was_typed(question: str, statement: str) -> None:
    assert ask(question).calls == (tool("run_sql", statement=statement),)


@pytest.mark.parametrize(
    "question",
    [
        f"check {SQL}",
        f"is this allowed: {SQL}",
        f"would this pass? {SQL}",
        f"explain {SQL}",
        f"may I run {SQL}",
        f"{SQL} - is this allowed?",
        f"validate the following query: {SQL}",
    ],
)
def test_a_statement_is_only_checked_where_that_is_asked(question: str) -> None:
    assert ask(question).calls == (tool("run_sql", statement=SQL, explain=True),)


@pytest.mark.parametrize(
    "question",
    [
        "select the best arm of price badges",
        "can you select the winner",
        "price badges: select",
    ],
)
def test_a_sentence_with_select_is_no_statement(question: str) -> None:
    assert all(call.tool != "run_sql" for call in ask(question).calls)


def test_a_statement_behind_other_words_is_asked_back() -> None:
    plan = ask(f"how did price badges do and then {SQL}")
    assert "looks like SQL" in plan.question_back


@pytest.mark.parametrize("question", ["select 1; drop table dim_metrics", f"{SQL}; delete from dim_metrics"])
def test_a_write_behind_a_read_is_refused(question: str) -> None:
    assert ask(question).refusal_rule == "write_request"


def test_a_statement_changes_no_subject() -> None:
    focus = dict(ask("did one page checkout increase conversion").focus)
    assert ask(SQL, focus).focus == focus
