"""What the vocabulary reads, and when: three small queries at once, segments only for a question that needs them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from gateway.ask.plan import OfflinePlanner
from gateway.ask.vocabulary import Arm, CatalogueMetric, Dimension, Mart, Metric, Vocabulary
from gateway.ports import Rows
from gateway.semantic.model import Asset, Column
from gateway.semantic.request import SemanticRequest

STORED: dict[str, tuple[tuple[Any, ...], ...]] = {
    "dim_experiments": (("banner", "Banner", None, "running", "clicks", datetime(2026, 2, 3, 9), None),),
    "dim_experiment_variations": (("banner", "blue", "Blue", False), ("banner", "grey", None, True)),
    "dim_experiment_metrics": (
        ("banner", "bounce_rate", "Bounce rate", "guardrail", "occurrence", "decrease", None),
        ("banner", "clicks", "Clicks", "primary", "count", "increase", 7.0),
    ),
    "fct_experiment_results": (("banner", "device", "phone"), ("banner", "device", "laptop")),
}


class Stored:
    """Answers requests from `STORED` and remembers which assets were read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def query(self, request: SemanticRequest) -> Rows:
        self.read.append(request.asset)
        return Rows(request.columns, STORED[request.asset])


class FixedContract:
    def mapping(self) -> dict[str, Any]:
        return {
            "metrics": {"clicks": {"label": "Clicks", "synonyms": ["taps"], "aggregation": "count", "unit": "clicks"}}
        }

    def visible_to(self, role: str) -> Mapping[str, Asset]:
        columns = {
            "event": Column(type="string", role="key", description="An event."),
            "who": Column(type="string", role="key", access="hidden", description="A person."),
        }
        return (
            {"dim_events": Asset(description="Events.", grain=("event",), columns=columns)} if role == "viewer" else {}
        )


def test_vocabulary_is_read_from_the_marts() -> None:
    stored = Stored()
    vocabulary = Vocabulary.load(stored.query, FixedContract(), "viewer")
    experiment = vocabulary.experiment("banner")
    assert experiment is not None
    assert (experiment.name, experiment.status, experiment.primary_metric) == ("Banner", "running", "clicks")
    assert experiment.arms == (Arm("grey", "grey", True), Arm("blue", "Blue", False))
    assert experiment.metrics == (
        Metric("clicks", "Clicks", "primary", "count", "increase", 7.0),
        Metric("bounce_rate", "Bounce rate", "guardrail", "occurrence", "decrease", None),
    )
    assert vocabulary.catalogue == {
        "clicks": CatalogueMetric("clicks", "Clicks", ("taps",), "count", "increase", "clicks")
    }
    assert (experiment.started, experiment.ended) == (date(2026, 2, 3), None)
    assert vocabulary.marts == {"dim_events": Mart(("event",), is_list=True)}
    assert vocabulary.dimensions("banner") == (Dimension("device", ("laptop", "phone")),)


def test_segments_are_read_only_for_a_question_that_may_name_one() -> None:
    stored = Stored()
    planner = OfflinePlanner(Vocabulary.load(stored.query, FixedContract(), "viewer"), "itt")
    assert planner.plan("did banner increase taps", {}).calls
    assert stored.read == ["dim_experiment_variations", "dim_experiment_metrics", "dim_experiments"]
    assert planner.plan("did banner increase taps on phone", {}).calls[0].arguments["dimension_value"] == "phone"
    assert planner.plan("did banner increase taps on laptop", {}).calls[0].arguments["dimension_value"] == "laptop"
    assert stored.read[3:] == ["fct_experiment_results"]


def test_an_empty_warehouse_is_asked_about_without_failing() -> None:
    planner = OfflinePlanner(Vocabulary(()), "itt")
    assert planner.plan("did banner increase clicks", {}).question_back
    assert planner.plan("what is running", {}).calls
