"""Refreshing scorecards: what is kept when a refresh fails, what is frozen, and that every request is recorded."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from gateway.adapters.scorecard_files import ScorecardFiles
from gateway.adapters.sqlite_audit import SqliteAudit
from gateway.errors import ContractError, EngineError, UsageError
from gateway.experiments.scorecards import Population, Request, Scorecards, Shown
from gateway.marts.scorecard_definition import Source
from gateway.marts.scorecard_source import duckdb_source
from tests.marts.world import END, MARTS_SQL, START, World, at

CLOSES = END + timedelta(days=7)


@dataclass
class Lab:
    """A world whose experiment ends on day 15 with a window of seven days, and whose engine can be made to fail."""

    folder: Path
    world: World
    failure: Exception | None = None
    opened: int = 0
    clock: list[datetime] = field(default_factory=lambda: [datetime(2026, 4, 1)])

    def __post_init__(self) -> None:
        self.keeper = ScorecardFiles(self.folder / "scorecards")
        self.audit = SqliteAudit(self.folder / "audit.sqlite")
        self.cards = Scorecards(
            sources=self.sources, keeper=self.keeper, audit=self.audit, marts_sql=MARTS_SQL, engine="duckdb",
            now=self.now,
        )  # fmt: skip

    @contextmanager
    def sources(self) -> Iterator[Source]:
        self.opened += 1
        if self.failure is not None:
            raise self.failure
        with duckdb_source(self.world.path) as source:
            yield source

    def now(self) -> datetime:
        """An hour later each time."""
        self.clock[0] += timedelta(hours=1)
        return self.clock[0]

    def show(
        self, as_of: datetime | None = None, population: Population = "exposed", *, experiment: str = "exp",
        refresh: bool = False, timeseries: bool = False, method: str = "fieller",
    ) -> Shown:  # fmt: skip
        return self.cards.show(
            Request(experiment, population, as_of, method, timeseries, refresh, principal="ana", role="analyst",
                    channel="test")
        )  # fmt: skip


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    world = World(tmp_path / "warehouse.duckdb")
    world.experiment(as_of=CLOSES)
    world.metric("revenue", "sum")
    world.enrol("a", "control")
    world.event("a", "purchase", at(3), "5")
    found = Lab(tmp_path, world)
    yield found
    found.audit.close()


def total(shown: Shown) -> float:
    return float(shown.document["metrics"][0]["variants"]["control"]["sum"])


def test_a_running_experiment_is_computed_each_time(lab: Lab) -> None:
    assert total(lab.show(at(5))) == 5.0
    lab.world.event("a", "purchase", at(4), "2")
    again = lab.show(at(5))
    assert (total(again), again.is_kept, lab.opened) == (7.0, False, 2)
    assert again.document["state"] == {
        "computed_at": "2026-04-01T02:00:00Z", "frozen": False, "closes_at": "2026-02-22T00:00:00Z",
        "last_error": None, "last_error_at": None,
    }  # fmt: skip


def test_the_scorecard_of_an_experiment_that_is_over_is_frozen(lab: Lab) -> None:
    first = lab.show()
    assert (first.document["as_of"], first.document["state"]["frozen"]) == ("2026-02-22T00:00:00Z", True)
    lab.world.event("a", "purchase", at(4), "2")
    lab.failure = EngineError("the engine is away")
    for as_of in (None, CLOSES, END, datetime(2026, 12, 24)):
        later = lab.show(as_of)
        assert json.dumps(later.document) == json.dumps(first.document)
        assert (later.is_kept, later.error) == (True, None)
    assert lab.opened == 1


def test_while_windows_are_open_an_ended_experiment_is_not_frozen(lab: Lab) -> None:
    """What converts in the week after the end still counts; the same moment is not computed twice."""
    first = lab.show(END + timedelta(days=1))
    assert first.document["state"]["frozen"] is False
    lab.world.event("a", "purchase", at(4), "2")
    assert (total(lab.show(END + timedelta(days=1))), lab.opened) == (5.0, 1)
    assert (total(lab.show()), lab.opened) == (7.0, 2)
    assert (total(lab.show(END + timedelta(days=1))), lab.opened) == (7.0, 2)


def test_a_look_back_is_computed_and_replaces_nothing(lab: Lab) -> None:
    frozen = lab.show()
    back = lab.show(at(3))
    assert (total(back), back.document["status"]) == (0.0, "running")
    assert lab.show().document == frozen.document


def test_refreshing_what_is_frozen_says_why_not(lab: Lab) -> None:
    lab.show(refresh=True)
    with pytest.raises(
        UsageError, match="exp is over, and its scorecard is frozen as of 2026-02-22T00:00:00Z"
    ) as error:
        lab.show(refresh=True)
    place = lab.keeper.place("exp", "exposed.fieller")
    assert place in error.value.hint
    Path(place).unlink()
    lab.world.event("a", "purchase", at(4), "2")
    assert total(lab.show(refresh=True)) == 7.0


@pytest.mark.parametrize(
    "failure", [EngineError("the engine is away"), ContractError("no warehouse")], ids=["engine", "warehouse"]
)
def test_a_refresh_that_fails_shows_the_last_scorecard_and_says_so(lab: Lab, failure: EngineError) -> None:
    before = lab.show(at(5))
    lab.failure = failure
    shown = lab.show(at(6))
    assert shown.error is failure
    assert {**shown.document, "state": None} == {**before.document, "state": None}
    state = shown.document["state"]
    assert (state["last_error"], state["last_error_at"]) == (failure.message, "2026-04-01T02:00:00Z")
    lab.failure = None
    assert lab.show(at(6)).document["state"]["last_error"] is None


def test_a_failure_without_a_scorecard_of_before_is_raised(lab: Lab) -> None:
    lab.failure = EngineError("the engine is away")
    with pytest.raises(EngineError, match="the engine is away"):
        lab.show()
    assert not lab.keeper.folder.exists()


def test_a_look_back_that_fails_does_not_show_another_moment(lab: Lab) -> None:
    lab.show(at(10))
    lab.failure = EngineError("the engine is away")
    with pytest.raises(EngineError):
        lab.show(at(5))


def test_a_statement_that_fails_keeps_the_last_scorecard(lab: Lab) -> None:
    """The engine itself, in the middle of it: a column of another type."""
    before = lab.show(at(5))
    with duckdb.connect(str(lab.world.path)) as con:
        con.execute("alter table fct_events alter column event_ts set data type varchar")
    shown = lab.show(at(6))
    assert isinstance(shown.error, EngineError)
    assert total(shown) == total(before)


def test_kinds_are_kept_apart(lab: Lab) -> None:
    lab.show()
    lab.world.event("a", "purchase", at(4), "2")
    assert [total(lab.show(population="itt")), total(lab.show(timeseries=True)), total(lab.show(method="delta"))] == [
        7.0
    ] * 3
    assert total(lab.show()) == 5.0


def test_before_the_start_there_is_nothing(lab: Lab) -> None:
    with pytest.raises(
        UsageError, match="exp started at 2026-02-01T00:00:00Z, and had nothing to show as of 2026-02-01"
    ):
        lab.show(START)


def test_every_request_is_recorded(lab: Lab) -> None:
    ids = [lab.show(at(5)).audit_id]
    lab.failure = EngineError("the engine is away")
    ids.append(lab.show(at(6)).audit_id)
    with pytest.raises(EngineError):
        lab.show(at(2))
    lab.failure = None
    with pytest.raises(UsageError):
        lab.show(experiment="nothing")
    events = list(reversed(lab.audit.recent()))
    assert [event.id for event in events[:2]] == ids
    assert [(event.status, event.error) for event in events] == [
        ("answered", ""),
        ("error", "the engine is away"),
        ("error", "the engine is away"),
        ("error", "no experiment 'nothing'. There are: exp."),
    ]
    first = events[0]
    assert (first.channel, first.principal, first.role, first.engine) == ("test", "ana", "analyst", "duckdb")
    assert first.calls == [
        {"tool": "scorecard", "arguments": {"experiment_id": "exp", "population": "exposed", "method": "fieller",
                                            "as_of": "2026-02-05T00:00:00Z", "timeseries": False}}
    ]  # fmt: skip
    assert "the last one, after a refresh that failed" in events[1].text


def test_what_cannot_be_recorded_is_not_shown(lab: Lab) -> None:
    lab.audit.close()
    (lab.folder / "audit.sqlite").write_text("no log")
    with pytest.raises(ContractError):
        lab.show()
