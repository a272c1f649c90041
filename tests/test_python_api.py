"""`gateway.open()`: asked from Python, threads and event loops; closed once; shown in a notebook as text."""

import asyncio
import gc
import json
import re
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import gateway
from gateway.answer import Answer, Evidence, QueryInfo, Table, ViolationInfo
from gateway.errors import ChoiceNeeded, ContractError, EngineError, UsageError
from gateway.notebook import MAX_ROWS, as_html, as_markdown
from gateway.ports import RefusedError
from gateway.python_api import Client, Result
from gateway.tools import registry
from tests.conftest import Demo
from tests.mcp.serving import SLOW, Slowness, slow_gateway
from tests.test_public_names import python

ROOT = Path(gateway.__file__).parents[1]
ONE = "Did one-page checkout increase conversion?"


@pytest.fixture
def client(demo: Demo) -> Iterator[Client]:
    with gateway.open(demo.home, population="itt", principal="ana") as opened:
        yield opened


def test_a_follow_up_knows_what_came_before(client: Client) -> None:
    first, second = client.ask(ONE), client.ask("and revenue?")
    assert [item.metric_id for item in (*first.evidence, *second.evidence)] == ["conversion_7d", "revenue_per_user"]
    assert second.answer.looks[0].comparisons == 2
    assert (first.status, first.exit_code, str(first)) == ("answered", 0, first.text)


def test_conversations_are_apart(client: Client) -> None:
    client.ask(ONE)
    other = client.conversation()
    assert other.ask("and revenue?").status != "answered"
    assert other.ask(ONE).answer.looks[0].comparisons == 1


def test_a_population_may_be_of_one_question_or_of_one_conversation(client: Client) -> None:
    exposed = client.conversation(population="exposed")
    asked = [client.ask(ONE), client.ask(ONE, population="exposed"), client.ask(ONE), exposed.ask(ONE)]
    assert [result.evidence[0].analysis_population for result in asked] == ["itt", "exposed", "itt", "exposed"]


def test_forgetting_ends_the_subject_and_not_the_count(client: Client) -> None:
    talk = client.conversation()
    talk.ask(ONE)
    talk.forget()
    assert talk.ask("and revenue?").status != "answered"
    assert talk.ask("price badges revenue").status == "answered"
    assert talk.ask("one-page checkout revenue").answer.looks[0].comparisons == 2


def test_a_statement_gives_rows(client: Client) -> None:
    result = client.sql("select status, count(*) as n from dim_experiments group by status order by status")
    assert result.to_rows() == [{"status": "ended", "n": 11}, {"status": "running", "n": 2}]
    explained = client.sql("select status from dim_experiments", explain=True)
    assert list(explained.to_rows()[0]) == ["approved"]
    counted = client.sql("select uniqExact(status) as n from dim_experiments", dialect="clickhouse")
    assert counted.to_rows() == client.sql("select count(distinct status) as n from dim_experiments").to_rows()


def test_evidence_gives_flat_rows_where_there_is_no_table(client: Client) -> None:
    result = client.ask(ONE)
    (row,), (item,) = result.to_rows(), result.evidence
    assert (row["metric_id"], row["lift_ci_low"], row["treatment_n"]) == (
        "conversion_7d",
        item.lift.ci_low,
        item.treatment.n,
    )


def test_tools_are_called_by_name_and_are_a_mapping(client: Client) -> None:
    assert list(client.tools) == list(registry.TOOLS)
    assert len(client.tools) == len(registry.TOOLS)
    by_call = client.tools.call("experiment_results", experiment_id="price_badges")
    by_item = client.tools["experiment_results"](experiment_id="price_badges", population="itt")
    assert by_call.evidence == by_item.evidence
    assert client.tools["list_metrics"].__name__ == "list_metrics"
    with pytest.raises(KeyError):
        client.tools["nothing"]
    assert client.tools.call("nothing").answer.problems[0].rule == "unknown_name"
    wrong = client.tools.call("list_experiments", name="x").answer  # `name` is an argument like any other
    assert wrong.problems[0].token == "name"  # noqa: S105 - of an argument


def test_openai_schemas_are_the_registrys(client: Client) -> None:
    schemas = client.tools.openai()
    assert [schema["function"]["name"] for schema in schemas] == list(registry.TOOLS)
    payload = client.tools.call("experiment_results", experiment_id="price_badges").payload
    assert json.loads(json.dumps(payload, allow_nan=False)) == payload


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        pytest.param(lambda c: c.sql("select owner, nme from dim_experiments"), RefusedError, "owner", id="refused"),
        pytest.param(lambda c: c.ask("delete all experiments"), RefusedError, "read", id="declined"),
        pytest.param(lambda c: c.tools.call("nothing"), UsageError, "no tool named 'nothing'", id="usage"),
    ],
)
def test_require_raises_what_was_not_answered(client: Client, ask: Any, error: type[Exception], message: str) -> None:
    result = ask(client)
    with pytest.raises(error, match=message) as raised:
        result.require()
    if isinstance(raised.value, RefusedError):
        told = [reason.rule for query in result.answer.queries for reason in query.violations]
        assert [str(reason.rule) for reason in raised.value.refused.violations] == told
        assert told


def test_require_asks_for_the_choice_that_is_missing(demo: Demo) -> None:
    with gateway.open(demo.home) as opened, pytest.raises(ChoiceNeeded) as raised:
        opened.ask(ONE).require()
    assert raised.value.choices


@pytest.mark.parametrize(("code", "error"), [(2, UsageError), (5, EngineError), (6, ContractError)])
def test_require_raises_by_the_kind_of_failure(code: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^why$"):
        Result(Answer(status="error", text="why"), exit_code=code).require()


def test_an_answer_is_required_of_itself(client: Client) -> None:
    result = client.ask(ONE)
    assert result.require() is result


def test_what_cannot_be_opened_is_said(demo: Demo) -> None:
    with pytest.raises(ContractError, match="no role 'admin'"):
        gateway.open(demo.home, role="admin")
    with pytest.raises(ContractError):
        gateway.open(demo.home, config="nowhere.yaml")


def test_a_closed_client_says_so_and_closes_twice(demo: Demo) -> None:
    opened = gateway.open(demo.home, population="itt")
    talk = opened.conversation()
    opened.close()
    opened.close()
    uses: list[Callable[[], Result]] = [
        lambda: opened.ask(ONE),
        lambda: talk.ask(ONE),
        lambda: opened.tools.call("list_metrics"),
    ]
    for use in uses:
        with pytest.raises(UsageError, match="this gateway is closed"):
            use()


def test_a_client_that_is_dropped_closes_and_says_so(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    monkeypatch.setattr(gateway.Gateway, "close", lambda self: closed.append(self))
    opened = gateway.open(demo.home)
    talk = opened.conversation()
    del opened
    gc.collect()
    assert closed == []  # the conversation still needs it
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del talk
        gc.collect()
    assert len(closed) == 1
    assert [str(item.message) for item in caught if item.category is ResourceWarning] == ["a gateway was not closed"]


def test_a_client_that_never_opened_is_dropped_in_silence() -> None:
    program = (
        "import gateway\n"
        "try: gateway.open('/nowhere', role='admin')\n"
        "except gateway.GatewayError: print('said')\n"
        "import gc; gc.collect()"
    )
    assert python(program).strip() == "said"


def test_one_conversation_from_many_threads(client: Client) -> None:
    talk = client.conversation()
    talk.ask(ONE)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(talk.ask, ["and revenue?", "and orders per user?"] * 8))
    assert {result.status for result in results} == {"answered"}
    assert {item.experiment_id for result in results for item in result.evidence} == {"one_page_checkout"}


def test_async_twins_answer_where_a_loop_runs(demo: Demo) -> None:
    async def ask() -> list[Result]:
        async with gateway.open(demo.home, population="itt") as opened:
            inside = opened.ask(ONE)  # the plain one too
            beside = await asyncio.gather(
                opened.conversation().aask(ONE),
                opened.asql("select count(*) as n from dim_metrics"),
                opened.tools.acall("experiment_decision", experiment_id="express_refunds"),
            )
            return [inside, *beside]

    assert [result.status for result in asyncio.run(ask())] == ["answered"] * 4


def test_cancelling_stops_the_statement_in_the_engine(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    slowness = Slowness()
    monkeypatch.setattr("gateway.python_api.build", lambda settings: slow_gateway(settings, slowness))

    async def ask() -> None:
        async with gateway.open(demo.home) as opened:
            asked = asyncio.create_task(opened.asql(SLOW["statement"]))
            await slowness.wait_started()
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            assert slowness.ended.acquire(blocking=False)  # what was cancelled has ended when the caller goes on

    asyncio.run(ask())
    newest = demo.gateway.audit.recent(1)[0]
    assert (newest.status, newest.question, newest.error) == ("error", SLOW["statement"], "interrupted")


# in a notebook

HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e**bold** [x](javascript:alert(1)) `code` | cell & \"quote\" 'single'"


class Tags(HTMLParser):
    """Every tag of a page, and whether one of them is more than layout."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def hostile(text: str) -> Answer:
    """An answer that holds a text wherever one can stand."""
    effect = Evidence(
        experiment_id=text, metric_id=text, variation_id=text, control_variation_id=text, analysis_population="itt",
        dimension=text, dimension_value=text, statsig=text, decision=text, not_computable=text,
    )  # fmt: skip
    reason = ViolationInfo(rule=text, message=text, hint=text, token=text, allowed=[text])
    return Answer(
        status="answered",
        question=text,
        interpretation=text,
        text=text,
        evidence=[effect, effect.model_copy(update={"srm": effect.srm.model_copy(update={"status": "mismatch"})})],
        table=Table(columns=[text], rows=[[text], [None]]),
        queries=[QueryInfo(proposed=text, approved=text, verdict="approved", violations=[reason])],
        choices=[text],
        warnings=[text],
        audit_id=text,
        problems=[reason],
    )


@pytest.mark.parametrize("status", ["answered", "blocked", "clarify", "error"])
def test_text_of_the_database_is_never_markup_in_html(status: Any) -> None:
    page = as_html(hostile(HOSTILE).model_copy(update={"status": status}), {"wording": {"metrics": {}}})
    found = Tags()
    found.feed(page)
    assert set(found.tags) <= {"div", "p", "b", "i", "br", "table", "thead", "tbody", "tr", "th", "td", "ul", "ol",
                               "li", "details", "summary", "pre"}  # fmt: skip
    assert found.attributes == {"style"}
    assert "&lt;script&gt;" in page
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", page)


@pytest.mark.parametrize("status", ["answered", "blocked", "clarify", "error"])
def test_text_of_the_database_is_never_markup_in_markdown(status: Any) -> None:
    page = as_markdown(hostile(HOSTILE).model_copy(update={"status": status}), {})
    assert r"\<script\>" in page
    assert not re.search(r"(?<!\\)(<|>|`|\[|\]\()", page)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", page)


def test_a_notebook_shows_the_evidence_card(client: Client) -> None:
    result = client.ask(ONE)
    html, markdown = result._repr_html_(), result._repr_markdown_()
    for page in (html, markdown):
        for told in ("better", "15,101", "15.04 %", "7-day conversion"):
            assert told in page
    assert "<table>" in html
    assert "SQL that ran" in html
    assert "| arm | n | value |" in markdown


def test_a_notebook_shows_why_it_was_refused_and_what_to_choose(client: Client, demo: Demo) -> None:
    refused = client.sql("select nme from dim_experiments")._repr_html_()
    assert "Refused" in refused
    assert "column_not_found at 1:8" in refused
    assert "did you mean &#x27;name&#x27;?" in refused
    with gateway.open(demo.home) as opened:
        asked = opened.ask(ONE)._repr_html_()
    assert "Please choose" in asked
    assert "<ol><li>" in asked


def test_a_long_table_is_shown_in_part_and_says_so() -> None:
    answer = Answer(status="answered", table=Table(columns=["x"], rows=[[i] for i in range(MAX_ROWS + 7)]))
    assert as_html(answer, {}).count("<tr>") == MAX_ROWS + 1
    for page in (as_html(answer, {}), as_markdown(answer, {})):
        assert f"the first {MAX_ROWS} of {MAX_ROWS + 7} rows" in page.replace("\\", "")


SNIPPETS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["clients", "async", "agents"])
def test_what_the_page_shows_runs(demo: Demo, tmp_path: Path, snippet: str) -> None:
    shown = python(snippet, tmp_path, GATEWAY_HOME=str(demo.home))
    assert shown.strip()
    assert "error" not in shown
